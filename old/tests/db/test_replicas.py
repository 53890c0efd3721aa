"""Several hosts: replicas that lag, hang or cancel what is read, and databases that were put in another's place."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import func, select, text
from typer.testing import CliRunner

from misconduct import cli
from misconduct.api import release_watcher
from misconduct.db import lag as lags
from misconduct.db.direct import connect, make_engine, repeat_reading
from misconduct.db.engine import Database
from misconduct.db.lag import HAS_REPLAYED_ALL
from misconduct.db.migrate import migrate
from misconduct.db.statements import Query
from misconduct.db.tables import observations
from misconduct.db.urls import Urls
from misconduct.doctor.contents import examine_releases
from misconduct.doctor.database import examine_hosts, examine_owner
from misconduct.doctor.examine import examine
from misconduct.errors import DatabaseUnreachable
from misconduct.publish import withdraw
from misconduct.publish.files import save_files
from misconduct.publish.load import load_register
from misconduct.publish.owed import find_hosts_behind, find_owed
from misconduct.publish.recall import recall_release
from misconduct.publish.withdraw import find_publication
from misconduct.register.make_release import read_newest_release
from misconduct.settings import Settings
from tests.conftest import create_database, drop_database
from tests.db.replication import Replicated, copy_server, proxy, replicated
from tests.registers import seal, write_register
from tests.serving import Served, serve
from tests.test_serve import eventually, free_port

READER = "misconduct_reader"
RELEASES = ("1.0.0", "1.1.0", "1.2.0")

_questions = itertools.count(10**6)


@pytest.fixture(scope="module")
def servers() -> Iterator[Replicated]:
    with replicated(2) as both:
        yield both


@pytest.fixture
def both(servers: Replicated, tmp_path: Path) -> Replicated:
    """The servers with the first release, of one figure, and nothing else."""
    servers.primary.execute(
        "DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') FROM pg_tables "
        "WHERE schemaname = 'public' AND tablename <> 'alembic_version'); END $$"
    )
    publish(servers, tmp_path, 1)
    servers.wait_for_replay()
    return servers


def publish(servers: Replicated, folder: Path, figures: int) -> None:
    """Loads a further release into the primary. The n-th has n figures."""
    rows = "\n".join(f"{2000 + number} | {number}" for number in range(figures))
    register = write_register(folder / "register", f"year | value\n{rows}")
    seal(register, RELEASES[figures - 1], f"2024-05-0{figures}")
    load_register(servers.owner_url, register)


def settings(url: str) -> Settings:
    return Settings(database_url=url, port=8000, look_seconds=0.05, query_seconds=5, pool_seconds=3)


def ask(running: Served, release: str = "") -> httpx.Response:
    """Asks what nobody has asked before: for all figures, of the newest or of this release."""
    return httpx.get(f"{running.url}/v1/observations?value_to={next(_questions)}{release}", timeout=20)


def end_connections(servers: Replicated) -> None:
    """Ends those of the service, which then finds a host anew."""
    for server in (servers.primary, *servers.replicas):
        server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{READER}'")


def told(answer: httpx.Response) -> tuple[int, str, int]:
    """The status, the release that an answer says it is of, and how many figures it has."""
    body = answer.json()
    return answer.status_code, body["meta"]["release"], body["meta"]["total"]


@pytest.mark.parametrize("way", ["hosts", "one address"])
def test_an_answer_that_names_a_release_never_comes_from_a_replica_without_it(both, tmp_path, way):
    """The replica is away while there is a new release, and comes back without it; or a balancer leads to each in turn."""
    with proxy(both.primary.port) as balancer:
        places = [balancer.place] if way == "one address" else [both.primary.place, balancer.place]
        with serve(settings(both.primary.url(READER, *places))) as running, both.lagging():
            publish(both, tmp_path, 2)
            running.wait_for_release("1.1.0")
            balancer.lead_to(*([both.primary.port, both.replica.port] if way == "one address" else [both.replica.port]))
            end_connections(both)
            running.service.database._hosts._failed.clear()  # as half a minute later
            with ThreadPoolExecutor(8) as clients:
                found = list(clients.map(lambda n: ask(running, "&release=1.1.0" * (n % 2)), range(80)))
    answered = [told(answer) for answer in found if answer.status_code == 200]
    assert set(answered) == {(200, "1.1.0", 2)}
    assert {answer.json()["code"] for answer in found if answer.status_code != 200} <= {"database_unavailable"}
    assert len(answered) == len(found) if way == "hosts" else len(answered) > 40


def test_a_replica_that_has_not_replayed_a_migration_is_left_for_a_host_that_has(both):
    change = "ALTER TABLE {table} RENAME COLUMN {one} TO {other}"
    changes = [{"table": "observations", "one": "value", "other": "odd"}]
    changes += [{"table": "releases", "one": "recalled", "other": "odd"}]
    for names in changes:
        both.primary.execute(change.format(**names))
    both.wait_for_replay()
    try:
        with both.lagging():
            for names in changes:
                both.primary.execute(change.format(table=names["table"], one=names["other"], other=names["one"]))
            url = both.primary.url(READER, both.replica.place, both.primary.place) + "?load_balance_hosts=disable"
            for _ in range(3):  # each service asks the hosts in turn
                with serve(settings(url)) as running:
                    running.service.database._hosts._failed.clear()
                    assert [told(ask(running)) for _ in range(4)] == [(200, "1.0.0", 1)] * 4
    finally:
        both.wait_for_replay()


@pytest.mark.parametrize("wanted", ["any", "prefer-standby", "standby", "read-only"])
def test_a_release_is_seen_on_the_host_that_has_it_while_the_others_lag(both, tmp_path, wanted):
    """A worker that only asked the replica, which it was led to, would go on with what the law removed."""
    url = both.primary.url(READER, both.replica.place, both.primary.place, both.replicas[1].place)
    url += f"?load_balance_hosts=disable&target_session_attrs={wanted}"
    with serve(settings(url)) as running, both.lagging():
        assert told(ask(running)) == (200, "1.0.0", 1)
        publish(both, tmp_path, 2)
        running.wait_for_release("1.1.0")
        assert told(ask(running)) == (200, "1.1.0", 2)


def test_a_worker_that_starts_knows_what_any_host_has(both, tmp_path):
    """Others have answered it already, and a removal by law would be undone until its next look."""
    url = both.primary.url(READER, both.replica.place, both.primary.place) + "?load_balance_hosts=disable"

    async def start() -> str:
        database = Database(url, pool_size=2, pool_seconds=5, query_seconds=5)
        book = release_watcher.ReleaseBook(database, 3600, show_drafts=False)
        async with book.watching():
            found = book.latest.number
        await database.close()
        return found

    with both.lagging():
        publish(both, tmp_path, 2)
        assert asyncio.run(start()) == "1.1.0"


def test_a_worker_does_not_go_back_to_a_replica_that_lags_and_says_so(both, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(release_watcher, "BEHIND_SECONDS", 3600)
    with proxy(both.primary.port) as balancer, serve(settings(both.primary.url(READER, balancer.place))) as running:
        with both.lagging():
            publish(both, tmp_path, 2)
            running.wait_for_release("1.1.0")
            kept = running.client.get("/v1/observations?value_to=5")
            balancer.lead_to(both.replica.port)
            eventually(lambda: running.client.get("/readyz").json()["database"] == "behind", seconds=20)
            ready = running.client.get("/readyz")
            assert (ready.status_code, ready.json()["release"]) == (200, "1.1.0")
            assert (ask(running).status_code, ask(running).json()["code"]) == (503, "database_unavailable")
            again = running.client.get("/v1/observations?value_to=5")
            assert (again.status_code, again.content) == (200, kept.content)
            assert "detail=stale" in again.headers["cache-status"]
        eventually(lambda: running.client.get("/readyz").json()["database"] == "answers", seconds=20)
        assert told(ask(running)) == (200, "1.1.0", 2)
    assert '"releases":"behind","reason":"it does not hold release 1.1.0"' in capsys.readouterr().err


def test_a_worker_goes_back_when_the_newest_release_stays_away(both, tmp_path, monkeypatch):
    monkeypatch.setattr(release_watcher, "BEHIND_SECONDS", 0.2)
    with proxy(both.primary.port) as balancer, serve(settings(both.primary.url(READER, balancer.place))) as running:
        with both.lagging():
            publish(both, tmp_path, 2)
            running.wait_for_release("1.1.0")
            balancer.lead_to(both.replica.port)
            running.wait_for_release("1.0.0")
            assert told(ask(running)) == (200, "1.0.0", 1)
        running.wait_for_release("1.1.0")


def test_what_the_law_removed_does_not_come_back_with_a_replica_that_had_not_got_it(both, tmp_path, monkeypatch):
    monkeypatch.setattr(release_watcher, "BEHIND_SECONDS", 0.2)
    publish(both, tmp_path, 2)
    both.wait_for_replay()
    with proxy(both.primary.port) as balancer, serve(settings(both.primary.url(READER, balancer.place))) as running:
        running.wait_for_release("1.1.0")
        gone = running.client.get("/v1/observations?value=1").json()["data"][0]["id"]
        with both.lagging():
            register = write_register(tmp_path / "register", "year | value\n2000 | 0")
            seal(register, "2.0.0", "2024-05-03", removed=[f"{gone}@1=A court."])
            load_register(both.owner_url, register)
            running.wait_for_release("2.0.0")
            assert running.client.get(f"/v1/observations/{gone}?release=1.1.0").status_code == 410
            balancer.lead_to(both.replica.port)
            eventually(lambda: running.client.get("/readyz").json()["database"] == "behind", seconds=20)
            time.sleep(1)  # five times as long as a lagging replica has
            assert running.client.get("/readyz").json()["release"] == "2.0.0"
            assert running.client.get(f"/v1/observations/{gone}?release=1.1.0").status_code in (410, 503)
            assert ask(running, "&release=1.1.0").status_code == 503
        eventually(lambda: running.client.get("/readyz").json()["database"] == "answers", seconds=20)


def test_another_chain_in_the_place_of_the_known_one_is_taken_over_at_once(postgres, tmp_path, monkeypatch):
    monkeypatch.setattr(release_watcher, "BEHIND_SECONDS", 3600)
    names = [create_database(postgres, "misconduct") for _ in range(2)]
    for number, name in enumerate(names):
        register = write_register(tmp_path / name, "year | value\n2000 | 1\n" + "2001 | 2\n" * number)
        seal(register, "1.0.0", "2024-05-01")
        load_register(postgres.url("misconduct_owner", name), register)
    with serve(settings(postgres.url(READER, names[0]))) as running:
        assert told(ask(running)) == (200, "1.0.0", 1)
        drop_database(postgres, names[0])
        with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {names[1]} RENAME TO {names[0]}")
        eventually(lambda: told_or_none(ask(running)) == (200, "1.0.0", 2), seconds=20)
    drop_database(postgres, names[0])


def told_or_none(answer: httpx.Response) -> tuple[int, str, int] | None:
    return told(answer) if answer.status_code == 200 else None


def test_a_host_that_hangs_is_left_for_another(both):
    """Each process tries the hosts in an order of its own: of twelve, some begin with the one that hangs."""

    async def count() -> list[int]:
        async def one() -> int:
            url = both.primary.url(READER, both.replica.place, both.primary.place)
            database = Database(url, pool_size=2, pool_seconds=6, query_seconds=30)
            rows = await database.rows(select(func.count()).select_from(observations))
            await database.close()
            return rows[0][0]

        return await asyncio.gather(*(one() for _ in range(12)))

    with both.replica.hung():
        assert asyncio.run(count()) == [1] * 12


def test_open_connections_to_a_host_that_hangs_are_not_used_twice(both):
    """A statement that was given up on is not even cancelled there: the next one asks another host."""
    counting = select(func.count()).select_from(observations)

    async def ask_twice() -> list[int | str]:
        url = both.primary.url(READER, both.replica.place, both.primary.place)
        databases = [Database(url, pool_size=4, pool_seconds=6, query_seconds=2) for _ in range(12)]
        for database in databases:
            await asyncio.gather(*(database.rows(counting) for _ in range(4)))
        with both.replica.hung():
            await asyncio.gather(*(database.rows(counting) for database in databases), return_exceptions=True)
            found = [await database.rows(counting) for database in databases]
        for database in databases:
            await database.close()
        return [rows[0][0] for rows in found]

    assert asyncio.run(ask_twice()) == [1] * 12


def test_a_statement_that_a_replay_cancels_is_asked_again(both):
    asked = Query("SELECT count(*), pg_sleep(2) FROM observations", (), {})
    running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' AND wait_event = 'PgSleep'"
    cancelled = "SELECT sum(confl_lock + confl_snapshot) FROM pg_stat_database_conflicts"

    async def ask_while_it_changes() -> int:
        database = Database(both.replica.url(READER), pool_size=2, pool_seconds=5, query_seconds=30)
        answer = asyncio.create_task(database.rows(asked))
        before = await asyncio.to_thread(both.replica.execute, cancelled)
        await asyncio.to_thread(eventually, lambda: both.replica.execute(running) == [(1,)], seconds=20)
        await asyncio.to_thread(both.primary.execute, "ALTER TABLE observations ALTER hedge SET STATISTICS 50")
        await asyncio.to_thread(both.primary.execute, "ALTER TABLE observations ADD COLUMN odd int")
        await asyncio.to_thread(both.primary.execute, "ALTER TABLE observations DROP COLUMN odd")
        rows = await answer
        assert await asyncio.to_thread(both.replica.execute, cancelled) > before
        await database.close()
        return rows[0][0]

    assert asyncio.run(ask_while_it_changes()) == 1


def test_a_replica_that_lags_is_seen(both, tmp_path, monkeypatch, capsys):
    """In /readyz, in the metrics, in the log and by the doctor."""
    monkeypatch.setattr(lags, "LAG_SECONDS", 0.001)
    with serve(settings(both.replica.url(READER))) as running:
        running.wait_for_release("1.0.0")
        assert running.client.get("/readyz").json()["seconds_behind"] == 0
        assert "misconduct_replica_lag_seconds 0.0" in running.client.get("/metrics").text
        with both.lagging():
            publish(both, tmp_path, 2)
            eventually(lambda: running.client.get("/readyz").json()["seconds_behind"] > 0, seconds=20)
            lag = re.search(r"^misconduct_replica_lag_seconds (.+)$", running.client.get("/metrics").text, re.MULTILINE)
            assert lag
            assert float(lag[1]) > 0
            address = both.primary.url(READER, both.primary.place, both.replica.place, f"127.0.0.1:{free_port()}")
            found = [one for one in examine_hosts(address) if one.subject == "hosts"]
            eventually(lambda: f'"host":"{both.replica.place}"' in capsys.readouterr().err, seconds=20)
        eventually(lambda: running.client.get("/readyz").json()["seconds_behind"] == 0, seconds=20)
    assert [one.state for one in found] == ["warn", "ok", "warn"]
    assert found[0].found.startswith(address.rpartition(",")[2].partition("/")[0] + " does not answer: ")
    assert found[1].found == f"{both.primary.place}: PostgreSQL 18, primary, 0.0 s behind, holds 1.1.0"
    assert re.fullmatch(
        rf"{both.replica.place}: PostgreSQL 18, replica, [\d.]+ s behind, holds 1\.0\.0", found[2].found
    )


def test_what_a_replica_that_lags_answers_is_kept_by_shared_caches_for_seconds(both, tmp_path):
    """It may lack a removal by law, of which the caches are purged meanwhile."""
    with serve(settings(both.replica.url(READER))) as running:
        running.wait_for_release("1.0.0")

        def kept() -> str:
            return ask(running, "&release=1.0.0").headers["cache-control"]

        eventually(lambda: "s-maxage=86400" in kept(), seconds=20)
        with both.lagging():
            publish(both, tmp_path, 2)
            eventually(lambda: "s-maxage=5" in kept(), seconds=20)
        eventually(lambda: "s-maxage=86400" in kept(), seconds=20)


def test_what_a_replica_answers_that_its_primary_refuses_is_kept_by_shared_caches_for_seconds(both):
    """It asks again and again for log that is gone, and is connected for an instant each time."""
    both.primary.execute("SELECT pg_switch_wal()")
    left = copy_server(both.primary, both.primary.data.parent / "left", "-R")
    try:
        left.execute("ALTER SYSTEM SET wal_retrieve_retry_interval = '1ms'")
        left.stop()
        for _ in range(3):
            both.primary.execute("CREATE TABLE further (); DROP TABLE further")
            both.primary.execute("SELECT pg_switch_wal()")
            both.wait_for_replay()  # the others keep what they need
            both.primary.execute("CHECKPOINT")
        left.start()
        eventually(lambda: left.execute(lags.LAG) == [(0.0,)], seconds=60)  # for that instant
        with serve(settings(left.url(READER))) as running:
            running.wait_for_release("1.0.0")

            def kept() -> str:
                return ask(running, "&release=1.0.0").headers["cache-control"]

            eventually(lambda: "s-maxage=5" in kept(), seconds=20)
            for _ in range(30):
                looked = running.service.releases.looked
                eventually(lambda looked=looked: running.service.releases.looked > looked, seconds=20)
                assert "s-maxage=5" in kept()
    finally:
        left.stop()


def test_no_answer_comes_from_a_replica_that_has_not_replayed_a_rebuild(both, tmp_path):
    both.primary.execute("UPDATE observations SET value = 999")
    both.wait_for_replay()
    with serve(settings(both.primary.url(READER, both.replica.place, both.primary.place))) as running:

        def values(count: int) -> set[tuple[int, float | None]]:
            with ThreadPoolExecutor(8) as clients:
                answers = clients.map(lambda _: ask(running, "&release=1.0.0&value_from=0&columns=value"), range(count))
                return {(one.status_code, *[figure["value"] for figure in one.json()["data"]]) for one in answers}

        assert values(8) == {(200, 999.0)}
        with both.lagging():
            load_register(both.owner_url, tmp_path / "register", rebuild=True)
            eventually(lambda: values(8) == {(200, 0.0)}, seconds=20)
            running.service.database._hosts._failed.clear()  # as half a minute later
            assert values(100) == {(200, 0.0)}
        both.wait_for_replay()
        assert values(8) == {(200, 0.0)}


def test_a_rebuild_that_a_failover_lost_is_given_up_after_some_seconds(both, tmp_path, monkeypatch):
    monkeypatch.setattr(release_watcher, "BEHIND_SECONDS", 2.0)
    with proxy(both.primary.port) as balancer, serve(settings(both.primary.url(READER, balancer.place))) as running:
        running.wait_for_release("1.0.0")
        with both.lagging():
            built = running.service.releases._built
            load_register(both.owner_url, tmp_path / "register", rebuild=True)
            eventually(lambda: running.service.releases._built > built, seconds=20)
            balancer.lead_to(both.replica.port)
            eventually(lambda: ask(running).status_code == 503, seconds=20)
            eventually(lambda: running.service.releases._built == built, seconds=20)
            assert told(ask(running)) == (200, "1.0.0", 1)


def test_how_far_a_replica_is_behind_is_not_known_where_it_did_not_find_its_primary(both):
    replica = both.replicas[1]
    ((primary,),) = replica.execute("SELECT quote_literal(current_setting('primary_conninfo'))")
    replica.execute("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'")
    try:
        for _ in range(5):  # in which the primary may do something of its own, which is then replayed
            for server in (both.primary, replica):  # so that nothing is replayed at the start
                both.wait_for_replay()
                server.execute("CHECKPOINT")
            replica.stop()
            replica.start()
            if (found := replica.execute(lags.LAG)) == [(None,)]:
                break
            replica.execute(f"ALTER SYSTEM SET primary_conninfo = {primary}")
            replica.execute("SELECT pg_reload_conf()")
            eventually(lambda: replica.execute(lags.LAG) == [(0.0,)], seconds=60)
            replica.execute("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'")
        assert found == [(None,)]
    finally:
        replica.execute(f"ALTER SYSTEM SET primary_conninfo = {primary}")
        replica.execute("SELECT pg_reload_conf()")
    eventually(lambda: replica.execute(lags.LAG) == [(0.0,)], seconds=60)


def test_the_doctor_says_of_a_replica_without_a_release_that_it_lags(both, tmp_path):
    both.wait_for_replay()
    with both.lagging():
        publish(both, tmp_path, 2)
        with connect(both.replica.url(READER)) as reader:
            [found] = examine_releases(reader, tmp_path / "register", "")
    assert (found.state, found.found) == ("warn", "1.1.0 is not loaded; 1.0.0 is")
    assert found.to_do.startswith("This is a replica: if its primary has it, it lags")


def test_the_doctor_names_a_slot_that_nobody_reads(both):
    both.primary.execute("SELECT pg_create_physical_replication_slot('forgotten', true)")
    try:
        found = {one.subject: one for one in examine_hosts(both.primary.url(READER))}
    finally:
        both.primary.execute("SELECT pg_drop_replication_slot('forgotten')")
    assert found["replication"].state == "warn"
    assert "slot forgotten is not in use and keeps " in found["replication"].found


def owner_found(reader: str, owner: str) -> tuple[str, str]:
    of_owner = repeat_reading(owner, lambda connection: [*examine_owner(Urls(reader, owner), connection)])
    ((_, state, found, to_do),) = of_owner
    assert (to_do == "") == (state == "ok")
    return state, found


def test_the_doctor_fails_while_another_server_is_a_primary_too(both, tmp_path):
    """As an old primary that comes back by itself after its replica was promoted."""
    primary, replica = both.primary, both.replica
    asked = f"{primary.url(READER, replica.place, primary.place)}?target_session_attrs=prefer-standby"
    is_other = "what is read is another database, or a replica of one that was cut off: "
    forsaken = copy_server(primary, primary.data.parent / "forsaken")
    try:
        seal(write_register(tmp_path / "register", "year | value\n2000 | 0\n2001 | 1"), "1.1.0", "2024-05-02")
        load_register(forsaken.url("misconduct_owner"), tmp_path / "register")
        hosts = [replica.place, primary.place, forsaken.place]
        failed = [one for one in examine_hosts(primary.url(READER, *hosts)) if one.state == "fail"]
        assert [(one.subject, one.found) for one in failed] == [
            ("hosts", f"more than one is a primary: {primary.place}, {forsaken.place}")
        ]
        assert owner_found(asked, forsaken.url("misconduct_owner")) == (
            "fail",
            f"{is_other}{replica.place}, {primary.place}",
        )
        assert owner_found(replica.url(READER), forsaken.url("misconduct_owner")) == ("fail", is_other + replica.place)
        both_of_them = f"{primary.url('misconduct_owner', *hosts[1:])}?target_session_attrs=read-write"
        assert owner_found(replica.url(READER), both_of_them) == ("fail", is_other + forsaken.place)
        primary.execute("SELECT pg_switch_wal()")  # now it has written more than the other
        primary.execute("CREATE TABLE further (); DROP TABLE further")
        both.wait_for_replay()
        assert owner_found(replica.url(READER), forsaken.url("misconduct_owner")) == ("fail", is_other + replica.place)
    finally:
        forsaken.stop()
    failed = [one for one in examine_hosts(asked) if one.state == "fail"]
    assert failed == []
    for owner in (both_of_them, both.owner_url):
        assert owner_found(asked, owner) == ("ok", "it is the database that is read")
        assert owner_found(replica.url(READER), owner) == ("ok", "what is read has as much log as it")


def test_the_doctor_compares_no_replica_that_lags_with_the_database_that_is_loaded_into(both, tmp_path):
    with both.lagging():
        publish(both, tmp_path, 2)
        assert owner_found(both.replica.url(READER), both.owner_url) == (
            "ok",
            f"not compared with {both.replica.place}, which lags",
        )
    with both.replica.cut_off():
        publish(both, tmp_path, 3)
        assert owner_found(both.replica.url(READER), both.owner_url)[0] == "fail"
    assert owner_found(both.replica.url(READER), both.replica.url("misconduct_owner")) == (
        "fail",
        "it leads to a replica, into which nothing can be loaded",
    )


def test_a_pinned_release_that_a_replica_does_not_have_yet_is_503_and_not_404(both, tmp_path):
    with serve(settings(both.replica.url(READER))) as running:
        running.wait_for_release("1.0.0")
        assert ask(running, "&release=1.1.0").status_code == 404  # it has everything that its primary has
        with both.lagging():
            publish(both, tmp_path, 2)
            eventually(lambda: ask(running, "&release=1.1.0").status_code == 503, seconds=60)
            refused = ask(running, "&release=1.1.0")
            assert (refused.json()["code"], refused.headers["retry-after"]) == ("not_ready", "2")
            assert refused.headers["cache-control"] == "no-store"
            assert ask(running, "&release=0.9.0").status_code == 404
        eventually(lambda: ask(running, "&release=1.1.0").status_code == 200, seconds=60)


@pytest.mark.parametrize(("spread", "hosts"), [("", 2), ("?load_balance_hosts=disable", 1)])
def test_connections_are_spread_over_the_hosts(both, spread, hosts):
    """All of twelve lead to one of two hosts once in two thousand times, all of five dozen never; and a busy machine that
    lets the first answer before the last has asked leaves fewer than twelve.
    """
    url = both.primary.url(READER, *(replica.place for replica in both.replicas)) + spread
    place = Query("SELECT inet_server_port(), pg_sleep(0.3)", (), {})

    async def ask_at_once() -> set[int]:
        database = Database(url, pool_size=12, pool_seconds=10, query_seconds=30)
        found = await asyncio.gather(*(database.rows(place) for _ in range(12)))
        await database.close()
        return {rows[0][0] for rows in found}

    assert len(set().union(*(asyncio.run(ask_at_once()) for _ in range(5)))) == hosts


def test_a_pool_that_meets_the_limit_of_connections_shrinks(both):
    both.primary.execute(f"ALTER ROLE {READER} CONNECTION LIMIT 2")
    slow = Query("SELECT pg_sleep(0.02)", (), {})

    async def ask_at_once() -> int:
        database = Database(both.primary.url(READER), pool_size=10, pool_seconds=20, query_seconds=60)
        found = await asyncio.gather(*(database.rows(slow) for _ in range(60)))
        await database.close()
        return len(found)

    try:
        assert asyncio.run(ask_at_once()) == 60
    finally:
        both.primary.execute(f"ALTER ROLE {READER} CONNECTION LIMIT 80")


def test_no_request_fails_while_the_password_changes(both, tmp_path):
    """The address is in a file; the role's password changes first, then the file, then all sessions end."""
    file = tmp_path / "address"
    old = both.primary.url(READER)
    file.write_text(f"{old}\n")
    before = both.primary.execute(f"SELECT rolpassword FROM pg_authid WHERE rolname = '{READER}'")[0][0]
    begun = Settings(database_url_file=file, port=8000, look_seconds=0.05, query_seconds=20, pool_seconds=10)
    try:
        with serve(begun) as running, ThreadPoolExecutor(8) as clients:
            running.wait_for_release("1.0.0")
            stop = threading.Event()

            def keep_asking(_number: int) -> list[int]:
                found = []
                while not stop.is_set():
                    found.append(ask(running).status_code)
                return found

            asking = [clients.submit(keep_asking, number) for number in range(8)]
            time.sleep(1)
            both.primary.execute(f"ALTER ROLE {READER} PASSWORD 'another one'")
            time.sleep(1)
            new = old.replace(old.split(":")[2].partition("@")[0], "another%20one")
            (tmp_path / "new").write_text(new)
            (tmp_path / "new").replace(file)
            both.primary.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{READER}'")
            time.sleep(1)
            stop.set()
            found = [status for one in asking for status in one.result()]
    finally:
        both.primary.execute(f"ALTER ROLE {READER} PASSWORD '{before}'")
    assert set(found) == {200}


