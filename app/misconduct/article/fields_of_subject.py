"""Compare what is counted: the unit, the stage, the kind and the people."""

import re
from collections.abc import Iterator
from fractions import Fraction

from misconduct.article.fields import SAYS_NOTHING, Difference, FieldReading, label
from misconduct.article.governs import find_governor
from misconduct.article.match import NO_CATEGORY, Match
from misconduct.article.number import Number
from misconduct.article.stages import accuses, other_stage
from misconduct.article.text import starting_in
from misconduct.article.words import WEAK, find_stems, stem, stems
from misconduct.model.codes import ANY_OF, WORDS
from misconduct.model.figure import Row
from misconduct.model.names import name_indicator
from misconduct.model.vocabulary import Said
from misconduct.model.wording import as_printed, lower

_VERB = re.compile(
    r"\b(?:[a-z]{2,20}ed|(?:was|were|been|are) (?:still |then |later |also |not )?[a-z]+)\b"
)
_NEUTRAL = frozenset(stem(word.strip("*")) for word in WORDS["article"]["neutral"])
"""Words that look like verbs, and the stems of verbs that only say that something was counted, as in “were logged”."""

_RANK = re.compile(rf"\s(?:[\w’-]+\s){{0,2}}?({ANY_OF['rank']})\b")
_ABOUT = re.compile(rf"(?i)\b(?:{ANY_OF['about']})\s(?:[\w’'-]+\s){{0,2}}$")
"""The words before a kind that narrow a number to it: “dismissed for” in “426 were dismissed for racism”."""

_OF_KIND = re.compile(
    r"\b(?:of|about|over|for|involving|alleging)\s((?:[a-z’'-]+\s?){1,3})"
)
_OF_OWN_KIND = re.compile(
    r"(?i)(?:\s[\w’'-]+){0,2}\s(?:about|over|involving|alleging|concerning|regarding)\s"
)
_MAX_BEFORE = 30  # characters before a number in which its verb stands
_SHARES = ("percent", "proportion")
_ALL_KINDS = ("any", "unstated", "several_kinds")


def read_unit(match: Match) -> FieldReading:
    """Compare what is counted: people, complaints or cases; and whether it is a share."""
    number, row = match.number, match.row
    units = number.text.said_at("counting_unit", *number.nouns)[:1]
    end = units[0].end if units else number.nouns[1]
    words = number.words((number.end, end)).strip(" -") or None
    source = (
        as_printed(row)
        if row["unit"] in _SHARES and number.unit != row["unit"]
        else label(match, "counting_unit")
    )
    is_other = "other" in match.known.above(
        "counting_unit", row["counting_unit"]
    )  # such as posts, not people
    passes = (
        bool(units)
        and not is_other
        and match.known.passes(row["counting_unit"], units[0].code)
    )
    is_same = passes or (bool(units) and has_noun(row, words or ""))
    is_same = is_same and not _unread(match, number.nouns[0], end)
    return FieldReading(words, source, is_same, [*_compare_units(match, units)])


def _compare_units(match: Match, units: list[Said]) -> Iterator[Difference]:
    number, row, own = match.number, match.row, match.row["counting_unit"]
    value, is_count = number.reading.in_unit(row["unit"]), number.unit == "count"
    if row["unit"] in _SHARES if is_count else value != abs(Fraction(row["value"])):
        yield Difference(
            "other_unit", f"The source prints “{as_printed(row)}”.", as_printed(row)
        )
    if number.text.text.startswith(
        " times", number.end
    ):  # which anything but people may be
        if own == "people":
            yield Difference(
                "other_unit",
                "The source counts people; your sentence says how many times.",
            )
    elif units:
        theirs = {*match.known.said("counting_unit", row)} - {
            "people"
        }  # “cases of deaths” are deaths, too
        nouns, yours = (
            number.words(number.nouns if own == "other" else units[0][:2]),
            units[0].code,
        )
        if not (
            yours in theirs or match.known.passes(own, yours) or has_noun(row, nouns)
        ):
            counts = (
                "does not say what it counts"
                if own == "unstated"
                else f"counts {label(match, 'counting_unit')}"
            )
            yield Difference(
                "other_unit",
                f"The source {counts}, not {label(match, 'counting_unit', yours)}.",
            )


def has_noun(row: Row, nouns: str) -> bool:
    """Tell whether words have the noun that the source counts, such as reviews, which are no counting unit."""
    counted = [word for _, word in find_stems((row["counted"] or "").replace("_", " "))]
    telling = (
        {*counted} - WEAK
        if row["counting_unit"] == "other"
        else {*counted[:1]} - {"officer"}
    )
    return not telling.isdisjoint(stems(nouns))


