"""Clients that vanish, stall, flood, or ask for a thousand parts: what they hold is bounded, and others notice nothing."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import psycopg
import pytest

from tests.chaos.serving import Service, connections
from tests.chaos.traffic import Answers, ask, ask_at_once, eventually, p99, traffic, uncached

PIECES = 1_000
GIGABYTE = PIECES << 20
BIG = "/v1/releases/1.0.0/files/big.bin"


@pytest.fixture(scope="module")
def big(server) -> Iterator[str]:
    """A file of 1 GB among those of the release. Postgres compresses its pieces, so that it is made in seconds."""
    sha256 = "0" * 64
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE file_contents ALTER COLUMN bytes SET STORAGE EXTENDED")
        owner.execute(f"INSERT INTO files VALUES (1, 'big.bin', 'application/octet-stream', {GIGABYTE}, '{sha256}')")
        owner.execute(
            f"INSERT INTO file_contents (sha256, number, length, bytes) SELECT '{sha256}', piece, 1 << 20, convert_to(repeat('x', 1 << 20), 'UTF8')"
            f" FROM generate_series(0, {PIECES - 1}) AS piece"
        )
        yield BIG
        owner.execute(f"DELETE FROM file_contents WHERE sha256 = '{sha256}'")
        owner.execute("DELETE FROM files WHERE name = 'big.bin'")
        owner.execute("ALTER TABLE file_contents ALTER COLUMN bytes SET STORAGE EXTERNAL")


def connect(service: Service, sent: str | bytes, *, buffer: int | None = None) -> socket.socket:
    """A connection over which this was sent; `buffer` is how many bytes it takes unread, if not the usual."""
    connection = socket.socket()
    if buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", service.port))
    connection.sendall(sent if isinstance(sent, bytes) else sent.encode())
    return connection


def get(path: str, *lines: str) -> str:
    return "\r\n".join((f"GET {path} HTTP/1.1", "Host: localhost", *lines, "", ""))


def vanish(connection: socket.socket) -> None:
    """Is gone without a word: the other side gets a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextmanager
def others(service: Service) -> Iterator[Answers]:
    """What normal clients get meanwhile."""
    with traffic(service.port, uncached, clients=2, pause=0.02) as answers:
        yield answers


@contextmanager
def peak(service: Service) -> Iterator[list[float]]:
    """The memory it takes, in MB, twenty times a second."""
    found, stop = [service.memory()], threading.Event()

    def watch() -> None:
        while not stop.wait(0.05):
            found.append(service.memory())

    thread = threading.Thread(target=watch)
    thread.start()
    yield found
    stop.set()
    thread.join()


def warm(service: Service) -> None:
    """Has everything done once that takes memory once."""
    ask_at_once(service.port, [uncached() for _ in range(50)])
    with connect(service, get(BIG, "Range: bytes=0-9999999", "Connection: close")) as connection:
        while connection.recv(1 << 20):
            pass


def note_others(measured, answers: Answers) -> None:
    measured(f"{len(answers.all)} normal requests: {answers.statuses}, p99 {p99(answers.all) * 1000:.0f} ms")
    assert answers.statuses.keys() == {200}
    assert answers.longest < 1


def nothing_is_held(server, service: Service) -> bool:
    """Whether no connection of the pool is in use, nor at work in the database."""
    is_idle = all(state == "idle" for state, _ in connections(server))
    return service.metric("misconduct_pool_in_use") == 0 and is_idle


@pytest.mark.fault("a download of 1 GB", "memory ≤ +50 MB")
def test_a_gigabyte_passes_in_pieces(server, start, big, measured):
    service = start()
    warm(service)
    taken, buffer = 0, bytearray(1 << 20)
    with peak(service) as memory, connect(service, get(big, "Connection: close")) as connection:
        began = time.monotonic()
        while count := connection.recv_into(buffer):
            taken += count
    measured(f"{taken / 1e6:.0f} MB in {time.monotonic() - began:.0f} s: +{max(memory) - memory[0]:.0f} MB")
    assert taken > GIGABYTE
    assert max(memory) - memory[0] <= 50


@pytest.mark.fault("50 clients that vanish mid-download", "no connection checked out 5 s later; normal requests < 1 s")
def test_who_vanishes_holds_nothing(server, start, big, measured):
    service = start()
    warm(service)
    with others(service) as answers, peak(service) as memory:
        for connection in [connect(service, get(big)) for _ in range(50)]:
            connection.recv(100_000)
            vanish(connection)
        free = eventually(lambda: service.metric("misconduct_pool_in_use") <= 2, 5)  # those of `others`
        time.sleep(1)
    eventually(lambda: nothing_is_held(server, service), 5 - free)
    measured(f"free after {free:.1f} s, +{max(memory) - memory[0]:.0f} MB")
    note_others(measured, answers)


