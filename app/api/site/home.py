"""The home page: what this is, and where to begin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.api.question import Question
from app.api.site.datasets import list_datasets
from app.api.site.rendering import asked_page, page
from app.domain.phrases import say_period

RELEASES_SHOWN = 3
CHARTS_SHOWN = 2

router = APIRouter()

Asked = Annotated[Question, Depends(asked_page())]
Record = Mapping[str, Any]


@router.get("/")
async def home(question: Asked) -> Response:
    """What this is, the question with the most competing figures, and where to begin. Asks no database."""
    catalogue = question.catalogue
    disagreements = [one for one in catalogue.kind("disagreement").values() if one["computed"]]
    headline = max(disagreements, key=lambda one: len(one["members"]), default=None)
    known = [one for one in question.service.releases.releases if one.ordinal <= question.release.ordinal]
    charts = list(catalogue.kind("chart").values())
    headline_charts = [one for one in charts if headline and headline["id"] in one["query"].get("disagreement", ())]
    return page(
        question,
        "home.html",
        headline=headline and _competing(headline),
        headline_charts=headline_charts,
        disagreements=[one for one in disagreements if one is not headline],
        charts=[one for one in charts if one not in headline_charts][:CHARTS_SHOWN],
        datasets=list_datasets(question),
        releases=known[::-1][:RELEASES_SHOWN],
        contact=question.service.settings.contact,
        say_period=say_period,
    )


def _competing(disagreement: Record) -> dict[str, Any]:
    """A disagreement with its figures, each with the question that it answers."""
    computed = disagreement["computed"]
    questions = {answer["observation"]: answer["question"] for answer in disagreement["answers"] or ()}
    return {
        "id": disagreement["id"],
        "question": disagreement["question"],
        "figures": [
            {**figure, "answers": questions.get(figure["id"]), "period": {"duration": None, **figure["period"]}}
            for figure in computed["figures"]
        ],
        "origins": [group["origin"] for group in computed["evidence"]],
    }
