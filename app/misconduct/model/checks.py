"""The outcomes of checks. A release computes them once and keeps them.

A check never changes a figure. It `holds` if the numbers agree, and the figures are alike or a source says that they
belong together. It `fails` only if alike figures contradict what a source says. Anything else is `undecidable`.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.compare import stated
from misconduct.model.documents import number
from misconduct.model.figure import DIMENSIONS, Row

Result = Literal["holds", "fails", "undecidable"]
Agreement = tuple[Decimal | None, bool | None]
"""The computed number, and whether it agrees with the stated one. None where that cannot be said."""

IN_PERCENT = re.compile("%|per ?cent")
WHOLES = {"percent": 100, "proportion": 1, "per_thousand": 1000}  # what the whole is in a unit of shares
COMPARED = (*DIMENSIONS, "unit", "period")
SHARE_AND_PART = ("measure", "category", "area", "counting_unit", "period")
SHARE_AND_WHOLE = ("area", "population", "counting_unit", "period")
"""What a share must have in common with its part, and with its whole."""


def judge_check(check: Content, figures: Mapping[str, Row], catalogue: Catalogue) -> dict[str, Any]:
    """Return the outcome of a check: result, stated and computed number, and unlike columns.

    `figures` are completed rows by id (`misconduct.model.figure.complete`).
    """
    whole, parts = figures[check["whole"]], [figures[one] for one in check["parts"]]
    if check["type"] == "share":
        share = figures[check["share"]]
        pairs = [(name, parts[0]) for name in SHARE_AND_PART] + [(name, whole) for name in SHARE_AND_WHOLE]
        differ = {name for name, row in pairs if stated(name, row) != stated(name, share)}
        unlike = [name for name in COMPARED if name in differ]
        stated_value, (computed, agrees) = share["value"], _divide(share, parts[0], whole)
    else:
        unlike = [name for name in COMPARED if any(not _fits(name, part, whole, catalogue) for part in parts)]
        stated_value, (computed, agrees) = whole["value"], _add_up(whole, parts)
    return {
        "result": _decide(agrees, is_alike=not unlike, is_asserted=bool(check.get("asserted"))),
        "stated": None if stated_value is None else number(stated_value),
        "computed": None if computed is None else number(computed),
        "unlike": unlike,
    }


def _decide(agrees: bool | None, *, is_alike: bool, is_asserted: bool) -> Result:
    if agrees:
        return "holds" if is_asserted or is_alike else "undecidable"
    return "fails" if agrees is False and is_asserted and is_alike else "undecidable"


def _fits(name: str, part: Row, whole: Row, catalogue: Catalogue) -> bool:
    """Tell whether a part says the same as its whole in a dimension, or is narrower. A sum is of one period."""
    if name == "period":
        return bool(stated(name, part) == stated(name, whole))
    return part[name] in catalogue.findable(name).get(whole[name], (whole[name],))


def _add_up(whole: Row, parts: Sequence[Row]) -> Agreement:
    """Return the sum of the parts, and whether it is the whole. A hedged number need not be."""
    if any(row["value"] is None for row in (whole, *parts)):
        return None, None
    computed = sum((row["value"] for row in parts), Decimal())
    return computed, computed == whole["value"] or (None if _is_hedged(whole, *parts) else False)


def _divide(share: Row, part: Row, whole: Row) -> Agreement:
    """Return part ÷ whole in the unit of the share, and whether it rounds to that.

    It need not if one of them is hedged or may be round: hundreds, or a share in words, such as one in 50.
    """
    if share["value"] is None or part["value"] is None or not whole["value"]:
        return None, None
    computed = part["value"] / whole["value"] * WHOLES.get(share["unit"], 1)
    may_be_round = (
        part["value"] % 100 == 0 or whole["value"] % 100 == 0 or not IN_PERCENT.search(share["printed"] or "")
    )
    may_differ = may_be_round or _is_hedged(share, part, whole)
    is_rounded = computed.quantize(share["value"]) == share["value"]
    return round(computed, 5), is_rounded or (None if may_differ else False)


def _is_hedged(*rows: Row) -> bool:
    return any(row["qualifier"] not in ("exact", None) for row in rows)
