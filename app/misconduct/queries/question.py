"""Read a question as terms: places, years, stages, kinds, people, words, and which of them an answer may leave out."""

import re
from calendar import month_name
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import WORDS
from misconduct.model.plain_words import plain, plain_words, straighten
from misconduct.model.search_texts import READ_AS
from misconduct.queries.meanings import NARROW, Meaning, find_meanings
from misconduct.queries.typed_number import Typed, find_typed, put_commas

SIZE = "employed"  # how many work for the police
LAST_YEAR = "2999"  # until which all years since one are
EVERYBODY = (
    "officers",
    "serving_officers",
    "officers_and_staff",
)  # whom most figures are about

QUESTION = re.compile(r"\b(?:how (?:many|much)|number of)\b", re.IGNORECASE)
NOW = WORDS["now"]["search"]
_TIME = r"(?:last|past) (?:\w+ )?(?:years?|months?|decades?)|(?:this|per|each|every) (?:year|month)"
NEWEST = re.compile(rf"\b(?:{_TIME}|so far|{'|'.join(NOW)})\b", re.IGNORECASE)
"""Words that no figure has: they ask for a number, for the newest, or for one for each year."""
_PRESENT = re.compile(r"\bhow many\b.*\bare\b", re.IGNORECASE)
_SIGNS = re.compile(
    r"\"\S+ [^\"]+\"|(?<!\S)-[^\W\d]\w*|\bOR\b|\|+|(?<!\S)!+(?=\w)|(?<!\S)&+(?!\S)"
)
_RANKING, _BODY = (
    re.compile(rf"\b(?:{'|'.join(WORDS[kind]['search'])})\b", re.IGNORECASE)
    for kind in ("ranking", "body")
)
_ALSO = {"alleged": ("recorded",)}
"""Codes that may be meant, too: what is only known to be recorded may have been alleged."""
_BY = re.compile(rf"\bby (?P<by>{'|'.join(WORDS['by'])})\b", re.IGNORECASE)
_STATISTICS = {
    statistic: re.compile(rf"\b(?:{'|'.join(words)})\b(?: of)?", re.IGNORECASE)
    for statistic, words in WORDS["statistic"].items()
}
_PER = re.compile(
    r"\bper (?:[1-9][\d,]*|hundred|thousand|million)\b(?: (?P<base>\w+))?",
    re.IGNORECASE,
)
"""A rate: per 1,000 staff. The number in it is no figure."""
_THE_US = re.compile(
    r"\bthe us\b"
)  # a country, also in small letters; “us” alone is a word
_MONTH = rf"(?:{'|'.join(month_name[1:])})"
_DAY = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}\b|\b{_MONTH} \d{{1,2}}\b", re.IGNORECASE
)
"""The day and the month of a date, which are no number, and no word, that a question asks for."""
_ONE_YEAR = r"(?:199\d|20[0-4]\d)"
_YEAR = re.compile(
    rf"(?<![\w.,£$€])(?:(?:between (?P<begin>{_ONE_YEAR}) and|(?:from )?(?P<from>{_ONE_YEAR}) (?:to|until))"
    rf" (?P<end>{_ONE_YEAR})"
    rf"|(?P<since>(?:since|after|from) )?(?P<first>{_ONE_YEAR})(?:\s?[/–-]\s?(?:20)?(?P<last>\d\d))?)(?![\w,]|\.\d)",
    re.IGNORECASE,
)
"""A year, several, or all since one: 2019/20, 2019 to 2023, since 2019."""


class Term(NamedTuple):
    """A part of a question, as it was typed and in plain words. `misconduct.queries.terms` has what it asks of figures.

    An answer never leaves out one that `narrows`. Words stand for `codes`, which also find what is narrower: `finds`.
    If they are `narrow`, they say more than the codes, which are `wider`. `is_name` tells whether they are what a code
    is called. A year has its first and last day, and a figure needs one of `either`.
    """

    kind: Literal["words", "narrow", "place", "year", "years", "indicator", "any"]
    words: str
    plain: str = ""
    codes: Mapping[str, Sequence[str]] = {}
    finds: Mapping[str, Sequence[str]] = {}
    narrows: bool = False
    wider: Mapping[str, Sequence[str]] = {}
    is_name: bool = False
    days: tuple[str, str] = ("", "")
    either: Sequence["Term"] = ()

    @property
    def is_year(self) -> bool:
        return self.kind in ("year", "years") or any(one.is_year for one in self.either)

    @property
    def is_of_people(self) -> bool:
        """Tell whether it only says whom a figure is about, as officers does."""
        return bool(self.codes) and self.codes.keys() <= {"population"}

    @property
    def is_of_everybody(self) -> bool:
        """Tell whether it only says that a figure is about officers, or officers and staff, as most are."""
        return self.is_of_people and {*self.codes["population"]} <= {*EVERYBODY}


