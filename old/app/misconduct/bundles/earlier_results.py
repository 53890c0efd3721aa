"""Compute what earlier programs computed otherwise, to verify the bundles that they wrote.

Before 2.0.0 every check set its figures together as if a source did, only some differences made it undecidable, a
share's divisor was not rounded, and numbers were texts. A narrower code was a different one. Later ones knew no bounds
of a fall, and none in the unit of a range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from misconduct.model.checks import FAILS, HOLDS, UNDECIDABLE, round_share, rounding
from misconduct.model.codes import Statistic, Unit
from misconduct.model.comparison import COMPARED, evidence_groups
from misconduct.model.observation import Observation
from misconduct.register.assessments import summarise
from misconduct.register.rules import DERIVED, bounds_of_value

SINCE = "asserted"
"""The column of `checks.csv` that these programs did not know."""

LATER_KINDS = frozenset({"classification", "mapping", "not_published", "relation", "table"})
"""Kinds of records that no release of these programs has."""

LACKED = frozenset({
    "asserted", "result", "stated", "computed", "unlike", "subtitle", "form", "emphasis", "time_period", "coverage",
    "part_of", "repeats", "denominator", "year", "year_basis", "value_low", "value_high", "not_after",
    "population_group", "vetting_check", "vetting_result", "stock_or_flow", "stage",
})  # fmt: skip
"""Columns that these programs did not write, and that have cells in the tables of their records."""

BOUNDS = ("value_low", "value_high")


def _bounds_as_earlier(
    value: str, qualifier: str, printed: str, statistic: str
) -> tuple[Decimal | None, Decimal | None]:
    """Return the bounds of a figure as programs did that knew no fall, and no unit of a range."""
    known = Statistic.COUNT if statistic == Statistic.COUNT else Statistic.SHARE
    return bounds_of_value(value, qualifier, printed, known, Unit.COUNT)


EARLIER_DERIVED = (*(one for one in DERIVED if one[0] != BOUNDS), (BOUNDS, _bounds_as_earlier))

_UNLIKE = ("area", "population", "counting_unit")


def compute_as_earlier(
    kind: str, content: Mapping[str, Any], observations: Mapping[str, Observation]
) -> dict[str, Any] | None:
    """Compute a record's result from the observations that it mentions, by id; None for kinds without a result."""
    if kind == "disagreement":
        return _compare([observations[name] for name in content["members"]])
    return _assess(content, observations) if kind == "check" else None


def _compare(members: list[Observation]) -> dict[str, Any]:
    figures = [summarise(o) | {"value": _text(o.value)} for o in members]
    relations = {name: _relate(name, members) for name in COMPARED}
    return {"dimensions": relations, "evidence": evidence_groups(members), "figures": figures}


def _relate(name: str, members: Sequence[Observation]) -> str:
    keys = [_period(o) if name == "period" else getattr(o, name) for o in members]
    known = {key for key in keys if key not in ("unstated", None)}
    if len(known) > 1:
        return "different"
    return "same" if known and len(known) == len(set(keys)) else "unstated"


def _period(o: Observation) -> tuple[str | None, ...] | None:
    if o.period_from or o.period_until:
        return (o.period_type, o.period_start, o.period_end, o.duration)
    return None if o.period_type == "unstated" else (o.period_type, o.duration, o.period_printed, o.origin)


def _assess(check: Mapping[str, Any], members: Mapping[str, Observation]) -> dict[str, Any]:
    whole, parts = members[check["whole"]], [members[part] for part in check["parts"]]
    values = [part.value for part in parts if part.value is not None]
    unlike = [name for name in _UNLIKE if any(getattr(part, name) != getattr(whole, name) for part in parts)]
    is_other_time = any(part.period_type != whole.period_type for part in parts)
    if is_other_time:
        unlike.append("period")
    if check["type"] == "share":
        return _assess_share(members[check["share"]], parts[0], whole, unlike)
    if whole.value is None or len(values) < len(parts):
        return _outcome(UNDECIDABLE, whole.value, None, unlike)
    total, missing = sum(values, Decimal(0)), list[int]()
    if check["type"] == "sum_of_parts":
        agrees, is_open = total == whole.value, is_other_time
    elif check["type"] == "subset":
        total = max(values)
        agrees, is_open = total <= whole.value, is_other_time or "counting_unit" in unlike
    else:
        is_dated = whole.period_from is not None and whole.period_until is not None
        missing, unlike = _missing_years(whole, parts), [name for name in unlike if name != "period"]
        agrees, is_open = total == whole.value, (bool(missing) or not is_dated) and total <= whole.value
        agrees = agrees and not is_open
    result = HOLDS if agrees else UNDECIDABLE if is_open else FAILS
    return _outcome(result, whole.value, total, unlike, missing)


def _assess_share(share: Observation, part: Observation, whole: Observation, unlike: list[str]) -> dict[str, Any]:
    is_other_population = share.population != whole.population
    unlike = [*(["population"] if is_other_population else []), *(name for name in unlike if name != "population")]
    if share.value is None or part.value is None or not whole.value:
        return _outcome(UNDECIDABLE, share.value, None, unlike)
    computed = part.value / whole.value * (100 if share.unit == "percent" else 1)
    low, high = rounding(share)
    result = HOLDS if low <= computed <= high else UNDECIDABLE if is_other_population else FAILS
    return _outcome(result, share.value, round_share(computed), unlike)


def _missing_years(whole: Observation, parts: Sequence[Observation]) -> list[int]:
    if whole.period_from is None or whole.period_until is None:
        return []
    stated = {part.period_start for part in parts}
    window = range(whole.period_from.year, whole.period_until.year + 1)
    return [year for year in window if str(year) not in stated]


def _outcome(
    result: str, stated: Decimal | None, computed: Decimal | None, unlike: list[str], missing: Sequence[int] = ()
) -> dict[str, Any]:
    return {
        "result": result,
        "stated": _text(stated),
        "computed": _text(computed),
        "unlike": unlike,
        "missing_years": list(missing),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
