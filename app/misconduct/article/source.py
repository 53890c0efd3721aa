"""Compare where, when and by whom: the place, the time, and the body that gives the number."""

import re

from misconduct.article.fields import SAYS_NOTHING, Reading, label
from misconduct.article.match import Match
from misconduct.article.number import Number
from misconduct.article.text import starting_in
from misconduct.article.times import MONTH, Year, lasts_for_years, span_of
from misconduct.model.wording import period_in_sentence

_OTHER_PLACE = re.compile(
    rf"\b(?i:in|at|of|from|near|by|outside|beyond|except|without)\s(?:the\s)?(?!{MONTH})(?=[A-Z][a-z])"
    r"|\b(?=[A-Z][\w-]{1,40}[’']s\s)"
)
_NAME = re.compile(r"[\w’'-]+(?: (?:and )?[A-Z][\w’'-]*)*")
_NOT_THEN = {"since", "by", "until", "till", "before", "after", "from", "late", "early"}
"""The words before a year by which it is no time in which something was counted: “since 2024/25”."""

_FRESH_YEARS = 1  # for which “last year” still fits a document


def read_area(match: Match) -> Reading:
    """Read the place. A name that we do not know may be another."""
    number, row = match.number, match.row
    source = None if row["area"] in SAYS_NOTHING else label(match, "area")
    if match.places.exclude(row["area"]):
        yours = sorted(match.places.own or match.places.here)
        if not yours:  # it only names places elsewhere
            return Reading(None, source)
        name = match.known.catalogue.label("area", yours[0])
        return Reading(name, label(match, "area"), code="other_area")
    if wide := _find_country(match):
        return Reading(wide, source)
    near, unknown = _find_names(match)
    names = (_NAME.match(number.text.text, at) for at in near or unknown[:1])
    words = ", ".join(dict.fromkeys(name[0] for name in names if name)) or None
    if words is None and match.places.own and row["area"] not in match.places.own:
        words = match.known.catalogue.label("area", min(match.places.own))
    is_own = row["area"] in match.places.own and not unknown
    return Reading(words, source, is_own and _is_alone(match))


def _find_country(match: Match) -> str | None:
    """Return the words by which a sentence speaks of a whole country, if the figure is of a place in one."""
    area = match.known.catalogue.codelists["area"].get(match.row["area"], {})
    is_country = area.get("position")
    return None if is_country else match.number.sign("country", *match.number.sentence)


def _find_names(match: Match) -> tuple[list[int], list[int]]:
    """Return where the sentence of a number names places that are known, and others."""
    number, text = match.number, match.number.text
    near = [at for at, _ in match.places.named(*number.sentence)]
    known = [at for at, _ in starting_in(text.places, *number.sentence)]
    unknown = [at for at, _ in starting_in(text.strange, *number.sentence)]
    others = (one.end() for one in _OTHER_PLACE.finditer(text.text, *number.clause))
    return near, [*unknown, *(at for at in others if at not in known)]


def _is_alone(match: Match) -> bool:
    """Tell whether all places of a clause are that of the figure, inside it or around it."""
    in_clause = match.places.named(*match.number.clause)
    return all(
        any(match.known.related("area", one, match.row["area"]) for one in codes)
        for _, codes in in_clause
    )


def read_body(match: Match) -> Reading:
    """Return who says so. We do not read whom the sentence names for it."""
    own = match.row["stated_by"]
    return Reading(None, None if own in SAYS_NOTHING else label(match, "stated_by"))


def read_period(match: Match) -> Reading:
    """Read the time: the year, the month of a count of one moment, or all years of a total."""
    number, row, own = match.number, match.row, match.number.own_year
    source = period_in_sentence(row) if row["period"] else None
    if other := _find_other_year(match):
        known = source or f"{span_of(row)[1]} or before"
        return Reading(other, known, code="other_year")
    said = number.years_in(*number.clause) or ([own] if own else [])
    words = ", ".join(number.words(one[:2]) for one in said)
    if own is None or not words:
        return Reading(words or number.sign("one_year", *number.sentence), source)
    return Reading(words, source, _is_same_time(match, own, {one.year for one in said}))


def _is_same_time(match: Match, own: Year, said: set[str]) -> bool:
    """Tell whether years surely say the time of a figure: the month of a count of one moment, both ends of a total."""
    number, row = match.number, match.row
    if row["coverage"] == "point":
        return match.year == "same" and number.names_month(row)
    if row["coverage"] == "window":
        return said == {*span_of(row)}
    before = number.text.before(own.start, number.sentence[0]).split()[-1:]
    is_whole = row["coverage"] != "part" or own.part is not None
    return is_whole and match.year == "same" and _NOT_THEN.isdisjoint(before)


def _find_other_year(match: Match) -> str | None:
    """Return the words for a year that is not that of the figure; a sentence with one year says it of all numbers.

    “Last year” is another year than that of an older figure.
    """
    row, number, own = match.row, match.number, match.number.own_year
    if {*span_of(row)} <= {one.year[:4] for one in number.years_in(*number.clause)}:
        return None  # also from October 2021 to March 2022
    of_sentence = number.years_in(*number.sentence)
    if own is None and len(of_sentence) == 1 and not number.is_compared:
        [own] = of_sentence
    last = span_of(row)[1]
    is_before = not row["period_end"] and own and own.year[:4] <= last
    if own and own.year and match.year == "other" and not is_before:
        return number.words(own[:2])
    is_old = bool(last) and int(last) < number.text.today - _FRESH_YEARS
    last_year = number.sign("one_year", *number.sentence)
    if last_year and ((is_old and not number.years) or lasts_for_years(row)):
        return last_year
    is_one = own and own.year and lasts_for_years(row) and not _is_of_several(number)
    return number.words(own[:2]) if own and is_one else None


def _is_of_several(number: Number) -> bool:
    """Tell whether a clause names several years, or one that may only be that of a document: in 2023 the force said."""
    named = {one.year for one in starting_in(number.text.years, *number.clause)}
    year = number.own_year
    is_of_document = year and number.text.said_at("document", year.end, number.start)
    return len(named) != 1 or bool(
        is_of_document or number.sign("several_years", *number.clause)
    )
