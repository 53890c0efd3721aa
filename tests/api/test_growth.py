"""Whatever strangers send is limited, or twice as much takes at most twice the work.

Parameters and parts of paths are those that the program declares, so that a new one is
tested, too.
"""

import json
import re
from itertools import count
from urllib.parse import quote

import httpx
import pytest
from fastapi.routing import APIRoute

from misconduct.api.faults import describe_parameters
from misconduct.api.limits import MAX_ADDRESS, MAX_HEADERS, MAX_PARAMETERS
from misconduct.api.received import MAX_BYTES
from misconduct.main import ROUTERS
from misconduct.site.routes import PAGES

from ..growth import BLANKS, SHORT, UNITS, find_growing, measure

ROUTES = [
    route
    for router in (*ROUTERS, *PAGES)
    for route in router.routes
    if isinstance(route, APIRoute) and "GET" in route.methods
]
LIST, PAGE = "/v1/figures?limit=1", "/search?q=dismissed"
FILE, STATIC = "/v1/releases/latest/SHA256SUMS", "/static/site.css"
OFFSETS = count()  # each is of an answer that no cache has
HEADERS = [
    *(
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "authorization",
    ),
    *("cache-control", "connection", "content-encoding", "content-type", "cookie"),
    *("expect", "forwarded", "from", "host", "if-match", "if-modified-since"),
    *("if-none-match", "if-range", "if-unmodified-since", "last-event-id", "origin"),
    *("mcp-protocol-version", "mcp-session-id", "pragma", "range", "referer", "te"),
    *("access-control-request-headers", "access-control-request-method", "upgrade"),
    *("user-agent", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"),
]
PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")


def list_parameters():
    """Return each parameter that an address declares, once, with such an address."""
    found = {}
    for route in sorted(ROUTES, key=lambda route: "{" in route.path):
        for parameter in describe_parameters(route.endpoint):
            key = parameter["name"], json.dumps(parameter["schema"], sort_keys=True)
            found.setdefault(key, (PLACE.sub("dismissed", route.path), key[0]))
    return [*found.values()]


def fill(unit, size, written=len):
    return unit * (size // written(unit))


def test_no_parameter_takes_more_than_twice_the_work(service, client):
    def send(case, size, run):
        (path, name), unit = case
        value = f"{run}{fill(unit, size, lambda one: len(quote(one, safe='')))}"
        answer = client.get(f"{path}?{name}={quote(value, safe='')}")
        assert answer.status_code < 500

    parameters = list_parameters()
    assert ("/v1/figures", "area") in parameters
    assert ("/oembed", "url") in parameters
    cases = [(one, unit) for one in parameters for unit in SHORT]
    assert find_growing(service, send, cases, MAX_ADDRESS - 100) == []


def test_no_number_of_parameters_takes_more_than_twice_the_work(service, client):
    def send(case, size, run):
        path, name = case
        names = (name.format(number) for number in range(size - 1))
        answer = client.get(f"{path}?run={run}&{'&'.join(names)}")
        assert answer.status_code < 500

    paths = [PLACE.sub("dismissed", route.path) for route in ROUTES]
    cases = [(path, "x{}=1") for path in paths]
    cases += [(path, f"{name}={{}}") for path, name in list_parameters()]
    assert find_growing(service, send, cases, MAX_PARAMETERS) == []


def test_no_part_of_a_path_takes_more_than_twice_the_work(service, client):
    def send(case, size, run):
        path, unit = case
        value = f"{run}{fill(unit, size, lambda one: len(quote(one, safe='')))}"
        answer = client.get(PLACE.sub(quote(value, safe=""), path, count=1))
        assert answer.status_code < 500

    paths = ["/{any}", "/v1/{any}", "/v1/figures.{any}"]
    paths += [route.path for route in ROUTES if "{" in route.path]
    cases = [(path, unit) for path in paths for unit in [*UNITS, *BLANKS]]
    assert find_growing(service, send, cases, MAX_ADDRESS // 2) == []


@pytest.mark.parametrize("path", [LIST, PAGE, FILE, STATIC])
def test_no_header_takes_more_than_twice_the_work(service, client, path):
    def send(case, size, run):
        name, unit = case
        value = f"a{run}{fill(unit, size)}".strip()
        answer = client.head(path, headers={name: value})
        assert answer.status_code < 500

    cases = [(name, unit) for name in HEADERS for unit in UNITS]
    assert find_growing(service, send, cases, MAX_HEADERS - 1_000) == []


@pytest.mark.parametrize("path", ["/v1/check", "/check"])
def test_no_body_takes_more_than_twice_the_work(service, client, path):
    def send(case, size, run):
        kind, begin, unit = case
        body = f"{begin}{run}{fill(unit, size, lambda one: len(one.encode()))}"
        headers = {"Content-Type": kind}
        answer = client.post(path, content=body.encode(), headers=headers)
        assert answer.status_code in {200, 413, 422, 503}

    signs = ["&", "a=b&", "text=a&", "%41", "+", "[", '{"a":', '."', ". ", "<p "]
    form, markup = "application/x-www-form-urlencoded", "text/html"
    begins = [(form, "text="), (form, "a"), ("application/json", '{"text":"')]
    begins += [("text/plain", "a"), ("text/plain", '{"text":'), (markup, "<p>")]
    cases = [(*begin, unit) for begin in begins for unit in [*signs, *BLANKS]]
    assert find_growing(service, send, cases, MAX_BYTES - 100) == []


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/figures?" + "&".join(f"x{n}" for n in range(6_000)), {}, 414),
        ("/v1/figures?" + "x&" * MAX_PARAMETERS, {}, 414),
        ("/search?q=" + "a" * MAX_ADDRESS, {}, 414),
        ("/" + "a" * MAX_ADDRESS, {}, 414),
        (LIST, {"Accept": "a" * 60_000}, 431),
        ("/healthz", {"Cookie": "a=b;" * 500_000}, 431),
        (LIST, {"Accept": "a" * 30_000}, 200),
        (LIST, {"Accept": "video/mp4," * 20 + "text/csv"}, 200),
    ],
)
def test_what_is_too_long_costs_less_than_an_answer(service, path, headers, status):
    with httpx.Client(base_url=service.url, timeout=60) as client:

        def ask():
            client.get(f"/v1/figures?limit=1000&offset={next(OFFSETS)}")

        ordinary = min(measure(service, ask) for _ in range(3))
        answers = []
        work = min(
            measure(service, lambda: answers.append(client.get(path, headers=headers)))
            for _ in range(3)
        )
    assert {answer.status_code for answer in answers} == {status}
    assert work < ordinary
    if status > 400:
        assert answers[0].headers["content-type"] == "application/problem+json"
        assert answers[0].headers["access-control-allow-origin"] == "*"
        assert answers[0].json()["status"] == status


def test_as_many_parameters_as_are_allowed_are_named(client):
    asked = "&".join(f"x{number}=1" for number in range(MAX_PARAMETERS))
    answer = client.get(f"/v1/figures?{asked}")
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 40)
