"""What a picture shows, read from its SVG: texts, bars, gaps, lines and their places."""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


class Mark(NamedTuple):
    """One mark: its path and how it is painted."""

    path: str
    fill: str | None
    fill_opacity: str | None
    dashes: str | None


def read(svg: bytes) -> ET.Element:
    return ET.fromstring(svg)


def _groups(root: ET.Element, kind: str) -> list[ET.Element]:
    return [g for g in root.iter(f"{SVG}g") if f"mark-{kind} role-mark" in g.get("class", "")]


def texts(root: ET.Element, *, bold: bool | None = None) -> list[str]:
    """Every text of the data, lines joined by a space, in the order in which it is drawn."""
    found = [t for g in _groups(root, "text") for t in g.iter(f"{SVG}text")]
    return [
        " ".join(t.itertext()) if len(t) == 0 else " ".join(part.text or "" for part in t)
        for t in found
        if bold is None or (t.get("font-weight") == "bold") is bold
    ]


def all_text(root: ET.Element) -> str:
    """All that can be read, lines joined by a space."""
    return " ".join(" ".join(t.itertext()) for t in root.iter(f"{SVG}text"))


def marks(root: ET.Element, kind: str) -> list[Mark]:
    """The marks of a kind (`rect`, `line`, `symbol`, `rule`)."""
    return [
        Mark(p.get("d", ""), p.get("fill"), p.get("fill-opacity"), p.get("stroke-dasharray"))
        for g in _groups(root, kind)
        for p in g.iter(f"{SVG}path")
    ]


def lengths(root: ET.Element) -> list[float]:
    """How long the horizontal bars are, in pixels, from the top."""
    return [
        float(match[1])
        for mark in marks(root, "rect")
        if not mark.dashes and (match := re.match(r"M0,[-\d.]+h([\d.]+)v16", mark.path))
    ]
