#!/usr/bin/env bash
# What 1,071 is, a spreadsheet's worth of figures, and a whole release, with curl alone.
set -euo pipefail
register=http://localhost:8000

# I have a number. What is it, and who stated it?
curl --silent --show-error --fail --get "$register/v1/observations.csv" --data value=1071 --data limit=1

# All allegations of release 1.1.0, as a file. --fail makes a mistake an error, not a file with a problem in it.
curl --silent --show-error --fail --compressed --output allegations.csv "$register/v1/allegations.csv?release=1.1.0"

# The whole release. Run it again after a broken connection: it goes on where it stopped. What is whole is not asked for.
bundle="$register/v1/releases/1.1.0/bundle.zip"
length=$(curl --silent --show-error --fail --head "$bundle" | tr -d '\r' | sed -n 's/^content-length: //Ip')
if [ "$(wc -c 2>/dev/null < bundle.zip || echo 0)" -ne "$length" ]; then
  curl --silent --show-error --fail --continue-at - --output bundle.zip "$bundle"
fi
