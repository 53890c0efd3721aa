"""Every page that a reader can reach from the home page by links."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx

MOST_PAGES = 3000
QUERIES = 3
"""Filters make endless links: of each path, only so many queries are followed."""
BEGINNINGS = ("/", "/look-up?value=1%2C071")
"""The home page, and what its form asks for."""
MACHINES = re.compile(r"/(v1|static|oembed|openapi\.json|\.well-known|healthz|readyz|metrics|sitemap)\b|.*\.js\b")
"""Links to these are asked whether they are there; they are not pages."""


class Links(HTMLParser):
    """The addresses that a page's links name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in ("a", "link", "script", "img", "iframe", "source", "object"):
            self.found += [value for name in ("href", "src", "data") if (value := named.get(name))]


@dataclass
class Site:
    """What a crawl found: pages with their status and HTML, links to other things, and where each link stands."""

    origin: str
    statuses: dict[str, int] = field(default_factory=dict)
    html: dict[str, str] = field(default_factory=dict)
    machines: set[str] = field(default_factory=set)
    linked_from: dict[str, str] = field(default_factory=dict)

    @property
    def pages(self) -> list[str]:
        return sorted(self.html)

    def by_kind(self) -> dict[str, list[str]]:
        """The pages, by what they show: `/observations/{}` and the like."""
        kinds: dict[str, list[str]] = defaultdict(list)
        for page in self.pages:
            kinds[kind_of(page)].append(page)
        return dict(kinds)

    def sample(self, most: int, *, pinned: int = 0) -> list[str]:
        """At most so many pages of each kind, evenly spread; and so many that are pinned to a release."""
        return [
            page
            for kind, pages in self.by_kind().items()
            for page in spread(pages, pinned if kind.endswith("?release") else most)
        ]


def kind_of(page: str) -> str:
    """What a page shows, without which one: its path with `{}` for what varies, and `?release` where it is pinned."""
    parts = urlsplit(page)
    kind = re.sub(r"(?<=^/)(\w[\w-]*)/[^/]+", r"\1/{}", parts.path)
    return f"{kind}?release" if re.search(r"\b(release|as_of)=", parts.query) else kind


def spread(pages: list[str], most: int) -> Iterator[str]:
    """At most so many of them, from the first to the last."""
    if len(pages) <= most:
        yield from pages
    elif most == 1:
        yield pages[0]
    elif most:
        yield from (pages[i * (len(pages) - 1) // (most - 1)] for i in range(most))


def crawl(client: httpx.Client, origin: str) -> Site:
    """Asks for the home page and for everything that links lead to, breadth first."""
    site, queries, waiting = Site(origin), Counter[str](), list(BEGINNINGS)
    while waiting and len(site.statuses) < MOST_PAGES:
        page = waiting.pop(0)
        answer = client.get(page, headers={"Accept": "text/html"})
        site.statuses[page] = answer.status_code
        if answer.status_code != 200:
            continue
        site.html[page] = answer.text
        for link in internal_links(site, page):
            if link in site.linked_from or link in BEGINNINGS:
                continue
            site.linked_from[link] = page
            if MACHINES.match(link):
                site.machines.add(link)
            elif _is_followed(link, queries):
                waiting.append(link)
    return site


def internal_links(site: Site, page: str) -> Iterable[str]:
    """Paths with their queries, without fragments, of the links that stay on the service."""
    for link in Links(site.html[page]).found:
        url = urldefrag(urljoin(site.origin + page, link)).url
        if url.startswith(site.origin + "/"):
            yield url.removeprefix(site.origin)


def _is_followed(link: str, queries: Counter[str]) -> bool:
    path, _, query = link.partition("?")
    queries[path] += bool(query)
    return not query or queries[path] <= QUERIES
