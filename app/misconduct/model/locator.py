"""Places in documents, as standard fragment identifiers.

In a text, `char=3063,3068` (RFC 5147): code points from 0, the end exclusive. In a table, `cell=4,3` (RFC 7111): row
and column from 1; `row=3` is the third of the rows that an editor typed from a page. In a browser,
`#:~:text=was-,1%2C492` (WICG text fragments).
"""

import re
from typing import NamedTuple
from urllib.parse import quote

_CHARACTERS = re.compile(r"char=(0|[1-9]\d{0,9}),([1-9]\d{0,9})", re.ASCII)
_CELL = re.compile(r"cell=[1-9]\d{0,9},[1-9]\d{0,9}|row=[1-9]\d{0,9}", re.ASCII)


class TextRange(NamedTuple):
    """A range of a text in code points; the end is exclusive."""

    start: int
    end: int


def read_place(place: str) -> TextRange | None:
    """Return the range of a place in a text, or None for a cell or a row. Raises ValueError for anything else."""
    if match := _CHARACTERS.fullmatch(place):
        span = TextRange(int(match[1]), int(match[2]))
        if span.start >= span.end:
            raise ValueError(
                f"{place} is empty: the end is exclusive, and must be greater than the start"
            )
        return span
    if _CELL.fullmatch(place):
        return None
    raise ValueError(
        f"{place!r} is not a place: char=START,END in a text, cell=ROW,COLUMN in a table, row=ROW of a page"
    )


def text_fragment(printed: str, before: str, after: str) -> str:
    """Return the fragment with which a browser scrolls to printed words, told apart by the words around them."""
    prefix, suffix = (_escape(" ".join(words.split())) for words in (before, after))
    return f"#:~:text={prefix + '-,' if prefix else ''}{_escape(printed)}{',-' + suffix if suffix else ''}"


def _escape(words: str) -> str:
    return quote(words, safe="").replace(
        "-", "%2D"
    )  # a dash or a comma would end a part of the fragment
