#!/usr/bin/env bash
# Look up 1,071, download a dataset and a whole release, with only curl.
set -euo pipefail
register=http://localhost:8000

# I have a number. What is it, and who stated it?
curl --silent --show-error --fail --get "$register/v1/observations.csv" --data value=1071 --data limit=1

# All allegations of release 1.1.0, as a file. With --fail, an error is not saved as the file.
curl --silent --show-error --fail --compressed --output allegations.csv "$register/v1/allegations.csv?release=1.1.0"

# The whole release. If the connection breaks, run it again: it continues where it stopped, and skips a complete file.
# The ETag of what is here is in bundle.etag: where the file is another one by now, it begins anew.
bundle="$register/v1/releases/1.1.0/bundle.zip"
head=$(curl --silent --show-error --fail --head "$bundle" | tr -d '\r')
length=$(sed -n 's/^content-length: //Ip' <<< "$head")
etag=$(sed -n 's/^etag: //Ip' <<< "$head")
: "${length:?something hides the Content-Length}" "${etag:?something hides the ETag}"
if [ "$(cat bundle.etag 2>/dev/null)" != "$etag" ]; then
  rm -f bundle.zip
  echo "$etag" > bundle.etag
fi
if [ "$(wc -c 2>/dev/null < bundle.zip || echo 0)" -ne "$length" ]; then
  curl --silent --show-error --fail --header "If-Match: $etag" --continue-at - --output bundle.zip "$bundle"
fi
