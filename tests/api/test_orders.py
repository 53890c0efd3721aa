"""An answer does not depend on the order in which figures, codes and kinds are named."""

import csv
import io
import random

import pytest

TURNED = {"narrower": "broader", "broader": "narrower"}
PARTS = [  # the first is of a part of what the second is of, or is a part of it
    ("d5hr3", "nmgtc"),  # a force, England and Wales
    ("gb7nr", "k7m3q"),
    ("rpg77", "rqbmz"),
    ("qhftr", "zzp6n"),  # a window, a year of it
    ("w2rmd", "k7m3q"),
    ("c34c9", "xx6h7"),  # without dates, with dates
    ("mw44s", "cxqbc"),  # a claim, and who printed it first
]
REMARKS = (
    "don't add them up",
    "stated part of",
    "may overlap",
    "Do not compare",
    "different numbers",
    "part of a year",
)


def draw_pairs(count):
    """Return pairs of figures of the second release, always the same."""
    ids = ["k7m3q", "gb7nr", "w2rmd", "cxqbc", "hnmzc", "d5fcj", "ttp6c", "h6xgz", "vp3bg", "qhftr", "zzp6n", "pzk5d"]
    ids += ["sg2n7", "bbdjq", "s79rj", "mw44s"]
    drawn = random.Random(7)
    return [tuple(drawn.sample(ids, 2)) for _ in range(count)]


@pytest.mark.parametrize("pair", [*PARTS, *draw_pairs(25)], ids="-".join)
def test_two_figures_compare_alike_whichever_is_named_first(client, pair):
    there, back = (
        client.get(f"/v1/compare?id={','.join(ids)}").raise_for_status().json()["data"] for ids in (pair, pair[::-1])
    )
    for name in ("verdict", "along", "reservations"):
        assert there[name] == back[name]
    assert [one in there["sentence"] for one in REMARKS] == [one in back["sentence"] for one in REMARKS]
    assert there["figures"] == back["figures"][::-1]
    for one, other in zip(there["dimensions"], back["dimensions"], strict=True):
        relation = one["relation"]["code"]
        assert other["relation"]["code"] == TURNED.get(relation, relation), one["dimension"]
        assert other["values"] == one["values"][::-1]


def test_standing_answers_in_the_order_of_the_question(client):
    cited = ["rpg77:16", "k7m3q:1492", "gb7nr:1131", "rqbmz:50", "h6xgz:700"]
    there, back = (client.get(f"/v1/standing?cited={','.join(one)}").json()["data"] for one in (cited, cited[::-1]))
    assert [f"{one['id']}:{one['cited']}" for one in there] == cited
    assert back == there[::-1]


@pytest.mark.parametrize("path", ["observations", "observations/by-year", "after-contact/by-year"])
def test_the_order_of_codes_and_of_filters_changes_nothing(client, path):
    asked = [("area", "E23000032"), ("area", "E23000034"), ("category", "detention"), ("year_from", "2015")]
    answers = [client.get(f"/v1/{path}", params=one).raise_for_status().json() for one in (asked, asked[::-1])]
    for name in ("data", "warnings"):
        assert answers[0][name] == answers[1][name]
    assert answers[0]["data"]


def test_a_disagreement_is_told_at_each_of_its_figures_and_at_no_other(client):
    groups = client.get("/v1/disagreements?release=2.2.0").json()["data"]
    rows = client.get("/v1/observations?columns=id,disagreements&limit=1000&release=2.2.0").json()["data"]
    for group in groups:
        told = {row["id"] for row in rows if group["id"] in row["disagreements"]}
        assert told == {*group["members"]}, group["id"]
    assert len(groups) > 5


@pytest.mark.parametrize("kind", ["code", "caveat", "source", "observation"])
def test_changes_of_a_kind_are_those_of_all_kinds_that_are_of_it(client, kind):
    """In the same order, and none of another kind among them."""
    of_all, of_kind = (
        client.get(f"/v1/changes?since=2.2.0&kind={one}&limit=1000").json()["data"] for one in ("all", kind)
    )
    wanted = [(one["release"], one["id"]) for one in of_all if one["kind"] == kind]
    assert [(one["release"], one["id"]) for one in of_kind][: len(wanted)] == wanted
    assert {one["kind"] for one in of_kind} == {kind}


def test_an_id_of_another_kind_is_refused(client):
    for kind, status in (("observation", 200), ("all", 200), ("code", 422)):
        assert client.get(f"/v1/changes?kind={kind}&id=k7m3q").status_code == status


def test_the_newest_period_comes_first_and_last_what_has_none(client):
    """Also of a document without a day, so that nobody knows whether its year was over."""
    text = client.get("/v1/observations.csv?columns=id,period_end,year,coverage").text
    rows = [*csv.DictReader(io.StringIO(text, newline=""))]
    dated = [row for row in rows if row["coverage"] != "unstated" or row["year"]]
    assert rows[: len(dated)] == dated
    ends = [row["period_end"] for row in dated]
    assert ends == sorted(ends, reverse=True)
    [barred] = client.get("/v1/outcomes?area=gb_eaw&measure=barred&limit=1").json()["data"]
    assert (barred["printed"], barred["year"]) == ("735", "2024/25")
