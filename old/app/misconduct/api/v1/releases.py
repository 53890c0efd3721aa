"""Releases: immutable, numbered states of the whole register, with their changes and files."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response

from misconduct.api.documentation import REFUSALS, documented, problem_responses
from misconduct.api.downloads import send_file
from misconduct.api.release_watcher import CATALOGUES_KEPT
from misconduct.api.request_context import Question, parse_request
from misconduct.api.responses import answer, page_document
from misconduct.api.routing import DirectRouter
from misconduct.api.state import Service, ServiceDep
from misconduct.api.v1.find_changes import TOLD_RELEASES, about_feed, find_changed_figures
from misconduct.api.v1.record_schemas import FilePage, ReleaseAnswer, ReleasePage
from misconduct.errors import (
    DatabaseUnavailable,
    InternalError,
    NotFound,
    NotReady,
    PreconditionFailed,
    RangeNotSatisfiable,
    UnknownRelease,
)
from misconduct.formats import EVERYWHERE, FEED_FORMATS, FORMATS
from misconduct.http.shared_caches import LATEST, PINNED, caching_headers, find_tags
from misconduct.model.figure import ATTRIBUTION
from misconduct.model.record_tables import RECALLED, RELEASE_COLUMNS, release_document, releases_table
from misconduct.model.records import DRAFT, Release
from misconduct.model.table import OF_THIS_SERVICE, Column, Table
from misconduct.queries import files

FORMS = EVERYWHERE
COLUMNS = (*RELEASE_COLUMNS, RECALLED)
CSV, PARQUET, ZIP = FORMATS["csv"].media_type, FORMATS["parquet"].media_type, "application/zip"
BINARY = {"schema": {"type": "string", "format": "binary"}}
TEXT = {"schema": {"type": "string"}}
BEING_BUILT = "The law removed something that this file had, and it is being built again. Please try again in a moment."
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


router = DirectRouter(prefix="/v1", tags=["releases"])

Asked = Annotated[Question, Depends(parse_request(("bom",), FORMS))]
Listed = Annotated[Question, Depends(parse_request(("bom",), FEED_FORMATS))]
Number = Annotated[
    str,
    Path(
        description="Release number, latest, or the beginning of a number (1.2, 1.x): the newest such release.",
        examples=["1.1.0"],
    ),
]


@router.get("/releases", **documented(ReleasePage, ("bom",), FEED_FORMATS))
async def list_releases(question: Listed) -> Response:
    """List the releases, newest first. A release never changes; its digest covers it and all releases before it."""
    base_url = question.service.base_url
    newest_first = question.service.releases.releases[::-1]
    found = [release_document(release, base_url) for release in newest_first]
    if question.representation.form.name == "atom":
        releases = min(len(found), TOLD_RELEASES + 1)  # what ended is told with the records of the release before
        encoder = question.service.encoder
        async with encoder.turn_if_long(releases, question.client, longest=CATALOGUES_KEPT):
            for one, release in zip(found[:TOLD_RELEASES], newest_first, strict=False):
                one["figures"], one["changed"] = await find_changed_figures(question.service, release)

    def document() -> dict[str, Any]:
        written = page_document(question, found, total=len(found))
        if question.representation.form.name == "atom":
            written["meta"] |= {**about_feed(question.service), "title": f"{ATTRIBUTION}: releases"}
            written["links"]["page"] = f"{base_url}/releases"
        return written

    return answer(question, document, lambda: releases_table(newest_first, COLUMNS))


@router.get("/releases/{number}", **documented(ReleaseAnswer, ("bom",), FORMS))
async def read_release(question: Asked, number: Number) -> Response:  # noqa: ARG001  the question has its release
    """Return one release: its date, a summary of its changes, and its digest."""
    base_url, release = question.service.base_url, question.release
    return answer(
        question,
        lambda: page_document(question, release_document(release, base_url), total=1),
        lambda: releases_table([release], COLUMNS),
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
    release = await service.releases.find(number)
    file = None if _UNSAFE.search(name) else await files.find_file(service.database, release.ordinal, name)
    if file is None:
        if name in await _file_names(service, release):
            raise NotReady(BEING_BUILT)
        number = release.number
        raise NotFound(f"Release {number} has no file {name[:60]!r}. /v1/releases/{number}/files lists them.")
    lifetime = PINNED if number == release.number != DRAFT else LATEST
    return send_file(
        request, file, release.number, caching_headers(lifetime, find_tags(release.number, request.path_params))
    )


@router.get("/releases/{number}/bundle.zip", **_a_file(ZIP))
async def read_bundle(request: Request, service: ServiceDep, number: Number) -> Response:
    """Download the whole release as one file: a Frictionless Data Package, which is also CSV on the Web."""
    return await read_file(request, service, number, "bundle.zip")


async def _file_names(service: Service, release: Release) -> set[str]:
    return files.file_names((await service.releases.catalogue(release)).kind("dataset"))


async def find_files(service: Service, release: Release) -> list[files.File]:
    """List the files of a release. Raises NotReady while one is being built: what is listed is kept by caches."""
    found = await files.list_files(service.database, release.ordinal)
    if await _file_names(service, release) - {file.name for file in found}:
        raise NotReady(BEING_BUILT)
    return found


async def find_file_documents(service: Service, release: Release) -> list[dict[str, Any]]:
    """List the files of a release as responses show them, with their URLs."""
    found = await find_files(service, release)
    address = f"{service.base_url}/v1/releases/{release.number}/files"
    return [{**file._asdict(), "release": release.number, "url": f"{address}/{file.name}"} for file in found]


def release_before(service: Service, release: Release) -> Release | None:
    """Return the release before this one; None for the first."""
    return next((other for other in service.releases.releases if other.ordinal == release.ordinal - 1), None)
