-- What must be empty: each mistake with its rule, the figures it is about and a
-- sentence.

WITH pair AS (  -- rows of the default table of one indicator, area and time
    SELECT part.id, whole.id AS whole
    FROM answer AS part
    JOIN inside USING (id)
    JOIN answer AS whole ON whole.id = inside.whole
    WHERE part."default" = 1
        AND whole."default" = 1
        AND (part.indicator, part.area_code, part.time)
            = (whole.indicator, whole.area_code, whole.time)
)
SELECT
    'left_out' AS rule,
    [id] AS figures,
    'is neither a row nor beside a row: its indicator, area or source is not known'
        AS message
FROM printed
WHERE id NOT IN (SELECT id FROM answer) AND id NOT IN (SELECT figure FROM other)

UNION ALL
SELECT 'chosen_twice', [figure], 'is a point, or is beside a figure that is none'
FROM other
WHERE figure IN (SELECT id FROM point) OR point NOT IN (SELECT id FROM point)

UNION ALL
SELECT 'six_keys', list(id ORDER BY id),
    'have the same indicator, area, kind, scope, time and unit in the default table'
FROM answer
WHERE "default" = 1
GROUP BY indicator, area_code, kind, scope, time, unit
HAVING count(*) > 1

UNION ALL
SELECT 'ten_keys', list(id ORDER BY id),
    'have the same ten keys: other words for a kind or a scope must tell them apart'
FROM answer
GROUP BY indicator, area_code, kind, scope, time, unit, people, category, statistic,
    base
HAVING count(*) > 1

UNION ALL
SELECT 'empty_cell', [id],
    'has no indicator, area, kind, scope, time, unit, number to show, sentence or '
        || 'publisher'
FROM answer
WHERE len(list_filter(
    [indicator, area_code, kind, scope, time, unit, shown, sentence, publisher],
    lambda cell: cell <> ''
)) < 9

UNION ALL
SELECT 'two_latest', list(id ORDER BY id),
    'are both the newest of an indicator, area, kind, scope and unit'
FROM answer
WHERE latest = 1 AND "default" = 1
GROUP BY indicator, area_code, kind, scope, unit
HAVING count(*) > 1

UNION ALL
SELECT 'counted_twice', [id, whole],
    'stand both in the default table, but the first is a part of the second'
FROM pair

UNION ALL
SELECT 'no_lead', list(DISTINCT figure ORDER BY figure),
    'disagree with what is chosen for their cell (' || disagreement || '): write which '
        || 'figure leads into `leads` of the disagreement'
FROM other
WHERE why = 'disagrees' AND disagreement NOT IN (SELECT disagreement FROM led)
GROUP BY disagreement

UNION ALL
SELECT 'unexplained', [figure, point],
    'have different numbers for the same thing: write a disagreement, or what tells '
        || 'them apart'
FROM other
WHERE why = 'unexplained'

UNION ALL
SELECT 'same_label', [],
    'the codes ' || string_agg(code, ', ' ORDER BY code) || ' of ' || list
        || ' have the same label'
FROM code
WHERE list IN (
    'area', 'category', 'population', 'counting_unit', 'vetting_check',
    'vetting_result', 'qualifier', 'value_absent'
)
GROUP BY list, lower(label)
HAVING count(*) > 1

UNION ALL
SELECT 'two_leads', list(id ORDER BY id), 'are for one cell, and only one can lead it'
FROM figure
WHERE id IN (SELECT id FROM led)
GROUP BY series, time
HAVING count(*) > 1

UNION ALL
SELECT 'two_leads', list(id ORDER BY id),
    'say both that their series leads an indicator and area'
FROM figure
WHERE leads IS NOT NULL
GROUP BY indicator, area
HAVING count(DISTINCT series) > 1

ORDER BY rule, figures;
