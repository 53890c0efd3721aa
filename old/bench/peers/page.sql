-- Ten figures that meet a condition with labels, source and caveats, and how many there are in all. The same text for
-- SQLite and Postgres.
SELECT o.id, o.version, o.statistic, o.period_type, o.period_start, o.period_end, o.value, o.value_absent, o.unit,
       o.qualifier, o.hedge, o.printed, o.obs_status,
       m.id AS measure, m.label AS measure_label, c.id AS category, c.label AS category_label,
       a.id AS area, a.label AS area_label, p.id AS population, p.label AS population_label,
       u.id AS counting_unit, u.label AS counting_unit_label, b.id AS stated_by, b.label AS stated_by_label,
       s.id AS source, s.title AS source_title, s.publisher AS source_publisher, s.published AS source_published,
       s.url AS source_url, s.sha256 AS source_sha256,
       (SELECT {list}(x.caveat_id || ': ' || v.text)
        FROM observation_caveats x JOIN caveats v ON v.id = x.caveat_id
        WHERE x.observation_id = o.id) AS caveats,
       {total} AS total
FROM {figures} o
JOIN codes m ON m.id = o.measure_id JOIN codes c ON c.id = o.category_id JOIN codes a ON a.id = o.area_id
JOIN codes p ON p.id = o.population_id JOIN codes u ON u.id = o.counting_unit_id JOIN codes b ON b.id = o.stated_by_id
JOIN sources s ON s.id = o.source_id
WHERE {condition}
ORDER BY o.id LIMIT 10
