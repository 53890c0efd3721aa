"""The outcome of a disagreement: how its members relate, and which of them are one piece of evidence."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from misconduct.model.catalogue import Catalogue
from misconduct.model.compare import CHECKS, COMPARED, Relation, stated
from misconduct.model.figure import DIMENSIONS, Row

RELATED = (*DIMENSIONS, "unit", "period")
RELATED_IF_STATED = (*CHECKS, "counted")
"""The dimensions of every disagreement, and those of one in which a member says something."""


def judge_disagreement(members: Sequence[Row], catalogue: Catalogue) -> dict[str, Any]:
    """Return how completed rows relate in each dimension, and which of them are one piece of evidence."""
    names = (*RELATED, *(name for name in RELATED_IF_STATED if any(row[name] for row in members)))
    evidence: dict[str, list[str]] = {}
    for row in members:
        evidence.setdefault(row["origin"] or row["source"], []).append(row["id"])
    return {
        "dimensions": {name: relate_members(name, members, catalogue) for name in names},
        "evidence": [{"origin": origin, "observations": found} for origin, found in evidence.items()],
    }


def relate_members(name: str, members: Sequence[Row], catalogue: Catalogue) -> Relation:
    """Return how figures relate in a dimension, in any order: narrower if of any two codes one includes the other."""
    said = {stated(name, row) for row in members}
    known = said - {None}
    if len(known) > 1:
        codes = catalogue.findable(name)
        pairs = combinations(known, 2)
        is_chain = all(one in codes.get(other, ()) or other in codes.get(one, ()) for one, other in pairs)
        return "narrower" if is_chain else "different"
    return "same" if known == said else "unstated"


def differ(members: Sequence[Row]) -> bool:
    """Tell whether figures say different things in anything that can be compared."""
    values = [[row[name] for name in ("value", "value_absent", "qualifier")] for row in members]
    said = [[stated(name, row) for name in COMPARED] for row in members]
    return any(one != values[0] for one in values) or any(one != said[0] for one in said)
