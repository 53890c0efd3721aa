#!/bin/sh
# Makes the passwords and addresses that compose.yaml mounts as files, once: nothing that is there is changed.
# Containers read the files as users of their own, so what protects them here is the folder.
set -eu
[ ! -e secrets ] || { echo 'secrets/ is there already' >&2; exit 1; }
command -v openssl > /dev/null || { echo 'openssl is not installed' >&2; exit 1; }
mkdir -m 0700 secrets
for name in postgres owner reader replica; do
  password=$(openssl rand -hex 24)
  printf %s "$password" > "secrets/${name}_password"
done
# The owner finds the primary; the readers' connections are spread over both.
echo "postgresql://misconduct_owner:$(cat secrets/owner_password)@postgres:5432/misconduct" > secrets/owner_url
echo "postgresql://misconduct_reader:$(cat secrets/reader_password)@postgres:5432,replica:5432/misconduct" > secrets/reader_url
chmod 0644 secrets/*
[ -z "$(tail -c 1 .env 2> /dev/null)" ] || echo >> .env # it may lack its last line end
echo COMPOSE_PROFILES=postgres >> .env
