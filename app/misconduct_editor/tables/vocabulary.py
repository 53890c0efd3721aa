"""Find the codes for the words in a table: the editor's, or those of the code lists."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from misconduct.model.catalogue import PEOPLE
from misconduct.model.codes import PROGRAM_LISTS, WORDS
from misconduct.model.kinds import Caveat, Code, Indicator
from misconduct.model.vocabulary import Phrases

from ..register.indicators import CODES, fill_codes, is_no_place, list_above
from ..register.layout import IGNORE, Word
from ..register.reading import did_you_mean
from ..register.rules import IN_WORDS, SUBJECT_CODES
from ..register.yaml_files import LocatedRecord, select

FITS = ("exact", "narrower", "broader", "close")
HAVE_FIT = ("measure", "category")  # their codes may only loosely fit a source's word
JOINERS = re.compile(r"[^\w#*]+")
MAX_OFFERED = 3  # indicators to choose from


@dataclass(frozen=True)
class Meaning:
    """The codes for a word, and how we know. A plain word says no more than its code."""

    codes: dict[str, str] = field(default_factory=dict)
    known_by: str = "yours"
    is_plain: bool = False


def looser(*fits: str | None) -> str:
    """Return the loosest fit. Narrower and broader only overlap."""
    given = {
        one for one in fits if one in FITS
    }  # an unknown one is reported where it stands
    return (
        "close"
        if {"narrower", "broader"} <= given
        else max(given or {"exact"}, key=FITS.index)
    )


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text matches a pattern in which `*` is any text."""
    first, *others = (re.escape(one) for one in " ".join(pattern.split()).split("*"))
    middle = "".join(
        f"(?>.*?{one})" for one in others[:-1]
    )  # the first place will do, so this never goes back
    form = f"{first}{middle}.*{others[-1]}" if others else first
    return re.fullmatch(form, text, re.IGNORECASE) is not None


def find_key(keys: Iterable[str], text: str) -> list[str]:
    """Return the keys that equal a text or match it, but a bare `*` only if there are no others."""
    equal = [one for one in keys if " ".join(one.split()) == text]
    patterns = [one for one in keys if "*" in one and matches(one, text)]
    return (
        equal or [one for one in patterns if one != "*"] or (patterns if text else [])
    )


