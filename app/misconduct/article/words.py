"""Read words as articles use them: their stems, and those that stand for something in `model/words.csv`."""

import re
from collections.abc import Iterator

from misconduct.model.codes import WORDS
from misconduct.model.plain_words import in_small_letters
from misconduct.model.vocabulary import Phrases
from misconduct.model.wording import capitalise

UP, DOWN = "trend/up", "trend/down"
LOWER, UPPER = (
    {"at_least", "more_than", "just_over"},
    {"at_most", "less_than", "just_under"},
)
"""The signs of a rise and a fall, and the hedges that give a least and a largest number."""

CLASSES = Phrases(
    (words, name) for name, several in WORDS["article"].items() for words in several
)
"""Classes of words by which sentences are read, such as `document`: report, survey, said."""

SETS = {name: frozenset(several) for name, several in WORDS["set"].items()}
"""Classes of single words that only count at a certain place, such as before a number."""

GOVERNORS = Phrases(
    (
        (form, f"{kind}/{of}")
        for kind in ("governs", "governs_number")
        for of, several in WORDS[kind].items()
        for words in several
        for form in {words, capitalise(words)} - {"May"}
    ),
    exact=True,
)
"""Words by which a sentence denies, supposes, plans or excludes; capitals count, since May is a month."""

_WORD = re.compile(r"[a-z]+")
_ENDINGS = (
    *("ations", "ation", "ings", "ing", "ions", "ion", "ities", "ity", "ies"),
    *("ed", "es", "ly", "s", "e"),
)
"""The longest first."""

_LEAST_LETTERS = 3  # of a stem
_NEGATORS = frozenset(WORDS["negation"]["any"])


def _strip(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_LETTERS:
            return word.removesuffix(ending)
    return word


_ALIKE = {
    _strip(word): _strip(first)
    for first, words in WORDS["alike"].items()
    for word in words
}
_STOP = frozenset(WORDS["stop"]["sentence"])


def stem(word: str) -> str:
    """Return the stem of a word, or that of a word which says the same here: officer for cops."""
    own = _strip(word)
    return _ALIKE.get(own, own)


WEAK = frozenset(map(stem, WORDS["weak"]["sentence"]))
"""Stems that stand beside most numbers, and say little of what is counted."""


def negates(text: str) -> bool:
    """Tell whether a text has a word such as not or didn’t."""
    words = (one.strip('.,;:!?"”“()') for one in text.casefold().split())
    return any(one in _NEGATORS or one.endswith(("n't", "n’t")) for one in words)


def find_stems(text: str) -> Iterator[tuple[int, str]]:
    """Yield the place and the stem of each word of a text that says something."""
    for match in _WORD.finditer(in_small_letters(text)):
        if match[0] not in _STOP:
            yield match.start(), stem(match[0])


def stems(text: str | None) -> set[str]:
    """Return the stems of the words of a text that say something."""
    return {word for _, word in find_stems(text or "")}
