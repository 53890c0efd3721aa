"""Read a question as terms: places, years, stages, kinds, people, words, and which of them an answer may leave out."""

import re
from calendar import month_name, monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

from misconduct.model.catalogue import PEOPLE, Catalogue
from misconduct.model.codes import WORDS
from misconduct.model.english import is_english
from misconduct.model.places import choose_known, find_country
from misconduct.model.plain_words import plain, plain_words, straighten
from misconduct.model.search_texts import READ_AS
from misconduct.model.side_by_side import is_nation
from misconduct.queries.meanings import NARROW, Meaning, find_meanings
from misconduct.queries.typed_number import Typed, find_typed, put_commas

MONTHS, MARCH = [*month_name], 3
SIZE = "employed"  # how many work for the police
LAST_YEAR = "2999"  # until which all years since one are
EVERYBODY = (
    "officers",
    "serving_officers",
    "officers_and_staff",
)  # whom most figures are about
OF_COLUMNS = {"area", "category", "population", "vetting_result"}
"""The codes of terms that are no words of their own: each is what one column says."""

QUESTION = re.compile(r"\b(?:how (?:many|much)|number of)\b", re.IGNORECASE)
NOW = WORDS["now"]["search"]
_PERIOD = r"(?:last|past) (?:\w+ )?(?:years?|months?|decades?)|this (?:year|month)"
_TIMES = re.compile(rf"\b(?:so far )?(?:{_PERIOD}|{'|'.join(NOW)})\b", re.IGNORECASE)
"""Words of time that name no year: the newest figure answers them."""
NEWEST = re.compile(
    rf"{_TIMES.pattern}|\b(?:so far|(?:per|each|every) (?:year|month))\b",
    re.IGNORECASE,
)
"""Words that no figure has: they ask for the newest, or for one for each year."""


