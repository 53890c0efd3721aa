"""The server: does it answer, is it the right version, does its clock agree, is there room for connections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg

from app.db.migrate import NEWER_CODE, known_revisions, newest_revision
from app.db.tables import metadata
from app.doctor.finding import Finding, judge

OLDEST = 17
"""roles.sql asks for the builtin locale provider, which came with it."""

CLOCK_WARNS, CLOCK_FAILS = 2.0, 60.0
CROWDED = 0.8


def examine_server(reader: psycopg.Connection) -> Iterator[Finding]:
    """Which server answers."""
    version = reader.info.server_version // 10000
    found = f"PostgreSQL {version} answers as {reader.info.user} in {reader.info.dbname}"
    yield judge("database", found, warn=version < OLDEST, to_do=f"Use PostgreSQL {OLDEST} or newer.")


def examine_clock(reader: psycopg.Connection) -> Iterator[Finding]:
    """Whether its clock and ours agree: `as_of` and the age of a release go by the day in UTC."""
    before = datetime.now(UTC)
    there = _one(reader, "SELECT clock_timestamp()")
    skew = abs(((before + (datetime.now(UTC) - before) / 2) - there).total_seconds())
    to_do = "Set both clocks by NTP."
    found = f"{skew:.1f} s apart from the database's"
    yield judge("clock", found, fail=skew > CLOCK_FAILS, warn=skew > CLOCK_WARNS, to_do=to_do)


def examine_connections(reader: psycopg.Connection) -> Iterator[Finding]:
    """How many connections the reader has, of those that it may have."""
    used = _one(reader, "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user")
    most = _one(
        reader,
        "SELECT CASE WHEN rolconnlimit > 0 THEN least(rolconnlimit, current_setting('max_connections')::int)"
        " ELSE current_setting('max_connections')::int END FROM pg_roles WHERE rolname = current_user",
    )
    to_do = "Lower MISCONDUCT_POOL_SIZE or the workers, or raise the role's CONNECTION LIMIT."
    yield judge("connections", f"{used} of {most} are in use", warn=used > CROWDED * most, to_do=to_do)


def examine_schema(reader: psycopg.Connection, owner: psycopg.Connection | None) -> Iterator[Finding]:
    """Whether the schema is the one that this version of the code needs; only the owner may read its revision."""
    revision = _revision(owner) if owner else None
    is_known = revision is None or revision in known_revisions()
    to_do = "Run `misconduct load` with this version of the code." if is_known else NEWER_CODE
    there = {(table, column) for table, column in reader.execute(COLUMNS)}
    wanted = {(table.name, column.name) for table in metadata.tables.values() for column in table.columns}
    missing = sorted(f"{table}.{column}" for table, column in wanted - there)
    if missing:
        found = f"the reader sees no {', '.join(missing[:3])}" + (" and more" if len(missing) > 3 else "")
        yield Finding("schema", "fail", found, to_do)
    if owner is None:
        yield Finding("migrations", "ok", "not seen: only the owner may read them, and MISCONDUCT_OWNER_URL is not set")
        return
    newest = newest_revision()
    found = f"at {revision}; the code has {newest}" + ("" if is_known else f", and does not know {revision}")
    yield judge("migrations", found, fail=revision != newest, to_do=to_do)


COLUMNS = """SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
AND has_column_privilege(c.oid, a.attnum, 'SELECT')"""


def _revision(owner: psycopg.Connection) -> str | None:
    """The revision of the schema; None where nothing says which it is."""
    there_is = _one(owner, "SELECT to_regclass('alembic_version')::text")
    return _one(owner, "SELECT string_agg(version_num, ', ') FROM alembic_version") if there_is else None


def _one(connection: psycopg.Connection, statement: str) -> Any:
    row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None
