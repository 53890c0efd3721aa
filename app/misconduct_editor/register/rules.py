"""The rules of a figure: what its cells must say, without any other record.

The parameters of a rule are the columns that it reads. It returns what is wrong, or raises ValueError. The mistake is
shown at the first of the columns.
"""

import inspect
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import partial

from misconduct.article.tokens import UNDECIDED
from misconduct.model.dates import (
    NOW,
    date_bounds,
    printed_days,
    read_duration,
    read_period,
)
from misconduct.model.figure import (
    COLUMNS,
    DIMENSIONS,
    FIGURE_ID,
    PROSE,
    REGISTER_COLUMNS,
    read_from,
)
from misconduct.model.kinds import Source
from misconduct.model.locator import read_place
from misconduct.model.number_words import (
    DIGITS,
    Reading,
    read_bounds,
    read_hedge,
    read_number,
    with_decimal_point,
)

from .periods import read_durations
from .reading import Cells, Mistake, Rule, Table

FIGURE_COLUMNS = tuple(name for name in REGISTER_COLUMNS if name != "source")
SUBJECT_CODES = ("measure", "category", "area", "population", "counting_unit")
NEEDED = ("id", *SUBJECT_CODES, "unit", "statistic")  # the columns of a file
NEEDED_ALWAYS = ("id", "area", "unit", "statistic")  # an indicator has the others
EXCLUDED_COLUMNS = (
    "printed",
    "at",
    "reason",
    "note",
)  # of `not-statistics/*.csv`: numbers that are not figures
EARLIER = "earlier-counts/"
EARLIER_COLUMNS = (
    "figure",
    "day",
    "number",
    "source",
)  # the day on which it was counted, as precise as known
WORDS_AT = {"at": "printed", "hedge_at": "hedge", "period_at": "period_printed"}
PLACES = (
    *WORDS_AT,
    "counted_at",
    "also_at",
)  # in a new edition, the same figure may be elsewhere
WORDS = ("leads", "break")  # with which an editor decides what series show, and why
IN_WORDS = ("subcategory", "scope", "base")
"""What a figure has in an editor's words, and not as a code."""
LINKS = tuple(
    name for name in FIGURE_COLUMNS if COLUMNS[name].refers_to == "observation"
)
BETWEEN_PIECES = (
    " … "  # between pieces of the source's words, each with a place in `counted_at`
)
DECIDE = (
    UNDECIDED  # what `misconduct draft` writes into a cell that its editor must fill in
)
LIST_PLACES = "; `misconduct draft DOCUMENT` lists the place of each number"
FILL_PLACES = "; `misconduct draft DOCUMENT --source ID` fills in the place"
VETTING = "vetting"  # the measure of what a check of people finds
WITHOUT_VALUE = {"magnitude": "magnitude_only", "between": "range_only"}
"""The qualifiers that have no hedge, and the reasons why there is no value."""

NO_COUNTS = (
    "for shares, write unit: percent; for rates, unit: per_thousand …, statistic: rate and per: inhabitants …; "
    "for averages or changes, statistic: mean or change; for full-time posts, counting_unit: posts"
)
READABLE = (
    "1,492; 0.02; 1.5 million; twenty-one; two thousand and five; 42%; 42 per cent; one in 50; a fifth; "
    "three quarters; 50,000-strong"
)
WHOLES = {"percent": 100, "proportion": 1}
"""What the whole is in a unit of shares."""

FIRST_YEAR, LAST_YEAR = 1800, 2100  # the first police force was founded in 1800

GROUPED = rf"(?:{DIGITS}|[1-9]\d{{0,2}}(?:[ '’]\d{{3}})+|[1-9]\d?(?:,\d\d)*,\d{{3}})(?:\.\d+)?"
"""How numbers are printed in tables: 1204, 1,204, 1 204, 1'204 or, in India, 1,20,400."""

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)
_MAX_DIGITS = 15  # programs read a number as a double, which is exact to 15 digits
MAX_PIECES = 5
MAY_BE_THOUSANDS = re.compile(r"[1-9]\d{0,2}(\.\d{3})+", re.ASCII)  # 1.204 may be 1,204
_YEAR = re.compile(r"(?<![\d,.])(?:1[89]|20)\d\d(?![\d,])", re.ASCII)


