"""The figures for peers that have no Postgres: a SQLite file for Datasette, a Parquet file for ROAPI."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import polars as pl
import psycopg

HERE = Path(__file__).parent
TABLES = {"codes": "id", "sources": "id", "caveats": "id", "observations": "id",
          "observation_caveats": "observation_id, caveat_id"}  # fmt: skip
_PAGE = (HERE / "page.sql").read_text()
_MATCHES = "id IN (SELECT id FROM texts WHERE texts MATCH :q)"
QUERIES = {
    "page": _PAGE.format(
        list="json_group_array",
        figures="observations",
        total="count(*) OVER ()",
        condition="o.category_id = :category AND o.source_id = :source",
    ),
    "search": _PAGE.format(
        list="json_group_array",
        figures=f"(SELECT * FROM observations WHERE {_MATCHES} ORDER BY id LIMIT 10)",
        total=f"(SELECT count(*) FROM observations WHERE {_MATCHES})",
        condition="true",
    ),
}
"""Datasette's prepared ("canned") queries; a page of a search is cut before its labels are joined."""


def make_schema(owner_url: str) -> None:
    """The tables of schema.sql."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute((HERE / "schema.sql").read_text())


def write_sqlite(owner_url: str, file: Path) -> None:
    """Every table with the same keys and indexes, and an index of words; then planned, as SQLite advises."""
    with psycopg.connect(owner_url) as owner, sqlite3.connect(file) as lite:
        for name, key in TABLES.items():
            rows = owner.execute(f"SELECT * FROM peers.{name}")
            columns = [column.name for column in rows.description or ()]
            lite.execute(f"CREATE TABLE {name} ({', '.join(columns)}, PRIMARY KEY ({key}))")
            marks = ", ".join("?" * len(columns))
            while batch := rows.fetchmany(50_000):
                lite.executemany(f"INSERT INTO {name} VALUES ({marks})", map(_plain, batch))
        for column in ("category_id", "area_id", "source_id"):
            lite.execute(f"CREATE INDEX observations_{column} ON observations ({column}, id)")
        lite.execute("CREATE VIRTUAL TABLE texts USING fts5(id UNINDEXED, text, tokenize = 'porter')")
        lite.executemany("INSERT INTO texts VALUES (?, ?)", owner.execute("SELECT id, text FROM peers.texts"))
        lite.execute("ANALYZE")


def _plain(row: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(cell if isinstance(cell, str | int | None) else float(str(cell)) for cell in row)


def write_datasette(file: Path) -> None:
    """Datasette's metadata."""
    queries = {name: {"sql": sql} for name, sql in QUERIES.items()}
    file.write_text(json.dumps({"databases": {"figures": {"queries": queries}}}))


def write_parquet(owner_url: str, folder: Path) -> None:
    """One wide table, as ROAPI and DuckDB like them, and the configuration that serves it."""
    labels = {"measure": "m", "category": "c", "area": "a", "population": "p", "counting_unit": "u", "stated_by": "b"}
    shown = ", ".join(f"{alias}.label AS {name}_label" for name, alias in labels.items())
    joins = " ".join(f"JOIN peers.codes {alias} ON {alias}.id = o.{name}_id" for name, alias in labels.items())
    caveats = (
        "(SELECT string_agg(x.caveat_id || ': ' || v.text, ' | ') FROM peers.observation_caveats x "
        "JOIN peers.caveats v ON v.id = x.caveat_id WHERE x.observation_id = o.id)"
    )
    query = (
        f"SELECT o.*, {shown}, s.title AS source_title, s.publisher AS source_publisher, "
        f"s.published AS source_published, s.url AS source_url, s.sha256 AS source_sha256, {caveats} AS caveats "
        f"FROM peers.observations o {joins} JOIN peers.sources s ON s.id = o.source_id ORDER BY o.id"
    )
    with psycopg.connect(owner_url) as owner:
        rows = owner.execute(query)
        names = [column.name for column in rows.description or ()]
        types = {
            name: pl.Float64 if name == "value" else pl.Int64 if name == "version" else pl.String for name in names
        }
        batches = iter(lambda: rows.fetchmany(100_000), [])
        frames = [pl.DataFrame(map(_plain, batch), types, orient="row") for batch in batches]
    pl.concat(frames).write_parquet(folder / "figures.parquet")
    config = {"addr": {}, "tables": [{"name": "figures", "uri": str(folder / "figures.parquet")}]}
    (folder / "roapi.yml").write_text(json.dumps(config))