@dataclass
class Question:
    """A question: its terms, those that narrow first, and its number, if it has one.

    `beside` are places of which a figure has one. `indicators` and `statistics`, such as a share, are those that its
    words name; `per` is of what a rate is asked. `is_now` says that
    it asks for a number at one moment: how many are suspended now, but not how many complaints there are.
    """

    terms: Sequence[Term] = ()
    number: Typed | None = None
    beside: Sequence[str] = ()
    is_now: bool = False
    is_ranking: bool = False
    indicators: Sequence[str] = ()
    statistics: Sequence[str] = ()
    per: str = ""

    @property
    def typed(self) -> str:
        """Return its number as it was typed."""
        return self.number.words if self.number else ""

    @property
    def is_about_size(self) -> bool:
        """Tell whether it only names people and places: officers in Kent."""
        names = {
            name
            for one in self.terms
            if not one.is_year
            for name in one.codes or ["words"]
        }
        return names == {"area", "population"}

    @property
    def years(self) -> list[Term]:
        return [one for one in self.terms if one.is_year]

    def narrowing(self) -> list[Term]:
        return [one for one in self.terms if one.narrows]

    def subject(self) -> list[Term]:
        """Return the terms that narrow what a figure counts, of whatever place."""
        return [one for one in self.narrowing() if "area" not in one.codes]

    def optional(self) -> list[Term]:
        """Return the terms that an answer may leave out; “officers” is none beside another word."""
        others = [
            one
            for one in self.terms
            if "area" not in one.codes and not one.is_of_everybody
        ]
        return [
            one
            for one in self.terms
            if not (one.narrows or (others and one.is_of_everybody))
        ]

    def kinds(self) -> list[Term]:
        """Return the terms that may go with any indicator: kinds of misconduct, results of vetting, some people."""
        named = ("category", "vetting_result", "population")
        kinds = [
            one
            for one in self.terms
            if one.codes.keys() & {*named} and "indicator" not in one.codes
        ]
        return [one for one in kinds if not one.is_of_everybody]

    def details(self) -> list[Term]:
        """Return the terms that no code says, and that an answer never leaves out: taser, by race."""
        return [one for one in self.terms if one.narrows and not one.codes]

    def other_indicators(self, catalogue: Catalogue) -> list[str]:
        """Return the indicators that count the same matter as those that are named, in another way."""
        known = catalogue.of_kind("indicator")
        others = [
            one
            for name in self.indicators
            for one in known[name].get("counted_otherwise", ())
        ]
        return [one for one in dict.fromkeys(others) if one not in self.indicators]

    def codes(self, name: str) -> list[str]:
        return [
            code
            for term in self.terms
            for code in (*term.codes.get(name, ()), *term.wider.get(name, ()))
        ]

    def without(self, left_out: Sequence[Term]) -> str:
        """Return the question without some of its terms."""
        return " ".join(
            filter(
                None,
                [self.typed, *(one.words for one in self.terms if one not in left_out)],
            )
        )

    def keep(self, terms: Iterable[Term]) -> "Question":
        """Return the question with some of its terms."""
        return replace(self, terms=[*terms])


def find_signs(text: str) -> list[str]:
    """Return what is meant to steer a search and does not: -word, OR, &, ! and words in quotation marks."""
    return [*dict.fromkeys(_SIGNS.findall(straighten(text)))]


def leave_out_asking(text: str) -> str:
    """Return a text without words that only ask, unless it has no others, and with commas in 1 492."""
    text = QUESTION.sub(" ", put_commas(text))
    rest = NEWEST.sub(" ", text)
    return rest if plain_words(rest) else text


def read_question(text: str, catalogue: Catalogue) -> Question:
    """Return the terms of a question. Words that ask, and words that say nothing, are none."""
    text = _THE_US.sub("the US", text)
    asked = straighten(text)
    newest, text = NEWEST.findall(asked), leave_out_asking(asked)
    found, names = Question(), plain(text)
    text = (
        _BODY.sub(" ", text) if plain_words(_BODY.sub(" ", text)) else text
    )  # no use of force
    terms = [_read_group(match) for match in _BY.finditer(text)]
    text = _BY.sub(" ", text)
    if plain_words(_YEAR.sub(" ", text)):  # a number alone is no year
        terms += [_read_year(match) for match in _YEAR.finditer(text)]
        text = _YEAR.sub(" ", text)
    if per := _PER.search(text):
        found.statistics, found.per, text = (
            ["rate"],
            per["base"] or "",
            _PER.sub(" ", text),
        )
    typed = find_typed(text := _DAY.sub(" ", text))
    if typed and not _is_in_name(typed.words, text, catalogue):
        text, found.number = typed.rest, typed
    for statistic, pattern in _STATISTICS.items():
        if plain_words(rest := pattern.sub(" ", text)) and rest != text:
            found.statistics, text = (
                [*dict.fromkeys([*found.statistics, statistic])],
                rest,
            )
    if not found.number and _RANKING.search(text):
        found.is_ranking, text = True, _RANKING.sub(" ", text)
    has_others = bool(terms or found.number)
    terms += [
        _make_term(one, catalogue)
        for one in find_meanings(text, catalogue, has_others=has_others)
    ]
    terms = _join_years(_join_places(terms, found))
    lasting = [
        catalogue.fact("lasts", f"measure/{one}")
        for term in terms
        for one in term.codes.get("measure", ())
    ]
    is_now, is_present = (
        any(one.casefold() in NOW for one in newest),
        bool(_PRESENT.search(asked)),
    )
    found.is_now = (any(lasting) and (is_now or is_present)) or (is_now and not lasting)
    terms = [
        *{(one.words.casefold(), one.narrows): one for one in terms}.values()
    ]  # a word said twice asks no more
    found.terms = sorted(
        terms,
        key=lambda one: (
            not one.narrows,
            one.is_year + 2 * ("population" in one.codes),
        ),
    )
    found.indicators = _name_indicators(names, found, catalogue)
    return found


