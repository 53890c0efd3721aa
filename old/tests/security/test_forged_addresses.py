"""Links come from the configured address: nothing that a request says of hosts comes back, or splits what is kept."""

from __future__ import annotations

import re

import pytest

from misconduct.settings import Settings
from tests.api.test_http import raw
from tests.security.addresses import GOOD, ask, templates
from tests.serving import Served, serve

EVIL = "evil.example"
FORGED = {
    "Host": EVIL,
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Server": EVIL,
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Port": "61697",
    "X-Forwarded-Prefix": f"/{EVIL}",
    "X-Forwarded-For": "192.0.2.66",
    "X-Real-IP": "192.0.2.66",
    "Forwarded": f"for=192.0.2.66;host={EVIL};proto=gopher",
    "X-Original-URL": "/v1/sources",
    "X-Rewrite-URL": "/v1/sources",
    "X-Original-Host": EVIL,
    "X-HTTP-Method-Override": "DELETE",
    "Referer": f"https://{EVIL}/",
}
SIGNS = (EVIL, "192.0.2.66", "gopher", "61697")


def fill(template: str) -> str:
    for name, value in GOOD.items():
        template = template.replace(f"{{{name}}}", value)
    return template


@pytest.mark.parametrize("template", templates())
def test_a_forged_host_changes_nothing_and_is_not_kept_for_others(elsewhere, template):
    path = fill(template)
    forged = ask(elsewhere.url, path, FORGED)
    plain = ask(elsewhere.url, path)
    assert not any(sign in forged.text for sign in SIGNS)
    assert (forged.status, forged.headers) == (plain.status, plain.headers)
    if "request_id" not in plain.text:
        assert forged.body == plain.body


@pytest.fixture(scope="module")
def elsewhere(real):
    """The service with an address of its own, so that it can be told from the one that it is asked at."""
    settings = Settings(database_url=real.settings.database_url, base_url="https://figures.example/register", port=8000)
    with serve(settings) as served:
        yield served


@pytest.mark.parametrize("path", ["/v1/observations?limit=1", "/v1/releases", "/v1/dcat", "/v1", "/", "/sitemap.xml"])
def test_links_begin_with_the_configured_address(elsewhere, path):
    answer = ask(elsewhere.url, path, FORGED)
    assert "https://figures.example/register/" in answer.text
    assert "127.0.0.1" not in answer.text
    assert "localhost" not in answer.text


@pytest.mark.parametrize(
    "target",
    ["http://evil.example/v1/observations", "http://evil.example", "https://evil.example:61697/v1/sources/", "//evil.example/v1/observations", "//evil.example/%2e%2e", "/\\evil.example", "/%5cevil.example", "/v1/observations/", "/v1//observations", "/V1/observations", "/.//evil.example", "*", "evil.example:443"],
)  # fmt: skip
def test_no_target_leads_away_or_comes_back(elsewhere, target):
    request = f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = raw(elsewhere, request.encode())
    head, _, _ = answer.partition(b"\r\n\r\n")
    assert int(head.split()[1]) in (200, 400, 404)
    assert b"\nlocation:" not in head.lower()
    assert EVIL.encode() not in answer


def misses(running: Served) -> float:
    """How many requests were not answered from memory, as /metrics counts them; asking for that counts, too."""
    found = re.search(
        r"^misconduct_cache_misses_total (\S+)$", ask(running.url, "/metrics").body.decode(), re.MULTILINE
    )
    return float(found[1])


def test_two_hosts_are_one_client_of_one_answer(elsewhere):
    before = misses(elsewhere)
    path = "/v1/observations?year=2021&limit=3"
    for host in ("a.example", "b.example", "c.example"):
        assert ask(elsewhere.url, path, {"Host": host}).status == 200
    assert misses(elsewhere) == before + 2  # the first of the three, and /metrics itself


@pytest.mark.parametrize(
    "lines",
    [b"", b"Host: a\r\nHost: b\r\n", b"Host: \r\n", b"Host: a b\r\n", b"Host: \xff\r\n", b"Host: " + b"a" * 9_000 + b"\r\n", b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"Content-Length: 5\r\nContent-Length: 6\r\n", b"Transfer-Encoding: xchunked\r\n", b"Content-Length: -1\r\n", b" folded: x\r\n", b"a\0b: c\r\n"],
)  # fmt: skip
def test_a_malformed_head_is_refused_or_of_no_consequence(elsewhere, lines):
    smuggled = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = raw(elsewhere, b"GET /healthz HTTP/1.1\r\n" + lines + b"Connection: close\r\n\r\n" + smuggled)
    assert answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 400 ")) or answer == b""
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert b"smuggled" not in answer


@pytest.mark.parametrize(
    "trailer", [b"Accept: text/csv", b"Accept-Encoding: gzip", b"If-None-Match: *", b"Range: bytes=0-9"]
)
def test_what_stands_behind_a_request_chooses_no_answer_for_others(elsewhere, trailer):
    """uvicorn adds trailers to the headers, after the key of the answer was read from them."""
    path = f"/v1/observations?limit=2&value_from={len(trailer)}".encode()
    head = b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n"
    after = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    forged = raw(elsewhere, head + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + trailer + b"\r\n\r\n" + after)
    honest = raw(elsewhere, head + b"Connection: close\r\n\r\n")
    for answer in (forged, honest):
        assert answer.startswith(b"HTTP/1.1 200 ")
        fields, _, body = answer.partition(b"\r\n\r\n")
        assert b"content-type: application/json" in fields
        assert b"content-encoding" not in fields
        assert body.startswith(b'{"data":')


def test_a_trailer_that_closes_the_connection_closes_it(elsewhere):
    """The parser reads nothing behind it: whoever asks on would wait until the head of a request is overdue."""
    head = b"GET /v1/sources HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    answer = raw(elsewhere, head + b"Connection: close\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_head_has_a_bounded_number_of_lines(elsewhere):
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    assert raw(elsewhere, head + b"a:\r\n" * 198 + b"\r\n").startswith(b"HTTP/1.1 200 ")
    refused = raw(elsewhere, head + b"a:\r\n" * 200)  # without the end of the head
    assert refused.startswith(b"HTTP/1.1 431 ")
    assert refused.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("body", [b"zz\r\n", b"5\r\nabcdeXX", b"5\r\nabcde\r\n0\r\nbad trailer\r\n\r\n"])
def test_a_request_with_a_wrong_body_has_one_answer(elsewhere, body):
    head = b"GET /v1/sources HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = raw(elsewhere, head + body)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith(b"HTTP/1.1 200 ")
