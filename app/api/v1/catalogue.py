"""The register's other records: datasets, code lists, sources, and what is known against the figures.

Lists are short and come whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from app.api.answers import answer, page_document
from app.api.documentation import documented
from app.api.parameters import TABLE_PARAMETERS, suggest
from app.api.question import Question, asked
from app.api.v1.models import Answer
from app.api.v1.record_models import (
    CheckAnswer,
    CheckPage,
    CodelistAnswer,
    CodelistPage,
    CorrectionAnswer,
    CorrectionPage,
    DatasetAnswer,
    DatasetPage,
    DisagreementAnswer,
    DisagreementPage,
    NonPublicationAnswer,
    NonPublicationPage,
    SourceAnswer,
    SourcePage,
)
from app.domain.listing import records_table
from app.errors import NotFound, Removed
from app.formats import EVERYWHERE
from app.queries import history

FORMS = EVERYWHERE
SAFE = re.compile(r"[A-Za-z0-9_/-]{1,200}", re.ASCII)

router = APIRouter(prefix="/v1", tags=["register"])

Asked = Annotated[Question, Depends(asked(TABLE_PARAMETERS, FORMS))]
DatasetId = Annotated[str, Path(description="A dataset.", examples=["allegations"])]
ListId = Annotated[str, Path(description="A code list.", examples=["category"])]
SourceId = Annotated[str, Path(description="A source.", examples=["police-oracle-2023-met-review"])]

CheckId = Annotated[str, Path(description="A check.", examples=["split-of-the-1131"])]
DisagreementId = Annotated[str, Path(description="A disagreement.", examples=["how-many-were-accused"])]
CorrectionId = Annotated[str, Path(description="A correction.", examples=["murder-dated-2022"])]
RefusalId = Annotated[
    str, Path(description="A non-publication.", examples=["met-sexual-allegation-figures-section-22"])
]


def _list_of(page: type[Answer]) -> dict[str, Any]:
    return documented(page, TABLE_PARAMETERS, FORMS)


def _one_of(one: type[Answer]) -> dict[str, Any]:
    return documented(one, TABLE_PARAMETERS, FORMS, NotFound, Removed)


@router.get("/datasets", **_list_of(DatasetPage))
async def list_datasets(question: Asked) -> Response:
    """The datasets: which measures each shows, and what its figures cannot say."""
    return _list(question, "dataset")


@router.get("/datasets/{dataset_id}", **_one_of(DatasetAnswer))
async def read_dataset(question: Asked, dataset_id: DatasetId) -> Response:
    """One dataset: which measures it shows, and what its figures cannot say."""
    return await _one(question, "dataset", dataset_id)


@router.get("/sources", **_list_of(SourcePage))
async def list_sources(question: Asked) -> Response:
    """The documents that state the figures, and those that are only quoted by them.

    `link` says whether the address still answered, when that was last checked, and where an archived copy is.
    """
    return _list(question, "source")


@router.get("/sources/{source_id}", **_one_of(SourceAnswer))
async def read_source(question: Asked, source_id: SourceId) -> Response:
    """One document: title, publisher, date as precisely as known, address, and the hash of the text that was read.

    `link` says whether the address still answered when that was last checked: `answers`, `changed`,
    `moved_permanently`, `moved_temporarily`, `not_found`, `gone`, `timeout` … It is null where nobody has checked.
    """
    return await _one(question, "source", source_id)


@router.get("/codelists", **_list_of(CodelistPage))
async def list_codelists(question: Asked) -> Response:
    """The code lists: every code that a figure can carry, what it means, and whose definition that is."""
    lists = [_codelist(name, codes) for name, codes in sorted(question.catalogue.codes.items())]
    rows = [code for codelist in lists for code in codelist["codes"]]
    return answer(
        question,
        lambda: page_document(question, lists, total=len(lists)),
        lambda: records_table("code", rows),
    )


@router.get("/codelists/{list_id}", **_one_of(CodelistAnswer))
async def read_codelist(question: Asked, list_id: ListId) -> Response:
    """One code list, with labels, definitions and what each code is a part of."""
    found = find_codelist(question, list_id)
    return answer(
        question,
        lambda: page_document(question, found, total=1),
        lambda: records_table("code", found["codes"]),
    )


@router.get("/checks", **_list_of(CheckPage))
async def list_checks(question: Asked) -> Response:
    """Arithmetic identities among the figures: `holds`, `fails`, or `undecidable` because unlike things stand there.

    A check that fails carries its explanation. It never changes a figure.
    """
    return _list(question, "check")


@router.get("/checks/{check_id}", **_one_of(CheckAnswer))
async def read_check(question: Asked, check_id: CheckId) -> Response:
    """One check: which figures it puts together, what they come to, and in what they are unlike."""
    return await _one(question, "check", check_id)


@router.get("/disagreements", **_list_of(DisagreementPage))
async def list_disagreements(question: Asked) -> Response:
    """Groups of figures that look like one thing and are not equal: in what they differ, and why as far as known."""
    return _list(question, "disagreement")


@router.get("/disagreements/{disagreement_id}", **_one_of(DisagreementAnswer))
async def read_disagreement(question: Asked, disagreement_id: DisagreementId) -> Response:
    """One disagreement: its figures and where each is printed, why they differ, and which answers which question."""
    return await _one(question, "disagreement", disagreement_id)


@router.get("/corrections", **_list_of(CorrectionPage))
async def list_corrections(question: Asked) -> Response:
    """Publishers' errors that this register found or was told of, each with both readings."""
    return _list(question, "correction")


