-- One point for each cell, and every figure that was not chosen, with why.

CREATE TABLE stands_for AS
    -- RULE point: a figure that repeats one of its own series is no point; it, and what
    -- was not chosen, lead to the point that stands.
    WITH RECURSIVE step AS (
        SELECT
            id,
            CASE WHEN repeats_here THEN repeats WHEN nth > 1 THEN chosen ELSE id END
                AS next
        FROM choice
    ),
    follow AS (
        SELECT id, next AS point, 1 AS steps FROM step WHERE id <> next
        UNION ALL
        SELECT follow.id, step.next, steps + 1
        FROM follow
        JOIN step ON step.id = follow.point
        WHERE step.next <> step.id AND steps < 9
    )
    SELECT id, arg_max(point, steps) AS point FROM follow GROUP BY id;

CREATE TABLE disagree AS  -- pairs of figures of one disagreement
    SELECT a.id AS one, b.id AS two, min(a.disagreement) AS disagreement
    FROM disagreement AS a
    JOIN disagreement AS b USING (disagreement)
    GROUP BY a.id, b.id;

CREATE TABLE other AS
    SELECT
        stands_for.point,
        o.id AS figure,
        o.value IS NOT NULL AND o.value IS DISTINCT FROM p.value AS differs,
        disagree.disagreement,
        -- RULE why: the first of these that is true.
        CASE
            WHEN o.is_doubted THEN 'in doubt'
            WHEN o.value IS NULL THEN 'no number'
            WHEN disagree.disagreement IS NOT NULL AND o.value IS DISTINCT FROM p.value
                THEN 'disagrees'
            WHEN o.repeats IS NOT NULL AND o.value IS DISTINCT FROM p.value
                THEN 'rounds it'
            WHEN o.repeats IS NOT NULL THEN 'repeats it'
            WHEN o.value = p.value THEN 'same number'
            WHEN o.work = p.work AND o.source <> p.source THEN 'other edition'
            WHEN o.qualifier <> 'exact' OR p.qualifier <> 'exact' THEN 'rounds it'
            WHEN (o.vetting_check, o.vetting_result)
                IS DISTINCT FROM (p.vetting_check, p.vetting_result) THEN 'other check'
            WHEN o.measure <> p.measure THEN 'other stage'
            WHEN o.source = p.source THEN 'same document'
            ELSE 'unexplained'
        END AS why
    FROM stands_for
    JOIN figure AS o USING (id)
    JOIN figure AS p ON p.id = stands_for.point
    LEFT JOIN disagree ON disagree.one = o.id AND disagree.two = p.id;

CREATE TABLE told_whole AS  -- what the source says a figure is inside of
    SELECT id, unnest(string_split(part_of, ' ')) AS whole FROM figure;

CREATE TABLE inside AS
    -- RULE inside: at any distance; a repetition is inside what the first statement is.
    WITH RECURSIVE claim AS (
        SELECT id, coalesce(repeats, id) AS claim FROM figure
    ),
    stated AS (
        SELECT DISTINCT part.claim, whole.claim AS whole
        FROM told_whole
        JOIN claim AS part USING (id)
        JOIN claim AS whole ON whole.id = told_whole.whole
    ),
    closure AS (
        SELECT claim, whole FROM stated
        UNION
        SELECT closure.claim, stated.whole
        FROM closure
        JOIN stated ON stated.claim = closure.whole
    )
    SELECT claim.id, coalesce(stands_for.point, closure.whole) AS whole
    FROM claim
    JOIN closure USING (claim)
    LEFT JOIN stands_for ON stands_for.id = closure.whole;

CREATE TABLE placed AS  -- every figure, a point or not, with its place in its series
    SELECT
        figure.*,
        nth = 1 AND NOT repeats_here AS is_point,
        coalesce(depth.inside, 0) AS n_inside,
        -- RULE newest: what is of one moment counts from its first possible day, all
        -- else by its last; what has no date comes last.
        CASE time_kind
            WHEN 'day' THEN period_start
            WHEN 'undated' THEN NULL
            ELSE period_end
        END AS day,
        CASE time_kind WHEN 'undated' THEN published END AS printed_day
    FROM figure
    JOIN choice USING (id)
    LEFT JOIN (SELECT id, count(*) AS inside FROM inside GROUP BY id) AS depth
        USING (id);

CREATE TABLE point AS SELECT * EXCLUDE (is_point) FROM placed WHERE is_point;

CREATE TABLE part AS
    SELECT
        figure.id,
        whole.id AS whole,
        -- RULE part of a period: inside a total of a longer time that holds the part's
        -- days; anything else that holds it is a total of its own time.
        coalesce(
            whole.period_start <= figure.period_start
            AND whole.period_end >= figure.period_end
            -- a month or a year may be three days longer than another
            AND whole.period_end - whole.period_start
                > figure.period_end - figure.period_start + 3,
            false
        ) AS is_of_period
    FROM told_whole
    JOIN figure USING (id)
    LEFT JOIN stands_for ON stands_for.id = told_whole.whole
    JOIN figure AS whole
        ON whole.id = coalesce(stands_for.point, told_whole.whole);
