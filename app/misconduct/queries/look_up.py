"""Answer a question: the figures that have most of its words, as one result for each thing that they count."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import compress
from json import dumps
from typing import NamedTuple

from misconduct.db.engine import Tables
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import TABLE_COLUMNS, Row
from misconduct.model.places import find_country
from misconduct.model.series import find_work
from misconduct.model.warnings import MOST_READ
from misconduct.queries.figures import find_figures
from misconduct.queries.filters import Conditions
from misconduct.queries.order import RESULT_KEYS, write_order
from misconduct.queries.question import Question, Term
from misconduct.queries.terms import bind, write_number, write_term, write_terms

MOST_OF_TABLE = (
    2  # results of one publication on a page of ten, so that it has room for others
)
FACETS = ("area", "measure", "category", "year", "dataset")


class Result(NamedTuple):
    """What is counted: its first figure, for how many years there is one, how many it has in all, and in which places.

    `more` are further results of the same publication that are not listed. `is_part` says that it counts only some of
    what its indicator says.
    """

    row: Row
    years: int
    figures: int
    areas: Sequence[str]
    more: int
    is_part: bool


class Answer(NamedTuple):
    """What a question finds: how many figures and results, and a page of these.

    Of very many figures only the first are read: then `total` is how many there are at least, and `results` are theirs.
    `left_out` are terms that no figure has beside the others. `held` are the indicators of all figures, `areas` their
    places, and `found` the conditions by which they are found.
    """

    total: int
    is_at_least: bool
    results: int
    page: Sequence[Result]
    wholes: Sequence[Row]
    left_out: Sequence[Term]
    held: Collection[str]
    areas: Collection[str]
    found: Conditions

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
    columns = f"id, repeats, source, area, value, {', '.join(RESULT_KEYS)}, {order.is_part} AS is_part"
    ranked = order.number(found.select_first(columns))
    statement = f"""
        WITH ranked AS MATERIALIZED ({ranked})
        SELECT ranked.id, ranked.repeats, ranked.source, ranked.indicator, ranked.is_part, figures, areas
        FROM (SELECT min(nth) AS nth, count(*) AS figures, array_agg(DISTINCT area) AS areas
              FROM ranked GROUP BY {", ".join(keys)}) AS result
        JOIN ranked USING (nth) ORDER BY nth"""  # noqa: S608
    results = await tables.rows(statement, values | order.values)
    listed = _list_results(results, question, catalogue)
    total = sum(one["figures"] for one in results)
    page, wholes = await _complete(tables, listed[offset : offset + limit])
    said = {
        one.words for one in [*question.narrowing(), *kept]
    }  # not re, of re-vetting
    return Answer(
        total=total,
        is_at_least=total == MOST_READ,
        results=len(listed),
        page=page,
        wholes=wholes,
        left_out=[
            one
            for one in question.optional()
            if results and one not in kept and one.words not in said
        ],
        held={one["indicator"] for one in results},
        areas={area for one in results for area in one["areas"]},
        found=found,
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
) -> list[Row]:
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
    listed = list[Row]()
    for one in own:
        work = works[one["source"]]
        is_alone = in_work[work] == len(own)
        if of_work[work] < MOST_OF_TABLE or is_alone:
            is_first = not of_work[work] and not is_alone
            listed.append(
                one | {"more": max(in_work[work] - MOST_OF_TABLE, 0) if is_first else 0}
            )
        of_work[work] += 1
    return listed


def _find_work(identity: str, catalogue: Catalogue) -> str:
    """Return the publication of a document: of a page that was typed, all pages of its publisher."""
    source = catalogue.of_kind("source")[identity]
    return str(
        (source.get("read") and source.get("publisher")) or find_work(identity, source)
    )


async def _complete(
    tables: Tables, page: Sequence[Row]
) -> tuple[list[Result], list[Row]]:
    """Return results with their figures, and the figures that include those of results."""
    columns = ", ".join(f"figure.{name}" for name in TABLE_COLUMNS)
    statement = f"""
        SELECT {columns}, (SELECT count(DISTINCT year) FROM $release.observations AS other
                           WHERE other.series = figure.series) AS years
        FROM $release.observations AS figure WHERE id = ANY(%(ids)s)"""  # noqa: S608
    values = {"ids": [one["id"] for one in page]}
    rows = {
        row["id"]: row for row in (await tables.rows(statement, values) if page else [])
    }
    found = [
        Result(
            row,
            row["years"],
            one["figures"],
            sorted(one["areas"]),
            one["more"],
            one["is_part"],
        )
        for row, one in ((rows[one["id"]], one) for one in page)
    ]
    wholes = [one for row in rows.values() for one in row["part_of"]]
    return found, await find_figures(tables, wholes, TABLE_COLUMNS) if wholes else []


async def find_options(
    tables: Tables, answer: Answer, catalogue: Catalogue
) -> Mapping[str, Sequence[tuple[str, str, int]]]:
    """Return by filter the codes that narrow an answer, with labels and figures, those with most figures first."""
    columns = ", ".join(FACETS[:-1])
    statement = f"""
        WITH found AS MATERIALIZED ({answer.found.select_first(f"{columns}, datasets")})
        SELECT {columns}, NULL AS dataset, count(*) AS figures FROM found
        GROUP BY GROUPING SETS ({", ".join(f"({name})" for name in FACETS[:-1])})
        UNION ALL
        SELECT {", ".join(["NULL"] * len(FACETS[:-1]))}, dataset, count(*) FROM found, unnest(datasets) AS dataset
        GROUP BY dataset"""  # noqa: S608
    datasets, found = (
        catalogue.of_kind("dataset"),
        defaultdict[str, list[tuple[str, str, int]]](list),
    )
    for row in await tables.rows(statement, answer.found.values):
        for name, code in ((name, row[name]) for name in FACETS if row[name]):
            title = (
                datasets[code]["title"]
                if name == "dataset"
                else catalogue.label(name, code)
            )
            found[name].append((code, title, row["figures"]))
    return {
        name: sorted(
            found[name],
            key=lambda one: (one[0],) if name == "year" else (one[2], one[0]),
            reverse=True,
        )
        for name in FACETS
        if len(found[name]) > 1
    }
