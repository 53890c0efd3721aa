"""Rules about the cells of one observation. A rule's parameters are the columns that it reads."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any

from misconduct.model import period
from misconduct.model.codes import WHOLES, Qualifier, Statistic
from misconduct.model.locator import text_span
from misconduct.model.number_words import READABLE, read_bounds, read_durations, read_formats, read_number
from misconduct.register.mistakes import Refused
from misconduct.register.observation_columns import require_some

WORDS_AT = {"at": "printed", "also_at": "printed", "hedge_at": "hedge", "period_at": "period_printed"}
"""The columns with places, and those with the words at these places."""

DASHES = ("-", "–", "—")
"""What tables print for zero, where they say so."""


_YEAR = re.compile(r"(?<![\d,.])(?:1[89]|20)\d\d(?![\d,])", re.ASCII)
_YEAR_AND_NEXT = re.compile(r"(?<![\d,.])((?:1[89]|20)[0-9]{2})\s*[-/\u2010-\u2015\u2212]\s*([0-9]{2})(?!\d)")
_YEAR_OF_DAYS = 364  # between its first and its last day
_TABLE_VERSION = re.compile(r"[a-z0-9-]+@[1-9]\d{0,5}", re.ASCII)
_ENOUGH_DECIMALS, _MOST_DECIMALS = 4, 12


YEARS = range(1800, 2100)
"""The years of periods, also of released ones (decision 31): a table has a column for each year of a window, and a
check names those without a figure. The first police force was founded in 1800."""


def days_of_period(period_type: str, period_start: str, period_end: str) -> tuple[date | None, date | None]:
    """Return the days that the period covers."""
    try:
        days = period.span(period_type, period_start, period_end)
    except ValueError as error:
        raise Refused("bad_period", str(error), column="period_end" if period_end else "period_start") from error
    for column, printed in (("period_start", period_start), ("period_end", period_end)):
        if printed and int(printed[:4]) not in YEARS:
            found, allowed = f"{printed!r} is outside the years of police forces", f"{YEARS[0]} to {YEARS[-1]}"
            raise Refused("bad_period", found, allowed, column=column)
    return days


def year_of_period(period_type: str, period_start: str, period_end: str) -> tuple[str | None, str | None]:
    """Return the label of the year that the period is, or is a part of, and on which basis."""
    return period.year_of(period_type, period_start, period_end)


def bounds_of_value(
    value: str, qualifier: str, printed: str, statistic: str, unit: str
) -> tuple[Decimal | None, Decimal | None]:
    """Return the least and the greatest value that the printed words allow; None where none are printed."""
    if qualifier in ("", Qualifier.EXACT):
        return None, None
    bounds = read_bounds(Decimal(value) if value else None, qualifier, printed, statistic, unit)
    if qualifier == Qualifier.BETWEEN and (bounds.low is None or bounds.high is None or bounds.low >= bounds.high):
        found = f"{printed!r} is not a range, or value is not empty"
        raise Refused("no_range", found, "between 50 and 60, with value_absent range_only", column="printed")
    return bounds


def value_or_reason(value: str, value_absent: str) -> None:
    """Require a value, or a reason why there is none."""
    if value and value_absent:
        found = f"value is {value} and value_absent {value_absent}"
        raise Refused("value_twice", found, "one of them", column="value_absent")
    if not value and not value_absent:
        raise Refused("no_value", "neither value nor value_absent", "one of them", column="value")


def nothing_is_absent_that_is_printed(value_absent: str, printed: str) -> None:
    """Refuse a reason for a missing value where a number is printed."""
    if value_absent and read_number(printed):
        raise Refused("value_in_print", f"{printed!r} states a number", "its value", column="value_absent")


def value_is_what_is_printed(value: str, unit: str, printed: str, statistic: str) -> None:
    """Require the value, in its unit, to be the number that is printed."""
    if not value or not printed or (value == "0" and printed in DASHES):
        return  # what is counted is not printed (figure_has_its_places)
    if value.isdecimal() and printed in (value, f"{int(value):,}"):
        return  # as most figures: no other reading is needed
    readings = list(read_formats(printed, is_count=statistic == Statistic.COUNT))
    if not readings:
        raise Refused("unreadable_print", f"{printed!r} states no number that can be read", READABLE, column="printed")
    stated = [number for one in readings if (number := one.in_unit(unit)) is not None]
    if not stated:
        raise Refused("wrong_unit", f"{printed!r} is a {readings[0].unit}, not a {unit}", column="unit")
    if statistic == Statistic.CHANGE:  # a fall of 5% is printed without a sign
        stated, value = [*map(abs, stated)], value.removeprefix("-")
    if not any(_is_rounded(Decimal(value), number) for number in stated):
        found = f"value is {value}, but {printed!r} says {_as_decimal(stated[0])} ({unit})"
        raise Refused("value_contradicts_print", found, column="value")


def hedge_fits_qualifier(qualifier: str, hedge: str) -> None:
    """Require a hedge where the qualifier needs one, and only there."""
    has_none = qualifier in ("", Qualifier.EXACT, Qualifier.MAGNITUDE, Qualifier.BETWEEN)
    if has_none and hedge:
        found = f"the qualifier is {qualifier}, but the hedge is {hedge!r}"
        raise Refused("needless_hedge", found, "no hedge, or the qualifier that it calls for", column="hedge")
    if not has_none and not hedge:
        found = f"the qualifier is {qualifier}, but no hedge says so"
        raise Refused("no_hedge", found, "the printed words that make it so", column="hedge")


def hedge_says_the_qualifier(qualifier: str, hedge: str) -> None:
    """Refuse a qualifier where the printed words plainly say another one."""
    said = _HEDGES.get(hedge.casefold(), qualifier)
    if said != qualifier:
        found = f"the qualifier is {qualifier}, and {hedge!r} says {said}"
        raise Refused("other_qualifier", found, said, column="qualifier")


_HEDGES = {
    **dict.fromkeys(("about", "around", "some", "approximately", "roughly"), Qualifier.ABOUT),
    **dict.fromkeys(("nearly", "almost", "just under"), Qualifier.JUST_UNDER),
    **dict.fromkeys(("under", "less than", "fewer than"), Qualifier.LESS_THAN),
    **dict.fromkeys(("over", "more than"), Qualifier.MORE_THAN),
    **dict.fromkeys(("at least", "no fewer than"), Qualifier.AT_LEAST),
    **dict.fromkeys(("at most", "up to", "no more than"), Qualifier.AT_MOST),
}


def figure_is_stated_or_counted(
    derivation: str, qualifier: str, stated_by: str, period_printed: str, statistic: str
) -> None:
    """Require who stated a figure and how firmly, or the table that counted it: then it is a count and nothing more."""
    said = {"qualifier": qualifier, "stated_by": stated_by}
    if not derivation:
        for column, cell in said.items():
            require_some(column, cell)
        return
    if not _TABLE_VERSION.fullmatch(derivation):
        found = f"{derivation!r} is not a version of a table"
        raise Refused("bad_derivation", found, "its id and version: complaints@1", column="derivation")
    counted = {"statistic": Statistic.COUNT}
    for column, cell in {**said, "period_printed": period_printed, "statistic": statistic}.items():
        if cell != (allowed := counted.get(column, "")):
            found = f"the figure was counted ({derivation}), and its {column} is {cell!r}"
            raise Refused("printed_nowhere", found, allowed or "an empty cell", column=column)


def hedge_has_a_place(hedge: str, hedge_at: str) -> None:
    """Require the place of the printed words, as long as they are."""
    _check_words_and_place(hedge, hedge_at, "hedge_at")


def period_has_a_place(period_printed: str, period_at: str) -> None:
    """Require the place of the printed words, as long as they are."""
    _check_words_and_place(period_printed, period_at, "period_at")


def figure_has_its_places(printed: str, at: str, also_at: str, derivation: str) -> None:
    """Require each place of the figure to be valid and named once. One that was counted has none."""
    for column, cell in (("printed", printed), ("at", at), ("also_at", also_at)):
        if cell and derivation:
            found = f"the figure was counted ({derivation}), and has {column}: {cell!r}"
            raise Refused("printed_nowhere", found, "an empty cell", column=column)
        if not (cell or derivation or column == "also_at"):
            raise Refused("empty_cell", f"{column} is empty", column=column)
    if derivation:
        return
    check_place(printed, at, "at")
    if also_at:
        further = also_at.split(" ")
        if len({at, *further}) <= len(further):
            raise Refused("duplicate_place", f"a place of {also_at!r} is given twice", "each once", column="also_at")
        for place in further:
            check_place(printed, place, "also_at")


def period_has_its_printed_years(period_type: str, period_start: str, period_end: str, period_printed: str) -> None:
    """Require every year in the printed words to be one of the years of a period with dates."""
    try:
        first, last = period.span(period_type, period_start, period_end)
    except ValueError:
        return  # days_of_period says so
    is_dateless = first is None and last is None and period_type != period.PeriodType.POINT
    if is_dateless and (printed := _YEAR.search(period_printed)):
        found = f"the period has no dates, and its printed words say {printed[0]}: {period_printed!r}"
        raise Refused("year_not_dated", found, "the dates that are printed", column="period_printed")
    years = [*map(int, _YEAR.findall(period_printed))]
    # A part of 2019/20 may leave out 2020, and so may a year that is not said to begin in some month.
    if first and last and (last - first).days >= _YEAR_OF_DAYS and "-" in (period_end or period_start):
        years += _read_next_years(period_printed, last)
    for year in years:
        if (first and year < first.year) or (last and year > last.year):
            dates = period.write_dates(period_type, period_start, period_end)
            found = f"the period is {dates}, and its printed words say {year}: {period_printed!r}"
            raise Refused("year_contradicts_print", found, "dates that include it", column="period_start")


def _read_next_years(words: str, last: date) -> Iterator[int]:
    """Yield the second of two years (2020 of 2019/20), unless it may be a month that the period has (2011-12)."""
    for match in _YEAR_AND_NEXT.finditer(words):
        year, second = int(match[1]), int(match[2])
        is_month = 1 <= second <= 12 and date(year, second, 1) <= last
        if second == (year + 1) % 100 and not is_month:
            yield year + 1


def duration_is_what_is_printed(duration: str, period_printed: str) -> None:
    """Require the duration to be one that the printed words state, if they state any that can be read."""
    stated = list(read_durations(period_printed)) if duration else []
    if stated and period.length_of(duration) not in (*stated, tuple(map(sum, zip(*stated, strict=True)))):
        found = f"the duration is {duration}, and the printed words are {period_printed!r}"
        raise Refused("duration_contradicts_print", found, "the duration that they state", column="duration")


def duration_fits_dates(duration: str, period_type: str, period_start: str, period_end: str) -> None:
    """Require a duration in years to be that between both ends of a window, which bare years leave open by one."""
    years = re.fullmatch(r"P(\d+)Y", duration)
    if years and period_type == period.PeriodType.WINDOW and period_start and period_end:
        between = int(period_end[:4]) - int(period_start[:4])
        if int(years[1]) not in (between, between + 1):
            found = f"the duration is {duration}, and the dates are {period_start} to {period_end}"
            raise Refused("duration_contradicts_dates", found, "a duration that they span", column="duration")


def period_begins_before_publication(period_start: str, published: str) -> None:
    """Refuse a period that begins after its source was published. `published` is that of the row's source."""
    if period_start and published and period.bounds(period_start)[0] > period.bounds(published)[1]:
        found = f"the period begins {period_start}, and its source was published {published}"
        raise Refused("after_publication", found, "a period that had begun by then", column="period_start")


