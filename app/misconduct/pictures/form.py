"""Choose the form of a picture, by one table of cases over the rows of the table."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import chain, combinations
from typing import Any, NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.points import ALL_KINDS, SERIES, find_year
from misconduct.model.relate import find_reason
from misconduct.pictures.drawing import Form

FEWEST_YEARS = (
    3  # of columns and lines: two numbers are a number and what it was before
)
FEWEST_BARS = 3  # kinds of one time, where other kinds are of other times
MOST_BARS = 45  # as many as there are police forces in England and Wales
MOST_BEFORE = 3  # earlier numbers below a large one
MOST_BESIDE = 3  # places whose numbers stand in words among bars
MOST_LINES = 5
LEAST_SHARE = 0.5  # of a whole that its kinds hold: bars of fewer would pass for all


class Choice(NamedTuple):
    """A form, and the rows that it draws.

    The `whole` of which all rows are parts is told in words, and so are rows `beside` them that count something else.
    """

    form: Form
    rows: Sequence[Row]
    whole: Row | None = None
    beside: Sequence[Row] = ()


def choose(rows: Sequence[Row], catalogue: Catalogue) -> Choice | None:
    """Return how rows are drawn: all of them, or else the newest of each series, or those of one time.

    If no form fits these, it is the total that leads in one place, or else None.
    """
    held = [row for row in rows if row["id"]]
    lead = _take_lead(held)
    trials = (held, take_newest(held), _take_shared_time(held), lead, take_newest(lead))
    for some in trials:
        if not some or _are_set_apart(some, catalogue):
            continue
        for fit in CASES:
            if found := fit(some, catalogue):
                return found
    return None


def arrange(rows: Sequence[Row], form: Form | None) -> Choice | None:
    """Return all rows of a registered chart in its editor's form, or as a table if they do not fit it.

    None if there is no row.
    """
    several = group_series(rows)
    is_of_years = form in ("columns", "lines")
    has_gaps = form in ("lines", "bars") and not _are_numbers(rows)
    if not form or has_gaps or (is_of_years and not all(map(_have_years, several))):
        form = "table"
    if form in ("bars", "table"):
        return Choice(form, rows) if rows else None
    ordered = [row for series in several for row in series]
    if form == "number":
        ordered.reverse()
    return Choice(form, ordered) if rows else None


def _are_set_apart(rows: Sequence[Row], catalogue: Catalogue) -> bool:
    """Tell whether a record warns of comparing two of several rows, which a form would do.

    Of one series it is only the note, since an editor did not break it, unless both are of one time.
    """
    held = {row["id"]: row for row in rows if row["value"] is not None}
    is_one_series = len(group_series(rows)) == 1
    for record in catalogue.of_kind("disagreement").values():
        drawn = [held[one] for one in record["members"] if one in held]
        pairs = [*combinations(drawn, 2)] if record.get("warning") else []
        if any(not is_one_series or _overlap(*pair) for pair in pairs):
            return True
    return False


def _overlap(one: Row, other: Row) -> bool:
    """Tell whether two rows are of one time, or one is inside that of the other."""
    days = [
        (row["period_start"] or row["period_end"], row["period_end"])
        for row in (one, other)
    ]
    if None in chain(*days):
        return False
    (first, last), (begin, end) = days
    return bool(first <= end and begin <= last)


def group_series(rows: Sequence[Row]) -> list[list[Row]]:
    """Return the rows of each series, in the order of their times."""
    found = dict[tuple[Any, ...], list[Row]]()
    for row in rows:
        found.setdefault(tuple(row[name] for name in SERIES), []).append(row)
    return [sorted(series, key=_find_end) for series in found.values()]


def take_newest(rows: Sequence[Row]) -> list[Row]:
    """Return the newest row of each series, a number before words, in their order."""
    newest = list[str]()
    for series in group_series(rows):
        marked = [row for row in series if row["latest"]]
        numbers = [row for row in series if row["value"] is not None]
        newest.append((marked or numbers or series)[-1]["id"])
    return [row for row in rows if row["id"] in newest]


def _take_shared_time(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of the newest time of which one place has three numbers."""
    if len({row["area_code"] for row in rows}) != 1:
        return []
    by_time = defaultdict[str, list[Row]](list)
    for row in rows:
        if row["value"] is not None and row["period_end"]:
            by_time[row["time"]].append(row)
    shared = [having for having in by_time.values() if len(having) >= FEWEST_BARS]
    return max(shared, key=lambda having: _find_end(having[0]), default=[])


