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
    "codes": "/v1/codelists/area",
    "chart": "/v1/charts/trust-in-the-met",
    "comparison": "/v1/compare?id=k7m3q,gb7nr",
    "changes": "/v1/changes?limit=1",
    "page": "/datasets/vetting",
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


@pytest.mark.parametrize(
    ("number", "kept"),
    [("latest", MINUTES), ("1.0.0", FOR_EVER)],
)
@pytest.mark.parametrize("file", ["files/changes.csv", "bundle.zip"])
def test_only_files_of_a_release_that_is_named_never_change(client, number, file, kept):
    assert client.head(f"/v1/releases/{number}/{file}").headers["cache-control"] == kept


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
