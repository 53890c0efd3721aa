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

from .texts import check, codes_of, entry_at

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
    [
        ("about .5 per cent", "5 per cent", ".5 per cent"),
        ("some 144B paid", "144", "144B"), ("l,131 died", "131", "l,131"),
        ("7/10 of it", "7", "7/10"), ("in the 1970’s", "1970", None), ("It was 144.", "144", None),
        ("42% of it", "42%", None),
    ],
)  # fmt: skip
def test_a_place_that_cuts_a_number_out_of_what_cannot_be_read_is_seen(
    text, printed, longer
):
    start = text.index(printed)
    assert find_longer(text, start, start + len(printed)) == longer


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (
            "In London, 201 officers were suspended and 860 restricted in May, compared with 144 and 701 that April.",
            [],
        ),
        (
            "In the Met 144 officers were suspended in April 2023, up from 120 a year before, and 701 restricted.",
            [],
        ),
        (
            "Complaints in England and Wales were 94,940 in 2024/25, up from 85,458. Of those, 32,172 were recorded.",
            [],
        ),
        (
            "Of 2,852 findings in England and Wales, 2,720 were unsubstantiated (95 per cent).",
            [],
        ),
        (
            "Of 2,852 findings in England and Wales, 2,720 were unsubstantiated (59 per cent).",
            ["other_relation"],
        ),
        (
            "England and Wales had 94,940 complaints, 9,482 more than the 85,458 of the year before.",
            [],
        ),
        (
            "England and Wales had 94,940 complaints, 9,842 more than the 85,458 of the year before.",
            ["other_relation"],
        ),
        (
            "In the Met 144 officers were suspended and 701 restricted in April 2023, a total of 845.",
            [],
        ),
        (
            "In the Met 144 officers were suspended and 701 restricted in April 2023, a total of 854.",
            ["other_relation"],
        ),
    ],
)
def test_numbers_are_compared_where_the_text_compares_them(client, text, codes):
    together = check(client, text)["meta"]["together"]
    assert [one["code"] for one in together] == codes


COMPARED = {  # of each text, the fields of the likeliest figure by how they compare
    "In April 2023 the Met had 144 officers suspended.": (
        "value counting_unit measure population area period", "stated_by", "", "",
    ),
    "The Met has 144 cops dismissed.": ("value counting_unit population area", "stated_by", "", "measure"),
    "In September 2023 the Met had 144 officers suspended.": (
        "value counting_unit measure population area", "stated_by", "", "period",
    ),
    "144 officers were suspended in the Met.": (
        "value counting_unit measure population area", "period stated_by", "", "",
    ),
    "The Met had 144 armed officers suspended in April 2023.": (
        "value counting_unit measure area period", "stated_by", "", "population",
    ),
    "In 2023/24 7,099 complaints of racism were received in Scotland.": (
        "value counting_unit measure area period", "population stated_by", "", "category",
    ),
    "In 2023/24 7,099 complaints of gossip were received in Scotland.": (
        "value counting_unit measure area period", "population stated_by", "assertion", "",
    ),
    "Across England and Wales 311 people died in or following police custody in 2019/20.": (
        "value counting_unit measure category area", "population stated_by", "", "period",
    ),
    "Across England and Wales 311 people died in or following police custody from April 2004 to March 2020.": (
        "value counting_unit measure category area period", "population stated_by", "", "",
    ),
    "In Hong Kong 469 allegations were made in 2015/16.": (
        "value counting_unit area period", "category population stated_by", "measure", "",
    ),
    "In England and Wales, 18 people did not die in or following police custody in 2019/20.": (
        "value counting_unit area period", "population stated_by", "measure", "",
    ),
    "In Jamaica 86% of officers faced complaints in 2023.": (
        "value", "", "denominator", "counting_unit",
    ),
    "1,492 officers were accused of sexual misconduct.": (
        "value counting_unit measure category population", "area period stated_by", "", "",
    ),
    "In Cork 1,492 officers were accused of sexual misconduct.": ("value", "", "area", ""),
    "According to the FBI, 7,099 complaints were received in Scotland in 2023/24.": (
        "value counting_unit measure area period", "", "stated_by", "",
    ),
    "In 2023/24 complaints in Scotland doubled to 7,099.": ("value measure area period", "", "statistic", ""),
    "In England and Wales 94,940 complaints were rejected in 2024/25.": (
        "value counting_unit area period", "", "assertion", "",
    ),
    "In England and Wales 94,940 complaints were logged by late 2024/25.": (
        "value counting_unit measure area", "", "period", "",
    ),
    "In England and Wales outside London 735 officers were barred in 2024/25.": (
        "value counting_unit measure population period", "", "area", "",
    ),
    "The 735 officers barred in England and Wales in 2024/25 were more than any other country has.": (
        "value counting_unit measure population area period", "", "", "",
    ),
    "In Northern Ireland 37% of complaints closed in 2024/25 were subject to a full investigation.": (
        "value denominator area", "", "", "",
    ),
    "In England and Wales gross misconduct was proven for 78% of officers referred to a hearing in 2022/23.": (
        "value area period", "", "denominator", "",
    ),
    "In 2022/23 31,620 complaints were made in total about the police in England and Wales.": (
        "value counting_unit area period", "", "assertion", "",
    ),
    "The police in England and Wales dismissed 32 officers and staff in all in 2022/23.": (
        "value counting_unit population area period", "", "assertion", "",
    ),
    "In 2022/23 31,620 complaints were recorded formally in all in England and Wales.": (
        "value counting_unit measure area period", "", "", "",
    ),
    "In 2023/24 151,538 allegations were made in total in England and Wales.": (
        "value counting_unit measure area period", "", "", "",
    ),
    "In 2023/24, barred officers made up 0.35 per cent of all police staff in England and Wales.": (
        "value measure area period", "", "denominator", "",
    ),
    "In 2023/24, 0.35 per cent of all officers in England and Wales were barred.": (
        "value denominator measure population area period", "", "", "",
    ),
    "In the year to March 2025 the College of Policing received 94,940 complaints in England and Wales.": (
        "value counting_unit measure period", "", "stated_by", "",
    ),
    "The Metropolitan Police accounted for 183 of the officers barred in 2024/25.": (
        "value area period", "stated_by", "", "",
    ),
    "The Independent Office for Police Conduct counted 94,940 complaints in England and Wales in 2024/25.": (
        "value counting_unit measure area period", "stated_by", "", "",
    ),
    "In 2024 the Donegal division in Ireland registered 141 complaints.": ("value counting_unit", "", "area", ""),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "field", "result"),
    [
        (
            "Toronto police drew 972 complaints in 2023. In Vancouver 377 complaints were made in 2025.",
            "area",
            "not_read",
        ),
        (
            "Toronto police drew 972 complaints in 2023. Vancouver's police drew 377 complaints in 2025.",
            "area",
            "not_read",
        ),
        (
            "Toronto police drew 972 complaints in 2023. Toronto's police drew 377 complaints in 2025.",
            "area",
            "same",
        ),
        (
            "Toronto police drew 972 complaints in 2023. The police drew 377 complaints in 2025.",
            "area",
            "not_said",
        ),
        (
            "In Scotland 44 officers were suspended in 2023-24, and 65 in the 12 months after that.",
            "period",
            "not_read",
        ),
        (
            "In Scotland 44 officers were suspended in 2023-24, and 65 in 2024-25.",
            "period",
            "same",
        ),
    ],
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
