"""The comparison of figures: whether they may be put side by side, and what to say about it."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from misconduct.api.answers import JSON_ONLY, answers, send_json
from misconduct.api.current import Current, find_current
from misconduct.api.parameters import Compared
from misconduct.api.problems import Fault, InvalidParameters
from misconduct.model.compare import compare
from misconduct.model.documents import ReleaseView, labelled, show, shown
from misconduct.model.figure import TABLE_COLUMNS, Row
from misconduct.model.likeness import COMPARED
from misconduct.model.shapes import ComparisonAnswer, ComparisonOfFigures
from misconduct.model.wording import name_figure, period_in_sentence
from misconduct.queries.figures import find_figures

router = APIRouter(prefix="/v1", tags=["figures"])


@router.get("/compare", responses=answers(ComparisonAnswer), dependencies=[JSON_ONLY])
async def compare_figures(request: Request, query: Annotated[Compared, Query()]) -> Response:
    """Compare figures, dimension by dimension. Each relation is that of the first figure to the others."""
    current = await find_current(request, query)
    rows = await find_compared(query.id, current)
    return send_json(request, current, comparison_document(rows, current.view))


async def find_compared(ids: Sequence[str], current: Current) -> list[Row]:
    release = current.release.number
    found = {row["id"]: row for row in await find_figures(current.database, release, ids, TABLE_COLUMNS)}
    if details := [f"Release {release} has no figure {one[:80]!r}." for one in ids if one not in found]:
        raise InvalidParameters([Fault("id", "unknown_value", one) for one in details])
    return [found[identity] for identity in ids]


def comparison_document(rows: Sequence[Row], view: ReleaseView) -> ComparisonOfFigures:
    found, catalogue = compare(rows, view.catalogue), view.catalogue
    shared = set.intersection(*(set(row["disagreements"]) for row in rows))
    titles = catalogue.of_kind("disagreement")
    along: Any = found.along
    return {
        "verdict": labelled("verdict", found.verdict, catalogue),
        "along": along,
        "reservations": found.reservations,
        "sentence": found.sentence,
        "dimensions": [
            {
                "dimension": name,
                "relation": labelled("relation", found.relations[name], catalogue),
                "values": [
                    period_in_sentence(row) if name == "period" else shown(name, row[name], catalogue) for row in rows
                ],
            }
            for name in COMPARED
        ],
        "figures": [
            {
                "id": row["id"],
                "name": name_figure(row, catalogue),
                **show(row, ("printed", "value", "cite_as"), view),
            }
            for row in rows
        ],
        "disagreements": [{"id": one, "title": titles[one]["title"]} for one in sorted(shared)],
    }
