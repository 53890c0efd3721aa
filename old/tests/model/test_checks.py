"""Checks: what the whole is, what the parts come to, and what cannot be told because unlike things stand there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from misconduct.model.checks import Outcome, assess, rounding
from tests.figures import observe

BROADER = {
    "category/burglary": ["category/theft"],
    "category/theft": ["category/any_crime"],
    "population/sergeants": ["population/officers"],
    "area/north": ["area/country"],
    "area/south": ["area/country"],
}


def check(kind: str, table: str, *, asserted: bool = True, **names: str) -> Outcome:
    """The outcome over a table whose first row is the whole and whose other rows are the parts."""
    figures = observe(table)
    whole, *parts = [identity for identity in figures if identity not in names.values()]
    return assess({"type": kind, "whole": whole, "parts": parts, "asserted": asserted, **names}, figures, BROADER)


# The sum of the parts


def test_parts_that_come_to_the_whole_hold():
    assert check("sum_of_parts", "id | value\n bbbb2 | 1131\n bbbb3 | 196\n bbbb4 | 689\n bbbb5 | 246") == Outcome(
        "holds", 1131, 1131, ()
    )


SPLIT = """
    id    | counting_unit | value
    bbbb2 | people        | 1131
    bbbb3 | people        | 196
    bbbb4 | cases         | 689
    bbbb5 | people        | 246
"""


def test_unlike_parts_that_a_source_adds_up_hold_and_say_how_they_are_unlike():
    assert check("sum_of_parts", SPLIT) == Outcome("holds", 1131, 1131, ("counting_unit",))


def test_unlike_parts_that_only_the_register_adds_up_are_undecidable_although_they_agree():
    assert check("sum_of_parts", SPLIT, asserted=False) == Outcome("undecidable", 1131, 1131, ("counting_unit",))


def test_parts_that_come_to_something_else_fail():
    table = "id | value\n bbbb2 | 18000\n bbbb3 | 69\n bbbb4 | 1736"
    assert check("sum_of_parts", table) == Outcome("fails", 18000, 1805, ())


def test_no_check_fails_that_no_source_asserts():
    assert check("sum_of_parts", "id | value\n bbbb2 | 161\n bbbb3 | 76\n bbbb4 | 57", asserted=False) == Outcome(
        "undecidable", 161, 133, ()
    )
    assert check("subset", "id | value\n bbbb2 | 8\n bbbb3 | 9", asserted=False) == Outcome("undecidable", 8, 9, ())
    assert check("sum_of_parts", "id | value\n bbbb2 | 8\n bbbb3 | 8", asserted=False) == Outcome("holds", 8, 8, ())


def test_a_check_that_does_not_say_whether_it_is_asserted_is_not():
    figures = observe("id | value\n bbbb2 | 8\n bbbb3 | 9")
    outcome = assess({"type": "subset", "whole": "bbbb2", "parts": ["bbbb3"]}, figures, {})
    assert outcome.result == "undecidable"


@pytest.mark.parametrize(
    ("column", "whole", "first", "second", "differing"),
    [
        ("category", "any_crime", "burglary", "theft", ()),
        ("category", "theft", "burglary", "any_crime", ("category",)),
        ("category", "theft", "burglary", "fraud", ("category",)),
        ("population", "officers", "sergeants", "officers", ()),
        ("population", "officers", "officers", "staff", ("population",)),
        ("area", "country", "north", "south", ()),
        ("measure", "accused", "suspended", "accused", ("measure",)),
        ("statistic", "count", "mean", "count", ("statistic",)),
        ("unit", "count", "count", "percent", ("unit",)),
        ("counting_unit", "people", "unstated", "people", ("counting_unit",)),
    ],
)
def test_a_part_may_be_narrower_than_the_whole_and_is_unlike_it_in_anything_else(
    column, whole, first, second, differing
):
    table = f"id | {column} | value\n bbbb2 | {whole} | 10\n bbbb3 | {first} | 4\n bbbb4 | {second} | 5"
    assert check("sum_of_parts", table) == Outcome("undecidable" if differing else "fails", 10, 9, differing)


PERIODS = """
    id    | period_type | period_start | period_end | period_printed | value
    bbbb2 | window      | 2014         | 2024       |                | 10
    bbbb3 | {}          | {}           | {}         | {}             | 9
