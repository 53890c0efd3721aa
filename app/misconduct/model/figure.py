"""A figure: one number, or statement of a quantity, as one source prints it.

Every column of a figure is declared once, in `COLUMNS`. The columns of the register's files, of the table in Postgres
and of CSV answers, the keys of JSON and the schema in OpenAPI all follow from it. In the program a figure is a `Row`: a
dictionary with these columns. Numbers are `Decimal`, days are `date`, several values are a list.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import chain
from sys import intern
from typing import Any, Literal

from misconduct.model.catalogue import RecordsByKind
from misconduct.model.dates import read_period
from misconduct.model.number_words import read_bounds

Row = dict[str, Any]
Holds = Literal["text", "number", "integer", "day", "code", "list"]

ID_LETTERS, ID_DIGITS = "bcdfghjkmnpqrstvwxz", "23456789"
FIGURE_ID = rf"[{ID_LETTERS}][{ID_LETTERS}{ID_DIGITS}]{{4}}"
"""Five characters, a letter first, without vowels or characters that are easily misread."""

PROSE = ("text", "page")
"""How figures were read that a source says one by one, and not in the cells of a table."""

_LAST = "~"  # sorts after all letters and digits


@dataclass(frozen=True)
class Column:
    """A column of a figure.

    `made_by` says where its value comes from: a cell of the register, the load into Postgres, or the answer.
    `refers_to` is the code list, or the kind of record, that its values are ids of. A dimension tells two statistics of
    one source apart.
    """

    name: str
    holds: Holds
    about: str
    made_by: Literal["register", "load", "answer"] = "register"
    refers_to: str | None = None
    is_dimension: bool = False

    @property
    def codelist(self) -> str | None:
        """Return the code list that has a label for its value, if it is a single code."""
        return self.refers_to if self.holds == "code" else None


def _code(name: str, about: str, **more: Any) -> Column:
    return Column(name, "code", about, refers_to=name, **more)


def _computed(name: str, holds: Holds, about: str) -> Column:
    return Column(name, holds, about, made_by="load")


_FIRST = (
    Column("id", "text", "Identifier of the figure, the same in every release."),
    Column("counted", "text", "What it counts, in the source's own words."),
    _code(
        "measure", "How far the matter had got, or what happened.", is_dimension=True
    ),
    _code("category", "Kind of misconduct.", is_dimension=True),
    _code("fit", "How well measure and category fit what the source counts."),
    _code("area", "Police force or area.", is_dimension=True),
    _code(
        "population",
        "Who the figure is about. A share is a share of this group.",
        is_dimension=True,
    ),
    _code(
        "counting_unit", "What counts as one: people, cases, calls.", is_dimension=True
    ),
    Column(
        "period",
        "text",
        "The period as precise as printed, in the notation of ISO 8601-2.",
    ),
    Column(
        "year",
        "text",
        "The year that it is for, or for a part of: 2022, or 2019/20.",
        made_by="load",
    ),
    Column(
        "period_start", "day", "First day that the period can mean.", made_by="load"
    ),
    Column("period_end", "day", "Last day that the period can mean.", made_by="load"),
    Column("value", "number", "The number. Null is not zero: value_absent says why."),
    _code("value_absent", "Why there is no number."),
    _code("unit", "Unit of the value: count, percent, proportion."),
    _code("qualifier", "How firmly the source states it."),
    Column("printed", "text", "The number exactly as printed."),
    _code("coverage", "How much of its year it covers.", made_by="load"),
    Column(
        "part_of",
        "list",
        "Totals that include it. Do not add it to them.",
        refers_to="observation",
    ),
    Column(
        "repeats",
        "text",
        "The figure that it repeats. Do not add it to that.",
        refers_to="observation",
    ),
    _code("stated_by", "Who stated it, according to the source."),
    Column("source", "text", "The document that prints it.", refers_to="source"),
    Column(
        "cite_as",
        "text",
        "Address of exactly this figure in exactly this release.",
        made_by="answer",
    ),
)
_FURTHER = (
    _code("vetting_check", "The check of the workforce that found it."),
    _code("vetting_result", "What that check found."),
    _code("stock_or_flow", "At one time (stock), or over a period (flow)."),
    Column("counted_at", "text", "Places of the words in counted."),
    Column("hedge", "text", "The hedging words as printed: nearly, around."),
    Column("hedge_at", "text", "Place of the hedging words."),
    Column("period_printed", "text", "The words for the period as printed."),
    Column("period_at", "text", "Place of the words for the period."),
    _code("dated_by", "Whether the source, or only the day of publication, bounds the period.", made_by="load"),
    Column("value_low", "number", "Lowest value that the printed words allow.", made_by="load"),
    Column("value_high", "number", "Highest value that they allow.", made_by="load"),
    _code("statistic", "Kind of number: count, share, rate, mean, change.", is_dimension=True),
    _code("mark", "Whether the number is provisional, revised, or counted in another way than before (break)."),
    _code("basis", "Stated by the source, or derived: counted by this register from a file.", made_by="load"),
    Column("at", "text", "Place of the printed number: char=START,END in a text, cell=ROW,COLUMN in a table."),
    Column("also_at", "list", "Further places where the same source prints it."),
    Column("denominator", "text", "The figure that it is a share of.", refers_to="observation"),
    Column("origin", "text", "The document that first stated it.", refers_to="source"),
    Column("caveats", "list", "Notes that help readers avoid an error.", refers_to="caveat"),
    Column(
        "disagreements", "list", "Groups of differing figures that it is in.", made_by="load", refers_to="disagreement"
    ),
    Column("datasets", "list", "Datasets that show it.", made_by="load", refers_to="dataset"),
    _computed("read_from", "text", "How it was read: from a text, a table, a page, or a file that we counted."),
    _computed("recency", "number", "How new it is: of several figures the newest has the largest number."),
    _computed("place", "text", "By what figures are sorted: by source, and by where the source prints them."),
    _computed("is_leading", "integer", "1 if tables lead with it for its indicator and area, else 0."),
    _computed("rank", "number", "What comes first, unless a question changes it (misconduct.db.rank)."),
    Column("per", "code", "What a rate is a number for each of: inhabitants, officers.", refers_to="population",
           is_dimension=True),
    _computed("whole", "text", "Of a share, the number of its whole: 1,342."),
    _code("indicator", "What is counted."),
    Column("subcategory", "text", "The publisher's kind in plain words, where category says too little."),
    Column("scope", "text", "What makes it smaller or larger than its indicator: constables, over 18 months."),
    Column("base", "text", "Of a share, a rate, a mean or a change: of what, per what, or against what."),
    Column("leads", "text", "Why its series leads its indicator and area, against the rule."),
    Column("break", "text", "Why it is counted otherwise than the figures before it in its series."),
)  # fmt: skip

COLUMNS = {column.name: column for column in (*_FIRST, *_FURTHER)}

REGISTER_COLUMNS = tuple(
    one.name for one in COLUMNS.values() if one.made_by == "register"
)
"""The columns of a figure in a release. A file of the register has them all but `source`, which is the file's name."""

