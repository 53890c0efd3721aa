"""A database that is slow, gone, hung, or ends its connections."""

from __future__ import annotations

import os
import signal
import time

import psycopg
import pytest

from tests.chaos.serving import connections, signal_all, stop_at_once
from tests.chaos.traffic import ask, ask_at_once, eventually, traffic, uncached

KEPT = "/v1/observations?value=1071"


def keep(service) -> None:
    """Has the service answer once, so that it has the answer in its memory."""
    assert ask(service.port, KEPT).status == 200
    assert ask(service.port, KEPT).headers["cache-status"] == "misconduct; hit"


@pytest.mark.fault(
    "60 slow queries at once",
    "a connection is waited for ≤ 2 s, then 503 + Retry-After; /healthz < 100 ms throughout; cached answers unaffected",
)
def test_slow_queries_take_neither_the_health_nor_the_memory_with_them(server, start, measured):
    service = start()
    keep(service)
    with psycopg.connect(server.owner_url) as owner:
        owner.execute("LOCK TABLE observations IN ACCESS EXCLUSIVE MODE")
        with (
            traffic(service.port, lambda _: "/healthz", pause=0.02) as health,
            traffic(service.port, lambda _: KEPT, pause=0.02) as hits,
        ):
            slow = ask_at_once(service.port, [uncached() for _ in range(60)])
    waited = sorted(answer.seconds for answer in slow.all)[:52]  # the other 8 had a connection
    measured(f"waited ≤ {waited[-1]:.2f} s; 8 with a connection {slow.longest:.2f} s; {slow.statuses}")
    measured(f"/healthz ≤ {health.longest * 1000:.0f} ms of {len(health.all)}; cached ≤ {hits.longest * 1000:.0f} ms")
    assert slow.statuses == {503: 60}
    assert waited[-1] <= 2
    assert all(int(answer.headers["retry-after"]) > 0 for answer in slow.all)
    assert health.statuses.keys() == hits.statuses.keys() == {200}
    assert health.longest < 0.1
    assert hits.longest < 0.1
    assert all("; hit" in answer.headers["cache-status"] for answer in hits.all)
    assert ask(service.port, uncached()).status == 200


@pytest.mark.fault(
    "Postgres stopped (immediate), then started",
    "cached addresses keep answering, marked stale; others 503 problem + CORS < 1 s; healthy ≤ 5 s after it is back",
)
def test_a_stopped_database_is_survived_and_its_return_noticed(server, start, measured):
    service = start()
    keep(service)
    assert ask(service.port, uncached()).status == 200
    stop_at_once(server)
    try:
        with (
            traffic(service.port, lambda _: KEPT, pause=0.02) as hits,
            traffic(service.port, uncached, clients=4, pause=0.05) as others,
        ):
            stale = eventually(lambda: "detail=stale" in ask(service.port, KEPT).headers["cache-status"], 5)
            time.sleep(2)
        problem = service.get(uncached())
    finally:
        server.start()
        back = time.monotonic()
    eventually(lambda: service.get(uncached()).status_code == 200, 5)
    eventually(lambda: service.get("/readyz").json()["database"] == "answers", 5)
    healthy = time.monotonic() - back
    measured(f"{len(hits.all)} cached: {hits.statuses}, stale after {stale:.1f} s")
    measured(f"{len(others.all)} others: {others.statuses} ≤ {others.longest:.2f} s; healthy {healthy:.1f} s after")
    assert hits.statuses.keys() == {200}
    assert others.statuses.keys() == {503}
    assert others.longest < 1
    assert all(answer.headers["access-control-allow-origin"] == "*" for answer in others.all)
    assert all(int(answer.headers["retry-after"]) > 0 for answer in others.all)
    assert (problem.headers["content-type"], problem.json()["code"]) == (
        "application/problem+json",
        "database_unavailable",
    )
    assert healthy <= 5


@pytest.mark.fault("Postgres hung (SIGSTOP to all its processes)", "every answer ≤ 5 s; nothing leaks after SIGCONT")
def test_a_hung_database_makes_nobody_wait_and_leaves_nothing_behind(server, start, measured):
    service = start()
    keep(service)
    ask_at_once(service.port, [uncached() for _ in range(30)])
    descriptors = service.process.num_fds()
    signal_all(server, signal.SIGSTOP)
    try:
        same = [uncached()] * 10
        first = ask_at_once(service.port, [uncached() for _ in range(30)] + same + [KEPT, "/healthz"])
        then = ask_at_once(service.port, [uncached() for _ in range(30)] + same + [KEPT, "/healthz"])
    finally:
        signal_all(server, signal.SIGCONT)
    eventually(lambda: service.get(uncached()).status_code == 200, 10)
    eventually(lambda: service.metric("misconduct_pool_in_use") == 0, 5)
    eventually(lambda: len(connections(server)) <= 8, 5)
    left = [state for state, _ in connections(server)]
    measured(f"84 answers ≤ {max(first.longest, then.longest):.2f} s: {first.statuses}, {then.statuses}")
    measured(f"after: {len(left)} connections, all {set(left)}, {service.process.num_fds()} of {descriptors} files")
    assert first.statuses.keys() == then.statuses.keys() == {200, 503}
    assert max(first.longest, then.longest) <= 5
    assert set(left) == {"idle"}
    assert service.process.num_fds() <= descriptors


@pytest.mark.fault("SIGTERM while Postgres hangs, at three moments", "the service ends")
def test_a_hung_database_keeps_nobody_from_stopping_the_service(server, start, measured):
    took = []
    for seconds in (0.8, 1.5, 2.2):
        service = start()
        assert service.get(uncached()).status_code == 200
        signal_all(server, signal.SIGSTOP)
        try:
            time.sleep(seconds)
            began = time.monotonic()
            service.process.terminate()
            service.process.wait(15)
        finally:
            signal_all(server, signal.SIGCONT)
        took.append(f"{time.monotonic() - began:.1f}")
    measured(f"ended after {', '.join(took)} s")


@pytest.mark.fault("all backends terminated, ten times under load", "no failed request")
def test_ended_connections_fail_nobody(server, start, measured):
    service = start()
    ended = 0
    with (
        psycopg.connect(server.admin_url, autocommit=True) as admin,
        traffic(service.port, uncached, clients=8) as answers,
    ):
        for _ in range(10):
            time.sleep(0.4)
            found = admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'misconduct_reader'"
            )
            ended += len(found.fetchall())
    measured(f"{ended} backends ended, {len(answers.all)} requests: {answers.statuses}, ≤ {answers.longest:.2f} s")
    assert ended >= 10
    assert answers.statuses.keys() == {200}


def test_the_processes_of_the_server_are_really_stopped(server):
    """Else the row above would measure nothing."""
    signal_all(server, signal.SIGSTOP)
    try:
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.admin_url, connect_timeout=2)
    finally:
        signal_all(server, signal.SIGCONT)
    assert os.getpid() != server.pid
