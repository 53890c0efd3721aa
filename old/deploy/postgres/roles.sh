#!/bin/sh
# Runs roles.sql on a new server, and lets a replica copy it: what the image of Postgres runs before it listens.
# Passwords are in the environment: everyone who lists processes sees their arguments.
set -eu
MISCONDUCT_OWNER_PASSWORD=$(cat /run/secrets/owner_password) \
MISCONDUCT_READER_PASSWORD=$(cat /run/secrets/reader_password) \
  psql -X --username "${POSTGRES_USER:-postgres}" --file /roles.sql postgres
MISCONDUCT_REPLICA_PASSWORD=$(cat /run/secrets/replica_password) \
  psql -X --username "${POSTGRES_USER:-postgres}" --set ON_ERROR_STOP=1 postgres <<'SQL'
\getenv password MISCONDUCT_REPLICA_PASSWORD
CREATE ROLE misconduct_replica LOGIN REPLICATION PASSWORD :'password';
SQL
echo 'host replication misconduct_replica all scram-sha-256' >> "$PGDATA/pg_hba.conf"
