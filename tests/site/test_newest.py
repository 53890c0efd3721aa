"""Pages name the newest numbers that the table has: each is the row that the address of its area answers with."""

import pytest

from .test_pages import read

AREAS = ("E23000001", "E23000032", "gb_sct", "gb_nir", "us_ny_new_york", "ke", "in_mh")
INDICATORS = ("complaints", "allegations", "suspended_on_a_day", "barred", "vetting_refused")  # fmt: skip


@pytest.mark.parametrize("area", AREAS)
def test_the_numbers_of_the_page_of_an_area_are_those_of_its_address(client, area):
    """An app that shows an area needs one request, and shows what our page shows."""
    rows = client.get(f"/v1/areas/{area}").json()["data"]
    page = read(client, f"/areas/{area}")
    for row in rows:
        assert f"/figures/{row['id']}" in page.links
        assert row["shown"] in page.text


@pytest.mark.parametrize("indicator", INDICATORS)
def test_an_indicator_has_the_newest_number_of_each_area(client, indicator):
    path = f"/v1/indicators/{indicator}?latest=1&columns=id,area_code,lead"
    newest = [row["id"] for row in client.get(path).json()["data"] if row["lead"]]
    links = read(client, f"/indicators/{indicator}").links
    assert newest
    assert [one for one in newest if f"/figures/{one}" not in links] == []


def test_what_is_of_no_known_place_is_no_newest_number(small):
    assert small.client.get("/v1/areas/unstated").json()["data"] == []
    links = read(small.client, "/areas/unstated").links
    assert not any(link.startswith("/figures/") for link in links)
