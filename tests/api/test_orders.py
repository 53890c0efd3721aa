"""An answer does not depend on the order in which figures, codes and kinds are named."""

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


WHOLES = {"part": "whole", "whole": "part"}


def draw_pairs(count):
    """Return pairs of figures of the second release, always the same."""
    ids = [
        "k7m3q",
        "gb7nr",
        "w2rmd",
        "cxqbc",
        "hnmzc",
        "d5fcj",
        "ttp6c",
        "h6xgz",
        "vp3bg",
        "qhftr",
        "zzp6n",
        "pzk5d",
    ]
    ids += ["sg2n7", "bbdjq", "s79rj", "mw44s"]
    drawn = random.Random(7)
    return [tuple(drawn.sample(ids, 2)) for _ in range(count)]


@pytest.mark.parametrize("pair", [*PARTS, *draw_pairs(25)], ids="-".join)
def test_two_figures_compare_alike_whichever_is_named_first(client, pair):
    there, back = (
        client.get(f"/v1/compare?id={','.join(ids)}").raise_for_status().json()["data"]
        for ids in (pair, pair[::-1])
    )
    for name in ("reason", "differs", "reservations"):
        assert there[name] == back[name]
    verdict = there["verdict"]["code"]
    assert back["verdict"]["code"] == WHOLES.get(verdict, verdict)
    assert [one in there["sentence"] for one in REMARKS] == [
        one in back["sentence"] for one in REMARKS
    ]
    assert there["figures"] == back["figures"][::-1]
    for one, other in zip(there["dimensions"], back["dimensions"], strict=True):
        relation = one["relation"]["code"]
        assert other["relation"]["code"] == TURNED.get(relation, relation), one[
            "dimension"
        ]
        assert other["values"] == one["values"][::-1]


def test_standing_answers_in_the_order_of_the_question(client):
    cited = ["rpg77:16", "k7m3q:1492", "gb7nr:1131", "rqbmz:50", "h6xgz:700"]
    there, back = (
        client.get(f"/v1/standing?cited={','.join(one)}").json()["data"]
        for one in (cited, cited[::-1])
    )
    assert [f"{one['id']}:{one['cited']}" for one in there] == cited
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


def test_a_disagreement_is_told_at_each_of_its_figures_and_at_no_other(small):
    groups = small.client.get("/v1/disagreements").json()["data"]
    rows = small.client.get(
        "/v1/observations?columns=id,disagreements&limit=1000"
    ).json()["data"]
    for group in groups:
        told = {row["id"] for row in rows if group["id"] in row["disagreements"]}
        assert told == {*group["members"]}, group["id"]
    assert len(groups) > 5


def test_a_disagreement_and_a_comparison_say_alike_how_its_figures_relate(client):
    """In both orders: of two figures, what is narrower in one order is broader in the other."""
    records = client.get("/v1/disagreements").json()["data"]
    assert len(records) > 50
    for record in records:
        members, said = record["members"], record["outcome"]["dimensions"]
        for ids, turned in (
            (members, {}),
            (members[::-1], {} if members[2:] else TURNED),
        ):
            answer = (
                client.get(f"/v1/compare?id={','.join(ids)}")
                .raise_for_status()
                .json()["data"]
            )
            compared = {
                one["dimension"]: one["relation"]["code"]
                for one in answer["dimensions"]
            }
            expected = {
                name: turned.get(relation, relation) for name, relation in said.items()
            }
            assert {name: compared[name] for name in said} == expected, record["id"]
        of_figure = (
            client.get(f"/v1/observations/{members[0]}")
            .raise_for_status()
            .json()["data"]
        )
        [told] = [
            one for one in of_figure["disagreements"] if one["id"] == record["id"]
        ]
        assert {
            name: relation["code"] for name, relation in told["dimensions"].items()
        } == said


def test_some_of_several_figures_are_a_part_of_others_whichever_is_named_first(client):
    """A country and two of its forces: in the middle, the country would seem to include none of them."""
    answers = [
        client.get(f"/v1/compare?id={ids}").raise_for_status().json()["data"]
        for ids in ("nmgtc,d5hr3,f7gxd", "d5hr3,nmgtc,f7gxd", "f7gxd,d5hr3,nmgtc")
    ]
    told = [
        [(one["dimension"], one["relation"]) for one in answer["dimensions"]]
        for answer in answers
    ]
    assert told[0] == told[1] == told[2]
    assert [answer["reservations"] for answer in answers] == [
        answers[0]["reservations"]
    ] * 3
    assert any("don't add them up" in one for one in answers[0]["reservations"])


@pytest.mark.parametrize("kind", ["code", "chart", "source", "observation"])
def test_changes_of_a_kind_are_those_of_all_kinds_that_are_of_it(small, kind):
    """In the same order, and none of another kind among them."""
    of_all, of_kind = (
        small.client.get(f"/v1/changes?since=1.0.0&kind={one}&limit=1000").json()[
            "data"
        ]
        for one in ("all", kind)
    )
    wanted = [(one["release"], one["id"]) for one in of_all if one["kind"] == kind]
    assert [(one["release"], one["id"]) for one in of_kind][: len(wanted)] == wanted
    assert {one["kind"] for one in of_kind} == {kind}


def test_an_id_of_another_kind_is_refused(small):
    for kind, status in (("observation", 200), ("all", 200), ("code", 422)):
        answer = small.client.get(f"/v1/changes?kind={kind}&id=k7m3q")
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