def test_a_load_into_a_standby_is_refused_in_a_line(both, tmp_path):
    """It migrates nothing there, because nothing is to be migrated; with the hosts in one address it finds the primary."""
    register = write_register(tmp_path / "further", "year | value\n2000 | 0")
    seal(register, "1.0.0", "2024-05-01")
    standby = both.replica.url("misconduct_owner")
    migrate(standby)
    with pytest.raises(DatabaseUnreachable) as refused:
        load_register(standby, register, rebuild=True)
    assert refused.value.message.startswith("The load was stopped; nothing has changed: ")
    assert "\n" not in refused.value.message
    assert str(refused.value.hint).endswith("Is the server a standby?")
    several = both.primary.url("misconduct_owner", both.replica.place, both.primary.place)
    load_register(f"{several}?target_session_attrs=read-write", register, rebuild=True)


def test_a_recall_that_a_failover_lost_is_kept_and_told_and_hides_no_other(tmp_path, monkeypatch):
    """The old primary and the new then have one recall each, of different releases."""
    monkeypatch.setattr(release_watcher, "BEHIND_SECONDS", 0.5)
    with ExitStack() as stack:
        both = stack.enter_context(replicated(1))
        for figures in (1, 2, 3):
            publish(both, tmp_path, figures)
        both.wait_for_replay()
        address = both.primary.url(READER, both.primary.place, both.replica.place)
        running = stack.enter_context(serve(settings(address)))
        running.wait_for_release("1.2.0")

        def ready() -> tuple[str, list[str]]:
            told = httpx.get(f"{running.url}/readyz").json()
            return told["release"], told["lost_recalls"]

        both.replica.stop()
        recall_release(both.owner_url, "1.2.0", "Wrong.")
        eventually(lambda: ready() == ("1.1.0", []), seconds=20)
        stack.callback(both.primary.start)  # which is then stopped like the other
        both.primary.die()
        both.replica.start()
        both.replica.execute("SELECT pg_promote()")
        eventually(lambda: ready() == ("1.1.0", ["1.2.0"]), seconds=30)
        assert "\nmisconduct_lost_recalls 1.0\n" in httpx.get(f"{running.url}/metrics").text
        owner = both.replica.url("misconduct_owner")
        recall_release(owner, "1.1.0", "Wrong, too.")
        eventually(lambda: ready() == ("1.0.0", ["1.2.0"]), seconds=20)
        assert told(ask(running))[1] == "1.0.0"
        recall_release(owner, "1.2.0", "Wrong.")
        eventually(lambda: ready() == ("1.0.0", []), seconds=20)


