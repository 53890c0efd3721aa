"""The outcomes of checks and of disagreements. A release computes them once and keeps them.

A check never changes a figure. It `holds` if the numbers agree, and the figures are alike or a source says that they
belong together. It `fails` only if alike figures contradict what a source says. Anything else is `undecidable`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any

from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.documents import number
from misconduct.model.doubt import find_doubting
from misconduct.model.figure import Row
from misconduct.model.likeness import (
    CHECKS,
    COMPARED,
    IN_SUM,
    OF_POINT,
    contrast,
    differences,
    unlike,
)

DISPUTES = {"publisher_error", "revision", "unknown"}
"""Why numbers for one thing can differ. By any other reason of a disagreement, they are for different things."""

IN_PERCENT = re.compile("%|per ?cent")
WHOLES = {"percent": 100, "proportion": 1}  # what the whole is in a unit of shares
WHOLES |= {
    "per_hundred": 100,
    "per_thousand": 1000,
    "per_hundred_thousand": 100_000,
    "per_million": 1_000_000,
}


def judge_check(
    check: Content, figures: Mapping[str, Row], catalogue: Catalogue
) -> dict[str, Any]:
    """Return the outcome of a check: result, stated and computed number, and unlike columns.

    `figures` are completed rows by id (`misconduct.model.figure.complete`).
    """
    whole, parts = figures[check["whole"]], [figures[one] for one in check["parts"]]
    if check["type"] == "share":
        given, [part] = figures[check["share"]], parts
        apart = {*unlike(IN_SUM, given, part)} - {
            "population",
            "statistic",
            "unit",
            "per",
        }
        apart |= {*unlike(IN_SUM, given, whole)} - {
            "measure",
            "category",
            "statistic",
            "unit",
            "per",
        }
        computed, agrees = _divide(given, part, whole)
    else:
        pairs = [
            (unlike(IN_SUM, part, whole), differences(part, whole, catalogue))
            for part in parts
        ]
        apart = {
            name
            for names, relations in pairs
            for name in names
            if relations[name] != "narrower"
        }
        given, values = whole, [row["value"] for row in parts]
        computed = None if None in (whole["value"], *values) else sum(values, Decimal())
        agrees = None if computed is None else computed == whole["value"]
    is_hedged = any(
        row["qualifier"] not in ("exact", None) for row in (given, whole, *parts)
    )
    is_alike, is_asserted = not apart, bool(check.get("asserted"))
    holds = agrees and (is_alike or is_asserted)
    fails = (
        agrees is False and is_alike and is_asserted and not is_hedged
    )  # a hedged number need not agree
    return {
        "result": "holds" if holds else "fails" if fails else "undecidable",
        "stated": None if given["value"] is None else number(given["value"]),
        "computed": None if computed is None else number(computed),
        "unlike": [name for name in IN_SUM if name in apart],
    }


def _divide(share: Row, part: Row, whole: Row) -> tuple[Decimal | None, bool | None]:
    """Return part ÷ whole in the unit of the share, and whether it rounds to that; None if that cannot be said.

    It need not if one of them may be round: hundreds, or a share in words, such as one in 50.
    """
    if share["value"] is None or part["value"] is None or not whole["value"]:
        return None, None
    computed = part["value"] / whole["value"] * WHOLES.get(share["unit"], 1)
    is_rounded = computed.quantize(share["value"]) == share["value"]
    is_precise = IN_PERCENT.search(share["printed"] or "") and all(
        row["value"] % 100 for row in (part, whole)
    )
    return round(computed, 5), is_rounded or (False if is_precise else None)


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
