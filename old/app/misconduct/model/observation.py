"""One statistic that one source states. Each field is declared here, once.

A field's type and marks define the column of `observations/*.csv` and how its cell is parsed, the column in Postgres,
the key in JSON, the column in every table, and the OpenAPI schema. Columns that are looked up or computed are declared
in `misconduct.model.figure`.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from types import NoneType
from typing import Annotated, Any, NamedTuple, get_args, get_type_hints

from misconduct.model.locator import fragment, fragments
from misconduct.model.table import Column

OPEN = 2**31 - 1
"""The `ended_in` of an observation that is still in force: later than every release."""

FIRST_LETTERS = "bcdfghjkmnpqrstvwxz"
LETTERS = f"{FIRST_LETTERS}23456789"
"""The characters of observation ids: no vowels, so that ids are not words, and none that is easily misread."""

OBSERVATION_ID = re.compile(f"[{FIRST_LETTERS}][{FIRST_LETTERS}2-9]{{4}}(?:[{FIRST_LETTERS}2-9]{{3}})?", re.ASCII)
ID_IN_WORDS = f"five of {LETTERS}, a letter first; or eight"


class Mark(Enum):
    """What a field holds, beyond its type."""

    DIMENSION = auto()  # a code of the list of the same name; it tells two statistics apart
    CODE = auto()  # a code of the list of the same name
    OPEN_CODE = auto()  # the same; answers show it as a plain text, so that the list may grow
    DATE = auto()  # as precise as printed
    DURATION = auto()
    PLACES = auto()  # separated by single spaces
    IDS = auto()  # separated by single spaces
    COMPUTED = auto()  # not a column of the register


OF_LIST = (Mark.DIMENSION, Mark.CODE, Mark.OPEN_CODE)
"""The marks of codes."""


class Labelled(NamedTuple):
    """Mark a code that answers show with its label: the description, and an addition for the column of the code."""

    what: str
    aside: str = ""


class Observation(NamedTuple):
    """One row of `observations/<source>.csv`, checked, with the releases that bound it.

    Text fields hold the cells; None is an empty cell. `period_from` and `period_until` are the first and last day of
    the period, for overlap queries only. `value_low` and `value_high` are what the printed words allow
    (`misconduct.model.number_words.read_bounds`), `year` and `year_basis` what `misconduct.model.period.year_of` makes
    of the period.
    `added_in` and `ended_in` are ordinals of releases: the observation is in force in every release r with
    added_in <= r < ended_in.
    """

    id: Annotated[
        str,
        Column("id", "text", "Identifier of the observation; the same in every version and release.", example="k7m3q"),
    ]
    version: Annotated[int, Column("version", "integer", "Version of this record: 1, 2 and so on.")]
    source: Annotated[str, Mark.COMPUTED]
    measure: Annotated[str, Mark.DIMENSION, Labelled("What is counted")]
    statistic: Annotated[str, Mark.DIMENSION, Column("statistic", "code", "count, share, mean or change.")]
    category: Annotated[str, Mark.DIMENSION, Labelled("Kind of misconduct")]
    area: Annotated[str, Mark.DIMENSION, Labelled("Police force area (ONS code)")]
    population: Annotated[str, Mark.DIMENSION, Labelled("Population", "; of a share, what it is a share of")]
    counting_unit: Annotated[str, Mark.DIMENSION, Labelled("Counting unit", " (people, cases, calls …)")]
    period_type: Annotated[
        str, Mark.CODE, Column("period_type", "code", "year, window, point or unstated.", path="period.type")
    ]
    period_start: Annotated[
        str | None, Mark.DATE, Column("period_start", "date", "Start, as precise as printed.", path="period.start")
    ]
    period_end: Annotated[
        str | None, Mark.DATE, Column("period_end", "date", "End, as precise as printed.", path="period.end")
    ]
    duration: Annotated[
        str | None,
        Mark.DURATION,
        Column("duration", "text", "ISO 8601 duration, where that is what is printed.", path="period.duration"),
    ]
    period_printed: Annotated[
        str | None, Column("period_printed", "text", "The printed words of the period.", path="period.printed")
    ]
    period_at: Annotated[
        str | None,
        Column("period_locator", "text", "Their place in the source.", path="period.locator", cell=fragment),
    ]
    period_from: Annotated[date | None, Mark.COMPUTED]
    period_until: Annotated[date | None, Mark.COMPUTED]
    year: Annotated[
        str | None,
        Mark.COMPUTED,
        Column("year", "code", "The twelve months, by their label: 2022, 2019/20.", path="period.year", example="2022"),
    ]
    year_basis: Annotated[
        str | None,
        Mark.COMPUTED,
        Column(
            "year_basis",
            "code",
            "calendar, other (2019/20), or unstated: a bare 2022 need not be the calendar year.",
            path="period.year_basis",
        ),
    ]
    value: Annotated[
        Decimal | None,
        Column("value", "number", "The figure. Empty is not zero: value_absent says why."),
    ]
    value_low: Annotated[
        Decimal | None,
        Mark.COMPUTED,
        Column("value_low", "number", "Least value that the printed words allow; empty where they set none."),
    ]
    value_high: Annotated[
        Decimal | None,
        Mark.COMPUTED,
        Column("value_high", "number", "Greatest value that the printed words allow; empty where they set none."),
    ]
    value_absent: Annotated[str | None, Mark.CODE, Column("value_absent", "code", "Why there is no number.")]
    unit: Annotated[
        str, Mark.OPEN_CODE, Column("unit", "code", "Unit of the value: count, percent, proportion.", example="count")
    ]
    qualifier: Annotated[
        str | None,
        Mark.CODE,
        Column("qualifier", "code", "How firmly it is stated; empty where it was counted."),
    ]
    hedge: Annotated[str | None, Column("hedge", "text", "The hedging words as printed.", example="nearly")]
    hedge_at: Annotated[str | None, Column("hedge_locator", "text", "Their place in the source.", cell=fragment)]
    printed: Annotated[
        str | None,
        Column("printed", "text", "The figure exactly as printed; empty where it was counted.", example="1,492"),
    ]
    at: Annotated[
        str | None,
        Column("locator", "text", "Place in the source (RFC 5147 or RFC 7111 fragment).", cell=fragment),
    ]
    also_at: Annotated[
        list[str],
        Mark.PLACES,
        Column("also_at", "texts", "Further places where the same voice prints it.", cell=fragments),
    ]
    obs_status: Annotated[str, Mark.OPEN_CODE, Column("obs_status", "code", "SDMX observation status.", example="A")]
    stated_by: Annotated[str | None, Mark.CODE, Labelled("Who the source says stated it")]
    origin: str
    caveats: Annotated[list[str], Mark.IDS]
    derivation: Annotated[
        str | None,
        Column(
            "derivation",
            "text",
            "Table, and its version, by which this register counted the figure in the rows of the source.",
            optional=True,
            example="complaints@1",
        ),
    ]
    sha256: Annotated[bytes, Mark.COMPUTED]
    added_in: Annotated[int, Mark.COMPUTED]
    ended_in: Annotated[int, Mark.COMPUTED]


class Field(NamedTuple):
    """How a field of Observation is declared: its type, whether it may be None, its mark, and its public columns."""

    type: Any
    is_optional: bool
    mark: Mark | None
    columns: tuple[Column, ...]
    is_labelled: bool


def _read_declaration(name: str, annotation: Any) -> Field:
    annotation, *marks = get_args(annotation) if hasattr(annotation, "__metadata__") else (annotation,)
    options = [option for option in get_args(annotation) if option is not NoneType]
    is_optional = NoneType in get_args(annotation)
    mark = next((mark for mark in marks if isinstance(mark, Mark)), None)
    columns = [mark for mark in marks if isinstance(mark, Column)]
    for what, aside in (mark for mark in marks if isinstance(mark, Labelled)):
        columns.append(Column(name, "code", f"{what}{aside}: code.", path=f"{name}.code"))
        columns.append(Column(f"{name}_label", "code", f"{what}, in words.", path=f"{name}.label"))
    return Field(
        options[0] if is_optional else annotation,
        is_optional,
        mark,
        tuple(one._replace(codelist=name) if mark in OF_LIST and one.name == name else one for one in columns),
        any(isinstance(mark, Labelled) for mark in marks),
    )


FIELDS: dict[str, Field] = {
    name: _read_declaration(name, annotation)
    for name, annotation in get_type_hints(Observation, include_extras=True).items()
}
"""The declarations by the names of the fields, in their order."""
