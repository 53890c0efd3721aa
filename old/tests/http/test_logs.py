"""The log of a process, as a log collector reads it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from misconduct.http import request_log
from misconduct.http.logs import MOST_WAITING, LogWriter
from misconduct.http.request_log import RequestLog, describe
from misconduct.publish.load import load_register
from tests.registers import seal, write_register
from tests.test_serve import COMMAND, environment, eventually, free_port

SAYS = """
import logging
from misconduct.http.logs import configure_logging
configure_logging()
logging.getLogger("asyncio").error("nobody asked", exc_info=ValueError("for it"))
"""


def test_a_librarys_warning_is_one_line_of_json():
    done = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    said = json.loads(line)
    assert (said["event"], said["level"], said["exception"][0]["exc_value"]) == ("nobody asked", "error", "for it")


def writer_on(descriptor: int) -> LogWriter:
    return LogWriter(os.fdopen(descriptor, "w", closefd=False))


def test_a_stalled_reader_loses_lines_and_a_later_line_counts_them():
    reading, writing = os.pipe()
    writer = writer_on(writing)
    for number in range(2 * MOST_WAITING):
        writer.write(f'{{"number":{number},"long":"{"x" * 200}"}}\n')  # more than the pipe and the queue can hold
    texts: list[str] = []
    with os.fdopen(reading) as reader:
        thread = threading.Thread(target=lambda: texts.extend(iter(reader.readline, "after\n")))
        thread.start()
        writer.drain(60)
        writer.write("after\n")  # there is room for it now
        thread.join()
    os.close(writing)
    lines = [json.loads(text) for text in texts]
    kept = [line["number"] for line in lines if "number" in line]
    lost = sum(line["lines"] for line in lines if line.get("event") == "log lines lost")  # told more than once at times
    assert kept == sorted(kept)
    assert lost == 2 * MOST_WAITING - len(kept) > 0


def test_a_thread_for_which_there_is_no_room_costs_a_line_and_is_begun_with_the_next(tmp_path, monkeypatch):
    start, refusals = threading.Thread.start, [RuntimeError("can't start new thread")]

    def refuse_once(self):
        if refusals:
            raise refusals.pop()
        start(self)

    monkeypatch.setattr(threading.Thread, "start", refuse_once)
    with (tmp_path / "log").open("wb") as log:
        writer = writer_on(log.fileno())
        for number in range(2):
            writer.write(f'{{"number":{number}}}\n')
        writer.drain()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line.get("number", line.get("lines")) for line in lines] == [1, 1]


def test_a_full_disk_loses_lines_and_a_later_line_counts_them(tmp_path):
    with (tmp_path / "log").open("wb") as log, Path("/dev/full").open("wb") as full:
        descriptor = os.dup(full.fileno())
        writer = writer_on(descriptor)
        for _ in range(3):
            writer.write("lost\n")
        writer.drain(60)
        os.dup2(log.fileno(), descriptor)
        writer.write("kept\n")
        writer.drain(60)
        os.close(descriptor)
    told, kept = (tmp_path / "log").read_text().splitlines()
    assert (json.loads(told)["event"], json.loads(told)["lines"], kept) == ("log lines lost", 3, "kept")


def test_a_line_has_how_long_it_took_whatever_the_clock_says(monkeypatch, tmp_path):
    with (tmp_path / "log").open("w") as file:
        writer = LogWriter(file)
        monkeypatch.setattr(request_log, "log_writer", lambda: writer)
        monkeypatch.setattr(time, "monotonic", lambda: 107.5)
        monkeypatch.setattr(time, "time", lambda: 1_717_243_200.25)

        async def note():
            requests = RequestLog(is_written=True)
            requests.note(b"one", describe("GET", "/v1/observations", 200), 100.0)
            requests.close()

        asyncio.run(note())
    line = json.loads((tmp_path / "log").read_text())
    assert (line["milliseconds"], line["timestamp"]) == (7_500.0, "2024-06-01T12:00:00.250000Z")


def test_a_closed_pipe_raises_nothing():
    reading, writing = os.pipe()
    os.close(reading)
    writer = writer_on(writing)
    writer.write("to nobody\n")
    writer.drain(60)
    # The writer goes on trying to say what was lost. Closed, its descriptor would soon be somebody else's connection.
    with Path("/dev/null").open("wb") as nowhere:
        os.dup2(nowhere.fileno(), writing)


def test_lines_of_several_processes_in_a_full_pipe_stay_whole():
    reading, writing = os.pipe()
    writers = [subprocess.Popen([sys.executable, "-c", WRITES, str(number)], stderr=writing) for number in range(3)]
    os.close(writing)
    with os.fdopen(reading) as reader:
        found = [json.loads(line)["event"] for line in reader]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert sorted(found) == sorted(f"{number}-{event}" for number in range(3) for event in range(400))


WRITES = """
import sys
import structlog
from misconduct.http.logs import configure_logging, log_writer
configure_logging()
for event in range(400):
    structlog.get_logger().info(f"{sys.argv[1]}-{event}", padding="x" * 500)
log_writer().drain(60)
"""


@pytest.mark.parametrize("log", ["stalls", "is closed", "is full"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_unwritable_log_affects_neither_answers_nor_releases_nor_the_shutdown(database, tmp_path, log, workers):
    register = write_register(tmp_path / "register", "year | value\n2000 | 1")
    seal(register, "1.0.0", "2024-05-01")
    load_register(database.owner, register)
    reading, writing = os.pipe()
    if log == "is full":
        os.close(writing)
        writing = os.open("/dev/full", os.O_WRONLY)
    port = free_port()
    settings = environment(MISCONDUCT_DATABASE_URL=database.reader, MISCONDUCT_LOOK_SECONDS="0.05")
    command = [*COMMAND, "--port", str(port), "--workers", workers]
    process = subprocess.Popen(command, env=settings, stdin=subprocess.DEVNULL, stderr=writing)
    os.close(writing)
    try:
        eventually(lambda: newest(port) == "1.0.0", seconds=40)
        if log == "is closed":
            os.close(reading)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            for _ in range(1_000):  # each has a line: more than a pipe holds
                assert client.get("/healthz").status_code == 200
        write_register(tmp_path / "register", "year | value\n2000 | 1\n2001 | 2")
        seal(register, "1.1.0", "2024-05-02")
        load_register(database.owner, register)
        for _ in range(5):  # whichever worker is asked
            eventually(lambda: newest(port) == "1.1.0", seconds=20)
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait(20)
        if log != "is closed":
            os.close(reading)


def newest(port: int) -> str | None:
    """The newest release that the service knows; None while it does not answer."""
    try:
        return str(httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).json().get("release"))
    except httpx.TransportError:
        return None
