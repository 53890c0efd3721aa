"""Find the places of words that the rows of an article leave out."""

import re
from typing import NamedTuple

from misconduct.model.locator import TextRange, read_place
from misconduct_editor.register.reading import Cells, Table
from misconduct_editor.register.rules import BETWEEN_PIECES, DECIDE, WORDS_AT

_PLACED = {place: words for place, words in WORDS_AT.items() if place != "at"} | {"counted_at": "counted"}
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*\s")


class Filled(NamedTuple):
    """The rows of an article with the places that they left out, and a line for each place, found or not."""

    rows: list[Cells]
    found: list[str]
    not_found: list[str]


def fill_places(table: Table, text: str) -> Filled:
    """Find the places that the rows of an article leave out. Leave empty what is not there."""
    filled = Filled([*table.rows()], [], [])
    for line, row in zip(table.lines, filled.rows, strict=True):
        number = read_place(row["at"]) if row["at"] else None
        for column, words in _PLACED.items():
            if number is None or row[column] or row[words] in ("", DECIDE):
                continue
            pieces = row[words].split(BETWEEN_PIECES) if column == "counted_at" else [row[words]]
            places = [_find_nearest(text, piece, number) for piece in pieces]
            if None in places:
                missing = pieces[places.index(None)]
                filled.not_found.append(f"{table.file}:{line}: {missing!r} is not in the document; copy it from there")
            else:
                row[column] = " ".join(f"char={place.start},{place.end}" for place in places if place)
                filled.found.append(f"{table.file}:{line}: {column} is now {row[column]}, for {row[words]!r}")
    return filled


def _find_nearest(text: str, words: str, number: TextRange) -> TextRange | None:
    """Return the place of words that is nearest to a number; one in its sentence or in its paragraph comes first.

    Words within longer words count only where there are no others.
    """
    if not words:
        return None
    edges = [r"\b" if one.isalnum() else "" for one in (words[0], words[-1])]
    whole = re.compile(re.escape(words).join(edges))
    found = [*whole.finditer(text)] or [*re.finditer(re.escape(words), text)]

    def distance(place: TextRange) -> tuple[bool, int, int]:
        between = text[min(place.end, number.end) : max(place.start, number.start)]
        return bool(_SENTENCE_END.search(between)), between.count("\n"), len(between)

    return min((TextRange(*match.span()) for match in found), key=distance, default=None)
