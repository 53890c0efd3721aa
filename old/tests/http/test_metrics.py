"""/metrics, with one process and with several."""

from __future__ import annotations

import json
import math
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import pairwise

import httpx
import prometheus_client
import psycopg
from prometheus_client.parser import text_string_to_metric_families

from misconduct.http.metrics import FIRST_BYTES, WRITE_SECONDS, Metrics, SharedFiles
from misconduct.queries import observations
from misconduct.settings import Settings
from tests.api.test_listings import FIVE
from tests.registers import seal, write_register
from tests.serving import serve
from tests.test_serve import environment, eventually, free_port


def samples(client: httpx.Client) -> dict[tuple[str, ...], float]:
    """The samples by their name, and the values of their labels in the order of the labels' names."""
    answer = client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_template_and_status(served, publish):
    publish(FIVE)
    for address in ("/v1/observations/bbbb2", "/v1/observations/bbbb3", "/v1/observations/zzzzz", "/nowhere", "/else"):
        served.client.get(address)
    found = samples(served.client)
    assert found["misconduct_request_seconds_count", "/v1/observations/{observation_id}", "200"] == 2
    assert found["misconduct_request_seconds_count", "/v1/observations/{observation_id}", "404"] == 1
    assert found["misconduct_request_seconds_count", "none", "404"] == 2
    assert found["misconduct_request_seconds_bucket", "+Inf", "none", "404"] == 2
    assert 0 < found["misconduct_request_seconds_sum", "/v1/observations/{observation_id}", "200"] < 60


def test_a_clock_that_is_set_during_a_request_makes_it_no_longer(served, publish, monkeypatch):
    publish(FIVE)
    find, clock = observations.find, time.time

    async def set_the_clock(*given, **more):
        monkeypatch.setattr(time, "time", lambda: clock() + 315_360_000)
        return await find(*given, **more)

    monkeypatch.setattr("misconduct.queries.observations.find", set_the_clock)
    served.client.get("/v1/observations")
    assert 0 < samples(served.client)["misconduct_request_seconds_sum", "/v1/observations", "200"] < 60


def test_an_internal_error_is_counted_as_500(served, publish, monkeypatch):
    publish(FIVE)
    before = samples(served.client)

    async def fail(*_args, **_more):
        raise RuntimeError("a secret")

    monkeypatch.setattr("misconduct.queries.observations.find", fail)
    served.client.get("/v1/observations")
    found = samples(served.client)
    assert found["misconduct_request_seconds_count", "/v1/observations", "500"] == 1
    assert (before["misconduct_failures_total",], found["misconduct_failures_total",]) == (0, 1)


def test_cached_answers_are_counted_as_hits(served, publish):
    publish(FIVE)
    before = samples(served.client)
    for _ in range(4):
        served.client.get("/v1/observations?year=2022")
    after = samples(served.client)
    assert after["misconduct_cache_hits_total", "200"] - before["misconduct_cache_hits_total", "200"] == 3
    assert (
        after["misconduct_cache_misses_total",] - before["misconduct_cache_misses_total",] == 2
    )  # and /metrics itself
    assert after["misconduct_request_seconds_count", "/v1/observations", "200"] == 1


def test_release_age_and_pool_are_reported(served, publish):
    assert ("misconduct_release_age_seconds",) not in samples(served.client)
    publish(FIVE, released="2024-05-01")
    found = samples(served.client)
    release = served.service.releases.releases[-1]
    assert found["misconduct_release_info", release.digest, "1.0.0"] == 1
    assert abs(found["misconduct_release_age_seconds",] - (time.time() - 1714521600)) < 60  # 2024-05-01T00:00:00Z
    assert (found["misconduct_pool_size",], found["misconduct_pool_in_use",], found["misconduct_workers",]) == (8, 0, 1)
    assert found["misconduct_pool_waiting",] == 0
    assert found["misconduct_database_answers",] == 1


