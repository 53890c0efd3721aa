"""Say whether rows of the table may stand side by side, on one scale. Every door asks here.

They may differ in what they count (of one publisher and place), in their area, kind and time, and in nothing else. If
they differ in several of these, other rows must lead from one to the other by steps that change one of them only.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.figure import Row
from misconduct.model.places import find_around
from misconduct.model.wording import say_in_short

Verdict = Literal["repeats", "part", "whole", "same", "comparable", "not_comparable"]

AXES = ("indicator", "area", "kind", "time")
"""What rows may differ in. A picture has an axis for each of these."""

_TURNED: dict[Verdict, Verdict] = {"part": "whole", "whole": "part"}


class Relation(NamedTuple):
    """How a row relates to another: a verdict, what differs, and why the two may not share a scale; empty if they may.

    `reason` is a code of the list `apart`.
    """

    verdict: Verdict
    differs: Sequence[str]
    reason: str

    def turn(self) -> "Relation":
        """Return how the other row relates to this one."""
        return self._replace(verdict=_TURNED.get(self.verdict, self.verdict))


def relate(first: Row, second: Row, catalogue: Catalogue) -> Relation:
    """Return how a row relates to another one."""
    pair = (first, second)
    reason = find_reason(pair, catalogue)
    differs = find_differing(pair)
    if _claim(first) == _claim(second):
        return Relation("repeats", differs, reason)
    if _claim(second) in _wholes(first):
        return Relation("part", differs, reason)
    if _claim(first) in _wholes(second):
        return Relation("whole", differs, reason)
    return Relation(_judge(differs, reason), differs, reason)


def relate_all(rows: Sequence[Row], catalogue: Catalogue) -> Relation:
    """Return how several rows relate; of two it is the first to the second."""
    if len(rows) == 2:
        first, second = rows
        return relate(first, second, catalogue)
    reason, differs = find_reason(rows, catalogue), find_differing(rows)
    if len({_claim(row) for row in rows}) == 1:
        return Relation("repeats", differs, reason)
    return Relation(_judge(differs, reason), differs, reason)


def _judge(differs: Sequence[str], reason: str) -> Verdict:
    """Return what follows for rows that are neither one claim nor parts of each other."""
    if reason:
        return "not_comparable"
    return "comparable" if differs else "same"


def find_differing(rows: Iterable[Row]) -> list[str]:
    """Return in which of the axes rows differ."""
    places = [_find_place(row) for row in rows]
    return [
        name
        for name, values in zip(AXES, zip(*places, strict=True), strict=True)
        if len({*values}) > 1
    ]


def find_reason(rows: Sequence[Row], catalogue: Catalogue) -> str:
    """Return why rows may not stand on one scale, as a code of the list `apart`; nothing if they may."""
    return find_unlike(rows, catalogue) or _find_unlike_times(rows)


def find_unlike(rows: Sequence[Row], catalogue: Catalogue) -> str:
    """Return why rows may not stand on one scale whatever their times; nothing if they may."""
    indicators = _values(rows, "indicator")
    areas = _values(rows, "area_code")
    if len(indicators) > 1 and len(areas) + len(_values(rows, "publisher")) > 2:
        return "other_indicators"
    if len(_values(rows, "unit", "statistic", "base")) > 1:
        return "other_units"
    if len(_values(rows, "people")) > 1:
        return "other_people"
    if not _hang_together([_find_place(row)[:-1] for row in rows]):
        limited = [_is_limited(row) for row in rows]
        return "other_kinds" if all(limited) else "parts"
    scales = _values(rows, "scale")
    if len(areas) > 1 and (len(scales) > 1 or (None,) in scales):
        return "other_scales"
    inside = {area for (area,) in areas}
    if any(inside.intersection(find_around(area, catalogue)) for area in inside):
        return "parts"
    return "nested_kinds" if _are_nested(rows, catalogue) else ""


def say_reason(reason: str, rows: Sequence[Row], catalogue: Catalogue) -> str:
    """Say why rows may not share a scale. Of places it is what a caveat of all says, or their indicator."""
    if not reason:
        return ""
    said = str(PROGRAM_LISTS["apart"][reason]["definition"])
    if reason != "other_scales":
        return said
    notes = [{*(row["note_ids"] or "").split()} for row in rows]
    for note in sorted(set.intersection(*notes)):
        if catalogue.fact("no_ranking", note):
            return say_in_short(note, catalogue)
    record = catalogue.of_kind("indicator").get(rows[0]["indicator"], {})
    return str(record.get("why") or said)


def _values(rows: Iterable[Row], *names: str) -> set[tuple[Any, ...]]:
    return {tuple(row[name] or None for name in names) for row in rows}


def _claim(row: Row) -> str:
    """Return the row that first has what a row says."""
    return str(row["repeats"] or row["id"])


def _wholes(row: Row) -> list[str]:
    return f"{row['part_of'] or ''} {row['part_of_period'] or ''}".split()


def _is_limited(row: Row) -> bool:
    """Tell whether a row is of one kind, or of a smaller scope."""
    return (row["kind"], row["scope"]) != ("all", "all")


def _find_place(row: Row) -> tuple[Any, ...]:
    """Return where a row stands on each of the axes."""
    category = row["category"] if row["kind"] != "all" else ""
    kind = row["kind"], category, row["scope"]
    return row["indicator"], row["area_code"], kind, _find_time(row)


def _find_time(row: Row) -> tuple[Any, ...]:
    """Return the days of a row; of one without a date they are those that its document means."""
    if _is_dated(row):
        return row["period_start"], row["period_end"], row["coverage"] == "part"
    return row["time"], row["source"]


def _is_dated(row: Row) -> bool:
    has_days = row["period_start"] and row["period_end"]
    return bool(has_days) and row["coverage"] != "unstated"


def _find_unlike_times(rows: Sequence[Row]) -> str:
    """Return why the times of rows keep them apart; nothing if they do not.

    A part of a year is marked wherever it stands, so it decides only if fewer than two other rows are left.
    """
    if len({_find_time(row) for row in rows}) < 2:
        return ""
    if not all(map(_is_dated, rows)):
        return "undated"
    stretches = {
        (*_find_place(row)[:-1], row["stretch"])
        for row in rows
        if row["stretch"] is not None
    }
    if len(stretches) > len({stretch[:-1] for stretch in stretches}):
        return "breaks"
    lasting = [row for row in rows if row["coverage"] != "part"]
    judged = lasting if len(lasting) > 1 else rows
    if len({_find_length(row) for row in judged}) > 1:
        return "other_lengths" if judged is lasting else "parts_of_years"
    return "" if _hang_together([*map(_find_place, rows)]) else "other_times"


def _find_length(row: Row) -> tuple[Any, ...]:
    """Return how many months a time lasts, and the month in which it begins; a moment lasts none."""
    if row["coverage"] == "point":
        return ()
    first, last = row["period_start"], row["period_end"]
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    return months, first.month, row["coverage"] == "part"


def _hang_together(places: Sequence[tuple[Any, ...]]) -> bool:
    """Tell whether steps that change one value only lead from each place to each other one."""
    parents = {place: place for place in places}

    def find(place: tuple[Any, ...]) -> tuple[Any, ...]:
        while parents[place] != place:
            parents[place] = parents[parents[place]]  # shorter for the next time
            place = parents[place]
        return place

    first_with = dict[tuple[Any, ...], tuple[Any, ...]]()
    for place in parents:
        for axis in range(len(place)):
            others = axis, *place[:axis], *place[axis + 1 :]
            parents[find(place)] = find(first_with.setdefault(others, place))
    return len({find(place) for place in parents}) < 2


def _are_nested(rows: Sequence[Row], catalogue: Catalogue) -> bool:
    """Tell whether a kind includes another one which the table does not have as its part.

    What is called by more than its category need not include what is below that.
    """
    codes = {
        str(code["label"]).lower(): name
        for name, code in catalogue.codelists.get("category", {}).items()
    }
    held = {row["id"] for row in rows}
    apart = [
        row for row in rows if row["kind"] != "all" and held.isdisjoint(_wholes(row))
    ]
    kinds = {codes[row["category"]] for row in apart}
    wide = {codes[row["category"]] for row in apart if row["kind"] == row["category"]}
    narrower = catalogue.findable("category")
    return any(kinds.intersection(narrower[kind]) - {kind} for kind in wide)