RULES: tuple[Callable[..., Any], ...] = (
    days_of_period,
    bounds_of_value,
    value_or_reason,
    nothing_is_absent_that_is_printed,
    value_is_what_is_printed,
    hedge_fits_qualifier,
    hedge_has_a_place,
    period_has_a_place,
    figure_has_its_places,
    figure_is_stated_or_counted,
)


def share_is_a_part(statistic: str, unit: str, value: str) -> None:
    """Refuse a share that is less than nothing or more than its whole."""
    whole = WHOLES.get(unit)
    if statistic == Statistic.SHARE and whole and value and not 0 <= Decimal(value) <= whole:
        raise Refused("no_share", f"a share of {value} ({unit})", f"0 to {whole}; or another statistic", column="value")


DRAFT_RULES: tuple[Callable[..., Any], ...] = (
    hedge_says_the_qualifier,
    period_has_its_printed_years,
    duration_is_what_is_printed,
    duration_fits_dates,
    period_begins_before_publication,
    share_is_a_part,
)
"""Rules that are younger than the first release. What was released before them stays as it is (decision 15)."""


def columns_of(rule: Callable[..., Any]) -> tuple[str, ...]:
    """Return the columns that a rule reads, or `source` and `published`: the row's source, and its date."""
    return tuple(inspect.signature(rule).parameters)


