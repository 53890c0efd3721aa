"""May these be put side by side? In two requests, why two numbers differ and where each is printed."""

from __future__ import annotations

import itertools

import pytest

from tests.registers import disagreement_reasons

THREE = """
    id    | source  | origin | population         | counting_unit | year | value | hedge  | qualifier
    bbbb2 | paper   | letter | officers           | people        | 2022 | 1492  |        | exact
    bbbb3 | another | letter | officers           | people        | 2022 | 1492  |        | exact
    bbbb4 | another |        | officers_and_staff | people        | 2022 | 1000  | nearly | just_under
    bbbb5 | another |        | officers           | unstated      | 2022 | 1492  |        | exact
    bbbb6 | another |        | officers           | people        | 2022 | 1500  |        | exact
"""
DISAGREEMENTS = {
    **disagreement_reasons(),
    "disagreements.yaml": """\
- id: how-many
  version: 1
  title: How many
  question: How many?
  members: [bbbb2, bbbb4]
  reasons: [population]
  explanation: Staff are counted in one.
- id: all-of-them
  version: 1
  title: All of them
  question: How many, again?
  members: [bbbb2, bbbb4, bbbb5]
  reasons: [unknown]
  explanation: Nobody knows.
""",
}


@pytest.fixture
def three(publish):
    publish(THREE, "1.0.0", "2024-05-01", files=DISAGREEMENTS)


def compare(api, *ids: str, more: str = "", status: int = 200):
    answer = api.get(f"/v1/compare?{'&'.join(f'id={one}' for one in ids)}{more}")
    assert answer.status_code == status, answer.text
    return answer.json()


def test_each_dimension_is_the_same_different_or_unstated(api, three):
    found = compare(api, "bbbb2", "bbbb4", "bbbb5")["data"]
    assert [(one["dimension"], one["relation"], one["values"]) for one in found["dimensions"]] == [
        ("measure", "same", ["Accused", "Accused", "Accused"]),
        ("statistic", "same", ["Count", "Count", "Count"]),
        ("category", "same", ["Any misconduct", "Any misconduct", "Any misconduct"]),
        ("area", "same", ["E23000001", "E23000001", "E23000001"]),
        ("population", "different", ["Officers", "Officers and staff", "Officers"]),
        ("counting_unit", "unstated", ["People", "People", "Unstated"]),
        ("unit", "same", ["Count", "Count", "Count"]),
        ("period", "same", ["2022", "2022", "2022"]),
    ]


@pytest.mark.parametrize(
    ("ids", "verdict", "disagreements"),
    [
        (("bbbb2", "bbbb4"), "different", ["all-of-them", "how-many"]),
        (("bbbb2", "bbbb5"), "unstated", ["all-of-them"]),
        (("bbbb2", "bbbb6"), "same", []),
        (("bbbb2", "bbbb4", "bbbb5"), "different", ["all-of-them"]),
    ],
)
def test_the_verdict_comes_with_the_disagreements_that_all_are_in(api, three, ids, verdict, disagreements):
    found = compare(api, *ids)["data"]
    assert (found["verdict"], found["disagreements"]) == (verdict, disagreements)


def test_figures_of_one_origin_are_one_piece_of_evidence(api, three):
    found = compare(api, "bbbb2", "bbbb3", "bbbb4")["data"]
    assert found["evidence"] == [
        {"origin": "letter", "observations": ["bbbb2", "bbbb3"]},
        {"origin": "another", "observations": ["bbbb4"]},
    ]
    assert compare(api, "bbbb2", "bbbb3")["data"]["sentence"] == (
        "1,492 (The publisher) and 1,492 (The publisher): they count the same thing. "
        "They go back to one origin and are one piece of evidence."
    )


def test_the_figures_stand_in_the_answer_whole_and_in_the_order_of_the_question(api, three):
    found = compare(api, "bbbb4", "bbbb2")["data"]["observations"]
    assert [figure["id"] for figure in found] == ["bbbb4", "bbbb2"]
    assert found[0] == api.get("/v1/observations/bbbb4").json()["data"]


def test_an_id_given_twice_counts_once(api, three):
    assert len(compare(api, "bbbb4", "bbbb2", "bbbb4")["data"]["observations"]) == 2


def test_a_comparison_is_one_statement(served, three):
    with served.statements() as seen:
        compare(served.client, "bbbb2", "bbbb3", "bbbb4")
    assert len(seen) == 1


def test_a_release_is_compared_as_it_was(api, publish):
    publish("id | year | value\n bbbb2 | 2022 | 5\n bbbb3 | 2022 | 6", "1.0.0", "2024-05-01")
    publish(
        """
        id    | version | year | value | at
        bbbb2 | 1       | 2022 | 5     | char=0,1
        bbbb3 | 1       | 2022 | 6     | char=1000,1001
        bbbb3 | 2       | 2021 | 7     | char=1000,1001
        """,
        "2.0.0",
        "2024-06-01",
    )
    for number, value, verdict in (("1.0.0", 6, "same"), ("2.0.0", 7, "comparable")):
        found = compare(api, "bbbb2", "bbbb3", more=f"&release={number}")
        assert (found["meta"]["release"], found["data"]["observations"][1]["value"]) == (number, value)
        assert found["data"]["verdict"] == verdict


