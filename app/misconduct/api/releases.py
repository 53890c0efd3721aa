"""Releases: what each one is, its files, and all of them in one zip. `latest` leads to the number of the newest."""

import io
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, RedirectResponse
from starlette.datastructures import Headers
from starlette.staticfiles import NotModifiedResponse, StaticFiles

from misconduct.api.answers import (
    IMMUTABLE,
    JSON_ONLY,
    LATEST,
    answers,
    link,
    send_document,
)
from misconduct.api.current import TheReleases
from misconduct.api.parameters import Nothing, from_query
from misconduct.api.problems import PROBLEMS, NotFound
from misconduct.formats import MEDIA_TYPES
from misconduct.model.shapes import ReleaseAnswer, ReleaseListAnswer
from misconduct.releases.folder import SUMS, ReleaseFolder, find_file, read_sums

router = APIRouter(prefix="/v1/releases", tags=["releases"])

ReleaseNumber = Annotated[
    str, PathParameter(description="Number of a release. `latest` redirects to it.")
]
NoParameters = Annotated[Nothing, from_query(Nothing)]

FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)


@router.get("", responses=answers(ReleaseListAnswer), dependencies=[JSON_ONLY])
async def list_releases(
    request: Request, _: NoParameters, releases: TheReleases
) -> Response:
    """List the releases, the newest first. A release never changes; its digest is the SHA-256 of its SHA256SUMS."""
    rows = [release_document(request, release) for release in reversed(releases.known)]
    return send_document({"data": rows, "links": {"self": link(request)}})


@router.get("/latest", include_in_schema=False)
@router.get("/latest/{file}", include_in_schema=False)
async def lead_to_newest(request: Request, releases: TheReleases) -> Response:
    """Lead to the newest release, whose address has its number: what stands there never changes."""
    path = request.scope["path"].replace("latest", releases.find().number, 1)
    headers = {"Cache-Control": LATEST}
    return RedirectResponse(f"{request.state.base_url}{path}", 307, headers)


@router.get("/{number}", responses=answers(ReleaseAnswer), dependencies=[JSON_ONLY])
async def get_release(
    request: Request, number: ReleaseNumber, _: NoParameters, releases: TheReleases
) -> Response:
    """Return one release and its files, each with its size and SHA-256."""
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
    """Return all files of a release in one zip, which has the same bytes everywhere."""
    release = releases.find_folder(number)
    filename = f'attachment; filename="misconduct-register-{release.number}.zip"'
    headers = _headers(release.digest) | {"Content-Disposition": filename}
    if StaticFiles().is_not_modified(Headers(headers), request.headers):
        return NotModifiedResponse(Headers(headers))
    packed = await run_sync(_zip, releases.folder / release.number)
    return Response(packed, headers=headers, media_type="application/zip")


@router.get("/{number}/{file}", response_class=Response, responses=PROBLEMS)
async def get_file(
    request: Request,
    number: ReleaseNumber,
    name: Annotated[
        str,
        PathParameter(alias="file", description="Name of a file: table.csv."),
    ],
    _: NoParameters,
    releases: TheReleases,
) -> Response:
    """Return a file of a release, as it was released."""
    release = releases.find_folder(number)
    folder = releases.folder / release.number
    digests = read_sums(folder) | {SUMS: release.digest}
    if name not in digests:
        raise NotFound(
            f"Release {release.number} has no file {name[:80]!r}. Its files are {', '.join(digests)}.",
            of="file",
            value=name,
        )
    path, headers = find_file(folder, name), _headers(digests[name])
    media_type = MEDIA_TYPES.get(name.rpartition(".")[2], "text/plain; charset=utf-8")
    file = FileResponse(
        path, headers=headers, media_type=media_type, stat_result=path.stat()
    )
    is_known = StaticFiles().is_not_modified(file.headers, request.headers)
    return NotModifiedResponse(file.headers) if is_known else file


def _headers(digest: str) -> dict[str, str]:
    return {"ETag": f'"{digest}"', "Cache-Control": IMMUTABLE}


def _zip(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted({*read_sums(folder), SUMS}):
            member = zipfile.ZipInfo(f"{folder.name}/{name}", FIRST_DAY_OF_ZIP)
            member.external_attr = 0o644 << 16
            archive.writestr(member, find_file(folder, name).read_bytes())
    return packed.getvalue()


def release_document(request: Request, release: ReleaseFolder) -> dict[str, Any]:
    url = f"{request.state.base_url}/v1/releases/{release.number}"
    return asdict(release) | {"links": {"self": url, "all": f"{url}/all.zip"}}