def test_a_recall_is_kept_also_where_its_release_was_lost_and_is_loaded_again(both, tmp_path, monkeypatch):
    monkeypatch.setattr(release_watcher, "BEHIND_SECONDS", 0.2)
    with proxy(both.primary.port) as balancer, serve(settings(both.primary.url(READER, balancer.place))) as running:
        with both.lagging():
            publish(both, tmp_path, 2)
            running.wait_for_release("1.1.0")
            recall_release(both.owner_url, "1.1.0", "Wrong.")
            eventually(lambda: running.client.get("/readyz").json()["release"] == "1.0.0", seconds=20)
            balancer.lead_to(both.replica.port)
            eventually(lambda: len(running.service.releases.releases) == 1, seconds=20)
            both.primary.execute("UPDATE releases SET recalled = NULL")  # as it is where the release is loaded again
        eventually(lambda: len(running.service.releases.releases) == 2, seconds=20)
        eventually(lambda: running.client.get("/readyz").json()["lost_recalls"] == ["1.1.0"], seconds=20)
        assert told(ask(running))[1] == running.client.get("/readyz").json()["release"] == "1.0.0"


def test_who_copies_files_or_examines_reads_again_what_a_replica_cancels(both, tmp_path):
    """The replica cancels whatever reads a table that the primary changes."""
    stopping = threading.Event()

    def change() -> None:
        while not stopping.wait(0.3):
            for table in ("files", "file_contents", "observations", "records"):
                both.primary.execute(f"ALTER TABLE {table} ADD COLUMN further integer")
                both.primary.execute(f"ALTER TABLE {table} DROP COLUMN further")

    changing = threading.Thread(target=change)
    changing.start()
    try:
        reader = both.replica.url(READER)
        for _ in range(5):
            assert save_files(reader, tmp_path / "files") == (5, [], [], [])
            findings = examine(settings(reader), tmp_path / "register", whole=True)
            failed = [one for one in findings if one.state == "fail"]
            assert [one for one in failed if one.subject not in ("reader", "schema")] == []
    finally:
        stopping.set()
        changing.join()


