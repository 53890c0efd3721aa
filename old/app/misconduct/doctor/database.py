"""The server: its version, its clock, its room for connections, its schema, and what the reader may do there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any

import psycopg

from misconduct.db.direct import ASK_SECONDS, connect
from misconduct.db.lag import HAS_REPLAYED_ALL, LAG, is_lagging
from misconduct.db.migrate import NEWER_CODE, known_revisions, newest_revision
from misconduct.db.tables import metadata, write_indexes
from misconduct.db.urls import Urls, read_address
from misconduct.doctor.finding import Finding, judge

OLDEST = 15
"""The first version with `LOCALE_PROVIDER`, which roles.sql needs."""

CLOCK_WARNS, CLOCK_FAILS = 2.0, 60.0
CROWDED = 0.8


def examine_server(reader: psycopg.Connection) -> Iterator[Finding]:
    """Check the version of the server."""
    version = reader.info.server_version // 10000
    found = f"PostgreSQL {version} answers as {reader.info.user} in {reader.info.dbname}"
    yield judge("database", found, warn=version < OLDEST, to_do=f"Use PostgreSQL {OLDEST} or newer.")


def examine_hosts(url: str) -> Iterator[Finding]:
    """Check each host of the reader's address: whether it answers, holds the newest release, and lags, and that not two
    of them are primaries."""
    hosts, problems = [], []
    for address in read_address(url).each_host():
        (place,) = address.places
        try:
            with connect(address, seconds=ASK_SECONDS) as one:
                hosts.append((place, *_look_at_host(one)))
                problems += [f"{place}: {what}" for what in _replication_problems(one)]
        except (psycopg.Error, OSError) as error:
            reason = str(error).strip().partition("\n")[0]
            to_do = "Start it, or take it out of MISCONDUCT_DATABASE_URL."
            yield Finding("hosts", "warn", f"{place} does not answer: {reason}", to_do)
    newest = max((releases for *_, releases in hosts), key=len, default=[])
    if len({identity for _, identity, *_ in hosts if identity}) > 1:
        found = f"more than one is a primary: {', '.join(str(place) for place, identity, *_ in hosts if identity)}"
        yield Finding("hosts", "fail", found, ONE_PRIMARY)
    for place, _, server, lag, releases in hosts:
        behind = "unknown time" if lag is None else f"{lag:.1f} s"
        found = f"{place}: {server}, {behind} behind, holds {releases[-1][0] if releases else 'no release'}"
        is_other = releases != newest[: len(releases)]
        if is_other:
            found += f", and not the releases of the others, up to {newest[-1][0]}"
        to_do = "Is the replica connected to its primary, does it replay? pg_stat_replication on the primary says."
        to_do = "This host is not a replica of the others: remove it." if is_other else to_do
        yield judge("hosts", found, fail=is_other, warn=is_lagging(lag) or len(releases) < len(newest), to_do=to_do)
    found = "; ".join(problems) or "no replication slot is stuck, no archiving fails, no moment of a recovery is set"
    to_do = (
        "Archiving: the server's own log says why; make room where it goes, then see Disk full in docs/runbook.md. "
        "Drop slots that nobody uses any more: they keep the log until the disk is full. "
        "`ALTER SYSTEM RESET` each recovery_target."
    )
    yield judge("replication", found, warn=bool(problems), to_do=to_do)


def _look_at_host(
    reader: psycopg.Connection,
) -> tuple[tuple[Any, ...] | None, str, float | None, list[tuple[str, str]]]:
    """Return the identity of a primary (None: it is a replica), what the server is, how far it is behind, and the
    numbers and digests of its releases."""
    releases: list[tuple[str, str]] = []
    with suppress(psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        found = reader.execute("SELECT number, digest FROM releases WHERE number <> 'draft' ORDER BY ordinal")
        releases = [(number, digest) for number, digest in found]
    primary = reader.execute(PRIMARY).fetchone()
    server = f"PostgreSQL {reader.info.server_version // 10000}, {'primary' if primary else 'replica'}"
    return primary, server, _one(reader, LAG), releases


SLOTS = """SELECT 'slot ' || slot_name || ' is ' || CASE WHEN active THEN wal_status ELSE 'not in use' END
    || coalesce(' and keeps ' || pg_size_pretty(pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery()
        THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn)) || ' of log', '')
