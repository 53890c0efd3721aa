"""Places in a document, as standard fragment identifiers.

Text: `char=3082,3088` (RFC 5147), code points from 0, end exclusive, which are the start and end of a W3C
TextPositionSelector. Tables: `row=`, `col=` or `cell=` (RFC 7111). In a browser: `#:~:text=was-,1%2C492,-officers`
(WICG text fragments).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

_CHAR = re.compile(r"char=(0|[1-9]\d{0,9}),([1-9]\d{0,9})", re.ASCII)
_TABLE = re.compile(r"(?:row|col)=[1-9]\d{0,9}(?:-[1-9]\d{0,9})?|cell=[1-9]\d{0,9},[1-9]\d{0,9}", re.ASCII)


class Span(NamedTuple):
    """A range of text in code points; `end` is exclusive."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"char={self.start},{self.end}"


def text_span(place: str) -> Span | None:
    """Parse a place in a text; None for a place in a table. Raises ValueError if it is neither."""
    if match := _CHAR.fullmatch(place):
        span = Span(int(match[1]), int(match[2]))
        if span.start >= span.end:
            raise ValueError(f"{place} is empty: the end is exclusive and must be greater than the start")
        return span
    if _TABLE.fullmatch(place):
        return None
    raise ValueError(f"{place!r} is not a place: char=START,END in a text, cell=ROW,COLUMN in a table")


def shapes_of(places: Sequence[str]) -> Sequence[str]:
    """Return places with the same lengths at the beginning of a text, if all are ranges of a text, or empty."""
    there = [*filter(None, places)]
    if not all(map(_CHAR.fullmatch, there)):
        return places
    ends = "".join(there).replace("char=", ",").split(",")
    lengths = map(int.__sub__, map(int, ends[2::2]), map(int, ends[1::2]))
    shapes = (f"char=0,{length}" for length in lengths)
    return [place and next(shapes) for place in places]


def selector(place: str | None, exact: str | None) -> dict[str, Any] | None:
    """Write a place as a W3C Web Annotation selector, with the exact characters found there."""
    if not place:
        return None
    if (match := _CHAR.fullmatch(place)) and (start := int(match[1])) < (end := int(match[2])):
        return {"type": "TextPositionSelector", "start": start, "end": end, "exact": exact}
    text_span(place)  # raises ValueError if it is not a place
    return {
        "type": "FragmentSelector",
        "conformsTo": "https://www.rfc-editor.org/rfc/rfc7111",
        "value": place,
        "exact": exact,
    }


class Around(NamedTuple):
    """The words before and after a place, which tell it from others with the same characters."""

    prefix: str = ""
    suffix: str = ""


UNKNOWN = Around()
"""The words around a place that no record has."""


def is_in_table(place: str) -> bool:
    """Tell whether a valid place is in a table."""
    return not place.startswith("char=")


def text_fragment(printed: str, around: Around = UNKNOWN) -> str:
    """Return the text fragment with which a browser scrolls to the printed words.

    Without the words around them it is the first place where they stand.
    """
    before, behind = escape_around(around)
    return f"#:~:text={before}{escape_fragment(printed)}{behind}"


def escape_around(around: Around) -> tuple[str, str]:
    """Return what stands before and behind the printed words in a text fragment."""
    before, behind = (escape_fragment(" ".join(words.split())) for words in around)
    return f"{before}-," if before else "", f",-{behind}" if behind else ""


@lru_cache(10_000)
def escape_fragment(words: str) -> str:
    """Escape words for a text fragment, in which dashes and commas have a meaning."""
    return quote(words, safe="").replace("-", "%2D")


def fragment(found: Mapping[str, Any] | None) -> str | None:
    """Return the place from which `selector` made a selector: the inverse."""
    if found is None:
        return None
    return f"char={found['start']},{found['end']}" if "start" in found else found["value"]


def fragments(found: Iterable[Mapping[str, Any]]) -> list[str | None]:
    """Return the places of several selectors."""
    return [fragment(one) for one in found]


def start_of(found: Mapping[str, Any] | None) -> int | None:
    """Return the first code point of a place in a text; None for a place in a table, and for none."""
    return found.get("start") if found else None


def end_of(found: Mapping[str, Any] | None) -> int | None:
    """Return the code point after a place in a text; None for a place in a table, and for none."""
    return found.get("end") if found else None
