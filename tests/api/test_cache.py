"""The cache that is in front of all answers."""

import asyncio
from types import SimpleNamespace

import pytest

from misconduct.api.cache import AnswerCache

ASKED = {  # an address of each kind that knows `release`
    "list": "/v1/figures?limit=1",
    "table": "/v1/figures.csv?limit=1",
    "file": "/v1/figures.xlsx?limit=1",
    "by-year": "/v1/allegations/by-year.csv?category=sexual_assault",
    "figure": "/v1/figures/k7m3q",
    "picture": "/v1/figures/k7m3q.svg",
    "records": "/v1/sources",
    "codes": "/v1/codes?type=category",
    "chart": "/v1/charts/hotline",
    "changes": "/v1/changes?limit=1",
    "page": "/vetting",
    "page of a figure": "/figures/k7m3q",
}
OF_ANY_RELEASE = ("figure", "picture", "changes", "page of a figure")
FILES = ("table", "file", "by-year")
OF_ROWS = (*FILES, "list", "chart")
MINUTES = "public, max-age=300"
MINUTES_OF_TABLES = f"{MINUTES}, stale-while-revalidate=86400"
FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def client(small):
    """A client of the service with the small register."""
    return small.client


@pytest.mark.parametrize(("kind", "address"), ASKED.items())
def test_only_a_table_of_a_release_that_is_named_is_kept_for_long(
    client, kind, address
):
    """All else says how its figures stand today; a correction must not stay hidden behind it."""
    newest = client.get("/v1/releases").json()["data"][0]["number"]
    earlier = "1.0.0" if kind in OF_ANY_RELEASE else "1.1.0"
    minutes = MINUTES_OF_TABLES if kind in OF_ROWS else MINUTES
    for number in ("latest", newest, earlier):
        sign = "&" if "?" in address else "?"
        answer = client.get(f"{address}{sign}release={number}")
        assert answer.status_code == 200
        is_fixed = number != "latest" and kind in FILES
        assert answer.headers["cache-control"] == (FOR_EVER if is_fixed else minutes)
        assert ("last-modified" in answer.headers) == is_fixed
        in_header = newest if number == "latest" else number
        assert answer.headers["misconduct-release"] == in_header
        links = answer.headers["link"]
        assert 'rel="license"' in links
        assert ('rel="describedby"' in links) == (kind in FILES)


def test_an_error_is_not_kept(client):
    for address in ("/v1/figures?area=nowhere", "/v1/nothing", "/areas/nowhere"):
        answer = client.get(address)
        assert answer.status_code >= 400
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("file", ["changes.csv", "all.zip"])
def test_files_of_a_release_never_change_and_latest_leads_to_a_number(client, file):
    found = client.head(f"/v1/releases/1.0.0/{file}")
    assert found.headers["cache-control"] == FOR_EVER
    latest = client.head(f"/v1/releases/latest/{file}")
    assert (latest.status_code, latest.headers["cache-control"]) == (307, MINUTES)
    newest = client.get("/v1/releases").json()["data"][0]["number"]
    assert latest.headers["location"].endswith(f"/v1/releases/{newest}/{file}")


async def ask(cache, releases):
    """Return the body of an answer."""
    sent = []

    async def send(message):
        sent.append(message.get("body", b""))

    state = {"releases": releases}
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1",
        "query_string": b"",
        "headers": [],
        "state": state,
    }
    await cache(scope, None, send)
    return b"".join(sent)


def test_an_answer_that_a_release_overtakes_is_not_kept():
    releases = SimpleNamespace(loaded=["1.0.0"])

    async def answer(scope, receive, send):
        newest = releases.loaded[-1].encode()
        if (
            newest == b"1.0.0"
        ):  # while it is being made, a release comes, and somebody asks for that
            releases.loaded = ["1.0.0", "1.1.0"]
            await ask(cache, releases)
        headers = [(b"content-length", b"5"), (b"cache-control", b"public")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": newest})

    async def ask_twice():
        return await ask(cache, releases), await ask(cache, releases)

    cache = AnswerCache(answer)
    assert asyncio.run(ask_twice()) == (b"1.0.0", b"1.1.0")
