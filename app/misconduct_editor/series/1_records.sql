-- What the rules read of records. Two tables are filled before: `record` (kind, id,
-- json) and `printed` (the figures, with what words.py says of them). No clock, no
-- file.

CREATE TABLE code AS
    SELECT
        split_part(id, '/', 1) AS list,
        split_part(id, '/', 2) AS code,
        json ->> 'label' AS label,
        json ->> 'broader' AS broader,
        (json ->> 'position')::INT AS position
    FROM record
    WHERE kind = 'code';

CREATE TABLE around AS  -- each area with itself and the areas around it
    WITH RECURSIVE up AS (
        SELECT code AS area, code AS around, 0 AS steps FROM code WHERE list = 'area'
        UNION ALL
        SELECT up.area, code.broader, up.steps + 1
        FROM up
        JOIN code ON code.list = 'area' AND code.code = up.around
        WHERE code.broader IS NOT NULL
    )
    SELECT up.*, code.position
    FROM up
    JOIN code ON code.list = 'area' AND code.code = up.around;

CREATE TABLE area AS
    SELECT
        area,
        first(code.label) AS area_label,
        max(steps) AS depth,
        -- RULE nation: the nearest area around it that the list of areas gives a
        -- position; else the outermost.
        coalesce(
            arg_min(around, steps) FILTER (around.position IS NOT NULL),
            arg_max(around, steps)
        ) AS nation,
        coalesce(
            arg_min(around.position, steps) FILTER (around.position IS NOT NULL), 999
        ) AS country
    FROM around
    JOIN code ON code.list = 'area' AND code.code = area
    GROUP BY area;

CREATE TABLE indicator AS
    SELECT
        id AS indicator,
        (json ->> 'position')::INT AS position,
        coalesce(json ->> 'together', 'never') AS together,
        -- RULE topic: eight names; trust and uses of force have none.
        CASE
            WHEN json ->> 'topic' NOT IN ('public-trust', 'use-of-force')
                THEN json ->> 'topic'
        END AS topic,
        json_extract_string(json, '$.category[*]') AS kinds,
        json ->> '$.counting_unit[0]' AS usual_unit,
        json ->> '$.population[0]' AS usual_people
    FROM record
    WHERE kind = 'indicator';

CREATE TABLE source AS
    SELECT
        id AS source,
        coalesce(json ->> 'work', id) AS work,
        coalesce(json ->> 'publisher', json ->> 'title', 'a document') AS publisher,
        json ->> 'published' AS published,
        json ->> 'title' AS source_title,
        json ->> 'url' AS source_url,
        -- RULE statement: whose words a document carries: statistics, an answer, a
        -- statement or an article. It breaks nothing; the report asks where it changes.
        json ->> 'statement' AS statement
    FROM record
    WHERE kind = 'source';

CREATE TABLE figure_caveat AS
    SELECT id, unnest(string_split(caveats, ' ')) AS caveat FROM printed;

CREATE TABLE caveat AS
    SELECT
        id AS caveat,
        json ->> 'short' AS short,
        coalesce((json ->> 'no_lead')::BOOL, false) AS no_lead,
        coalesce((json ->> 'no_ranking')::BOOL, false) AS no_ranking,
        json ->> 'reply_by' IS NOT NULL AS is_reply,
        used.figures
    FROM record
    LEFT JOIN (
        SELECT caveat, count(*) AS figures FROM figure_caveat GROUP BY caveat
    ) AS used ON used.caveat = id
    WHERE kind = 'caveat';

CREATE TABLE correction AS
    SELECT id AS correction, unnest(json_extract_string(json, '$.affects[*]')) AS id
    FROM record
    WHERE kind = 'correction';

CREATE TABLE disagreement AS
    SELECT
        id AS disagreement,
        unnest(json_extract_string(json, '$.members[*]')) AS id,
        json ->> 'warning' AS warning
    FROM record
    WHERE kind = 'disagreement';

CREATE TABLE led AS  -- the figures that lead in a disagreement
    SELECT id AS disagreement, unnest(json_extract_string(json, '$.leads[*]')) AS id
    FROM record
    WHERE kind = 'disagreement';
