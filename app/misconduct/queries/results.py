"""Answer a question: the figures that have most of its words, as one result for each thing that they count."""

from collections.abc import Collection, Sequence
from json import dumps
from typing import NamedTuple

from misconduct.db.engine import Tables
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.places import find_country
from misconduct.model.warnings import MOST_READ
from misconduct.queries.order import RESULT_KEYS, write_order
from misconduct.queries.question import Question
from misconduct.queries.terms import Found, Values, bind, find_asked


class Result(NamedTuple):
    """What is counted: its first figure, with its indicator and place, and in which places it has figures.

    `is_part` says that the figure counts only some of it.
    """

    id: str
    indicator: str
    area: str
    is_part: bool
    areas: Sequence[str]


class Answer(NamedTuple):
    """What a question finds: how many figures and results, the first of these, and a page of them.

    Of very many figures only the first are read: then `total` is how many there are at least, and `results` are theirs.
    `areas` are the places of all figures, or of those that count what is named.
    """

    total: int = 0
    is_at_least: bool = False
    results: int = 0
    first: Result | None = None
    page: Sequence[Result] = ()
    areas: Collection[str] = ()


class Search(NamedTuple):
    """A question, as it was typed and as it was read, where it is answered, and which page of results is wanted."""

    tables: Tables
    q: str
    question: Question
    catalogue: Catalogue
    limit: int
    offset: int = 0


async def find_answer(search: Search, asked: Question, kept: Question) -> Answer:
    """Return the figures that have what is `kept` of a question, in its order, one for each thing that they count."""
    found = find_asked(kept.required())
    statement, values = _write_results(found, asked, search.catalogue)
    results = await search.tables.rows(statement, values)
    listed = _list_results(results, asked)
    total = sum(row["figures"] for row in results)
    of_asked = [row for row in results if row["indicator"] in asked.indicators]
    areas = {area for row in of_asked or results for area in row["areas"]}
    return Answer(
        total=total,
        is_at_least=total == MOST_READ,
        results=len(listed),
        first=listed[0] if listed else None,
        page=listed[search.offset : search.offset + search.limit],
        areas=areas,
    )


async def find_ids(search: Search, asked: Question, kept: Question) -> list[str]:
    """Return the figures of an answer, each of them, in its order: at most those that are read."""
    found = find_asked(kept.required())
    order = write_order(asked, search.catalogue)
    ranked = order.number(found.select_first("id"))
    statement = f"SELECT id FROM ({ranked}) AS ranked ORDER BY nth"  # noqa: S608
    rows = await search.tables.rows(statement, found.values | order.values)
    return [row["id"] for row in rows]


def _write_results(
    found: Found, question: Question, catalogue: Catalogue
) -> tuple[str, Values]:
    """Return the statement for the first figure of each thing that is counted, and its values."""
    order, values = write_order(question, catalogue), dict(found.values)
    countries = {
        area: find_country(area, catalogue) for area in catalogue.codelists["area"]
    }
    country = f"{bind(dumps(countries), values)}::jsonb -> area"
    # Each of several places has a result.
    keys = ["area" if question.beside else country, *RESULT_KEYS]
    keys += ["value"] if question.number else []
    # So has each year of several: 2005 to 2008.
    keys += ["period_end"] if any(one.kind == "years" for one in question.years) else []
    columns = f"id, repeats, area, value, period_end, {', '.join(RESULT_KEYS)}"
    columns += f", {order.is_part} AS is_part"
    ranked = order.number(found.select_first(columns))
    statement = f"""
        WITH ranked AS MATERIALIZED ({ranked})
        SELECT ranked.id, ranked.repeats, ranked.indicator, ranked.area,
            is_part, figures, areas
        FROM (SELECT min(nth) AS nth, count(*) AS figures, array_agg(area) AS areas
              FROM ranked GROUP BY {", ".join(keys)}) AS result
        JOIN ranked USING (nth) ORDER BY nth"""  # noqa: S608
    return statement, values | order.values


def _list_results(results: Sequence[Row], question: Question) -> list[Result]:
    """Return the results that are listed: what repeats the first figure of another only if its number is asked for."""
    ids = {row["id"] for row in results}
    own = [row for row in results if question.number or row["repeats"] not in ids]
    return [
        Result(
            row["id"],
            row["indicator"],
            row["area"],
            row["is_part"],
            sorted({*row["areas"]}),
        )
        for row in own
    ]