def test_files_are_copied_from_the_host_that_has_most_and_never_from_replicas_that_lag(both, tmp_path, monkeypatch):
    monkeypatch.setattr(lags, "LAG_SECONDS", 0.001)
    saved, replica = tmp_path / "saved", both.replica
    several = f"{both.primary.url(READER, replica.place, both.primary.place)}?target_session_attrs=prefer-standby"
    with both.lagging():
        publish(both, tmp_path, 2)
        eventually(lambda: replica.execute(lags.LAG) > [(0.0,)], seconds=30)
        with pytest.raises(DatabaseUnreachable, match=f"No file is copied: {replica.place} is a replica that lags"):
            save_files(replica.url(READER), saved)
        assert not saved.exists()
        assert save_files(several, saved) == (10, [], [], [])
        second = both.replicas[1].place
        eventually(lambda: both.replicas[1].execute(lags.LAG) == [(0.0,)], seconds=30)
        assert save_files(replica.url(READER, replica.place, second), tmp_path / "again") == (10, [], [], [])


def test_the_doctor_examines_the_host_that_has_most(both, tmp_path):
    asked = f"{both.primary.url(READER, both.replica.place, both.primary.place)}?target_session_attrs=prefer-standby"
    register = tmp_path / "register"
    with both.lagging():
        publish(both, tmp_path, 2)
        both.primary.execute("INSERT INTO owed_purges (paths) VALUES ('{}')")
        for given in (
            Settings(database_url=asked),
            Settings(database_url=both.replica.url(READER), owner_url=both.owner_url),
        ):
            found = {one.subject: one for one in examine(given, register)}
            assert found["caches"].found.startswith("a purge is owed since ")
        found = {one.subject: one.found for one in examine(Settings(database_url=asked), register)}
        assert found["releases"] == f"all 2 up to 1.1.0 have the digests of {register}"


