"""`misconduct serve` as a process: how it starts, what it endures, and that nothing is left when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psutil
import pytest
import uvicorn
from limits import parse
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.supervisors import Multiprocess

from misconduct.http import cache
from misconduct.http import protocol as http_protocol
from misconduct.http.accepting import KEPT
from misconduct.http.cache import Store
from misconduct.http.logs import configure_logging, log_writer
from misconduct.http.protocol import ProblemProtocol
from misconduct.serving import choose_protocol
from misconduct.settings import Settings
from tests.registers import seal, write_register
from tests.serving import Served
from tests.serving import serve as serve_in_thread

REGISTER = Path(__file__).parents[1] / "data"
COMMAND = [sys.executable, "-c", "from misconduct.cli import app; app(prog_name='misconduct')", "serve"]


def eventually(is_so: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not so after {seconds} seconds"
        time.sleep(0.05)


def lives(pid: int) -> bool:
    return any(process.pid == pid for process in processes())


class Process(NamedTuple):
    pid: int
    parent: int
    group: int
    command: str


def processes() -> list[Process]:
    """All that run. What has ended, and only waits for its parent to notice, does not."""
    command = ["ps", "-Awwo", "pid=,ppid=,pgid=,stat=,args="]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    split = [line.split(None, 4) for line in lines]
    return [Process(*map(int, numbers), command) for *numbers, state, command in split if not state.startswith("Z")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Serving:
    """The command with an embedded database and a register of one observation, in a session of its own."""

    def __init__(
        self, folder: Path, *arguments: str, before: Sequence[str] = (), python_path: Path | None = None
    ) -> None:
        self.home = folder / "home"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        register = write_register(folder / "register", "id | value\n bbbb2 | 5")
        seal(register, "1.0.0")
        self.said = folder / "said"
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                [*before, *COMMAND, "--register", str(register), "--port", str(self.port), *arguments],
                env=environment(python_path, MISCONDUCT_HOME=str(self.home)),
                stdin=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )

    def wait_until_ready(self) -> Serving:
        eventually(lambda: self.asks("/readyz") == 200, seconds=40)
        return self

    def has_a_database(self) -> bool:
        assert self.process.poll() is None, self.said.read_text()
        return (self.home / "data" / "postmaster.pid").exists()

    def asks(self, path: str) -> int | None:
        assert self.process.poll() is None, self.said.read_text()
        try:
            return httpx.get(self.url + path, timeout=5).status_code
        except httpx.TransportError:
            return None

    def workers(self) -> list[int]:
        mine = [process for process in processes() if process.parent == self.process.pid]
        return [process.pid for process in mine if "spawn_main" in process.command]

    def postmaster(self) -> int:
        return int((self.home / "data" / "postmaster.pid").read_text().split()[0])

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def environment(before: Path | None = None, **more: str) -> dict[str, str]:
    path = sys.path if before is None else [str(before), *sys.path]
    return {"PATH": os.environ["PATH"], "PYTHONPATH": ":".join(path), **more}


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="mt-"))
    path.chmod(0o711)  # root's server runs as another user, who must be able to enter
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Serving]]:
    started: list[Serving] = []

    def start(*arguments: str, **more: Any) -> Serving:
        started.append(Serving(folder, *arguments, **more))
        return started[-1]

    yield start
    for serving in started:
        serving.stop()


# Stopping


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_ctrl_c_and_sigterm_stop_server_and_database(start, sign, workers):
    serving = start("--workers", workers).wait_until_ready()
    postmaster = serving.postmaster()
    if sign == signal.SIGINT:
        os.killpg(serving.process.pid, sign)  # as a terminal sends it
    else:
        serving.process.send_signal(sign)
    assert serving.process.wait(15) == 0
    assert not lives(postmaster)
    assert not (serving.home / "data" / "postmaster.pid").exists(), "the database was not shut down in order"
    eventually(lambda: serving.process.pid not in {process.group for process in processes()}, seconds=2)
    said = serving.said.read_text()
    assert said.endswith("\nStopped.\n")
    assert "Traceback" not in said


def test_sigterm_during_the_start_leaves_no_database(start):
    serving = start()
    eventually(serving.has_a_database, seconds=40)
    serving.process.terminate()
    assert serving.process.wait(15) == 0
    assert not (serving.home / "data" / "postmaster.pid").exists()
    assert serving.said.read_text().endswith("Stopped.\n")


def test_two_sigterms_during_the_start_end_the_service(start):
    serving = start("--register", str(REGISTER))
    eventually(serving.has_a_database, seconds=40)
    serving.process.terminate()
    time.sleep(0.1)
    serving.process.terminate()
    assert serving.process.wait(20) == 0
    eventually(lambda: serving.process.pid not in {process.group for process in processes()}, seconds=2)


# Loading


def test_what_loads_is_gone_when_the_service_answers(start):
    serving = start().wait_until_ready()
    assert [one for one in processes() if one.parent == serving.process.pid and "misconduct.cli" in one.command] == []
    assert serving.said.read_text().startswith("Register ")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere what loads has another command")
def test_a_load_that_is_killed_ends_the_start_with_a_line(start):
    serving, loads = start(), list[Process]()

    def is_loading() -> bool:
        loads[:] = [one for one in processes() if one.parent == serving.process.pid and "misconduct" in one.command]
        return loads != []

    eventually(is_loading, seconds=40)
    os.kill(loads[0].pid, signal.SIGKILL)
    assert serving.process.wait(40) == 1
    assert "SIGKILL ended the load. The next one completes it." in serving.said.read_text()


def test_a_register_with_mistakes_ends_the_start_and_leaves_no_database(start):
    serving = start("--register", "nothing")
    assert serving.process.wait(40) == 1
    assert "Answering at" not in serving.said.read_text()
    assert "Traceback" not in serving.said.read_text()
    assert not (serving.home / "data" / "postmaster.pid").exists()


# Workers


def test_workers_end_with_the_process_that_started_them_and_free_the_port(start):
    serving = start("--workers", "2").wait_until_ready()
    workers = serving.workers()
    assert len(workers) == 2
    serving.process.kill()
    serving.process.wait()
    eventually(lambda: not any(map(lives, workers)), seconds=4)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", serving.port))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGRTMIN + 1])
def test_a_killed_worker_is_replaced(start, number):
    serving = start("--workers", "2").wait_until_ready()
    before = set(serving.workers())
    os.kill(min(before), number)
    eventually(lambda: len(serving.workers()) == 2 and min(before) not in serving.workers(), seconds=10)
    assert serving.asks("/v1/observations") == 200


def test_a_worker_killed_during_its_health_check_is_replaced(start):
    """The supervisor waits 20 seconds for an answer of a worker, but not of a dead one."""
    serving = start("--workers", "2").wait_until_ready()
    worker = min(serving.workers())
    os.kill(worker, signal.SIGSTOP)
    time.sleep(2)  # asked each half second
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: len(serving.workers()) == 2 and worker not in serving.workers(), seconds=10)
    assert serving.asks("/v1/observations") == 200


def test_a_worker_that_cannot_be_started_now_is_started_later(start):
    serving = start("--workers", "2").wait_until_ready()
    before = set(serving.workers())
    limit = resource.prlimit(serving.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(serving.process.pid, resource.RLIMIT_NOFILE, (3, limit[1]))  # no pipe to a new worker
    serving.process.send_signal(signal.SIGHUP)
    eventually(lambda: serving.said.read_text().count('"no worker could be started"') == 1, seconds=10)
    assert set(serving.workers()) == before
    os.kill(min(before), signal.SIGKILL)
    eventually(lambda: serving.said.read_text().count('"no worker could be started"') == 2, seconds=10)
    time.sleep(2)  # tried each half second, and said once
    assert serving.asks("/v1/observations") == 200
    resource.prlimit(serving.process.pid, resource.RLIMIT_NOFILE, limit)
    eventually(lambda: len(serving.workers()) == 2, seconds=10)
    assert serving.said.read_text().count('"no worker could be started"') == 2
    assert serving.said.read_text().count('"worker ended"') == 1


@pytest.mark.parametrize(("clients", "asked"), [(1, "/healthz"), (1, "/openapi.json"), (5, "/openapi.json")])
def test_clients_with_all_connections_do_not_shut_out_the_others(start, clients, asked):
    """Their oldest idle connection is closed for each new one; of so many also one of which they read no answer."""
    serving = start().wait_until_ready()
    last = psutil.Process(serving.process.pid).num_fds() + 150
    _, hard = resource.prlimit(serving.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(serving.process.pid, resource.RLIMIT_NOFILE, (last + KEPT, hard))

    def connect(stack: contextlib.ExitStack, client: str) -> socket.socket:
        """Connect, and ask once; of many who do so at the same time some are refused."""
        connection = stack.enter_context(socket.socket())
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.bind((client, 0))
        with contextlib.suppress(ConnectionError):
            connection.connect(("127.0.0.1", serving.port))
            connection.sendall(f"GET {asked} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return connection

    def is_answered(stack: contextlib.ExitStack) -> bool:
        with contextlib.suppress(ConnectionError):
            return connect(stack, "127.0.0.1").recv(12) == b"HTTP/1.1 200"
        return False

    with contextlib.ExitStack() as stack:
        for number in range(200):
            connect(stack, f"127.0.0.{2 + number % clients}")
        eventually(lambda: is_answered(stack), seconds=10)  # when all have been accepted
        assert [is_answered(stack) for _ in range(30)] == [True] * 30  # whose connections stay
    assert serving.said.read_text().count('"too many connections"') == 1


def test_a_service_takes_more_descriptors_than_a_shell_gives(start):
    serving = start(before=["sh", "-c", 'ulimit -Sn 1024; exec "$@"', "sh"]).wait_until_ready()
    soft, hard = resource.prlimit(serving.process.pid, resource.RLIMIT_NOFILE)
    assert soft == min(4_096, hard)


def test_the_service_ends_where_its_second_worker_cannot_be_started(start, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("""
import sys
if "--workers" in sys.orig_argv:
    from multiprocessing import context
    start, started = context.SpawnProcess._Popen, []
    def once(process):
        if started:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        started.append(process)
        return start(process)
    context.SpawnProcess._Popen = staticmethod(once)
