"""Indicators are listed in their order, with the newest number of each place; figures are found and named by them."""

import csv
import io

import pytest


def ask(client, path):
    return client.get(path).raise_for_status().json()


def test_the_list_has_all_that_is_counted_in_order_with_what_is_held(client):
    found = ask(client, "/v1/indicators")["data"]
    assert len(found) == 125
    assert [one["position"] for one in found] == [*range(1, 126)]
    assert [one["id"] for one in found[:4]] == [
        "complaints",
        "suspended_on_a_day",
        "dismissed",
        "barred",
    ]
    assert all({"figures", "years", "areas"} <= one.keys() for one in found)
    [dismissed] = [one for one in found if one["id"] == "dismissed"]
    assert (dismissed["label"], dismissed["figures"]) == ("Officers dismissed", 438)
    assert {"2001", "2024/25"} <= {*dismissed["years"]}
    assert {"gb_eaw", "in_mh", "E23000001"} <= {*dismissed["areas"]}
    table = [*csv.DictReader(io.StringIO(client.get("/v1/indicators.csv").text))]
    assert [one["id"] for one in table] == [one["id"] for one in found]
    assert (table[2]["label"], table[2]["figures"]) == ("Officers dismissed", "438")


def test_an_indicator_has_the_newest_number_of_each_place(client):
    rows = ask(client, "/v1/indicators/complaints?latest=1&columns=all")["data"]
    leading = {row["area_code"]: row for row in rows if row["lead"]}
    assert len(leading) == len({row["area_code"] for row in rows}) == 100
    assert {row["latest"] for row in rows} == {1}
    country = leading["gb_eaw"]
    assert (country["name"], country["shown"], country["value"], country["time"]) == (
        "Complaints about the police", "94,940", 94940, "year to March 2025",
    )  # fmt: skip
    assert leading["gb_sct"]["shown"] == "7,099"
    [row] = ask(client, "/v1/indicators/complaints?latest=1&area=gb_nir")["data"]
    assert (row["id"], row["shown"]) == ("mncpb", "3,085")


@pytest.mark.parametrize(("number", "figures"), [("1.1.0", 259), ("2.0.0", 263)])
def test_each_figure_of_a_release_has_an_indicator(small, number, figures):
    found = ask(small.client, f"/v1/indicators?release={number}")["data"]
    assert sum(one["figures"] for one in found) == figures


def test_the_picture_of_an_indicator_can_be_embedded(small):
    """Pages say so to WordPress and others. Where no figure is held, there is no picture."""
    client, empty = small.client, "complaints?area=gb_wls"

    def embed(path):
        url = str(client.base_url.join(f"/indicators/{path}"))
        return client.get("/oembed", params={"url": url})

    found = embed("complaints?area=gb_eaw").raise_for_status().json()
    assert "/embed/indicators/complaints?area=gb_eaw" in found["html"]
    sent = client.get(found["thumbnail_url"]).raise_for_status()
    assert sent.headers["content-type"] == "image/png"
    for unknown in ("complaint", empty):
        assert embed(unknown).status_code == 404, unknown
    page = client.get(f"/indicators/{empty}", headers={"Accept": "text/html"})
    assert "oembed" not in page.raise_for_status().text


@pytest.mark.parametrize("path", ["complaints", "complaints.svg"])
def test_an_unknown_place_of_an_indicator_is_the_callers_mistake(client, path):
    answer = client.get(f"/v1/indicators/{path}", params={"area": "atlantis"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "area"


def test_what_is_too_long_for_any_name_gets_no_guess(client):
    answer = client.get(f"/v1/indicators/{'complaints-' * 600}")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["did_you_mean"] == []
