"""What shared caches are told, and what real ones (nginx and Varnish, as in deploy/) do with it."""

from __future__ import annotations

import itertools
import json
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import httpx
import psycopg
import pytest
from typer.testing import CliRunner

from bench import contenders
from bench.contenders import start_nginx, start_varnish
from misconduct import cli
from misconduct.api.v1 import observations
from misconduct.cli import app
from misconduct.doctor.examine import examine
from misconduct.errors import CacheRefused, MisconductError
from misconduct.http.negotiation import OF_BROWSERS
from misconduct.http.shared_caches import LATEST, MOST_TAG_BYTES, PINNED, caching_headers
from misconduct.publish import purge
from misconduct.publish.load import load_register
from misconduct.publish.owed import find_owed, owe, settle
from misconduct.publish.purge import SEEN_SECONDS, plan
from misconduct.publish.recall import recall_release
from misconduct.settings import Settings
from tests.api.test_listings import FIVE
from tests.api.test_removal import AFTER, BEFORE
from tests.chaos.serving import COMMAND, environment
from tests.conftest import PROJECT
from tests.registers import seal, write_register
from tests.serving import Served, serve
from tests.test_serve import answer_to, eventually
from tests.tools import find_program

SIX = FIVE + " bbbb7 | sexual_assault | officers | year | 2023 | 9 | | 9 | exact | "
AGES = {  # typed by hand: what a browser, and what a shared cache may keep for how long
    LATEST: "public, max-age=10, s-maxage=5, stale-while-revalidate=3, stale-if-error=604800",
    PINNED: "public, max-age=3600, s-maxage=86400, stale-if-error=604800",
}


# Headers


TOLD = [
    ("/v1/observations", LATEST, "register latest release-1.0.0"),
    ("/v1/observations.csv?release=1.0.0", PINNED, "register release-1.0.0"),
    ("/v1/observations/bbbb2?release=1.0.0", PINNED, "register release-1.0.0 figure-bbbb2"),
    ("/v1/observations/bbbb2/evidence", LATEST, "register latest release-1.0.0 figure-bbbb2"),
    ("/observations/bbbb2?release=1.0.0", LATEST, "register latest release-1.0.0 figure-bbbb2"),
    ("/v1/compare?id=bbbb2&id=bbbb3", LATEST, "register latest release-1.0.0 figure-bbbb2 figure-bbbb3"),
    ("/v1/allegations/by-year?release=1.0.0", PINNED, "register release-1.0.0 dataset-allegations"),
    ("/v1/datasets/allegations/dcat", LATEST, "register latest release-1.0.0 dataset-allegations"),
    ("/v1/releases/1.0.0", PINNED, "register release-1.0.0"),
    ("/v1/releases/1.0.0/files", PINNED, "register release-1.0.0"),
    ("/v1/releases/1.0.0/changes", PINNED, "register release-1.0.0"),
    ("/v1/releases/1.0.0/files/observations.csv", PINNED, "register release-1.0.0"),
    ("/v1/releases/1.0.0/bundle.zip", PINNED, "register release-1.0.0"),
    ("/v1/releases/1.x/files/observations.csv", LATEST, "register latest release-1.0.0"),
    ("/openapi.json", LATEST, "register latest"),
    ("/sitemap.xml", LATEST, "register latest"),
]


