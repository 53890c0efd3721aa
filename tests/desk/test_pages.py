"""The command `pages` asks a page once, and says of each figure typed from it whether the page still prints it.

The pages are those of a server of the tests. `RATE` is on each of them, unless a case has another one.
"""

import gzip
import socket
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest

from misconduct.cli import main
from misconduct.model.kinds import Source
from misconduct_editor.pages import ask_pages, typed_figures
from misconduct_editor.printed import judge_page
from misconduct_editor.register import check
from misconduct_editor.register.check import Register

RATE = "<p>In 2024, 1,204 officers were suspended.</p>"
MENU = f"<ul>{'<li>About the force</li>' * 10}</ul>"
SHELL = "<title>Police data</title><noscript>Enable JavaScript to see 1,204 officers.</noscript><div id=a></div>"
SCRIPT = "<script>show('1,204 officers were suspended')</script>"


class Site(ThreadingHTTPServer):
    """A server that gives `pages`: by path, an answer's status, its type, and its body in pieces."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.pages, self.asked, self.codings = {}, [], []

    def give(
        self, body=RATE, media_type="text/html", status=200, path="/page", **headers
    ):
        """Give a page, and return its address."""
        self.pages[path] = status, {"Content-Type": media_type, **headers}, body
        return self.url + path


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(
            (self.path, self.headers["User-Agent"], time.monotonic())
        )
        self.server.codings.append(self.headers["Accept-Encoding"])
        status, headers, body = self.server.pages[self.path]
        self.send_response(status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        pieces = [body] if isinstance(body, str | bytes) else body
        for piece in pieces:
            if isinstance(piece, float):
                time.sleep(piece)
            else:
                self.wfile.write(piece.encode() if isinstance(piece, str) else piece)
                self.wfile.flush()

    def handle(self):
        with suppress(OSError):  # the command stops reading a page that is too long
            super().handle()

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    with Site() as server:
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def figure(printed="1,204", counted="officers were suspended", **cells):
    row = {
        "id": "k7m3q",
        "source": "a-force-2024",
        "counted": counted,
        "printed": printed,
        "at": "row=1",
    }
    return row | cells


def look(address, row=None, **limits):
    """Return the verdict on a figure, and the note."""
    (found,) = ask_pages(
        [(address, [row or figure()])], "a test", **{"pause": 0, "patience": 5} | limits
    )
    return found["verdict"], found["note"]


WORDS_ONLY = ("changed", "without its number")
PAGES = {  # a page; what is told
    "still printed": (RATE, ("still printed", "")),
    "the number is another": (
        "<p>In 2024, 1,205 officers were suspended.</p>",
        WORDS_ONLY,
    ),
    "neither": (
        "<p>This page has moved to our archive.</p>",
        ("gone", "without its words and number"),
    ),
    "only the number": (
        "<p>1,204 people came.</p>",
        ("not decidable", "without its words"),
    ),
    "no comma": ("1204 officers were suspended", ("still printed", "")),
    "a space": ("1 204 officers were suspended", ("still printed", "")),
    "a space that does not break": (
        "1&nbsp;204 officers were&#160;suspended",
        ("still printed", ""),
    ),
    "a narrow space": ("1\u202f204 officers were suspended", ("still printed", "")),
    "an apostrophe": ("1’204 officers were suspended", ("still printed", "")),
    "a point": ("1.204 officers were suspended", WORDS_ONLY),
    "a longer number": ("11,204 officers were suspended", WORDS_ONLY),
    "a number that it begins": ("1,204,500 officers were suspended", WORDS_ONLY),
    "one with decimals": ("1,204.5 officers were suspended", WORDS_ONLY),
    "digits of two cells": (
        "<td>1</td><td>204</td> officers were suspended",
        WORDS_ONLY,
    ),
    "a footnote": ("1,204<sup>2</sup> officers were suspended", ("still printed", "")),
    "tags in words and numbers": (
        "<b>1</b>,<b>204</b> off<i>icers</i> <a href='x'>were</a> suspended",
        ("still printed", ""),
    ),
    "words in two lines": (
        "<p>1,204</p><p>Officers\n were</p><h2>SUSPENDED</h2>",
        ("still printed", ""),
    ),
    "only in a script": (f"{MENU}<p>Officers were suspended</p>{SCRIPT}", WORDS_ONLY),
    "only in a comment": ("<p>officers were suspended</p><!-- 1,204 -->", WORDS_ONLY),
    "a comment without an end": (
        "<p>1,204 officers were suspended</p><!-- <b>x</b>",
        ("still printed", ""),
    ),
    "a condition for old browsers": (
        "<![if !IE]><![x[<p>1,204 officers were suspended</p>",
        ("still printed", ""),
    ),
    "made by scripts": (SHELL + SCRIPT, ("not read", "scripts make its text")),
    "with scripts": (MENU + RATE + SCRIPT, ("still printed", "")),
    "nothing": ("", ("gone", "without its words and number")),
}


@pytest.mark.parametrize(("body", "told"), PAGES.values(), ids=PAGES)
def test_a_page_is_compared_as_a_reader_sees_it(body, told):
    assert judge_page(body.encode(), "utf-8", [figure()]) == [told]


FIGURES = {  # cells of a figure; the page; what is told
    "below 10": (figure("3"), "3 officers were suspended", ("not decidable", "")),
    "below 10, and another number": (
        figure("3"),
        "4 officers were suspended",
        ("not decidable", "without its number"),
    ),
    "below 10, and no words": (
        figure("3"),
        "3 July",
        ("not decidable", "without its words"),
    ),
    "in words": (
        figure("Twelve"),
        "Twelve officers were suspended",
        ("not decidable", ""),
    ),
    "a share below 10": (
        figure("4.2%"),
        "4.2 per cent of officers were suspended",
        ("still printed", ""),
    ),
    "another share": (figure("4.2%"), "4.3% of officers were suspended", WORDS_ONLY),
    "lakh": (
        figure("1,20,400"),
        "120,400 officers were suspended",
        ("still printed", ""),
    ),
    "thousands": (
        figure("120,400"),
        "1,20,400 officers were suspended",
        ("still printed", ""),
    ),
    "pieces": (
        figure(counted="officers … suspended"),
        "Suspended: 1,204 officers",
        ("still printed", ""),
    ),
    "a piece that is gone": (
        figure(counted="officers … dismissed"),
        RATE,
        ("not decidable", "without its words"),
    ),
    "a dash": (
        figure(counted="2023-24: officers"),
        "2023–24: officers 1,204",
        ("still printed", ""),
    ),
    "a quotation": (
        figure(counted="force’s “list”"),
        "The force's &quot;list&quot;: 1,204",
        ("still printed", ""),
    ),
}


@pytest.mark.parametrize(("row", "body", "told"), FIGURES.values(), ids=FIGURES)
def test_a_figure_is_found_by_its_words_and_its_number(row, body, told):
    assert judge_page(body.encode(), "utf-8", [row]) == [told]


FORCE = "Police forces – 1\u00a0204 agents “suspended”"
TYPED = figure("1 204", "Police forces – … “suspended”")
CODED = {  # bytes, and the type that the server states
    "utf-8, stated": (FORCE.encode(), "text/html; charset=UTF-8"),
    "utf-8, not stated": (FORCE.encode(), "text/html"),
    "windows-1252, stated": (
        FORCE.encode("windows-1252"),
        "text/html; charset=windows-1252",
    ),
    "windows-1252 in the page": (
        b"<meta charset='windows-1252'>" + FORCE.encode("windows-1252"),
        "text/html",
    ),
    "windows-1252, not stated": (FORCE.encode("windows-1252"), "text/html"),
    "utf-8, stated as what it is not": (FORCE.encode(), "text/html; charset=us-ascii"),
    "stated as what nobody knows": (FORCE.encode(), "text/html; charset=none"),
    "text": (FORCE.encode(), "text/plain"),
    "no type": (FORCE.encode(), None),
}


@pytest.mark.parametrize(("body", "media_type"), CODED.values(), ids=CODED)
def test_a_page_is_read_in_its_encoding(site, body, media_type):
    assert look(site.give(body, media_type), TYPED) == ("still printed", "")


SLOW = [
    # encodings of Python that browsers do not know, or that are none of text
    *("punycode", "idna", "unicode_escape", "raw_unicode_escape", "utf-7", "utf-32"),
    *(
        "zip",
        "bz2",
        "hex",
        "base64",
        "uu",
        "quopri",
        "rot13",
        "undefined",
        "mbcs",
        "hz",
    ),
    *("aliases", "cp037", "-", "utf" * 30_000),
]


@pytest.mark.parametrize("charset", SLOW)
def test_an_encoding_that_browsers_do_not_know_is_not_used(charset):
    body = FORCE.encode()
    stated = f"<meta charset={charset}>".encode()
    for page, name in (
        (body, charset),
        (stated + body, None),
        (stated + body, charset),
    ):
        assert judge_page(page, name, [TYPED]) == [("still printed", "")]


PIECES = [
    "a",
    "a-",
    "-",
    "\x1b$B",
    "\x80",
    "+AG",
    "<meta charset=",
    "<meta ",
    " ",
    ",123",
    "1",
]
CHARSETS = "utf-8 utf-16 gb18030 iso-2022-jp shift_jis punycode"


@pytest.mark.parametrize("charset", CHARSETS.split())
def test_a_long_page_takes_linear_time(charset):
    slow = {}
    for piece in PIECES:
        less, more = (measure(piece, charset, size) for size in (30_000, 120_000))
        if more > 2.6**2 * max(less, 0.02):  # a machine tells no less than 20 ms
            slow[piece] = less, more
    assert not slow


def measure(piece, charset, size):
    body = (piece.encode("latin-1") * size)[:size] + b"1-a"
    spent = []
    for _ in range(2):
        begun = time.process_time()
        judge_page(body, charset, [figure()])
        spent.append(time.process_time() - begun)
    return min(spent)


@pytest.mark.parametrize("name", ["charset=punycode", "charset*=punycode''x"])
def test_a_type_that_names_a_slow_encoding_stops_nothing(site, name):
    body = f"{RATE}{'a' * 2_000_000}-{'a' * 2_000_000}"
    address = site.give(body, f"text/html; {name}")
    assert look(address, patience=10) == ("still printed", "")


def test_a_page_that_takes_too_long_is_told_and_the_next_one_is_read(site):
    slow = site.give("<p>a</p>" * 500_000, path="/slow")
    pages = [(slow, [figure(), figure()]), (site.give(), [figure()])]
    found = ask_pages(pages, "a test", pause=0, patience=0.5)
    assert [one["verdict"] for one in found] == [
        "not read",
        "not read",
        "still printed",
    ]


ANSWERS = {  # what the server gives; what is told
    "404": ({"status": 404}, ("gone", "404 Not Found")),
    "410": ({"status": 410}, ("gone", "410 Gone")),
    "403": ({"status": 403}, ("not read", "403 Forbidden")),
    "503": ({"status": 503}, ("not read", "503 Service Unavailable")),
    "a PDF": ({"media_type": "application/pdf"}, ("not read", "it is application/pdf")),
    "huge": (
        {"body": [b" " * 10_000] * 3},
        ("not read", "it is longer than 20,000 bytes"),
    ),
    "slow": ({"body": [0.6, RATE]}, ("not read", "it took longer than 0.3 seconds")),
    "slow by drops": (
        {"body": [" ", 0.1] * 6},
        ("not read", "it took longer than 0.3 seconds"),
    ),
    "packed once": (
        {"body": gzip.compress(RATE.encode()), "Content-Encoding": "gzip"},
        ("still printed", ""),
    ),
    "packed, and huge": (
        {"body": gzip.compress(bytes(3_000_000)), "Content-Encoding": "gzip"},
        ("not read", "it is longer than 20,000 bytes"),
    ),
    "said to be packed": ({"Content-Encoding": "gzip"}, ("not read", "Error -3")),
    "broken off": ({"Content-Length": "900"}, ("not read", "peer closed connection")),
}


@pytest.mark.parametrize(("given", "told"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_has_no_page_is_told(site, given, told):
    verdict, note = look(site.give(**given), patience=0.3, most=20_000)
    assert (verdict, note[: len(told[1])]) == told


HOSTILE = {  # what a server sends in pieces, again and again, and the limits of the request
    "headers by drops": [b"HTTP/1.1 200 OK\r\nX: ", *[b"x", 0.1] * 30],
    "no end of headers": [
        b"HTTP/1.1 200 OK\r\n",
        *[b"X: " + b"x" * 1_000 + b"\r\n"] * 300,
    ],
    "a status that is none": [b"HTTP/1.1 999999 ?\r\n\r\n"],
    "bytes": [bytes(range(256)) * 100],
    "a redirect to nowhere": [b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\n\r\n"],
    "a redirect in bytes": [b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\x00\r\n\r\n"],
}


@pytest.mark.parametrize("pieces", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_page_is_told_and_the_next_one_is_read(site, pieces):
    """Whatever one server sends, and however slowly, the run goes on."""

    def answer():
        with suppress(OSError):
            connection, _ = listening.accept()
            with connection:
                connection.recv(1_000)
                for piece in pieces:
                    time.sleep(piece) if isinstance(
                        piece, float
                    ) else connection.sendall(piece)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer)
        thread.start()
        pages = [
            (f"http://127.0.0.1:{listening.getsockname()[1]}/", [figure()]),
            (site.give(), [figure(id="gb7nr")]),
        ]
        found = {
            one["id"]: (one["verdict"], bool(one["note"]))
            for one in ask_pages(pages, "a test", 0, 1)
        }
        thread.join()
    assert found == {"k7m3q": ("not read", True), "gb7nr": ("still printed", False)}


def test_a_page_is_asked_for_as_it_is(site):
    look(site.give())
    assert site.codings == ["identity"]


def test_a_page_that_moved_is_read_where_it_is_now(site):
    new = site.give(path="/new")
    assert look(site.give(status=301, Location="/new")) == (
        "still printed",
        f"moved to {new}",
    )
    site.give(status=404, path="/new")
    assert look(f"{site.url}/page") == ("gone", f"moved to {new} 404 Not Found")
    assert look(site.give(status=302, Location="/page"))[0] == "not read"


@pytest.mark.parametrize(
    "address", ["", "http://127.0.0.1:9/", "http://[x/", "ftp://example.org/a"]
)
def test_an_address_that_does_not_answer_is_told(address):
    verdict, note = look(address)
    assert verdict == "not read"
    assert note


def test_requests_come_one_after_the_other_and_with_a_pause(site):
    site.give(path="/new")
    pages = [(site.give(path=path), [figure()]) for path in ("/a", "/b")]
    pages += [(site.give(status=301, path="/c", Location="/new"), [figure()])]
    ask_pages(pages, "a test", pause=0.2)
    times = [when for _, _, when in site.asked]
    assert [path for path, *_ in site.asked] == ["/a", "/b", "/c", "/new"]
    assert all(after - before >= 0.2 for before, after in pairwise(times))


@pytest.fixture
def register(site, monkeypatch):
    """A register with figures of two editions of one page, of another page, and of a table."""
    about = {
        "title": "Suspended",
        "publisher": "A force",
        "published": "2024",
        "licence": None,
        "held": False,
    }
    about |= {"notes": {"licence": "Not stated."}}
    addresses = {
        "a-force-2024": site.give(f"{RATE}<p>12 officers resigned.</p>"),
        "a-force-2025": f"{site.url}/page",
        "b-force-2024": site.give(path="/b"),
        "a-table": "http://127.0.0.1:9/",
    }
    figures = [
        figure(),
        figure("12", "officers resigned", id="gb7nr", source="a-force-2025"),
        figure("1,300", id="hnmzc", source="b-force-2024"),
        figure("7", id="w2rmd", at="cell=1,2", source="a-table"),
    ]
    sources = {
        one: Source(id=one, url=address, **about) for one, address in addresses.items()
    }
    made = Register(figures, {"source": sources}, [], [], [], [])
    monkeypatch.setattr(check, "read_register", lambda _: made)
    return made


def test_an_address_is_asked_once_for_all_its_figures(register, site):
    pages = typed_figures(register)
    assert {url: [one["id"] for one in rows] for url, rows in pages.items()} == {
        f"{site.url}/page": ["k7m3q", "gb7nr"],
        f"{site.url}/b": ["hnmzc"],
    }
    found = ask_pages(pages.items(), "a test", pause=0)
    assert [(one["id"], one["verdict"]) for one in found] == [
        ("hnmzc", "changed"),
        ("k7m3q", "still printed"),
        ("gb7nr", "still printed"),
    ]
    assert len(site.asked) == 2


@pytest.fixture
def run(monkeypatch, capsys):
    def run(*words):
        """Run the command, and return its status and what it printed."""
        monkeypatch.setattr(sys, "argv", ["misconduct", "pages", *words])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, "".join(capsys.readouterr())

    return run


def test_the_command_prints_a_table_and_ends_with_1_if_a_figure_is_changed(
    register, site, run, monkeypatch
):
    monkeypatch.setenv("MISCONDUCT_CONTACT", "mailto:desk@example.org")
    status, printed = run()
    changed, *others, last = printed.splitlines()
    assert (status, last) == (1, "Pages: 2, figures: 3, changed: 1, still printed: 2.")
    assert changed == "changed        hnmzc b-force-2024  1,300  without its number"
    assert [line.split()[2] for line in others] == ["k7m3q", "gb7nr"]
    assert {agent.partition("/")[0] for _, agent, _ in site.asked} == {
        "misconduct-register"
    }
    assert all(
        agent.endswith(" (+mailto:desk@example.org)") for _, agent, _ in site.asked
    )


def test_a_register_without_typed_pages_is_told(register, run):
    register.figures.clear()
    status, printed = run()
    assert (status, printed.splitlines()[-1]) == (0, "Pages: 0, figures: 0.")
