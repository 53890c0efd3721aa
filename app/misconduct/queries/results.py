"""Answer a question: the figures that have most of its words, as one result for each thing that they count."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import compress
from json import dumps
from typing import NamedTuple

from misconduct.db.engine import Tables
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.places import find_country
from misconduct.model.series import find_work
from misconduct.model.warnings import MOST_READ
from misconduct.queries.filters import Conditions
from misconduct.queries.order import RESULT_KEYS, write_order
from misconduct.queries.question import Question, Term
from misconduct.queries.terms import bind, write_number, write_term, write_terms

MOST_OF_TABLE = (
    2  # results of one publication on a page of ten, so that it has room for others
)


class Result(NamedTuple):
    """What is counted: its first figure, with its indicator and place, and in which places it has figures.

    `more` are further results of the same publication that are not listed.
    """

    id: str
    indicator: str
    area: str
    source: str
    areas: Sequence[str]
    more: int


class Answer(NamedTuple):
    """What a question finds: how many figures and results, and a page of these.

    Of very many figures only the first are read: then `total` is how many there are at least, and `results` are theirs.
    `left_out` are terms that no figure has beside the others. `areas` are the places of all figures.
    """

    total: int
    is_at_least: bool
    results: int
    page: Sequence[Result]
    left_out: Sequence[Term]
    areas: Collection[str]

    def without_results(self) -> "Answer":
        return self._replace(total=0, is_at_least=False, results=0, page=())


async def find_answer(
    tables: Tables,
    conditions: Conditions,
    question: Question,
    catalogue: Catalogue,
    limit: int,
    offset: int = 0,
) -> Answer:
    """Return the figures with all terms that narrow and most of the others, in the order of a list.

    A publication has at most `MOST_OF_TABLE` results, unless it is the only one.
    """
    kept = await _choose_kept(tables, conditions, question, catalogue)
    found = conditions.asking(question.keep([*question.narrowing(), *kept]), catalogue)
    order, values = write_order(question, catalogue), dict(found.values)
    countries = {
        area: find_country(area, catalogue) for area in catalogue.codelists["area"]
    }
    country = f"{bind(dumps(countries), values)}::jsonb -> area"
    keys = [
        "area" if question.beside else country,
        *RESULT_KEYS,
    ]  # each of several places has a result
    keys += ["value"] if question.number else []
    columns = f"id, repeats, source, area, value, {', '.join(RESULT_KEYS)}"
    ranked = order.number(found.select_first(columns))
    statement = f"""
        WITH ranked AS MATERIALIZED ({ranked})
        SELECT ranked.id, ranked.repeats, ranked.source, ranked.indicator, ranked.area, figures, areas
        FROM (SELECT min(nth) AS nth, count(*) AS figures, array_agg(DISTINCT area) AS areas
              FROM ranked GROUP BY {", ".join(keys)}) AS result
        JOIN ranked USING (nth) ORDER BY nth"""  # noqa: S608
    results = await tables.rows(statement, values | order.values)
    listed = _list_results(results, question, catalogue)
    total = sum(one["figures"] for one in results)
    said = {
        one.words for one in [*question.narrowing(), *kept]
    }  # not re, of re-vetting
    return Answer(
        total=total,
        is_at_least=total == MOST_READ,
        results=len(listed),
        page=listed[offset : offset + limit],
        left_out=[
            one
            for one in question.optional()
            if results and one not in kept and one.words not in said
        ],
        areas={area for one in results for area in one["areas"]},
    )


async def _choose_kept(
    tables: Tables, conditions: Conditions, question: Question, catalogue: Catalogue
) -> list[Term]:
    """Return all optional terms if a figure has them; else those of which figures have most, a year before words.

    All are those of a figure that counts what the question names, however it counts. Else figures of an indicator that
    the question names come before those that have more of its words, and so does a number of all that it counts: no
    word of a part only may hide it.
    """
    if not (optional := question.optional()):
        return []
    values = dict(conditions.values)
    where = [write_term(one, values) for one in question.narrowing()]
    where += [write_number(question.number, values)] if question.number else []
    if not where:
        words = [
            one for one in optional if not one.is_year
        ] or optional  # a year alone would be about anything
        where = [
            f"({' OR '.join(write_term(one, values) for one in words) or 'false'})"
        ]
    has = ", ".join(f"coalesce({write_term(one, values)}, false)" for one in optional)
    named = [*question.indicators]
    alike = [*named, *(question.other_indicators(catalogue) if named else ())]
    is_named = f"coalesce(indicator = ANY({bind(named, values)}), false)"
    found = conditions.about(question, catalogue, " AND ".join(where), values)
    if await _have_all(tables, found, optional, alike):
        return optional
    order = write_order(question, catalogue)
    tells = f"""bool_or({is_named}) AS is_named,
        bool_or({is_named} AND NOT {order.is_part}) AS is_whole"""
    statement = (
        f"{found.select_first(f'ARRAY[{has}]::bool[] AS has, {tells}')} GROUP BY has"
    )

    def weigh(row: Row) -> tuple[bool, int, bool, int, list[bool]]:
        kept = [*compress(optional, row["has"])]
        years = sum(one.is_year for one in kept)
        return row["is_named"], years, row["is_whole"], len(kept), row["has"]

    rows = await tables.rows(statement, found.values | order.values)
    return [*compress(optional, max(rows, key=weigh)["has"])] if rows else []


async def _have_all(
    tables: Tables,
    conditions: Conditions,
    terms: Sequence[Term],
    indicators: Sequence[str],
) -> bool:
    """Tell whether a figure that is found has all of some terms, and counts one of some indicators, or anything."""
    values = dict(conditions.values)
    where = write_terms(terms, values)
    if indicators:
        where += f" AND indicator = ANY({bind(indicators, values)})"
    statement = f"SELECT EXISTS ({conditions.select('')} AND {where}) AS have_all"
    [row] = await tables.rows(statement, values)
    return bool(row["have_all"])


def _list_results(
    results: Sequence[Row], question: Question, catalogue: Catalogue
) -> list[Result]:
    """Return the results that are listed, each with how many `more` its publication has.

    What repeats the first figure of another result is not listed, unless its number is asked for.
    """
    ids, sources = {one["id"] for one in results}, catalogue.of_kind("source")
    own = [one for one in results if question.number or one["repeats"] not in ids]
    works = {
        one["source"]: _find_work(one["source"], catalogue)
        for one in own
        if one["source"] in sources
    }
    in_work, of_work = Counter(works[one["source"]] for one in own), Counter[str]()
    listed = list[Result]()
    for one in own:
        work = works[one["source"]]
        is_alone = in_work[work] == len(own)
        if of_work[work] < MOST_OF_TABLE or is_alone:
            is_first = not of_work[work] and not is_alone
            more = max(in_work[work] - MOST_OF_TABLE, 0) if is_first else 0
            listed.append(
                Result(
                    one["id"],
                    one["indicator"],
                    one["area"],
                    one["source"],
                    sorted(one["areas"]),
                    more,
                )
            )
        of_work[work] += 1
    return listed


def _find_work(identity: str, catalogue: Catalogue) -> str:
    """Return the publication of a document: of a page that was typed, all pages of its publisher."""
    source = catalogue.of_kind("source")[identity]
    return str(
        (source.get("read") and source.get("publisher")) or find_work(identity, source)
    )
