"""The documents: what each is, of which bytes, and what it printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from app.api.question import Question
from app.api.site.rendering import asked_page, page
from app.api.v1.catalogue import find_record
from app.domain import figure
from app.domain.locator import selector
from app.domain.parameter import MOST_ROWS
from app.domain.phrases import say_period, say_printed
from app.queries import observations
from app.queries.filters import Filters

router = APIRouter()

Asked = Annotated[Question, Depends(asked_page())]


@router.get("/sources")
async def list_sources(question: Asked) -> Response:
    """The documents that state the figures, and those that are only quoted by them."""
    sources = question.catalogue.kind("source").values()
    return page(
        question,
        "sources.html",
        held=[one for one in sources if one["held"]],
        quoted=[one for one in sources if not one["held"]],
    )


@router.get("/sources/{source_id}")
async def show_source(question: Asked, source_id: str) -> Response:
    """One document, the figures that it prints, and those that others print of it."""
    source = await find_record(question, "source", source_id)
    printed, in_all = await _find(question, "source", source_id)
    first_here, first_in_all = await _find(question, "origin", source_id)
    return page(
        question,
        "source.html",
        source=source,
        printed=printed,
        in_all=in_all,
        first_here=[one for one in first_here if one["source"]["id"] != source_id],
        first_in_all=first_in_all,
        corrections=_naming(question, "correction", source_id),
        refusals=_naming(question, "non_publication", source_id),
        most=MOST_ROWS,
        place=selector,
        say_period=say_period,
        say_printed=say_printed,
    )


async def _find(question: Question, name: str, source_id: str) -> tuple[list[dict[str, Any]], int]:
    """The figures with this source or origin, in the order of the document, and how many there are in all."""
    filters, ordinal = Filters(((name, (source_id,)),)), question.release.ordinal
    found = await observations.find(question.service.database, filters, ordinal, limit=MOST_ROWS)
    documents = [figure.as_document(o, question.catalogue, question.service.base_url) for o in found.observations]
    return sorted(documents, key=_position), found.total


def _position(document: Mapping[str, Any]) -> tuple[str, int, str]:
    return (document["source"]["id"], document["locator"].get("start", 0), document["id"])


def _naming(question: Question, kind: str, source_id: str) -> list[Mapping[str, Any]]:
    """The records of one kind that name the source."""
    return [
        one for one in question.catalogue.kind(kind).values() if source_id in (one["source"], one.get("other_source"))
    ]
