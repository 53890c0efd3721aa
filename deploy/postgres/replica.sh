#!/bin/sh
# Copies the server named by PRIMARY if there is no copy yet, and follows it.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  install -d -o postgres -g postgres -m 0700 "$PGDATA"
  primary="host=$PRIMARY user=misconduct_replica password=$(cat /run/secrets/replica_password)"
  gosu postgres pg_basebackup --pgdata "$PGDATA" --write-recovery-conf --checkpoint fast --dbname "$primary"
fi
exec docker-entrypoint.sh postgres