@router.get("/corrections/{correction_id}", **_one_of(CorrectionAnswer))
async def read_correction(question: Asked, correction_id: CorrectionId) -> Response:
    """One publisher's error, with both readings and where each stands."""
    return await _one(question, "correction", correction_id)


@router.get("/non-publications", **_list_of(NonPublicationPage))
async def list_non_publications(question: Asked) -> Response:
    """Refusals to publish: who was asked, under which law, since when and until when."""
    return _list(question, "non_publication")


@router.get("/non-publications/{non_publication_id}", **_one_of(NonPublicationAnswer))
async def read_non_publication(question: Asked, non_publication_id: RefusalId) -> Response:
    """One refusal to publish."""
    return await _one(question, "non_publication", non_publication_id)


def find_codelist(question: Question, list_id: str) -> dict[str, Any]:
    """One code list of the asked release. Raises NotFound."""
    return _codelist(list_id, _known(question.catalogue.codes, list_id, "code list"))


def _codelist(name: str, codes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    members = [{**content, "list": name, "code": code} for code, content in codes.items()]
    return {"id": name, "codes": members}


def _list(question: Question, kind: str) -> Response:
    records = list(question.catalogue.kind(kind).values())
    return answer(
        question,
        lambda: page_document(question, records, total=len(records)),
        lambda: records_table(kind, records),
    )


async def _one(question: Question, kind: str, record_id: str) -> Response:
    record = await find_record(question, kind, record_id)
    return answer(
        question,
        lambda: page_document(question, record, total=1),
        lambda: records_table(kind, [record]),
    )


async def find_record(question: Question, kind: str, record_id: str) -> Mapping[str, Any]:
    """One record of the asked release. Raises NotFound, or Removed where the law took it away."""
    records = question.catalogue.kind(kind)
    if record_id not in records and SAFE.fullmatch(record_id):
        removal = await history.find_removal(question.service.database, kind, record_id)
        if removal is not None:
            raise Removed(f"Removed in release {removal.number}: {removal.reason}", removed_in=removal.number)
    record: Mapping[str, Any] = _known(records, record_id, kind)
    return record


def _known(records: Mapping[str, Any], record_id: str, name: str) -> Any:
    if record_id in records:
        return records[record_id]
    near = suggest(record_id, records)
    hint = f" Did you mean {near}?" if near else ""
    raise NotFound(f"There is no {name} {record_id[:60]!r} in this release.{hint}", did_you_mean=near)
