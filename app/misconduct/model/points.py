"""The columns of the table: a row a point of a series, chosen when a release is made.

Each column is declared once, here: the files of a release, the table in Postgres, and answers in each format follow.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from misconduct.model.figure import Column, Row


def _texts(**about: str) -> tuple[Column, ...]:
    return tuple(Column(name, "text", text) for name, text in about.items())


def _flags(**about: str) -> tuple[Column, ...]:
    return tuple(Column(name, "integer", text) for name, text in about.items())


DEFAULT = (
    *_texts(
        indicator="What is counted: the id of an indicator.",
        name="What the row is called, without its place and time.",
        area="The place or force.",
        area_code="The code of the area.",
        kind="The kind of misconduct, or all.",
        scope="What else limits or widens the row, or all.",
    ),
    Column(
        "year",
        "integer",
        "Of twelve months the year in which they begin; of a moment its year.",
    ),
    *_texts(time="The time in words."),
    Column("period_start", "day", "First day that the time can mean."),
    Column("period_end", "day", "Last day that the time can mean."),
    Column("value", "number", "The number. Empty is not zero: `shown` says why."),
    *_texts(
        unit="What the value counts.",
        shown="What to print: the number with its hedge, or why there is none.",
        note="What makes the row smaller or less sure than it looks.",
    ),
    *_flags(latest="1 if it is the newest number of its series, else 0."),
    *_texts(
        publisher="Who published it.",
        id="The figure. Empty only in a row that says “Not held”.",
        cite_as="Address of exactly this figure in exactly this release.",
    ),
)
"""The columns that a table has unless a request chooses others. Six of them are its key: see `KEY`."""

KEY = ("indicator", "area_code", "kind", "scope", "time", "unit")
"""The columns that tell the rows of a default table apart. None of them is ever empty."""

FURTHER = (
    *_texts(
        topic="The topic: allegations, complaints, suspensions, vetting and so on.",
        category="The kind in the shared vocabulary.",
        people="Who the figure is about. A share is a share of them.",
        statistic="The kind of number: count, share, rate, average, change.",
        base="Of a share, a rate, an average or a change: of what, per what, against what.",
        denominator="The figure that it is a share of.",
        hedge="The hedging words as printed.",
        exactness="How firmly the source states it.",
    ),
    Column("value_low", "number", "Lowest value that the printed words allow."),
    Column("value_high", "number", "Highest value that they allow."),
    *_texts(
        absent="Why there is no number.",
        printed="The number exactly as printed.",
        counted="What it counts, in the source's own words.",
        coverage="How much of its year it covers.",
        part_of="Rows of the same time that include it.",
        part_of_period="Rows of a longer time that include it.",
        repeats="The row that it repeats.",
        doubt="What the register holds against the number: a code.",
        vetting_check="The check of the workforce that found it.",
        vetting_result="What that check found.",
        sentence="The row in a sentence, with its place, time and publisher.",
        source="The document.",
        source_title="Title of the document.",
        published="When it was published, as precise as known.",
        source_url="Its address.",
        said_by="Who stated the number.",
        note_ids="The notes to read before printing it.",
    ),
    *_flags(
        default="1 if it is in the table that is shown first.",
        lead="1 if its series leads its indicator and area.",
        total="1 if nothing limits its series.",
        stretch="0 in the newest stretch of its series, 1 and more before breaks; empty beside its main times.",
    ),
    *_texts(scale="Rows with the same words may share a scale; empty ones may not."),
)

COLUMNS = (*DEFAULT, *FURTHER)
NAMES = tuple(column.name for column in COLUMNS)
DEFAULT_NAMES = tuple(column.name for column in DEFAULT)
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}

TOPICS = (
    *("allegations", "complaints", "suspensions", "vetting"),
    *("cases", "outcomes", "workforce", "deaths"),
)
"""The topics that have an address each. Indicators of trust and of uses of force have none."""

LIKE = ("scope", "people", "unit", "statistic", "base")
"""What two series have alike that differ in their kind only."""

SERIES = ("indicator", "area_code", "kind", "category", *LIKE)
"""What tells series apart."""

EARLIER = (
    Column("earlier_value", "number", "The number before, of the same series."),
    Column("earlier_shown", "text", "That number as it is printed."),
    Column("earlier_time", "text", "Its time in words."),
    Column("earlier_id", "text", "Its figure."),
)
"""What the newest row of an area has beside the columns of a table: the number before it in its stretch."""

BESIDE = _texts(
    point="The row that stands in the place of the figure.",
    why="Why the figure was not chosen.",
)
OTHERS = (*BESIDE, *COLUMNS)
"""The columns of the figures that were not chosen: those of the table, after what stands in their place."""

OTHER_NAMES = tuple(column.name for column in OTHERS)


ALL_KINDS = "all"
"""The kind of a total, and the scope of what nothing limits."""


def find_year(row: Row) -> int | None:
    """Return the year of a row, also of one that is for a part of it."""
    first, last = row["period_start"], row["period_end"]
    is_in_one = first and last and first.year == last.year
    year: int | None = row["year"]
    return first.year if year is None and is_in_one else year


def is_part(row: Row) -> bool:
    """Tell whether a row is no count, or of less than all that its indicator counts."""
    return (row["statistic"], row["kind"], row["scope"]) != ("count", "all", "all")


_READERS: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "number": Decimal,
    "integer": int,
    "day": date.fromisoformat,
}

_HOLDS = {column.name: column.holds for column in OTHERS}


def read_row(cells: Mapping[str, str]) -> Row:
    """Make a row from the cells of `table.csv` or `others.csv`; an empty cell is null."""
    return {
        name: _READERS[_HOLDS[name]](cell) if cell else None
        for name, cell in cells.items()
    }


def write_value(value: Any) -> Any:
    """Return a cell as JSON has it: whole numbers without a point, days as text."""
    if hasattr(value, "as_integer_ratio") and not isinstance(value, int):
        return int(value) if value == int(value) else float(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
