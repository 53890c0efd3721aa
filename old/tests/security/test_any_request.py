"""Whatever a request says, it is answered or refused: a problem that names the caller's mistake, and never a 500."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.conftest import PROJECT
from tests.security.addresses import GOOD, Wire, ask, templates

SCHEMA = json.loads((PROJECT / "openapi" / "openapi.json").read_text())
TEMPLATES = templates()

ODD = {
    "NUL": "%00",
    "NUL inside": "accused%00x",
    "not UTF-8": "%FF%FE",
    "overlong": "%C0%AE%C0%AE",
    "half a character": "%E2%82",
    "surrogate": "%ED%A0%80",
    "broken percent": "%zz%",
    "underscore": "1_000",
    "space before": "%201",
    "space behind": "1%20",
    "plus": "%2B1",
    "arabic digits": "%D9%A1%D9%A0",
    "full-width digits": "%EF%BC%91%EF%BC%90",
    "superscript": "%C2%B2",
    "too large": "1e999",
    "not a number": "NaN",
    "hexadecimal": "0x10",
    "SQL": "'%20OR%201%3D1%20--",
    "more SQL": "1%3BDROP%20TABLE%20observations",
    "placeholder": "%251%24s%20%7B0%7D%20%3Aname",
    "path": "..%2F..%2F..%2Fetc%2Fpasswd",
    "path twice": "%252e%252e%252fetc%252fpasswd",
    "backslashes": "..%5C..%5Cwindows",
    "script": "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "template": "%7B%7B7*7%7D%7D%24%7B7*7%7D",
    "header": "a%0D%0ASet-Cookie:%20a=1",
    "look-alike": "%D0%B0ccused",
    "zero width": "accused%E2%80%8B",
    "right to left": "%E2%80%AEdesucca",
    "astral": "%F0%9D%9F%99",
    "capitals": "ACCUSED",
    "long": "a" * 600,
    "very long": "a" * 9_000,
}


@pytest.fixture(scope="module")
def wire(real) -> Iterator[Wire]:
    with Wire(real.url) as wire:
        yield wire


def fill(template: str, **others: str) -> str:
    """The path of a route with something in every place."""
    for name, value in {**GOOD, **others}.items():
        template = template.replace(f"{{{name}}}", value)
    assert "{" not in template
    return template


def parameters() -> Iterator[tuple[str, str, str]]:
    """Every operation with each of its parameters: path, where it stands, name."""
    for path, methods in SCHEMA["paths"].items():
        for parameter in methods["get"].get("parameters", ()):
            yield path, parameter["in"], parameter["name"]


def refuse(answer, asked: str) -> None:
    """Raises AssertionError unless the answer is a problem, in which nothing odd comes back as it was sent."""
    assert answer.status in (400, 404, 406, 410, 414, 422, 501), (answer.status, asked)
    answer.problem()
    assert b"\0" not in answer.body
    assert b"Traceback" not in answer.body
    assert "set-cookie" not in answer.headers


ALONE = {"release", "as_of", "cursor", "format", "since", "url"}
"""Parameters that are looked at before, or after, mistakes of others are told."""

WORDS = {"q", "id", "title", "subtitle"}
"""Parameters that take any text: what is not found is told in a warning, and a title is only shown."""


@pytest.mark.parametrize("path", sorted({path for path, place, _ in parameters() if place == "query"}))
def test_no_odd_value_of_any_parameter_is_taken_or_fails(wire, path):
    names = {name for other, place, name in parameters() if (other, place) == (path, "query")}
    for value in ODD.values():
        for name in sorted(names & ALONE):
            refuse(wire.ask(f"{fill(path)}?{name}={value}"), name)
        for name in sorted(names & WORDS):
            answer = wire.ask(f"{fill(path)}?{name}={value}")
            if answer.status != 200:
                refuse(answer, name)
        together = sorted(names - ALONE - WORDS)
        if together:
            answer = wire.ask(f"{fill(path)}?" + "&".join(f"{name}={value}" for name in together))
            refuse(answer, value)
            if answer.status == 422:
                assert {fault["parameter"] for fault in answer.problem()["errors"]} >= set(together), value


@pytest.mark.parametrize("path", TEMPLATES)
def test_no_odd_name_of_a_parameter_is_taken_or_fails(wire, path):
    for value in ODD.values():
        answer = wire.ask(f"{fill(path)}?{value}={value}")
        assert answer.status < 500, value
        if answer.headers["content-type"].startswith("text/html"):
            assert b"<script>alert" not in answer.body


@pytest.mark.parametrize("path", [path for path in TEMPLATES if "{" in path])
def test_no_odd_part_of_a_path_is_found_or_fails(wire, path):
    for name in [name for name in GOOD if f"{{{name}}}" in path]:
        for value in ODD.values():
            asked = fill(path, **{name: value})
            answer = wire.ask(asked)
            refuse(answer, asked)


@pytest.mark.parametrize("path", TEMPLATES)
def test_no_address_is_answered_under_another_with_a_control_character(wire, path):
    for behind in ("%0A", "%0D", "%0D%0A", "%0A.csv", "%0A?release=1.1.0", "%00", "%0B", "%E2%80%A8"):
        asked = fill(path) + behind
        refuse(wire.ask(asked), asked)


@pytest.mark.parametrize("path", [path for path in TEMPLATES if not path.startswith("/v1")])
def test_a_page_says_that_it_did_not_understand_and_escapes_what_it_repeats(wire, path):
    accepts = {"Accept": "text/html"}
    names = ("value", "id", "release", "as_of", "cursor", "category")
    for value in ODD.values():
        for query in ("&".join(f"{name}={value}" for name in names), f"value={value}", f"id={value}&id=k7m3q"):
            answer = wire.ask(f"{fill(path)}?{query}", accepts)
            assert answer.status < 500, (path, query)
            assert b"<script>alert" not in answer.body
            assert b"\0" not in answer.body


HEADERS = ("Accept", "Accept-Encoding", "Accept-Language", "If-None-Match", "If-Modified-Since", "If-Range", "Range", "X-Request-Id", "User-Agent", "Cookie", "Authorization", "Content-Length", "Expect", "Origin", "Cache-Control")  # fmt: skip
ODD_HEADERS = (b"", b"\xff\xfe", b",,,;;;q=", b"*/*;q=nan", b"text/csv;q=1e999", b"bytes=99999999999999999999-", b"bytes=-0", b"bytes=1-0,2-3", b'"', b"W/" * 999, b"a," * 9_000, b"a" * 30_000)  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_no_odd_header_fails(real, name):
    for value in ODD_HEADERS:
        for path in ("/v1/observations", "/v1/releases/1.1.0/files/observations.csv", "/", "/nowhere"):
            answer = ask(real.url, path, {name: value, "Connection": "close"})
            assert answer.status < 500, (path, value)
            assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("target", ["/v1/observations?category=%s", "/v1/%s", "/%s?a", "/look-up?value=%s"])
def test_a_hundred_kilobytes_are_refused(real, target):
    answer = ask(real.url, target % ("a" * 100_000))
    assert answer.status == 414
    answer.problem()


def test_a_query_is_measured_as_links_repeat_it(wire):
    def ask_for(count: int) -> str:
        return "/v1/observations/by-year.csv?" + "&".join(f"id={chr(39) * 490}{place:02}" for place in range(count))

    assert len(ask_for(10)) < 8_000
    assert len(wire.ask(ask_for(4)).headers["link"]) < 8_000
    refused = wire.ask(ask_for(10))
    assert (refused.status, refused.problem()["code"]) == (414, "request_too_long")
    assert refused.problem()["detail"] == "A query string has at most 8000 bytes; this one has 14759, quoted."


@pytest.mark.parametrize(
    "path",
    ["/static/", "/v1/releases/1.1.0/files/", "/v1/charts/", "/docs/", "/v1/observations/"],
)
@pytest.mark.parametrize(
    "way",
    ["../app/misconduct/main.py", "..%2fmain.py", "%2e%2e/%2e%2e/etc/passwd", "....//main.py", "/etc/passwd", "%2fetc%2fpasswd", "..%c0%af..%c0%afetc/passwd", "rendering.py", "../rendering.py", "..;/rendering.py", "C:%5cboot.ini", "site.css%00.png", "."],
)  # fmt: skip
def test_no_path_leads_out_of_what_is_served(wire, path, way):
    refuse(wire.ask(path + way), path + way)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "BREW", "get"])
def test_no_other_method_is_answered(real, method):
    for path in ("/v1/observations", "/", "/metrics", "/nowhere"):
        answer = ask(real.url, path, {"X-HTTP-Method-Override": "GET", "Connection": "close"}, method)
        assert answer.status in (400, 404, 405)
        assert answer.problem()["code"] in ("malformed_request", "not_found", "method_not_allowed")


def test_a_body_of_a_request_is_of_no_consequence(wire):
    plain = wire.ask("/v1/observations?limit=1")
    wire._connection.request("GET", "/v1/observations?limit=1", body=b"category=racism&limit=5", headers={"Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "identity"})  # fmt: skip
    assert wire._connection.getresponse().read() == plain.body
