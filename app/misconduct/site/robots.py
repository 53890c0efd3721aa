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

PLAIN = """
areas check datasets disagreements unpublished charts sources codelists corrections releases changes about docs/start
docs
"""
"""The pages that are there whatever the register holds, beside the first one."""

WITH_PAGES = ("dataset", "disagreement", "unpublished", "chart", "source")
"""The kinds of record that have a page each."""


@router.get("/robots.txt")
async def write_robots(request: Request) -> Response:
    """Leave out searches and comparisons, of which there are as many as there are questions."""
    rules = [
        "User-agent: *",
        "Disallow: /look-up?",
        "Disallow: /areas?",
        "Disallow: /compare?",
        "Disallow: /*?*release=",
    ]
    return PlainTextResponse("\n".join([*rules, f"Sitemap: {request.state.base_url}/sitemap.xml", ""]))


@router.get("/sitemap.xml")
async def write_sitemap(request: Request, releases: TheReleases) -> Response:
    """List the pages of the newest release."""
    current = await releases.current(releases.find())
    records = [f"{KINDS[kind].path}/{identity}" for kind in WITH_PAGES for identity in current.catalogue.of_kind(kind)]
    lists = [f"codelists/{name}" for name in current.catalogue.codelists]
    ids = await find_figure_ids(releases.database, current.release.number, MAX_FIGURES)
    figures = [f"observations/{identity}" for identity in ids]
    holdings = await find_holdings(releases.database, current.release.number)
    areas = sorted({f"areas/{row['area']}" for row in holdings})
    paths = ("", *PLAIN.split(), *areas, *records, *lists, *figures)
    addresses = (f"{request.state.base_url}/{path}" for path in paths)
    urls = "".join(f"<url><loc>{escape(address)}</loc></url>\n" for address in addresses)
    body = f"{SITEMAP}\n{urls}</urlset>\n"
    return Response(body, headers={"Cache-Control": LATEST}, media_type="application/xml")
