"""Answer a number that no figure has: what is held for just what its sentence says, or else the nearest series."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction

from misconduct.article.compare import Checked
from misconduct.article.fields import NO_SLIP, compare
from misconduct.article.known import stems
from misconduct.article.match import NO_CATEGORY, Around, Match
from misconduct.article.text import Number
from misconduct.article.when import fit_year
from misconduct.model.figure import COUNTED, Row

_LEAST_LEAD = 1.0  # bits by which a series must be better than all others
_MOST_TIMES = 10  # a zero left out, or two small numbers
_LISTS = ("counting_unit", "population", "measure", "category")
_COUNTED_AS = ("area", "indicator", "category", "subcategory", "scope", "statistic", "unit")
_MOST_HELD = 3  # figures of one series, such as of three days in one year

Sought = set[tuple[str, str]]
"""Places and measures whose figures are to be found."""


def seek_misses(entries: Sequence[Checked]) -> Sought:
    """Return what to find for the numbers that no figure has, or nearly has."""
    asked = {(row["area"], row["measure"]) for _, row, _ in _find_asked_years(entries)}
    return asked.union(*(_sought_by(around) for around in map(_around_miss, entries) if around))


def _sought_by(around: Around) -> Sought:
    return {(area, measure) for area in around.own & around.here for measure in _measures_of(around.number)}


def _around_miss(entry: Checked) -> Around | None:
    number = entry.number
    is_miss = entry.row is None and number.unit == "count"
    nouns = number.text.text[slice(*number.nouns)].strip()
    is_known = not nouns or any(number.said(name, *number.nouns) for name in _LISTS)
    return Around(number) if is_miss and is_known else None


def _measures_of(number: Number) -> list[str]:
    """Return the stages that the text says of a number; how many work there, if it says only that there are some."""
    text, (low, high) = number.text, number.clause
    said = text.said("measure", low, high)
    nouns = number.nouns if number.nouns[0] < number.nouns[1] or not number.before else number.before.nouns
    has = text.said("population", *nouns) and (number.sign("having", low, high) or number.sign("now", low, high))
    return said or (["employed"] if has else [])


def answer_misses(entries: Sequence[Checked], rows: Sequence[Row]) -> None:
    """Say of each such number which figure is held for just this, or else the newest of the nearest series.

    The newest of `rows` are the first.
    """
    series = defaultdict[tuple[str, str], dict[tuple[str, ...], list[Row]]](lambda: defaultdict(list))
    by_year = dict[tuple[str, str], Row]()
    for row in rows:
        by_year.setdefault((row["series"], row["year"]), row)
        if row["unit"] == "count":
            series[row["area"], row["measure"]][_series_of(row)].append(row)
    for entry, beside, year in _find_asked_years(entries):
        entry.near = [(by_year[one], "same_series") for one in [(beside["series"], year)] if one in by_year]
    for entry in entries if series else ():
        if around := _around_miss(entry):
            kinds = [series[area, measure] for area, measure in _sought_by(around)]
            matches = _find_alike(around, [several for kind in kinds for several in kind.values()])
            held = [one.row for one in matches if _is_of_time(around.number, one.row)]
            if held:
                entry.near = [(row, "held") for row in held[:_MOST_HELD]]
            elif matches:
                entry.nearest = _find_newest(around, matches[0].row, rows)


def _find_asked_years(entries: Sequence[Checked]) -> list[tuple[Checked, Row, str]]:
    """Return numbers that no figure has, each with a figure beside it and the year for which the text gives it.

    “18 in 2019/20, up from 14 in 2018/19”: 14 is of the series of 18, but for another year.
    """
    found, beside = [], None
    for entry in entries:
        number, row = entry.number, entry.row
        if row is None and number.own_year and beside and beside.number.index == number.index:
            row, year = beside.figures[0].match.row, number.own_year.year
            if row["series"] and row["year"] and row["year"] != year:
                found.append((entry, row, year))
        beside = entry if entry.figures else beside
    return found


def _find_alike(around: Around, series: Iterable[list[Row]]) -> list[Match]:
    """Return figures that agree in all but the number: those of its year, or the newest, of the best series."""
    number, rows = around.number, list[Row]()
    for several in series:
        of_time = [row for row in several if _is_of_time(number, row)]
        rows += of_time or several[:1]
    alike = (around.agree(row) for row in rows if _is_of_size(number, row))
    matches = sorted((one for one in alike if one and _agrees(one)), key=lambda one: -one.score)
    said = number.said("category", *number.clause)
    for low, high in (number.clause, number.sentence):
        words = stems(number.text.text[low:high])
        if in_words := [one for one in matches if _last_words(one.row) and _last_words(one.row) <= words]:
            return _best(in_words)
    named = [one for one in matches if one.row["category"] in said]
    return _best(named or [one for one in matches if one.row["category"] in NO_CATEGORY and not said])


def _find_newest(around: Around, row: Row, rows: Iterable[Row]) -> Row | None:
    """Return the newest figure that is counted as one is; of its scope only if the sentence says that."""
    said = stems(around.text.text[slice(*around.number.sentence)])
    narrow = stems(f"{row['subcategory'] or ''} {row['scope'] or ''}")
    meant = row if narrow <= said else {**row, "subcategory": None, "scope": None}
    alike = (one for one in rows if all(one[name] == meant[name] for name in _COUNTED_AS))
    return next((one for one in alike if (match := around.agree(one)) and _agrees(match)), None)


def _best(matches: Sequence[Match]) -> list[Match]:
    """Return those of the best series; none if another one is as good."""
    first = [one for one in matches if _series_of(one.row) == _series_of(matches[0].row)]
    others = [one for one in matches if one not in first]
    return [] if others and others[0].score > matches[0].score - _LEAST_LEAD else first


def _is_of_size(number: Number, row: Row) -> bool:
    """Tell whether a number may be meant for that of a figure: none is more than ten times the other."""
    values = [number.value, Fraction(row["value"])]
    return max(values) <= _MOST_TIMES * max(min(values), Fraction(_MOST_TIMES))


def _last_words(row: Row) -> set[str]:
    """Return the stems of the last piece of what a source counts: “Pepper spray” of its force allegations."""
    return stems((row["counted"] or "").split(" … ")[-1])


def _agrees(match: Match) -> bool:
    return (NO_SLIP - {"other_year"}).isdisjoint(compare(match).codes)


def _is_of_time(number: Number, row: Row) -> bool:
    """Tell whether a figure is of the year, or the month, that the text gives."""
    own = number.own_year
    if own is None or fit_year(number, row) != "same":
        return False
    if row["coverage"] != "point":
        return bool(row["year"])
    days = [str(row[name])[: len(own.month)] for name in ("period_start", "period_end")]
    return days[0] <= own.month <= days[1] if own.month else row["dated_by"] == "source"


def _series_of(row: Row) -> tuple[str, ...]:
    """Return what figures have alike that count the same in one place, whatever their documents and their times."""
    return tuple(row[name] or "" for name in (*COUNTED, "area", "measure", "category", "population", "counting_unit"))
