"""Find the codes for the words in a table, from the editor's lines, or from labels and synonyms in the code lists."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from misconduct.model.kinds import CODE_FORM, Code
from misconduct.register.reading import did_you_mean
from misconduct.register.tables.layout import IGNORE, NEW, Word
from misconduct.register.yaml_files import LocatedRecord

FITS = ("exact", "narrower", "broader", "close")
HAVE_FIT = ("measure", "category")
"""Lists whose codes may only loosely fit a source's word."""

JOINERS = re.compile(r"[^\w#*]+")


@dataclass(frozen=True)
class Meaning:
    """The codes for a word, by list; where they come from, to show the editor; and a new code, if any."""

    codes: dict[str, str] = field(default_factory=dict)
    known_by: str = "yours"
    new: str | None = None


def looser(*fits: str | None) -> str:
    """Return the loosest of several fits. Narrower in one way and broader in another means that they only overlap."""
    given = {one for one in fits if one in FITS}  # an unknown one is reported where it stands
    return "close" if {"narrower", "broader"} <= given else max(given or {"exact"}, key=FITS.index)


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text matches a pattern, in which `*` stands for any characters."""
    form = re.escape(" ".join(pattern.split())).replace(r"\*", ".*")
    return re.fullmatch(form, text, re.IGNORECASE) is not None


def find_key(keys: Iterable[str], text: str) -> list[str]:
    """Return the keys for a text: the key that is equal, or else the keys whose pattern it matches."""
    equal = [one for one in keys if " ".join(one.split()) == text]
    return equal or [one for one in keys if "*" in one and matches(one, text)]


class Vocabulary:
    """The code lists of a register, and the words that stand for their codes."""

    def __init__(self, records: Iterable[LocatedRecord]) -> None:
        self.lists: dict[str, dict[str, Code]] = defaultdict(dict)
        for one in records:
            if isinstance(one.record, Code):
                codelist, _, code = one.id.partition("/")
                self.lists[codelist][code] = one.record

    def label(self, codelist: str, code: str) -> str:
        """Return the label of a code, or the code itself."""
        return self.lists[codelist][code].label if code in self.lists[codelist] else code

    @cached_property
    def _by_word(self) -> dict[str, dict[str, dict[str, bool]]]:
        """Return the codes for each word, by list, and whether the word is their label."""
        found: dict[str, dict[str, dict[str, bool]]] = defaultdict(lambda: defaultdict(dict))
        for codelist, codes in self.lists.items():
            for code, record in codes.items():
                for word in record.words:
                    found[codelist][_plain(word)][code] = False
                found[codelist][_plain(record.label)][code] = True
        return found

    def find(self, codelist: str, word: str) -> dict[str, bool]:
        """Return the codes that a word can mean in a list, and whether the word is their label."""
        return self._by_word[codelist].get(_plain(word), {})

    def suggest(self, codelist: str, word: str) -> str:
        """Return the end of a message that suggests the code whose label, word or code is nearest."""
        spellings = {
            spelling: f"{code} ({record.label})"
            for code, record in self.lists[codelist].items()
            for spelling in (code, record.label, *record.words)
        }
        return did_you_mean(word, spellings)

    def read(self, codelist: str, word: str, own: Mapping[str, Word]) -> Meaning | str:
        """Return what a word means, or a message that says why we don't know.

        The editor's line comes first, then a label or synonym, then one of the editor's patterns.
        """
        known = self.find(codelist, word)
        keys = find_key(own, word)
        if (not keys or "*" in keys[0]) and len(known) == 1:
            (code, is_label), *_ = known.items()
            fit = {"fit": "close"} if codelist in HAVE_FIT and not is_label else {}
            return Meaning({codelist: code} | fit, "label" if is_label else "known word")
        if len(keys) == 1:
            return self._read_own(codelist, word, keys[0], own[keys[0]])
        if len(keys) > 1:
            return f"{word!r} matches several lines in words: {', '.join(keys)}"
        hint = f"; it may mean {' or '.join(known)}" if known else self.suggest(codelist, word)
        return f"{word!r} is not a known {codelist}: add it to words, with a code, new or ignore{hint}"

    def _read_own(self, codelist: str, word: str, key: str, given: Word) -> Meaning | str:
        if given == IGNORE:
            return Meaning({}, "left out")
        if isinstance(given, str) and (given == NEW or given.startswith(f"{NEW} ")):
            code = given.removeprefix(NEW).strip() or _make_code(codelist, word)
            if known := self.lists[codelist].get(code):
                if _plain(known.label) == _plain(word) or matches(key, known.label):  # added in an earlier run
                    return Meaning({codelist: code})
                remedy = f"write {code} without new, or choose another code"
                return f"{word!r} cannot be the new code {code}, which is already {known.label}: {remedy}"
            if not re.fullmatch(CODE_FORM, code):
                return f"{word!r} needs a code written like sexual_assault, such as {NEW} {codelist}_1"
            return Meaning({codelist: code}, "NEW CODE", code)
        codes = {codelist: given} if isinstance(given, str) else given
        return next(self.find_unknown(codes), None) or Meaning(codes)

    def find_unknown(self, codes: Mapping[str, str]) -> Iterator[str]:
        """Yield a message for each code that its list does not have."""
        for codelist, code in codes.items():
            if codelist not in self.lists:
                yield f"there is no code list {codelist!r}; did you mean one of {', '.join(self.lists)}?"
            elif code not in self.lists[codelist]:
                yield f"there is no {codelist} {code!r}{self.suggest(codelist, code)}"


def _plain(word: str) -> str:
    return JOINERS.sub(" ", word.casefold().replace("&", " and ")).strip()


def _make_code(codelist: str, word: str) -> str:
    code = re.sub(r"[^a-z0-9]+", "_", word.casefold()).strip("_")
    return code if code[:1].isalpha() else f"{codelist}_{code}"
