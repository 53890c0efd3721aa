-- The two roles and the database, for every server this program runs on: the embedded one, compose.yaml's, yours.
-- Run by psql as a superuser, as often as you like; it changes nothing that is already so:
--
--   MISCONDUCT_OWNER_PASSWORD=… MISCONDUCT_READER_PASSWORD=… psql -X -f app/db/roles.sql postgres
--
-- The owner migrates and loads. The reader is the API: what it may do is what is granted to it, and the migrations
-- grant SELECT on named tables. Timeouts and read-only mode come on top; a session can lift those itself.

\set ON_ERROR_STOP on
\getenv owner_password MISCONDUCT_OWNER_PASSWORD
\getenv reader_password MISCONDUCT_READER_PASSWORD

SELECT format('CREATE ROLE %I', name)
  FROM unnest(ARRAY['misconduct_owner', 'misconduct_reader']) AS wanted(name)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE misconduct_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
ALTER ROLE misconduct_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT PASSWORD :'reader_password'
  CONNECTION LIMIT 80; -- of 100: whoever loads or looks after the server always gets in

ALTER ROLE misconduct_reader SET default_transaction_read_only = on;
ALTER ROLE misconduct_reader SET statement_timeout = '4s';
ALTER ROLE misconduct_reader SET lock_timeout = '2s';
ALTER ROLE misconduct_reader SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE misconduct_reader SET temp_file_limit = '256MB'; -- only a superuser can lift this one

-- Sorted by code point everywhere, so a page of results is the same page on every server.
SELECT 'CREATE DATABASE misconduct OWNER misconduct_owner TEMPLATE template0 ENCODING ''UTF8''
        LOCALE ''C'' LOCALE_PROVIDER builtin BUILTIN_LOCALE ''C.UTF-8'''
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'misconduct') \gexec

-- CONNECT, and TEMP, of every role that was not granted them by name. On a server that other applications share, theirs
-- lose the databases postgres and template1 as well: leave these two out there.
REVOKE ALL ON DATABASE misconduct, postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE misconduct TO misconduct_reader;

\connect misconduct

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO misconduct_owner;
GRANT USAGE ON SCHEMA public TO misconduct_reader;

-- What PUBLIC may call by default and a reader should not: large objects are writes, advisory locks can stop a load,
-- and who may end its own role's sessions could end those of every worker.
SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', oid::regprocedure),
       format('GRANT EXECUTE ON FUNCTION %s TO misconduct_owner', oid::regprocedure)
  FROM pg_proc
 WHERE pronamespace = 'pg_catalog'::regnamespace
   AND (proname ~ '^(lo_|lowrite|loread|pg_(try_)?advisory_(xact_)?lock|pg_(cancel|terminate)_backend$)'
     OR proname = 'pg_logical_emit_message') \gexec
