"""Compare what is counted: the unit, the stage, the kind and the people."""

from fractions import Fraction

from misconduct.article.fields import Reading, is_counted, label, read_code
from misconduct.article.match import NO_CATEGORY, Match
from misconduct.article.stages import accuses, other_stage
from misconduct.article.words import WEAK, find_stems, stem, stems
from misconduct.model.codes import WORDS
from misconduct.model.figure import Row
from misconduct.model.vocabulary import Said
from misconduct.model.wording import as_printed

_SHARES = ("percent", "proportion")
_ALL_KINDS = ("any", "unstated", "several_kinds")
_MOST_AFTER = 6  # words after a number that are shown for its kind
_MOST_BETWEEN = 2  # words between “for” and a kind
_NAMED = ("women", "indigenous")  # of which a sentence must speak
_NOT_POLICE = ("public", "women", "complainants")


def read_unit(match: Match) -> Reading:
    """Read what is counted: people, complaints or cases; and whether it is a share."""
    number, row, source = match.number, match.row, label(match, "counting_unit")
    if _is_other_share(match):
        return Reading(number.printed, as_printed(row), code="other_unit")
    units = number.text.said_at("counting_unit", *number.nouns)[:1]
    if not units:
        return Reading(None, source)
    words, code = number.words(units[0][:2]), units[0].code
    if match.known.passes(row, code):
        return Reading(words, source, True)
    # A noun of the source may stand for what it counts: people who complained.
    theirs = {*match.known.said("counting_unit", row)} - {"people"}
    is_own = code in theirs or _has_noun(row, words)
    return Reading(words, source, code=None if is_own else "other_unit")


def _is_other_share(match: Match) -> bool:
    """Tell whether one of both is a share, and the other none or another: per cent for a proportion."""
    reading, row = match.number.reading, match.row
    if reading.unit == "count":
        return row["unit"] in _SHARES
    return reading.in_unit(row["unit"]) != abs(Fraction(row["value"]))


def _has_noun(row: Row, nouns: str) -> bool:
    """Tell whether words have the noun that the source counts, such as reviews, which are no counting unit."""
    counted = [word for _, word in find_stems((row["counted"] or "").replace("_", " "))]
    telling = {*counted[:1]} - {"officer"}
    return not telling.isdisjoint(stems(nouns))


def read_measure(match: Match) -> Reading:
    """Read the stage: found guilty, not accused; and whether those who are accused accuse others.

    If the source denies a stage, we cannot tell whether the sentence does.
    """
    number, row, (low, high) = match.number, match.row, match.number.clause
    reading = read_code(match, "measure", low, high)
    is_whole = number.before and number.before.is_part_of(number)
    claimed = None if is_whole else other_stage(number, row)
    if claimed:
        claim = label(match, "measure", claimed)
        return reading._replace(sentence=claim, code="other_measure")
    is_of_police = row["measure"] == "alleged" and row["population"] not in _NOT_POLICE
    if is_of_police and accuses(number, people=row["counting_unit"] == "people"):
        return Reading("they accuse", "they are accused", code="other_role")
    if match.known.negates(row):
        return reading._replace(is_same=False)
    own = {*match.known.above("measure", row["measure"])}
    fits = not own.isdisjoint(number.said("measure", low, high))
    return reading._replace(is_same=reading.is_same or fits)


def read_category(match: Match) -> Reading:
    """Read the kind of misconduct, and the part of it that the source counts, such as those handled formally."""
    reading, scope = _read_kind(match), match.row["scope"]
    if reading.code or reading.result == "not_read" or not scope:
        return reading
    if _is_told(match, stems(scope) - WEAK):
        return reading
    return Reading(_find_words_after(match), scope)


def _read_kind(match: Match) -> Reading:
    """Read the kind of misconduct. A source that counts all kinds is narrowed by one: dismissed for racism."""
    number, row = match.number, match.row
    reading = read_code(match, "category", *number.clause)
    if row["category"] not in _ALL_KINDS:
        if reading.sentence is None and not _has_kind(match):
            return reading._replace(sentence=_find_words_after(match))
        return reading._replace(
            is_same=reading.is_same and row["category"] not in NO_CATEGORY
        )
    theirs = {*match.known.said("category", row), *_ALL_KINDS}
    for said in number.text.said_at("category", number.end, number.clause[1]):
        if (
            said.code not in theirs
            and not is_counted(match, said)
            and _is_of(match, said)
        ):
            words = number.words(said[:2])
            return Reading(words, "all kinds together", code="narrower_here")
    return Reading()


def _find_words_after(match: Match) -> str:
    """Return the first words after a number, or else the number."""
    number = match.number
    after = number.words((number.end, number.clause[1])).split()
    return " ".join(after[:_MOST_AFTER]) or number.printed


def _has_kind(match: Match) -> bool:
    """Tell whether the clause of a number, or what stands before it, has a word of the kind that the source counts."""
    row = match.row
    own = stems(row["subcategory"] or row["counted"]) - WEAK
    if not row["subcategory"]:
        own |= stems(label(match, "category"))
    own -= stems(label(match, "counting_unit"))
    return _is_told(match, own)


def _is_told(match: Match, own: set[str]) -> bool:
    """Tell whether the clause of a number, or what stands before it, has one of some stems."""
    number, text = match.number, match.number.text
    low = text.sentences[max(number.index - 1, 0)][0]
    return not own.isdisjoint(stems(number.words((low, number.clause[1]))))


def _is_of(match: Match, kind: Said) -> bool:
    """Tell whether a kind narrows a number: “dismissed for” in “426 were dismissed for racism”."""
    number = match.number
    about = number.text.said_at("about", number.end, kind.start)
    between = number.words((about[-1].end, kind.start)).split() if about else []
    is_near = bool(about) and len(between) <= _MOST_BETWEEN
    return is_near and "," not in number.words((number.end, kind.start))


def read_population(match: Match) -> Reading:
    """Read the people: officers, not officers and staff."""
    number, row, of = match.number, match.row, match.row["population"]
    reading = read_code(match, "population", *number.nouns)
    said = number.text.said_at("population", *number.nouns)
    if of in _NAMED and of not in number.said("population", *number.sentence):
        return reading._replace(sentence="no such people", code="other_population")
    others = WORDS["other_people"].get(of, ())
    codes = {one.code for one in said}
    is_own = codes <= {of, *match.known.said("population", row)}
    is_unclear = of == "workforce" and row["measure"] != "employed"
    is_alien = len(codes) == 1 and not codes.isdisjoint(others)
    if is_alien and not (is_own or is_unclear):
        return reading._replace(code="other_population")
    if group := _find_group(match, said):
        return reading._replace(sentence=group, code="other_population")
    return reading


def _find_group(match: Match, people: list[Said]) -> str | None:
    """Return a group of people that the source does not name: women officers."""
    number, row = match.number, match.row
    if row["counting_unit"] != "people":
        return None
    end = people[-1].start if people else number.nouns[1]
    group = number.sign("group", number.nouns[0], end)
    own = stems(f"{row['counted']} {row['subcategory']} {row['scope']}")
    return None if group is None or stem(group.casefold()) in own else group
