"""Say in SQL what comes first: one list of keys, for searches, pictures, and pages.

What a question asks comes before the `rank` of a figure, which holds the keys that no question changes.
"""

from collections.abc import Iterable
from typing import NamedTuple

from misconduct.model.catalogue import PEOPLE, Catalogue
from misconduct.model.names import SILENT
from misconduct.model.plain_words import plain_words
from misconduct.model.search_texts import READ_AS
from misconduct.model.side_by_side import OF_ALL_KINDS, RECENT_YEARS
from misconduct.queries.question import EVERYBODY, SIZE, Question
from misconduct.queries.terms import (
    Values,
    bind,
    write_likeness,
    write_number,
    write_partly_said,
    write_said,
)

RESULT_KEYS = (
    "indicator",
    "category",
    "subcategory",
    "scope",
    "base",
    "statistic",
    "population",
    "counting_unit",
)
"""What the figures of one result of a search share: they count the same, of whatever place and time."""

_RANKED = (*READ_AS, "vetting_result", "population")
"""Columns with whose codes a figure comes before those with the words only."""

_LEXEMES = "tsvector_to_array(to_tsvector('english', {}))"
SHORTEST_WORD = 3  # of a scope that is asked for; shorter ones are in many words

_PUBLISHED = """(SELECT coalesce(content ->> 'published', content ->> 'known_by')
    FROM $release.records WHERE kind = 'source' AND id = source) NULLS LAST"""
_IS_HIDDEN = "coalesce(value_absent <> 'magnitude_only', false)"  # not hundreds
_RELEASED = "(SELECT day FROM $release.release)"
_IS_OLD = f"coalesce(period_end < {_RELEASED} - interval '{RECENT_YEARS} years', true)"
_IS_LEADING = "is_leading DESC"
_IS_SIZE = f"coalesce(measure = '{SIZE}', false)"
_IS_AT_ONE_TIME = "coalesce(stock_or_flow = 'stock' AND coverage <> 'window', false)"
_IS_OF_NO_WHOLE_YEAR = "coverage IN ('window', 'part', 'unstated')"
_OF_COUNTED = f"OVER (PARTITION BY {', '.join(RESULT_KEYS)})"
_ARE_OF_ONE_PLACE = f"min(area) {_OF_COUNTED} = max(area) {_OF_COUNTED}"


class Order(NamedTuple):
    """An order of figures in SQL: the keys, their values, and what tells a part of a whole.

    `is_part` says that a figure counts only some of what its indicator says: some people, a part or a kind that nobody
    asks for.
    """

    keys: str
    values: Values
    is_part: str

    def number(self, found: str, limit: str = "") -> str:
        """Return the statement that numbers the figures of another one in their order: `nth` is 1 of the first."""
        return f"SELECT *, row_number() OVER () AS nth FROM ({found} ORDER BY {self.keys} {limit}) AS ordered"  # noqa: S608


class _Parts(NamedTuple):
    """What tells a part in SQL: a scope or a kind that nobody asks for, and other people than the indicator's."""

    has_scope: str
    is_kind: str
    is_of_others: str


def write_order(question: Question, catalogue: Catalogue) -> Order:
    """Return the order of the figures that a question finds; a question without terms asks for anything."""
    values, said = Values(), _find_words(question, catalogue)
    parts = _write_parts(said, question, catalogue, values)
    places, kinds = question.codes("area"), question.codes("category")
    keys = {
        "the number": _fit_number(question, values),
        "no size of a force": _IS_SIZE if question.number else "",
        "who was first": _PUBLISHED if question.asks_who_was_first else "",
        "not hidden": _IS_HIDDEN,
        "what is counted": _fit_indicator(question, values),
        "both places": _ARE_OF_ONE_PLACE if question.beside else "",
        "what is named, in the place itself": _is_any(
            "area", places if question.indicators else (), values
        ),
        "the people": _fit_people(question, parts, values),
        "most of the codes": _count_codes(question, values),
        "a word in the name": _fit_name(said, question, catalogue, values),
        "the country of readers": _is_any(
            "area", () if places else catalogue.home, values
        ),
        "the statistic": _fit_statistic(question, parts, values),
        "the base of a rate": _fit_base(question, values),
        "no repetition": "repeats IS NOT NULL",
        "the place itself": _is_any("area", places, values),
        "the category itself": _is_any("category", kinds, values),
        "words of the kind": _fit_kinds(question, values),
        "the series that leads": _fit_lead(question),
        "the last years": _IS_OLD,
        "no scope, and its people": f"({parts.has_scope} OR {parts.is_of_others})",
        "no other kind": parts.is_kind,
        "one moment": f"{_IS_AT_ONE_TIME} DESC" if question.is_now else "",
        "the whole of the kind": "subcategory IS NOT NULL" if question.kinds() else "",
        "its rank": "rank",
        "the year itself": _fit_years(question, values),
        "the series that leads in it": _IS_LEADING if question.years else "",
        "a whole year": _IS_OF_NO_WHOLE_YEAR,
        "the newest": "recency DESC",
        "the order of the document": "place",
    }
    is_part = _write_is_part(said, parts, question, values)
    return Order(", ".join(filter(None, keys.values())), values, is_part)


def _write_is_part(
    said: set[str], parts: _Parts, question: Question, values: Values
) -> str:
    is_part = list(parts)
    if not (question.statistics or question.number):  # no share for a number
        is_part.append("statistic <> 'count'")
    if question.kinds():  # sexual misconduct without abuse of position
        asked = bind(" ".join(sorted(said)), values)
        is_part.append(
            f"ts_delete(to_tsvector('english', subcategory), {_LEXEMES.format(asked)}) <> ''"
        )
    return f"coalesce({' OR '.join(is_part)}, false)"


