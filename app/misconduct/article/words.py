"""Read words as articles use them: their stems, and those that stand for something in `model/words.csv`."""

import re
from collections.abc import Iterator

from misconduct.model.codes import PROGRAM_LISTS, WORDS
from misconduct.model.plain_words import in_small_letters
from misconduct.model.vocabulary import Phrases
from misconduct.model.wording import capitalise

UP, DOWN = "trend/up", "trend/down"
LOWER, UPPER = (
    {"at_least", "more_than", "just_over"},
    {"at_most", "less_than", "just_under"},
)
"""The signs of a rise and a fall, and the hedges that give a least and a largest number."""

OPPOSED = Phrases(
    (word, f"{code}/{of}/{side}")
    for code in PROGRAM_LISTS["difference"]
    for of, sides in WORDS.get(code, {}).items()
    for side in sides
    for word in side.split(" / ")
)
"""Words of which a text has one and the source another: minor and major. Their codes are difference/of/side."""

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

MULTIPLES = Phrases(
    (words, of) for of, several in WORDS["multiple"].items() for words in several
)
"""Words for how many times a number is another: double."""

_WORD = re.compile(r"[a-z]+")
_ENDINGS = (
    "ations",
    "ation",
    "ings",
    "ing",
    "ions",
    "ion",
    "ities",
    "ity",
    "ies",
    "ed",
    "es",
    "ly",
    "s",
    "e",
)
_STEM = re.compile(
    rf"(.{{3,}}?)(?:{'|'.join(_ENDINGS)})?"
)  # the longest ending that leaves three letters
NEGATION = re.compile(rf"(?i)\b(?:{'|'.join(WORDS['negation']['any'])})\b|n[’']t\b")


def _strip(word: str) -> str:
    found = _STEM.fullmatch(word)
    return found[1] if found else word


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


def find_stems(text: str) -> Iterator[tuple[int, str]]:
    """Yield the place and the stem of each word of a text that says something."""
    for match in _WORD.finditer(in_small_letters(text)):
        if match[0] not in _STOP:
            yield match.start(), stem(match[0])


def stems(text: str | None) -> set[str]:
    """Return the stems of the words of a text that say something."""
    return {word for _, word in find_stems(text or "")}
