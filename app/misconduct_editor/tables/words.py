"""Hold codes against the words for which they stand: those of a title, a heading, a label or a sentence.

A code may say less than the words, and never something else. What the words say is read by the code lists alone.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from misconduct.model.codes import WORDS
from misconduct.model.vocabulary import Said

from .vocabulary import Vocabulary

LISTS = ("measure", "category", "population", "counting_unit", "area")
"""The code lists whose words stand in titles and headings."""

VAGUE = {"unstated", "other", "any", "several_kinds", "several_forces"}
VAGUE |= {"public", "women", "complainants"}  # of complaints, these may complain
"""Codes that say too little to contradict words, or to be contradicted by them."""

ASIDE = VAGUE | {"people", "decisions"}
"""Codes whose words stand beside most numbers: officers, dismissals."""

_BY_CHECK = ("vetting", "employed", "occurred")
"""Measures of which other columns and the indicator say what was found."""

_WORD = re.compile(r"\w+")
_OF_POLICE = {"police", "member", "members", "of", "serving"}
"""Words that say nothing more of people in the police."""

_ASSESSED, _FOUND = 2, 3
"""The gravity of what somebody did about a matter, and of what was found or decided."""

_IN_TIME = re.compile(
    r"(?i)\b(during|throughout|within|in the (?:year|month|quarter))\b"
)
_AT_TIME = re.compile(r"(?i)\b(as at|as of|at the end of|on \d\d? \w+)\b")


class Contradiction(NamedTuple):
    """What words and a code say differently: the name by which an editor answers, the column, and the question."""

    name: str
    column: str
    question: str


def ask_about_time(text: str, words: str) -> str:
    return f"{text[:200]!r} says {words}, which is not in the period of the figures: is the period right?"


class WordReader:
    """Reads what words say of the codes of a list."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def find(
        self, codes: Mapping[str, str], text: str, lists: Collection[str]
    ) -> Iterator[Contradiction]:
        """Yield the codes, of some lists, that a text contradicts."""
        for codelist in lists:
            code = codes.get(codelist, "")
            phrases = self.vocabulary.phrases(codelist)
            said = phrases.find_said(text.replace("_", " ")) if code else []
            if against := self._find_against(codelist, code, text, said):
                words = text[against.start : against.end].replace("_", " ")
                yield self.tell(codelist, words.casefold(), code, text)

    def find_time(self, codes: Mapping[str, str], text: str) -> Iterator[Contradiction]:
        """Yield that words say of a number on a day that it is of a longer time, or the other way round."""
        for form, wrong in ((_IN_TIME, "stock"), (_AT_TIME, "flow")):
            match = form.search(text)
            if match and codes.get("stock_or_flow") == wrong:
                yield self.tell("stock_or_flow", match[0], wrong, text)

    def find_label(
        self, codelist: str, label: str, code: str
    ) -> Iterator[Contradiction]:
        """Yield that a code is another than that of a whole label, if its meaning is clear."""
        known = self.vocabulary.find(codelist, label)
        if len(known) == 1 and not self._agrees(codelist, code, *known):
            yield self.tell(codelist, label, code, label)

    def tell(self, column: str, words: str, code: str, text: str) -> Contradiction:
        where = "" if text == words else f" in {text!r}"
        label = self.vocabulary.label(column, code)
        question = f"{words!r}{where} is coded as {column} {code}: {label}"
        return Contradiction(f"{words} as {code}", column, question)

    def _find_against(
        self, codelist: str, code: str, text: str, said: list[Said]
    ) -> Said | None:
        """Return the words that contradict a code, if none agrees with it."""
        if code in VAGUE or code in _BY_CHECK:
            return None
        for one in said:
            words = text[one.start : one.end].casefold()
            if self._agrees(codelist, code, one.code):
                return None
            if self._may_mean(codelist, code, words, one.code):
                return None
        clear = [one for one in said if one.code not in ASIDE]
        if codelist == "measure":
            clear = self._find_graver(code, clear)
        return clear[0] if clear else None

    def _agrees(self, codelist: str, code: str, read: str) -> bool:
        """Tell whether a code says what words do, or less; or of a kind, a stage or a place, something inside."""
        if codelist != "population" and read in self.vocabulary.list_above(codelist, code):  # fmt: skip
            return True
        return code in self.vocabulary.list_above(codelist, read)

    def _may_mean(self, codelist: str, code: str, words: str, read: str) -> bool:
        """Tell whether words are a part of the label of a code, or have two meanings, and one of its stage."""
        label = _WORD.findall(self.vocabulary.label(codelist, code).casefold())
        if {*_WORD.findall(words)} - _OF_POLICE <= {*label}:
            return True
        others = [
            name.partition("/")[2]
            for name, unclear in WORDS["unclear"].items()
            if name.startswith(f"{codelist}/") and words in unclear
        ]
        stages = {self.vocabulary.stage(one) for one in (*others, read) if others}
        return code in others or self.vocabulary.stage(code) in stages

    def _find_graver(self, code: str, said: list[Said]) -> list[Said]:
        """Return words for what was done about a matter, or “complaints” where a code says what was found."""
        done = [one for one in said if self.vocabulary.gravity(one.code) >= _ASSESSED]
        return done or (said if self.vocabulary.gravity(code) >= _FOUND else [])