def test_an_answer_says_how_long_it_stays_and_has_tags(api, publish):
    publish(FIVE)
    for address, lifetime, tags in TOLD:
        answer = api.get(address)
        assert (address, answer.status_code) == (address, 200)
        assert (address, answer.headers["cache-control"]) == (address, AGES[lifetime])
        assert (address, answer.headers["surrogate-key"]) == (address, tags)
        assert answer.headers["cache-tag"] == tags.replace(" ", ",")
        again = api.get(address, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        for name in ("surrogate-key", "cache-tag", "cache-control", "etag"):
            assert again.headers[name] == answer.headers[name]


def test_tags_are_bounded_and_hold_nothing_that_would_be_two():
    many = [f"figure-{number}" for number in range(1_000)]
    sent = caching_headers(LATEST, many)["Surrogate-Key"]
    assert sent.startswith("register latest figure-0 figure-1 ")
    assert len(sent) < MOST_TAG_BYTES == 1_000


def test_what_a_path_holds_is_a_tag_only_if_it_is_one_word(api, publish):
    publish(FIVE)
    for odd in ("a%20b", "a,b", "a%0d%0ab", "%C3%A9"):
        answer = api.get(f"/v1/datasets/{odd}")
        assert answer.status_code == 404
        assert "surrogate-key" not in answer.headers


DOCUMENTS = (
    *("/openapi.json", "/oembed?url=http://localhost:8000/datasets/allegations", "/sitemap.xml", "/robots.txt"),
    *("/static/site.css", "/.well-known/api-catalog"),
)


def test_documents_have_a_validator_are_compressed_and_come_from_memory(api, publish):
    publish(FIVE)
    for path in DOCUMENTS:
        first = api.get(path, headers={"Accept-Encoding": "gzip"})
        again = api.get(path, headers={"Accept-Encoding": "gzip"})
        plain = api.get(path, headers={"Accept-Encoding": "identity"})
        assert (path, first.status_code) == (path, 200)
        assert (first.headers["vary"], again.headers["cache-status"]) == ("Accept-Encoding", "misconduct; hit")
        assert first.content == again.content == plain.content
        assert ("content-encoding" in first.headers) == (len(plain.content) >= 500)
        assert len({first.headers["etag"], plain.headers["etag"]}) == 1 + ("content-encoding" in first.headers)
        for answer, encoding in ((first, "gzip"), (plain, "identity")):
            headers = {"If-None-Match": answer.headers["etag"], "Accept-Encoding": encoding}
            assert api.get(path, headers=headers).status_code == 304


def test_static_files_are_immutable_only_at_an_address_with_their_hash(api, publish):
    publish(FIVE)
    page = api.get("/").text
    address = re.search(r'href="(/static/[0-9a-f]{12}/site\.css)"', page)[1]
    assert api.get(address).headers["cache-control"] == "public, max-age=31536000, immutable"
    for other in ("/static/site.css", "/static/000000000000/site.css"):  # the second is of another version's page
        assert api.get(other).headers["cache-control"] == AGES[LATEST]
        assert api.get(other).content == api.get(address).content


def test_the_etag_of_a_document_is_that_of_its_bytes(api, publish):
    publish(FIVE)
    before = api.get("/sitemap.xml").headers["etag"]
    publish(SIX, "1.1.0", "2024-06-01")
    assert api.get("/sitemap.xml", headers={"If-None-Match": before}).status_code == 200


# Real caches


@contextmanager
def nginx(folder: Path, *behind: str) -> Iterator[tuple[str, str]]:
    find_program("nginx", ("nginx-light",), "no test of nginx")
    folder.mkdir()
    with start_nginx(folder, *behind) as running:
        yield running.url, f"nginx:{folder}/kept"


@contextmanager
def varnish(folder: Path, behind: str) -> Iterator[tuple[str, str]]:
    find_program("varnishd", ("varnish",), "no test of Varnish")
    folder.mkdir()
    with start_varnish(folder, behind) as running:
        yield running.url, f"varnish:{running.url}"


class Front:
    """The service, which can be stopped, behind a cache."""

    def __init__(self, cache: Callable, database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self._service, self._cache = ExitStack(), ExitStack()
        settings = Settings(database_url=database.reader, port=8000, look_seconds=0.05, trusted_proxies=1)
        self.register = folder / "register"
        self.served: Served = self._service.enter_context(serve(settings))
        self.url, self.purging = self._cache.enter_context(cache(folder / "cache", self.served.url))

    def get(self, path: str, **headers: str) -> httpx.Response:
        """An answer to a client with these headers and no others."""
        with httpx.Client() as client:
            client.headers.clear()
            return client.get(self.url + path, headers=headers, timeout=20)

    def send(self, request: bytes) -> int:
        """The status of the answer to these bytes."""
        return int(answer_to(self.url, request).split()[1])

    def publish(self, table: str, number: str, released: str, **decided) -> None:
        seal(write_register(self.register, table), number, released, **decided)
        load_register(self.database.owner, self.register)
        self.served.wait_for_release(number)

    def stop_service(self) -> None:
        self._service.close()

    def close(self) -> None:
        self._cache.close()
        self._service.close()


class Named(BaseHTTPRequestHandler):
    """Answers with its port."""

    def do_GET(self) -> None:
        body = str(self.server.server_port).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


class Sized(BaseHTTPRequestHandler):
    """Answers with as many bytes, which may be kept, and notes which part it is asked for."""

    length: ClassVar[int] = 0
    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.asked.append(self.headers["Range"])
        self.send_response(200)
        self.send_header("Cache-Control", "public, max-age=60")
        self.send_header("Content-Length", str(self.length))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(bytes(self.length))

    def log_message(self, *_: object) -> None: ...


@contextmanager
def answering(handler: type[BaseHTTPRequestHandler], port: int = 0) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class Stalling(BaseHTTPRequestHandler):
    """Answers with its port; those of `stalled` take every request, and do not answer before `goes_on`."""

    stalled = frozenset[int]()
    goes_on = threading.Event()
    taken: ClassVar[list[str]] = []
    may_be_given_later = "stale-if-error=604800"

    def do_GET(self) -> None:
        if self.server.server_port in self.stalled:
            self.taken.append(self.path)
            self.goes_on.wait(120)
        body = str(self.server.server_port).encode()
        self.send_response(200)
        self.send_header("Cache-Control", f"public, max-age=3600, s-maxage=1, {self.may_be_given_later}")
        self.send_header("Content-Length", str(len(body)))
        with suppress(OSError):  # the cache has left
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def stalling(monkeypatch) -> Iterator[Callable[..., None]]:
    """Lets servers on these ports stall until the test ends."""
    monkeypatch.setattr(Stalling, "goes_on", threading.Event())
    monkeypatch.setattr(Stalling, "taken", [])
    try:
        yield lambda *ports: monkeypatch.setattr(Stalling, "stalled", frozenset(ports))
    finally:
        Stalling.goes_on.set()


SOON = 40.0
"""Seconds, several times what a stalled service costs, and less than what a cache waits if it is told nothing."""


def test_of_two_services_behind_nginx_one_that_stalls_is_left_out(stalling, tmp_path):
    with ExitStack() as running:
        first, second = (running.enter_context(answering(Stalling)) for _ in range(2))
        services = (f"127.0.0.1:{port}" for port in (first, second))
        url, _ = running.enter_context(nginx(tmp_path / "cache", *services))
        assert {httpx.get(f"{url}/{number}").text for number in range(8)} == {str(first), str(second)}
        stalling(first)
        for number in range(8, 20):
            assert httpx.get(f"{url}/v1/{number}", timeout=SOON).text == str(second)
        assert 1 <= len(Stalling.taken) < 6
        Stalling.goes_on.set()


def test_nginx_gives_the_older_answer_once_each_of_two_services_has_stalled(stalling, tmp_path):
    """Each stands twice in its list, and would else be asked twice, five seconds each time."""
    with ExitStack() as running:
        ports = [running.enter_context(answering(Stalling)) for _ in range(2)]
        url, _ = running.enter_context(nginx(tmp_path / "cache", *(f"127.0.0.1:{port}" for port in ports)))
        kept = {path: httpx.get(f"{url}/v1/{path}").text for path in ("asked", "other")}
        time.sleep(6)  # older than what is given while a newer answer is fetched
        stalling(*ports)
        for path, before in kept.items():
            assert httpx.get(f"{url}/v1/{path}", timeout=SOON).text == before
        assert Counter(Stalling.taken) == {"/v1/asked": 2, "/v1/other": 2}
        Stalling.goes_on.set()


@pytest.mark.parametrize("cache", [nginx, varnish])
def test_an_older_answer_is_given_while_the_service_stalls(cache, stalling, tmp_path):
    with answering(Stalling) as port, cache(tmp_path / "cache", f"http://127.0.0.1:{port}") as (url, _):
        assert httpx.get(f"{url}/v1/asked").text == str(port)
        time.sleep(6)  # older than what is given while a newer answer is fetched
        stalling(port)
        with ThreadPoolExecutor(8) as clients:
            asked = [clients.submit(httpx.get, f"{url}/v1/asked", timeout=SOON) for _ in range(8)]
            others = [clients.submit(httpx.get, f"{url}/v1/{number}", timeout=SOON) for number in range(8)]
        assert [(one.result().status_code, one.result().text) for one in asked] == [(200, str(port))] * 8
        assert {one.result().status_code for one in others} <= {503, 504}
        Stalling.goes_on.set()


@pytest.mark.parametrize("cache", [nginx, varnish])
def test_what_was_read_from_a_replica_that_lags_ends_while_the_service_stalls(cache, stalling, tmp_path, monkeypatch):
    monkeypatch.setattr(Stalling, "may_be_given_later", "")
    with answering(Stalling) as port, cache(tmp_path / "cache", f"http://127.0.0.1:{port}") as (url, _):
        assert httpx.get(f"{url}/v1/asked").text == str(port)
        time.sleep(6)
        stalling(port)
        assert httpx.get(f"{url}/v1/asked", timeout=SOON).status_code in (503, 504)
        Stalling.goes_on.set()


SHOW_CHARTS = (
    *("/datasets/allegations?value_from=5", "/charts", "/charts/x?form=bars", "/chart/allegations"),
    *("/disagreements/x", "/v1/charts/x.html", "/v1/allegations.svg?x=1"),
)


@pytest.mark.parametrize("cache", [nginx, varnish])
def test_what_shows_a_chart_may_wait_for_its_turn(cache, stalling, tmp_path):
    """It gives up after eight seconds, with a 503 of its own."""
    with answering(Stalling) as port, cache(tmp_path / "cache", f"http://127.0.0.1:{port}") as (url, _):
        stalling(port)
        with ThreadPoolExecutor(len(SHOW_CHARTS)) as clients:
            asked = [clients.submit(httpx.get, f"{url}{path}", timeout=SOON) for path in SHOW_CHARTS]
            time.sleep(7)
            Stalling.goes_on.set()
        assert [one.result().status_code for one in asked] == [200] * len(SHOW_CHARTS)
        assert sorted(path for path in Stalling.taken if path != "/healthz") == sorted(SHOW_CHARTS)


class Overloaded(BaseHTTPRequestHandler):
    """Answers as the service does that has too much to do, or no database, while `is_busy`."""

    is_busy, seconds = False, 0

    def do_GET(self) -> None:
        is_refused = self.is_busy and self.path != "/healthz"
        time.sleep(self.seconds * is_refused)
        self.send_response(503 if is_refused else 200)
        self.send_header("Cache-Control", "no-store" if is_refused else "public, s-maxage=1, stale-if-error=604800")
        self.send_header("Retry-After", "2")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"no" if is_refused else b"ok")

    def log_message(self, *_: object) -> None: ...


@pytest.mark.parametrize("cache", [nginx, varnish])
def test_nobody_waits_for_others_who_want_the_same_while_the_database_hangs(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(Overloaded, "is_busy", True)
    monkeypatch.setattr(Overloaded, "seconds", 2)
    with ExitStack() as running:
        port = running.enter_context(answering(Overloaded))
        url, _ = running.enter_context(cache(tmp_path / "cache", f"http://127.0.0.1:{port}"))
        clients = running.enter_context(ThreadPoolExecutor(16))
        asked = [clients.submit(httpx.get, f"{url}/v1/asked", timeout=SOON) for _ in range(16)]
        assert {one.result().status_code for one in asked} == {503}  # one after the other, it would take a minute


class Meeting(BaseHTTPRequestHandler):
    """Answers what no cache keeps, and whether another asked meanwhile: within less than what nginx lets one wait."""

    barrier = threading.Barrier(2)

    def do_GET(self) -> None:
        with suppress(threading.BrokenBarrierError):
            self.barrier.wait(3)
        body = b"alone" if self.barrier.broken else b"met"
        self.send_response(200)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.mark.parametrize("cache", [nginx, varnish])
def test_who_asks_for_what_is_not_kept_waits_for_nobody_who_asks_for_the_same(cache, tmp_path, monkeypatch):
    """A monitor would wait for whoever asks for /readyz all the time."""
    with ExitStack() as running:
        port = running.enter_context(answering(Meeting))
        url, _ = running.enter_context(cache(tmp_path / "cache", f"http://127.0.0.1:{port}"))
        clients = running.enter_context(ThreadPoolExecutor(2))

        def meet() -> bool:
            monkeypatch.setattr(Meeting, "barrier", threading.Barrier(2))
            asked = [clients.submit(httpx.get, f"{url}/readyz", timeout=SOON) for _ in range(2)]
            return {one.result().text for one in asked} == {"met"}

        assert any(meet() for _ in range(5))  # a busy machine may start the second late


@pytest.mark.parametrize(
    ("asked", "most", "clients"),
    [
        ("asked", 100, [f"2001:db8::1:{number}:2" for number in range(105)]),
        ("asked.csv", 20, [f"2001:db8:0:7:{number}::" for number in range(25)]),
        ("asked.csv", 20, [f"2001:db8:1:2:3:4:5:{number}" for number in range(25)]),
        ("asked.csv", 20, ["::ffff:192.0.2.1"] * 25),
        ("asked.csv", 25, [f"::ffff:192.0.2.{number}" for number in range(25)]),
        ("asked.csv", 25, [f"2001:db8:{number}::" for number in range(25)]),
    ],
)
def test_nginx_answers_so_many_requests_of_one_client_at_once(tmp_path, monkeypatch, asked, most, clients):
    """Who hardly reads has a connection for as long as he likes. Of IPv6 he has every address of a network."""
    told_by_a_proxy = "set_real_ip_from 127.0.0.1; real_ip_header X-Client;"
    around = contenders.NGINX_AROUND.replace("access_log off;", f"access_log {{folder}}/access.log; {told_by_a_proxy}")
    monkeypatch.setattr(contenders, "NGINX_AROUND", around)
    assert told_by_a_proxy in around
    monkeypatch.setattr(Sized, "length", 299_999)
    with ExitStack() as running:
        port = running.enter_context(answering(Sized))
        url, _ = running.enter_context(nginx(tmp_path / "cache", f"http://127.0.0.1:{port}"))
        told = Counter[bytes]()
        for address in clients:
            client = running.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(SOON)
            client.connect(("127.0.0.1", int(url.rpartition(":")[2])))
            client.sendall(f"GET /v1/{asked} HTTP/1.1\r\nHost: x\r\nX-Client: {address}\r\n\r\n".encode() * 30)
            told[client.recv(12)] += 1
    assert told == Counter({b"HTTP/1.1 200": most, b"HTTP/1.1 429": len(clients) - most})
    logged = [(tmp_path / "cache" / name).read_text() for name in ("access.log", "nginx.log")]
    assert [text for text in logged if "asked" in text] == []  # one client could fill the disk


class Endless(BaseHTTPRequestHandler):
    """Sends what is long, and notes how much was taken of it."""

    sent: ClassVar[int] = 0
    told: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        self.send_response(200)
        for name, value in self.told.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            for _ in range(64):
                self.wfile.write(bytes(1 << 20))
                type(self).sent += (1 << 20) * (self.path == "/v1/asked.csv")  # and not what the start asks for

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


LONG = {"Cache-Control": "public, max-age=60", "Content-Length": str(64 << 20)}


@pytest.mark.parametrize("cache", [nginx, varnish])
@pytest.mark.parametrize(
    ("method", "headers", "told"),
    [
        ("GET", {}, LONG),
        ("GET", {}, {"Cache-Control": "public, max-age=60"}),
        ("GET", {"If-Match": "*"}, LONG | {"Cache-Control": "no-store"}),
        ("HEAD", {}, LONG),
    ],
    ids=["long", "no length", "not kept", "head"],
)
def test_of_what_is_long_and_slowly_read_little_is_fetched(cache, method, headers, told, tmp_path, monkeypatch):
    monkeypatch.setattr(Endless, "sent", 0)
    monkeypatch.setattr(Endless, "told", told)
    with answering(Endless) as port, cache(tmp_path / "cache", f"http://127.0.0.1:{port}") as (url, _):
        with httpx.stream(method, f"{url}/v1/asked.csv", headers=headers, timeout=SOON) as reading:
            assert reading.status_code == 200
            eventually(lambda: Endless.sent > 0 or method == "HEAD", seconds=20)
            before = -1
            while Endless.sent > before:  # it goes on to be fetched
                before = Endless.sent
                time.sleep(1)
        assert Endless.sent < 32 << 20
        kept = [*(tmp_path / "cache").rglob("kept/*")]
        assert sum(one.stat().st_size for one in kept if one.is_file()) < 1 << 20


@pytest.mark.parametrize("cache", [nginx, varnish])
@pytest.mark.parametrize(("length", "is_kept"), [(299_999, True), (300_000, False)])
def test_what_is_long_is_not_kept_and_whole(cache, length, is_kept, tmp_path, monkeypatch):
    monkeypatch.setattr(Sized, "length", length)
    with answering(Sized) as port, cache(tmp_path / "cache", f"http://127.0.0.1:{port}") as (url, _):
        Sized.asked.clear()
        for _ in range(3):
            answer = httpx.get(f"{url}/v1/asked.csv", timeout=SOON)
            assert (answer.status_code, answer.content) == (200, bytes(length))
            part = httpx.get(f"{url}/v1/asked.csv", headers={"Range": "bytes=5-9"}, timeout=SOON)
            assert part.content in (bytes(5), bytes(length))
        assert (Sized.asked == [None]) == is_kept
        assert Sized.asked.count("bytes=5-9") == (0 if is_kept else 3)


def test_varnish_speaks_no_http_2(tmp_path):
    """It cannot pipe there: two connections that read nothing kept long files, and what is not kept, from everybody."""
    program = find_program("curl", ("curl",), "no test of HTTP/2")
    find_program("varnishd", ("varnish",), "no test of Varnish")
    with (
        answering(Sized) as port,
        start_varnish(tmp_path, f"http://127.0.0.1:{port}", "-p", "feature=+http2") as running,
    ):
        Sized.asked.clear()
        command = [program, "--silent", "--http2-prior-knowledge", "--write-out", "%{stderr}%{http_code}"]
        for address in (f"{running.url}/v1/asked.csv", f"{running.url}/readyz"):
            done = subprocess.run([*command, "--max-time", str(SOON), address], capture_output=True, check=False)
            assert done.stderr == b"505"
        assert Sized.asked == []


def test_varnish_refuses_an_address_that_is_long_before_its_query(tmp_path):
    with answering(Named) as port, varnish(tmp_path / "cache", f"http://127.0.0.1:{port}") as (url, _):

        def ask(path: str) -> int:
            return httpx.get(url + path, timeout=SOON).status_code

        longest = ["." * 1_996, "/" * 1_996, "/." + "a" * 1_994, ".aa" * 665, "/dcat" * 399]
        assert [ask(f"/v1{path}") for path in longest] == [200] * len(longest)
        assert ask(f"/v1?{'.a/' * 2_000}") == 200
        assert [ask(f"/v1/{piece * 5_030}") for piece in ("..", "/a", "aa", ".a", "%2e")] == [414] * 5


@pytest.mark.parametrize("cache", [nginx, varnish])
def test_an_older_answer_is_given_while_the_service_refuses(cache, tmp_path, monkeypatch):
    with answering(Overloaded) as port, cache(tmp_path / "cache", f"http://127.0.0.1:{port}") as (url, _):
        for path in ("asked", "other"):
            assert httpx.get(f"{url}/v1/{path}").text == "ok"
        monkeypatch.setattr(Overloaded, "is_busy", True)
        time.sleep(6)  # older than what is given while a newer answer is fetched
        assert [httpx.get(f"{url}/v1/asked").text for _ in range(3)] == ["ok"] * 3
        new = httpx.get(f"{url}/v1/new")
        assert (new.status_code, new.text, new.headers["retry-after"]) == (503, "no", "2")
        monkeypatch.setattr(Overloaded, "is_busy", False)
        eventually(lambda: httpx.get(f"{url}/v1/new").text == "ok", seconds=20)


def test_services_behind_nginx_restart_one_after_the_other_and_no_request_fails(tmp_path):
    """It would count out for ten seconds a server that refused once, and then has none while the other restarts."""
    with ExitStack() as first, ExitStack() as second:
        ports = first.enter_context(answering(Named)), second.enter_context(answering(Named))
        with nginx(tmp_path / "cache", *(f"127.0.0.1:{port}" for port in ports)) as (url, _):

            def answers(requests: int = 4) -> set[str]:
                told = [httpx.get(f"{url}/{next(COUNT)}", timeout=20) for _ in range(requests)]
                assert [one.status_code for one in told] == [200] * requests
                return {one.text for one in told}

            for requests in (1, 4):  # it asks its list in turn, also after the ten seconds not from the beginning
                assert answers() == set(map(str, ports))
                first.close()
                assert answers() == {str(ports[1])}
                first.enter_context(answering(Named, ports[0]))
                second.close()
                assert answers(requests) == {str(ports[0])}
                second.enter_context(answering(Named, ports[1]))
                time.sleep(11)


COUNT = itertools.count()


@pytest.fixture(params=[nginx, varnish])
def front(request, database, tmp_path) -> Iterator[Front]:
    front = Front(request.param, database, tmp_path)
    try:
        yield front
    finally:
        front.close()


def passed(answer: httpx.Response) -> bool:
    """Whether the cache answered by itself."""
    return "HIT" in answer.headers.get("cache-status", "") or " " in answer.headers.get("x-varnish", "")


CLIENTS = {
    "curl": {"Accept": "*/*"},
    "requests": {"Accept": "*/*", "Accept-Encoding": "gzip, deflate, br"},
    "a script": {},
    "axios": {"Accept": "application/json, text/plain, */*", "Accept-Encoding": "gzip, br"},
    "httr": {"Accept": "application/json, text/xml, application/xml, */*", "Accept-Encoding": "deflate, gzip"},
    "a program": {"Accept": "application/json", "Accept-Encoding": "identity"},
    "Chrome": {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "Accept-Encoding": "gzip, deflate, br, zstd"},
    "Firefox": {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/png,image/svg+xml,*/*;q=0.8", "Accept-Encoding": "gzip, deflate, br, zstd"},
}  # fmt: skip
ADDRESSES = (
    "/v1/observations",
    "/v1/observations.csv",
    "/v1/sources?release=1.0.0",
    "/",
    "/openapi.json",
    "/sitemap.xml",
)


def test_the_address_of_a_next_page_may_be_as_long_as_the_service_takes_it(front):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    titles = f"title={'%F0%9F%98%80' * 490}&subtitle={'%C3%A9' * 347}"  # 7,978 bytes
    answer = front.get(f"/v1/observations?{titles}&release=1.0.0&cursor={'a' * 4_000}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


@pytest.mark.parametrize("name", ["nginx.conf", "varnish.vcl"])
def test_a_cache_knows_browsers_by_the_pattern_of_the_service(name):
    assert f"^{OF_BROWSERS.pattern}$" in (PROJECT / "deploy" / name).read_text()


def test_who_asks_in_another_way_gets_the_same_copy_also_when_the_service_is_gone(front):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    first = {path: front.get(path, **CLIENTS["curl"]) for path in ADDRESSES}
    assert {answer.status_code for answer in first.values()} == {200}
    for path, headers in itertools.product(ADDRESSES, CLIENTS.values()):
        answer = front.get(path, **headers)
        assert (path, answer.content == first[path].content) == (path, True)
        assert passed(answer) or "release=" not in path  # others may be too old by now
    front.stop_service()
    time.sleep(9)  # they are too old now
    for path, (client, headers) in itertools.product(ADDRESSES, CLIENTS.items()):
        answer = front.get(path, **headers)
        assert (path, client, answer.status_code) == (path, client, 200)
        assert answer.content == first[path].content
        head = httpx.head(front.url + path, headers=headers)
        tags = [one.headers["etag"].removeprefix("W/") for one in (head, answer)]  # weak where nginx unpacks it
        assert (path, client, head.status_code, tags[0]) == (path, client, 200, tags[1])
    assert front.get("/v1/never-asked").status_code >= 500


def test_a_long_wish_is_answered_through_the_cache(front):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    assert front.get("/v1/observations", Accept=f"text/html, {'image/png;a=b, ' * 400}*/*;q=0.8").status_code in (
        200,
        422,
    )


@pytest.mark.parametrize("front", [nginx], indirect=True)
def test_nginx_has_room_for_a_long_address_and_a_long_wish_together(front):
    """It writes the key of a copy before the head that it reads, which repeats the address twice."""
    front.publish(FIVE, "1.0.0", "2024-05-01")
    titles = f"title={'%F0%9F%98%80' * 490}&subtitle={'%C3%A9' * 330}"  # 7.9 kB
    for wish in (f"application/json;v={'a' * 8_000}", f"application/json;v={'a' * 16_000}"):
        answer = front.get(f"/v1/observations/by-year?limit=1&{titles}", Accept=wish)
        assert (answer.status_code, len(answer.headers.get("link", "")) > 2 * len(titles)) == (200, True)


def test_a_host_that_clients_make_up_has_no_copy_of_its_own(front):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    asked = "/v1/observations?release=1.0.0"
    first = front.get(asked)
    front.stop_service()
    for made_up in ("evil.example", "misconduct", "127.0.0.1:1", "www.example.org.evil.example", "EVIL.example:80"):
        answer = front.get(asked, Host=made_up)
        assert (made_up, answer.status_code, answer.content == first.content) == (made_up, 200, True)
    assert front.get(asked, Host="www.example.org").status_code >= 500  # its links may be others


@pytest.mark.parametrize("cache", [nginx, varnish])
def test_links_begin_with_a_named_host_through_a_cache(cache, real, tmp_path):
    settings = Settings(database_url=real.settings.database_url, base_url="https://a.example", hosts="www.example.org")
    with serve(settings) as service, cache(tmp_path / "cache", service.url) as (url, _):
        for asked, begins in (
            ("www.example.org", "https://www.example.org/v1/"),
            ("WWW.Example.org", "https://www.example.org/v1/"),
            ("b.example", "https://a.example/v1/"),
        ):
            answer = httpx.get(f"{url}/v1/observations?limit=1", headers={"Host": asked})
            assert (asked, answer.links["next"]["url"].startswith(begins)) == (asked, True)


def test_a_download_is_resumed_only_from_the_file_that_it_began_with(front):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    bundle = "/v1/releases/1.0.0/bundle.zip"
    whole = [front.get(bundle) for _ in range(2)][1]
    assert passed(whole)
    etag, rest, end = whole.headers["etag"], {"Range": "bytes=1000-"}, whole.content[1000:]
    answers = [front.get(bundle, **{"If-Match": wanted}, **rest) for wanted in ('"of-another"', etag)]
    assert [answer.status_code for answer in answers] == [412, 206]
    assert answers[1].content == end
    answers = [front.get(bundle, **{"If-Range": wanted}, **rest) for wanted in ('"of-another"', etag)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, whole.content), (206, end)]
    front.stop_service()
    assert front.get(bundle).content == whole.content


@pytest.mark.parametrize("more", [{}, {"If-Match": "*"}, {"Authorization": "Basic eA=="}])
def test_several_ranges_or_none_that_can_be_read_are_no_error(front, more):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    for asked in ("bytes=0-9,20-29", "pages=1", "x", "bytes=-0", "bytes=5-3", "bytes=0-9", f"bytes={'9' * 30}-"):
        for path in ("/v1/releases/1.0.0/bundle.zip", "/v1/observations", "/"):
            answer = front.get(path, Range=asked, **more)
            assert (asked, path, answer.status_code in (200, 206, 416)) == (asked, path, True)


NAMING = [
    "/v1/observations?source=sheet", "/v1/observations.csv?source=sheet", "/v1/observations/by-year?source=sheet",
    "/v1/observations.svg?source=sheet", "/v1/observations.html?source=sheet", "/datasets/allegations?source=sheet",
    "/v1/compare?id=bbbb3,bbbb2", "/compare?id=bbbb3&id=bbbb2",
]  # fmt: skip


def test_what_names_a_removed_record_replaces_what_a_cache_had_of_it(front):
    """A cache that nobody purges gives old answers while no service answers, for a week."""
    front.publish(BEFORE, "1.0.0", "2024-05-01")
    assert [front.get(path).status_code for path in NAMING] == [200] * len(NAMING)
    for name in ("observations/sheet.csv", "sources/sheet.yaml"):
        (front.register / name).unlink()
    front.publish(AFTER, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court.", "source/sheet@1=A court."])
    eventually(lambda: {front.get(path).status_code for path in NAMING} == {422}, seconds=60)
    kept = {front.get(path).headers["cache-control"] for path in NAMING}
    assert kept == {"public, max-age=10, s-maxage=5"}
    front.stop_service()
    time.sleep(6)
    assert [path for path in NAMING if front.get(path).status_code == 200] == []


def test_who_wants_json_of_linked_data_gets_that_through_the_cache(front):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    for path in ("/v1/dcat", "/v1/datasets/allegations/dcat?release=1.0.0", "/v1/releases/1.0.0/schema-org"):
        for wanted in ("application/json", "application/ld+json"):
            for _ in range(2):
                answer = front.get(path, Accept=wanted)
                assert (answer.status_code, answer.headers["content-type"]) == (200, wanted), path


def test_an_answer_has_the_id_of_its_own_request(front):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    path = "/v1/observations?release=1.0.0"
    first = front.get(path, **{"X-Request-Id": "of-the-first"})
    second, third = front.get(path), front.get(path)
    assert passed(third)
    ids = {answer.headers["x-request-id"] for answer in (first, second, third)}
    assert len(ids) == 3
    assert "of-the-first" not in ids


def test_the_numbers_of_operators_are_not_read_through_the_cache(front):
    for path in ("/metrics", "/metrics?a=1", "/%6Detrics", "/%6d%65trics", "/metric%73?a=1"):
        assert (path, front.get(path).status_code) == (path, 404)
    assert front.send(b"GET other://host/metrics HTTP/1.1\r\nHost: host\r\nConnection: close\r\n\r\n") in (400, 404)


def test_a_client_of_http_1_0_needs_no_host(front):
    assert front.send(b"GET /v1/observations HTTP/1.0\r\n\r\n") == 503  # nothing is loaded
    front.publish(FIVE, "1.0.0", "2024-05-01")
    assert front.send(b"GET /v1/observations HTTP/1.0\r\n\r\n") == 200


def test_half_an_answer_does_not_look_whole_to_http_1_0_behind_the_cache(front, monkeypatch):
    """The service resets such a connection, and a cache would pass on that it was closed."""
    front.publish(FIVE, "1.0.0", "2024-05-01")
    monkeypatch.setattr(observations, "ROWS_OF_A_PIECE", 2)

    def ask(path: str) -> str:
        return answer_to(front.url, f"GET {path} HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n".encode()).decode("latin-1")

    short = ask("/v1/observations.csv?value_from=0")
    assert (short.splitlines()[0], "\r\ncontent-length: " in short.lower()) == ("HTTP/1.1 200 OK", True)
    monkeypatch.setattr(observations, "MOST_ROWS_CUT", 2)
    long = ask("/v1/observations.csv")
    assert (long.splitlines()[0].split()[1], '"code":"upgrade_required"' in long) == ("426", True)
    assert front.get("/v1/observations.csv").text.count("\r\n") == 6
    assert ask("/v1/observations?limit=2").startswith("HTTP/1.1 200 OK")


@pytest.mark.parametrize("more", ["", f"&title={'é' * 400}&subtitle={'é' * 400}"], ids=["1 kB", "6 kB"])
def test_a_long_question_is_answered_through_the_cache(front, more):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    ids = [f"{number:05}".translate(str.maketrans("0123456789", "bcdfghjkmn")) for number in range(100)]
    query = "&".join(f"id={one}" for one in ("bbbb2", "bbbb3", *ids)[:100]) + more
    for path in (f"/v1/observations?limit=1&{query}", f"/v1/observations.csv?limit=1&{query}"):
        answer = front.get(path)
        assert (answer.status_code, "next" in answer.links) == (200, True)


def read_counter(folder: Path, name: str) -> int:
    command = ["varnishstat", "-n", folder / "cache" / "state", "-1", "-f", f"MAIN.{name}"]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[1])


@pytest.mark.parametrize("front", [varnish], indirect=True)
def test_a_wish_that_is_written_in_many_ways_makes_no_long_list_that_others_wait_for(front, tmp_path):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    before = read_counter(tmp_path, "n_objecthead")
    for number in range(50):
        assert front.get("/v1/observations", Accept=f"application/json;q=0.5;v={number}").status_code == 200
    assert read_counter(tmp_path, "n_objecthead") >= before + 50


@pytest.mark.parametrize("front", [varnish], indirect=True)
def test_addresses_that_do_not_exist_take_memory_for_seconds_only(front, tmp_path):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    front.get("/v1/observations")
    for number in range(20):
        assert front.get(f"/v1/nope{number}").status_code == 404
        assert front.get(f"/v1/observations?limit=x{number}").status_code == 422
    eventually(lambda: read_counter(tmp_path, "n_object") < 20, seconds=60)


def test_a_request_that_is_refused_takes_no_answer_away_from_others(front):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    path = "/v1/checks?release=1.0.0"
    front.get(path)
    assert passed(front.get(path))
    assert front.get(path, Accept="x/y").status_code == 406
    assert passed(front.get(path))
    front.stop_service()
    assert front.get(path).status_code == 200


def test_a_request_with_a_body_leaves_nothing_for_the_next_visitor(front):
    """Varnish would restart it without the body, for which the service then took the next request."""
    front.publish(FIVE, "1.0.0", "2024-05-01")
    start = b"GET /v1/observations/bbbb2 HTTP/1.1\r\nX-P: "
    of_two = b"Host: x\r\nRange: bytes=0-0,3-4\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(start)
    for method in (b"POST", b"OPTIONS", b"GET"):
        front.send(method + b" /healthz HTTP/1.1\r\n" + of_two + b"x" * len(start))
        front.send(start + b"GET /v1/observations/bbbb3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert front.get("/v1/observations/bbbb2").json()["data"]["id"] == "bbbb2"


def test_nobody_purges_through_another_proxy(front):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    path = "/v1/observations?release=1.0.0"
    for _ in range(2):
        front.get(path)
    headers = {"Surrogate-Key": "register", "X-Forwarded-For": "203.0.113.5"}
    assert httpx.request("BAN", front.url, headers=headers).status_code in (400, 403)
    assert passed(front.get(path))


def test_another_format_is_another_copy(front):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    for _ in range(2):
        assert front.get("/v1/observations", Accept="text/csv").headers["content-type"].startswith("text/csv")
        assert front.get("/v1/observations", Accept="*/*").headers["content-type"].startswith("application/json")
        assert front.get("/v1", **CLIENTS["Chrome"]).headers["content-type"].startswith("text/html")
        assert front.get("/v1", Accept="*/*").headers["content-type"].startswith("application/json")
        assert front.get("/v1/observations/bbbb2", **CLIENTS["Firefox"]).status_code == 303
        assert front.get("/v1/observations/bbbb2", Accept="*/*").status_code == 200
        for other in ("application/json, text/html;q=0.1", "text/html;q=0, */*"):
            assert (
                front.get("/v1/observations/bbbb2", Accept=other).headers["content-type"].startswith("application/json")
            )
        assert front.get("/v1/observations", Accept="text/csv,text/html").headers["content-type"].startswith("text/csv")
        for both in ("text/html, text/csv", "text/html,text/csv,*/*;q=0.1"):
            assert front.get("/v1/observations", Accept=both).headers["content-type"].startswith("text/csv")
        assert front.get("/v1", Accept="text/html, application/json").headers["content-type"] == "application/json"
        for none in ("text/html", "text/html,*/*;q=0"):
            assert front.get("/v1/observations", Accept=none).status_code == 406


def test_a_release_is_seen_behind_the_cache_within_ten_seconds(front):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    asked = ("/v1/observations", "/v1/observations?year=2022", "/v1/datasets", "/v1/releases/1.x/files")
    for path in asked:
        assert front.get(path).json()["data"] is not None
    front.publish(SIX, "1.1.0", "2024-06-01")
    time.sleep(9)  # nobody asks meanwhile, so the first who does must not get what is too old
    for path in asked:
        assert "1.1.0" in front.get(path).text, path


def test_a_load_that_purges_shows_a_release_at_once(front, monkeypatch):
    front.publish(FIVE, "1.0.0", "2024-05-01")
    pinned = "/v1/observations?release=1.0.0"
    for path in ("/v1/observations", pinned, pinned):
        front.get(path)
    front.publish(SIX, "1.1.0", "2024-06-01")
    done = CliRunner().invoke(app, ["purge", "latest", "--cache", front.purging])
    assert done.exit_code == 0, done.output
    assert front.get("/v1/observations").json()["meta"]["release"] == "1.1.0"
    assert passed(front.get(pinned))  # it did not change


def test_what_the_law_removed_is_served_by_no_cache_also_not_when_the_service_is_gone(front, monkeypatch):
    front.publish(BEFORE, "1.0.0", "2024-05-01")
    addresses = (
        *(
            "/v1/observations?release=1.0.0",
            "/v1/observations/bbbb3?release=1.0.0",
            "/v1/observations.csv?release=1.0.0",
        ),
        *(
            "/v1/observations/bbbb3",
            "/observations/bbbb3",
            "/v1/observations",
            "/v1/releases/1.0.0/files/observations.csv",
        ),
        *("/v1/sources/sheet", "/v1/observations/by-year?release=1.0.0", "/v1/sources?release=1.0.0"),
    )
    before = {path: front.get(path) for path in addresses}
    assert {answer.status_code for answer in before.values()} == {200}
    assert all("bbbb3" in answer.text or "sheet" in answer.text for answer in before.values())
    for name in ("observations/sheet.csv", "sources/sheet.yaml"):
        (front.register / name).unlink()
    seal(
        write_register(front.register, AFTER),
        "2.0.0",
        "2024-06-01",
        removed=["bbbb3@1=A court.", "source/sheet@1=A court."],
    )
    monkeypatch.setenv("MISCONDUCT_OWNER_URL", front.database.owner)
    monkeypatch.setenv("MISCONDUCT_DATABASE_URL", front.database.reader)
    monkeypatch.setenv("MISCONDUCT_LOOK_SECONDS", "0.05")
    monkeypatch.setenv("MISCONDUCT_BASE_URL", "https://figures.example.org")
    monkeypatch.setenv("MISCONDUCT_PURGE", front.purging)
    done = CliRunner().invoke(app, ["load", "--register", str(front.register)])
    assert done.exit_code == 0, done.output
    assert "purge the tag register" in done.output
    for path in ("/v1/observations/bbbb3?release=1.0.0", "/observations/bbbb3", "/v1/sources/sheet", "/v1/releases/1.0.0/files/observations.csv", "/v1/releases/1.0.0/bundle.zip"):  # fmt: skip
        assert f"https://figures.example.org{path}\n" in done.output
    assert [path for path in addresses if _shows_removed(front.get(path))] == []
    front.stop_service()
    time.sleep(9)
    assert [path for path in addresses if _shows_removed(front.get(path))] == []


def test_a_purge_is_owed_until_it_is_done_however_often_a_load_is_killed_before_it(front, monkeypatch):
    front.publish(BEFORE, "1.0.0", "2024-05-01")
    shown = "/v1/observations/bbbb3?release=1.0.0"
    assert front.get(shown).status_code == 200
    for name in ("observations/sheet.csv", "sources/sheet.yaml"):
        (front.register / name).unlink()
    removed = ["bbbb3@1=A court.", "source/sheet@1=A court."]
    seal(write_register(front.register, AFTER), "2.0.0", "2024-06-01", removed=removed)
    monkeypatch.setenv("MISCONDUCT_OWNER_URL", front.database.owner)
    monkeypatch.setenv("MISCONDUCT_DATABASE_URL", front.database.reader)
    monkeypatch.setenv("MISCONDUCT_PURGE", front.purging)
    for _ in range(2):
        loading = subprocess.Popen(
            [*COMMAND, "load", "--register", str(front.register)],
            env=environment(
                MISCONDUCT_OWNER_URL=front.database.owner,
                MISCONDUCT_LOOK_SECONDS="50",  # how long it then waits before it purges
                MISCONDUCT_PURGE=front.purging,
            ),
            stderr=subprocess.PIPE,
            text=True,
        )
        said = list(itertools.takewhile(lambda line: not line.startswith("Shared caches:"), loading.stderr))
        assert f"Removed from: {Settings().public_url}{shown}\n" in said
        loading.kill()
        loading.communicate()
        assert front.get(shown).status_code == 200  # from the cache
        [told] = [one for one in examine(Settings(), front.register) if one.subject == "caches"]
        assert (told.state, told.found[:21]) == ("warn", "a purge is owed since")
        with psycopg.connect(front.database.reader) as reader:  # the second was about to purge before it built files
            built = reader.execute(
                "SELECT count(*) FROM files JOIN releases ON ordinal = release WHERE number = '2.0.0'"
            )
            assert built.fetchone() == (0,)
    monkeypatch.setenv("MISCONDUCT_LOOK_SECONDS", "0.05")
    done = CliRunner().invoke(app, ["load", "--register", str(front.register)])
    assert done.exit_code == 0, done.output
    assert front.get(shown).status_code == 410
    [told] = [one for one in examine(Settings(), front.register) if one.subject == "caches"]
    assert (told.state, told.found) == ("ok", "no purge is owed")


def test_a_removal_replaces_what_no_cache_was_told_to_forget_unless_it_is_pinned(front):
    front.publish(BEFORE, "1.0.0", "2024-05-01")
    addresses = {"/v1/observations/bbbb3": "Accept", "/observations/bbbb3": "Accept-Encoding"}
    assert {front.get(address).status_code for address in addresses} == {200}
    for name in ("observations/sheet.csv", "sources/sheet.yaml"):
        (front.register / name).unlink()
    front.publish(AFTER, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court.", "source/sheet@1=A court."])
    time.sleep(9)
    for address, vary in addresses.items():
        gone = front.get(address)
        assert (gone.status_code, gone.headers["cache-control"]) == (410, "public, max-age=10, s-maxage=5")
        assert (gone.headers["vary"], gone.headers["surrogate-key"]) == (vary, "register latest")
    front.stop_service()
    time.sleep(6)
    assert not any(_shows_removed(front.get(address)) for address in addresses)


def _shows_removed(answer: httpx.Response) -> bool:
    return answer.is_success and ("bbbb3" in answer.text or "sheet" in answer.text)


def test_one_client_over_its_limit_costs_others_nothing(tmp_path, database):
    """Behind a proxy a connection is not a client: what follows a refusal on it is answered, and not held back."""
    settings = Settings(
        database_url=database.reader, port=8000, look_seconds=0.05, trusted_proxies=1, rate_limit="1/hour"
    )
    register = write_register(tmp_path / "data", FIVE)
    seal(register, "1.0.0")
    load_register(database.owner, register)
    with serve(settings) as served, httpx.Client(base_url=served.url) as proxy:  # one connection, kept alive
        served.wait_for_release("1.0.0")
        for number in range(3):
            one = proxy.get(f"/v1/observations?limit={number + 1}", headers={"X-Forwarded-For": "192.0.2.1"})
            other = proxy.get(
                f"/v1/observations?limit={number + 1}", headers={"X-Forwarded-For": f"192.0.2.{number + 2}"}
            )
            assert (one.status_code, other.status_code) == (429 if number else 200, 200)


# Caches that are asked by HTTP


class Asked(BaseHTTPRequestHandler):
    """A cache's API that notes what it is asked, and answers as its documentation says."""

    log: list[tuple[str, str, dict[str, str], object]]
    status, body = 200, b'{"success": true, "errors": [], "messages": [], "result": {"id": "1"}}'

    def answer(self) -> None:
        text = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.log.append((self.command, self.path, headers, json.loads(text) if text else None))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    do_POST = do_BAN = do_PURGE = answer

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def cache_api(tmp_path) -> Iterator[type[Asked]]:
    class Handler(Asked):
        pass

    Handler.log = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    (tmp_path / "token").write_text("secret-1071\n")
    Handler.url = f"http://127.0.0.1:{server.server_port}"
    yield Handler
    server.shutdown()
    thread.join()
    server.server_close()


def run_purge(*arguments: str):
    return CliRunner().invoke(app, ["purge", *arguments])


def test_a_forward_proxy_gets_no_purge_and_cannot_answer_it(cache_api, monkeypatch):
    """With the name and password, and 200 for a purge that no cache heard of."""
    monkeypatch.setenv("http_proxy", cache_api.url)
    with socket.create_server(("127.0.0.1", 0)) as unused:
        nobody = f"127.0.0.1:{unused.getsockname()[1]}"
    done = run_purge("latest", "--cache", f"varnish:http://user:secret@{nobody}")
    assert (done.exit_code, cache_api.log) == (1, [])
    assert f"Not purged: http://{nobody}" in done.output


def test_fastly_is_asked_as_it_documents(cache_api, tmp_path):
    cache_api.body = b'{"latest": "108-1391560174-974124", "figure-bbbb2": "108-1391560174-974125"}'
    where = f"fastly:{cache_api.url}/service/SU1Z0isxPaozGVKXdv0eY#{tmp_path}/token"
    assert run_purge("latest", "figure-bbbb2", "--cache", where).exit_code == 0
    [(method, path, headers, body)] = cache_api.log
    assert (method, path, body) == ("POST", "/service/SU1Z0isxPaozGVKXdv0eY/purge", None)
    assert (headers["surrogate-key"], headers["fastly-key"]) == ("latest figure-bbbb2", "secret-1071")


@pytest.mark.parametrize(
    "tag", ["", "Register", "register,latest", "figure-", "figure", "bbbb2", "figure-bbbb2 latest"]
)
def test_a_tag_that_no_answer_can_have_is_refused(cache_api, tag):
    """Of an unset variable, for one: who removes a figure would believe that it is gone."""
    done = run_purge("latest", tag, "--cache", f"varnish:{cache_api.url}")
    assert (done.exit_code, cache_api.log) == (1, [])
    assert f"No answer has the tag {tag!r}; nothing was purged." in done.output


def test_cloudflare_is_asked_as_it_documents_thirty_at_a_time(cache_api, tmp_path):
    where = f"cloudflare:{cache_api.url}/client/v4/zones/023e105f4ecef8ad9ca31a8372d0c353#{tmp_path}/token"
    tags = [f"figure-{number}" for number in range(31)]
    assert run_purge(*tags, "--address", "https://x.example/v1", "--cache", where).exit_code == 0
    path = "/client/v4/zones/023e105f4ecef8ad9ca31a8372d0c353/purge_cache"
    assert [(one[0], one[1], one[3]) for one in cache_api.log] == [
        ("POST", path, {"tags": tags[:30]}),
        ("POST", path, {"tags": tags[30:]}),
        ("POST", path, {"files": ["https://x.example/v1"]}),
    ]
    assert {one[2]["authorization"] for one in cache_api.log} == {"Bearer secret-1071"}


def test_a_cache_that_knows_addresses_only_is_given_those(cache_api, tmp_path):
    addresses = ["--address", "https://x.example/v1?release=1.0.0", "--address", "https://x.example/a%20b"]
    where = f"purge:{cache_api.url}", f"urls:{cache_api.url}/purge#{tmp_path}/token"
    assert run_purge("register", *addresses, "--cache", where[0], "--cache", where[1]).exit_code == 0
    (first, second, third) = cache_api.log
    assert (first[0], first[1], first[2]["host"]) == ("PURGE", "/v1?release=1.0.0", "x.example")
    assert (second[0], second[1]) == ("PURGE", "/a%20b")
    assert (third[0], third[1]) == ("POST", "/purge")
    assert third[3] == {"urls": ["https://x.example/v1?release=1.0.0", "https://x.example/a%20b"]}
    assert third[2]["authorization"] == "Bearer secret-1071"


@pytest.mark.parametrize(("way", "status"), [("purge:%s", 0), ("urls:%s/purge", 1), ("varnish:%s", 1)])
def test_of_an_address_that_it_does_not_have_a_cache_says_404_only_to_purge(cache_api, way, status):
    cache_api.status = 404
    done = run_purge("register", "--address", "https://x.example/v1", "--cache", way % cache_api.url)
    assert (done.exit_code, "Not purged" in done.output) == (status, bool(status))
    cache_api.status = 405  # of who knows no PURGE
    assert run_purge("register", "--address", "https://x.example/v1", "--cache", way % cache_api.url).exit_code == 1


@pytest.mark.parametrize("command", [["load"], ["purge"]])
def test_no_cache_is_asked_for_addresses_that_nobody_asks_for(cache_api, database, tmp_path, monkeypatch, command):
    register = write_register(tmp_path / "register", BEFORE)
    seal(register, "1.0.0", "2024-05-01")
    monkeypatch.setenv("MISCONDUCT_OWNER_URL", database.owner)
    assert CliRunner().invoke(app, ["load", "--register", str(register)]).exit_code == 0
    with psycopg.connect(database.owner) as owner:
        owe(owner, ["/observations/bbbb3"])
    monkeypatch.setenv("MISCONDUCT_REGISTER_PATH", str(register))
    monkeypatch.setenv("MISCONDUCT_PURGE", f"urls:{cache_api.url}/purge")
    refused = CliRunner().invoke(app, command)
    assert refused.exit_code == 1
    assert "MISCONDUCT_BASE_URL is not set." in refused.output
    assert cache_api.log == []
    assert [one.paths for one in find_owed(database.owner)] == [["/observations/bbbb3"]]


def test_what_a_refusing_cache_is_owed_it_is_asked_for_again_with_the_addresses(
    cache_api, database, tmp_path, monkeypatch
):
    register = write_register(tmp_path / "register", BEFORE)
    seal(register, "1.0.0", "2024-05-01")
    monkeypatch.setenv("MISCONDUCT_OWNER_URL", database.owner)
    monkeypatch.setenv("MISCONDUCT_LOOK_SECONDS", "0.05")
    monkeypatch.setenv("MISCONDUCT_BASE_URL", "https://x.example")
    monkeypatch.setenv("MISCONDUCT_HOSTS", "y.example")
    monkeypatch.setenv("MISCONDUCT_PURGE", f"urls:{cache_api.url}/purge")
    assert CliRunner().invoke(app, ["load", "--register", str(register)]).exit_code == 0
    for name in ("observations/sheet.csv", "sources/sheet.yaml"):
        (register / name).unlink()
    removed = ["bbbb3@1=A court.", "source/sheet@1=A court."]
    seal(write_register(register, AFTER), "2.0.0", "2024-06-01", removed=removed)
    cache_api.status = 503
    refused = CliRunner().invoke(app, ["load", "--register", str(register)])
    assert (refused.exit_code, "Not purged: " in refused.output) == (1, True)
    for host in ("x.example", "y.example"):
        assert f"https://{host}/v1/observations/bbbb3" in cache_api.log[-1][3]["urls"]
    asked, slept = len(cache_api.log), list[float]()
    monkeypatch.setattr(cli, "sleep", slept.append)
    assert (run_purge().exit_code, len(cache_api.log)) == (1, asked + 1)
    cache_api.status = 200
    assert (run_purge().exit_code, cache_api.log[-1]) == (0, cache_api.log[-2])
    assert slept == [SEEN_SECONDS] * 2  # until every worker knows: the load may have ended just now
    assert (run_purge().exit_code, len(cache_api.log)) == (0, asked + 2)  # nothing is owed, and no address is left
    assert len(slept) == 2
    assert CliRunner().invoke(app, ["load", "--register", str(register)]).exit_code == 0
    assert len(cache_api.log) == asked + 2


def test_who_knows_no_cache_settles_no_purge(cache_api, database, tmp_path, monkeypatch):
    register = write_register(tmp_path / "register", FIVE)
    seal(register, "1.0.0", "2024-05-01")
    monkeypatch.setenv("MISCONDUCT_OWNER_URL", database.owner)
    command = ["load", "--register", str(register)]
    assert CliRunner().invoke(app, command).exit_code == 0
    monkeypatch.setenv("MISCONDUCT_PURGE", f"varnish:{cache_api.url}")
    cache_api.status = 503
    assert "Not purged: " in CliRunner().invoke(app, [*command, "--rebuild"]).output
    owed = find_owed(database.owner)
    monkeypatch.delenv("MISCONDUCT_PURGE")
    for again, number, said in ([], 1, 0), (["--rebuild"], 2, 1):
        done = CliRunner().invoke(app, [*command, *again])
        told = (
            "A purge is owed, perhaps to caches that are named elsewhere",
            "That is owed from now on: run `misconduct",
        )
        assert (done.exit_code, [*map(done.output.count, told)]) == (0, [1, said])
        owed = [*owed, *find_owed(database.owner)[len(owed) :]]
        assert (find_owed(database.owner), len(owed)) == (owed, number)
    assert CliRunner().invoke(app, ["purge"]).exit_code == 1
    assert CliRunner().invoke(app, ["purge", "--none", "register"]).exit_code == 1
    with monkeypatch.context() as web:  # where the service runs, without the owner's address
        web.delenv("MISCONDUCT_OWNER_URL")
        web.setenv("MISCONDUCT_DATABASE_URL", database.reader)
        refused = CliRunner().invoke(app, ["purge", "--none"])
        assert (refused.exit_code, find_owed(database.owner)) == (1, owed)
        assert "Only the owner can note that no purge is owed" in refused.output
        cache_api.status = 200
        done = CliRunner().invoke(app, ["purge", "--cache", f"varnish:{cache_api.url}"])
        assert done.exit_code == 0
        web.setenv("MISCONDUCT_PURGE", f"varnish:{cache_api.url}")
        assert "If a purge was owed, it still is" in CliRunner().invoke(app, ["purge"]).output
        assert find_owed(database.owner) == owed
    assert (CliRunner().invoke(app, ["purge", "--none"]).exit_code, find_owed(database.owner)) == (0, [])


def test_a_recall_and_a_rebuild_owe_a_purge(database, tmp_path):
    register = write_register(tmp_path / "register", FIVE)
    seal(register, "1.0.0", "2024-05-01")
    seal(write_register(register, SIX), "1.1.0", "2024-06-01")
    load_register(database.owner, register)
    assert find_owed(database.owner) == []
    recall_release(database.owner, "1.1.0", "Wrong.")
    assert [one.paths for one in find_owed(database.owner)] == [[]]
    load_register(database.owner, register, rebuild=True)
    assert [one.paths for one in find_owed(database.owner)] == [[], []]
    settle(database.owner, find_owed(database.owner))
    with psycopg.connect(database.owner) as owner:
        owner.execute("DELETE FROM files WHERE release = 1")
    load_register(database.owner, register)  # what is built again may differ from what caches have
    assert [one.paths for one in find_owed(database.owner)] == [[]]


def test_a_recall_that_was_stopped_before_it_purged_is_completed_by_the_same_command(
    cache_api, database, tmp_path, monkeypatch
):
    register = write_register(tmp_path / "register", FIVE)
    seal(register, "1.0.0", "2024-05-01")
    seal(write_register(register, SIX), "1.1.0", "2024-06-01")
    load_register(database.owner, register)
    monkeypatch.setenv("MISCONDUCT_OWNER_URL", database.owner)
    monkeypatch.setenv("MISCONDUCT_DATABASE_URL", database.reader)
    monkeypatch.setenv("MISCONDUCT_PURGE", f"varnish:{cache_api.url}")
    monkeypatch.setattr(cli, "sleep", lambda _: None)
    recall_release(database.owner, "1.1.0", "Wrong.")  # all that the stopped command came to
    for purges in (1, 1):
        done = CliRunner().invoke(app, ["recall", "1.1.0", "--reason", "Wrong."])
        assert (done.exit_code, done.output.splitlines()[-1]) == (1, "Release 1.1.0 is recalled already: Wrong.")
        assert (len(cache_api.log), find_owed(database.owner)) == (purges, [])


def test_a_cache_that_knows_addresses_only_is_said_to_keep_what_has_none(cache_api, database, tmp_path, monkeypatch):
    register = write_register(tmp_path / "register", FIVE)
    seal(register, "1.0.0", "2024-05-01")
    monkeypatch.setenv("MISCONDUCT_OWNER_URL", database.owner)
    monkeypatch.setenv("MISCONDUCT_BASE_URL", "https://x.example")
    monkeypatch.setenv("MISCONDUCT_PURGE", f"urls:{cache_api.url}/purge,varnish:{cache_api.url}")
    monkeypatch.setattr(cli, "sleep", lambda _: None)
    command = ["load", "--register", str(register)]
    said = (
        f"{cache_api.url}/purge knows addresses only, and what a recall, a rebuild or another version changed has none"
    )
    assert said not in CliRunner().invoke(app, command).output
    done = CliRunner().invoke(app, [*command, "--rebuild"])
    assert (done.exit_code, done.output.count(said), done.output.count("knows addresses")) == (0, 1, 1)
    with psycopg.connect(database.owner) as owner:
        owe(owner, ["/observations/bbbb3"])
    assert said not in run_purge().output
    with psycopg.connect(database.owner) as owner:
        owe(owner)
    done = run_purge()
    assert (done.exit_code, done.output.count(said), find_owed(database.owner)) == (0, 1, [])


def test_a_dry_run_says_what_would_be_asked_without_a_token_and_asks_nothing(cache_api, tmp_path):
    where = f"fastly:{cache_api.url}/service/1#{tmp_path}/token", f"nginx:{tmp_path}"
    done = run_purge("latest", "--dry-run", "--cache", where[0], "--cache", where[1])
    assert done.stdout.splitlines() == [
        f"POST {cache_api.url}/service/1/purge Surrogate-Key: latest",
        f"delete the files in {tmp_path} with Surrogate-Key: latest",
    ]
    assert cache_api.log == []
    assert (tmp_path / "token").exists()


def test_a_cache_that_refuses_fails_the_command_after_the_others_were_asked(cache_api, tmp_path):
    cache_api.body = b'{"success": false, "errors": [{"code": 1107, "message": "Only 30 tags"}]}'
    bad = f"cloudflare:{cache_api.url}/client/v4/zones/1#{tmp_path}/token"
    done = run_purge("--cache", bad, "--cache", f"varnish:{cache_api.url}", "--cache", "varnish:http://127.0.0.1:9")
    assert done.exit_code == 1
    assert "Only 30 tags" in done.output
    assert "127.0.0.1:9" in done.output
    assert "secret" not in done.output
    assert [one[0] for one in cache_api.log] == ["POST", "BAN"]


def test_a_cache_that_is_silent_is_asked_once(monkeypatch):
    """A figure that the law removed may have thousands of addresses, and a load waits for each answer."""
    monkeypatch.setattr(purge, "SECONDS", 1 / 3)
    asked = []

    class Silent(Asked):
        log: ClassVar = []

        def do_PURGE(self) -> None:
            asked.append(self.path)
            time.sleep(2)

    with answering(Silent) as port:
        addresses = [word for name in "abc" for word in ("--address", f"https://x.example/{name}")]
        done = run_purge(*addresses, "--cache", f"purge:http://127.0.0.1:{port}")
    assert (done.exit_code, asked) == (1, ["/a"])
    assert f"purge:http://127.0.0.1:{port}: 2 more, of which it was not asked" in done.output


@pytest.mark.parametrize(
    ("piece", "pause", "told"),
    [(b".", 0.1, "no whole answer within 1 seconds"), (b"." * 65_536, 0.0, "an answer of more than 1,000,000 bytes")],
)
def test_a_cache_that_answers_without_end_is_told_in_a_line(monkeypatch, piece, pause, told):
    monkeypatch.setattr(purge, "SECONDS", 1 / 3)  # each piece comes in time

    class Endless(Asked):
        log: ClassVar = []

        def answer(self) -> None:
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                while True:
                    self.wfile.write(piece)
                    time.sleep(pause)

        do_BAN = answer

    with answering(Endless) as port:
        done = run_purge("latest", "--cache", f"varnish:http://127.0.0.1:{port}")
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert f"http://127.0.0.1:{port}: {told}" in done.output


@pytest.mark.parametrize("wrong", ["varnish", "varnish:/folder", "nginx:http://x", "akamai:https://x", "fastly:https://x", "fastly:https://x#/none", "varnish:http://[::1", "varnish:http://x:y", "purge:http://"])  # fmt: skip
def test_a_wrong_cache_is_refused_before_anything_is_asked(wrong):
    done = run_purge("--cache", wrong)
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)  # and no traceback


def test_a_token_is_not_read_from_a_device():
    with pytest.raises(MisconductError, match=r"The token cannot be read: /dev/null: It is not a plain file\."):
        plan(["fastly:http://127.0.0.1:9#/dev/null"], (), ())


@pytest.mark.parametrize("token", ["secret\u200b\n", "\n", "two\nlines", b"\xff"])
def test_what_no_header_can_be_is_no_token_and_told_before_anything_is_asked(tmp_path, token):
    (tmp_path / "token").write_bytes(token if isinstance(token, bytes) else token.encode())
    with pytest.raises(MisconductError, match=rf"What is in {tmp_path}/token is no token\."):
        plan([f"fastly:http://127.0.0.1:9#{tmp_path}/token"], (), ())


@pytest.mark.parametrize(
    ("tag", "address", "place"),
    [
        ("täg", "http://x/", "varnish:http://127.0.0.1:9"),
        ("latest", "http://x/", "varnish:http://a..b"),
        ("latest", "not an address", "purge:http://127.0.0.1:9"),
        ("latest", "http://[::1", "purge:http://127.0.0.1:9"),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_line(tag, address, place):
    done = run_purge(tag, "--address", address, "--cache", place)
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert len(done.output.splitlines()) in (1, 2)


def test_half_a_file_of_nginx_is_deleted_too_and_others_stay(tmp_path):
    head = b"\x05\x00KEY: http://x/\nHTTP/1.1 200 OK\r\nSurrogate-Key: %b\r\nvary: Accept\r\n\r\nlatest"
    answer, half, other, deeper, letters = "a" * 32, "c" * 32 + ".0000000001", "b" * 32, f"d/{'d' * 32}", "letters.txt"
    untagged = "e" * 32
    files = {
        answer: head % b"register latest",
        other: head % b"register release-1.0.0",
        half: b"\x05\x00KEY",
        deeper: head % b"latest-1",
        letters: b"Dear Sir",
        untagged: b"\x05\x00KEY: http://another.site/\nHTTP/1.1 200 OK\r\nvary: Accept\r\n\r\nlatest",
    }
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert run_purge("latest", "--cache", f"nginx:{tmp_path}").exit_code == 0
    left = {one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*") if one.is_file()}
    assert left == {other, deeper, letters, untagged}


def test_the_head_of_a_file_of_nginx_is_read_as_far_as_nginx_lets_it_be(tmp_path):
    [size] = re.findall(r"proxy_buffer_size (\d+)k;", (PROJECT / "deploy" / "nginx.conf").read_text())
    for name, tag in (("a" * 32, b"latest"), ("b" * 32, b"release-1.0.0")):
        key, tags = b"\x05\x00KEY: http://x/", b"\r\nSurrogate-Key: %b\r\n\r\n" % tag
        (tmp_path / name).write_bytes(key.ljust(int(size) * 1024 - len(tags), b"x") + tags + b"latest")
    assert run_purge("latest", "--cache", f"nginx:{tmp_path}").exit_code == 0
    assert [one.name for one in tmp_path.iterdir()] == ["b" * 32]


def test_a_file_that_is_none_of_nginx_stays_whatever_its_name(tmp_path):
    """A folder that is misspelt may have others' files, which are often named by 32 hexadecimal digits."""
    picture = tmp_path / ("a" * 32)
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    done = run_purge("latest", "--cache", f"nginx:{tmp_path}")
    assert (done.exit_code, f"{picture}: this is no answer that an nginx keeps" in done.output) == (1, True)
    assert picture.exists()


@pytest.mark.parametrize(
    ("cache", "said"),
    [
        ("http://u:S3CRE@TPW@127.0.0.1:1/", "An address with an @ is not a cache."),
        ("fastly:https://x/service/X#S3CRETPW", "What is behind # of a cache (fastly) is not the path of a file."),
        ("varnish:http://u:S3CRETPW@127.0.0.1:9/", "Not purged: http://127.0.0.1:9: All connection attempts failed"),
    ],
)
def test_a_secret_in_the_address_of_a_cache_is_not_shown(cache, said):
    done = run_purge("latest", "--cache", cache)
    assert (done.exit_code, said in done.output, "S3CRE" in done.output) == (1, True, False)


def test_the_name_and_password_in_the_address_of_a_cache_are_sent(cache_api):
    assert run_purge("latest", "--cache", f"varnish:{cache_api.url.replace('//', '//u:a%40b@')}").exit_code == 0
    [(_, _, headers, _)] = cache_api.log
    assert headers["authorization"] == "Basic dTphQGI="


def test_what_may_not_be_read_of_a_folder_of_nginx_is_not_said_to_be_deleted(tmp_path):
    with tempfile.TemporaryDirectory(prefix="mt-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "b").mkdir(mode=0o700)
        answer = folder / "b" / ("b" * 32)
        answer.write_bytes(b"\x05\x00KEY: http://x/\nHTTP/1.1 200 OK\r\nsurrogate-key: latest\r\n\r\n")
        (step,) = plan([f"nginx:{folder}"], ("latest",), ())
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        else:
            (folder / "b").chmod(0)
        try:
            with pytest.raises(CacheRefused, match=f"{folder}/b: Permission denied"):
                step.do()
        finally:
            if root:
                os.seteuid(0)
            else:
                (folder / "b").chmod(0o700)
        assert answer.exists()
        step.do()
        assert not answer.exists()


def test_a_link_in_a_folder_of_nginx_is_refused_as_what_is_behind_it_would_stay(tmp_path):
    answer = tmp_path / "disk" / ("b" * 32)
    (tmp_path / "disk").mkdir()
    answer.write_bytes(b"\x05\x00KEY: http://x/\nHTTP/1.1 200 OK\r\nsurrogate-key: latest\r\n\r\n")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "b").symlink_to(tmp_path / "disk")
    (step,) = plan([f"nginx:{tmp_path}/cache"], ("latest",), ())
    with pytest.raises(CacheRefused, match=f"^{tmp_path}/cache/b: this is a link"):
        step.do()
    (tmp_path / "cache" / "b").unlink()
    (tmp_path / "cache").rename(tmp_path / "other")
    (tmp_path / "cache").symlink_to(tmp_path / "disk")  # the folder itself may be one
    step.do()
    assert not answer.exists()
