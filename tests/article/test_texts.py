"""What is planted in the texts is found, and nothing else is said about them."""

import pytest

from .texts import CASES, TEXTS, check, list_misjudged


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["text"][:40])
def test_what_is_planted_in_a_text_is_found(client, case):
    out_of_reach = [one["in"] for one in case["expect"] if one.get("not_reached")]
    assert list_misjudged(client, case) == out_of_reach


@pytest.mark.parametrize(
    ("printed", "slips"),
    CASES["a_hedged_number_is_rounded_and_no_misprint"],
)
def test_a_hedged_number_is_rounded_and_no_misprint(client, printed, slips):
    text = f"In 2023 the Met said {printed} staff were accused of sexual and domestic offences."
    [number] = check(client, text)["data"]
    if slips is None:
        figure = number["figures"][0]
        results = {one["field"]: one["result"] for one in figure["compared"]}
        assert (figure["id"], results["value"]) == ("gb7nr", "not_read")
    else:
        assert {one["printed"]: one["why"] for one in number["near"]} == slips


@pytest.mark.parametrize(
    "text",
    [
        "GMP had 6,593 officers.",  # 6,539 at another time
        "Greater Manchester Police has 6,519 officers today.",
        "There are 1,982 officers in Surrey Police.",  # 1,928 in 2018
        "Lambeth received 723 complaints.",
    ],
)
def test_no_misprint_is_found_by_the_place_and_the_matter_alone(client, text):
    """The number may be right: how many officers a force has changes every month."""
    assert [one["near"] for one in check(client, text)["data"]] == [[]]


@pytest.mark.parametrize("order", [1, -1])
def test_a_number_that_was_revised_is_no_misprint_of_another(small, order):
    """292 deaths until 2018/19 are 311 today, so nobody who wrote 229 should print 292."""
    numbers = ["292", "229"][::order]
    text = "In England and Wales, {} people died in or following police custody from April 2004 to March 2019. "
    found = check(small.client, "".join(map(text.format, numbers)))["data"]
    entries = {one["printed"]: one for one in found if one["printed"] in numbers}
    assert [one["printed"] for one in entries["292"]["figures"]] == ["311"]
    assert (
        entries["292"]["near"]
        == entries["229"]["near"]
        == entries["229"]["figures"]
        == []
    )


@pytest.mark.parametrize("dash", ["–", "-", "\u2010", "\u2011", " to "])
@pytest.mark.parametrize(
    "words",
    ["{} officers", "{} per cent of officers", "{}% of officers", "from {} officers"],
)
def test_a_range_is_passed_over_whatever_its_dash(client, dash, words):
    answer = check(
        client,
        f"Kent Police dismissed {words.format(f'4{dash}15')} for gross misconduct.",
    )
    assert answer["data"] == []
    [passed] = answer["meta"]["passed_over"]
    assert f"4{dash}15" in passed["printed"]
    assert passed["reason"] == "not_read"


@pytest.mark.parametrize("printed", ["15-4", "4-4", "4 - 15"])
def test_what_is_no_range_is_two_numbers(client, printed):
    answer = check(
        client, f"Kent Police dismissed {printed} officers for gross misconduct."
    )
    assert len(answer["data"]) == 2


@pytest.mark.parametrize(
    "text",
    CASES["numbers_about_something_else_bring_nothing"],
)
def test_numbers_about_something_else_bring_nothing(client, text):
    assert [
        one for one in check(client, text)["data"] if one["figures"] or one["near"]
    ] == []


@pytest.mark.parametrize(("number", "status"), [("16", "revised"), ("17", "unchanged")])
def test_a_number_that_was_revised_says_so(small, number, status):
    """The 16 deaths of 2018/19 are 17 since release 1.1.0 of the small register."""
    text = f"Across England and Wales, {number} people died in or following police custody in 2018/19."
    figure = check(small.client, text)["data"][0]["figures"][0]
    assert (figure["id"], figure["printed"]) == ("rpg77", "17")
    assert (figure["standing"]["status"], figure["differences"]) == (status, [])
