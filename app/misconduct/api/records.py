"""Records of a release: find them, send lists of them, and the documents."""

from collections.abc import Iterable
from typing import Annotated, Any

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
from misconduct.model.lists import (
    SOURCES,
    list_records,
    names_of,
    record_document,
    write_cells,
)
from misconduct.model.shapes import Objects, SourceAnswer, SourceListAnswer
from misconduct.model.vocabulary import find_meanings

router = APIRouter(prefix="/v1", tags=["notes"])

RecordId = Annotated[str, Path(alias="id", description="Id of the record.")]


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
        cells = [*write_cells(names, rows)]
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


@router.get("/sources", responses=answers(SourceListAnswer, "csv"))
async def list_sources(
    request: Request, suffix: ChosenFormat, current: TheCurrent
) -> Response:
    """List the documents: those that print figures, and those that these quote.

    For a researcher and an editor.
    """
    rows = list_records(current.catalogue, "source")
    return send_list(request, current, suffix, rows, names_of(SOURCES))


@router.get("/sources/{id}", responses=answers(SourceAnswer), dependencies=[JSON_ONLY])
async def get_source(
    request: Request, identity: RecordId, current: TheCurrent
) -> Response:
    """Return one document.

    For a fact-checker and a researcher.
    """
    return send_json(request, current, find_record(current, "source", identity))
