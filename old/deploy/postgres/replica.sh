#!/bin/sh
# Copies the server named by PRIMARY if there is no whole copy yet, and follows it. What is copied last is pg_control, and
# what is written behind it is standby.signal: a copy with its label and without that would start as another primary.
set -eu
is_half() { [ -e "$PGDATA/backup_label" ] && [ ! -e "$PGDATA/standby.signal" ]; }
if [ ! -s "$PGDATA/global/pg_control" ] || is_half; then
  find "$PGDATA" -mindepth 1 -delete 2> /dev/null || true
  install -d -o postgres -g postgres -m 0700 "$PGDATA"
  password=$(cat /run/secrets/replica_password) # no argument: everyone who lists processes sees those, while it copies
  PGPASSWORD=$password gosu postgres pg_basebackup --pgdata "$PGDATA" --write-recovery-conf --checkpoint fast \
    --dbname "host=$PRIMARY user=misconduct_replica"
fi
exec docker-entrypoint.sh postgres
