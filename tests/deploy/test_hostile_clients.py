"""Clients that are slow or many, in front of nginx and two services: no other client is harmed."""

from functools import partial
from itertools import count

import pytest

from .clients import connecting, read
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


@pytest.fixture(scope="module")
def proxy(home):
    with proxying(home) as (running, _):
        yield running


@pytest.fixture
def connect(proxy):
    """Open connections to the proxy, from an address that no other test has."""
    with connecting(next(HOSTILE)) as connect:
        yield partial(connect, proxy)


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
