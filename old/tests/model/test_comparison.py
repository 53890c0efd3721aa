"""Comparing figures: same, different or unstated, dimension by dimension; and a sentence that can be printed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from misconduct.model.catalogue import RelatedCodes, relate_codes
from misconduct.model.comparison import compare, evidence_groups, relate
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


def test_different_numbers_of_one_thing_are_told_unless_one_origin_or_a_hedge_explains_them():
    table = "id | year | value | source | qualifier\n bbbb2 | 2022 | {} | paper |\n bbbb3 | 2022 | 8 | {} | {}"
    told = "The sources state different numbers of the same thing."
    assert told in compared(table.format(7, "letter", "exact"))["sentence"]
    for same in ((8, "letter", "exact"), (7, "paper", "exact"), (7, "letter", "about")):
        assert told not in compared(table.format(*same))["sentence"]


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
    table = f"id | source | {column} | value\n bbbb2 | paper | {first} | 5\n bbbb3 | letter | {second} | 5"
    assert relations(table) == {column: "different"}
    along = ["area"] if column == "area" else []
    assert (compared(table)["verdict"], compared(table)["comparable_along"]) == (
        "comparable" if along else "different",
        along,
    )


@pytest.mark.parametrize("column", ["category", "population", "counting_unit"])
@pytest.mark.parametrize("other", ["known", "unstated"])
def test_what_a_source_leaves_open_is_never_the_same(column, other):
    table = f"id | {column} | value\n bbbb2 | unstated | 5\n bbbb3 | {other} | 6"
    assert relations(table) == {column: "unstated"}
    assert (compared(table)["verdict"], compared(table)["comparable_along"]) == ("unstated", [])


@pytest.mark.parametrize("column", ["category", "population", "counting_unit"])
def test_one_claim_printed_twice_is_the_same_whatever_its_source_leaves_open(column):
    table = """
        id    | source | origin | {column} | period_type | hedge | qualifier | value
        bbbb2 | paper  | letter | unstated | unstated    | some  | about     | 700
        bbbb3 | blog   | {}     | {}       | unstated    | {}    | {}        | {}
    """.replace("{column}", column)
    same = compared(table.format("letter", "unstated", "some", "about", 700))
    assert (same["verdict"], same["sentence"].partition(": ")[2]) == (
        "same", "they count the same thing. They go back to one origin and are one piece of evidence.",
    )  # fmt: skip
    for other in (
        ("blog", "unstated", "some", "about", 700),
        ("letter", "stated", "some", "about", 700),
        ("letter", "unstated", "", "exact", 700),
        ("letter", "unstated", "some", "about", 701),
    ):
        assert compared(table.format(*other))["verdict"] == "unstated"


# Along what


@pytest.mark.parametrize(
    ("column", "first", "second", "along"),
    [
        ("area", "E23000001", "E23000002", ["area"]),
        ("category", "sexual_assault", "sexual_harassment", ["category"]),
        ("population", "officers", "staff", ["population"]),
        ("year", "2022", "2023", ["period"]),
        ("measure", "accused", "suspended", []),
        ("statistic", "count", "mean", []),
        ("counting_unit", "people", "cases", []),
        ("unit", "count", "percent", []),
    ],
)
def test_figures_of_one_table_may_be_compared_along_what_a_table_runs_along(column, first, second, along):
    table = f"id | source | origin | stated_by | {column} | value\n bbbb2 | paper | letter | force | {first} | 5\n bbbb3 | {{}} | {{}} | {{}} | {second} | 6"
    found = compared(table.format("paper", "letter", "force"))
    assert (found["verdict"], found["comparable_along"]) == ("comparable" if along else "different", along)
    for elsewhere in (("blog", "letter", "force"), ("paper", "poll", "force"), ("paper", "letter", "mayor")):
        assert compared(table.format(*elsewhere))["comparable_along"] == (["area"] if column == "area" else [])


TWO_TABLES = """
    id    | source | area | category    | population | year | value
    bbbb2 | paper  | one  | {category}  | officers   | 2022 | 5
    bbbb3 | letter | two  | misconduct  | {among}    | {year} | 6
