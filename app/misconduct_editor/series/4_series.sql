-- Each series: its main time, its stretches, its newest point, whether it leads its
-- indicator and place, and whether it is in the default table.

CREATE TABLE main_time AS
    -- RULE main time: whole years that end within three years of its newest figure;
    -- else the kind of time it has most of, dated first.
    SELECT DISTINCT ON (series)
        series,
        time_kind AS main,
        begins AS main_begins,
        points AS main_points,
        last_day AS main_last
    FROM (
        SELECT *, max(last_day) OVER (PARTITION BY series) AS newest
        FROM (
            SELECT
                series,
                time_kind,
                begins,
                count(*) AS points,
                max(period_end) AS last_day
            FROM point
            GROUP BY series, time_kind, begins
        )
    )
    ORDER BY
        series,
        NOT coalesce(time_kind = 'year' AND last_day > newest - INTERVAL 3 YEAR, false),
        time_kind = 'undated',
        time_kind = 'window',
        points DESC,
        last_day DESC NULLS LAST,
        time_kind,
        begins;

CREATE TABLE main_point AS
    SELECT
        id, series, time_kind, year, period_start, period_end, day, printed_day,
        is_twelve_months, value, is_doubted, n_inside, is_own, place, publisher, statement,
        "break"
    FROM point
    JOIN main_time USING (series)
    WHERE (time_kind = main AND (main <> 'year' OR begins = main_begins))
        -- RULE part: after the last whole year, the part of a year that is known stands
        -- with the years, marked.
        OR (
            time_kind = 'part' AND main = 'year' AND begins = main_begins
            AND period_end > main_last
        );

CREATE TABLE stretch AS
    -- RULE break: where an editor says that a figure is counted otherwise than the one
    -- before it, a stretch ends; 0 is the newest.
    SELECT
        id,
        coalesce(sum(("break" IS NOT NULL)::INT) OVER newer, 0) AS stretch
    FROM (SELECT *, coalesce(day, DATE '0001-01-01') AS from_day FROM main_point)
    WINDOW newer AS (
        PARTITION BY series
        ORDER BY from_day DESC, place DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    );

CREATE TABLE overlap AS
    -- RULE overlap: of windows of a series that share days, the newest stands (a
    -- running total is no series).
    WITH span AS (
        SELECT
            id,
            series,
            coalesce(period_start, DATE '0001-01-01') AS first_day,
            period_end AS last_day
        FROM main_point
        WHERE time_kind = 'window'
    )
    SELECT DISTINCT older.id
    FROM span AS older
    JOIN span AS newer USING (series)
    WHERE newer.id <> older.id
        AND newer.first_day <= older.last_day
        AND older.first_day <= newer.last_day
        AND (newer.last_day, newer.first_day, newer.id)
            > (older.last_day, older.first_day, older.id);

CREATE TABLE newest AS
    -- RULE latest: of its main times in the newest stretch: a number; a year before a
    -- part; the newest day; twelve months, the whole, the body's own page first.
    SELECT
        series,
        first(id ORDER BY nth) AS newest,
        first(period_end ORDER BY nth) AS newest_end,
        first(n_inside ORDER BY nth) AS newest_depth,
        first(place ORDER BY nth) AS newest_place,
        first(publisher ORDER BY nth) AS newest_publisher,
        bool_and(value IS NULL) AS all_hidden,
        bool_and(is_doubted) AS all_doubted,
        max(printed_day) AS printed_day
    FROM (
        SELECT
            *,
            row_number() OVER (
                PARTITION BY series
                ORDER BY value IS NULL, stretch > 0, time_kind = 'part',
                    day DESC NULLS LAST, printed_day DESC NULLS LAST,
                    is_twelve_months DESC, n_inside, NOT is_own, place
            ) AS nth
        FROM main_point
        JOIN stretch USING (id)
    )
    GROUP BY series;

CREATE TABLE kept_apart AS  -- series of which each figure has a caveat against ranking
    SELECT series
    FROM figure
    LEFT JOIN (
        SELECT id, bool_or(no_ranking) AS no_ranking
        FROM figure_caveat
        JOIN caveat USING (caveat)
        GROUP BY id
    ) USING (id)
    GROUP BY series
    HAVING bool_and(coalesce(no_ranking, false));

