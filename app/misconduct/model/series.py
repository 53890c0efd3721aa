"""A series: what one source states about one thing, year by year, and why some years have no figure.

Figures are in the same series if their codes, their publication, who stated them and the source's own words are the
same. Each page that figures were typed from is a source, and the pages of one publisher are one publication. Only
figures for a year, for a window, or of a day or month that their source names are in a series.
"""

from datetime import timedelta
from hashlib import sha256

from misconduct.model.catalogue import Content
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
