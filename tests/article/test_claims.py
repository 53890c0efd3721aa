"""A sentence is read as a claim: each kind of error is said, and its right counterpart is found without a word.

Each row of claims.csv has a text, a number of it (`nth` of those printed so), the figure that it is (`*`: any; empty:
none), and the difference that must be said. Without a difference, none is said.
"""

import csv
from pathlib import Path

import pytest

from misconduct.article.tokens import find_longer

from .texts import CASES, check, codes_of, entry_at

with Path(__file__).with_name("claims.csv").open(encoding="utf-8", newline="") as file:
    CLAIMS = list(csv.DictReader(file))
RESULTS = ("same", "not_said", "not_read", "differs")


@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: f"{row['kind']}: {row['text']}")
def test_a_claim_is_judged(client, row):
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
    [
        *CASES["the_last_number_is_not_given_what_the_sentence_before_says"],
        *CASES["fields_of_the_last_number"],
    ],
)
def test_fields_of_the_last_number_are_read(client, text, field, result):
    figure = check(client, text)["data"][-1]["figures"][0]
    results = {one["field"]: one["result"] for one in figure["compared"]}
    assert results.get(field, "not_said") == result


@pytest.mark.parametrize("text", COMPARED)
def test_a_field_is_the_same_only_if_the_words_surely_say_so(client, text):
    fields = check(client, text)["data"][0]["figures"][0]["compared"]
    results = {one["field"]: one["result"] for one in fields}
    for result, names in zip(RESULTS, COMPARED[text], strict=True):
        for name in names.split():
            assert (name, results[name]) == (name, result)
