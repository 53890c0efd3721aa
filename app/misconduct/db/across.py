"""Compute in SQL what figures have from others of their release, and what datasets and sources have from figures.

`staged` has the columns of figures, the date of the source, and the series without its variant. Temporary tables are
analysed, since Postgres otherwise guesses how many rows they have.

`within` lists a figure's wholes, their wholes, and what repeats one of these: if 81 is a part of 169, 169 of 1,571,
and a newspaper repeats the 169, then 81 is within all three. A repetition is within the first statement of its claim,
and within the repetitions with lower ids. Without the figures that are within others, nothing counts twice.

A series has one figure a year or day: for the whole year if there is one, no repetition of another figure, and from
the newest edition. Any others are in variants of it: `s1f0c…-2`.

`recency` is the day of a figure, such as 20230919: the first possible day of one moment, and otherwise the last day. It
is negative for figures without a period, of which only the publication has a day. Its decimals put twelve months before
other lengths that end on that day, and then the whole before its parts and shares, and the first statement before its
repetitions.

`place` numbers figures by source, and by where it prints them; last what this register counted.

`shared_subject` is the lowest id of the figures of several sources with the same codes and days.
"""

from typing import NamedTuple

from misconduct.model.figure import CODED_COLUMNS
from misconduct.model.likeness import OF_SUBJECT

_CLAIMS = """
    CREATE TEMP TABLE claims ON COMMIT DROP AS
    SELECT id, coalesce(repeats, id) AS claim, repeats IS NOT NULL AS is_repetition, part_of FROM staged"""

_WITHIN = """
    CREATE TEMP TABLE within ON COMMIT DROP AS
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

_ACROSS = f"""
    CREATE TEMP TABLE across ON COMMIT DROP AS
    SELECT id,
        series || coalesce('-' || nullif(row_number() OVER of_a_year, 1), '') AS series,
        CASE WHEN period_start IS NOT NULL AND period_end IS NOT NULL
            AND min(source) OVER alike <> max(source) OVER alike THEN min(id) OVER alike END AS shared_subject,
        row_number() OVER (ORDER BY source, regexp_match(at, '(\\d+)(?:,(\\d+))?')::bigint[], counted, id) AS place
    FROM staged
    WINDOW of_a_year AS (
        PARTITION BY series, year, CASE WHEN coverage = 'point' THEN period END
        ORDER BY coverage = 'part', repeats IS NOT NULL, published COLLATE "C" DESC NULLS LAST, id),
    alike AS (PARTITION BY {", ".join(OF_SUBJECT)}, period_start, period_end)"""  # noqa: S608


_RECENCY = """
    coalesce(to_char(
        CASE staged.coverage WHEN 'point' THEN staged.period_start ELSE staged.period_end END, 'YYYYMMDD')::int, 0)
    - CASE WHEN staged.coverage = 'unstated' AND staged.year IS NULL THEN 100000000 ELSE 0 END
    + CASE WHEN staged.year IS NOT NULL AND staged.period_end - staged.period_start > 360 THEN 0.9 ELSE 0.4 END
    - (coalesce(cardinality(within.within), 0) + (staged.statistic <> 'count')::int) / 1000.0"""


class Across(NamedTuple):
    """Statements to run on `staged`, tables to join with it, and the columns that they give.

    They are joined as the rows are inserted: to update 300,000 staged rows takes a fifth longer.
    """

    statements: tuple[str, ...]
    joins: str
    columns: dict[str, str]


NOTHING = Across((), "", {})
ACROSS = Across(
    (_CLAIMS, "ANALYZE claims", _WITHIN, _ACROSS, "ANALYZE within, across"),
    "JOIN across USING (id) LEFT JOIN within USING (id)",
    {name: f"across.{name}" for name in ("series", "shared_subject", "place")}
    | {"within": "coalesce(within.within, '{}')", "recency": _RECENCY},
)

_COUNTED = ("release", "year", *CODED_COLUMNS)
_CODES = ", ".join(f"('{name}', {name})" for name in _COUNTED)
_OF_DATASETS = f"""
    WITH counted AS (
        SELECT dataset, name, code, figures
        FROM (SELECT dataset, count(*) AS figures, {", ".join(_COUNTED)}
              FROM observations, unnest(datasets) AS dataset WHERE release = %(release)s
              GROUP BY dataset, GROUPING SETS ({", ".join(_COUNTED)})) AS figure,
            LATERAL (VALUES {_CODES}) AS of (name, code)
        WHERE code IS NOT NULL)
    UPDATE records SET content = content || jsonb_build_object(
        'figures', coalesce((SELECT figures FROM counted WHERE dataset = id AND name = 'release'), 0),
        'years', ARRAY(SELECT code FROM counted WHERE dataset = id AND name = 'year' ORDER BY code DESC),
        'codes', (SELECT coalesce(jsonb_object_agg(name, codes), '{{}}') FROM (
            SELECT name, jsonb_object_agg(code, figures) AS codes FROM counted
            WHERE dataset = id AND name NOT IN ('release', 'year') GROUP BY name)))
    WHERE release = %(release)s AND kind = 'dataset'"""  # noqa: S608
"""How many figures a dataset has, their years, newest first, and how many have each code."""

_OF_SOURCES = """
    WITH editions AS (
        SELECT id, coalesce(content ->> 'work', id) AS work FROM records
        WHERE release = %(release)s AND kind = 'source'),
    years AS (
        SELECT work, year, min(period_start) FILTER (WHERE is_dated) AS first,
            max(period_end) FILTER (WHERE is_dated) AS last,
            bool_and(coalesce(mark, '') = 'provisional' OR coverage = 'part') AS is_unfinished
        FROM (SELECT *, dated_by = 'source' AND period_start IS NOT NULL AND period_end IS NOT NULL AS is_dated
              FROM observations WHERE release = %(release)s) AS figure
        JOIN editions ON editions.id = source GROUP BY work, year),
    covered AS (
        SELECT work, jsonb_build_object('first', min(first), 'last', max(last), 'unfinished',
            array_remove(array_agg(CASE WHEN is_unfinished THEN year END ORDER BY year), NULL)) AS covers
        FROM years GROUP BY work HAVING min(first) IS NOT NULL)
    UPDATE records SET content = content || jsonb_build_object('covers', coalesce(covers, '{}'))
    FROM editions LEFT JOIN covered USING (work)
    WHERE release = %(release)s AND kind = 'source' AND records.id = editions.id"""
"""What the editions of a work cover: their first and last day, and the years without a figure that is final."""

OF_RECORDS = (_OF_DATASETS, _OF_SOURCES)
