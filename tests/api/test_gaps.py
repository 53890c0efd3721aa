"""What each police force has published: the newest number, why there is none, and the request for it."""

import pytest

from misconduct.api.gaps import find_reason
from misconduct.model.catalogue import Catalogue

QUESTIONS = [
    "Complaints about the police", "Officers suspended from duty", "Officers dismissed or barred",
    "Allegations against the police", "Officers on restricted duties", "Officers sent to misconduct proceedings",
    "Complaints finalised", "Complaint reviews completed",
]  # fmt: skip


def ask(client, query=""):
    return client.get(f"/v1/gaps?{query}").raise_for_status().json()


def test_every_force_is_asked_every_question(client):
    found = ask(client)
    assert found["meta"]["total"] == len(found["data"]) == 45 * 8
    assert [one["question"] for one in found["data"][:8]] == QUESTIONS
    areas = [one["area"] for one in found["data"][::8]]
    called = {
        "Scotland": "Police Scotland",
        "Northern Ireland": "Police Service of Northern Ireland",
    }
    assert areas == sorted({*areas}, key=lambda one: called.get(one, one))
    assert {"Kent Police", "Gwent Police", "Scotland", "Northern Ireland"} <= {*areas}


@pytest.mark.parametrize(
    ("area", "question", "answer", "shown", "when"),
    [
        ("E23000001", "Officers suspended from duty", "number", "201", "2023-09-19"),
        ("E23000032", "Complaint reviews completed", "number", "285", "2025-03-31"),
        ("gb_sct", "Complaints about the police", "number", "7,099", "2024-03-31"),
        ("E23000034", "Officers dismissed or barred", "number", "6", "2025-03-31"),
        ("E23000035", "Officers dismissed or barred", "number", "15", "2025-03-31"),
        (
            "E23000032",
            "Officers suspended from duty",
            "part",
            "16",
            "2010-01-01",
        ),  # ranks up to inspector only
        (
            "E23000035",
            "Complaints about the police",
            "part",
            "13",
            "2025-03-31",
        ),  # of racism
        ("E23000023", "Officers suspended from duty", "not_looked_for", None, None),
    ],
)
def test_a_force_has_its_newest_number_of_all_or_else_of_a_part(
    client, area, question, answer, shown, when
):
    [found] = [
        one
        for one in ask(client, f"area={area}")["data"]
        if one["question"] == question
    ]
    assert (found["answer"], found["shown"], found["period_end"]) == (
        answer,
        shown,
        when,
    )
    assert (found["cite_as"] is None) is (shown is None)


def test_the_number_of_a_force_is_the_row_of_its_area(client):
    """A part says that no total is held, as its row does."""
    found = [one for one in ask(client)["data"] if one["id"]]
    areas = ",".join({one["area_code"] for one in found})
    answer = client.get(f"/v1/areas/{areas}?columns=all").raise_for_status().json()
    rows = {row["id"]: row for row in answer["data"]}
    assert len(found) > 100
    for one in found:
        row = rows[one["id"]]
        shared = [name for name in one if name in row and name != "area"]
        assert "shown" in shared
        assert {name: one[name] for name in shared} == {
            name: row[name] for name in shared
        }
        is_part = one["answer"] == "part"
        if row["statistic"] == "count":
            assert ("total is held" in (row["note"] or "")) is is_part
        else:
            assert is_part


def test_a_hedge_stands_beside_the_number(client):
    [found] = [
        one
        for one in ask(client, "area=gb_sct")["data"]
        if one["question"] == QUESTIONS[-1]
    ]
    assert (found["shown"], found["value"]) == ("almost 3,000", 3000)


def test_a_request_to_the_force_of_a_nation_names_the_force(client):
    found = client.get("/v1/gaps?area=gb_sct").raise_for_status().json()["data"][1]
    assert found["request"].startswith(
        "Please tell me, for Police Scotland:\n\nHow many officers were under suspension"
    )
    assert found["request_url"].startswith(
        "https://www.whatdotheyknow.com/new/police_scotland?title=Officers%20suspended"
    )


def test_one_question_can_ask_for_two_numbers(client):
    [found] = [
        one
        for one in ask(client, "area=E23000032")["data"]
        if one["question"] == QUESTIONS[2]
    ]
    assert "dismissed for misconduct" in found["request"]
    assert "added to the barred list" in found["request"]


REFUSED = {
    "id": "a",
    "kind": "refused",
    "area": ["E23000032"],
    "indicator": ["dismissed", "barred"],
}
SOUGHT = {
    "id": "b",
    "kind": "unanswered",
    "area": ["E23000032"],
    "indicator": ["dismissed"],
}


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ([SOUGHT], "b"),
        ([SOUGHT, REFUSED], "a"),
        (
            [SOUGHT, REFUSED | {"until": "2024"}],
            "b",
        ),  # a refusal that is over explains nothing
        ([REFUSED | {"area": ["E23000031"]}], None),
        ([REFUSED | {"indicator": ["complaints"]}], None),
        (
            [{"id": "c", "kind": "refused"}],
            None,
        ),  # of a release whose records name neither
    ],
)
def test_a_refusal_explains_a_gap_before_a_search(records, found):
    catalogue = Catalogue({"unpublished": {one["id"]: one for one in records}})
    reason = find_reason("E23000032", ["dismissed", "barred"], catalogue)
    assert (reason and reason["id"]) == found
