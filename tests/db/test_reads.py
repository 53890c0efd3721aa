"""What a question reads does not grow with the register: measured by EXPLAIN on the small register, copied often."""

import asyncio

import httpx
import psycopg
import pytest

from misconduct.db.engine import OPTIONS, Tables
from misconduct.db.load import load
from misconduct.main import complete_app, create_api
from misconduct.model.warnings import MOST_READ
from misconduct.settings import Settings

from ..conftest import SMALL

COPIES = 100
SHARE = 2 / 3
"""A statement reads 5,000 rows that fit, and others before these: of a larger register a smaller share."""

QUESTIONS = (
    "/v1/figures",
    "/v1/figures?q=force",
    "/v1/figures?q=officers",
    "/v1/figures?q=complaints+2021",
    "/v1/figures?q=zebra",
    "/v1/figures?q=dismissed+zebra",
    "/v1/figures?q=1071",
    "/v1/figures?q=force&sort=-value",
    "/v1/figures?indicator=complaints",
    "/v1/figures?topic=allegations&year=2021",
    "/v1/figures?category=sexual&year=2021",
    "/v1/figures?category=any&sort=value",
    "/v1/figures?year=2021",
    "/v1/figures?year=1921",
    "/v1/figures?year=..2015",
    "/v1/figures?area=E23000001-1",
    "/v1/figures?area=E23000001-1,us_il_chicago-2&indicator=complaints",
    "/v1/figures?source=eye-of-media-2024-disclosure",
    "/v1/figures?source=College+of+Policing&limit=100",
    "/v1/figures?people=officers",
    "/v1/figures?statistic=share",
    "/v1/figures?statistic=change",
    "/v1/figures?vetting_check=vetting",
    "/v1/figures?vetting_result=criminal_record",
    "/v1/figures?value=1071",
    "/v1/figures?id=k7m3q",
    "/v1/figures?sort=-value",
    "/v1/figures?sort=-period_end",
    "/v1/figures?offset=1000",
    "/v1/allegations?area=E23000001-1",
    "/v1/vetting?area=E23000001-1",
    "/v1/figures/k7m3q",
    "/v1/standing?id=k7m3q",
    "/v1/indicators",
    "/v1/indicators/complaints?area=E23000001-1",
    "/v1/indicators/complaints?area=E23000001&all=1",
    "/v1/areas",
    "/v1/areas/E23000001",
    "/v1/changes",
    "/v1/changes?id=k7m3q",
    "/",
    "/search?q=force",
    "/search?q=proven+2021",
    "/search?q=zebra",
    "/search?q=suspended+met+1071",
    "/search?q=use+of+force+complaints+zebra+2021",
    "/areas",
    "/areas/E23000001",
)
"""Requests of each kind: whatever people filter by, words that many figures have, few and none."""


WRITING = "-c default_transaction_read_only=off -c statement_timeout=0"

SUFFIXED = {
    "observations": ("id", "place", "series", "repeats"),
    "points": ("id",),
    "versions": ("id",),
}
"""The texts in which a copy of a row differs. Words, kinds, years and sources stay as frequent as they are."""


def test_a_question_reads_no_more_rows_of_a_larger_register(url, monkeypatch):
    load(url, SMALL)
    with psycopg.connect(url, autocommit=True, options=f"{OPTIONS} {WRITING}") as owner:
        grow(owner)
        [total] = owner.execute("SELECT count(*) FROM observations").fetchone()
        asked = asyncio.run(ask_all(url, monkeypatch))
        read = {
            question: max(count_rows(owner, *one) for one in statements)
            for question, statements in asked.items()
            if statements
        }

    assert {one: rows for one, rows in read.items() if rows > SHARE * total} == {}
    searches = [rows for one, rows in read.items() if one.startswith("/v1/figures?q=")]
    assert max(searches) <= MOST_READ


def grow(owner: psycopg.Connection) -> None:
    """Copy the rows of the newest release, each with an id of its own, in ten times as many places."""
    [schema] = owner.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'release%' ORDER BY oid DESC LIMIT 1"
    ).fetchone()
    owner.execute(f"SET search_path = {schema}")
    owner.execute("""
        INSERT INTO records
        SELECT kind, id || '-' || copy,
            content || jsonb_build_object('id', id || '-' || copy, 'label', id || copy, 'words', '[]'::jsonb), ''
        FROM records, generate_series(0, 9) AS copy WHERE kind = 'code' AND id LIKE 'area/%'""")
    for table, names in SUFFIXED.items():
        columns = [
            name
            for (name,) in owner.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0",
                [table],
            )
        ]
        made = {name: f"{name} || '-' || copy" for name in names}
        made |= {name: f"{name} || '-' || copy % 10" for name in ("area", "area_code")}
        made["nth"] = "nth + 10000 * copy"
        cells = ", ".join(made.get(name, f'"{name}"') for name in columns)
        owner.execute(
            f"INSERT INTO {table} SELECT {cells} FROM {table}, generate_series(1, {COPIES}) AS copy"
        )
        # Otherwise plans depend on whether autovacuum has been here: new rows stand in a GIN index unsorted.
        owner.execute(f"VACUUM (ANALYZE) {table}")


async def ask_all(url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, list]:
    """Return the statements, with their values, with which the service answers each question."""
    asked, ask = {}, Tables.rows

    async def note(tables, statement, values=None):
        named = statement.replace("$release.", f"{tables.schema}.")
        asked.setdefault(question, []).append((named, values))
        return await ask(tables, statement, values)

    question = ""
    api = create_api(Settings(database_url=url, data=SMALL))
    app = complete_app(api)
    async with api.router.lifespan_context(api) as state:

        async def with_state(scope, receive, send):
            await app({**scope, "state": {**state}}, receive, send)

        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost:8000"
        ) as client:
            (
                await client.get("/v1/indicators")
            ).raise_for_status()  # the records are read once
            monkeypatch.setattr(Tables, "rows", note)
            for question in QUESTIONS:
                answer = await client.get(question)
                assert answer.status_code == 200, (question, answer.text)
    return asked


def count_rows(owner: psycopg.Connection, statement: str, values) -> int:
    """Return how many rows of the tables that grow a statement reads, of which it may leave most out."""
    [[plan]] = owner.execute(
        f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", values
    ).fetchone()
    waiting, read = [plan["Plan"]], 0
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", ())
        if node.get("Relation Name") in SUFFIXED:
            left_out = sum(
                node.get(f"Rows Removed by {why}", 0)
                for why in ("Filter", "Index Recheck")
            )
            read += (node["Actual Rows"] + left_out) * node["Actual Loops"]
    return read
