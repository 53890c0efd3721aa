"""An answer does not depend on the order in which figures, codes and kinds are named."""

import pytest


@pytest.mark.parametrize("path", ["figures", "deaths", "deaths/by-year"])
def test_the_order_of_codes_and_of_filters_changes_nothing(small, path):
    asked = [
        ("people", "members of the public"),
        ("year", "2019"),
        ("source", "Independent Office for Police Conduct"),
        ("year", "2015"),
    ]
    answers = [
        small.client.get(f"/v1/{path}", params=one).raise_for_status().json()
        for one in (asked, asked[::-1])
    ]
    for name in ("data", "warnings", "missing", "notes"):
        assert answers[0][name] == answers[1][name]
    assert answers[0]["data"]


@pytest.mark.parametrize(
    ("name", "codes"),
    [("area", "E23000001,E23000032"), ("id", "k7m3q,gb7nr"), ("value", "1492,131")],
)
def test_blanks_beside_commas_change_nothing(small, name, codes):
    """As people and spreadsheets join codes."""
    spaced = (codes.replace(",", ", "), f" {codes.replace(',', ' ,')} ")
    answers = [
        small.client.get("/v1/figures", params={name: value}).json()["data"]
        for value in (codes, *spaced)
    ]
    assert answers[0] == answers[1] == answers[2] != []


def test_an_id_of_a_record_is_none_of_a_figure(small):
    for identity, status in (("k7m3q", 200), ("how-many-were-accused", 422)):
        answer = small.client.get(f"/v1/changes?id={identity}")
        assert answer.status_code == status