def test_process_build_and_memory_are_reported(served, publish):
    publish(FIVE)
    for _ in range(2):
        answer = served.client.get("/v1/observations")
    served.client.get("/v1/observations", headers={"If-None-Match": answer.headers["etag"]})
    found = samples(served.client)
    assert found["misconduct_build_info", served.service.build, "1.0.0"] == 1
    assert (found["misconduct_cache_hits_total", "200"], found["misconduct_cache_hits_total", "304"]) == (1, 1)
    for name in ("misconduct_cache_entries", "misconduct_ready", "misconduct_release_ordinal"):
        assert found[name,] == 1
    assert found["misconduct_cache_bytes",] == served.cache.store.bytes > 1_000
    assert found["process_resident_memory_bytes",] > 10_000_000
    assert found["process_cpu_seconds_total",] > 0
    assert 0 < found["process_open_fds",] < found["process_max_fds",]
    assert 0 < found["process_start_time_seconds",] < found["misconduct_release_loaded_seconds",] <= time.time()
    assert found["misconduct_database_silent_seconds",] >= 0


def test_what_is_not_known_of_a_process_is_no_zero(served, publish, monkeypatch):
    monkeypatch.setattr(prometheus_client.ProcessCollector, "collect", lambda _: [])  # as where /proc/stat is hidden
    publish(FIVE)
    found = samples(served.client)
    assert math.isnan(found["process_open_fds",])
    assert found["misconduct_workers",] == 1


def test_nothing_that_a_client_sends_is_in_a_label(served, publish):
    publish(FIVE)
    odd = "x-odd-1071"
    headers = {"User-Agent": odd, "X-Forwarded-For": odd, "X-Request-Id": odd, "Host": odd, "Accept": f"{odd}/json"}
    for method in ("GET", "POST", odd):
        for address in (f"/v1/observations?category={odd}", f"/{odd}", f"/v1/observations/{odd}", f"/v1/{odd}"):
            served.client.request(method, address, headers=headers)
    assert odd not in served.client.get("/metrics").text
    assert "127.0.0.1" not in served.client.get("/metrics").text


def test_many_addresses_make_no_more_series(served, publish):
    publish(FIVE)
    served.client.get("/v1/observations/none")
    served.client.get("/none")
    samples(served.client)  # from now on /metrics has its own series
    before = samples(served.client).keys()
    for number in range(50):
        served.client.get(f"/v1/observations/x{number}")
        served.client.get(f"/x{number}")
    assert samples(served.client).keys() == before


def test_many_who_ask_at_once_share_what_is_encoded_and_others_are_answered_meanwhile(database, monkeypatch):
    began = []

    def take_long(self, facts):
        began.append(time.monotonic())
        time.sleep(0.1)
        return b"all"

    monkeypatch.setattr("misconduct.http.metrics.Metrics._encode", take_long)
    settings = Settings(database_url=database.reader, port=8000, requests_at_work=3)
    with serve(settings) as served, ThreadPoolExecutor(41) as pool:
        asked = [pool.submit(served.client.get, "/metrics") for _ in range(40)]
        others = pool.submit(lambda: [served.client.get("/healthz").elapsed.total_seconds() for _ in range(20)])
        assert {(answer.result().status_code, answer.result().text) for answer in asked} == {(200, "all")}
    assert max(others.result()) < 1
    assert 1 <= len(began) <= 5
    assert all(after - before >= 0.9 for before, after in pairwise(began))  # a tenth of the time


def test_metrics_are_encoded_also_after_a_failure_and_where_who_asked_first_has_left(served, monkeypatch):
    encode, failures = Metrics._encode, [RuntimeError("a secret")]

    def fail_once(self, facts):
        if failures:
            raise failures.pop()
        return encode(self, facts)

    monkeypatch.setattr(Metrics, "_encode", fail_once)
    assert served.client.get("/metrics").status_code == 500
    with suppress(httpx.TimeoutException):
        served.client.get("/metrics", timeout=0.001)
    assert samples(served.client)["misconduct_workers",] == 1