def _take_lead(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of the series that leads, if rows are of one place and it is a total."""
    if len({row["area_code"] for row in rows}) != 1:
        return []
    return [row for row in rows if row["lead"] and row["total"]]


def _find_end(row: Row) -> int:
    """Return when a row counts from: a moment from its first possible day, all else from its last day."""
    day = row["period_start"] if row["coverage"] == "point" else row["period_end"]
    return day.toordinal() if day else 0


def find_moment(row: Row) -> float:
    """Return where a row stands on an axis of years: a year at its beginning, a day in its month."""
    day = row["period_end"]
    return (find_year(row) or 0) + (day.month / 12 if row["coverage"] == "point" else 0)


def _fit_columns(rows: Sequence[Row], catalogue: Catalogue) -> Choice | None:
    """Fit one series over years that is not always zero, also across a break."""
    several = group_series(rows)
    if len(several) > 1 or not _have_years(rows) or not any(_values_of(rows)):
        return None
    years = _count_times(rows)
    is_sparse = _count_missing(rows) > years and len(rows) <= 1 + MOST_BEFORE
    if years < FEWEST_YEARS or is_sparse:
        return None
    held = [row for row in rows if row["value"] is not None]
    if find_reason(held, catalogue) not in ("", "breaks"):
        return None
    return Choice("columns", several[0])


def _fit_lines(rows: Sequence[Row], catalogue: Catalogue) -> Choice | None:
    """Fit two to five series on one scale."""
    several = group_series(rows)
    if not 1 < len(several) <= MOST_LINES or not _are_numbers(rows):
        return None
    lengths = [_count_years(series) for series in several]
    if max(lengths) < FEWEST_YEARS or min(lengths) < 2:
        return None
    if not all(map(_have_years, several)):
        return None
    if _count_missing(rows) >= _count_years(rows):  # lines that join nothing
        return None
    if find_reason(rows, catalogue) or _do_cross(several[1:]):
        return None  # those in grey, which only their ends tell apart
    return Choice("lines", [row for series in several for row in series])


def _do_cross(several: Sequence[Sequence[Row]]) -> bool:
    """Tell whether one of several lines is above another one at one time, and below it at another."""
    numbers = [{row["time"]: row["value"] for row in series} for series in several]
    for first, second in combinations(numbers, 2):
        apart = [first[time] - second[time] for time in first.keys() & second.keys()]
        if apart and min(apart) < 0 < max(apart):
            return True
    return False


def _fit_bars(rows: Sequence[Row], catalogue: Catalogue) -> Choice | None:
    """Fit the kinds of one place, or the places of one kind, at one time. Bars stand for all numbers or none."""
    whole = find_whole(rows)
    if whole and add_up(rows, whole) < LEAST_SHARE * float(whole["value"] or 1):
        return None
    parts, beside = _take_alike([row for row in rows if row is not whole])
    parts = _leave_out_inner(parts)
    times = {(row["period_start"], row["period_end"]) for row in parts}
    if not 1 < len(parts) <= MOST_BARS or len(times) > 1 or None in times.pop():
        return None
    held = [row for row in parts if row["value"] is not None]
    if len(beside) > MOST_BESIDE or len(held) < 2 or not _are_told_apart(parts):
        return None
    if not _are_counted(held) or find_reason(held, catalogue):
        return None
    return Choice("bars", parts, whole, beside)


BARS = ("area_code", "kind", "category", "indicator", "scope", "coverage")
"""What the rows of bars may differ in. A kind and its category go together."""


def _are_told_apart(rows: Sequence[Row]) -> bool:
    """Tell whether rows differ in one thing or two, each from each other. A total is none of its kinds."""
    names = [name for name in BARS if len({row[name] for row in rows}) > 1]
    has_total = any(row["kind"] == ALL_KINDS for row in rows)
    if len(names) > 2 or ("kind" in names and has_total):
        return False
    return len({tuple(row[name] for name in names) for row in rows}) == len(rows)


def _take_alike(rows: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return of places those that count the same, and those few that count something else."""
    if len({row["area_code"] for row in rows}) < len(rows):
        return rows, []
    usual = Counter(_count(row) for row in rows).most_common(1)[0][0]
    alike = [row for row in rows if _count(row) == usual]
    return alike, [row for row in rows if _count(row) != usual]


def _count(row: Row) -> tuple[Any, ...]:
    names = ("indicator", "kind", "scope", "people", "unit", "statistic", "period_end")
    return tuple(row[name] for name in names)


def find_wholes(row: Row) -> list[str]:
    """Return the rows of the same time that include a row."""
    return (row["part_of"] or "").split()


def find_whole(rows: Sequence[Row]) -> Row | None:
    """Return the row of all kinds of which every other row is a part."""
    totals = [row for row in rows if row["kind"] == ALL_KINDS]
    if len(totals) != 1 or len(rows) < 2:
        return None
    whole = totals[0]
    others = [row for row in rows if row is not whole]
    return whole if all(whole["id"] in find_wholes(row) for row in others) else None


def add_up(rows: Sequence[Row], whole: Row) -> Decimal:
    """Return the sum of the kinds of a whole that are held, without those inside another kind."""
    parts = _leave_out_inner([row for row in rows if row is not whole])
    return sum(_values_of(parts), Decimal())


def _leave_out_inner(rows: Sequence[Row]) -> list[Row]:
    """Return rows without those that are a part of another one: a whole and its part are no equal bars."""
    ids = {row["id"] for row in rows}
    return [row for row in rows if ids.isdisjoint(find_wholes(row))]


def _fit_number(rows: Sequence[Row], catalogue: Catalogue) -> Choice | None:
    """Fit one row, or the newest of a series and the few numbers before it, or many that are the same: zeros."""
    if len(rows) == 1:
        return Choice("number", rows)
    several = group_series(rows)
    if len(several) > 1 or not _are_numbers(rows):
        return None
    if len(rows) > 1 + MOST_BEFORE and len({*_values_of(rows)}) > 1:
        return None
    return None if find_reason(rows, catalogue) else Choice("number", several[0][::-1])


CASES = (_fit_columns, _fit_lines, _fit_bars, _fit_number)
"""The forms in the order in which they are tried. A table is an editor's alone."""


def _values_of(rows: Iterable[Row]) -> list[Decimal]:
    return [row["value"] for row in rows if row["value"] is not None]


def _are_numbers(rows: Sequence[Row]) -> bool:
    return all(row["value"] is not None for row in rows)


def _are_counted(rows: Sequence[Row]) -> bool:
    """Tell whether rows can have a length from zero: a change has none."""
    is_change = any(row["statistic"] == "change" for row in rows)
    return not is_change and min(_values_of(rows)) >= 0


def _have_years(rows: Sequence[Row]) -> bool:
    """Tell whether each row of a series is of a year or a day of its own, and some have numbers."""
    if not _values_of(rows) or not _are_counted(rows):
        return False
    years = [find_year(row) for row in rows]
    days = {
        (year, row["period_end"] if row["coverage"] == "point" else None)
        for year, row in zip(years, rows, strict=True)
    }
    return None not in years and len(days) == len(rows)


def _count_missing(rows: Sequence[Row]) -> int:
    """Return how many years between those of rows have none."""
    years = {find_year(row) or 0 for row in rows}
    return max(years) - min(years) + 1 - len(years)


def _count_years(rows: Sequence[Row]) -> int:
    return len({find_year(row) for row in rows})


def _count_times(rows: Sequence[Row]) -> int:
    """Return how many columns rows have: a day is one, and so is a year."""
    return len(rows) if rows[0]["coverage"] == "point" else _count_years(rows)