FROM pg_replication_slots WHERE NOT active OR wal_status IN ('unreserved', 'lost')"""

ARCHIVING = """SELECT 'archiving of ' || last_failed_wal || ' fails since ' || last_failed_time
FROM pg_stat_archiver WHERE last_failed_time > coalesce(last_archived_time, '-infinity')"""

TARGETS = """SELECT name || ' is set, so a copy of this server ends itself when it is promoted' FROM pg_settings
WHERE name ~ '^recovery_target(_lsn|_name|_time|_xid)?$' AND setting <> '' AND NOT pending_restart"""


def _replication_problems(reader: psycopg.Connection) -> list[str]:
    """Return replication slots that nothing reads, failures to archive the log, and the moment of a recovery that is
    left in the settings, as far as the reader may see."""
    problems = []
    for question in (SLOTS, ARCHIVING, TARGETS):
        with suppress(psycopg.errors.InsufficientPrivilege):
            problems += [str(row[0]) for row in reader.execute(question.encode())]
    return problems


def examine_clock(reader: psycopg.Connection) -> Iterator[Finding]:
    """Check that its clock agrees with ours: `as_of` and the age of a release depend on the day in UTC."""
    before = datetime.now(UTC)
    there = _one(reader, "SELECT clock_timestamp()")
    skew = abs(((before + (datetime.now(UTC) - before) / 2) - there).total_seconds())
    to_do = "Set both clocks by NTP."
    found = f"{skew:.1f} s from the database's clock"
    yield judge("clock", found, fail=skew > CLOCK_FAILS, warn=skew > CLOCK_WARNS, to_do=to_do)


def examine_connections(reader: psycopg.Connection) -> Iterator[Finding]:
    """Check how many of the reader's connections are in use."""
    used = _one(reader, "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user")
    most = _one(
        reader,
        "SELECT CASE WHEN rolconnlimit > 0 THEN least(rolconnlimit, current_setting('max_connections')::int)"
        " ELSE current_setting('max_connections')::int END FROM pg_roles WHERE rolname = current_user",
    )
    to_do = "Lower MISCONDUCT_POOL_SIZE or the workers, or raise the role's CONNECTION LIMIT."
    yield judge("connections", f"{used} of {most} are in use", warn=used > CROWDED * most, to_do=to_do)


def examine_schema(reader: psycopg.Connection, owner: psycopg.Connection | None) -> Iterator[Finding]:
    """Check that the schema is the one that this code needs. Only the owner may read its revision."""
    revision = _revision(owner) if owner else None
    is_known = revision is None or revision in known_revisions()
    to_do = "Run `misconduct load` with this version of the code." if is_known else NEWER_CODE
    there = {(table, column) for table, column in reader.execute(COLUMNS)}
    wanted = {(table.name, column.name) for table in metadata.tables.values() for column in table.columns}
    missing = sorted(f"{table}.{column}" for table, column in wanted - there)
    if missing:
        found = f"the reader cannot see {', '.join(missing[:3])}" + (" and more" if len(missing) > 3 else "")
        yield Finding("schema", "fail", found, to_do)
    if owner is None:
        yield Finding(
            "migrations", "ok", "not checked: only the owner may read them, and MISCONDUCT_OWNER_URL is not set"
        )
        return
    newest = newest_revision()
    found = f"at {revision}; the code has {newest}" + ("" if is_known else f", and does not know {revision}")
    yield judge("migrations", found, fail=revision != newest, to_do=to_do)