def check_figures(
    table: Table, source: Source | None, *, has_indicators: bool
) -> Iterator[Mistake]:
    """Yield what is wrong in a table itself. In a register with indicators, these have the codes that a row lacks."""
    for column in (COLUMNS[name] for name in table.columns):
        if column.codelist:
            yield from table.judge(
                (column.name,), partial(_is_decided, column.name, column.about)
            )
        if column.holds == "list":
            yield from table.judge((column.name,), _is_a_list)
    for name in NEEDED_ALWAYS if has_indicators else NEEDED:
        yield from table.judge((name,), partial(_is_not_empty, name))
    for name in ("qualifier", "stated_by"):
        yield from table.judge((name, "printed"), partial(_is_not_empty, name))
    for place, words in WORDS_AT.items():
        yield from table.judge(
            (place, words) if place == "at" else (place, words, "at"), _place_fits_words
        )
    yield from _check_words(table)
    for rule in RULES:
        yield from table.judge(inspect.signature(rule).parameters, rule)
    yield from table.judge(
        ("period", "at", "mark"), partial(_is_possible_in_a_source, source)
    )
    yield from _find_statements_made_twice(table)


def _check_words(table: Table) -> Iterator[Mistake]:
    for name in WORDS:
        yield from table.judge((name,), find_fault_of_reason)


def find_fault_of_reason(words: str) -> str | None:
    """Require a reason in words where an editor decides otherwise than the rule: a mark such as `yes` is none."""
    if not words or " " in words.strip():
        return None
    return f"{words!r} is no reason: say why in a few words, which readers see"


def find_fault_of_number(row: Cells) -> str | None:
    """Return why a cell of a table cannot be a number of its unit. It is told before the totals that it is in."""
    fault = count_is_whole(
        *(row[name] for name in ("value", "unit", "statistic", "counting_unit"))
    )
    return fault or value_is_what_is_printed(
        *(row[name] for name in ("value", "unit", "printed", "statistic", "at"))
    )


def check_excluded(table: Table) -> Iterator[Mistake]:
    yield from table.judge(
        ("reason",),
        partial(_is_decided, "not_statistic_reason", "Why it is not a statistic."),
    )
    for name in ("printed", "reason"):
        yield from table.judge((name,), partial(_is_not_empty, name))
    yield from table.judge(("at", "printed"), _place_fits_words)


def _find_statements_made_twice(table: Table) -> Iterator[Mistake]:
    first: dict[tuple[str, ...], int] = {}
    for row, statement in enumerate(list_statements(table)):
        if (earlier := first.setdefault(statement, row)) != row:
            message = f"this repeats line {table.lines[earlier]}: same place, codes, period and value"
            yield table.mistake(row, "at", message)


def list_statements(table: Table) -> Iterator[tuple[str, ...]]:
    """Yield what each row says: place or else words, codes, period and value."""
    columns = table.columns
    places = (
        at or counted
        for at, counted in zip(columns["at"], columns["counted"], strict=True)
    )
    yield from zip(
        places,
        *(columns[name] for name in (*DIMENSIONS, "period", "value")),
        strict=True,
    )


def _is_decided(code_list: str, about: str, cell: str) -> str | None:
    file = (
        f"codelists/{code_list}.csv" if code_list != "indicator" else "indicators.csv"
    )
    return f"decide: {about} Choose a code of {file}" if cell == DECIDE else None


def _is_not_empty(name: str, cell: str, printed: str = "so it is needed") -> str | None:
    if cell and not printed:
        return f"nothing is printed, so {name} cannot be {cell}"
    return None if cell or not printed else f"{name} is empty"


def _is_a_list(cell: str) -> str | None:
    parts = cell.split(" ") if cell else []
    if "" in parts:
        return f"{cell!r} has more than one space in a row"
    return f"{cell!r} names something twice" if len(set(parts)) < len(parts) else None


def _place_fits_words(place: str, words: str, at: str = "") -> str | None:
    """Require words to be as long as their place. Without `at`, they are the number."""
    is_number, is_of_text = not at, read_from(at) == "text"
    if not place or not words:
        remedy = LIST_PLACES if is_number else FILL_PLACES if is_of_text else ""
        return (
            None
            if place == words
            else f"{words!r} has no place{remedy}"
            if words
            else f"{place} has no words"
        )
    span = read_place(place)
    if span and span.end - span.start != len(words):
        remedy = LIST_PLACES if is_number else f"; empty the cell{FILL_PLACES}"
        return f"{place} is {span.end - span.start} characters long, but {words!r} is {len(words)}{remedy}"
    return None