"""


@pytest.mark.parametrize(
    ("period", "differing_sum", "differing_subset"),
    [
        (("window", "2014", "2024", ""), (), ()),
        (("window", "2013", "2023", ""), ("period",), ("period",)),
        (("window", "2015", "2020", ""), ("period",), ()),
        (("year", "2024", "", ""), ("period",), ()),
        (("year", "2025", "", ""), ("period",), ("period",)),
        (("point", "2020-04", "", ""), ("period",), ()),
        (("point", "", "", "now"), ("period",), ("period",)),
        (("unstated", "", "", ""), ("period",), ("period",)),
    ],
)
def test_periods_are_alike_by_their_dates_and_not_by_their_type(period, differing_sum, differing_subset):
    table = PERIODS.format(*period)
    assert check("sum_of_parts", table).unlike == differing_sum
    assert check("subset", table).unlike == differing_subset


@pytest.mark.parametrize(
    ("qualifier", "hedge", "whole", "result"),
    [
        ("exact", "", 1000, "fails"),
        ("about", "some", 1000, "holds"),
        ("about", "some", 2000, "fails"),
        ("more_than", "more than", 1000, "holds"),
        ("more_than", "more than", 1100, "fails"),
        ("at_most", "up to", 9999, "holds"),
        ("at_most", "up to", 1070, "fails"),
        ("less_than", "fewer than", 9999, "holds"),
        ("less_than", "fewer than", 1070, "fails"),
        ("just_under", "nearly", 1100, "holds"),
        ("just_under", "nearly", 1000, "fails"),
    ],
)
def test_a_hedged_number_stands_for_what_its_words_give(qualifier, hedge, whole, result):
    table = f"id | qualifier | hedge | value\n bbbb2 | {qualifier} | {hedge} | {whole}\n bbbb3 | exact | | 1071"
    assert check("sum_of_parts", table) == Outcome(result, whole, 1071, ())


@pytest.mark.parametrize(
    ("qualifier", "hedge", "fall", "parts", "result"),
    [
        ("more_than", "more than", "-5", ("-4", "-3"), "holds"),
        ("more_than", "more than", "-5", ("-1", "-1"), "fails"),
        ("less_than", "less than", "-5", ("-1", "-1"), "holds"),
        ("less_than", "less than", "-5", ("-4", "-3"), "fails"),
        ("just_under", "nearly", "-5", ("-2.4", "-2.4"), "holds"),
        ("just_under", "nearly", "-5", ("-2.6", "-2.6"), "fails"),
    ],
)
def test_a_hedged_fall_is_lower_the_greater_its_printed_number(qualifier, hedge, fall, parts, result):
    rows = [("bbbb2", qualifier, hedge, fall), *((f"bbbb{n}", "exact", "", one) for n, one in enumerate(parts, 3))]
    lines = (f"{name} | change | percent | {how} | {words} | {v} | {v[1:]}%" for name, how, words, v in rows)
    table = "\n".join(("id | statistic | unit | qualifier | hedge | value | printed", *lines))
    assert check("sum_of_parts", table).result == result


@pytest.mark.parametrize(
    ("check_type", "whole", "part", "expected"),
    [
        ("subset", ("2", "percent", "2%"), ("0.5", "proportion", "50%"), Outcome("fails", 2, 50, ())),
        ("subset", ("0.5", "proportion", "50%"), ("2", "percent", "2%"), Outcome("holds", 0.5, 0.02, ())),
        ("sum_of_parts", ("20", "per_thousand", "20"), ("2", "percent", "2%"), Outcome("holds", 20, 20, ())),
        ("sum_of_parts", ("2", "percent", "2%"), ("0.02", "proportion", "one in 50"), Outcome("holds", 2, 2, ())),
        ("subset", ("2", "percent", "2%"), ("3", "count", "3"), Outcome("undecidable", 2, 3, ("unit",))),
    ],
)
def test_shares_are_compared_in_the_unit_of_the_whole(check_type, whole, part, expected):
    rows = "\n".join(f"{name} | share | {' | '.join(one)}" for name, one in (("bbbb2", whole), ("bbbb3", part)))
    assert check(check_type, f"id | statistic | value | unit | printed\n{rows}") == expected


def test_a_sum_of_tenths_is_exact():
    table = "id | value | unit\n bbbb2 | 0.3 | percent\n bbbb3 | 0.1 | percent\n bbbb4 | 0.2 | percent"
    assert check("sum_of_parts", table) == Outcome("holds", 0.3, 0.3, ())


def test_a_stock_on_one_day_and_a_flow_of_ten_years_are_undecidable():
    table = """
        id    | counting_unit | period_type | duration | period_printed | value
        bbbb2 | measures      | window      | P10Y     | ten years      | 931
        bbbb3 | people        | point       |          | currently      | 144
        bbbb4 | people        | point       |          | currently      | 701
    """
    assert check("sum_of_parts", table) == Outcome("undecidable", 931, 845, ("counting_unit", "period"))


def test_unlike_areas_and_populations_are_named_and_leave_a_wrong_sum_undecided():
    table = """
        id    | area      | population | value
        bbbb2 | E23000001 | officers   | 10
        bbbb3 | E23000002 | officers   | 4
        bbbb4 | E23000001 | staff      | 5
    """
    assert check("sum_of_parts", table) == Outcome("undecidable", 10, 9, ("area", "population"))


@pytest.mark.parametrize(("whole", "part", "stated"), [("", "4", None), ("10", "", 10), ("", "", None)])
def test_a_number_that_is_not_stated_leaves_a_sum_undecidable(whole, part, stated):
    table = f"id | value\n bbbb2 | {whole}\n bbbb3 | {part}\n bbbb4 | 6"
    assert check("sum_of_parts", table) == Outcome("undecidable", stated, None, ())


def test_nothing_is_a_number():
    assert check("sum_of_parts", "id | value\n bbbb2 | 4\n bbbb3 | 4\n bbbb4 | 0").result == "holds"


# Subsets


@pytest.mark.parametrize(
    ("largest", "result"), [("160", "holds"), ("161", "holds"), ("162", "fails"), ("", "undecidable")]
)
def test_no_part_is_larger_than_the_whole(largest, result):
    outcome = check("subset", f"id | value\n bbbb2 | 161\n bbbb3 | 76\n bbbb4 | {largest}")
    assert outcome == Outcome(result, 161, int(largest) if largest else None, ())


def test_a_part_that_may_be_small_hides_none_that_is_too_large():
    table = "id | qualifier | hedge | value\n bbbb2 | exact | | 660\n bbbb3 | less_than | fewer than | 700\n bbbb4 | exact | | 665"
    assert check("subset", table) == Outcome("fails", 660, 665, ())


@pytest.mark.parametrize(
    ("column", "code"), [("counting_unit", "cases"), ("population", "staff"), ("area", "E23000002")]
)
@pytest.mark.parametrize("part", [7, 9])
def test_a_part_of_another_kind_is_undecidable_whether_or_not_it_is_larger(column, code, part):
    table = f"""
        id    | {column:10} | value
        bbbb2 |             | 8
        bbbb3 | {code:10}   | {part}
    """
    assert check("subset", table, asserted=False) == Outcome("undecidable", 8, part, (column,))


def test_a_part_of_another_time_is_undecidable():
    table = "id | period_type | period_start | value\n bbbb2 | year | 2022 | 8\n bbbb3 | point | | {part}"
    assert check("subset", table.format(part=9)) == Outcome("undecidable", 8, 9, ("period",))
    assert check("subset", table.format(part=7)) == Outcome("holds", 8, 7, ("period",))
    assert check("subset", table.format(part=7), asserted=False) == Outcome("undecidable", 8, 7, ("period",))


# Years of a window

WINDOW = """
    id    | period_type | period_start | period_end | counting_unit | value
    bbbb2 | window      | 2020         | 2023       | cases         | 100
    bbbb3 | year        | 2020         |            | cases         | {first}
    bbbb4 | year        | 2021         |            | {unit}        | {second}
