"""Find the codes that words stand for, and the values that a name means, in the code lists of a release.

The words for a code stand in its list. Searches and tables know its label and its `words`; sentences know its `said`,
and of its `words` those in small letters, since “Search” and “Service” are headings of tables. What stands for no code
is in `words.csv`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from misconduct.model.codes import read_words
from misconduct.model.plain_words import NEGATIONS, plain_words

Codes = Mapping[str, Mapping[str, Any]]
"""The codes of a list, each with its label and its words."""

Names = Mapping[str, Sequence[str]]
"""What each value is called: its label first."""

_NEGATION = re.compile(rf"(?:\b(?:{'|'.join(NEGATIONS)})|n[’']t)\s+(?:\w+\s+){{0,2}}$", re.IGNORECASE)
_MAX_NEGATION = 30  # characters before a code in which its negation is looked for


class Said(NamedTuple):
    """Words of a text that stand for a code: where they start and end, and the code."""

    start: int
    end: int
    code: str


class Phrases:
    """Words that stand for codes, as pairs. `*` stands for any ending."""

    def __init__(self, pairs: Iterable[tuple[str, str]], flags: re.RegexFlag = re.IGNORECASE) -> None:
        found = defaultdict[str, dict[str, None]](dict)
        for words, code in pairs:
            found[words][code] = None
        ordered = sorted(found, key=len, reverse=True)
        self._codes = [tuple(found[words]) for words in ordered]
        ones = "|".join(f"({re.escape(one)})" for one in ordered).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")
        self._pattern = re.compile(rf"(?<!\w)(?=\w)(?:{ones})(?!\w)", flags)

    def find(self, text: str) -> Iterator[Said]:
        """Yield what a text has of them. Where words are inside others, the longer ones count."""
        for match in self._pattern.finditer(text):
            yield from (Said(*match.span(), code) for code in self._codes[(match.lastindex or 1) - 1])

    def find_said(self, text: str) -> list[Said]:
        """Return what a sentence says, without what it says not."""
        return [
            one for one in self.find(text) if not _NEGATION.search(text, max(one.start - _MAX_NEGATION, 0), one.start)
        ]


WORDS = {
    kind: {of: words.split(" | ") for of, words in by_name.items()}
    for kind, by_name in read_words(Path(__file__).with_name("words.csv")).items()
}
"""Words that stand for no code: signs, such as of a trend, and the words that say the same, little or nothing."""

SIGNS = Phrases((words, sign) for sign, several in WORDS["sign"].items() for words in several)


class Vocabulary:
    """The words for the codes of a release."""

    def __init__(self, lists: Mapping[str, Codes]) -> None:
        self.lists = lists
        self.of_sentences, self._of_searches = cache(self._list_said), cache(self._list_searched)

    def _list_said(self, name: str) -> Phrases:
        """Return the words by which sentences say the codes of a list."""
        return Phrases(
            (words, code)
            for code, content in self.lists.get(name, {}).items()
            for words in (*filter(_is_said, spoken_words(content)), *content.get("said", ()))
        )

    def _list_searched(self, name: str) -> Phrases:
        return Phrases((words, code) for words, codes in self._called.items() for of, code in codes if of == name)

    @cached_property
    def places(self) -> Phrases:
        """The names of areas, as sentences and headlines write them."""
        return Phrases(
            (
                (form, code)
                for code, content in self.lists.get("area", {}).items()
                for name in (content["label"], *spoken_words(content), *content.get("said", ()))
                for form in (name, name.upper())
            ),
            re.NOFLAG,
        )

    @cached_property
    def _called(self) -> Mapping[str, list[tuple[str, str]]]:
        """The codes that labels and synonyms stand for, each with its list, by their plain words."""
        found = defaultdict[str, list[tuple[str, str]]](list)
        for name, codes in self.lists.items():
            for code, content in codes.items():
                for words in {_plain(text) for text in (content["label"], *spoken_words(content))}:
                    found[words].append((name, code))
        return found

    def find_called(self, text: str) -> Sequence[tuple[str, str]]:
        """Return the codes that are called what a text says, each with its list."""
        return self._called.get(_plain(text), ())

    def find_meant(self, name: str, text: str) -> list[str]:
        """Return the codes of a list that the words of a search mean."""
        return list(dict.fromkeys(one.code for one in self._of_searches(name).find(_plain(text))))


def spoken_words(content: Mapping[str, Any]) -> list[str]:
    """Return the synonyms of a code that people say, without former codes: called_hotline."""
    return [words for words in content.get("words", ()) if "_" not in words]


def _is_said(words: str) -> bool:
    return not words[0].isupper()


def _plain(text: str) -> str:
    return " ".join(plain_words(text))
