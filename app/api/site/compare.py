"""May these figures be put side by side? As a page, with a form to add one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.parameters import RELEASE_PARAMETERS
from app.api.question import Question
from app.api.site.observations import compare_query
from app.api.site.rendering import asked_page, page
from app.api.v1.compare import MOST, comparison_document, faults_of_absent, wanted_ids
from app.domain.phrases import say_period, say_printed, say_what
from app.errors import Fault, InvalidRequest
from app.queries import observations

OK, UNPROCESSABLE = 200, 422
FEWEST = 2

router = APIRouter()

Asked = Annotated[Question, Depends(asked_page(("id", *RELEASE_PARAMETERS)))]


@router.get("/compare")
async def show_comparison(question: Asked) -> Response:
    """Two figures or more, dimension by dimension; with fewer, how to choose them. Mistakes stand beside the field."""
    ids = list(dict.fromkeys(one.strip() for one in question.values.get("id", ())))
    found = await observations.by_ids(question.service.database, ids, question.release.ordinal) if ids else []
    absent, faults = faults_of_absent(ids, found), _faults_of_number(ids)
    is_wrong = bool(absent or faults)
    comparison = comparison_document(found, question) if found and not is_wrong else None
    disagreements = question.catalogue.kind("disagreement")
    shared = [disagreements[one] for one in (comparison or {}).get("disagreements", ())]
    return page(
        question,
        "compare.html",
        status=UNPROCESSABLE if is_wrong else OK,
        ids=ids,
        comparison=comparison,
        absent=absent,
        faults=faults,
        shared=shared,
        alike=[(one, compare_query(ids[0], one["members"])) for one in shared] if len(ids) == 1 else [],
        most=MOST,
        say_period=say_period,
        say_printed=say_printed,
        say_what=say_what,
    )


def _faults_of_number(ids: Sequence[str]) -> Sequence[Fault]:
    """What is wrong with the number of ids. Fewer than two are no mistake yet: the form asks for more."""
    try:
        if len(ids) >= FEWEST:
            wanted_ids(ids)
    except InvalidRequest as refused:
        return refused.faults
    return ()
