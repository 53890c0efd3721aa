"""The page that puts figures side by side: what they say of each point, and whether they may be compared."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from misconduct.api.corrections import Fault
from misconduct.api.current import Current, find_current
from misconduct.api.parameters import from_query
from misconduct.api.problems import InvalidParameters
from misconduct.model.catalogue import Catalogue
from misconduct.model.compare import compare
from misconduct.model.documents import shown
from misconduct.model.figure import TABLE_COLUMNS, Row
from misconduct.model.likeness import COMPARED, Dimension
from misconduct.model.wording import period_in_sentence
from misconduct.queries.figures import find_figures
from misconduct.queries.filters import Several
from misconduct.queries.points import find_rows_of
from misconduct.site.pages import PageQuery, To, send

router = APIRouter(include_in_schema=False)

MAX_COMPARED = 20  # figures; more columns do not fit a page


class ComparisonQuery(PageQuery):
    """The parameters of a comparison. Without figures the page asks for them."""

    id: Several = Field([], max_length=MAX_COMPARED)
    area: Several = Field(
        [], description="Places, which stand side by side on a page of their own."
    )


@router.get("/compare")
async def show_comparison(
    request: Request, query: Annotated[ComparisonQuery, from_query(ComparisonQuery)]
) -> Response:
    current = await find_current(request, query)
    if query.area:
        return RedirectResponse(To(current)("areas", ",".join(query.area)), 303)
    ids = list(dict.fromkeys(query.id))
    if len(ids) < 2:
        return send(request, "compare.html", current, rows=[], given=query.id)
    catalogue = current.catalogue
    rows = await _find_compared(ids, current)
    table = await find_rows_of(current.tables, ids)
    compared = compare(rows, table, catalogue)
    shared = set.intersection(*(set(row["disagreements"]) for row in rows))
    disagreements = catalogue.of_kind("disagreement")
    return send(
        request,
        "compare.html",
        current,
        rows=[table[identity] for identity in ids],
        verdict=catalogue.label("verdict", compared.relation.verdict),
        sentence=compared.sentence,
        points=_list_points(rows, compared.dimensions, catalogue),
        disagreements=[disagreements[one] for one in sorted(shared)],
    )


async def _find_compared(ids: Sequence[str], current: Current) -> list[Row]:
    """Return the figures to compare, in this order. Raises InvalidParameters."""
    figures = await find_figures(current.tables, ids, TABLE_COLUMNS)
    found = {row["id"]: row for row in figures}
    faults = [
        Fault(
            "id",
            "unknown_value",
            f"Release {current.release.number} has no figure {identity[:80]!r}.",
        )
        for identity in ids
        if identity not in found
    ]
    if faults:
        raise InvalidParameters(faults)
    return [found[identity] for identity in ids]


def _list_points(
    rows: Sequence[Row], dimensions: Mapping[str, Dimension], catalogue: Catalogue
) -> list[dict[str, Any]]:
    """Return how the figures relate in each dimension, and what each of them says there."""
    points = []
    for name in COMPARED:
        values = [
            period_in_sentence(row)
            if name == "period"
            else shown(name, row[name], catalogue)
            for row in rows
        ]
        relation = dimensions[name]
        label = catalogue.label("relation", relation)
        points.append(
            {"name": name, "relation": relation, "label": label, "said": values}
        )
    return points
