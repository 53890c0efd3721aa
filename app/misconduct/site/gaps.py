"""The page of what is not published: each police force by each question, with the request for what is missing."""

from collections import Counter
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Request, Response

from misconduct.api.current import find_current
from misconduct.api.gaps import find_gaps, list_questions
from misconduct.api.parameters import from_query
from misconduct.site.pages import PageQuery, send

router = APIRouter(include_in_schema=False)


@router.get("/gaps")
async def show_gaps(
    request: Request, query: Annotated[PageQuery, from_query(PageQuery)]
) -> Response:
    current = await find_current(request, query)
    gaps = await find_gaps(current)
    answers = Counter((one.question.title, one.answer) for one in gaps)
    titles = [one.title for one in list_questions(current.catalogue)]
    return send(
        request,
        "gaps.html",
        current,
        questions=[
            (one, answers[one, "number"], answers[one, "part"]) for one in titles
        ],
        forces=[
            (area, [*of_area])
            for area, of_area in groupby(gaps, key=lambda one: one.area)
        ],
    )