def examine_owner(urls: Urls, owner: psycopg.Connection) -> Iterator[Finding]:
    """Check that what is loaded reaches what is read: of both addresses, every host that is a primary is the one that
    the owner is led to, and every replica has as much log as that one. (Two that wrote the same amount are told apart
    by that when something is loaded into one of them.)"""
    loaded = owner.execute(PRIMARY).fetchone()
    if loaded is None:
        to_do = "Give MISCONDUCT_OWNER_URL the primary's host, or all hosts and target_session_attrs=read-write."
        yield Finding("owner", "fail", "it leads to a replica, into which nothing can be loaded", to_do)
        return
    others, behind, is_read = list[str](), list[str](), False
    for place, address in {one.places[0]: one for url in urls if url for one in read_address(url).each_host()}.items():
        with suppress(psycopg.Error, OSError), connect(address, seconds=ASK_SECONDS) as host:
            primary = host.execute(PRIMARY).fetchone()
            is_read = is_read or (primary == loaded and place in read_address(urls.reader).places)
            follows = primary == loaded if primary else _follows(host, owner)
            if not follows:
                (behind if follows is None else others).append(str(place))
    found = "it is the database that is read" if is_read else "what is read has as much log as it"
    if others:
        found = f"what is read is another database, or a replica of one that was cut off: {', '.join(others)}"
    elif behind:
        found = f"not compared with {', '.join(behind)}, which lags"
    yield judge("owner", found, fail=bool(others), to_do=ONE_PRIMARY)


def _follows(replica: psycopg.Connection, primary: psycopg.Connection) -> bool | None:
    """Tell whether a replica has replayed what a primary had written when it was asked, and no more than that has
    written; None if it has not after some seconds, and does not say that it has replayed all."""
    written = _one(primary, "SELECT pg_current_wal_flush_lsn()::text")
    until = monotonic() + REPLAY_SECONDS
    asked = f"SELECT pg_last_wal_replay_lsn()::text, pg_last_wal_replay_lsn() >= %s, {HAS_REPLAYED_ALL}".encode()
    while True:
        ((replayed, has_it, has_all),) = replica.execute(asked, [written]).fetchall()
        if has_it:
            return primary.execute("SELECT pg_current_wal_flush_lsn() >= %s", [replayed]).fetchone() == (True,)
        if monotonic() > until:
            return False if has_all else None
        sleep(0.1)


PRIMARY = "SELECT current_database(), pg_postmaster_start_time() WHERE NOT pg_is_in_recovery()"
"""What no two primaries have in common, as a copy has its original's identifier; of a replica, nothing."""

REPLAY_SECONDS = 5.0
"""How long a replica has to receive and replay what its primary has written."""

ONE_PRIMARY = (
    "Load nothing until one primary is left, of which all others are replicas, and both MISCONDUCT_OWNER_URL and "
    "MISCONDUCT_DATABASE_URL name that one. Stop any other: docs/runbook.md, The primary is gone."
)

COLUMNS = """SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
AND has_column_privilege(c.oid, a.attnum, 'SELECT')"""


INDEXES = """SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = 'public'::regnamespace"""


def examine_indexes(reader: psycopg.Connection) -> Iterator[Finding]:
    """Check that every index and key is there and valid: without one, answers are right, and slow."""
    is_valid = {str(name): bool(valid) for name, valid in reader.execute(INDEXES)}
    lost = {name: statement for name, statement in write_indexes().items() if not is_valid.get(name)}
    again = (f"REINDEX INDEX {name}" if name in is_valid else statement for name, statement in lost.items())
    found = f"missing or invalid: {', '.join(lost)}" if lost else "every index is there"
    yield judge("indexes", found, warn=bool(lost), to_do=f"As the owner: {'; '.join(again)}")


def _revision(owner: psycopg.Connection) -> str | None:
    """Return the revision of the schema; None if the database has no record of it."""
    there_is = _one(owner, "SELECT to_regclass('alembic_version')::text")
    return _one(owner, "SELECT string_agg(version_num, ', ') FROM alembic_version") if there_is else None


def _one(connection: psycopg.Connection, statement: str) -> Any:
    row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


# The reader's grants: it may select, and nothing else (app/misconduct/db/roles.sql)

GRANT_ROLES = "Run app/misconduct/db/roles.sql, then `misconduct load`; revoke by hand what remains."

RESET_ROLE = (
    "Run app/misconduct/db/roles.sql, which sets them back. If it was none of you, somebody has the reader's password: "
    "give it a new one first (docs/runbook.md, A new password)."
)

