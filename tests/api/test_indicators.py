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


@pytest.mark.parametrize(("number", "figures"), [("1.1.0", 259), ("2.0.0", 263)])
def test_each_figure_of_a_release_has_an_indicator(small, number, figures):
    found = ask(small.client, f"/v1/indicators?release={number}")["data"]
    assert sum(one["figures"] for one in found) == figures


@pytest.mark.parametrize("path", ["complaints", "complaints.svg"])
def test_an_unknown_place_of_an_indicator_is_the_callers_mistake(client, path):
    answer = client.get(f"/v1/indicators/{path}", params={"area": "atlantis"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "area"


def test_what_is_too_long_for_any_name_gets_no_guess(client):
    answer = client.get(f"/v1/indicators/{'complaints-' * 600}")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["did_you_mean"] == []
