"""What the supervisor says of its workers, and what a full temporary folder costs: numbers, and nobody's answer."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from sqlalchemy import make_url

from misconduct.publish.load import load_register
from tests.registers import seal, write_register
from tests.test_serve import COMMAND, environment, eventually, free_port


class Supervised:
    """`misconduct serve --workers 2` on a loaded database, and what it has logged."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], said: Path) -> None:
        self.port, self.process, self._said = port, process, said

    def lines(self, event: str) -> list[dict[str, object]]:
        lines = [
            json.loads(line)
            for line in self._said.read_text().splitlines()
            if line.startswith("{") and line.endswith("}")
        ]
        return [line for line in lines if line["event"] == event]

    def has_said(self, words: str) -> bool:
        return words in self._said.read_text()

    def workers(self) -> list[int]:
        found = list[int]()
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # as a zombie is, too
                found += [child.pid] if any("spawn_main" in word for word in child.cmdline()) else []
        return found

    def ask(self, path: str) -> int | None:
        """The status of an answer, over a new connection, which any worker may take."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=10).status_code
        except httpx.TransportError:
            return None


@contextmanager
def supervised(url: str, folder: Path, *before: str, **settings: str) -> Iterator[Supervised]:
    """The service, until the block ends; `before` is the beginning of its command. No `url`: the settings have it."""
    settings |= {"MISCONDUCT_DATABASE_URL": url} if url else {}
    port, said = free_port(), folder / "said"
    with said.open("w") as file:
        process = subprocess.Popen(
            [*before, *COMMAND, "--workers", "2", "--port", str(port)],
            env=environment(MISCONDUCT_LOOK_SECONDS="0.05", **settings),
            stdin=subprocess.DEVNULL,
            stderr=file,
        )
    running = Supervised(port, process, said)
    try:
        # Each worker logs the release that it serves; an answer tells of one of them only.
        eventually(lambda: len(running.lines("release")) == 2 and running.ask("/readyz") == 200, seconds=60)
        yield running
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def loaded(database, tmp_path: Path) -> str:
    register = write_register(tmp_path / "register", "id | value\n bbbb2 | 5")
    seal(register, "1.0.0")
    load_register(database.owner, register)
    return database.reader


def test_a_worker_that_ends_has_a_line_with_its_signal(loaded, tmp_path):
    with supervised(loaded, tmp_path) as running:
        worker = min(running.workers())
        os.kill(worker, signal.SIGBUS)
        eventually(lambda: running.lines("worker ended") != [], seconds=20)
        (line,) = running.lines("worker ended")
        assert (line["pid"], line["signal"], line["level"]) == (worker, "SIGBUS", "warning")


def test_workers_that_end_leave_no_more_files_than_there_are_workers(loaded, tmp_path):
    gauges = ("gauge_livemax_{}.db", "gauge_livemin_{}.db", "gauge_livesum_{}.db")
    names = ("counter_{}.db", *gauges, "histogram_{}.db", "worker-{}.lock")
    with supervised(loaded, tmp_path, TMPDIR=str(tmp_path)) as running:
        (folder,) = tmp_path.glob("misconduct-metrics-*")
        for _ in range(3):
            worker = min(running.workers())
            os.kill(worker, signal.SIGKILL)
            eventually(lambda: worker not in running.workers() and len(running.workers()) == 2, seconds=30)  # noqa: B023
            eventually(lambda: len(list(folder.glob("histogram_*.db"))) == 2, seconds=30)
        left = {path.name for path in folder.iterdir()} - {"used.lock"}
        assert left <= {name.format(number) for name in names for number in (0, 1)}


def test_the_numbers_of_a_service_that_was_killed_go_when_the_next_starts(loaded, tmp_path):
    temporary, said = {"TMPDIR": str(tmp_path)}, [tmp_path / name for name in ("living", "killed", "next")]
    for folder in said:
        folder.mkdir()
    with supervised(loaded, said[0], **temporary) as living:
        (own,) = tmp_path.glob("misconduct-metrics-*")
        with supervised(loaded, said[1], **temporary) as killed:
            (left,) = {*tmp_path.glob("misconduct-metrics-*")} - {own}
            killed.process.kill()
            killed.process.wait()
        assert left.exists()
        with supervised(loaded, said[2], **temporary):
            assert own.exists()
            assert not left.exists()
        assert sum_of(living, "misconduct_workers") == 2
    assert list(tmp_path.glob("misconduct-metrics-*")) == []


def sum_of(running: Supervised, name: str) -> float | None:
    """A number of /metrics, or None if it is not there; the status has to be 200."""
    answer = httpx.get(f"http://127.0.0.1:{running.port}/metrics", timeout=10)
    assert answer.status_code == 200, answer.text
    found = [line for line in answer.text.splitlines() if line.startswith(f"{name} ")]
    return float(found[0].split()[-1]) if found else None


def test_numbers_whose_folder_was_deleted_are_counted_anew(loaded, tmp_path):
    """As systemd-tmpfiles and tmpreaper do to what is old in a temporary folder."""
    with supervised(loaded, tmp_path, TMPDIR=str(tmp_path)) as running:
        (folder,) = tmp_path.glob("misconduct-metrics-*")
        eventually(lambda: sum_of(running, "misconduct_workers") == 2, seconds=10)
        for _ in range(2):
            shutil.rmtree(folder)
            assert [running.ask("/metrics") for _ in range(6)] == [200] * 6
            eventually(lambda: sum_of(running, "misconduct_workers") == 2, seconds=10)
            assert folder.stat().st_mode & 0o777 == 0o700
        assert len(running.lines("metrics begin anew")) == 4
        counted = 'misconduct_request_seconds_count{route="/v1/observations",status="200"}'
        for number in range(8):
            assert running.ask(f"/v1/observations?limit={number + 1}") == 200
        assert sum_of(running, counted) == 8
        shutil.rmtree(folder)
        os.kill(min(running.workers()), signal.SIGKILL)
        eventually(lambda: len(running.workers()) == 2, seconds=30)
        eventually(lambda: sum_of(running, "misconduct_workers") == 2, seconds=30)
        assert running.lines("metrics are not shared") == []
        open_files = [file.path for pid in running.workers() for file in psutil.Process(pid).open_files()]
        assert [path for path in open_files if path.endswith("(deleted)")] == []
    assert list(tmp_path.glob("misconduct-metrics-*")) == []


@pytest.mark.parametrize("pattern", ["worker-*.lock", "gauge_*_0.db", "*_1.db"])
def test_workers_of_which_one_file_was_deleted_have_numbers_of_their_own(loaded, tmp_path, pattern):
    with supervised(loaded, tmp_path, TMPDIR=str(tmp_path)) as running:
        (folder,) = tmp_path.glob("misconduct-metrics-*")
        eventually(lambda: sum_of(running, "misconduct_workers") == 2, seconds=10)
        for path in folder.glob(pattern):
            path.unlink()
        eventually(lambda: running.lines("metrics begin anew") != [], seconds=10)
        eventually(lambda: sum_of(running, "misconduct_workers") == 2, seconds=10)
        worker = min(running.workers())
        os.kill(worker, signal.SIGKILL)
        eventually(lambda: worker not in running.workers() and len(running.workers()) == 2, seconds=30)
        eventually(lambda: sum_of(running, "misconduct_workers") == 2, seconds=30)
        open_files = [{file.path for file in psutil.Process(pid).open_files()} for pid in running.workers()]
        one, other = ({path for path in paths if path.startswith(str(folder))} for paths in open_files)
        assert (len(one) >= 5, len(other) >= 5, one & other) == (True, True, set())


def test_numbers_that_cannot_be_shared_any_more_are_503_until_they_can(loaded, tmp_path):
    with supervised(loaded, tmp_path, TMPDIR=str(tmp_path)) as running:
        (folder,) = tmp_path.glob("misconduct-metrics-*")
        shutil.rmtree(folder)
        folder.write_text("in the way")
        eventually(lambda: len(running.lines("metrics are not shared")) == 2, seconds=10)
        answer = httpx.get(f"http://127.0.0.1:{running.port}/metrics", timeout=10)
        assert (answer.status_code, answer.headers["retry-after"], answer.json()["code"]) == (503, "1", "overloaded")
        assert {running.ask(path) for path in ("/v1/observations", "/healthz", "/readyz")} == {200}
        folder.unlink()
        eventually(lambda: len(running.lines("metrics begin anew")) == 2, seconds=10)
        assert sum_of(running, "misconduct_workers") == 2
        assert len(running.lines("metrics are not shared")) == 2


def small_disk(folder: Path, then: str = "true") -> list[str]:
    """The beginning of a command that has this folder as a disk of its own, of 2 MB, where it first does `then`.

    Skips where no file system may be mounted.
    """
    mount = f"mount -t tmpfs -o size=2m none {folder}"
    for unshare in (["unshare", "-m"], ["unshare", "-rm"]):
        if subprocess.run([*unshare, "sh", "-c", mount], capture_output=True, check=False).returncode == 0:
            return [*unshare, "sh", "-c", f'{mount} && {then}; exec "$@"', "sh"]
    pytest.skip("no file system may be mounted here")


def fill(folder: str) -> str:
    """A command of the shell that leaves no room on the disk of a folder."""
    return f"dd if=/dev/zero of={folder}/fill bs=4k 2>/dev/null"


ROUTES = ("", ".csv", "/by-year", "/zzzzz", "/bbbb2", "/bbbb2.csv")
ADDRESSES = [f"/v1/{name}{route}" for name in ("observations", "sources", "datasets", "releases") for route in ROUTES]


@pytest.mark.skipif(sys.platform != "linux", reason="it mounts a file system of its own")
def test_a_temporary_folder_that_fills_costs_numbers_and_neither_a_worker_nor_an_answer(loaded, tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    with supervised(loaded, tmp_path, *small_disk(folder), TMPDIR=str(folder)) as running:
        workers = running.workers()
        there = f"/proc/{workers[0]}/root{folder}"
        subprocess.run(["sh", "-c", fill(there)], check=False)
        assert os.statvfs(there).f_bavail == 0
        answers = [running.ask(address) for _ in range(3) for address in ADDRESSES]
        assert None not in answers
        assert running.lines("metrics are incomplete") != []
        assert (running.workers(), running.lines("worker ended")) == (workers, [])
        assert running.ask("/metrics") == 200
        os.kill(workers[0], signal.SIGKILL)
        eventually(lambda: workers[0] not in running.workers() and len(running.workers()) == 2, seconds=30)
        assert None not in [running.ask(address) for address in ADDRESSES]
        assert [line["pid"] for line in running.lines("worker ended")] == [workers[0]]


@pytest.mark.skipif(sys.platform != "linux", reason="it mounts a file system of its own")
def test_a_folder_for_numbers_that_is_full_at_the_start_costs_only_that_they_are_shared(loaded, tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    with supervised(
        loaded, tmp_path, *small_disk(folder, fill(str(folder))), PROMETHEUS_MULTIPROC_DIR=str(folder)
    ) as running:
        assert [line["reason"] for line in running.lines("metrics are not shared")] == ["No space left on device"] * 2
        assert None not in [running.ask(address) for address in ADDRESSES]
        assert running.ask("/metrics") == 200
        assert running.lines("worker ended") == []


def test_workers_that_cannot_reach_the_database_replace_none_that_answer(loaded, tmp_path, postgres):
    """SIGHUP during an outage: whoever has answers in memory goes on."""
    name = make_url(loaded).database
    with (
        psycopg.connect(postgres.admin_url, autocommit=True) as admin,
        supervised(loaded, tmp_path) as running,
    ):
        workers = running.workers()
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        running.process.send_signal(signal.SIGHUP)
        eventually(lambda: running.has_said("new worker not ready in time"), seconds=60)
        assert running.workers() == workers
        assert running.ask("/readyz") == 200
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        running.process.send_signal(signal.SIGHUP)
        eventually(lambda: len(running.workers()) == 2 and not set(running.workers()) & set(workers), seconds=60)
        assert running.ask("/v1/observations") == 200


def test_a_worker_that_cannot_be_replaced_ends_none_that_answers(loaded, tmp_path):
    address = tmp_path / "address"
    address.write_text(loaded)
    with supervised("", tmp_path, MISCONDUCT_DATABASE_URL_FILE=str(address)) as running:
        kept, killed = running.workers()
        address.write_text("")
        os.kill(killed, signal.SIGKILL)
        eventually(
            lambda: [line for line in running.lines("worker ended") if line.get("status") == 3] != [], seconds=60
        )
        assert (running.workers(), running.ask("/v1/observations")) == ([kept], 200)
        address.write_text(loaded)
        eventually(lambda: len(running.workers()) == 2 and len(running.lines("release")) == 3, seconds=60)
        assert kept in running.workers()


def test_a_stop_does_not_wait_for_the_worker_that_a_reload_waits_for(loaded, tmp_path, postgres):
    name = make_url(loaded).database
    with (
        psycopg.connect(postgres.admin_url, autocommit=True) as admin,
        supervised(loaded, tmp_path) as running,
    ):
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        running.process.send_signal(signal.SIGHUP)
        eventually(lambda: len(running.workers()) == 3, seconds=20)
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(60)
        assert not running.has_said("new worker not ready in time")
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
