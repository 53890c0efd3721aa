"""Check what a text says of two of its numbers: up from, a share, a difference, a sum.

Only what the text itself prints is worked out, and only where one of the numbers is a figure of the register.
"""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby, pairwise
from typing import NamedTuple

from misconduct.article.find import Checked
from misconduct.article.number import Number
from misconduct.article.text import NEAR
from misconduct.article.words import DOWN, UP
from misconduct.model.vocabulary import Said

_FROM, _TO = (
    re.compile(r"(?i)\bfrom (?:the |a |an |just |only )?$"),
    re.compile(r"(?i)\bto (?:a |just |only )?$"),
)
_AS = re.compile(
    r"(?i)\b(?:compared (?:with|to)|than|against|(?:up|down) on) (?:the |that of |just |only )*$"
)
"""The words before the earlier, the later, and the other of two numbers that are compared."""

_BY_MORE = re.compile(
    r"(?i)\s(?:[a-z]+\s)?(more|fewer|less|higher|lower) than (?:in )?(?:the )?$"
)
_SHARE = re.compile(r"(?i)(?: [\w’-]+){0,5}(?: \(|, or |,? which is |, )$")
"""The words between a part and its share of the whole: “were upheld (” in “of 285, 53 were upheld (19 per cent)”."""

_WHICH = re.compile(r"(?i)\bof (?:which|whom|these|those|them),? (?:only |just )?$")
_SUM = re.compile(r"(?i)\b(?:a total of|in total|altogether|together|in all),? $")
_LOOSE = 2  # percentage points by which a share with a hedge may be off


class Together(NamedTuple):
    """Numbers, by their places in the list, that do not go together as the text says, with the ids of their figures."""

    detail: str
    numbers: tuple[int, int]
    ids: Sequence[str]


def find_together(entries: Sequence[Checked]) -> Iterator[Together]:
    """Yield numbers of which a text says what does not follow from them."""
    for _, group in groupby(entries, key=lambda one: one.number.index):
        of_sentence = [*group]
        plain = [one for one in of_sentence if _is_plain(one.number)]
        for first, second in pairwise(plain):
            ids = _list_ids(first, second)
            one, other = first.number, second.number
            order = _find_order(one, other) if ids else None
            if order and (detail := _judge_way(*order, _find_trend(one, other))):
                yield Together(detail, (one.place, other.place), ids)
        for several in zip(of_sentence, of_sentence[1:], of_sentence[2:], strict=False):
            if ids := _list_ids(*several):
                for detail, number, wrong in _judge_three(
                    *(one.number for one in several)
                ):
                    yield Together(detail, (number.place, wrong.place), ids)


def _list_ids(*entries: Checked) -> list[str]:
    return [one.figures[0].row["id"] for one in entries if one.figures]


def _is_plain(number: Number) -> bool:
    """Tell whether a number is a count that another one can be compared with."""
    is_times = number.text.text.startswith(" times ", number.end)
    is_clock = number.printed.startswith("0")
    return number.unit == "count" and bool(number.value) and not (is_times or is_clock)


def _find_order(one: Number, other: Number) -> tuple[Number, Number] | None:
    """Return the earlier and the later of two numbers that the text compares: from A to B; A, up from B."""
    text, joint = one.text.text, (one.end, other.first)
    after = other.after
    has_own = after and _FROM.search(text, other.end, after.first)  # to 54 from 63
    is_from_to = _TO.search(text, *joint) and _FROM.search(one.text.before(one.first))
    trend = [
        sign for sign in one.text.said_at("sign", *joint) if sign.code in (UP, DOWN)
    ]
    is_rise_to = any(_TO.fullmatch(text, sign.end + 1, joint[1]) for sign in trend)
    if not has_own and (is_from_to or is_rise_to):
        return one, other
    is_from = _FROM.search(text, *joint) or _AS.search(text, *joint)
    return (other, one) if is_from and ";" not in one.words(joint) else None


def _find_trend(one: Number, other: Number) -> list[Said]:
    """Return the words by which a text compares two numbers: between them, or else before both."""
    low = max(one.start - NEAR, one.before.end if one.before else one.sentence[0])
    for span in ((one.end, other.start), (low, one.start)):
        signs = one.text.said_at("sign", *span)
        if trend := [sign for sign in signs if sign.code.startswith("trend/")]:
            return trend
    return []


def _judge_way(earlier: Number, later: Number, trend: Sequence[Said]) -> str | None:
    """Say if a number that rose to another is not larger than this, or one that fell is not smaller."""
    said = [one for one in trend if one.code in (UP, DOWN)]
    if len({one.code for one in said}) != 1 or later.value == earlier.value:
        return None  # fell after it rose
    is_up = later.value > earlier.value
    if said[-1].code == (UP if is_up else DOWN):
        return None
    words, how = later.words(said[-1][:2]), "more" if is_up else "less"
    return f"Your sentence says “{words}”, but {later.printed} is {how} than {earlier.printed}."


Wrong = tuple[str, Number, Number]
"""What is wrong, a number that was found, and the one that does not follow from it."""


def _judge_three(one: Number, other: Number, last: Number) -> Iterator[Wrong]:
    """Yield what is wrong of a share, a difference or a sum of two numbers that stand beside it."""
    if not (_is_plain(one) and _is_plain(other)):
        return
    if last.unit == "percent" and (whole := _find_whole(one, other, last)):
        yield from _judge_share(one if whole is other else other, whole, last)
    if _is_plain(last):
        yield from _judge_difference(one, other, last)
        total = int(one.value + other.value)
        is_sum = _SUM.search(one.text.before(last.first, other.end))
        if is_sum and total != last.value:
            words = f"{one.printed} and {other.printed} are {total:,}"
            yield _say_worked_out(words, last), one, last


def _judge_difference(one: Number, other: Number, last: Number) -> Iterator[Wrong]:
    """Say if a number is not as much more than the last as the text says: 1,955, 199 more than the 1,756."""
    than = _BY_MORE.fullmatch(one.text.text, other.end, last.first)
    if than is None or "," not in one.words((one.end, other.first)):
        return
    real = int(one.value - last.value)
    is_more = than[1].lower() in ("more", "higher")
    if other.value != (real if is_more else -real):
        words = f"{one.printed} and {last.printed} differ by {abs(real):,}"
        yield _say_worked_out(words, other), one, other


def _find_whole(one: Number, other: Number, share: Number) -> Number | None:
    """Return which of two numbers is the whole of which the other has a share, if a sentence says so."""
    text = one.text.text
    if not _SHARE.fullmatch(text, other.end, share.first):
        return None
    if one.is_part_of(other):
        return other
    is_part = other.is_part_of(one) or _WHICH.search(text, one.end, other.first)
    return one if is_part else None


def _judge_share(part: Number, whole: Number, share: Number) -> Iterator[Wrong]:
    """Say if a share is not that of a part, as precisely as it is printed."""
    decimals = len(share.printed.partition(".")[2].rstrip("% percnt"))
    reach = Fraction(1, 2 * 10**decimals) if share.qualifier == "exact" else _LOOSE
    real = 100 * part.value / whole.value
    if abs(real - share.value) > reach:
        words = (
            f"{part.printed} of {whole.printed} is {float(real):.{decimals}f} per cent"
        )
        yield _say_worked_out(words, share), part, share


def _say_worked_out(words: str, number: Number) -> str:
    return f"{words}; your sentence says {number.printed}."
