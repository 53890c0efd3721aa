#!/bin/sh
# Ask the Misconduct Register with curl. Copy what you need; BASE is the address of the service.
set -eu
BASE=${BASE:-http://localhost:8000}
ask() { curl --fail-with-body --silent --show-error "$BASE$1"; }

# 1. Allegations by kind and year, in the Metropolitan Police. `note` says why a year is empty.
ask '/v1/allegations/by-year.csv?area=met&by=kind'

# 2. Suspensions and restrictions: every series, and not only those that lead.
ask '/v1/suspensions.csv?area=met&all=1'

# 3. What vetting checks found.
ask '/v1/vetting.csv'

# 4. Which statistic is this number, and what explains it?
ask '/v1/figures?value=1492'
ask '/v1/figures/k7m3q'

# 5. Has the register changed the numbers that I printed?
ask '/v1/standing?id=k7m3q:1492,gb7nr:1131'
