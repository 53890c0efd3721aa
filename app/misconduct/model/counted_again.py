"""Counts of the same years on several days: what earlier editions gave for figures, and what the newest one gives.

Earlier counts are no figures: no list, sum or search has them. A file that goes on is counted again, and cases of its
newest years come in for years: 0 sustained in July 2018, 476 by August 2020, 469 a year later.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from misconduct.model.by_year import Wide
from misconduct.model.catalogue import EARLIER_COUNTS, Catalogue
from misconduct.model.dates import Year
from misconduct.model.documents import ReleaseView, number
from misconduct.model.figure import Column, Row
from misconduct.model.likeness import OF_SERIES
from misconduct.model.series import Gap, Series, find_work
from misconduct.model.shapes import YEAR_KEYS, CountedRow

_SHARED = ("coverage", "mark")
"""What a sum has if its parts have it: that the year was not over, or that the numbers may change."""

Totals = Mapping[tuple[Any, ...], int]

OF_FILE = ("source", *(name for name in OF_SERIES if name not in ("category", "fit")))
"""What all kinds share that this register counted in a file: each case of it is of one kind."""

COUNTED_ON = Column("counted_on", "text", "When it was counted; of the newest edition, when that was published.")
ADDED_UP = Column("added_up", "number", "How many rows this register added up; null for a row of one series.")


class CountedAgain(Wide):
    """A table with a row for each series and day of counting. Only numbers of the newest edition have ids.

    `totals` has how many figures a file has by `OF_FILE` and year: where all are found, they are added up.
    """

    def __init__(self, years: Sequence[Year], view: ReleaseView, totals: Totals, *, has_labels: bool) -> None:
        super().__init__(years, view, has_labels=has_labels)
        self.totals, self.earlier = totals, view.catalogue.of_kind(EARLIER_COUNTS)
        self.columns = [*self.columns, COUNTED_ON, ADDED_UP]

    def rows_of_all(self, found: Iterable[Series]) -> list[Row]:
        """Return the rows of series, the oldest count first, each sum of several before its parts."""
        by_file = defaultdict[tuple[Any, ...], list[Series]](list)
        for series in found:
            is_counted = series.key["basis"] == "derived"
            by_file[tuple(series.key[name] for name in OF_FILE) if is_counted else (series.key["id"],)].append(series)
        rows = []
        for of_file, some in by_file.items():
            by_series = [self.rows(series) for series in some]
            rows += [*self._add_up(of_file, by_series), *(row for of_one in by_series for row in of_one)]
        return rows

    def rows(self, series: Series) -> list[Row]:
        found = defaultdict[tuple[str, str], Row](dict)
        for year in self.years:
            if figure := series.find(year):
                for count in self.earlier.get(figure["id"], {}).get("counts", ()):
                    found[count["day"], count["source"]][year.label] = _read(count, figure["basis"], year)
                newest = self.view.source(figure).get("published") or "", figure["source"]
                found[newest][year.label] = figure
        return [self._make_row(series.key, *edition, counts) for edition, counts in sorted(found.items())]

    def _make_row(self, key: Row, day: str, source: str, counts: Row, added_up: Decimal | None = None) -> Row:
        gaps = dict[str, Gap]()
        for year in self.years:
            if year.label not in counts:
                gaps[year.label] = Gap("gap", "outside_window" if day < str(year.first) else "not_stated")
            elif not counts[year.label]["value"] and key["basis"] == "derived":
                gaps[year.label] = Gap("gap", "none_so_far")
        years = {year.label: None if year.label in gaps else counts[year.label] for year in self.years}
        edition = {"source": source, "sources": [source], "counted_on": day, "added_up": added_up, "window": None}
        return key | edition | {"years": years, "gaps": gaps}

    def _add_up(self, of_file: tuple[Any, ...], by_series: Sequence[Sequence[Row]]) -> list[Row]:
        newest = [figure for rows in by_series for figure in rows[-1]["years"].values() if figure]
        whole = {
            year.label
            for year in self.years
            if self.totals.get((*of_file, year.name)) == sum(one["year"] == year.name for one in newest)
        }
        if not (by_series[1:] and whole) or any(figure["part_of"] for figure in newest):
            return []
        editions = defaultdict[tuple[str, str], list[Row]](list)
        for row in (row for rows in by_series for row in rows):
            editions[row["counted_on"], row["source"]].append(row)
        of_all = {"series": None, "category": None, "fit": None, "counted": _share_words([one[0] for one in by_series])}
        return [
            self._make_row(rows[0] | of_all, *edition, _sum(rows, whole), Decimal(len(rows)))
            for edition, rows in sorted(editions.items())
        ]

    def cells(self, row: Row) -> list[Any]:
        return [*super().cells(row), row["counted_on"], row["added_up"]]

    def document(self, row: Row) -> CountedRow:
        added_up: Any = row["added_up"] and number(row["added_up"])
        return {**super().document(row), "counted_on": row["counted_on"], "added_up": added_up}


def choose_whole(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of all kinds of a file: sums, and of what has one kind only, its own."""
    added_up = {row["measure"] for row in rows if row["added_up"]}
    return [row for row in rows if row["added_up"] or (added_up and row["measure"] not in added_up)]


