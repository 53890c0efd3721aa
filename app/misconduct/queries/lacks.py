"""Write in SQL what figures lack of a question: for each column that it asks for, how far they are from it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from misconduct.model.catalogue import Catalogue
from misconduct.model.places import find_around
from misconduct.model.side_by_side import OF_ALL_KINDS
from misconduct.queries.question import Question, Term
from misconduct.queries.terms import Values, bind, write_number, write_term, write_terms

Column = Literal[
    "indicator", "detail", "kind", "area", "home", "year", "part", "people", "value"
]
"""What a question asks, by the columns of the table; a detail is a word that no code says.

Where no place is asked it asks for the readers' country, `home`; and it asks for no `part` of what it names.
"""

GRAVITY: Mapping[Column, int] = {
    "indicator": 1,
    "detail": 2,
    "kind": 3,
    "area": 4,
    "home": 8,
    "part": 5,
    "year": 6,
    "people": 6,
    "value": 7,
}
"""What a reader would rather do without: of figures that lack as many things, the one with the least comes first."""

OTHERWISE, SAME_WORDS, CONFUSED = 1, 2, 3
"""How far another indicator is from what is asked: the same matter counted otherwise, the same words, or neither."""
INSIDE = 98  # how far a place is that is inside of one that is asked
FAR = 99  # what is no kind above the one that is asked, and no place around

STAGES = {"measure", "indicator", "vetting_result"}
"""The codes of terms that say what is counted."""


def write_lacks(
    question: Question, catalogue: Catalogue, values: Values
) -> dict[Column, str]:
    """Return how far a figure is from each thing that is asked: 0 if it has it, NULL if it is not near."""
    lacks: dict[Column, str] = {
        "indicator": _measure_indicator(question, catalogue, values),
        "kind": _measure_kind(question, catalogue, values),
        "area": _measure_area(question, catalogue, values),
        "home": _measure_home(question, catalogue, values),
        "year": _measure_year(question, values),
        "people": _lacks(question.people(), values),
    }
    if question.number:
        has_number = write_number(question.number, values)
        lacks["value"] = f"(NOT coalesce({has_number}, false))::int"
    return {column: sql for column, sql in lacks.items() if sql}


def _measure_year(question: Question, values: Values) -> str:
    """Return how many years a figure is from those that are asked; at least one, also if its time is not known."""
    if not question.years:
        return ""
    spans = [term.days for year in question.years for term in year.either or [year]]
    ends = {int(day[:4]) for days in spans for day in days}
    apart = [f"abs(extract(year FROM period_end)::int - {end})" for end in ends]
    return f"""CASE WHEN coalesce({write_terms(question.years, values)}, false) THEN 0
        ELSE greatest(least({", ".join(apart)}), 1) END"""


def _lacks(terms: Sequence[Term], values: Values) -> str:
    if not terms:
        return ""
    return f"(NOT coalesce({write_terms(terms, values)}, false))::int"


def _measure_indicator(question: Question, catalogue: Catalogue, values: Values) -> str:
    if not question.indicators:
        return ""
    otherwise = _list_beside(question, "counted_otherwise", catalogue)
    same_words = ""
    if stages := _find_stages(question):
        same_words = f"WHEN {write_terms(stages, values)} THEN {SAME_WORDS}"
    return f"""CASE WHEN indicator = ANY({bind([*question.indicators], values)}) THEN 0
        WHEN indicator = ANY({bind(otherwise, values)}) THEN {OTHERWISE}
        {same_words} ELSE {CONFUSED} END"""


def _measure_kind(question: Question, catalogue: Catalogue, values: Values) -> str:
    kinds = question.kinds()
    if not kinds:
        return ""
    wider = [*dict.fromkeys(_find_wider_kinds(question, catalogue))]
    above = _find_in(wider, "category", values)
    other = f"CASE WHEN subcategory IS NULL THEN {above} END"
    if question.number or not question.indicators:
        other = f"coalesce({other}, {FAR})"
    return f"CASE WHEN {write_terms(kinds, values)} THEN 0 ELSE {other} END"


def _measure_area(question: Question, catalogue: Catalogue, values: Values) -> str:
    places = question.places()
    if not places:
        return ""
    other = _find_in(_list_around(question, catalogue), "area", values)
    if question.number:
        other = f"coalesce({other}, {FAR})"
    named = bind(question.find_places(catalogue), values)
    inside = write_terms(places, values)
    return f"""CASE WHEN area = ANY({named}) THEN 0 WHEN {inside} THEN {INSIDE}
        ELSE {other} END"""


def _measure_home(question: Question, catalogue: Catalogue, values: Values) -> str:
    if question.places() or question.number or not catalogue.home:
        return ""
    home = bind(sorted(catalogue.home), values)
    return f"(NOT coalesce(area = ANY({home}), false))::int"


def write_near(question: Question, catalogue: Catalogue, values: Values) -> str:
    """Return that a figure has the number, or is about what is asked or near it, in its place or around."""
    about = _write_about(question, catalogue, values)
    where = f"({' OR '.join(about)})" if about else "true"
    if places := question.places():
        around = bind(_list_around(question, catalogue), values)
        where += f" AND ({write_terms(places, values)} OR area = ANY({around}))"
    if question.number:
        return f"({where} OR {write_number(question.number, values)})"
    return where


def _write_about(question: Question, catalogue: Catalogue, values: Values) -> list[str]:
    """Return what a figure must have at least one of."""
    if question.indicators:
        named = [
            *question.indicators,
            *_list_beside(question, "counted_otherwise", catalogue),
            *_list_beside(question, "not_to_confuse", catalogue),
        ]
        # Of all places these may be too many to read.
        stages = _find_stages(question) if question.places() else []
        same = [write_terms(stages, values)] if stages else []
        return [f"indicator = ANY({bind(named, values)})", *same]
    terms = [*question.kinds(), *question.details()] or question.optional()
    terms = terms or question.people() or ([] if question.places() else question.years)
    about = [write_term(term, values) for term in terms]
    wider = [code for term in terms for code in term.wider.get("category", ())]
    return about + ([f"category = ANY({bind(wider, values)})"] if wider else [])


def _find_stages(question: Question) -> list[Term]:
    return [term for term in question.narrowing() if term.codes.keys() & STAGES]


def _find_in(codes: Sequence[str], column: str, values: Values) -> str:
    return f"array_position({bind([*codes], values)}::text[], {column})"


def _list_beside(question: Question, field: str, catalogue: Catalogue) -> list[str]:
    """Return the indicators that those of a question name in a field."""
    known = catalogue.of_kind("indicator")
    named = [one for name in question.indicators for one in known[name].get(field, ())]
    return [*dict.fromkeys(named)]


def _list_around(question: Question, catalogue: Catalogue) -> list[str]:
    """Return the places that include those of a question, the smallest first."""
    around = dict[str, None]()
    for code in question.codes("area"):
        around.update(dict.fromkeys(find_around(code, catalogue)))
    return [*around]


def _find_wider_kinds(question: Question, catalogue: Catalogue) -> Iterator[str]:
    """Yield the kinds that include those of a question, the narrowest first, and last what is of all kinds."""
    for code in question.codes("category"):
        yield from catalogue.find_above("category", code)
    yield from OF_ALL_KINDS
