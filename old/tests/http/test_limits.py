"""Load shedding and rate limits: which requests are admitted and which are refused."""

from __future__ import annotations

import asyncio
import re

import pytest
from limits import parse
from pydantic import ValidationError

from misconduct.errors import Overloaded
from misconduct.http.limits import STARTS, Allowance, Limits, find_client
from misconduct.settings import Settings
from tests.serving import serve


def scope(peer: str | None, *forwarded: str) -> dict:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return {"client": peer and (peer, 1234), "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "client"),
    [
        ("192.0.2.1", [], 0, "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], 0, "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], 1, "198.51.100.7"),
        ("192.0.2.1", ["203.0.113.9, 198.51.100.7"], 1, "198.51.100.7"),
        ("192.0.2.1", ["203.0.113.9", "198.51.100.7"], 1, "198.51.100.7"),
        ("192.0.2.1", ["203.0.113.9, 198.51.100.7"], 2, "203.0.113.9"),
        ("192.0.2.1", ["198.51.100.7"], 2, "192.0.2.1"),
        ("192.0.2.1", ["nonsense"], 1, "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7:567"], 1, "198.51.100.7"),
        ("192.0.2.1", ["[::ffff:198.51.100.7]:567"], 1, "198.51.100.7"),
        ("192.0.2.1", ["[::ffff:198.51.100.7]"], 1, "198.51.100.7"),
        ("192.0.2.1", ["[::1"], 1, "192.0.2.1"),
        ("::ffff:192.0.2.1", [], 0, "192.0.2.1"),
        (None, [], 0, ""),
    ],
)
def test_a_client_is_its_peer_or_the_address_noted_by_our_proxy(peer, forwarded, proxies, client):
    assert find_client(scope(peer, *forwarded), proxies) == client


def test_all_addresses_of_an_ipv6_network_are_one_client():
    one, same, other = (find_client(scope(peer), 0) for peer in ("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"))
    assert one == same
    assert one != other


def test_a_port_does_not_change_an_ipv6_client():
    noted = ("2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:567")
    clients = {find_client(scope("192.0.2.1", address), 1) for address in noted}
    assert len(clients) == 1
    assert clients != {"192.0.2.1"}


def test_an_allowance_can_be_spent_at_once_and_returns_evenly():
    allowance = Allowance(parse("6/minute"))
    assert [allowance.take("a", 1000.0) for _ in range(6)] == [0.0] * 6
    assert allowance.take("a", 1000.0) == pytest.approx(10)
    assert allowance.take("a", 1004.0) == pytest.approx(6)
    assert allowance.take("b", 1004.0) == 0
    assert allowance.take("a", 1010.0) == 0
    assert allowance.take("a", 1010.0) > 0
    assert [allowance.take("a", 1100.0) for _ in range(6)] == [0.0] * 6


def test_a_refused_client_does_not_wait_longer_for_trying_again():
    allowance = Allowance(parse("1/second"))
    assert allowance.take("a", 5.0) == 0
    assert [round(allowance.take("a", 5.5), 3) for _ in range(9)] == [0.5] * 9
    assert allowance.take("a", 6.0) == 0


