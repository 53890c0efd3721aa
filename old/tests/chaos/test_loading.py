"""A load that is killed, finds the disk full, meets another load, or loses the power: all or nothing."""

from __future__ import annotations

import random
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from misconduct.db.embedded import EmbeddedPostgres
from tests.chaos.loading import Growing, loads, read_state, verify_bundle, wait_for_no_load
from tests.chaos.serving import private_server, processes_of
from tests.chaos.traffic import ask, eventually, traffic, uncached

PINNED = "/v1/observations?release=1.0.0&limit=1000"


@pytest.fixture
def own() -> Iterator[EmbeddedPostgres]:
    with private_server() as server:
        yield server


def served(service, path: str = PINNED) -> bytes:
    return service.get(path).raise_for_status().content


def wait_for_release(service, number: str) -> None:
    eventually(lambda: service.get("/readyz").json()["release"] == number, 10)


@pytest.mark.fault("the loader killed at 20 random points", "the old release is served whole; the next load succeeds")
def test_a_killed_load_leaves_what_was_there(own, start, tmp_path, measured):
    register, when = Growing(tmp_path, own, rows=300), random.Random(7)
    service = start(reader_url=own.reader_url)
    before, state = served(service), read_state(own)
    began = time.monotonic()
    register.grow()
    assert register.load()[0] == 0
    whole, finished, in_transaction = time.monotonic() - began, 0, 0
    state = read_state(own)
    register.grow()
    for _ in range(20):
        process = register.start_load()
        time.sleep(when.uniform(0.3, 1) * whole)
        in_transaction += loads(own)
        process.kill()
        process.communicate()
        wait_for_no_load(own)
        after = read_state(own)
        if after["releases"] != state["releases"]:  # it was faster: then it is all there, and there is more to load
            finished += 1
            assert after["releases"][0] == state["releases"][0] + 1
            assert after["files"][0] > state["files"][0]
            register.grow()
        else:
            assert after == state
        state = after
        assert served(service) == before
    status, said = register.load()
    measured(
        f"20 killed within {whole:.1f} s, {in_transaction} in their transaction, {finished} after it; then: {status}"
    )
    assert (status, in_transaction > 0) == (0, True), said
    number = f"1.{register.releases - 1}.0"
    wait_for_release(service, number)
    for release in service.get("/v1/releases").json()["data"]:
        verify_bundle(service.url, release["number"], release["digest"])


@contextmanager
def small_disk() -> Iterator[tuple[EmbeddedPostgres, Callable[[], None], Callable[[], None], str]]:
    """A server with what fills its disk, and what frees it: a file system of its own where that may be mounted.

    Elsewhere its files may not grow, which the server hears of in the same place.
    """
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    command = ["mount", "-t", "tmpfs", "-o", "size=300m,mode=711", "tmpfs", folder]
    is_mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    folder.chmod(0o711)
    ballast, none = folder / "ballast", resource.RLIM_INFINITY

    def fill() -> None:
        if is_mounted:
            ballast.write_bytes(bytes(shutil.disk_usage(folder).free - 500_000))
        else:
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (17 << 20, none))

    def free() -> None:
        if is_mounted:
            ballast.unlink()
        else:
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (none, none))

    try:
        with EmbeddedPostgres(folder / "home") as server:
            yield server, fill, free, "a full file system" if is_mounted else "RLIMIT_FSIZE"
    finally:
        if is_mounted:
            subprocess.run(["umount", folder], check=True)
        shutil.rmtree(folder, ignore_errors=True)


def make_room_for_the_log(server: EmbeddedPostgres) -> None:
    """Has Postgres keep files of its log for the future, as one that has run for a while does."""
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        for _ in range(4):
            admin.execute("SELECT pg_logical_emit_message(false, 'chaos', 'x')")
            admin.execute("SELECT pg_switch_wal()")
            admin.execute("CHECKPOINT")