FEW = ("wrong_number", "Give 2 to 20 different ids, such as ?id=k7m3q&id=gb7nr.")
PROBLEMS = [
    ("", *FEW),
    ("id=bbbb2", *FEW),
    ("id=bbbb2&id=bbbb2", *FEW),
    ("&".join(f"id=bbb{letter}{digit}" for letter in "bcd" for digit in "2345678"), *FEW),
    ("id=bbbb2&id=zzzzz", "not_in_release", "'zzzzz' is not an observation in this release."),
    ("id=bbbb2&id=1492", "not_in_release", "'1492' is not an observation in this release."),
    ("id=bbbb2&id=bbbb4&value=5", "unknown_parameter", "Unknown parameter 'value'."),
    ("id=bbbb2&id=%00", "unreadable", "Values must be UTF-8 text without control characters, at most 500 characters."),
]


def test_what_cannot_be_compared_is_a_precise_problem(api, three):
    answers = [(query, api.get(f"/v1/compare?{query}")) for query, *_ in PROBLEMS]
    assert {answer.status_code for _, answer in answers} == {422}
    told = [(query, error["code"], error["detail"]) for query, answer in answers for error in answer.json()["errors"]]
    assert told == PROBLEMS


def test_every_id_that_is_not_there_is_named(api, three):
    errors = compare(api, "bbbb2", "zzzzz", "bbbb9", status=422)["errors"]
    assert [(one["parameter"], one["detail"]) for one in errors] == [
        ("id", "'bbbb9' is not an observation in this release."),
        ("id", "'zzzzz' is not an observation in this release."),
    ]


def test_an_id_of_another_release_and_a_figure_that_ended_are_not_compared(api, publish, three):
    table = THREE + "    bbbb7 | another | | officers | people | 2022 | 7 | | exact\n"
    publish(table, "2.0.0", "2024-06-01", ended=["bbbb6=Withdrawn"], files=DISAGREEMENTS)
    assert compare(api, "bbbb2", "bbbb7")["data"]["verdict"] == "same"
    for ids, release in ((("bbbb2", "bbbb7"), "&release=1.0.0"), (("bbbb2", "bbbb6"), "")):
        [error] = compare(api, *ids, more=release, status=422)["errors"]
        assert (error["code"], error["detail"]) == (
            "not_in_release",
            f"'{ids[1]}' is not an observation in this release.",
        )
    assert compare(api, "bbbb2", "bbbb6", more="&release=1.0.0")["data"]["verdict"] == "same"


# The promise of the whole: two requests by a stranger with curl

ACCUSED = {
    "k7m3q": 1492, "gb7nr": 1131, "mw44s": 1071, "cxqbc": 1071, "frdkf": 1000, "rxctb": 1000, "w2rmd": 1000, "wrgv2": 1000,
}  # fmt: skip
"""What the five articles print of people accused, by its id in the register."""

LEFT_OPEN = ({"mw44s", "frdkf"}, {"cxqbc", "frdkf"})
"""The estimate of 1,071 and the *some 1,000* said before it: of one review, and of what years the second does not say."""


@pytest.mark.parametrize(("one", "other"), [*itertools.combinations((1492, 1131, 1071, 1000), 2)])
def test_in_two_requests_a_stranger_finds_why_two_numbers_differ_and_where_each_is_printed(real, one, other):
    found = real.client.get(f"/v1/observations?value={one}&value={other}").json()["data"]
    named = {value: [figure["id"] for figure in found if ACCUSED.get(figure["id"]) == value] for value in (one, other)}
    assert {name for names in named.values() for name in names} == {name for name in ACCUSED if ACCUSED[name] in named}
    for pair in itertools.product(*named.values()):
        answer = compare(real.client, *pair)["data"]
        assert answer["verdict"] == ("unstated" if set(pair) in LEFT_OPEN else "different")
        assert ": they do not count the same thing and must not be put side by side as one number, because they differ in " in answer["sentence"] or set(pair) in LEFT_OPEN  # fmt: skip
        assert "how-many-were-accused" in answer["disagreements"]
        assert [figure["value"] for figure in answer["observations"]] == [one, other]
        for figure in answer["observations"]:
            assert figure["locator"]["exact"] == figure["printed"]
            assert figure["links"]["printed_at"].startswith("https://")


def test_why_1492_is_not_1131(real):
    found = compare(real.client, "k7m3q", "gb7nr")["data"]
    relations = {one["dimension"]: one["relation"] for one in found["dimensions"] if one["relation"] != "same"}
    assert relations == {
        "measure": "narrower",
        "category": "different",
        "population": "different",
        "period": "different",
    }
    assert (found["verdict"], found["comparable_along"]) == ("different", [])
    assert [(figure["printed"], figure["locator"]["start"], figure["locator"]["end"]) for figure in found["observations"]] == [
        ("1,492", 3063, 3068), ("1,131", 5050, 5055),
    ]  # fmt: skip
