"""A sentence is read as a claim: each kind of error is said, and its right counterpart is found without a word.

Each row of claims.csv has a text, a number of it (`nth` of those printed so), the figure that it is (`*`: any; empty:
none), and the difference that must be said. Without a difference, none is said. `since` is the first release whose
lists have the words.
"""

import csv
from pathlib import Path

import pytest

from misconduct.article.tokens import find_longer
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.releases.folder import order_of

from .texts import CASES, check, codes_of, entry_at

with Path(__file__).with_name("claims.csv").open(encoding="utf-8", newline="") as file:
    CLAIMS = list(csv.DictReader(file))
RESULTS = ("same", "not_said", "not_read", "differs")


@pytest.fixture(scope="module")
def newest(client):
    return client.get("/v1/figures?limit=1").json()["meta"]["release"]


@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: f"{row['kind']}: {row['text']}")
def test_a_claim_is_judged(client, newest, row):
    if row["since"] and order_of(newest) < order_of(row["since"]):
        pytest.skip(f"release {newest} lacks the words")
    start = -1
    for _ in range(int(row["nth"])):
        start = row["text"].index(row["number"], start + 1)
    answer = check(client, row["text"])
    entry = entry_at(answer, start, start + len(row["number"]))
    said = codes_of(answer, entry) if entry else set()
    found = entry["figures"][0]["id"] if entry and entry["figures"] else ""
    if row["difference"]:
        assert row["difference"] in said
        assert found in (row["figure"], "") or row["figure"] == "*"
    else:
        assert (found, said) == (row["figure"], set())


@pytest.mark.parametrize(
    ("text", "printed", "longer"),
    CASES["a_place_that_cuts_a_number_out_of_what_cannot_be_read_is_seen"],
)  # fmt: skip
def test_a_place_that_cuts_a_number_out_of_what_cannot_be_read_is_seen(
    text, printed, longer
):
    start = text.index(printed)
    assert find_longer(text, start, start + len(printed)) == longer


@pytest.mark.parametrize(
    ("text", "codes"),
    CASES["numbers_are_compared_where_the_text_compares_them"],
)
def test_numbers_are_compared_where_the_text_compares_them(client, text, codes):
    together = check(client, text)["meta"]["together"]
    assert [one["code"] for one in together] == codes


COMPARED = CASES["compared"]
"""Of each text, the fields of the likeliest figure that are the same, not said, not read and different."""


@pytest.mark.parametrize(
    ("text", "field", "result"),
    CASES["the_last_number_is_not_given_what_the_sentence_before_says"],
)
def test_the_last_number_is_not_given_what_the_sentence_before_says(
    client, text, field, result
):
    figure = check(client, text)["data"][-1]["figures"][0]
    assert {one["field"]: one["result"] for one in figure["compared"]}[field] == result


@pytest.mark.parametrize("text", COMPARED)
def test_a_field_is_the_same_only_if_the_words_surely_say_so(client, text):
    fields = check(client, text)["data"][0]["figures"][0]["compared"]
    found = {
        result: {one["field"] for one in fields if one["result"] == result}
        for result in RESULTS
    }
    expected = dict(
        zip(RESULTS, ({*names.split()} for names in COMPARED[text]), strict=True)
    )
    assert {
        result: names & found[result] for result, names in expected.items()
    } == expected
    assert all(
        one["sentence"] in (None, "as a fact") or one["sentence"].split(",")[0] in text
        for one in fields
    )


def test_each_difference_is_in_a_field_that_differs(client):
    for row in CLAIMS:
        for one in (
            check(client, row["text"])["data"]
            if row["kind"] in ("governed", "place", "reversed")
            else ()
        ):
            for figure in one["figures"]:
                fields = {
                    PROGRAM_LISTS["difference"][each["code"]]["field"]
                    for each in figure["differences"]
                }
                assert fields == {
                    each["field"]
                    for each in figure["compared"]
                    if each["result"] == "differs"
                }


@pytest.mark.parametrize(
    ("word", "result"),
    [("increased", "same"), ("fell", "not_read"), ("dropped", "not_read")],
)
def test_the_direction_of_a_change_must_be_that_of_the_source(client, word, result):
    text = (
        f"Complaints from members of the public in Scotland {word} by 345 in 2023/24."
    )
    figure = check(client, text)["data"][0]["figures"][0]
    results = {one["field"]: one["result"] for one in figure["compared"]}
    assert (figure["id"], results["statistic"]) == ("p873v", result)