"""
REST = """
    bbbb5 | year        | 2022         |            | cases         | 20
    bbbb6 | year        | 2023         |            | cases         | {last}
"""


@pytest.mark.parametrize(("last", "result"), [(40, "holds"), (41, "fails"), (39, "fails")])
def test_years_of_a_whole_window_come_to_its_figure_or_fail(last, result):
    table = WINDOW.format(first=10, second=30, unit="cases") + REST.format(last=last)
    assert check("yearly_parts", table) == Outcome(result, 100, 60 + last, ())


@pytest.mark.parametrize(
    ("second", "result", "computed"),
    [(30, "undecidable", 40), (90, "undecidable", 100), (91, "fails", 101)],
)
def test_years_that_no_source_states_leave_it_open_unless_the_others_are_too_many(second, result, computed):
    table = WINDOW.format(first=10, second=second, unit="cases")
    assert check("yearly_parts", table) == Outcome(result, 100, computed, (), (2022, 2023))


def test_years_that_count_something_else_are_named_and_the_unlike_period_is_not():
    table = WINDOW.format(first=10, second=30, unit="people") + REST.format(last=40)
    assert check("yearly_parts", table) == Outcome("holds", 100, 100, ("counting_unit",))


def test_financial_years_of_a_window_come_to_its_figure():
    table = """
        id    | period_type | period_start | period_end | value
        bbbb2 | window      | 2019-04      | 2022-03    | 36
        bbbb3 | year        | 2019-04      |            | 11
        bbbb4 | window      | 2020-04      | 2021-03    | 12
        bbbb5 | year        | 2021-04      |            | 13
    """
    assert check("yearly_parts", table) == Outcome("holds", 36, 36, ())
    without_2020 = table.replace("window      | 2020-04      | 2021-03", "window      | 2020-04      | 2020-12")
    assert check("yearly_parts", without_2020).missing_years == (2020,)


def test_a_year_without_a_number_leaves_the_window_undecidable():
    table = WINDOW.format(first=10, second="", unit="cases") + REST.format(last=40)
    assert check("yearly_parts", table).result == "undecidable"


@pytest.mark.parametrize(("part", "result"), [(99, "undecidable"), (100, "undecidable"), (101, "fails")])
def test_of_a_window_without_dates_nobody_knows_which_years_are_missing(part, result):
    table = f"""
        id    | period_type | period_start | duration | value
        bbbb2 | window      |              | P10Y     | 100
        bbbb3 | year        | 2021         |          | {part}
    """
    assert check("yearly_parts", table) == Outcome(result, 100, part, ())


# Shares


@pytest.mark.parametrize(
    ("printed", "value", "unit", "low", "high"),
    [
        ("one in 50", "0.02", "proportion", "1/55", "1/45"),
        ("1 in 50", "0.02", "proportion", "1/55", "1/45"),
        ("one in 200", "0.005", "proportion", "1/250", "1/150"),
        ("one in 1,000", "0.001", "proportion", "1/1500", "1/500"),
        ("one in 120", "0.0083", "proportion", "1/125", "1/115"),
        ("one in 3", "0.3333", "proportion", "1/3.5", "1/2.5"),
        ("one in 2.5", "0.4", "proportion", "1/2.55", "1/2.45"),
        ("one in 0.5", "2", "proportion", "1/0.55", "1/0.45"),
        ("one in five", "0.2", "proportion", "1/5.5", "1/4.5"),
        ("nine in ten", "0.9", "proportion", "8.5/10", "9.5/10"),
        ("3 out of every 20", "0.15", "proportion", "2.5/20", "3.5/20"),
        ("5 in 100", "0.05", "proportion", "4.5/100", "5.5/100"),
        ("one-in-50", "0.02", "proportion", "1/55", "1/45"),
        ("one in 50", "2", "percent", "100/55", "100/45"),
        ("a fifth", "0.2", "proportion", "1/5.5", "1/4.5"),
        ("A fifth", "0.2", "proportion", "1/5.5", "1/4.5"),
        ("a fifth", "20", "percent", "100/5.5", "100/4.5"),
        ("half", "0.5", "proportion", "1/2.5", "1/1.5"),
        ("a ninth", "0.1111", "proportion", "1/9.5", "1/8.5"),
        ("two thirds", "0.6667", "proportion", "1.5/3", "2.5/3"),
        ("three quarters", "0.75", "proportion", "2.5/4", "3.5/4"),
        ("42%", "42", "percent", "41.5/1", "42.5/1"),
        ("42%", "0.42", "proportion", "0.415/1", "0.425/1"),
        ("0.5%", "0.5", "percent", "0.45/1", "0.55/1"),
        ("12.25%", "12.25", "percent", "12.245/1", "12.255/1"),
        ("40%", "40", "percent", "39.5/1", "40.5/1"),
        ("40%", "0.4", "proportion", "0.395/1", "0.405/1"),
        ("0.50%", "0.5", "percent", "0.495/1", "0.505/1"),
        ("100%", "100", "percent", "99.5/1", "100.5/1"),
        ("50,000", "50000", "count", "45000/1", "55000/1"),
        ("1,600", "1600", "count", "1550/1", "1650/1"),
        ("1,131", "1131", "count", "1131/1", "1131/1"),
        ("150", "150", "count", "150/1", "150/1"),
    ],
)  # fmt: skip
def test_a_printed_share_stands_for_all_that_would_be_printed_alike(printed, value, unit, low, high):
    figures = observe(f"id | statistic | unit | printed | value\n bbbb2 | share | {unit} | {printed} | {value}")
    found = rounding(figures["bbbb2"])
    assert [round(bound, 12) for bound in found] == [round(_divide(low), 12), round(_divide(high), 12)]


def _divide(text: str) -> Decimal:
    part, whole = text.split("/")
    return Decimal(part) / Decimal(whole)


SHARE = """
    id    | statistic | population   | unit       | printed    | value
    bbbb2 | count     | {population} | count      |            | {whole}
    bbbb3 | count     | employees    | count      |            | {part}
    bbbb4 | share     | workforce    | {unit}     | {printed}  | {share}
