"""The reader's grants: it may select, and nothing else (app/db/roles.sql)."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from app.doctor.finding import Finding, judge

TO_DO = "Run app/db/roles.sql as a superuser, then `misconduct load`; revoke by hand what remains."

ATTRIBUTES = """SELECT name FROM pg_roles, unnest(
    ARRAY['SUPERUSER', 'CREATEROLE', 'CREATEDB', 'REPLICATION', 'BYPASSRLS'],
    ARRAY[rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls]) AS one(name, has)
WHERE has AND rolname = current_user"""

MEMBERSHIPS = """SELECT 'is a member of ' || rolname FROM pg_roles
WHERE pg_has_role(current_user, oid, 'MEMBER') AND rolname <> current_user"""

WRITES = """SELECT privilege || ' on ' || relname
FROM pg_class, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace NOT IN (SELECT oid FROM pg_namespace
    WHERE nspname IN ('pg_catalog', 'information_schema') OR nspname LIKE 'pg_toast%')
AND has_table_privilege(oid, privilege)"""

CREATES = """SELECT 'CREATE in schema ' || nspname FROM pg_namespace WHERE has_schema_privilege(oid, 'CREATE')
UNION ALL SELECT privilege || ' in this database' FROM unnest(ARRAY['CREATE', 'TEMP']) AS privilege
WHERE has_database_privilege(current_database(), privilege)"""

CALLS = """SELECT 'EXECUTE of ' || proname || '()' FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace AND has_function_privilege(oid, 'EXECUTE')
AND proname = ANY (ARRAY['lo_create', 'lo_from_bytea', 'lo_import', 'lo_put', 'pg_read_file', 'pg_read_binary_file',
    'pg_ls_dir', 'pg_advisory_lock', 'pg_terminate_backend', 'pg_logical_emit_message'])
GROUP BY proname"""

LIMITS = {
    "default_transaction_read_only": "off",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "temp_file_limit": "-1",
}
"""Settings of the reader's sessions, and the value that means that there is no limit."""


def examine_reader(reader: psycopg.Connection) -> Iterator[Finding]:
    """Whether the reader may do anything but read."""
    questions = (ATTRIBUTES, MEMBERSHIPS, WRITES, CREATES, CALLS)
    may = [str(row[0]) for question in questions for row in reader.execute(question.encode())]
    found = f"it may do more than read: {', '.join(may[:5])}" + (" and more" if len(may) > 5 else "")
    yield judge("reader", found if may else "it may select, and nothing else", fail=bool(may), to_do=TO_DO)


def examine_limits(reader: psycopg.Connection) -> Iterator[Finding]:
    """Whether the reader's sessions are bounded, so that a slow statement ends."""
    current = {name: reader.execute(f"SHOW {name}".encode()).fetchone() for name in LIMITS}
    without = [name for name, value in current.items() if value is None or value[0] == LIMITS[name]]
    found = f"no limit by {', '.join(without)}" if without else "sessions are read-only and bounded in time and space"
    yield judge("limits", found, warn=bool(without), to_do=TO_DO)
