"""Wrong requests (mistakes.yaml), in the words of other services and with typos: refused, mostly with a remedy."""

from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import yaml

TABLE = yaml.safe_load(
    (Path(__file__).parent / "mistakes.yaml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def client(small):
    """A client of the service with the small register."""
    return small.client


def split(address):
    """Return the path of an address, and its parameters in the order of their names."""
    path, _, query = address.partition("?")
    return path, sorted(parse_qsl(query))


@pytest.mark.parametrize(("address", "remedy"), TABLE)
def test_a_mistake_is_refused_with_its_remedy(small, address, remedy):
    answer = small.client.get(address)
    problem = answer.json()
    assert answer.status_code in (404, 422)
    tried = {one for fault in problem["errors"] for one in fault["try"]}
    if remedy is None or not remedy.startswith("/"):
        assert not tried
        assert (remedy or "") in problem["detail"]
    else:
        [meant] = (split(one.removeprefix(small.url)) for one in tried)
        assert meant == split(remedy)
        assert small.client.get(remedy).status_code == 200


def test_most_mistakes_have_a_request_that_was_meant():
    meant = [address for address, remedy in TABLE if (remedy or "").startswith("/")]
    assert len(meant) >= 180


@pytest.mark.parametrize("operator", ["gt", "contains", "not"])
@pytest.mark.parametrize(
    "form", ["value__{}", "value.{}", "value[{}]", "filter[value][{}]"]
)
def test_an_operator_is_never_taken_for_the_plain_filter(client, form, operator):
    name = form.format(operator)
    (fault,) = client.get("/v1/figures", params={name: "1000"}).json()["errors"]
    assert "value" not in fault["did_you_mean"]
    assert not any("1000" in tried for tried in fault["try"])


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("area=Mexico", "us_nm"),
        ("area=E2300000l", "E23000009"),
        ("published=2022", "publisher"),
        ("people=policemen's wives", "officers"),
        ("source=board", "Civilian Complaint Review Board"),
    ],
)
def test_no_guess_leads_to_the_opposite_or_to_a_part(client, query, wrong):
    (fault,) = client.get(f"/v1/allegations?{query}").json()["errors"]
    assert wrong not in fault["did_you_mean"]


@pytest.mark.parametrize("path", ["figures/k7m3q", "changes", "sources", "deaths"])
def test_a_single_parameter_given_twice_is_refused(client, path):
    answer = client.get(f"/v1/{path}?release=2.0.0&release=1.0.0")
    assert answer.status_code == 422
    assert [fault["parameter"] for fault in answer.json()["errors"]] == ["release"]


def test_a_page_refuses_a_parameter_given_twice(client):
    assert client.get("/search?q=16&q=17").status_code == 422
