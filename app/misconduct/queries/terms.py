"""Write the terms of a question in SQL: what a figure must have, and whether its source says it."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any, NamedTuple

from misconduct.model.number_words import HEDGES
from misconduct.model.places import TOGETHER
from misconduct.model.search_texts import ACCUSING, NOT_ACCUSING, code_word
from misconduct.model.warnings import MOST_READ
from misconduct.queries.question import Question, Term
from misconduct.queries.typed_number import Typed

Values = dict[str, Any]
"""The values of a statement, by name."""

FIGURES = "$release.observations AS figure"


class Found(NamedTuple):
    """The figures for which a condition in SQL on `observations` holds, and the values of this condition."""

    where: str
    values: Values

    def select(self, columns: str) -> str:
        return f"SELECT {columns} FROM {FIGURES} WHERE {self.where}"  # noqa: S608

    def select_first(self, columns: str) -> str:
        """Return the statement that reads some columns of the figures that come first, at most `MOST_READ`.

        The load writes figures in the order `FIRST`, and Postgres reads what an index finds in the order in which it
        is written: to sort all that is found would read all.
        """
        first = f"{self.select('*')} LIMIT {MOST_READ}"
        return f"SELECT {columns} FROM ({first}) AS figure"  # noqa: S608


OF_SOURCE, SAID, ANY = ":A", ":AC", ""
"""The weights of texts (`SearchTexts`): what a figure counts; all but synonyms of its codes; and these, which the index
tells alone."""
ROUNDED = Decimal(
    "0.00005"
)  # how far a share without a finite decimal, such as one in three, may be rounded


def bind(value: Any, values: Values) -> str:
    """Keep a value and return what stands for it: the same for the same value, so that statements can be joined."""
    name = f"asked_{sha256(repr(value).encode()).hexdigest()[:16]}"
    values[name] = value
    return f"%({name})s"


def find_asked(question: Question) -> Found:
    """Return the figures that have all that is asked; a question without words and a number finds none."""
    values = Values()
    has_terms = [write_terms(question.terms, values)] if question.terms else []
    has_number = [write_number(question.number, values)] if question.number else []
    return Found(" AND ".join([*has_terms, *has_number]) or "false", values)


def find_words(question: Question) -> Found:
    """Return the figures that have the words of a question, and any number."""
    values = Values()
    return Found(write_terms(question.terms, values), values)


def write_terms(terms: Iterable[Term], values: Values) -> str:
    """Return that a figure has every term."""
    return " AND ".join(write_term(one, values) for one in terms) or "true"


def write_term(term: Term, values: Values) -> str:
    """Return that a figure has a term: the words, or a code that they stand for."""
    if term.either:
        return f"({' OR '.join(write_term(one, values) for one in term.either)})"
    return _WRITERS[term.kind](term, values)


def write_said(term: Term, values: Values) -> str:
    """Return that a figure has a term itself, and not only a code that the term stands for."""
    if term.is_year:
        return f"({' OR '.join(_write_in_years(one, values) for one in term.either or [term])})"
    if term.kind != "words" or term.is_name or term.is_of_people:
        return "true"
    return _has(_begun(term), SAID, values)


def write_partly_said(term: Term, values: Values) -> str:
    """Return that a figure has a word of a term, or is of what the term names."""
    words = " | ".join(f"'{word}'{SAID}" for word in term.plain.split())
    return (
        "true"
        if term.is_name
        else f"words @@ to_tsquery('english', {bind(words, values)})"
    )


def _begun(term: Term) -> str:
    return f"{term.plain}*" if term.words.endswith("*") else term.plain


def _write_words(term: Term, values: Values) -> str:
    others = [
        f"'{code_word(name, one)}'"
        for name, codes in term.finds.items()
        for one in codes
    ]
    if term.plain.endswith("ism") and term.plain != "ism":
        others.append(f"'{term.plain[:-1]}'{OF_SOURCE}*")  # racist, for racism
    sql = _has(
        "" if "vetting_result" in term.codes else _begun(term), ANY, values, others
    )
    return f"({sql} AND measure <> '{NOT_ACCUSING}')" if term.plain in ACCUSING else sql


def _has(words: str, weights: str, values: Values, others: Iterable[str] = ()) -> str:
    """Return that a figure has all of some plain words, in texts of some weights, or one of `others`.

    sexual* begins a word.
    """
    ones = (
        f"'{word.removesuffix('*')}'{':*' if word.endswith('*') else weights}"
        for word in words.split()
    )
    query = " & ".join(ones)
    either = " | ".join([*([f"({query})"] if query else []), *others])
    return f"words @@ to_tsquery('english', {bind(either, values)})"


def _write_place(term: Term, values: Values) -> str:
    """Return that a figure is of a place, or of some together in whose name the place stands."""
    is_in = f"area = ANY({bind([*term.finds['area']], values)}::text[])"
    together = f"area = '{TOGETHER}' AND {_write_narrow(term, values)}"
    return f"({is_in} OR {together})" if term.plain else is_in


def _write_narrow(term: Term, values: Values) -> str:
    return _has(term.plain, OF_SOURCE, values)


def _write_indicator(term: Term, values: Values) -> str:
    return f"indicator = {bind(term.plain, values)}"


def _write_in_years(term: Term, values: Values) -> str:
    """Return that a figure is for a year or several, or for a day or a time in them."""
    first, until = (f"{bind(day, values)}::date" for day in term.days)
    is_in = f"period_end BETWEEN {first} AND {until} AND coalesce(period_start, period_end) >= {first}"
    return f"coalesce(year = {bind(term.plain, values)} OR {is_in}, false)"


def _write_year(term: Term, values: Values) -> str:
    """Return that a figure is for a year; also that it is for one that overlaps a calendar year, or is its number."""
    return (
        f"words @@ to_tsquery('english', {bind(code_word('year', term.plain), values)})"
    )


_WRITERS: Mapping[str, Callable[[Term, Values], str]] = {
    "words": _write_words,
    "narrow": _write_narrow,
    "place": _write_place,
    "year": _write_year,
    "years": _write_in_years,
    "indicator": _write_indicator,
}


def write_number(typed: Typed, values: Values) -> str:
    """Return that a figure has a number; a share may be in either unit."""
    if typed.whole is not None:
        return f"(value = {bind(typed.whole, values)})"
    conditions = list[str]()
    for unit in ("percent", "proportion"):
        share = typed.number.in_unit(unit) or Fraction()
        exact = Decimal(share.numerator) / share.denominator
        rounded = 0 if 10**12 % share.denominator == 0 else ROUNDED
        low, high = bind(exact - rounded, values), bind(exact + rounded, values)
        conditions.append(f"unit = '{unit}' AND value BETWEEN {low} AND {high}")
    return f"({' OR '.join(conditions)})"


def write_likeness(typed: Typed, values: Values) -> str:
    """Return how well the hedge of a figure fits that of a number."""
    if not typed.hedge:
        return "0"
    hedge, qualifier = bind(typed.hedge, values), bind(HEDGES[typed.hedge], values)
    return (
        f"(lower(coalesce(hedge, '')) = {hedge})::int + (qualifier = {qualifier})::int"
    )
