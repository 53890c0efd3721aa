"""Compare where, when and by whom: the place, the time, and the body that gives the number."""

import re

from misconduct.article.fields import SAYS_NOTHING, Reading, Words, label
from misconduct.article.match import Match
from misconduct.article.number import Number
from misconduct.article.text import starting_in
from misconduct.article.times import MONTH, Year, lasts_for_years, span_of
from misconduct.model.codes import ANY_OF
from misconduct.model.figure import Row
from misconduct.model.wording import dates_in_words, period_in_sentence

_OTHER_PLACE = re.compile(
    rf"\b(?i:in|at|of|from|near|by|outside|beyond|except|without)\s(?:the\s)?(?!{MONTH})(?=[A-Z][a-z])"
    rf"|\b(?=[A-Z][\w-]{{1,40}}[’']s\s(?:[\w-]+\s){{0,2}}(?:{ANY_OF['police']})\b)"
)
_CAPITALS = re.compile(r"[A-Z][\w’'-]+")
_NAME = re.compile(r"[\w’'-]+(?: (?:and )?[A-Z][\w’'-]*)*")
_PLAIN_TIME = re.compile(
    r"(?i)(?:\b(?:in|during|for|throughout|of|over|and|the|year)|[,(:;\n\t–-])\s*$"
)
"""The words before a year that is meant as such: “in 2024/25”, not “since 2024/25” or “by late 2024/25”."""

_IN_MONTH = re.compile(
    r"(?i)(?:(\w+)\s)?\b(?:in|during|at the (?:end|start) of|as (?:of|at)|on \d\d?\w*(?: of)?)\s"
    rf"{MONTH},?\s(?:\d\d?,\s)?$"
)
"""The words before the year of a month in which something is counted, with the word before them: “in April 2023”."""

_OF_DOCUMENT = re.compile(rf"(?i)\b(?:{ANY_OF['document']})\b")
_FRESH_YEARS = 1  # for which “last year” still fits a document
_MONTH = len("2023-04")


def read_area(match: Match) -> Reading:
    """Read the place. A name that we do not know, or one division of it, may be another."""
    number, row = match.number, match.row
    near, unknown = _find_names(match)
    names = (_NAME.match(number.text.text, at) for at in near or unknown[:1])
    words = ", ".join(dict.fromkeys(name[0] for name in names if name)) or None
    source = None if row["area"] in SAYS_NOTHING else label(match, "area")
    capitals = _CAPITALS.findall(row["scope"] or "")
    is_whole = all(name in number.text.text for name in capitals)
    is_own = row["area"] in match.places.own and not unknown
    return Reading(words, source, is_own and is_whole and _is_alone(match))


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


def differ_in_area(match: Match) -> Words | None:
    """Find that the sentence is about another place."""
    if not match.places.exclude(match.row["area"]):
        return None
    yours = sorted(match.places.own or match.places.here)
    name = match.known.catalogue.label("area", yours[0]) if yours else "another place"
    return Words(name, label(match, "area"))


def read_body(match: Match) -> Reading:
    """Read who says so. A body that is only named before the number may have been asked, or be a place."""
    number, text, own = match.number, match.number.text, match.row["stated_by"]
    source = None if own in SAYS_NOTHING else label(match, "stated_by")
    saying = text.sign("saying", *number.sentence)
    said = starting_in(text.bodies, *number.sentence)
    if not saying:
        places = dict(text.places)
        before = [one for one in said if one.end <= number.start]
        said = [one for one in before if one.start not in places]
        if all(one.code == own for one in said):
            return Reading(None, source)
    words = ", ".join(number.words(one[:2]) for one in said) or saying
    return Reading(words, source, {one.code for one in said} == {own})


