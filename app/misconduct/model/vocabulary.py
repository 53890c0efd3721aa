"""Find the codes that words stand for, and the values that a name means, in the code lists of a release.

The words for a code stand in its list. Searches and tables know its label and its `words`; sentences know its `said`,
and of its `words` those in small letters, since “Search” and “Service” are headings of tables.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple

from misconduct.model.codes import WORDS
from misconduct.model.plain_words import NEGATIONS, in_small_letters, plain

Codes = Mapping[str, Mapping[str, Any]]
Names = Mapping[str, Sequence[str]]
"""What each value is called: its label first."""

_NEGATION = re.compile(
    rf"(?:\b(?:{'|'.join(NEGATIONS)})|n[’']t)\s+(?:\w+\s+){{0,2}}$", re.IGNORECASE
)
_DENYING = NEGATIONS | {"non"}
_MAX_NEGATION = 30  # characters before a code in which its negation is looked for

LONGEST_GUESS = (
    200  # and of the longest: no name is longer, and to compare them takes seconds
)
SHORTEST_GUESS = 4  # characters of a word that is long enough to guess what was meant
LIKENESS = 0.85  # of two spellings, so that reported is not taken for recorded
MAX_MEANINGS = (
    4  # how many values a word may mean; one that may mean more of them says too little
)
_UNSEARCHED = frozenset().union(*WORDS["unsearched"].values())
"""Headings that say less than they seem to: a suicide stands below “Killed”."""
_SAYS_NOTHING = ("unstated", "not_applicable")
_IN_MANY_NAMES = (
    "national",
    "british",
    "city",
    "home",
    "office",
    "board",
    "bureau",
    "police",
)


class Said(NamedTuple):
    """Words of a text that stand for a code: where they start and end, and the code."""

    start: int
    end: int
    code: str


class Phrases:
    """Words that stand for codes, as pairs. `*` stands for any ending; capitals count only if they are `exact`."""

    def __init__(
        self, pairs: Iterable[tuple[str, str]], *, exact: bool = False
    ) -> None:
        self._read = str if exact else in_small_letters
        found = defaultdict[str, dict[str, None]](dict)
        for words, code in pairs:
            found[self._read(words)][code] = None
        by_start = defaultdict[str, list[str]](
            list
        )  # so that a word is compared with the few that begin like it
        for words in sorted(filter(None, found), key=len, reverse=True):
            by_start[words[0]].append(words)
        self._codes = [
            tuple(found[words]) for several in by_start.values() for words in several
        ]
        ones = "|".join(
            f"{re.escape(start)}(?:{'|'.join(f'({re.escape(one[1:])})' for one in several)})"
            for start, several in by_start.items()
        )
        ones = ones.replace(r"\*", r"\w*").replace(r"\ ", r"\s+")
        self._pattern = re.compile(rf"\b(?=\w)(?:{ones})(?!\w)")

    def find(self, text: str) -> Iterator[Said]:
        """Yield what a text has of them. Where words are inside others, the longer ones count."""
        for match in self._pattern.finditer(self._read(text)):
            yield from (
                Said(*match.span(), code)
                for code in self._codes[(match.lastindex or 1) - 1]
            )

    def find_said(self, text: str) -> list[Said]:
        """Return what a sentence says, without what it says not."""
        return [
            one
            for one in self.find(text)
            if not _NEGATION.search(text, max(one.start - _MAX_NEGATION, 0), one.start)
        ]


SIGNS = Phrases(
    (words, sign) for sign, several in WORDS["sign"].items() for words in several
)


class Vocabulary:
    """The words for the codes of a release. `of_sentences` returns those by which sentences say the codes of a list."""

    def __init__(self, lists: Mapping[str, Codes]) -> None:
        self.lists = lists
        self.of_sentences, self._of_searches = (
            cache(self._list_said),
            cache(self._list_searched),
        )

    def _list_said(self, name: str) -> Phrases:
        return Phrases(
            (words, code)
            for code, content in self.lists.get(name, {}).items()
            for words in (*spoken_words(content), *content.get("said", ()))
            if words in content.get("said", ()) or words[0].islower()
        )

    def _list_searched(self, name: str) -> Phrases:
        return Phrases(
            (words, code)
            for code, content in self.lists.get(name, {}).items()
            for words in {
                plain(text) for text in (content["label"], *spoken_words(content))
            }
        )

    @cached_property
    def places(self) -> Phrases:
        """The names of areas, as sentences and headlines write them."""
        return Phrases(
            (
                (form, code)
                for code, content in self.lists.get("area", {}).items()
                for name in (
                    content["label"],
                    *spoken_words(content),
                    *content.get("said", ()),
                )
                for form in (name, name.upper())
            ),
            exact=True,
        )

    @cached_property
    def spelled(self) -> Sequence[str]:
        """The words of all labels and synonyms, also those of sentences, those in small letters last."""
        codes = [one for of_list in self.lists.values() for one in of_list.values()]
        names = [
            (one["label"], *spoken_words(one), *one.get("said", ())) for one in codes
        ]
        return sorted(
            {
                *re.findall(
                    r"[^\W\d_]+",
                    " ".join(text for several in names for text in several),
                )
            }
        )

    def find_searched(self, name: str, plain_text: str) -> Iterator[Said]:
        """Yield where a plain text has words by which searches know the codes of a list."""
        return self._of_searches(name).find(plain_text)

    def find_meant(self, name: str, text: str) -> list[str]:
        return list(
            dict.fromkeys(one.code for one in self.find_searched(name, plain(text)))
        )


def spoken_words(content: Mapping[str, Any]) -> list[str]:
    """Return the synonyms of a code that people say, without former codes: called_hotline."""
    return [
        words
        for words in content.get("words", ())
        if "_" not in words and words not in _UNSEARCHED
    ]


def find_meanings(text: str, names: Names, *, are_proper: bool) -> list[str]:
    """Return the values that a text may mean, the best first: those with the name, or else the one with one like it.

    Proper names are also found by some of their words: Yorkshire. Mexico is none of New Mexico.
    """
    if len(text) > LONGEST_GUESS:
        return []
    name, spelled, meant = _as_searched(text), _spell(names), find_named(text, names)
    is_clear = any(name in spelled[value][:2] for value in meant)
    if (
        are_proper
        and not is_clear
        and len(name) >= SHORTEST_GUESS
        and name not in _IN_MANY_NAMES
    ):
        longer = [value for value, ones in spelled.items() if _is_within(name, ones[1])]
        both = list(dict.fromkeys([*meant, *longer]))
        meant = both if len(both) <= MAX_MEANINGS else meant
    words = {one: value for value, ones in spelled.items() for one in ones}
    near = suggest(text, names, LIKENESS) or words.get(
        suggest(name, words, LIKENESS) or text
    )
    return meant or ([near] if near else [])


def _is_within(part: str, name: str) -> bool:
    return f" {part} " in f" {name} " and not name.startswith("new ")


def find_named(text: str, names: Names) -> list[str]:
    """Return the values that have a name: first the code itself, then those with the label, then with another word.

    Before all others stands what is written exactly so, as search reads `to be checked` as `checked`.
    """
    name, spelled, written = _as_searched(text), _spell(names), text.casefold()
    named = [
        value for value, spellings in spelled.items() if name and name in spellings
    ]
    return sorted(
        named,
        key=lambda value: (
            written not in (value, names[value][0].casefold()),
            min(spelled[value].index(name), 2),
        ),
    )


def _spell(names: Names) -> dict[str, list[str]]:
    """Return the plain spellings of each value: its own, that of its label, and those of its words."""
    return {
        value: [
            _as_searched(one)
            for one in (value, label, *(() if value in _SAYS_NOTHING else words))
        ]
        for value, (label, *words) in names.items()
    }


@lru_cache(
    20_000
)  # there are some thousand names, and each unknown value is compared with all of its list
def _as_searched(text: str) -> str:
    """Return a text as search reads it: kent police for Kent-Police, noproven for not proven; a lone sign stays."""
    return plain(text) or text.strip().casefold()


def suggest(given: str, known: Iterable[str], likeness: float = 0.75) -> str | None:
    """Return the known value that is spelt most like a given one, if one is close and no other is as close.

    It begins with the same letter, and has a `not` if the given one has: proven is not close to unproven.
    """
    lowered = {one.lower(): one for one in known if _begins_like(given, one)}
    close = (
        get_close_matches(given.lower(), lowered, 2, likeness)
        if SHORTEST_GUESS <= len(given) <= LONGEST_GUESS
        else []
    )
    scores = {SequenceMatcher(None, one, given.lower()).ratio() for one in close}
    return lowered[close[0]] if len(scores) == len(close) > 0 else None


def _begins_like(given: str, known: str) -> bool:
    words, others = (set(re.split(r"[\W_]+", one.lower())) for one in (given, known))
    return (
        given[:1].lower() == known[:1].lower() and words & _DENYING == others & _DENYING
    )
