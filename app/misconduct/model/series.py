"""A series: what one source states about one thing, year by year, and why some years have no figure.

Figures are in the same series if their codes, their publication, who stated them and the source's own words are the
same. Each page that figures were typed from is a source, and the pages of one publisher are one publication. Only
figures for a year, for a window, or of a day or month that their source names are in a series.
"""

from calendar import month_name
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import NamedTuple

from misconduct.model.catalogue import Content
from misconduct.model.dates import Year, make_year
from misconduct.model.figure import Row
from misconduct.model.likeness import OF_SERIES


def series_id(row: Row, source: Content) -> str | None:
    """Return the id of the series of a figure, without its variant; None if it is in none.

    It begins with a letter, so that nothing reads it as a number.
    """
    is_dated_day = row["coverage"] == "point" and row["dated_by"] == "source"
    if not (row["year"] or row["coverage"] == "window" or is_dated_day):
        return None
    words = [
        row.get(name) or ""
        for name in (*OF_SERIES, "stated_by", "counted")
        if name != "per"
    ]
    begins = _begin_years(row)
    later = [
        row.get("per"),
        "" if begins in (1, 4) else f"from month {begins}",
    ]  # no series had them before 3.4.0
    key = "\n".join([_find_publication(row, source), *words, *filter(None, later)])
    return f"s{sha256(key.encode()).hexdigest()[:15]}"


def find_work(identity: str, source: Content) -> str:
    """Return what all editions of a source have in common."""
    return str(source.get("work") or identity)


def _find_publication(row: Row, source: Content) -> str:
    """Return what all editions of a source have in common: of a page its publisher, but not for months of a year.

    The first nine months of 2023/24 are a part of 2023, and would stand between 2022/23 and 2023/24.
    """
    is_of_months = row["coverage"] == "part" and row["period_start"].month != 1
    if row["read_from"] == "page" and source.get("publisher") and not is_of_months:
        return f"pages of {source['publisher']}"
    return find_work(row["source"], source)


def find_edition(row: Row, source: Content) -> str:
    """Return by what editions are ordered: the day of publication or, without one, the last day of a figure."""
    return source.get("published") or str(row["period_end"] or "")


class Span(NamedTuple):
    """The first and the last day of figures whose year, or whose window, begins in a month."""

    is_year: bool
    month: int
    first: date
    last: date


def find_years(spans: Sequence[Span]) -> list[Year]:
    """Return the years of a table, newest first: all from the first to the last that its figures are for.

    Years that begin in another month than January have a range of their own. A window from April 2014 to March 2019
    adds 2014/15 to 2018/19 if a figure is for a year from April. Else it adds 2014 to 2019, unless all years there are
    begin in other months: then it adds to those. Years from July say so beside years from April: 2019/20(July).
    """
    months = {span.month for span in spans if span.is_year} or {1}
    ranges = defaultdict[int, list[date]](list)
    for span in spans:
        month = next(one for one in (span.month, 1, min(months)) if one in months)
        ranges[month] += [span.first, span.last]
    found, plain = list[Year](), (1, min(ranges.keys() - {1}, default=1))
    for month, days in ranges.items():
        for begins in range(_begins(min(days), month), _begins(max(days), month) + 1):
            year = make_year(begins, month)
            found.append(
                year
                if month in plain
                else year._replace(label=f"{year.label}({month_name[month]})")
            )
    return sorted(found, key=lambda year: year.label, reverse=True)


def _begins(day: date, month: int) -> int:
    """Return the calendar year in which the twelve months begin that a day is in."""
    return day.year - (day.month < month)


class Gap(NamedTuple):
    """Why a year has no number: a code, its code list, and which years are covered if this one is not."""

    codelist: str
    code: str
    detail: str | None = None


