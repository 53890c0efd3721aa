"""Releases, and what they changed, as Atom feeds (RFC 4287)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from misconduct.model.changes import ACTIONS
from misconduct.model.figure import ATTRIBUTION, LICENCE
from misconduct.model.phrases import say_change

NAMESPACE = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"

Row = Mapping[str, Any]


def encode_atom(document: Mapping[str, Any]) -> bytes:
    """Encode the JSON document of a list of releases or of changes: a feed with an entry for each release and recall.

    Ids are public addresses without the name of a format, whatever host was asked (RFC 4287), and stay the same when a
    release comes. Links lead to pages.
    """
    rows, links, meta = document["data"], document["links"], document["meta"]
    path, _, query = links["self"].removeprefix(meta["base_url"]).partition("?")
    identity = meta["public_url"] + path.removesuffix(".atom") + (query and f"?{query}")
    register_namespace("", NAMESPACE)
    feed = Element(f"{{{NAMESPACE}}}feed")
    _text(feed, "id", identity)
    _text(feed, "title", meta["title"])
    is_changes = bool(rows) and "action" in rows[0]
    newest = (rows[0]["release"] if is_changes else rows[0]["number"]) if rows else meta["release"]
    _text(feed, "updated", meta["instants"][newest])
    _text(feed, "rights", LICENCE)
    _text(SubElement(feed, f"{{{NAMESPACE}}}author"), "name", ATTRIBUTION)
    _link(feed, "self", links["self"], MEDIA_TYPE)
    if links["next"]:
        _link(feed, "next", links["next"], MEDIA_TYPE)
    _link(feed, "alternate", links["page"], "text/html")
    if is_changes:
        # Changes of the first and of the last release may also be on the page before, or on the next.
        in_part = {rows[-1]["release"]} if links["next"] else set()
        in_part |= {rows[0]["release"]} if "cursor=" in query else set()
        for number, found in groupby(rows, key=lambda row: row["release"]):
            of_everything = links["page"].endswith("/releases")
            page = f"{links['page']}/{number}/changes" if of_everything else links["page"]
            changes = [*found]
            title = f"Release {number}{' (part of its changes)' * (number in in_part)}: {_count(changes)}"
            entry = _add_entry(feed, f"{identity}#{number}", title, meta["instants"][number])
            _link(entry, "alternate", page, "text/html")
            _text(entry, "content", _listed(changes), type="html")
    else:
        for release in rows:
            number = release["number"]
            if release["recalled"]:
                # An entry of its own, as readers show none again that they have. When it was recalled is not recorded.
                entry = _add_entry(
                    feed, f"{identity}/{number}#recalled", f"Release {number} was recalled", meta["instants"][number]
                )
                _link(entry, "alternate", f"{links['page']}/{number}", "text/html")
                _text(entry, "summary", release["recalled"])
            _add_release(feed, release, f"{identity}/{number}", links["page"], meta["instants"])
    return bytes(tostring(feed, encoding="utf-8", xml_declaration=True))


def _add_release(feed: Element, release: Row, identity: str, page: str, instants: Mapping[str, str]) -> None:
    number, figures = release["number"], release.get("figures", [])
    title = f"Release {number}{_named(figures, release.get('changed', 0))}"
    entry = _add_entry(feed, identity, title, instants[number])
    _link(entry, "alternate", f"{page}/{number}/changes", "text/html")
    _text(entry, "summary", release["summary"])
    more = release.get("changed", 0) - len(figures)
    rest = f"<li>{more:,} more figures</li>" if more > 0 else ""
    told = f"<p>{escape(release['summary'])}</p>{_listed(figures, rest)}<p>Digest: {release['digest']}</p>"
    _text(entry, "content", told, type="html")


def _count(changes: Sequence[Row]) -> str:
    """Say how many changes there are, and name the first of the figures."""
    counts = {action: sum(change["action"] == action for change in changes) for action in ACTIONS}
    counted = ", ".join(f"{count} {action}" for action, count in counts.items() if count)
    figures = [change for change in changes if change["kind"] == "observation"]
    return f"{counted}{_named(figures, len(figures))}"


def _named(figures: Sequence[Row], count: int) -> str:
    """Name the first figure that changed, and how many others did."""
    named = next((figure["subject"] for figure in figures if figure["subject"]), None)
    others = f" and {count - 1:,} more" if count > 1 else ""
    return f" – {named}{others}" if named else ""


def _listed(changes: Sequence[Row], rest: str = "") -> str:
    items = "".join(f"<li>{_linked(change)}</li>" for change in changes)
    return f"<ul>{items}{rest}</ul>" if items or rest else ""


def _linked(change: Row) -> str:
    said = escape(say_change(change))
    return f'<a href="{escape(change["page"])}">{said}</a>' if change["page"] else said


def _add_entry(feed: Element, identity: str, title: str, instant: str) -> Element:
    entry = SubElement(feed, f"{{{NAMESPACE}}}entry")
    _text(entry, "id", identity)
    _text(entry, "title", title)
    _text(entry, "updated", instant)
    return entry


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes).text = text


def _link(parent: Element, relation: str, address: str, media_type: str) -> None:
    SubElement(parent, f"{{{NAMESPACE}}}link", rel=relation, href=address, type=media_type)
