"""HTTP: formats, validators, CORS, problems, on real sockets."""

from __future__ import annotations

import errno
import gzip
import json
import re
import socket
import weakref
from contextlib import suppress

import orjson
import pytest

from misconduct import main
from misconduct.api import request_context
from misconduct.api.cursors import decode_cursor, encode_cursor
from misconduct.api.v1 import changes
from misconduct.http import problems
from misconduct.http.limits import Limits
from misconduct.http.problems import problem_response
from tests.api.test_listings import FIVE

PINNED = "public, max-age=3600, s-maxage=86400, stale-if-error=604800"
ORIGIN = {"Origin": "https://example.org"}


def raw(served, request: bytes) -> bytes:
    """What a server answers to bytes that no client library would send."""
    port = int(served.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def test_the_suffix_and_the_accept_header_give_the_same_bytes(api, publish):
    publish(FIVE)
    by_suffix = api.get("/v1/observations.csv")
    by_accept = api.get("/v1/observations", headers={"Accept": "text/csv"})
    assert by_suffix.content == by_accept.content
    assert by_suffix.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    with_suffix, without = api.get("/v1/observations.json").json(), api.get("/v1/observations").json()
    assert [with_suffix[part] for part in ("data", "meta", "warnings")] == [
        without[part] for part in ("data", "meta", "warnings")
    ]
    assert with_suffix["links"]["self"] == f"{without['links']['self']}.json"  # whoever follows it gets JSON again


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("", "application/json"),
        ("text/*", "text/csv"),
        ("text/csv;q=0.5, application/json;q=0.4", "text/csv"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
        ("text/html,application/xml;q=0.9,image/avif,image/png,image/svg+xml,*/*;q=0.8", "application/json"),
        ("text/html,image/png,text/csv,*/*;q=0.8", "text/csv"),
        ("text/csv;q=0, */*", "application/json"),
        ("application/json;q=0, */*", "text/csv"),
        ("TEXT/CSV", "text/csv"),
    ],
)
def test_the_accept_header_is_weighed(api, publish, accept, media_type):
    publish(FIVE)
    answer = api.get("/v1/observations", headers={"Accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == media_type


@pytest.mark.parametrize("accept", ["text/html", "application/pdf;q=1", "text/csv;q=0, application/json;q=0"])
def test_a_format_that_is_not_there_is_406_and_says_what_is(api, publish, accept):
    publish(FIVE)
    answer = api.get("/v1/observations", headers={"Accept": accept})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    assert answer.json()["formats"] == ["json", "csv", "jsonl", "parquet", "xlsx", "svg", "png", "vega-lite"]


def test_what_decides_the_bytes_is_named_in_vary(api, publish):
    publish(FIVE)
    assert api.get("/v1/observations").headers["vary"] == "Accept, Accept-Encoding"
    assert api.get("/v1/observations.csv").headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "address", ["/v1/observations", "/v1/observations.csv", "/v1/sources", "/v1/allegations/by-year"]
)
def test_an_answer_that_you_have_is_not_sent_again(api, publish, address):
    publish(FIVE)
    first = api.get(address)
    again = api.get(address, headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["vary"] == first.headers["vary"]
    assert again.headers["cache-control"] == first.headers["cache-control"]


def test_a_304_costs_no_statement(served, publish):
    publish(FIVE)
    etag = served.client.get("/v1/observations").headers["etag"]
    with served.statements() as seen:
        assert served.client.get("/v1/observations", headers={"If-None-Match": etag}).status_code == 304
    assert seen == []


def test_different_bytes_have_different_etags(api, publish):
    publish(FIVE)
    plain = {"Accept-Encoding": "identity"}
    etags = [
        api.get("/v1/observations").headers["etag"],
        api.get("/v1/observations", headers=plain).headers["etag"],
        api.get("/v1/observations.csv").headers["etag"],
        api.get("/v1/observations?limit=2").headers["etag"],
        api.get("/v1/observations?release=1.0.0").headers["etag"],
    ]
    publish(FIVE + "    bbbb9 | sexual_assault | officers | year | 2020 | 5 | | 5 | exact |", released="2024-06-01")
    etags.append(api.get("/v1/observations").headers["etag"])
    assert len(set(etags)) == len(etags)


def test_the_order_of_parameters_does_not_matter(api, publish):
    publish(FIVE)
    one = api.get("/v1/observations?year=2022&category=sexual_assault")
    other = api.get("/v1/observations?category=sexual_assault&year=2022")
    assert one.headers["etag"] == other.headers["etag"]
    assert one.content == other.content


def test_a_pinned_answer_may_be_kept_long_and_the_latest_briefly(api, publish):
    publish(FIVE)
    assert api.get("/v1/observations?release=1.0.0").headers["cache-control"] == PINNED
    latest = api.get("/v1/observations?release=latest").headers["cache-control"]
    assert latest == "public, max-age=10, s-maxage=5, stale-while-revalidate=3, stale-if-error=604800"


@pytest.mark.parametrize(
    "address", ["/v1/observations", "/v1/observations.csv", "/v1/observations/bbbb2", "/healthz", "/"]
)
def test_head_is_get_without_the_body(api, publish, address):
    publish(FIVE)
    got, headed = api.get(address), api.head(address)
    assert (headed.status_code, headed.content) == (200, b"")
    for name in ("content-type", "etag", "content-length", "cache-control"):
        assert headed.headers.get(name) == got.headers.get(name)


@pytest.mark.parametrize("address", ["/v1/observations", "/v1/observations?x=1", "/nowhere", "/healthz"])
def test_every_answer_may_be_read_from_any_origin(api, publish, address):
    publish(FIVE)
    answer = api.get(address, headers=ORIGIN)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "etag" in answer.headers["access-control-expose-headers"].lower()
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_preflight_is_answered(api):
    answer = api.options("/v1/observations", headers={**ORIGIN, "Access-Control-Request-Method": "GET"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_only_reading_is_answered(api, publish, method):
    publish(FIVE)
    answer = api.request(method, "/v1/observations")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_a_body_is_compressed_for_those_who_take_it(served, publish):
    publish(FIVE)
    request = b"GET /v1/observations HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n"
    plain = raw(served, request % b"").partition(b"\r\n\r\n")[2]
    head, _, body = raw(served, request % b"Accept-Encoding: br, gzip\r\n").partition(b"\r\n\r\n")
    assert b"content-encoding: gzip" in head
    assert gzip.decompress(body) == plain
    assert len(body) < len(plain)
    refused = raw(served, request % b"Accept-Encoding: gzip;q=0\r\n")
    assert b"content-encoding" not in refused.partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize(
    ("request_line", "status", "code"),
    [
        (b"GET /v1/observations?category=%s HTTP/1.1" % (b"a" * 100_000), 414, "request_too_long"),
        (b"GET /v1/observations?category=%s HTTP/1.1" % (b"a" * 66_000), 414, "request_too_long"),
        (b"NONSENSE / HTTP/1.1", 400, "malformed_request"),
        (b"\x00\xff", 400, "malformed_request"),
    ],
)
def test_what_is_no_request_is_a_problem_too(served, request_line, status, code):
    head, _, body = raw(served, request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"Access-Control-Allow-Origin: *" in head
    assert json.loads(body)["code"] == code


def test_a_request_id_is_made_or_taken_over_if_it_is_harmless(api):
    assert len(api.get("/healthz").headers["x-request-id"]) == 32
    assert api.get("/healthz", headers={"X-Request-Id": "newsroom-42"}).headers["x-request-id"] == "newsroom-42"
    assert api.get("/healthz", headers={"X-Request-Id": "a b<script>"}).headers["x-request-id"] != "a b<script>"


@pytest.mark.parametrize(
    "address",
    [
        "/v1/observations?category=%00",
        "/v1/observations?category=%FF%FE",
        "/v1/observations/%00",
        "/v1/observations/%FF",
        "/v1/%00",
        "/v1/..%2F..%2Fetc%2Fpasswd",
        "/static/..%2Ffiles.py",
        "/v1/observations/' OR 1=1 --",
        "/v1/observations?value=1;DROP TABLE observations",
        "/v1/observations?limit=٣",
        "/v1/observations/K7M3Q",
    ],
)
def test_nonsense_is_the_callers_mistake_never_ours(api, publish, address):
    publish(FIVE)
    answer = api.get(address)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


WRONG_INTEGERS = ("2147483648", "-2147483649", "9" * 300, "٣", "1_0", " 1 ", "")


def test_a_sealed_cursor_with_nonsense_in_it_is_the_callers_mistake(served, publish, monkeypatch):
    """The seal is made of what everybody knows, so whoever reads the code can forge one."""
    publish(FIVE)
    for path, position in [
        ("/v1/observations?sort=period", ["2014-01-01", "a\0b"]),
        ("/v1/observations?sort=value", ["1e999999", "bbbb2"]),
        ("/v1/observations?sort=period", ["yesterday", "bbbb2"]),
        ("/v1/observations/by-year?", [1] * 10),
        ("/v1/observations/by-year?", ["x"] * 9),
        *(("/v1/observations?q=officers", [key, "bbbb2"]) for key in WRONG_INTEGERS),
        *(("/v1/changes?", [age, "x", "x", "0", "x"]) for age in WRONG_INTEGERS),
        *(("/v1/changes?", ["0", "x", "x", version, "x"]) for version in WRONG_INTEGERS),
    ]:

        def forged(_: str, scope: str, length: int, position: list[str] = position) -> list[str]:
            return decode_cursor(encode_cursor(position, scope), scope, length)

        for module in (request_context, changes):
            monkeypatch.setattr(module, "decode_cursor", forged)
        answer = served.client.get(f"{path}&cursor=x")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor"), position


def test_a_long_name_of_a_file_is_not_found(api, publish):
    publish(FIVE)
    assert api.get(f"/static/{'a' * 300}.css").status_code == 404


def test_a_query_of_thousands_of_parameters_is_refused_briefly(api, publish):
    publish(FIVE)
    answer = api.get("/v1/observations?" + "a&" * 3900)
    assert (answer.status_code, answer.json()["code"]) == (414, "request_too_long")
    repeated = api.get("/v1/observations?" + "a&" * 150).json()
    assert [error["parameter"] for error in repeated["errors"]] == ["a"]


@pytest.mark.parametrize("part", ["bytes=-5", "bytes=9-0", "bytes=999999999-"])
def test_a_star_comes_before_a_range_whether_the_answer_is_kept_or_not(api, publish, part):
    publish(FIVE)
    sent = {"If-None-Match": "*", "Range": part}
    for _ in range(2):
        assert api.get("/v1/observations/bbbb2", headers=sent).status_code == 304
        assert api.get("/v1/observations/bbbb2").status_code == 200


def test_any_validator_will_do_for_a_star(api, publish):
    publish(FIVE)
    assert api.get("/v1/observations", headers={"If-None-Match": "*"}).status_code == 304
    etag = api.get("/v1/observations").headers["etag"]
    many = ", ".join([*(f'"{number:032}"' for number in range(100)), etag])
    assert api.get("/v1/observations", headers={"If-None-Match": many}).status_code == 304


@pytest.mark.parametrize(
    "path", ["/v1/observations/bbbb2", "/v1/observations.csv", "/observations/bbbb2", "/v1/by-year"]
)
def test_a_star_is_told_only_that_there_is_an_answer(api, publish, path):
    publish(FIVE)
    path = path.replace("/v1/by-year", "/v1/allegations/by-year")
    first = api.get(path, headers={"If-None-Match": "*"})
    whole = api.get(path)
    assert (first.status_code, first.content, whole.status_code) == (304, b"", 200)
    assert first.headers["etag"] == whole.headers["etag"]
    assert api.head(path, headers={"If-None-Match": "*"}).status_code == 304


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/observations/zzzzz", 404),
        ("/v1/charts/nope.svg", 404),
        ("/datasets/nope", 404),
        ("/v1/releases/9.9.9", 404),
        ("/v1/observations.csv?cursor=abc", 422),
        ("/v1/compare?id=zzzzz&id=yyyyy", 422),
    ],
)
def test_a_star_finds_nothing_where_nothing_is(api, publish, path, status):
    publish(FIVE)
    assert api.get(path, headers={"If-None-Match": "*"}).status_code == status


def test_a_forged_host_leads_nowhere(served, publish):
    publish(FIVE)
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    for address in ("/v1/observations", "/v1/observations/", "/v1/nothing", "/"):
        answer = served.client.get(address, headers=headers)
        assert "evil.example" not in answer.text + json.dumps(dict(answer.headers))
        assert answer.status_code in (200, 404)


def test_a_slash_at_the_end_is_another_address_and_not_redirected(api, publish):
    publish(FIVE)
    assert api.get("/v1/observations/").status_code == 404


def test_a_failure_of_ours_is_a_problem_with_cors_and_no_traceback(served, publish, monkeypatch):
    publish(FIVE)

    async def fail(*_args, **_more):
        raise RuntimeError("a secret")

    monkeypatch.setattr("misconduct.queries.observations.find", fail)
    answer = served.client.get("/v1/observations", headers=ORIGIN)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"


SHORTAGES = [
    MemoryError(),
    OSError(errno.EMFILE, "Too many open files"),
    orjson.JSONDecodeError("Not enough memory to allocate buffer for parsing", "", 0),
    RuntimeError("can't start new thread"),
]


@pytest.mark.parametrize("error", SHORTAGES, ids=repr)
def test_too_little_room_for_an_answer_is_a_503(served, publish, monkeypatch, error):
    publish(FIVE)

    async def fail(*_args, **_more):
        raise error

    monkeypatch.setattr("misconduct.queries.observations.find", fail)
    answer = served.client.get("/v1/observations")
    assert (answer.status_code, answer.headers.get("retry-after")) == (503, "1")
    assert answer.json()["code"] == "overloaded"


def test_what_a_failed_answer_held_is_given_back_before_the_problem_is_sent(served, publish, monkeypatch):
    publish(FIVE)
    there = []

    class Much:
        pass

    async def fail(*_args, **_more):
        there.append(weakref.ref(much := Much()))
        raise MemoryError(much is None)

    def send(*args):
        there.append(there[0]() is not None)
        return problem_response(*args)

    monkeypatch.setattr("misconduct.queries.observations.find", fail)
    monkeypatch.setattr(problems, "problem_response", send)
    assert served.client.get("/v1/observations").status_code == 503
    assert there[1] is False


def test_what_failed_in_the_thread_apart_is_given_back_before_that_is_told():
    there = []

    class Much:
        pass

    def fail():
        there.append(weakref.ref(much := Much()))
        raise MemoryError(much is None)

    with main.Apart(1) as thread:
        failed = thread.submit(fail)
        with pytest.raises(MemoryError):
            failed.result()
        assert there[0]() is None
        assert thread.submit(int).result() == 0


def test_a_request_that_there_is_no_memory_to_take_on_is_not_left_waiting(served, publish, monkeypatch):
    publish(FIVE)
    with monkeypatch.context() as patched:
        patched.setattr(Limits, "admit", lambda *_, **__: (_ for _ in ()).throw(MemoryError))
        with suppress(ConnectionResetError):
            assert raw(served, b"GET /v1/observations HTTP/1.1\r\nHost: here\r\n\r\n") == b""
    assert served.client.get("/v1/observations").status_code == 200


def test_pages_need_no_other_host_and_no_script(api, publish):
    publish(FIVE)
    for address in ("/", "/docs"):
        page = api.get(address)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "<script" not in page.text
        assert 'src="http' not in page.text
        [style_sheet] = re.findall(r'rel="stylesheet" href="(/static/[0-9a-f]{12}/site.css)"', page.text)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert api.get(style_sheet).headers["content-type"] == "text/css; charset=utf-8"
        assert api.get(style_sheet).content == api.get("/static/site.css").content


def test_text_of_the_register_is_escaped_in_pages(api, publish):
    title = "<script>alert(1)</script>"
    dataset = [{"id": "x", "version": 1, "title": title, "description": "d", "measures": ["accused"]}]
    publish(FIVE, files={"datasets.yaml": json.dumps(dataset)})
    assert title not in api.get("/").text
    assert "&lt;script&gt;" in api.get("/").text


def test_openapi_is_served_as_it_is_committed(real):
    from tests.api.test_contract import SCHEMA

    assert real.client.get("/openapi.json").json() == SCHEMA
