"""Check what a text says of two of its numbers: up from, more than, double.

Only what the text itself prints is worked out, and only where one of the numbers is a figure of the register. Two
figures that count different things make no trend, even if the numbers would fit.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from misconduct.article.compare import Checked
from misconduct.article.known import root
from misconduct.article.number import Number
from misconduct.article.text import NEAR
from misconduct.article.words import DOWN, MULTIPLES, UP
from misconduct.model.codes import ANY_OF
from misconduct.model.figure import Row
from misconduct.model.likeness import OF_SERIES, unlike
from misconduct.model.vocabulary import Said

_FROM, _TO = (
    re.compile(r"(?i)\bfrom (?:the |a |an |just |only )?$"),
    re.compile(r"(?i)\bto (?:a |just |only )?$"),
)
_ROSE_TO = re.compile(rf"(?i)\b(?:{ANY_OF['change']}) to (?:a |just |only )?$")
_ON = rf"(?:up|down|{ANY_OF['change_noun']}) on"  # an increase on the 911
_AS = re.compile(
    rf"(?i)\b(?:compared (?:with|to)|than|against|{_ON}) (?:the |that of |just |only )*$"
)
"""The words before the earlier, the later, and the other of two numbers that are compared."""

_THE = re.compile(r"\s(?:as many [\w’'-]+ as )?(?:the |that of the |of the )?")
_OF_NAME = r"(?:[A-Z][\w’'-]*(?: (?:and )?[A-Z][\w’'-]*)*['’]s )?"
_THAN = re.compile(
    rf", (more|higher|fewer|less|lower) than (?:the |that of )?{_OF_NAME}$"
)
_MORE, _ALMOST = (
    re.compile(r"(?i)\b(?:more than|over) $"),
    re.compile(r"(?i)\b(?:almost|nearly) $"),
)
_NEAR_MULTIPLE = Fraction(
    15, 100
)  # people say double of what is 1.85 or 2.15 times as much

_UNFINISHED, _UNLIKE = (
    "one of these years was not over when it was counted.",
    "these count different things.",
)
_SENTENCE, _NUMBER = re.compile(r"(?<=[.!?])\s+"), re.compile(r"(?<![\w,.])\d[\d,]*")


class Together(NamedTuple):
    """Numbers, by their places in the list, that do not go together as the text says, with the ids of their figures."""

    code: str
    detail: str
    numbers: tuple[int, int]
    ids: Sequence[str]


def find_together(
    entries: Sequence[Checked], disagreements: Mapping[str, Mapping[str, Any]]
) -> Iterator[Together]:
    """Yield numbers of which a text says what does not follow from them, or what their figures do not bear."""
    for first, second in pairwise(entries):
        yield from _judge_figures(first, second, disagreements)
    for _, of_sentence in groupby(entries, key=lambda one: one.number.index):
        for first, second in pairwise(filter(_is_plain, of_sentence)):
            ids = [one.figures[0].row["id"] for one in (first, second) if one.figures]
            for detail in _judge_pair(first.number, second.number) if ids else ():
                yield Together(
                    "other_relation",
                    detail,
                    (first.number.place, second.number.place),
                    ids,
                )


def _is_plain(entry: Checked) -> bool:
    """Tell whether a number is a count. The five of “more than five times the 89” is not."""
    number = entry.number
    return (
        number.unit == "count"
        and bool(number.value)
        and not number.text.text.startswith(" times ", number.end)
    )


def _judge_figures(
    one: Checked, other: Checked, disagreements: Mapping[str, Mapping[str, Any]]
) -> Iterator[Together]:
    """Yield two figures of a sentence, or of two with one number each, that are no trend, though the text says so."""
    (number, first), (second_number, second) = (
        (one.number, one.row),
        (other.number, other.row),
    )
    is_far = second_number.index > number.index and (
        second_number.before or second_number.after
    )
    if (
        is_far
        or second_number.index - number.index > 1
        or not (first and second)
        or not _are_alike(first, second)
    ):
        return
    if _is_list(number.before, number) and _is_list(second_number, second_number.after):
        return  # 201 and 860, compared with 144 and 701
    trend = (
        _find_trend(number, second_number) if _find_order(number, second_number) else []
    )
    is_unfinished = (first["coverage"] == "part") != (second["coverage"] == "part")
    is_one_series = _are_of_one_series(first, second)
    if trend and (is_unfinished or not is_one_series):
        why = (
            _UNFINISHED
            if is_one_series
            else _explain(first, second, disagreements, number) or _UNLIKE
        )
        ids = (first["id"], second["id"])
        yield Together(
            "no_trend",
            f"“{number.words(trend[0][:2])}”: {why}",
            (number.place, second_number.place),
            ids,
        )


def _is_list(one: Number | None, other: Number | None) -> bool:
    return bool(one and other and " and " in one.words((one.end, other.start)))


def _are_alike(first: Row, second: Row) -> bool:
    """Tell whether two figures could be compared at all."""
    is_same_unit = (first["unit"] == "count") == (second["unit"] == "count")
    is_change = "change" in (first["statistic"], second["statistic"])
    return (
        first["area"] == second["area"]
        and is_same_unit
        and not is_change
        and root(first) != root(second)
    )


def _are_of_one_series(first: Row, second: Row) -> bool:
    periods = {first["period"], second["period"]}
    return (
        None not in periods
        and len(periods) == 2
        and not unlike(OF_SERIES, first, second)
    )


def _explain(
    first: Row,
    second: Row,
    disagreements: Mapping[str, Mapping[str, Any]],
    number: Number,
) -> str | None:
    """Return why the register says that two figures differ: the sentences with no number but the text’s."""
    pairs = ({first["id"], second["id"]}, {root(first), root(second)})
    known = (
        one
        for one in disagreements.values()
        if any(pair <= {*one["members"]} for pair in pairs)
    )
    if (one := next(known, None)) is None:
        return None
    sentences = _SENTENCE.split(str(one["explanation"]))
    return (
        " ".join(
            each
            for each in sentences
            if all(n in number.text.text for n in _NUMBER.findall(each))
        )
        or _UNLIKE
    )


def _find_order(one: Number, other: Number) -> tuple[Number, Number] | None:
    """Return the earlier and the later of two numbers that the text compares: from A to B; A, up from B."""
    text, joint = one.text.text, (one.end, other.first)
    has_own = other.after and _FROM.search(
        text, other.end, other.after.first
    )  # fell to 54 from 63
    is_from_to = _TO.search(text, *joint) and _FROM.search(one.text.before(one.first))
    if not has_own and (is_from_to or _ROSE_TO.search(text, *joint)):
        return one, other
    is_compared = ";" not in one.words(joint) and (
        _FROM.search(text, *joint) or _AS.search(text, *joint)
    )
    return (other, one) if is_compared else None


def _find_trend(one: Number, other: Number) -> list[Said]:
    """Return the words by which a text compares two numbers: between them, or else before both."""
    low = max(one.start - NEAR, one.before.end if one.before else one.sentence[0])
    ranges = [
        one.text.said_at("sign", *span)
        for span in ((one.end, other.start), (low, one.start))
    ]
    return next(
        filter(
            None,
            (
                [sign for sign in signs if sign.code.startswith("trend/")]
                for signs in ranges
            ),
        ),
        [],
    )


def _judge_pair(one: Number, other: Number) -> Iterator[str]:
    """Yield what is wrong of two numbers and what the sentence says of them."""
    if than := _THAN.search(one.text.text, one.end, other.first):
        is_said = (one.value > other.value) == (than[1] in ("more", "higher"))
        if not (is_said or other.said("counting_unit", *other.nouns)):
            yield f"Your sentence says “{than[1]} than”, but {one.printed} is not {than[1]} than {other.printed}."
    if order := _find_order(one, other):
        yield from _judge_way(*order, _find_trend(one, other))
    else:
        yield from _judge_multiple(one, other)


def _judge_way(earlier: Number, later: Number, trend: Sequence[Said]) -> Iterator[str]:
    """Say if a number that rose to another is larger than this, or one that doubled is not about twice as large."""
    said = [one for one in trend if one.code in (UP, DOWN)]
    if len({one.code for one in said}) != 1:  # fell after it rose
        return
    words = later.words(said[-1][:2])
    if later.value != earlier.value and said[-1].code != (
        UP if later.value > earlier.value else DOWN
    ):
        how = "more" if later.value > earlier.value else "less"
        yield f"Your sentence says “{words}”, but {later.printed} is {how} than {earlier.printed}."
    elif times := MULTIPLES.find_said(words):
        yield from _judge_times(Fraction(times[0].code), *said[-1][:2], later, earlier)


def _judge_multiple(one: Number, other: Number) -> Iterator[str]:
    """Say if a number is not as many times the next as the text says: more than double the 67,732."""
    text = one.text.text
    for said in MULTIPLES.find_said(text[one.end : other.start]):
        if _THE.fullmatch(text, one.end + said.end, other.first):
            yield from _judge_times(
                Fraction(said.code),
                one.end + said.start,
                one.end + said.end,
                one,
                other,
            )


def _judge_times(
    times: Fraction, start: int, end: int, one: Number, other: Number
) -> Iterator[str]:
    """Say if a number is not so many times another. “More than double” and “almost double” are bounds."""
    before, found = one.text.before(start), one.value / other.value
    low, high = times * (1 - _NEAR_MULTIPLE), times * (1 + _NEAR_MULTIPLE)
    if _MORE.search(before):
        low, high = times, times + 1
    elif _ALMOST.search(before):
        high = times
    if not low <= found <= high:
        said = one.words((start, end))
        yield f"{one.printed} is {float(found):.2g} times {other.printed}; your sentence says “{said}”."
