"""A sentence is read as a claim: each kind of error is said, and its right counterpart is found without a word.

Each row of claims.csv has a text, a number of it (`nth` of those printed so), the figure that it is (`*`: any; empty:
none), and the difference that must be said; `held` is a figure for just this, and `nearest` the newest of its series.
Without a difference, none is said. `since` is the first release whose lists have the words.
"""

import csv
from collections import Counter
from pathlib import Path

import pytest

from misconduct.article.tokens import find_longer
from misconduct.releases.folder import order_of

from .texts import check, codes_of, entry_at

with Path(__file__).with_name("claims.csv").open(encoding="utf-8", newline="") as file:
    CLAIMS = list(csv.DictReader(file))
SAID_OF_MANY = {"undated", "part_of_year"}  # of what is true of an old figure, whatever else the sentence says


@pytest.fixture(scope="module")
def newest(client):
    return client.get("/v1/observations?limit=1").json()["meta"]["release"]


@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: f"{row['kind']}: {row['text']}")
def test_a_claim_is_judged(client, newest, row):
    if row["since"] and order_of(newest) < order_of(row["since"]):
        pytest.skip(f"release {newest} lacks the words")
    start = -1
    for _ in range(int(row["nth"])):
        start = row["text"].index(row["number"], start + 1)
    answer = check(client, row["text"])
    entry = entry_at(answer, start, start + len(row["number"]))
    said = codes_of(answer, entry) - SAID_OF_MANY if entry else set()
    found = entry["figures"][0]["id"] if entry and entry["figures"] else ""
    if row["difference"] == "nearest":
        assert (found, said, entry["nearest"]["id"]) == ("", set(), row["figure"])
    elif row["difference"]:
        assert {row["difference"], "held"} & said
        assert found in (row["figure"], "") or row["figure"] == "*"
    else:
        assert (found, said) == (row["figure"], set())


@pytest.mark.parametrize(
    ("text", "printed", "longer"),
    [
        ("about .5 per cent", "5 per cent", ".5 per cent"),
        ("some 144B paid", "144", "144B"), ("l,131 died", "131", "l,131"),
        ("7/10 of it", "7", "7/10"), ("in the 1970’s", "1970", None), ("It was 144.", "144", None),
        ("42% of it", "42%", None),
    ],
)  # fmt: skip
def test_a_place_that_cuts_a_number_out_of_what_cannot_be_read_is_seen(text, printed, longer):
    start = text.index(printed)
    assert find_longer(text, start, start + len(printed)) == longer


def test_each_kind_has_its_sentences():
    counts = Counter(row["kind"] for row in CLAIMS if row["difference"] or not row["figure"])
    assert min(counts.values()) >= 5


def test_an_answer_to_a_miss_asks_for_the_document(client):
    answer = check(
        client, "The Met had 230 officers suspended in September 2025, and 12 died in custody in Kent in 2031."
    )
    nearest = answer["data"][0]["nearest"]
    detail = "The newest here is 201, for 19 September 2023. Do you have the document for September 2025? Send it."
    assert nearest["detail"] == detail
    assert (nearest["id"], answer["meta"]["later"]) == ("qx7nq", 1)
    assert "intake" in answer["links"]


def test_two_numbers_of_one_sentence_are_never_one_figure_without_a_word(client):
    text = "In London, 47% of women have no trust in the Met, and 47% of women there had none in its officers."
    numbers = check(client, text)
    assert [one["code"] for one in numbers["meta"]["together"]] == ["look_alikes"]
    assert numbers["meta"]["together"][0]["at"] == [one["at"] for one in numbers["data"]]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("In London, 201 officers were suspended and 860 restricted in May, compared with 144 and 701 that April.", []),
        ("In the Met 144 officers were suspended in April 2023, up from 120 a year before, and 701 restricted.", []),
        (
            "Complaints in England and Wales were 94,940 in 2024/25, up from 85,458. Of those, 32,172 were recorded.",
            [],
        ),
        ("The number of Met staff accused of sexual and domestic offences rose from 1,071 to 1,131.", ["no_trend"]),
        ("Met staff accused of sexual and domestic offences were 1,131, up from 1,071 in its review.", ["no_trend"]),
        ("1,131 Met staff were accused of sexual and domestic offences; 1,071 were in its review, which rose.", []),
    ],
)
def test_numbers_are_compared_where_the_text_compares_them(client, text, codes):
    together = check(client, text)["meta"]["together"]
    assert [one["code"] for one in together] == codes
    digits = {word.strip("“”.,:;") for one in together for word in one["detail"].split() if word[:1].isdigit()}
    assert all(number in text for number in digits)


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        (
            "In April 2023 the Met had 144 officers suspended.",
            "value area period counting_unit population measure",
        ),
        ("The Met has 144 cops dismissed.", "value area counting_unit population"),  # at another stage
        ("In September 2023 the Met had 144 officers suspended.", "value area counting_unit population measure"),
        (
            "Across England and Wales, 17 people died in or following police custody in 2018/19.",
            "value area period counting_unit measure category",
        ),
        ("There were 732 allegations in Lambeth.", "value area counting_unit measure"),
        ("Lambeth received 732 complaints last year.", "value area measure"),  # of another unit and year
    ],
)
def test_a_match_says_what_it_rests_on(client, text, agrees):
    assert check(client, text)["data"][0]["figures"][0]["agrees"] == agrees.split()
