"""Unasked, the figures and the places of the readers' country come first."""

import re

import pytest

from ..conftest import Service
from .test_pages import read


@pytest.fixture(scope="module")
def indian(home):
    """A client of a service whose readers are in India."""
    running = Service(home, MISCONDUCT_HOME_AREA="India")
    try:
        yield running.wait().client
    finally:
        running.stop()


def find_first_area(client, question):
    answer = client.get("/v1/search", params={"q": question}).raise_for_status().json()
    return answer["data"][0]["area_code"]


def test_the_country_of_readers_comes_first_and_is_the_united_kingdom_if_unsaid(
    client, indian
):
    for question in ("complaints", "dismissed"):
        assert find_first_area(client, question).startswith(("gb_", "E2", "W1"))
        assert find_first_area(indian, question).startswith("in")


def test_a_place_that_is_asked_comes_first_wherever_readers_are(client, indian):
    for asking in (client, indian):
        assert find_first_area(asking, "complaints Scotland") == "gb_sct"


def test_the_places_of_the_readers_country_are_listed_first(client, indian):
    for asking, home in ((client, "E23000032"), (indian, "in_mh")):
        places = re.findall(r"/areas/(\w+)", " ".join(read(asking, "/areas").links))
        others = {"E23000032", "in_mh"} - {home}
        assert all(places.index(home) < places.index(one) for one in others)
