"""Every link is asked, politely: one link at a time of a host, and five at a time in all."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from misconduct.cli import app
from misconduct.errors import RegisterError
from tests.registers import NEWS, REPORT, write_register


class Notes:
    """What several servers were asked, and how many requests they were answering at once."""

    def __init__(self):
        self.lock, self.asked, self.busy, self.most_at_once, self.most_of_a_host = threading.Lock(), [], [], 0, 0


class Handler(BaseHTTPRequestHandler):
    """Answers with the status in the path. `/405` refuses only HEAD, and 302 leads to the next server."""

    def answer(self):
        notes, (host, _) = self.server.notes, self.server.server_address
        with notes.lock:
            notes.asked.append((self.command, self.path))
            notes.busy.append(host)
            notes.most_at_once = max(notes.most_at_once, len(notes.busy))
            notes.most_of_a_host = max(notes.most_of_a_host, notes.busy.count(host))
        time.sleep(0.05)
        status = 200 if (self.command, self.path) == ("GET", "/405") else int(self.path[1:4])
        with notes.lock:
            notes.busy.remove(host)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"{self.server.next}/{self.path[5:]}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = answer  # noqa: N815

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def servers(monkeypatch):
    """Seven servers, each at another loopback address, and their notes."""
    monkeypatch.setenv("NO_PROXY", "*")
    notes = Notes()
    running = [ThreadingHTTPServer((f"127.0.0.{number}", 0), Handler) for number in range(1, 8)]
    addresses = ["http://{}:{}".format(*server.server_address) for server in running]
    for server, following in zip(running, [*addresses[1:], addresses[0]], strict=True):
        server.notes, server.next = notes, following
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield addresses, notes
    for server in running:
        server.shutdown()
        server.server_close()


def check_links(tmp_path, urls, *words):
    """Run the command on a register with these links, and return the error, and each status by its link."""
    data, sources = write_register(tmp_path), {}
    for number, url in enumerate(urls):
        sources[f"sources/other-{number}.yaml"] = (
            f"id: other-{number}\ntitle: x\npublisher: x\npublished: 2023\nurl: {url}\nlicence: CC0-1.0\nheld: false\n"
        )
    for one in (NEWS, REPORT):
        text = (data / f"sources/{one}.yaml").read_text()
        sources[f"sources/{one}.yaml"] = text.replace("https://example.org/", urls[0])
    write_register(tmp_path, sources)
    done = CliRunner().invoke(app, ["check-links", "--data", str(data), *words])
    lines = (line.split(maxsplit=3) for line in done.stdout.splitlines())
    return done.exception, {url: (word, status) for word, _, url, status in lines}


def test_dead_links_are_named_and_the_command_fails(tmp_path, servers):
    here = servers[0][0]
    with_port_of_nobody = "http://127.0.0.9:9/"
    error, found = check_links(tmp_path, [f"{here}/200", f"{here}/404", f"{here}/403", with_port_of_nobody])
    assert isinstance(error, RegisterError)
    assert "2 of 6" in str(error)
    assert found[f"{here}/200"] == ("ok", "200")
    assert found[f"{here}/404"] == ("dead", "404")
    assert found[f"{here}/403"] == ("ok", "403"), "a page that only refuses programs"


def test_get_is_tried_where_head_is_refused_and_redirects_are_followed(tmp_path, servers):
    (here, *_), notes = servers
    error, found = check_links(tmp_path, [f"{here}/405", f"{here}/302/200", f"{here}/302/404"], "--slug", "other-1")
    assert (error, found) == (None, {f"{here}/302/200": ("ok", "200")})
    error, found = check_links(tmp_path, [f"{here}/405", f"{here}/302/200", f"{here}/302/404"])
    assert found == {
        f"{here}/405": ("ok", "200"),
        f"{here}/302/200": ("ok", "200"),
        f"{here}/302/404": ("dead", "404"),
    }
    assert ("GET", "/405") in notes.asked
    assert ("GET", "/200") not in notes.asked


def test_at_most_five_are_asked_at_once_and_each_host_only_one_thing(tmp_path, servers):
    addresses, notes = servers
    urls = [f"{address}/{path}" for path in ("200", "200/again") for address in addresses]
    assert check_links(tmp_path, urls)[0] is None
    assert (notes.most_at_once, notes.most_of_a_host) == (5, 1)
