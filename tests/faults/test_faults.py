"""Real faults: a database that is gone, hangs, or or is another program's."""

import os
import shutil
import signal
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from misconduct.db.embedded import EmbeddedPostgres

from ..conftest import SMALL, Service, run_program

pytestmark = pytest.mark.slow  # a minute and a half; .ci/run has them, too


@pytest.fixture
def own_home():
    """A folder for a Postgres of this test, with the small register."""
    folder = Path(tempfile.mkdtemp(prefix="misconduct-faults-"))
    folder.chmod(0o755)
    shutil.copytree(SMALL, folder / "data")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(own_home):
    """A Postgres that is named by its address, as an operator names one."""
    with EmbeddedPostgres(own_home / "named") as server:
        yield server


@contextmanager
def serving(home, **more):
    """A service on the Postgres of a folder."""
    running = Service(home, home / "data", **more)
    try:
        yield running.wait()
    finally:
        running.stop()


def address(home):
    """Return the address of the Postgres in a folder."""
    return f"host={next(home.glob('postgres-*'))} user=misconduct dbname=misconduct"


def server_processes(home):
    """Return the ids of the processes of the Postgres in a folder: the first one, then those that it started."""
    first = int(next(home.glob("postgres-*/postmaster.pid")).read_text().split()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    return [first, *map(int, children)]


def processes_of(service):
    """Return the ids of all processes of a service, without those of its Postgres."""
    found = [service.process.pid]
    for process in found:
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            found += map(int, children.read_text().split())
    return found


def has_ended(process):
    """Tell whether a process has ended, also if nobody has asked for its status yet."""
    try:
        return (
            Path(f"/proc/{process}/stat")
            .read_text()
            .rpartition(") ")[2]
            .startswith("Z")
        )
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_database_that_hangs_gets_503_and_then_answers_again(own_home, postgres):
    with serving(own_home, MISCONDUCT_DATABASE_URL=postgres.url) as service:
        stopped = server_processes(own_home / "named")
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        try:
            answer = service.client.get("/v1/figures?limit=1")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert answer.json()["code"] == "unavailable"
        finally:
            for process in stopped:
                os.kill(process, signal.SIGCONT)
        wait_until(lambda: service.client.get("/v1/figures?limit=1").status_code == 200)


def test_a_database_that_is_gone_gets_503(own_home, postgres):
    """The service goes on, since somebody may start a server that has a name again."""
    with serving(own_home, MISCONDUCT_DATABASE_URL=postgres.url) as service:
        processes = server_processes(own_home / "named")
        os.kill(processes[0], signal.SIGKILL)
        wait_until(
            lambda: all(map(has_ended, processes))
        )  # until then, the others may still answer
        assert service.client.get("/v1/figures?limit=1").status_code == 503
        assert service.client.get("/healthz").status_code == 200


def test_a_service_ends_when_its_own_database_is_gone(own_home):
    with serving(own_home) as service:
        os.kill(server_processes(own_home)[0], signal.SIGKILL)
        wait_until(lambda: service.process.poll() is not None)
        assert service.process.returncode == 1
        printed = service.log.read_text()
        assert "has been gone" in printed
        assert "Traceback" not in printed


@pytest.mark.parametrize(
    ("reached", "status"), [("all", 0), ("first", -signal.SIGKILL)]
)
def test_all_processes_of_a_service_end_with_it(own_home, reached, status):
    """Ctrl-C goes to each of them, a kill to the first one only."""
    with serving(
        own_home, options=["--workers", "2" if reached == "all" else "1"]
    ) as service:
        assert (
            service.client.get("/v1/figures/k7m3q.png").status_code == 200
        )  # drawn by a process of its own
        processes, [server, *_] = processes_of(service), server_processes(own_home)
        assert len(processes) >= 3
        for process in processes if reached == "all" else []:
            os.kill(process, signal.SIGINT)
        if reached == "first":
            service.process.kill()
        wait_until(lambda: all(map(has_ended, processes)))
        assert service.process.wait(timeout=30) == status
        assert "Traceback" not in service.log.read_text()
        if reached == "first":
            os.kill(
                server, signal.SIGQUIT
            )  # it goes on, for the next service to join it


def test_the_tables_of_another_program_are_left_alone(own_home, postgres):
    """Also of one that creates its tables by Alembic, and of one whose schema has a name like ours."""
    names = "SELECT table_schema::text, table_name::text FROM information_schema.tables WHERE table_name = ANY(%s)"
    theirs = [["invoices", "alembic_version", "notes"]]
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        for statement in (
            "CREATE TABLE invoices ()",
            "CREATE TABLE alembic_version AS SELECT 'feedbeef' AS version_num",
            "CREATE SCHEMA release_2026 CREATE TABLE notes ()",
        ):
            connection.execute(statement)
        settings = {"MISCONDUCT_DATABASE_URL": postgres.url}
        settings |= {"MISCONDUCT_DATA": str(own_home / "data")}
        assert run_program("load", home=own_home, **settings)[0] == 0
        found = {*connection.execute(names, theirs).fetchall()}
        assert found >= {
            ("public", "invoices"),
            ("public", "alembic_version"),
            ("release_2026", "notes"),
        }
        kept = connection.execute("TABLE public.alembic_version").fetchall()
        assert kept == [("feedbeef",)]


@pytest.mark.parametrize("password", ["ge:he%im", "ge@heim", "ge%zzheim"])
def test_a_password_that_is_not_escaped_is_not_shown(own_home, password):
    url = f"postgresql://us:{password}@127.0.0.1/us"
    data = str(own_home / "data")
    settings = {"MISCONDUCT_DATABASE_URL": url, "MISCONDUCT_DATA": data}
    status, [said] = run_program("load", home=own_home, **settings)
    assert status == 1
    assert "%40" in said
    assert "heim" not in said
