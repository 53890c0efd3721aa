"""How wide text is in the house font, and where its lines break. Without a font file: widths are in a table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import inf

from misconduct.model.text import UNFIT

FONT = 'Arial, "Liberation Sans", Helvetica, sans-serif'
"""The house font: all of these have the same widths."""

ELLIPSIS = "…"
_NBSP = "\u00a0"
SEPARATOR = f"{_NBSP}·"
"""Between the parts of a source line; where a line ends, it says nothing."""

_REGULAR = {
    191: "'", 222: "ijl\u2018\u2019", 260: "|", 278: " !,./:;I[\\]ft\u00a0·", 333: "()-`r“”„", 334: "{}", 350: "•",
    355: '"', 389: "*", 400: "°", 469: "^", 500: "Jcksvxyz", 556: "#$0123456789?L_abdeghnopqu£–€", 584: "+<=>~×−",
    611: "FTZß",
    667: "&ABEKPSVXY", 722: "CDHNRUw", 778: "GOQ", 833: "Mm", 889: "%", 944: "W", 1000: "—…→←", 1015: "@",
}  # fmt: skip
_BOLD = {
    238: "'", 278: " ,./I\\ijl\u00a0·\u2018\u2019", 280: "|", 333: "!()-:;[]`ft", 350: "•", 389: "*r{}", 400: "°",
    474: '"', 500: "z“”„", 556: "#$0123456789J_aceksvxy£–€", 584: "+<=>^~×−", 611: "?FLTZbdghnopquß", 667: "EPSVXY",
    722: "&ABCDHKNRU", 778: "GOQw", 833: "M", 889: "%m", 944: "W", 975: "@", 1000: "—…→←",
}  # fmt: skip
_WIDTHS = [
    {character: width for width, characters in table.items() for character in characters} for table in (_REGULAR, _BOLD)
]
"""Thousandths of the type size; tests/charts/test_drawing.py compares them with the font."""

_OTHER, _FULL, _WIDEST = 800, 1000, 1200
"""Of characters that another font must draw: small letters, digits and letters without case; East Asian ones; and
capitals and signs. Browsers were seen to draw hardly any wider."""

_NARROW = ("Ll", "Lo", "Lm", "Nd", "Mc")

_FIT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACE = re.compile(r"[ \t\r\n]+")
_RIGHT_TO_LEFT = ("R", "AL")
_RIGHT_TO_LEFT_MARK = "\u200f"


@lru_cache(4_096)  # most cells of a chart have the words of another
def clean(text: str) -> str:
    """Replace characters that XML does not allow or that reverse text (old releases may have some), and join lines."""
    return _SPACE.sub(" ", UNFIT.sub("\ufffd", _FIT_XML.sub("\ufffd", text))).strip()


@lru_cache(4_096)
def _character_width(character: str, is_bold: bool) -> int:
    known = _WIDTHS[is_bold]
    if character in known:
        return known[character]
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    base = unicodedata.normalize("NFD", character)[0]
    if base in known:
        return known[base] + (60 if base in "il" else 0)
    if unicodedata.category(character) not in _NARROW:
        return _WIDEST
    return _FULL if unicodedata.east_asian_width(character) in "WF" else _OTHER


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return how many pixels wide a line is."""
    return sum(_character_width(character, bold) for character in text) * size / 1000


