"""The register's other records: datasets, code lists, sources. Lists are short and come whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from app.api.answers import answer, page_document
from app.api.documentation import documented
from app.api.parameters import RELEASE_PARAMETERS, suggest
from app.api.question import Question, asked
from app.api.v1.models import RecordAnswer, RecordPage
from app.domain.records import KINDS
from app.domain.table import Column, Table
from app.errors import NotFound
from app.formats.json import encode_json

FORMS = ("json", "csv")

router = APIRouter(prefix="/v1", tags=["register"])

Asked = Annotated[Question, Depends(asked(RELEASE_PARAMETERS, FORMS))]
DatasetId = Annotated[str, Path(description="A dataset.", examples=["allegations"])]
ListId = Annotated[str, Path(description="A code list.", examples=["category"])]
SourceId = Annotated[str, Path(description="A source.", examples=["police-oracle-2023-met-review"])]

LIST = documented(RecordPage, RELEASE_PARAMETERS, FORMS)
ONE = documented(RecordAnswer, RELEASE_PARAMETERS, FORMS, NotFound)


@router.get("/datasets", **LIST)
async def list_datasets(question: Asked) -> Response:
    """The datasets: which measures each shows, and what its figures cannot say."""
    return _list(question, "dataset")


@router.get("/datasets/{dataset_id}", **ONE)
async def read_dataset(question: Asked, dataset_id: DatasetId) -> Response:
    """One dataset: which measures it shows, and what its figures cannot say."""
    return _one(question, "dataset", dataset_id)


@router.get("/sources", **LIST)
async def list_sources(question: Asked) -> Response:
    """The documents that state the figures, and those that are only quoted by them."""
    return _list(question, "source")


@router.get("/sources/{source_id}", **ONE)
async def read_source(question: Asked, source_id: SourceId) -> Response:
    """One document: title, publisher, date as precisely as known, address, and the hash of the text that was read."""
    return _one(question, "source", source_id)


@router.get("/codelists", **LIST)
async def list_codelists(question: Asked) -> Response:
    """The code lists: every code that a figure can carry, what it means, and whose definition that is."""
    lists = [_codelist(name, codes) for name, codes in sorted(question.catalogue.codes.items())]
    rows = [code for codelist in lists for code in codelist["codes"]]
    return answer(
        question,
        lambda: page_document(question, lists, total=len(lists)),
        lambda: _table("code", rows),
    )


@router.get("/codelists/{list_id}", **ONE)
async def read_codelist(question: Asked, list_id: ListId) -> Response:
    """One code list, with labels, definitions and what each code is a part of."""
    codes = _known(question.catalogue.codes, list_id, "code list")
    found = _codelist(list_id, codes)
    return answer(
        question,
        lambda: page_document(question, found, total=1),
        lambda: _table("code", found["codes"]),
    )


def _codelist(name: str, codes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    members = [{**content, "list": name, "code": code} for code, content in codes.items()]
    return {"id": name, "codes": members}


def _list(question: Question, kind: str) -> Response:
    records = list(question.catalogue.kind(kind).values())
    return answer(
        question,
        lambda: page_document(question, records, total=len(records)),
        lambda: _table(kind, records),
    )


def _one(question: Question, kind: str, record_id: str) -> Response:
    record = _known(question.catalogue.kind(kind), record_id, kind)
    return answer(
        question,
        lambda: page_document(question, record, total=1),
        lambda: _table(kind, [record]),
    )


def _known(records: Mapping[str, Any], record_id: str, name: str) -> Any:
    if record_id in records:
        return records[record_id]
    near = suggest(record_id, records)
    hint = f" Did you mean {near}?" if near else ""
    raise NotFound(f"There is no {name} {record_id[:60]!r} in this release.{hint}", did_you_mean=near)


def _table(kind: str, records: Sequence[Mapping[str, Any]]) -> Table:
    """Records as rows, a column per key of their kind; what is no text, number or list of texts is JSON."""
    names = [*KINDS[kind].model_fields, "added_in"]
    columns = tuple(Column(name, "text", f"{kind}: {name}") for name in names)
    return Table(columns, [tuple(_cell(record.get(name)) for name in names) for record in records])


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value
    return encode_json(value).decode().strip()