def read_period(match: Match) -> Reading:
    """Read the time: the year, the months of a count of one moment, or all years of a total."""
    number, row, own = match.number, match.row, match.number.own_year
    source = period_in_sentence(row) if row["period"] else None
    said = number.years_in(*number.clause)
    if not own:
        words = ", ".join(_name_time(number, one) for one in said)
        return Reading(words or number.sign("one_year", *number.sentence), source)
    if row["coverage"] != "window" or not said:
        said = [own]
    words = ", ".join(_name_time(number, one) for one in said)
    is_same = _is_same_time(match, own, {one.year for one in said})
    return Reading(words, source, is_same and not own.is_beside)


def _is_same_time(match: Match, own: Year, said: set[str]) -> bool:
    """Tell whether years surely say the time of a figure: the month of a count of one moment, both ends of a total."""
    number, row = match.number, match.row
    if row["coverage"] == "point":
        return find_month(number) is not None and match.year == "same"
    if row["coverage"] == "window":
        return said == {*span_of(row)}
    before = (number.sentence[0], own.start)
    is_plain = own.start == number.sentence[0] or number.text.is_added(own.start)
    is_plain = is_plain or bool(_PLAIN_TIME.search(number.text.text, *before))
    is_whole = row["coverage"] != "part" or own.part is not None
    return is_plain and is_whole and own.year == row["year"] and match.year == "same"


def _name_time(number: Number, year: Year) -> str:
    return dates_in_words(year.month) if year.month else number.words(year[:2])


def differ_in_time(match: Match) -> Words | None:
    """Find another year, month or part of a year."""
    words = _find_other_year(match) or _find_other_month(match)
    return Words(words, _say_when(match.row)) if words else None


def _say_when(row: Row) -> str:
    if row["dated_by"] == "publication":
        end = str(row["period_end"] or "")[:_MONTH]
        return dates_in_words(end) if end else f"{span_of(row)[1]} or before"
    return row["year"] if row["coverage"] == "whole" else period_in_sentence(row)


def _find_other_year(match: Match) -> str | None:
    """Return the words for a year that is not that of the figure; a sentence with one year says it of all numbers."""
    row, number, own = match.row, match.number, match.number.own_year
    of_sentence = number.years_in(*number.sentence)
    if own is None and len(of_sentence) == 1 and not number.is_compared:
        [own] = of_sentence
    if own is None or not own.year:
        return None
    if match.year == "other":
        return number.words((own.start, own.end))
    named = {one.year for one in starting_in(number.text.years, *number.clause)}
    is_of_several = number.sign("several_years", *number.clause)
    if not lasts_for_years(row) or len(named) != 1 or is_of_several:
        return None
    return None if _is_of_document_only(number) else own.year


def _find_other_month(match: Match) -> str | None:
    """Return another month than that of a count of one moment, or “last year” of what is older."""
    row, number, month = match.row, match.number, find_month(match.number)
    if month and match.year == "same" and row["coverage"] == "point":
        months = [str(row[one])[:_MONTH] for one in ("period_start", "period_end")]
        return None if months[0] <= month <= months[1] else dates_in_words(month)
    last = span_of(row)[1]
    is_old = bool(last) and int(last) < number.text.today - _FRESH_YEARS
    is_old = (is_old and not number.years) or lasts_for_years(row)
    return number.sign("one_year", *number.sentence) if is_old else None


def find_month(number: Number) -> str | None:
    """Return the month for which the text gives a number: in April 2023. It may only be that of a document."""
    year = number.own_year
    if year is None or not year.month:
        return None
    if number.before and year.start < number.clause[0]:
        return None
    before = _IN_MONTH.search(number.text.before(year.start))
    if before is None or _OF_DOCUMENT.search(before[1] or ""):
        return None
    return None if _is_of_document_only(number) else year.month


def _is_of_document_only(number: Number) -> bool:
    """Tell whether the year before a number may only be that of a document: in 2023 the force said that 144."""
    year = number.own_year
    return year is not None and bool(
        _OF_DOCUMENT.search(number.text.text, year.end, number.start)
    )