@pytest.mark.fault(
    "50 slow readers of 1 GB", "no connection checked out 5 s later; normal requests < 1 s; memory bounded"
)
def test_who_reads_slowly_holds_no_connection(server, start, big, measured):
    service = start()
    warm(service)
    with ExitStack() as stack, others(service) as answers, peak(service) as memory:
        readers = [stack.enter_context(connect(service, get(big), buffer=4_096)) for _ in range(50)]
        for _ in range(30):
            time.sleep(0.1)
            for reader in readers:
                assert reader.recv(1_000)
        time.sleep(5)
        still = [query for state, query in connections(server) if state != "idle" and "file_contents" in query]
        held = service.metric("misconduct_pool_in_use")
    measured(f"5 s later {len(still)} queries for them, {held:.0f} connections (2 clients ask all the while)")
    measured(f"+{(max(memory) - memory[0]) / 50:.1f} MB each")
    note_others(measured, answers)
    assert still == []
    assert held <= 2
    assert max(memory) - memory[0] <= 50 * 3  # a piece that is sent, one that waits, and what Python keeps
    eventually(lambda: nothing_is_held(server, service), 5)


@pytest.mark.fault("200 half-sent headers", "normal requests < 1 s; nothing is held")
def test_half_a_head_holds_nothing_but_its_socket(server, start, measured):
    service = start()
    with ExitStack() as stack, others(service) as answers, peak(service) as memory:
        half = [stack.enter_context(connect(service, "GET / HTTP/1.1\r\nHost: local")) for _ in range(200)]
        time.sleep(2)
        held = service.metric("misconduct_pool_in_use")
        time.sleep(9)  # with the two before, more than the ten that a head may take
        closed = sum(is_closed(connection) for connection in half)
    measured(f"{held:.0f} connections held, all {closed} closed after 10 s, +{max(memory) - memory[0]:.0f} MB")
    note_others(measured, answers)
    assert held <= 2
    assert closed == 200


def is_closed(connection: socket.socket) -> bool:
    connection.settimeout(0.5)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


@pytest.mark.fault("a flood of headers: 20 clients, 60 MB each", "memory bounded; normal requests < 1 s")
def test_heads_without_an_end_are_refused(server, start, measured):
    service = start()
    lines = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 990) for number in range(1_000))
    refused: list[bytes] = []

    def flood() -> None:
        with connect(service, "GET / HTTP/1.1\r\nHost: x\r\n") as connection, suppress(OSError):
            for _ in range(60):
                connection.sendall(lines)
            refused.append(connection.recv(100))

    with others(service) as answers, peak(service) as memory:
        floods = [threading.Thread(target=flood) for _ in range(20)]
        for one in floods:
            one.start()
        for one in floods:
            one.join()
    measured(f"{len(refused)} of 20 read their 431, +{max(memory) - memory[0]:.0f} MB")
    note_others(measured, answers)
    assert {answer[:12] for answer in refused} <= {b"HTTP/1.1 431"}
    assert max(memory) - memory[0] <= 50


@pytest.mark.fault("1,000 ranges: in one request × 10, and one by one", "normal requests < 1 s; nothing is held")
def test_a_thousand_ranges_are_no_more_work_than_one_file(server, start, big, measured):
    service = start()
    warm(service)
    many = "Range: bytes=" + ",".join(f"{2 * number}-{2 * number}" for number in range(1_000))
    with others(service) as answers, peak(service) as memory:
        for _ in range(10):
            with connect(service, get(big, many)) as connection:
                assert connection.recv(12) == b"HTTP/1.1 200"  # the whole, which the client need not take
                vanish(connection)
        parts = Answers()
        for number in range(0, 1_000, 50):
            found = ask_at_once(service.port, [big] * 50, Range=f"bytes={number << 20}-{(number << 20) + 9}")
            parts.all.extend(found.all)
    measured(f"{len(parts.all)} ranges: {parts.statuses}, +{max(memory) - memory[0]:.0f} MB")
    note_others(measured, answers)
    assert parts.statuses == {206: 1_000}
    assert max(memory) - memory[0] <= 50
    eventually(lambda: nothing_is_held(server, service), 5)
    assert ask(service.port, uncached()).status == 200