class Series:
    """All figures of a series, and those of them that a request finds, by year and for the whole window.

    `key` is a figure of the newest edition. `is_found` says of each figure whether the request finds it.
    """

    def __init__(self, figures: Sequence[Row], sources: Mapping[str, Content]) -> None:
        found = [row for row in figures if row["is_found"]]
        self.key = max(
            found,
            key=lambda row: (find_edition(row, sources[row["source"]]), row["id"]),
        )
        self.years = {row["year"]: row for row in found if row["year"]}
        self.days = {row["period"]: row for row in found if row["coverage"] == "point"}
        self.window = next((row for row in found if row["coverage"] == "window"), None)
        self._figures = [row for row in figures if row["coverage"] != "point"]
        self._points = [row for row in figures if row["coverage"] == "point"]
        dated = [
            row for row in self._figures if row["period_start"] and row["period_end"]
        ]
        self._dated = [row for row in dated if row["dated_by"] == "source"]
        self._months = {
            month_of(row) for row in figures if row["year"]
        }  # in which its years begin
        is_counted = self.key["basis"] == "derived" and self._months
        self._file = sources[self.key["source"]]["covers"] if is_counted else {}
        """What a file covers from which this register counted it by year: a year without cases has no figure there."""

    def find(self, year: Year) -> Row | None:
        """Return its figure for a year of a table, if that begins in the same month, or for a day."""
        if year.is_day:
            return self.days.get(year.name)
        row = self.years.get(year.name)
        return row if row and month_of(row) == year.first.month else None

    def spans(self) -> list[Span]:
        """Return the days of its years and windows, as far as their source gives them, also of those not found."""
        return [
            Span(
                bool(row["year"]), month_of(row), row["period_start"], row["period_end"]
            )
            for row in self._dated
        ]

    def gaps(self, years: Iterable[Year]) -> dict[str, Gap]:
        """Return why years have no number, by their labels. Of a figure without a number it is `value_absent`."""
        found = {}
        for year in years:
            row = self.find(year)
            if row is None:
                found[year.label] = self._explain(year)
            elif row["value"] is None:
                found[year.label] = Gap("value_absent", row["value_absent"])
        return found

    def _explain(self, year: Year) -> Gap:
        if year.is_day:
            return self._explain_day(year)
        if not self._figures:
            return Gap("gap", "other_period")
        left_out = [row for row in self._figures if row["year"] and not row["is_found"]]
        if any(
            row["period_start"] <= year.last and row["period_end"] >= year.first
            for row in left_out
        ):
            return Gap("gap", "filtered_out")
        first, last = _bounds(self._dated)
        if self._file:
            first, last = (
                date.fromisoformat(self._file[name]) for name in ("first", "last")
            )
        if first <= year.last and last >= year.first:
            return Gap("gap", self._explain_covered(year))
        earliest, latest = _bounds(row for row in self._figures if not row["year"])
        if earliest <= year.last and latest >= year.first:
            return Gap("gap", "window_undated")
        month = max(self._months, default=1)
        covered = dict.fromkeys(
            make_year(_begins(day, month), month).label for day in (first, last)
        )
        who = "The file covers" if self._file else "These figures cover"
        return Gap(
            "gap",
            "outside_window",
            f"{who} {' to '.join(covered)}." if first <= last else None,
        )

    def _explain_day(self, day: Year) -> Gap:
        if any(row["period"] == day.name for row in self._points):
            return Gap("gap", "filtered_out")
        if not self._points:
            return Gap("gap", "other_period")
        first, last = _bounds(self._points)
        return Gap(
            "gap",
            "not_stated"
            if first <= day.first and day.last <= last
            else "outside_window",
        )

    def _explain_covered(self, year: Year) -> str:
        if self._months and year.first.month not in self._months:
            return "other_year"
        if not self._file:
            return "not_stated"
        return "none_so_far" if year.name in self._file["unfinished"] else "not_counted"


def month_of(row: Row) -> int:
    """Return the month in which the year of a figure begins: 4 for 2019/20. Without a year, it is January."""
    return row["period_start"].month if "/" in (row["year"] or "") else 1


def _begin_years(row: Row) -> int:
    """Return the month in which the year of a figure begins, or the first of those that it is for together."""
    first, last = row["period_start"], row["period_end"]
    after = (
        last + timedelta(days=1)
        if first and last and row["dated_by"] == "source"
        else None
    )
    return (
        first.month
        if after and first.day == 1 and (after.month, after.day) == (first.month, 1)
        else 1
    )


def _bounds(rows: Iterable[Row]) -> tuple[date, date]:
    """Return the first and last day that periods can mean; no day is between them if there are no periods."""
    days = [
        (row["period_start"] or date.min, row["period_end"] or date.max) for row in rows
    ]
    return min((first for first, _ in days), default=date.max), max(
        (last for _, last in days), default=date.min
    )
