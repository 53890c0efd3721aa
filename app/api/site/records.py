"""What is known against the figures, and what their codes mean: lists, and a page for each record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Path, Response

from app.api.question import Question
from app.api.site.observations import compare_query, find_documents
from app.api.site.rendering import asked_page, page
from app.api.v1.catalogue import ListId, find_codelist, find_record
from app.domain.filters import FILTERS
from app.domain.kinds import KINDS
from app.domain.locator import selector
from app.domain.phrases import say_period, say_printed

router = APIRouter()

Asked = Annotated[Question, Depends(asked_page())]
RecordId = Annotated[str, Path(description="The id of a record.")]


class Subject(NamedTuple):
    """A kind of record with a list and pages of its own, under `/{path}`."""

    kind: str
    title: str
    lead: str

    @property
    def path(self) -> str:
        """Where its pages are."""
        return str(KINDS[self.kind].path)


SUBJECTS = (
    Subject(
        "disagreement",
        "Disagreements",
        "Figures that look like one thing and are not equal: in what they differ, and which answers which question.",
    ),
    Subject(
        "check",
        "Checks",
        "Arithmetic among the figures. A check holds, fails, or cannot be decided. It never changes a figure.",
    ),
    Subject(
        "correction",
        "Corrections",
        "Errors of publishers that this register found or was told of, each with both readings.",
    ),
    Subject(
        "non_publication",
        "Refusals to publish",
        "Figures that were asked for and refused: who was asked, under which law, since when and until when.",
    ),
)


def _add_pages(subject: Subject) -> None:
    async def list_records(question: Asked) -> Response:
        records = question.catalogue.kind(subject.kind).values()
        return page(question, "records.html", subject=subject, records=records)

    async def show_record(question: Asked, record_id: RecordId) -> Response:
        return await _show(question, subject, await find_record(question, subject.kind, record_id))

    router.add_api_route(f"/{subject.path}", list_records, name=f"pages of {subject.path}")
    router.add_api_route(f"/{subject.path}/{{record_id}}", show_record, name=f"page of one of {subject.path}")


for each in SUBJECTS:
    _add_pages(each)


@router.get("/codelists")
async def list_codelists(question: Asked) -> Response:
    """The code lists, each with its codes in words."""
    return page(question, "record-codelists.html", codelists=sorted(question.catalogue.codes.items()))


@router.get("/codelists/{list_id}")
async def show_codelist(question: Asked, list_id: ListId) -> Response:
    """One code list, with an anchor at each code: what it means, and whose definition that is."""
    codelist = find_codelist(question, list_id)
    return page(question, "record-codelist.html", codelist=codelist, is_filter=list_id in FILTERS)


async def _show(question: Question, subject: Subject, record: Mapping[str, Any]) -> Response:
    ids = list(_figures_of(record))
    figures = await find_documents(question, question.catalogue, ids)
    return page(
        question,
        f"record-{subject.kind.replace('_', '-')}.html",
        subject=subject,
        record=record,
        figures=figures,
        comparison=compare_query(ids[0], ids) if len(ids) > 1 else None,
        place=selector,
        say_period=say_period,
        say_printed=say_printed,
    )


def _figures_of(record: Mapping[str, Any]) -> Iterator[str]:
    """The ids of the figures that a record names, in its order."""
    for key in ("members", "parts", "affects"):
        yield from record.get(key) or ()
    yield from filter(None, (record.get("whole"), record.get("share")))
