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


@pytest.mark.parametrize(
    "path", ["observations", "observations/by-year", "deaths/by-year"]
)
def test_the_order_of_codes_and_of_filters_changes_nothing(client, path):
    asked = [
        ("area", "E23000032"),
        ("area", "E23000034"),
        ("category", "detention"),
        ("year_from", "2015"),
    ]
    answers = [
        client.get(f"/v1/{path}", params=one).raise_for_status().json()
        for one in (asked, asked[::-1])
    ]
    for name in ("data", "warnings"):
        assert answers[0][name] == answers[1][name]
    assert answers[0]["data"]


def test_blanks_beside_commas_change_nothing(client):
    """As people and spreadsheets join codes."""
    for name, codes in (
        ("area", "E23000001,E23000032"),
        ("id", "k7m3q,gb7nr"),
        ("value", "1492,131"),
    ):
        answers = [
            client.get("/v1/observations", params={name: value})
            .raise_for_status()
            .json()["data"]
            for value in (
                codes,
                codes.replace(",", ", "),
                f" {codes.replace(',', ' ,')} ",
            )
        ]
        assert answers[0] == answers[1] == answers[2] != []


def test_a_note_is_told_at_each_of_its_figures_and_at_no_other(small):
    notes = small.client.get("/v1/notes?type=disagreement,caveat").json()["data"]
    address = "/v1/observations?columns=id,disagreements,caveats&limit=1000"
    rows = small.client.get(address).json()["data"]
    for note in notes:
        address = f"/v1/notes/{note['id']}"
        ids = small.client.get(address).json()["data"]["figure_ids"]
        having = {
            row["id"]
            for row in rows
            if note["id"] in [*row["disagreements"], *row["caveats"]]
        }
        assert {*ids} == having, note["id"]
        assert note["figures"] == len(ids)
    assert {note["type"] for note in notes} == {"caveat", "disagreement"}


def test_an_id_of_a_record_is_none_of_a_figure(small):
    for identity, status in (("k7m3q", 200), ("how-many-were-accused", 422)):
        answer = small.client.get(f"/v1/changes?id={identity}")
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("query", "printed"),
    [
        # a day comes after “September 2023”, which may have been its first day, and a page before its copies
        ("suspensions?measure=suspended&area=E23000001&coverage=point", "201"),
        # twelve months come before sixteen years that end on the same day, and a whole before its parts
        ("deaths?area=gb_eaw&source=iopc-deaths-in-custody-by-force", "18"),
        ("suspensions?measure=suspended&area=E23000014&coverage=point", "50"),
        # also of a document without a day, so that nobody knows whether its year was over
        ("outcomes?area=gb_eaw&measure=barred", "735"),
    ],
)
def test_the_newest_figure_comes_first(client, query, printed):
    [newest] = (
        client.get(f"/v1/{query}&limit=1&columns=printed")
        .raise_for_status()
        .json()["data"]
    )
    assert newest["printed"] == printed
