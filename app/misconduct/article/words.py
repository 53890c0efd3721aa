"""Find the words that people use for codes, which are in `words.csv`, and the words that two texts have in common."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from misconduct.model.codes import read_words

_WORD = re.compile(r"[a-z]+")
_NEGATION = re.compile(r"(?:\b(?:no|not|never|without|nor|neither|cannot)|n[’']t)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
_MAX_NEGATION = 30  # characters before a code in which its negation is looked for
_ENDINGS = ["ations", "ation", "ings", "ing", "ions", "ion", "ities", "ity", "ies", "ed", "es", "ly", "s", "e"]
_LEAST_STEM = 3


class Said(NamedTuple):
    """Words of a text that stand for a code: where they start and end, and the code."""

    start: int
    end: int
    code: str


PHRASES = {
    name: {code: words.split(" | ") for code, words in codes.items()}
    for name, codes in read_words(Path(__file__).with_suffix(".csv")).items()
}
"""Words by list and code. `*` stands for any ending. `sign`, `alike`, `stop` and `weak` are no code lists."""


class Phrases:
    """The words for the codes of a list. Where words are inside others, the longer ones count."""

    def __init__(self, name: str) -> None:
        pairs = [(phrase, code) for code, phrases in PHRASES[name].items() for phrase in phrases]
        pairs.sort(key=lambda pair: -len(pair[0]))
        self._codes = [code for _, code in pairs]
        ones = "|".join("({})".format(re.escape(one).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")) for one, _ in pairs)
        self._pattern = re.compile(rf"(?<!\w)(?=\w)(?:{ones})(?!\w)", re.IGNORECASE)

    def find(self, text: str) -> list[Said]:
        """Return the codes that a text says, without those that it says not."""
        return [
            Said(match.start(), match.end(), self._codes[(match.lastindex or 1) - 1])
            for match in self._pattern.finditer(text)
            if not _NEGATION.search(text, max(match.start() - _MAX_NEGATION, 0), match.start())
        ]


LISTS = {name: Phrases(name) for name in ("measure", "category", "population", "counting_unit", "sign")}


@cache
def codes_of(name: str, counted: str) -> tuple[str, ...]:
    """Return the codes of a list that the words of a figure say, in their order. Only for words of the register."""
    return tuple(dict.fromkeys(one.code for one in LISTS[name].find(counted)))


def _strip(word: str) -> str:
    ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) >= _LEAST_STEM), "")
    return word[: len(word) - len(ending)]


_ALIKE = {_strip(word): _strip(code) for code, words in PHRASES["alike"].items() for word in words}
_STOP = frozenset(PHRASES["stop"]["stop"])


def stem(word: str) -> str:
    """Return the stem of a word, or that of a word which says the same here: officer for cops."""
    return _ALIKE.get(_strip(word), _strip(word))


WEAK = frozenset(stem(word) for word in PHRASES["weak"]["weak"])
"""Stems that stand beside most numbers, and say little of what is counted."""


def find_stems(text: str) -> Iterator[tuple[int, str]]:
    """Yield the place and the stem of each word of a text that says something."""
    for match in _WORD.finditer(text.lower()):
        if match[0] not in _STOP:
            yield match.start(), stem(match[0])
