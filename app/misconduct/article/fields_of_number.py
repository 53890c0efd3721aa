"""Compare how a number is said: as a fact or not, exactly or not, as a change, an average, a rate or a share."""

import re
from collections.abc import Iterator
from fractions import Fraction

from misconduct.article.fields import Difference, FieldReading, label
from misconduct.article.fields_of_subject import read_population
from misconduct.article.governs import NOT_YET, class_of, find_governor, find_not_yet
from misconduct.article.match import Match, says_hedge
from misconduct.article.number import Number
from misconduct.article.statistic import find_direction, find_statistic
from misconduct.article.text import starting_in
from misconduct.article.words import DOWN, LOWER, UP, UPPER, WEAK, stem, stems
from misconduct.model.codes import ANY_OF, WORDS
from misconduct.model.vocabulary import Said
from misconduct.model.wording import as_printed, quote, write_number

_RELATIVE = r"(?:that|who|whom|which|where)\b"
_WHOLE = re.compile(
    rf"(?i)\s*(?:of|in every|in)\s((?:them|whom|which)\b|(?:(?!(?:{ANY_OF['verb']})\b|{_RELATIVE})[\w’'-]+\s?){{1,8}}"
    rf"(?:{_RELATIVE}\s(?:[\w’'-]+\s?){{1,8}})?)"
)
_KNOWN_WHOLE = re.compile(r"(?i)(?:the|its|their|those|these|them|whom|which|that)\b")
"""The words for the whole of a share, with what defines it; and the start of one that may be known from before."""

_ENDED = frozenset(
    map(stem, WORDS["article"]["ended"])
)  # “complaints” may stand for complaints closed
_AVERAGE = re.compile(r"(?i)\b(?:[\w-]+\s)?average\b")
_STATISTICS = {
    "change": "a change",
    "mean": "an average",
    "rate": "a rate",
    "multiple": "a multiple",
}
_PER = {
    "per_hundred": 100,
    "per_thousand": 1_000,
    "per_hundred_thousand": 100_000,
    "per_million": 1_000_000,
}


def read_assertion(match: Match) -> FieldReading:
    """Compare whether both say it as a fact, or deny, suppose or plan it. We cannot read what is a record."""
    number = match.number
    of, words = find_governor(number, match.row) or (None, None)
    if of and of != "reversed":
        said = f"The source gives this number as a fact; your sentence says “{words}”."
        return FieldReading(
            words, "as a fact", differences=[Difference("governed", said)]
        )
    own, theirs = find_not_yet(match.row["counted"] or "") or (None, None)
    is_told = any(
        class_of(one) in NOT_YET
        for one in number.text.said_at("governs", *number.sentence)
    )
    if own == "supposed" and match.row["measure"] != "recommended" and not is_told:
        said = f"The source says “{theirs}”; your sentence gives this number as a fact."
        return FieldReading(
            "as a fact", theirs, differences=[Difference("governed", said)]
        )
    return FieldReading(number.sign("superlative", *number.sentence))


def read_value(match: Match) -> FieldReading:
    """Show both numbers, which are the same, or the sentence has it rounded."""
    return FieldReading(match.number.printed, write_number(match.row), is_same=True)


def read_qualifier(match: Match) -> FieldReading:
    """Compare the hedges."""
    number, row = match.number, match.row
    is_same = (
        bool(number.hedge and row["hedge"]) and number.qualifier == row["qualifier"]
    )
    return FieldReading(
        number.hedge or None, row["hedge"], is_same, [*_compare_hedges(number, match)]
    )


def _compare_hedges(number: Number, match: Match) -> Iterator[Difference]:
    row, own, yours = match.row, match.row["qualifier"] or "exact", number.qualifier
    if number.unit == row["unit"] == "count" and number.value != abs(
        Fraction(row["value"])
    ):
        is_broken = (yours in LOWER and row["value"] < number.value) or (
            yours in UPPER and row["value"] > number.value
        )
        said = f"The source prints {as_printed(row)}, your sentence {quote(number.hedge)} {number.printed}."
        yield Difference(
            "other_bound" if is_broken else "rounded", said, as_printed(row)
        )
        return
    if says_hedge(number, row) or own in (yours, "between", "magnitude"):
        return
    code = (
        "hedge_dropped"
        if yours == "exact"
        else "hedge_added"
        if own == "exact"
        else "hedge_changed"
    )
    if {own, yours} & LOWER and {own, yours} & UPPER:
        code = "other_bound"
    said = f", your sentence {quote(number.hedge)}" if number.hedge else ""
    yield Difference(
        code, f"The source prints “{as_printed(row)}”{said}.", as_printed(row)
    )