def test_a_recall_reaches_every_host_and_a_lagging_one_does_not_undo_it(both, tmp_path):
    publish(both, tmp_path, 2)
    both.wait_for_replay()
    with proxy(both.primary.port) as balancer, serve(settings(both.primary.url(READER, balancer.place))) as running:
        running.wait_for_release("1.1.0")
        with both.lagging():
            recall_release(both.owner_url, "1.1.0", "Wrong.")
            address = both.primary.url(READER, both.primary.place, both.replica.place)
            assert find_hosts_behind(both.owner_url, address) == ([str(both.replica.place)], [])
            eventually(lambda: told_or_none(ask(running)) == (200, "1.0.0", 1), seconds=20)
            balancer.lead_to(both.replica.port)
            looked = running.service.releases.looked
            eventually(lambda: running.service.releases.looked > looked + 1, seconds=20)
            assert told(ask(running)) == (200, "1.0.0", 1)
            assert told(ask(running, "&release=1.1.0")) == (200, "1.1.0", 2)


def test_a_purge_is_owed_until_every_host_has_replayed_what_it_was_for(both, tmp_path, monkeypatch):
    publish(both, tmp_path, 2)
    both.wait_for_replay()
    (tmp_path / "kept").mkdir()
    monkeypatch.setattr(cli, "sleep", lambda _: None)
    monkeypatch.setenv("MISCONDUCT_OWNER_URL", both.owner_url)
    monkeypatch.setenv("MISCONDUCT_DATABASE_URL", both.primary.url(READER, both.primary.place, both.replica.place))
    monkeypatch.setenv("MISCONDUCT_PURGE", f"nginx:{tmp_path / 'kept'}")
    told = f"Not replayed by {both.replica.place}: services that read from there still answer as before"
    with both.lagging():
        done = CliRunner().invoke(cli.app, ["recall", "1.1.0", "--reason", "Wrong."])
        assert (done.exit_code, told in done.output, len(find_owed(both.owner_url))) == (0, True, 1), done.output
        done = CliRunner().invoke(cli.app, ["purge"])
        found = f"A purge is still owed. {told}"
        assert (done.exit_code, found in done.output, len(find_owed(both.owner_url))) == (1, True, 1), done.output
    both.wait_for_replay()
    assert CliRunner().invoke(cli.app, ["purge"]).exit_code == 0
    assert find_owed(both.owner_url) == []
    nobody = f"localhost:{free_port()}"
    assert find_hosts_behind(both.owner_url, both.primary.url(READER, both.primary.place, nobody)) == ([], [nobody])
    both.primary.execute("INSERT INTO owed_purges (paths) VALUES ('{}')")
    monkeypatch.delenv("MISCONDUCT_DATABASE_URL")
    done = CliRunner().invoke(cli.app, ["recall", "1.1.0", "--reason", "Wrong."])
    assert "replicas have replayed this is not known: without MISCONDUCT_DATABASE_URL, none is asked" in done.output


