"""Compute in SQL what figures have from others of their release, and what datasets and sources have from figures.

`within` lists a figure's wholes, their wholes, and what repeats one of these: if 81 is a part of 169, 169 of 1,571,
and a newspaper repeats the 169, then 81 is within all three. A repetition is within the first statement of its claim,
and within the repetitions with lower ids. Without the figures that are within others, nothing counts twice.

A series has one figure a year or day: for the whole year if there is one, no repetition of another figure, and from
the newest edition. Any others are in variants of it: `s1f0c…-2`.

`recency` is the day of a figure, such as 20230919: the first possible day of one moment, and otherwise the last day. It
is negative for figures without a period, of which only the publication has a day. Its decimals put twelve months before
other lengths that end on that day, and then the whole before its parts and shares, and the first statement before its
repetitions.

`shared_subject` is the lowest id of the figures of several sources with the same codes and days. `rank` is what
`misconduct.db.rank` says.
"""

from misconduct.db.engine import Connection
from misconduct.db.rank import RANK, RANKED_BY, list_values
from misconduct.model.catalogue import AREA_COUNTS, Catalogue
from misconduct.model.figure import CODED_COLUMNS
from misconduct.model.likeness import OF_SUBJECT

DERIVED = ("series", "within", "shared_subject", "recency", "rank")
"""The columns that a figure has from others of its release."""

_CLAIMS = """
    CREATE TEMP TABLE claims AS
    SELECT id, coalesce(repeats, id) AS claim, repeats IS NOT NULL AS is_repetition, part_of FROM {figures} AS figure"""

_WITHIN = """
    CREATE TEMP TABLE wholes AS
    WITH RECURSIVE stated AS (
        SELECT DISTINCT part.claim, whole.claim AS whole
        FROM claims AS part, unnest(part.part_of) AS identity JOIN claims AS whole ON whole.id = identity),
    wholes AS (
        SELECT claim, whole FROM stated
        UNION
        SELECT wholes.claim, stated.whole FROM wholes JOIN stated ON stated.claim = wholes.whole),
    pairs AS (
        SELECT part.id, whole.id AS whole
        FROM claims AS part JOIN wholes USING (claim) JOIN claims AS whole ON whole.claim = wholes.whole
        WHERE whole.id <> part.id
        UNION
        SELECT later.id, earlier.id FROM claims AS later JOIN claims AS earlier USING (claim)
        WHERE (earlier.is_repetition, earlier.id) < (later.is_repetition, later.id))
    SELECT id, array_agg(whole ORDER BY whole) AS within FROM pairs GROUP BY id"""

_DERIVED = f"""
    CREATE TEMP TABLE derived_figures ON COMMIT DROP AS
    SELECT id, of_series || coalesce('-' || nullif(row_number() OVER of_a_year, 1), '') AS series,
        coalesce(wholes.within, '{{{{}}}}') AS within,
        CASE WHEN period_start IS NOT NULL AND period_end IS NOT NULL
            AND min(source) OVER alike <> max(source) OVER alike THEN min(id) OVER alike END AS shared_subject,
        coalesce(to_char(CASE coverage WHEN 'point' THEN period_start ELSE period_end END, 'YYYYMMDD')::int, 0)
            - CASE WHEN coverage = 'unstated' THEN 100000000 ELSE 0 END
            + CASE WHEN year IS NOT NULL AND period_end - period_start > 360 THEN 0.9 ELSE 0.4 END
            - (coalesce(cardinality(wholes.within), 0) + (statistic <> 'count')::int) / 1000.0 AS recency,
        {RANK} AS rank
    FROM (SELECT *, split_part(series, '-', 1) AS of_series FROM {{figures}} AS figure) AS figure
    LEFT JOIN wholes USING (id)
    LEFT JOIN (SELECT id AS source, content ->> 'published' AS published FROM {{records}} AS record
               WHERE kind = 'source') AS documents USING (source)
    {RANKED_BY}
    WINDOW of_a_year AS (
        PARTITION BY of_series, year, CASE WHEN coverage = 'point' THEN period END
        ORDER BY coverage = 'part', repeats IS NOT NULL, published COLLATE "C" DESC NULLS LAST, id),
    alike AS (PARTITION BY {", ".join(OF_SUBJECT)}, period_start, period_end)"""  # noqa: S608

