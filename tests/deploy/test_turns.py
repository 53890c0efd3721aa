"""Clients that are silent, that send or read slowly, straight at a service: it refuses some, and harms nobody."""

import re

import httpx
import pytest

from misconduct.api.turns import CLASSES

from .clients import connecting, read

IDLE = 200
READERS = 6
TABLE = "/v1/figures.csv?sort=value&year=1900..%d"  # longer than what the machine takes in for a client
TEXT = b"The Met suspended 144 officers in 2019."
HEAD = b"POST /v1/check HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture
def connect():
    with connecting() as connect:
        yield connect


def read_metric(service, name):
    text = service.client.get("/metrics").text
    return float(
        re.search(rf"^misconduct_{re.escape(name)} (\S+)", text, re.MULTILINE)[1]
    )


def count_refused(service, name, reason):
    labels = f'{{class="{name}",reason="{reason}"}}'
    return read_metric(service, f"refused_total{labels}")


def expect_answers(service):
    """Ask as another client, on new connections."""
    for path in ("/healthz", "/readyz", "/metrics", "/v1/figures?limit=3", "/search"):
        assert httpx.get(f"{service.url}{path}").status_code == 200


def test_idle_connections_change_nothing_for_others(small, connect):
    for number in range(IDLE):
        connect(small, b"GET /v1/fig" if number % 2 else b"")
    expect_answers(small)


def test_texts_that_come_slowly_hold_nobody_up_and_too_many_are_refused(small, connect):
    most, before = (
        CLASSES["comparison"].most,
        count_refused(small, "comparison", "full"),
    )
    sent = HEAD % len(TEXT) + TEXT[:10]
    slow = [connect(small, sent) for _ in range(most)]
    while read_metric(small, 'requests{class="comparison"}') < most:
        pass
    expect_answers(small)
    refused = read(connect(small, HEAD % len(TEXT) + TEXT))
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nretry-after: 5\r\n" in refused
    assert b"application/problem+json" in refused
    assert count_refused(small, "comparison", "full") == before + 1
    for connection in slow:
        connection.sendall(TEXT[10:])
    assert {read(one)[:13] for one in slow} == {b"HTTP/1.1 200 "}


@pytest.mark.slow
def test_slow_readers_of_whole_tables_get_them_to_the_end_and_take_little_memory(
    service, connect
):
    whole = read(connect(service, ask_for_table(READERS)))
    before = read_metric(service, "memory_bytes")
    slow = [connect(service, ask_for_table(number)) for number in range(READERS)]
    for connection in slow:
        assert connection.recv(10).startswith(b"HTTP/1.1 2")
    expect_answers(service)
    assert read_metric(service, "memory_bytes") - before < READERS * 3_000_000
    assert {len(read(one)) + 10 for one in slow} == {len(whole)}
    assert whole.endswith(b"\r\n0\r\n\r\n")
    assert read_metric(service, "cut_total") == 0


def ask_for_table(number):
    """Return a request for a table that nobody has asked for."""
    path = TABLE % (9_000 + number)
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