def read_measure(match: Match) -> FieldReading:
    """Compare the stage. A verb that we cannot read may say another one."""
    number, row, (low, high) = match.number, match.row, match.number.clause
    words, source, is_same, _ = _read_code(match, "measure", low, high)
    denied = next(
        (number.words(one[:2]) for one in starting_in(number.text.denied, low, high)),
        None,
    )
    unread = denied or _find_unread_verb(match)
    is_sure = not (unread or match.known.negates(row) or _is_part_of_whole(match))
    return FieldReading(
        words or unread, source, is_same and is_sure, [*_compare_stages(match)]
    )


def _compare_stages(match: Match) -> Iterator[Difference]:
    number, row, theirs = match.number, match.row, label(match, "measure")
    of, words = find_governor(number, row) or ("", "")
    claimed = other_stage(number, row)
    if of == "reversed" or claimed:
        yours = words if of == "reversed" else label(match, "measure", claimed)
        said = f"The source means “{theirs}”, your sentence “{yours}”."
        yield Difference("other_measure", said, _safe(match))
    is_of_police = row["measure"] == "alleged" and row["population"] not in (
        "public",
        "women",
        "complainants",
    )
    if is_of_police and accuses(number, people=row["counting_unit"] == "people"):
        yield Difference(
            "other_role",
            "The source counts what the police are accused of; in your sentence they accuse.",
        )


def _find_unread_verb(match: Match) -> str | None:
    """Return a verb of the clause that says what we cannot read: 94,940 complaints were rejected."""
    number, (low, high), text = match.number, match.number.clause, match.number.text
    said, known = (
        text.said_at("measure", low, high),
        {*match.known.words_of(match.row)} | _NEUTRAL,
    )
    said += [
        Said(number.end, unit.start, "")
        for unit in text.said_at("counting_unit", *number.nouns)[:1]
    ]  # armed
    for verb in _VERB.finditer(text.text, max(low, number.start - _MAX_BEFORE), high):
        is_said = any(one.start < verb.end() and verb.start() < one.end for one in said)
        if not is_said and not stems(verb[0]) <= known:
            return verb[0]
    return None


def _is_part_of_whole(match: Match) -> bool:
    """Tell whether a sentence gives as a whole what is a part, without saying of what: 31,620 complaints in total."""
    row, number = match.row, match.number
    is_part = (
        row["part_of"] or row["fit"] == "narrower" or row["subcategory"] or row["scope"]
    )
    if not (is_part and number.sign("whole", *number.sentence)):
        return False
    own = (
        stems(f"{row['counted']} {row['subcategory'] or ''} {row['scope'] or ''}")
        - WEAK
    )
    return not own <= stems(number.words(number.sentence))


def read_category(match: Match) -> FieldReading:
    """Compare the kind of misconduct."""
    number, row = match.number, match.row
    words, source, is_same, _ = _read_code(match, "category", *number.clause)
    named = _OF_KIND.search(number.text.text, number.end, number.clause[1])
    if words is None and named and _unread(match, *named.span(1)):
        words = named[1].strip()
    return FieldReading(
        words,
        source,
        is_same and row["category"] not in NO_CATEGORY,
        [*_compare_kinds(match)],
    )


def _compare_kinds(match: Match) -> Iterator[Difference]:
    number, row, theirs = (
        match.number,
        match.row,
        match.known.said("category", match.row),
    )
    found = _other_category(number, row)
    if found:
        kinds = label(match, "category"), label(match, "category", found)
        yield Difference(
            "other_category",
            "The source means “{}”, your sentence “{}”.".format(*kinds),
        )
    if row["measure"] == "occurred" and row["category"] in theirs and not found:
        named = {*match.known.above("category", row["category"])}
        if named.isdisjoint(number.said("category", 0, len(number.text.text))):
            yield Difference(
                "other_category",
                f"The source counts “{row['counted']}”. Your text does not say so.",
            )
    named_after = (
        number.text.said_at("category", number.end, number.clause[1])
        if row["category"] in _ALL_KINDS
        else []
    )
    for one in named_after:
        is_about = _ABOUT.search(number.text.before(one.start, number.end))
        if (
            is_about
            and "," not in number.words((number.end, one.start))
            and one.code not in (*theirs, *_ALL_KINDS)
        ):
            kind = number.words(one[:2])
            yield Difference(
                "narrower_here",
                f"The source counts all kinds together; your sentence says “{kind}”.",
            )
            break