def test_what_goes_wrong_once_does_not_end_the_numbers_of_a_worker(database, monkeypatch, capfd):
    collect, written = Metrics._replace_deleted, []
    others = threading.enumerate()  # of services that other tests share: they refresh meanwhile

    def fail_twice(self):
        if threading.current_thread() in others:
            return collect(self)
        written.append(len(written))
        if len(written) in (2, 3):
            raise RuntimeError("a damaged file")
        return collect(self)

    monkeypatch.setattr(Metrics, "_replace_deleted", fail_twice)
    monkeypatch.setattr("misconduct.http.metrics.WRITE_SECONDS", 0.01)
    with serve(Settings(database_url=database.reader, port=8000)):
        eventually(lambda: len(written) > 5, seconds=10)
    assert capfd.readouterr().err.count("metrics could not be written") == 1


def test_who_asks_for_metrics_waits_a_few_seconds_at_most(database, monkeypatch):
    encode = Metrics._encode
    monkeypatch.setattr(Metrics, "_encode", lambda self, facts: time.sleep(0.01) or encode(self, facts))
    monkeypatch.setattr("misconduct.http.metrics.REST", 1_000_000)
    monkeypatch.setattr("misconduct.http.metrics.LONGEST_REST", 0.1)
    with serve(Settings(database_url=database.reader, port=8000)) as served:
        assert [served.client.get("/metrics", timeout=20).status_code for _ in range(3)] == [200] * 3


def test_a_worker_that_takes_over_files_makes_room_beyond_what_they_hold(tmp_path):
    histograms = tmp_path / "histogram_0.db"

    def take_over(used: int) -> int:
        """Take over a file of which this much is used; return its size with room for one more route."""
        SharedFiles(tmp_path).release()
        with histograms.open("r+b") as file:
            file.write(struct.pack("i", used))
        worker = SharedFiles(tmp_path)
        worker.make_room("/v1/observations")
        worker.release()
        return histograms.stat().st_size

    assert [take_over(200) for _ in range(5)] == [FIRST_BYTES] * 5
    assert take_over(FIRST_BYTES - 100) == 2 * FIRST_BYTES
    assert take_over(2 * FIRST_BYTES - 100) == 4 * FIRST_BYTES
    assert [take_over(2 * FIRST_BYTES - 100) for _ in range(5)] == [4 * FIRST_BYTES] * 5


def test_metrics_can_be_switched_off(database):
    with serve(Settings(database_url=database.reader, port=8000, metrics=False)) as served:
        assert served.client.get("/metrics").status_code == 404


def test_metrics_can_have_a_port_of_their_own(database):
    port = free_port()

    def is_answered() -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        return False

    with serve(Settings(database_url=database.reader, port=8000, metrics_port=str(port))) as served:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as other:
            assert samples(other)["misconduct_workers",] == 1
            assert (other.get("/healthz").status_code, other.get("/readyz").status_code) == (200, 503)
            assert [other.get(path).status_code for path in ("/", "/v1/observations", "/docs")] == [404, 404, 404]
            many = other.get("/metrics", headers=[("x", "")] * 201)
            assert (many.status_code, many.json()["detail"]) == (431, "A request may have 200 headers.")
        assert served.client.get("/metrics").status_code == 404
        assert served.client.get("/healthz").status_code == 200
        with ExitStack() as held:
            for _ in range(50):
                held.enter_context(socket.create_connection(("127.0.0.1", port)))
            assert not is_answered()  # but closed: descriptors are for the other port
            assert served.client.get("/healthz").status_code == 200
        eventually(is_answered, seconds=30)


def test_a_port_for_metrics_that_is_taken_is_logged_and_the_service_answers(database, capfd):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with serve(Settings(database_url=database.reader, port=8000, metrics_port=f"127.0.0.1:{taken}")) as served:
            assert served.client.get("/healthz").status_code == 200
            assert served.client.get("/metrics").status_code == 404
    assert "no port for metrics" in capfd.readouterr().err


def test_a_log_line_has_route_and_status_and_nothing_of_the_client(database, tmp_path):
    odd = "odd-1071"
    with several(database, tmp_path) as (client, process):
        client.get(f"/v1/observations/{odd}?x={odd}", headers={"User-Agent": odd, "X-Forwarded-For": odd})
        client.get("/healthz", headers={"X-Request-Id": "newsroom-42"})
        eventually(lambda: "newsroom-42" in process.said(), seconds=10)
    lines = [json.loads(line) for line in process.said().splitlines() if line.startswith("{")]
    requests = {line["route"]: line for line in lines if line["event"] == "request"}
    assert requests["/healthz"]["request_id"] == "newsroom-42"
    assert requests["/v1/observations/{observation_id}"]["status"] == 422
    assert odd not in process.said()
    assert "127.0.0.1" not in "".join(line for line in process.said().splitlines() if line.startswith("{"))


