"""Without a database the service says so, and it recovers by itself."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from misconduct.api import release_watcher
from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.migrate import migrate
from misconduct.publish.load import load_register
from misconduct.settings import Settings
from tests.conftest import Publish, create_database, drop_database, urls_of
from tests.registers import seal, write_register
from tests.serving import Served, serve

ONE = """
    id    | year | value
    bbbb2 | 2021 | 116
"""


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    """A server that a test may stop."""
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder / "home")
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def settings_for(server: EmbeddedPostgres) -> Settings:
    return Settings(database_url=server.reader_url, port=8000, look_seconds=0.05, pool_seconds=0.5, query_seconds=1)


def publish(server: EmbeddedPostgres, folder: Path) -> None:
    migrate(server.owner_url)
    seal(write_register(folder, ONE), "1.0.0", "2024-05-01")
    load_register(server.owner_url, folder)


def until(condition: Callable[[], bool]) -> None:
    for _ in range(300):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come about within 15 s")


def database_state(running: Served) -> str:
    return str(running.client.get("/readyz").json().get("database"))


def test_an_outage_is_503_with_retry_after_and_ends_by_itself(own_server, tmp_path):
    publish(own_server, tmp_path / "register")
    with serve(settings_for(own_server)) as running:
        assert running.client.get("/v1/observations").status_code == 200
        own_server.stop()
        answer = running.client.get("/v1/observations?limit=7")
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["access-control-allow-origin"] == "*"
        until(lambda: database_state(running) == "does_not_answer")
        assert running.client.get("/readyz").status_code == 200
        assert running.client.get("/healthz").status_code == 200
        own_server.start()
        until(lambda: database_state(running) == "answers")
        assert running.client.get("/v1/observations").status_code == 200


def test_what_needs_no_database_is_answered_without_one(own_server, tmp_path):
    publish(own_server, tmp_path / "register")
    with serve(settings_for(own_server)) as running:
        own_server.stop()
        for address in (
            "/v1",
            "/v1/columns",
            "/v1/codelists/measure",
            "/v1/sources",
            "/v1/releases",
            "/",
            "/docs",
            "/healthz",
        ):
            assert running.client.get(address).status_code == 200, address
        assert running.client.get("/v1/observations?category=nonsense").status_code == 422


def test_before_the_first_release_it_is_not_ready_and_then_it_is(own_server, tmp_path):
    migrate(own_server.owner_url)
    with serve(settings_for(own_server)) as running:
        for address in ("/readyz", "/v1/observations", "/v1/releases", "/"):
            answer = running.client.get(address)
            assert (answer.status_code, answer.json()["code"]) == (503, "not_ready"), address
            assert "retry-after" in answer.headers
        publish(own_server, tmp_path / "register")
        until(lambda: running.client.get("/readyz").status_code == 200)
        assert running.client.get("/v1/observations").json()["meta"]["total"] == 1


def test_it_starts_without_a_database_and_finds_it_when_it_is_there(own_server, tmp_path):
    publish(own_server, tmp_path / "register")
    own_server.stop()
    with serve(settings_for(own_server)) as running:
        assert running.client.get("/readyz").status_code == 503
        assert running.client.get("/healthz").status_code == 200
        own_server.start()
        until(lambda: running.client.get("/readyz").status_code == 200)


def test_a_migration_under_a_connection_that_has_asked_before_is_not_noticed(own_server, tmp_path):
    publish(own_server, tmp_path / "register")
    with serve(settings_for(own_server)) as running:
        assert running.client.get("/v1/observations?limit=1").status_code == 200
        with psycopg.connect(own_server.owner_url) as owner:
            owner.execute("ALTER TABLE observations ALTER COLUMN hedge TYPE varchar(5000)")
        assert running.client.get("/v1/observations?limit=2").status_code == 200  # the same statement


# Why it is not ready


def settings_of(url: str) -> Settings:
    return Settings(database_url=url, port=8000, look_seconds=0.05, pool_seconds=0.5, query_seconds=1)


@pytest.fixture
def bare(postgres):
    """The reader's address of a database that was never migrated."""
    name = create_database(postgres, "template0")
    yield urls_of(postgres, name).reader
    drop_database(postgres, name)


def why_not_ready(running: Served) -> str:
    """What /readyz and the API say alike, after some looks more than one."""
    time.sleep(0.5)
    answers = [running.client.get(address) for address in ("/readyz", "/v1/observations")]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(503, "not_ready")] * 2
    assert [answer.headers["retry-after"] for answer in answers] == ["2", "2"]
    (why,) = {answer.json()["detail"] for answer in answers}
    return str(why)


def told(capsys: pytest.CaptureFixture[str]) -> list[tuple[object, ...]]:
    """What the log says of the database: whether it answers, what came of looking, and why."""
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if '"event":"database"' in line]
    assert [line for line in lines if "exception" in line] == []
    return [(line["answers"], line.get("releases"), line.get("reason")) for line in lines]


def test_a_refused_password_is_named_and_logged_once(database, capsys):
    url = make_url(database.reader).set(password="not-the-one").render_as_string(hide_password=False)
    with serve(settings_of(url)) as running:
        why = why_not_ready(running)
    assert "refuses access to this service's reader" in why
    assert "MISCONDUCT_DATABASE_URL" in why
    assert "`misconduct doctor`" in why
    reason = 'password authentication failed for user "misconduct_reader"'
    assert told(capsys) == [(False, "refused", reason)]


