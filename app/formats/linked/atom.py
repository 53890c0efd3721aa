"""Releases, and what they changed, as Atom feeds (RFC 4287)."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import groupby
from typing import Any
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from app.model.changes import ACTIONS
from app.model.figure import ATTRIBUTION, LICENCE
from app.model.phrases import say_change

NAMESPACE = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"

Row = Mapping[str, Any]


def encode_atom(document: Mapping[str, Any]) -> bytes:
    """Encode the JSON document of a list of releases or of changes: a feed with an entry for each release.

    Ids are addresses without the name of a format, and stay the same when a release comes.
    """
    rows, links = document["data"], document["links"]
    address, _, query = links["self"].partition("?")
    identity = address.removesuffix(".atom") + (query and f"?{query}")
    is_changes = "page" in links
    register_namespace("", NAMESPACE)
    feed = Element(f"{{{NAMESPACE}}}feed")
    _text(feed, "id", identity)
    _text(feed, "title", document["meta"]["title"] if is_changes else f"{ATTRIBUTION}: releases")
    _text(feed, "updated", _instant(rows[0]["released"] if rows else document["meta"]["released"]))
    _text(feed, "rights", LICENCE)
    _text(SubElement(feed, f"{{{NAMESPACE}}}author"), "name", ATTRIBUTION)
    _link(feed, "self", links["self"], MEDIA_TYPE)
    if links["next"]:
        _link(feed, "next", links["next"], MEDIA_TYPE)
    if is_changes:
        _link(feed, "alternate", links["page"], "text/html")
        for number, changes in groupby(rows, key=lambda row: row["release"]):
            _add_changes(feed, f"{identity}#{number}", number, [*changes], links["page"])
    else:
        _link(feed, "alternate", identity, "application/json")
        for release in rows:
            _add_release(feed, release)
    return bytes(tostring(feed, encoding="utf-8", xml_declaration=True))


def _add_release(feed: Element, release: Row) -> None:
    entry = _add_entry(feed, release["cite_as"], f"Release {release['number']}", release["released"])
    _text(entry, "summary", f"{release['summary']} Digest: {release['digest']}")
    _link(entry, "alternate", release["cite_as"], "application/json")
    _link(entry, "related", f"{release['cite_as']}/changes", "application/json")


def _add_changes(feed: Element, identity: str, number: str, changes: list[Row], page: str) -> None:
    counts = {action: sum(change["action"] == action for change in changes) for action in ACTIONS}
    counted = ", ".join(f"{count} {action}" for action, count in counts.items() if count)
    entry = _add_entry(feed, identity, f"Release {number}: {counted}", changes[0]["released"])
    _link(entry, "alternate", page, "text/html")
    sentences = "".join(f"<li>{_linked(change)}</li>" for change in changes)
    _text(entry, "content", f"<ul>{sentences}</ul>", type="html")


def _linked(change: Row) -> str:
    said = escape(say_change(change))
    return f'<a href="{escape(change["page"])}">{said}</a>' if change["page"] else said


def _add_entry(feed: Element, identity: str, title: str, day: str) -> Element:
    entry = SubElement(feed, f"{{{NAMESPACE}}}entry")
    _text(entry, "id", identity)
    _text(entry, "title", title)
    _text(entry, "updated", _instant(day))
    return entry


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes).text = text


def _link(parent: Element, relation: str, address: str, media_type: str) -> None:
    SubElement(parent, f"{{{NAMESPACE}}}link", rel=relation, href=address, type=media_type)


def _instant(day: str) -> str:
    """Return the end of a UTC day: by then the release is in force."""
    return f"{day}T23:59:59Z"