def test_a_recall_that_one_host_knows_is_taken_over_while_the_other_lags(both, tmp_path):
    publish(both, tmp_path, 2)
    both.wait_for_replay()
    url = both.primary.url(READER, both.primary.place, both.replica.place)
    with serve(settings(url)) as running:
        running.wait_for_release("1.1.0")
        with both.lagging():
            recall_release(both.owner_url, "1.1.0", "Wrong.")
            eventually(lambda: told_or_none(ask(running)) == (200, "1.0.0", 1), seconds=20)


def replay_at_the_second(both: Replicated) -> Iterator[float]:
    """Pauses between questions; before the second one, what was received is replayed."""
    yield 0
    both.replica.execute("SELECT pg_wal_replay_resume()")
    yield from itertools.repeat(0.1, 300)


def test_a_release_is_public_that_any_host_has_and_a_replica_that_lags_knows_nothing(both, tmp_path, monkeypatch):
    register, primary, replica = tmp_path / "register", both.primary, both.replica
    read = f"{primary.url(READER, primary.place, replica.place)}?target_session_attrs=prefer-standby"
    behind, second = (Settings(database_url=one.url(READER), owner_url=both.owner_url) for one in both.replicas)
    alone = Settings(database_url=replica.url(READER))
    with both.lagging():
        publish(both, tmp_path, 2)
        loaded = read_newest_release(register)
        for public in (Settings(database_url=read), behind):
            assert find_publication(public, register, loaded) == "the database"
        with pytest.raises(DatabaseUnreachable, match=f"not known: {replica.place}: a replica that lags"):
            find_publication(alone, register, loaded)
        write_register(register, "year | value\n2000 | 0\n2001 | 1\n2002 | 2")
        seal(register, "1.2.0", "2024-05-03")
        sealed = read_newest_release(register)
        with pytest.raises(DatabaseUnreachable, match=f"not known: {replica.place}: a replica that lags"):
            find_publication(Settings(database_url=read), register, sealed)
    both.wait_for_replay()
    for settled in (Settings(database_url=read), behind, second):
        assert find_publication(settled, register, sealed) is None
    with both.lagging():
        both.primary.execute("CREATE TABLE received (); DROP TABLE received")
        eventually(lambda: replica.execute(f"SELECT NOT ({HAS_REPLAYED_ALL})") == [(True,)], seconds=30)
        monkeypatch.setattr(withdraw, "REPLAY_PAUSES", replay_at_the_second(both))
        assert find_publication(behind, register, sealed) is None
    replica.stop()
    try:
        assert find_publication(Settings(database_url=read), register, loaded) == "the database"
        with pytest.raises(DatabaseUnreachable, match=f"not known: {replica.place}: .*refused"):
            find_publication(Settings(database_url=read), register, sealed)
    finally:
        replica.start()
    connected = "SELECT 1 FROM pg_stat_wal_receiver WHERE status = 'streaming'"
    eventually(lambda: replica.execute(connected), seconds=30)
    eventually(lambda: replica.execute(lags.LAG) == [(0.0,)], seconds=30)
    assert find_publication(behind, register, sealed) is None


