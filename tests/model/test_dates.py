"""The worked examples of the contract: what a printed period means, in a source of a known or unknown date."""

import pytest

from misconduct.model.dates import read_period, read_year_label

EXAMPLES = [
    # the printed words, the period, the date of publication; first and last day, what bounds them, year, coverage
    (
        "between 2014 and 2024",
        "2014/2024",
        "2024",
        "2014-01-01",
        "2024-12-31",
        "source",
        None,
        "window",
    ),
    (
        "the last ten years",
        "P10Y",
        "2023-01",
        "2013-01-01",
        "2023-01-31",
        "publication",
        None,
        "window",
    ),
    (
        "the last three months",
        "P3M",
        "2023-04",
        "2023-01-01",
        "2023-04-30",
        "publication",
        None,
        "window",
    ),
    (
        "currently",
        "now",
        "2023-01",
        "2023-01-01",
        "2023-01-31",
        "publication",
        None,
        "point",
    ),
    ("currently, undated", "now", None, None, None, None, None, "point"),
    ("no period", "", "2023-01", None, "2023-01-31", "publication", None, "unstated"),
    ("no period, undated", "", None, None, None, None, None, "unstated"),
    (
        "since November",
        "2022-11/..",
        "2023-01",
        "2022-11-01",
        "2023-01-31",
        "publication",
        None,
        "window",
    ),
    ("until 2018", "../2018", "2020", None, "2018-12-31", "source", None, "window"),
    (
        "2022, in an article of 2024",
        "2022",
        "2024",
        "2022-01-01",
        "2022-12-31",
        "source",
        "2022",
        "whole",
    ),
    (
        "2024, in an article of 2024",
        "2024",
        "2024",
        "2024-01-01",
        "2024-12-31",
        "source",
        "2024",
        "part",
    ),
    (
        "2022, undated",
        "2022",
        None,
        "2022-01-01",
        "2022-12-31",
        "source",
        "2022",
        "whole",
    ),
    (
        "the first half of 2022",
        "2022-01/2022-06",
        "2024",
        "2022-01-01",
        "2022-06-30",
        "source",
        "2022",
        "part",
    ),
    (
        "year to March 2020",
        "2019-04/2020-03",
        "2020-10",
        "2019-04-01",
        "2020-03-31",
        "source",
        "2019/20",
        "whole",
    ),
    (
        "year to February 2024",
        "2023-03/2024-02",
        "2024-06",
        "2023-03-01",
        "2024-02-29",
        "source",
        "2023/24",
        "whole",
    ),
    (
        "the year in which it ended",
        "2019-04/2020-03",
        "2020",
        "2019-04-01",
        "2020-03-31",
        "source",
        "2019/20",
        "whole",
    ),
    (
        "a year that was not over",
        "2022",
        "2022-12",
        "2022-01-01",
        "2022-12-31",
        "source",
        "2022",
        "part",
    ),
    (
        "15 April to March",
        "2019-04-15/2020-03",
        "2020-10",
        "2019-04-15",
        "2020-03-31",
        "source",
        None,
        "window",
    ),
    (
        "at 31 March 2023",
        "2023-03-31",
        "2023-07",
        "2023-03-31",
        "2023-03-31",
        "source",
        None,
        "point",
    ),
]


@pytest.mark.parametrize(
    ("words", "period", "published", "start", "end", "dated_by", "year", "coverage"),
    EXAMPLES,
)
def test_a_period_means_the_days_it_can_mean(
    words, period, published, start, end, dated_by, year, coverage
):
    found = read_period(period, published)
    days = [day and day.isoformat() for day in (found.period_start, found.period_end)]
    assert (*days, found.dated_by, found.year, found.coverage) == (
        start,
        end,
        dated_by,
        year,
        coverage,
    ), words


@pytest.mark.parametrize(
    "text",
    [
        "2022-13",
        "2022-02-30",
        "22",
        "2019/20",
        "2024/2014",
        "../..",
        "P",
        "P10",
        "then",
        "2 022",
    ],
)
def test_what_is_no_period_is_refused(text):
    with pytest.raises(ValueError, match=r"\S"):
        read_period(text, "2024")


def test_a_year_of_twelve_months_has_two_spellings():
    assert read_year_label("2019-20") == read_year_label("2019/20") == "2019/20"
    for text in ("22", "2_022", "2019/21", "0000"):
        with pytest.raises(ValueError, match="is not a year"):
            read_year_label(text)


@pytest.mark.parametrize("published", [None, "2019", "2020-03", "2023-01-02", "2026"])
def test_only_what_has_no_period_has_no_coverage(published):
    periods = {"", *(period for _, period, *_ in EXAMPLES)}
    unstated = {one for one in periods if is_unstated(one, published)}
    assert unstated == {""}


def is_unstated(period, published):
    return read_period(period, published).coverage == "unstated"
