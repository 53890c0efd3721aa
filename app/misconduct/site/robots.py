"""What search engines read: which pages there are, and which to leave alone."""

from xml.sax.saxutils import escape

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from misconduct.api.answers import LATEST
from misconduct.api.current import TheReleases
from misconduct.model.kinds import KINDS
from misconduct.queries.figures import find_figure_ids, find_holdings

router = APIRouter(include_in_schema=False)

MAX_FIGURES = 40_000
"""A sitemap may have 50,000 addresses."""

SITEMAP = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'

ROBOTS = """User-agent: *
Disallow: /look-up?
Disallow: /areas?
Disallow: /compare?
Disallow: /*?*release=
Sitemap: {}/sitemap.xml
"""
"""Leaves out searches and comparisons, of which there are as many as there are questions."""

PLAIN = """
areas check datasets disagreements unpublished charts sources codelists corrections releases changes about docs/start
docs
"""
"""The pages that are there whatever the register holds, beside the first one."""

WITH_PAGES = ("dataset", "disagreement", "unpublished", "chart", "source")
"""The kinds of record that have a page each."""


@router.get("/robots.txt")
async def write_robots(request: Request) -> Response:
    """Say which pages to leave alone."""
    return PlainTextResponse(ROBOTS.format(request.state.base_url))


@router.get("/sitemap.xml")
async def write_sitemap(releases: TheReleases) -> Response:
    """List the pages of the newest release."""
    current = await releases.current(releases.find())
    number, catalogue = current.release.number, current.catalogue
    areas = {row["area"] for row in await find_holdings(current.database, number)}
    paths = [
        *("", *PLAIN.split()),
        *(f"areas/{area}" for area in sorted(areas)),
        *(f"{KINDS[kind].path}/{identity}" for kind in WITH_PAGES for identity in catalogue.of_kind(kind)),
        *(f"codelists/{name}" for name in catalogue.codelists),
        *(f"observations/{identity}" for identity in await find_figure_ids(current.database, number, MAX_FIGURES)),
    ]
    urls = "".join(f"<url><loc>{escape(f'{releases.base_url}/{path}')}</loc></url>\n" for path in paths)
    return Response(f"{SITEMAP}\n{urls}</urlset>\n", headers={"Cache-Control": LATEST}, media_type="application/xml")
