"""Style sheets, scripts and images of the pages. Their addresses hold a hash of their bytes, so they never change."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fastapi import Request, Response

from misconduct.api.responses import send_document
from misconduct.api.routing import DirectRouter
from misconduct.errors import NotFound
from misconduct.http.shared_caches import HASHED, LATEST

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript", ".png": "image/png"}
HASH_LENGTH = 12

router = DirectRouter(include_in_schema=False)


class StaticFile(NamedTuple):
    """One file, read once. `address` holds the hash."""

    body: bytes
    media_type: str
    address: str


@cache
def static_files() -> dict[str, StaticFile]:
    """Return the files by their names."""
    found = {}
    for file in STATIC.iterdir():
        if file.suffix in TYPES:
            body = file.read_bytes()
            digest = hashlib.sha256(body).hexdigest()[:HASH_LENGTH]
            found[file.name] = StaticFile(body, TYPES[file.suffix], f"/static/{digest}/{file.name}")
    return found


def static_url(name: str) -> str:
    """Return the address of a file, for templates."""
    return static_files()[name].address


@router.get("/favicon.ico")
async def favicon(request: Request) -> Response:
    """Send the icon to programs that look for it at its old address."""
    return _send(request, "icon.svg")


@router.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    """Send a style sheet, script or image of the pages as it is now."""
    return _send(request, name)


@router.get("/static/{digest}/{name}")
async def hashed(request: Request, digest: str, name: str) -> Response:  # noqa: ARG001
    """Send a file by the address that pages use. An earlier version's page gets the file as it is now."""
    return _send(request, name)


def _send(request: Request, name: str) -> Response:
    file = static_files().get(name)
    if file is None:
        raise NotFound("No such file.")
    lifetime = HASHED if request.scope["path"] == file.address else LATEST
    return send_document(request, file.body, file.media_type, lifetime=lifetime)
