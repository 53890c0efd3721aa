"""The outcomes of checks. A release computes them once and keeps them.

A check never changes a figure. It `holds` if the numbers agree, and the figures are alike or a source says that they
belong together. It `fails` only if alike figures contradict what a source says. Anything else is `undecidable`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.compare import stated
from misconduct.model.documents import number
from misconduct.model.figure import DIMENSIONS, Row
from misconduct.model.rounding import WHOLES, Range, find_range
from misconduct.model.series import Span, find_years

Result = Literal["holds", "fails", "undecidable"]
Agreement = tuple[Decimal | None, bool | None]
"""The computed number, and whether it agrees with the stated one. None where that cannot be said."""

COMPARED = (*DIMENSIONS, "unit", "period")
SHARE_AND_PART = ("measure", "category", "area", "counting_unit", "period")
SHARE_AND_WHOLE = ("area", "population", "counting_unit", "period")
"""What a share must have in common with its part, and with its whole."""


def judge_check(check: Content, figures: Mapping[str, Row], catalogue: Catalogue) -> dict[str, Any]:
    """Return the outcome of a check: result, stated and computed number, unlike columns and missing years.

    `figures` are completed rows by id (`misconduct.model.figure.complete`).
    """
    kind, whole, parts = check["type"], figures[check["whole"]], [figures[one] for one in check["parts"]]
    missing = _missing_years(whole, parts) if kind == "yearly_parts" else []
    if kind == "share":
        share = figures[check["share"]]
        pairs = [(name, parts[0]) for name in SHARE_AND_PART] + [(name, whole) for name in SHARE_AND_WHOLE]
        differ = {name for name, row in pairs if stated(name, row) != stated(name, share)}
        unlike = [name for name in COMPARED if name in differ]
        stated_value, (computed, agrees) = share["value"], _divide(share, parts[0], whole)
    else:
        unlike = [one for one in COMPARED if any(not _fits(one, kind, part, whole, catalogue) for part in parts)]
        stated_value, (computed, agrees) = whole["value"], _add_up(kind, whole, parts, has_gaps=bool(missing))
    return {
        "result": _decide(agrees, is_alike=not unlike, is_asserted=bool(check.get("asserted"))),
        "stated": None if stated_value is None else number(stated_value),
        "computed": None if computed is None else number(computed),
        "unlike": unlike,
        "missing_years": missing,
    }


def _decide(agrees: bool | None, *, is_alike: bool, is_asserted: bool) -> Result:
    if agrees:
        return "holds" if is_asserted or is_alike else "undecidable"
    return "fails" if agrees is False and is_asserted and is_alike else "undecidable"


def _fits(name: str, kind: str, part: Row, whole: Row, catalogue: Catalogue) -> bool:
    """Tell whether a part says the same as its whole in a dimension, or is narrower. A sum is of one period."""
    if name == "unit" and {part[name], whole[name]} <= WHOLES.keys():
        return True  # they are compared in the unit of the whole
    if name != "period":
        return part[name] in catalogue.findable(name).get(whole[name], (whole[name],))
    if stated(name, part) == stated(name, whole) or (kind == "yearly_parts" and not _is_dated(whole)):
        return True
    are_dated = kind != "sum_of_parts" and _is_dated(part) and _is_dated(whole)
    return are_dated and whole["period_start"] <= part["period_start"] <= part["period_end"] <= whole["period_end"]


def _is_dated(row: Row) -> bool:
    return row["dated_by"] == "source" and bool(row["period_start"] and row["period_end"])


def _missing_years(whole: Row, parts: Sequence[Row]) -> list[str]:
    """Return the years of a dated window, oldest first, for which no part gives a figure of the whole year."""
    if not _is_dated(whole):
        return []
    stated_years = [_span(row) for row in parts if row["year"]]
    window = _span(whole)._replace(is_year=False)
    days = {(one.first, one.last) for one in stated_years}
    years = [one for one in find_years([window, *stated_years]) if (one.first, one.last) not in days]
    return sorted(one.label for one in years if one.first <= window.last and one.last >= window.first)


def _span(row: Row) -> Span:
    return Span(True, row["period_start"].month, row["period_start"], row["period_end"])


def _add_up(kind: str, whole: Row, parts: Sequence[Row], *, has_gaps: bool) -> Agreement:
    """Return the sum of the parts, or the largest part of a subset, and whether it agrees with the whole."""
    if any(row["value"] is None for row in (whole, *parts)):
        return None, None
    ranges = [find_range(row).convert(row["unit"], whole["unit"]) for row in parts]
    total = Range(*(sum(column, Decimal()) for column in zip(*ranges, strict=True)))
    low, computed, high = max(ranges) if kind == "subset" else total
    least, _, most = find_range(whole)
    if low > most:
        return computed, False
    if kind == "yearly_parts" and (has_gaps or not _is_dated(whole)):
        return computed, None
    return computed, kind == "subset" or high >= least


def _divide(share: Row, part: Row, whole: Row) -> Agreement:
    """Return part ÷ whole in the unit of the share, and whether it agrees. A number without a hedge may be rounded."""
    if share["value"] is None or part["value"] is None or not whole["value"]:
        return None, None
    scale = WHOLES.get(share["unit"], 1)
    low, value, high = find_range(part, may_be_round=True)
    least, total, most = find_range(whole, may_be_round=True)
    expected = find_range(share, may_be_round=True)
    agrees = low / most * scale <= expected.high and (least <= 0 or high / least * scale >= expected.low)
    return round(value / total * scale, 5), agrees
