"""The reader's connections: what a statement leaves behind, which is nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import asyncpg
import psycopg
import pytest
from sqlalchemy import func, select

from misconduct.db import engine
from misconduct.db import turns as turns_module
from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.engine import LOOK, Database, Hosts
from misconduct.db.statements import Query
from misconduct.db.tables import observations
from misconduct.db.turns import CLIENT, Crowded, Turns
from misconduct.db.urls import Urls, read_address
from misconduct.errors import DatabaseUnavailable
from tests.test_serve import eventually

DAMAGED = """
    CREATE FUNCTION damaged() RETURNS text LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'invalid page in block 7' USING ERRCODE = 'XX001'; END $$"""


async def refuse_an_argument(database: Database) -> None:
    """The driver refuses it between the two halves of a statement: what it is was asked, its rows not yet."""
    with pytest.raises(asyncpg.DataError):
        await database.rows(Query("SELECT count(*) FROM observations WHERE added_in = $1", ("n",), {"n": "x"}))


async def cancel_between_the_halves(database: Database) -> None:
    """The answer to the first half and the cancellation come in the same turn of the loop, which was busy."""
    asked = asyncio.create_task(database.rows(Query("SELECT 1, count(*) FROM observations", (), {})))
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_later(0, asked.cancel)
    time.sleep(0.1)  # noqa: ASYNC251 (nobody else is served: that is the point)
    await asyncio.wait([asked])
    assert asked.cancelled()


def run_with(urls: Urls, use: Callable[[Database], Awaitable[None]]) -> None:
    """Uses a pool of one connection, which is closed then."""

    async def run() -> None:
        database = Database(urls.reader, pool_size=1, pool_seconds=5, query_seconds=10)
        try:
            await use(database)
        finally:
            await database.close()

    asyncio.run(run())


def left_behind(postgres: EmbeddedPostgres, urls: Urls, use: Callable[[Database], Awaitable[None]]) -> tuple[str, int]:
    """The state of the connection after its use, and how many locks on tables it has."""
    query = f"""
        SELECT state, (SELECT count(*) FROM pg_locks WHERE locktype = 'relation' AND pg_locks.pid = mine.pid)
        FROM pg_stat_activity mine WHERE datname = '{read_address(urls.reader).parameters["dbname"]}'"""

    async def look() -> tuple[str, int]:
        database = Database(urls.reader, pool_size=1, pool_seconds=5, query_seconds=10)
        await database.rows(select(func.count()).select_from(observations))
        await use(database)
        with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
            (found,) = admin.execute(query).fetchall()
        await database.close()
        return found

    return asyncio.run(look())


def test_a_refused_argument_leaves_no_statement_half_asked(postgres, database):
    assert left_behind(postgres, database, refuse_an_argument) == ("idle", 0)


def test_the_watch_for_releases_waits_for_no_request(database):
    async def ask() -> None:
        reading = Database(database.reader, pool_size=1, pool_seconds=5, query_seconds=30)
        busy = asyncio.create_task(reading.rows(Query("SELECT 1, pg_sleep(20)", (), {})))
        await asyncio.sleep(0)
        LOOK.set(0)
        try:
            await reading.rows(Query("SELECT 1, 2", (), {}))
            assert not busy.done()
        finally:
            busy.cancel()
            await asyncio.wait([busy])
            await reading.close()

    asyncio.run(ask())


@pytest.mark.parametrize(
    "change",
    [
        "REVOKE SELECT ON observations FROM misconduct_reader",
        "REVOKE USAGE ON SCHEMA public FROM misconduct_reader",
        "ALTER TABLE observations RENAME TO elsewhere",
        "ALTER TABLE observations RENAME COLUMN id TO elsewhere",
    ],
)
def test_a_database_in_which_somebody_works_is_an_outage(database, change):
    with psycopg.connect(database.owner) as owner:
        owner.execute(change)

    async def ask(reading: Database) -> None:
        with pytest.raises(DatabaseUnavailable):
            await reading.rows(Query("SELECT count(id) FROM observations", (), {}))

    run_with(database, ask)


@pytest.mark.parametrize(
    "mistake",
    [
        "postgresql://misconduct_reader:x@db..example.org/misconduct",
        f"postgresql://misconduct_reader:x@{'x' * 70}/misconduct",
        "{reader}&options=-c%20nonsense%3D1",
        "{reader}&sslmode=require&ssl_min_protocol_version=nonsense",
        "postgresql://misconduct_reader@127.0.0.1/misconduct?passfile={passfile}",
        "{reader}\udcfc",  # a byte that is not UTF-8: it goes on with the address that it has
    ],
)
def test_a_mistake_in_the_address_since_the_start_is_an_outage(database, tmp_path, mistake):
    passfile, file = tmp_path / "passwords", tmp_path / "address"
    passfile.write_bytes(b"# M\xfcller\n")
    passfile.chmod(0o600)
    file.write_text(database.reader)

    async def ask() -> None:
        reading = Database(file.read_text, pool_size=1, pool_seconds=5, query_seconds=10)
        wrong = mistake.format(reader=database.reader, passfile=passfile)
        file.write_bytes(wrong.encode(errors="surrogateescape"))
        try:
            if "\udcfc" in mistake:
                await reading.rows(Query("SELECT 1, 2", (), {}))
            else:
                with pytest.raises(DatabaseUnavailable):
                    await reading.rows(Query("SELECT 1, 2", (), {}))
        finally:
            await reading.close()

    asyncio.run(ask())


def test_a_damaged_database_is_an_outage_that_the_log_explains(database, monkeypatch):
    """Postgres says so of a page whose checksum is wrong, whatever the statement."""
    with psycopg.connect(database.owner) as owner:
        owner.execute(DAMAGED)

    said = list[str]()
    monkeypatch.setattr(engine.log, "error", lambda _, **more: said.append(more["reason"]), raising=False)

    async def ask(reading: Database) -> None:
        with pytest.raises(DatabaseUnavailable):
            await reading.rows(Query("SELECT 1, damaged()", (), {}))
        await reading.rows(Query("SELECT 1, 2", (), {}))

    run_with(database, ask)
    assert said[0] == "invalid page in block 7"


def test_a_cancelled_statement_leaves_no_lock(postgres, database):
    assert left_behind(postgres, database, cancel_between_the_halves) == ("idle", 0)


async def sleep_as(ended: list[str], client: str, reads: Database, seconds: float) -> None:
    CLIENT.set(client)
    await reads.rows(Query("SELECT pg_sleep($1)", ("n",), {"n": seconds}))
    ended.append(client)


@pytest.mark.parametrize("pool_size", [1, 2])
def test_a_client_with_many_long_queries_keeps_no_other_from_theirs(database, pool_size):
    ended = []
    ask = partial(sleep_as, ended)

    async def ask_all() -> None:
        reads = Database(database.reader, pool_size=pool_size, pool_seconds=20, query_seconds=20)
        async with asyncio.TaskGroup() as asking:
            for _ in range(6):
                asking.create_task(ask("busy", reads, 0.2))
            await asyncio.sleep(0.05)
            given_up = asking.create_task(ask("gone", reads, 0))
            asking.create_task(ask("other", reads, 0))
            await asyncio.sleep(0)
            given_up.cancel()
        await reads.close()

    asyncio.run(ask_all())
    assert sorted(ended) == ["busy"] * 6 + ["other"]
    assert ended.index("other") <= pool_size


def test_one_client_has_half_of_the_connections_and_the_last_quarter_is_for_those_with_none(database):
    async def ask_all() -> None:
        reads = Database(database.reader, pool_size=4, pool_seconds=20, query_seconds=20)
        count = Query("SELECT count(*) FROM observations", (), {})

        async def ask(client: str, asked: Query) -> object:
            CLIENT.set(client)
            return await reads.rows(asked)

        with psycopg.connect(database.owner) as owner:
            owner.execute("LOCK TABLE observations IN ACCESS EXCLUSIVE MODE")
            async with asyncio.TaskGroup() as asking:
                busy = [asking.create_task(ask("busy", count)) for _ in range(6)]
                also_busy = [asking.create_task(ask("also busy", count)) for _ in range(3)]
                for _ in range(3):
                    await ask("other", Query("SELECT 1", (), {}))
                assert not any(task.done() for task in (*busy, *also_busy))
                in_use, most, waiting = 3, 4, 6
                await asyncio.to_thread(eventually, lambda: reads.pool_state() == (in_use, most, waiting), 20)
                CLIENT.set("busy")
                async with asyncio.timeout(10):
                    await reads.measure_lag()  # of the idle one, in no turn of the busy client's
                owner.rollback()
        assert reads.pool_state() == (0, 4, 0)
        assert [task.result()[0].count for task in busy] == [0] * 6
        await reads.close()

    asyncio.run(ask_all())


def test_where_statements_take_too_long_fewer_are_asked_at_once(database):
    """Eight that each take the time of two processors for a second are all cancelled, time and again: none is answered."""
    count = Query("SELECT count(*) FROM observations", (), {})

    async def ask_all() -> None:
        reads = Database(database.reader, pool_size=8, pool_seconds=20, query_seconds=0.5)

        async def ask(client: int) -> object:
            CLIENT.set(f"192.0.2.{client}")
            return await reads.rows(count)

        with psycopg.connect(database.owner) as owner:
            owner.execute("LOCK TABLE observations IN ACCESS EXCLUSIVE MODE")
            found = await asyncio.gather(*map(ask, range(8)), return_exceptions=True)
            assert {type(one) for one in found} == {DatabaseUnavailable}
            reads.query_seconds = 20
            async with asyncio.TaskGroup() as asking:
                tasks = [asking.create_task(ask(number)) for number in range(8)]
                await asyncio.to_thread(eventually, lambda: reads.pool_state() == (4, 8, 4), 20)
                owner.rollback()
        assert [task.result()[0].count for task in tasks] == [0] * 8
        await reads.close()

    asyncio.run(ask_all())


def test_there_are_more_turns_again_when_statements_are_quick(monkeypatch):
    async def take_all(turns: Turns, most: int) -> None:
        held = [await turns.acquire("", seconds=60) for _ in range(most)]
        assert turns.locked()
        for client in held:
            turns.release(client)

    async def narrow() -> None:
        turns = Turns(8)
        for most in (4, 2, 2):
            turns.narrow()
            await take_all(turns, most)
            turns._changed -= turns_module.NARROW_SECONDS
        monkeypatch.setattr(turns_module, "WIDEN_SECONDS", 0.0)
        for _ in range(6):
            turns.release(await turns.acquire(""))
        await take_all(turns, 8)

    asyncio.run(narrow())


def test_a_client_that_had_the_database_for_long_waits_behind_one_that_had_not(database):
    ended = []
    ask = partial(sleep_as, ended)

    async def ask_all() -> None:
        reads = Database(database.reader, pool_size=1, pool_seconds=20, query_seconds=20)
        await asyncio.create_task(ask("busy", reads, 0.3))
        async with asyncio.TaskGroup() as asking:
            for client in ("held", "busy", "busy", "other"):
                asking.create_task(ask(client, reads, 0.05))
        await reads.close()

    asyncio.run(ask_all())
    assert ended == ["busy", "held", "other", "busy", "busy"]


@pytest.mark.parametrize("gives_up", ["before", "after"])
def test_a_connection_offered_to_who_gives_up_is_offered_to_the_next(database, monkeypatch, gives_up):
    """Both in one turn of the loop, as where a connection is put back when the time of who waits for it is up."""

    async def refused(self, place):
        return None

    async def wait() -> None:
        reads = Database(database.reader, pool_size=3, pool_seconds=5, query_seconds=5)
        await reads.rows(Query("SELECT 1, 2", (), {}))
        used = await reads._acquire()
        monkeypatch.setattr(Database, "_connect_or_none", refused)
        first, second = (asyncio.create_task(reads._acquire()) for _ in range(2))
        await asyncio.sleep(0)
        assert reads.pool_state() == (1, 3, 2)
        if gives_up == "before":
            first.cancel()
        reads._put_back(used)
        first.cancel()
        await asyncio.wait([first])
        assert first.cancelled()
        assert await second is used
        reads._put_back(used)
        await reads.close()

    asyncio.run(wait())


@pytest.mark.parametrize(
    ("is_given", "is_late", "is_cancelled"),
    [(True, False, True), (False, True, False), (False, True, True), (False, False, True)],
)
def test_a_turn_of_who_gives_up_is_the_next_ones(is_given, is_late, is_cancelled):
    """Whether it was given already, its time was up, or both were so in one turn of the loop."""

    async def wait() -> None:
        turns = Turns(1)
        held = await turns.acquire("a")
        first, second = (asyncio.create_task(turns.acquire(name, seconds=60)) for name in "bc")
        await asyncio.sleep(0)
        assert (turns.locked(), turns.waiting) == (True, 2)
        if is_late:
            turns._refuse("b", turns._waiting["b"][0], TimeoutError())
        if is_given:
            turns.release(held)
        if is_cancelled:
            first.cancel()
        with pytest.raises(asyncio.CancelledError if is_cancelled else TimeoutError):
            await first
        if not is_given:
            assert (turns.locked(), turns.waiting) == (True, 1)
            turns.release(held)
        turns.release(await second)
        assert (turns.locked(), turns.waiting, turns._at_work) == (False, 0, {})

    asyncio.run(wait())


def test_where_many_wait_a_client_with_few_takes_the_place_of_one_with_many():
    async def wait() -> None:
        turns, tasks = Turns(1, most_waiting=3), {}
        await turns.acquire("a")

        async def ask(client: str, number: int) -> None:
            tasks[client, number] = asyncio.create_task(turns.acquire(client))
            await asyncio.sleep(0)

        for number in range(3):
            await ask("b", number)
        await ask("b", 3)
        await ask("c", 0)
        await ask("c", 1)  # as many as b has by then
        turns._spent.add("b", 5)
        await ask("d", 0)
        await ask("b", 4)
        await ask("e", 0)
        await asyncio.sleep(0)
        refused = [name for name, task in tasks.items() if task.done() and isinstance(task.exception(), Crowded)]
        assert refused == [("b", 0), ("b", 1), ("b", 2), ("b", 3), ("c", 1), ("b", 4)]

    asyncio.run(wait())


def test_a_turn_is_waited_for_for_so_many_seconds():
    async def wait() -> None:
        turns = Turns(1)
        await turns.acquire("a")
        with pytest.raises(TimeoutError):
            await turns.acquire("b", seconds=0.01)

    asyncio.run(wait())


@pytest.mark.parametrize(
    "damage",
    [
        AssertionError("insufficient data in buffer: requested 4 remaining 2"),
        SystemError("Negative size passed to PyUnicode_New"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    ],
    ids=lambda damage: type(damage).__name__,
)
def test_what_cannot_be_read_is_asked_for_again_on_another_connection(database, monkeypatch, damage):
    fetch, asked = engine.Connection.fetch, []

    async def damaged(self, *given):
        if given[0] == "SELECT 1, 2":  # and of no service that runs beside
            asked.append(self)
            if len(asked) == 1:
                raise damage
        return await fetch(self, *given)

    async def ask(reading: Database) -> None:
        monkeypatch.setattr(engine.Connection, "fetch", damaged)
        assert [tuple(row) for row in await reading.rows(Query("SELECT 1, 2", (), {}))] == [(1, 2)]
        assert [one.is_closed() for one in asked] == [True, False]

    run_with(database, ask)


def test_looks_for_news_go_on_to_the_next_host_where_one_is_down():
    hosts = Hosts(lambda: "postgresql://u@a,b,c/d", 5.0)
    places = [place for place in map(hosts.choose_for_news, range(3)) if place]
    assert [place.host for place in places] == ["a", "b", "c"]
    hosts.leave(places[1])
    asked = [place for place in map(hosts.choose_for_news, range(6)) if place]
    assert [place.host for place in asked] == ["a", "c", "c", "a", "c", "c"]