@pytest.mark.fault(
    "the disk full during a load, the log of Postgres included",
    "Postgres cannot run: what is in memory is served, the rest 503; with space again all is as before, by itself",
)
def test_a_disk_without_room_for_the_log_loses_nothing(start, tmp_path, measured):
    with small_disk() as (server, fill, free, how):
        register = Growing(tmp_path, server, rows=2_000)
        service = start(reader_url=server.reader_url)
        before, state = served(service), read_state(server)
        register.grow()
        fill()
        status, said = register.load()
        kept = served(service)
        with traffic(service.port, uncached, clients=2, pause=0.02) as answers:
            time.sleep(2)
        free()
        back = eventually(lambda: ask(service.port, uncached()).status == 200, 10)
        assert read_state(server) == state
        again, _ = register.load()
        measured(f"{how}: exit status {status}; then reads {answers.statuses}; well {back:.1f} s after; then: {again}")
        assert (status, again) == (1, 0)
        assert "Traceback" not in said
        assert kept == before
        assert answers.statuses.keys() <= {200, 503}
        wait_for_release(service, "1.1.0")
        service.stop()


@pytest.mark.fault("the disk full during a load", "the old release is served whole; the next load succeeds")
def test_a_full_disk_refuses_the_new_and_keeps_the_old(start, tmp_path, measured):
    with small_disk() as (server, fill, free, how):
        register = Growing(tmp_path, server, rows=2_000)
        service = start(reader_url=server.reader_url)
        before, state = served(service), read_state(server)
        register.grow()
        make_room_for_the_log(server)
        fill()
        with traffic(service.port, uncached, clients=2, pause=0.02) as answers:
            status, said = register.load()
        free()
        wait_for_no_load(server)
        assert read_state(server) == state
        assert served(service) == before
        again, _ = register.load()
        measured(f"{how}: exit status {status}, {len(answers.all)} reads meanwhile {answers.statuses}; then: {again}")
        assert (status, again) == (1, 0)
        assert "nothing has changed" in said
        assert "Traceback" not in said
        assert answers.statuses.keys() == {200}
        wait_for_release(service, "1.1.0")
        service.stop()


@pytest.mark.fault("two loaders at once", "one of the two waits, or says so; the release is there once")
def test_two_loads_take_turns(own, start, tmp_path, measured):
    register = Growing(tmp_path, own, rows=2_000)
    service = start(reader_url=own.reader_url)
    register.grow()
    processes = [register.start_load() for _ in range(2)]
    met = eventually(lambda: loads(own) == 2, 20)
    said = sorted(process.communicate(timeout=40)[1].splitlines()[-1] for process in processes)
    measured(f"both in the database after {met:.1f} s; exit {[process.returncode for process in processes]}")
    assert [process.returncode for process in processes] == [0, 0]
    assert "added 1.1.0 with 2,000 observations" in said[0]
    assert "nothing new; current is 1.1.0" in said[1]
    wait_for_release(service, "1.1.0")
    releases = service.get("/v1/releases").json()["data"]
    assert sorted(release["number"] for release in releases) == ["1.0.0", "1.1.0"]


@pytest.mark.fault(
    "power loss: kill -9 of all of Postgres during a publish, five times",
    "committed releases intact, checked by digest; no half release; the next load succeeds",
)
def test_what_was_committed_survives_and_nothing_else(own, start, tmp_path, measured):
    register, when = Growing(tmp_path, own, rows=4_000), random.Random(11)
    service = start(reader_url=own.reader_url)
    before, state, lost = served(service), read_state(own), 0
    register.grow()
    for part in range(5):
        process = register.start_load()
        eventually(lambda: loads(own) == 1, 20)
        time.sleep(part * 0.1 + when.uniform(0, 0.1))
        for one in processes_of(own):
            kill(one)
        process.communicate(timeout=40)
        eventually(lambda: ask(service.port, uncached()).status == 200, 10)
        after = read_state(own)
        if after["releases"] == state["releases"]:
            lost += 1
            assert (after, process.returncode) == (state, 1)
        else:  # it was faster: then it is all there, and there is more to load
            assert after["releases"][0] == state["releases"][0] + 1
            register.grow()
        state = after
        assert served(service) == before
    again, said = register.load()
    measured(f"5 killed, {lost} of them before the commit: every row as before; then: exit {again}")
    assert lost >= 3, "hardly a kill came during a publish: give it more rows"
    assert again == 0, said
    wait_for_release(service, f"1.{register.releases - 1}.0")
    for release in service.get("/v1/releases").json()["data"]:
        verify_bundle(service.url, release["number"], release["digest"])


def kill(process: psutil.Process) -> None:
    if process.is_running():
        process.send_signal(signal.SIGKILL)
