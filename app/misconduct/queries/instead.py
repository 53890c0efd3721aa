"""Find what is held instead of what a question asks: of a wider place, for another year, or counted otherwise."""

from collections.abc import Sequence
from typing import NamedTuple

from misconduct.db.engine import Database
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import TABLE_COLUMNS, Row
from misconduct.model.places import choose_known, find_around
from misconduct.queries.figures import count
from misconduct.queries.filters import Conditions
from misconduct.queries.look_up import Answer, find_answer
from misconduct.queries.order import write_order
from misconduct.queries.question import Question, Term, read_question
from misconduct.queries.terms import Values, bind, write_number, write_term, write_terms


class Wider(NamedTuple):
    """What a place that includes another one, and its name, holds for the same question, which `text` asks of it.

    `has_place` tells whether a figure is about the place itself, and `has_more` whether it has fewer words left out.
    """

    place: str
    around: str
    name: str
    text: str
    row: Row
    has_place: bool
    has_more: bool


async def find_wider(
    database: Database, conditions: Conditions, question: Question, catalogue: Catalogue, answer: Answer
) -> list[Wider]:
    """Return for the places of a question the smallest places around them that hold as much of what is asked."""
    found = dict[str, Wider]()
    left_out = answer.left_out if answer.total else question.optional()
    for place in dict.fromkeys(question.codes("area")):
        for around in find_around(place, catalogue):
            name = catalogue.label("area", around)
            asked = question.about(place, around, name)
            other = await find_answer(database, conditions, asked, catalogue, limit=1)
            if other.page and all(one in left_out for one in other.left_out):
                has_place = choose_known(place, answer.areas, catalogue) in answer.areas
                text, row = asked.without(other.left_out), other.page[0].row
                more = Wider(place, around, name, text, row, has_place, len(other.left_out) < len(left_out))
                found.setdefault(around, more)
                break
    return [*found.values()]


class Held(NamedTuple):
    """The first figures of the indicators and places that a question names, and of what may be offered instead.

    `itself` is what is asked, `otherwise` the same matter counted in another way, and `earlier` is for another year.
    """

    itself: Row | None = None
    otherwise: Row | None = None
    earlier: Row | None = None


async def find_held(database: Database, conditions: Conditions, question: Question, catalogue: Catalogue) -> Held:
    """Return what is held of the indicators that a question names, for its kinds, places and years."""
    known = catalogue.of_kind("indicator")
    named = [*question.indicators]
    others = [one for name in named for one in known[name].get("counted_otherwise", ()) if one not in named]
    places = list(dict.fromkeys(question.codes("area")))
    around = [one for place in places for one in find_around(place, catalogue)]
    if not named:
        return Held()
    values = Values()
    where = [f"indicator = ANY({bind([*named, *others], values)})"]
    where += [f"area = ANY({bind([*places, *around], values)})"] if places else []
    where += [write_term(one, values) for one in question.kinds()]
    is_year = write_terms(question.years, values) or "true"
    found = conditions.asking(question, catalogue, " AND ".join(where), values)
    order, keys = write_order(question, catalogue), "indicator, area, is_year" if places else "indicator, is_year"
    ranked = order.number(found.select(f"{', '.join(TABLE_COLUMNS)}, ({is_year}) AS is_year", joins=order.joins))
    statement = f"SELECT * FROM (SELECT DISTINCT ON ({keys}) * FROM ({ranked}) ORDER BY {keys}, nth) ORDER BY nth"  # noqa: S608
    rows = await database.rows(statement, found.values | order.values)

    def first(indicators: Sequence[str], areas: Sequence[str], *, is_year: bool = True) -> Row | None:
        fitting = [one for one in rows if one["indicator"] in indicators and (not places or one["area"] in areas)]
        return next((one for one in fitting if one["is_year"] is is_year), None)

    return Held(
        itself=first(named, places),
        otherwise=first(others, places),
        earlier=first(named, places, is_year=False) if question.years else None,
    )


async def find_other_years(
    database: Database, conditions: Conditions, question: Question, catalogue: Catalogue, answer: Answer
) -> list[Row]:
    """Return of each country that has what comes first in an answer, but not for the year that is asked, the newest."""
    terms = [one for one in question.terms if one not in answer.left_out]
    years, others = ([one for one in terms if one.is_year is is_year] for is_year in (True, False))
    if not (years and others and answer.page):
        return []
    areas, values = catalogue.codelists["area"], Values()
    countries = sorted((one for one in areas if areas[one].get("position")), key=lambda one: areas[one]["position"])
    where = f"""{write_terms(others, values)} AND area = ANY({bind(countries, values)})
        AND measure = {bind(answer.page[0].row["measure"], values)}
        AND period_end IS NOT NULL AND value IS NOT NULL"""
    has_year = f"bool_or({write_terms(years, values)}) OVER (PARTITION BY area) AS has_year"
    found = conditions.asking(question.keep(others), catalogue, where, values)
    statement = f"""SELECT DISTINCT ON (area) * FROM ({found.select(f"figure.*, {has_year}")})
        WHERE NOT has_year ORDER BY area, coverage = 'window', recency DESC, place"""  # noqa: S608
    rows = await database.rows(statement, found.values)
    return sorted(rows, key=lambda row: countries.index(row["area"]))


async def find_shorter(database: Database, conditions: Conditions, catalogue: Catalogue) -> tuple[str, int] | None:
    """Return the best shorter question for one that finds nothing, and how many figures a list finds for it."""
    question = read_question(conditions.values["q"], catalogue)
    answer = await find_answer(database, conditions, question, catalogue, limit=1)
    if not answer.total:
        obstacles = await find_obstacles(database, conditions, question, catalogue, question.narrowing())
        first = next((term for term, _, figures in obstacles if figures and obstacles[1:]), None)
        question.terms = [term for term in question.terms if term is not first]
        answer = await find_answer(database, conditions, question, catalogue, limit=1) if first else answer
    for also in ([], question.years):
        text = question.without([*answer.left_out, *also])
        found = conditions.asking(read_question(text, catalogue), catalogue)
        if text and (figures := await count(database, found)):
            return text, figures
    return None


async def find_obstacles(
    database: Database, conditions: Conditions, question: Question, catalogue: Catalogue, terms: Sequence[Term]
) -> list[tuple[Term, int, int]]:
    """Return for each of some terms how many figures have it, and how many have all that narrows without it."""
    if not terms:
        return []
    counts, values = list[str](), Values()
    number = [write_number(question.number, values)] if question.number else []
    for term in terms:
        others = [*(write_term(one, values) for one in question.narrowing() if one is not term), *number]
        both = (write_term(term, values), " AND ".join(others) or "false")
        counts += (f"count(*) FILTER (WHERE {sql})" for sql in both)
    found = conditions.asking(question, catalogue, "true", values)
    [row] = await database.rows(found.select(f"ARRAY[{', '.join(counts)}] AS n"), found.values)
    return [*zip(terms, row["n"][::2], row["n"][1::2], strict=True)]
