"""Find which words of a question stand for codes: places, stages, kinds of misconduct, people, indicators."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import WORDS
from misconduct.model.plain_words import plain, plain_words
from misconduct.model.search_texts import READ_AS
from misconduct.model.vocabulary import Phrases, Said

NARROW = frozenset(map(plain, WORDS["narrow"]["search"]))
"""Words that say more than the codes they stand for: taser, which is use of force."""
FILLERS = frozenset(WORDS["filler"]["search"])
"""Words that say nothing in a question."""

TOWNS = {plain(town) for towns in WORDS["town"].values() for town in towns}
"""Towns of which a search may ask, and that are read as a wider place."""
_CALLED = Phrases(
    (plain(words), code)
    for kind in ("town", "called")
    for code, several in WORDS[kind].items()
    for words in several
)
"""Towns by the codes of their forces, and what else searches call a place: South Yorks, Indian."""
_NARROW_PHRASES = Phrases((one, one) for one in NARROW if " " in one)
_LISTS = {
    "means": "measure",
    "result": "vetting_result",
    "kind": "category",
    "people": "population",
}
_MEANS = {
    word: (name, [code])
    for kind, name in _LISTS.items()
    for code, words in WORDS[kind].items()
    for word in words
}
_OF_LISTS = ("area", *READ_AS, "population")
_GENERAL = ("any", "workforce", "unstated")
"""Codes whose names, misconduct, police and people, say nothing here."""
_PLACE = re.compile("E|W|[a-z]{2}_(?!hm|home|mod|nca|btp)")
"""The codes of places that are no bodies such as the National Crime Agency."""
_OF_NAMES = frozenset(WORDS["of_names"]["area"])

Codes = Mapping[str, Sequence[str]]
"""Codes by their list."""


_Found = dict[tuple[int, int], dict[str, list[str]]]


class Meaning(NamedTuple):
    """A word or several together: as typed, in plain words, and the codes that they stand for."""

    typed: str
    plain: str
    codes: Codes


class _Words(NamedTuple):
    """The plain words of a text, what was typed for each, by its place among all pieces, and these pieces."""

    plain: Sequence[str]
    places: Sequence[int]
    pieces: Sequence[str]

    def typed(self, start: int, end: int) -> str:
        return " ".join(
            self.pieces[self.places[start] : self.places[end - 1] + 1]
        ).strip('.,;:!?()"')


class _Span(NamedTuple):
    start: int
    end: int
    codes: Codes


def find_meanings(
    text: str, catalogue: Catalogue, *, has_others: bool
) -> Iterator[Meaning]:
    """Yield each of the words, or several together that stand for codes, with what they mean.

    Fillers that say nothing are left out, unless there is nothing else.
    """
    words = _find_words(text)
    spans = {span.start: span for span in _find_spans(words.plain, catalogue)}
    has_others = has_others or any(word not in FILLERS for word in words.plain)
    at = 0
    while at < len(words.plain):
        span = spans.get(at, _Span(at, at + 1, {}))
        text = " ".join(words.plain[span.start : span.end])
        if span.codes or text not in FILLERS or not has_others:
            yield Meaning(words.typed(span.start, span.end), text, span.codes)
        at = span.end


def _find_words(text: str) -> _Words:
    pieces = list[str]()
    for token in text.split():
        before = pieces[-1] if pieces else ""
        is_joined = plain_words(f"{before} {token}") != [
            *plain_words(before),
            *plain_words(token),
        ]  # New York
        is_open = plain_words(f"{before} word") != [
            *plain_words(before),
            "word",
        ]  # without a finding
        if is_joined or is_open:
            pieces[-1] = f"{before} {token}"
        else:
            pieces.append(token)
    found = [
        (word, place)
        for place, piece in enumerate(pieces)
        for word in plain_words(piece)
    ]
    return _Words([word for word, _ in found], [place for _, place in found], pieces)


def _find_spans(words: Sequence[str], catalogue: Catalogue) -> list[_Span]:
    """Return the words that stand for codes; where these overlap, the longer ones, and places before others."""
    found, taken, spans = _find_codes(words, catalogue), set[int](), []
    found = {
        (start, end): codes
        for (start, end), codes in found.items()
        if " ".join(words[start:end]) not in FILLERS
    }
    for (start, end), codes in sorted(
        found.items(), key=lambda one: (one[0][0] - one[0][1], "area" not in one[1])
    ):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            spans.append(
                _Span(start, end, {"area": codes["area"]} if "area" in codes else codes)
            )
    return [*spans, *_find_between(words, taken, catalogue)]


def _find_between(
    words: Sequence[str], taken: Collection[int], catalogue: Catalogue
) -> Iterator[_Span]:
    """Yield the spans of the words between those taken: officers, of Sussex Police officers."""
    ends = [-1, *sorted(taken), len(words)] if taken else []
    for before, after in pairwise(ends):
        for start, end, codes in _find_spans(words[before + 1 : after], catalogue):
            yield _Span(before + 1 + start, before + 1 + end, codes)


def _find_codes(words: Sequence[str], catalogue: Catalogue) -> _Found:
    """Return the codes that words stand for, by list and by the places of the first word and of that after the last."""
    text = " ".join(words)
    found: _Found = defaultdict(dict)
    find = catalogue.vocabulary.find_searched
    for name in _OF_LISTS:
        _add_phrases(found, find(name, text), name, text)
    for said in _CALLED.find(text):
        found[_place(said, text)].setdefault("area", [said.code])
    for said in _NARROW_PHRASES.find(text):
        found.setdefault(_place(said, text), {})
    _add_words(found, words, catalogue)
    read = {place for start, end in found for place in range(start, end)}
    for said in find("indicator", text):
        start, end = _place(said, text)
        # Deaths in custody, but not officers dismissed.
        if end - start > 1 and not read.issuperset(range(start, end)):
            found[start, end].setdefault("indicator", []).append(said.code)
    return found


def _add_phrases(found: _Found, several: Iterable[Said], name: str, text: str) -> None:
    """Add the codes of a list that are said in a text."""
    for said in several:
        if said.code not in _GENERAL:
            codes = found[_place(said, text)].setdefault(name, [])
            codes += [] if said.code in codes else [said.code]


def _place(said: Said, text: str) -> tuple[int, int]:
    """Return the places of the first word that is said and of that after the last."""
    return text.count(" ", 0, said.start), text.count(" ", 0, said.end) + 1


def _add_words(found: _Found, words: Sequence[str], catalogue: Catalogue) -> None:
    """Add what single words mean that are in no code list: sack, Yorkshire."""
    named = _name_places(catalogue)
    is_vetting = not {"vetting", "vetted"}.isdisjoint(words)
    for place, word in enumerate(words):
        name, codes = _MEANS.get(word, ("area", named.get(word, [])))
        is_new = name == "measure" or (place, place + 1) not in found
        if codes and is_new and (is_vetting or name != "vetting_result"):
            found[place, place + 1][name] = [*codes]


@lru_cache(2)
def _name_places(catalogue: Catalogue) -> Mapping[str, Sequence[str]]:
    """Return places by the words in their names that name few, such as Yorkshire, and by codes with digits."""
    found, areas = (
        defaultdict[str, list[str]](list),
        catalogue.codelists.get("area", {}),
    )
    for code in filter(_PLACE.match, areas):
        for word in {*plain_words(catalogue.label("area", code))} - _OF_NAMES:
            found[word].append(code)
    said = [
        (words, code)
        for code in areas
        if areas[code].get("position")
        for words in areas[code].get("said", ())
    ]
    of_codes = {code.casefold(): [code] for code in areas if code[-1].isdigit()}
    words_of = {plain(words): [code] for words, code in said if " " not in words}
    return of_codes | found | words_of