def shorten(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """Cut a line to a width, with an ellipsis if anything is lost."""
    if width_of(text, size, bold=bold) <= width:
        return text
    room, end = width - width_of(ELLIPSIS, size, bold=bold), 0
    for end, character in enumerate(text):  # noqa: B007 (the place where it stops is what is wanted)
        room -= _character_width(character, bold) * size / 1000
        if room < 0:
            break
    return text[:end].rstrip(" ,;:–-") + ELLIPSIS


def wrap(
    text: str, size: float, width: float, *, bold: bool = False, most: int = 99, is_even: bool = True
) -> list[str]:
    """Break a text into as few lines as fit; at most `most`, the last with an ellipsis.

    If they are to be even, they are of about equal length. No word is alone in the last one, if that can be helped,
    and no line ends in a separator.
    """
    if not text:
        return []
    pieces = [piece for word in text.split(" ") if word for piece in _split_word(word, size, width, bold)]
    lines = _fill(pieces, size, width, bold)
    if len(lines) > most:
        rest = " ".join(lines[most - 1 :])
        return [*lines[: most - 1], shorten(rest + ELLIPSIS, size, width, bold=bold)]
    if len(lines) == 1:
        return lines
    return _ended(_even(pieces, len(lines), size, width, bold) if is_even else lines, size, width, bold)


def _even(words: Sequence[str], count: int, size: float, width: float, bold: bool) -> list[str]:
    """Break words into so many lines that differ least in length: by the least sum of their squares, from the end."""
    wide, space = [width_of(word, size, bold=bold) for word in words], width_of(" ", size, bold=bold)
    # Between the furthest begin of each line if those before it are full, and the earliest if those after it are: the
    # lines are as few as can be, so little more than one line's words.
    latest = [*_begins(wide, space, width), *[len(words)] * count]
    earliest = [len(words) - end for end in [*_begins(wide[::-1], space, width), *[len(words)] * count]]
    none: tuple[float, list[int]] = (inf, [])
    best = [none] * len(words) + [(0.0, list[int]())]
    for line in range(count - 1, -1, -1):
        before, best = best, [none] * (len(words) + 1)
        for first in range(earliest[count - line], latest[line] + 1):
            length = -space
            for last in range(first, len(words)):
                length += wide[last] + space
                if length > width + 0.01 and last > first:
                    break
                cost, ends = before[last + 1]
                if cost + length**2 < best[first][0]:
                    best[first] = cost + length**2, [last + 1, *ends]
    ends = best[0][1]
    return [" ".join(words[first:last]) for first, last in pairwise([0, *ends])]


def _begins(wide: Sequence[float], space: float, width: float) -> list[int]:
    """Return with which word each line begins if all are as full as can be, and where the last one ends."""
    begins, room = [0], width
    for place, needed in enumerate(wide):
        if place > begins[-1] and needed + space > room + 0.02:
            begins.append(place)
            room = width
        room -= needed + (space if place > begins[-1] else 0)
    return [*begins, len(wide)]


def _ended(lines: list[str], size: float, width: float, bold: bool) -> list[str]:
    """Give a word that is alone in the last line company, and take separators from the ends of lines."""
    if len(lines) > 1 and " " not in lines[-1] and lines[-2].count(" ") > 1:
        before, _, word = lines[-2].rpartition(" ")
        last = f"{word} {lines[-1]}"
        if width_of(last, size, bold=bold) <= width:
            lines = [*lines[:-2], before, last]
    return [line.removesuffix(SEPARATOR) for line in lines[:-1]] + lines[-1:]


def _fill(words: list[str], size: float, width: float, bold: bool) -> list[str]:
    lines, space = list[str](), width_of(" ", size, bold=bold)
    room = 0.0
    for word in words:
        needed = width_of(word, size, bold=bold)
        if lines and needed + space <= room:
            lines[-1] += f" {word}"
            room -= needed + space
        else:
            lines.append(word)
            room = width - needed
    return lines


def _split_word(word: str, size: float, width: float, bold: bool) -> list[str]:
    """Split a word that is longer than a line."""
    if width_of(word, size, bold=bold) <= width:
        return [word]
    pieces, room = [""], width
    for character in word:
        needed = _character_width(character, bold) * size / 1000
        if needed > room:
            pieces.append("")
            room = width
        pieces[-1] += character
        room -= needed
    return pieces


def is_right_to_left(text: str) -> bool:
    """Tell whether a text begins in a script that is read from right to left."""
    strong = (unicodedata.bidirectional(character) for character in text)
    return next((one for one in strong if one in ("L", *_RIGHT_TO_LEFT)), "L") in _RIGHT_TO_LEFT


def closed(line: str) -> str:
    """Mark both ends of a line that is read from right to left, so that its full stop is where the line ends."""
    return f"{_RIGHT_TO_LEFT_MARK}{line}{_RIGHT_TO_LEFT_MARK}" if is_right_to_left(line) else line


def unbroken(text: str) -> str:
    """Keep the words of a short text together in one line."""
    return text.replace(" ", _NBSP)
