-- The figures of the newest release as somebody would lay them out who has only those: keys, and an index for each
-- condition, as in the register's own table.
DROP SCHEMA IF EXISTS peers CASCADE;
CREATE SCHEMA peers;
CREATE TABLE peers.codes AS
  SELECT id, content->>'label' AS label FROM records
  WHERE kind = 'code' AND ended_in > (SELECT max(ordinal) FROM releases);
CREATE TABLE peers.sources AS
  SELECT id, content->>'title' AS title, content->>'publisher' AS publisher, content->>'published' AS published,
         content->>'url' AS url, content->>'sha256' AS sha256
  FROM records WHERE kind = 'source' AND ended_in > (SELECT max(ordinal) FROM releases);
CREATE TABLE peers.caveats AS
  SELECT id, content->>'text' AS text FROM records
  WHERE kind = 'caveat' AND ended_in > (SELECT max(ordinal) FROM releases);
CREATE TABLE peers.observations AS
  SELECT id, version, 'measure/' || measure AS measure_id, statistic, 'category/' || category AS category_id,
         'area/' || area AS area_id, 'population/' || population AS population_id,
         'counting_unit/' || counting_unit AS counting_unit_id, period_type, period_start, period_end, value,
         value_absent, unit, qualifier, hedge, printed, obs_status, 'stated_by/' || stated_by AS stated_by_id,
         source AS source_id
  FROM observations WHERE ended_in > (SELECT max(ordinal) FROM releases) ORDER BY id;
CREATE TABLE peers.observation_caveats AS
  SELECT id AS observation_id, unnest(caveats) AS caveat_id FROM observations
  WHERE ended_in > (SELECT max(ordinal) FROM releases);
ALTER TABLE peers.codes ADD PRIMARY KEY (id);
ALTER TABLE peers.sources ADD PRIMARY KEY (id);
ALTER TABLE peers.caveats ADD PRIMARY KEY (id);
ALTER TABLE peers.observations ADD PRIMARY KEY (id);
ALTER TABLE peers.observation_caveats ADD PRIMARY KEY (observation_id, caveat_id);
CREATE TABLE peers.texts AS
  SELECT o.id, concat_ws(' ', m.label, c.label, a.label, p.label, u.label, b.label, s.title, s.publisher, o.hedge,
                         o.printed, (SELECT string_agg(v.text, ' ') FROM peers.observation_caveats x
                                     JOIN peers.caveats v ON v.id = x.caveat_id WHERE x.observation_id = o.id)) AS text
  FROM peers.observations o
  JOIN peers.codes m ON m.id = o.measure_id JOIN peers.codes c ON c.id = o.category_id
  JOIN peers.codes a ON a.id = o.area_id JOIN peers.codes p ON p.id = o.population_id
  JOIN peers.codes u ON u.id = o.counting_unit_id JOIN peers.codes b ON b.id = o.stated_by_id
  JOIN peers.sources s ON s.id = o.source_id;
ALTER TABLE peers.texts ADD PRIMARY KEY (id),
  ADD words tsvector GENERATED ALWAYS AS (to_tsvector('english', text)) STORED;
CREATE INDEX ON peers.texts USING gin (words);
CREATE INDEX ON peers.observations (category_id, id);
CREATE INDEX ON peers.observations (area_id, id);
CREATE INDEX ON peers.observations (source_id, id);
ANALYZE peers.codes, peers.sources, peers.caveats, peers.observations, peers.observation_caveats, peers.texts;
GRANT USAGE ON SCHEMA peers TO misconduct_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA peers TO misconduct_reader;
