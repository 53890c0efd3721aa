"""Answer a question with series: those that have most of its words, folded by place, each with its newest figure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import compress
from typing import NamedTuple

from misconduct.db.engine import Database
from misconduct.db.tables import HOLDS
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import PROSE, TABLE_COLUMNS, Row
from misconduct.model.places import choose_known, find_around
from misconduct.model.search_texts import READ_AS
from misconduct.model.series import find_work
from misconduct.queries.figures import count
from misconduct.queries.filters import Conditions
from misconduct.queries.question import Question, Term, read_question
from misconduct.queries.search import read_search

MOST_OF_TABLE = 2  # results of one table on a page of ten, so that it has room for others
NATIONS = ("gb_eaw", "gb_eng", "gb_wls", "gb_sct", "gb_nir")  # parts of a country that come first as countries do
RANKED = (*READ_AS, "vetting_result", "population")
"""Columns with whose codes a figure comes before those with the words only."""
EVERYBODY = ("officers", "officers_and_staff")  # whom most figures are about
FACETS = ("area", "measure", "category", "year", "dataset")

_IS_PROSE = f"read_from IN {PROSE}"
_SAME = "work, measure, category, population, counting_unit, statistic, unit, per, stated_by"
_AT_ONE_TIME = "coalesce(stock_or_flow = 'stock' AND coverage <> 'window', false)"
_FITTING = "number DESC, codes DESC, dated DESC, is_part"
_BEST, _LATEST = "of_kind DESC, first DESC, said DESC, is_repeat", "recency DESC, place"
_STATEMENT = """
    WITH asked AS MATERIALIZED (
        SELECT id, repeats, series, source, area, year, value, place, period, period_end, recency, coverage, read_from,
            disagreements, datasets, part_of, counted, {same}, concat_ws('', {kept}) AS kept,
            CASE WHEN {number} THEN 1 + {alike} ELSE 0 END AS number, {codes} AS codes, {dated} AS dated,
            {first} AS is_first, depth, {is_prose} AS is_prose,
            CASE WHEN {number} THEN value END AS typed, repeats IS NOT NULL AS is_repeat,
            fit = 'narrower' AND NOT {number} AS is_narrower
        FROM {figures}
        JOIN unnest(%(sources)s::text[], %(works)s::text[]) AS known (source, work) USING (source)
        LEFT JOIN unnest(%(areas)s::text[], %(depths)s::int[]) AS inside (area, depth) USING (area)
        WHERE {where}),
    best AS (
        SELECT kept FROM asked GROUP BY kept
        ORDER BY length(replace(kept, '0', '')) DESC, kept COLLATE "C" DESC LIMIT 1),
    found AS MATERIALIZED (
        SELECT *, hashtextextended(concat_ws(' | ', {same}), 0) AS same FROM asked WHERE kept = (TABLE best)),
    places AS MATERIALIZED (
        SELECT same, period FROM found WHERE is_prose GROUP BY same, period
        HAVING count(DISTINCT area) > 1 AND count(DISTINCT area) = count(*)),
    folded AS MATERIALIZED (
        SELECT found.*, hashtextextended(concat_ws(' | ', typed, CASE
            WHEN NOT is_prose THEN concat_ws(' | ', found.same, counted)
            WHEN places.same IS NOT NULL THEN concat_ws(' | ', found.same, found.period)
            ELSE coalesce(series, id) END), 0) AS fold
        FROM found LEFT JOIN places ON is_prose AND (places.same, places.period) = (found.same, found.period)),
    sizes AS MATERIALIZED (
        SELECT fold, count(*) AS figures, array_agg(DISTINCT area) AS areas, max(is_first) AS first
        FROM folded GROUP BY fold),
    newest AS MATERIALIZED (
        SELECT DISTINCT ON (fold) fold, id, number, codes, dated, depth, recency, place, work, is_prose,
            is_repeat, is_narrower, repeats, area, measure, category, CASE WHEN statistic = 'count' THEN value END AS n
        FROM folded
        ORDER BY fold, number DESC, dated DESC, year IS NULL, value IS NULL, depth, recency DESC, place),
    said AS MATERIALIZED (
        SELECT id, {of_kind} AS of_kind, {said} AS said, {said_each} AS said_each, {around} AS around
        FROM {figures} WHERE {holds} AND id IN (SELECT id FROM newest)),
    listed AS (
        SELECT *, row_number() OVER (PARTITION BY table_of ORDER BY {best}, {rest}) AS nth,
            row_number() OVER (PARTITION BY area ORDER BY {best}, {rest}) AS of_place,
            CASE WHEN table_of IS NOT NULL THEN count(*) OVER (PARTITION BY table_of) END AS of_table,
            count(table_of) OVER () = count(*) OVER ()
                AND min(table_of) OVER () = max(table_of) OVER () AS is_only
        FROM (SELECT *, CASE WHEN NOT is_prose THEN work END AS table_of,
                is_narrower AND (n IS NULL OR n <= coalesce(max(n) FILTER (WHERE NOT is_narrower) OVER alike, -1))
                    AND said <= coalesce(max(said) FILTER (WHERE NOT is_narrower AND n > 0) OVER alike, -1) AS is_part
            FROM newest JOIN sizes USING (fold) JOIN said USING (id)
            WHERE number > 0 OR repeats IS NULL OR repeats NOT IN (SELECT id FROM newest)
            WINDOW alike AS (PARTITION BY area, measure, category, codes, dated))),
    shown AS (
        SELECT *, row_number() OVER (ORDER BY {best}, of_place, {rest}) AS position FROM listed
        WHERE is_only OR table_of IS NULL OR nth <= {most_of_table})
    SELECT (SELECT count(*) FROM found) AS total, (SELECT count(*) FROM shown) AS results,
        (SELECT kept FROM best) AS kept,
        (SELECT id FROM found WHERE period_end IS NOT NULL AND value IS NOT NULL
            ORDER BY coverage = 'window', recency DESC, place LIMIT 1) AS newest,
        (SELECT array_agg(is_said ORDER BY nth) FROM (
            SELECT each.nth, bool_and(one) AS is_said
            FROM listed, unnest(said_each) WITH ORDINALITY AS each (one, nth) GROUP BY each.nth)) AS is_said,
        (SELECT jsonb_agg(jsonb_build_array(name, code, figures)) FROM (
            SELECT CASE grouping(area, measure, category, year)
                    WHEN 7 THEN 'area' WHEN 11 THEN 'measure' WHEN 13 THEN 'category' ELSE 'year' END AS name,
                coalesce(area, measure, category, year) AS code, count(*) AS figures
            FROM found GROUP BY GROUPING SETS (area, measure, category, year)
            UNION ALL
            SELECT 'dataset', dataset, count(*) FROM found, unnest(datasets) AS dataset GROUP BY dataset)
            WHERE code IS NOT NULL) AS facets,
        (SELECT jsonb_agg(jsonb_build_object('id', id, 'figures', figures, 'areas', areas,
                'around', around, 'more', CASE WHEN nth = 1 AND NOT is_only AND of_table > {most_of_table}
                    THEN of_table - 1 ELSE 0 END) ORDER BY position)
            FROM shown
            WHERE position > %(offset)s AND position <= %(offset)s + %(limit)s) AS page"""


class Result(NamedTuple):
    """A series, or a single figure: its newest figure, those of its years, and where else the same was counted.

    `around` are words that only stand around that figure, such as in the title of its document.
    """

    row: Row
    years: Sequence[Row]
    figures: int
    areas: Sequence[str]
    around: Sequence[str]
    more: int


class Answer(NamedTuple):
    """What a question finds: how many figures and results, a page of these, and how many figures each code has.

    `left_out` are terms that no figure has beside the others; `read_as` are those that a source does not say itself.
    `newest` is the newest of all figures: a span of several years, such as 2014 to 2024, only if there is nothing else.
    """

    total: int
    results: int
    page: Sequence[Result]
    newest: Row | None
    wholes: Sequence[Row]
    left_out: Sequence[Term]
    read_as: Sequence[Term]
    facets: Mapping[str, Mapping[str, int]]

    def options(self, catalogue: Catalogue) -> dict[str, list[tuple[str, str, int]]]:
        """Return by filter the codes that narrow the answer, with labels and figures, those with most figures first."""
        datasets, found = catalogue.of_kind("dataset"), {}
        for name, codes in self.facets.items():
            titles = {code: datasets[code]["title"] for code in codes if code in datasets} if name == "dataset" else {}
            named = [(code, titles.get(code, catalogue.label(name, code)), number) for code, number in codes.items()]
            if len(named) > 1:
                found[name] = sorted(named, key=lambda one: one[0 if name == "year" else 2], reverse=True)
        return found


async def find_answer(
    database: Database,
    conditions: Conditions,
    question: Question,
    catalogue: Catalogue,
    limit: int,
    offset: int = 0,
) -> Answer:
    """Return the figures with all terms that narrow and most of the others, the best first.

    A table has at most `MOST_OF_TABLE` results, unless it is the only one.
    """
    coded, statement = _find_coded(question), _write(conditions, question)
    sources = catalogue.of_kind("source")
    areas = catalogue.codelists["area"]
    values = {
        **conditions.values,
        **question.values,
        "corrected": [*catalogue.corrections],
        "sources": [*sources],
        "works": [find_work(one, source) for one, source in sources.items()],
        "areas": [*areas],
        "depths": [_find_depth(one, catalogue) for one in areas],
        "offset": offset,
        "limit": limit,
    }
    [row] = await database.rows(statement, values)
    kept, said = row["kept"] or "", row["is_said"] or []
    left_out = [one for one, is_kept in zip(question.optional(), kept, strict=False) if is_kept == "0"]
    words = [one.words for one in question.terms]
    page, newest, wholes = await _complete(database, conditions, row["page"] or [], row["newest"], words)
    facets: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    for name, code, figures in sorted(row["facets"] or []):
        facets[name][code] = figures
    return Answer(
        row["total"],
        row["results"],
        page,
        newest,
        wholes,
        left_out,
        [one for one, is_said in zip(coded, said, strict=False) if not is_said and one not in left_out],
        facets,
    )


def _write(conditions: Conditions, question: Question) -> str:
    optional, coded = question.optional(), _find_coded(question)
    where = [conditions.where(), *(one.sql for one in question.narrowing()), *filter(None, [question.number])]
    if not question.narrowing() and not question.number:
        words = [one for one in optional if not one.is_year] or optional  # a year alone would be about anything
        where.append(f"({' OR '.join(one.sql for one in words) or 'false'})")
    named = [(name, term.codes.get(name, ())) for term in question.terms for name in RANKED]
    columns = [(name, codes) for name, codes in named if not {*codes} <= {*EVERYBODY}]
    if question.is_about_size:
        columns.append(("measure", ["employed"]))
    codes = [f"coalesce({name} = ANY({question.add('codes', [*several])}), false)" for name, several in columns]
    is_first, is_differing = _IS_PROSE, "(disagreements <> '{}' OR id = ANY(%(corrected)s))"
    kinds = [one for one in question.terms if "category" in one.codes]
    return _STATEMENT.format(
        figures=conditions.table(),
        holds=HOLDS,
        where=" AND ".join(where),
        kept=", ".join(f"({one.sql})::int" for one in optional) or "''",
        around=f"ARRAY[{', '.join(_is_around(one) for one in question.terms)}]::bool[]",
        said_each=f"ARRAY[{', '.join(one.is_said for one in coded)}]::bool[]",
        number=question.number or "false",
        alike=question.alike,
        codes=_add(codes),
        dated=_add([*(one.is_said for one in optional if one.is_year), *([_AT_ONE_TIME] if question.is_now else [])]),
        first=f"4 * ({is_first})::int + 2 * (repeats IS NULL)::int + {is_differing}::int"
        if question.number
        else f"({is_first} OR {is_differing})::int",
        of_kind=_add(sql for one in kinds for sql in one.each),
        said=_add(sql for one in question.terms for sql in one.each),
        is_prose=_IS_PROSE,
        same=_SAME,
        best=_FITTING if question.newest or question.is_ranking else f"{_FITTING}, {_BEST}, depth",
        rest=f"{_LATEST}, depth, {_BEST}",
        most_of_table=MOST_OF_TABLE,
    )


def _find_depth(area: str, catalogue: Catalogue) -> int:
    return 0 if area in NATIONS else len(find_around(area, catalogue))


def _find_coded(question: Question) -> list[Term]:
    """Return the terms of which an answer tells if a figure has only a code that they stand for."""
    coded = [one for one in question.terms if one.each and one.is_said != "true"]
    return [one for one in coded if not one.wider and "population" not in one.codes]


def _is_around(term: Term) -> str:
    """Return in SQL that a term is not in a figure itself, but only around it."""
    return "false" if term.is_of_figure == "true" else f"{term.sql} AND NOT {term.is_of_figure}"


def _add(conditions: Iterable[str]) -> str:
    return " + ".join(f"({one})::int" for one in conditions) or "0"


async def _complete(
    database: Database, conditions: Conditions, page: Sequence[Row], newest: str | None, words: Sequence[str]
) -> tuple[list[Result], Row | None, list[Row]]:
    """Return results with their figures, the newest figure, and the figures that include those of results."""
    columns = ", ".join(f"figure.{name}" for name in TABLE_COLUMNS)
    statement = f"""
        WITH shown AS (SELECT * FROM observations WHERE {HOLDS} AND id = ANY(%(ids)s))
        SELECT {columns} FROM observations AS figure WHERE {HOLDS} AND (id = ANY(%(ids)s)
            OR id = %(newest)s OR id IN (SELECT unnest(part_of) FROM shown) OR series IN (SELECT series FROM shown))
        ORDER BY place"""  # noqa: S608
    values = {"release": conditions.values["release"], "ids": [one["id"] for one in page], "newest": newest}
    rows = {row["id"]: row for row in (await database.rows(statement, values) if page else [])}
    of_series = defaultdict[str, list[Row]](list)
    for row in rows.values():
        if row["year"] and row["series"]:
            of_series[row["series"]].append(row)
    found = [
        Result(
            row,
            of_series[row["series"]],
            one["figures"],
            sorted(one["areas"]),
            [*compress(words, one["around"])],
            one["more"],
        )
        for row, one in ((rows[one["id"]], one) for one in page)
    ]
    wholes = [rows[one] for result in found for one in result.row["part_of"] if one in rows]
    return found, rows.get(newest or ""), wholes


class Wider(NamedTuple):
    """What a place that includes another one holds for the same question, which `text` asks of it.

    `has_place` tells whether a figure is about the place itself, and `has_more` whether it has fewer words left out.
    """

    place: str
    around: str
    text: str
    row: Row
    has_place: bool
    has_more: bool


async def find_wider(
    database: Database, conditions: Conditions, question: Question, catalogue: Catalogue, answer: Answer
) -> list[Wider]:
    """Return for the places of a question the smallest places around them that hold as much of what is asked."""
    found, held = dict[str, Wider](), answer.facets["area"]
    left_out = len(answer.left_out if answer.total else question.optional())
    for place in dict.fromkeys(question.codes("area")):
        for around in find_around(place, catalogue):
            asked = question.about(place, around, catalogue.label("area", around))
            other = await find_answer(database, conditions, asked, catalogue, limit=1)
            if other.page and not other.page[0].around and len(other.left_out) <= left_out:
                has_place = choose_known(place, held, catalogue) in held
                text, row = asked.without(other.left_out), other.page[0].row
                more = Wider(place, around, text, row, has_place, len(other.left_out) < left_out)
                found.setdefault(around, more)
                break
    return [*found.values()]


async def find_other_years(
    database: Database, conditions: Conditions, question: Question, catalogue: Catalogue, answer: Answer
) -> list[Row]:
    """Return of each country that has what comes first in an answer, but not for the year that is asked, the newest."""
    terms = [one for one in question.terms if one not in answer.left_out]
    years, others = ([one.sql for one in terms if one.is_year is is_year] for is_year in (True, False))
    if not (years and others and answer.page):
        return []
    countries = [one for one in catalogue.codelists["area"] if one in NATIONS or len(one) == len("gb")]
    of_countries = (
        "area = ANY(%(countries)s) AND measure = %(measure)s AND period_end IS NOT NULL AND value IS NOT NULL"
    )
    statement = f"""SELECT DISTINCT ON (area) * FROM (
            SELECT *, bool_or({" AND ".join(years)}) OVER (PARTITION BY area) AS has_year FROM {conditions.table()}
            WHERE {" AND ".join([conditions.where(), *others, of_countries])})
        WHERE NOT has_year ORDER BY area, coverage = 'window', recency DESC, place"""  # noqa: S608
    asked = {"countries": countries, "measure": answer.page[0].row["measure"]}
    rows = await database.rows(statement, {**conditions.values, **question.values, **asked})
    return sorted(rows, key=lambda row: countries.index(row["area"]))


async def find_shorter(database: Database, conditions: Conditions, catalogue: Catalogue) -> tuple[str, int] | None:
    """Return the best shorter question for one that finds nothing, and how many figures a list finds for it."""
    question, others = read_question(conditions.values["q"], catalogue), conditions.leaving_out("q")
    answer = await find_answer(database, others, question, catalogue, limit=1)
    if not answer.total:
        obstacles = await find_obstacles(database, others, question, question.narrowing())
        first = next((term for term, _, figures in obstacles if figures and obstacles[1:]), None)
        question.terms = [term for term in question.terms if term is not first]
        answer = await find_answer(database, others, question, catalogue, limit=1) if first else answer
    left_out = answer.left_out
    for also in ([], [one for one in question.terms if one.is_year]):
        text = question.without([*left_out, *also])
        sql, _, values = read_search(text, catalogue)
        found = replace(others, sql={**others.sql, "q": sql}, values={**others.values, **values})
        if text and (figures := await count(database, found)):
            return text, figures
    return None


async def find_obstacles(
    database: Database, conditions: Conditions, question: Question, terms: Sequence[Term]
) -> list[tuple[Term, int, int]]:
    """Return for each of some terms how many figures have it, and how many have all that narrows without it."""
    if not terms:
        return []
    counts = list[str]()
    for term in terms:
        others = [*(one.sql for one in question.narrowing() if one is not term), question.number]
        both = (term.sql, " AND ".join(filter(None, others)) or "false")
        counts += (f"count(*) FILTER (WHERE {sql})" for sql in both)
    statement = f"SELECT ARRAY[{', '.join(counts)}] AS n FROM {conditions.table()} WHERE {conditions.where()}"  # noqa: S608
    [row] = await database.rows(statement, {**conditions.values, **question.values})
    return [*zip(terms, row["n"][::2], row["n"][1::2], strict=True)]
