"""Check that the addresses of sources, and of their archived copies, still work."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

import httpx
from pydantic import BaseModel

from misconduct.model.kinds import Source

AT_ONCE = 5
SECONDS = 20
MAX_REDIRECTS = 10
REFUSALS = (401, 403, 429)
"""Statuses of pages that exist but refuse programs."""


class Link(NamedTuple):
    """An address of a source."""

    source: str
    url: str


class Result(NamedTuple):
    """The result for a link: a status, or the error."""

    link: Link
    status: str
    is_dead: bool


def list_links(records: Iterable[BaseModel]) -> list[Link]:
    """Return the addresses of sources and of their archived copies."""
    sources = (one for one in records if isinstance(one, Source))
    return [Link(one.id, url) for one in sources for url in (one.url, one.archived) if url]


async def ask_all(links: Iterable[Link], progress: Callable[[], None] = lambda: None) -> list[Result]:
    """Request every link: several hosts at once, but one link at a time of each host."""
    slots, hosts = asyncio.Semaphore(AT_ONCE), defaultdict[str, asyncio.Lock](asyncio.Lock)

    async def ask(link: Link) -> Result:
        status, is_dead = "", True
        for method in ("HEAD", "GET"):  # some servers refuse HEAD
            try:
                async with hosts[httpx.URL(link.url).host], slots, client.stream(method, link.url) as response:
                    code = response.status_code  # only the status matters
                status, is_dead = str(code), code >= 400 and code not in REFUSALS
                if code < 400:
                    break
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                status = f"{type(error).__name__} {error}".strip()
        progress()
        return Result(link, status, is_dead)

    async with httpx.AsyncClient(timeout=SECONDS, follow_redirects=True, max_redirects=MAX_REDIRECTS) as client:
        return await asyncio.gather(*map(ask, links))
