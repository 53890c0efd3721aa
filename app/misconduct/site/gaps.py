"""The page of what is missing: each police force by each question, and where to ask."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Request, Response

from misconduct.api.current import find_current
from misconduct.api.gaps import Found, find_gaps
from misconduct.api.parameters import from_query
from misconduct.site.pages import PageQuery, send

router = APIRouter(include_in_schema=False)

NEW_YEARS = 3
"""A number that is older, or without a day, is paler: it says little about today."""


@router.get("/gaps")
async def show_gaps(
    request: Request, query: Annotated[PageQuery, from_query(PageQuery)]
) -> Response:
    current = await find_current(request, query)
    gaps = await find_gaps(current)
    return send(
        request,
        "gaps.html",
        current,
        questions=count_answers(gaps),
        forces=[
            (area, [*of_area])
            for area, of_area in groupby(gaps, key=lambda gap: gap.area)
        ],
        since=current.release.day.year - NEW_YEARS,
        whole=sum(gap.answer == "number" for gap in gaps),
        empty=sum(gap.row is None for gap in gaps),
        total=len(gaps),
    )


def count_answers(gaps: Sequence[Found]) -> list[tuple[str, int, int]]:
    """Return each question, how many forces have a whole number for it, and how many forces there are."""
    asked = Counter(gap.question.title for gap in gaps)
    held = Counter(gap.question.title for gap in gaps if gap.answer == "number")
    return [(title, held[title], number) for title, number in asked.items()]
