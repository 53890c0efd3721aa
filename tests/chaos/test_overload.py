"""More than the service can do: it takes on what it can, serves that in time, and says no to the rest at once."""

from __future__ import annotations

import socket
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.chaos.serving import Service
from tests.chaos.traffic import Answers, ask, ask_for, p99, traffic, uncached

AT_WORK = 64  # as it is set
TIMED = 50
KEPT = "/v1/observations?value=1071"


@pytest.mark.fault(
    "more requests than it can serve: 400 clients without a pause",
    "503 + Retry-After + CORS for the rest; those taken keep their p99; never hangs; memory and /healthz answer on",
)
def test_what_is_too_much_is_refused_at_once(start, measured):
    """The clients have processes of their own: what one waits for another's time is not the service's doing.

    Those are timed who wait as long as they are told: who asks again at once is not heard for 0.8 s.
    """
    service = start()
    assert ask(service.port, KEPT).status == 200
    with ProcessPoolExecutor(2, get_context("spawn")) as apart:
        enough = apart.submit(ask_for, 5, service.port, uncached, clients=AT_WORK).result()
        with (
            traffic(service.port, lambda _: KEPT, pause=0.05) as hits,
            traffic(service.port, lambda _: "/healthz", pause=0.05) as health,
        ):
            many = apart.submit(ask_for, 10, service.port, uncached, clients=400 - TIMED)
            few = apart.submit(ask_for, 10, service.port, uncached, clients=TIMED, pause=1.0)
            crowd, timed = many.result(), few.result()
    answers = Answers([*crowd.all, *timed.all])
    taken, refused = timed.of(200), answers.of(503)
    measured(f"{AT_WORK} clients: {len(enough.of(200))} in 5 s, p99 {p99(enough.of(200)) * 1000:.0f} ms")
    measured(f"400: {len(answers.of(200))} taken in 10 s, {len(refused)} refused")
    measured(f"of {TIMED} who wait as they are told {len(taken)} taken, p99 {p99(taken) * 1000:.0f} ms")
    measured(f"all ≤ {answers.longest:.2f} s")
    measured(f"cached {hits.statuses} ≤ {hits.longest * 1000:.0f} ms; /healthz {health.statuses}")
    assert answers.statuses.keys() == {200, 503}
    assert p99(taken) <= 2 * p99(enough.of(200))
    assert answers.longest <= 5
    assert all(answer.headers["access-control-allow-origin"] == "*" for answer in refused)
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
    assert hits.statuses.keys() == health.statuses.keys() == {200}
    assert ask(service.port, uncached()).status == 200


def ask_from(service: Service, address: str, path: str, forwarded: str | None = None) -> int:
    """The status of an answer to a client with this address of its own, which is any of this machine's."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"X-Forwarded-For: {forwarded}"] if forwarded else []
    with socket.create_connection(("127.0.0.1", service.port), 10, (address, 0)) as connection:
        connection.sendall("\r\n".join((*lines, "", "")).encode())
        return int(connection.recv(12).split()[1])


@pytest.mark.fault(
    "one client that asks without end",
    "429 + Retry-After + CORS; only uncached work counts; per client; X-Forwarded-For changes nothing",
)
def test_a_limit_is_per_client_and_for_work_alone(start, measured):
    service = start(MISCONDUCT_RATE_LIMIT="20/minute")
    statuses = [ask_from(service, "127.0.0.1", uncached(), f"192.0.2.{number}") for number in range(30)]
    refused = service.get(uncached(), **{"X-Forwarded-For": "198.51.100.1", "Forwarded": "for=198.51.100.1"})
    other = [ask_from(service, "127.0.0.2", KEPT) for _ in range(100)]
    measured(f"20/minute: {statuses.count(200)} × 200, {statuses.count(429)} × 429; another {other.count(200)} cached")
    assert statuses == [200] * 20 + [429] * 10
    assert refused.json()["code"] == "too_many_requests"
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.headers["access-control-allow-origin"] == "*"
    assert other == [200] * 100
    assert ask_from(service, "127.0.0.1", KEPT) == 200, "what is in memory is not counted"
    assert service.get("/readyz").status_code == 200
