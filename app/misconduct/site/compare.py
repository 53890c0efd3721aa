"""The page that puts figures side by side: what they say of each point, and whether they may be compared."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from misconduct.api.corrections import Fault
from misconduct.api.current import Current, find_current
from misconduct.api.parameters import from_query
from misconduct.api.problems import InvalidParameters
from misconduct.api.values import Several
from misconduct.model.figure import Row
from misconduct.model.relate import relate_all, say_reason
from misconduct.queries.points import find_rows_of
from misconduct.site.pages import PageQuery, send

router = APIRouter(include_in_schema=False)

COMPARED = (
    *("name", "area", "time", "kind", "scope", "people", "unit", "statistic", "base"),
    *("exactness", "counted", "said_by", "publisher"),
)
"""The columns of the table that the page puts side by side."""

MAX_COMPARED = 20  # figures; more columns do not fit a page


class ComparisonQuery(PageQuery):
    """The parameters of a comparison. Without figures the page asks for them."""

    id: Several = Field([], max_length=MAX_COMPARED)


@router.get("/compare")
async def show_comparison(
    request: Request, query: Annotated[ComparisonQuery, from_query(ComparisonQuery)]
) -> Response:
    current = await find_current(request, query)
    ids = list(dict.fromkeys(query.id))
    if len(ids) < 2:
        return send(request, "compare.html", current, rows=[], given=query.id)
    catalogue = current.catalogue
    rows = await _find_compared(ids, current)
    relation = relate_all(rows, catalogue)
    shared = set.intersection(*({*(row["note_ids"] or "").split()} for row in rows))
    known = catalogue.of_kind("disagreement")
    points = [(name, [row[name] for row in rows]) for name in COMPARED]
    return send(
        request,
        "compare.html",
        current,
        rows=rows,
        verdict=catalogue.label("verdict", relation.verdict),
        sentence=say_reason(relation.reason, rows, catalogue),
        points=sorted(points, key=lambda point: len({*point[1]}) == 1),
        disagreements=[known[one] for one in sorted(shared) if one in known],
    )


async def _find_compared(ids: Sequence[str], current: Current) -> list[Row]:
    """Return the rows to compare, in this order. Raises InvalidParameters."""
    table = await find_rows_of(current.tables, ids)
    number = current.release.number
    faults = [
        Fault("id", "unknown_value", f"Release {number} has no figure {one[:80]!r}.")
        for one in ids
        if one not in table
    ]
    if faults:
        raise InvalidParameters(faults)
    return [table[one] for one in ids]
