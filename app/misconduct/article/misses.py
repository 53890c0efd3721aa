"""Answer a number that no figure has: what is held for just what its sentence says, or else the nearest series."""

from collections.abc import Iterable, Sequence

from misconduct.article.claims import is_denied
from misconduct.article.compare import Checked
from misconduct.article.fields import NO_SLIP, find_differences
from misconduct.article.match import NO_CATEGORY, Around, Match, find_matches
from misconduct.article.text import Number
from misconduct.model.figure import Row

_BESIDE = 5  # numbers before and after one whose figures may be of the same table
_MOST_HELD = 3  # figures of one series, such as of three days in one year

Sought = set[tuple[str, str]]
"""Places and measures whose figures are to be found."""


def seek_misses(entries: Sequence[Checked]) -> Sought:
    """Return what to find for the numbers that no figure has, or nearly has."""
    return {
        (area, measure)
        for around in map(_around_miss, entries)
        if around
        for area in around.own & around.here
        for measure in _measures_of(around.number)
    }


def _around_miss(entry: Checked) -> Around | None:
    is_miss = entry.row is None and not entry.sums and entry.number.unit == "count"
    return Around(entry.number) if is_miss else None


def _measures_of(number: Number) -> list[str]:
    """Return the stages that the text says of a number; how many work there, if it says only that there are some."""
    text, (low, high) = number.text, number.clause
    said = text.said("measure", low, high)
    nouns = number.nouns if number.nouns[0] < number.nouns[1] or not number.before else number.before.nouns
    has = text.said("population", *nouns) and (number.sign("having", low, high) or number.sign("now", low, high))
    return said or (["employed"] if has else [])


def answer_misses(entries: Sequence[Checked], rows: Iterable[Row]) -> None:
    """Say of each such number which figure is held for just this, or else the newest of the nearest series."""
    found = [*rows]
    listed = [*entries]
    for place, entry in enumerate(listed):
        if found and (around := _around_miss(entry)):
            beside = listed[max(place - _BESIDE, 0) : place] + listed[place + 1 :][:_BESIDE]
            matches = _find_alike(around, found, [one.figures[0][0] for one in beside if one.figures])
            held = [one.row for one in matches if _is_of_time(one)]
            if held and len({_series_of(row) for row in held}) == 1:
                entry.near = [(row, "held") for row in held[:_MOST_HELD]]
            elif matches and not held:
                series = [one.row for one in matches if _series_of(one.row) == _series_of(matches[0].row)]
                entry.nearest = max(series, key=lambda row: str(row["period_end"] or ""))


def _find_alike(around: Around, rows: Iterable[Row], beside: Sequence[Match]) -> list[Match]:
    """Return figures that agree with a number in all but itself and the year, of the best kind only."""
    number = around.number
    measures, places = _measures_of(number), around.own & around.here
    fitting = [
        row
        for row in rows
        if row["area"] in places
        and row["measure"] in measures
        and row["value"] is not None
        and row["unit"] == "count"
        and not row["repeats"]
        and not is_denied(number, row)
    ]
    matches = [one for one in find_matches(around, fitting, beside) if _agrees(one)]
    named = [one for one in matches if one.row["category"] in number.said("category", *number.clause)]
    plain = [one for one in matches if one.row["category"] in NO_CATEGORY]
    return named or plain


def _agrees(match: Match) -> bool:
    codes = {one.code for one in find_differences(match)}
    return (NO_SLIP - {"other_year"}).isdisjoint(codes)


def _is_of_time(match: Match) -> bool:
    """Tell whether a figure is of the year that the text gives, or neither has one."""
    own, row = match.number.own_year, match.row
    if own is None:
        return row["coverage"] == "unstated" and not (row["year"] or match.number.years)
    if row["coverage"] == "point":
        days = [str(row[name])[: len(own.month)] for name in ("period_start", "period_end")]
        return days[0] <= own.month <= days[1] if own.month else row["dated_by"] == "source" and match.year == "same"
    return bool(row["year"]) and match.year == "same"


def _series_of(row: Row) -> tuple[str, ...]:
    return row["area"], row["source"], row["counted"], row["measure"], row["category"], row["population"]
