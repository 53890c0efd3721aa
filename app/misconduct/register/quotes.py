"""Find the words around figures by which a browser, or any other reader, finds them in a document."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial

from misconduct.model.kinds import LONGEST_QUOTE
from misconduct.model.locator import Span, text_span
from misconduct.model.observation import OPEN
from misconduct.model.text import UNFIT
from misconduct.register.files import CONTROL
from misconduct.register.observations import Batch

_WORD = re.compile(r"\S*\w\S*")
_EDGE = re.compile(f"[\n\u2028\u2029]|{CONTROL.pattern}|{UNFIT.pattern}")
"""The end of a line, or a character that no text of the register may have."""


_COMPARED, _LAST = 16, "\U0010ffff"
"""Characters of the words around a place by which it is kept, and one that is behind all others."""


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
    alike = cache(partial(_Alike, text))
    found = (
        (span, _words_around(text, span, starts, alike(text[slice(*span)].lower())))
        for span, starts in sorted(same.items())
    )
    return [{"at": str(span), **words} for span, words in found if words]


class _Alike:
    """The places with the characters of a figure, with any white space between its words, in either case.

    A text may have a number hundreds of thousands of times. They are kept in the order of what stands before each, read
    backwards, and in that of what stands behind, so that those with a word in common are next to one another.
    """

    def __init__(self, text: str, printed: str) -> None:
        pattern = r"\s+".join(map(re.escape, printed.split()))
        spans = [Span(*match.span(1)) for match in re.finditer(f"(?=({pattern}))", text, re.IGNORECASE)]
        self._before = sorted((_key(text, *_before(text, span.start))[::-1], span) for span in spans)
        self._behind = sorted((_key(text, *_behind(text, span.end)), span) for span in spans)

    def near(self, before: str, behind: str) -> Iterator[Span]:
        """Yield places among which are all that have these words around them: the fewer of those that have one."""
        found = []
        for places, word in ((self._before, _key(before)[::-1]), (self._behind, _key(behind))):
            start = word[:_COMPARED]
            found.append((places, bisect_left(places, (start,)), bisect_left(places, (start + _LAST,))))
        places, first, end = min(found, key=lambda one: one[2] - one[1])
        return (places[number][1] for number in range(first, end))


def _before(text: str, at: int) -> tuple[int, int]:
    while at and text[at - 1].isspace():
        at -= 1
    return max(at - _COMPARED, 0), at


def _behind(text: str, at: int) -> tuple[int, int]:
    while at < len(text) and text[at].isspace():
        at += 1
    return at, at + _COMPARED


def _key(text: str, start: int = 0, end: int | None = None) -> str:
    """Write characters in lower case, each by itself: that of a sigma depends on those around it."""
    return "".join(map(str.lower, text[start:end])).replace("\u03c2", "\u03c3")


def _words_around(text: str, span: Span, same: Collection[int], alike: _Alike) -> Mapping[str, str] | None:
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
    nearest_before = text[starts[-1] : span.start].rsplit(maxsplit=1)[-1] if starts else ""
    nearest_behind = text[span.end : ends[0]].split(maxsplit=1)[0] if ends else ""
    others = alike.near(nearest_before, nearest_behind)
    other = next(others, None)
    for count in range(1, max(len(starts), len(ends)) + 1):
        start, end = [span.start, *starts[::-1]][: count + 1][-1], [span.end, *ends][: count + 1][-1]
        prefix, suffix = text[start : span.start], text[span.end : end]
        before, after = prefix.lower().split(), suffix.lower().split()
        while other and (
            other.start in same or not _precede(before, text, other.start) or not _follow(after, text, other.end)
        ):
            other = next(others, None)  # nor do more words lead to it
        if other is None:
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
