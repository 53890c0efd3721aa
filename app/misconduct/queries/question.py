"""Read a question in words as terms: what each asks of a figure, and whether an answer may leave it out."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import WORDS
from misconduct.model.places import TOGETHER
from misconduct.model.plain_words import plain, plain_words, straighten
from misconduct.model.search_texts import ACCUSING, NOT_ACCUSING, READ_AS, code_word
from misconduct.model.vocabulary import Phrases
from misconduct.queries.search import NEWEST, NOW, find_typed, leave_out_asking, write_query

OF_SOURCE, SAID, OF_FIGURE = "A", "AC", "ABC"
"""The weights of texts (`SearchTexts`): what a figure counts; all but synonyms of its codes; and these. The title of a
document, and its notes, never stand for a figure."""
SIZE = "employed"  # how many work for the police
EVERYBODY = ("officers", "officers_and_staff")  # whom most figures are about
MONTHS_APART = 370  # days; a figure of a longer time is not one for a year

_FILLERS = frozenset(WORDS["filler"]["search"])
_NARROW = frozenset(map(plain, WORDS["narrow"]["search"]))
_NARROW_PHRASES = Phrases((one, one) for one in _NARROW if " " in one)
_MEANS = {
    word: (name, [code])
    for kind, name in (("means", "measure"), ("result", "vetting_result"))
    for code, words in WORDS[kind].items()
    for word in words
}
_RANKING, _BODY = (
    re.compile(rf"\b(?:{'|'.join(WORDS[kind]['search'])})\b", re.IGNORECASE) for kind in ("ranking", "body")
)
_GENERAL = ("any", "workforce", "unstated")
"""Codes whose names, misconduct, police and people, say nothing here."""
_ALSO = {"alleged": ("recorded",)}
"""Codes that may be meant, too: what is only known to be recorded may have been alleged."""
_PLACE = re.compile("E|W|[a-z]{2}_(?!hm|home|mod|nca|btp)")
"""The codes of places that are no bodies such as the National Crime Agency."""
_OF_NAMES = frozenset(WORDS["of_names"]["area"])
_BY = re.compile(rf"\bby (?P<by>{'|'.join(WORDS['by'])})\b", re.IGNORECASE)
_STATISTICS = {
    statistic: re.compile(rf"\b(?:{'|'.join(words)})\b(?: of)?", re.IGNORECASE)
    for statistic, words in WORDS["statistic"].items()
}
_PER = re.compile(r"\bper (?:[1-9][\d,]*|hundred|thousand|million)\b(?: (?P<base>\w+))?", re.IGNORECASE)
"""A rate: per 1,000 staff. The number in it is no figure."""
_YEAR = re.compile(r"(?<![\w.,£$€])(?P<first>199\d|20[0-4]\d)(?:\s?[/–-]\s?(?:20)?(?P<last>\d\d))?(?![\w,]|\.\d)")


class Term(NamedTuple):
    """A part of a question, as it was typed: what it asks of a figure in SQL, and whether the source says it.

    One that `narrows` is never left out. `codes` are those that it stands for, by column; `wider` are codes whose
    figures are about more than it. `each` says in SQL of each of its words whether the source says that.
    """

    words: str
    sql: str
    narrows: bool = False
    is_said: str = "true"
    each: Sequence[str] = ()
    codes: Mapping[str, Sequence[str]] = {}
    wider: Mapping[str, Sequence[str]] = {}
    is_year: bool = False

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
    """A question: its terms, those that narrow first, the condition on its number, if it has one, and all values.

    `alike` says in SQL how well the hedge of a figure fits. `newest` are words that ask for the newest number, and
    `beside` places of which a figure has one. `indicators` and `statistics`, such as a share, are those that its words
    name; `per` is of what a rate is asked. `is_now` says that it asks for a number at one moment: how many are
    suspended now, but not how many complaints there are.
    """

    terms: list[Term] = field(default_factory=list)
    number: str = ""
    alike: str = "0"
    values: dict[str, Any] = field(default_factory=dict)
    typed: str = ""
    newest: Sequence[str] = ()
    beside: Sequence[str] = ()
    is_now: bool = False
    is_ranking: bool = False
    indicators: Sequence[str] = ()
    statistics: Sequence[str] = ()
    per: str = ""

    @property
    def is_about_size(self) -> bool:
        """Tell whether it only names people and places: officers in Kent."""
        names = {name for one in self.terms if not one.is_year for name in one.codes or ["words"]}
        return names == {"area", "population"}

    @property
    def is_about_officers(self) -> bool:
        return any(one.is_of_everybody for one in self.terms)

    @property
    def years(self) -> list[Term]:
        return [one for one in self.terms if one.is_year]

    def narrowing(self) -> list[Term]:
        return [one for one in self.terms if one.narrows]

    def optional(self) -> list[Term]:
        """Return the terms that an answer may leave out; “officers” is none beside another word."""
        others = [one for one in self.terms if "area" not in one.codes and not one.is_of_everybody]
        return [one for one in self.terms if not (one.narrows or (others and one.is_of_everybody))]

    def all(self) -> str:
        """Return in SQL that a figure has every term, and the number."""
        return " AND ".join([*(one.sql for one in self.terms), *filter(None, [self.number])]) or "false"

    def all_words(self) -> str:
        """Return in SQL that a figure has every term, whatever its number is."""
        return " AND ".join(one.sql for one in self.terms) or "true"

    def are_said(self) -> str:
        """Return in SQL that a figure has every term itself, and not only a code that the term stands for."""
        return " AND ".join(one.is_said for one in self.terms) or "true"

    def kinds(self) -> list[Term]:
        """Return the terms that may go with any indicator: kinds of misconduct, results of vetting, some people."""
        named = ("category", "vetting_result", "population")
        kinds = [one for one in self.terms if one.codes.keys() & {*named} and "indicator" not in one.codes]
        return [one for one in kinds if not one.is_of_everybody]

    def codes(self, name: str) -> list[str]:
        return [code for term in self.terms for code in (*term.codes.get(name, ()), *term.wider.get(name, ()))]

    def without(self, left_out: Sequence[Term]) -> str:
        """Return the question without some of its terms."""
        return " ".join([*filter(None, [self.typed]), *(one.words for one in self.terms if one not in left_out)])

    def keep(self, terms: Iterable[Term]) -> "Question":
        """Return the question with some of its terms."""
        return replace(self, terms=[*terms], values={**self.values})

    def about(self, place: str, other: str, name: str) -> "Question":
        """Return the same question about another place, without those inside it."""
        elsewhere = Term(name, f"area = {self.add('area', other)}", narrows=True, codes={"area": [other]})
        terms = [elsewhere if place in one.codes.get("area", ()) else one for one in self.terms]
        return replace(self, terms=terms, beside=())

    def counting(self, indicator: str, catalogue: Catalogue) -> "Question":
        """Return the question about another indicator, for the same places, years and kinds of misconduct."""
        kept = [*self.kinds(), *(one for one in self.terms if one.is_year or "area" in one.codes)]
        asked = replace(self, terms=kept, values={**self.values}, indicators=[indicator])
        asked.terms = [
            *(one._replace(narrows=True) for one in kept),
            Term(catalogue.label("indicator", indicator), f"indicator = {asked.add('indicator', indicator)}", True),
        ]
        return asked

    def add(self, name: str, value: Any) -> str:
        """Keep a value and return its place in SQL."""
        key = f"ask_{name}_{len(self.values)}"
        self.values[key] = value
        return f"%({key})s"

    def has(self, words: str, weights: str = OF_FIGURE, others: Iterable[str] = ()) -> str:
        """Return in SQL that a figure has all of some plain words, in texts of some weights, or one of `others`.

        sexual* begins a word.
        """
        ones = [write_query(word).partition(":") for word in words.split() if plain_words(word)]
        query = " & ".join(f"{word}:{mark if mark == '*' else weights or mark}".rstrip(":") for word, _, mark in ones)
        either = " | ".join([*([f"({query})"] if query else []), *others])
        return f"words @@ to_tsquery('english', {self.add('words', either)})"


def read_question(text: str, catalogue: Catalogue) -> Question:
    """Return the terms of a question. Words that ask, and words that say nothing, are none."""
    newest, text = NEWEST.findall(straighten(text)), leave_out_asking(straighten(text))
    found = Question(newest=newest, indicators=catalogue.vocabulary.find_meant("indicator", text))
    terms = [*_read_quoted(text, found)]
    text = _BODY.sub(" ", text) if plain_words(_BODY.sub(" ", text)) else text  # no use of force
    terms += [_read_by(match, found) for match in _BY.finditer(text)]
    text = _BY.sub(" ", text)
    years = [*_YEAR.finditer(text)]
    if years and _find_words(_YEAR.sub(" ", text)).plain:
        terms += [_read_year(match, found) for match in years]
        text = _YEAR.sub(" ", text)
    if per := _PER.search(text):
        found.statistics, found.per, text = ["rate"], per["base"] or "", _PER.sub(" ", text)
    typed = find_typed(text)
    if typed and not _is_in_name(typed.words, text, catalogue):
        text, found.number, found.values = typed.rest, typed.equals, found.values | typed.values
        found.alike = typed.alike if typed.hedge or typed.is_pair else "0"
        terms += [Term(typed.words, typed.is_pair)] if typed.is_pair else []
        found.typed = "" if typed.is_pair else typed.words
    for statistic, pattern in _STATISTICS.items():
        if plain_words(rest := pattern.sub(" ", text)) and rest != text:
            found.statistics, text = [*dict.fromkeys([*found.statistics, statistic])], rest
    if not found.number and _RANKING.search(text):
        found.is_ranking, text = True, _RANKING.sub(" ", text)
    terms += _read_words(_find_words(text), found, catalogue, has_others=bool(terms or found.number))
    terms = _join_years(_join_places(terms, found, catalogue))
    lasting = [catalogue.fact("lasts", f"measure/{one}") for term in terms for one in term.codes.get("measure", ())]
    found.is_now = any(one.casefold() in NOW for one in newest) and (any(lasting) or not lasting)
    terms = [*{(one.words.casefold(), one.narrows): one for one in terms}.values()]  # a word said twice asks no more
    found.terms = sorted(terms, key=lambda one: (not one.narrows, one.is_year + 2 * ("population" in one.codes)))
    found.indicators = _name_indicators(found, catalogue)
    return found


def _is_in_name(number: str, text: str, catalogue: Catalogue) -> bool:
    """Tell whether a number is a word in the name of an indicator: once for each officer."""
    words = plain(text)
    names = (words[one.start : one.end] for one in catalogue.vocabulary.find_searched("indicator", words))
    return any(f" {plain(number)} " in f" {name} " for name in names)


def _name_indicators(question: Question, catalogue: Catalogue) -> list[str]:
    """Return the indicators that a question names; “police officers” asks how many there are only beside a place."""
    of_size = [one for one, record in catalogue.of_kind("indicator").items() if SIZE in record["measure"]]
    if question.is_about_size:
        return of_size
    others = [one for one in question.narrowing() if not one.codes.keys() & {"area", "indicator"}]
    happened = any(one.codes.get("measure") != [SIZE] for one in others)
    return [one for one in question.indicators if not (happened and one in of_size)]


def _join_places(terms: Sequence[Term], question: Question, catalogue: Catalogue) -> list[Term]:
    """Return terms with one for all places, of which a figure has one, if none is in another: Kent and Surrey."""
    named = [one for one in terms if "area" in one.codes]
    inside = [catalogue.find_all("area", one.codes["area"]) for one in named]
    if len(named) < 2 or sum(map(len, inside)) > len(set().union(*inside)):
        return [*terms]
    question.beside = [code for one in named for code in one.codes["area"]]
    sql = f"({' OR '.join(one.sql for one in named)})"
    every = Term(" ".join(one.words for one in named), sql, narrows=True, codes={"area": question.beside})
    return [every, *(one for one in terms if one not in named)]


def _join_years(terms: Sequence[Term]) -> list[Term]:
    """Return terms with one for all years, of which a figure has one: 2023/24 compared with 2022/23."""
    years = [one for one in terms if one.is_year]
    if len(years) < 2:
        return [*terms]
    sql, is_said = (f"({' OR '.join(ones)})" for ones in ([one.sql for one in years], [one.is_said for one in years]))
    every = Term(" and ".join(dict.fromkeys(one.words for one in years)), sql, is_said=is_said, is_year=True)
    return [every, *(one for one in terms if not one.is_year)]


class _Words(NamedTuple):
    """The plain words of a text, what was typed for each, by its place among all pieces, and these pieces."""

    plain: Sequence[str]
    places: Sequence[int]
    pieces: Sequence[str]

    def typed(self, start: int, end: int) -> str:
        return " ".join(self.pieces[self.places[start] : self.places[end - 1] + 1]).strip('.,;:!?()"')


def _find_words(text: str) -> _Words:
    pieces = list[str]()
    for token in text.split():
        before = pieces[-1] if pieces else ""
        is_joined = plain_words(f"{before} {token}") != [*plain_words(before), *plain_words(token)]  # New York
        is_open = plain_words(f"{before} word") != [*plain_words(before), "word"]  # without a finding
        if is_joined or is_open:
            pieces[-1] = f"{before} {token}"
        else:
            pieces.append(token)
    found = [(word, place) for place, piece in enumerate(pieces) for word in plain_words(piece)]
    return _Words([word for word, _ in found], [place for _, place in found], pieces)


def _read_quoted(text: str, question: Question) -> Iterator[Term]:
    """Yield a term for each phrase in quotation marks, whose words must stand side by side."""
    for quoted in re.findall('"[^"]*"', text):
        words = plain_words(quoted)
        if words[1:]:
            phrase = " <-> ".join(f"'{word}'" for word in words)
            yield Term(quoted, f"words @@ to_tsquery('english', {question.add('words', phrase)})")


def _read_by(match: re.Match[str], question: Question) -> Term:
    """Return the term for groups, such as by race: a figure must say one of them."""
    ones = [question.has(one, OF_SOURCE) for one in WORDS["by"][match["by"].lower()]]
    return Term(match[0], f"({' OR '.join(ones)})", narrows=True)


def _read_year(match: re.Match[str], question: Question) -> Term:
    """Return the term for a year: figures for it or for a day in it are meant, but those that begin in it may be."""
    year, last = int(match["first"]), match["last"]
    name = question.add("year", f"{year}/{last}" if last else str(year))
    days = (f"{year}-01-01", f"{year}-12-31")
    if last:
        is_one = int(last) == (year + 1) % 100  # 2018/19, not 2018 to 2024
        days = (f"{year}-04-01", f"{year + 1}-03-31") if is_one else (days[0], f"20{last}-12-31")
    first, until = (f"{question.add('day', day)}::date" for day in days)
    is_in = f"period_end BETWEEN {first} AND {until} AND coalesce(period_start, period_end) >= {first}"
    is_said = f"coalesce(year = {name} OR {is_in}, false)"
    if last:
        return Term(match[0], is_said, is_said=is_said, is_year=True)
    overlaps = f"period_start <= {until} AND period_end >= {first} AND period_end - period_start < {MONTHS_APART}"
    is_value = f"value = {question.add('value', year)}"
    sql = f"coalesce({is_said} OR {overlaps} OR {is_value}, false)"
    return Term(match[0], sql, is_said=is_said, is_year=True)


class _Span(NamedTuple):
    start: int
    end: int
    codes: Mapping[str, Sequence[str]]


def _read_words(words: _Words, question: Question, catalogue: Catalogue, *, has_others: bool) -> Iterator[Term]:
    """Yield a term for each of the words, or several together, that stand for codes, and for each other word.

    Fillers that say nothing are left out, unless there is nothing else.
    """
    spans = {span.start: span for span in _find_spans(words.plain, catalogue)}
    has_others = has_others or any(word not in _FILLERS for word in words.plain)
    at = 0
    while at < len(words.plain):
        span = spans.get(at, _Span(at, at + 1, {}))
        plain_text = " ".join(words.plain[span.start : span.end])
        if span.codes or plain_text not in _FILLERS or not has_others:
            yield _make_term(words.typed(span.start, span.end), plain_text, span.codes, question, catalogue)
        at = span.end


def _find_spans(words: Sequence[str], catalogue: Catalogue) -> list[_Span]:
    """Return the words that stand for codes; where these overlap, the longer ones, and places before others."""
    found, taken, spans = _find_codes(words, catalogue), set[int](), []
    for (start, end), codes in sorted(found.items(), key=lambda one: (one[0][0] - one[0][1], "area" not in one[1])):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            spans.append(_Span(start, end, {"area": codes["area"]} if "area" in codes else codes))
    return [*spans, *_find_between(words, taken, catalogue)]


def _find_between(words: Sequence[str], taken: Collection[int], catalogue: Catalogue) -> Iterator[_Span]:
    """Yield the spans of the words between those taken: officers, of Sussex Police officers."""
    ends = [-1, *sorted(taken), len(words)] if taken else []
    for before, after in pairwise(ends):
        for start, end, codes in _find_spans(words[before + 1 : after], catalogue):
            yield _Span(before + 1 + start, before + 1 + end, codes)


def _find_codes(words: Sequence[str], catalogue: Catalogue) -> Mapping[tuple[int, int], dict[str, list[str]]]:
    """Return the codes that words stand for, by list and by the places of the first word and of that after the last."""
    text = " ".join(words)
    found = defaultdict[tuple[int, int], dict[str, list[str]]](dict)
    of_lists = {name: catalogue.vocabulary.find_searched(name, text) for name in ("area", *READ_AS, "population")}
    for name, several in (of_lists | {"": _NARROW_PHRASES.find(text)}).items():
        for said in (one for one in several if one.code not in _GENERAL):
            of_words = found[text.count(" ", 0, said.start), text.count(" ", 0, said.end) + 1]
            if name:
                of_words.setdefault(name, []).append(said.code)
    named, is_vetting = _name_places(catalogue), not {"vetting", "vetted"}.isdisjoint(words)
    for place, word in enumerate(words):
        name, codes = _MEANS.get(word, ("area", named.get(word, [])))
        is_new = name == "measure" or (place, place + 1) not in found
        if codes and is_new and (is_vetting or name != "vetting_result"):
            found[place, place + 1][name] = [*codes]
    read = {place for start, end in found for place in range(start, end)}
    for said in catalogue.vocabulary.find_searched("indicator", text):
        start, end = text.count(" ", 0, said.start), text.count(" ", 0, said.end) + 1
        if end - start > 1 and not read.issuperset(range(start, end)):  # deaths in custody, but not officers dismissed
            found[start, end].setdefault("indicator", []).append(said.code)
    return found


@lru_cache(2)
def _name_places(catalogue: Catalogue) -> Mapping[str, Sequence[str]]:
    """Return the places with a word in their names, by the words that name few: Yorkshire."""
    found, areas = defaultdict[str, list[str]](list), catalogue.codelists.get("area", {})
    for code in filter(_PLACE.match, areas):
        for word in {*plain_words(catalogue.label("area", code))} - _OF_NAMES:
            found[word].append(code)
    said = [(words, code) for code in areas if areas[code].get("position") for words in areas[code].get("said", ())]
    return found | {plain(words): [code] for words, code in said if " " not in words}


def _make_term(
    typed: str, text: str, codes: Mapping[str, Sequence[str]], question: Question, catalogue: Catalogue
) -> Term:
    if places := codes.get("area"):
        together = f"area = '{TOGETHER}' AND {question.has(text, OF_SOURCE)}"
        inside = question.add("areas", sorted(catalogue.find_all("area", places)))
        sql = f"(area = ANY({inside}::text[]) OR {together})"
        return Term(typed, sql, narrows=True, codes=codes)
    each = [question.has(word, OF_SOURCE) for word in text.split()]
    is_narrow = any(name in (*READ_AS, "vetting_result", "indicator") for name in codes)
    if text in _NARROW:
        return Term(typed, question.has(text, OF_SOURCE), narrows=True, each=each, wider=codes)
    words = f"{text}*" if typed.endswith("*") else text
    is_name = any(plain(catalogue.label(name, one)) == text for name, several in codes.items() for one in several)
    others = list[str]()
    for name, several in codes.items():
        meant = [*several, *_ALSO.get(several[0], ())]
        has_narrower = name != "category" or is_name  # a death in custody is no stop and search
        found = sorted(catalogue.find_all(name, meant)) if has_narrower else meant
        others += [f"'{code_word(name, one)}'" for one in found]
    if text.endswith("ism") and text != "ism":
        others.append(f"'{text[:-1]}':*{OF_SOURCE}")  # racist, for racism
    sql = question.has("" if "vetting_result" in codes else words, others=others)
    if text in ACCUSING:
        sql = f"({sql} AND measure <> '{NOT_ACCUSING}')"
    is_said = "true" if is_name or {*codes} == {"population"} else question.has(words, SAID)
    return Term(typed, sql, is_narrow, is_said, each, codes)
