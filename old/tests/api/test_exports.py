"""What takes long to encode is encoded apart: everyone else is answered meanwhile."""

from __future__ import annotations

import asyncio
import io
import json
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event

import httpx
import openpyxl
import polars
import psutil
import psycopg
import pytest
import uvloop

from misconduct.api import encoder, responses, well_known
from misconduct.api.encoder import Export, _EncodingProcess
from misconduct.api.v1 import datasets, metadata, observations, records
from misconduct.errors import Overloaded
from misconduct.formats import FORMATS
from misconduct.formats.linked import dcat
from misconduct.formats.process import _write_pieces
from misconduct.model.figure import CORE
from misconduct.model.table import Column, Table
from misconduct.queries import facets
from misconduct.settings import Settings
from tests.registers import source_text
from tests.serving import Served, serve
from tests.test_serve import eventually

ROWS = 1_100  # more than a piece of an export has
TABLE = "\n".join(
    [
        "source | year | value",
        *(f"{('paper', 'letter')[number % 2]} | {2000 + number % 20} | {number}" for number in range(ROWS)),
    ]
)
EXPORT = "/v1/observations.xlsx?value_from=0"
CSV_EXPORT = "/v1/observations.csv?value_from=0"
PAGE = "/v1/observations.xlsx?limit=2"


OF_OTHERS = set[int]()
"""The encoders of services that were started before this test, in the same process."""


