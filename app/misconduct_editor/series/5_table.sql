-- The table that people get: fifty columns, one row a point; the others have the same.

CREATE TABLE gravest AS
    -- RULE gravest caveat: a reply; one that forbids the figure alone; one that forbids
    -- the comparison; the warning of a disagreement; else the one that fewest figures
    -- have.
    WITH said AS (
        SELECT
            id,
            short,
            CASE WHEN is_reply THEN 1 WHEN no_lead THEN 2 WHEN no_ranking THEN 3 ELSE 5 END
                AS weight,
            figures,
            caveat AS name
        FROM figure_caveat
        JOIN caveat USING (caveat)
        UNION ALL
        SELECT id, warning, 4, 0, disagreement
        FROM disagreement
    )
    SELECT DISTINCT ON (said.id) said.id, rtrim(short, '.') AS short
    FROM said
    SEMI JOIN placed USING (id)
    WHERE short IS NOT NULL
    ORDER BY said.id, weight, figures, said.name;

CREATE TABLE also AS  -- what else is printed for a point
    SELECT
        point,
        string_agg(DISTINCT printed, ', ' ORDER BY printed) FILTER (differs) AS printed
    FROM (
        SELECT
            other.*,
            coalesce(nullif(concat_ws(' ', hedge, printed), ''), value_text)
                || ' (' || why || ')' AS printed
        FROM other
        JOIN figure ON figure.id = other.figure
    )
    GROUP BY point;

CREATE TABLE total_held AS
    SELECT DISTINCT indicator, area
    FROM series
    WHERE is_unscoped AND is_all_kinds AND statistic = 'count'
        AND NOT all_hidden AND NOT all_doubted;

CREATE TABLE no_total AS
    -- RULE no total: a place whose leading series is of one kind or a part says so, and
    -- whether an earlier total is held.
    SELECT
        series.series,
        CASE
            WHEN total_held.area IS NULL THEN 'no total is held'
            ELSE 'a total is held only of another time'
        END AS note
    FROM series
    JOIN in_default USING (series)
    JOIN lead_series AS led USING (indicator, area)
    LEFT JOIN total_held USING (indicator, area)
    WHERE series.statistic = 'count'
        AND led.statistic = 'count'
        AND NOT (led.is_unscoped AND led.is_all_kinds);

CREATE TABLE note AS
    -- RULE note: by weight: doubt, why there is no number, break, part of a year, no
    -- total, mark, what else is printed, then the gravest caveat.
    SELECT
        placed.id,
        nullif(concat_ws(
            '; ',
            CASE placed.doubt
                WHEN 'publisher_error' THEN 'the publisher’s error'
                WHEN 'probable_slip' THEN 'probably a slip'
                WHEN 'no_evidence' THEN 'not to be used alone'
            END,
            'print instead: ' || print_instead,
            CASE value_absent
                WHEN 'suppressed' THEN 'hidden by the publisher, not zero'
                ELSE lower(absent.label)
            END,
            CASE
                WHEN stretch > 0 THEN 'before a break: do not join to later numbers'
            END,
            CASE time_kind WHEN 'part' THEN 'a part of the year only' END,
            no_total.note,
            CASE mark
                WHEN 'break' THEN 'counted otherwise from here on'
                WHEN 'revised' THEN 'revised by its publisher'
                ELSE mark
            END,
            'also printed: ' || also.printed,
            gravest.short
        ), '') AS note
    FROM placed
    LEFT JOIN stretch USING (id)
    LEFT JOIN no_total USING (series)
    LEFT JOIN also ON also.point = placed.id
    LEFT JOIN gravest USING (id)
    LEFT JOIN code AS absent
        ON absent.list = 'value_absent' AND absent.code = value_absent;

CREATE TABLE whole AS
    -- RULE part of: inside another row of the same time; part of a period: inside a sum
    -- over a longer time.
    SELECT
        id,
        string_agg(DISTINCT whole, ' ' ORDER BY whole) FILTER (NOT is_of_period)
            AS part_of,
        string_agg(DISTINCT whole, ' ' ORDER BY whole) FILTER (is_of_period)
            AS part_of_period
    FROM part
    GROUP BY id;

CREATE TABLE noted AS  -- the disagreements and corrections of a figure
    SELECT id, string_agg(note, ' ' ORDER BY note) AS notes
    FROM (
        SELECT id, disagreement AS note FROM disagreement
        UNION
        SELECT id, correction FROM correction
    )
    GROUP BY id;

CREATE TABLE label AS
    -- RULE labels: a code is its label, in small letters where that is no name.
    SELECT
        list,
        code,
        CASE list WHEN 'stated_by' THEN label ELSE lower(label) END AS label
    FROM code;

