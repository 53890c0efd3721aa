"""Cached answers equal those of the service, byte for byte, for as long as they are right."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from misconduct.publish.load import load_register
from misconduct.queries import observations
from misconduct.settings import Settings
from tests.api.test_http import raw
from tests.api.test_outage import own_server, settings_for, until  # noqa: F401
from tests.api.test_outage import publish as publish_to
from tests.api.test_removal import AFTER, BEFORE
from tests.conftest import create_database, drop_database, urls_of
from tests.registers import seal, write_register
from tests.serving import Served, serve

FIRST = """
    id    | category          | source | year | value
    bbbb2 | sexual_assault    | paper  | 2021 | 116
    bbbb3 | sexual_assault    | paper  | 2022 | 169
    bbbb4 | sexual_harassment | sheet  | 2022 | 7
"""
SECOND = FIRST + "    bbbb5 | sexual_harassment | paper | 2023 | 12"
OWN = {"date", "x-request-id", "cache-status", "age"}
"""Headers that belong to one request, not to the answer."""

PLAIN = {"Accept-Encoding": "identity"}

HIT, MISS = "misconduct; hit", "misconduct; fwd=miss"


def status(answer: httpx.Response) -> str:
    return answer.headers["cache-status"]


def test_a_cached_answer_needs_no_database(served, publish):
    publish(FIRST)
    first = served.client.get("/v1/observations")
    with served.statements(remembering=True) as seen:
        again = served.client.get("/v1/observations")
    assert (status(first), status(again), seen) == (MISS, HIT, [])
    assert (again.json()["meta"]["total"], again.json()["data"][0]["value"]) == (3, 116)
    assert again.content == first.content
    assert first.headers["x-request-id"] != again.headers["x-request-id"]
    assert served.client.get("/", headers={"X-Request-Id": "newsroom-42"}).headers["x-request-id"] == "newsroom-42"
    assert served.client.get("/", headers={"X-Request-Id": "newsroom-43"}).headers["x-request-id"] == "newsroom-43"


@pytest.mark.parametrize("address", ["/v1/observations.csv", "/v1/observations.parquet", "/v1/sources", "/"])
def test_lists_files_and_pages_are_cached(api, publish, address):
    publish(FIRST)
    first, again = api.get(address), api.get(address)
    assert (status(first), status(again)) == (MISS, HIT)
    assert first.content == again.content


def test_head_and_304_are_answered_from_the_cache(served, publish):
    publish(FIRST)
    got = served.client.get("/v1/observations")
    with served.statements(remembering=True) as seen:
        headed = served.client.head("/v1/observations")
        confirmed = served.client.get("/v1/observations", headers={"If-None-Match": f'"x", W/{got.headers["etag"]}'})
    assert (headed.status_code, headed.content, status(headed)) == (200, b"", HIT)
    assert headed.headers["content-length"] == got.headers["content-length"]
    assert (confirmed.status_code, confirmed.content, status(confirmed)) == (304, b"", HIT)
    assert seen == []


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/v1/observations?category=nonsense", {}),
        ("/v1/nothing", {}),
        ("/v1/observations", {"Accept": "application/pdf"}),
        ("/healthz", {}),
        ("/readyz", {}),
        ("/v1/releases/1.0.0/files/observations.csv", {"Range": "bytes=0-9"}),
    ],
)
def test_problems_parts_and_health_are_not_cached(api, publish, address, headers):
    publish(FIRST)
    first, again = api.get(address, headers=headers), api.get(address, headers=headers)
    assert first.status_code == again.status_code
    assert "hit" not in status(again)


def test_only_get_and_head_are_answered_from_the_cache(api, publish):
    publish(FIRST)
    api.get("/v1/observations")
    for method in ("POST", "DELETE"):
        answer = api.request(method, "/v1/observations")
        assert (answer.status_code, status(answer)) == (405, "misconduct; fwd=method")
    assert status(api.options("/v1/observations")) == "misconduct; fwd=method"


def test_a_streamed_export_is_not_cached(served, publish, monkeypatch):
    monkeypatch.setattr("misconduct.api.v1.observations.ROWS_OF_A_PIECE", 1)
    publish(FIRST)
    answers = [served.client.get("/v1/observations.jsonl") for _ in range(2)]
    assert [status(answer) for answer in answers] == [MISS, MISS]
    assert [len(answer.text.splitlines()) for answer in answers] == [3, 3]


def test_a_range_is_cut_from_a_cached_file(api, publish):
    publish(FIRST)
    address = "/v1/releases/1.0.0/files/observations.csv"
    whole = api.get(address)
    assert status(api.get(address)) == HIT
    part = api.get(address, headers={"Range": "bytes=3-9"})
    assert (part.status_code, part.content) == (206, whole.content[3:10])


@pytest.mark.parametrize(
    "spelled",
    [
        "?year=2022&category=sexual_assault",
        "?&category=sexual%5Fassault&&year=%32022",
        "?category=%73exual_assault&year=2022&",
    ],
)
def test_requests_that_differ_in_spelling_share_an_answer(served, publish, spelled):
    publish(FIRST)
    first = served.client.get("/v1/observations?category=sexual_assault&year=2022")
    again = served.client.get(f"/v1/observations{spelled}")
    assert (status(again), again.content) == (HIT, first.content)
    assert len(served.cache.store) == 1


@pytest.mark.parametrize("accept", ["", "application/json", "application/*;q=0.2, text/csv;q=0.1"])
def test_each_format_and_encoding_has_its_own_answer(api, publish, accept):
    publish(FIRST)
    table = api.get("/v1/observations", headers={"Accept": "text/csv"})
    document = api.get("/v1/observations", headers={"Accept": accept})
    plain = api.get("/v1/observations", headers={"Accept": accept, "Accept-Encoding": "identity"})
    assert table.headers["content-type"].startswith("text/csv")
    assert document.headers["content-type"] == plain.headers["content-type"] == "application/json"
    assert (document.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)


def test_a_new_release_drops_answers_that_do_not_name_a_release(served, publish):
    publish(FIRST, "1.0.0")
    addresses = ("/v1/observations", "/v1/observations?release=latest", "/v1/observations?as_of=2024-05-03")
    for address in (*addresses, "/v1/observations?release=1.0.0", "/?release=1.0.0"):
        served.client.get(address)
    publish(SECOND, "1.1.0", "2024-05-02")
    for address in addresses:
        answer = served.client.get(address)
        assert (status(answer), answer.json()["meta"]["total"]) == (MISS, 4), address
    pinned = served.client.get("/v1/observations?release=1.0.0")
    assert (status(pinned), pinned.json()["meta"]["total"]) == (HIT, 3)
    assert status(served.client.get("/?release=1.0.0")) == MISS  # a page may tell of the newer release


def test_a_removal_drops_every_cached_answer(api, publish, tmp_path):
    publish(BEFORE, "1.0.0")
    for _ in range(2):
        assert "bbbb3" in api.get("/v1/observations?release=1.0.0").text
    (tmp_path / "register" / "observations" / "sheet.csv").unlink()
    (tmp_path / "register" / "sources" / "sheet.yaml").unlink()
    publish(AFTER, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court.", "source/sheet@1=A court."])
    answer = api.get("/v1/observations?release=1.0.0")
    assert (status(answer), answer.json()["meta"]["total"]) == (MISS, 1)
    assert "bbbb3" not in answer.text


@contextmanager
def held_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[list[None], threading.Event]]:
    """Queries for figures wait until the event is set; the list grows by one for each."""
    find, begun, go_on = observations.find, [], threading.Event()

    async def wait_and_find(*arguments, **more):
        begun.append(None)
        await asyncio.get_running_loop().run_in_executor(threads, go_on.wait, 20)
        return await find(*arguments, **more)

    with ThreadPoolExecutor(20) as threads:
        monkeypatch.setattr(observations, "find", wait_and_find)
        yield begun, go_on
        go_on.set()


def test_a_crowd_with_one_question_asks_the_database_once(served, publish, monkeypatch):
    publish(FIRST)
    with held_up(monkeypatch) as (begun, go_on), ThreadPoolExecutor(20) as crowd:
        answers = [crowd.submit(served.client.get, "/v1/observations") for _ in range(20)]
        until(lambda: begun)
        time.sleep(0.3)
        go_on.set()
        found = [answer.result() for answer in answers]
    assert len(begun) == 1
    assert {(answer.status_code, answer.json()["meta"]["total"]) for answer in found} == {(200, 3)}
    assert sorted({status(answer) for answer in found} - {HIT}) == [MISS, f"{MISS}; collapsed"]


def test_without_room_for_answers_nobody_waits_for_anothers(database, tmp_path, monkeypatch):
    load(database.owner, tmp_path / "register", [FIRST])
    with serve(Settings(database_url=database.reader, port=8000, cache_bytes=0, query_seconds=60)) as running:
        with held_up(monkeypatch) as (begun, go_on), ThreadPoolExecutor(4) as crowd:
            answers = [crowd.submit(httpx.get, f"{running.url}/v1/observations", timeout=20) for _ in range(4)]
            until(lambda: len(begun) == 4)
            go_on.set()
        assert [status(answer.result()) for answer in answers] == [MISS] * 4
        assert running.cache._counts.misses == 4


def test_a_crowd_with_one_question_takes_one_place(database, tmp_path, monkeypatch):
    load(database.owner, tmp_path / "register", [FIRST])
    with serve(Settings(database_url=database.reader, port=8000, requests_at_work=1)) as running:
        with held_up(monkeypatch) as (begun, go_on), ThreadPoolExecutor(9) as crowd:
            answers = [crowd.submit(httpx.get, f"{running.url}/v1/observations", timeout=20) for _ in range(8)]
            until(lambda: begun)
            other = httpx.get(f"{running.url}/v1/sources", timeout=20)
            go_on.set()
            found = [answer.result() for answer in answers]
        assert running.client.get("/v1/sources").status_code == 200
    assert (other.status_code, other.json()["code"]) == (503, "overloaded")
    assert {answer.status_code for answer in found} == {200}
    assert len(begun) == 1


def test_an_answer_that_a_release_overtook_is_not_cached(served, publish, monkeypatch):
    publish(FIRST, "1.0.0")
    with held_up(monkeypatch) as (begun, go_on), ThreadPoolExecutor(1) as early:
        overtaken = early.submit(served.client.get, "/v1/observations")
        until(lambda: begun)
        publish(SECOND, "1.1.0", "2024-06-01")
        with ThreadPoolExecutor(1) as late:
            newest = late.submit(served.client.get, "/v1/observations")
            time.sleep(0.5)  # for it to arrive; whether it did or not, it is after the release
            go_on.set()
            assert overtaken.result().json()["meta"]["release"] == "1.0.0"
            assert newest.result().json()["meta"]["release"] == "1.1.0"
    assert served.client.get("/v1/observations").json()["meta"]["release"] == "1.1.0"


def test_without_a_database_cached_answers_are_marked_stale(own_server, tmp_path):  # noqa: F811
    publish_to(own_server, tmp_path / "register")
    with serve(settings_for(own_server)) as running:
        fresh = running.client.get("/v1/observations")
        own_server.stop()
        until(lambda: running.client.get("/readyz").json()["database"] == "does_not_answer")
        stale = running.client.get("/v1/observations")
        assert (stale.status_code, status(stale)) == (200, f"{HIT}; detail=stale")
        assert stale.content == fresh.content
        assert int(stale.headers["age"]) >= 0
        assert running.client.get("/v1/observations?limit=7").status_code == 503
        own_server.start()
        until(lambda: running.client.get("/readyz").json()["database"] == "answers")
        healthy = running.client.get("/v1/observations")
        assert (status(healthy), "age" in healthy.headers) == (HIT, False)


@pytest.mark.parametrize(("log_requests", "expected"), [(True, 3), (False, 0)])
def test_every_request_is_logged_unless_switched_off(database, tmp_path, capfd, log_requests, expected):
    load(database.owner, tmp_path / "register", [FIRST])
    asked = Settings(database_url=database.reader, port=8000, log_requests=log_requests)
    with serve(asked) as running:
        ids = [running.client.get("/v1/observations?year=2022").headers["x-request-id"] for _ in range(3)]
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if '"request_id"' in line]
    assert [line["request_id"] for line in lines] == ids[:expected]
    assert {(line["route"], line["status"]) for line in lines} == ({("/v1/observations", 200)} if lines else set())
    assert [line.get("cache") for line in lines] == [None, "hit", "hit"][:expected]


def test_what_is_no_request_ends_a_queue_once(database, tmp_path, capfd):
    load(database.owner, tmp_path / "register", [FIRST])
    missing, known = (b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path for path in (b"/v1/nothing", b"/v1/config"))
    with serve(Settings(database_url=database.reader, port=8000)) as running:
        raw(running, known + b"garbage\r\n\r\n")  # is in memory then, unlike what comes before it
        answer = raw(running, missing + known + b"garbage\r\n\r\n")
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"404", b"200", b"400"]
    assert "request failed" not in capfd.readouterr().err


def load(owner_url: str, register, tables: list[str]) -> None:
    """One release for each table, a month apart."""
    for number, table in enumerate(tables):
        seal(write_register(register, table), f"1.{number}.0", f"2024-0{5 + number}-01")
        load_register(owner_url, register)


@pytest.fixture(scope="module")
def both(postgres, tmp_path_factory) -> Iterator[tuple[Served, Served]]:
    """The same register served twice: with a memory that is always full, and without one."""
    name = create_database(postgres, "misconduct")
    urls = urls_of(postgres, name)
    load(urls.owner, tmp_path_factory.mktemp("cache") / "register", [FIRST, SECOND])
    without, small = (
        Settings(database_url=urls.reader, port=8000, cache_bytes=room, log_requests=False) for room in (0, 400_000)
    )
    with serve(without) as uncached, serve(small) as cached:
        yield cached, uncached
    drop_database(postgres, name)


PATHS = [
    *["/v1/observations", "/v1/observations.csv", "/v1/observations.jsonl", "/v1/observations.xlsx", "/v1/allegations"],
    *["/v1/allegations/by-year", "/v1/allegations/by-year.jsonstat", "/v1/observations/bbbb2", "/v1/observations/bbbb5"],
    *["/v1/observations/bbbb2.csv", "/v1/observations/bbbb2/evidence", "/v1/compare", "/v1/sources", "/v1/sources.csv"],
    *["/v1/releases", "/v1/releases/1.0.0", "/v1/releases/latest/files/observations.csv", "/", "/docs", "/sources"],
    *["/v1/nothing", "/healthz", "/v1/observations ", "/v1/%6fbservations", "/v1/observations%2Ecsv", "/static/site.css"],
]  # fmt: skip
PAIRS = [
    *[("category", "sexual_assault"), ("category", "sexual_harassment"), ("year", "2022"), ("year", "2021")],
    *[("release", "1.0.0"), ("release", "1.1.0"), ("release", "latest"), ("release", "draft"), ("as_of", "2024-05-20")],
    *[("id", "bbbb2"), ("id", "bbbb3"), ("limit", "2"), ("limit", "02"), ("sort", "-value"), ("bom", "1")],
    *[("value", "116"), ("value", "116.0"), ("", ""), ("category", "a&year=2022"), ("category", "sexual_assault ")],
]  # fmt: skip
ACCEPTS = [None, "", "*/*", "application/json", "text/csv", "text/csv;q=0.5, */*;q=0.4", "text/html, */*;q=0.8"]
ACCEPTS += ["application/*", "application/json;q=0, */*", "application/pdf", "TEXT/CSV ; q=1", "text/html;q=0.1, */*"]
ENCODINGS = [None, "gzip", "gzip, br", "gzip;q=0", "identity", "br", "GZIP;q=0.3"]
VALIDATORS = [None, None, None, "*", '"x"', "its own", 'W/"x", its own']


def spell(pair: tuple[str, str], how: int) -> str:
    name, value = pair
    if how == 0:
        return f"{quote(name)}={quote(value)}"
    if how == 1:
        return f"&{quote(name)}={quote(value, safe='').replace('%20', '+')}&"
    return "".join(f"%{byte:02x}" for byte in name.encode()) + "=" + quote(value, safe="")


queries = st.lists(st.tuples(st.sampled_from(PAIRS), st.integers(0, 2)), max_size=4)
headers = st.fixed_dictionaries({"accept": st.sampled_from(ACCEPTS), "accept-encoding": st.sampled_from(ENCODINGS)})


def ask(running: Served, method: str, target: str, sent: dict[str, str | None]) -> tuple[int, dict[str, str], bytes]:
    """Status, headers but for those of one request, and the bytes as they came over the wire."""
    request = running.client.build_request(method, running.url + target, headers={"x-request-id": "the-same"})
    for name, value in sent.items():
        request.headers.pop(name, None)
        if value is not None:
            request.headers[name] = value
    answer = running.client.send(request, stream=True)
    body = b"".join(answer.iter_raw())
    answer.close()
    return answer.status_code, {name: value for name, value in answer.headers.items() if name not in OWN}, body


@settings(max_examples=300, deadline=None)
@given(
    path=st.sampled_from(PATHS),
    query=queries,
    sent=headers,
    method=st.sampled_from(["GET", "GET", "HEAD"]),
    validator=st.sampled_from(VALIDATORS),
)
def test_a_cached_answer_equals_an_uncached_one(both, path, query, sent, method, validator):
    cached, uncached = both
    target = path + ("?" + "&".join(spell(*pair) for pair in query) if query else "")
    if validator is not None:
        etag = ask(uncached, "GET", target, sent)[1].get("etag", '"none"')
        sent = sent | {"if-none-match": validator.replace("its own", etag)}
    expected = ask(uncached, method, target, sent)
    assert ask(cached, method, target, sent) == expected
    assert ask(cached, method, target, sent) == expected


def test_a_cache_of_no_bytes_keeps_nothing(both):
    _, uncached = both
    assert [status(uncached.client.get("/v1/observations")) for _ in range(2)] == [MISS, MISS]


def test_a_robot_with_endless_addresses_evicts_no_answer_that_people_ask_for(both):
    cached, _ = both
    honest = [f"/v1/observations?year=2022&limit={limit}" for limit in range(1, 16)]
    for _ in range(2):
        for address in honest:
            cached.client.get(address)
    hits = []
    for turn in range(300):
        for other in range(4):
            number = 4 * turn + other
            accept = (
                {"Accept": f"application/json;q=0.{number}"} if number % 2 else {"Accept": ", ".join(["*/*"] * 200)}
            )
            cached.client.get(f"/v1/observations?value_from={number // 2}&release=1.0.0", headers=accept)
        hits.append(status(cached.client.get(honest[turn % len(honest)])))
        assert cached.cache.store.bytes <= 400_000
    assert hits.count(HIT) > 0.9 * len(hits)
    too_long = cached.client.get("/v1/observations?value=" + "1" * 60_000)
    assert (too_long.status_code, status(too_long)) == (414, "misconduct; fwd=bypass")


def test_pipelined_requests_are_answered_in_order(served, publish):
    publish(FIRST)
    kept = [served.client.get(f"/v1/observations?limit={limit}", headers=PLAIN) for limit in (1, 2)]
    queue = b"".join(
        b"GET /v1/observations?limit=%d HTTP/1.1\r\nHost: x\r\n\r\n" % limit for limit in (3, *([1, 2] * 300))
    )
    answers = raw(served, queue + b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    found = re.findall(rb'etag: ("[0-9a-f]+")', answers)
    assert len(found) == 601
    assert [etag.decode() for etag in found[1:]] == [answer.headers["etag"] for answer in kept] * 300
    assert answers.endswith(b'{"status":"ok"}\n')


def test_a_cached_answer_makes_no_task(served, publish, monkeypatch):
    """Fails where uvicorn no longer calls the hook that `protocol` overrides."""
    publish(FIRST)
    served.client.get("/v1/observations")
    tasks: list[str] = []
    run = RequestResponseCycle.run_asgi
    monkeypatch.setattr(
        RequestResponseCycle, "run_asgi", lambda cycle, app: tasks.append(cycle.scope["path"]) or run(cycle, app)
    )
    assert status(served.client.get("/v1/observations")) == HIT
    assert status(served.client.get("/v1/sources")) == MISS
    assert tasks == ["/v1/sources"]


def test_a_connection_is_closed_after_a_cached_answer_if_asked(served, publish):
    publish(FIRST)
    served.client.get("/v1/observations", headers=PLAIN)
    answer = raw(served, b"GET /v1/observations HTTP/1.0\r\nHost: x\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"cache-status: misconduct; hit" in head
    assert b"connection: close" in head
    assert json.loads(body)["meta"]["total"] == 3


@pytest.mark.parametrize("address", ["/v1/observations.csv", "/v1/observations.jsonl?detail=full"])
def test_a_long_answer_of_http_1_0_ends_with_the_connection_and_has_no_chunks(served, publish, monkeypatch, address):
    publish(FIRST)
    monkeypatch.setattr("misconduct.api.v1.observations.ROWS_OF_A_PIECE", 1)
    streamed = served.client.get(address, headers=PLAIN)
    assert streamed.headers["transfer-encoding"] == "chunked"
    served.cache.store.drop(lambda _kept: True)
    host = served.url.removeprefix("http://")
    head, _, body = raw(served, f"GET {address} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode()).partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head
    assert b"connection: close" in head
    assert body == streamed.content


@pytest.mark.parametrize("address", ["/v1/observations.csv", "/v1/observations.jsonl?detail=full"])
def test_half_an_answer_of_http_1_0_does_not_look_whole(served, publish, monkeypatch, address):
    """Its end is that of the connection: curl, and an nginx that asks in HTTP/1.0, would keep the half."""
    publish(FIRST)
    monkeypatch.setattr("misconduct.api.v1.observations.ROWS_OF_A_PIECE", 1)
    find, pieces = observations.find, itertools.count()

    async def find_some(*asked, **more):
        if next(pieces) == 2:
            raise RuntimeError("The database is gone.")
        return await find(*asked, **more)

    monkeypatch.setattr(observations, "find", find_some)
    with pytest.raises(ConnectionResetError):
        raw(served, f"GET {address} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
    assert next(pieces) > 2
