"""A loaded database, the service as a process, and the table of what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.migrate import migrate
from misconduct.publish.load import load_register
from tests.chaos.report import Row, as_table, write_table
from tests.chaos.serving import Service, private_server
from tests.conftest import PROJECT

TABLE = PROJECT / "build" / "chaos.md"
ROWS = pytest.StashKey[list[Row]]()
MEASURED = pytest.StashKey[list[str]]()

Measured = Callable[[str], None]
Start = Callable[..., Service]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(name, demanded): a row of the table")
    config.stash[ROWS] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    marker = item.get_closest_marker("fault")
    if marker is not None and (report.when == "call" or report.failed):
        measured = item.stash.get(MEASURED, []) + ([report.longreprtext.splitlines()[-1]] if report.failed else [])
        item.config.stash[ROWS].append(Row(*marker.args, "; ".join(measured), report.passed))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if rows := config.stash[ROWS]:
        write_table(rows, TABLE)
        terminalreporter.section("faults")
        terminalreporter.write(as_table(rows))


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Measured:
    """Notes what was measured, in words."""
    return request.node.stash.setdefault(MEASURED, []).append


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedPostgres]:
    """A server of its own with the real register. A test that harms it heals it."""
    with private_server() as running:
        migrate(running.owner_url)
        load_register(running.owner_url, PROJECT / "data")
        yield running


@pytest.fixture
def start(server: EmbeddedPostgres, tmp_path: Path) -> Iterator[Start]:
    """Starts the service, as a process with these arguments and settings, and waits until it is ready."""
    started: list[Service] = []

    def start(*arguments: str, reader_url: str | None = None, **settings: str) -> Service:
        started.append(Service(reader_url or server.reader_url, tmp_path, *arguments, **settings))
        return started[-1].wait_until_ready()

    yield start
    for service in started:
        service.stop()
