"""Remove what the law requires from a loaded database: the rows at once, and the files that had them."""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from typing import NamedTuple

from sqlalchemy import Connection, Text, bindparam, cast, delete, func, select, tuple_

from misconduct.db.tables import files, observations, records
from misconduct.publish.files import delete_unused_contents
from misconduct.queries.files import file_names
from misconduct.register.assessments import observations_of
from misconduct.register.bundle_manifest import Removal
from misconduct.register.ledger import InForce
from misconduct.register.reader import OpenRegister

KEY = ("kind", "id", "version")
_NUMBER = re.compile(r"\d(?:[\d.,]*\d)?")
_MOST_NAMED = 40  # records, in one line


class Removed(NamedTuple):
    """What was removed, by kind and id; the numbers of the releases that had it; their files that did, which have to be
    built again, by number and name; and the records whose words have a number that was removed."""

    records: list[tuple[str, str]]
    releases: list[str]
    files: list[tuple[str, str]]
    named_in: list[str]


def remove(
    connection: Connection, register: OpenRegister, removals: list[Removal], on_named: Callable[[str], object]
) -> Removed | None:
    """Delete the rows that were removed by law, and the files that had them; their manifest lines stay.

    `on_named` gets a line that names the records whose words have a number that goes.
    """
    if not removals:
        return None
    spans: dict[InForce, list[Removal]] = {}
    for one in removals:
        spans.setdefault(one.in_force, []).append(one)
    found: set[tuple[int, str]] = set()
    for in_force, ended in spans.items():
        had = [files.c.release.between(in_force.added_in, in_force.ended_in - 1)]
        if all(one.kind == "observation" for one in ended):
            had.append(files.c.name.in_(_tables_with(connection, register, {one.id for one in ended})))
        gone = delete(files).where(*had).returning(files.c.release, files.c.name)
        found |= {(release, name) for release, name in connection.execute(gone)}
    delete_unused_contents(connection)  # now: the load may be stopped before it has built others
    printed = _printed(connection, removals)
    for table in (observations, records):
        is_its = [table.c[name] == bindparam(f"its_{name}") for name in KEY if name in table.c]
        keys = [{f"its_{name}": getattr(one, name) for name in KEY} for one in removals
                if (one.kind == "observation") == (table is observations)]  # fmt: skip
        if keys:
            connection.execute(delete(table).where(*is_its), keys)
    numbers = {one.ordinal: one.number for one in register.releases}
    had_it = sorted(
        {
            ordinal
            for one in removals
            for ordinal in range(one.in_force.added_in, min(one.in_force.ended_in, len(numbers) + 1))
        }
    )
    if named := _records_with(connection, printed):
        more = f", and {len(named) - _MOST_NAMED:,} more" if len(named) > _MOST_NAMED else ""
        told = f"Records with a number that was removed: {', '.join(named[:_MOST_NAMED])}{more}."
        on_named(f"{told} Those that state it go with `release --remove KIND/ID@VERSION=REASON`.")
    return Removed(
        list(dict.fromkeys((one.kind, one.id) for one in removals)),
        [numbers[ordinal] for ordinal in had_it],
        [(numbers[ordinal], name) for ordinal, name in sorted(found)],
        named,
    )


def _printed(connection: Connection, removals: list[Removal]) -> set[str]:
    """Return the numbers of removed figures as they were printed. Those of one digit are in too many words."""
    keys = [(one.id, one.version) for one in removals if one.kind == "observation"]
    found = connection.scalars(
        select(observations.c.printed).where(tuple_(observations.c.id, observations.c.version).in_(keys))
    )
    return {number for printed in found if printed for number in _NUMBER.findall(printed) if len(number) > 1}


def _records_with(connection: Connection, numbers: Set[str]) -> list[str]:
    """List the records, as `release --remove` takes them, that have one of these numbers in their words."""
    if not numbers:
        return []
    pattern = rf"(?<![\d.,])({'|'.join(map(re.escape, sorted(numbers)))})(?![\d]|[.,]\d)"
    named = select(records.c.kind, records.c.id, records.c.version).where(
        cast(records.c.content, Text).regexp_match(pattern)
    )
    return [f"{kind}/{identity}@{version}" for kind, identity, version in sorted(map(tuple, connection.execute(named)))]


def _tables_with(connection: Connection, register: OpenRegister, figures: Set[str]) -> list[str]:
    """List the files with any of these figures, or with one that a record names together with one of them."""
    together = set(figures)
    for record in register.records:
        named = {name for _, name in observations_of(record.kind, record.content)}
        together |= set() if named.isdisjoint(figures) else named
    shown = select(func.array_agg(observations.c.measure.distinct())).where(
        observations.c.id == func.any(list(together))
    )
    measures = set(connection.scalar(shown) or ())
    datasets = (record for record in register.records if record.kind == "dataset")
    return sorted(file_names(one.id for one in datasets if not measures.isdisjoint(one.content["measures"])))
