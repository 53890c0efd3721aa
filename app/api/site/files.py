"""Style sheets, scripts and pictures of the pages."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response

from app.errors import NotFound

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}

router = APIRouter()


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """A style sheet, script or picture of the pages."""
    file = next((file for file in STATIC.iterdir() if file.name == name), None)
    if file is None or file.suffix not in TYPES:
        raise NotFound("There is no such file.")
    return Response(file.read_bytes(), headers={"Cache-Control": "public, max-age=3600"}, media_type=TYPES[file.suffix])
