#!/bin/sh
# Generate clients from the OpenAPI document, compile a program for each as strictly as they can be, and run it:
# sh tests/clients/strict.sh http://localhost:8000. Needs npm, and installs what it needs into a temporary folder.
set -eu
base=${1:-http://localhost:8000}
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cp "$here/client.ts" "$here/client.py" "$folder"
cp "$here/../../openapi/openapi.json" "$folder"
cd "$folder"

openapi-python-client generate --fail-on-warning --meta none --path openapi.json --output-path register
mypy --strict --follow-imports=silent client.py # the generator's own code is not strict
python client.py "$base"

npm install --silent --no-fund --no-audit openapi-typescript@7 openapi-fetch typescript@5 @types/node
npx openapi-typescript openapi.json --output register.d.ts
npx tsc --strict --noUncheckedIndexedAccess --exactOptionalPropertyTypes --target es2022 --module nodenext client.ts
node client.js "$base"
