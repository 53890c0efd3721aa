"""Style sheets, scripts and images of the pages."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fastapi import APIRouter, Request, Response

from app.errors import NotFound
from app.http.conditional import NotModified, has_already

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript", ".png": "image/png"}

router = APIRouter()


@router.get("/favicon.ico")
async def favicon(request: Request) -> Response:
    """Send the icon to programs that look for it at its old address."""
    return await static(request, "icon.svg")


@router.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    """Send a style sheet, script or image of the pages."""
    file = next((file for file in STATIC.iterdir() if file.name == name), None)
    if file is None or file.suffix not in TYPES:
        raise NotFound("No such file.")
    body = file.read_bytes()
    headers = {"Cache-Control": "public, max-age=3600", "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'}
    if has_already(request, headers["ETag"]):
        raise NotModified(headers)
    return Response(body, headers=headers, media_type=TYPES[file.suffix])
