"""`misconduct watch` asks publishers politely, finds new editions, and takes nothing in by itself.

The publishers are pages of a server of these tests, the one private host that may be asked: GOV.UK's Content
API, an Atom feed, a file, and a page with links.
"""

import asyncio
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import date
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest

from misconduct.cli import main
from misconduct.errors import RegisterError
from misconduct_editor.register.check import read_register
from misconduct_editor.watch.ask import Asker, Limits
from misconduct_editor.watch.jobs import choose_sources, find_overdue, list_jobs
from misconduct_editor.watch.run import Watch, reading
from tests.desk.editor import LATER, NO_TOTALS, PLAIN, Editor, change
from tests.desk.spreadsheets import write_ods
from tests.registers import NEWS, REPORT

FEED = (
    """<feed xmlns="http://www.w3.org/2005/Atom"><title>Statistics</title>{}</feed>"""
)
ENTRY = """<entry><title>Edition {0}</title><link href="/edition-{0}"/><updated>{0}-01-28T09:30:00Z</updated></entry>"""
RATE = "<p>In 2024, 1,204 officers were suspended.</p>"


class Site(ThreadingHTTPServer):
    """A server that gives `pages`: by path, an answer's status, its headers, and its body in pieces."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server_port}"
        self.url = f"http://{self.host}"
        self.pages, self.asked = {}, []

    def give(self, path, body=b"", status=200, **headers):
        """Give a page, and return its address. Headers are written with _ for -."""
        whole = body if isinstance(body, list) else [body]
        pieces = [one.encode() if isinstance(one, str) else one for one in whole]
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, str | bytes) and status == 200:
            named.setdefault("ETag", f'"{sha256(pieces[0]).hexdigest()}"')
        self.pages[path] = status, named, pieces
        return self.url + path

    def paths(self):
        """Return what was asked since the last time."""
        asked, self.asked = self.asked, []
        return sorted(path for path, *_ in asked)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        server.asked.append((self.path, time.monotonic(), dict(self.headers)))
        status, headers, pieces = server.pages.get(self.path, (404, {}, []))
        if callable(status):
            status, headers, pieces = status()
        if headers.get("ETag", "") == self.headers["If-None-Match"]:
            status, pieces = 304, []
        if status:  # otherwise the pieces are the whole answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
        for piece in pieces:
            if isinstance(piece, float):
                time.sleep(piece)
            else:
                self.wfile.write(piece)
                self.wfile.flush()

    def handle(self):
        with suppress(OSError):  # the command stops reading what is too long
            super().handle()

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    with Site() as server:
        serve = {"poll_interval": 0.01}
        thread = threading.Thread(target=server.serve_forever, kwargs=serve)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def list_attachments(*names, day="2024-01-25"):
    """Return a publication of GOV.UK, as its Content API gives it."""
    attachments = [{"url": f"/media/{name}", "title": name.upper()} for name in names]
    details = {"attachments": attachments, "body": "<p>…</p>"}
    moment = f"{day}T09:30:00Z"
    return json.dumps({"public_updated_at": moment, "details": details, "links": {}})


PUBLICATION = "/government/statistics/allegations"
FEED_PATH, PAGE_PATH, TYPED_PATH = "/statistics.atom", "/reports", "/suspended"
TYPED = {
    "page": "force-2024-suspended",
    "publisher": "A force",
    "title": "Suspended",
    "published": "2024",
    "read": "whole",
    "counted": "officers were suspended",
    "printed": "1,204",
    "period_printed": "2024",
    "period": "2024",
    "id": "mmmm2",
    "measure": "alleged",
    "category": "any",
    "area": "E23000001",
    "population": "officers",
    "counting_unit": "people",
    "value": "1204",
    "unit": "count",
    "statistic": "count",
    "qualifier": "exact",
    "stated_by": "the_force",
}


class Desk(Editor):
    """An editor whose register watches three publishers, and has a page that a figure was typed from."""

    def __init__(self, folder, site, process):
        super().__init__(folder)
        self.process = process
        self.site, self.folder = site, folder / "watched"
        self.watch(f"govuk {site.url}{PUBLICATION}")
        for source, place in (
            (REPORT, f"feed {site.url}{FEED_PATH}"),
            (NEWS, f"page {site.url}{PAGE_PATH}"),
        ):
            path = self.data / f"sources/{source}.yaml"
            path.write_text(path.read_text() + f"watch: {place}\n")
        self.type_page(f"{site.url}{TYPED_PATH}")
        site.give(f"/api/content{PUBLICATION}", list_attachments("notes.pdf"))
        site.give(FEED_PATH, FEED.format(ENTRY.format(2022)))
        site.give(PAGE_PATH, '<a href="/about">About</a> <a href="/a.pdf">Report A</a>')
        site.give(TYPED_PATH, RATE)

    def watch(self, place, **source):
        """Write and add the table, which appears again at a place."""
        outcome = self.add(PLAIN, **NO_TOTALS, source=LATER | {"watch": place} | source)
        assert not outcome.mistakes

    def type_page(self, address):
        cells = {name: f'"{cell}"' for name, cell in TYPED.items()}
        columns = ["page", "address", *[one for one in cells if one != "page"]]
        columns += ["hedge", "reason", "note"]
        row = cells | {"address": address}
        path = self.data / "transcripts/force.csv"
        path.parent.mkdir(exist_ok=True)
        line = ",".join(row.get(one, "") for one in columns)
        path.write_text(f"{','.join(columns)}\n{line}\n")

    def add_feeds(self, given):
        """Add a source for each thing that the server gives, and return their names by source."""
        self.site.give("/loop", status=302, Location="/loop")
        text = (self.data / f"sources/{REPORT}.yaml").read_text()
        named = {f"fault-{number}": name for number, name in enumerate(given)}
        for source, name in named.items():
            headers = {one.replace("-", "_"): cell for one, cell in given[name].items()}
            address = self.site.give(f"/{source}", **headers)
            changed = text.replace(f"id: {REPORT}", f"id: {source}")
            changed = changed.replace(f"{self.site.url}{FEED_PATH}", address)
            (self.data / f"sources/{source}.yaml").write_text(changed)
        return named

    def look(self, *names, **limits):
        """Run it, and return the findings by kind."""
        register = read_register(self.data)
        jobs = list_jobs(register, choose_sources(register, names))
        limits = Limits(**{"pause": 0, "patience": 5, "host": self.site.host} | limits)
        found = {}
        asker = Asker("a test", limits)
        watch = Watch(self.data, self.folder, register, asker, self.process)
        tell = lambda one: found.setdefault(one.kind, []).append(one)  # noqa: E731
        asyncio.run(watch.run(jobs, tell, lambda: None))
        return found

    def digest(self):
        """Return a digest of all files of the register."""
        files = sorted(path for path in self.data.rglob("*") if path.is_file())
        return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()

    def make_edition(self, **cells):
        """Return the bytes of another edition of the table."""
        path = self.data.parent / "made.ods"
        write_ods(path, {"Table 1": change(PLAIN, **cells)})
        return path.read_bytes()


@pytest.fixture(scope="module")
def process():
    with reading() as process:
        yield process


@pytest.fixture
def desk(tmp_path, site, process):
    return Desk(tmp_path, site, process)


ASKED = sorted([f"/api/content{PUBLICATION}", FEED_PATH, PAGE_PATH, TYPED_PATH])


def test_a_dry_week_costs_one_request_a_source(desk, site):
    assert desk.look().keys() == {"first_look"}
    assert site.paths() == ASKED
    for _ in range(2):
        assert desk.look() == {}
        assert all(headers["If-None-Match"] for *_, headers in site.asked)
        assert site.paths() == ASKED


def test_a_new_edition_on_gov_uk_is_kept_and_tried_and_its_changes_are_told(desk, site):
    desk.look()
    site.paths()
    before, body = desk.digest(), desk.make_edition(B3=5, C4=8)
    listed = list_attachments("notes.pdf", "new.pdf", "allegations-2025.ods")
    site.give(f"/api/content{PUBLICATION}", listed)
    site.give("/media/allegations-2025.ods", body)
    found = desk.look()
    assert site.paths() == sorted([*ASKED, "/media/allegations-2025.ods"])
    assert [one.facts["title"] for one in found["listed"]] == [
        "NEW.PDF",
        "ALLEGATIONS-2025.ODS",
    ]
    (edition,) = found["edition"]
    cells = [
        (one["change"], one["cell"], one["before"], one["now"])
        for one in edition.facts["cells"]
    ]
    assert cells == [("revised", "B3", "3", "5"), ("revised", "C4", "2", "8")]
    assert edition.facts["mistakes"] == []
    assert Path(edition.facts["file"]).read_bytes() == body
    assert desk.digest() == before
    assert desk.look() == {"edition": [edition]}  # and asked for no more
    assert site.paths() == ASKED


def test_an_edition_is_told_until_it_is_taken_in(desk, site):
    desk.look()
    site.give(f"/api/content{PUBLICATION}", list_attachments("b.ods"))
    site.give("/media/b.ods", desk.make_edition(B3=5))
    (edition,) = desk.look()["edition"]
    desk.document.write_bytes(Path(edition.facts["file"]).read_bytes())
    watched = {"watch": f"govuk {site.url}{PUBLICATION}"}
    desk.describe(**NO_TOTALS, source=LATER | watched)
    assert not desk.run().mistakes
    assert desk.look() == {}


def test_an_edition_that_is_deleted_does_not_come_back(desk, site):
    desk.look()
    site.give(f"/api/content{PUBLICATION}", list_attachments("b.ods"))
    site.give("/media/b.ods", desk.make_edition(B3=5))
    (edition,) = desk.look()["edition"]
    Path(edition.facts["file"]).unlink()
    assert desk.look() == {}


def test_mistakes_of_a_new_edition_are_told_as_add_tells_them(desk, site):
    desk.look()
    site.give(f"/api/content{PUBLICATION}", list_attachments("b.ods"))
    site.give("/media/b.ods", desk.make_edition(A3="Atlantis"))
    (edition,) = desk.look()["edition"]
    assert any("Atlantis" in one for one in edition.facts["mistakes"])


def test_a_collection_is_followed_to_its_new_publication(desk, site):
    collection = "/government/collections/allegations"
    desk.watch(f"govuk {site.url}{collection}")

    def list_editions(*years):
        documents = [
            {
                "base_path": f"/statistics/{year}",
                "title": f"{year}",
                "public_updated_at": f"{year}-01-25T09:30:00Z",
            }
            for year in years
        ]
        site.give(
            f"/api/content{collection}", json.dumps({"links": {"documents": documents}})
        )

    list_editions(2022, 2023)
    assert [one.sources for one in desk.look()["first_look"]][:1]
    list_editions(2022, 2023, 2025)
    site.give(
        "/api/content/statistics/2025", list_attachments("a.pdf", "a.ods", "other.ods")
    )
    site.give("/media/a.ods", desk.make_edition(B3=5))
    write_ods(desk.data.parent / "other.ods", {"Another sheet": [["x"]]})
    site.give("/media/other.ods", (desk.data.parent / "other.ods").read_bytes())
    site.paths()
    found = desk.look("report")
    assert site.paths() == sorted([
        f"/api/content{collection}", "/api/content/statistics/2025", "/media/a.ods", "/media/other.ods"
    ])  # fmt: skip
    assert [one.address for one in found["listed"]] == [f"{site.url}/statistics/2025"]
    assert [Path(one.facts["file"]).name[9:] for one in found["edition"]] == ["a.ods"]


def test_a_publication_that_is_revised_is_told_again_with_its_new_tables(desk, site):
    collection = "/government/collections/allegations"
    desk.watch(f"govuk {site.url}{collection}")

    def publish(day, *names):
        document = {"base_path": "/statistics/2023", "title": "2023"}
        document |= {"public_updated_at": f"{day}T09:30:00Z"}
        listed = json.dumps({"links": {"documents": [document]}})
        site.give(f"/api/content{collection}", listed)
        site.give("/api/content/statistics/2023", list_attachments(*names))
        for number, name in enumerate(names):
            site.give(f"/media/{name}", desk.make_edition(B3=5 + number))

    publish("2023-01-25")
    desk.look("report")
    for day, names in {
        "2024-02-01": ["a.ods"],
        "2024-03-01": ["a.ods", "b.ods"],
    }.items():
        publish(day, *names)
        site.paths()
        (told,) = desk.look("report")["listed"]
        assert told.facts["day"] == day
        assert [one for one in site.paths() if "media" in one] == [
            f"/media/{names[-1]}"
        ]
    assert len(desk.look("report")["edition"]) == 2


def test_what_a_collection_lists_at_first_is_new_if_it_is_newer_than_the_register_has(
    desk, site
):
    listed = list_attachments("b.ods", day="2024-01-26")
    desk.watch(f"govuk {site.url}{PUBLICATION}", published="2024-01-25")
    site.give(f"/api/content{PUBLICATION}", listed)
    site.give("/media/b.ods", desk.make_edition(B3=5))
    assert desk.look("report").keys() == {"listed", "edition", "first_look"}


def test_a_new_entry_of_a_feed_is_told_once(desk, site):
    desk.look()
    site.give(FEED_PATH, FEED.format(ENTRY.format(2022) + ENTRY.format(2025)))
    (entry,) = desk.look()["listed"]
    assert (entry.sources, entry.address) == ((REPORT,), f"{site.url}/edition-2025")
    assert (entry.facts["title"], entry.facts["day"]) == ("Edition 2025", "2025-01-28")
    assert desk.look() == {}
    later = ENTRY.format(2022).replace("2022-01-28", "2026-01-28")
    site.give(FEED_PATH, FEED.format(later))
    assert [one.address for one in desk.look()["listed"]] == [
        f"{site.url}/edition-2022"
    ]


def test_a_new_link_of_a_page_is_told_once(desk, site):
    desk.look()
    links = (
        '<a href="/a.pdf">A</a><a href="/menu">Menu</a><a href="b.xlsx#x">Report B</a>'
    )
    site.give(PAGE_PATH, links)
    (link,) = desk.look()["listed"]
    assert (link.sources, link.address, link.facts["title"]) == (
        (NEWS,),
        f"{site.url}/b.xlsx",
        "b.xlsx",
    )
    assert desk.look() == {}


def test_a_file_is_a_new_edition_if_its_digest_is_not_that_of_the_register(desk, site):
    held = desk.document.read_bytes()
    address = site.give("/download?format=ods", held)
    desk.watch(f"file {address}")
    held = site.give("/download?format=ods", desk.document.read_bytes())
    assert desk.look("report") == {}
    site.give("/download?format=ods", desk.make_edition(C3=6))
    found = desk.look("report")
    assert [one["cell"] for one in found["edition"][0].facts["cells"]] == ["C3"]
    assert found.keys() == {"edition"}
    assert desk.look("report") == found


def test_sources_that_appear_at_one_address_share_its_request(desk, site):
    path = desk.data / f"sources/{NEWS}.yaml"
    path.write_text(
        path.read_text().replace(
            f"page {site.url}{PAGE_PATH}", f"feed {site.url}{FEED_PATH}"
        )
    )
    (first, *_) = [one for one in desk.look()["first_look"] if NEWS in one.sources]
    assert {*first.sources} == {NEWS, REPORT}
    assert site.paths() == sorted({*ASKED} - {PAGE_PATH})


FAULTS = {  # what the server gives
    "404": {"status": 404},
    "500": {"status": 500},
    "a redirect loop": {"status": 302, "Location": "/loop"},
    "a redirect to this machine": {"status": 302, "Location": "http://127.0.0.1:9/"},
    "a redirect to a private network": {"status": 301, "Location": "http://10.0.0.1/"},
    "a redirect to the cloud's keys": {"status": 302, "Location": "http://169.254.169.254/latest"},
    "a redirect to a mapped address": {"status": 302, "Location": "http://[::ffff:127.0.0.1]:9/"},
    "a redirect to a name of this machine": {"status": 302, "Location": "http://localhost/"},
    "a redirect to a file": {"status": 302, "Location": "file:///etc/passwd"},
    "a redirect to nowhere": {"status": 302, "Location": "http://[::1"},
    "429 for a long time": {"status": 429, "Retry-After": "3600"},
    "503 until a later time": {"status": 503, "Retry-After": "Tue, 01 Dec 2026 12:00:00 GMT"},
    "429 again and again": {"status": 429, "Retry-After": "0"},
    "a length that is too large": {"body": FEED.format(""), "Content_Length": "900"},
    "too slow by drops": {"body": [b" ", 0.2] * 10},
    "too long": {"body": [b" " * 1_000_000] * 6},
    "packed, and too long": {"body": gzip.compress(bytes(8_000_000)), "Content_Encoding": "gzip"},
    "not a feed": {"body": "<html><p>We are down for maintenance.</p></html>"},
    "no end of headers": {"status": 0, "body": [b"HTTP/1.1 200 OK\r\n", *[b"X: " + b"x" * 1_000 + b"\r\n"] * 300]},
    "bytes": {"status": 0, "body": bytes(range(256)) * 100},
    "a redirect in bytes": {"status": 0, "body": b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\x00\r\n\r\n"},
}  # fmt: skip


def test_a_publisher_that_cannot_be_read_is_told_and_the_others_are_read(desk, site):
    named = desk.add_feeds(FAULTS)
    found = desk.look(patience=1)
    unread = {named[one.sources[0]]: one for one in found["not_read"]}
    assert unread.keys() == FAULTS.keys()
    for one in unread.values():
        assert one.sources[0] in one.text
        assert one.address in one.text
    assert len(found["first_look"]) == 3
    for source in named:
        site.give(f"/{source}", FEED.format(ENTRY.format(2022)))
    found = desk.look()  # nothing was noted meanwhile
    assert {one.sources[0] for one in found["first_look"]} == named.keys()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "192.168.0.1", "0.0.0.0", "2130706433"]
)
def test_a_private_network_is_never_asked(desk, site, host):
    port = site.server_port
    desk.watch(f"file http://{host}:{port}/table.ods")
    found = desk.look("report", host=None)
    assert found.keys() == {"not_read"}
    assert site.asked == []


def test_who_asks_for_a_moment_is_asked_again_then(desk, site):
    answers = [(429, {"Retry-After": "1"}, []), (200, {}, [FEED.format("").encode()])]
    site.pages[FEED_PATH] = (lambda: answers.pop(0)), {}, []
    assert "not_read" not in desk.look(REPORT)
    (_, first, _), (_, second, _) = site.asked
    assert second - first >= 1


NO_TABLES = {
    "gone": {"status": 404},
    "broken off": {"body": b"PK", "Content_Length": "900"},
    "too long": {"body": [b" " * 1_000_000] * 6},
}


@pytest.mark.parametrize("given", NO_TABLES.values(), ids=NO_TABLES)
def test_a_table_that_cannot_be_downloaded_is_told_once_and_why(desk, site, given):
    desk.look()
    site.give(f"/api/content{PUBLICATION}", list_attachments("b.ods", "c.ods"))
    site.give("/media/b.ods", **given)
    site.give("/media/c.ods", desk.make_edition(B3=5))
    found = desk.look()
    assert [bool(one.facts["why"]) for one in found["listed"]] == [True, False]
    assert desk.look() == {"edition": found["edition"]}


def test_a_file_that_is_no_table_is_told(desk, site):
    desk.look()
    site.give(f"/api/content{PUBLICATION}", list_attachments("b.ods"))
    site.give("/media/b.ods", b"PK\3\4 not a workbook")
    assert desk.look().keys() == {"listed"}


def test_without_a_network_one_sentence_is_told(desk, site):
    for path in desk.data.rglob("*.yaml"):
        path.write_text(
            path.read_text().replace(site.url, "http://no-such-host.invalid")
        )
    desk.type_page("http://no-such-host.invalid/suspended")
    (told,) = desk.look()["not_read"]
    assert told.sources == ()
    assert not (desk.folder / "watched.csv").exists()


TYPED_PAGES = {  # what the server gives; the verdict, or the kind of finding
    "another number": ({"body": RATE.replace("1,204", "1,205")}, "changed"),
    "neither number nor words": ({"body": "<p>This page has moved.</p>"}, "gone"),
    "404": ({"status": 404}, "gone"),
    "410": ({"status": 410}, "gone"),
    "403": ({"status": 403}, "page_not_read"),
    "a PDF": ({"body": "%PDF", "Content_Type": "application/pdf"}, "page_not_read"),
    "moved": ({"status": 301, "Location": PAGE_PATH}, "gone"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "told"), TYPED_PAGES.values(), ids=TYPED_PAGES)
def test_a_page_that_no_longer_prints_its_number_is_told_each_time(
    desk, site, given, told
):
    site.give(TYPED_PATH, **given)
    for _ in range(2):
        found = desk.look("force-2024-suspended")
        if told in found:
            continue
        (page,) = found["page"]
        (figure,) = page.facts["figures"]
        assert (figure["id"], figure["verdict"]) == ("mmmm2", told)


def test_an_answer_that_takes_too_long_to_read_stops_nothing(desk, site):
    site.give(TYPED_PATH, "<p>a</p>" * 500_000)
    found = desk.look(work=0.3)
    assert [one.address for one in found["page_not_read"]] == [
        f"{site.url}{TYPED_PATH}"
    ]
    assert len(found["first_look"]) == 3


def test_a_host_is_asked_one_thing_at_a_time_after_a_pause(desk, site):
    site.give(TYPED_PATH, status=301, Location="/now")
    site.give("/now", [0.3, RATE.encode()])
    desk.look(pause=0.2)
    times = sorted(when for _, when, _ in site.asked)
    assert len(times) == len(ASKED) + 1
    assert all(after - before >= 0.2 for before, after in pairwise(times))


def test_only_sources_that_are_named_are_asked(desk, site):
    desk.look(NEWS)
    assert site.paths() == [PAGE_PATH]
    with pytest.raises(RegisterError, match=r"force-report-2021.*force-report-2022"):
        desk.look("force-report-2021")


@pytest.fixture
def run(desk, monkeypatch, capsys):
    def run(*words):
        """Run the command, and return its status and what it printed."""
        command = ["misconduct", "watch", "--data", str(desk.data), *words]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, capsys.readouterr().out

    monkeypatch.setenv("MISCONDUCT_WATCH_HOST", desk.site.host)
    monkeypatch.setenv("MISCONDUCT_CONTACT", "mailto:desk@example.org")
    return run


def test_the_command_says_what_it_found_and_ends_with_its_status(desk, site, run):
    status, said = run("--json", NEWS)
    first, summary = map(json.loads, said.splitlines())
    assert (first["kind"], first["sources"]) == ("first_look", [NEWS])
    counted = {"asked": 1, "status": 0, "first_look": 1, "edition": 0}
    assert counted.items() <= summary.items()
    assert status == 0
    *_, headers = site.asked[0]
    assert "mailto:desk@example.org" in headers["User-Agent"]
    path = desk.data / f"sources/{NEWS}.yaml"
    path.write_text(path.read_text() + "due: 2023-06\n")
    status, said = run(NEWS)
    assert status == 1
    assert f"{NEWS}: an edition was due in 2023-06" in said
    site.give(PAGE_PATH, status=500)
    assert run(NEWS)[0] == 2


def test_late_editions_are_listed_the_longest_ago_first(desk):
    desk.watch(f"file {desk.site.url}/table.ods", due="2024-02")
    for source, due in {NEWS: "2023-02", REPORT: "2023-01"}.items():
        path = desk.data / f"sources/{source}.yaml"
        path.write_text(f"{path.read_text()}due: {due}\n")
    sources = choose_sources(read_register(desk.data), ())

    def list_late(year, month):
        return [one.sources[0] for one in find_overdue(sources, date(year, month, 28))]

    assert list_late(2023, 1) == []
    assert list_late(2023, 2) == [REPORT]
    assert list_late(2024, 3) == [REPORT, NEWS, "report"]


def test_an_interruption_loses_nothing(desk, site):
    desk.look()
    before = desk.digest()
    site.give(f"/api/content{PUBLICATION}", list_attachments("b.ods"))
    site.give("/media/b.ods", [20.0])
    site.give(FEED_PATH, FEED.format(ENTRY.format(2025)))
    site.paths()
    command = [sys.executable, "-m", "misconduct", "watch", "--data", str(desk.data)]
    process = subprocess.Popen(
        command,
        env=os.environ | {"MISCONDUCT_WATCH_HOST": site.host},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while "/media/b.ods" not in site.paths():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said, wrong = process.communicate(timeout=30)
    assert process.returncode
    assert "Traceback" not in wrong
    assert desk.digest() == before
    site.give("/media/b.ods", desk.make_edition(B3=5))
    found = desk.look()
    assert len(found["edition"]) == 1
    told = [one.address for one in found["listed"]]
    entry = f"{site.url}/edition-2025"
    assert (entry in said) != (entry in told)  # told then or now
