"""Comparing figures: same, different or unstated, dimension by dimension; and a sentence that can be printed."""

from __future__ import annotations

import pytest

from app.model.comparison import compare, evidence_groups, relate
from tests.figures import describe, observe

DIMENSIONS = ["measure", "statistic", "category", "area", "population", "counting_unit", "unit", "period"]


def compared(table: str):
    """The comparison of all the rows of a table."""
    figures = observe(table)
    return compare(list(figures.values()), describe(figures))


def relations(table: str) -> dict[str, str]:
    """Every dimension that is not the same, with its relation."""
    found = {one["dimension"]: one["relation"] for one in compared(table)["dimensions"]}
    assert list(found) == DIMENSIONS
    return {name: relation for name, relation in found.items() if relation != "same"}


def test_figures_of_one_thing_are_the_same_in_every_dimension_whatever_their_values():
    table = "id | year | value | source\n bbbb2 | 2022 | 169 | paper\n bbbb3 | 2022 | 170 | letter"
    assert relations(table) == {}
    assert compared(table)["verdict"] == "same"


@pytest.mark.parametrize(
    ("column", "first", "second"),
    [
        ("measure", "accused", "suspended"),
        ("statistic", "count", "mean"),
        ("category", "sexual_assault", "sexual_harassment"),
        ("area", "E23000001", "E23000002"),
        ("population", "officers", "officers_and_staff"),
        ("counting_unit", "people", "cases"),
        ("unit", "count", "percent"),
    ],
)
def test_each_dimension_can_be_what_tells_two_figures_apart(column, first, second):
    table = f"id | {column} | value\n bbbb2 | {first} | 5\n bbbb3 | {second} | 5"
    assert relations(table) == {column: "different"}
    assert compared(table)["verdict"] == "different"


@pytest.mark.parametrize("column", ["category", "population", "counting_unit"])
@pytest.mark.parametrize("other", ["known", "unstated"])
def test_what_a_source_leaves_open_is_never_the_same(column, other):
    table = f"id | {column} | value\n bbbb2 | unstated | 5\n bbbb3 | {other} | 5"
    assert relations(table) == {column: "unstated"}
    assert compared(table)["verdict"] == "unstated"


def test_among_three_two_that_differ_decide_and_one_that_is_open_leaves_the_rest_open():
    table = "id | counting_unit | value\n bbbb2 | {} | 1\n bbbb3 | {} | 2\n bbbb4 | {} | 3"
    assert relations(table.format("people", "unstated", "cases")) == {"counting_unit": "different"}
    assert relations(table.format("people", "unstated", "people")) == {"counting_unit": "unstated"}
    assert relations(table.format("people", "people", "people")) == {}


def test_what_is_different_outweighs_what_is_unstated():
    table = "id | counting_unit | population | value\n bbbb2 | unstated | officers | 5\n bbbb3 | people | staff | 5"
    assert relations(table) == {"counting_unit": "unstated", "population": "different"}
    assert compared(table)["verdict"] == "different"


PERIODS = """
    id    | period_type | period_start | period_end | duration | period_printed | source | origin | value
    bbbb2 | {}          | {}           | {}         | {}       | {}             | paper  | {}     | 5
    bbbb3 | {}          | {}           | {}         | {}       | {}             | letter | {}     | 5
"""


@pytest.mark.parametrize(
    ("first", "second", "relation"),
    [
        (("year", "2022", "", "", "2022", ""), ("year", "2022", "", "", "last year", ""), "same"),
        (("year", "2022", "", "", "", ""), ("year", "2023", "", "", "", ""), "different"),
        (("year", "2022", "", "", "", ""), ("window", "2022", "2022", "", "", ""), "different"),
        (("window", "2014", "2024", "P10Y", "", ""), ("window", "2014", "2024", "P10Y", "", ""), "same"),
        (("window", "2014", "2024", "P10Y", "", ""), ("window", "2014", "2023", "P10Y", "", ""), "different"),
        (("window", "", "", "P10Y", "ten years", ""), ("window", "2014", "2024", "P10Y", "", ""), "different"),
        (("point", "", "", "", "now", ""), ("point", "", "", "", "now", ""), "different"),
        (("point", "", "", "", "now", "letter"), ("point", "", "", "", "now", "letter"), "same"),
        (("window", "", "", "P10Y", "ten years", ""), ("window", "", "", "P10Y", "ten years", ""), "different"),
        (("point", "2023-04", "", "", "now", ""), ("point", "2023-04", "", "", "in April", ""), "same"),
        (("unstated", "", "", "", "", ""), ("year", "2022", "", "", "", ""), "unstated"),
        (("unstated", "", "", "", "", ""), ("point", "", "", "", "now", ""), "unstated"),
        (("unstated", "", "", "", "", ""), ("unstated", "", "", "", "", ""), "unstated"),
    ],
)  # fmt: skip
def test_a_now_is_the_now_of_where_it_was_said_first_and_an_unstated_time_is_like_no_other(first, second, relation):
    figures = observe(PERIODS.format(*first, *second))
    assert relate("period", list(figures.values())) == relation