def find_missing(rows: Iterable[Row], catalogue: Catalogue) -> dict[str, list[Row]]:
    """Return by day of counting which kinds it lacks that another edition of the file has for the same years.

    Whether that edition left them out, or called them otherwise, cannot be seen. Totals of the two are of other kinds.
    """
    files = defaultdict[str, dict[str, dict[str, Row]]](lambda: defaultdict(dict))
    for row in rows:
        if row["basis"] == "derived" and not row["added_up"]:
            work = find_work(row["source"], catalogue.of_kind("source").get(row["source"], {}))
            files[work][row["counted_on"]][row["series"]] = row
    found = dict[str, list[Row]]()
    for editions in files.values():
        every = {series: row for kinds in editions.values() for series, row in kinds.items()}
        for day, kinds in editions.items():
            years = {label for row in kinds.values() for label, one in row["years"].items() if one}
            missing = [row for series, row in every.items() if series not in kinds]
            found[day] = [row for row in missing if any(row["years"][label] for label in years)]
    return found


def find_coverage(day: str, last: date) -> str | None:
    """Return that a count of a day, as precise as known, is of a part of a year, if that was not over then."""
    return "part" if day <= str(last)[: len(day)] else None


def _read(count: Mapping[str, str], basis: str, year: Year) -> Row:
    """Return an earlier count as a figure without an id."""
    try:
        value = Decimal(count["number"].replace(",", ""))
    except InvalidOperation:
        value = None
    printed = count["number"] if basis == "stated" else None
    coverage = None if year.is_day else find_coverage(count["day"], year.last)
    return dict.fromkeys(YEAR_KEYS) | {"value": value, "printed": printed, "coverage": coverage}


def _sum(rows: Sequence[Row], labels: Iterable[str]) -> Row:
    """Return the sum of rows for each year that one has a number, or none yet, for."""
    sums = {}
    for label in labels:
        counts = [row["years"][label] for row in rows]
        if any(counts) or any(row["gaps"][label].code == "none_so_far" for row in rows):
            value = sum((one["value"] for one in counts if one), Decimal())
            shared = {name: next((one[name] for one in counts if one and one[name]), None) for name in _SHARED}
            sums[label] = dict.fromkeys(YEAR_KEYS) | shared | {"value": value}
    return sums


def _share_words(rows: Sequence[Row]) -> str:
    """Return the words that all rows count: Sustained Finding."""
    pieces = [row["counted"].split(" … ") for row in rows]
    return " … ".join(one for one in pieces[0] if all(one in other for other in pieces))