_COUNTED = ("year", *CODED_COLUMNS)
_OF_DATASETS = f"""
    WITH figures AS (
        SELECT dataset, {", ".join(_COUNTED)} FROM {{figures}}, unnest(datasets) AS dataset),
    counted AS (
        SELECT dataset, name, code, count(*) AS figures
        FROM figures, LATERAL (VALUES {", ".join(f"('{name}', {name})" for name in _COUNTED)}) AS of (name, code)
        WHERE code IS NOT NULL GROUP BY dataset, name, code)
    SELECT kind, id, content || jsonb_build_object(
        'figures', (SELECT count(*) FROM figures WHERE dataset = id),
        'years', ARRAY(SELECT code FROM counted WHERE dataset = id AND name = 'year' ORDER BY code DESC),
        'codes', (SELECT coalesce(jsonb_object_agg(name, codes), '{{{{}}}}') FROM (
            SELECT name, jsonb_object_agg(code, figures) AS codes FROM counted
            WHERE dataset = id AND name <> 'year' GROUP BY name)))
    FROM {{records}} AS record WHERE kind = 'dataset'"""  # noqa: S608
"""How many figures a dataset has, their years, newest first, and how many have each code."""

_OF_SOURCES = """
    WITH editions AS (
        SELECT *, coalesce(content ->> 'work', id) AS work FROM {records} AS record WHERE kind = 'source'),
    years AS (
        SELECT work, year, min(period_start) FILTER (WHERE is_dated) AS first,
            max(period_end) FILTER (WHERE is_dated) AS last,
            bool_and(coalesce(mark, '') = 'provisional' OR coverage = 'part') AS is_unfinished
        FROM (SELECT source, year, period_start, period_end, mark, coverage,
                dated_by = 'source' AND period_start IS NOT NULL AND period_end IS NOT NULL AS is_dated
              FROM {figures}) AS figure
        JOIN editions ON editions.id = source GROUP BY work, year),
    covered AS (
        SELECT work, jsonb_build_object('first', min(first), 'last', max(last), 'unfinished',
            array_remove(array_agg(CASE WHEN is_unfinished THEN year END ORDER BY year), NULL)) AS covers
        FROM years GROUP BY work HAVING min(first) IS NOT NULL)
    SELECT kind, id, content || jsonb_build_object('covers', coalesce(covers, '{{}}'))
    FROM editions LEFT JOIN covered USING (work)"""
"""What the editions of a work cover: their first and last day, and the years without a figure that is final."""

_OF_INDICATORS = """
    WITH counted AS (
        SELECT indicator, count(*) AS figures, array_remove(array_agg(DISTINCT year), NULL) AS years,
            array_agg(DISTINCT area) AS areas
        FROM {figures} GROUP BY indicator)
    SELECT kind, id, content || jsonb_build_object(
        'figures', coalesce(figures, 0), 'years', coalesce(years, '{{}}'), 'areas', coalesce(areas, '{{}}'))
    FROM {records} AS record LEFT JOIN counted ON indicator = id WHERE kind = 'indicator'"""
"""How many figures an indicator has, the years that they are for, and their places."""


OF_AREAS = f"""
    WITH of_figures AS (SELECT area, count(*) AS figures FROM {{figures}} GROUP BY area),
    of_points AS (
        SELECT area_code AS area, count(DISTINCT indicator) AS indicators,
            count(*) FILTER (WHERE "default" = 1) AS rows, max(year) AS last
        FROM {{points}} GROUP BY area_code)
    INSERT INTO {{records}} (kind, id, content, words)
    SELECT '{AREA_COUNTS}', 'area/' || area, jsonb_build_object(
        'figures', coalesce(figures, 0), 'indicators', coalesce(indicators, 0), 'rows', coalesce(rows, 0),
        'last', last), ''
    FROM of_figures FULL JOIN of_points USING (area)"""  # noqa: S608
"""How much is held of each area: figures, indicators, rows of default tables, and the last year."""

OF_RELEASE = """
    SELECT count(*),
        extract(year FROM min(period_start) FILTER (WHERE dated_by = 'source'))::int,
        extract(year FROM max(period_end) FILTER (WHERE dated_by = 'source'))::int
    FROM {figures}"""
"""How many figures a release has, and the first and the last year that its documents name."""


def derive_figures(
    connection: Connection, figures: str, records: str, catalogue: Catalogue
) -> None:
    """Derive what the figures of a release have from each other, from tables that hold them and the records."""
    connection.execute(_CLAIMS.format(figures=figures))
    connection.execute("ANALYZE claims")
    connection.execute(_WITHIN)
    connection.execute("ANALYZE wholes")
    connection.execute(
        _DERIVED.format(figures=figures, records=records), list_values(catalogue)
    )
    connection.execute("DROP TABLE claims, wholes")


def derive_records(connection: Connection, figures: str, records: str) -> None:
    """Add to datasets, indicators and sources what they have from the figures of their release."""
    for statement in (_OF_DATASETS, _OF_INDICATORS, _OF_SOURCES):
        derived = statement.format(figures=figures, records=records)
        connection.execute(f"""
            UPDATE {records} AS stored SET content = derived.content FROM ({derived}) AS derived (kind, id, content)
            WHERE (stored.kind, stored.id) = (derived.kind, derived.id)""")  # noqa: S608
