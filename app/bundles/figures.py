"""The figures of a bundle: each row hashed as its register's row was, then compared with what is sealed about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Any, NamedTuple

from app.bundles.claims import Claims
from app.bundles.rows import Row, below, compare, encode_rows, read_rows
from app.domain.catalogue import Catalogue
from app.domain.figure import COLUMNS as SHOWN
from app.domain.figure import as_row
from app.domain.observation import FIELDS, Observation
from app.domain.table import Table
from app.formats.csv import texts_behind
from app.register.cells import COLUMNS, PARSERS
from app.register.files import RegisterFile
from app.register.ledger import InForce
from app.register.mistakes import Mistakes, Place, Refused
from app.register.observations import digest_observation
from app.register.rules import days_of_period

SHOWN_AS = {name: field.columns[0].name for name, field in FIELDS.items() if field.columns}
"""By column of the register: its name in the table of figures."""

MOST_WAYS = 200
_ZEROS = 12


class Figure(NamedTuple):
    """A row of the table, and the observation that it states."""

    row: Row
    observation: Observation


def read_figures(file: RegisterFile, claims: Claims, mistakes: Mistakes) -> Iterator[Figure]:
    """The figures that the release sealed; every other row is reported."""
    for row in read_rows(file, mistakes):
        cells, sha256 = _find_written(row, claims)
        place = Place(file.name, row.line, 1)
        in_force = claims.enter("observation", cells.get("id", ""), cells.get("version", ""), sha256, place)
        if in_force is not None:
            try:
                yield Figure(row, _observe(cells, sha256, in_force))
            except (Refused, ValueError):
                row.refuse(mistakes, "unreadable_record", "this is no observation")


def compare_figures(figures: Iterable[Figure], catalogue: Catalogue, base_url: str, mistakes: Mistakes) -> None:
    """Reports every cell of the figures' rows that is not what the sealed records make it: labels, notes, sources."""
    for row, observation in figures:
        try:
            made = as_row(observation, catalogue)
        except (KeyError, ValueError) as error:
            row.refuse(mistakes, "unknown_record", f"it names {str(error)[:80]}, which the bundle does not hold")
        else:
            compare(row, below(base_url, next(iter(encode_rows(Table(SHOWN, [made]))))), mistakes)


def _find_written(row: Row, claims: Claims) -> tuple[dict[str, str], bytes]:
    """The cells as the register's row had them, with their hash: the way of reading that was sealed, else the first.

    The table puts an apostrophe before what a spreadsheet would run, and leaves out zeros at the end of a number.
    """
    ways = islice(_ways(row), MOST_WAYS)
    first = None
    for cells in ways:
        source = cells.pop("source")
        sha256 = digest_observation(tuple(cells.get(column, "") for column in COLUMNS), source)
        found = {**cells, "source": source}, sha256
        first = first or found
        ledger, key = claims.chain.ledger("observation"), f"{cells.get('id')}@{cells.get('version')}"
        if ledger is None or key not in ledger or ledger.sha256(key) == sha256.hex():
            return found
    return first or ({}, b"")


def _ways(row: Row) -> Iterator[dict[str, str]]:
    names = (*COLUMNS, "source")
    shown = [row.cells.get(SHOWN_AS.get(name, name), "") for name in names]
    choices = [
        _numbers(cell) if name == "value" else texts_behind(cell) for name, cell in zip(names, shown, strict=True)
    ]
    return (dict(zip(names, cells, strict=True)) for cells in product(*choices))


def _numbers(cell: str) -> list[str]:
    """A number as the register may have written it."""
    point = "" if "." in cell else "."
    return [cell, *(cell + point + "0" * count for count in range(1, _ZEROS + 1))] if cell else [cell]


def _observe(cells: Mapping[str, str], sha256: bytes, in_force: InForce) -> Observation:
    values: dict[str, Any] = {name: cell or None for name, cell in cells.items()}
    values |= {name: parse(cells[name]) for name, parse in PARSERS.items()}
    days = days_of_period(*(cells[name] for name in ("period_type", "period_start", "period_end")))
    values |= dict(zip(("period_from", "period_until"), days, strict=True))
    values |= {"sha256": sha256, "added_in": in_force.added_in, "ended_in": in_force.ended_in}
    return Observation._make(values.get(name) for name in Observation._fields)