def check_place(words: str, place: str, column: str) -> None:
    """Raise Refused unless words and place are well-formed, and equally long."""
    if words != words.strip():
        refused = f"{words!r} has white space around it"
        raise Refused("white_space", refused, f"{words.strip()!r}", column=WORDS_AT[column])
    try:
        span = text_span(place)
    except ValueError as error:
        raise Refused("bad_place", str(error), column=column) from error
    if span and span.end - span.start != len(words):
        found = f"{place} is {span.end - span.start} characters long, {words!r} is {len(words)}"
        raise Refused("place_length", found, "a place as long as the words", column=column)


def _check_words_and_place(words: str, place: str, column: str) -> None:
    """Raise Refused unless both are present and match, or neither is present."""
    if words and place:
        check_place(words, place, column)
    elif words:
        raise Refused("half_a_place", f"{words!r} without its place", "both or neither", column=column)
    elif place:
        raise Refused("half_a_place", f"{place} without the words there", "both or neither", column=WORDS_AT[column])


def _is_rounded(value: Decimal, stated: Fraction) -> bool:
    """Return whether the value is the stated number; one that never ends (one in 3) needs at least four decimals."""
    if value == stated or _ends(stated):
        return value == stated
    decimals = -int(value.as_tuple().exponent)
    return decimals >= _ENOUGH_DECIMALS and abs(Fraction(value) - stated) <= Fraction(1, 2 * 10**decimals)


