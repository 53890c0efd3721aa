"""An answer does not depend on the order in which figures, codes and kinds are named."""

import pytest


def test_standing_answers_in_the_order_of_the_question(client):
    cited = ["rpg77:16", "k7m3q:1492", "gb7nr:1131", "rqbmz:50", "h6xgz:700"]
    there, back = (
        client.get(f"/v1/standing?id={','.join(one)}").json()["data"]
        for one in (cited, cited[::-1])
    )
    assert [f"{one['id']}:{one['given']}" for one in there] == cited
    assert back == there[::-1]


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


def test_a_note_is_told_at_each_of_its_figures_and_at_no_other(small):
    notes = small.client.get("/v1/notes?type=disagreement,caveat").json()["data"]
    address = "/v1/figures?columns=id,note_ids&limit=1000"
    rows = small.client.get(address).json()["data"]
    for note in notes:
        address = f"/v1/notes/{note['id']}"
        ids = small.client.get(address).json()["data"]["figure_ids"]
        having = {
            row["id"] for row in rows if note["id"] in (row["note_ids"] or "").split()
        }
        assert {*ids} == having, note["id"]
        assert note["figures"] == len(ids)
    assert {note["type"] for note in notes} == {"caveat", "disagreement"}


def test_an_id_of_a_record_is_none_of_a_figure(small):
    for identity, status in (("k7m3q", 200), ("how-many-were-accused", 422)):
        answer = small.client.get(f"/v1/changes?id={identity}")
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        # a day comes after “September 2023”, which may have been its first day, and a page before its copies
        ("indicators/suspended_on_a_day?area=met", "201"),
        # twelve months come before sixteen years that end on the same day, and a whole before its parts
        ("indicators/deaths_in_custody?area=gb_eaw&source=iopc-deaths-in-custody-by-force", "18"),
        ("indicators/suspended_on_a_day?area=E23000014", "50"),
        # also of a document without a day, so that nobody knows whether its year was over
        ("indicators/barred?area=gb_eaw", "735"),
    ],
)  # fmt: skip
def test_the_newest_number_is_the_last_of_its_series(client, query, shown):
    rows = client.get(f"/v1/{query}&latest=1").raise_for_status().json()["data"]
    assert [row["shown"] for row in rows] == [shown]
