"""The badge of one figure says in a few words how it stands, and links it."""

import re
from xml.etree import ElementTree

import pytest

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def service(small):
    """The service with the small register, in which figures have changed."""
    return small


@pytest.fixture(scope="module")
def client(service):
    """A client of this service."""
    return service.client


@pytest.mark.parametrize(
    ("cited", "text"),
    [
        ("rpg77:16", "16 · revised to 17"),
        ("rpg77", "17 · revised in this register"),
        ("k7m3q:1492", "1,492 · unchanged in this register"),
        ("w2rmd:1000", "nearly 1,000 · unchanged in this register"),
        ("rqbmz:50", "50 · right for its dates"),
        ("k7m3q:1493", "that number of k7m3q · never in this register"),
        ("zzzzz:1", "zzzzz · never in this register"),
    ],
)
def test_a_badge_says_how_a_figure_stands(client, service, cited, text):
    answer = client.get(f"/v1/standing.svg?id={cited}").raise_for_status()
    svg = ElementTree.fromstring(answer.text)
    assert (svg.find(f"{SVG}title").text, svg.find(f".//{SVG}text").text) == (
        text,
        text,
    )
    assert svg.find(f"{SVG}a").get("href") == f"{service.url}/figures/{cited[:5]}"
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "<style" not in answer.text


def test_a_badge_is_small_and_as_wide_as_its_words(client):
    sizes = []
    for cited in ("rpg77:16", "w2rmd:1000"):
        svg = ElementTree.fromstring(client.get(f"/v1/standing.svg?id={cited}").text)
        sizes.append((int(svg.get("width")), int(svg.get("height"))))
    (short, low), (long, high) = sizes
    assert (low, high) == (20, 20)
    assert 90 <= short <= 130 < long


def test_a_badge_describes_the_figure_and_when_it_changed(client):
    said = re.search(
        "<desc>(.*?)</desc>", client.get("/v1/standing.svg?id=rpg77:16").text
    )[1]
    assert "Deaths in or after police custody, England and Wales." in said
    assert "since release 1.1.0" in said


def test_no_words_of_a_request_stand_in_a_badge(client):
    assert (
        "sacked"
        not in client.get("/v1/standing.svg?id=k7m3q:9%20sacked")
        .raise_for_status()
        .text
    )


def test_a_badge_is_of_one_figure(client):
    problem = client.get("/v1/standing.svg?id=k7m3q,gb7nr")
    assert problem.status_code == 422
    assert problem.json()["errors"][0]["parameter"] == "id"


def test_a_badge_is_kept_as_long_as_the_answer(client):
    badge, answer = (
        client.get(f"/v1/standing{form}?id=rpg77:16") for form in (".svg", "")
    )
    assert badge.headers["cache-control"] == answer.headers["cache-control"]
    again = client.get(
        "/v1/standing.svg?id=rpg77:16",
        headers={"If-None-Match": badge.headers["etag"]},
    )
    assert again.status_code == 304
