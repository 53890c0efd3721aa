"""Purges that are owed: a row that is written with what makes one necessary, and deleted when all caches are purged.

So whoever kills a load, at whatever moment, cannot make it forget that caches still have what was removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import product
from time import monotonic, sleep
from typing import NamedTuple

import psycopg

from misconduct.db.direct import ASK_SECONDS, connect
from misconduct.db.urls import read_address
from misconduct.errors import DatabaseUnreachable
from misconduct.model.kinds import KINDS


class Owed(NamedTuple):
    """A purge of everything. `paths` are those of what was removed, for caches that know addresses only."""

    id: int
    paths: list[str]


def owe(connection: psycopg.Connection, paths: Sequence[str] = ()) -> None:
    """Write down that caches must be purged, in the transaction of the connection."""
    connection.execute("INSERT INTO owed_purges (paths) VALUES (%s)", [list(paths)])


def find_owed(owner_url: str) -> list[Owed]:
    """Return the purges that are owed. Raises DatabaseUnreachable."""
    with suppress(psycopg.errors.UndefinedTable), _owner(owner_url) as owner:  # without a load, nothing is owed
        return [Owed(*row) for row in owner.execute("SELECT id, paths FROM owed_purges ORDER BY id")]
    return []


def settle(owner_url: str, done: Iterable[Owed]) -> None:
    """Delete those that are done. Others may have come meanwhile. Raises DatabaseUnreachable."""
    with _owner(owner_url) as owner:
        owner.execute("DELETE FROM owed_purges WHERE id = ANY (%s)", [[one.id for one in done]])


REPLAYED_SECONDS = 2.0
"""How long hosts have to replay what the primary has written before they are named."""


class Replayed(NamedTuple):
    """Name the hosts that have not replayed what the primary has written, and those of which that is not known."""

    behind: list[str]
    silent: list[str]


def find_hosts_behind(owner_url: str, reader_url: str | None) -> Replayed:
    """Ask the hosts of an address whether they have replayed what the owner's database has written.

    What is read from one that has not is older, and caches may be filled with it. Without an address, none is asked.
    Raises DatabaseUnreachable.
    """
    found, until = Replayed([], []), monotonic() + REPLAYED_SECONDS
    with _owner(owner_url) as owner:
        written = owner.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
    for address in read_address(reader_url).each_host() if reader_url else ():
        try:
            with connect(address, seconds=ASK_SECONDS) as host:
                while (is_behind := host.execute(IS_BEHIND, written).fetchone() == (True,)) and monotonic() < until:
                    sleep(0.1)
        except psycopg.Error:
            found.silent.append(str(address.places[0]))
        else:
            found.behind.extend([str(address.places[0])] * is_behind)
    return found


IS_BEHIND = "SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() < %s"


@contextmanager
def _owner(owner_url: str) -> Iterator[psycopg.Connection]:
    try:
        with connect(owner_url) as connection:
            yield connection
    except psycopg.errors.UndefinedTable:
        raise
    except psycopg.Error as error:
        reason = str(error).strip().partition("\n")[0]
        raise DatabaseUnreachable(
            f"Which purges are owed is not known: {reason}",
            hint="`misconduct load` makes up for them when the database answers.",
        ) from error


def list_paths(
    removed: Iterable[tuple[str, str]], numbers: Sequence[str], files: Iterable[tuple[str, str]]
) -> list[str]:
    """List the addresses, without the host, of what a removal changed: records with their pages, files of all releases.

    Only tags reach every query that showed them.
    """
    shown = sorted({path for kind, identity in removed if (path := _path(kind, identity))})
    paths = [f"/{prefix}{path}" for path, prefix in product(shown, ("", "v1/"))]
    paths = [path + pin for path in paths for pin in ("", *(f"?release={number}" for number in numbers))]
    paths += [f"/v1/releases/{number}/files/{name}" for number, name in files]
    return paths + [f"/v1/releases/{number}/bundle.zip" for number in numbers]


def _path(kind: str, identity: str) -> str | None:
    """Return the path of a record's page; None for a kind that has none."""
    if kind == "observation":
        return f"observations/{identity}"
    path = KINDS[kind].path
    return path and f"{path}/{identity.partition('/')[0] if kind == 'code' else identity}"
