"""Link checks: requests to a real server on this machine, recorded in the register."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import threading
import time
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from misconduct.errors import RegisterRefused
from misconduct.register import link_checker
from misconduct.register.editors import RegisterInUse
from misconduct.register.link_checker import LinkCheckOptions, is_public
from misconduct.register.link_checks import check_links
from misconduct.register.record_files import FileUnwritable
from tests.register.reading import mistakes_of, read
from tests.registers import seal, source_text, write_register

DAY, LATER = date(2031, 5, 3), date(2031, 6, 4)
FILE = "link-checks.yaml"


class Site:
    """A server of pages. A page is a status, headers and a body, or a function of the request that gives these."""

    def __init__(self):
        self.pages, self.asked, self.agents, self.times = {}, [], set(), []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                site.asked.append(f"{self.command} {self.path}")
                site.agents.add(self.headers["User-Agent"])
                site.times.append(time.monotonic())
                page = site.pages.get(urlsplit(self.path).path, (404, {}, b"Not here."))
                status, headers, body = page(self) if callable(page) else page
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        for method in ("HEAD", "GET"):
            setattr(Handler, f"do_{method}", Handler.answer)

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_):  # a client that does not wait is what some tests are about
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.stopped = threading.Event()


@pytest.fixture
def site():
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    site.stopped.set()
    site.server.shutdown()
    site.server.server_close()
    thread.join()


@pytest.fixture
def data(tmp_path, site):
    """A register with one source that has an address, /page."""
    path = write_register(tmp_path / "data", "value\n 5")
    put(path, site.url + "/page")
    return path


def put(data, url, slug="paper"):
    """Gives a source an address."""
    notes = dict.fromkeys(("byline", "published", "licence", "retrieved"), "Not known.")
    (data / f"sources/{slug}.yaml").write_text(source_text(slug, url=url, notes=notes))


def ask(data, day=DAY, **options):
    return check_links(
        data, LinkCheckOptions(**{"pause": 0, "timeout": 5, "allow_private": True} | options), day, lambda _: None
    )


def status_of(data, **options):
    (record,) = ask(data, **options).checked
    return record["status"], record["final_address"]


def noted(data):
    return yaml.safe_load((data / FILE).read_text())


def sha256(body):
    return hashlib.sha256(body).hexdigest()


def moved(status, to):
    return status, {"Location": to}, b""


PAGE = (200, {}, b"The figures.")


def test_a_page_that_answers_is_noted_with_its_hash_and_day(data, site):
    site.pages["/page"] = PAGE
    report = ask(data)
    assert noted(data) == [
        {
            "id": "paper",
            "version": 1,
            "checked": "2031-05-03",
            "address": f"{site.url}/page",
            "status": "answers",
            "final_address": None,
            "archived": None,
            "body_sha256": sha256(b"The figures."),
        }
    ]
    assert (report.without_address, report.changed) == (0, 1)
    assert site.asked == ["HEAD /page", "GET /page"]
    assert mistakes_of(data) == []


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ((404, {}, b"?"), "not_found"),
        ((410, {}, b"?"), "gone"),
        ((429, {}, b"?"), "too_many_requests"),
        ((500, {}, b"?"), "server_error"),
        ((503, {}, b"?"), "server_error"),
        ((304, {}, b""), "server_error"),
        ((401, {}, b"?"), "refused"),
        ((403, {}, b"?"), "refused"),
        ((451, {}, b"?"), "refused"),
    ],
)
def test_error_responses_have_distinct_statuses_and_no_hash(data, site, page, status):
    site.pages["/page"] = page
    assert status_of(data) == (status, None)
    assert noted(data)[0]["body_sha256"] is None


@pytest.mark.parametrize("refusal", [400, 403, 404, 405, 501])
def test_get_decides_if_head_is_refused(data, site, refusal):
    site.pages["/page"] = lambda request: (refusal, {}, b"") if request.command == "HEAD" else PAGE
    assert status_of(data) == ("answers", None)
    assert site.asked == ["HEAD /page", "GET /page"]


@pytest.mark.parametrize(("first", "second", "status"), [
    (301, 308, "moved_permanently"), (302, 301, "moved_temporarily"), (301, 307, "moved_temporarily"),
])  # fmt: skip
def test_a_page_that_moved_is_followed_to_its_final_address(data, site, first, second, status):
    site.pages |= {"/page": moved(first, "/between"), "/between": moved(second, f"{site.url}/new"), "/new": PAGE}
    assert status_of(data) == (status, f"{site.url}/new")
    assert site.asked == ["HEAD /page", "HEAD /between", "HEAD /new", "GET /new"]


def test_a_redirect_to_a_missing_page_is_dead_and_names_it(data, site):
    site.pages["/page"] = moved(301, "/new")
    assert status_of(data) == ("not_found", f"{site.url}/new")


def test_a_redirect_loop_is_abandoned(data, site):
    site.pages |= {"/page": moved(302, "/b"), "/b": moved(302, "/page")}
    assert status_of(data)[0] == "too_many_redirects"
    assert len(site.asked) == 6


def test_a_server_that_hangs_is_a_timeout(data, site):
    site.pages["/page"] = lambda _: site.stopped.wait(20) and PAGE
    assert status_of(data, timeout=0.2) == ("timeout", None)


def test_a_very_slow_server_is_a_timeout_too(data, site):
    def drip(request):
        if request.command == "GET":
            request.send_response(200)
            request.end_headers()
            while not site.stopped.wait(0.05):
                request.wfile.write(b".")
        return PAGE

    site.pages["/page"] = drip
    started = time.monotonic()
    assert status_of(data, timeout=0.4) == ("timeout", None)
    assert time.monotonic() - started < 3


def test_a_host_that_does_not_exist_or_takes_no_connection_is_unreachable(data, site):
    for url in ("http://nowhere.invalid/page", "http://127.0.0.1:1/page", "https" + site.url[4:]):
        put(data, url)
        assert status_of(data) == ("unreachable", None), url


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_respected(data, site, form):
    again = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True) if form == "date" else "1"
    site.pages["/page"] = lambda _: (429, {"Retry-After": again}, b"") if len(site.asked) == 1 else PAGE
    assert status_of(data) == ("answers", None)
    assert site.asked == ["HEAD /page", "HEAD /page", "GET /page"]
    assert site.times[1] - site.times[0] > 0.5


@pytest.mark.parametrize("again", ["3600", "Fri, 31 Dec 2100 23:59:59 GMT", "9" * 400])
def test_a_host_with_a_long_retry_after_is_not_requested_again_for_any_source(data, site, again):
    put(data, site.url + "/other", "other")
    site.pages["/other"] = site.pages["/page"] = (429, {"Retry-After": again}, b"")
    assert [record["status"] for record in ask(data).checked] == ["too_many_requests", "too_many_requests"]
    assert site.asked == ["HEAD /other"]


@pytest.mark.parametrize("again", ["soon", "-1", "", "1.5", "²", "Mon, 01 Jan 2024 00:00:00 +99999999999999999"])
def test_an_invalid_retry_after_is_ignored(data, site, again):
    site.pages["/page"] = (429, {"Retry-After": again.encode().decode("latin-1")}, b"")
    assert status_of(data) == ("too_many_requests", None)
    assert len(site.asked) == 1


def test_between_two_requests_to_one_host_there_is_a_pause(data, site):
    site.pages["/page"] = PAGE
    ask(data, pause=0.3)
    assert site.times[1] - site.times[0] >= 0.3


def test_the_program_says_who_asks_and_whom_to_write_to(data, site):
    ask(data)
    ask(data, contact="desk@wobble.example\r\nX-Evil: 1 €")
    assert site.agents == {
        "misconduct-register/1.0.0", "misconduct-register/1.0.0 (+desk@wobble.exampleX-Evil: 1 )",
    }  # fmt: skip


# What is not asked


@pytest.mark.parametrize("url", [
    "http://127.0.0.1:{port}/page", "http://localhost:{port}/page", "http://2130706433:{port}/page", "http://0x7f.1:{port}/page",
    "http://[::1]:{port}/page", "http://[::ffff:127.0.0.1]:{port}/page", "http://0.0.0.0:{port}/page",
])  # fmt: skip
def test_private_addresses_are_refused_however_they_are_written(data, site, url):
    put(data, url.format(port=site.server.server_port))
    assert status_of(data, allow_private=False, archive=f"{site.url}/archive") == ("refused_address", None)
    assert site.asked == []


@contextmanager
def public(*hosts):
    """These hosts of this machine count as public while the block runs; all others are what they are."""
    before = link_checker.is_public
    link_checker.is_public = lambda address: address in hosts or before(address)
    try:
        yield
    finally:
        link_checker.is_public = before


@pytest.mark.parametrize("target", ["http://localhost.localdomain.invalid@127.0.0.2:{port}/", "http://127.0.0.2:{port}/new", "ftp://127.0.0.1/new", "file:///etc/passwd", "//10.0.0.1/"])  # fmt: skip
def test_a_redirect_to_a_private_address_is_refused(data, site, target):
    target = target.format(port=site.server.server_port)
    site.pages |= {"/page": moved(302, target), "/new": PAGE}
    with public("127.0.0.1"):
        status, final = status_of(data, allow_private=False)
    assert (status, final) == ("refused_address", {"h": target, "/": f"http:{target}"}.get(target[0]))
    assert site.asked == ["HEAD /page"]
    assert mistakes_of(data) == []


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_addresses_of_the_internet_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", [
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "0.0.0.0", "127.8.8.8", "224.0.0.1", "255.255.255.255",
    "240.0.0.1", "::", "::1", "fe80::1", "fe80::1%2", "fc00::1", "ff02::1", "2001:0:53aa:64c:0:0:5db8:d70e", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::a00:1", "64:ff9b::a00:1",
    "2002:a00:1::", "2001:db8::1", "192.0.0.8", "192.88.99.1", "fec0::1", "3fff::1",
])  # fmt: skip
def test_addresses_of_other_networks_are_not(address):
    assert not is_public(address)


def test_the_connection_goes_to_the_address_that_was_checked(data, site, monkeypatch):
    """A name that is public at the first look-up and private at the second: there is no second."""
    answers = iter([["127.0.0.1"], ["127.0.0.1"], ["10.0.0.1"]])

    async def look_up(_host):
        return next(answers)

    monkeypatch.setattr(link_checker, "_look_up", look_up)
    hosts = []
    site.pages["/page"] = lambda request: hosts.append(request.headers["Host"]) or PAGE
    url = f"http://wobble.example:{site.server.server_port}/page"
    put(data, url)
    with public("127.0.0.1"):
        assert status_of(data, allow_private=False) == ("answers", None)
    assert hosts == [url.split("/")[2]] * 2


def test_the_next_address_is_tried_where_one_takes_no_connection(data, site, monkeypatch):
    async def look_up(_host):
        return ["127.0.0.9" if site.server.server_address[0] != "127.0.0.9" else "::1", "127.0.0.1"]

    monkeypatch.setattr(link_checker, "_look_up", look_up)
    site.pages["/page"] = PAGE
    assert status_of(data) == ("answers", None)


@pytest.mark.parametrize("url", ["http://x:99999/", "http://[::1/", "http://:80/", "http://" + "a" * 300 + ".example/", "http://-/\u00ad"])  # fmt: skip
def test_an_invalid_address_does_not_stop_the_others(data, url):
    put(data, url)
    assert status_of(data)[0] in ("refused_address", "unreachable")


@pytest.mark.parametrize(
    ("location", "status"),
    [
        ("http://127.0.0.1:99999/", "unreachable"),
        ("http://xn--/", "unreachable"),
        ("http://127.0.0.1:1/" + "a" * 3_000, "unreachable"),
    ],
)
def test_an_odd_redirect_stops_nobody_and_leaves_a_record_that_the_register_takes(data, site, location, status):
    site.pages["/page"] = moved(302, location)
    site.pages["/other"] = PAGE
    put(data, site.url + "/other", "zeitung")
    odd, other = ask(data).checked
    assert (odd["status"], other["status"]) == (status, "answers")
    assert mistakes_of(data) == []


def test_the_environments_proxy_is_not_used(data, site, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    site.pages["/page"] = PAGE
    assert status_of(data) == ("answers", None)


# Bodies


def test_a_changed_body_is_reported_if_one_was_recorded(data, site):
    site.pages["/page"] = PAGE
    ask(data)
    site.pages["/page"] = (200, {}, b"Other figures.")
    assert status_of(data) == ("changed", None)
    assert noted(data)[0]["body_sha256"] == sha256(b"Other figures.")


def test_a_body_is_compared_with_the_one_noted_before_an_outage(data, site):
    site.pages["/page"] = PAGE
    ask(data)
    seal(data, "1.0.0")
    site.pages["/page"] = (500, {}, b"")
    ask(data)
    seal(data, "1.0.1", "2024-05-02")
    site.pages["/page"] = (200, {}, b"Other figures.")
    assert status_of(data) == ("changed", None)
    assert status_of(data) == ("changed", None)
    assert [record["version"] for record in noted(data)] == [1, 2, 3]


def test_a_changed_body_elsewhere_still_says_where(data, site):
    site.pages["/page"] = PAGE
    ask(data)
    site.pages |= {"/page": moved(301, "/home"), "/home": (200, {}, b"Welcome!")}
    assert status_of(data) == ("changed", f"{site.url}/home")


@pytest.mark.parametrize(("size", "has_hash"), [(5_000_000, True), (5_000_001, False)])
def test_a_body_beyond_5_mb_has_no_hash(data, site, size, has_hash):
    site.pages["/page"] = (200, {}, b"x" * size)
    assert status_of(data) == ("answers", None)
    assert (noted(data)[0]["body_sha256"] is not None) is has_hash


def test_a_compressed_body_is_hashed_as_received(data, site):
    packed = gzip.compress(b"x" * 100_000_000, mtime=0)
    site.pages["/page"] = (200, {"Content-Encoding": "gzip"}, packed)
    ask(data)
    assert noted(data)[0]["body_sha256"] == sha256(packed)


# Archived copies


def archive(site, answer):
    asked = []

    def say(request):
        asked.append(parse_qs(urlsplit(request.path).query)["url"][0])
        return 200, {}, answer.encode()

    site.pages["/archive"] = say
    return asked


COPY = json.dumps({"archived_snapshots": {"closest": {"available": True, "url": "http://web.archive.example/1/page"}}})


def test_the_archive_is_asked_only_if_told_to_and_until_a_copy_is_noted(data, site):
    asked = archive(site, COPY)
    ask(data)
    assert (asked, noted(data)[0]["archived"]) == ([], None)
    ask(data, archive=f"{site.url}/archive")
    assert noted(data)[0]["archived"] == "http://web.archive.example/1/page"
    ask(data, archive=f"{site.url}/archive")
    assert asked == [f"{site.url}/page"]
    ask(data, LATER)
    assert noted(data)[0]["archived"] == "http://web.archive.example/1/page"


@pytest.mark.parametrize("answer", ["", "{", "[]", "null", "{}", '{"archived_snapshots": {}}', '{"archived_snapshots": {"closest": {"url": 5}}}', '{"archived_snapshots": {"closest": {"url": "javascript:x"}}}', COPY.replace("1/page", " page"), COPY.replace("1/page", "1/page\\n"), COPY.replace("1/page", "\u202e"), COPY.replace("1/page", "a" * 2_000)])  # fmt: skip
def test_an_archive_without_a_copy_or_with_an_invalid_answer_gives_none(data, site, answer):
    archive(site, answer)
    ask(data, archive=f"{site.url}/archive")
    assert noted(data)[0]["archived"] is None
    assert mistakes_of(data) == []


# The file


def test_released_records_stay_byte_for_byte_and_new_ones_are_appended(data, site):
    site.pages["/page"] = PAGE
    ask(data)
    (data / FILE).write_text(
        "# Addresses.\n\n" + (data / FILE).read_text().replace('"', "'").replace("null", "~") + "# The end.\n"
    )
    seal(data, "1.0.0")
    before = (data / FILE).read_text()
    del site.pages["/page"]
    assert ask(data, LATER).changed == 1
    after = (data / FILE).read_text()
    assert after.startswith(before)
    assert [(record["version"], record["checked"], record["status"]) for record in noted(data)] == [
        (1, "2031-05-03", "answers"), (2, "2031-06-04", "not_found"),
    ]  # fmt: skip
    assert mistakes_of(data) == []


def test_what_is_released_or_written_while_it_asks_stays(data, site):
    site.pages["/page"] = PAGE
    ask(data)

    def release(_):
        if not (data / "releases").exists():
            (data / FILE).write_text("# By hand.\n" + (data / FILE).read_text())
            seal(data, "1.0.0")
        return (404, {}, b"")

    site.pages["/page"] = release
    assert ask(data, LATER).changed == 1
    assert (data / FILE).read_text().startswith("# By hand.\n")
    assert [(record["version"], record["status"]) for record in noted(data)] == [(1, "answers"), (2, "not_found")]
    assert mistakes_of(data) == []


@pytest.mark.parametrize(("times", "version"), [(9, 2), (10, 1)])
def test_what_somebody_saves_while_it_writes_stays(data, site, monkeypatch, times, version):
    """What took long to ask is kept, too, unless somebody saves the file again and again."""
    site.pages["/page"] = PAGE
    ask(data)
    seal(data, "1.0.0")
    site.pages.clear()
    sync, notes = os.fsync, iter(range(times))

    def save(file):
        for note in islice(notes, 1):
            with (data / FILE).open("a") as saved:
                saved.write(f"# Note {note}.\n")
        sync(file)

    monkeypatch.setattr(os, "fsync", save)
    with nullcontext() if version == 2 else pytest.raises(RegisterInUse, match=f"changed {data / FILE} meanwhile"):
        ask(data, LATER)
    lines = (data / FILE).read_text().splitlines()
    assert [line for line in lines if line.startswith("#")] == [f"# Note {note}." for note in range(times)]
    assert noted(data)[-1]["version"] == version


def test_a_source_with_another_address_by_the_end_of_it_is_not_noted(data, site):
    site.pages["/page"] = lambda _: put(data, site.url + "/moved") or PAGE
    assert ask(data).checked == []
    assert not (data / FILE).exists()


def test_the_same_finding_on_another_day_is_no_new_version(data, site):
    site.pages["/page"] = PAGE
    ask(data)
    assert ask(data, LATER).changed == 1
    assert noted(data)[0]["checked"] == "2031-06-04"
    seal(data, "1.0.0")
    assert ask(data, date(2031, 7, 5)).changed == 0
    assert noted(data)[0]["checked"] == "2031-06-04"


def test_a_draft_is_changed_where_it_is_and_deleted_when_it_no_longer_applies(data, site):
    put(data, site.url + "/other", "other")
    site.pages |= {"/page": PAGE, "/other": PAGE}
    ask(data)
    seal(data, "1.0.0")
    released = (data / FILE).read_text()
    site.pages = {}
    ask(data)
    assert [(record["id"], record["version"]) for record in noted(data)] == [
        ("other", 1),
        ("paper", 1),
        ("other", 2),
        ("paper", 2),
    ]
    site.pages["/other"] = (410, {}, b"")
    ask(data)
    assert [record["status"] for record in noted(data)] == ["answers", "answers", "gone", "not_found"]
    assert mistakes_of(data) == []
    site.pages = {"/page": PAGE, "/other": PAGE}
    ask(data)
    assert (data / FILE).read_text() == released


def test_a_source_without_an_address_and_one_that_ended_are_not_asked(data, site):
    (data / "sources/letter.yaml").write_text(source_text("letter", held=False))
    put(data, site.url + "/old", "old")
    ask(data)
    seal(data, "1.0.0")
    seal(data, "2.0.0", "2024-05-02", ended=["source/old=It is gone", "link_check/old=It is gone"])
    report = ask(data)
    assert [record["id"] for record in report.checked] == ["paper"]
    assert report.without_address == 1


def test_a_finding_that_differs_is_a_patch(data, site):
    ask(data)
    seal(data, "1.0.0")
    site.pages["/page"] = PAGE
    ask(data)
    assert seal(data, released="2024-05-02").name == "1.0.1.csv"
    assert [record.content["status"] for record in read(data).register.records if record.kind == "link_check"] == [
        "not_found",
        "answers",
    ]


@pytest.mark.parametrize("text", ['[{"id": "paper", "version": 1, "checked": "2031-05-03", "address": "http://a.example", "status": "gone"}]', "-\n  id: paper\n  version: 1\n  checked: '2031-05-03'\n  address: http://a.example\n  status: gone\n---\n[]\n"])  # fmt: skip
def test_a_file_in_another_format_is_not_changed(data, site, text):
    (data / FILE).write_text(text)
    with pytest.raises(FileUnwritable, match=r"link-checks\.yaml cannot be added to"):
        ask(data)
    assert (data / FILE).read_text() == text
    assert site.asked == []


def test_a_register_with_mistakes_is_refused_before_anything_is_asked(data, site):
    (data / FILE).write_text("- id: papre\n  version: 1\n  checked: 2031-05-33\n  address: paper\n  status: dead\n")
    with pytest.raises(RegisterRefused):
        ask(data)
    assert site.asked == []
    assert mistakes_of(data) == [
        "data/link-checks.yaml:1:3: there is no source 'papre'; an id of sources/; did you mean paper?",
        "data/link-checks.yaml:3:3: checked: day is out of range for month",
        "data/link-checks.yaml:4:3: address: 'paper'; an address that begins with http:// or https://",
        "data/link-checks.yaml:5:3: status: 'dead'; 'answers', 'changed', 'moved_permanently', 'moved_temporarily', 'not_found', 'gone', 'too_many_requests', 'refused', 'server_error', 'too_many_redirects', 'timeout', 'unreachable' or 'refused_address'",
    ]


def test_a_link_check_of_no_source_is_a_mistake(data):
    (data / FILE).write_text(
        "- {id: papre, version: 1, checked: '2031-05-03', address: 'http://a.example', status: gone}\n"
    )
    assert mistakes_of(data) == [
        "data/link-checks.yaml:1:4: there is no source 'papre'; an id of sources/; did you mean paper?"
    ]


# What a source shows


def test_a_source_shows_what_came_of_its_address_and_is_never_dropped(api, publish):
    check = "- {id: paper, version: %d, checked: '2031-05-03', address: 'http://a.example', status: %s}\n"
    publish("value\n 5")
    publish("value\n 5", files={FILE: check % (1, "answers")}, released="2024-05-02")
    publish("value\n 5", files={FILE: check % (1, "answers") + check % (2, "not_found")}, released="2024-05-03")
    links = [
        api.get("/v1/sources/paper", params={"release": number}).json()["data"]["link"]
        for number in ("1.0.0", "1.1.0", "1.1.1")
    ]
    dead = {"checked": "2031-05-03", "address": "http://a.example", "status": "not_found", "final_address": None, "archived": None, "body_sha256": None}  # fmt: skip
    assert links == [None, dead | {"status": "answers"}, dead]
    assert [source["link"] for source in api.get("/v1/sources").json()["data"]] == [dead]
    header, row = api.get("/v1/sources.csv").text.splitlines()
    assert "link" in header.split(",")
    assert "not_found" in row


def test_a_changed_link_is_among_the_changes_of_a_release(api, publish):
    check = "- {id: paper, version: %d, checked: '2031-05-0%d', address: 'http://a.example', status: %s}\n"
    publish("value\n 5", files={FILE: check % (1, 3, "answers")})
    publish("value\n 5", files={FILE: check % (1, 3, "answers") + check % (2, 4, "gone")}, released="2024-05-03")
    (revised,) = api.get("/v1/releases/1.0.1/changes?action=revised").json()["data"]
    assert (revised["kind"], revised["id"], revised["version"]) == ("link_check", "paper", 2)
    assert {"field": "status", "old": "answers", "new": "gone"} in revised["changes"]


def test_cookies_of_one_source_are_not_sent_for_another(data, site):
    """They are where an address redirects: some publishers redirect until they are sent."""

    def ask_for_cookie(request):
        there = request.headers["Cookie"]
        seen.append(there)
        return (200, {}, b"") if there else (302, {"Set-Cookie": "seen=1; Path=/", "Location": request.path}, b"")

    seen = []
    site.pages["/page"] = site.pages["/other"] = ask_for_cookie
    put(data, site.url + "/other", "another")
    assert {record["status"] for record in ask(data).checked} == {"moved_temporarily"}
    assert seen == [None, "seen=1", "seen=1"] * 2


def test_after_a_check_that_the_law_removed_comes_the_next_version(data, site):
    site.pages["/page"] = PAGE
    ask(data)
    seal(data, "1.0.0")
    (data / FILE).write_text("")
    seal(data, "2.0.0", "2024-05-02", removed=["link_check/paper@1=A court."])
    assert ask(data).changed == 1
    assert [(record["version"], record["status"]) for record in noted(data)] == [(2, "answers")]
    assert ask(data).changed == 0
    assert mistakes_of(data) == []
