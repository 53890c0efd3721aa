"""Show field by field what a sentence says of a number and what its source says. Fields are in `model/codes.csv`.

`same` is only said where the words of the sentence surely say what the source does.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from misconduct.article.claims import find_direction, find_month, find_statistic, find_whole
from misconduct.article.fields import Difference, has_noun
from misconduct.article.governs import find_governor
from misconduct.article.known import WEAK, find_stems, stem
from misconduct.article.match import NO_CATEGORY, Match
from misconduct.article.times import MONTH
from misconduct.article.when import span_of
from misconduct.model.codes import ANY_OF, PROGRAM_LISTS, WORDS
from misconduct.model.vocabulary import Said
from misconduct.model.wording import as_printed, dates_in_words, lower, period_in_sentence, write_number

Result = Literal["same", "differs", "not_said", "not_read"]
Both = tuple[str | None, str | None, Result]
"""The words of the sentence, those of the source, and how they compare."""

_SAYS_NOTHING = ("unstated", "not_applicable", "other", None)
_OF_KIND = re.compile(r"\b(?:of|about|over|for|involving|alleging)\s((?:[a-z’'-]+\s?){1,3})")
_OTHER_PLACE = re.compile(
    rf"\b(?i:in|at|of|from|near|by|outside|beyond|except|without)\s(?:the\s)?(?!{MONTH})(?=[A-Z][a-z])"
    rf"|\b(?=[A-Z][\w-]{{1,40}}[’']s\s(?:[\w-]+\s){{0,2}}(?:{ANY_OF['police']})\b)"
)
_VERB = re.compile(r"\b(?:[a-z]{2,20}ed|(?:was|were|been|are) (?:still |then |later |also |not )?[a-z]+)\b")
_NEUTRAL = frozenset(stem(word.strip("*")) for word in WORDS["article"]["neutral"])
"""Words that look like verbs, and the stems of verbs that only say that something was counted, as in “were logged”."""

_MAX_BEFORE = 30  # characters before a number in which its verb stands
_PLAIN_TIME = re.compile(r"(?i)(?:\b(?:in|during|for|throughout|of|over|and|the|year)|[,(:;\n–-])\s*$")
"""The words before a year that is meant as such: “in 2024/25”, not “since 2024/25” or “by late 2024/25”."""

_NAMES = re.compile(r"[A-Z][\w’'-]+")
_NAME = re.compile(r"[\w’'-]+(?: (?:and )?[A-Z][\w’'-]*)*")


class Compared(NamedTuple):
    """A field, what the sentence says there and what the source does: their words, or None."""

    field: str
    sentence: str | None
    source: str | None
    result: Result


def compare_fields(match: Match, differences: Iterable[Difference]) -> list[Compared]:
    """Return each field of which the sentence or the source says something. Each difference is in one that differs."""
    differing = {str(PROGRAM_LISTS["difference"][one.code]["field"]) for one in differences}
    found = []
    for name in PROGRAM_LISTS["field"]:
        sentence, source, result = _READERS[name](match)
        if name in differing or sentence or source:
            found.append(Compared(name, sentence, source, "differs" if name in differing else result))
    return found


def _assertion(match: Match) -> Both:
    of, words = find_governor(match.number, match.row) or (None, None)
    if of and of != "reversed":
        return words, "as a fact", "differs"
    most = match.number.sign("superlative", *match.number.sentence)
    return most, None, "not_read" if most else "not_said"


def _value(match: Match) -> Both:
    return match.number.printed, write_number(match.row), "same"


def _qualifier(match: Match) -> Both:
    number, row = match.number, match.row
    if number.hedge and row["hedge"] and number.qualifier == row["qualifier"]:
        return number.hedge, row["hedge"], "same"
    return number.hedge or None, row["hedge"], "not_read"


def _statistic(match: Match) -> Both:
    number, own, label = match.number, match.row["statistic"], _label(match, "statistic")
    yours, low = find_statistic(number), number.before.end if number.before else number.sentence[0]
    if own in ("count", "share"):
        unread = number.sign("trend", low, number.sentence[1]) or number.sign("further", low, number.start)
        return (yours or unread, label, "not_read") if yours or unread else (None, None, "not_said")
    if own == "change":
        way = find_direction(number)
        return way and number.text.text[way.start : way.end], match.row["counted"], "same" if way else "not_read"
    return yours, label, "same" if yours == own else "not_read"


def _denominator(match: Match) -> Both:
    """Compare the whole of a share: it is only the same if the sentence has all that the source says of it."""
    number, row = match.number, match.row
    if row["statistic"] != "share":
        return None, None, "not_said"
    words, of = find_whole(number), row["base"] or row["counted"]
    is_all = _stems(of) - WEAK <= _stems(number.text.text[slice(*number.sentence)])
    is_same = is_all and not match.known.units_in(words or "").isdisjoint(match.known.units_in(of))
    return words, of, "same" if is_same and _population(match)[2] != "not_read" else "not_read"


def _counting_unit(match: Match) -> Both:
    number, row = match.number, match.row
    units = number.text.said_at("counting_unit", *number.nouns)[:1]
    nouns = number.text.text[slice(*number.nouns)].strip(" -")
    source = as_printed(row) if number.unit != row["unit"] else _label(match, "counting_unit")
    if not units:
        return nouns or None, source, "not_read" if nouns else "not_said"
    words = number.text.text[number.end : units[0].end].strip(" -")
    is_same = match.known.passes(row["counting_unit"], units[0].code) or has_noun(row, words)
    return words, source, "same" if is_same and not _unread(match, *number.nouns[:1], units[0].end) else "not_read"


def _of_codes(match: Match, name: str, low: int, high: int) -> Both:
    """Compare a code: the same if the sentence says the source’s, and none broader, narrower or other."""
    said, own = match.number.text.said_at(name, low, high), match.row[name]
    words = ", ".join(dict.fromkeys(match.number.text.text[one.start : one.end] for one in said)) or None
    theirs, codes = {own, *match.known.said(name, match.row)}, {one.code for one in said}
    source = None if own in _SAYS_NOTHING else _label(match, name)
    if not codes:
        return None, source, "not_said"
    counted, text = (match.row["counted"] or "").casefold(), match.number.text.text
    others = {one.code for one in said if text[one.start : one.end].casefold() not in counted}
    is_broader = not others.isdisjoint([*match.known.above(name, own)][1:])
    is_same = codes <= theirs and not is_broader and any(match.known.related(name, one, own) for one in codes)
    return words, source, "same" if source and is_same else "not_read"


def _measure(match: Match) -> Both:
    low, high = match.number.clause
    sentence, source, result = _of_codes(match, "measure", low, high)
    is_denied = any(low <= one.start < high for one in match.number.text.denied) or match.known.negates(match.row)
    return sentence, source, "not_read" if is_denied or _has_unread_verb(match) or _is_part_of_whole(match) else result


def _is_part_of_whole(match: Match) -> bool:
    """Tell whether a sentence gives as a whole what is a part, without saying of what: 31,620 complaints in total."""
    row, number = match.row, match.number
    own = _stems(f"{row['counted']} {row['subcategory'] or ''} {row['scope'] or ''}") - WEAK
    is_part = row["part_of"] or row["fit"] == "narrower" or row["subcategory"] or row["scope"]
    is_said = own <= _stems(number.text.text[slice(*number.sentence)])
    return bool(is_part and number.sign("whole", *number.sentence)) and not is_said


def _has_unread_verb(match: Match) -> bool:
    """Tell whether a clause has a verb that says what we cannot read: 94,940 complaints were rejected."""
    number, (low, high), text = match.number, match.number.clause, match.number.text
    said, known = text.said_at("measure", low, high), {*match.known.words_of(match.row)} | _NEUTRAL
    said += [Said(number.end, unit.start, "") for unit in text.said_at("counting_unit", *number.nouns)[:1]]  # armed
    for verb in _VERB.finditer(text.text, max(low, number.start - _MAX_BEFORE), high):
        is_said = any(one.start < verb.end() and verb.start() < one.end for one in said)
        if not is_said and not known.issuperset(word for _, word in find_stems(verb[0])):
            return True
    return False


def _category(match: Match) -> Both:
    sentence, source, result = _of_codes(match, "category", *match.number.clause)
    named = _OF_KIND.search(match.number.text.text, match.number.end, match.number.clause[1])
    if sentence is None and named and _unread(match, *named.span(1)):
        return named[1].strip(), source, "not_read"
    return sentence, source, "not_read" if sentence and match.row["category"] in NO_CATEGORY else result


def _population(match: Match) -> Both:
    number = match.number
    is_of_people = match.row["counting_unit"] == "people"
    sentence, source, result = _of_codes(match, "population", *(number.nouns if is_of_people else number.clause))
    units = number.text.said_at("counting_unit", *number.nouns)[:1]
    has_more = units and is_of_people and _unread(match, number.nouns[0], units[0].end)
    return sentence, source, "not_read" if has_more else result


def _area(match: Match) -> Both:
    number, row, text = match.number, match.row, match.number.text.text
    source = None if row["area"] in _SAYS_NOTHING else _label(match, "area")
    near = [at for at, codes in number.text.places if number.sentence[0] <= at < number.sentence[1]]
    yours = ", ".join(dict.fromkeys(_name_at(text, at) for at in near)) or None
    if not yours:
        unknown = _OTHER_PLACE.search(text, *number.clause)
        return (_name_at(text, unknown.end()), source, "not_read") if unknown else (None, source, "not_said")
    clause = [codes for at, codes in number.text.places if number.clause[0] <= at < number.clause[1]]
    is_alone = all(any(match.known.related("area", one, row["area"]) for one in codes) for codes in clause)
    is_other = not is_alone or any(one.end() not in near for one in _OTHER_PLACE.finditer(text, *number.clause))
    is_other = is_other or any(name not in text for name in _NAMES.findall(row["scope"] or ""))  # one division of it
    return yours, source, "same" if match.is_here and not is_other else "not_read"


def _period(match: Match) -> Both:
    number, row, (first, last) = match.number, match.row, span_of(match.row)
    source, own = (period_in_sentence(row) if row["period"] else None), number.own_year
    words = number.sign("one_year", *number.sentence)
    if not own:
        return words, source, "not_read" if words else "not_said"
    low, high = number.clause
    said = [one for one in number.text.years if low <= one.start < high] or [own]
    words = ", ".join(dates_in_words(one.month) if one.month else number.text.text[one.start : one.end] for one in said)
    if row["coverage"] == "point":
        is_same = find_month(number) is not None and match.year == "same"
    elif row["coverage"] == "window":
        is_same = {one.year for one in said} == {first, last}
    else:
        is_plain = own.start == number.sentence[0] or _PLAIN_TIME.search(number.text.text, low, own.start)
        is_same = bool(is_plain) and row["coverage"] != "part" and own.year == row["year"] and match.year == "same"
    return words, source, "same" if is_same and not own.is_beside else "not_read"


def _stated_by(match: Match) -> Both:
    number, text = match.number, match.number.text
    source = None if match.row["stated_by"] in _SAYS_NOTHING else _label(match, "stated_by")
    said = [one for one in text.bodies if number.sentence[0] <= one.start < number.sentence[1]]
    if not text.sign("saying", *number.sentence):
        said = [one for one in said if one.end <= number.start and one.start not in dict(text.places)]
        if all(one.code == match.row["stated_by"] for one in said):
            return None, source, "not_said"
    words = ", ".join(text.text[one.start : one.end] for one in said) or None
    return words, source, "same" if {one.code for one in said} == {match.row["stated_by"]} else "not_read"


_READERS: Mapping[str, Callable[[Match], Both]] = {
    "assertion": _assertion,
    "value": _value,
    "qualifier": _qualifier,
    "statistic": _statistic,
    "denominator": _denominator,
    "counting_unit": _counting_unit,
    "measure": _measure,
    "category": _category,
    "population": _population,
    "area": _area,
    "period": _period,
    "stated_by": _stated_by,
}


def _label(match: Match, name: str) -> str:
    label = match.known.catalogue.label(name, match.row[name])
    return label if name in ("area", "stated_by") else lower(label)


def _stems(text: str | None) -> set[str]:
    return {word for _, word in find_stems(text or "")}


def _name_at(text: str, start: int) -> str:
    """Return the name that starts at a place: as many words as have a capital."""
    found = _NAME.match(text, start)
    return found[0] if found else ""


def _unread(match: Match, low: int, high: int) -> set[str]:
    """Return the stems of a range that neither the source nor its labels have: armed, in armed officers."""
    own = {*match.known.words_of(match.row)} | WEAK
    own |= {word for name in ("counting_unit", "population", "area") for _, word in find_stems(_label(match, name))}
    places = [at for at, _ in match.number.text.places if low <= at < high]
    return {word for at, word in find_stems(match.number.text.text[low:high]) if low + at not in places} - own
