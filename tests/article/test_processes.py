"""Texts are compared in processes that start before the first text, are replaced when they end, and end with us."""

import asyncio
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from misconduct.api.turns import CLASSES
from misconduct.errors import TooBusy
from misconduct.processes import Processes, WorkFailed

from ..conftest import Service
from .texts import TEXTS

TEXT = TEXTS[0]["text"]


def find_workers(service):
    """Return the processes that a service has started for work."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            is_child = f"\nPPid:\t{service.process.pid}\n" in status.read_text()
            if is_child and b"spawn_main" in (status.parent / "cmdline").read_bytes():
                found.append(int(status.parent.name))
    return found


@pytest.fixture(scope="module")
def own(home):
    running = Service(home)
    try:
        yield running.wait()
    finally:
        running.stop()


def compare(service):
    return service.client.post("/v1/check", content=TEXT.encode())


def test_processes_are_there_before_the_first_text_and_replaced_when_they_are_killed(
    own,
):
    first = find_workers(own)
    assert len(first) == CLASSES["comparison"].turns
    assert compare(own).status_code == 200
    assert find_workers(own) == first
    for one in first:
        os.kill(one, signal.SIGKILL)
    assert [compare(own).status_code for _ in range(3)] == [200, 200, 200]
    assert set(first).isdisjoint(find_workers(own))


def test_a_text_whose_process_is_killed_is_refused_with_a_reason_and_others_go_on(own):
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(compare, own)
        while not running.done():
            for one in find_workers(own):
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            assert own.client.get("/healthz").status_code == 200
    answer = running.result()
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"]
    assert "took too long" in answer.json()["detail"]
    assert compare(own).status_code == 200


def test_processes_end_with_the_service_however_that_ends(home):
    service = Service(home).wait()
    workers = find_workers(service)
    assert workers
    service.client.close()
    service.process.kill()
    service.process.wait()
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{one}").exists() for one in workers):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def in_a_process(act, *, number=1):
    """Have something done with processes, which are stopped at the end."""

    async def run():
        processes = Processes(number, "late")
        try:
            return await act(processes)
        finally:
            processes.stop()

    return asyncio.run(run())


async def do(processes, seconds, function, *arguments):
    async with processes.lent() as process:
        return await process.do(seconds, function, *arguments)


def test_work_that_takes_too_long_is_ended_and_the_next_is_done():
    async def act(processes):
        with pytest.raises(TooBusy, match="late"):
            await do(
                processes, 0.2, re.match, "(a+)+$", f"{'a' * 60}b"
            )  # for hours, in which no thread runs
        return await do(processes, 30, os.getpid)

    left, process = in_a_process(act)
    assert left > 29
    assert process != os.getpid()


def test_what_failed_says_where_and_not_what_was_sent():
    async def act(processes):
        with pytest.raises(WorkFailed) as failed:
            await do(processes, 30, int, "quokkazanzibar")
        return failed.value

    error = in_a_process(act)
    assert "ValueError in " in str(error)
    assert "quokka" not in f"{error!r} {error.__cause__} {error.__context__}"


def test_work_waits_for_a_process_as_long_as_that_takes():
    async def act(processes):
        work = (do(processes, 30, os.getpid) for _ in range(5))
        return {process for _, process in await asyncio.gather(*work)}

    assert len(in_a_process(act)) == 1
