"""Find the nearest that is held if what a question asks is not: what lacks only one of the things that it asks."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from misconduct.db.engine import Database
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import TABLE_COLUMNS, Row
from misconduct.model.order import TOTALS
from misconduct.model.places import find_around
from misconduct.queries.figures import find_figures
from misconduct.queries.filters import Conditions
from misconduct.queries.order import write_order
from misconduct.queries.question import Question, Term
from misconduct.queries.terms import Values, bind, write_number, write_term, write_terms

OF_ALL_KINDS = (*TOTALS, "unstated")
"""The categories of what is not of one kind."""

Lacking = Literal["detail", "unit", "kind", "place", "year", "place and year"]


class Held(NamedTuple):
    """What is held of a question, and the first figures that lack one thing of it, by what they lack.

    Those that lack a detail are not known to be about it. Those that lack the unit count the same matter otherwise,
    those that lack the place are of one that includes it, and those that lack the kind are of a wider one. No share
    stands in for a number if there are numbers. `is_missing` tells that the question has a subject of which nothing is
    held. `other_years` are the newest of countries that lack only the year.
    """

    is_missing: bool = False
    nearest: Mapping[Lacking, Row] = {}
    other_years: Sequence[Row] = ()


async def find_held(
    database: Database,
    conditions: Conditions,
    question: Question,
    places: Sequence[str],
    catalogue: Catalogue,
    *,
    is_answered: bool,
) -> Held:
    """Return what is held of the indicators that a question names, or else of its other words that narrow.

    Of a question that is answered, these are only the countries that have another year.
    """
    named, others = [*question.indicators], question.other_indicators(catalogue)
    if not (named or any("area" not in one.codes for one in question.narrowing())):
        return Held()
    kinds = [*dict.fromkeys(_find_wider_kinds(question, catalogue))] if named else []
    around = list(dict.fromkeys(one for place in places for one in find_around(place, catalogue)))
    areas = catalogue.codelists["area"]
    countries = sorted((one for one in areas if areas[one].get("position")), key=lambda one: areas[one]["position"])
    listed = [*places, *around] if places else countries
    is_only = is_answered or bool(places)
    rows = await _find_candidates(database, conditions, question, kinds, listed, catalogue, is_only=is_only)

    counts = [row for row in rows if row["statistic"] in (question.statistics or ["count"])] or rows
    is_held, nearest = is_answered or bool(_first(rows, named, places)), dict[Lacking, Row | None]()
    nearest["unit"] = _first(rows, others, places) if others else None
    nearest["detail"] = _first(counts, named, places, is_exact=False)
    nearest["kind"] = _first_of(_first(counts, [*named, *others], places, kind) for kind in kinds)
    nearest["place"] = _first_of(_first(counts, named, [one]) for one in around)
    nearest["year"] = _first(counts, named, places, is_year=False)
    nearest["place and year"] = _first_of(_first(counts, named, [one], is_year=False) for one in around)
    lacking = [one for one in countries if not _first(rows, named, [one])] if is_held and not places else []
    other_years = [*filter(None, (_first(rows, named, [one], is_year=False) for one in lacking))]
    found = {lacks: row for lacks, row in nearest.items() if row and not is_held}
    ids = [row["id"] for row in (*found.values(), *other_years)]
    figures = await find_figures(database, conditions.values["release"], ids, TABLE_COLUMNS)
    full = {row["id"]: row for row in figures}
    near = {lacks: full[row["id"]] for lacks, row in found.items()}
    return Held(not is_held, near, [full[row["id"]] for row in other_years])


async def _find_candidates(
    database: Database,
    conditions: Conditions,
    question: Question,
    kinds: Sequence[str],
    listed: Sequence[str],
    catalogue: Catalogue,
    *,
    is_only: bool,
) -> list[Row]:
    """Return the first figures of the subject of a question, for each way in which they differ from what it asks.

    Those of places that are not `listed` stand for each other, or `is_only` leaves them out.
    """
    values, about = Values(), [one for one in question.narrowing() if "area" not in one.codes]
    is_kind, is_year, is_exact = (
        write_terms(some, values) or "true" for some in (question.kinds(), question.years, question.details())
    )
    indicators = [*question.indicators, *question.other_indicators(catalogue)]
    is_listed = f"area = ANY({bind([*listed], values)})"
    where = f"indicator = ANY({bind(indicators, values)})" if indicators else write_terms(about, values)
    where += f" AND ({is_kind} OR subcategory IS NULL AND category = ANY({bind([*kinds], values)}))"
    where += f" AND {is_listed}" if is_only else ""
    found, order = conditions.asking(question, catalogue, where, values), write_order(question, catalogue)
    columns = f"""id, indicator, CASE WHEN {is_listed} THEN area END AS place_of, category, statistic,
        ({is_kind}) AS is_kind, ({is_year}) AS is_year, ({is_exact}) AS is_exact"""
    keys = "indicator, place_of, category, statistic, is_kind, is_year, is_exact"
    ranked = order.number(found.select(columns, joins=order.joins))
    statement = f"SELECT * FROM (SELECT DISTINCT ON ({keys}) * FROM ({ranked}) ORDER BY {keys}, nth) ORDER BY nth"  # noqa: S608
    return await database.rows(statement, found.values | order.values)


def _first(
    rows: Iterable[Row],
    indicators: Collection[str],
    areas: Collection[str],
    kind: str = "",
    *,
    is_year: bool = True,
    is_exact: bool = True,
) -> Row | None:
    """Return the first figure of some indicators and places, or of any, that has the kind, the year and the details."""
    for row in rows:
        is_about = (row["indicator"] in indicators or not indicators) and (row["place_of"] in areas or not areas)
        has_kind = row["category"] == kind if kind else row["is_kind"]
        if is_about and has_kind and (row["is_year"], row["is_exact"]) == (is_year, is_exact):
            return row
    return None


def _first_of(rows: Iterable[Row | None]) -> Row | None:
    return next(filter(None, rows), None)


def _find_wider_kinds(question: Question, catalogue: Catalogue) -> Iterator[str]:
    """Yield the kinds that include those of a question, the narrowest first, and last what is of all kinds."""
    codes, asked = catalogue.codelists["category"], question.codes("category")
    yield from (code for term in question.terms for code in term.wider.get("category", ()))  # use of force, of taser
    for code in asked:
        while broader := codes.get(code, {}).get("broader"):
            yield (code := str(broader))
    yield from OF_ALL_KINDS if asked else ()


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