CREATE TABLE series AS
    SELECT
        told.*,
        main_time.* EXCLUDE (series),
        newest.* EXCLUDE (series),
        topic,
        position,
        area_label,
        country,
        depth,
        counting_unit = told.usual_unit AS is_usual_unit,
        is_unscoped AND is_all_kinds AND is_of_usual_people AND statistic = 'count'
            AS is_total,
        -- RULE scale: two series may share a scale if this text is the same; empty is
        -- never.
        CASE
            WHEN told.series IN (FROM kept_apart) THEN NULL
            WHEN together = 'country' THEN nation
            WHEN together = 'source' THEN newest_publisher
        END AS scale,
        -- RULE recent: it ends within six years of the newest day held of that
        -- indicator in that place; no calendar is asked.
        coalesce(
            newest_end >= max(newest_end) OVER (PARTITION BY indicator, area)
                - INTERVAL 6 YEAR,
            false
        ) AS is_recent
    FROM (
        SELECT DISTINCT
            series, indicator, area, category, subcategory, scope, population,
            counting_unit, statistic, unit, base, usual_unit, is_unscoped, is_all_kinds,
            is_of_usual_people
        FROM figure
    ) AS told
    JOIN main_time USING (series)
    JOIN newest USING (series)
    JOIN indicator USING (indicator)
    JOIN area USING (area);

CREATE TABLE lead AS
    -- RULE lead: of the series of an indicator and a place one leads: the editor's
    -- word; a number; not doubted; no change; recent; with the fewest limits, and a
    -- scope before a kind; in the usual unit; a count, or three times of a rate or
    -- share; of its people; dated; with three times or more; a count; the newest; with
    -- most times.
    SELECT
        series,
        indicator,
        area,
        row_number() OVER (
            PARTITION BY indicator, area
            ORDER BY
                series NOT IN (SELECT series FROM figure WHERE leads IS NOT NULL),
                all_hidden,
                all_doubted,
                statistic = 'change',
                NOT is_recent,
                (NOT is_all_kinds)::INT + (NOT is_unscoped)::INT,
                NOT is_all_kinds,
                NOT is_usual_unit,
                statistic <> 'count' AND main_points < 3,
                NOT is_of_usual_people,
                main = 'undated',
                main_points < 3,
                statistic <> 'count',
                newest_end DESC NULLS LAST,
                printed_day DESC NULLS LAST,
                main_points DESC,
                newest_depth,
                newest_place
        ) AS nth
    FROM series;

CREATE TABLE lead_series AS
    SELECT series.* FROM lead JOIN series USING (series) WHERE nth = 1;

CREATE TABLE inside_series AS
    -- RULE part of a series: a point of it is inside a point of the other.
    SELECT DISTINCT part.series, whole.series AS whole
    FROM inside
    JOIN point AS part USING (id)
    JOIN point AS whole ON whole.id = inside.whole
    WHERE whole.series <> part.series;

CREATE TABLE beside AS
    -- RULE beside: if the leading series is of one kind, the other kinds of its scope
    -- stand beside it; if it is a part, the other parts do: of the same people, unit,
    -- time and kind of number.
    SELECT series.series, series.indicator, series.area
    FROM series
    JOIN lead_series AS led USING (indicator, area)
    WHERE series.series = led.series OR (
        (led.population, led.counting_unit, led.statistic, led.unit, led.main)
            = (series.population, series.counting_unit, series.statistic, series.unit,
                series.main)
        AND led.base IS NOT DISTINCT FROM series.base
        AND CASE
            WHEN NOT led.is_all_kinds THEN
                NOT series.is_all_kinds AND series.scope IS NOT DISTINCT FROM led.scope
            WHEN NOT led.is_unscoped THEN series.is_all_kinds AND NOT series.is_unscoped
            ELSE false
        END
    );

CREATE TABLE in_default AS
    -- RULE default: a place is answered by its leading series, and by what stands
    -- beside it and is no part of another of these. So no total is made, and nothing
    -- counts twice.
    SELECT series
    FROM beside
    WHERE series IN (SELECT series FROM lead_series)
        OR NOT EXISTS (
            FROM inside_series
            JOIN beside AS whole ON whole.series = inside_series.whole
            WHERE inside_series.series = beside.series
                AND (whole.indicator, whole.area) = (beside.indicator, beside.area)
        );
