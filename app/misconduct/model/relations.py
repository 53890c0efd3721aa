"""Which figures include which: wholes and their parts, claims and their repetitions; and which count the same."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from misconduct.model.figure import DIMENSIONS, Row

SUBJECT = (*DIMENSIONS, "unit", "vetting_check", "vetting_result", "stock_or_flow", "period_start", "period_end")
"""What is the same of figures that count the same thing."""


def find_within(rows: Iterable[Row]) -> dict[str, list[str]]:
    """Return, for each figure that others include, the ids of those others, sorted.

    A figure is within its wholes, their wholes, and every print of their claims. A repetition of a claim is within the
    first statement, and within the repetitions that come before it in the order of ids. Take any figures and leave out
    those that are within another one of them: adding up the rest counts nothing twice.
    """
    figures = {row["id"]: row for row in rows}
    first = {identity: row["repeats"] or identity for identity, row in figures.items()}
    prints = defaultdict[str, list[str]](list)
    for identity in sorted(figures, key=lambda one: (first[one] != one, one)):
        prints[first[identity]].append(identity)
    found = {}
    for identity in figures:
        claim = prints[first[identity]]
        above = _wholes([one for one in claim if one in figures], figures, first, prints)
        if within := sorted({*above, *claim[: claim.index(identity)]} - {identity}):
            found[identity] = within
    return found


def _wholes(
    start: Sequence[str], figures: dict[str, Row], first: dict[str, str], prints: dict[str, list[str]]
) -> set[str]:
    """Return every whole of some figures, the wholes of these, and so on, with every print of their claims."""
    found, ahead = set[str](), [whole for one in start for whole in figures[one]["part_of"]]
    while ahead:
        whole = ahead.pop()
        if whole in figures and whole not in found:
            claim = prints[first[whole]]
            found.update(claim)
            ahead += [above for one in claim for above in figures[one]["part_of"]]
    return found


def find_shared_subjects(rows: Iterable[Row]) -> dict[str, str]:
    """Return, for each figure that counts what figures of other sources count, the least id of all of these.

    They have the same codes and the same days. Figures without days are left out.
    """
    groups = defaultdict[tuple[object, ...], list[Row]](list)
    for row in rows:
        if row["period_start"] and row["period_end"]:
            groups[tuple(row[name] for name in SUBJECT)].append(row)
    shared = [group for group in groups.values() if len({row["source"] for row in group}) > 1]
    return {row["id"]: min(one["id"] for one in group) for group in shared for row in group}