"""


def share(part, whole, printed, value, unit="proportion", population="workforce", *, asserted=True) -> Outcome:
    table = SHARE.format(part=part, whole=whole, printed=printed, share=value, unit=unit, population=population)
    return check("share", table, share="bbbb4", asserted=asserted)


@pytest.mark.parametrize(
    ("part", "whole", "printed", "value", "unit", "result", "computed"),
    [
        (1001, 50050, "one in 50", "0.02", "proportion", "holds", 0.02),
        (1001, 55055, "one in 50", "0.02", "proportion", "holds", 0.01818),
        (1001, 55056, "one in 50", "0.02", "proportion", "fails", 0.01818),
        (1001, 45045, "one in 50", "0.02", "proportion", "holds", 0.02222),
        (1001, 45044, "one in 50", "0.02", "proportion", "fails", 0.02222),
        (1131, 50895, "one in 50", "0.02", "proportion", "holds", 0.02222),
        (1131, 50894, "one in 50", "0.02", "proportion", "fails", 0.02222),
        (1131, 50000, "one in 50", "0.02", "proportion", "holds", 0.02262),
        (1131, 40000, "one in 50", "0.02", "proportion", "fails", 0.02828),
        (161, 24150, "one in 200", "0.005", "proportion", "holds", 0.00667),
        (161, 40250, "one in 200", "0.005", "proportion", "holds", 0.004),
        (161, 40251, "one in 200", "0.005", "proportion", "fails", 0.004),
        (161, 50000, "one in 200", "0.005", "proportion", "fails", 0.00322),
        (419, 999, "42%", "42", "percent", "holds", 41.94194),
        (414, 999, "42%", "42", "percent", "fails", 41.44144),
        (2, 10, "a fifth", "0.2", "proportion", "holds", 0.2),
        (3, 10, "a fifth", "0.2", "proportion", "fails", 0.3),
        (2, 10, "a fifth", "20", "percent", "holds", 20),
        (100, 2001, "50", "50", "per_thousand", "holds", 49.97501),
        (110, 2001, "50", "50", "per_thousand", "fails", 54.97251),
    ],
)  # fmt: skip
def test_a_share_is_held_against_what_its_parts_come_to(part, whole, printed, value, unit, result, computed):
    assert share(part, whole, printed, value, unit) == Outcome(result, float(value), computed, ())


def test_numbers_that_are_far_apart_have_a_share(tmp_path):
    table = """
        id    | statistic | unit    | printed             | value
        bbbb2 | mean      | count   | 999,999,999,999,999 | 999999999999999
        bbbb3 | mean      | count   | 0.000000000001      | 0.000000000001
        bbbb4 | share     | percent | 5%                  | 5
    """
    assert (
        check("share", table, share="bbbb4", whole="bbbb3", parts=["bbbb2"]).computed == 99999999999999900000000000000.0
    )
    assert check("share", table, share="bbbb4", whole="bbbb2", parts=["bbbb3"]).computed == 0


def test_the_divisor_of_a_share_may_be_hedged():
    table = """
        id    | statistic | qualifier | hedge     | unit       | printed   | value
        bbbb2 | count     | more_than | more than | count      | 4,321     | 4321
        bbbb3 | count     | exact     |           | count      |           | 52
        bbbb4 | share     | exact     |           | proportion | one in 50 | 0.02
    """
    assert check("share", table, share="bbbb4").result == "fails"
    assert check("share", table.replace("| 52\n", "| 152\n"), share="bbbb4").result == "holds"


@pytest.mark.parametrize(
    ("column", "part", "share", "differing"),
    [
        ("measure", "suspended", "accused", ("measure",)),
        ("category", "theft", "any_misconduct", ("category",)),
        ("area", "north", "E23000001", ("area",)),
        ("counting_unit", "cases", "people", ("counting_unit",)),
        ("period_start", "2021", "2022", ("period",)),
        ("population", "staff", "officers", ()),
    ],
)
def test_a_share_of_something_other_than_its_part_is_undecidable(column, part, share, differing):
    period = "" if column == "period_start" else " | period_start"
    years = "" if column == "period_start" else " | 2022"
    table = f"""
        id    | statistic | unit       | printed   | value | period_type | {column} {period}
        bbbb2 | count     | count      |           | 4321  | year        | {share} {years}
        bbbb3 | count     | count      |           | 90    | year        | {part} {years}
        bbbb4 | share     | proportion | one in 50 | 0.02  | year        | {share} {years}
    """
    outcome = check("share", table, share="bbbb4", asserted=False)
    assert (outcome.result, outcome.unlike) == ("undecidable" if differing else "holds", differing)


def test_a_share_of_another_population_is_undecidable_unless_a_source_says_so_and_the_numbers_agree():
    share_of_officers = {"printed": "one in 50", "value": "0.02", "population": "officers"}
    assert share(1001, 50050, **share_of_officers) == Outcome("holds", 0.02, 0.02, ("population",))
    assert share(1001, 50050, **share_of_officers, asserted=False).result == "undecidable"
    assert share(1001, 5005, **share_of_officers) == Outcome("undecidable", 0.02, 0.2, ("population",))


@pytest.mark.parametrize(
    ("part", "whole", "value", "stated"),
    [("", "50000", "0.02", 0.02), ("1000", "", "0.02", 0.02), ("1000", "0", "0.02", 0.02)],
)
def test_a_share_of_nothing_or_of_no_number_is_undecidable(part, whole, value, stated):
    assert share(part, whole, "one in 50", value) == Outcome("undecidable", stated, None, ())


def test_a_share_without_a_number_is_undecidable():
    assert share(1000, 50000, "a small part", "") == Outcome("undecidable", None, None, ())
