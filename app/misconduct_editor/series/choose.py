"""Choose the series of a release, in DuckDB: without Postgres, the network or a clock."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import duckdb

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row, write_cell
from misconduct.model.row_words import Words, say_all
from misconduct.model.times import Time
from misconduct.releases.folder import Release

from .report import Section, write_sections

HERE = Path(__file__).parent
RULES = ("1_records", "2_figures", "3_points", "4_series", "5_table")

STATED = (
    *("id", "indicator", "area", "category", "subcategory", "scope", "population"),
    *("counting_unit", "statistic", "unit", "base", "denominator", "measure"),
    *("vetting_check", "vetting_result", "value", "value_absent", "qualifier"),
    *("hedge", "printed", "mark", "counted", "source", "stated_by", "at", "caveats"),
    *("part_of", "repeats", "leads", "break"),
)
"""The columns of the register that the rules read. Figures without the last two lead and break nothing."""

FIGURE = (
    *(*STATED, "value_text", *Words._fields, *Time._fields),
    *("begins", "is_twelve_months"),
)

TYPES = {
    "value": "DECIMAL(38, 12)",
    "year": "INT",
    "period_start": "DATE",
    "period_end": "DATE",
    "begins": "INT",
    "is_twelve_months": "INT",
}
"""The types of the columns that are no text."""

EMPTY: tuple[Any, ...] = (None, "", [], {})
NUMBERS = ("value", "value_low", "value_high")


class Mistake(NamedTuple):
    """A rule that is broken, the figures that break it, and what is wrong: words that begin after their ids."""

    rule: str
    figures: list[str]
    message: str

    def __str__(self) -> str:
        return f"{', '.join(self.figures)} {self.message}".strip()


@dataclass(frozen=True)
class Choice:
    """Which figures make the series of a release. See `choose`."""

    table: list[Row]
    others: list[Row]
    gaps: list[Row]
    mistakes: list[Mistake]
    report: list[Section]


def choose(release: Release) -> Choice:
    """Return the rows of `table.csv` and `others.csv`, what must be corrected first, and what an editor reads.

    `release` needs its number, its figures and its records. The same release gives the same rows in the same order,
    on any day. Lists are of dictionaries by column:

    `table` has the fifty columns of the table in their order, a row a point. `value`, `value_low` and `value_high` are
    `Decimal` in the unit that `unit` says, `period_start` and `period_end` are `date`, `year` is the year in which
    twelve months begin, `latest`, `default`, `lead` and `total` are 1 or 0, `stretch` counts from 0, the newest. All
    else is text. What is empty is None.

    `others` has a row for each figure that is not in the table: `point`, which stands in its place, `why`, and the
    columns of the table. `gaps` has `indicator`,
    `area` (its code), `year`, and `held`, which is None if nothing is held of that year.
    """
    if not release.records.get("indicator"):  # nothing says what is counted
        return Choice([], [], [], [], [])
    with TemporaryDirectory(prefix="misconduct-series-") as scratch:
        database = _open(release, Path(scratch))
    for name in RULES:
        database.execute(_read_sql(name))
    return Choice(
        table=[*map(_read_numbers, _read_rows(database.table("answer")))],
        others=[*map(_read_numbers, _read_rows(database.table("not_chosen")))],
        gaps=_read_rows(database.table("gap").order("indicator, area, year")),
        mistakes=[*map(Mistake._make, database.execute(_read_sql("check")).fetchall())],
        report=[*write_sections(database)],
    )


def _open(release: Release, scratch: Path) -> duckdb.DuckDBPyConnection:
    """Return a database with the records and the figures of a release, which no longer needs the files in `scratch`."""
    database = duckdb.connect()
    database.execute("SET VARIABLE release = ?", [release.number])
    records = (
        (kind, identity, _write_record(record))
        for kind, of_kind in release.records.items()
        for identity, record in of_kind.items()
    )
    _fill(database, "record", ("kind", "id", "json"), records, scratch)
    said = say_all(release.figures, Catalogue(release.records))
    figures = (_write_figure(*figure) for figure in said)
    _fill(database, "printed", FIGURE, figures, scratch)
    return database


def _write_record(record: Mapping[str, Any]) -> str:
    """Return a record as a release has it: without what is empty."""
    return json.dumps(
        {name: value for name, value in record.items() if value not in EMPTY}
    )


def _write_figure(row: Row, words: Words, time: Time) -> Iterator[Any]:
    cells = dict.fromkeys(STATED) | row | words._asdict() | time._asdict()
    cells |= {name: " ".join(row[name]) for name in ("caveats", "part_of")}
    cells["value_text"] = write_cell(row["value"])
    cells["begins"] = time.begins
    cells["is_twelve_months"] = int(time.is_twelve_months)
    return (cells[name] for name in FIGURE)


def _fill(
    database: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Iterable[Any]],
    scratch: Path,
) -> None:
    """Make a table. An empty text is null. DuckDB is fast with a file, and slow with rows one by one."""
    path = scratch / f"{table}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    types = {name: TYPES.get(name, "VARCHAR") for name in columns}
    database.read_csv(
        str(path), header=False, columns=types, delimiter=",", quotechar='"',
        escapechar='"', auto_detect=False,
    ).create(table)  # fmt: skip


def _read_sql(name: str) -> str:
    return (HERE / f"{name}.sql").read_text("utf-8")


def _read_rows(found: duckdb.DuckDBPyRelation) -> list[Row]:
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def _read_numbers(row: Row) -> Row:
    for name in NUMBERS:
        row[name] = None if row[name] is None else Decimal(row[name])
    return row
