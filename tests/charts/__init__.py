"""Pictures, read as XML, and where their texts stand."""

import re
from typing import NamedTuple
from xml.etree import ElementTree as ET

from misconduct.pictures.canvas import text_width

SVG = "{http://www.w3.org/2000/svg}"
TERM = "{http://purl.org/dc/elements/1.1/}"


class Box(NamedTuple):
    """Where a text stands."""

    words: str
    left: float
    top: float
    right: float
    bottom: float

    def is_over(self, other: "Box") -> bool:
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide > 1 and high > 1


def read_svg(text):
    return ET.fromstring(text)


def words_of(svg):
    """Return the lines of text of a picture."""
    return [text.text for text in svg.iter(f"{SVG}text")]


def ids_of(svg):
    """Return the figures that a picture says it draws."""
    return next(svg.iter(f"{TERM}relation")).text.split()


def marks_of(svg, *classes):
    """Return the shapes that have one of some classes."""
    return [
        shape
        for shape in svg.iter()
        if {*(shape.get("class") or "").split()} & {*classes}
        and shape.tag != f"{SVG}text"
    ]


def boxes_of(svg):
    """Return where the texts of a picture stand: digits and capitals reach from the baseline up."""
    boxes = []
    for text in svg.iter(f"{SVG}text"):
        size = float(text.get("font-size"))
        is_bold = "b" in (text.get("class") or "").split()
        width = text_width(text.text, size, is_bold)
        anchor = {"middle": 0.5, "end": 1}.get(text.get("text-anchor"), 0)
        left = float(text.get("x")) - anchor * width
        y = float(text.get("y"))
        boxes.append(Box(text.text, left, y - 0.72 * size, left + width, y))
    return boxes


def numbers_of(text):
    """Return the numbers in a text."""
    return {*re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)}


def find_overlaps(svg):
    """Return the texts of a picture that stand outside or over another."""
    *_, width, height = map(float, svg.get("viewBox").split())
    boxes = boxes_of(svg)
    found = []
    for place, box in enumerate(boxes):
        others = [other.words for other in boxes[place + 1 :] if box.is_over(other)]
        is_inside = 0 <= box.left <= box.right <= width
        if others or not is_inside or not 0 <= box.top <= box.bottom <= height:
            found.append((box.words, others))
    return found
