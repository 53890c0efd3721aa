"""Without a database the service says so, and it recovers by itself."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from app.db.embedded import EmbeddedPostgres
from app.db.migrate import migrate
from app.publish.load import load_register
from app.settings import Settings
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
            "/v1/datasets",
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