def id_has_its_form(id: str) -> str | None:  # noqa: A002
    return (
        None
        if re.fullmatch(FIGURE_ID, id)
        else f"{id!r} does not have the form of k7m3q; `misconduct id` makes one"
    )


def value_or_reason(value: str, value_absent: str, printed: str) -> str | None:
    """Require a plain number, or a reason why there is none."""
    if not value and not value_absent:
        is_unread = printed and not read_number(with_decimal_point(printed))
        doubt = (
            f"{printed!r} states no number that can be read, such as {READABLE}: "
            if is_unread
            else ""
        )
        doubt = (
            f"{printed!r} is unclear: "
            if MAY_BE_THOUSANDS.fullmatch(printed)
            else doubt
        )
        return f"{doubt}give a value, or say in value_absent why there is none"
    if value and value_absent:
        return "give either a value or, in value_absent, the reason why there is none; not both"
    if value and not _is_number(value):
        return f"{value!r} is not a plain number of at most {_MAX_DIGITS} digits, such as 1492 or 0.02"
    is_number = value_absent and read_number(with_decimal_point(printed))
    return (
        f"{printed!r} states a number, so value must be that number"
        if is_number
        else None
    )


def printed_number_can_be_read(
    value: str, printed: str, hedge: str, at: str
) -> str | None:
    """Require a printed number. A sign such as [low] is both this number and its hedge."""
    if (
        not _is_number(value)
        or printed in ("", hedge)
        or _is_as_printed(value, printed)
        or _list_readings(printed, at)
    ):
        return None
    return f"{printed!r} states no number that can be read, such as {READABLE}"


def value_is_what_is_printed(
    value: str, unit: str, printed: str, statistic: str, at: str
) -> str | None:
    """Require the printed number in its unit. A share such as one in three may be rounded."""
    if not _is_number(value) or not printed or _is_as_printed(value, printed):
        return None
    wrong = [
        _is_value_of(one, value, unit, printed, statistic)
        for one in _list_readings(printed, at)
    ]
    return None if None in wrong or not wrong else wrong[0]


def _is_as_printed(value: str, printed: str) -> bool:
    """Recognise most numbers without reading words, which is slow."""
    is_zero = value == "0" and printed in ("-", "–", "—")  # as tables print it
    is_number = re.fullmatch(rf"[-−]?{GROUPED}", printed) is not None
    return is_zero or (is_number and Decimal(value) == Decimal(ungroup(printed)))


def ungroup(digits: str) -> str:
    return re.sub(r"[ ,'’]", "", digits).replace("−", "-")


def _list_readings(printed: str, at: str) -> list[Reading]:
    """Return what a number may mean: 0,045 is decimal; in tables, 1,234 and 1.234 may be either."""
    every = [read_number(printed), read_number(with_decimal_point(printed))]
    if read_from(at) not in ("table", "page"):
        return [one for one in every if one][:1]
    every.append(read_number(printed.translate(str.maketrans(",.", ".,"))))  # 1.234,5
    return [one for one in every if one]


def _is_value_of(
    reading: Reading, value: str, unit: str, printed: str, statistic: str
) -> str | None:
    stated, number = reading.in_unit(unit), Fraction(value)
    if stated is None:
        return f"{printed!r} is in {reading.unit}, but the unit is {unit}"
    if statistic == "change":  # "fell by 5 %" is printed without a sign
        stated, number = abs(stated), abs(number)
    decimals = len(value.partition(".")[2])
    is_endless = decimals >= 4 and 10**12 % stated.denominator != 0
    if number == stated or (
        is_endless and abs(number - stated) <= Fraction(1, 2 * 10**decimals)
    ):
        return None
    return f"value is {value}, but {printed!r} says {float(stated):.12g}"


def share_is_within_its_whole(value: str, unit: str, statistic: str) -> str | None:
    whole = WHOLES.get(unit)
    if (
        statistic != "share"
        or whole is None
        or not _is_number(value)
        or 0 <= Decimal(value) <= whole
    ):
        return None
    return f"a share cannot be {value}: it is between 0 and {whole}"