class Vocabulary:
    """The words for codes of a register."""

    def __init__(self, records: Collection[LocatedRecord]) -> None:
        self.lists: dict[str, dict[str, Code]] = defaultdict(dict)
        self._codes = select(records, Code)
        for identity, record in self._codes.items():
            codelist, _, code = identity.partition("/")
            self.lists[codelist][code] = record
        self.lists["per"] = self.lists["population"]
        self.indicators = select(records, Indicator)
        self.caveats = {*select(records, Caveat)}
        self._phrases = dict[str, Phrases]()
        self.needed = (
            ("indicator", "area") if self.indicators else SUBJECT_CODES
        )  # an indicator has the other codes

    def fill_codes(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return codes, and where some are missing, the first ones of the indicator."""
        cells = {**dict.fromkeys(("indicator", "statistic", *CODES), ""), **given}
        return {
            name: code
            for name, code in fill_codes(cells, self.indicators).items()
            if code
        }

    def label(self, codelist: str, code: str) -> str:
        """Return the label of a code or the name of an indicator, or else the code."""
        if codelist == "indicator" and code in self.indicators:
            return self.indicators[code].name.replace(PEOPLE, "people")
        return (
            self.lists[codelist][code].label if code in self.lists[codelist] else code
        )

    def find_financial_year(self, area: str) -> str:
        """Return the first month of financial years in an area, or one around it; empty: unknown."""
        for code in self.list_above("area", area):
            record = self.lists["area"].get(code)
            if record and record.financial_year:
                return record.financial_year
        return ""

    @cached_property
    def _by_word(self) -> dict[tuple[str, str], dict[str, bool]]:
        found = defaultdict[tuple[str, str], dict[str, bool]](dict)
        for codelist, codes in self.lists.items():
            for code, record in codes.items():
                for word in (*record.words, record.label):
                    found[codelist, _plain(word)][code] = word == record.label
        for name, words in WORDS["unclear"].items():
            codelist, _, code = name.partition("/")
            for key in ((codelist, _plain(word)) for word in words):
                if key in found and code in self.lists[codelist]:
                    found[key].setdefault(code, False)
        return found

    def find(self, codelist: str, word: str) -> dict[str, bool]:
        """Return the codes that a word can mean, and whether it is their label."""
        return self._by_word.get((codelist, _plain(word)), {})

    def list_above(self, codelist: str, code: str) -> Iterator[str]:
        return list_above(self._codes, codelist, code)

    def is_leaf(self, codelist: str, code: str) -> bool:
        """Tell whether no other code is in a code."""
        return all(one.broader != code for one in self.lists[codelist].values())

    def is_within(self, area: str, country: str) -> bool:
        """Tell whether a place is in a country, or is no place, such as several forces."""
        above = self.list_above("area", area)
        return country in above or is_no_place(self._codes, area)

    def may_contain(self, area: str, part: str) -> bool:
        """Tell whether a place can contain another: in the list it does, or both stand in one, as region and force."""
        beside = [[*self.list_above("area", one)][1:] for one in (area, part)]
        is_beside = beside[0] == beside[1] or is_no_place(self._codes, area)
        return is_beside or self.is_within(part, area)

    def phrases(self, codelist: str) -> Phrases:
        """Return the words by which texts say the codes of a list: labels, and what is no heading. Names as written."""
        if codelist not in self._phrases:
            is_name = codelist == "area"
            pairs = list[tuple[str, str]]()
            for code, record in self.lists[codelist].items():
                words = [one for one in record.words if is_name or one[:1].islower()]
                words = [record.label, *words, *record.said]
                shouted = [one.upper() for one in words] if is_name else []
                pairs += [(one, code) for one in (*words, *shouted)]
            self._phrases[codelist] = Phrases(pairs, exact=is_name)
        return self._phrases[codelist]

    def stage(self, measure: str) -> str:
        record = self.lists["measure"].get(measure)
        return (record and record.stage) or ""

    def gravity(self, measure: str) -> int:
        """Return how grave the stage of a measure is."""
        stage = self.lists["stage"].get(self.stage(measure))
        return (stage and stage.gravity) or 0

    def offer_indicators(self, text: str, measure: str = "") -> list[str]:
        """Return the indicators whose words or name stand in a text, or that have a measure: the longest words first.

        A word with two meanings, such as *suspension*, offers the indicators of both.
        """
        padded, found = (
            f" {_plain(text.replace('_', ' '))} ",
            list[tuple[int, int, str]](),
        )
        for identity, one in self.indicators.items():
            unclear = WORDS["unclear"].get(f"measure/{one.measure[0]}", ())
            words = map(_plain, (*one.words, *unclear, one.name.replace(PEOPLE, "")))
            longest = max(
                (len(word.split()) for word in words if f" {word} " in padded),
                default=0,
            )
            if one.measure[0] == measure if measure else longest:
                found.append((-longest, one.position, identity))
        return [identity for _, _, identity in sorted(found)[:MAX_OFFERED]]

    def suggest(self, codelist: str, word: str) -> str:
        if len(known := self.find(codelist, word)) > 1:
            return f"; it may mean {' or '.join(known)}"
        spellings = {spelling: f"{code} ({one.label})" for code, one in self.lists[codelist].items()
                     for spelling in (code, one.label, *one.words)}  # fmt: skip
        return did_you_mean(word, spellings)

    def read(
        self, codelist: str, word: str, own: Mapping[str, Word], country: str = ""
    ) -> Meaning | str:
        """Return what a word means by the editor's line, a label or a pattern; or why not."""
        known = self._find_within(codelist, word, country)
        keys = find_key(own, word)
        is_pattern = keys and "*" in keys[0] and keys[0] != word
        if (not keys or is_pattern) and len(known) == 1:
            (code, is_label), *_ = known.items()
            fit = {"fit": "close"} if codelist in HAVE_FIT and not is_label else {}
            known_by = "label" if is_label else "known word"
            return Meaning({codelist: code} | fit, known_by, is_plain=True)
        if len(keys) == 1:
            read = self._read_own(codelist, word, own[keys[0]])
            if isinstance(read, str):
                return read
            return replace(read, is_plain=read.codes.get(codelist) in known)
        return self._explain(codelist, word, keys, country)

    def _find_within(self, codelist: str, word: str, country: str) -> dict[str, bool]:
        """Return the codes that a word can mean; of places, those in the country."""
        known = self.find(codelist, word)
        if codelist != "area" or not country:
            return known
        return {
            code: is_label
            for code, is_label in known.items()
            if self.is_within(code, country)
        }

    def _explain(self, codelist: str, word: str, keys: list[str], country: str) -> str:
        """Return why a word has no meaning, or several."""
        if len(keys) > 1:
            return f"{word!r} matches several lines in words: {', '.join(keys)}"
        if known := self._find_within(codelist, word, country):
            return f"{word!r} may mean {' or '.join(known)}: add it to words, with the {codelist} that it means"
        hint = self.suggest(codelist, word)
        for elsewhere in self.find(codelist, word):
            hint = f"; {elsewhere} is not in {country}"
        return f"{word!r} is not a known {codelist}: add it to words, with a code or ignore{hint}"

    def _read_own(self, codelist: str, word: str, given: Word) -> Meaning | str:
        if given == IGNORE:
            return Meaning({}, "left out")
        codes = {codelist: given} if isinstance(given, str) else given
        if codelist not in codes:
            return f"the line for {word!r} gives no {codelist}; give it, too: {codelist}: …"
        return next(self.find_unknown(codes), None) or Meaning(codes)

    def find_unknown(self, codes: Mapping[str, str]) -> Iterator[str]:
        for name, code in codes.items():
            codelist = "population" if name == "per" else name
            if name in IN_WORDS:
                continue
            if name == "indicator":
                if code not in self.indicators:
                    yield f"there is no indicator {code!r}{did_you_mean(code, self.indicators.keys())}"
            elif codelist not in self.lists:
                yield f"there is no code list {codelist!r}; did you mean one of {', '.join(self.lists)}?"
            elif code not in self.lists[codelist]:
                remedy = (
                    ""
                    if codelist in PROGRAM_LISTS
                    else f"; add it to codelists/{codelist}.csv"
                )
                yield f"there is no {codelist} {code!r}{self.suggest(codelist, code) or remedy}"


def _plain(word: str) -> str:
    return JOINERS.sub(" ", word.casefold().replace("&", " and ")).strip()
