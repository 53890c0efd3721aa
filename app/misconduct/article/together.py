"""Find numbers of a text that must not be added, divided or called a trend, although it does so."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from misconduct.article.compare import Checked
from misconduct.article.known import root
from misconduct.article.text import Number
from misconduct.model.figure import Row
from misconduct.model.likeness import OF_SERIES, unlike

_BEFORE, _AFTER, _AFTER_SUM = 60, 40, 25  # characters around two numbers in which a sign is looked for
_UNFINISHED, _UNLIKE = "one of these years was not over when it was counted.", "these count different things."


class Together(NamedTuple):
    """Two numbers that must not be compared or added as the text does, with the ids of their figures."""

    code: str
    detail: str
    numbers: tuple[Number, Number]
    ids: tuple[str, str]


def find_together(entries: Sequence[Checked], disagreements: Mapping[str, Mapping[str, Any]]) -> Iterator[Together]:
    """Yield such pairs among the numbers of one sentence, or of neighbouring ones."""
    known = [(entry.number, entry.row) for entry in entries if entry.row]
    paired = None
    for (one, first), (other, second) in pairwise(known):
        is_far = other.index - one.index > 1 or (other.index > one.index and (other.before or other.after))
        if is_far or root(first) == root(second) or not _are_alike(first, second):
            continue
        why, is_one_series = _explain(first, second, disagreements), _are_of_one_series(first, second)
        is_part = first["id"] in second["part_of"] or second["id"] in first["part_of"]
        trend = _find_trend(one, other) if one is not paired else None
        paired = other if trend else None
        numbers, ids = (one, other), (first["id"], second["id"])
        if trend and ("part" in (first["coverage"], second["coverage"]) or not is_one_series):
            reason = _UNFINISHED if is_one_series else why or _UNLIKE
            yield Together("no_trend", f"“{trend}”: {reason}", numbers, ids)
        elif why and not is_one_series and _find_sum(one, other) and not is_part:
            yield Together("look_alikes", why, numbers, ids)


def _are_alike(first: Row, second: Row) -> bool:
    """Tell whether two figures could be compared at all."""
    is_same_unit = (first["unit"] == "count") == (second["unit"] == "count")
    is_change = "change" in (first["statistic"], second["statistic"])
    return first["area"] == second["area"] and is_same_unit and not is_change


def _find_trend(one: Number, other: Number) -> str | None:
    low = other.sentence[0] if one.index < other.index else max(one.start - _BEFORE, one.sentence[0])
    return other.sign("trend", low, min(other.end + _AFTER, other.clause[1]))


def _find_sum(one: Number, other: Number) -> str | None:
    low = max(one.end, other.sentence[0], other.start - _BEFORE)
    return other.sign("sum", low, other.end + _AFTER_SUM)


def _are_of_one_series(first: Row, second: Row) -> bool:
    periods = {first["period"], second["period"]}
    return None not in periods and len(periods) == 2 and not unlike(OF_SERIES, first, second)


def _explain(first: Row, second: Row, disagreements: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return why the register says that two figures differ, if it does."""
    pairs = ({first["id"], second["id"]}, {root(first), root(second)})
    known = (one for one in disagreements.values() if any(pair <= {*one["members"]} for pair in pairs))
    return next((str(one["explanation"]) for one in known), None)
