"""Find what of a question is held: the first figure for each way in which figures lack something that it asks."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import compress
from typing import Literal, NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.places import find_around
from misconduct.model.side_by_side import OF_ALL_KINDS
from misconduct.queries.order import write_order
from misconduct.queries.question import Question, Term
from misconduct.queries.results import Search
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
    "year": 5,
    "part": 6,
    "people": 6,
    "value": 7,
}
"""What a reader would rather do without: of figures that lack as many things, the one with the least comes first."""

OTHERWISE, SAME_WORDS, CONFUSED = 1, 2, 3
"""How far another indicator is from what is asked: the same matter counted otherwise, the same words, or neither."""
MOST_LACKING = 3  # columns: what lacks more is not near
INSIDE = 98  # how far a place is that is inside of one that is asked
FAR = 99  # what is no kind above the one that is asked, and no place around


class Held(NamedTuple):
    """The first figure that lacks some of what a question asks, and how far it is from that.

    `words` tells which of the words that an answer may leave out it has, and `without` names those and the details that
    it has not. `is_whole` says that it is no part.
    """

    id: str
    lacks: Mapping[Column, int]
    words: Sequence[bool]
    without: Sequence[str]
    is_whole: bool
    nth: int

    @property
    def columns(self) -> set[Column]:
        """Return what it lacks; a word that it does not have is a detail."""
        columns = {*self.lacks}
        if not all(self.words):
            columns.add("detail")
        if not self.is_whole:
            columns.add("part")
        return columns

    def lack(self, unknown: Sequence[Term]) -> "Held":
        """Return it without some words that no figure has."""
        words = [*self.words, *(False for _ in unknown)]
        without = [*self.without, *(term.words for term in unknown)]
        return self._replace(words=words, without=without)

    @property
    def is_answer(self) -> bool:
        """Tell whether it has all that is asked; so has a figure from abroad, or of a place inside."""
        has_all = self.lacks.keys() <= {"home", "area"}
        return has_all and self.lacks.get("area", INSIDE) == INSIDE


async def find_held(
    search: Search,
    question: Question,
    optional: Sequence[Term] = (),
    within: Collection[str] = (),
) -> list[Held]:
    """Return the first figure for each way to lack something; of places it is one `within` some, if there are any."""
    values = Values()
    distances = _write_distances(question, search.catalogue, values)
    where = _write_near(question, optional, search.catalogue, values)
    if within:
        where += f" AND area = ANY({bind([*within], values)})"
    found = search.conditions.about(question, search.catalogue, where, values)
    order = write_order(question, search.catalogue)
    has = [f"coalesce({write_term(term, values)}, false)" for term in optional]
    lacks = {f"lacks_{column}": sql for column, sql in distances.items()}
    columns = [f"{sql} AS {name}" for name, sql in lacks.items()]
    columns += [f"ARRAY[{', '.join(has)}]::bool[] AS words"]
    columns += [f"NOT {order.is_part} AS is_whole", "id"]
    ranked = order.number(found.select_first(", ".join(columns)))
    statement = _write_first_of_each(ranked, [*lacks])
    rows = await search.tables.rows(statement, found.values | values | order.values)
    return [_read_held(row, distances, question, optional) for row in rows]


def _write_first_of_each(ranked: str, lacks: Sequence[str]) -> str:
    """Return the statement for the first figure of each mixture of what is lacking; NULL is not near."""
    keys = ", ".join([*lacks, "words", "is_whole"])
    near = " AND ".join(f"{name} IS NOT NULL" for name in lacks) or "true"
    return f"""
        SELECT DISTINCT ON ({keys}) * FROM ({ranked}) WHERE {near}
        ORDER BY {keys}, nth"""  # noqa: S608


def _read_held(
    row: Row,
    columns: Collection[Column],
    question: Question,
    optional: Sequence[Term],
) -> Held:
    lacks = {name: row[f"lacks_{name}"] for name in columns if row[f"lacks_{name}"]}
    details, lacking = question.details(), lacks.get("detail", 0)
    without = [
        term.words
        for term, weight in zip(details, _weights(details), strict=True)
        if lacking & weight
    ]
    without += [
        term.words
        for term, is_said in zip(optional, row["words"], strict=True)
        if not is_said
    ]
    return Held(row["id"], lacks, row["words"], without, row["is_whole"], row["nth"])


def _weights(details: Sequence[Term]) -> list[int]:
    """Return how much each detail counts: the first that is said is what is least left out."""
    return [2**place for place in reversed(range(len(details)))]


def choose_words(held: Sequence[Held], optional: Sequence[Term]) -> list[Term] | None:
    """Return the words that most figures have which lack nothing else; None if each lacks something else.

    A number of all that is counted comes before one with more words: no word of a part only may hide it. Nor is a part
    the answer if the whole is held of another year, or a place inside if one around is held.
    """
    full = [one for one in held if one.is_answer and "area" not in one.lacks]
    others = [one.lacks for one in held if one.columns in ({"year"}, {"area"})]
    if not full and not any(lacks.get("area", FAR) < INSIDE for lacks in others):
        full = [one for one in held if one.is_answer]
    has_other_year = any("year" in lacks for lacks in others)
    if not full or (has_other_year and not any(one.is_whole for one in full)):
        return None
    best = max(full, key=lambda one: (one.is_whole, sum(one.words), -one.nth))
    return [*compress(optional, best.words)]


def choose_nearest(held: Sequence[Held], most: int) -> list[Held]:
    """Return the figures that lack least: none that lacks all that another one lacks, and more."""
    chosen = list[Held]()
    near = [one for one in held if 0 < len(one.columns) <= MOST_LACKING]
    for one in sorted(near, key=_weigh):
        if not any(other.columns <= one.columns for other in chosen):
            chosen.append(one)
    return chosen[:most]


def _weigh(one: Held) -> tuple[int, ...]:
    gravity = sum(GRAVITY[column] for column in one.columns)
    is_other = one.lacks.get("indicator", 0) > OTHERWISE
    distance = sum(one.lacks.values())
    return is_other, len(one.columns), gravity, distance, -sum(one.words), one.nth


def _write_distances(
    question: Question, catalogue: Catalogue, values: Values
) -> dict[Column, str]:
    """Return how far a figure is from each thing that is asked: 0 if it has it, NULL if it is not near."""
    distances: dict[Column, str] = {
        "indicator": _measure_indicator(question, catalogue, values),
        "detail": _measure_details(question, values),
        "kind": _measure_kind(question, catalogue, values),
        "area": _measure_area(question, catalogue, values),
        "home": _measure_home(question, catalogue, values),
        "year": _lacks(question.years, values),
        "people": _lacks(question.people(), values),
    }
    if question.number:
        has_number = write_number(question.number, values)
        distances["value"] = f"(NOT coalesce({has_number}, false))::int"
    return {column: sql for column, sql in distances.items() if sql}


def _measure_details(question: Question, values: Values) -> str:
    """Return which details a figure lacks."""
    details = question.details()
    lacking = [
        f"{weight} * {_lacks([term], values)}"
        for weight, term in zip(_weights(details), details, strict=True)
    ]
    return " + ".join(lacking)


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


def _lacks(terms: Sequence[Term], values: Values) -> str:
    if not terms:
        return ""
    return f"(NOT coalesce({write_terms(terms, values)}, false))::int"


def _find_in(codes: Sequence[str], column: str, values: Values) -> str:
    return f"array_position({bind([*codes], values)}::text[], {column})"


def _measure_indicator(question: Question, catalogue: Catalogue, values: Values) -> str:
    if not question.indicators:
        return ""
    stages = [term for term in question.narrowing() if term.codes.keys() & STAGES]
    cases = [
        (f"indicator = ANY({bind([*question.indicators], values)})", 0),
        (
            f"indicator = ANY({bind(_list_beside(question, 'counted_otherwise', catalogue), values)})",
            OTHERWISE,
        ),
    ]
    if stages:
        cases.append((write_terms(stages, values), SAME_WORDS))
    whens = " ".join(f"WHEN {sql} THEN {distance}" for sql, distance in cases)
    return f"CASE {whens} ELSE {CONFUSED} END"


STAGES = {"measure", "indicator", "vetting_result"}
"""The codes of terms that say what is counted."""


def _list_beside(question: Question, field: str, catalogue: Catalogue) -> list[str]:
    """Return the indicators that those of a question name in a field."""
    known = catalogue.of_kind("indicator")
    named = [one for name in question.indicators for one in known[name].get(field, ())]
    return [*dict.fromkeys(named)]


def _write_near(
    question: Question, optional: Sequence[Term], catalogue: Catalogue, values: Values
) -> str:
    """Return that a figure has the number, or is about what is asked or near it, in its place or around."""
    about = _write_about(question, optional, catalogue, values)
    where = f"({' OR '.join(about)})" if about else "true"
    if places := question.places():
        around = bind(_list_around(question, catalogue), values)
        where += f" AND ({write_terms(places, values)} OR area = ANY({around}))"
    if question.number:
        return f"({where} OR {write_number(question.number, values)})"
    return where


def _write_about(
    question: Question, optional: Sequence[Term], catalogue: Catalogue, values: Values
) -> list[str]:
    """Return what a figure must have at least one of."""
    if question.indicators:
        named = [
            *question.indicators,
            *_list_beside(question, "counted_otherwise", catalogue),
            *_list_beside(question, "not_to_confuse", catalogue),
        ]
        stages = [term for term in question.narrowing() if term.codes.keys() & STAGES]
        # Of all places these may be too many to read.
        same = [write_terms(stages, values)] if stages and question.places() else []
        return [f"indicator = ANY({bind(named, values)})", *same]
    terms = [*question.kinds(), *question.details()] or optional
    terms = terms or question.people() or ([] if question.places() else question.years)
    about = [write_term(term, values) for term in terms]
    wider = [code for term in terms for code in term.wider.get("category", ())]
    return about + ([f"category = ANY({bind(wider, values)})"] if wider else [])


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
