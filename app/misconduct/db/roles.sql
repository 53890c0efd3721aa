-- The roles and the database, for every server this program runs on: the embedded one, compose.yaml's, yours, managed.
-- Run by psql as a superuser, or as a role that may create roles and databases, as often as you like. It changes
-- nothing that is already so, no CONNECTION LIMIT and no NOLOGIN; it sets each password that the environment has, and the reader's
-- settings, which that role could change itself:
--
--   MISCONDUCT_OWNER_PASSWORD=… MISCONDUCT_READER_PASSWORD=… psql -X -f app/misconduct/db/roles.sql postgres
--
-- Variables (psql -v name=value): `database`, of that name instead of misconduct; `reader`, a further reader of that
-- new name, which may do what misconduct_reader may; `shared`, any value: other applications use this server, too.
--
-- The owner migrates and loads. The reader is the API: what it may do is what is granted to it, and the migrations
-- grant SELECT on named tables. Timeouts and read-only mode come on top; a session can lift those itself.

\set ON_ERROR_STOP on
SET lock_timeout = '10s'; -- a session of the reader may hold its role for as long as it likes
\getenv owner_password MISCONDUCT_OWNER_PASSWORD
\getenv reader_password MISCONDUCT_READER_PASSWORD
\if :{?database}
\else
\set database misconduct
\endif
\if :{?reader}
\else
\set reader misconduct_reader
\endif

-- Refuse a role that is somebody else's: what follows takes rights, settings and the password from the reader's.
SELECT format('DO %L', format('BEGIN RAISE EXCEPTION USING MESSAGE = %L, HINT = %L; END',
         format('The role %I is there, and is no reader of this program; nothing was changed.', :'reader'),
         'Name another. If it is to be one, and is nothing else: GRANT misconduct_reader TO it.'))
 WHERE :'reader' IN ('misconduct_owner', current_user)
    OR EXISTS (SELECT FROM pg_roles AS one WHERE rolname = :'reader' AND rolname <> 'misconduct_reader'
                  AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR NOT EXISTS (
                    SELECT FROM pg_auth_members JOIN pg_roles AS granted ON granted.oid = roleid
                     WHERE member = one.oid AND granted.rolname = 'misconduct_reader'))) \gexec

SELECT format('CREATE ROLE %I LOGIN', name)
       || CASE name WHEN 'misconduct_reader' THEN ' NOINHERIT' ELSE '' END
       || CASE name WHEN 'misconduct_owner' THEN ''
          ELSE ' CONNECTION LIMIT 80' END -- of 100: whoever loads or looks after the server always gets in
       || CASE WHEN name IN ('misconduct_owner', 'misconduct_reader') THEN ''
          ELSE ' IN ROLE misconduct_reader' END -- at once: else a run that stops here leaves one that is no reader
  FROM unnest(ARRAY['misconduct_owner', 'misconduct_reader', :'reader']) WITH ORDINALITY AS wanted(name, position)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
 GROUP BY name ORDER BY min(position) \gexec

-- Only a superuser may say that the roles are none, and a new role is none anyway. Whether they may log in stays as it is:
-- one that was shut out may be so because somebody has its password.
SELECT format('ALTER ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE', name)
  FROM unnest(ARRAY['misconduct_owner', 'misconduct_reader', :'reader']) AS one(name)
 WHERE (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) \gexec

\if :{?owner_password}
ALTER ROLE misconduct_owner PASSWORD :'owner_password';
\endif
\if :{?reader_password}
ALTER ROLE :"reader" PASSWORD :'reader_password';
\endif

-- Only a superuser sees whether there is one. `sudo` without --preserve-env leaves the environment behind.
SELECT has_table_privilege('pg_authid', 'SELECT') AS sees_passwords \gset
\if :sees_passwords
SELECT count(*) > 0 AS is_one_without, string_agg(rolname, ', ') AS without FROM pg_authid
 WHERE rolname IN ('misconduct_owner', :'reader') AND rolpassword IS NULL \gset
\if :is_one_without
\warn WARNING: no password: :without (the environment has none; sudo passes it on only with --preserve-env)
\endif
\endif

-- These settings and no others. Only a superuser can set, and lift, the limit on temporary files.
SELECT format('ALTER ROLE %I %s RESET ALL', :'reader', 'IN DATABASE ' || quote_ident(datname))
  FROM pg_db_role_setting LEFT JOIN pg_database ON pg_database.oid = setdatabase
 WHERE setrole = (SELECT oid FROM pg_roles WHERE rolname = :'reader') \gexec
SELECT format('ALTER ROLE %I SET %s = %L', :'reader', name, value)
  FROM (VALUES ('default_transaction_read_only', 'on'), ('statement_timeout', '4s'), ('lock_timeout', '2s'),
               ('idle_in_transaction_session_timeout', '10s'), ('temp_file_limit', '256MB')) AS wanted(name, value)
 WHERE name <> 'temp_file_limit' OR has_parameter_privilege(name, 'SET') \gexec

-- Who is no superuser may make a database only for a role that it may become.
SELECT format('GRANT misconduct_owner TO %I', current_user)
  FROM pg_roles WHERE rolname = current_user AND NOT rolsuper \gexec

-- Sorted by code point everywhere, so a page of results is the same page on every server. Before 17 there is no
-- builtin provider; the order is the same with C, and the kinds of letters are the system's.
SELECT format('CREATE DATABASE %I OWNER misconduct_owner TEMPLATE template0 ENCODING ''UTF8'' ', :'database')
       || CASE WHEN current_setting('server_version_num')::integer >= 170000
          THEN 'LOCALE ''C'' LOCALE_PROVIDER builtin BUILTIN_LOCALE ''C.UTF-8'''
          ELSE format('LOCALE_PROVIDER libc LC_COLLATE ''C'' LC_CTYPE %L',
              coalesce((SELECT min(collctype) FROM pg_collation WHERE collname IN ('C.utf8', 'C.UTF-8')),
                       (SELECT datctype FROM pg_database WHERE datname = 'template0'))) END
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

-- CONNECT, and TEMP, of every role that was not granted them by name. On a server of our own, that of the databases
-- that every server has, too. Monitoring still gets in.
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO misconduct_owner, :"reader", pg_monitor; -- it may be somebody else's database
\if :{?shared}
\else
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', datname), format('GRANT CONNECT ON DATABASE %I TO pg_monitor', datname)
  FROM pg_database WHERE datname IN ('postgres', 'template1') AND pg_has_role(datdba, 'USAGE') \gexec
\endif

\connect :"database"

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO misconduct_owner;
GRANT USAGE ON SCHEMA public TO misconduct_reader, :"reader";

-- What PUBLIC may call by default and a reader should not: large objects are writes, advisory locks can stop a load,
-- and who may end its own role's sessions could end those of every worker. Only a superuser can take these away.
SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', oid::regprocedure),
       format('GRANT EXECUTE ON FUNCTION %s TO misconduct_owner', oid::regprocedure)
  FROM pg_proc
 WHERE pronamespace = 'pg_catalog'::regnamespace AND pg_has_role(proowner, 'USAGE')
   AND (proname ~ '^(lo_|lowrite|loread|pg_(try_)?advisory_(xact_)?lock|pg_(cancel|terminate)_backend$)'
     OR proname = 'pg_logical_emit_message') \gexec

-- `misconduct doctor` then does not ask for what only a superuser could have done.
SELECT format('COMMENT ON DATABASE %I IS %L', current_database(), 'set up without a superuser')
  FROM pg_roles WHERE rolname = current_user AND NOT rolsuper \gexec
