"""Series × year as a page shows it: gaps are gaps, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.api.question import Question
from app.domain import series
from app.queries import by_year

SERIES_SHOWN = 100


class Year(NamedTuple):
    """One cell: a figure, a gap with its reason, or, with neither, a year outside of the series."""

    figure: Mapping[str, Any] | None
    gap: str | None


class Row(NamedTuple):
    """A series, what it says of every year, and its caveats, each with the years that it is about."""

    series: Mapping[str, Any]
    years: list[Year]
    caveats: list[tuple[str, str]]


class YearTable(NamedTuple):
    """The years, the series, and how many more series have no year at all."""

    years: list[int]
    rows: list[Row]
    without_years: int


async def find_year_table(question: Question) -> YearTable | None:
    """The figures that match as a table by year; None where no figure is stated for a year."""
    found = await by_year.find_series(
        question.service.database,
        question.filters.without("period_type", "year"),
        question.release.ordinal,
        limit=SERIES_SHOWN,
    )
    asked = question.values.get("year", found.years)
    shown = [one for one in found.series if one.stated(asked)]
    covered = [year for one in shown for year in one.span() if year in asked]
    if not covered:
        return None
    years = list(range(min(covered), max(covered) + 1))
    documents = [series.as_document(one, years, question.catalogue, question.service.base_url) for one in shown]
    rows = [Row(one, _years(one, years), _caveats(one)) for one in documents]
    return YearTable(years, rows, found.total - len(shown))


def _years(document: Mapping[str, Any], years: list[int]) -> list[Year]:
    gaps = {year: reason for year, reason in document["gaps"].items() if reason != series.OUTSIDE_WINDOW}
    return [Year(document["cells"].get(str(year)), gaps.get(str(year))) for year in years]


def _caveats(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    about: dict[str, list[str]] = {}
    for year, cell in document["cells"].items():
        for caveat in cell["caveats"]:
            about.setdefault(caveat["text"], []).append(year)
    return [(", ".join(years), text) for text, years in about.items()]