def _is_in_name(number: str, text: str, catalogue: Catalogue) -> bool:
    """Tell whether a number is a word in the name of an indicator: once for each officer."""
    words = plain(text)
    names = (
        words[one.start : one.end]
        for one in catalogue.vocabulary.find_searched("indicator", words)
    )
    return any(f" {plain(number)} " in f" {name} " for name in names)


def _name_indicators(text: str, question: Question, catalogue: Catalogue) -> list[str]:
    """Return the indicators that a question names, outside the names of kinds: sexual misconduct.

    “Police officers” asks how many there are only beside a place.
    """
    for kind in (one.plain for one in question.kinds() if one.is_name):
        text = f" {text} ".replace(f" {kind} ", " ; ")
    of_size = [
        one
        for one, record in catalogue.of_kind("indicator").items()
        if SIZE in record["measure"]
    ]
    if question.is_about_size:
        return of_size
    others = [one for one in question.subject() if "indicator" not in one.codes]
    happened = any(one.codes.get("measure") != [SIZE] for one in others)
    named = catalogue.vocabulary.find_meant("indicator", text)
    return [one for one in named if not (happened and one in of_size)]


def _join_places(terms: Sequence[Term], question: Question) -> list[Term]:
    """Return terms with one for all places, of which a figure has one, if none is in another: Kent and Surrey."""
    named = [one for one in terms if "area" in one.codes]
    inside = [one.finds["area"] for one in named]
    if len(named) < 2 or sum(map(len, inside)) > len(set().union(*inside)):
        return [*terms]
    question.beside = [code for one in named for code in one.codes["area"]]
    words = " ".join(one.words for one in named)
    every = Term(
        "any", words, codes={"area": question.beside}, narrows=True, either=named
    )
    return [every, *(one for one in terms if one not in named)]


def _join_years(terms: Sequence[Term]) -> list[Term]:
    """Return terms with one for all years, of which a figure has one: 2023/24 compared with 2022/23."""
    years = [one for one in terms if one.is_year]
    if len(years) < 2:
        return [*terms]
    every = Term(
        "any", " and ".join(dict.fromkeys(one.words for one in years)), either=years
    )
    return [every, *(one for one in terms if not one.is_year)]


def _read_group(match: re.Match[str]) -> Term:
    """Return the term for groups, such as by race: a figure must say one of them."""
    groups = WORDS["by"][match["by"].lower()]
    return Term(
        "any",
        match[0],
        narrows=True,
        either=[Term("narrow", one, plain(one)) for one in groups],
    )


def _read_year(match: re.Match[str]) -> Term:
    """Return the term for a year, or for several: 2018/19 is one, and 2018 to 2024 are not."""
    if begin := match["begin"] or match["from"]:
        return Term(
            "years",
            match[0],
            f"{begin}/{match['end']}",
            days=_list_days(begin, match["end"]),
        )
    year, last = match["first"], match["last"]
    if match["since"]:
        return Term(
            "years", match[0], plain(match[0]), days=_list_days(year, LAST_YEAR)
        )
    if not last:
        return Term("year", match[0], year, days=_list_days(year, year))
    if int(last) == (int(year) + 1) % 100:
        return Term(
            "year",
            match[0],
            f"{year}/{last}",
            days=(f"{year}-04-01", f"{int(year) + 1}-03-31"),
        )
    return Term("years", match[0], f"{year}/{last}", days=_list_days(year, f"20{last}"))


def _list_days(first: str, last: str) -> tuple[str, str]:
    return f"{first}-01-01", f"{last}-12-31"


def _make_term(said: Meaning, catalogue: Catalogue) -> Term:
    codes = said.codes
    if "area" in codes:
        inside = {"area": sorted(catalogue.find_all("area", codes["area"]))}
        return Term("place", said.typed, said.plain, codes, inside, narrows=True)
    if said.plain in NARROW:
        return Term("narrow", said.typed, said.plain, wider=codes, narrows=True)
    is_name = any(
        plain(catalogue.label(name, one)) == said.plain
        for name in codes
        for one in codes[name]
    )
    finds = dict[str, list[str]]()
    for name, several in codes.items():
        meant = [*several, *_ALSO.get(several[0], ())]
        has_narrower = (
            name != "category" or is_name
        )  # a death in custody is no stop and search
        finds[name] = sorted(catalogue.find_all(name, meant)) if has_narrower else meant
    narrows = any(name in (*READ_AS, "vetting_result", "indicator") for name in codes)
    return Term("words", said.typed, said.plain, codes, finds, narrows, is_name=is_name)