WITHOUT_SUPERUSER = """SELECT shobj_description(oid, 'pg_database') = 'set up without a superuser'
FROM pg_database WHERE datname = current_database()"""
"""Whether nobody could take from the reader what PUBLIC may call, or limit its temporary files (a managed server)."""

ATTRIBUTES = """SELECT name FROM pg_roles, unnest(
    ARRAY['SUPERUSER', 'CREATEROLE', 'CREATEDB', 'REPLICATION', 'BYPASSRLS'],
    ARRAY[rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls]) AS one(name, has)
WHERE has AND rolname = current_user"""

MEMBERSHIPS = """SELECT 'is a member of ' || rolname FROM pg_roles
WHERE pg_has_role(current_user, oid, 'MEMBER') AND rolname NOT IN (current_user, 'misconduct_reader')"""

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
AND proname = ANY (ARRAY['lo_import', 'pg_read_file', 'pg_read_binary_file', 'pg_ls_dir'])
GROUP BY proname"""

CALLS_OF_PUBLIC = """SELECT 'EXECUTE of ' || proname || '()' FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace AND has_function_privilege(oid, 'EXECUTE')
AND proname = ANY (ARRAY['lo_create', 'lo_from_bytea', 'lo_put', 'pg_advisory_lock', 'pg_terminate_backend',
    'pg_logical_emit_message'])
GROUP BY proname"""

LIMITS = {
    "default_transaction_read_only": ("on", "off"),
    "statement_timeout": ("4s", "0"),
    "lock_timeout": ("2s", "0"),
    "idle_in_transaction_session_timeout": ("10s", "0"),
    "temp_file_limit": ("256MB", "-1"),
    "log_min_error_statement": ("panic", "error"),
}
"""The settings that roles.sql gives to the reader's role, and what means no limit in its sessions."""

OF_A_SUPERUSER = {"temp_file_limit", "log_min_error_statement"}
"""Those that nobody else can set."""

SETTINGS_OF_ROLE = """SELECT one FROM pg_db_role_setting LEFT JOIN pg_database ON pg_database.oid = setdatabase,
unnest(setconfig) AS one WHERE setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)
AND coalesce(datname, current_database()) = current_database() ORDER BY one"""


def examine_reader(reader: psycopg.Connection) -> Iterator[Finding]:
    """Check that the reader may do nothing but read."""
    is_managed = _one(reader, WITHOUT_SUPERUSER)
    questions = (ATTRIBUTES, MEMBERSHIPS, WRITES, CREATES, CALLS, *(() if is_managed else (CALLS_OF_PUBLIC,)))
    may = [str(row[0]) for question in questions for row in reader.execute(question.encode())]
    found = f"it may do more than read: {', '.join(may[:5])}" + (" and more" if len(may) > 5 else "")
    yield judge("reader", found if may else "it may select, and nothing else", fail=bool(may), to_do=GRANT_ROLES)


def examine_limits(reader: psycopg.Connection) -> Iterator[Finding]:
    """Check that the reader's role has the limits that roles.sql sets, so that a slow statement ends, and no setting
    besides: it may change them itself, and somebody with its password so all later sessions."""
    settings = [str(one) for (one,) in reader.execute(SETTINGS_OF_ROLE.encode())]
    foreign = [one for one in settings if one not in {f"{name}={value}" for name, (value, _) in LIMITS.items()}]
    if foreign:
        found = f"its role has settings that roles.sql does not set: {', '.join(foreign)}"
        yield Finding("limits", "fail", found, RESET_ROLE)
        return
    not_ours = OF_A_SUPERUSER if _one(reader, WITHOUT_SUPERUSER) else set[str]()
    unlimited = (name for name, (_, none) in LIMITS.items() if _one(reader, f"SHOW {name}") in (None, none))
    without = [name for name in unlimited if name not in not_ours]
    found = f"not limited: {', '.join(without)}" if without else "sessions are read-only and limited in time and space"
    yield judge("limits", found, warn=bool(without), to_do=GRANT_ROLES)