TABLE_COLUMNS = tuple(one.name for one in COLUMNS.values() if one.made_by != "answer")
DIMENSIONS = tuple(one.name for one in COLUMNS.values() if one.is_dimension)
CODED_COLUMNS = tuple(one.name for one in COLUMNS.values() if one.codelist)


def read_cells(cells: Mapping[str, str]) -> Row:
    """Make a row from the cells of a CSV file; an empty cell is null. Raises ArithmeticError for what is no number."""
    return {
        name: _READERS[name](cell) if cell or name in _LISTS else None
        for name, cell in cells.items()
    }


_LISTS = {name for name, column in COLUMNS.items() if column.holds == "list"}
_READERS: dict[str, Callable[[str], Any]] = {
    name: str.split
    if column.holds == "list"
    else Decimal
    if column.holds == "number"
    else intern
    for name, column in COLUMNS.items()
}
"""How a cell is read. Equal texts are kept in memory once, since most figures share theirs."""


def write_cell(value: Any) -> str:
    """Write a value as a cell of a CSV file: null is empty, several values are separated by spaces."""
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)


def read_from(at: str | None) -> str:
    """Return how a figure was read, by the place of its number; without one, this register counted it from a file."""
    return {"char": "text", "cell": "table", "row": "page"}.get(
        (at or "").partition("=")[0], "file"
    )


def complete(
    row: Row,
    published: str | None,
    disagreements: Sequence[str],
    datasets: Sequence[str],
) -> Row:
    """Return a row of a release with later columns, which are null, and with those that the load computes from it.

    `published` is the date of its source, as precise as known. The ids of its disagreements and datasets are sorted.
    """
    row = dict.fromkeys(REGISTER_COLUMNS) | row
    period = read_period(row["period"] or "", published)
    low, high = read_bounds(
        row["value"], row["qualifier"], row["printed"], row["statistic"], row["unit"]
    )
    return row | {
        **period._asdict(),
        "value_low": low,
        "value_high": high,
        "basis": "stated" if row["printed"] else "derived",
        "read_from": read_from(row["at"]),
        "disagreements": [*disagreements],
        "datasets": [*datasets],
    }


def place_of(row: Row) -> str:
    """Return by what a figure is sorted: its source, and where this prints it; last what this register counted."""
    numbers = re.search(r"(\d+)(?:,(\d+))?", row["at"] or "")
    printed = "".join(
        f"{one:0>10}" if one else _LAST
        for one in (numbers.groups() if numbers else (None, None))
    )
    return " ".join(
        [row["source"], printed, "" if numbers else row["counted"] or _LAST, row["id"]]
    )


def completer(records: RecordsByKind) -> Callable[[Row], Row]:
    """Return a function that completes a figure of a release by what follows from it and from its records."""
    sources, disagreements = records["source"], defaultdict[str, list[str]](list)
    for identity, record in sorted(records.get("disagreement", {}).items()):
        for figure in record["members"]:
            disagreements[figure].append(identity)
    find_datasets = dataset_finder(records)
    replies = {
        identity
        for identity, record in records.get("caveat", {}).items()
        if record.get("reply_by")
    }

    def complete_one(row: Row) -> Row:
        caveats = sorted(row["caveats"], key=lambda one: one not in replies)
        return complete(
            row | {"caveats": caveats},
            sources[row["source"]].get("published"),
            disagreements.get(row["id"], []),
            find_datasets(row),
        )

    return complete_one


def dataset_finder(records: RecordsByKind) -> Callable[[Row], list[str]]:
    """Return a function that finds the datasets that show a figure, by its codes."""
    conditions = {
        identity: record["conditions"]
        for identity, record in sorted(records.get("dataset", {}).items())
    }
    listed = chain.from_iterable(conditions.values())
    names = sorted({*chain.from_iterable(listed)})

    @cache
    def find(codes: tuple[str, ...]) -> list[str]:
        row = dict(zip(names, codes, strict=True))
        return [one for one, each in conditions.items() if meets_any(each, row)]

    return lambda row: find(tuple(row[name] for name in names))


def meets_any(conditions: Iterable[Mapping[str, Any]], row: Mapping[str, Any]) -> bool:
    """Tell whether a figure meets one of the conditions of a dataset."""
    return any(
        all(row[name] in codes for name, codes in condition.items() if codes)
        for condition in conditions
    )
