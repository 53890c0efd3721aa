"""What helps search engines and assistants to find their way: robots.txt, a map of the site, and llms.txt."""

from collections.abc import Iterator
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from misconduct.api.answers import LATEST
from misconduct.api.current import Current, TheCurrent
from misconduct.model.kinds import KINDS
from misconduct.model.points import TOPICS
from misconduct.site.pages import NAME, templates

router = APIRouter(include_in_schema=False)

LISTS = (
    *(
        "gaps",
        "indicators",
        "areas",
        *TOPICS,
        "charts",
        "disagreements",
        "unpublished",
        "corrections",
        "sources",
    ),
    *(
        "codelists",
        "releases",
        "changes",
        "search",
        "check",
        "docs",
        "docs/start",
        "about",
    ),
)
"""Pages of which there is one."""
KINDS_WITH_PAGES = (
    "indicator",
    "chart",
    "disagreement",
    "unpublished",
    "source",
)


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
    held = current.catalogue.areas
    paths = [
        "",
        *LISTS,
        *_list_records(current),
        *(f"areas/{one}" for one in sorted(held)),
    ]
    return _send(
        request, "sitemap.xml", "application/xml", paths=[quote(one) for one in paths]
    )


def _list_records(current: Current) -> Iterator[str]:
    for kind in KINDS_WITH_PAGES:
        yield from (
            f"{KINDS[kind].path}/{one}" for one in current.catalogue.of_kind(kind)
        )
    yield from (f"codelists/{one}" for one in current.catalogue.codelists)
