"""Processes that are told to stop, killed, or replaced one after the other, while people ask."""

from __future__ import annotations

import signal
import time

import pytest

from tests.chaos.traffic import ask, eventually, traffic, uncached

KEPT = "/v1/observations?value=1071"


@pytest.mark.fault("SIGTERM under load", "0 failed requests: who was let in gets a whole answer, others are not let in")
def test_a_stopping_service_finishes_what_it_began(start, measured):
    service = start()
    ask(service.port, KEPT)
    with (
        traffic(service.port, uncached, clients=6) as answers,
        traffic(service.port, lambda _: KEPT, clients=2, pause=0.01) as hits,
    ):
        time.sleep(2)
        began = time.time()
        service.process.send_signal(signal.SIGTERM)
        status = service.process.wait(20)
        took = time.time() - began
    before = [one for one in (*answers.all, *hits.all) if one.status is not None]
    broken = [one for one in (*answers.all, *hits.all) if one.status is None and one.asked < began]
    closed = [one for one in before if one.headers.get("connection") == "close"]
    measured(f"{len(before)} answered, {len(broken)} failed, {len(closed)} told to close; ended after {took:.1f} s")
    assert {one.status for one in before} == {200}
    assert broken == []
    assert len(closed) == 8, "each connection that was open is answered once more, and told"
    assert status == 0


@pytest.mark.fault(
    "SIGTERM while a worker of two does not respond", "it is killed and named; the service ends by itself"
)
def test_a_worker_that_does_not_respond_keeps_no_service_from_stopping(start, measured):
    service = start("--workers", "2")
    eventually(lambda: len(service.workers()) == 2, 20)
    stuck, _ = service.workers()
    stuck.send_signal(signal.SIGSTOP)
    began = time.time()
    service.process.send_signal(signal.SIGTERM)
    status = service.process.wait(60)
    measured(f"ended after {time.time() - began:.1f} s")
    assert status == 0
    assert not stuck.is_running()
    assert f'"pid":{stuck.pid},"signal":"SIGKILL"' in service.said.read_text()


@pytest.mark.fault("SIGHUP while a worker of two does not respond", "it is killed and named; every worker is replaced")
def test_a_worker_that_does_not_respond_keeps_no_service_from_being_replaced(start, measured):
    service = start("--workers", "2")
    eventually(lambda: len(service.workers()) == 2, 20)
    stuck, other = service.workers()
    stuck.send_signal(signal.SIGSTOP)
    service.process.send_signal(signal.SIGHUP)
    took = eventually(lambda: len(now := service.workers()) == 2 and not {stuck, other} & set(now), 60)
    measured(f"replaced after {took:.1f} s")
    assert f'"pid":{stuck.pid},"signal":"SIGKILL"' in service.said.read_text()
    assert ask(service.port, KEPT).status == 200


@pytest.mark.fault("a worker of --workers 2 killed (kill -9)", "≤ 1 failed request; the worker is replaced")
def test_a_killed_worker_takes_at_most_its_own_request_with_it(start, measured):
    service = start("--workers", "2")
    eventually(lambda: len(service.workers()) == 2, 20)
    before = {worker.pid for worker in service.workers()}
    with (
        traffic(service.port, uncached, keeps=False) as strict,  # one at a time: what is lost is what it was just doing
        traffic(service.port, uncached, clients=4, asks_again=True) as usual,  # as HTTP libraries and browsers do
    ):
        time.sleep(1)
        victim = min(service.workers(), key=lambda worker: worker.pid)
        victim.kill()
        replaced = eventually(lambda: len(ready := service.workers()) == 2 and victim not in ready, 20)
        time.sleep(3)
    measured(f"one at a time: {strict.statuses}; 4 kept alive, asking again: {usual.statuses}")
    measured(f"replaced after {replaced:.1f} s")
    assert len(strict.failed) <= 1
    assert usual.statuses.keys() == {200}
    assert {worker.pid for worker in service.workers()} != before


@pytest.mark.fault("a new worker of two that takes 45 s to start", "nobody kills it: it answers when it has started")
def test_a_worker_that_starts_slowly_is_waited_for(start, measured):
    service = start("--workers", "2")
    eventually(lambda: len(service.workers()) == 2, 20)
    victim, other = service.workers()
    victim.kill()
    eventually(lambda: {*service.workers()} - {victim, other}, 20)
    [new] = {*service.workers()} - {victim, other}
    new.suspend()  # while it imports
    time.sleep(45)
    assert ask(service.port, KEPT).status == 200
    assert {*service.workers()} == {new, other}
    new.resume()
    other.suspend()
    took = eventually(lambda: ask(service.port, KEPT).status == 200, 20)
    measured(f"it answers {took:.1f} s later")
    other.resume()
    assert {*service.workers()} == {new, other}


@pytest.mark.fault("rolling restart (SIGHUP to --workers 2)", "0 failed requests; every worker is replaced")
def test_all_workers_are_replaced_and_nobody_notices(start, measured):
    service = start("--workers", "2")
    eventually(lambda: len(service.workers()) == 2, 20)
    before = {worker.pid for worker in service.workers()}
    with (
        traffic(service.port, uncached, clients=2, keeps=False) as fresh,
        traffic(service.port, uncached, clients=4) as kept,
        traffic(service.port, lambda _: KEPT, clients=2, pause=0.01) as hits,
    ):
        time.sleep(1)
        service.process.send_signal(signal.SIGHUP)
        took = eventually(lambda: len(now := service.workers()) == 2 and not before & {one.pid for one in now}, 40)
        time.sleep(1)
    every = [*fresh.all, *kept.all, *hits.all]
    measured(f"{len(every)} requests: new connections {fresh.statuses}, kept alive {kept.statuses}, {hits.statuses}")
    measured(f"both replaced after {took:.1f} s, ≤ {max(one.seconds for one in every):.2f} s for an answer")
    assert fresh.statuses.keys() == kept.statuses.keys() == hits.statuses.keys() == {200}
