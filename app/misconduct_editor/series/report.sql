-- What an editor reads after each run: a title after `-- #`, then its query.

-- # Sizes
SELECT
    (SELECT count(*) FROM figure) AS figures,
    (SELECT count(*) FROM point) AS points,
    (SELECT count(*) FROM other) AS others,
    (SELECT count(*) FROM series) AS series,
    (SELECT count(*) FROM lead_series) AS leads,
    (SELECT count(*) FROM answer WHERE "default" = 1) AS default_rows,
    (SELECT count(*) FROM answer WHERE latest = 1) AS latest;

-- # Leading series without a number
SELECT indicator, area
FROM answer
GROUP BY indicator, area, area_code
HAVING sum(lead * latest) = 0
ORDER BY ALL;

-- # Cells with two values, and why
SELECT
    why,
    answer.indicator,
    answer.area,
    answer.time,
    answer.id AS chosen,
    shown,
    other.figure AS other,
    value_text AS other_value,
    answer.id IN (SELECT id FROM led) AS by_editor
FROM other
JOIN answer ON answer.id = other.point
JOIN figure ON figure.id = other.figure
WHERE differs
ORDER BY ALL;

-- # Rows of the default table that repeat another of the same indicator
SELECT a.sentence, b.sentence AS repeats
FROM answer AS a
JOIN answer AS b ON b.id = a.repeats
WHERE a."default" = 1 AND b."default" = 1 AND a.indicator = b.indicator
ORDER BY ALL;

-- # Leading series that are no total, by what limits them
SELECT
    CASE
        WHEN NOT is_all_kinds AND NOT is_unscoped THEN 'kind and scope'
        WHEN NOT is_all_kinds THEN 'kind'
        WHEN NOT is_unscoped THEN 'scope'
        WHEN statistic <> 'count' THEN statistic
        ELSE 'people'
    END AS limited_by,
    count(*) AS leads
FROM lead_series
WHERE NOT is_total
GROUP BY limited_by
ORDER BY leads DESC;

-- # Leading series that are no total
SELECT indicator, area, name, time, shown, id
FROM answer
WHERE lead = 1 AND latest = 1 AND total = 0
ORDER BY ALL;

-- # Gaps: years of a leading series without a figure, and what is held otherwise
SELECT indicator, area, year, held
FROM gap
ORDER BY held IS NULL, indicator, area, year;

-- # Series in which another kind of statement begins, and what `break` says
SELECT
    answer.indicator,
    answer.area,
    answer.time,
    answer.shown,
    was || ' → ' || statement AS statement,
    coalesce("break", 'no break said') AS said,
    answer.id
FROM (
    SELECT
        id,
        series,
        statement,
        "break",
        lag(statement IGNORE NULLS) OVER (
            PARTITION BY series ORDER BY day NULLS FIRST, place
        ) AS was
    FROM main_point
) AS told
JOIN in_default USING (series)
JOIN answer USING (id)
WHERE statement <> was
ORDER BY ALL;

-- # Words of an editor that change nothing
SELECT id, 'break' AS field, 'it is not among the main times of its series' AS why
FROM figure
WHERE "break" IS NOT NULL AND id NOT IN (SELECT id FROM main_point)
UNION ALL
SELECT id, 'leads', 'no other figure is in its cell'
FROM led
WHERE id NOT IN (SELECT point FROM other)
ORDER BY ALL;

-- # Windows that overlap a newer one, and are not in the default table
SELECT sentence FROM answer JOIN overlap USING (id) WHERE stretch = 0 ORDER BY ALL;

-- # Rows that only their publication dates
SELECT
    count(*) AS rows,
    count(*) FILTER ("default" = 1) AS in_default,
    count(year) AS with_year
FROM answer
WHERE coverage = 'unstated' AND period_start IS NOT NULL;

-- # Notes of the default table
SELECT
    count(*) AS rows,
    count(*) FILTER (note IS NULL) AS without,
    max(length(note)) AS longest
FROM answer
WHERE "default" = 1;
