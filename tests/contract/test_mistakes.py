"""Wrong requests (mistakes.yaml), in the words of other services and with typos: refused, mostly with a remedy."""

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml

TABLE = yaml.safe_load(
    (Path(__file__).parent / "mistakes.yaml").read_text(encoding="utf-8")
)


def test_no_mistake_is_answered_as_if_it_were_understood(client):
    statuses = {address: client.get(address).status_code for address, _ in TABLE}
    assert {
        address: status
        for address, status in statuses.items()
        if status not in (404, 422)
    } == {}


def without_request(detail, address):
    """Return a sentence without the names and values that it repeats from the request: `units` has `unit` in it."""
    parts = urlsplit(address)
    for words in (
        parts.path.rpartition("/")[2],
        *(one for pair in parse_qsl(parts.query) for one in pair),
    ):
        detail = detail.replace(repr(words), "")
    return detail


def test_the_remedy_is_named(client):
    missing = {}
    for address, remedy in TABLE:
        problem = client.get(address).json()
        said = (
            f"{without_request(problem['detail'], address)} {problem['did_you_mean']}"
        )
        if remedy and remedy not in said:
            missing[address] = problem["detail"]
    assert missing == {}


def test_nothing_is_suggested_where_nothing_fits(client):
    suggested = {}
    for address, remedy in TABLE:
        if remedy is None and (found := client.get(address).json()["did_you_mean"]):
            suggested[address] = found
    assert suggested == {}


def test_most_mistakes_have_a_remedy():
    assert len(TABLE) >= 215
    assert sum(remedy is not None for _, remedy in TABLE) >= 200


@pytest.mark.parametrize("operator", ["gt", "contains", "not"])
@pytest.mark.parametrize(
    "form", ["value__{}", "value.{}", "value[{}]", "filter[value][{}]"]
)
def test_an_operator_is_never_taken_for_the_plain_filter(client, form, operator):
    name = form.format(operator)
    (fault,) = client.get("/v1/allegations", params={name: "1000"}).json()["errors"]
    assert fault["did_you_mean"] is None
    assert "no operators" in fault["detail"]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("measure=unproven", "proven"),
        ("measure=not upheld", "proven"),
        ("measure=not guilty", "proven"),
        ("measure=unsustained", "proven"),
        ("measure=investigated", "under_review"),
        ("measure=trust", "distrusts"),
        ("measure=reported", "recorded"),
        ("measure=returned", "retained"),
        ("measure=removed", "closed_without_finding"),
        ("category=assault", "sexual_assault"),
        ("category=not racism", "racism"),
        ("category=abuse", "abuse_of_position_sexual"),
        ("area=Scotland", "E23000001"),
        ("area=Mexico", "us_nm"),
        ("stated_by=board", "civilian_complaint_review_board"),
        ("published=2022", "publisher"),
        ("population=people", "unstated"),
        ("area=E2300000l", "E23000009"),
    ],
)
def test_no_guess_leads_to_the_opposite_or_to_a_part(client, query, wrong):
    answer = client.get(f"/v1/allegations?{query}").json()
    assert answer["did_you_mean"] not in wrong.split()
    codes = re.sub(
        r"\([^)]*\)", "", answer["detail"].partition("'.")[2]
    )  # without labels: not_proven (Not proven)
    assert not {*re.findall(r"[\w-]+", codes)} & {*wrong.split()}


def test_a_value_has_its_label_in_the_sentence_and_not_in_did_you_mean(client):
    (fault,) = client.get("/v1/allegations?area=Kent").json()["errors"]
    assert (
        fault["detail"] == "Unknown area 'Kent'. Did you mean E23000032 (Kent Police)?"
    )
    assert fault["did_you_mean"] == "E23000032"


@pytest.mark.parametrize(
    "path",
    ["allegations", "observations/k7m3q", "changes", "sources", "standing", "notes"],
)
def test_a_single_parameter_given_twice_is_refused(client, path):
    needed = "&id=k7m3q" if path == "standing" else ""
    answer = client.get(f"/v1/{path}?release=3.2.0&release=1.0.0{needed}")
    assert answer.status_code == 422
    detail = "release takes one value, and has 2: 3.2.0, 1.0.0. Give it once."
    assert [fault["detail"] for fault in answer.json()["errors"]] == [detail]


def test_a_parameter_given_twice_is_told_with_all_other_mistakes_each_once(client):
    query = "limit=0&limit=x&year=22&categroy=racism&category=rape&category=racism&id=k7m3q&id=gb7nr"
    faults = client.get(f"/v1/observations?{query}").json()["errors"]
    assert [fault["parameter"] for fault in faults] == [
        "limit",
        "year",
        "categroy",
        "category",
    ]


def test_a_page_refuses_a_parameter_given_twice(client):
    assert client.get("/search?q=16&q=17").status_code == 422
