#!/bin/sh
# Ask the Misconduct Register with curl. Copy what you need; BASE is the address of the service.
set -eu
BASE=${BASE:-http://localhost:8000}
ask() { curl --fail-with-body --silent --show-error "$BASE$1"; }

# 1. Allegation categories by year: a row for each kind and year. A year without a figure says why in `gap`.
ask '/v1/allegations/by-year.csv?shape=long'

# 2. Suspensions and restrictions. `stock_or_flow` says whether it is a count at one time, or over a period.
ask '/v1/suspensions.csv?measure=suspended,restricted,suspended_or_restricted&labels=1'

# 3. What vetting checks found, without figures that are counted in another one of the list.
ask '/v1/vetting.csv?count_once=1'

# 4. Which statistic is this number, and why do others print another one?
ask '/v1/observations?value=1492'
ask '/v1/notes/how-many-were-accused'

# 5. Has the register changed the numbers that I printed?
ask '/v1/standing?id=k7m3q:1492,gb7nr:1131'

# 6. Questions that none of the documents in the register answers, and refusals to publish.
ask '/v1/notes.csv?type=unpublished'
