"""PgBouncer between the service and Postgres, in both modes; whichever version Debian has."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import asyncpg
import psycopg
import pytest

from misconduct.db.direct import connect
from misconduct.db.engine import Database, Hosts
from misconduct.db.statements import Query
from tests.db.replication import Replicated, replicated
from tests.test_serve import eventually, free_port
from tests.tools import find_program

OWNER, READER = "misconduct_owner", "misconduct_reader"


@pytest.fixture(scope="module")
def primary() -> Iterator[Replicated]:
    with replicated() as servers:
        yield servers


@contextmanager
def pooled(servers: Replicated, mode: str, connections: int, *more: str) -> Iterator[str]:
    """The address of the reader through PgBouncer, which has this many connections to the server."""
    program = find_program("pgbouncer", ["pgbouncer"], "poolers are not tried")
    server, port = servers.primary, free_port()
    folder = server.data.parent / f"pgbouncer-{port}"
    server.account.make_folder(folder)
    files = {
        "users": "".join(f'"{role}" "{server.facts.passwords[role]}"\n' for role in (OWNER, READER)),
        "ini": "\n".join(
            [
                "[databases]",
                f"misconduct = host=127.0.0.1 port={server.port} pool_size={connections}",
                "[pgbouncer]",
                "listen_addr = 127.0.0.1",
                f"listen_port = {port}",
                "unix_socket_dir =",
                "auth_type = plain",
                f"auth_file = {folder}/users",
                f"pool_mode = {mode}",
                "max_client_conn = 200",
                *more,
            ]
        ),
    }
    for name, text in files.items():
        (folder / name).write_text(text)
        server.account.own(folder / name)
    process = server.account.popen([program, folder / "ini"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = server.url(READER, f"127.0.0.1:{port}")

    def answers() -> bool:
        assert process.poll() is None
        with suppress(psycopg.OperationalError), connect(url):
            return True
        return False

    try:
        eventually(answers, seconds=30)
        yield url
    finally:
        process.terminate()
        process.wait(20)


async def ask_everything(url: str, connections: int) -> tuple[int, list[Database]]:
    """Asks two hundred questions of two databases of a pool each, as two processes do; counts the wrong answers."""
    both = [Database(url, pool_size=connections, pool_seconds=30, query_seconds=60) for _ in range(2)]
    questions = [
        Query(f"SELECT {number} + $1::int, repeat('x', {number % 7})", ("n",), {"n": number}) for number in range(100)
    ]
    asked = [(database, question) for question in questions for database in both]
    try:
        found = await asyncio.gather(*(database.rows(question) for database, question in asked * 2))
    finally:
        for database in both:
            await database.close()
    expected = [(2 * question.values["n"], "x" * (question.values["n"] % 7)) for _, question in asked * 2]
    wrong = sum(tuple(rows[0]) != right for rows, right in zip(found, expected, strict=True))
    return wrong, both


def test_in_transaction_mode_every_answer_is_that_to_its_question(primary):
    with pooled(primary, "transaction", 2) as url:
        wrong, _ = asyncio.run(ask_everything(url, 6))
    assert wrong == 0


def test_where_another_session_answers_statements_are_not_prepared(primary):
    """Before 1.21, a session knows only what was prepared in it; the one that did so is in use by somebody else."""
    if version() >= (1, 21):
        pytest.skip("PgBouncer prepares statements in each session itself")

    async def ask_twice(url: str) -> tuple[bool, list[int]]:
        database = Database(url, pool_size=1, pool_seconds=30, query_seconds=60)
        question = Query("SELECT 1 + $1::int", ("n",), {"n": 1})
        answers = [(await database.rows(question))[0][0]]
        with connect(url) as other, other.transaction():
            other.execute("SELECT 1")
            answers.append((await database.rows(question))[0][0])
        prepared = database._prepared
        await database.close()
        return prepared, answers

    with pooled(primary, "transaction", 2) as url:
        assert asyncio.run(ask_twice(url)) == (False, [2, 2])


def test_prepared_statements_of_two_processes_have_different_names(primary, monkeypatch):
    """The driver counts from 1 in each; through one session of the server, equal names would be of one statement."""

    async def ask_as_two() -> list[str]:
        hosts, answers = Hosts(lambda: url, 5), []
        for name in "ab":
            monkeypatch.setattr(asyncpg.connection, "_uid", 0)
            connection = await hosts.connect(prepared=True)
            answers += [row[0] for row in await connection.read(f"SELECT 'to {name}'::text WHERE $1", [True])]
            connection.terminate()
        return answers

    with pooled(primary, "transaction", 1) as url:
        assert asyncio.run(ask_as_two()) == ["to a", "to b"]


def test_from_1_21_on_statements_stay_prepared(primary):
    if version() < (1, 21):
        pytest.skip("Debian's PgBouncer is older")
    with pooled(primary, "transaction", 2, "max_prepared_statements = 200") as url:
        wrong, both = asyncio.run(ask_everything(url, 6))
    assert wrong == 0
    assert all(database._prepared for database in both)


def test_in_session_mode_a_pool_takes_the_sessions_that_there_are(primary):
    with pooled(primary, "session", 4) as url:
        wrong, both = asyncio.run(ask_everything(url, 2))
    assert wrong == 0
    assert all(database._prepared for database in both)


def version() -> tuple[int, ...]:
    program = find_program("pgbouncer", ["pgbouncer"], "poolers are not tried")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.findall(r"\d+", said)[:2]))