"""


def with_codes(figures, **codes):
    """The catalogue of some figures, whose categories have these keys."""
    known = describe(figures)
    for code, content in known.codes["category"].items():
        content |= {"id": f"category/{code}", **codes.get(code, {})}
    return replace(
        known, by_kind={**known.by_kind, "code": {one["id"]: one for one in known.codes["category"].values()}}
    )


def test_two_forces_in_two_tables_are_compared_with_the_reservation_that_the_tables_differ():
    found = compared(TWO_TABLES.format(category="misconduct", among="officers", year="2022"))
    assert (found["verdict"], found["comparable_along"]) == ("comparable", ["area"])
    assert found["reservations"] == [
        "They are from different tables (Paper and Letter), which may count in different ways."
    ]
    assert found["sentence"] == (
        "5 (Paper) and 6 (Letter): they may be compared with each other, because they differ only in area (One / Two). "
        "They are from different tables (Paper and Letter), which may count in different ways."
    )
    for changed in ({"among": "staff"}, {"among": "unstated"}, {"year": "2023"}, {"category": "assault"}):
        cells = {"category": "misconduct", "among": "officers", "year": "2022"} | changed
        found = compared(TWO_TABLES.format(**cells))
        assert (found["verdict"], found["comparable_along"], found["reservations"]) == ("different", [], []), changed


def test_what_two_tables_both_leave_open_keeps_their_figures_apart():
    table = TWO_TABLES.format(category="misconduct", among="unstated", year="2022").replace("officers", "unstated")
    assert (compared(table)["verdict"], compared(table)["comparable_along"]) == ("different", [])


@pytest.mark.parametrize(
    ("keys", "relation", "along"),
    [
        ({"phl_abuse": {"close": ["misconduct"]}}, "close", ["category", "area"]),
        ({"misconduct": {"close": ["phl_abuse"]}}, "close", ["category", "area"]),
        ({"phl_abuse": {"broader": "misconduct"}}, "narrower", []),
        ({"phl_abuse": {"narrower": ["misconduct"]}}, "narrower", []),
        ({}, "different", []),
    ],
)
def test_codes_that_are_close_or_above_each_other_are_said_to_be(keys, relation, along):
    table = (
        TWO_TABLES.format(category="phl_abuse", among="officers", year="2022")
        + "    bbbb4 | letter | one | misconduct | officers | 2022 | 7"
    )
    figures = observe(table)
    found = compare(list(figures.values()), with_codes(figures, **keys))
    assert {one["dimension"]: one["relation"] for one in found["dimensions"]}["category"] == relation
    assert found["comparable_along"] == along
    if relation == "close":
        assert found["reservations"][1] == "By category, they are close and not the same: Phl abuse and Misconduct."
    assert {"close": "category (phl abuse / misconduct, which are close)", "narrower": "of which one is a part of the other"}.get(
        relation, "category (phl abuse / misconduct)"
    ) in found["sentence"]  # fmt: skip


def test_a_part_within_one_table_is_compared_with_the_whole_and_said_to_be_a_part():
    figures = observe(
        "id | category | counting_unit | value\n bbbb2 | assault | unstated | 5\n bbbb3 | misconduct | unstated | 6"
    )
    found = compare(list(figures.values()), with_codes(figures, assault={"broader": "misconduct"}))
    assert found["comparable_along"] == ["category"]
    assert found["reservations"] == [
        "By category, one is a part of another: Assault and Misconduct.",
        "The counting unit is not stated for any of them.",
    ]


def test_what_a_mapping_says_of_a_match_is_among_the_reservations():
    figures = observe("id | category | value\n bbbb2 | phl_force | 5\n bbbb3 | use_of_force | 6")
    known = with_codes(figures, phl_force={"close": ["use_of_force"], "label": "Physical Abuse"})
    terms = [
        {"subject_label": "Physical Abuse", "object_id": "use_of_force", "comment": "Takes in force that is not excessive."},
        {"subject_label": "Physical Abuse", "object_id": "any_misconduct", "comment": "Of another match."},
        {"subject_label": "Verbal Abuse", "object_id": "use_of_force", "comment": "Of another word."},
    ]  # fmt: skip
    known = replace(known, by_kind={**known.by_kind, "mapping": {"kinds": {"mappings": terms}}})
    assert compare(list(figures.values()), known)["reservations"] == [
        "By category, they are close and not the same: Physical Abuse and Use of force.",
        "Physical Abuse: Takes in force that is not excessive.",
    ]


def test_three_codes_are_close_only_if_each_two_are():
    figures = observe("id | category | value\n bbbb2 | a | 5\n bbbb3 | b | 6\n bbbb4 | c | 7")
    for keys, relation in (
        ({"a": {"close": ["b", "c"]}}, "different"),
        ({"a": {"close": ["b", "c"]}, "c": {"close": ["b"]}}, "close"),
    ):
        found = compare(list(figures.values()), with_codes(figures, **keys))
        assert found["dimensions"][2]["relation"] == relation


@pytest.mark.parametrize(
    ("first", "second", "along"),
    [
        (("year", "2022", "", ""), ("year", "2023", "", ""), ["period"]),
        (("year", "2022", "", ""), ("window", "2014", "2024", ""), []),
        (("year", "2022", "", ""), ("point", "2022", "", ""), []),
        (("point", "2022-03", "", ""), ("point", "2023-03", "", ""), ["period"]),
        (("point", "", "", "now"), ("point", "", "", "today"), []),
        (("point", "2022-03", "", ""), ("point", "", "", "now"), []),
        (("window", "2014", "2018", ""), ("window", "2019", "2023", ""), ["period"]),
        (("window", "2014", "2018", ""), ("window", "2019", "2024", ""), []),
        (("window", "2019-04", "2020-03", ""), ("window", "2020-04", "2021-03", ""), ["period"]),
        (("window", "2014", "", ""), ("window", "2018", "", ""), []),
        (("unstated", "", "", ""), ("year", "2022", "", ""), []),
    ],
)
def test_only_dated_periods_of_one_type_and_length_are_compared(first, second, along):
    table = """
        id    | period_type | period_start | period_end | period_printed | value
        bbbb2 | {}          | {}           | {}         | {}             | 5
        bbbb3 | {}          | {}           | {}         | {}             | 6
    """
    assert compared(table.format(*first, *second))["comparable_along"] == along


def test_what_a_source_leaves_open_for_all_figures_of_a_table_does_not_keep_them_apart():
    table = "id | year | population | value\n bbbb2 | 2022 | unstated | 169\n bbbb3 | 2023 | {} | 157"
    assert compared(table.format("unstated"))["comparable_along"] == ["period"]
    assert compared(table.format("officers"))["verdict"] == "different"


def test_a_figure_that_leaves_open_in_what_the_others_differ_is_not_compared_with_them():
    table = "id | population | value\n bbbb2 | officers | 1\n bbbb3 | staff | 2\n bbbb4 | {} | 3"
    assert compared(table.format("volunteers"))["comparable_along"] == ["population"]
    assert (compared(table.format("unstated"))["verdict"], compared(table.format("unstated"))["comparable_along"]) == (
        "different", [],
    )  # fmt: skip


def test_cells_of_one_table_are_compared_where_each_has_a_neighbour():
    table = "id | area | year | value\n bbbb2 | one | 2022 | 1\n bbbb3 | one | 2023 | 2\n bbbb4 | two | 2022 | 3\n bbbb5 | two | 2023 | 4"
    assert compared(table)["comparable_along"] == ["area", "period"]
    assert compared(table.rsplit("\n", 1)[0])["comparable_along"] == ["area", "period"]
    corners = "id | area | year | value\n bbbb2 | one | 2022 | 1\n bbbb5 | two | 2023 | 4"
    assert (compared(corners)["verdict"], compared(corners)["comparable_along"]) == ("different", [])


def test_editions_of_one_work_are_one_table():
    figures = observe("id | source | year | value\n bbbb2 | edition-1 | 2022 | 5\n bbbb3 | edition-2 | 2023 | 6")
    known = describe(figures)
    assert compare(list(figures.values()), known)["comparable_along"] == []
    works = {slug: {**one, "work": "annual-statistics"} for slug, one in known.kind("source").items()}
    annual = replace(known, by_kind={**known.by_kind, "source": works})
    assert compare(list(figures.values()), annual)["comparable_along"] == ["period"]


def test_a_year_that_was_not_over_when_its_source_appeared_is_said_to_be_a_part():
    figures = observe("id | year | value\n bbbb2 | 2023 | 157\n bbbb3 | 2024 | 23")
    known = describe(figures)
    known.kind("source")["paper"]["published"] = "2024-05-14"
    found = compare(list(figures.values()), known)
    assert (found["verdict"], found["comparable_along"]) == ("different", [])
    assert found["sentence"].endswith(
        "because they differ in period (2023 / 2024). The figure for 2024 is for a part of the year. They go back to one "
        "origin and are one piece of evidence."
    )


def test_a_part_of_a_year_and_the_whole_year_are_not_the_same_period():
    """An annual table, and the answer to a request in the middle of that year."""
    figures = observe(
        "id | source | origin | year | value\n bbbb2 | paper | paper | 2024 | 23\n bbbb3 | blog | blog | 2024 | 90"
    )
    known = describe(figures)
    known.kind("source")["paper"]["published"] = "2024-04-20"
    known.kind("source")["blog"]["published"] = "2025-05-01"
    found = compare(list(figures.values()), known)
    assert (found["verdict"], found["comparable_along"]) == ("different", [])
    assert {one["dimension"]: one["relation"] for one in found["dimensions"]}["period"] == "different"
    assert found["sentence"].endswith("The figure for 2024 is for a part of the year.")
    known.kind("source")["paper"]["published"] = "2025-04-20"
    assert compare(list(figures.values()), known)["verdict"] == "same"


def test_a_code_below_another_is_narrower_and_not_just_different():
    table = "id | source | population | value\n bbbb2 | paper | serving_officers | 5\n bbbb3 | letter | {} | 6"
    figures = observe(table.format("officers"))
    known = describe(figures)
    codes = (("serving_officers", "officers", []), ("officers", None, []), ("workforce", None, ["officers"]))
    related = relate_codes({"id": f"population/{code}", "broader": above, "narrower": below} for code, above, below in codes)  # fmt: skip
    assert relate("population", list(figures.values()), related) == "narrower"
    assert relate("population", list(observe(table.format("workforce")).values()), related) == "narrower"
    assert relate("population", list(observe(table.format("staff")).values()), related) == "different"
    three = observe(table.format("officers") + "\n bbbb4 | blog | workforce | 7")
    assert relate("population", list(three.values()), related) == "narrower"
    siblings = {
        "population/serving_officers": ["population/workforce"],
        "population/officers": ["population/workforce"],
    }
    assert relate("population", list(three.values()), RelatedCodes(siblings)) == "different"
    with_open = observe(table.format("officers") + "\n bbbb4 | blog | unstated | 7")
    assert relate("population", list(with_open.values()), related) == "narrower"
    assert compare(list(with_open.values()), describe(with_open))["comparable_along"] == []
    for code in known.codes["population"]:
        known.codes["population"][code]["id"] = f"population/{code}"
    known.codes["population"]["serving_officers"]["broader"] = "officers"
    known = replace(known, by_kind={**known.by_kind, "code": {code["id"]: code for code in known.codes["population"].values()}})  # fmt: skip
    assert "population (serving officers / officers, of which one is a part of the other)" in compare(
        list(figures.values()), known
    )["sentence"]  # fmt: skip


def test_a_now_that_is_said_twice_is_named_as_said_on_different_occasions():
    table = """
        id    | source | period_type | period_printed | value
        bbbb2 | paper  | point       | currently      | 5
        bbbb3 | letter | point       | currently      | 6
    """
    assert "they differ in period (currently, said on different occasions)." in compared(table)["sentence"]


def test_a_year_of_named_months_and_a_bare_one_leave_open_whether_they_are_the_same():
    table = """
        id    | source | period_type | period_start | value
        bbbb2 | paper  | year        | 2022         | 5
        bbbb3 | letter | year        | 2022-01      | 5
    """
    open_period = "because the sources leave open period (2022, whose months not every source names)"
    assert open_period in compared(table)["sentence"]


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
        (("year", "2022", "", "", "", ""), ("window", "2022", "2022", "", "", ""), "same"),
        (("year", "2022", "", "", "", ""), ("year", "2022-01", "", "", "", ""), "unstated"),
        (("year", "2022-01", "", "", "", ""), ("window", "2022-01", "2022-12", "", "", ""), "same"),
        (("year", "2022-01", "", "", "", ""), ("year", "2022-04", "", "", "", ""), "different"),
        (("year", "2020-04", "", "", "", ""), ("window", "2020-04", "2021-03", "", "", ""), "same"),
        (("year", "2020-04", "", "", "2020/21", ""), ("year", "2020-10", "", "", "2020/21", ""), "different"),
        (("window", "2014", "2024", "P10Y", "", ""), ("window", "2014", "2024", "P10Y", "", ""), "same"),
        (("window", "2014", "2024", "P10Y", "", ""), ("window", "2014", "2024", "", "", ""), "same"),
        (("window", "2014", "2024", "P10Y", "", ""), ("window", "2014", "2023", "P10Y", "", ""), "different"),
        (("window", "2014", "", "P10Y", "", ""), ("window", "2014", "", "", "", ""), "different"),
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
    assert relate("period", list(figures.values()), RelatedCodes()) == relation


def test_years_of_one_label_that_begin_in_different_months_are_told_with_their_months():
    figures = observe("""
        id    | source | area | period_start | value
        bbbb2 | paper  | one  | 2020-04      | 100
        bbbb3 | letter | one  | 2020-10      | 200
        bbbb4 | third  | two  | 2020-07      | 300
    """)
    catalogue = describe(figures)
    found = compare([figures["bbbb2"], figures["bbbb3"]], catalogue)
    assert found["verdict"] == "different"
    assert "because they differ in period (2020-04–2021-03 / 2020-10–2021-09)" in found["sentence"]
    assert compare([figures["bbbb2"], figures["bbbb4"]], catalogue)["comparable_along"] == []


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
            "5 (Paper) and 6 (Another): they count the same thing. The sources state different numbers of the same thing.",
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
