"""Compute in SQL what figures have from others of their release, and what indicators and areas have from figures.

`recency` is the day of a figure, such as 20230919: the first possible day of one moment, and otherwise the last day. It
is negative for figures without a period, of which only the publication has a day. Its decimals put twelve months before
other lengths that end on that day, and then the whole before its parts and shares, and the first statement before its
repetitions. `rank` is what `misconduct.db.rank` says.

A figure is inside its wholes, their wholes, and what repeats one of these: if 81 is a part of 169, 169 of 1,571, and a
newspaper repeats the 169, then 81 is inside all three. A repetition is inside the first statement of its claim, and
inside the repetitions with lower ids.
"""

from misconduct.db.engine import Connection
from misconduct.db.rank import RANK, RANKED_BY, list_values
from misconduct.model.catalogue import AREA_COUNTS, Catalogue

DERIVED = ("recency", "is_leading", "rank")
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
    SELECT id, count(*) AS number FROM pairs GROUP BY id"""

_DERIVED = f"""
    CREATE TEMP TABLE derived_figures ON COMMIT DROP AS
    SELECT id,
        coalesce(to_char(CASE coverage WHEN 'point' THEN period_start ELSE period_end END, 'YYYYMMDD')::int, 0)
            - CASE WHEN coverage = 'unstated' THEN 100000000 ELSE 0 END
            + CASE WHEN year IS NOT NULL AND period_end - period_start > 360 THEN 0.9 ELSE 0.4 END
            - (coalesce(wholes.number, 0) + (statistic <> 'count')::int) / 1000.0 AS recency,
        EXISTS (SELECT FROM {{points}} AS point
            WHERE point.id = figure.id AND point.lead = 1 AND point."default" = 1)::int AS is_leading,
        {RANK} AS rank
    FROM {{figures}} AS figure LEFT JOIN wholes USING (id) {RANKED_BY}"""  # noqa: S608

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
    connection: Connection, figures: str, points: str, catalogue: Catalogue
) -> None:
    """Derive what figures have from each other and from the table, from tables that hold them."""
    connection.execute(_CLAIMS.format(figures=figures))
    connection.execute("ANALYZE claims")
    connection.execute(_WITHIN)
    connection.execute("ANALYZE wholes")
    derived = _DERIVED.format(figures=figures, points=points)
    connection.execute(derived, list_values(catalogue))
    connection.execute("DROP TABLE claims, wholes")


def derive_records(connection: Connection, figures: str, records: str) -> None:
    """Add to indicators what they have from the figures of their release."""
    derived = _OF_INDICATORS.format(figures=figures, records=records)
    connection.execute(f"""
        UPDATE {records} AS stored SET content = derived.content FROM ({derived}) AS derived (kind, id, content)
        WHERE (stored.kind, stored.id) = (derived.kind, derived.id)""")  # noqa: S608
