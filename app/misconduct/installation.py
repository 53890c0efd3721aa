"""Examine an installation: settings, releases and the database. It changes nothing."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg

from misconduct.db.engine import connect
from misconduct.db.tables import REVISION
from misconduct.errors import MisconductError
from misconduct.releases.folder import list_releases
from misconduct.releases.verify import verify_releases
from misconduct.settings import SET_CONTACT, Settings


def examine(settings: Settings) -> Iterator[str]:
    """Yield a sentence for each thing that an operator should put right."""
    if urlsplit(settings.base_url).hostname in ("localhost", "127.0.0.1"):
        yield f"MISCONDUCT_PUBLIC_URL is {settings.base_url}: citations and links lead to this machine only."
    if settings.contact is None:
        yield SET_CONTACT
    try:
        yield from verify_releases(settings.data)
        listed = {one.number: one.digest for one in list_releases(settings.data)}
    except MisconductError as error:
        yield str(error)
        return
    if settings.database_url:
        yield from _examine_database(settings.database_url, listed)


def _examine_database(url: str, listed: dict[str, str]) -> Iterator[str]:
    try:
        with connect(url) as connection:
            revisions = [row[0] for row in connection.execute("SELECT version_num FROM alembic_version").fetchall()]
            if revisions != [REVISION]:
                yield f"The database has tables of revision {', '.join(revisions)}, and this program needs {REVISION}."
                return
            loaded: dict[str, str] = dict(connection.execute("SELECT number, digest FROM releases").fetchall())
    except psycopg.errors.UndefinedTable:
        yield "The database does not have the register. If it is empty, run `misconduct load`."
        return
    except psycopg.Error as error:
        yield f"The database does not answer: {str(error).strip()}"
        return
    for number, digest in listed.items():
        if loaded.get(number) != digest:
            yield f"Release {number} is not loaded as it is in the folder: run `misconduct load`."
