"""Run every check of an installation, in the order in which they depend on each other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

from misconduct.db.direct import connect, find_furthest, is_passing, repeat_reading
from misconduct.db.urls import Address, Urls, database_urls
from misconduct.doctor.contents import (
    RESTORE,
    empty_database,
    examine_caches,
    examine_contents,
    examine_encoders,
    examine_files,
    examine_releases,
)
from misconduct.doctor.database import (
    examine_clock,
    examine_connections,
    examine_hosts,
    examine_indexes,
    examine_limits,
    examine_owner,
    examine_reader,
    examine_schema,
    examine_server,
)
from misconduct.doctor.finding import Finding, judge
from misconduct.errors import MisconductError
from misconduct.register.mistakes import suggest
from misconduct.settings import Settings

Check = Callable[[psycopg.Connection], Iterator[Finding]]

Progress = Callable[[str, int, int], None]
ROWS, BYTES = "Comparing rows", "Comparing files"
"""The stages that may take long: rows, and bytes of files."""

PASSING = "Try again, or give MISCONDUCT_DATABASE_URL the primary's address: a replica cancels what it replays over."

AS_READER: dict[str, Check] = {
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
    """Run every check. Changes nothing; if there is an embedded server, it runs meanwhile.

    With `whole`, all files are read, not only as many as take some seconds. `on_progress` is called with ROWS or
    BYTES, how many of them are compared, and how many there are.
    """
    findings = [examine_names(os.environ), *examine_settings(settings)]
    if settings.database_url is None and settings.owner_url is None and not (settings.home / "data").exists():
        found = f"none yet in {settings.home}, and MISCONDUCT_DATABASE_URL is not set"
        return [*findings, Finding("database", "warn", found, "`misconduct serve` or `misconduct load` creates one.")]
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
    for subject, check in AS_READER.items():
        yield from _tried(subject, check, urls.reader)
    yield from examine_hosts(urls.reader)
    without_tables = list(_tried("schema", _examine_tables, urls.reader))
    yield from without_tables
    if without_tables:
        return
    furthest = find_furthest(urls.reader)
    yield from _tried("indexes", examine_indexes, furthest)
    read_files = partial(examine_files, to_repair=RESTORE, on_progress=partial(on_progress, BYTES), whole=whole)
    yield from _tried("files", read_files, furthest)
    yield from _tried("encoders", examine_encoders, furthest)
    yield from _tried("caches", examine_caches, urls.owner or furthest)
    yield from _tried("releases", partial(examine_releases, register=register, to_empty=to_empty), furthest)
    read_rows = partial(examine_contents, register=register, on_progress=partial(on_progress, ROWS))
    yield from _tried("contents", read_rows, furthest)
    if urls.owner is None:
        yield from _tried("schema", partial(examine_schema, owner=None), urls.reader)
        return
    with _connection("MISCONDUCT_OWNER_URL", urls.owner) as (owner, also_refused):
        if owner is None:
            yield also_refused
        else:
            yield from _tried("schema", partial(examine_schema, owner=owner), urls.reader)
            yield from _tried("owner", partial(examine_owner, urls), urls.owner)


def _examine_tables(reader: psycopg.Connection) -> Iterator[Finding]:
    """Find fault only where there are no tables."""
    if reader.execute("SELECT to_regclass('releases')").fetchone() == (None,):
        to_do = "Run `misconduct load`. If it has run: app/misconduct/db/roles.sql, and then load."
        yield Finding("schema", "fail", "the reader sees no tables", to_do)


def _tried(subject: str, check: Check, url: str | Address) -> Iterator[Finding]:
    """Run one check; if the database refuses its statements, or a file cannot be read, that is the finding.

    What only passes, such as a replica that cancels what it replays over, says nothing of the subject.
    """
    try:
        yield from repeat_reading(url, lambda connection: list(check(connection)))
    except psycopg.Error as error:
        reason = str(error).strip().partition("\n")[0]
        if is_passing(error):
            yield Finding(subject, "warn", f"not examined: {reason}", PASSING)
            return
        yield Finding(
            subject, "fail", reason, "Are the schema and the grants there? Run roles.sql, then `misconduct load`."
        )
    except OSError as error:
        found, hint = f"not examined: {error.strerror or error}", "Try again; `misconduct load` may say more."
        if error.filename is not None:
            found, hint = f"{found}: {error.filename}", "Let whoever runs this read it; if it is damaged, restore it."
        yield Finding(subject, "fail", found, hint)


@contextmanager
def _connection(name: str, url: str) -> Iterator[tuple[psycopg.Connection | None, Finding]]:
    """Yield a connection, or else a finding. It never shows the address, which may hold a password."""
    nothing = Finding("database", "fail", "", "")
    try:
        connection = connect(url)
    except (psycopg.Error, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()
        found = f"{name} does not answer: {reason[0] if reason else type(error).__name__}"
        yield (
            None,
            nothing._replace(found=found, to_do="Is Postgres running at that address? Are user and password correct?"),
        )
        return
    with connection:
        yield connection, nothing


# Settings

PREFIX = "MISCONDUCT_"
ELSEWHERE = {"REGISTER_PATH", "WORKERS", "OWNER_PASSWORD", "READER_PASSWORD", "CHROMIUM"}
"""Read elsewhere than in `Settings`: by the command, roles.sql and the browser tests."""


def examine_settings(settings: Settings) -> Iterator[Finding]:
    """Check that a public address and a contact are set."""
    found = f"links begin with {settings.public_url}"
    to_do = "Set MISCONDUCT_BASE_URL to the address that people use."
    yield judge("address", found, warn=settings.base_url is None, to_do=to_do)
    found = "readers are told whom to write to" if settings.contact else "no contact is set"
    to_do = "Set MISCONDUCT_CONTACT; /.well-known/security.txt shows it."
    yield judge("contact", found, warn=settings.contact is None, to_do=to_do)


def examine_names(environment: Iterable[str]) -> Finding:
    """Check that every variable with our prefix is a setting, so that a misspelt one is noticed."""
    with_prefix = {name.upper() for name, field in Settings.model_fields.items() if field.validation_alias is None}
    known = with_prefix | ELSEWHERE
    ours = sorted(name for name in environment if name.upper().startswith(PREFIX))
    unknown = [_with_suggestion(name, known) for name in ours if name.upper().removeprefix(PREFIX) not in known]
    found = (
        f"nothing reads {', '.join(unknown)}" if unknown else f"every variable that begins with {PREFIX} is a setting"
    )
    to_do = "Correct or remove them; docs/operations.md lists the settings."
    return judge("settings", found, warn=bool(unknown), to_do=to_do)


def _with_suggestion(name: str, known: set[str]) -> str:
    """Return the name, and the setting probably meant. The prefix, which all share, is not compared."""
    meant = suggest((name.upper().removeprefix(PREFIX), sorted(known)))
    return f"{name} (did you mean {PREFIX}{meant}?)" if meant else name
