"""What helps search engines and assistants to find their way: robots.txt, a map of the site, and llms.txt."""

from collections.abc import Container, Iterator
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from misconduct.api.answers import LATEST
from misconduct.api.current import Current, TheCurrent
from misconduct.model.kinds import KINDS
from misconduct.site.pages import NAME, templates

router = APIRouter(include_in_schema=False)


def _send(
    request: Request, template: str, media_type: str, **facts: object
) -> Response:
    text = templates.get_template(template).render(
        facts, base=request.state.base_url, title=NAME
    )
    return Response(
        f"{text}\n", headers={"Cache-Control": LATEST}, media_type=media_type
    )


@router.get("/robots.txt")
async def send_robots(request: Request) -> Response:
    return _send(request, "robots.txt", "text/plain")


@router.get("/llms.txt")
async def send_guide(request: Request, current: TheCurrent) -> Response:
    return _send(request, "llms.txt", "text/plain", current=current)


@router.get("/sitemap.xml")
async def send_map(request: Request, current: TheCurrent) -> Response:
    pages = request.app.state.pages
    paths = [
        *(page.removeprefix("/") for page in pages if "{" not in page),
        *_list_records(current, pages),
        *(f"areas/{code}" for code in sorted(current.catalogue.areas)),
    ]
    return _send(
        request, "sitemap.xml", "application/xml", paths=[quote(path) for path in paths]
    )


def _list_records(current: Current, pages: Container[str]) -> Iterator[str]:
    for kind, record in KINDS.items():
        has_pages = f"/{record.path}/{{id}}" in pages
        if has_pages and kind != "code":  # a list of codes has a page, not each code
            ids = current.catalogue.of_kind(kind)
            yield from (f"{record.path}/{identity}" for identity in ids)
    yield from (f"codelists/{name}" for name in current.catalogue.codelists)