def _ends(number: Fraction) -> bool:
    most: int = 10**_MOST_DECIMALS
    return most % number.denominator == 0


def _as_decimal(number: Fraction) -> str:
    return str(number.numerator) if number.denominator == 1 else f"{float(number):.{_MOST_DECIMALS}g}"


Derived = tuple[tuple[str, ...], Callable[..., tuple[Any, ...]]]
DERIVED: tuple[Derived, ...] = (
    (("period_from", "period_until"), days_of_period),
    (("year", "year_basis"), year_of_period),
    (("value_low", "value_high"), bounds_of_value),
)
"""Fields of an observation that follow from its cells, and the rule that returns them from the columns it reads."""


class Deriver:
    """Derives these fields, remembering the results for cells that occur again; as texts, if they are to be written."""

    def __init__(self, rules: Iterable[Derived] = (), *, as_texts: bool = False) -> None:
        def written(rule: Callable[..., tuple[Any, ...]], *cells: str) -> tuple[str, ...]:
            return tuple("" if value is None else str(value) for value in rule(*cells))

        self._rules = [
            (names, columns_of(rule), lru_cache(16_384)(partial(written, rule) if as_texts else rule))
            for names, rule in rules or DERIVED
        ]

    def derive(self, cells: Mapping[str, str]) -> dict[str, Any]:
        """Return the fields of one row from its cells, by column. Raises Refused."""
        return {
            name: value
            for names, columns, rule in self._rules
            for name, value in zip(names, rule(*(cells.get(column, "") for column in columns)), strict=True)
        }

    def derive_columns(self, columns: Mapping[str, Sequence[str]]) -> dict[str, tuple[Any, ...]]:
        """Return the fields of many rows, by column. Raises Refused."""
        return {
            name: values
            for names, read, rule in self._rules
            for name, values in zip(names, zip(*map(rule, *map(columns.__getitem__, read)), strict=True), strict=True)
        }
