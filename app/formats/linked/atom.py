"""The releases as an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from app.model.figure import ATTRIBUTION, LICENCE
from app.model.records import Release

NAMESPACE = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"


def encode_atom(releases: Iterable[Release], base_url: str) -> bytes:
    """A feed with an entry for each release, the newest first."""
    newest_first = sorted(releases, reverse=True)
    register_namespace("", NAMESPACE)
    feed = Element(f"{{{NAMESPACE}}}feed")
    _text(feed, "id", f"{base_url}/v1/releases")
    _text(feed, "title", f"{ATTRIBUTION}: releases")
    _text(feed, "updated", _instant(newest_first[0].released))
    _text(feed, "rights", LICENCE)
    _text(SubElement(feed, f"{{{NAMESPACE}}}author"), "name", ATTRIBUTION)
    _link(feed, "self", f"{base_url}/v1/releases.atom", MEDIA_TYPE)
    _link(feed, "alternate", f"{base_url}/v1/releases", "application/json")
    for release in newest_first:
        _add_entry(feed, release, base_url)
    return bytes(tostring(feed, encoding="utf-8", xml_declaration=True))


def _add_entry(feed: Element, release: Release, base_url: str) -> None:
    entry = SubElement(feed, f"{{{NAMESPACE}}}entry")
    address = f"{base_url}/v1/releases/{release.number}"
    _text(entry, "id", address)
    _text(entry, "title", f"Release {release.number}")
    _text(entry, "updated", _instant(release.released))
    _text(entry, "summary", f"{release.summary} Digest: {release.digest}")
    _link(entry, "alternate", address, "application/json")
    _link(entry, "related", f"{address}/changes", "application/json")


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{NAMESPACE}}}{name}").text = text


def _link(parent: Element, relation: str, address: str, media_type: str) -> None:
    SubElement(parent, f"{{{NAMESPACE}}}link", rel=relation, href=address, type=media_type)


def _instant(day: date) -> str:
    """The end of a UTC day: a release is in force then."""
    return f"{day.isoformat()}T23:59:59Z"
