-- Each figure with its series and its cell, and which figure stands for a cell.

CREATE TABLE figure AS
    SELECT
        printed.*,
        -- RULE series: the same indicator, place, kind, scope, people, what counts as
        -- one, and kind of number. Nothing else.
        dense_rank() OVER (
            ORDER BY indicator, area, category, subcategory, scope, population,
                counting_unit, statistic, unit, base
        ) AS series,
        source.work,
        source.publisher,
        source.published,
        source.statement,
        indicator.usual_unit,
        -- RULE doubt: a correction or caveat that says so doubts the value; one that
        -- doubts a name or a time does not count, and a dispute decides nothing.
        coalesce(doubt <> 'disputed', false) AS is_doubted,
        -- RULE total: no smaller scope, no kind, and the people of whom the indicator
        -- is.
        scope IS NULL AS is_unscoped,
        subcategory IS NULL AND (
            category IN ('any', 'not_applicable', kinds[1]) OR len(kinds) = 1
        ) AS is_all_kinds,
        coalesce(
            population IN (usual_people, 'unstated', 'any', 'not_applicable'), true
        ) AS is_of_usual_people,
        -- RULE own page: a body's own number, from its own page or file, and not from a
        -- copy or a newspaper.
        coalesce(source.publisher = speaker.label, false)
            OR printed."at" IS NULL OR printed."at" LIKE 'cell=%' AS is_own
    FROM printed
    JOIN indicator USING (indicator)
    JOIN source USING (source)
    LEFT JOIN code AS speaker
        ON speaker.list = 'stated_by' AND speaker.code = printed.stated_by;

CREATE TABLE choice AS
    -- RULE choice: of the figures of a cell, which is a series at one time as it is
    -- said: the editor's word; a number; not doubted; no repetition; the document with
    -- most of the series; the body's own page; the newest edition.
    SELECT
        id,
        repeats,
        repeats_here,
        row_number() OVER best AS nth,
        first_value(id) OVER best AS chosen
    FROM (
        SELECT
            figure.*,
            coalesce(stated.series = figure.series, false) AS repeats_here,
            figure.id IN (SELECT id FROM led) AS is_led,
            count(*) OVER (PARTITION BY figure.series, figure.work) AS of_work
        FROM figure
        LEFT JOIN figure AS stated ON stated.id = figure.repeats
    )
    WINDOW best AS (
        PARTITION BY series, time
        ORDER BY NOT is_led, value IS NULL, is_doubted, repeats_here,
            of_work DESC, NOT is_own, published DESC NULLS LAST, id
    );
