"""Find how the figures of a disagreement differ, and which of them are disputed. A release computes it once."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.doubt import find_doubting
from misconduct.model.figure import Row

from .likeness import (
    CHECKS,
    COMPARED,
    IN_SUM,
    OF_POINT,
    contrast,
    unlike,
)

DISPUTES = {"publisher_error", "revision", "unknown"}
"""Why numbers for one thing can differ. By any other reason of a disagreement, they are for different things."""


def judge_disagreement(members: Sequence[Row], catalogue: Catalogue) -> dict[str, Any]:
    """Return how completed rows relate, and which of them are one piece of evidence.

    Checks, words and what a rate is per are told if a member has any.
    """
    if_any = "per", *CHECKS, "counted"
    names = [
        name
        for name in (*IN_SUM, *CHECKS, "counted")
        if name not in if_any or any(row[name] for row in members)
    ]
    evidence: dict[str, list[str]] = {}
    for row in members:
        evidence.setdefault(row["origin"] or row["source"], []).append(row["id"])
    return {
        "dimensions": contrast(members, names, catalogue),
        "evidence": [
            {"origin": origin, "observations": found}
            for origin, found in evidence.items()
        ],
    }


def describe_disagreement(
    record: Content, figures: Mapping[str, Row], catalogue: Catalogue
) -> dict[str, Any]:
    """Return the outcome of a disagreement, of which `figures` has the completed members."""
    members = [figures[identity] for identity in record["members"]]
    disputed = find_disputed(record["reasons"], members, catalogue)
    return judge_disagreement(members, catalogue) | {"disputed": disputed}


def find_disputed(
    reasons: Iterable[str], members: Sequence[Row], catalogue: Catalogue
) -> list[str]:
    """Return those members of a disagreement of which another one gives another number for the same thing and time.

    A number that is doubted anyway disputes none. What repeats a disputed claim is disputed, too.
    """
    if DISPUTES.isdisjoint(reasons):
        return []
    sure = [row for row in members if row["value"] is not None]
    sure = [row for row in sure if not find_doubting(row, catalogue)]
    claims = set[str]()
    for pair in combinations(sure, 2):
        if len({row["value"] for row in pair}) > 1 and not unlike(OF_POINT, *pair):
            claims |= {row["repeats"] or row["id"] for row in pair}
    return [row["id"] for row in members if (row["repeats"] or row["id"]) in claims]


def differ(members: Sequence[Row]) -> bool:
    numbers = {
        tuple(row[name] for name in ("value", "value_absent", "qualifier"))
        for row in members
    }
    return len(numbers) > 1 or bool(unlike(COMPARED, *members))