class Several:
    """`misconduct serve --workers 2` on the database of a test."""

    def __init__(self, process: subprocess.Popen, path) -> None:
        self.process, self._path = process, path

    def said(self) -> str:
        return self._path.read_text()


@contextmanager
def several(database, tmp_path):
    data = write_register(tmp_path / "data", "id | value\n bbbb2 | 5")
    seal(data, "1.0.0")
    port, said = free_port(), tmp_path / "said"
    command = [sys.executable, "-c", "from misconduct.cli import app; app()", "serve", "--workers", "2", "--port", str(port), "--register", str(data)]  # fmt: skip
    urls = {"MISCONDUCT_DATABASE_URL": database.reader, "MISCONDUCT_OWNER_URL": database.owner}
    with said.open("w") as file:
        process = subprocess.Popen(command, env=environment(**urls, TMPDIR=str(tmp_path)), stderr=file, stdin=subprocess.DEVNULL)  # fmt: skip
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            eventually(lambda: answers(client), seconds=40)
            yield client, Several(process, said)
    finally:
        process.terminate()
        process.wait(20)


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_every_worker_reports_the_sum_of_all(database, tmp_path):
    key = ("misconduct_request_seconds_count", "/healthz", "200")

    def ask_anew(path: str) -> dict:
        with httpx.Client(base_url=client.base_url, timeout=20) as other:  # a new connection may get another worker
            return samples(other) if path == "/metrics" else other.get(path)

    with several(database, tmp_path) as (client, process):
        for _ in range(40):
            assert ask_anew("/healthz").status_code == 200
        eventually(lambda: ask_anew("/metrics")["misconduct_workers",] == 2, seconds=10)
        told = [ask_anew("/metrics") for _ in range(12)]
        assert {found[key] for found in told} == {40}
        assert {found["misconduct_pool_size",] for found in told} == {16}
        assert {(found["misconduct_database_answers",], found["misconduct_ready",]) for found in told} == {(1, 1)}
        assert len({found["process_start_time_seconds",] for found in told}) == 1
        began = told[0]["process_start_time_seconds",]
        workers = children(process.process.pid)
        os.kill(workers[0], signal.SIGKILL)
        eventually(lambda: workers[0] not in (now := children(process.process.pid)) and len(now) == 2, seconds=20)
        eventually(lambda: ask_anew("/metrics")["misconduct_workers",] == 2, seconds=20)
        assert ask_anew("/metrics")["process_start_time_seconds",] > began  # whichever of the two ended
        time.sleep(2 * WRITE_SECONDS)  # by now it has written, and the one that is gone is not counted with it
        assert ask_anew("/metrics")["misconduct_workers",] == 2
        assert ask_anew("/metrics")[key] == 40  # what the killed one counted stays counted
    assert [path.name for path in tmp_path.glob("misconduct-metrics-*")] == []


def children(parent: int) -> list[int]:
    from tests.test_serve import processes

    return [one.pid for one in processes() if one.parent == parent and "spawn_main" in one.command]


def test_metrics_answer_and_report_that_the_database_is_down(served, publish, database, postgres):
    publish(FIVE)
    name = psycopg.conninfo.conninfo_to_dict(database.owner)["dbname"]
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        eventually(lambda: samples(served.client)["misconduct_database_answers",] == 0, seconds=10)
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    eventually(lambda: samples(served.client)["misconduct_database_answers",] == 1, seconds=10)


def test_metrics_have_one_address_that_a_proxy_can_hide(served):
    for path in ("/%6Detrics", "/%6d%65trics", "/metric%73"):
        assert served.client.get(path).status_code == 404
    assert served.client.get("/metrics?a=1").status_code == 200
