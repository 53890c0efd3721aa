-- Sexual assaults by year, with DuckDB: duckdb < figures.sql
-- DuckDB fetches its httpfs extension the first time, and only what the query needs of the Parquet file.
SELECT period_start AS year, value, printed, counting_unit_label, source_publisher,
       'http://localhost:8000' || cite_as AS cite_as
FROM read_parquet('http://localhost:8000/v1/releases/1.1.0/files/allegations.parquet')
WHERE category = 'sexual_assault' AND period_type = 'year'
ORDER BY year;
