"""Checks: what the whole is, what the parts come to, and what cannot be told because unlike things stand there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.model.checks import Outcome, assess, rounding
from tests.figures import observe


def check(kind: str, table: str, **names: str) -> Outcome:
    """The outcome over a table whose first row is the whole and whose other rows are the parts."""
    figures = observe(table)
    whole, *parts = [identity for identity in figures if identity not in names.values()]
    return assess({"type": kind, "whole": whole, "parts": parts, **names}, figures)


# The sum of the parts


def test_parts_that_come_to_the_whole_hold():
    assert check("sum_of_parts", "id | value\n bbbb2 | 1131\n bbbb3 | 196\n bbbb4 | 689\n bbbb5 | 246") == Outcome(
        "holds", "1131", "1131", ()
    )


def test_parts_that_hold_although_they_count_something_else_say_so():
    table = """
        id    | counting_unit | value
        bbbb2 | people        | 1131
        bbbb3 | people        | 196
        bbbb4 | cases         | 689
        bbbb5 | people        | 246
    """
    assert check("sum_of_parts", table) == Outcome("holds", "1131", "1131", ("counting_unit",))


def test_parts_that_come_to_something_else_fail():
    assert check("sum_of_parts", "id | value\n bbbb2 | 18000\n bbbb3 | 69\n bbbb4 | 1736") == Outcome(
        "fails", "18000", "1805", ()
    )


def test_a_sum_of_tenths_is_exact():
    table = "id | value | unit\n bbbb2 | 0.3 | percent\n bbbb3 | 0.1 | percent\n bbbb4 | 0.2 | percent"
    assert check("sum_of_parts", table) == Outcome("holds", "0.3", "0.3", ())


def test_a_stock_on_one_day_and_a_flow_of_ten_years_are_undecidable():
    table = """
        id    | counting_unit | period_type | duration | period_printed | value
        bbbb2 | measures      | window      | P10Y     | ten years      | 931
        bbbb3 | people        | point       |          | currently      | 144
        bbbb4 | people        | point       |          | currently      | 701
    """
    assert check("sum_of_parts", table) == Outcome("undecidable", "931", "845", ("counting_unit", "period"))


def test_unlike_areas_and_populations_are_named_and_excuse_no_wrong_sum():
    table = """
        id    | area      | population | value
        bbbb2 | E23000001 | officers   | 10
        bbbb3 | E23000002 | officers   | 4
        bbbb4 | E23000001 | staff      | 5
    """
    assert check("sum_of_parts", table) == Outcome("fails", "10", "9", ("area", "population"))


@pytest.mark.parametrize(("whole", "part", "stated"), [("", "4", None), ("10", "", "10"), ("", "", None)])
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
    assert outcome == Outcome(result, "161", largest or None, ())


@pytest.mark.parametrize(
    ("column", "code", "result"),
    [
        ("counting_unit", "cases", "undecidable"),
        ("population", "staff", "fails"),
        ("area", "E23000002", "fails"),
    ],
)
def test_a_larger_part_of_another_kind_fails_unless_it_counts_something_else(column, code, result):
    table = f"""
        id    | {column:10} | value
        bbbb2 |             | 8
        bbbb3 | {code:10}   | 9
    """
    assert check("subset", table) == Outcome(result, "8", "9", (column,))


def test_a_larger_part_of_another_time_is_undecidable_and_a_smaller_one_holds():
    table = "id | period_type | period_start | value\n bbbb2 | year | 2022 | 8\n bbbb3 | point | | {part}"
    assert check("subset", table.format(part=9)) == Outcome("undecidable", "8", "9", ("period",))
    assert check("subset", table.format(part=7)) == Outcome("holds", "8", "7", ("period",))


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
    assert check("yearly_parts", table) == Outcome(result, "100", str(60 + last), ())


@pytest.mark.parametrize(
    ("second", "result", "computed"),
    [(30, "undecidable", "40"), (90, "undecidable", "100"), (91, "fails", "101")],
)
def test_years_that_no_source_states_leave_it_open_unless_the_others_are_too_many(second, result, computed):
    table = WINDOW.format(first=10, second=second, unit="cases")
    assert check("yearly_parts", table) == Outcome(result, "100", computed, (), (2022, 2023))


def test_years_that_count_something_else_are_named_and_the_unlike_period_is_not():
    table = WINDOW.format(first=10, second=30, unit="people") + REST.format(last=40)
    assert check("yearly_parts", table) == Outcome("holds", "100", "100", ("counting_unit",))


def test_financial_years_of_a_window_come_to_its_figure():
    table = """
        id    | period_type | period_start | period_end | value
        bbbb2 | window      | 2019-04      | 2022-03    | 36
        bbbb3 | year        | 2019-04      |            | 11
        bbbb4 | window      | 2020-04      | 2021-03    | 12
        bbbb5 | year        | 2021-04      |            | 13
    """
    assert check("yearly_parts", table) == Outcome("holds", "36", "36", ())
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
    assert check("yearly_parts", table) == Outcome(result, "100", str(part), ())


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


def share(part, whole, printed, value, unit="proportion", population="workforce") -> Outcome:
    table = SHARE.format(part=part, whole=whole, printed=printed, share=value, unit=unit, population=population)
    return check("share", table, share="bbbb4")


@pytest.mark.parametrize(
    ("part", "whole", "printed", "value", "unit", "result", "computed"),
    [
        (1000, 50000, "one in 50", "0.02", "proportion", "holds", "0.02000"),
        (1000, 55000, "one in 50", "0.02", "proportion", "holds", "0.01818"),
        (1000, 55001, "one in 50", "0.02", "proportion", "fails", "0.01818"),
        (1000, 45000, "one in 50", "0.02", "proportion", "holds", "0.02222"),
        (1000, 44999, "one in 50", "0.02", "proportion", "fails", "0.02222"),
        (1131, 50000, "one in 50", "0.02", "proportion", "fails", "0.02262"),
        (161, 24150, "one in 200", "0.005", "proportion", "holds", "0.00667"),
        (161, 40250, "one in 200", "0.005", "proportion", "holds", "0.00400"),
        (161, 40251, "one in 200", "0.005", "proportion", "fails", "0.00400"),
        (161, 50000, "one in 200", "0.005", "proportion", "fails", "0.00322"),
        (419, 1000, "42%", "42", "percent", "holds", "41.90000"),
        (414, 1000, "42%", "42", "percent", "fails", "41.40000"),
        (2, 10, "a fifth", "0.2", "proportion", "holds", "0.20000"),
        (3, 10, "a fifth", "0.2", "proportion", "fails", "0.30000"),
        (2, 10, "a fifth", "20", "percent", "holds", "20.00000"),
    ],
)  # fmt: skip
def test_a_share_is_held_against_what_its_parts_come_to(part, whole, printed, value, unit, result, computed):
    assert share(part, whole, printed, value, unit) == Outcome(result, value, computed, ())


def test_a_share_of_another_population_holds_or_is_undecidable_and_never_fails():
    assert share(1000, 50000, "one in 50", "0.02", population="officers") == Outcome(
        "holds", "0.02", "0.02000", ("population",)
    )
    assert share(1000, 5000, "one in 50", "0.02", population="officers") == Outcome(
        "undecidable", "0.02", "0.20000", ("population",)
    )


@pytest.mark.parametrize(
    ("part", "whole", "value", "stated"),
    [("", "50000", "0.02", "0.02"), ("1000", "", "0.02", "0.02"), ("1000", "0", "0.02", "0.02")],
)
def test_a_share_of_nothing_or_of_no_number_is_undecidable(part, whole, value, stated):
    assert share(part, whole, "one in 50", value) == Outcome("undecidable", stated, None, ())


def test_a_share_without_a_number_is_undecidable():
    assert share(1000, 50000, "a small part", "") == Outcome("undecidable", None, None, ())
