"""Answer a question: the figures that have most of its words, folded by what they count, the first of each in order.

What comes first is one list of keys, `ORDER`. It is the same for look-up, searches and the pages of places.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from misconduct.db.engine import Database
from misconduct.db.tables import HOLDS
from misconduct.model.catalogue import PEOPLE, Catalogue, Content
from misconduct.model.figure import TABLE_COLUMNS, Row
from misconduct.model.places import choose_known, find_around
from misconduct.model.plain_words import plain_words
from misconduct.model.search_texts import READ_AS
from misconduct.model.series import find_work
from misconduct.queries.figures import RECENT, count, find_first_of_places
from misconduct.queries.filters import Conditions
from misconduct.queries.question import EVERYBODY, SIZE, Question, Term, read_question
from misconduct.queries.search import read_search

MOST_OF_TABLE = 2  # results of one publication on a page of ten, so that it has room for others
OFTEN = 5  # numbers of a place, from which on what they count is held well
RANKED = (*READ_AS, "vetting_result", "population")
"""Columns with whose codes a figure comes before those with the words only."""
FACETS = ("area", "measure", "category", "year", "dataset")

KEYS = ("indicator", "category", "subcategory", "scope", "base", "statistic", "population", "counting_unit", "country")
"""What figures count: those that share it are one result, which stands for all places of a country, and all times."""

_PLACED = "is_nation DESC, country"
OF_FOLD = f"""repeats IS NOT NULL, number DESC, dated DESC, is_place DESC, is_recent DESC, value IS NULL, {_PLACED},
    depth, coverage IN ('window', 'part'), recency DESC, place"""
"""Which figure stands for all that count the same: of whole years and of days before others, the newest."""

ORDER = f"""number DESC, is_of_people DESC, codes DESC, is_statistic DESC, repeats IS NOT NULL, is_now DESC,
    is_place DESC, is_recent DESC, has_scope, is_kind, value IS NULL, headline DESC, is_first_unit DESC,
    statistic <> 'count', position, {_PLACED}, is_often DESC, depth, wholes, recency DESC, place"""
"""What comes first: the number, the people, the words and the kind of number that are asked, no repetition, the place
itself, what ended in the six years before the release, all that is counted before some people, a part or a kind that is
not asked for, a number before none, headlines, the usual unit, counts, the order of indicators, nations in the order of
their list, what is held well, wholes, the newest."""

_AT_ONE_TIME = "coalesce(stock_or_flow = 'stock' AND coverage <> 'window', false)"
_STATEMENT = """
    WITH asked AS MATERIALIZED (
        SELECT id, repeats, series, source, area, year, value, place, period_end, recency, coverage, datasets, measure,
            category, subcategory, scope, base, statistic, population, counting_unit, indicator, work,
            {kept} AS kept, CASE WHEN {number} THEN 1 + {alike} ELSE 0 END AS number,
            CASE WHEN {number} THEN value END AS typed, {codes} AS codes, {dated} AS dated, {years} AS years,
            {is_now} AS is_now, indicator = ANY(%(named)s) AS is_named, statistic = ANY(%(statistics)s) AS is_statistic,
            coalesce(population = ANY(%(asked_people)s), false) AS is_of_people,
            coalesce(area = ANY(%(asked_places)s), false) AS is_place, country, depth, is_nation,
            position, headline, usual_people, usual_category, counting_unit = usual_unit AS is_first_unit,
            coalesce(period_end >= %(recent)s, false) AS is_recent, coalesce(cardinality(within), 0) AS wholes
        FROM {figures}
        JOIN unnest(%(sources)s::text[], %(works)s::text[]) AS known (source, work) USING (source)
        LEFT JOIN unnest(%(areas)s::text[], %(countries)s::int[], %(depths)s::int[], %(nations)s::bool[])
            AS inside (area, country, depth, is_nation) USING (area)
        LEFT JOIN unnest(%(indicators)s::text[], %(positions)s::int[], %(headlines)s::bool[], %(units)s::text[],
            %(people)s::text[], %(categories)s::text[])
            AS counted (indicator, position, headline, usual_unit, usual_people, usual_category) USING (indicator)
        WHERE {where}),
    best AS (
        SELECT kept FROM asked GROUP BY kept
        ORDER BY coalesce(bool_or(is_named), false) DESC, length(replace(kept, '0', '')) + max(years) DESC,
            kept COLLATE "C" DESC
        LIMIT 1),
    found AS MATERIALIZED (
        SELECT *, hashtextextended(concat_ws(' | ', typed, {keys}), 0) AS fold,
            count(*) OVER (PARTITION BY {keys}, area) >= {often} AS is_often
        FROM asked WHERE kept = (TABLE best)),
    folded AS (
        SELECT DISTINCT ON (fold) *, count(*) OVER (PARTITION BY fold) AS figures FROM found
        ORDER BY fold, {of_fold}),
    told AS (
        SELECT *, coalesce(population <> usual_people, false)
                OR (scope IS NOT NULL AND NOT ({is_said}('english', scope))) AS has_scope,
            CASE WHEN subcategory IS NULL
                THEN category IS DISTINCT FROM usual_category AND category <> ALL(%(general)s)
                    AND category <> ALL(%(kinds)s)
                ELSE NOT ({is_said}('english', subcategory)) END AS is_kind
        FROM folded),
    listed AS (
        SELECT *, row_number() OVER (PARTITION BY work ORDER BY {order}) AS of_work,
            count(*) OVER (PARTITION BY work) AS in_work, count(*) OVER () AS in_all
        FROM told WHERE number > 0 OR repeats IS NULL OR repeats NOT IN (SELECT id FROM folded)),
    shown AS (
        SELECT *, row_number() OVER (ORDER BY {order}) AS nth FROM listed
        WHERE of_work <= {most_of_table} OR in_work = in_all)
    SELECT (SELECT count(*) FROM found) AS total, (SELECT count(*) FROM shown) AS results,
        (SELECT kept FROM best) AS kept,
        (SELECT jsonb_agg(jsonb_build_array(name, code, figures)) FROM (
            SELECT CASE grouping(area, measure, category, year)
                    WHEN 7 THEN 'area' WHEN 11 THEN 'measure' WHEN 13 THEN 'category' ELSE 'year' END AS name,
                coalesce(area, measure, category, year) AS code, count(*) AS figures
            FROM found GROUP BY GROUPING SETS (area, measure, category, year)
            UNION ALL
            SELECT 'dataset', dataset, count(*) FROM found, unnest(datasets) AS dataset GROUP BY dataset)
            WHERE code IS NOT NULL) AS facets,
        (SELECT array_agg(DISTINCT indicator) FROM found) AS held,
        (SELECT jsonb_agg(jsonb_build_object('id', id, 'figures', figures, 'is_part', has_scope OR is_kind,
                'areas', (SELECT array_agg(DISTINCT area) FROM found WHERE found.fold = shown.fold),
                'more', CASE WHEN of_work = 1 AND in_work < in_all THEN greatest(in_work - {most_of_table}, 0)
                    ELSE 0 END) ORDER BY nth)
            FROM shown WHERE nth > %(offset)s AND nth <= %(offset)s + %(limit)s) AS page"""


class Result(NamedTuple):
    """What is counted: its first figure, those of its years, how many it has in all, and in which places.

    `more` are further results of the same publication that are not listed. `is_part` says that it counts only some of
    what its indicator says.
    """

    row: Row
    years: Sequence[Row]
    figures: int
    areas: Sequence[str]
    more: int
    is_part: bool


class Answer(NamedTuple):
    """What a question finds: how many figures and results, a page of these, and how many figures each code has.

    `left_out` are terms that no figure has beside the others. `held` are the indicators of all figures.
    """

    total: int
    results: int
    page: Sequence[Result]
    wholes: Sequence[Row]
    left_out: Sequence[Term]
    held: Sequence[str]
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
    day: date,
    limit: int,
    offset: int = 0,
) -> Answer:
    """Return the figures with all terms that narrow and most of the others, of which a year weighs as two.

    `day` is that of the release. A publication has at most `MOST_OF_TABLE` results, unless it is the only one.
    """
    statement = _write(conditions, question, catalogue)
    people = [*question.codes("population"), *(EVERYBODY if question.is_about_officers else ())]
    given = {
        "asked_places": question.codes("area"),
        "asked_people": people,
        "recent": day - RECENT,
        "offset": offset,
        "limit": limit,
    }
    given |= {"named": [*question.indicators], "statistics": [*question.statistics]}
    values = {**conditions.values, **question.values, **_describe(catalogue), **given}
    [row] = await database.rows(statement, values)
    kept = row["kept"] or ""
    terms = [*zip(question.optional(), kept, strict=False)]
    said = {one.words for one in question.narrowing()} | {one.words for one, is_kept in terms if is_kept == "1"}
    left_out = [one for one, is_kept in terms if is_kept == "0" and one.words not in said]  # not re, of re-vetting
    page, wholes = await _complete(database, conditions, row["page"] or [])
    facets: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    for name, code, figures in sorted(row["facets"] or []):
        facets[name][code] = figures
    return Answer(row["total"], row["results"], page, wholes, left_out, row["held"] or [], facets)


def _describe(catalogue: Catalogue) -> dict[str, object]:
    """Return what the order needs of sources, areas and indicators, as lists side by side."""
    sources, areas = catalogue.of_kind("source"), catalogue.codelists["area"]
    indicators = catalogue.of_kind("indicator").values()
    return {
        "sources": [*sources],
        "works": [_find_work(one, source) for one, source in sources.items()],
        "areas": [*areas],
        "countries": [_find_country(one, catalogue) for one in areas],
        "depths": [len(find_around(one, catalogue)) for one in areas],
        "nations": [bool(one.get("position")) for one in areas.values()],
        "indicators": [one["id"] for one in indicators],
        "positions": [one["position"] for one in indicators],
        "headlines": [bool(one.get("headline")) for one in indicators],
        "units": [one["counting_unit"][0] for one in indicators],
        "people": [one["population"][0] if PEOPLE in one["name"] else None for one in indicators],
        "categories": [one["category"][0] for one in indicators],
        "general": ["any", "unstated", "not_applicable"],
    }


def _find_work(identity: str, source: Content) -> str:
    """Return the publication of a document: of a page that was typed, all pages of its publisher."""
    return str((source.get("read") and source.get("publisher")) or find_work(identity, source))


def _find_country(area: str, catalogue: Catalogue) -> int:
    """Return the position of the country that an area is in, or is; what is in none comes last."""
    areas = catalogue.codelists["area"]
    positions = (areas.get(one, {}).get("position") for one in [area, *find_around(area, catalogue)])
    return next(filter(None, positions), len(areas))


def _write(conditions: Conditions, question: Question, catalogue: Catalogue) -> str:
    optional = question.optional()
    where = [conditions.where(), *(one.sql for one in question.narrowing()), *filter(None, [question.number])]
    if not question.narrowing() and not question.number:
        words = [one for one in optional if not one.is_year] or optional  # a year alone would be about anything
        where.append(f"({' OR '.join(one.sql for one in words) or 'false'})")
    named = [(name, term.codes.get(name, ())) for term in question.terms for name in RANKED]
    columns = [(name, codes) for name, codes in named if not {*codes} <= {*EVERYBODY}]
    columns += [("measure", [SIZE])] if question.is_about_size else []
    columns += [("indicator", question.indicators)] if question.indicators else []
    codes = [f"coalesce({name} = ANY({question.add('codes', [*several])}), false)" for name, several in columns]
    said = {word for term in question.terms if "area" not in term.codes for word in plain_words(term.words)}
    query = question.add("said", " | ".join(f"'{word}'" for word in sorted(said - {"police"})))
    question.values["kinds"] = sorted(catalogue.find_all("category", question.codes("category")))
    return _STATEMENT.format(
        figures=conditions.table(),
        where=" AND ".join(where),
        kept=" || ".join(f"coalesce({one.sql}, false)::int::text" for one in optional) or "''",
        number=question.number or "false",
        alike=question.alike,
        codes=_add(codes),
        dated=_add(one.is_said for one in optional if one.is_year),
        years=_add(one.sql for one in optional if one.is_year),
        is_now=_AT_ONE_TIME if question.is_now else "false",
        is_said=f"to_tsquery('english', {query}) @@ to_tsvector",
        keys=", ".join(KEYS),
        of_fold=OF_FOLD,
        often=OFTEN,
        order=ORDER,
        most_of_table=MOST_OF_TABLE,
    )


def _add(conditions: Iterable[str]) -> str:
    return " + ".join(f"({one})::int" for one in conditions) or "0"


async def _complete(database: Database, conditions: Conditions, page: Sequence[Row]) -> tuple[list[Result], list[Row]]:
    """Return results with their figures, and the figures that include those of results."""
    columns = ", ".join(f"figure.{name}" for name in TABLE_COLUMNS)
    statement = f"""
        WITH shown AS (SELECT * FROM observations WHERE {HOLDS} AND id = ANY(%(ids)s))
        SELECT {columns} FROM observations AS figure WHERE {HOLDS} AND (id = ANY(%(ids)s)
            OR id IN (SELECT unnest(part_of) FROM shown) OR series IN (SELECT series FROM shown))
        ORDER BY place"""  # noqa: S608
    values = {"release": conditions.values["release"], "ids": [one["id"] for one in page]}
    rows = {row["id"]: row for row in (await database.rows(statement, values) if page else [])}
    of_series = defaultdict[str, list[Row]](list)
    for row in rows.values():
        if row["year"] and row["series"]:
            of_series[row["series"]].append(row)
    found = [
        Result(row, of_series[row["series"]], one["figures"], sorted(one["areas"]), one["more"], one["is_part"])
        for row, one in ((rows[one["id"]], one) for one in page)
    ]
    wholes = [rows[one] for result in found for one in result.row["part_of"] if one in rows]
    return found, wholes


async def find_named(
    database: Database, conditions: Conditions, question: Question, catalogue: Catalogue, day: date
) -> Row | None:
    """Return the first figure of the indicators and places that a question names, whatever else it says."""
    values = {"indicator": [*catalogue.find_all("indicator", question.indicators)], "area": question.codes("area")}
    columns = {"indicator": "indicator = ANY(%(indicator)s)", "area": "area = ANY(%(area)s)"}
    named = Conditions(conditions.sql | columns, conditions.values | values)
    rows = await find_first_of_places(database, named, TABLE_COLUMNS, day) if all(values.values()) else []
    return next((row for row in rows if row["indicator"] in question.indicators), None)


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
    database: Database, conditions: Conditions, question: Question, catalogue: Catalogue, day: date, answer: Answer
) -> list[Wider]:
    """Return for the places of a question the smallest places around them that hold as much of what is asked."""
    found, held = dict[str, Wider](), answer.facets["area"]
    left_out = len(answer.left_out if answer.total else question.optional())
    for place in dict.fromkeys(question.codes("area")):
        for around in find_around(place, catalogue):
            name = catalogue.label("area", around)
            asked = question.about(place, around, name)
            other = await find_answer(database, conditions, asked, catalogue, day, limit=1)
            if other.page and len(other.left_out) <= left_out:
                has_place = choose_known(place, held, catalogue) in held
                text, row = asked.without(other.left_out), other.page[0].row
                more = Wider(place, around, name, text, row, has_place, len(other.left_out) < left_out)
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
    areas = catalogue.codelists["area"]
    countries = sorted((one for one in areas if areas[one].get("position")), key=lambda one: areas[one]["position"])
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


async def find_shorter(
    database: Database, conditions: Conditions, catalogue: Catalogue, day: date
) -> tuple[str, int] | None:
    """Return the best shorter question for one that finds nothing, and how many figures a list finds for it."""
    question, others = read_question(conditions.values["q"], catalogue), conditions.leaving_out("q")
    answer = await find_answer(database, others, question, catalogue, day, limit=1)
    if not answer.total:
        obstacles = await find_obstacles(database, others, question, question.narrowing())
        first = next((term for term, _, figures in obstacles if figures and obstacles[1:]), None)
        question.terms = [term for term in question.terms if term is not first]
        answer = await find_answer(database, others, question, catalogue, day, limit=1) if first else answer
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
