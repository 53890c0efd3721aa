"""When a figure is for, in words that are a key of the table. All expected words and days were typed by hand."""

from datetime import date

import pytest

from misconduct.model.times import find_time

# period, published, quoted: time in words, kind of time, year, first day, last day, coverage
FLOWS = {
    ("2024", "2025-03", ""): (
        "in 2024", "year", 2024, "2024-01-01", "2024-12-31", "whole",
    ),
    ("2024", None, ""): (
        "in 2024", "year", 2024, "2024-01-01", "2024-12-31", "whole",
    ),
    ("2024-04/2025-03", "2025-11-20", ""): (
        "year to March 2025", "year", 2024, "2024-04-01", "2025-03-31", "whole",
    ),
    ("2018-07/2019-06", "2019-11", ""): (
        "year to June 2019", "year", 2018, "2018-07-01", "2019-06-30", "whole",
    ),
    ("2024", "2024-09", ""): (
        "part of 2024", "part", None, "2024-01-01", "2024-12-31", "part",
    ),
    ("2024-04/2025-03", "2025-02", ""): (
        "part of year to March 2025", "part", None, "2024-04-01", "2025-03-31", "part",
    ),
    ("2021-01/2021-03", "2022", ""): (
        "January to March 2021", "part", None, "2021-01-01", "2021-03-31", "part",
    ),
    ("2023-01-05/2023-06-30", "2023-08", ""): (
        "5 January to 30 June 2023", "part", None, "2023-01-05", "2023-06-30", "part",
    ),
    ("2025-01/2025-06", "2025-09", "Q1 2025"): (
        "a quarter of 2025", "part", None, "2025-01-01", "2025-06-30", "part",
    ),
    ("2014/2024", "2024-05", ""): (
        "2014 to 2024", "window", None, "2014-01-01", "2024-12-31", "window",
    ),
    ("2016-07/2022-03", "2022-04-01", ""): (
        "July 2016 to March 2022", "window", None, "2016-07-01", "2022-03-31", "window",
    ),
    ("2022-11/..", "2024-01-23", ""): (
        "November 2022 to January 2024", "window", None, "2022-11-01", "2024-01-23",
        "window",
    ),
    ("../2025-03-11", "2025-04", ""): (
        "until 11 March 2025 (start not given)", "window", None, None, "2025-03-11",
        "window",
    ),
    ("P10Y", "2023-04-06", "the last 10 years"): (
        "April 2013 to April 2023", "window", None, "2013-04-06", "2023-04-06", "window",
    ),
    ("2023-09-19", "2023-09-20", ""): (
        "19 September 2023", "day", 2023, "2023-09-19", "2023-09-19", "point",
    ),
    ("2023-04", "2023-09-20", ""): (
        "in April 2023", "day", 2023, "2023-04-01", "2023-04-30", "point",
    ),
    ("now", "2024-06-24", "currently"): (
        "24 June 2024", "day", 2024, "2024-06-24", "2024-06-24", "point",
    ),
    ("now", "2022-07", "currently"): (
        "in July 2022", "day", 2022, "2022-07-01", "2022-07-31", "point",
    ),
    ("now", "2022", "currently"): (
        "in 2022", "day", 2022, "2022-01-01", "2022-12-31", "point",
    ),
    ("now", None, "currently"): (
        "no date given", "undated", None, None, None, "point",
    ),
    ("", "2024-01-23", ""): (
        "printed 23 January 2024", "undated", None, None, None, "unstated",
    ),
    ("", "2024", "in 18 months"): (
        "“in 18 months”, printed 2024", "undated", None, None, None, "unstated",
    ),
    ("", None, "over 12 months"): (
        "“over 12 months”", "undated", None, None, None, "unstated",
    ),
    ("", "2024", "so far"): ("printed 2024", "undated", None, None, None, "unstated"),
    ("", "2024", "in the eighteen months that led up to 2023"): (
        "printed 2024", "undated", None, None, None, "unstated",
    ),
    ("", None, ""): ("no date given", "undated", None, None, None, "unstated"),
}  # fmt: skip
STOCKS = {
    ("2024", "2025-03", ""): (
        "in 2024", "day", 2024, "2024-01-01", "2024-12-31", "point",
    ),
    ("2024", "2024-09", ""): (
        "in 2024", "day", 2024, "2024-01-01", "2024-12-31", "point",
    ),
    ("2023-04/2024-03", "2025", ""): (
        "year to March 2024", "day", None, "2023-04-01", "2024-03-31", "whole",
    ),
    ("2024-01/2024-06", "2025", ""): (
        "January to June 2024", "day", 2024, "2024-01-01", "2024-06-30", "part",
    ),
    ("2024-03-31", "2025", ""): (
        "31 March 2024", "day", 2024, "2024-03-31", "2024-03-31", "point",
    ),
    ("2019/2024", "2025", ""): (
        "2019 to 2024", "window", None, "2019-01-01", "2024-12-31", "window",
    ),
    ("", "2024-09", ""): (
        "printed September 2024", "day", 2024, "2024-09-01", "2024-09-30", "unstated",
    ),
    ("", None, ""): ("no date given", "undated", None, None, None, "unstated"),
}  # fmt: skip
CASES = [
    *((said, False, *expected) for said, expected in FLOWS.items()),
    *((said, True, *expected) for said, expected in STOCKS.items()),
]


@pytest.mark.parametrize(
    ("said", "is_stock", "words", "kind", "year", "first", "last", "coverage"), CASES
)
def test_a_figure_is_for_a_time_in_words_and_days(
    said, is_stock, words, kind, year, first, last, coverage
):
    found = find_time(*said, is_stock=is_stock)
    days = [date.fromisoformat(day) if day else None for day in (first, last)]
    assert found == (kind, words, year, *days, coverage)


def test_no_time_in_words_is_a_number_or_begins_a_formula():
    for _, _, words, *_ in CASES:
        assert not words.replace("/", "").replace("-", "").isdigit()
        assert words[0] not in "=+-@"


@pytest.mark.parametrize(
    ("period", "begins", "is_year"),
    [
        ("2023", 1, True),
        ("2024", 1, True),
        ("2023-04/2024-03", 4, True),
        ("2022-07/2023-06", 7, True),
        ("2023-04/2023-06", 1, False),
        ("2023-04", 1, False),
        ("2014/2024", 1, False),
    ],
)
def test_a_year_begins_in_the_month_that_it_begins_in(period, begins, is_year):
    found = find_time(period, "2026", is_stock=False)
    assert (found.begins, found.is_twelve_months) == (begins, is_year)
