"""Compare what is counted: the unit, the stage, the kind and the people."""

import re
from fractions import Fraction

from misconduct.article.fields import Reading, Words, is_counted, label, read_code
from misconduct.article.match import NO_CATEGORY, Match
from misconduct.article.stages import accuses, other_stage
from misconduct.article.text import starting_in
from misconduct.article.words import find_stems, stem, stems
from misconduct.model.codes import ANY_OF, WORDS
from misconduct.model.figure import Row
from misconduct.model.wording import as_printed

_ABOUT = re.compile(rf"(?i)\b(?:{ANY_OF['about']})\s(?:[\w’'-]+\s){{0,2}}$")
"""The words before a kind that narrow a number to it: “dismissed for” in “426 were dismissed for racism”."""

_SHARES = ("percent", "proportion")
_ALL_KINDS = ("any", "unstated", "several_kinds")
_NOT_POLICE = ("public", "women", "complainants")


def read_unit(match: Match) -> Reading:
    """Read what is counted: people, complaints or cases; and whether it is a share."""
    number, row = match.number, match.row
    units = number.text.said_at("counting_unit", *number.nouns)[:1]
    end = units[0].end if units else number.nouns[1]
    words = number.words((number.end, end)).strip(" -") or None
    source = label(match, "counting_unit")
    if row["unit"] in _SHARES and number.unit != row["unit"]:
        source = as_printed(row)
    is_own = bool(units) and match.known.passes(row, units[0].code)
    is_own = is_own or (bool(units) and has_noun(row, words or ""))
    return Reading(words, source, is_own)


def differ_in_unit(match: Match) -> Words | None:
    """Find another unit: complaints for people, per cent for a proportion, how many times for people."""
    number, row, own = match.number, match.row, match.row["counting_unit"]
    is_other = row["unit"] in _SHARES
    if number.unit != "count":
        is_other = number.reading.in_unit(row["unit"]) != abs(Fraction(row["value"]))
    if is_other:
        return Words(number.printed, as_printed(row))
    if number.text.text.startswith(" times", number.end):
        return (
            Words("times", label(match, "counting_unit")) if own == "people" else None
        )
    units = number.text.said_at("counting_unit", *number.nouns)[:1]
    if not units:
        return None
    theirs = {*match.known.said("counting_unit", row)} - {"people"}
    nouns = number.words(units[0][:2])
    yours = units[0].code
    if yours in theirs or match.known.passes(row, yours) or has_noun(row, nouns):
        return None
    return Words(number.words(units[0][:2]), label(match, "counting_unit"))


def has_noun(row: Row, nouns: str) -> bool:
    """Tell whether words have the noun that the source counts, such as reviews, which are no counting unit."""
    counted = [word for _, word in find_stems((row["counted"] or "").replace("_", " "))]
    telling = {*counted[:1]} - {"officer"}
    return not telling.isdisjoint(stems(nouns))


def read_measure(match: Match) -> Reading:
    """Read the stage. If the clause or the source denies one, we cannot tell which it is."""
    number, (low, high) = match.number, match.number.clause
    reading = read_code(match, "measure", low, high)
    denied = starting_in(number.text.denied, low, high)
    if denied or match.known.negates(match.row):
        words = number.words(denied[0][:2]) if denied else None
        return reading._replace(sentence=reading.sentence or words, is_same=False)
    return reading


def differ_in_stage(match: Match) -> Words | None:
    """Find another stage: found guilty, not accused."""
    claimed = other_stage(match.number, match.row)
    theirs = label(match, "measure")
    return Words(label(match, "measure", claimed), theirs) if claimed else None


def differ_in_role(match: Match) -> Words | None:
    """Find that those who are accused accuse others."""
    row, is_people = match.row, match.row["counting_unit"] == "people"
    is_of_police = row["measure"] == "alleged" and row["population"] not in _NOT_POLICE
    if is_of_police and accuses(match.number, people=is_people):
        return Words("they accuse", "they are accused")
    return None


def read_category(match: Match) -> Reading:
    """Read the kind of misconduct."""
    reading = read_code(match, "category", *match.number.clause)
    is_of_kind = match.row["category"] not in NO_CATEGORY
    return reading._replace(is_same=reading.is_same and is_of_kind)


def differ_in_kind(match: Match) -> Words | None:
    """Find a kind by which a sentence narrows what the source counts of all kinds: dismissed for racism."""
    number, row = match.number, match.row
    if row["category"] not in _ALL_KINDS:
        return None
    theirs = {*match.known.said("category", row), *_ALL_KINDS}
    for said in number.text.said_at("category", number.end, number.clause[1]):
        about = _ABOUT.search(number.text.before(said.start, number.end))
        is_beside = "," not in number.words((number.end, said.start))
        if (
            about
            and is_beside
            and said.code not in theirs
            and not is_counted(match, said)
        ):
            return Words(number.words(said[:2]), "all kinds together")
    return None


def read_population(match: Match) -> Reading:
    """Read the people."""
    number, is_of_people = match.number, match.row["counting_unit"] == "people"
    return read_code(
        match, "population", *(number.nouns if is_of_people else number.clause)
    )


def differ_in_people(match: Match) -> Words | None:
    """Find other people: officers, not officers and staff."""
    number, row, of = match.number, match.row, match.row["population"]
    said = number.text.said_at("population", *number.nouns)
    is_unclear = of == "workforce" and row["measure"] != "employed"
    others = WORDS["other_people"].get(of, ())
    alien = [one for one in said if one.code in others]
    codes = match.known.join("population", {one.code for one in said})
    if of in ("women", "indigenous"):
        is_named = of in number.said("population", *number.sentence)
        return None if is_named else Words("no such people", label(match, "population"))
    if not alien or is_unclear or codes <= {of, *match.known.said("population", row)}:
        return None
    return Words(number.words(alien[0][:2]), label(match, "population"))


def differ_in_group(match: Match) -> Words | None:
    """Find a group of people that the source does not name: women officers."""
    number, row = match.number, match.row
    people = number.text.said_at("population", *number.nouns)
    if row["counting_unit"] != "people":
        return None
    end = people[-1].start if people else number.nouns[1]
    group = number.sign("group", number.nouns[0], end)
    own = stems(f"{row['counted']} {row['subcategory']} {row['scope']}")
    if group is None or stem(group.casefold()) in own:
        return None
    return Words(group, label(match, "population"))