CREATE TABLE labelled AS
    SELECT
        placed.id,
        category.label AS category,
        people.label AS people,
        exactness.label AS exactness,
        absent.label AS absent,
        vetting_check.label AS vetting_check,
        vetting_result.label AS vetting_result,
        coalesce(speaker.label, stated_by) AS said_by
    FROM placed
    LEFT JOIN label AS category
        ON category.list = 'category' AND category.code = placed.category
    LEFT JOIN label AS people
        ON people.list = 'population' AND people.code = placed.population
    LEFT JOIN label AS exactness
        ON exactness.list = 'qualifier' AND exactness.code = placed.qualifier
    LEFT JOIN label AS absent
        ON absent.list = 'value_absent' AND absent.code = placed.value_absent
    LEFT JOIN label AS vetting_check
        ON vetting_check.list = 'vetting_check'
        AND vetting_check.code = placed.vetting_check
    LEFT JOIN label AS vetting_result
        ON vetting_result.list = 'vetting_result'
        AND vetting_result.code = placed.vetting_result
    LEFT JOIN label AS speaker
        ON speaker.list = 'stated_by' AND speaker.code = placed.stated_by;

CREATE TABLE standing AS  -- no figure that was not chosen leads, or is in a stretch
    SELECT
        placed.id,
        (placed.id = newest AND value IS NOT NULL)::INT AS latest,
        -- RULE default rows: the main times of the newest stretch of a series in the
        -- default table; of windows that overlap the newest.
        coalesce(
            series IN (FROM in_default)
                AND stretch = 0
                AND placed.id NOT IN (FROM overlap),
            false
        )::INT AS "default",
        (nth = 1 AND is_point)::INT AS lead,
        is_total::INT AS total,
        stretch,
        scale
    FROM placed
    JOIN series USING (series)
    JOIN lead USING (series)
    LEFT JOIN stretch USING (id);

CREATE VIEW row AS
    SELECT
        placed.indicator,
        name,
        area_label AS area,
        area AS area_code,
        -- RULE filled keys: kind and scope are “all” where nothing limits the row; a
        -- kind that the publisher does not say is no total.
        CASE
            WHEN kind IS NOT NULL THEN kind
            WHEN placed.category = 'unstated' AND NOT is_all_kinds THEN 'not stated'
            ELSE 'all'
        END AS kind,
        coalesce(scope, 'all') AS scope,
        year,
        time,
        period_start,
        period_end,
        value_text AS value,
        said_unit AS unit,
        said_number AS shown,
        note,
        latest,
        placed.publisher,
        placed.id,
        '/figures/' || placed.id || '?release=' || getvariable('release') AS cite_as,
        topic,
        labelled.category,
        people,
        CASE statistic WHEN 'mean' THEN 'average' ELSE statistic END AS statistic,
        base,
        denominator,
        hedge,
        exactness,
        value_low,
        value_high,
        absent,
        placed.printed,
        counted,
        coverage,
        whole.part_of,
        part_of_period,
        coalesce(repeated.point, repeats) AS repeats,
        doubt,
        labelled.vetting_check,
        labelled.vetting_result,
        sentence,
        placed.source,
        source_title,
        placed.published,
        source_url,
        said_by,
        nullif(concat_ws(' ', caveats, notes), '') AS note_ids,
        "default",
        lead,
        total,
        stretch,
        scale,
        (position, country, depth, area_label, area) AS place_in_order,
        day
    FROM placed
    JOIN area USING (area)
    JOIN indicator USING (indicator)
    JOIN source USING (source)
    JOIN note USING (id)
    JOIN labelled USING (id)
    JOIN standing USING (id)
    LEFT JOIN whole USING (id)
    LEFT JOIN stands_for AS repeated ON repeated.id = placed.repeats
    LEFT JOIN noted USING (id);

CREATE TABLE answer AS
    -- RULE order: indicators as the register orders them, nations before their parts,
    -- the leading series first, within a series by day.
    SELECT * EXCLUDE (place_in_order, day)
    FROM row
    ANTI JOIN other ON other.figure = row.id
    ORDER BY
        place_in_order, "default" DESC, lead DESC, kind <> 'all', kind, scope <> 'all',
        scope, people, unit, statistic, base, category, day NULLS FIRST, time, id;

CREATE TABLE not_chosen AS
    SELECT other.point, other.why, row.* EXCLUDE (place_in_order, day)
    FROM other
    JOIN row ON row.id = other.figure
    ORDER BY other.point, other.figure;

CREATE TABLE gap AS
    -- RULE gap: a year between the first and the last of a leading series by year
    -- without a point: what is held of that year otherwise, or nothing.
    WITH span AS (
        SELECT
            series,
            unnest(generate_series(min(year), max(year))) AS year
        FROM main_point
        WHERE time_kind = 'year'
        GROUP BY series
    ),
    empty AS (
        SELECT indicator, area, span.year
        FROM span
        JOIN lead_series USING (series)
        ANTI JOIN main_point ON main_point.series = span.series
            AND year(main_point.period_start) = span.year
    ),
    held AS (
        SELECT
            answer.indicator,
            answer.area_code AS area,
            answer.year,
            shown || ', counted as ' || unit
                || CASE scope WHEN 'all' THEN '' ELSE ' (' || scope || ')' END AS said
        FROM answer
        JOIN (
            SELECT indicator, area_code, min(kind) AS kind
            FROM answer
            WHERE lead = 1
            GROUP BY indicator, area_code
        ) AS led USING (indicator, area_code, kind)
        WHERE value IS NOT NULL AND statistic = 'count'
    )
    SELECT
        empty.*,
        string_agg(DISTINCT said, '; ' ORDER BY said) AS held
    FROM empty
    LEFT JOIN held USING (indicator, area, year)
    GROUP BY ALL;
