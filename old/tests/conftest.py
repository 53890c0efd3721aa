"""One real Postgres for the whole run, a database of its own for each test, the real migrations, a real HTTP server."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.migrate import migrate
from misconduct.db.urls import Urls
from misconduct.publish.load import load_register
from misconduct.settings import Settings
from tests.registers import seal, write_register
from tests.serving import Served, serve

Publish = Callable[..., str]

PROJECT = Path(__file__).parents[1]
DOCUMENTS = PROJECT.parent / "shared" / "documents"

SLOW = (
    "browser/", "clients/", "guide/", "security/",
    "api/test_charts.py", "api/test_downloads.py", "api/test_exports.py", "api/test_outage.py",
    "cli/",
    "db/test_embedded.py", "db/test_installed.py", "db/test_pgbouncer.py", "db/test_replicas.py",
    "http/test_cache.py", "http/test_logs.py", "http/test_metrics.py", "http/test_ranges.py",
    "http/test_shared_caches.py", "http/test_tracing.py",
    "publish/test_files.py",
    "register/test_any_input.py", "register/test_link_checks.py", "register/test_loadable.py",
    "site/test_escaping.py",
    "test_containers.py", "test_deploy.py", "test_guide.py", "test_readme.py", "test_runbook.py",
    "test_serve.py", "test_time.py", "test_workers.py",
)  # fmt: skip
"""What `make test` leaves to `make test-all`: other programs, whole processes, a browser, pictures, and long searches."""

_numbers = itertools.count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.relative_to(PROJECT / "tests").as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The embedded server, with an empty migrated database as the template of all others."""
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    folder.chmod(0o711)  # root's server runs as another user, who must be able to enter
    with EmbeddedPostgres(folder / "home") as server:
        migrate(server.owner_url)
        yield server
    shutil.rmtree(folder, ignore_errors=True)


def create_database(server: EmbeddedPostgres, template: str) -> str:
    """A database that is a copy of another one; returns its name."""
    name = f"t{next(_numbers)}"
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER misconduct_owner")
        admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        admin.execute(f"GRANT CONNECT ON DATABASE {name} TO misconduct_reader")
    return name


def drop_database(server: EmbeddedPostgres, name: str) -> None:
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def urls_of(server: EmbeddedPostgres, name: str) -> Urls:
    return Urls(server.url("misconduct_reader", name), server.url("misconduct_owner", name))


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Iterator[Urls]:
    """An empty, migrated database."""
    name = create_database(postgres, "misconduct")
    yield urls_of(postgres, name)
    drop_database(postgres, name)


@pytest.fixture
def served(database: Urls) -> Iterator[Served]:
    """The service on a database of its own, which is empty until something is published."""
    with serve(
        Settings(database_url=database.reader, owner_url=database.owner, port=8000, look_seconds=0.05)
    ) as running:
        yield running


@pytest.fixture
def api(served: Served) -> httpx.Client:
    """A client of the service."""
    return served.client


@pytest.fixture(scope="session")
def real(postgres: EmbeddedPostgres) -> Iterator[Served]:
    """The service with the real register, for tests that only ask."""
    name = create_database(postgres, "misconduct")
    urls = urls_of(postgres, name)
    load_register(urls.owner, PROJECT / "data")
    with serve(Settings(database_url=urls.reader, owner_url=urls.owner, port=8000, look_seconds=0.05)) as running:
        yield running
    drop_database(postgres, name)


@pytest.fixture
def publish(served: Served, database: Urls, tmp_path: Path) -> Publish:
    """Writes a register from a table in plain text (see tests/registers.py), releases and loads it."""

    def publish(
        table: str,
        number: str | None = None,
        released: str = "2024-05-01",
        *,
        files: Mapping[str, str] = {},
        **decided: Any,
    ) -> str:
        register = write_register(tmp_path / "register", table, **files)
        seal(register, number, released, **decided)
        loaded = load_register(database.owner, register)
        served.wait_for_release(loaded.current)
        return loaded.current

    return publish
