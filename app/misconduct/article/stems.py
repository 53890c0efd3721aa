"""Find the words that two texts have in common, by their stems."""

import re
from collections.abc import Iterator

from misconduct.model.codes import WORDS

_WORD = re.compile(r"[a-z]+")
_ENDINGS = ["ations", "ation", "ings", "ing", "ions", "ion", "ities", "ity", "ies", "ed", "es", "ly", "s", "e"]
_LEAST_STEM = 3


def _strip(word: str) -> str:
    ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) >= _LEAST_STEM), "")
    return word.removesuffix(ending)


_ALIKE = {_strip(word): _strip(first) for first, words in WORDS["alike"].items() for word in words}
_STOP = frozenset(WORDS["stop"]["sentence"])


def stem(word: str) -> str:
    """Return the stem of a word, or that of a word which says the same here: officer for cops."""
    return _ALIKE.get(_strip(word), _strip(word))


WEAK = frozenset(stem(word) for word in WORDS["weak"]["sentence"])
"""Stems that stand beside most numbers, and say little of what is counted."""


def find_stems(text: str) -> Iterator[tuple[int, str]]:
    """Yield the place and the stem of each word of a text that says something."""
    for match in _WORD.finditer(text.lower()):
        if match[0] not in _STOP:
            yield match.start(), stem(match[0])
