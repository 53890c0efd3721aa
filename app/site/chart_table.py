"""The figures of a chart as a table, also for readers who cannot see the chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.model.phrases import NAMED, dates_and_words
from app.model.series import WITHHELD


class Cell(NamedTuple):
    """A text, and the address to which it links."""

    text: str
    link: str | None = None


class ChartTable(NamedTuple):
    """`head` names the columns; the first cell of each row names the row."""

    head: list[str]
    rows: list[list[Cell]]


def tabulate(specification: Mapping[str, Any]) -> ChartTable:
    """Tabulate the rows of a chart's specification, by figure or by series and year."""
    rows = specification["datasets"]["figures"]
    return _by_year(rows, specification["usermeta"]["panels"]) if rows and "year" in rows[0] else _by_figure(rows)


def _by_figure(rows: list[dict[str, Any]]) -> ChartTable:
    head = ["Figure as printed", "What it counts", "Period", "Stated by", "Printed in"]
    return ChartTable(head, [_figure(row) for row in rows])


def _figure(row: Mapping[str, Any]) -> list[Cell]:
    where = row["source_title"] or row["source"]
    return [
        Cell(row["label"], _page(row)),
        Cell(", ".join(row[f"{name}_label"] for name in NAMED)),
        Cell(dates_and_words(*(row[f"period_{part}"] for part in ("type", "start", "end", "printed")))),
        Cell(row["stated_by_label"]),
        Cell(f"{where}, {row['source_publisher'] or 'publisher unknown'}, {row['source_published'] or 'undated'}"),
    ]


def _page(row: Mapping[str, Any]) -> str:
    """The page of a figure, for people, in the release that the chart shows."""
    cite_as: str = row["cite_as"]
    return cite_as.replace("/v1/observations/", "/observations/")


def _by_year(rows: list[dict[str, Any]], panels: list[str]) -> ChartTable:
    years = list(dict.fromkeys(row["year"] for row in rows))
    cells = {(row["panel"], row["year"]): _year(row) for row in rows}
    body = [[Cell(heading), *(cells[number, year] for year in years)] for number, heading in enumerate(panels)]
    return ChartTable(["Series", *years], body)


def _year(row: Mapping[str, Any]) -> Cell:
    if row["gap"] is not None:
        return Cell("publication refused" if row["gap"] == WITHHELD else row["gap"].replace("_", " "))
    return Cell(f"{row['label']} (part of the year)" if row["part_year"] else row["label"], _page(row))
