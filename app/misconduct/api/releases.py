"""Releases: what each one is, its files, and all of them in one zip. `latest` leads to the number of the newest."""

import zipfile
from asyncio import Lock
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, RedirectResponse
from starlette.staticfiles import NotModifiedResponse, StaticFiles

from misconduct.api.answers import (
    IMMUTABLE,
    JSON_ONLY,
    LATEST,
    PICTURE_POLICY,
    answers,
    link,
    send_document,
)
from misconduct.api.current import TheReleases
from misconduct.api.parameters import Nothing, from_query
from misconduct.api.problems import PROBLEMS, NotFound
from misconduct.formats import FILES
from misconduct.formats.archive import FIRST_DAY
from misconduct.model.shapes import ReleaseAnswer, ReleaseListAnswer
from misconduct.releases.folder import (
    PICTURES,
    SUMS,
    ReleaseFolder,
    find_file,
    read_sums,
)

router = APIRouter(prefix="/v1/releases", tags=["releases"])

ReleaseNumber = Annotated[
    str, PathParameter(description="Number of a release. `latest` redirects to it.")
]
NoParameters = Annotated[Nothing, from_query(Nothing)]

ZIPPING = Lock()
"""The first request for the zip of a release writes it, for all that follow: others wait for that."""


@router.get("", responses=answers(ReleaseListAnswer), dependencies=[JSON_ONLY])
async def list_releases(
    request: Request, _: NoParameters, releases: TheReleases
) -> Response:
    """List the releases, the newest first. A release never changes; its digest is the SHA-256 of its SHA256SUMS.

    For a researcher and an operator.
    """
    rows = [release_document(request, release) for release in reversed(releases.known)]
    return send_document({"data": rows, "links": {"self": link(request)}})


@router.get("/latest", include_in_schema=False)
@router.get("/latest/{file:path}", include_in_schema=False)
async def lead_to_newest(request: Request, releases: TheReleases) -> Response:
    """Lead to the newest release, whose address has its number: what stands there never changes."""
    path = request.scope["path"].replace("latest", releases.find().number, 1)
    headers = {"Cache-Control": LATEST}
    return RedirectResponse(f"{request.state.base_url}{path}", 307, headers)


@router.get("/{number}", responses=answers(ReleaseAnswer), dependencies=[JSON_ONLY])
async def get_release(
    request: Request, number: ReleaseNumber, _: NoParameters, releases: TheReleases
) -> Response:
    """Return one release and its files, each with its size and SHA-256.

    For a researcher and an operator.
    """
    release = releases.find_folder(number)
    folder, data = releases.folder / release.number, release_document(request, release)
    url = data["links"]["self"]
    data["files"] = [
        {
            "name": name,
            "bytes": find_file(folder, name).stat().st_size,
            "sha256": digest,
            "url": f"{url}/{name}",
        }
        for name, digest in read_sums(folder).items()
    ]
    return send_document({"data": data, "links": {"self": link(request)}})


@router.get("/{number}/all.zip", response_class=Response, responses=PROBLEMS)
async def get_all(
    request: Request, number: ReleaseNumber, _: NoParameters, releases: TheReleases
) -> Response:
    """Return all files of a release in one zip, which has the same bytes everywhere.

    For a researcher.
    """
    release = releases.find_folder(number)
    path = Path(request.state.scratch) / f"{release.digest}.zip"
    async with ZIPPING:
        if not path.exists():
            await run_sync(_zip, releases.folder / release.number, path)
    filename = f'attachment; filename="misconduct-register-{release.number}.zip"'
    headers = _headers(release.digest) | {"Content-Disposition": filename}
    return _send_file(request, path, FILES["zip"], headers)


@router.get("/{number}/{file:path}", response_class=Response, responses=PROBLEMS)
async def get_file(
    request: Request,
    number: ReleaseNumber,
    name: Annotated[
        str,
        PathParameter(
            alias="file",
            description="Name of a file: table.csv, or charts/complaints-by-year.svg.",
        ),
    ],
    _: NoParameters,
    releases: TheReleases,
) -> Response:
    """Return a file of a release, as it was released.

    For a researcher.
    """
    release = releases.find_folder(number)
    folder = releases.folder / release.number
    digests = read_sums(folder) | {SUMS: release.digest}
    if name not in digests:
        tables = [known for known in digests if not known.startswith(PICTURES)]
        raise NotFound(
            f"Release {release.number} has no file {name[:80]!r}. Its files are {', '.join(tables)}, and in {PICTURES} "
            "a picture of each chart.",
            of="file",
            value=name,
        )
    headers = _headers(digests[name])
    if name.startswith(PICTURES):
        headers["Content-Security-Policy"] = PICTURE_POLICY
    media_type = FILES.get(name.rpartition(".")[2], "text/plain; charset=utf-8")
    return _send_file(request, find_file(folder, name), media_type, headers)


def _send_file(
    request: Request, path: Path, media_type: str, headers: dict[str, str]
) -> Response:
    """Send a file, or the ranges that are asked for, or that a client has it already."""
    file = FileResponse(
        path, headers=headers, media_type=media_type, stat_result=path.stat()
    )
    is_known = StaticFiles().is_not_modified(file.headers, request.headers)
    return NotModifiedResponse(file.headers) if is_known else file


def _headers(digest: str) -> dict[str, str]:
    return {"ETag": f'"{digest}"', "Cache-Control": IMMUTABLE}


def _zip(folder: Path, path: Path) -> None:
    """Write the zip of a release, whole or not at all. Not compressed, it has the same bytes on every machine."""
    part = path.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted({*read_sums(folder), SUMS}):
            member = zipfile.ZipInfo(f"{folder.name}/{name}", FIRST_DAY)
            member.external_attr = 0o644 << 16
            archive.writestr(member, find_file(folder, name).read_bytes())
    part.replace(path)


def release_document(request: Request, release: ReleaseFolder) -> dict[str, Any]:
    url = f"{request.state.base_url}/v1/releases/{release.number}"
    return asdict(release) | {"links": {"self": url, "all": f"{url}/all.zip"}}
