"""The columns of `observations/*.csv`, how each cell is parsed, and how ids of observations are made."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from misconduct.model.observation import FIELDS, FIRST_LETTERS, ID_IN_WORDS, LETTERS, OBSERVATION_ID, Field, Mark
from misconduct.model.period import bounds, is_duration
from misconduct.model.text import as_float64
from misconduct.register.csv_files import Table, parse_version
from misconduct.register.files import Layout, scan_folder
from misconduct.register.mistakes import Mistakes, Refused
from misconduct.register.releases import COLUMNS as MANIFEST_COLUMNS

COLUMNS = tuple(name for name, field in FIELDS.items() if field.mark is not Mark.COMPUTED)
STATED = tuple(name for name in COLUMNS if not FIELDS[name].is_optional and FIELDS[name].type != list[str])
"""The columns in which no cell may be empty."""

REQUIRED = (*STATED, "printed", "at", "qualifier", "stated_by")
"""The columns that a file must have."""

MOST_CAVEATS, LONGEST_ROW = 20, 10_000
"""Caveats of a figure, and characters of its row: an answer has a thousand of them."""

Parse = Callable[[str], Any]

_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,12})?", re.ASCII)


def require_some(column: str, cell: object) -> None:
    """Raise Refused for an empty cell."""
    if not cell:
        raise Refused("empty_cell", f"{column} is empty")


def parse_id(cell: str) -> str:
    """Parse an observation's id."""
    if not OBSERVATION_ID.fullmatch(cell):
        raise Refused("bad_id", f"{cell!r} is not an observation's id", f"{ID_IN_WORDS} (`misconduct id`)")
    return cell


def parse_date(cell: str) -> str:
    """Parse a date at its printed precision."""
    try:
        bounds(cell)
    except ValueError as error:
        found, _, allowed = str(error).rpartition(": ")
        raise Refused("bad_date", found, allowed) from error
    return cell


def parse_duration(cell: str) -> str:
    """Parse an ISO 8601 duration in whole units."""
    if not is_duration(cell):
        raise Refused("bad_duration", f"{cell!r} is not a duration", "ISO 8601 in years, months, weeks or days: P10Y")
    return cell


def parse_decimal(cell: str) -> Decimal:
    """Parse a number in plain decimal notation, with at most 18 digits before the point and 12 after it.

    It must be exact as an IEEE double, because that is how programs read a number in JSON or CSV.
    """
    if not _DECIMAL.fullmatch(cell):
        raise Refused("bad_number", f"{cell!r} is not a plain number", "digits with a point where needed: 1492, 0.02")
    value, read = Decimal(cell), as_float64(cell)
    if value != read:
        found = f"{cell} is a number that programs read as {read.normalize():f}"
        raise Refused("inexact_number", found, "at most 15 digits, which an IEEE double represents exactly")
    return value


def parse_places(cell: str) -> list[str]:
    """Parse places, separated by single spaces."""
    return cell.split(" ")


def parse_caveats(cell: str) -> list[str]:
    """Parse ids of caveats, separated by single spaces."""
    caveats = cell.split(" ")
    if "" in caveats:
        raise Refused("white_space", f"{cell!r} has several spaces in a row", "single spaces")
    if len(set(caveats)) < len(caveats):
        raise Refused("duplicate_caveat", f"a caveat appears twice in {cell!r}", "each once")
    if len(caveats) > MOST_CAVEATS:
        raise Refused("too_many", f"there are {len(caveats)} caveats", f"at most {MOST_CAVEATS}")
    return caveats


_PARSED_BY_TYPE: dict[Any, Parse] = {int: parse_version, Decimal: parse_decimal}
_PARSED_BY_MARK: dict[Mark | None, Parse] = {
    Mark.DATE: parse_date,
    Mark.DURATION: parse_duration,
    Mark.PLACES: parse_places,
    Mark.IDS: parse_caveats,
}


def _parser(field: Field) -> Parse | None:
    parse = _PARSED_BY_MARK.get(field.mark) or _PARSED_BY_TYPE.get(field.type)
    if parse is None or not (field.is_optional or field.type == list[str]):
        return parse
    return lambda cell: parse(cell) if cell else None if field.is_optional else []


PARSERS: dict[str, Parse] = {name: parse for name in COLUMNS if (parse := _parser(FIELDS[name]))}
"""How cells that are more than text are parsed; each parser raises Refused. Texts are checked by `rules`, and codes by
`references`."""


SHORT_ID, LONG_ID = 5, 8
"""Characters of the ids of typed and of imported figures. Long ones are drawn by thousands: on two branches with 5,000
new ones each, none is the same. Without typed ones there are 19 × 27⁷, or 199 thousand million."""

MOST_SHORT = len(FIRST_LETTERS) * len(LETTERS) ** (SHORT_ID - 1) * 95 // 100
"""How many short ids a register uses. Ids are drawn at random: beyond this, a free one takes more than twenty draws."""


def make_ids(root: Path, count: int, length: int = SHORT_ID) -> list[str]:
    """Make ids that no observation of the register has or had: long ones once the short ones are nearly used up."""
    used, made = set(_used(scan_folder(root, Mistakes()))), list[str]()
    if sum(len(identity) == SHORT_ID for identity in used) + count > MOST_SHORT:
        length = LONG_ID
    while len(made) < count:
        identity = secrets.choice(FIRST_LETTERS) + "".join(secrets.choice(LETTERS) for _ in range(length - 1))
        if identity not in used:
            used.add(identity)
            made.append(identity)
    return made


def _used(layout: Layout) -> Iterator[str]:
    """Yield the ids in the files and in the manifests, which also name removed observations."""
    for columns, folder in ((COLUMNS, "observations"), (MANIFEST_COLUMNS, "releases")):
        for file in layout[folder]:
            if file.path.suffix == ".csv":
                at = columns.index("id")
                yield from (row.cells[at] for row in Table(file, columns, ("id",), Mistakes()).rows())
