"""Find the words around figures by which a browser, or any other reader, finds them in a document."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from functools import cache, partial
from itertools import islice

from misconduct.model.kinds import LONGEST_QUOTE
from misconduct.model.locator import Span, text_span
from misconduct.model.observation import OPEN
from misconduct.model.text import UNFIT
from misconduct.register.files import CONTROL
from misconduct.register.observations import Batch

_WORD = re.compile(r"\S*\w\S*")
_EDGE = re.compile(f"[\n\u2028\u2029]|{CONTROL.pattern}|{UNFIT.pattern}")
"""The end of a line, or a character that no text of the register may have."""


_SEEN, _LAST = LONGEST_QUOTE + 1, "\U0010ffff"
"""Characters around a place by which it is kept, a space among them, and one that is behind all others."""


class QuotedPlaces:
    """Collect where the texts of sources print the figures in force, drafts too."""

    def __init__(self) -> None:
        self._claims: dict[str, list[list[Span]]] = defaultdict(list)

    def watch(self, batch: Batch) -> None:
        """Keep the places of each figure of a batch."""
        for o in batch.observations:
            spans = [span for place in (o.at, *o.also_at) if place and (span := text_span(place))]
            if o.ended_in == OPEN and spans:
                self._claims[o.source].append(spans)

    def quote(self, source: str, text: str) -> list[dict[str, str]]:
        """Return the words around each place in the text of a source, as they are in its record.

        A place that no words tell from others is left out.
        """
        return quote_places(text, self._claims.get(source, ()))


def quote_places(text: str, claims: Iterable[Collection[Span]]) -> list[dict[str, str]]:
    """Return as few words around each place as lead to it, or to another where the same figure is printed."""
    same: dict[Span, set[int]] = defaultdict(set)
    for spans in claims:
        for span in spans:
            same[span].update(one.start for one in spans)
    by_figure: dict[str, list[Span]] = defaultdict(list)
    for span in same:
        by_figure[text[slice(*span)].lower()].append(span)
    compact, most = re.sub(r"\s+", " ", text), max(map(len, same.values()), default=0)
    found: dict[Span, Mapping[str, str]] = {}
    for printed, spans in by_figure.items():
        if printed.strip():
            alike = _Alike(text, compact, printed, most)
            found.update((span, words) for span in spans if (words := _words_around(text, span, same[span], alike)))
    return [{"at": str(span), **found[span]} for span in sorted(found)]


class _Alike:
    """The places with the characters of a figure, with any white space between its words, in either case.

    A text may have a number hundreds of thousands of times. They are kept in the order of what stands before each, read
    backwards, and in that of what stands behind, so that those with words in common are next to one another.
    """

    def __init__(self, text: str, compact: str, printed: str, most: int) -> None:
        """`compact` is the text with one space for all white space; at the `most` as many places have one figure."""
        words = r"\s+".join(map(re.escape, printed.split()))
        pattern = re.compile(f"(?=({words}))", re.IGNORECASE)
        matches = zip(pattern.finditer(compact), pattern.finditer(text), strict=True)
        places = [(Span(*match.span(1)), same.start()) for match, same in matches]
        before = ((_key(compact[max(at.start - _SEEN, 0) : at.start])[::-1], at, start) for at, start in places)
        self._text, self._before = compact, sorted(before)
        self._behind = sorted((_key(compact[at.end : at.end + _SEEN]), at, start) for at, start in places)
        self.find = cache(partial(self._find, most))

    def _find(self, most: int, before: tuple[str, ...], behind: tuple[str, ...]) -> set[int]:
        """Return where places begin that have these words, in lower case, around them: all, or one more than `most`."""
        ranges = []
        for places, words in ((self._before, _key(" ".join(before))[::-1]), (self._behind, _key(" ".join(behind)))):
            first, end = bisect_left(places, (words,)), bisect_left(places, (words + _LAST,))
            ranges.append((end - first, first, places))
        length, first, places = min(ranges, key=lambda one: one[0])
        fitting = (
            start
            for _, at, start in islice(places, first, first + length)
            if _precede(before, self._text, at.start) and _follow(behind, self._text, at.end)
        )
        return {*islice(fitting, most + 1)}


def _key(text: str) -> str:
    """Write characters in lower case, each by itself: that of a sigma depends on those around it."""
    return "".join(map(str.lower, text.strip())).replace("\u03c2", "\u03c3")


def _words_around(text: str, span: Span, same: Set[int], alike: _Alike) -> Mapping[str, str] | None:
    """Return the words before and after a place in its own line: one on each side, then two, and so on.

    A browser looks for them within one block of a page, with any white space between them, in either case.
    """
    first, last = max(span.start - LONGEST_QUOTE, 0), min(span.end + LONGEST_QUOTE, len(text))
    first = max([first, *(edge.end() for edge in _EDGE.finditer(text, first, span.start))])
    last = min([last, *(edge.start() for edge in _EDGE.finditer(text, span.end, last))])
    starts = [word.start() for word in _WORD.finditer(text, first, span.start)]
    ends = [word.end() for word in _WORD.finditer(text, span.end, last)]
    if starts and first and not text[first - 1].isspace() and starts[0] == first:
        del starts[0]  # it is the end of a longer word
    if ends and last < len(text) and not text[last].isspace() and ends[-1] == last:
        del ends[-1]
    for count in range(1, max(len(starts), len(ends)) + 1):
        start, end = [span.start, *starts[::-1]][: count + 1][-1], [span.end, *ends][: count + 1][-1]
        prefix, suffix = text[start : span.start], text[span.end : end]
        if alike.find((*prefix.lower().split(),), (*suffix.lower().split(),)).issubset(same):
            return {"prefix": prefix, "suffix": suffix}
    return None


def _precede(words: Sequence[str], text: str, at: int) -> bool:
    """Return whether the words, in lower case, end before a place, with any white space between them."""
    for number, word in enumerate(reversed(words)):
        end = at
        while end and text[end - 1].isspace():
            end -= 1
        if (number and end == at) or text[max(end - len(word), 0) : end].lower() != word:
            return False
        at = end - len(word)
    return True


def _follow(words: Sequence[str], text: str, at: int) -> bool:
    """Return whether the words, in lower case, begin after a place, with any white space between them."""
    for number, word in enumerate(words):
        start = at
        while start < len(text) and text[start].isspace():
            start += 1
        if (number and start == at) or text[start : start + len(word)].lower() != word:
            return False
        at = start + len(word)
    return True
