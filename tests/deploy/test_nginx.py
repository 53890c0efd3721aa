"""Real nginx with deploy/nginx.conf, before two services on one database."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from itertools import count
from pathlib import Path
from threading import Thread

import httpx
import polars
import pytest
from pydantic import TypeAdapter

from misconduct.api.problems import ProblemDocument
from misconduct.formats import MEDIA_TYPES

from ..conftest import ROOT, Service

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

CLIENT, OTHER_CLIENT, FLOOD = "127.0.0.71", "127.0.0.72", "127.0.0.73"
PUBLIC_URL = "https://misconduct.example.org"
OURS = f"misconduct/{version('misconduct')}"
PLAIN = {"Accept-Encoding": "identity"}
LOOK_UP = "/v1/figures?value=1492"
PICTURE = "/v1/charts/how-many-were-accused"
HAS_IPV6 = (
    Path("/proc/net/if_inet6").exists()
    and "00000001 01 " in Path("/proc/net/if_inet6").read_text()
)
NEWEST = (ROOT / "data/releases.csv").read_text().splitlines()[-1].partition(",")[0]


class Proxy:
    """An nginx with the committed file, in which only ports, upstreams and paths are others."""

    def __init__(self, folder, services, level="emerg"):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        text = (ROOT / "deploy/nginx.conf").read_text()
        places = {
            "        listen 80;": f"        listen 127.0.0.1:{port};",
            "        listen [::]:80;": f"        listen [::1]:{port};"
            if HAS_IPV6
            else "",
        }
        places |= {
            f"{path}/": f"{folder}/"
            for path in ("/run", "/var/log/nginx", "/var/cache/nginx")
        }
        places |= {"error.log emerg;": f"error.log {level};"}
        places |= {
            f"service-{number}:8000": one.url[len("http://") :]
            for number, one in enumerate(services, 1)
        }
        for written, here in places.items():
            assert written in text
            text = text.replace(written, here)
        (folder / "nginx.conf").write_text(text)
        self.url, self.log = f"http://127.0.0.1:{port}", folder / "access.log"
        self.client = self.client_at(CLIENT)
        self.process = subprocess.Popen(
            [NGINX, "-c", folder / "nginx.conf", "-g", "daemon off;"]
        )
        deadline = time.monotonic() + 20
        while not (folder / "nginx.pid").exists():  # nginx writes it when it listens
            assert self.process.poll() is None, "nginx did not start"
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def client_at(self, address):
        """Return a client with this address."""
        return httpx.Client(
            base_url=self.url,
            timeout=30,
            transport=httpx.HTTPTransport(local_address=address),
        )

    def stop(self):
        self.client.close()
        self.process.terminate()
        self.process.wait(timeout=30)


@contextmanager
def proxying(home):
    """A proxy, and the services behind it."""
    folder = Path(tempfile.mkdtemp(prefix="misconduct-nginx-"))
    folder.chmod(0o755)  # nginx works as another user
    services = [Service(home, MISCONDUCT_PUBLIC_URL=PUBLIC_URL) for _ in range(2)]
    try:
        proxy = Proxy(folder, [one.wait() for one in services])
        try:
            yield proxy, services
        finally:
            proxy.stop()
    finally:
        for one in services:
            one.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def proxy(home):
    with proxying(home) as (running, _):
        yield running


@pytest.fixture
def client(proxy):
    return proxy.client


@pytest.mark.parametrize(
    "path", ["/", LOOK_UP, "/v1/figures.csv", f"{PICTURE}.png", f"{PICTURE}.svg"]
)
def test_an_answer_comes_compressed_and_plain(client, path):
    compressed, plain = client.get(path), client.get(path, headers=PLAIN)
    assert compressed.status_code == plain.status_code == 200
    assert compressed.headers.get("content-encoding") == (
        None if path.endswith("png") else "gzip"
    )
    assert "content-encoding" not in plain.headers
    assert compressed.content == plain.content
    assert "Accept" in plain.headers["vary"]


def read_log(proxy, path, number):
    """Return where the answers to requests for a path were from; nginx logs one after it has sent it."""
    deadline, logged = time.monotonic() + 10, []
    while len(logged) < number and time.monotonic() < deadline:
        lines = proxy.log.read_text().splitlines()
        logged = [line.split()[-1] for line in lines if f" {path} " in line]
    return logged


def test_a_second_answer_comes_from_the_cache_and_confirms_etags(proxy, client):
    path = "/v1/notes"
    for encoding in ({"Accept-Encoding": "gzip"}, PLAIN):
        tag = client.get(path, headers=encoding).headers["etag"]
        again = client.get(path, headers={"If-None-Match": tag} | encoding)
        assert again.status_code == 304
    as_table = client.get(path, headers={"Accept": "text/csv"})
    assert as_table.headers["content-type"] == CSV
    assert read_log(proxy, path, 5) == ["MISS", "HIT", "MISS", "HIT", "MISS"]


CSV, JSON, XLSX = MEDIA_TYPES["csv"], MEDIA_TYPES["json"], MEDIA_TYPES["xlsx"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV, */*", CSV),
        ("text/csv; charset=utf-8", CSV),
        ("text/*", CSV),
        ("text/csv;q=0.9", CSV),
        ("application/zip", MEDIA_TYPES["zip"]),
        ("application/json;q=0.4, text/csv;q=0.5", CSV),
        ("application/json;q=0, */*;q=0.1", CSV),
        (f"{MEDIA_TYPES['parquet']}, {JSON};q=0.9", MEDIA_TYPES["parquet"]),
        (XLSX, XLSX),
        (
            "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8",
            "image/svg+xml",
        ),
        ("application/pdf", None),
        ("video/mp4, text/csv;q=0", None),
        ("a" * 7_000, JSON),
        ("a/" * 3_500, JSON),
        ("video/mp4," * 30 + "text/csv", JSON),
    ],
)
def test_the_format_that_is_accepted_best_is_sent(client, accept, media_type):
    path = PICTURE
    answer = client.get(path, headers={"Accept": accept})
    assert answer.status_code == (200 if media_type else 406)
    sent = media_type or "application/problem+json"
    assert answer.headers["content-type"] == sent


def test_the_cache_keeps_one_answer_for_all_browsers(proxy, client):
    path = "/v1/sources"
    for kinds in ("application/xhtml+xml", "image/avif", "image/webp", "x" * 900):
        client.get(path, headers={"Accept": f"text/html,{kinds},*/*;q=0.8"})
    assert read_log(proxy, path, 4) == ["MISS", "HIT", "HIT", "HIT"]


@pytest.mark.parametrize("name", ["figures.csv", "charts/how-many-were-accused.svg"])
def test_a_file_of_a_release_has_ranges_and_its_length(client, name):
    address = f"/v1/releases/{NEWEST}/{name}"
    whole = (ROOT / f"data/releases/{NEWEST}/{name}").read_bytes()
    part = client.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole[10:20])
    assert client.head(address).headers["content-length"] == str(len(whole))
    known = client.get(address, headers={"If-None-Match": part.headers["etag"]})
    assert known.status_code == 304


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_table_has_ranges_and_its_length(proxy, form):
    """A client asks for the length, and then for ranges: of what is not compressed, though it accepts gzip."""
    address = f"/v1/indicators/complaints.{form}"
    proxy.client.get(address)  # compressed, in the cache
    whole = proxy.client.get(address, headers=PLAIN).content
    head = proxy.client.head(address, headers=PLAIN)
    assert head.headers["content-length"] == str(len(whole))
    part = proxy.client.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole[10:20])
    if form == "csv":
        read = polars.read_csv(f"{proxy.url}{address}", infer_schema_length=None)
        assert len(read) == whole.count(b"\n") - 1


def test_gzip_is_not_sent_to_a_client_that_refuses_it(client):
    for accepted in ("gzip;q=0", "br, gzip; q=0.0, *", "identity"):
        answer = client.get("/v1", headers={"Accept-Encoding": accepted})
        assert "content-encoding" not in answer.headers


def test_long_questions_come_through(client):
    asked = {"q": "é" * 200}, {"id": ",".join(["k7m3q:1492"] * 100)}
    for path, query in zip(("/v1/figures", "/v1/standing"), asked, strict=True):
        assert client.get(path, params=query).status_code == 200


@pytest.mark.parametrize(
    ("path", "asked", "status", "code"),
    [
        ("/metrics", {}, 404, "not_found"),
        ("/v1", {"method": "POST", "content": b"x" * 2_000}, 413, "content_too_large"),
        ("/v1?q=" + "x" * 9_000, {}, 414, "address_too_long"),
        ("/v1", {"headers": {"Cookie": "x" * 9_000}}, 400, "bad_request"),
        ("/v1", {"headers": {"Host": "a b"}}, 400, "bad_request"),
        ("/v1/%00", {}, 400, "bad_request"),
        ("/v1", {"method": "TRACE"}, 405, "method_not_allowed"),
        ("/_problem", {}, 404, "not_found"),
    ],
)
def test_what_nginx_refuses_is_a_problem_that_pages_of_other_sites_can_read(
    client, path, asked, status, code
):
    answer = client.request(**{"method": "GET", "url": path, **asked})
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert (
        answer.headers["access-control-allow-origin"],
        "retry-after" in answer.headers,
    ) == ("*", False)
    problem = TypeAdapter(ProblemDocument).validate_json(answer.content)
    assert (problem["status"], problem["code"]) == (status, code)


@pytest.mark.skipif(not HAS_IPV6, reason="this machine has no IPv6")
def test_clients_with_ipv6_are_answered(proxy):
    address = proxy.url.replace("127.0.0.1", "[::1]")
    assert httpx.get(f"{address}/v1", timeout=30).status_code == 200


def test_a_flood_is_refused_and_others_are_answered(proxy):
    with (
        proxy.client_at(FLOOD) as flood,
        proxy.client_at(OTHER_CLIENT) as other,
        ThreadPoolExecutor(8) as threads,
    ):
        answers = list(threads.map(lambda _: flood.get("/v1"), range(300)))
        expect_to_wait([one for one in answers if one.status_code != 200])
        assert flood.get("/healthz").status_code == other.get("/v1").status_code == 200


def expect_to_wait(refused):
    """Expect that some answers are problems that say how long to wait."""
    assert refused
    for answer in refused:
        assert (answer.status_code, answer.json()["status"]) == (429, 429)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/v1/check", "127.0.0.7"),
        ("/v1/check.json", "127.0.0.8"),
        ("/mcp", "127.0.0.9"),
    ],
)
def test_a_flood_of_texts_is_told_to_wait_whatever_their_length(proxy, path, address):
    text = "No number. " * 500
    with proxy.client_at(address) as flood, ThreadPoolExecutor(8) as threads:
        sent = [threads.submit(flood.post, path, content=text) for _ in range(40)]
    answers = [one.result() for one in sent]
    assert 413 not in {one.status_code for one in answers}
    expect_to_wait([one for one in answers if one.status_code == 429])


class Program(BaseHTTPRequestHandler):
    """A service that numbers its answers, which a cache may keep."""

    name = OURS
    kept = "max-age=600"
    numbers = count()

    def do_GET(self):
        body = str(next(self.numbers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", self.kept)
        self.end_headers()
        self.wfile.write(body)

    def version_string(self):
        return self.name

    def log_message(self, *_):
        pass


@pytest.fixture
def programs():
    """A proxy before a service that says which program it is."""
    folder = Path(tempfile.mkdtemp(prefix="misconduct-nginx-"))
    folder.chmod(0o755)
    with ThreadingHTTPServer(("127.0.0.1", 0), Program) as server:
        server.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        proxy = Proxy(folder, [server, server])
        proxy.server = server
        yield proxy
        proxy.stop()
        server.shutdown()
    shutil.rmtree(folder)


def test_the_cache_keeps_the_answers_of_the_program_that_it_names(
    programs, monkeypatch
):
    def is_kept(path):
        first, second = (programs.client.get(path).text for _ in range(2))
        return first == second

    assert is_kept("/v1")
    former = programs.client.get("/v1").text
    monkeypatch.setattr(Program, "name", "misconduct/9.0.0")
    assert not is_kept("/v1/other")
    assert programs.client.get("/v1").text == former
    place = programs.log.with_name("nginx.conf")
    place.write_text(place.read_text().replace(OURS, Program.name))
    programs.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 20
    while programs.client.get("/v1").text == former:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert is_kept("/v1")
    monkeypatch.setattr(Program, "name", OURS)
    assert not is_kept("/v1/another")


def test_what_is_too_old_is_asked_again_before_it_is_sent(programs, monkeypatch):
    """Browsers may show an old table while they ask for a new one; the cache that all share must not."""
    monkeypatch.setattr(Program, "kept", "max-age=1, stale-while-revalidate=86400")
    first = programs.client.get("/v1").text
    time.sleep(2.1)  # nginx counts whole seconds
    assert programs.client.get("/v1").text != first


def test_without_a_service_a_problem_is_sent_and_no_log_names_a_client(programs):
    programs.server.shutdown()
    programs.server.server_close()
    answer = programs.client.get("/v1/figures?value=21")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert read_log(programs, "/v1/figures", 1)
    programs.stop()
    logs = programs.log.read_text()
    logs += programs.log.with_name("error.log").read_text()
    assert not {one for one in (CLIENT, "value=") if one in logs}
