"""Tell in which dimensions figures can differ, and do. Whether they may stand side by side says `relate`."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, Literal

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import DIMENSIONS, Row

Dimension = Literal["same", "narrower", "broader", "different", "unstated"]

CHECKS = ("vetting_check", "vetting_result")
ALL = (*DIMENSIONS, *CHECKS, "stock_or_flow", "unit", "period", "fit", "counted")
_WITHIN_FIT = {"exact": ("narrower",), "broader": ("narrower", "exact")}


def _without(names: Iterable[str], *others: str) -> tuple[str, ...]:
    return tuple(name for name in names if name not in others)


COMPARED = _without(ALL, "stock_or_flow")
"""What keeps two figures apart. A stock is of a day and a flow of a longer time, as their periods say."""

OF_SUBJECT = _without(ALL, "period", "fit", "counted")
"""What figures of several sources share that count the same thing in the same days, each in words of its own."""

OF_POINT = (*OF_SUBJECT, "indicator", "subcategory", "scope", "base", "period")
"""What two figures share that give a number for the same thing at the same time: there is only one right number."""


IN_SUM = _without(ALL, *CHECKS, "stock_or_flow", "fit", "counted")
"""What a part shares with its whole, or says more narrowly. A check is a part of what the measure means."""


def differences(first: Row, second: Row, catalogue: Catalogue) -> dict[str, Dimension]:
    """Return how the first of two figures relates to the second, in each dimension in which they are not the same."""
    found: dict[str, Dimension] = {}
    for name in ALL:
        one, other = stated(name, first), stated(name, second)
        if one is None or other is None:
            found[name] = "unstated"
        elif one != other:
            within = _WITHIN_FIT if name == "fit" else catalogue.findable(name)
            is_broader = other in within.get(one, ())
            found[name] = (
                "narrower"
                if one in within.get(other, ())
                else "broader"
                if is_broader
                else "different"
            )
    return found


def contrast(
    rows: Sequence[Row], names: Iterable[str], catalogue: Catalogue
) -> dict[str, Dimension]:
    """Return how figures differ in some dimensions: the first of two to the second, or each of several to each other.

    Of several, `narrower` says that some include others. If any two say different things, the dimension is different;
    what is known to differ is told before what is not stated.
    """
    pairs = [differences(*pair, catalogue) for pair in combinations(rows, 2)]
    if len(rows) == 2:
        return {name: pairs[0].get(name, "same") for name in names}
    return {
        name: _contrast_all({pair.get(name, "same") for pair in pairs})
        for name in names
    }


def _contrast_all(relations: set[Dimension]) -> Dimension:
    if "different" not in relations and relations & {"narrower", "broader"}:
        return "narrower"
    return (
        "different"
        if "different" in relations
        else "unstated"
        if "unstated" in relations
        else "same"
    )


def unlike(names: Iterable[str], *rows: Row) -> list[str]:
    """Return in which of some dimensions figures say different things, or not all say something."""
    return [name for name in names if len({stated(name, row) for row in rows}) > 1]


def stated(name: str, row: Row) -> Any:
    """Return what a figure says in a dimension, in a form that can be compared; None if the source leaves it open."""
    match name:
        case "period":
            return _period(row)
        case "fit":
            return (
                row["fit"] or "exact"
            )  # until release 2.2.0 each wording had a code of its own
        case "vetting_check" | "vetting_result" | "per":
            return row[name] or "not_applicable"
        case _:
            return None if row[name] == "unstated" else row[name]


def _period(row: Row) -> Any:
    """Return the days of a dated period, and whether it covers only a part of its year. Others are as in the source."""
    if not row["period"]:
        return None
    if row["dated_by"] == "source" and row["period_start"] and row["period_end"]:
        return row["period_start"], row["period_end"], row["coverage"] == "part"
    if row["period_start"] and "/" in row["period"]:
        return (row["period"],)
    return (
        row["period"],
        row["period_printed"],
        row["origin"] or row["source"],
    )  # "now" is when it was first said
