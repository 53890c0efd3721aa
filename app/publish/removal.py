"""Remove what the law requires from a loaded database: the rows at once, and the files that had them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select

from app.db.tables import files, observations, records, releases
from app.queries.files import BUNDLE, EVERYTHING
from app.register.assessments import observations_of
from app.register.bundle_manifest import Removal
from app.register.reader import Register


class Removed(NamedTuple):
    """What was removed, by kind and id; the numbers of the releases that had it; and their files that did, which have
    to be built again, by number and name."""

    records: list[tuple[str, str]]
    releases: list[str]
    files: list[tuple[str, str]]


def remove(connection: Connection, register: Register, removals: list[Removal]) -> Removed | None:
    """Delete the rows that were removed by law, and the files that had them; their manifest lines stay."""
    if not removals:
        return None
    found: set[tuple[int, str]] = set()
    for one in removals:
        table = observations if one.kind == "observation" else records
        key = [table.c.id == one.id, table.c.version == one.version]
        if one.kind != "observation":
            key.append(table.c.kind == one.kind)
        had = [files.c.release.between(one.in_force.added_in, one.in_force.ended_in - 1)]
        if one.kind == "observation":
            had.append(files.c.name.in_([BUNDLE, *_tables_with(connection, register, one.id)]))
        connection.execute(delete(table).where(*key))
        gone = delete(files).where(*had).returning(files.c.release, files.c.name)
        found |= {(release, name) for release, name in connection.execute(gone)}
    numbers = {one.ordinal: one.number for one in connection.execute(select(releases.c.ordinal, releases.c.number))}
    had_it = sorted(
        {
            ordinal
            for one in removals
            for ordinal in range(one.in_force.added_in, min(one.in_force.ended_in, len(numbers) + 1))
        }
    )
    return Removed(
        list(dict.fromkeys((one.kind, one.id) for one in removals)),
        [numbers[ordinal] for ordinal in had_it],
        [(numbers[ordinal], name) for ordinal, name in sorted(found)],
    )


def _tables_with(connection: Connection, register: Register, identity: str) -> Iterator[str]:
    """Yield the names of the files of datasets with a figure, or with one that a record names together with it."""
    together = {identity}
    for record in register.records:
        named = {name for _, name in observations_of(record.kind, record.content)}
        together |= named if identity in named else set()
    shown = select(func.array_agg(observations.c.measure.distinct())).where(observations.c.id.in_(together))
    measures = set(connection.scalar(shown) or ())
    for record in register.records:
        if record.kind == "dataset" and not measures.isdisjoint(record.content["measures"]):
            yield from (f"{record.id}.csv", f"{record.id}.parquet")
    yield from (f"{EVERYTHING}.csv", f"{EVERYTHING}.parquet")
