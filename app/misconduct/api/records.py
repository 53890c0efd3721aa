"""Records of a release: find them, send lists of them, and the documents."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request, Response

from misconduct.api.answers import (
    JSON_ONLY,
    ChosenFormat,
    about_rows,
    answers,
    link,
    send_json,
    send_table,
)
from misconduct.api.current import Current, TheCurrent
from misconduct.api.problems import NotFound
from misconduct.api.suggestions import ask_about
from misconduct.formats import FORMATS
from misconduct.model.kinds import KINDS
from misconduct.model.shapes import Objects, SourceAnswer, SourceListAnswer
from misconduct.model.vocabulary import find_meanings

router = APIRouter(prefix="/v1", tags=["notes"])

RecordId = Annotated[str, Path(alias="id", description="Id of the record.")]


def record_document(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with every field of its kind; what the release does not have is empty."""
    shown = {
        name: content.get(
            name,
            None
            if field.is_required()
            else field.get_default(call_default_factory=True),
        )
        for name, field in KINDS[kind].model.model_fields.items()
        if name != "quotes" and not field.exclude
    }
    return shown | {name: content.get(name) for name in KINDS[kind].computed}


def find_records(current: Current, kind: str) -> Objects:
    return [
        record_document(kind, content)
        for content in current.catalogue.of_kind(kind).values()
    ]


def find_record(current: Current, kind: str, identity: str) -> dict[str, Any]:
    """Return a record of the release. Raises NotFound that names the most similar one."""
    known = current.catalogue.of_kind(kind)
    if identity not in known:
        names = current.catalogue.names(kind)
        meant = find_meanings(identity, names, are_proper=True)
        detail = f"Release {current.release.number} has no {kind} {identity[:80]!r}. {ask_about(meant, names)}"
        near = next(iter(meant), None)
        raise NotFound(detail.rstrip(), near, of=kind, value=identity)
    return record_document(kind, known[identity])


def send_list(
    request: Request,
    current: Current,
    suffix: str,
    rows: Objects,
    header: Iterable[str],
) -> Response:
    """Send a list of records, which all have the keys of `header`."""
    if suffix in FORMATS:
        names = list(header)
        cells = [[_cell(row[name]) for name in names] for row in rows]
        return send_table(
            names, cells, request.scope["path"].rpartition("/")[2], current
        )
    return send_json(
        request,
        current,
        rows,
        about_rows(current, len(rows)),
        csv=link(request, suffix=".csv"),
    )


def _cell(value: Any) -> Any:
    """Return a field as a cell: a code alone; ids joined by spaces, texts by ` | `; and anything deeper as JSON."""
    if value in ("", [], {}):
        return None
    if isinstance(value, dict) and value.keys() == {"code", "label"}:
        return value["code"]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return (" | " if any(" " in one for one in value) else " ").join(value)
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value


@router.get("/sources", responses=answers(SourceListAnswer, "csv"))
async def list_sources(
    request: Request, suffix: ChosenFormat, current: TheCurrent
) -> Response:
    """List the documents: those that print figures, and those that these quote."""
    rows = find_records(current, "source")
    return send_list(request, current, suffix, rows, record_document("source", {}))


@router.get("/sources/{id}", responses=answers(SourceAnswer), dependencies=[JSON_ONLY])
async def get_source(
    request: Request, identity: RecordId, current: TheCurrent
) -> Response:
    """Return one document."""
    return send_json(request, current, find_record(current, "source", identity))