def statistic_fits_its_unit(unit: str, statistic: str) -> str | None:
    if statistic == "share" and unit == "count":
        return "a share is not in count: write unit: percent or proportion"
    if statistic == "share" and unit.startswith("per_"):
        return f"{unit} is for rates: write statistic: rate, and per: inhabitants, or another population"
    return (
        f"a count is not in {unit}: write statistic: share or rate"
        if statistic == "count" != unit
        else None
    )


def count_is_whole(
    value: str, unit: str, statistic: str, counting_unit: str
) -> str | None:
    """Require a whole number, but of full-time posts. In Germany 1.204 can mean a thousand."""
    if not unit == statistic == "count" or not _is_number(value):
        return None
    number, is_thousands = (
        Decimal(value),
        re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", value) is not None,
    )
    is_whole = counting_unit == "posts" or number == number.to_integral_value()
    if number >= 0 and is_whole and not is_thousands:
        return None
    if number < 0:
        remedy = f"to leave it out of a table, write {{{value!r}: ignore}} in signs"
        return (
            f"{value!r} is not a count: for changes, write statistic: change; {remedy}"
        )
    means = f"if it means {number * 1000:,.0f}, write that as value, or save a copy of the table that says so; "
    return f"{value!r} is not a count: {means if is_thousands else ''}{NO_COUNTS}"


def only_counts_are_flows(statistic: str, stock_or_flow: str) -> str | None:
    if statistic in ("", "count") or stock_or_flow not in ("stock", "flow"):
        return None
    return f"a {statistic} is no {stock_or_flow}: only counts are; write not_applicable for it"


def rate_says_of_what(per: str, statistic: str, unit: str) -> str | None:
    """Require a rate to say of what, in a unit such as per_thousand; other numbers have no `per`."""
    if statistic == "rate" and not (per and unit.startswith("per_")):
        return f"a rate needs a unit such as per_thousand, not {unit}, and per: of what, such as inhabitants"
    is_other = per and statistic not in ("rate", "change")
    return (
        f"a {statistic} cannot be per {per}: only rates are; write statistic: rate"
        if is_other
        else None
    )


def vetting_has_check_and_result(
    vetting_check: str, vetting_result: str, measure: str
) -> str | None:
    if measure == VETTING and not vetting_check:
        return f"a figure of {VETTING} needs vetting_check and vetting_result: which check, and what it found"
    if (vetting_check in ("", "not_applicable")) == (
        vetting_result in ("", "not_applicable")
    ):
        return None
    both = f"the check is {vetting_check or 'empty'}, but the result is {vetting_result or 'empty'}"
    return f"{both}: give both or neither"


def qualifier_fits_other_cells(
    qualifier: str, hedge: str, value_absent: str
) -> str | None:
    said = read_hedge(hedge) or qualifier
    if said != qualifier:
        return f"the hedge {hedge!r} says {said}, but the qualifier is {qualifier or 'empty'}"
    if bool(hedge) == (qualifier in ("", "exact", *WITHOUT_VALUE)):
        said = f"the hedge {hedge!r} needs another qualifier, such as about or more_than: what does it mean?"
        return said if hedge else f"the qualifier {qualifier} needs a hedge"
    pairs = (
        (one, reason)
        for one, reason in WITHOUT_VALUE.items()
        if (qualifier == one) != (value_absent == reason)
    )
    return next(
        (
            f"the qualifier {one} and value_absent {reason} go together"
            for one, reason in pairs
        ),
        None,
    )


def range_can_be_read(
    printed: str, qualifier: str, statistic: str, unit: str
) -> str | None:
    low, high = read_bounds(None, qualifier, printed, statistic, unit)
    is_read = low is not None and high is not None and low < high
    return (
        None
        if is_read or qualifier != "between"
        else f"{printed!r} is not between two numbers"
    )


def further_places_are_places(also_at: str, at: str, printed: str) -> str | None:
    places = also_at.split(" ") if also_at else []
    if at in places:
        return f"{at} is the first place, and need not be given again"
    return next(
        (wrong for place in places if (wrong := _place_fits_words(place, printed))),
        None,
    )