def test_replicas_alone_do_not_say_that_no_database_has_a_release(both, tmp_path):
    register, replica = tmp_path / "register", both.replica
    alone = Settings(database_url=replica.url(READER, *(one.place for one in both.replicas)))
    with ExitStack() as network:
        for one in both.replicas:
            network.enter_context(one.cut_off())
        publish(both, tmp_path, 2)
        loaded = read_newest_release(register)
        assert replica.execute(f"SELECT {HAS_REPLAYED_ALL}, max(number) FROM releases") == [(True, "1.0.0")]
        with pytest.raises(DatabaseUnreachable, match="not known: only replicas were asked; let MISCONDUCT_OWNER_URL"):
            find_publication(alone, register, loaded)
        beside = Settings(database_url=alone.database_url, owner_url=both.owner_url)
        assert find_publication(beside, register, loaded) == "the database"
    both.wait_for_replay()
    assert find_publication(alone, register, loaded) == "the database"


def test_a_transaction_of_the_owner_ends_soon_after_its_machine_is_gone(both):
    shown = "SELECT name, setting::int FROM pg_settings WHERE name ~ '^tcp_keepalives' ORDER BY 1"
    soon = [("tcp_keepalives_count", 4), ("tcp_keepalives_idle", 20), ("tcp_keepalives_interval", 10)]
    with make_engine(both.owner_url).begin() as connection:
        assert list(connection.execute(text(shown))) == soon
    for further, idle in (("", 20), ("?keepalives_idle=77", 77)):
        with connect(both.owner_url + further) as connection:
            there = socket.socket(fileno=os.dup(connection.fileno()))
            with there:
                assert there.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == idle
