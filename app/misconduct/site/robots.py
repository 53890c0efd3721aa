"""What search engines leave alone."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

router = APIRouter(include_in_schema=False)

ROBOTS = """User-agent: *
Disallow: /look-up?
Disallow: /areas?
Disallow: /compare?
Disallow: /*?*release=
"""
"""Leaves out searches and comparisons, of which there are as many as there are questions."""


@router.get("/robots.txt")
async def write_robots() -> Response:
    """Say which pages to leave alone."""
    return PlainTextResponse(ROBOTS)