def _compile(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


_RANKING, _BODY, _GAPS, _FIRST, _PRESENT = (
    _compile(WORDS[kind]["search"])
    for kind in ("ranking", "body", "gaps", "first", "present")
)
_UNHELD = {noun: _compile(words) for noun, words in WORDS["unheld"].items()}
"""What no figure is, by the words that ask for it."""
_ALSO = {"alleged": ("recorded",)}
"""Codes that may be meant, too: what is only known to be recorded may have been alleged."""
_BY = re.compile(rf"\bby (?P<by>{'|'.join(WORDS['by'])})\b", re.IGNORECASE)
_STATISTICS = {
    statistic: re.compile(rf"\b(?:{'|'.join(words)})\b(?: of)?", re.IGNORECASE)
    for statistic, words in WORDS["statistic"].items()
}
_PER = re.compile(
    r"\bper (?:(?:[1-9][\d,]*|hundred|thousand|million)\b(?: (?P<base>\w+))?|officer|person)\b",
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
_ONE_YEAR = r"(?:199\d|20[0-4]\d|(?<=\bin )19[0-8]\d|19[0-8]\d(?=\W*$))"
"""Any year from 1990 on; one before that where nothing can be counted: “in 1975”, or at the end."""
_YEAR = re.compile(
    rf"(?<![\w.,£$€])(?:(?:between (?P<begin>{_ONE_YEAR}) and|(?:from )?(?P<from>{_ONE_YEAR}) (?:to|until))"
    rf" (?P<end>{_ONE_YEAR})"
    rf"|(?P<since>(?:since|after|from) )?(?P<first>{_ONE_YEAR})(?:\s?[/–-]\s?(?:20)?(?P<last>\d\d))?)(?![\w,]|\.\d)",
    re.IGNORECASE,
)
"""A year, several, or all since one: 2019/20, 2019 to 2023, since 2019."""
_YEAR_TO = re.compile(
    rf"\b(?:(?:year|twelve months|12 months) )?(?:to|ending|ended)(?: in| on)? (?:\d{{1,2}}(?:st|nd|rd|th)? )?"
    rf"(?P<month>{_MONTH}) (?P<year>{_ONE_YEAR})\b",
    re.IGNORECASE,
)
"""Twelve months by their end, as the table has them: year to March 2025."""


class Term(NamedTuple):
    """A part of a question, as it was typed and in plain words. `misconduct.queries.terms` has what it asks of figures.

    An answer never leaves out one that `narrows`. Words stand for `codes`, which also find what is narrower: `finds`.
    If they are `narrow`, they say more than the codes, which are `wider`. `is_name` tells whether they are what a code
    is called, and `is_proper` whether they are a name that is no code. A year has its first and last day, and a figure
    needs one of `either`.
    """

    kind: Literal["words", "narrow", "place", "year", "years", "indicator", "any"]
    words: str
    plain: str = ""
    codes: Mapping[str, Sequence[str]] = {}
    finds: Mapping[str, Sequence[str]] = {}
    narrows: bool = False
    wider: Mapping[str, Sequence[str]] = {}
    is_name: bool = False
    is_proper: bool = False
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
    words name; `per` is of what a rate is asked. `times` are words such as last year: they ask for the newest, and
    `is_now` says that they ask for a number at one moment. `unheld` names what no figure is, such as sums of money.
    `asks_for_gaps` says that it asks what is not published, and `asks_who_was_first` for who printed a number first.
    """

    terms: Sequence[Term] = ()
    number: Typed | None = None
    beside: Sequence[str] = ()
    times: Sequence[str] = ()
    is_now: bool = False
    is_ranking: bool = False
    asks_for_gaps: bool = False
    asks_who_was_first: bool = False
    unheld: Sequence[str] = ()
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
            for term in self.terms
            if not term.is_year
            for name in term.codes or ["words"]
        }
        return names == {"area", "population"}

    @property
    def years(self) -> list[Term]:
        return [term for term in self.terms if term.is_year]

    def narrowing(self) -> list[Term]:
        return [term for term in self.terms if term.narrows]

    def places(self) -> list[Term]:
        return [term for term in self.terms if "area" in term.codes]

    def kinds(self) -> list[Term]:
        """Return the terms for kinds of misconduct, and for results of vetting if no indicator is named."""
        named = {"category"} if self.indicators else {"category", "vetting_result"}
        return [
            term
            for term in self.narrowing()
            if term.codes.keys() & named and "indicator" not in term.codes
        ]

    def people(self) -> list[Term]:
        """Return the terms for people, such as special constables. Officers, nearly everybody, count only alone."""
        is_bare = not self.has_subject()
        return [
            term
            for term in self.terms
            if term.is_of_people and (is_bare or not term.is_of_everybody)
        ]

    def details(self) -> list[Term]:
        """Return the terms that an answer never leaves out, beside its kinds and places: taser, a name, stages."""
        kinds = self.kinds()
        return [
            term
            for term in self.narrowing()
            if "area" not in term.codes and term not in kinds
        ]

    def optional(self) -> list[Term]:
        """Return the words that an answer may leave out; “officers” says nothing beside another word."""
        return [
            term
            for term in self.terms
            if not (term.narrows or term.is_year or term.codes.keys() & OF_COLUMNS)
        ]

    def subject(self) -> list[Term]:
        """Return the terms that name more than places, years and people: what it is about."""
        return [
            term
            for term in self.terms
            if not (term.is_year or term.is_of_people or "area" in term.codes)
        ]

    def has_subject(self) -> bool:
        return bool(self.subject())

    def find_places(self, catalogue: Catalogue) -> list[str]:
        """Return the places that it names; New York is the city, if nothing is held of the state."""
        known = catalogue.areas
        places = (choose_known(code, known, catalogue) for code in self.codes("area"))
        return list(dict.fromkeys(places))

    def codes(self, name: str) -> list[str]:
        return [
            code
            for term in self.terms
            for code in (*term.codes.get(name, ()), *term.wider.get(name, ()))
        ]

    def without(self, left_out: Sequence[Term]) -> "Question":
        """Return the question without some of its terms."""
        return replace(
            self, terms=[term for term in self.terms if term not in left_out]
        )

    def required(self) -> "Question":
        """Return the question with the terms that a figure must have: officers only if nothing else is said."""
        people = self.people()
        return self.keep(
            term for term in self.terms if not term.is_of_people or term in people
        )

    def keep(self, terms: Iterable[Term]) -> "Question":
        """Return the question with some of its terms."""
        return replace(self, terms=[*terms])


class _Text:
    """What of a question is still to be read."""

    def __init__(self, text: str) -> None:
        self.rest = text

    def take(
        self, pattern: re.Pattern[str], *, leaves_words: bool = False
    ) -> list[re.Match[str]]:
        """Return what a pattern finds, and take it out; if `leaves_words`, only if other words are left."""
        rest = pattern.sub(" ", self.rest)
        if leaves_words and not plain_words(rest):
            return []
        found = [*pattern.finditer(self.rest)]
        self.rest = rest
        return found


def leave_out_asking(text: str) -> str:
    """Return a text without words that only ask, unless it has no others, and with commas in 1 492."""
    text = QUESTION.sub(" ", put_commas(text))
    rest = NEWEST.sub(" ", text)
    return rest if plain_words(rest) else text


def read_question(text: str, catalogue: Catalogue) -> Question:
    """Return the terms of a question. Words that ask, and words that say nothing, are none."""
    asked = straighten(_THE_US.sub("the US", text))
    left = _Text(leave_out_asking(asked))
    names = plain(left.rest)
    question = Question(times=[one[0] for one in _TIMES.finditer(asked)])
    question.unheld = [noun for noun, words in _UNHELD.items() if words.search(asked)]
    question.asks_for_gaps = bool(left.take(_GAPS))
    if any(sign.isdigit() for sign in asked):
        question.asks_who_was_first = bool(left.take(_FIRST))
    left.take(_BODY, leaves_words=True)  # no use of force
    terms = _read_terms(left, asked, question, catalogue)
    terms = _leave_namesakes(_loosen(terms), asked, catalogue)
    terms = _join_years(_join_places(terms, question))
    question.terms = _sort_terms(terms)
    question.is_now = _asks_for_now(asked, question, catalogue)
    question.indicators = _name_indicators(names, question, catalogue)
    return question


def _read_terms(
    left: _Text, asked: str, question: Question, catalogue: Catalogue
) -> list[Term]:
    """Return the groups, years and words of a question. A number alone is no year."""
    terms = [_read_group(match) for match in left.take(_BY)]
    terms += [_read_year_to(match) for match in left.take(_YEAR_TO)]
    terms += [_read_year(match) for match in left.take(_YEAR, leaves_words=True)]
    _read_rate(left, question)
    _read_number(left, question, catalogue)
    _read_statistics(left, question)
    has_others = bool(terms or question.number)
    return [*terms, *_read_words(left.rest, asked, catalogue, has_others=has_others)]


def _read_words(
    text: str, asked: str, catalogue: Catalogue, *, has_others: bool
) -> Iterator[Term]:
    """Yield the terms for words. A capital tells a name within small letters, but not at the beginning."""
    words = asked.split()
    has_small = any(word.islower() for word in words)
    first_name: Term | None = None
    for said in find_meanings(text, catalogue, has_others=has_others):
        is_first = said.typed.casefold() == words[0].casefold()
        term = _make_term(said, catalogue, has_capital=has_small and not is_first)
        if first_name:
            is_name = term.is_proper and f"{first_name.words} {term.words}" in asked
            yield first_name._replace(narrows=is_name, is_proper=is_name)
        is_of_name = not term.codes and not term.is_proper and said.typed.istitle()
        first_name = term if is_of_name else None
        if first_name is None:
            yield term
    if first_name:
        yield first_name


def _read_rate(left: _Text, question: Question) -> None:
    for rate in left.take(_PER):
        question.statistics, question.per = ["rate"], rate["base"] or ""


def _read_number(left: _Text, question: Question, catalogue: Catalogue) -> None:
    left.take(_DAY)
    typed = find_typed(left.rest)
    if typed and not _is_in_name(typed.words, left.rest, catalogue):
        left.rest, question.number = typed.rest, typed


def _read_statistics(left: _Text, question: Question) -> None:
    for statistic, pattern in _STATISTICS.items():
        if left.take(pattern, leaves_words=True):
            found = [*question.statistics, statistic]
            question.statistics = [*dict.fromkeys(found)]
    if not question.number:
        question.is_ranking = bool(left.take(_RANKING))


def _loosen(terms: Sequence[Term]) -> list[Term]:
    """Return terms in which a phrase may be left out that only names an indicator, beside a stage.

    Dismissed for gross misconduct asks for dismissals; that of which people were found guilty says nothing against it.
    """
    if not any("measure" in term.codes for term in terms):
        return [*terms]
    return [
        term._replace(narrows=term.codes.keys() != {"indicator"} and term.narrows)
        for term in terms
    ]


def _sort_terms(terms: Iterable[Term]) -> list[Term]:
    """Return terms, those that narrow first; a word said twice asks no more."""
    once = {(term.words.casefold(), term.narrows): term for term in terms}
    return sorted(
        once.values(),
        key=lambda term: (
            not term.narrows,
            term.is_year + 2 * ("population" in term.codes),
        ),
    )


def _asks_for_now(asked: str, question: Question, catalogue: Catalogue) -> bool:
    """Tell whether it asks for a number at one moment: suspended now, but not how many complaints there are."""
    lasting = [
        catalogue.fact("lasts", f"measure/{code}") for code in question.codes("measure")
    ]
    is_now = any(word.casefold() in NOW for word in question.times)
    is_present = bool(_PRESENT.search(asked))
    return (any(lasting) and (is_now or is_present)) or (is_now and not lasting)


def _name_indicators(text: str, question: Question, catalogue: Catalogue) -> list[str]:
    """Return the indicators that a question names, outside the names of kinds: sexual misconduct.

    “Police officers” asks how many there are only beside a place.
    """
    for kind in _list_unnaming(question):
        text = f" {text} ".replace(f" {kind} ", " ; ")
    of_size = [
        one
        for one, record in catalogue.of_kind("indicator").items()
        if SIZE in record["measure"]
    ]
    if question.is_about_size:
        return of_size
    happened = any(
        term.codes.get("measure") != [SIZE]
        for term in question.narrowing()
        if not term.codes.keys() & {"area", "indicator"}
    )
    named = catalogue.vocabulary.find_meant("indicator", text)
    named = [one for one in named if not (happened and one in of_size)]
    return _take_wholly_named(named, text, catalogue) or named


def _take_wholly_named(
    named: Iterable[str], text: str, catalogue: Catalogue
) -> list[str]:
    """Return the indicators whose whole name is said: suspended from duty, and not during a period."""
    records = catalogue.of_kind("indicator")
    names = {one: plain(records[one]["name"].replace(PEOPLE, "")) for one in named}
    return [one for one, name in names.items() if f" {name} " in f" {text} "]


def _list_unnaming(question: Question) -> Iterator[str]:
    """Yield the words that name no indicator though they have its name: kinds, and what may be left out."""
    for term in question.terms:
        is_kind = term.is_name and term.codes.keys() & {"category", "population"}
        if is_kind or (term.codes.keys() == {"indicator"} and not term.narrows):
            yield term.plain


def _is_in_name(number: str, text: str, catalogue: Catalogue) -> bool:
    """Tell whether a number is a word in the name of an indicator: once for each officer."""
    words = plain(text)
    names = (
        words[one.start : one.end]
        for one in catalogue.vocabulary.find_searched("indicator", words)
    )
    return any(f" {plain(number)} " in f" {name} " for name in names)


def _leave_namesakes(
    terms: Sequence[Term], text: str, catalogue: Catalogue
) -> list[Term]:
    """Return terms in which a place with one of another country right behind it is a name there: Richmond Virginia."""
    places, names = [term for term in terms if "area" in term.codes], list[Term]()
    plain_text = plain(text)
    for place, behind in pairwise(places):
        area, other = place.codes["area"][0], behind.codes["area"][0]
        is_apart = find_country(area, catalogue) != find_country(other, catalogue)
        is_beside = f"{place.plain} {behind.plain}" in plain_text
        if is_apart and is_beside and not is_nation(area, catalogue):
            names.append(place)
    return [
        Term("words", term.words, term.plain, narrows=True, is_proper=True)
        if term in names
        else term
        for term in terms
    ]


def _join_places(terms: Sequence[Term], question: Question) -> list[Term]:
    """Return terms with one for all places, of which a figure has one, if none is in another: Kent and Surrey."""
    named = [term for term in terms if "area" in term.codes]
    if wider := [term for term in named if _is_initials_around(term, named)]:
        return _join_places([term for term in terms if term not in wider], question)
    inside = [one.finds["area"] for one in named]
    if len(named) < 2 or sum(map(len, inside)) > len(set().union(*inside)):
        return [*terms]
    question.beside = [code for one in named for code in one.codes["area"]]
    words = " ".join(one.words for one in named)
    every = Term(
        "any", words, codes={"area": question.beside}, narrows=True, either=named
    )
    return [every, *(one for one in terms if one not in named)]


def _is_initials_around(term: Term, named: Sequence[Term]) -> bool:
    """Tell whether a place is the initials of a body that counts what happens in another one: IOPC, beside a force."""
    others = [one.finds["area"] for one in named if one is not term]
    is_around = any({*inside} < {*term.finds["area"]} for inside in others)
    return is_around and term.words.isalpha() and term.words.isupper()


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


def _read_year_to(match: re.Match[str]) -> Term:
    """Return the term for twelve months that end with a month: those to March 2025 are 2024/25."""
    year, month = int(match["year"]), MONTHS.index(match["month"].capitalize())
    begin = date(year - 1, month, 1) + timedelta(days=monthrange(year - 1, month)[1])
    end = date(year, month, monthrange(year, month)[1])
    days = begin.isoformat(), end.isoformat()
    if month == MARCH:
        return Term("year", match[0], f"{year - 1}/{year % 100:02}", days=days)
    return Term("years", match[0], plain(match[0]), days=days)


def _list_days(first: str, last: str) -> tuple[str, str]:
    return f"{first}-01-01", f"{last}-12-31"


def _make_term(said: Meaning, catalogue: Catalogue, *, has_capital: bool) -> Term:
    codes = said.codes
    if "area" in codes:
        inside = {"area": sorted(catalogue.find_all("area", codes["area"]))}
        return Term("place", said.typed, said.plain, codes, inside, narrows=True)
    if said.plain in NARROW:
        return Term("narrow", said.typed, said.plain, wider=codes, narrows=True)
    if not codes:
        is_name = _is_proper(said, has_capital=has_capital)
        return Term("words", said.typed, said.plain, narrows=is_name, is_proper=is_name)
    is_name = any(
        plain(catalogue.label(name, code)) == said.plain
        for name in codes
        for code in codes[name]
    )
    finds = dict[str, list[str]]()
    for name, several in codes.items():
        meant = [*several, *_ALSO.get(several[0], ())]
        # A death in custody is no stop and search.
        has_narrower = name != "category" or is_name
        finds[name] = sorted(catalogue.find_all(name, meant)) if has_narrower else meant
    narrows = any(name in (*READ_AS, "vetting_result", "indicator") for name in codes)
    return Term("words", said.typed, said.plain, codes, finds, narrows, is_name=is_name)


def _is_proper(said: Meaning, *, has_capital: bool) -> bool:
    """Tell whether a word that stands for no code is a name: it is no English word, or has a capital among others."""
    if said.plain.isdigit() or said.typed.endswith("*"):
        return False
    return not is_english(said.plain) or (has_capital and said.typed[:1].isupper())
