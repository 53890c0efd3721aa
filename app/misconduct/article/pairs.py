"""Find numbers of a text that must not be added, compared or called a trend, although it does so."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from misconduct.article.compare import Checked
from misconduct.article.fields import NO_SLIP
from misconduct.article.known import root
from misconduct.article.relations import MAX_BEFORE, Together, find_order, find_relations
from misconduct.article.text import Number
from misconduct.model.figure import Row
from misconduct.model.likeness import OF_SERIES, unlike

_AFTER_SUM = 25  # characters after them in which “in total” is
_UNFINISHED, _UNLIKE = "one of these years was not over when it was counted.", "these count different things."
_AND = re.compile(r"(?:[\s\w]{0,60}\b)?and (?:[a-z]+ ){0,2}$")
_AGAIN = re.compile(r"(?i)\bor\b|\bthat is\b|\bi\.e\.|\(")
"""Words between two forms of one number: “or” in “one in 50, or 2 per cent”."""

_SENTENCE, _NUMBER = re.compile(r"(?<=[.!?])\s+"), re.compile(r"(?<![\w,.])\d[\d,]*")


def find_pairs(entries: Sequence[Checked], disagreements: Mapping[str, Mapping[str, Any]]) -> Iterator[Together]:
    """Yield such pairs among the numbers of one sentence, or of neighbouring ones, by where they stand."""
    for (place, first), (_, second) in pairwise(enumerate(entries)):
        one, other = first.number, second.number
        is_far = other.index - one.index > 1 or (other.index > one.index and (other.before or other.after))
        trend = None if is_far else _find_trend(one, other)
        compared = _find_lists(entries, place) if trend else [(first, second)]
        for this, that in compared:
            if not is_far and this.row and that.row:
                yield from _judge((this, this.row), (that, that.row), trend, disagreements)
    yield from _find_one_figure(entries)
    yield from find_relations(entries)


def _judge(
    this: tuple[Checked, Row],
    that: tuple[Checked, Row],
    trend: str | None,
    disagreements: Mapping[str, Mapping[str, Any]],
) -> Iterator[Together]:
    (one, first), (other, second) = this, that
    if root(first) == root(second) or not _are_alike(first, second):
        return
    numbers, ids = (one.number.place, other.number.place), (first["id"], second["id"])
    why, is_one_series = _explain(first, second, disagreements, one.number), _are_of_one_series(first, second)
    is_part = first["id"] in second["part_of"] or second["id"] in first["part_of"]
    if trend and ("part" in (first["coverage"], second["coverage"]) or not is_one_series):
        reason = _UNFINISHED if is_one_series else why or _UNLIKE
        yield Together("no_trend", f"“{trend}”: {reason}", numbers, ids)
    elif why and not is_one_series and not is_part and _find_sum(one.number, other.number):
        yield Together("look_alikes", why, numbers, ids)


def _find_lists(entries: Sequence[Checked], place: int) -> list[tuple[Checked, Checked]]:
    """Return what is compared with what: 201 and 860, compared with 144 and 701, or only the two numbers."""
    first, second = entries[place : place + 2]
    beside = entries[max(place - 1, 0)], entries[min(place + 2, len(entries) - 1)]
    text, (before, after) = first.number.text.text, beside
    ands = [(before.number.end, first.number.start), (second.number.end, after.number.start)]
    if all(low < high and _AND.fullmatch(text, low, high) for low, high in ands):
        return [(before, second), (first, after)]
    return [(first, second)]


def _find_one_figure(entries: Sequence[Checked]) -> Iterator[Together]:
    """Yield two numbers of one sentence that have one figure: at most one of them is that."""
    told = NO_SLIP | {"other_unit"}
    firsts = [one.figures[0] for one in entries if one.figures]
    found = [(one.match.number, one.match.row) for one in firsts if told.isdisjoint(one.codes)]
    found = [(number, row) for number, row in found if number.unit != "count" or number.value == row["value"]]
    for (one, first), (other, second) in pairwise(found):
        is_told = _AGAIN.search(one.text.text[one.end : other.start])
        if one.index == other.index and root(first) == root(second) and not is_told:
            numbers, ids = (one.place, other.place), (first["id"], second["id"])
            yield Together("look_alikes", "Both have one figure here. At most one of them can be that.", numbers, ids)


def _are_alike(first: Row, second: Row) -> bool:
    """Tell whether two figures could be compared at all."""
    is_same_unit = (first["unit"] == "count") == (second["unit"] == "count")
    is_change = "change" in (first["statistic"], second["statistic"])
    return first["area"] == second["area"] and is_same_unit and not is_change


def _find_trend(one: Number, other: Number) -> str | None:
    """Return the word by which a text compares two numbers: A, up from B; from A to B; A, compared with B."""
    low = max(one.start - MAX_BEFORE, one.before.end if one.before else one.sentence[0])
    has_order = find_order(one, other) and not (other.after and find_order(other, other.after))
    return (other.sign("trend", one.end, other.start) or one.sign("trend", low, one.start)) if has_order else None


def _find_sum(one: Number, other: Number) -> str | None:
    """Return the word by which a text adds two numbers. “Of which” after them is about the next one."""
    inside, after = (max(one.end, other.sentence[0]), other.start), (other.end, other.end + _AFTER_SUM)
    words, last = other.sign("sum", *inside), other.sign("sum", *after) or "of"
    if words and words.casefold().startswith("of") and one.before and one.index < other.index:
        words = None  # “Of those” after a sentence with several numbers is rarely of its last one
    return words or (None if last.startswith("of") else last)


def _are_of_one_series(first: Row, second: Row) -> bool:
    periods = {first["period"], second["period"]}
    return None not in periods and len(periods) == 2 and not unlike(OF_SERIES, first, second)


def _explain(first: Row, second: Row, disagreements: Mapping[str, Mapping[str, Any]], number: Number) -> str | None:
    """Return why the register says that two figures differ: the sentences with no number but the text’s."""
    pairs = ({first["id"], second["id"]}, {root(first), root(second)})
    known = (one for one in disagreements.values() if any(pair <= {*one["members"]} for pair in pairs))
    if (one := next(known, None)) is None:
        return None
    sentences = _SENTENCE.split(str(one["explanation"]))
    return " ".join(each for each in sentences if all(n in number.text.text for n in _NUMBER.findall(each))) or _UNLIKE
