"""Records that are not figures: sources and code lists so far. Each kind has a list and an address for each record."""

from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from misconduct.api.answers import FORMATS, TABLE_TYPES, ChosenFormat, envelope, link, send_json, send_table
from misconduct.api.context import TheReleases, find_current
from misconduct.api.parameters import Pinned
from misconduct.api.problems import NotFound, suggest
from misconduct.api.releases import Current
from misconduct.api.schemas import RecordAnswer, RecordListAnswer, answers
from misconduct.model.kinds import KINDS

router = APIRouter(prefix="/v1", tags=["records"])

RecordId = Annotated[str, Path(alias="id", description="Id of the record.")]
Asked = Annotated[Pinned, Query()]

CODE_COLUMNS = ("code", "label", "definition", "broader", "stage", "words")
NOT_SHOWN = ("quotes",)


def record_document(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with every field of its kind; a field that the release does not have is empty."""
    fields = KINDS[kind].model.model_fields
    return {
        name: content.get(name, None if field.is_required() else field.get_default(call_default_factory=True))
        for name, field in fields.items()
        if name not in NOT_SHOWN
    }


def find_record(current: Current, kind: str, identity: str) -> Mapping[str, Any]:
    """Return a record of the release. Raises NotFound that names the most similar one."""
    known = current.catalogue.of_kind(kind)
    if identity not in known:
        near = suggest(identity, known)
        hint = f" Did you mean {near!r}?" if near else ""
        raise NotFound(f"Release {current.release.number} has no {kind} {identity[:80]!r}.{hint}", near)
    return known[identity]


def send_list(request: Request, current: Current, form: str, name: str, rows: list[dict[str, Any]]) -> Response:
    """Send a list of records. In tables, what is inside a field is written as JSON."""
    if form in FORMATS:
        header = list(rows[0]) if rows else []
        cells = [[_cell(value) for value in row.values()] for row in rows]
        return send_table(form, header, cells, name, current)
    meta = {"total": len(rows), "returned": len(rows)}
    return send_json(envelope(request, current, rows, meta, csv=link(request, suffix=".csv")), current)


def _cell(value: Any) -> Any:
    is_plain = not isinstance(value, dict | list) or (
        isinstance(value, list) and all(isinstance(one, str) for one in value)
    )
    return (value or None) if is_plain else orjson.dumps(value).decode()


@router.get("/sources", responses=answers(RecordListAnswer, *TABLE_TYPES))
async def list_sources(request: Request, asked: Asked, form: ChosenFormat, releases: TheReleases) -> Response:
    """List the documents that print the figures, and the documents that these quote."""
    current = await find_current(releases, asked)
    records = current.catalogue.of_kind("source").values()
    return send_list(request, current, form, "sources", [record_document("source", one) for one in records])


@router.get("/sources/{id}", responses=answers(RecordAnswer))
async def get_source(request: Request, identity: RecordId, asked: Asked, releases: TheReleases) -> Response:
    """Return one document: title, publisher, date, address and the SHA-256 of the copy that was read."""
    current = await find_current(releases, asked)
    data = record_document("source", find_record(current, "source", identity))
    return send_json(envelope(request, current, data, {}), current)


@router.get("/codelists", responses=answers(RecordListAnswer, *TABLE_TYPES))
async def list_codelists(request: Request, asked: Asked, form: ChosenFormat, releases: TheReleases) -> Response:
    """List the code lists, with the number of codes of each."""
    current = await find_current(releases, asked)
    lists = current.catalogue.codelists.items()
    return send_list(request, current, form, "codelists", [{"id": name, "codes": len(codes)} for name, codes in lists])


@router.get("/codelists/{id}", responses=answers(RecordAnswer, *TABLE_TYPES))
async def get_codelist(
    request: Request, identity: RecordId, asked: Asked, form: ChosenFormat, releases: TheReleases
) -> Response:
    """Return one code list: the label, the definition and the broader code of each code."""
    current = await find_current(releases, asked)
    lists = current.catalogue.codelists
    if identity not in lists:
        near = suggest(identity, lists)
        hint = f" Did you mean {near!r}?" if near else " /v1/codelists lists them."
        raise NotFound(f"There is no code list {identity[:80]!r}.{hint}", near)
    rows = [
        {name: {"code": code, **content}.get(name) for name in CODE_COLUMNS}
        for code, content in lists[identity].items()
    ]
    if form in FORMATS:
        return send_list(request, current, form, identity, rows)
    data = {"id": identity, "codes": rows}
    return send_json(envelope(request, current, data, {}, csv=link(request, suffix=".csv")), current)