def encoders() -> list[psutil.Process]:
    """List the processes that encode for this test's service, but for what has ended."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            if "misconduct.formats.process" in child.cmdline() and child.pid not in OF_OTHERS:
                found.append(child)
    return found


@pytest.fixture(autouse=True)
def _know_the_encoders_of_others() -> None:
    OF_OTHERS.clear()
    OF_OTHERS.update(child.pid for child in encoders())


def wait_for(condition: Callable[[], object]) -> None:
    for _ in range(2_000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen within 20 s")


def stop(process: psutil.Process) -> bool:
    """Stops a process; False where it has ended before."""
    stopped, ended = psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE
    try:
        process.send_signal(signal.SIGSTOP)
        wait_for(lambda: process.status() in (stopped, ended))
        return process.status() == stopped
    except psutil.NoSuchProcess:
        return False


@contextmanager
def stopped_export(served: Served) -> Iterator[None]:
    """An export that does not get on: its process is stopped until the block ends, and then it is answered."""
    kept = {process.pid for process in encoders()}
    with ThreadPoolExecutor() as threads:
        for attempt in range(50):
            asked = threads.submit(served.client.get, f"{EXPORT}&value_to={10_000 + attempt}")
            process = None
            while process is None and not asked.done():
                process = next((one for one in encoders() if one.pid not in kept), None)
            if process is not None and stop(process):
                try:
                    yield
                finally:
                    process.send_signal(signal.SIGCONT)
                assert asked.result().status_code == 200
                return
            assert asked.result().status_code == 200  # it was done before we saw it: once more
    raise AssertionError("no export could be stopped in time")


@pytest.fixture
def figures(publish):
    publish(TABLE, files={"caveats.yaml": json.dumps([{"id": "rounded", "version": 1, "text": "Rounded."}])})


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_others_are_answered_while_a_table_is_encoded(served, api, figures, form):
    assert api.get(f"/v1/observations.{form}?limit=2").status_code == 200
    [process] = encoders()
    process.send_signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor() as threads, httpx.Client(base_url=served.url, timeout=20) as other:
            table = threads.submit(other.get, f"/v1/observations.{form}?limit=3")
            wait_for(served.service.encoder._page_turns.locked)
            assert api.get("/healthz").status_code == 200
            assert api.get("/v1/observations?limit=7").json()["meta"]["returned"] == 7
            assert not table.done()
            process.send_signal(signal.SIGCONT)
            assert table.result().status_code == 200
    finally:
        process.send_signal(signal.SIGCONT)


def test_one_export_is_encoded_at_a_time_and_pages_do_not_wait_for_it(served, api, figures, monkeypatch):
    assert api.get(PAGE).status_code == 200
    monkeypatch.setattr(encoder, "EXPORT_TURN_SECONDS", 0.2)
    with stopped_export(served):
        refused = api.get("/v1/observations.parquet?value_from=0")
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
        assert int(refused.headers["retry-after"]) > 0
        assert api.get("/v1/observations.xlsx?limit=3").status_code == 200
        assert api.get("/healthz").status_code == 200
    monkeypatch.undo()
    assert api.get("/v1/observations.parquet?value_from=0").status_code == 200
    wait_for(lambda: len(encoders()) == 1)  # that of pages stays, that of an export ends with it


def test_a_page_of_many_cells_is_encoded_like_an_export(served, figures, monkeypatch):
    """A thousand rows with all columns take two seconds, in which no chart was drawn."""
    monkeypatch.setattr(encoder, "MOST_CELLS", 100)
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    assert served.client.get("/v1/observations.xlsx?limit=3").status_code == 200
    assert served.client.get("/v1/observations.xlsx?limit=3&detail=full").status_code == 503


def test_who_asks_for_one_export_after_the_other_keeps_nobody_else_from_theirs(database, publish, figures):
    settings = Settings(database_url=database.reader, owner_url=database.owner, port=8000, trusted_proxies=1)
    other, is_answered = {"X-Forwarded-For": "192.0.2.7"}, Event()
    with serve(settings) as running, ThreadPoolExecutor() as threads:
        running.wait_for_release("1.0.0")

        def ask_again_and_again(number: int) -> int:
            asked = 0
            while not is_answered.is_set():
                asked += 1
                assert running.client.get(f"{EXPORT}&value_to={number}{asked}00").status_code == 200
            return asked

        with stopped_export(running):
            asking = [threads.submit(ask_again_and_again, number) for number in range(1, 4)]
            wait_for(lambda: len(running.service.encoder._open) == 4)
            for form in ("parquet", "xlsx"):  # at once
                question = f"/v1/observations.{form}?value_from=1"
                asking.append(threads.submit(running.client.get, question, headers=other))
            wait_for(lambda: len(running.service.encoder._open) == 6)
        try:
            assert [one.result().status_code for one in asking[3:]] == [200, 200]
        finally:
            is_answered.set()
        assert all(one.result() > 0 for one in asking[:3])


def test_what_a_client_that_has_left_asked_for_is_not_made(served, api, figures, monkeypatch):
    start, started = _EncodingProcess.start, []

    async def count() -> _EncodingProcess:
        started.append(await start())
        return started[-1]

    with stopped_export(served):
        monkeypatch.setattr(_EncodingProcess, "start", count)
        for number in range(1, 4):
            with suppress(httpx.TimeoutException), httpx.Client(base_url=served.url, timeout=0.3) as leaves:
                leaves.get(f"{EXPORT}&value_to={number}0000")
        port = httpx.URL(served.url).port
        own = lambda: [one for one in psutil.Process().net_connections() if one.laddr and one.laddr.port == port]  # noqa: E731
        wait_for(lambda: psutil.CONN_CLOSE_WAIT not in {one.status for one in own()})  # it knows that they have left
    wait_for(lambda: not served.service.encoder._exports._at_work)
    assert started == []
    assert api.get(EXPORT).status_code == 200
    assert len(started) == 1


def test_who_asked_first_may_leave_if_others_wait_for_the_same(served, api, figures, monkeypatch):
    monkeypatch.setattr(served.cache, "_wait_seconds", 30)
    question, start, started = f"{EXPORT}&value_to=50000", _EncodingProcess.start, []

    async def count() -> _EncodingProcess:
        started.append(await start())
        return started[-1]

    with ThreadPoolExecutor() as threads:
        with stopped_export(served):
            monkeypatch.setattr(_EncodingProcess, "start", count)
            with suppress(httpx.TimeoutException), httpx.Client(base_url=served.url, timeout=1) as leaves:
                first = threads.submit(leaves.get, question)
                wait_for(lambda: len(served.service.encoder._open) == 2)
                second = threads.submit(api.get, question)
                wait_for(lambda: served.cache._waiting)
                first.result()
        assert second.result().status_code == 200
    assert second.result().headers["cache-status"].endswith("collapsed")
    assert len(started) == 1


def test_one_client_has_half_of_the_exports_however_steadily_it_reads(database, publish):
    many, path = 8_000, "/v1/observations.jsonl?detail=full"
    publish("\n".join(["source | year | value", *(f"paper | {1900 + n % 100} | {n}" for n in range(many))]))
    settings = Settings(
        database_url=database.reader, owner_url=database.owner, port=8000, requests_at_work=16, trusted_proxies=1
    )
    slow = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 262_144)])
    with serve(settings) as running, httpx.Client(base_url=running.url, transport=slow, timeout=20) as client:
        running.wait_for_release("1.0.0")
        client.headers["Accept-Encoding"] = "identity"
        with client.stream("GET", path) as answer:
            refused = running.client.get(path)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
            assert refused.json()["detail"] == encoder.OWN_BUSY
            assert running.client.get(path, headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 200
            assert sum(piece.count("\n") for piece in answer.iter_text()) == many
        assert running.client.get(path).status_code == 200
        assert not running.service.encoder._exports._at_work


def test_two_clients_leave_a_place_for_a_third(database, publish):
    many, path = 8_000, "/v1/observations.jsonl?detail=full"
    publish("\n".join(["source | year | value", *(f"paper | {1900 + n % 100} | {n}" for n in range(many))]))
    settings = Settings(
        database_url=database.reader, owner_url=database.owner, port=8000, requests_at_work=32, trusted_proxies=1
    )
    slow = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 262_144)])
    second, third = ({"X-Forwarded-For": f"192.0.2.{number}"} for number in (7, 8))
    with serve(settings) as running, httpx.Client(base_url=running.url, transport=slow, timeout=20) as client:
        running.wait_for_release("1.0.0")
        client.headers["Accept-Encoding"] = "identity"
        with client.stream("GET", path), client.stream("GET", path), client.stream("GET", path, headers=second):
            refused = running.client.get(path)
            assert (refused.status_code, refused.json()["detail"]) == (503, encoder.OWN_BUSY)
            assert running.client.get(path, headers=second).status_code == 200
            assert running.client.get(path, headers=third).status_code == 200


def test_exports_are_counted_whatever_their_format(database, publish, figures):
    settings = Settings(database_url=database.reader, owner_url=database.owner, port=8000, requests_at_work=8)
    with serve(settings) as running:
        running.wait_for_release("1.0.0")
        with stopped_export(running):
            for form in ("csv", "jsonl"):
                assert running.client.get(f"/v1/observations.{form}?value_from=1").status_code == 503
            assert running.client.get("/v1/observations.csv?limit=1000").status_code == 200
        assert running.client.get("/v1/observations.csv?value_from=1").status_code == 200


def test_exports_that_wait_for_the_process_have_no_place_of_others(database, publish, figures):
    settings = Settings(database_url=database.reader, port=8000, requests_at_work=16, trusted_proxies=1)  # two places
    with serve(settings) as running, ThreadPoolExecutor() as threads:
        running.wait_for_release("1.0.0")

        def ask(client: int, form: str) -> int:
            path = f"/v1/observations.{form}?value_from=0&value_to={20_000 + client}"
            headers = {"X-Forwarded-For": f"192.0.2.{client}"}
            return httpx.get(running.url + path, headers=headers, timeout=40).status_code

        encoder_of = running.service.encoder
        with stopped_export(running):
            waiting = [threads.submit(ask, client, "xlsx") for client in (1, 2)]
            wait_for(lambda: encoder_of._export_turns.waiting == 2)
            assert ask(3, "xlsx") == 503  # as many wait as may
            assert [ask(4, "csv"), ask(5, "jsonl")] == [200, 200]
        assert [one.result() for one in waiting] == [200, 200]
        wait_for(lambda: not encoder_of._open and not encoder_of._exports._at_work)


def test_three_clients_with_four_exports_each_keep_none_from_others(database, publish, figures, monkeypatch):
    settings = Settings(database_url=database.reader, port=8000, trusted_proxies=1)
    with serve(settings) as running, ThreadPoolExecutor(20) as threads:
        running.wait_for_release("1.0.0")
        encoder_of = running.service.encoder

        def ask(client: int, form: str, number: int = 0) -> int:
            path = f"/v1/observations.{form}?value_from={number}&value_to={20_000 + client}"
            headers = {"X-Forwarded-For": f"192.0.2.{client}"}
            return httpx.get(running.url + path, headers=headers, timeout=60).status_code

        with stopped_export(running):
            waiting = [threads.submit(ask, client, "xlsx", number) for client in (1, 2, 3) for number in range(4)]
            wait_for(lambda: encoder_of._export_turns.waiting == 8 and sum(one.done() for one in waiting) == 4)
            other = threads.submit(ask, 4, "parquet")
            wait_for(lambda: "192.0.2.4" in encoder_of._export_turns._waiting)
            assert encoder_of._export_turns.waiting == 8
            monkeypatch.setattr(encoder_of, "_most_open", 2)  # of which those that wait are none
            assert ask(5, "csv") == 200
        assert other.result() == 200
        assert {one.result() for one in waiting} == {200, 503}


def test_an_export_has_every_row_and_its_sources(api, figures):
    answer = api.get(EXPORT)
    assert int(answer.headers["content-length"]) == len(answer.content)
    book = openpyxl.load_workbook(io.BytesIO(answer.content), read_only=True)
    assert sum(1 for _ in book["figures"].iter_rows()) == 1 + ROWS
    cells = [row[0].value for row in book["sources"].iter_rows(max_col=1)]
    assert {"letter", "paper"} <= set(cells)
    frame = polars.read_parquet(api.get("/v1/observations.parquet?value_from=0").content)
    csv = polars.read_csv(api.get("/v1/observations.csv?value_from=0").content, infer_schema=False)
    assert frame.columns == csv.columns == list(CORE)
    assert frame["id"].to_list() == csv["id"].to_list()


def test_a_page_of_long_texts_is_made_like_an_export(served, publish, monkeypatch):
    files = {"sources/paper.yaml": source_text("paper", title="Long " * 300)}
    publish("value\n" + "\n".join(map(str, range(1, 9))), files=files)
    monkeypatch.setattr(observations, "ROWS_OF_A_SHORT_PAGE", 4)
    monkeypatch.setattr(observations, "MOST_REPEATED", 10_000)
    with ExitStack() as held:
        for number in range(8):  # all places
            held.enter_context(served.service.encoder.exporting(f"192.0.2.{number}"))
        refused = served.client.get("/v1/observations?detail=full&limit=8")
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
        assert served.client.get("/v1/observations?detail=full&limit=2").status_code == 200
    assert len(served.client.get("/v1/observations?detail=full&limit=8").json()["data"]) == 8


@pytest.mark.parametrize(
    "address", ["?limit=8", ".jsonl", ".csv?value_from=1", "/by-year", "/by-year.csv?shape=long&limit=8"]
)
def test_a_short_answer_of_long_texts_is_made_like_an_export(served, publish, monkeypatch, address):
    files = {"sources/paper.yaml": source_text("paper", title="Long " * 300)}
    publish("category | value\n" + "\n".join(f"kind_{n} | {n}" for n in range(1, 9)), files=files)
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    assert served.client.get(f"/v1/observations{address}").status_code == 200
    served.cache.store.drop(lambda _kept: True)
    monkeypatch.setattr(observations, "MOST_REPEATED", 10_000)
    refused = served.client.get(f"/v1/observations{address}")
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")


@pytest.mark.parametrize("address", ["json?limit=9", "svg?value=7"])
def test_a_long_body_is_compressed_in_a_thread(served, figures, monkeypatch, address):
    loops, compress = [], responses.gzip.compress

    def note(*given, **named):
        loops.append(asyncio._get_running_loop())
        return compress(*given, **named)

    short = served.client.get(f"/v1/observations.{address}")
    assert short.status_code == 200
    monkeypatch.setattr(responses.gzip, "compress", note)
    monkeypatch.setattr(responses, "LONGEST_PIECE", 1_000)
    served.cache.store.drop(lambda _kept: True)
    long = served.client.get(f"/v1/observations.{address}")
    assert loops == [None]
    assert (long.content, long.headers["content-length"]) == (short.content, short.headers["content-length"])


def test_a_page_of_many_words_in_many_figures_is_made_in_its_turn(served, publish, monkeypatch):
    publish("value\n" + "\n".join(map(str, range(1, 9))))
    monkeypatch.setattr(observations, "ROWS_OF_A_SHORT_PAGE", 4)
    monkeypatch.setattr(observations, "REPEATED_FOR_A_WORD", observations.MOST_REPEATED // 10)
    asked = "/v1/observations?limit=8&q=paper"
    with monkeypatch.context() as patch:
        patch.setattr(served.service.encoder._exports, "_free", 0)
        assert served.client.get(asked).status_code == 200
        refused = served.client.get(f"{asked}+Paper+officers+force")
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert len(served.client.get(f"{asked}+officers").json()["data"]) == 8


@pytest.mark.parametrize(
    ("long", "patience"),
    [("by-year?limit=8", "LIST_TURN_SECONDS"), ("by-year.csv?shape=long&limit=8", "EXPORT_TURN_SECONDS")],
)
def test_one_long_page_by_year_is_made_at_a_time(database, served, publish, monkeypatch, long, patience):
    publish("category | year | value\n" + "\n".join(f"kind_{n} | 2020 | {n + 3}" for n in range(9)))
    monkeypatch.setattr(observations, "SERIES_OF_A_PIECE", 7)
    monkeypatch.setattr(encoder, patience, 0.2)
    asked = f"/v1/observations/{long}&"
    with ThreadPoolExecutor() as threads, psycopg.connect(database.owner) as owner:
        assert served.client.get(f"{asked}value_from=0").status_code == 200
        owner.execute("LOCK TABLE observations IN ACCESS EXCLUSIVE MODE")
        first = threads.submit(httpx.get, f"{served.url}{asked}value_from=1", timeout=20)
        wait_for(served.service.encoder._long_turns.locked)
        second = served.client.get(f"{asked}value_from=2")
        owner.rollback()
        assert first.result().status_code == 200
    assert (second.status_code, second.json()["code"]) == (503, "overloaded")
    assert int(second.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("by-year?limit=8", 16),
        ("by-year?shape=long&limit=8", 32),  # rows
        ("by-year.csv?shape=long", 36),
        ("by-year.xlsx", 18),
        ("by-year.jsonstat", 18),
    ],
)
def test_few_series_of_many_figures_or_rows_are_written_in_their_turn_and_in_a_thread(
    served, publish, monkeypatch, address, most
):
    publish("category | year | value\n" + "\n".join(f"kind_{n // 2} | {2020 + 3 * (n % 2)} | {n}" for n in range(18)))
    loops, make = [], observations.answer

    def note(*given, **named):
        loops.append(asyncio._get_running_loop())
        return make(*given, **named)

    monkeypatch.setattr(observations, "answer", note)
    monkeypatch.setattr(observations, "ROWS_OF_A_PIECE", most - 1)
    path, joined = f"/v1/observations/{address}", "&" if "?" in address else "?"
    with monkeypatch.context() as patch:
        patch.setattr(served.service.encoder._exports, "_free", 0)
        assert served.client.get(path).status_code == 503
        patch.setattr(observations, "ROWS_OF_A_PIECE", most)
        assert served.client.get(path).status_code == 200
    assert loops.pop() is not None
    assert served.client.get(f"{path}{joined}value_from=0").status_code == 200
    assert loops == [None]


@pytest.mark.parametrize(("most", "made_in"), [(7, "a thread"), (8, "the loop")])
def test_pieces_of_many_figures_are_written_in_a_thread(served, publish, monkeypatch, most, made_in):
    publish("category | year | value\n" + "\n".join(f"kind_{n // 2} | {2020 + n % 2} | {n}" for n in range(18)))
    loops, make = [], observations.lines

    def note(*given):
        loops.append("the loop" if asyncio._get_running_loop() else "a thread")
        return make(*given)

    monkeypatch.setattr(observations, "lines", note)
    monkeypatch.setattr(observations, "SERIES_OF_A_PIECE", 4)
    monkeypatch.setattr(observations, "ROWS_OF_A_PIECE", most)
    assert len(served.client.get("/v1/observations/by-year.jsonl").text.splitlines()) == 9
    assert loops == [made_in, made_in, "the loop"]


def test_an_answer_that_has_begun_waits_for_a_connection(database, publish):
    many = 8_000  # figures, of some 3 kB each: more than what lies between a service and a client that reads nothing
    publish("\n".join(["source | year | value", *(f"paper | {1900 + n % 100} | {n}" for n in range(many))]))
    settings = Settings(database_url=database.reader, owner_url=database.owner, port=8000, pool_size=1,
                        pool_seconds=0.2, query_seconds=20, look_seconds=60)  # fmt: skip
    with serve(settings) as running, psycopg.connect(database.owner) as owner, ThreadPoolExecutor() as threads:
        running.wait_for_release("1.0.0")
        turns = running.service.database._turns
        with running.client.stream("GET", CSV_EXPORT) as answer:
            wait_for(lambda: not any(turns.locked() or time.sleep(0.01) for _ in range(50)))  # the client is in the way
            owner.execute("LOCK TABLE observations IN ACCESS EXCLUSIVE MODE")
            page = threads.submit(running.client.get, "/v1/observations?limit=3")  # has the only connection, and waits
            wait_for(turns.locked)
            rest = threads.submit(lambda: sum(piece.count("\r\n") for piece in answer.iter_text()))
            time.sleep(5 * settings.pool_seconds)  # longer than a page may wait
            owner.rollback()
            assert rest.result() == 1 + many
        page.result()


def test_what_has_no_answer_when_the_time_to_stop_is_over_gets_a_problem(database, publish, monkeypatch, capfd):
    publish("source | year | value\npaper | 2020 | 5")
    began = []

    async def hang(*_) -> None:
        began.append(None)
        await asyncio.sleep(60)

    with ThreadPoolExecutor() as threads:
        with serve(Settings(database_url=database.reader, port=8000)) as running:
            running.wait_for_release("1.0.0")
            monkeypatch.setattr(running.service.database, "rows", hang)
            asked = [threads.submit(httpx.request, method, running.url + path, timeout=20)
                     for method, path in (("GET", "/v1/observations"), ("HEAD", "/v1/observations?limit=2"))]  # fmt: skip
            wait_for(lambda: len(began) == 2)
        answers = [one.result() for one in asked]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert answers[0].json()["code"] == "not_ready"
    assert not answers[1].content
    assert "CancelledError" not in capfd.readouterr().err


def test_a_client_that_does_not_read_its_export_makes_room_for_others(database, publish, monkeypatch):
    many, path = 8_000, "/v1/observations.jsonl?detail=full"
    publish("\n".join(["source | year | value", *(f"paper | {1900 + n % 100} | {n}" for n in range(many))]))
    settings = Settings(database_url=database.reader, owner_url=database.owner, port=8000, requests_at_work=8)
    slow = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 262_144)])
    with serve(settings) as running, httpx.Client(base_url=running.url, transport=slow, timeout=20) as client:
        running.wait_for_release("1.0.0")
        kept_waiting = running.service.encoder._kept_waiting
        client.headers["Accept-Encoding"] = "identity"
        with client.stream("GET", path) as answer:
            wait_for(lambda: any(time.monotonic() - since > 0.1 for since in kept_waiting.values()))
            assert running.client.get(path).status_code == 503
            assert sum(piece.count("\n") for piece in answer.iter_text()) == many  # it was not slow for long
        monkeypatch.setattr(encoder, "SLOW_SECONDS", 0.1)
        with client.stream("GET", path) as answer:
            wait_for(lambda: any(time.monotonic() - since > 0.1 for since in kept_waiting.values()))
            assert running.client.get(path).status_code == 503
            wait_for(lambda: running.client.get(path).status_code == 200)
            with pytest.raises(httpx.RemoteProtocolError):
                answer.read()


def test_clients_that_read_slowly_keep_no_export_from_others(database, publish, monkeypatch):
    many, path = 8_000, "/v1/observations.jsonl?detail=full"
    publish("\n".join(["source | year | value", *(f"paper | {1900 + n % 100} | {n}" for n in range(many))]))
    settings = Settings(database_url=database.reader, port=8000, requests_at_work=8, trusted_proxies=1)  # one place
    with serve(settings) as running, ExitStack() as reading:
        running.wait_for_release("1.0.0")
        encoder_of = running.service.encoder

        def ask(client: int) -> httpx.Response:
            slow = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 262_144)])
            headers = {"X-Forwarded-For": f"192.0.2.{client}", "Accept-Encoding": "identity"}
            asking = reading.enter_context(httpx.Client(transport=slow, headers=headers, timeout=20))
            return reading.enter_context(asking.stream("GET", running.url + path))

        slow = []
        for client in range(2):
            slow.append(ask(client))
            wait_for(lambda: len(encoder_of._kept_waiting) == len(slow))
        assert [one.status_code for one in slow] == [200] * 2
        assert ask(3).read().count(b"\n") == many
        monkeypatch.setattr(encoder_of, "_most_open", 2)
        refused = ask(4)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        monkeypatch.setattr(encoder, "LONG_SECONDS", 0.1)
        assert ask(5).read().count(b"\n") == many
        with pytest.raises(httpx.RemoteProtocolError):  # it began first
            slow[0].read()
        assert slow[1].read().count(b"\n") == many
        monkeypatch.undo()
        monkeypatch.setattr(encoder_of, "_most_open", 2)
        monkeypatch.setattr(encoder_of, "_most_of_one", 2)
        for number in (1, 2):
            slow.append(ask(6))
            wait_for(lambda number=number: len(encoder_of._kept_waiting) == number)
        assert ask(7).read().count(b"\n") == many
        with pytest.raises(httpx.RemoteProtocolError):  # its client has two, and this one none
            slow[2].read()
        assert slow[3].read().count(b"\n") == many
        wait_for(lambda: not encoder_of._open and not encoder_of._exports.locked())


def test_more_rows_than_a_format_takes_are_refused_with_those_that_take_them(api, figures, monkeypatch):
    monkeypatch.setitem(FORMATS, "xlsx", FORMATS["xlsx"]._replace(most_rows=ROWS - 1))
    refused = api.get(EXPORT)
    assert (refused.status_code, refused.json()["code"]) == (413, "export_too_large")
    assert f"at most {ROWS - 1}" in refused.json()["detail"]
    assert "Parquet allow more" in refused.json()["detail"]


def test_a_text_that_no_cell_can_hold_is_told_and_the_next_table_is_right(api, publish):
    caveats = [{"id": f"note_{n}", "version": 1, "text": "a" * 2_000} for n in range(20)]
    table = f"value | caveats\n5 | {' '.join(one['id'] for one in caveats)}\n7 |"
    publish(table, files={"caveats.yaml": json.dumps(caveats)})
    refused = api.get("/v1/observations.xlsx?limit=2&detail=full")
    assert (refused.status_code, refused.json()["code"]) == (413, "export_too_large")
    assert "a caveat_texts has more" in refused.json()["detail"]
    assert api.get("/v1/observations.xlsx?value=7").status_code == 200


def test_the_first_pages_wait_until_the_encoder_has_started(served, figures, monkeypatch):
    monkeypatch.setattr(encoder, "TURN_SECONDS", 0.0)
    assert served.service.encoder._kept is None
    with ThreadPoolExecutor() as threads:
        answers = list(
            threads.map(lambda limit: httpx.get(f"{served.url}/v1/observations.xlsx?limit={limit}"), (1, 2, 3))
        )
    assert [answer.status_code for answer in answers] == [200, 200, 200]


LISTS = (
    *("/v1/codelists", "/v1/codelists.csv", "/v1/codelists/area", "/v1/structure.xml", "/codelists/area"),
    *("/sources", "/codelists"),
    *("/v1/dcat", "/v1/datasets/allegations/dcat", "/v1/datasets/allegations/schema-org", "/v1/changes"),
    *("/v1/datasets/allegations", "/v1/datasets/allegations.csv", "/v1/caveats"),
)


@pytest.mark.parametrize("address", LISTS)
def test_a_long_list_of_records_counts_as_an_export(served, api, figures, address, monkeypatch):
    html = {"Accept": "text/html"} if not address.startswith("/v1") else {}
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    assert api.get(address, headers=html).status_code == 200
    monkeypatch.setattr(encoder, "LONGEST_PAGE", 0)
    refused = api.get(f"{address}?release=1.0.0", headers=html)
    assert (refused.status_code, refused.headers.get("retry-after")) == (503, "5")
    monkeypatch.undo()
    assert api.get(f"{address}?release=1.0.0", headers=html).status_code == 200


@pytest.mark.parametrize(
    "address", ["mappings", "mappings.csv", "mappings/kinds", "codelists", "codelists/area", "sources/paper"]
)
def test_a_list_of_long_records_counts_as_an_export_and_so_does_a_long_record(served, publish, monkeypatch, address):
    mapping = "subject_label\tpredicate_id\tobject_id\nAny kind\tskos:closeMatch\tany_misconduct\n"
    publish("value\n 5", files={"mappings/kinds.sssom.tsv": mapping})
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    assert served.client.get(f"/v1/{address}").status_code == 200
    monkeypatch.setattr(records, "CHARACTERS_OF_ONE", 0.01)
    assert served.client.get(f"/v1/{address}?release=1.0.0").status_code == 503
    monkeypatch.undo()
    assert served.client.get(f"/v1/{address}?release=1.0.0").status_code == 200


def test_a_description_of_many_measures_in_many_areas_counts_as_an_export_and_reads_each_once(
    served, publish, monkeypatch
):
    figures = [f"{measure} | E0200000{n} | 7" for measure in ("accused", "suspended") for n in range(6)]
    publish("\n".join(["measure | area | value", *figures]))
    read = []

    class Read(dcat.Extent):
        @property
        def measure(self) -> str:
            read.append(self)
            return self[0]

    monkeypatch.setattr(metadata, "Extent", Read)
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    monkeypatch.setattr(encoder, "LONGEST_PAGE", 11)
    assert served.client.get("/v1/dcat").status_code == 503
    monkeypatch.setattr(encoder, "LONGEST_PAGE", 12)
    whole, *datasets = served.client.get("/v1/dcat").json()["dcat:dataset"]
    assert [len(one["dcterms:spatial"]) for one in (whole, *datasets)] == [6, 6, 6]
    assert len(read) <= 12


def test_the_codes_of_a_dataset_are_counted_and_written_in_a_thread(served, figures, monkeypatch):
    loops, name, count = [], datasets.name_code, facets.Counter

    def note(make, *given):
        loops.append(asyncio._get_running_loop())
        return make(*given)

    monkeypatch.setattr(encoder, "LONGEST_PAGE", 0)
    monkeypatch.setattr(facets, "AT_ONCE", 0)
    monkeypatch.setattr(datasets, "name_code", partial(note, name))
    monkeypatch.setattr(facets, "Counter", partial(note, count))
    assert served.client.get("/v1/datasets/allegations").status_code == 200
    assert len(loops) > 2
    assert {*loops} == {None}


def test_the_first_search_in_many_codes_counts_as_an_export(served, api, figures, monkeypatch):
    monkeypatch.setattr(encoder, "LONGEST_PAGE", 0)
    with monkeypatch.context() as patch:
        patch.setattr(served.service.encoder._exports, "_free", 0)
        refused = api.get("/v1/observations?q=officers")
    assert (refused.status_code, refused.headers.get("retry-after")) == (503, "5")
    assert api.get("/v1/observations?q=officers").status_code == 200
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    assert api.get("/v1/observations?q=police").status_code == 200  # the words are known


def test_a_long_sitemap_is_made_in_its_turn_and_in_a_thread(served, api, figures, monkeypatch):
    loops, make = [], well_known.tostring
    monkeypatch.setattr(
        well_known,
        "tostring",
        lambda *given, **named: loops.append(asyncio._get_running_loop()) or make(*given, **named),
    )
    short = api.get("/sitemap.xml")
    monkeypatch.setattr(encoder, "LONGEST_PAGE", 0)
    with monkeypatch.context() as patch:
        patch.setattr(served.service.encoder._exports, "_free", 0)
        assert api.get("/sitemap.xml?x=1").status_code == 503
    long = api.get("/sitemap.xml?x=1")
    assert (long.content, long.headers["etag"]) == (short.content, short.headers["etag"])
    assert [one is None for one in loops] == [False, True]
    assert api.get("/sitemap.xml?x=2", headers={"If-None-Match": long.headers["etag"]}).status_code == 304


def test_others_are_answered_while_a_long_list_is_made(served, api, figures, monkeypatch):
    made, make = Event(), records.find_codelist

    def take_long(*given):
        assert made.wait(30)
        return make(*given)

    monkeypatch.setattr(encoder, "LONGEST_PAGE", 0)
    monkeypatch.setattr(records, "find_codelist", take_long)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(api.get, "/v1/codelists/area")
        eventually(served.service.encoder._long_turns.locked, 30)
        try:
            assert api.get("/v1/observations?value_from=1", timeout=10).status_code == 200
        finally:
            made.set()
        assert asked.result().status_code == 200


def test_an_encoder_that_is_killed_is_replaced(api, figures):
    assert api.get(PAGE).status_code == 200
    [process] = encoders()
    process.kill()
    statuses = {api.get(f"/v1/observations.xlsx?limit={limit}").status_code for limit in range(3, 8)}
    assert statuses <= {200, 503}
    assert api.get("/v1/observations.xlsx?limit=9").status_code == 200


def test_an_encoder_that_is_stopped_is_replaced(served, api, figures, monkeypatch):
    assert api.get(PAGE).status_code == 200
    [process] = encoders()
    assert stop(process)
    with monkeypatch.context() as patch:
        patch.setattr(encoder, "DRAWING_SECONDS", 0.2)
        patch.setattr(encoder, "CHART_TURN_SECONDS", 0.2)
        refused = api.get("/v1/observations.parquet?limit=3")
    assert (refused.status_code, refused.headers.get("retry-after")) == (503, "5")
    assert encoders() == []
    assert api.get("/v1/observations.parquet?limit=3").status_code == 200


@pytest.mark.parametrize("when", ["before the rows", "after them"])
def test_an_export_whose_encoder_is_stopped_is_a_503(monkeypatch, when):
    monkeypatch.setattr(encoder, "STALLED_SECONDS", 2.0)
    columns = (Column("value", "integer", "A number."),)

    async def lose_it() -> int:
        process = await _EncodingProcess.start()

        async def batches() -> AsyncIterator[Table]:
            if when == "before the rows":
                process._process.send_signal(signal.SIGSTOP)
            yield Table(columns, [{"value": 1}] * (200_000 if when == "before the rows" else 1), {})
            process._process.send_signal(signal.SIGSTOP)

        with pytest.raises(Overloaded) as lost:
            await process.encode("parquet", Export(Table(columns, [], {}), batches(), None))
        assert process._process.returncode == -signal.SIGKILL
        return lost.value.status

    assert uvloop.run(lose_it()) == 503


def test_a_library_that_cannot_be_read_now_may_be_read_by_the_next_encoder(served, api, figures, tmp_path, monkeypatch):
    (tmp_path / "polars.py").write_text("raise ImportError('failed to map segment from shared object')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    refused = api.get("/v1/observations.parquet?limit=3")
    assert (refused.status_code, refused.headers.get("retry-after")) == (503, "5")
    monkeypatch.undo()
    assert api.get("/v1/observations.parquet?limit=3").status_code == 200


def test_an_encoder_that_ends_between_two_pieces_is_a_503():
    async def lose_it() -> int:
        process = await _EncodingProcess.start()

        async def batches() -> AsyncIterator[Table]:
            process._process.kill()
            await process._process.wait()  # the pipe is closed by now, and the next piece has nowhere to go
            yield Table(("value",), [{"value": 1}], {})

        with pytest.raises(Overloaded) as lost:
            await process.encode("xlsx", Export(Table(("value",), [], {}), batches(), None))
        assert process.is_unusable
        return lost.value.status

    assert uvloop.run(lose_it()) == 503


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing chooses what is killed")
@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_an_encoder_is_killed_before_the_worker_where_memory_is_short_and_leaves_no_files(tmp_path, monkeypatch, form):
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # of the encoder
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def lose_it() -> str:
        chosen = ""
        process = await _EncodingProcess.start()

        async def batches() -> AsyncIterator[Table]:
            for number in range(10_000):
                yield Table(("value",), [{"value": number}] * 100, {})
                await asyncio.sleep(0.01)
                if any(tmp_path.rglob("*/*")):
                    break
            nonlocal chosen
            chosen = Path(f"/proc/{process._process.pid}/oom_score_adj").read_text().strip()  # noqa: ASYNC240 (of the kernel)
            assert any(tmp_path.rglob("*/*"))
            process._process.kill()
            await process._process.wait()
            yield Table(("value",), [{"value": 1}], {})

        columns = (Column("value", "integer", "A number."),)
        with pytest.raises(Overloaded):
            await process.encode(form, Export(Table(columns, [], {}), batches(), None))
        return chosen

    assert uvloop.run(lose_it()) == "1000"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", [PAGE, EXPORT, "/v1/observations.parquet?value_from=0", CSV_EXPORT])
def test_the_head_of_a_table_that_can_be_cut_has_its_length(api, figures, path):
    plain = {"Accept-Encoding": "identity"}
    head, get = api.head(path, headers=plain), api.get(path, headers={**plain, "Range": "bytes=0-"})
    assert (head.status_code, head.content, head.headers["accept-ranges"]) == (200, b"", "bytes")
    assert int(head.headers["content-length"]) == len(get.content)


@pytest.mark.parametrize("path", [EXPORT, "/v1/observations.parquet?value_from=0"])
def test_only_whoever_wants_the_body_of_a_large_export_has_it_encoded(api, figures, path, monkeypatch):
    monkeypatch.setattr(observations, "MOST_ROWS_CUT", ROWS - 1)
    head = api.head(path)
    assert encoders() == []
    get = api.get(path)
    same = ("content-type", "etag", "link", "content-disposition", "vary", "cache-control")
    assert (head.status_code, head.content) == (200, b"")
    assert [head.headers[name] for name in same] == [get.headers[name] for name in same]
    assert "content-length" not in head.headers
    assert head.headers["accept-ranges"] == get.headers["accept-ranges"] == "none"


def test_the_head_of_a_large_export_reads_one_piece(served, api, figures, monkeypatch):
    monkeypatch.setattr(observations, "MOST_ROWS_CUT", ROWS - 1)
    with served.statements() as statements:
        head = api.head(CSV_EXPORT)
    assert head.status_code == 200
    pieces = [sql for sql in statements if "LIMIT" in sql and "sort_key" in sql]
    assert len(pieces) == 1


def test_the_encoder_ends_with_the_service(database, publish, figures):
    with serve(Settings(database_url=database.reader, owner_url=database.owner, port=8000)) as running:
        running.wait_for_release("1.0.0")
        assert running.client.get(PAGE).status_code == 200
        assert len(encoders()) == 1
    assert encoders() == []


def test_the_encoder_ends_when_its_stdin_does():
    process = subprocess.Popen([sys.executable, "-m", "misconduct.formats.process"], stdin=subprocess.PIPE)
    process.stdin.close()
    assert process.wait(20) == 0


@pytest.mark.parametrize(
    "said", ["zstd error: Allocation error : not enough memory", "Cannot allocate memory (os error 12)"]
)
def test_a_lack_of_memory_that_polars_tells_in_words_ends_the_process_and_is_no_mistake_of_ours(said):
    def encode() -> Iterator[bytes]:
        yield b"PAR1"
        raise polars.exceptions.ComputeError(said)

    with pytest.raises(MemoryError):
        _write_pieces(encode(), io.BytesIO())


def test_a_temporary_folder_without_room_costs_a_retry_and_is_left_empty(
    database, publish, figures, tmp_path, monkeypatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "own"))  # of the encoder
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (tmp_path / "own").mkdir()
    with serve(Settings(database_url=database.reader, owner_url=database.owner, port=8000)) as running:
        running.wait_for_release("1.0.0")
        assert running.client.get(PAGE).status_code == 200
        (encoder,) = encoders()
        before = resource.prlimit(encoder.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(encoder.pid, resource.RLIMIT_FSIZE, (0, before[1]))  # nothing can be written any more
        full = running.client.get("/v1/observations.xlsx?limit=3")
        assert (full.status_code, full.headers["retry-after"]) == (503, "5")
        assert full.json()["detail"].startswith("There is no room for the temporary files of this format.")
        assert list((tmp_path / "own").iterdir()) == []
        resource.prlimit(encoder.pid, resource.RLIMIT_FSIZE, before)
        assert running.client.get("/v1/observations.xlsx?limit=3").status_code == 200
        assert encoders() == [encoder]


def test_where_no_process_can_be_started_whoever_needs_one_is_told_to_ask_again(
    database, publish, figures, monkeypatch
):
    with serve(Settings(database_url=database.reader, owner_url=database.owner, port=8000)) as running:
        running.wait_for_release("1.0.0")
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", "/nowhere/python")
            for address in (PAGE, "/v1/observations.parquet"):
                refused = running.client.get(address)
                assert (refused.status_code, refused.headers.get("retry-after")) == (503, "5"), address
            assert running.client.get("/v1/observations.csv").status_code == 200
        assert running.client.get(PAGE).status_code == 200