def counted_is_decided(counted: str) -> str | None:
    if counted == DECIDE:
        return f"decide: {COLUMNS['counted'].about} Give their places in counted_at"
    return (
        "counted is empty: quote in it what the document says that this counts"
        if not counted
        else None
    )


def counted_has_its_places(counted_at: str, counted: str, at: str) -> str | None:
    """Require a place for each piece of a text."""
    if not counted_at:
        is_needed = counted not in ("", DECIDE) and read_from(at) == "text"
        return f"{counted!r} has no place{FILL_PLACES}" if is_needed else None
    pieces, places = counted.split(BETWEEN_PIECES), counted_at.split(" ")
    if len(pieces) != len(places) or len(pieces) > MAX_PIECES:
        return f"pieces in counted: {len(pieces)}, places: {len(places)}; give a place for each, at most {MAX_PIECES}"
    pairs = zip(places, pieces, strict=True)
    return next(
        (
            wrong
            for place, piece in pairs
            if (wrong := _place_fits_words(place, piece, at))
        ),
        None,
    )


def period_is_no_date_of_a_spreadsheet(period: str) -> str | None:
    is_one = re.fullmatch(r"\d\d?([/.])\d\d?\1\d{4}", period) is not None
    return (
        f"{period!r} is how a spreadsheet shows a day: write it as 2023-05-01"
        if is_one
        else None
    )


def period_includes_its_printed_years(period: str, period_printed: str) -> str | None:
    years = [int(year) for year in _YEAR.findall(period_printed)]
    first, last = printed_days(period)
    if years and first is None and last is None:
        return f"{period_printed!r} names a year, but the period is {period or 'empty'}"
    outside = [
        year
        for year in years
        if (first and year < first.year) or (last and year > last.year)
    ]
    return (
        f"{period_printed!r} names {outside[0]}, but the period {period} does not include it"
        if outside
        else None
    )


def period_is_as_long_as_printed(period: str, period_printed: str) -> str | None:
    """Require the length that the words give; of years, one end may be left out."""
    stated, duration = [*read_durations(period_printed)], read_duration(period)
    if not stated and duration:
        return f"the period {period} needs its words in period_printed, such as 'the last five years'"
    first, last = printed_days(period)
    if first and last:
        years = last.year - first.year
        is_right = any(
            days or months % 12 or months / 12 in (years, years + 1)
            for months, days in stated
        )
    else:
        is_right = bool(first or last) or duration in (
            *stated,
            tuple(map(sum, zip(*stated, strict=True))),
        )
    if is_right or not stated or period == NOW:
        return None
    return f"{period_printed!r} gives a length of time, but the period is {period or 'empty'}"


def _is_possible_in_a_source(
    source: Source | None, period: str, at: str, mark: str
) -> str | None:
    """Require years of police forces, and before publication; a year of a table must have ended."""
    meant = read_period(period, source and source.published)
    published = source and (source.published or source.known_by)
    if any(day and not FIRST_YEAR <= day.year <= LAST_YEAR for day in meant[:2]):
        return f"the period {period} is outside the years {FIRST_YEAR} to {LAST_YEAR}"
    first, last = printed_days(period)
    until = date_bounds(published)[1] if published else None
    if first and until and first > until:
        return f"the period {period} begins after its source was published, {published}: leave it out"
    is_over = (
        not (first and last and until)
        or (last - first).days not in (364, 365)
        or last <= until
    )
    if is_over or read_from(at) in PROSE or mark == "provisional":
        return None
    remedy = "correct published, or name the year in unfinished"
    return f"the period {period} ends after its source was published, {published}: {remedy}"


def _is_number(value: str) -> bool:
    return (
        bool(_NUMBER.fullmatch(value))
        and len(value.strip("-").replace(".", "")) <= _MAX_DIGITS
    )


RULES: tuple[Rule, ...] = (
    id_has_its_form,
    value_or_reason,
    printed_number_can_be_read,
    value_is_what_is_printed,
    share_is_within_its_whole,
    statistic_fits_its_unit,
    count_is_whole,
    only_counts_are_flows,
    rate_says_of_what,
    vetting_has_check_and_result,
    qualifier_fits_other_cells,
    range_can_be_read,
    further_places_are_places,
    counted_is_decided,
    counted_has_its_places,
    period_is_no_date_of_a_spreadsheet,
    period_includes_its_printed_years,
    period_is_as_long_as_printed,
)
