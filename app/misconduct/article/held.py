"""Say what is held for a number that no figure has, and what is newer than a figure that a text gives as today's.

Figures are of one kind if they count the same in one place, whatever their documents and their times.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from misconduct.article.compare import NO_SLIP, Checked, compare
from misconduct.article.fields import Comparison, Difference
from misconduct.article.fields_of_source import says_now
from misconduct.article.match import NO_CATEGORY, Around, Match
from misconduct.article.number import Number
from misconduct.article.text import LISTS
from misconduct.article.words import stems
from misconduct.model.dates import date_bounds
from misconduct.model.figure import COUNTED, Row
from misconduct.model.wording import as_printed, dates_in_words

_KIND = (
    *COUNTED,
    "area",
    "measure",
    "category",
    "population",
    "counting_unit",
    "statistic",
    "unit",
)
_LEAST_LEAD = 1.0  # bits by which a kind must be better than all others
_MOST_TIMES = 10  # a zero left out, or two small numbers
_MOST_HELD = 3  # figures of one kind, such as of three days in one year
_LATE, _NEVER = timedelta(days=366), "9000-01-01"

PlacesAndMeasures = set[tuple[str, str]]
"""Places and measures whose figures are to be found."""

Kinds = Mapping[tuple[str, ...], list[Row]]
"""Figures by their kinds, the newest first."""


def seek_held(entries: Sequence[Checked]) -> PlacesAndMeasures:
    """Return what to find for the numbers that no figure has, or nearly has, and for those that are of today."""
    rows = [
        *(one.row for one in _find_of_today(entries)),
        *(row for _, row, _ in _find_asked_years(entries)),
    ]
    asked = {(row["area"], row["measure"]) for row in rows}
    return asked.union(
        *(_sought_by(around) for around in map(_around_miss, entries) if around)
    )


def tell_held(entries: Sequence[Checked], rows: Iterable[Row], day: str) -> None:
    """Add to each number what is held: for just this, or else the newest of its kind; and newer figures of a day."""
    kinds = defaultdict[tuple[str, ...], list[Row]](list)
    for row in rows:  # the newest first
        kinds[_kind_of(row)].append(row)
    for entry, beside, year in _find_asked_years(entries):
        entry.near = [
            (row, "same_series")
            for row in kinds[_kind_of(beside)]
            if row["year"] == year
        ][:1]
    for entry in entries:
        if around := _around_miss(entry):
            matches = _find_alike(around, kinds)
            held = [one.row for one in matches if _is_of_time(around.number, one.row)]
            entry.near = [(row, "held") for row in held[:_MOST_HELD]]
            entry.nearest = (
                _find_newest(around, matches[0].row, kinds)
                if matches and not held
                else None
            )
    for one in _find_of_today(entries):
        known = (
            row
            for row in kinds[_kind_of(one.row)]
            if _find_last_day_of_publication(row) <= day
        )
        newer = next(known, None)
        if newer and str(newer["period_end"] or "") > str(one.row["period_end"] or ""):
            when = newer["year"] or dates_in_words(str(newer["period_end"]))
            detail = f"A newer figure is held: {as_printed(newer)}, for {when}."
            one.differences.append(Difference("newer_held", detail, as_printed(newer)))


def _kind_of(row: Row) -> tuple[str, ...]:
    return tuple(row[name] or "" for name in _KIND)


def _around_miss(entry: Checked) -> Around | None:
    """Return the words around a number that no figure has, if we can read what it counts."""
    number = entry.number
    is_miss = entry.row is None and number.unit == "count"
    is_known = not number.words(number.nouns).strip() or any(
        number.said(name, *number.nouns) for name in LISTS
    )
    return Around(number) if is_miss and is_known else None


def _sought_by(around: Around) -> PlacesAndMeasures:
    """Return the places and the stages that the text says; how many work there, if it says only that there are some."""
    number = around.number
    said = number.said("measure", *number.clause)
    nouns = (
        number.nouns
        if number.nouns[0] < number.nouns[1] or not number.before
        else number.before.nouns
    )
    has = any(
        number.sign(sign, *number.clause) for sign in ("having", "now")
    ) and number.said("population", *nouns)
    return {
        (area, one)
        for area in around.places.sure
        for one in said or (["employed"] if has else [])
    }


def _find_asked_years(entries: Sequence[Checked]) -> list[tuple[Checked, Row, str]]:
    """Return numbers that no figure has, each with a figure beside it and the year for which the text gives it.

    “18 in 2019/20, up from 14 in 2018/19”: 14 is of the kind of 18, but for another year.
    """
    found, beside = [], None
    for entry in entries:
        number = entry.number
        if (
            entry.row is None
            and number.own_year
            and beside
            and beside.number.index == number.index
        ):
            row, year = beside.figures[0].row, number.own_year.year
            if row["year"] and row["year"] != year:
                found.append((entry, row, year))
        beside = entry if entry.figures else beside
    return found


def _find_alike(around: Around, kinds: Kinds) -> list[Match]:
    """Return figures that agree in all but the number: those of its year, or the newest, of the best kind."""
    number, sought, rows = around.number, _sought_by(around), list[Row]()
    for several in kinds.values():
        if (
            several[0]["unit"] == "count"
            and (several[0]["area"], several[0]["measure"]) in sought
        ):
            rows += [row for row in several if _is_of_time(number, row)] or several[:1]
    alike = (around.agree(row) for row in rows if _is_of_size(number, row))
    matches = sorted(
        (one for one in alike if one and _agrees(one)), key=lambda one: -one.score
    )
    said = number.said("category", *number.clause)
    words = stems(number.words(number.sentence))
    last = {
        one.row["id"]: stems((one.row["counted"] or "").split(" … ")[-1])
        for one in matches
    }  # “Pepper spray”
    if said_so := [
        one for one in matches if last[one.row["id"]] and last[one.row["id"]] <= words
    ]:
        return _best(said_so)
    named = [one for one in matches if one.row["category"] in said]
    return _best(
        named
        or [one for one in matches if one.row["category"] in NO_CATEGORY and not said]
    )


def _best(matches: Sequence[Match]) -> list[Match]:
    """Return those of the best kind; none if another one is as good."""
    first = [one for one in matches if _kind_of(one.row) == _kind_of(matches[0].row)]
    others = [one for one in matches if one not in first]
    return [] if others and others[0].score > matches[0].score - _LEAST_LEAD else first


def _find_newest(around: Around, row: Row, kinds: Kinds) -> Row | None:
    """Return the newest figure of the kind of one; of its scope only if the sentence says that."""
    narrow = stems(f"{row['subcategory'] or ''} {row['scope'] or ''}")
    is_said = narrow <= stems(around.number.words(around.number.sentence))
    meant = row if is_said else {**row, "subcategory": None, "scope": None}
    alike = kinds.get(_kind_of(meant), ())
    return next(
        (one for one in alike if (match := around.agree(one)) and _agrees(match)), None
    )


def _is_of_size(number: Number, row: Row) -> bool:
    """Tell whether a number may be meant for that of a figure: none is more than ten times the other."""
    values = [number.value, Fraction(row["value"])]
    return max(values) <= _MOST_TIMES * max(min(values), Fraction(_MOST_TIMES))


def _agrees(match: Match) -> bool:
    return (NO_SLIP - {"other_year"}).isdisjoint(compare(match).codes)


def _is_of_time(number: Number, row: Row) -> bool:
    """Tell whether a figure is of the year, or the month, that the text gives."""
    own = number.own_year
    if own is None or number.fit_year(row) != "same":
        return False
    if row["coverage"] != "point":
        return bool(row["year"])
    days = [str(row[name])[: len(own.month)] for name in ("period_start", "period_end")]
    return days[0] <= own.month <= days[1] if own.month else row["dated_by"] == "source"


def _find_of_today(entries: Sequence[Checked]) -> Iterator[Comparison]:
    """Yield the likeliest figures of numbers of which the text says “now” or “latest”, or “are” of what lasts."""
    for number, figures in ((entry.number, entry.figures[:1]) for entry in entries):
        is_latest = number.sign(
            "now/latest", number.sentence[0], number.until_next
        ) and says_now(number)
        yield from (
            one
            for one in figures
            if not number.own_year and ("undated" in one.codes or is_latest)
        )


def _find_last_day_of_publication(row: Row) -> str:
    """Return the day by which a figure was surely out. Without a date, that is a year after its period ended."""
    known = row["published"] or row["known_by"]
    end = (
        date_bounds(str(known))[1]
        if known
        else date.fromisoformat(str(row["period_end"] or _NEVER)) + _LATE
    )
    return str(end)
