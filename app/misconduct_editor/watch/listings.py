"""Read what a publisher lists: attachments of a GOV.UK page, entries of a feed, links of another page."""

import io
import json
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import feedparser

from ..register.cells import MEDIA_TYPES
from .printed import decode

DOCUMENTS = (*MEDIA_TYPES, ".xls", ".pdf", ".docx", ".zip")
"""How the names of documents end. Other links of a page are its menus."""


class Listed(NamedTuple):
    """A document that a publisher lists, and its day, if there is one."""

    address: str
    title: str = ""
    day: str = ""
    is_publication: bool = False  # a page of GOV.UK that has attachments of its own

    @property
    def name(self) -> str:
        return self.title or PurePosixPath(urlsplit(self.address).path).name

    @property
    def ending(self) -> str:
        return PurePosixPath(urlsplit(self.address).path).suffix.lower()

    @property
    def is_table(self) -> bool:
        return self.ending in MEDIA_TYPES


def name_api(address: str) -> str:
    """Return the address of a GOV.UK page in the Content API."""
    parts = urlsplit(address)
    path = f"/api/content{parts.path}"
    return parts._replace(path=path, query="", fragment="").geturl()


def read_listing(
    kind: str, address: str, body: bytes, charset: str | None
) -> list[Listed]:
    """Return what a publisher lists, each address once. Raises an error if it is no listing of this kind."""
    readers = {"govuk": _read_govuk, "feed": _read_feed, "page": _read_links}
    found: Iterable[Listed] = readers[kind](body, charset)
    absolute = (one._replace(address=urljoin(address, one.address)) for one in found)
    by_address = {
        one.address.partition("#")[0]: one
        for one in absolute
        if one.address.startswith(("http://", "https://"))
    }
    return [one._replace(address=address) for address, one in by_address.items()]


def _read_govuk(body: bytes, _: str | None) -> list[Listed]:
    """Read a publication or a collection of https://content-api.publishing.service.gov.uk."""
    page = json.loads(body)
    day = _cut_day(page.get("public_updated_at"))
    attached = page.get("details", {}).get("attachments", ())
    listed = [Listed(one["url"], one.get("title", ""), day) for one in attached]
    for one in page["links"].get("documents", ()):
        day = _cut_day(one.get("public_updated_at"))
        listed.append(Listed(one["base_path"], one["title"], day, is_publication=True))
    return listed


def _cut_day(moment: str | None) -> str:
    return (moment or "")[: len("2026-12-01")]


def _read_feed(body: bytes, _: str | None) -> list[Listed]:
    feed = feedparser.parse(io.BytesIO(body), sanitize_html=False)
    if not feed.version:
        raise ValueError("no feed")
    listed = []
    for entry in feed.entries:
        moment = entry.get("updated_parsed") or entry.get("published_parsed")
        day = "{:04}-{:02}-{:02}".format(*moment[:3]) if moment else ""
        links = [
            entry.get("link"),
            *(one.get("href") for one in entry.get("enclosures", [])),
        ]
        listed += [Listed(link, entry.get("title", ""), day) for link in links if link]
    return listed


def _read_links(body: bytes, charset: str | None) -> list[Listed]:
    reader = _LinkReader()
    reader.feed(decode(body, charset))
    links = (Listed(address) for address in reader.addresses)
    return [one for one in links if one.ending in DOCUMENTS]


class _LinkReader(HTMLParser):
    """Collect where the links of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses = list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href")
        if tag == "a" and address:
            self.addresses.append(address.strip())