def _other_category(number: Number, row: Row) -> str | None:
    """Return the kind of misconduct that the text names where the source names another."""
    own = stems(row["counted"])
    if row["category"] in NO_CATEGORY or (
        own and own <= stems(number.words(number.clause))
    ):
        return None  # it says all that the source does
    known = number.text.known
    theirs = {
        code
        for one in known.said("category", row)
        for code in known.above("category", one)
    }
    theirs |= {*known.above("category", row["category"])}
    yours = number.said("category", *number.clause)
    if not yours and not _OF_OWN_KIND.match(
        number.text.text, number.end, number.until_next
    ):
        low = max(
            number.sentence[0],
            number.text.text.rfind(";", number.sentence[0], number.start),
        )
        yours = number.said("category", low, number.start)[-1:]
    alien = [one for one in yours if one not in theirs]
    return alien[0] if alien else None


def read_population(match: Match) -> FieldReading:
    """Compare the people. Words before the noun may make them others: armed officers."""
    number, is_of_people = match.number, match.row["counting_unit"] == "people"
    words, source, is_same, _ = _read_code(
        match, "population", *(number.nouns if is_of_people else number.clause)
    )
    units = number.text.said_at("counting_unit", *number.nouns)[:1]
    end = units[0].end if units else number.nouns[0]
    has_more = is_of_people and _unread(match, number.nouns[0], end)
    words = words or (
        number.words((number.nouns[0], end)).strip() if has_more else None
    )
    return FieldReading(
        words, source, is_same and not has_more, [*_compare_people(match)]
    )


def _compare_people(match: Match) -> Iterator[Difference]:
    number, row = match.number, match.row
    is_of_people, of = row["counting_unit"] in ("people", "posts"), row["population"]
    is_unclear = (
        of == "workforce" and row["measure"] != "employed"
    )  # which may be officers only
    others = {*number.said("population", *number.nouns)}.intersection(
        WORDS["other_people"].get(of, ())
    )
    differs = (
        bool(others)
        and not is_unclear
        and others != {*match.known.said("population", row)}
    )
    if of in ("women", "indigenous"):
        differs = of not in number.said("population", *number.sentence)
    rank = _RANK.match(number.text.text, number.nouns[0], number.clause[1])
    if differs or (
        rank and is_of_people and stem(rank[1]) not in stems(row["counted"])
    ):
        yield Difference(
            "other_population",
            f"The source counts {label(match, 'population')}.",
            _safe(match),
        )
    people = number.text.said_at("population", *number.nouns) if is_of_people else []
    group = number.sign("group", number.nouns[0], people[-1].start) if people else None
    if group and stem(group.casefold()) not in stems(
        f"{row['counted']} {row['subcategory']} {row['scope']}"
    ):
        whom = label(match, "population")
        yield Difference(
            "narrower_here", f"The source counts {whom}; your sentence says “{group}”."
        )


def _safe(match: Match) -> str | None:
    """Return the number with what the source counts: 1,131 officers and staff accused."""
    is_of_people = (
        match.row["counting_unit"] == "people" and match.row["statistic"] == "count"
    )
    words = name_indicator(match.row, match.known.catalogue)
    return f"{as_printed(match.row)} {lower(words)}" if is_of_people else None


def _read_code(match: Match, name: str, low: int, high: int) -> FieldReading:
    """Compare a code: the same if the sentence says the source’s, and none broader, narrower or other."""
    said, own, known = (
        match.number.text.said_at(name, low, high),
        match.row[name],
        match.known,
    )
    source = None if own in SAYS_NOTHING else label(match, name)
    texts, codes = (
        [match.number.words(one[:2]) for one in said],
        {one.code for one in said},
    )
    counted = (match.row["counted"] or "").casefold()
    others = {
        one.code
        for one, words in zip(said, texts, strict=True)
        if words.casefold() not in counted
    }
    is_broader = not others.isdisjoint(known.above(name, own)[1:])
    is_same = codes <= {own, *known.said(name, match.row)} and any(
        known.related(name, one, own) for one in codes
    )
    return FieldReading(
        ", ".join(dict.fromkeys(texts)) or None,
        source,
        bool(source) and is_same and not is_broader,
    )


def _unread(match: Match, low: int, high: int) -> set[str]:
    """Return the stems of a range that neither the source nor its labels have: armed, in armed officers."""
    own = {*match.known.words_of(match.row)} | WEAK
    own |= {
        word
        for name in ("counting_unit", "population", "area")
        for word in stems(label(match, name))
    }
    places = [at for at, _ in match.number.text.places if low <= at < high]
    return {
        word
        for at, word in find_stems(match.number.words((low, high)))
        if low + at not in places
    } - own
