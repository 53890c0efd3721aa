"""What is planted in the texts is found, and nothing else is said about them."""

import pytest

from .texts import CASES, TEXTS, check, codes_of, entry_at, judge


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["text"][:40])
def test_what_is_planted_in_a_text_is_found(client, case):
    missed, wrong = judge(client, case)
    out_of_reach = [one["in"] for one in case["expect"] if one.get("not_reached")]
    assert [
        one for one in missed if not one.startswith(tuple(out_of_reach or ["-"]))
    ] == []
    assert wrong == []
    assert len(missed) == len(out_of_reach), "it is reached now: say so in the table"


def test_few_of_the_texts_are_out_of_reach():
    rows = [one for case in TEXTS for one in case["expect"] if one["codes"]]
    assert sum(bool(one.get("not_reached")) for one in rows) == 3
    assert len(rows) == 33


def test_the_first_text_gives_what_an_editor_needs(client):
    answer = check(client, TEXTS[0]["text"])
    found = {one["printed"]: one for one in answer["data"]}
    first = {
        number: one["figures"][0] for number, one in found.items() if one["figures"]
    }
    assert {number: one["id"] for number, one in first.items()} == {
        "1,131": "gb7nr", "1,000": "k2gqj", "23": "vp3bg", "157": "zzp6n", "16": "qxq3c",
    }  # fmt: skip
    assert first["157"]["differences"] == []
    passed = [one["printed"] for one in answer["meta"]["passed_over"]]
    assert passed[:4] == ["a decade", "January 2023", "2024", "2018/19"]
    assert first["16"]["standing"]["status"] == "unchanged"


@pytest.mark.parametrize(
    ("text", "number", "figure", "codes"),
    CASES["figures_of_tables_are_found_by_the_words_of_people"],
)  # fmt: skip
def test_figures_of_tables_are_found_by_the_words_of_people(
    client, text, number, figure, codes
):
    answer, start = check(client, text), text.index(number)
    entry = entry_at(answer, start, start + len(number))
    assert (entry["figures"][0]["id"] if entry["figures"] else None) == figure
    assert codes_of(answer, entry) == set(codes)


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("There were 732 allegations in Lambeth in 2025.", "c34c9"),
        ("There were 732 allegations in Lambeth last year.", "c34c9"),
        ("In London, 42% totally distrusted the Met in 2025.", "s7xm4"),
        ("In 2026 the Met had 161 officers with criminal records.", "d5fcj"),
        ("In 2025, 1,131 Met staff were accused of sex crimes.", "gb7nr"),
    ],
)
def test_a_year_after_the_document_is_another_year(client, text, figure):
    found = check(client, text)["data"][0]["figures"][0]
    assert found["id"] == figure
    assert "other_year" in [one["code"] for one in found["differences"]]


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


NOT_ALLEGED = "No misconduct is alleged. The figures do not say that anybody did wrong."


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (
            "Police killed 17 people in custody in England and Wales in 2018/19.",
            [NOT_ALLEGED],
        ),
        (
            "39 people took their own lives in West Midlands Police cells.",
            ["These people had been", NOT_ALLEGED],
        ),
        (
            "Officers in Lambeth faced 110 allegations of incivility.",
            ["The figures are of March 2010 at the latest:"],
        ),
        (
            "A fifth of the workforce of the Met has been screened so far.",
            ["Each check looked for"],
        ),
    ],
)
def test_a_match_says_what_its_figure_does_not_show(client, text, notes):
    figure = check(client, text)["data"][0]["figures"][0]
    assert len(figure["notes"]) == len(notes)
    assert all(
        one.startswith(start) for one, start in zip(figure["notes"], notes, strict=True)
    )


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
