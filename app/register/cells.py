"""The columns of `observations/*.csv`, and how the cell of each is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from app.domain.locator import text_span
from app.domain.period import bounds, is_duration
from app.register.manifests import parse_version
from app.register.mistakes import Refused

COLUMNS = (
    "id", "version", "measure", "statistic", "category", "area", "population", "counting_unit",
    "period_type", "period_start", "period_end", "duration", "period_printed", "period_at",
    "value", "value_absent", "unit", "qualifier", "hedge", "hedge_at", "printed", "at", "also_at",
    "obs_status", "stated_by", "origin", "caveats",
)  # fmt: skip
OPTIONAL = frozenset(
    "period_start period_end duration period_printed period_at value value_absent hedge hedge_at also_at caveats".split()
)
REQUIRED = tuple(column for column in COLUMNS if column not in OPTIONAL)

Parse = Callable[[str], Any]

FIRST_LETTERS = "bcdfghjkmnpqrstvwxz"
LETTERS = f"{FIRST_LETTERS}23456789"
"""What ids of observations are made of: no vowels, so no words; nothing that looks like something else."""

_ID = re.compile(f"[{FIRST_LETTERS}][{LETTERS}]{{4}}")
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,12})?", re.ASCII)


def parse_id(cell: str) -> str:
    """An observation's id."""
    if not _ID.fullmatch(cell):
        raise Refused(
            "bad_id",
            f"{cell!r} is no id of an observation",
            "five of bcdfghjkmnpqrstvwxz23456789, a letter first (`misconduct id`)",
        )
    return cell


def parse_text(cell: str) -> str:
    """Printed words: exactly the characters, without white space around them."""
    if cell != cell.strip():
        raise Refused("white_space", f"{cell!r} has white space around it", f"{cell.strip()!r}")
    return cell


def parse_date(cell: str) -> str:
    """A date at its printed precision."""
    try:
        bounds(cell)
    except ValueError as error:
        raise Refused("bad_date", f"{cell!r}: {error}", "YYYY, YYYY-MM or YYYY-MM-DD") from error
    return cell


def parse_duration(cell: str) -> str:
    """An ISO 8601 duration in whole units."""
    if not is_duration(cell):
        raise Refused("bad_duration", f"{cell!r} is no duration", "ISO 8601 in years, months, weeks or days: P10Y")
    return cell


def parse_decimal(cell: str) -> Decimal:
    """A number in plain decimal notation, at most 18 digits before the point and 12 behind it."""
    if not _DECIMAL.fullmatch(cell):
        raise Refused("bad_number", f"{cell!r} is no plain number", "digits with a point where needed: 1492, 0.02")
    return Decimal(cell)


def parse_place(cell: str) -> str:
    """One place in the document."""
    try:
        text_span(cell)
    except ValueError as error:
        raise Refused("bad_place", str(error), "char=START,END or cell=ROW,COLUMN") from error
    return cell


def parse_places(cell: str) -> list[str]:
    """Places, separated by single spaces."""
    return [parse_place(place) for place in cell.split(" ")]


def parse_caveats(cell: str) -> list[str]:
    """Ids of caveats, separated by single spaces."""
    caveats = cell.split(" ")
    if len(set(caveats)) < len(caveats):
        raise Refused("duplicate_caveat", f"a caveat stands twice in {cell!r}", "each once")
    return caveats


def _for_column(column: str, parse: Parse) -> Parse:
    """The function with the rule for the column's empty cells in front of it."""
    empty: list[str] | None = [] if column in _LISTS else None

    def parse_cell(cell: str) -> Any:
        if cell:
            return parse(cell)
        if column in REQUIRED:
            raise Refused("empty_cell", f"{column} is empty")
        return empty

    return parse_cell


_LISTS = ("also_at", "caveats")
_PARSERS: dict[str, Parse] = {
    "id": parse_id,
    "version": parse_version,
    "period_start": parse_date,
    "period_end": parse_date,
    "duration": parse_duration,
    "value": parse_decimal,
    "period_at": parse_place,
    "hedge_at": parse_place,
    "at": parse_place,
    "also_at": parse_places,
    "caveats": parse_caveats,
}

PARSERS: dict[str, Parse] = {column: _for_column(column, _PARSERS.get(column, parse_text)) for column in COLUMNS}
"""For each column the function that reads its cells; None for an empty one. Raises Refused for what may not stand there."""
