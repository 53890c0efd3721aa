"""More than the service can do: it takes on what it can, serves that in time, and says no to the rest at once."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from multiprocessing import get_context
from statistics import median

import httpx
import psutil
import pytest

from bench.generate import Generator
from misconduct.db.migrate import migrate
from misconduct.publish.load import load_register
from tests.chaos.serving import Service, private_server
from tests.chaos.traffic import ask, ask_for, eventually, merge, p99, traffic, uncached

AT_WORK = 64  # as it is set
TIMED = 50
KEPT = "/v1/observations?value=1071"


@pytest.mark.fault(
    "more requests than it can serve: 400 clients without a pause",
    "503 + Retry-After + CORS for the rest; those taken keep their p99; never hangs; memory and /healthz answer on",
)
def test_what_is_too_much_is_refused_at_once(start, measured):
    """As many as it takes, then 400, and so on: the medians of three rounds are compared.

    The clients have processes of their own: what one waits for another's time is not the service's doing. Those are
    timed who come when the crowd is there, and wait as long as they are told: who asks again at once is not heard for
    0.8 s.
    """
    service = start()
    assert ask(service.port, KEPT).status == 200
    few, crowd, patient = [], [], []
    with (
        ProcessPoolExecutor(2, get_context("spawn")) as apart,
        traffic(service.port, lambda _: KEPT, pause=0.05) as hits,
        traffic(service.port, lambda _: "/healthz", pause=0.05) as health,
    ):
        for _ in range(3):
            few.append(apart.submit(ask_for, 4, service.port, uncached, clients=AT_WORK).result())
            together = apart.submit(ask_for, 7, service.port, uncached, clients=400 - TIMED)
            time.sleep(1)
            patient.append(apart.submit(ask_for, 6, service.port, uncached, clients=TIMED, pause=1.0).result())
            crowd.append(together.result())
    enough, many = merge(few), merge([*crowd, *patient])
    usual, taken = (median(p99(one.of(200)) for one in rounds) for rounds in (few, patient))
    refused = many.of(503)
    measured(f"{AT_WORK} clients: {len(enough.of(200)) / 12:.0f}/s, p99 {usual * 1000:.0f} ms")
    measured(
        f"400: {len(many.of(200)) / 21:.0f}/s taken, {len(refused) / 21:.0f}/s refused, all ≤ {many.longest:.2f} s"
    )
    measured(f"of the {TIMED} who wait as they are told p99 {taken * 1000:.0f} ms")
    measured(f"cached {hits.statuses} ≤ {hits.longest * 1000:.0f} ms; /healthz {health.statuses}")
    assert enough.statuses.keys() == {200}
    assert many.statuses.keys() == {200, 503}
    assert taken <= 2 * usual
    assert many.longest <= 5
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


@pytest.mark.fault(
    "400 clients that ask for the 450 kB of /openapi.json eight times each, and read nothing",
    "the worker grows by less than 48 MB; /healthz and listings of others go on",
)
def test_clients_that_read_nothing_hold_what_is_in_memory_anyway(start, measured):
    service = start()
    assert len(service.get("/openapi.json").content) > 400_000
    assert ask(service.port, KEPT).status == 200
    before = service.process.memory_info().rss
    request = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    with ExitStack() as stack:
        clients = []
        for _ in range(400):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect(("127.0.0.1", service.port))
            clients.append(client)
        with traffic(service.port, uncached, pause=0.02) as listings:
            for client in clients:
                client.sendall(request * 8)
            time.sleep(5)
        grown = (service.process.memory_info().rss - before) / 1e6
        measured(f"the worker grew by {grown:.0f} MB; listings {listings.statuses}")
        assert grown < 48
        assert listings.statuses.keys() == {200}
        assert service.get("/healthz").status_code == 200


@pytest.mark.fault(
    "500 clients that ask for a file of 14 MB, and read nothing",
    "the worker grows by less than 160 MB: what it may keep for slow clients, and a bit; no line in the log is an error",
)
def test_clients_of_a_file_that_read_nothing_are_cut_off_and_leave_nothing(start, measured, tmp_path):
    Generator(tmp_path / "data", 20_000, 1, 100, 1).write()
    with private_server() as large, ExitStack() as stack:
        migrate(large.owner_url)
        load_register(large.owner_url, tmp_path / "data")
        service = start(reader_url=large.reader_url)
        path = "/v1/releases/1.0.0/files/observations.csv"
        length = int(httpx.head(service.url + path, headers={"Accept-Encoding": "identity"}).headers["content-length"])
        before, grown = service.process.memory_info().rss, 0.0
        for _ in range(500):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect(("127.0.0.1", service.port))
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        for _ in range(50):
            grown = max(grown, (service.process.memory_info().rss - before) / 1e6)
            time.sleep(0.1)
        measured(f"{length / 1e6:.0f} MB; the worker grew by {grown:.0f} MB")
        assert grown < 160
        assert service.get("/healthz").status_code == 200
        assert '"level":"error"' not in service.said.read_text()


@pytest.mark.fault(
    "one export of 200,000 figures as Parquet, and one of 50,000 as XLSX",
    "/healthz of others ≤ 0.2 s; one at a time: the next waits, and is 503 + Retry-After if that one stands still for 30 s; the worker's memory does not grow by 100 MB",
)
def test_an_export_stops_nobody(start, measured, tmp_path):
    Generator(tmp_path / "data", 200_000, 1, 1_000, 1).write()
    with private_server() as large:
        migrate(large.owner_url)
        load_register(large.owner_url, tmp_path / "data")
        service = start(reader_url=large.reader_url)
        assert service.get("/v1/observations.csv?limit=1000&sort=value").status_code == 200
        before = service.process.memory_info().rss

        def exporting() -> list[psutil.Process]:
            found = []
            for one in service.process.children():
                with suppress(psutil.NoSuchProcess):  # it ends meanwhile
                    if "misconduct.formats.process" in one.cmdline():
                        found.append(one)
            return found

        for path in ("/v1/observations.parquet?period_from=0001", "/v1/observations.xlsx?value_from=1&value_to=9"):
            with traffic(service.port, lambda _: "/healthz", pause=0.02) as health, ThreadPoolExecutor() as threads:
                began = time.monotonic()
                export = threads.submit(httpx.get, service.url + path, timeout=300)
                eventually(exporting, 20)
                [process] = exporting()
                process.suspend()
                refused = httpx.get(service.url + "/v1/observations.parquet?value_from=2", timeout=60)
                process.resume()
                second = threads.submit(httpx.get, service.url + "/v1/observations.parquet?value_from=3", timeout=60)
                at_once = 1
                while not second.done():
                    at_once = max(at_once, len(exporting()))
                    time.sleep(0.2)
                answer, seconds = export.result(), time.monotonic() - began
            measured(
                f"{answer.status_code} {len(answer.content) / 1e6:.0f} MB in {seconds:.0f} s, then {second.result().status_code}"
            )
            measured(f"/healthz {health.statuses} ≤ {health.longest * 1000:.0f} ms")
            assert answer.status_code == second.result().status_code == 200
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) > 0
            assert at_once == 1
            assert health.statuses.keys() == {200}
            assert health.longest <= 0.2
        grown = (service.process.memory_info().rss - before) / 1e6
        measured(f"the worker grew by {grown:.0f} MB")
        assert grown < 100


@pytest.mark.fault(
    "50 charts at once, and the process that draws is killed in the middle",
    "a picture, or 503 + Retry-After; listings and /healthz go on; the next chart is drawn",
)
def test_charts_stop_nobody(start, measured):
    service = start()
    assert service.get("/v1/charts/case-review-split.png").status_code == 200
    [drawing] = [one for one in service.process.children() if "misconduct.formats.process" in one.cmdline()]
    with (
        traffic(service.port, uncached, clients=2, pause=0.02) as listings,
        traffic(service.port, lambda _: "/healthz", pause=0.02) as health,
        ThreadPoolExecutor(50) as threads,
    ):
        path = "/v1/observations.png?disagreement=how-many-were-accused&title={}"
        asked = [threads.submit(service.get, path.format(number)) for number in range(50)]
        eventually(lambda: any(one.done() for one in asked), 20)
        drawing.kill()
        answers = [one.result() for one in asked]
    statuses = [one.status_code for one in answers]
    measured(f"{statuses.count(200)} pictures, {statuses.count(503)} × 503")
    measured(
        f"listings {listings.statuses}, median {median(a.seconds for a in listings.all) * 1000:.0f} ms, p99 {p99(listings.of(200)) * 1000:.0f} ms; /healthz {health.statuses}"
    )
    assert set(statuses) <= {200, 503}
    assert 200 in statuses
    assert all(int(one.headers["retry-after"]) > 0 for one in answers if one.status_code == 503)
    assert listings.statuses.keys() == health.statuses.keys() == {200}
    assert service.get("/v1/charts/case-review-split.png?size=narrow").status_code == 200