""")
    serving = start("--workers", "2", python_path=tmp_path)
    assert serving.process.wait(40) == 1
    assert serving.said.read_text().splitlines()[-1].startswith("Resource temporarily unavailable")


def test_the_service_fails_if_workers_cannot_start(start, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\nif '--multiprocessing-fork' in sys.orig_argv: del os.environ['MISCONDUCT_DATABASE_URL']"
    )
    serving = start("--workers", "2", python_path=tmp_path)
    assert serving.process.wait(40) == 3
    assert "No database." in serving.said.read_text()


def test_closed_standard_streams_become_the_null_device(start):
    serving = start(before=["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]).wait_until_ready()
    streams = [Path(f"/proc/{serving.process.pid}/fd/{number}").readlink() for number in range(3)]
    assert streams == [Path(os.devnull)] * 3


# Refusals


def refusal(*arguments: str, **more: str) -> str:
    done = subprocess.run(
        [*COMMAND, *arguments], env=environment(**more), capture_output=True, text=True, timeout=40, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("host", ["nonsense.invalid", "192.0.2.1", "a..b"])
def test_a_wrong_host_is_refused_with_a_hint_at_the_host(host):
    said = refusal("--host", host)
    assert said.startswith(f"Cannot listen on {host}:8000: ")
    assert "--host 127.0.0.1" in said
    assert "PORT=" not in said


def test_a_port_in_use_is_refused_with_a_hint_at_the_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "PORT=8001" in refusal("--port", str(taken.getsockname()[1]))


@pytest.mark.parametrize("name", ["MISCONDUCT_DATABASE_URL", "MISCONDUCT_OWNER_URL"])
@pytest.mark.parametrize(
    ("url", "mistake"),
    [
        ("nonsense", " is not a database address such as "),
        ("", " is not a database address such as "),
        ("postgresql://reader:secret@localhost:port/misconduct", ": a port must be a number from 1 to 65535."),
    ],
)
def test_a_malformed_database_address_is_refused_in_one_line(name, url, mistake):
    said = refusal("--port", str(free_port()), **{name: url})
    assert said.startswith(f"{name}{mistake}")
    assert said.count("\n") == 1
    assert "secret" not in said


# Requests that never end


def connect(url: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10)


def answer_to(url: str, *pieces: bytes) -> bytes:
    """What is answered to these bytes, read when all of them were sent."""
    with connect(url) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return answer


GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
MEGABYTE = b"x" * 1_000_000
MANY = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 990) for number in range(1_000))


@pytest.mark.parametrize(
    "pieces",
    [
        [GET, b"X-Long: ", *[MEGABYTE] * 60, b"\r\n\r\n"],
        [GET, *[MANY] * 60, b"\r\n"],
        [GET, MANY[:80_000], b"\r\n\r\n"],
        [b"GET / HTTP/1.1\r\n", *[MEGABYTE] * 60],
    ],
    ids=["one long header", "many headers", "a little too much", "one long name"],
)
def test_headers_beyond_64_kb_are_answered_431_as_a_problem(real, pieces):
    head, _, body = answer_to(real.url, *pieces).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b"Access-Control-Allow-Origin: *" in head
    problem = json.loads(body)
    assert (problem["code"], problem["status"]) == ("request_headers_too_large", 431)
    assert problem["type"] == f"{real.settings.public_url}/docs#request_headers_too_large"


def test_headers_of_60_kb_are_answered(real):
    assert answer_to(real.url, GET, MANY[:60_000], b"\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_trailers_are_bounded_like_headers(real):
    post = b"POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with connect(real.url) as connection:
        connection.sendall(post + b"3\r\nabc\r\n")
        assert connection.recv(12) == b"HTTP/1.1 405"
        connection.sendall(b"0\r\nX-Long: ")
        connection.sendall(MEGABYTE)
        assert b"HTTP/1.1 " not in read_all(connection)  # it is closed; another answer would be that of another request


@pytest.mark.parametrize("trailer", [b"", b"Connection: close\r\n", b"Content-Length: 5\r\n"])
@pytest.mark.parametrize("path", [b"/healthz", b"/v1/sources", b"/v1/observations?limit=3"])
def test_who_sends_chunks_is_told_that_the_connection_ends(real, path, trailer):
    """A trailer can end it: a proxy that was told nothing would give it to the next visitor, who had no answer."""
    post = b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    for _ in range(2):  # the second from memory
        with connect(real.url) as connection:
            connection.sendall(post)
            head = connection.recv(65536)
            assert (head[:12], head.lower().count(b"\r\nconnection: close\r\n")) == (b"HTTP/1.1 200", 1)
            connection.sendall(b"0\r\n" + trailer + b"\r\n" + GET + b"\r\n")
            assert b"HTTP/1.1 " not in read_all(connection)


@pytest.mark.parametrize(
    "before", [b"", b"/healthz", b"/v1/observations?limit=3", b"/v1/observations?value_from=0.1709"]
)
@pytest.mark.parametrize("path", [b"/healthz", b"/v1/observations?limit=3", b"/v1/observations?value_from=0.1708"])
def test_nothing_behind_a_chunked_body_is_answered_also_in_one_segment(real, capfd, before, path):
    ask = b"GET %b HTTP/1.1\r\nHost: x\r\n%b\r\n"
    chunked = ask % (path, b"Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n"
    first = ask % (before, b"") if before else b""
    real.client.get("/v1/observations?limit=3")
    with serve_in_thread(real.settings) as logged:  # it writes to where this reads
        for _ in range(3):  # the same bytes again get no answer from memory
            answers = answer_to(logged.url, first + chunked + GET + b"\r\n" + GET + b"\r\n")
            assert answers.count(b"HTTP/1.1 200") == 1 + bool(before)
            assert answers.lower().rpartition(b"http/1.1 200")[2].count(b"\r\nconnection: close\r\n") == 1
    assert "error" not in capfd.readouterr().err


@pytest.mark.parametrize(
    "path", ["/healthz", "/v1/observations?limit=1", "/v1/observations?value_from=0.1492", "/nowhere"]
)
def test_an_idle_connection_keeps_no_head(real, protocols, path):
    """Four thousand of them kept 400 MB of what one client had sent once."""
    long = b"GET %b HTTP/1.1\r\nHost: x\r\n" % path.encode() + MANY[:50_000] + b"\r\n\r\n"
    for before in (b"", GET + b"\r\n"):
        with connect(real.url) as connection:
            connection.sendall(before + long)
            eventually(lambda: bool(protocols) and protocols[-1].begun == 1 + bool(before), seconds=20)  # noqa: B023
            idle = protocols[-1]
            eventually(lambda: idle.is_between and idle.is_unused, seconds=20)  # noqa: B023
            assert (idle.cycle, idle.scope, idle.headers, idle.url, idle.at_work) == (None, None, [], b"", None)
            connection.sendall(GET + b"Connection: close\r\n\r\n")
            assert read_all(connection).count(b"HTTP/1.1 ") == 2 + bool(before)


def test_a_long_body_is_not_taken_for_headers(real):
    post = b"POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%s\r\n" % (len(MEGABYTE), MEGABYTE)
    with connect(real.url) as connection:
        connection.sendall(post + chunk[:100_000])
        connection.settimeout(0.5)
        answers = connection.recv(65536)
        assert (answers[:13], answers.count(b"HTTP/1.1 ")) == (b"HTTP/1.1 405 ", 1)
        with pytest.raises(TimeoutError):  # it is open, and more of the body may come
            connection.recv(1)


def test_a_malformed_request_gets_a_problem_with_an_absolute_type(real):
    body = answer_to(real.url, b"NONSENSE\r\n\r\n").partition(b"\r\n\r\n")[2]
    assert json.loads(body)["type"] == f"{real.settings.public_url}/docs#malformed_request"


def seconds_until_closed(connection: socket.socket, drip: bytes) -> float:
    """Sends `drip` ten times a second until the server closes the connection."""
    connection.settimeout(0.1)
    begun = time.monotonic()
    with contextlib.suppress(ConnectionError):
        while time.monotonic() - begun < 10:
            try:
                if not connection.recv(65536):
                    break
            except TimeoutError:
                connection.sendall(drip)
    return time.monotonic() - begun


@pytest.mark.parametrize(
    ("sent", "drip"),
    [(b"", b""), (b"", b"\r\n"), (GET, b""), (GET, b"x"), (GET + b"\r\n", b"\r\n"), (GET + b"\r\n" + GET, b"x")],
    ids=["nothing", "empty lines", "half a head", "a slow head", "empty lines after a request", "a slow second head"],
)
def test_a_head_that_does_not_end_is_closed(real, sent, drip):
    with serve_in_thread(real.settings, head_seconds=0.4) as served, connect(served.url) as connection:
        connection.sendall(sent)
        assert 0.3 < seconds_until_closed(connection, drip) < 2


def test_an_idle_kept_alive_connection_is_not_closed_by_that(real):
    with serve_in_thread(real.settings, head_seconds=0.2) as served, connect(served.url) as connection:
        for _ in range(3):
            connection.sendall(GET + b"\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
            time.sleep(0.4)


def test_an_upgrade_is_ignored_without_a_word_in_the_log(real, caplog):
    asked = GET + b"Connection: upgrade, close\r\nUpgrade: websocket\r\n\r\n"
    assert answer_to(real.url, asked).startswith(b"HTTP/1.1 200 ")
    assert caplog.records == []


# What is no request


def read_until(connection: socket.socket, words: bytes, times: int = 1) -> bytes:
    answers = b""
    while answers.count(words) < times:
        piece = connection.recv(65536)
        assert piece, answers
        answers += piece
    return answers


UPGRADE = b"Connection: Upgrade\r\nUpgrade: "
SMUGGLED = b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n"
HEALTHY = b'{"status":"ok"}\n'


@pytest.mark.parametrize(
    ("version", "token", "length"),
    [
        (b"1.1", b"h2c", b"Content-Length: %d\r\n" % len(SMUGGLED)),
        (b"1.0", b"websocket", b"Content-Length: %d\r\n" % len(SMUGGLED)),
        (b"1.1", b"TLS/1.0, h2c", b"Expect: 100-continue\r\nContent-Length: %d\r\n" % len(SMUGGLED)),
        (b"1.1", b"h2c", b"Transfer-Encoding: chunked\r\n"),
        (b"1.1", b"websocket", b""),
    ],
    ids=["a body", "HTTP 1.0", "a body that is announced", "chunks", "no body"],
)
@pytest.mark.parametrize("way", ["later", "at once", "at the end of a piece", "behind another"])
def test_bytes_after_an_upgrade_are_not_a_request(served, token, version, length, way):
    """A proxy that passes it on takes what follows for its body, and a second answer for that of somebody else."""
    head = b"GET /healthz HTTP/%b\r\nHost: x\r\n" % version + UPGRADE + token + b"\r\n" + length + b"X-Pad: "
    if way == "at the end of a piece":
        head += b"x" * (http_protocol.PIECE - len(head) - 4)
    head += b"\r\n\r\n"
    before = (GET + b"\r\n") * (way == "behind another")
    asked = 2 if before else 1
    with connect(served.url) as connection:
        connection.sendall(before + head + (b"" if way == "later" else SMUGGLED + GET + b"\r\n"))
        answers = read_until(connection, HEALTHY, asked)
        with contextlib.suppress(ConnectionError):  # it may be closed already
            if way == "later":
                connection.sendall(SMUGGLED + GET + b"\r\n")
            answers += read_all(connection)
    assert answers.count(b"HTTP/1.1 200 ") == asked
    assert answers.count(b"HTTP/1.1 ") - answers.count(b"HTTP/1.1 100 ") == asked
    assert b"connection: close" in answers


def test_bytes_after_an_upgrade_are_not_a_request_even_if_the_answer_is_cached(served, publish):
    publish("id | value\n bbbb2 | 5")
    path = "/v1/observations?limit=1"
    served.client.get(path, headers={"Accept-Encoding": "identity"})
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\n".encode() + UPGRADE + b"h2c\r\n\r\n"
    answers = answer_to(served.url, head + SMUGGLED)
    assert answers.count(b"HTTP/1.1 ") == answers.count(b"misconduct; hit") == answers.count(b"connection: close") == 1


@pytest.mark.parametrize("target", [b"example.org:443", b"/healthz", b"http://x/healthz"])
def test_bytes_after_connect_are_not_a_request(served, target):
    answers = answer_to(served.url, b"CONNECT %b HTTP/1.1\r\nHost: x\r\n\r\n" % target + SMUGGLED)
    assert answers.count(b"HTTP/1.1 ") == 1
    assert answers[9:12] in (b"400", b"405")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: x\r\n",
        b"GET /healthz HTTP/1.0\r\nHost: x\r\nHost: y\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x, y/z\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x:80:81\r\n",
        b"GET /healthz HTTP/2.0\r\nHost: x\r\n",
        b"GET /healthz HTTP/0.9\r\nHost: x\r\n",
        b"GET /healthz\r\nHost: x\r\n",
    ],
)
def test_a_request_without_one_host_or_of_another_version_is_400(served, head):
    """After the answers to what was asked before it, and with none behind it."""
    answers = answer_to(served.url, (GET + b"\r\n") * 2 + head + b"\r\n" + SMUGGLED).split(b"HTTP/1.1 ")[1:]
    assert [answer[:3] for answer in answers] == [b"200", b"200", b"400"]
    assert json.loads(answers[-1].partition(b"\r\n\r\n")[2])["code"] == "malformed_request"


@pytest.mark.parametrize(
    "host", [b"Host: x", b"Host: ", b"Host:\tx:80 ", b"Host: [::1]:8000", b"hOST: 127.0.0.1", b"Host: a_b.example:"]
)
def test_every_valid_host_is_accepted(served, host):
    asked = b"GET /healthz HTTP/1.1\r\n" + host + b"\r\nConnection: close\r\n\r\n"
    assert answer_to(served.url, asked).startswith(b"HTTP/1.1 200 ")


def test_http_1_0_needs_no_host(served):
    assert answer_to(served.url, b"GET /healthz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 ")


# Queues


@pytest.fixture
def protocols(monkeypatch) -> list[ProblemProtocol]:
    """The connections that are made."""
    protocols: list[ProblemProtocol] = []
    made = ProblemProtocol.connection_made
    monkeypatch.setattr(
        ProblemProtocol, "connection_made", lambda one, transport: protocols.append(one) or made(one, transport)
    )
    return protocols


ONE_READ = 256_000
"""Bytes that uvloop reads at once."""


@pytest.mark.parametrize(
    ("path", "pad", "count"),
    [("/healthz", 0, 12_000), ("/v1/observations?limit=1", 0, 12_000), ("/v1/observations.csv", 1_500, 1_000)],
    ids=["answered in tasks", "answered from memory", "sent in pieces"],
)
def test_a_long_queue_takes_little_memory_and_is_answered_whole(served, publish, monkeypatch, path, pad, count):
    publish("id | value\n bbbb2 | 5")
    served.client.get(path, headers={"Accept-Encoding": "identity"})
    one = f"GET {path} HTTP/1.1\r\nHost: x\r\n".encode() + (b"X-Pad: %b\r\n" % (b"x" * pad) if pad else b"") + b"\r\n"
    most = {"parsed": 0, "unparsed": 0, "answered in a turn of the loop": 0}
    begin, receive, turn = ProblemProtocol.on_headers_complete, ProblemProtocol.data_received, []

    def note(protocol: ProblemProtocol, data: bytes) -> None:
        receive(protocol, data)
        most["unparsed"] = max(most["unparsed"], len(protocol.unparsed))

    def count_up(protocol: ProblemProtocol) -> None:
        if not turn:
            protocol.loop.call_soon(turn.clear)
        turn.append(protocol)
        begin(protocol)
        most["parsed"] = max(most["parsed"], len(protocol.pipeline))
        most["answered in a turn of the loop"] = max(most["answered in a turn of the loop"], len(turn))

    monkeypatch.setattr(ProblemProtocol, "data_received", note)
    monkeypatch.setattr(ProblemProtocol, "on_headers_complete", count_up)
    if path.endswith(".csv"):  # what is sent in pieces waits meanwhile for the client to leave, and so reads on
        monkeypatch.setattr(Store, "find", lambda store, key: None)
    with connect(served.url) as connection:
        connection.settimeout(60)
        sender = threading.Thread(target=connection.sendall, args=[one * count + GET + b"Connection: close\r\n\r\n"])
        sender.start()
        answers = read_all(connection)
        sender.join()
    assert answers.count(b"HTTP/1.1 200 ") == count + 1
    assert answers.endswith(HEALTHY)
    assert most["unparsed"] <= ONE_READ
    in_a_piece = http_protocol.REQUESTS_AT_ONCE + 1  # the first may have begun before it
    assert most["parsed"] <= in_a_piece
    assert most["answered in a turn of the loop"] <= 2 * in_a_piece  # one that waited, and one that just came


def test_clients_that_pipeline_and_vanish_are_not_logged_as_errors(served, publish, protocols, capfd, caplog):
    publish("id | value\n bbbb2 | 5")
    with serve_in_thread(served.settings) as logged:  # which writes to where this test reads
        for number in range(20):
            queue = [f"GET /v1/observations?value={number}{each:02} HTTP/1.1\r\nHost: x\r\n\r\n" for each in range(40)]
            with connect(logged.url) as connection:
                connection.sendall("".join(queue).encode())
                read_until(connection, b"HTTP/1.1 200 ", number + 1)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # ends by a reset
        eventually(lambda: not any(one in one.connections or one.tasks for one in protocols), seconds=30)
    said = capfd.readouterr().err.splitlines()
    assert any('"event":"request"' in line for line in said)
    assert [line for line in said if '"level":"info"' not in line] == []
    assert caplog.records == []


NEVER = 3_600


@pytest.fixture
def refusing(served, publish, monkeypatch) -> Callable[..., contextlib.AbstractContextManager[Served]]:
    """Serves with an allowance of one request; who is refused waits for an hour."""
    publish("id | value\n bbbb2 | 5")
    monkeypatch.setattr(http_protocol, "REFUSED_SECONDS", NEVER)
    allowance = {"rate_limit": parse("1/hour")}
    return lambda **more: serve_in_thread(served.settings.model_copy(update={**allowance, **more}))


ASKED = b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n"


def test_every_refusal_in_a_queue_pauses_the_connection(refusing, protocols):
    with refusing() as limited, connect(limited.url) as connection:
        connection.sendall(ASKED * 200)  # more than one piece
        answers = read_until(connection, b'"code":"too_many_requests"')
        protocol, ended = protocols[0], 6  # more than are read at once
        for _ in range(ended):
            eventually(lambda: protocol.pause and protocol.flow.is_held, seconds=5)
            assert limited.client.get("/healthz").status_code == 200
            protocol.loop.call_soon_threadsafe(protocol._end_pause)
            answers += read_until(connection, b'"code":"too_many_requests"')
        eventually(lambda: protocol.pause, seconds=5)
        connection.shutdown(socket.SHUT_WR)
        protocol.loop.call_soon_threadsafe(protocol.transport.close)
        answers += read_all(connection)
        assert answers.count(b"HTTP/1.1 429 ") == answers.count(b'"code":"too_many_requests"') == 1 + ended


def test_behind_a_proxy_a_refusal_does_not_pause_the_connection(refusing):
    with refusing(trusted_proxies=1) as limited, connect(limited.url) as connection:
        for client, statuses in [("192.0.2.1", b"404"), ("192.0.2.1", b"429"), ("192.0.2.2", b"404")]:
            connection.sendall(ASKED[:-2] + f"X-Forwarded-For: {client}\r\n\r\n".encode())
            assert read_until(connection, b"\n")[9:12] == statuses


# Requests that are known by their bytes


KNOWN = b"GET /v1/observations?limit=1 HTTP/1.1\r\nHost: x\r\n\r\n"


def ask(connection: socket.socket, request: bytes = KNOWN) -> tuple[bytes, dict[str, str], bytes]:
    """The status, the headers and the body of the answer."""
    connection.sendall(request)
    head, _, body = read_until(connection, b"\r\n\r\n").partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    length = 0 if request.startswith(b"HEAD") else int(headers.get("content-length", 0))
    while len(body) < length:
        body += connection.recv(65536)
    return status.encode(), headers, body


@pytest.fixture
def known(served, publish) -> Iterator[socket.socket]:
    """A connection on which KNOWN was answered from memory, so that the next time it is not read."""
    publish("id | value\n bbbb2 | 5")
    with connect(served.url) as connection:
        for _ in range(2):
            ask(connection)
        eventually(lambda: list(served.cache._sent) == [KNOWN], seconds=5)
        yield connection


@pytest.mark.parametrize(
    ("method", "more", "status"),
    [
        (b"GET", b"", b"200"),
        (b"HEAD", b"", b"200"),
        (b"GET", b"If-None-Match: %b\r\n", b"304"),
        (b"GET", b'If-None-Match: "other"\r\n', b"200"),
        (b"GET", b"Range: bytes=2-5\r\n", b"206"),
        (b"GET", b"Range: bytes=2-5\r\nIf-Range: %b\r\n", b"206"),
        (b"GET", b'Range: bytes=2-5\r\nIf-Range: "other"\r\n', b"200"),
        (b"GET", b"Range: bytes=900000-\r\n", b"416"),
    ],
)
def test_a_known_request_gets_the_answer_that_it_got_when_it_was_read(served, known, method, more, status):
    path = b"/v1/observations.csv" if b"Range" in more else b"/v1/observations"
    etag = ask(known, b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path)[1]["etag"].encode()
    more = more % etag if b"%b" in more else more
    request = method + b" %b HTTP/1.1\r\nHost: x\r\n%b\r\n" % (path, more)
    read, recalled = (ask(known, request) for _ in range(2))
    assert request in served.cache._sent
    for answer in (read, recalled):
        assert answer[0][9:12] == status
        assert answer[1].get("cache-status") == (None if status == b"416" else "misconduct; hit")
        answer[1].pop("date")
    ids = [answer[1].pop("x-request-id") for answer in (read, recalled)]
    assert ids[0] != ids[1]
    assert recalled[:2] == read[:2]
    assert recalled[2].replace(ids[1].encode(), ids[0].encode()) == read[2]  # a problem names the request


def test_a_known_request_is_not_read(known, monkeypatch):
    monkeypatch.setattr(ProblemProtocol, "on_headers_complete", None)
    assert ask(known)[0] == b"HTTP/1.1 200 OK"


def test_a_known_request_gets_the_newest_release(known, served, publish):
    assert b'"total":1,' in ask(known)[2]
    served.wait_for_release(publish("id | value\n bbbb2 | 5\n bbbb3 | 6"))
    with connect(served.url) as connection:  # the other may have idled for too long
        for _ in range(2):
            assert b'"total":2,' in ask(connection)[2]


def test_known_requests_are_counted_and_logged(served, publish, capfd):
    publish("id | value\n bbbb2 | 5")
    with serve_in_thread(served.settings) as logged, connect(logged.url) as connection:
        ids = [ask(connection)[1]["x-request-id"] for _ in range(4)]
        assert KNOWN in logged.cache._sent
        counted = logged.client.get("/metrics").text
    assert 'misconduct_cache_hits_total{status="200"} 3.0' in counted
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if '"event":"request"' in line]
    said = [(line["request_id"], line["status"], line.get("cache")) for line in lines]
    assert [one for one in said if one[0] in ids] == [
        (ids[0], 200, None), (ids[1], 200, "hit"), (ids[2], 200, "hit"), (ids[3], 200, "hit")
    ]  # fmt: skip


@pytest.mark.parametrize("begun", [b"G", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"])
def test_known_bytes_behind_the_beginning_of_a_request_are_not_another(served, known, begun):
    known.sendall(begun)
    time.sleep(0.2)
    known.sendall(KNOWN)
    assert read_all(known).split(b"HTTP/1.1 ")[1][:3] == b"400"


def test_known_bytes_in_a_body_are_a_body(served, known):
    known.sendall(b"POST /v1/observations HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(KNOWN))
    answers = read_until(known, b"method_not_allowed")
    known.sendall(KNOWN)
    known.sendall(GET + b"Connection: close\r\n\r\n")
    answers += read_all(known)
    assert answers.count(b"HTTP/1.1 ") == 2
    assert b"misconduct; hit" not in answers


@pytest.mark.parametrize(
    "sent",
    [
        KNOWN.replace(b"x\r\n", b"y\r\n") * 2,
        KNOWN.replace(b"x\r\n", b"y\r\n") + b"GET ",
        KNOWN.replace(b"\r\n\r\n", b"\r\nX-Request-Id: mine\r\n\r\n"),
        KNOWN.replace(b"\r\n\r\n", b"\r\nCookie: mine\r\n\r\n"),
        KNOWN.replace(b"\r\n\r\n", b"\r\nX-Pad: %b\r\n\r\n" % (b"x" * 2_000)),
        KNOWN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        KNOWN.replace(b"1.1", b"1.0"),
        GET + b"\r\n",
    ],
    ids=["two", "one and a half", "an id", "a secret", "long", "the last", "HTTP 1.0", "not cached"],
)
def test_only_one_whole_repeatable_request_becomes_known(served, known, sent):
    known.sendall(sent)
    read_until(known, b"HTTP/1.1 200 ", sent.count(b"HTTP/1."))
    served.client.get("/healthz")  # it is remembered, if at all, before that is answered
    assert list(served.cache._sent) == [KNOWN]


def test_only_so_many_requests_are_known(served, known, monkeypatch):
    monkeypatch.setattr(cache, "MOST_SENT", 2)
    for host in (b"b", b"c", b"c"):
        ask(known, KNOWN.replace(b"Host: x", b"Host: " + host))
    assert [request[-5:-4] for request in served.cache._sent] == [b"b", b"c"]


def test_a_connection_with_known_requests_only_is_closed_when_it_idles_and_not_before(known, served, protocols):
    with connect(served.url) as connection:
        eventually(lambda: bool(protocols), seconds=5)
        protocols[0].timeout_keep_alive = 0.6
        for _ in range(6):
            assert ask(connection)[1]["cache-status"] == "misconduct; hit"
            time.sleep(0.2)
        assert 0.2 < seconds_until_closed(connection, b"") < 5


# What uvicorn must have


def test_the_installed_uvicorn_has_every_hook():
    assert http_protocol.find_missing_hooks() == []


def test_without_a_hook_the_service_warns_and_uses_uvicorns_own_protocol(monkeypatch, capfd, served, publish):
    publish("id | value\n bbbb2 | 5")
    configure_logging()
    with monkeypatch.context() as patched:
        patched.setattr(HttpToolsProtocol, "on_headers_complete", HttpToolsProtocol.on_body)
        http, supervisor = choose_protocol(served.settings)
    assert (http, supervisor) == ("httptools", Multiprocess)
    with serve_in_thread(served.settings, http=http) as ordinary:
        answers = [ordinary.client.get("/v1/observations") for _ in range(2)]
        refused = ordinary.client.post("/v1/observations")
    assert [answer.headers["cache-status"] for answer in answers] == ["misconduct; fwd=miss", "misconduct; hit"]
    assert answers[0].content == answers[1].content
    assert refused.status_code == 405
    log_writer().drain(seconds=20)
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    [warning] = [line for line in lines if line["event"] == "uvicorn changed"]
    assert warning["level"] == "warning"
    assert "_start_asgi_task in HttpToolsProtocol.on_headers_complete" in warning["missing"]


# Head and body


class Noting:
    """A transport that notes what is written."""

    def __init__(self, transport: asyncio.Transport, pieces: list[bytes]) -> None:
        self._transport, self._pieces = transport, pieces

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._transport.write(piece)


def test_a_short_answer_is_written_at_once_with_its_head(served, publish, monkeypatch):
    publish("id | value\n bbbb2 | 5")
    pieces: list[bytes] = []
    made = ProblemProtocol.connection_made
    monkeypatch.setattr(ProblemProtocol, "connection_made", lambda one, given: made(one, Noting(given, pieces)))
    asked = ("/v1/observations?limit=1", "/v1/observations?limit=0", "/observations", "/v1/observations.csv?limit=1")
    with connect(served.url) as connection, serve_in_thread(served.settings, http="httptools") as ordinary:
        for path in asked:
            pieces.clear()
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: same\r\n\r\n".encode())
            eventually(lambda: pieces, seconds=5)
            with connect(ordinary.url) as other:
                request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: same\r\n"
                other.sendall(f"{request}Connection: close\r\n\r\n".encode())
                whole = read_all(other).replace(b"connection: close\r\n", b"")
            assert [without_date(one) for one in pieces] == [without_date(whole)]


def without_date(answer: bytes) -> bytes:
    return re.sub(rb"\r\ndate: [^\r]*", b"", answer, count=1)


START = {"type": "http.response.start", "status": 200}
NO_BODY = {"type": "http.response.body", "body": b""}
PLAIN_HEAD = {**START, "headers": [(b"content-length", b"3")]}


@pytest.mark.parametrize(
    ("messages", "received"),
    [
        ([{**START, "headers": [(b"content-length", b"0"), (b"x", b"1\r\nset-cookie: a=b")]}, NO_BODY], b""),
        ([PLAIN_HEAD, RuntimeError("half-way")], b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n"),
        ([PLAIN_HEAD, {**NO_BODY, "body": b"four"}], b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n"),
    ],
    ids=["a header with a line break", "a failure after the head", "a body that is too long"],
)
def test_an_answer_that_must_not_be_sent_is_broken_off(messages, received):
    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        for message in messages:
            if isinstance(message, Exception):
                raise message
            await send(message)

    http = http_protocol.problem_protocol(Settings())
    config = uvicorn.Config(application, port=0, http=http, lifespan="off", log_config=None, server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started, seconds=10)
        with connect(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}") as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert without_date(read_all(connection)) == received
    finally:
        server.should_exit = True
        thread.join()


# Slow clients


DOWNLOADS = 300
"""So many one after the other are more than all that lies between two programs can hold."""


def ask_for_downloads(served: Served, connection: socket.socket) -> int:
    """Asks for the same file time and again; returns how many bytes are to come, heads not counted."""
    path = "/v1/releases/1.0.0/bundle.zip"
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * DOWNLOADS)
    return DOWNLOADS * int(served.client.head(path).headers["content-length"])


def test_a_client_that_reads_nothing_is_cut_off(real, monkeypatch):
    monkeypatch.setattr(http_protocol, "STALL_SECONDS", 0.3)
    with connect(real.url) as connection:
        whole = ask_for_downloads(real, connection)
        time.sleep(1.5)
        taken = 0
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(1 << 20):
                taken += len(piece)
    assert taken < whole


def test_of_slow_clients_that_hold_too_much_together_one_is_cut_off(real, monkeypatch):
    monkeypatch.setattr(http_protocol, "MOST_WAITING", 1)
    cut = []
    with connect(real.url) as first, connect(real.url) as second:
        wholes = [ask_for_downloads(real, connection) for connection in (first, second)]
        for connection, whole in zip((first, second), wholes, strict=True):
            taken = 0
            with contextlib.suppress(ConnectionError):
                while taken < whole and (piece := connection.recv(1 << 18)):
                    taken += len(piece)
            cut.append(taken < whole)
    assert sorted(cut) == [False, True]


def test_where_many_read_a_file_slowly_each_is_given_less_at_once_and_nobody_is_cut_off(real, monkeypatch):
    path = "/v1/releases/1.2.0/bundle.zip"
    whole = real.client.get(path).content
    for name, number in {
        "MOST_WAITING": 8 * len(whole),
        "MUCH_WAITING": 2 * len(whole),
        "FEW_AT_ONCE": len(whole) // 8,
        "MOST_UNSENT": 4_096,
    }.items():
        monkeypatch.setattr(http_protocol, name, number)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(socket.socket()) for _ in range(20)]
        for first, client in enumerate(clients):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect(("127.0.0.1", int(real.url.rpartition(":")[2])))
            client.sendall(
                f"GET {path} HTTP/1.1\r\nHost: x\r\nRange: bytes={first}-\r\nConnection: close\r\n\r\n".encode()
            )
            eventually(lambda first=first: len(http_protocol._SLOW) == first + 1, seconds=20)
        assert http_protocol._SLOW.bytes < 6 * len(whole)
        for first, client in enumerate(clients):
            assert read_all(client).endswith(whole[first:])
    eventually(lambda: (len(http_protocol._SLOW), http_protocol._SLOW.bytes) == (0, 0), seconds=20)


def test_who_has_anything_to_read_counts_as_slow(real, monkeypatch):
    """Each such connection keeps its own copy of a range: of thousands, little is left to read and much is kept."""
    monkeypatch.setattr(http_protocol, "MOST_UNSENT", 4_096)
    asked = b"GET /v1/releases/1.2.0/bundle.zip HTTP/1.1\r\nHost: x\r\nRange: bytes=0-%d\r\nConnection: close\r\n\r\n"
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect(("127.0.0.1", int(real.url.rpartition(":")[2])))
        client.sendall(asked % 30_000)
        eventually(lambda: len(http_protocol._SLOW) == 1, seconds=20)
        assert 0 < http_protocol._SLOW.bytes < 30_000
        assert len(read_all(client).partition(b"\r\n\r\n")[2]) == 30_001
    eventually(lambda: (len(http_protocol._SLOW), http_protocol._SLOW.bytes) == (0, 0), seconds=20)


LONG_HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 40_000


@pytest.mark.parametrize("sent", ["a head without an end", "requests behind answers that nobody reads"])
def test_of_clients_that_send_too_much_ahead_the_first_is_cut_off(real, monkeypatch, sent):
    """Each is well within the limits of one request; thousands of them would take all memory."""
    monkeypatch.setattr(http_protocol, "MOST_SENT", 20_000)
    before = b"" if sent.startswith("a head") else b"GET /v1/releases/1.0.0/bundle.zip HTTP/1.1\r\nHost: x\r\n\r\n"
    with connect(real.url) as first, connect(real.url) as second:
        for connection in (first, second):
            connection.sendall(before * DOWNLOADS + LONG_HEAD)
            eventually(lambda: http_protocol._SENT.bytes > 15_000, seconds=20)
        with contextlib.suppress(ConnectionError):
            while first.recv(1 << 20):
                pass
        eventually(lambda: len(http_protocol._SENT) == 1, seconds=20)
        second.sendall(b"\r\nConnection: close\r\n\r\n")
        answers = b""
        while piece := second.recv(1 << 20):
            answers = answers[-200:] + piece
        assert answers.endswith(b'{"status":"ok"}\n')
    eventually(lambda: (len(http_protocol._SENT), http_protocol._SENT.bytes) == (0, 0), seconds=20)


def test_what_waits_behind_an_answer_that_nobody_reads_is_not_made(real):
    """Each would be kept, where nothing counts it."""
    ask = b"GET %b HTTP/1.1\r\nHost: x\r\n%b\r\n"
    assert answer_to(real.url, ask % (b"/openapi.json", b"Connection: close\r\n"))
    misses, taken = real.cache._counts.misses, b""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", int(real.url.rpartition(":")[2])))
        client.sendall(
            ask % (b"/openapi.json", b"") + ask % (b"/v1/observations?value_from=0.1071", b"Connection: close\r\n")
        )
        eventually(lambda: len(http_protocol._SLOW) == 1, seconds=20)
        time.sleep(1)  # in which it would be made
        assert real.cache._counts.misses == misses
        while piece := client.recv(1 << 20):
            taken = taken[-1_000:] + piece
    assert (real.cache._counts.misses, taken.endswith(b"}\n")) == (misses + 1, True)


@pytest.mark.parametrize("length", [10, 300_000])
def test_a_body_is_left_out_while_an_answer_is_made(real, length):
    request = f"GET /v1/observations?limit=1 HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()
    with connect(real.url) as connection:
        connection.sendall(request + b"a" * length + LONG_HEAD[:-40_000] + b"\r\nConnection: close\r\n\r\n")
        answers = b""
        while piece := connection.recv(1 << 20):
            answers += piece
    assert answers.count(b"HTTP/1.1 200 OK") == 2


def test_a_body_from_memory_that_many_read_slowly_is_held_once(real, monkeypatch):
    length = len(real.client.get("/openapi.json").content)
    monkeypatch.setattr(http_protocol, "MOST_WAITING", 2 * length)
    request = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(real.url)) for _ in range(5)]
        for client in clients:
            client.sendall(request * DOWNLOADS)
        eventually(lambda: len(http_protocol._SLOW) == len(clients), seconds=20)
        held = http_protocol._SLOW.bytes
        for client in clients:
            taken = 0
            while taken < DOWNLOADS * length:
                piece = client.recv(1 << 20)
                assert piece, "it was cut off"
                taken += len(piece)
    assert held <= 2 * length
    eventually(lambda: (len(http_protocol._SLOW), http_protocol._SLOW.bytes) == (0, 0), seconds=20)


class Unread:
    """A transport in which so many bytes wait; counts how often it is asked."""

    def __init__(self, waiting: int) -> None:
        self.waiting, self.asked, self.is_cut_off = waiting, 0, False

    def set_write_buffer_limits(self, high: int, low: int) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        self.asked += 1
        return self.waiting

    def abort(self) -> None:
        self.is_cut_off = True


@pytest.fixture
def slow(monkeypatch):
    """Slow clients, none yet, that may hold 300,000 bytes together."""
    monkeypatch.setattr(http_protocol, "MOST_WAITING", 300_000)
    monkeypatch.setattr(http_protocol, "_SLOW", http_protocol.SlowClients())
    return http_protocol._SLOW


def six_unread():
    transports = [Unread(70_000) for _ in range(6)]
    return transports, [http_protocol.GatedFlow(transport) for transport in transports]


def test_what_slow_clients_hold_is_counted_once_for_each_and_never_anew(slow):
    transports, flows = six_unread()
    long, longer = b"a" * 100_000, b"b" * 150_000
    for flow in flows[:2]:
        with flow.giving(long), flow.giving(long):
            flow.pause_writing()
    slow.add(flows[0], transports[0])
    slow.add(flows[1], transports[1])
    assert slow.bytes == 100_000
    slow.add(flows[2], transports[2])
    slow.add(flows[3], transports[3])
    assert slow.bytes == 240_000
    with flows[1].giving(longer):  # to a client that is slow already
        assert slow.bytes == 390_000
    slow.add(flows[4], transports[4])
    assert [one.is_cut_off for one in transports] == [True, True, False, False, False, False]
    assert slow.bytes == 210_000
    for flow in flows:
        slow.remove(flow)
    assert (len(slow), slow.bytes) == (0, 0)
    assert [one.asked for one in transports] == [0, 0, 1, 1, 1, 0]


def test_of_slow_clients_the_one_that_holds_most_is_cut_off_and_no_older_one(slow):
    """One client with a hundred connections that read nothing broke off the downloads of everybody else."""
    transports, flows = six_unread()
    for flow, client in zip(flows, ["192.0.2.1", *["192.0.2.2"] * 4, "192.0.2.3"], strict=True):
        flow.client = client
        slow.add(flow, flow._transport)
    with flows[5].giving(b"a" * 100_000):
        flows[5].pause_writing()
    assert [one.is_cut_off for one in transports] == [False, True, True, False, False, False]
    flow = http_protocol.GatedFlow(unread := Unread(10_000))
    flow.client = "192.0.2.1"
    slow.add(flow, unread)
    assert [one.is_cut_off for one in transports] == [False, True, True, False, False, True]  # it has 170,000
    for one in (*flows, flow):
        slow.remove(one)
    assert (len(slow), slow.bytes, slow._of, +slow._held) == (0, 0, {}, {})


@pytest.mark.parametrize("last", ["Connection: close\r\n", ""], ids=["closed", "idle"])
def test_a_client_that_leaves_the_last_piece_is_cut_off(real, monkeypatch, protocols, last):
    """What waits is less than would make the service wait, which so closes the connection, but cannot yet."""
    monkeypatch.setattr(http_protocol, "STALL_SECONDS", 0.3)
    page = "GET /v1/observations?limit=5 HTTP/1.1\r\nHost: x\r\n{}\r\n"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.connect(("127.0.0.1", int(real.url.rpartition(":")[2])))
        eventually(lambda: protocols, seconds=5)
        transport = protocols[0].transport
        while not transport.get_write_buffer_size():
            connection.sendall(page.format("").encode())
            time.sleep(0.01)
        assert transport.get_write_buffer_size() < 40_000
        connection.sendall(page.format(last).encode())
        eventually(lambda: protocols[0] not in protocols[0].connections, seconds=10)


def test_a_slow_client_gets_the_whole_answer(real, monkeypatch):
    monkeypatch.setattr(http_protocol, "STALL_SECONDS", 0.3)
    with connect(real.url) as connection:
        whole, taken = ask_for_downloads(real, connection), 0
        begun = time.monotonic()
        while taken < whole:
            taken += len(connection.recv(1 << 18))
            time.sleep(0.02)
    assert time.monotonic() - begun > 0.9
