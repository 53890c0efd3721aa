"""Remove what the law requires from a loaded database: the rows at once, and the files that had them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, bindparam, delete, func, select, tuple_

from misconduct.db.tables import files, observations, records
from misconduct.publish.files import delete_unused_contents
from misconduct.queries.files import file_names
from misconduct.register.assessments import observations_of
from misconduct.register.bundle_manifest import Removal
from misconduct.register.ledger import InForce
from misconduct.register.reader import OpenRegister

KEY = ("kind", "id", "version")
_NUMBER = re.compile(r"\d(?:[\d.,]*\d)?")
_BETWEEN = "[,.'\u2019 \u00a0\u2009\u202f]?"  # groups of three digits
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

    `on_named` gets a line that names the records whose words have a number that goes, and one for the reasons and
    summaries that have it.
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
    number = _spell(connection, removals)
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
    return Removed(
        list(dict.fromkeys((one.kind, one.id) for one in removals)),
        [numbers[ordinal] for ordinal in had_it],
        [(numbers[ordinal], name) for ordinal, name in sorted(found)],
        _tell_of(register, number, on_named) if number else [],
    )


def _spell(connection: Connection, removals: list[Removal]) -> re.Pattern[str] | None:
    """Return what finds the numbers of removed figures in a text, however their digits are separated.

    Those of one digit are in too many words.
    """
    keys = [(one.id, one.version) for one in removals if one.kind == "observation"]
    is_its = tuple_(observations.c.id, observations.c.version).in_(keys)
    numbers = set[Decimal]()
    for printed, value in connection.execute(select(observations.c.printed, observations.c.value).where(is_its)):
        numbers |= {value} if value is not None else set()
        for one in _NUMBER.findall(printed or ""):
            with suppress(InvalidOperation):  # 1.204,5: the value is that
                numbers.add(Decimal(one.replace(",", "")))
    spelled = list[str]()
    for whole, _, digits in (f"{abs(one):f}".partition(".") for one in sorted(numbers)):
        part = digits.rstrip("0")
        if len(whole + part) > 1:
            groups = re.sub(r"\B(?=(?:\d{3})+$)", lambda _: _BETWEEN, whole)
            spelled.append(groups + (rf"[.,·]{part}0*" if part else r"(?:\.0+)?"))
    return re.compile(rf"(?<![\d.,])(?:{'|'.join(spelled)})(?!\d|[.,]\d)", re.ASCII) if spelled else None


def _tell_of(register: OpenRegister, number: re.Pattern[str], on_named: Callable[[str], object]) -> list[str]:
    """Tell of the records, and of the reasons and summaries, that have a number in their words. Return the records."""
    kept = (one for one in register.records if one.kind != "release")  # which is never removed
    found = (one[:3] for one in kept if number.search(orjson.dumps(one.content).decode()))
    named = [f"{kind}/{identity}@{version}" for kind, identity, version in sorted(found)]
    if named:
        to_do = "Those that state it go with `release --remove KIND/ID@VERSION=REASON`."
        on_named(f"Records with a number that was removed: {_join(named)}. {to_do}")
    if sealed := [*_sealed_with(register, number)]:
        what = "They are sealed and stay: where one states it, only a register that begins anew is without it"
        on_named(f"Reasons and summaries with a number that was removed: {_join(sealed)}. {what} (docs/removal.md).")
    return named


def _sealed_with(register: OpenRegister, number: re.Pattern[str]) -> Iterator[str]:
    """Yield the reasons in manifests, and the summaries of releases, that have a number."""
    releases = {one.ordinal: one.number for one in register.releases}
    for line in register.lines:
        if line.reason and number.search(line.reason):
            kind = "" if line.kind == "observation" else f"{line.kind}/"
            yield f"the reason of {kind}{line.id}@{line.version} in {releases[line.release]}"
    yield from (f"the summary of {one.number}" for one in register.releases if number.search(one.summary))


def _join(named: Sequence[str]) -> str:
    more = f", and {len(named) - _MOST_NAMED:,} more" if len(named) > _MOST_NAMED else ""
    return f"{', '.join(named[:_MOST_NAMED])}{more}"


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