def test_a_database_that_was_never_migrated_asks_for_a_load_and_is_logged_once(bare, capsys):
    with serve(settings_of(bare)) as running:
        why = why_not_ready(running)
    assert "answers, but holds no release" in why
    assert "`misconduct load`" in why
    assert told(capsys) == [(True, "empty", 'relation "releases" does not exist')]


def test_a_database_without_a_release_asks_for_a_load_and_its_first_release_is_logged_once(database, tmp_path, capsys):
    with serve(settings_of(database.reader)) as running:
        why = why_not_ready(running)
        seal(write_register(tmp_path, ONE), "1.0.0", "2024-05-01")
        load_register(database.owner, tmp_path)
        until(lambda: running.client.get("/readyz").status_code == 200)
        time.sleep(0.5)
    assert "answers, but holds no release" in why
    assert "`misconduct load`" in why
    assert told(capsys) == [(True, "empty", "it holds no release"), (True, None, None)]


def test_a_database_that_is_not_there_is_named_and_its_address_is_not_logged(capsys):
    with serve(settings_of("postgresql://misconduct_reader:secret@localhost:1/misconduct")) as running:
        why = why_not_ready(running)
    assert "does not answer" in why
    assert "`misconduct doctor`" in why
    assert told(capsys) == [(False, "silent", "Connection refused")]


@pytest.fixture
def refusing() -> Iterator[str]:
    """The address of a server that knows no such client, and says so with the client's address, as Postgres does."""
    said = b'SFATAL\0C28000\0Mno pg_hba.conf entry for host "10.1.2.3", user "misconduct_reader", no encryption\0\0'
    answer = b"E" + (len(said) + 4).to_bytes(4) + said

    def refuse(connection: socket.socket) -> None:
        with connection:
            connection.recv(1000)
            connection.sendall(answer)

    def listen() -> None:
        with contextlib.suppress(OSError):
            while True:
                refuse(server.accept()[0])

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=listen)
        thread.start()
        yield f"postgresql://misconduct_reader:secret@127.0.0.1:{server.getsockname()[1]}/misconduct?sslmode=disable"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_no_address_that_a_refusal_names_is_logged(refusing, capsys):
    with serve(settings_of(refusing)) as running:
        assert "refuses access to this service's reader" in why_not_ready(running)
    reason = 'no pg_hba.conf entry for host "…", user "misconduct_reader", no encryption'
    assert told(capsys) == [(False, "refused", reason)]


def test_an_outage_and_its_end_are_a_line_each(own_server, tmp_path, capsys):
    publish(own_server, tmp_path / "register")
    with serve(settings_for(own_server)) as running:
        own_server.stop()
        until(lambda: database_state(running) == "does_not_answer")
        time.sleep(0.5)
        own_server.start()
        until(lambda: database_state(running) == "answers")
    first, outage, end = told(capsys)
    assert first == end == (True, None, None)
    assert outage[:2] == (False, "silent")


class Faulty:
    """A database that is asked in a wrong way, also where a look is under way."""

    def __getattr__(self, name: str) -> object:
        raise KeyError(name)


def test_a_mistake_of_ours_has_its_traceback_in_the_log_once(database, capsys, monkeypatch):
    with serve(settings_of(database.reader)) as running:
        monkeypatch.setattr(running.service.releases, "_database", Faulty())
        until(lambda: "the log has the reason" in running.client.get("/readyz").json()["detail"])
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (found,) = [line for line in lines if line["event"] == "looking for releases failed"]
    assert found["exception"][0]["exc_type"] == "KeyError"


# The watch for releases


@pytest.fixture
def publish_here(request: pytest.FixtureRequest) -> Publish:
    """The fixture `publish`, whose name is a function's in this file."""
    return request.getfixturevalue("publish")


def test_a_watch_that_ended_begins_again_and_readyz_tells_when_the_last_look_ended(served, publish_here):
    publish_here(ONE)
    book = served.service.releases

    async def fail() -> None:
        raise RuntimeError("not among what a look expects")

    book.look = fail
    until(lambda: served.client.get("/readyz").json()["seconds_since_look"] > 1)
    del book.look
    until(lambda: served.client.get("/readyz").json()["seconds_since_look"] < 1)
    publish_here(ONE + "bbbb3 | 2022 | 7\n", "1.1.0", "2024-05-02")
    assert served.client.get("/readyz").json()["release"] == "1.1.0"


def test_readyz_takes_a_database_that_nobody_looked_at_for_one_that_does_not_answer(served, publish_here, monkeypatch):
    publish_here(ONE)
    assert database_state(served) == "answers"
    monkeypatch.setattr(release_watcher, "OVERDUE_SECONDS", -3600)
    assert database_state(served) == "does_not_answer"


def test_a_database_that_hangs_for_longer_than_a_look_does_not_answer(served, publish_here, monkeypatch):
    publish_here(ONE)

    async def hang(self) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(release_watcher, "OVERDUE_SECONDS", 0.3)
    monkeypatch.setattr(release_watcher.ReleaseBook, "_find_newest", hang)
    until(lambda: database_state(served) == "does_not_answer")
    assert {database_state(served) for _ in range(20) if not time.sleep(0.05)} == {"does_not_answer"}