def _write_parts(
    said: set[str], question: Question, catalogue: Catalogue, values: Values
) -> _Parts:
    words = bind(
        [
            f"%{one.removesuffix('s')}%"
            for one in sorted(said)
            if len(one) >= SHORTEST_WORD
        ],
        values,
    )
    kinds = bind(
        [
            *OF_ALL_KINDS,
            *sorted(catalogue.find_all("category", question.codes("category"))),
        ],
        values,
    )
    indicators = catalogue.of_kind("indicator").values()
    asked = {
        code for term in question.people() for code in term.finds.get("population", ())
    }
    naming = [one for one in indicators if PEOPLE in one["name"]]
    of_usual_kind = bind(
        [f"{one['id']} {one['category'][0]}" for one in indicators], values
    )
    of_others = [
        f"{one['id']} {code}"
        for one in naming
        for code in one["population"][1:]
        if code not in SILENT and code not in asked
    ]
    return _Parts(
        has_scope=f"(scope IS NOT NULL AND NOT scope ILIKE ANY({words}::text[]))",
        is_kind=f"""CASE WHEN subcategory IS NOT NULL THEN NOT subcategory ILIKE ANY({words}::text[])
            ELSE category <> ALL({kinds}) AND (indicator || ' ' || category = ANY({of_usual_kind})) IS NOT true END""",
        is_of_others=f"coalesce(indicator || ' ' || population = ANY({bind(of_others, values)}), false)",
    )


def _find_words(question: Question, catalogue: Catalogue) -> set[str]:
    """Return the words of a question beside its places and the names of indicators."""
    names = [catalogue.label("indicator", one) for one in question.indicators]
    said = {
        word
        for term in question.terms
        if "area" not in term.codes
        for word in plain_words(term.words)
    }
    return said - {"police", *plain_words(" ".join(names))}


def _fit_indicator(question: Question, values: Values) -> str:
    """Put the indicators that are named first, if more than an everyday word names them."""
    is_named = any(term.narrows for term in question.subject())
    return _is_any("indicator", question.indicators if is_named else (), values)


def _fit_number(question: Question, values: Values) -> str:
    """Put figures with the number first, and of these the one with its hedge."""
    number = question.number
    fits = (
        f"CASE WHEN {write_number(number, values)} THEN 1 + {write_likeness(number, values)}"
        if number
        else ""
    )
    return fits and f"{fits} ELSE 0 END DESC"


def _fit_people(question: Question, parts: _Parts, values: Values) -> str:
    people = [
        code for term in question.terms for code in term.finds.get("population", ())
    ]
    people += EVERYBODY if any(one.is_of_everybody for one in question.terms) else ()
    is_about = f"coalesce(population = ANY({bind(people, values)}), false) AND NOT {parts.has_scope} DESC"
    return is_about if people else ""


def _fit_statistic(question: Question, parts: _Parts, values: Values) -> str:
    """Put shares first if a share is asked for, but no share of a part before the number of all."""
    is_whole = f"NOT ({parts.has_scope} OR {parts.is_kind})"
    return (
        f"statistic = ANY({bind([*question.statistics], values)}) AND {is_whole} DESC"
        if question.statistics
        else ""
    )


def _fit_lead(question: Question) -> str:
    """Put the series that tables lead with first, unless a number is looked up, or a year, which comes before it."""
    return "" if question.number or question.years else _IS_LEADING


def _fit_base(question: Question, values: Values) -> str:
    base = bind(f"%{question.per}%", values)
    is_rate = f"(statistic = 'rate' AND base ILIKE {base}) IS true DESC"
    return is_rate if question.per else ""


def _count_codes(question: Question, values: Values) -> str:
    """Put figures with most of the codes that words stand for first.

    A kind of misconduct that is narrower counts, too: a place comes before the very kind that is asked.
    """
    named = [
        (
            name,
            term.finds.get(name, ())
            if name == "category"
            else term.codes.get(name, ()),
        )
        for term in question.terms
        for name in _RANKED
    ]
    columns = [(name, codes) for name, codes in named if not {*codes} <= {*EVERYBODY}]
    columns += [("measure", [SIZE])] if question.is_about_size else []
    columns += [("indicator", question.indicators)] if question.indicators else []
    ones = [
        f"coalesce({name} = ANY({bind([*codes], values)}), false)::int"
        for name, codes in columns
    ]
    return f"{' + '.join(ones)} DESC" if ones else ""


def _fit_name(
    said: set[str], question: Question, catalogue: Catalogue, values: Values
) -> str:
    """Put figures first whose indicator has a word of the question in its name, if it names none: deaths."""
    if question.indicators:
        return ""
    of_kinds = {
        word for kind in question.kinds() if kind.is_name for word in kind.plain.split()
    }
    asked = said - of_kinds
    known = catalogue.words_of_indicators
    named = [one for one, words in known.items() if words & asked]
    return _is_any("indicator", named, values)


def _fit_kinds(question: Question, values: Values) -> str:
    """Put numbers, and what says words of the kinds that are asked, before shares and codes."""
    said = [f"({write_partly_said(one, values)})::int" for one in question.kinds()]
    return " + ".join([*said, "(statistic = 'count')::int"]) + " DESC" if said else ""


def _fit_years(question: Question, values: Values) -> str:
    return (
        " + ".join(f"({write_said(one, values)})::int" for one in question.years)
        + " DESC"
        if question.years
        else ""
    )


def _is_any(column: str, codes: Iterable[str], values: Values) -> str:
    """Put figures with one of some codes first."""
    several = [*codes]
    return (
        f"coalesce({column} = ANY({bind(several, values)}), false) DESC"
        if several
        else ""
    )
