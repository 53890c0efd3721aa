"""Find the nearest that is held if what a question asks is not: what lacks only one of the things that it asks."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from misconduct.db.engine import Tables
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.places import find_around, list_nations
from misconduct.model.side_by_side import OF_ALL_KINDS
from misconduct.queries.filters import Conditions
from misconduct.queries.order import write_order
from misconduct.queries.question import Question, Term
from misconduct.queries.terms import Values, bind, write_number, write_term, write_terms

Lacking = Literal[
    "detail", "unit", "kind", "place", "year", "unit and year", "place and year"
]


Nearest = Mapping[Lacking, str]
"""The ids of the first figures that lack one thing that a question asks, by what they lack.

Those that lack a detail are not known to be about it. Those that lack the unit count the same matter otherwise, those
that lack the place are of one that includes it, and those that lack the kind are of a wider one. No share stands in for
a number if there are numbers.
"""


async def find_nearest_held(
    tables: Tables,
    conditions: Conditions,
    question: Question,
    places: Sequence[str],
    catalogue: Catalogue,
) -> Nearest | None:
    """Return what is nearest to the indicators that a question names, or else to its other words that narrow.

    It is None if the very thing is held, or if the question names no subject.
    """
    named, others = [*question.indicators], question.other_indicators(catalogue)
    if not (named or question.subject()):
        return None
    kinds = [*dict.fromkeys(_find_wider_kinds(question, catalogue))] if named else []
    around = list(
        dict.fromkeys(one for place in places for one in find_around(place, catalogue))
    )
    rows = await _find_candidates(
        tables, conditions, question, kinds, [*places, *around], catalogue
    )
    if _first(rows, named, places):
        return None
    counts = [
        row for row in rows if row["statistic"] in (question.statistics or ["count"])
    ] or rows
    nearest: dict[Lacking, Row | None] = {
        "unit": _first(counts, others, places) if others else None,
        "detail": _first(counts, named, places, is_exact=False),
        "kind": _first_of(
            _first(counts, [*named, *others], places, kind) for kind in kinds
        ),
        "place": _first_of(_first(counts, named, [one]) for one in around),
        "year": _first(counts, named, places, is_year=False),
        "unit and year": _first(counts, others, places, is_year=False)
        if others
        else None,
        "place and year": _first_of(
            _first(counts, named, [one], is_year=False) for one in around
        ),
    }
    return {lacks: row["id"] for lacks, row in nearest.items() if row}


async def find_other_years(
    tables: Tables, conditions: Conditions, question: Question, catalogue: Catalogue
) -> list[str]:
    """Return of each country that holds what a question asks, but not for its year, the id of the newest figure."""
    if not (question.indicators or question.subject()):
        return []
    countries = list_nations(catalogue)
    rows = await _find_candidates(
        tables, conditions, question, (), countries, catalogue
    )
    lacking = [one for one in countries if not _first(rows, question.indicators, [one])]
    newest = (
        _first(rows, question.indicators, [one], is_year=False) for one in lacking
    )
    return [row["id"] for row in newest if row]


async def _find_candidates(
    tables: Tables,
    conditions: Conditions,
    question: Question,
    kinds: Sequence[str],
    places: Sequence[str],
    catalogue: Catalogue,
) -> list[Row]:
    """Return the first figures of the subject of a question, for each way in which they differ from what it asks.

    They are of some places; without any, the figures of all places stand for each other.
    """
    values = Values()
    is_kind, is_year, is_exact = (
        write_terms(some, values)
        for some in (question.kinds(), question.years, question.details())
    )
    indicators = [*question.indicators, *question.other_indicators(catalogue)]
    where = (
        f"indicator = ANY({bind(indicators, values)})"
        if indicators
        else write_terms(question.subject(), values)
    )
    where += f" AND ({is_kind} OR subcategory IS NULL AND category = ANY({bind([*kinds], values)}))"
    where += f" AND area = ANY({bind([*places], values)})" if places else ""
    found, order = (
        conditions.about(question, catalogue, where, values),
        write_order(question, catalogue),
    )
    columns = f"""id, indicator, {"area" if places else "NULL"} AS place_of, category, statistic,
        ({is_kind}) AS is_kind, ({is_year}) AS is_year, ({is_exact}) AS is_exact"""
    keys = "indicator, place_of, category, statistic, is_kind, is_year, is_exact"
    ranked = order.number(found.select_first(columns))
    statement = f"SELECT * FROM (SELECT DISTINCT ON ({keys}) * FROM ({ranked}) ORDER BY {keys}, nth) ORDER BY nth"  # noqa: S608
    return await tables.rows(statement, found.values | order.values)


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
        is_about = (row["indicator"] in indicators or not indicators) and (
            row["place_of"] in areas or not areas
        )
        has_kind = row["category"] == kind if kind else row["is_kind"]
        if (
            is_about
            and has_kind
            and (row["is_year"], row["is_exact"]) == (is_year, is_exact)
        ):
            return row
    return None


def _first_of(rows: Iterable[Row | None]) -> Row | None:
    return next(filter(None, rows), None)


def _find_wider_kinds(question: Question, catalogue: Catalogue) -> Iterator[str]:
    """Yield the kinds that include those of a question, the narrowest first, and last what is of all kinds."""
    asked = question.codes("category")
    yield from (
        code for term in question.terms for code in term.wider.get("category", ())
    )  # use of force, of taser
    for code in asked:
        yield from catalogue.find_above("category", code)
    yield from OF_ALL_KINDS if asked else ()


async def find_obstacles(
    tables: Tables,
    conditions: Conditions,
    question: Question,
    catalogue: Catalogue,
    terms: Sequence[Term],
) -> list[tuple[Term, bool, bool]]:
    """Tell of each of some terms whether a figure has it, and whether one has all that narrows without it."""
    if not terms:
        return []
    exist, values = list[str](), Values()
    number = [write_number(question.number, values)] if question.number else []
    for term in terms:
        others = [
            *(
                write_term(one, values)
                for one in question.narrowing()
                if one is not term
            ),
            *number,
        ]
        for sql in (write_term(term, values), " AND ".join(others) or "false"):
            found = conditions.about(question, catalogue, sql, values)
            exist.append(f"EXISTS ({found.select('')})")
    statement = f"SELECT ARRAY[{', '.join(exist)}] AS exist"
    [row] = await tables.rows(statement, conditions.values | values)
    return [*zip(terms, row["exist"][::2], row["exist"][1::2], strict=True)]
