"""Places in a document, as standard fragment identifiers.

Text: `char=3082,3088` (RFC 5147), code points from 0, end exclusive, which are the start and end of a W3C
TextPositionSelector. Tables: `row=`, `col=` or `cell=` (RFC 7111).
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_CHAR = re.compile(r"char=(0|[1-9]\d{0,9}),([1-9]\d{0,9})", re.ASCII)
_TABLE = re.compile(r"(?:row|col)=[1-9]\d{0,9}(?:-[1-9]\d{0,9})?|cell=[1-9]\d{0,9},[1-9]\d{0,9}", re.ASCII)


class Span(NamedTuple):
    """A stretch of text in code points; `end` is exclusive."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"char={self.start},{self.end}"


def text_span(place: str) -> Span | None:
    """The stretch that a text place names; None for a place in a table. Raises ValueError if it is neither."""
    if match := _CHAR.fullmatch(place):
        span = Span(int(match[1]), int(match[2]))
        if span.start >= span.end:
            raise ValueError(f"{place} is empty: the end is exclusive and lies behind the start")
        return span
    if _TABLE.fullmatch(place):
        return None
    raise ValueError(f"{place!r} is no place: char=START,END in a text, cell=ROW,COLUMN in a table")


def selector(place: str | None, exact: str | None) -> dict[str, Any] | None:
    """A place as a W3C Web Annotation selector, with the exact characters that stand there."""
    if not place:
        return None
    found = text_span(place)
    if found is None:
        return {
            "type": "FragmentSelector",
            "conformsTo": "https://www.rfc-editor.org/rfc/rfc7111",
            "value": place,
            "exact": exact,
        }
    return {"type": "TextPositionSelector", "start": found.start, "end": found.end, "exact": exact}