def test_figures_of_one_origin_are_one_piece_of_evidence():
    figures = observe("""
        id    | source  | origin | value
        bbbb2 | paper   | letter | 5
        bbbb3 | another |        | 6
        bbbb4 | another | letter | 5
    """)
    assert evidence_groups(list(figures.values())) == [
        {"origin": "letter", "observations": ["bbbb2", "bbbb4"]},
        {"origin": "another", "observations": ["bbbb3"]},
    ]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            """
            id    | source  | origin | counting_unit | population | hedge  | qualifier  | value
            bbbb2 | paper   | paper  | people        | officers   | nearly | just_under | 1000
            bbbb3 | another |        | cases         | staff      |        | exact      | 1071
            """,
            (
                "nearly 1,000 (Paper) and 1,071 (Another): they do not count the same thing and must not be put side by "
                "side as one number, because they differ in population (officers / staff) and counting unit (people / "
                "cases)."
            ),
        ),
        (
            """
            id    | source  | counting_unit | value
            bbbb2 | paper   | people        | 5
            bbbb3 | another | unstated      | 6
            """,
            (
                "5 (Paper) and 6 (Another): it cannot be said whether they count the same thing, because the sources leave "
                "open counting unit (people / unstated)."
            ),
        ),
        (
            """
            id    | source  | year | value
            bbbb2 | paper   | 2022 | 5
            bbbb3 | another | 2022 | 6
            """,
            "5 (Paper) and 6 (Another): they count the same thing.",
        ),
        (
            """
            id    | source  | origin | year | value
            bbbb2 | paper   | letter | 2022 | 5
            bbbb3 | another | letter | 2022 | 5
            """,
            (
                "5 (Paper) and 5 (Another): they count the same thing. They go back to one origin and are one piece of "
                "evidence."
            ),
        ),
        (
            """
            id    | period_type | period_start | period_end | period_printed | statistic | value
            bbbb2 | window      | 2014         | 2024       | ten years      | count     | 931
            bbbb3 | point       |              |            | currently      | mean      | 144
            bbbb4 | year        | 2022         |            |                | count     | 1
            """,
            (
                "931 (Paper), 144 (Paper) and 1 (Paper): they do not count the same thing and must not be put side by side "
                "as one number, because they differ in kind of number (count / mean) and period (2014–2024 / currently / "
                "2022). They go back to one origin and are one piece of evidence."
            ),
        ),
    ],
)
def test_the_verdict_is_a_sentence_to_print(table, sentence):
    assert compared(table)["sentence"] == sentence


def test_each_dimension_shows_what_each_figure_says_in_words():
    table = """
        id    | population         | period_type | period_start | period_end | period_printed | value
        bbbb2 | officers_and_staff | window      | 2014         | 2024       |                | 5
        bbbb3 | unstated           | point       |              |            | now            | 5
        bbbb4 | officers           | unstated    |              |            |                | 5
    """
    shown = {one["dimension"]: one["values"] for one in compared(table)["dimensions"]}
    assert shown["population"] == ["Officers and staff", "Unstated", "Officers"]
    assert shown["period"] == ["2014–2024", "now", "unstated"]
    assert shown["unit"] == ["Count", "Count", "Count"]


def test_an_open_window_is_not_named_as_the_year_in_which_it_began():
    table = """
        id    | period_type | period_start | period_end | value
        bbbb2 | window      | 2018         |            | 5
        bbbb3 | year        | 2018         |            | 5
        bbbb4 | window      |              | 2018       | 5
        bbbb5 | window      | 2018         | 2018       | 5
        bbbb6 | window      | 2014         | 2018       | 5
    """
    [period] = [one["values"] for one in compared(table)["dimensions"] if one["dimension"] == "period"]
    assert period == ["since 2018", "2018", "until 2018", "2018", "2014–2018"]
    assert "period (since 2018 / 2018 / until 2018 / 2014–2018)" in compared(table)["sentence"]
