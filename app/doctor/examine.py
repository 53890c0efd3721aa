"""The whole examination, in the order in which one thing needs another."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

from app.db.direct import connect
from app.db.urls import Urls, database_urls
from app.doctor.database import examine_clock, examine_connections, examine_schema, examine_server
from app.doctor.files import examine_files
from app.doctor.finding import Finding
from app.doctor.machine import examine_disk, examine_lock, examine_python
from app.doctor.releases import REBUILD, empty_database, examine_contents, examine_encoders, examine_releases
from app.doctor.roles import examine_limits, examine_reader
from app.doctor.settings import examine_names, examine_settings
from app.errors import MisconductError
from app.settings import Settings

Look = Callable[[psycopg.Connection], Iterator[Finding]]

Progress = Callable[[str, int, int], None]
ROWS, BYTES = "Comparing rows", "Comparing files"
"""What may take long: rows, and bytes of files."""

AS_READER: dict[str, Look] = {
    "database": examine_server,
    "clock": examine_clock,
    "connections": examine_connections,
    "reader": examine_reader,
    "limits": examine_limits,
}


def examine(
    settings: Settings,
    register: Path,
    on_progress: Progress = lambda _stage, _done, _total: None,
    *,
    whole: bool = False,
) -> list[Finding]:
    """Everything that can be looked at from here. Changes nothing; an embedded server is started for the time.

    With `whole`, the bytes of all files are read, not only as many as take some seconds. `on_progress` is told ROWS or
    BYTES, how many of them are compared, and how many there are.
    """
    findings = [examine_python(), examine_lock(), examine_names(os.environ), *examine_settings(settings)]
    findings += examine_disk(settings)
    if settings.database_url is None and settings.owner_url is None and not (settings.home / "data").exists():
        found = f"none yet in {settings.home}, and MISCONDUCT_DATABASE_URL is not set"
        return [*findings, Finding("database", "warn", found, "`misconduct serve` or `misconduct load` makes one.")]
    try:
        with database_urls(settings) as urls:
            return [*findings, *_examine_database(urls, register, settings, on_progress, whole=whole)]
    except MisconductError as error:
        return [*findings, Finding("database", "fail", error.message, error.hint or "Read the message.")]


def _examine_database(
    urls: Urls, register: Path, settings: Settings, on_progress: Progress, *, whole: bool
) -> Iterator[Finding]:
    to_empty = empty_database(settings)
    with _connection("MISCONDUCT_DATABASE_URL", urls.reader) as (reader, refused):
        if reader is None:
            yield refused
            return
        for subject, look in AS_READER.items():
            yield from _tried(subject, look, reader)
        read_files = partial(examine_files, to_repair=REBUILD, on_progress=partial(on_progress, BYTES), whole=whole)
        yield from _tried("files", read_files, reader)
        yield from _tried("encoders", examine_encoders, reader)
        yield from _tried("releases", partial(examine_releases, register=register, to_empty=to_empty), reader)
        read_rows = partial(examine_contents, register=register, on_progress=partial(on_progress, ROWS))
        yield from _tried("contents", read_rows, reader)
        if urls.owner is None:
            yield from _tried("schema", partial(examine_schema, owner=None), reader)
            return
        with _connection("MISCONDUCT_OWNER_URL", urls.owner) as (owner, also_refused):
            if owner is None:
                yield also_refused
            else:
                yield from _tried("schema", partial(examine_schema, owner=owner), reader)


def _tried(subject: str, look: Look, connection: psycopg.Connection) -> Iterator[Finding]:
    """What a look finds; that the database refuses it is a finding, too."""
    try:
        yield from look(connection)
    except psycopg.Error as error:
        reason = str(error).strip().partition("\n")[0]
        yield Finding(
            subject, "fail", reason, "Is the schema there (`misconduct load`), and are the grants (roles.sql)?"
        )


@contextmanager
def _connection(name: str, url: str) -> Iterator[tuple[psycopg.Connection | None, Finding]]:
    """A connection, or else the finding that there is none; never with the address, which may hold a password."""
    nothing = Finding("database", "fail", "", "")
    try:
        connection = connect(url)
    except (psycopg.Error, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()
        found = f"{name} does not answer: {reason[0] if reason else type(error).__name__}"
        yield None, nothing._replace(found=found, to_do="Is Postgres running there, and are name and password right?")
        return
    with connection:
        yield connection, nothing
