#!/bin/sh
# Creates the role that the services use, which can only read. The image of Postgres runs this when it makes its database.
psql --set ON_ERROR_STOP=1 --set "password=$POSTGRES_PASSWORD" --username "$POSTGRES_USER" <<'SQL'
CREATE ROLE reader LOGIN PASSWORD :'password';
GRANT pg_read_all_data TO reader;
SQL
