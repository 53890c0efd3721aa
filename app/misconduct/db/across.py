"""SQL that computes what a figure has from other figures of its release: `within`, its series, and `shared_subject`.

`staged` has the columns of figures, the date of the source, and the series without its variant. Temporary tables are
analysed, since Postgres otherwise guesses how many rows they have.

`within` lists a figure's wholes, their wholes, and what repeats one of these: if 81 is a part of 169, 169 of 1,571,
and a newspaper repeats the 169, then 81 is within all three. A repetition is within the first statement of its claim,
and within the repetitions with lower ids. Without the figures that are within others, nothing counts twice.

A series has one figure a year, for the whole year if there is one, and from the newest edition. Any others are in
variants of it: `s1f0c…-2`.

`place` numbers figures by source, and by where it prints them; last what this register counted.

`shared_subject` is the lowest id of the figures of several sources with the same codes and days.
"""

from typing import NamedTuple

from misconduct.model.likeness import OF_SUBJECT


class DerivedColumns(NamedTuple):
    """Columns that are computed from all rows of `staged`: statements to run, tables to join, and the columns.

    `order` puts rows side by side that are read together: one force's figures then take a third of the time.
    """

    statements: tuple[str, ...]
    joins: str
    columns: dict[str, str]
    order: str


NOT_DERIVED = DerivedColumns((), "", {}, "")

_CLAIMS = """
    CREATE TEMP TABLE claims ON COMMIT DROP AS
    SELECT id, coalesce(repeats, id) AS claim, repeats IS NOT NULL AS is_repetition, part_of FROM staged"""

_WHOLES = """
    CREATE TEMP TABLE wholes ON COMMIT DROP AS
    WITH RECURSIVE stated AS (
        SELECT DISTINCT part.claim, whole.claim AS whole
        FROM claims AS part, unnest(part.part_of) AS identity JOIN claims AS whole ON whole.id = identity),
    wholes AS (
        SELECT claim, whole FROM stated
        UNION
        SELECT wholes.claim, stated.whole FROM wholes JOIN stated ON stated.claim = wholes.whole)
    SELECT claim, whole FROM wholes"""

_WITHIN = """
    CREATE TEMP TABLE within ON COMMIT DROP AS
    WITH pairs AS (
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
        row_number() OVER (ORDER BY source, regexp_match(at, '(\\d+),(\\d+)')::bigint[], counted, id) AS place
    FROM staged
    WINDOW of_a_year AS (
        PARTITION BY series, year ORDER BY coverage = 'part', published COLLATE "C" DESC NULLS LAST, id),
    alike AS (PARTITION BY {", ".join(OF_SUBJECT)}, period_start, period_end)"""  # noqa: S608

ACROSS = DerivedColumns(
    (_CLAIMS, "ANALYZE claims", _WHOLES, "ANALYZE wholes", _WITHIN, _ACROSS, "ANALYZE within, across"),
    "JOIN across USING (id) LEFT JOIN within USING (id)",
    {
        "series": "across.series",
        "shared_subject": "across.shared_subject",
        "place": "across.place",
        "within": "coalesce(within.within, '{}')",
    },
    "ORDER BY staged.area, across.place",
)