def read_statistic(match: Match) -> FieldReading:
    """Compare whether it is a plain number or share, a change, an average or a rate."""
    number, row, own = match.number, match.row, match.row["statistic"]
    yours, way = find_statistic(number), find_direction(number)
    if own in ("count", "share"):
        low = number.before.end if number.before else number.sentence[0]
        words = (
            yours
            or number.sign("trend", low, number.sentence[1])
            or number.sign("further", low, number.start)
        )
        said = f"The source prints “{as_printed(row)}”; your sentence says {_STATISTICS.get(yours or '')}."
        differs = [Difference("other_statistic", said)] if yours else []
        return FieldReading(
            words, label(match, "statistic") if words else None, differences=differs
        )
    if own == "change":
        words = number.words(way[:2]) if way else None
        return FieldReading(
            words, row["counted"], bool(way), [*_compare_changes(match, yours, way)]
        )
    differs = [*_compare_rates(match, yours)] if own == "rate" else []
    if own == "mean" and not number.sign("on_average", *number.sentence):
        differs = [Difference("hedge_dropped", "The source gives an average.")]
    return FieldReading(yours, label(match, "statistic"), yours == own, differs)


def _compare_changes(
    match: Match, yours: str | None, way: Said | None
) -> Iterator[Difference]:
    number, own = match.number, DOWN if match.row["value"] < 0 else UP
    if number.follows(" to ") or not (
        yours or number.follows(" by ") or number.sign("trend", *number.sentence)
    ):
        yield Difference(
            "other_statistic", "The source gives a change; your sentence a number."
        )
    elif way and way.code != own:
        theirs = "a decrease" if own == DOWN else "an increase"
        said = (
            f"The source gives {theirs}; your sentence says “{number.words(way[:2])}”."
        )
        yield Difference("other_direction", said)


def _compare_rates(match: Match, yours: str | None) -> Iterator[Difference]:
    row, number, per = match.row, match.number, match.number.per
    is_listed = (
        number.nouns[0] == number.nouns[1] and number.index > 0
    )  # then “rate” may be in the sentence before
    if per and per.value != _PER[row["unit"]]:
        said = f"The source gives a rate per {row['base']}; your sentence per {per.printed}."
        yield Difference("other_statistic", said)
    elif not (
        yours
        or number.sign(
            "rate",
            number.text.sentences[number.index - is_listed][0],
            number.sentence[1],
        )
    ):
        yield Difference(
            "other_statistic",
            f"The source gives a rate per {row['base']}; your sentence a number.",
        )


def read_denominator(match: Match) -> FieldReading:
    """Compare what it is a share of, or a rate per, or with what a change compares."""
    number, row, base = (
        match.number,
        match.row,
        match.row["base"] or match.row["counted"],
    )
    if row["statistic"] == "change":
        return _read_base(number, base)
    words = (
        number.per and number.per.words(number.per.nouns).strip()
        if row["statistic"] == "rate"
        else None
    )
    if row["statistic"] == "share":
        words = _find_whole(number)
    if row["statistic"] not in ("share", "rate") or not words:
        return FieldReading(None, base if row["statistic"] == "share" else None)
    (units, people), (own_units, own_people) = (
        match.known.wholes_in(words),
        match.known.wholes_in(base),
    )
    related = (
        match.known.related("population", one, other)
        for one in people
        for other in own_people
    )
    is_other = bool(units and own_units) and units.isdisjoint(own_units)
    is_other = is_other or (bool(people and own_people) and not any(related))
    narrow, said = (
        stems(base) - WEAK - _ENDED - match.known.nouns_in(base),
        stems(words),
    )
    is_wider = (
        bool(narrow)
        and narrow.isdisjoint(said)
        and not _KNOWN_WHOLE.match(words)
        and bool(row["base"])
    )
    if not (is_other or is_wider):
        people_of = read_population(match)
        is_read = (
            row["statistic"] == "rate" or people_of.is_same or not people_of.sentence
        )
        return FieldReading(
            words, base, narrow <= said and not units.isdisjoint(own_units) and is_read
        )
    theirs = (
        f"a share of {base}" if row["statistic"] == "share" else f"a rate per {base}"
    )
    told = f"The source gives {theirs}; your sentence says “{words}”."
    return FieldReading(words, base, differences=[Difference("other_whole", told)])


def _read_base(number: Number, base: str) -> FieldReading:
    """Compare with what a change compares: the average of some years is another than a year."""
    clause = number.words((number.end, number.clause[1]))
    average = _AVERAGE.search(clause)
    years = starting_in(number.text.years, number.end, number.clause[1])
    year = next((one for one in years if one.is_beside), None)
    words = average[0] if average else number.words(year[:2]) if year else None
    if not words or bool(average) == ("average" in base):
        return FieldReading(words, base, bool(words))
    said = f"The source compares with {base}; your sentence with “{words}”."
    return FieldReading(words, base, differences=[Difference("other_whole", said)])


def _find_whole(number: Number) -> str | None:
    """Return the words for what a number is a share of, up to their verb: all officers, in 9% of all officers had."""
    found = _WHOLE.match(number.text.text, number.end, number.sentence[1])
    return found[1].strip() if found else None
