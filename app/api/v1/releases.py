"""Releases: immutable, numbered states of the whole register, with their changes and files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from app.api.documentation import REFUSALS, documented, problem_responses
from app.api.downloads import MOVING, PINNED, send_file
from app.api.request_context import Question, parse_request
from app.api.responses import answer, page_document
from app.api.state import Service, ServiceDep
from app.api.v1.record_schemas import FilePage, ReleaseAnswer, ReleasePage
from app.api.v1.schemas import ChangesAnswer
from app.errors import (
    DatabaseUnavailable,
    InternalError,
    NotFound,
    NotReady,
    PreconditionFailed,
    RangeNotSatisfiable,
    UnknownRelease,
)
from app.formats import EVERYWHERE, FORMATS
from app.formats.linked import atom
from app.model.catalogue import Catalogue
from app.model.record_tables import release_document, releases_table
from app.model.records import Release
from app.model.standing import changed_fields
from app.model.table import OF_THIS_SERVICE, Column, Table
from app.queries import files
from app.queries.changes import Changed, find_changes

FORMS = EVERYWHERE
MOST_CHANGES = 1_000
CSV, PARQUET, ZIP = FORMATS["csv"].media_type, FORMATS["parquet"].media_type, "application/zip"
BINARY = {"schema": {"type": "string", "format": "binary"}}
TEXT = {"schema": {"type": "string"}}
_UNSAFE = re.compile(r"[\x00-\x1f]")

FileName = Annotated[str, Path(description="Name of a file.", examples=["allegations.parquet"])]


def _a_file(*media_types: str) -> dict[str, Any]:
    """Return the keyword arguments of a route that sends a file."""
    content = {media_type: TEXT if media_type == CSV else BINARY for media_type in media_types}
    absent = (UnknownRelease, NotFound, PreconditionFailed, RangeNotSatisfiable)
    return {
        "response_class": Response,
        "responses": {
            200: {"description": "The whole file.", "content": content},
            206: {"description": "The requested part of the file.", "content": content},
            304: {"description": "Not modified."},
            **problem_responses(*absent, DatabaseUnavailable, NotReady, InternalError, *REFUSALS),
        },
    }


router = APIRouter(prefix="/v1", tags=["releases"])

Asked = Annotated[Question, Depends(parse_request(("bom",), FORMS))]
JsonOnly = Annotated[Question, Depends(parse_request((), ("json",)))]
Number = Annotated[
    str,
    Path(
        description="Release number, latest, or the beginning of a number (1.2, 1.x): the newest such release.",
        examples=["1.0.0"],
    ),
]


@router.get("/releases", **documented(ReleasePage, ("bom",), FORMS))
async def list_releases(question: Asked) -> Response:
    """List the releases, newest first. A release never changes; its digest covers it and all releases before it."""
    base_url = question.service.base_url
    newest_first = question.service.releases.releases[::-1]
    found = [release_document(release, base_url) for release in newest_first]
    return answer(
        question,
        lambda: page_document(question, found, total=len(found)),
        lambda: releases_table(newest_first),
    )


@router.get(
    "/releases.atom",
    response_class=Response,
    responses={200: {"description": "The feed.", "content": {atom.MEDIA_TYPE: TEXT}}, **problem_responses(NotReady)},
)
async def list_releases_as_atom(service: ServiceDep) -> Response:
    """Return the releases as an Atom feed (RFC 4287)."""
    body = atom.encode_atom(service.releases.releases, service.base_url)
    return Response(body, headers={"Cache-Control": "public, max-age=60"}, media_type=atom.MEDIA_TYPE)


@router.get("/releases/{number}", **documented(ReleaseAnswer, ("bom",), FORMS))
async def read_release(question: Asked, number: Number) -> Response:  # noqa: ARG001  the question has its release
    """Return one release: its date, a summary of its changes, and its digest."""
    base_url, release = question.service.base_url, question.release
    return answer(
        question,
        lambda: page_document(question, release_document(release, base_url), total=1),
        lambda: releases_table([release]),
    )


@router.get("/releases/{number}/changes", **documented(ChangesAnswer, (), ("json",)))
async def list_changes(question: JsonOnly, number: Number) -> Response:
    """List what a release added, revised, ended and removed: old and new values, reasons, and what is affected."""
    release = question.service.releases.resolve(number, None)
    listed = await find_listed_changes(question.service, release)
    before = release_before(question.service, release)
    return answer(
        question,
        lambda: page_document(
            question,
            {"release": release.number, "previous": before and before.number, **listed},
            total=sum(map(len, listed.values())),
            warnings=truncation(listed),
        ),
    )


@router.get("/releases/{number}/files", **documented(FilePage, ("bom",), FORMS))
async def list_files(question: Asked, number: Number) -> Response:  # noqa: ARG001
    """List the files of a release, with their sizes and SHA-256 hashes."""
    rows = await find_file_documents(question.service, question.release)
    base_url, names = question.service.base_url, ("name", "media_type", "sha256")
    columns = (
        *(Column(name, "text", f"{name} of the file") for name in names),
        Column("url", "text", f"url of the file, {OF_THIS_SERVICE}"),
    )
    return answer(
        question,
        lambda: page_document(question, rows, total=len(rows)),
        lambda: Table(columns, [(*(row[name] for name in names), row["url"].removeprefix(base_url)) for row in rows]),
    )


@router.get("/releases/{number}/files/{name}", **_a_file(ZIP, PARQUET, CSV))
async def read_file(request: Request, service: ServiceDep, number: Number, name: FileName) -> Response:
    """Download a file of a release: a dataset as CSV or Parquet, or the bundle. Supports `Range` requests."""
    release = service.releases.resolve(number, None)
    file = None if _UNSAFE.search(name) else await files.find_file(service.database, release.ordinal, name)
    if file is None:
        number = release.number
        raise NotFound(f"Release {number} has no file {name[:60]!r}. /v1/releases/{number}/files lists them.")
    return send_file(request, file, release.number, cache_control=PINNED if number == release.number else MOVING)


@router.get("/releases/{number}/bundle.zip", **_a_file(ZIP))
async def read_bundle(request: Request, service: ServiceDep, number: Number) -> Response:
    """Download the whole release as one file: a Frictionless Data Package, which is also CSV on the Web."""
    return await read_file(request, service, number, "bundle.zip")


async def find_file_documents(service: Service, release: Release) -> list[dict[str, Any]]:
    """List the files of a release as responses show them, with their URLs."""
    found = await files.list_files(service.database, release.ordinal)
    address = f"{service.base_url}/v1/releases/{release.number}/files"
    return [{**file._asdict(), "release": release.number, "url": f"{address}/{file.name}"} for file in found]


async def find_listed_changes(service: Service, release: Release) -> dict[str, list[dict[str, Any]]]:
    """List what a release `added`, `revised`, `ended` and `removed`, as responses show it."""
    book = service.releases
    catalogue = await book.catalogue(release)
    found = await find_changes(service.database, release.ordinal, most=MOST_CHANGES)
    before = release_before(service, release)
    catalogues = {"ended": await book.catalogue(before)} if before else {}  # records of that time
    return {
        action: [_change(one, catalogues.get(action, catalogue)) for one in changes]
        for action, changes in found.items()
    }


def release_before(service: Service, release: Release) -> Release | None:
    """Return the release before this one; None for the first."""
    return next((other for other in service.releases.releases if other.ordinal == release.ordinal - 1), None)


def _change(one: Changed, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "id": one.id,
        "version": one.version,
        "reason": one.reason,
        "replaced_by": one.replaced_by,
        "changes": _changes(one.before, one.after),
        "affects": _affected(one, catalogue),
    }


def _affected(one: Changed, catalogue: Catalogue) -> list[str]:
    """List the paths of the datasets, checks and disagreements that include a changed observation."""
    measure = (one.after or one.before or {}).get("measure")
    return [
        *(f"datasets/{slug}" for slug in catalogue.datasets_of.get(str(measure), ())),
        *(f"checks/{check['id']}" for check in catalogue.checks_of.get(one.id, [])),
        *(f"disagreements/{slug}" for slug in catalogue.disagreements_of.get(one.id, ())),
    ]


def _changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """List the changed fields of a revised record, by name; none if there is only one version."""
    return changed_fields(before, after, sorted({*before, *after})) if before and after else []


def truncation(listed: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Warn if not all changes are listed."""
    full = [action for action, changes in listed.items() if len(changes) >= MOST_CHANGES]
    detail = f"At most {MOST_CHANGES} new and {MOST_CHANGES} ended rows are listed. The manifest has all of them."
    return [{"code": "truncated", "parameter": None, "detail": detail, "available": full}] if full else []