def test_a_request_counts_until_its_answer_begins():
    """A request counts until its answer begins."""

    async def slow_answer(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await begun.wait()

    async def run() -> list[int]:
        limits = Limits(slow_answer, Settings(requests_at_work=1))

        async def send(message) -> None:
            counts.append(limits.at_work)

        tasks = []
        for _ in range(3):
            admitted, refused = ({"type": "http", "path": "/", "method": "GET", "headers": []} for _ in range(2))
            assert limits.admit(admitted) is None
            assert isinstance(limits.admit(refused), Overloaded), "at the same moment, before the first has begun"
            assert limits.admit(refused, is_waiting=True) is None
            tasks.append(asyncio.create_task(limits(admitted, None, send)))
            await asyncio.sleep(0)
        begun.set()
        await asyncio.gather(*tasks)
        return [*counts, limits.at_work]

    counts: list[int] = []
    begun = asyncio.Event()
    assert asyncio.run(run()) == [0, 0, 0, 0]


def test_a_request_that_fails_gives_its_place_back():
    async def fail(scope, receive, send):
        raise ValueError

    async def run() -> int:
        limits, asked = Limits(fail, Settings()), {"type": "http", "path": "/", "method": "GET", "headers": []}
        assert limits.admit(asked) is None
        assert limits.at_work == 1
        with pytest.raises(ValueError):
            await limits(asked, None, None)
        return limits.at_work

    assert asyncio.run(run()) == 0


def request_of(peer: str) -> dict:
    return {"type": "http", "path": "/", "method": "GET", **scope(peer)}


def test_a_client_that_fills_all_places_keeps_no_other_out():
    limits = Limits(None, Settings(requests_at_work=8))
    assert [limits.admit(request_of("192.0.2.1")) for _ in range(8)] == [None] * 8
    assert isinstance(limits.admit(request_of("192.0.2.1")), Overloaded)
    assert limits.admit(request_of("192.0.2.2")) is None
    assert isinstance(limits.admit(request_of("192.0.2.2")), Overloaded), "it has one at work"
    assert limits.admit(request_of("192.0.2.3")) is None
    assert isinstance(limits.admit(request_of("192.0.2.4")), Overloaded), "a quarter more, and no further"


def test_requests_of_another_client_begin_before_the_many_of_one():
    begun: list[str] = []

    async def answer(asked, receive, send):
        begun.append(asked["client"][0])

    async def run() -> None:
        limits = Limits(answer, Settings())
        asked = [request_of(peer) for peer in (*["192.0.2.1"] * 40, "192.0.2.2")]
        assert [limits.admit(one) for one in asked] == [None] * 41
        await asyncio.gather(*(limits(one, None, None) for one in asked))

    asyncio.run(run())
    assert begun.count("192.0.2.1") == 40
    assert begun.index("192.0.2.2") <= STARTS


def test_a_refusal_gives_the_limit_and_when_to_retry(real):
    settings = real.settings.model_copy(update={"rate_limit": parse("2/minute")})
    with serve(settings) as served:
        answers = [served.client.get(f"/v1/observations?limit={number}") for number in (1, 2, 3)]
        refused = answers[-1]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert refused.json()["code"] == "too_many_requests"
        assert refused.headers["ratelimit-policy"] == '"client";q=2;w=60'
        assert re.fullmatch(r'"client";r=0;t=\d+', refused.headers["ratelimit"])
        assert 0 < int(refused.headers["retry-after"]) <= 30
        assert refused.headers["access-control-allow-origin"] == "*"
        assert served.client.get("/v1/observations?limit=1").status_code == 200, "which is in memory"
        for path in ("/healthz", "/readyz", "/metrics"):
            assert served.client.get(path).status_code == 200
        assert served.client.options("/v1/observations").status_code == 204


def test_the_default_is_no_limit():
    assert Settings().rate_limit is None
    assert Settings(rate_limit="600/minute").rate_limit == parse("600 per 1 minute")


@pytest.mark.parametrize(
    "text",
    ["nonsense", "0/minute", "600/minute;5/second", "600/minute, 5/second", "600 per 0 minute", "-1/minute", "600", "600/week"],
)  # fmt: skip
def test_a_limit_that_cannot_be_kept_is_refused(text):
    with pytest.raises(ValidationError, match="must be one limit such as 600/minute"):
        Settings(rate_limit=text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("metrics_port", "99999"),
        ("metrics_port", "127.0.0.1:65536"),
        ("base_url", "https://x.example:99999"),
        ("hosts", "a.example:99999"),
        ("look_seconds", float("inf")),
        ("query_seconds", 1e300),
    ],
)
def test_a_setting_that_cannot_work_is_refused(name, value):
    with pytest.raises(ValidationError):
        Settings(**{name: value})
