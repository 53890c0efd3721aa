"""Say of a number that a text gives as today's which newer figure of the same kind was held on that day."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from misconduct.article.compare import Checked
from misconduct.article.fields import Comparison
from misconduct.article.fields_of_source import says_now
from misconduct.article.reading import Difference
from misconduct.model.dates import date_bounds
from misconduct.model.figure import Row
from misconduct.model.wording import as_printed, dates_in_words

_OF_KIND = (
    *("indicator", "category", "subcategory", "scope", "statistic", "unit", "area", "population", "counting_unit"),
)
"""The columns that figures have alike of which one is newer than another."""

_LATE, _NEVER = timedelta(days=366), "9000-01-01"


def seek_newer(entries: Sequence[Checked]) -> set[tuple[str, str]]:
    """Return the places and measures of figures that the text gives as today's."""
    return {(one.match.row["area"], one.match.row["measure"]) for one in _find_of_today(entries)}


def tell_newer(entries: Sequence[Checked], rows: Iterable[Row], day: str) -> None:
    """Add to each such figure that a newer one was published by a day. The newest of `rows` are the first."""
    newest = dict[tuple[str, ...], Row]()
    for row in rows:
        if _find_last_day_of_publication(row) <= day:
            newest.setdefault(_kind_of(row), row)
    for one in _find_of_today(entries):
        newer = newest.get(_kind_of(one.match.row))
        if newer and str(newer["period_end"] or "") > str(one.match.row["period_end"] or ""):
            when = newer["year"] or dates_in_words(str(newer["period_end"]))
            detail = f"A newer figure is held: {as_printed(newer)}, for {when}."
            one.differences.append(Difference("newer_held", detail, as_printed(newer)))


def _find_of_today(entries: Sequence[Checked]) -> Iterator[Comparison]:
    """Yield the likeliest figures of numbers of which the text says “now” or “latest”, or “are” of what lasts."""
    for entry in entries:
        for one in entry.figures[:1]:
            number = one.match.number
            is_latest = number.sign("now/latest", number.sentence[0], number.until_next) and says_now(number)
            if not number.own_year and ("undated" in one.codes or is_latest):
                yield one


def _find_last_day_of_publication(row: Row) -> str:
    """Return the day by which a figure was surely out. Without a date, that is a year after its period ended."""
    known = row["published"] or row["known_by"]
    end = date_bounds(str(known))[1] if known else date.fromisoformat(str(row["period_end"] or _NEVER)) + _LATE
    return str(end)


def _kind_of(row: Row) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in _OF_KIND)
