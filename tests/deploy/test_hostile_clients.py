"""Clients that are slow, many or deceitful, in front of nginx and two services: no other client is harmed."""

import socket
from contextlib import ExitStack, suppress
from itertools import count

import pytest

from .test_nginx import NGINX, proxying

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed"),
]

HOSTILE = (f"127.0.2.{number}" for number in count(1))
LIMITS = count(1)
LAST = b"Connection: close\r\n\r\n"
LOOK_UP = b"GET /v1/figures?value=%d HTTP/1.1\r\nHost: x\r\n"
TABLE = b"GET /v1/figures.csv?columns=all HTTP/1.1\r\nHost: x\r\n" + LAST
HIDDEN = b"GET /v1/sources HTTP/1.1\r\nHost: x\r\n\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(HIDDEN)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNK = b"%x\r\n%b\r\n0\r\n\r\n" % (len(HIDDEN), HIDDEN)
SMUGGLED = {  # the status by RFC 9112, fields of a request, and what follows its head
    "a body": (200, LENGTH, HIDDEN),
    "a length, then chunks": (
        400,
        b"Content-Length: 5\r\n" + CHUNKED,
        b"0\r\n\r\n" + HIDDEN,
    ),
    "chunks, then a length": (400, CHUNKED + b"Content-Length: 4\r\n", CHUNK),
    "a space before the colon": (
        400,
        LENGTH + b"Transfer-Encoding : chunked\r\n",
        b"0\r\n\r\n" + HIDDEN,
    ),
    "another coding": (
        501,
        LENGTH + b"Transfer-Encoding: xchunked\r\n",
        b"0\r\n\r\n" + HIDDEN,
    ),
    "a folded line": (
        400,
        LENGTH + b"X-Folded: a\r\n Transfer-Encoding: chunked\r\n",
        b"0\r\n\r\n" + HIDDEN,
    ),
    "a line that ends in LF": (200, b"X-Short: a\n" + LENGTH, HIDDEN),
    "a line that ends in CR": (400, b"X-Short: a\r" + LENGTH, HIDDEN),
    "two lengths": (400, b"Content-Length: 0\r\n" + LENGTH, HIDDEN),
    "a length with a sign": (400, LENGTH.replace(b": ", b": +"), HIDDEN),
    "an upgrade with a body": (
        200,
        b"Connection: Upgrade\r\nUpgrade: h2c\r\n" + LENGTH,
        HIDDEN,
    ),
    "an upgrade with chunks": (
        200,
        b"Connection: Upgrade\r\nUpgrade: h2c\r\n" + CHUNKED,
        CHUNK,
    ),
}


@pytest.fixture(scope="module")
def proxy(home):
    with proxying(home) as (running, _):
        yield running


@pytest.fixture
def connect(proxy):
    """Open connections and send bytes, from an address that no other test has."""
    address, port = next(HOSTILE), int(proxy.url.rpartition(":")[2])
    with ExitStack() as stack:

        def connect_and_send(sent):
            made = socket.create_connection(
                ("127.0.0.1", port), timeout=30, source_address=(address, 0)
            )
            stack.enter_context(made).sendall(sent)
            return made

        yield connect_and_send


def read(connection):
    """Return all that comes until nginx ends the connection."""
    received = b""
    with suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            received += piece
    return received


def expect_answers(proxy):
    """Ask what no cache has, twice, as another client; the second answer comes from the cache."""
    limit = next(LIMITS)
    with proxy.client_at(f"127.0.3.{limit % 200 + 1}") as client:
        for _ in range(2):
            answer = client.get(f"/v1/figures?value=1492&limit={limit}").json()
            assert [one["shown"] for one in answer["data"]] == ["1,492"]


def test_heads_that_come_byte_by_byte_are_cut_off(proxy, connect):
    slow = [connect(b"GET /v1") for _ in range(100)]
    for one in slow * 3:
        one.sendall(b"s")
    expect_answers(proxy)
    assert {read(one) for one in slow} == {b""}


def test_slow_readers_of_a_table_hold_nobody_up(proxy, connect):
    slow = [connect(TABLE) for _ in range(30)]
    for one in slow:
        assert one.recv(100).startswith(b"HTTP/1.1 200")
        expect_answers(proxy)
    assert len({read(one)[-1000:] for one in slow}) == 1


def test_a_flood_of_connections_is_refused_in_part(proxy, connect):
    flood = [connect(LOOK_UP % number + LAST) for number in range(200)]
    expect_answers(proxy)
    assert {read(one).split()[1] for one in flood} == {b"200", b"429"}


def test_pipelined_requests_are_answered_in_turn(proxy, connect):
    values = [1492, 1071] * 20
    connection = connect(b"".join(LOOK_UP % one + b"\r\n" for one in values) + TABLE)
    expect_answers(proxy)
    assert [
        b'"shown":"1,492"' in one for one in read(connection).split(b"HTTP/1.1 ")[1:-1]
    ] == [True, False] * 20


@pytest.mark.parametrize(("status", "fields", "body"), SMUGGLED.values(), ids=SMUGGLED)
def test_a_smuggled_request_harms_nobody(proxy, connect, status, fields, body):
    for _ in range(8):
        head = b"GET /v1/allegations?limit=%d HTTP/1.1\r\nHost: x\r\n%b\r\n" % (
            next(LIMITS),
            fields,
        )
        assert connect(head + body).recv(12) == b"HTTP/1.1 %d" % status
        expect_answers(proxy)
