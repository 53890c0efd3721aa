"""Periods, places and bounds, read exactly."""

from datetime import date
from decimal import Decimal

import pytest

from misconduct.model.figure import number, printed_url
from misconduct.model.locator import Span, selector, shapes_of, text_span
from misconduct.model.number_words import read_bounds
from misconduct.model.period import bounds, coverage, is_duration, read_year_label, span, write_dates, year_of
from misconduct.model.phrases import inside, say_period
from tests.figures import observe


def test_a_year_covers_its_days_and_february_its_own():
    assert bounds("2014") == (date(2014, 1, 1), date(2014, 12, 31))
    assert bounds("2024-02") == (date(2024, 2, 1), date(2024, 2, 29))
    assert bounds("2023-04-06") == (date(2023, 4, 6), date(2023, 4, 6))


@pytest.mark.parametrize("text", ["", "14", "2014-13", "2014-00", "2014-02-30", "2014-2", "20141", "２０１４", "0000"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError):
        bounds(text)


def test_a_window_may_be_open_at_either_end():
    assert span("window", "2014", "2024") == (date(2014, 1, 1), date(2024, 12, 31))
    assert span("window", "", "") == (None, None)
    assert span("window", "2014", "") == (date(2014, 1, 1), None)
    assert span("point", "2023-04", "") == (date(2023, 4, 1), date(2023, 4, 30))


@pytest.mark.parametrize(
    ("period_type", "start", "end"),
    [
        ("window", "2024", "2014"),
        ("year", "2014", "2015"),
        ("year", "", ""),
        ("year", "2014-01-01", ""),
        ("year", "9999-04", ""),
        ("point", "2014", "2015"),
        ("unstated", "2014", ""),
    ],
)
def test_periods_that_contradict_themselves_are_refused(period_type, start, end):
    with pytest.raises(ValueError):
        span(period_type, start, end)


def test_durations_are_whole_iso_8601_ones():
    assert all(map(is_duration, ["P10Y", "P3M", "P1Y6M", "P2W", "P90D"]))
    assert not any(map(is_duration, ["", "P", "10Y", "P-1Y", "PT5H", "P1.5Y", "p10y"]))


def test_a_text_place_is_a_position_selector():
    assert text_span("char=3063,3068") == Span(3063, 3068)
    assert selector("char=3063,3068", "1,492") == {
        "type": "TextPositionSelector",
        "start": 3063,
        "end": 3068,
        "exact": "1,492",
    }


def test_a_table_place_is_a_fragment_selector():
    found = selector("cell=4,2", "931")
    assert found is not None
    assert (found["type"], found["value"], found["exact"]) == ("FragmentSelector", "cell=4,2", "931")


@pytest.mark.parametrize(
    "place", ["", "char=5,5", "char=6,5", "char=05,6", "char=1", "cell=0,1", "line=3,4", "char=1,2 "]
)
def test_what_is_no_place_is_refused(place):
    with pytest.raises(ValueError):
        text_span(place)


def test_whole_numbers_stay_whole_and_shares_stay_as_they_are():
    assert [number(Decimal(text)) for text in ("1492", "0.02", "42.0", "-3")] == [1492, 0.02, 42, -3]
    assert isinstance(number(Decimal(1492)), int)
    assert number(None) is None


def test_the_printed_place_is_a_text_fragment():
    assert printed_url("https://example.org/a", "1,492") == "https://example.org/a#:~:text=1%2C492"
    assert printed_url("https://example.org/a", "50,000-strong") == "https://example.org/a#:~:text=50%2C000%2Dstrong"
    assert printed_url(None, "1,492") is None
    assert printed_url("https://example.org/a.csv", "1,492", at="cell=3,6") == "https://example.org/a.csv#cell=3,6"
    assert printed_url(None, "1,492", at="cell=3,6") is None


@pytest.mark.parametrize(
    ("period_type", "start", "end", "label", "basis"),
    [
        ("year", "2022", "", "2022", "unstated"),
        ("year", "2019-01", "", "2019", "calendar"),
        ("year", "2019-04", "", "2019/20", "other"),
        ("year", "1999-07", "", "1999/00", "other"),
        ("window", "2019-04", "2020-03", "2019/20", "other"),
        ("window", "2019-04-01", "2020-03-31", "2019/20", "other"),
        ("window", "2019-01", "2019-12", "2019", "calendar"),
        ("window", "2019", "2019", "2019", "unstated"),
        ("window", "2015-04", "2015-12", "2015", "calendar"),
        ("window", "2019-04-06", "2020-04-05", None, None),
        ("window", "2019-10", "2020-03", None, None),
        ("window", "2019-04", "2020-02", None, None),
        ("window", "9999-04", "9999-12", "9999", "calendar"),
        ("window", "2014", "2024", None, None),
        ("window", "2019-04", "", None, None),
        ("point", "2019-04", "", None, None),
        ("unstated", "", "", None, None),
    ],
)
def test_any_twelve_months_are_a_year_and_less_is_part_of_one(period_type, start, end, label, basis):
    assert year_of(period_type, start or None, end or None) == (label, basis)


@pytest.mark.parametrize(
    ("period_type", "start", "end", "published", "how_much"),
    [
        ("year", "2023", "", "2024", "whole"),
        ("year", "2024", "", "2024", "part"),
        ("year", "2024", "", "2024-12-31", "part"),
        ("year", "2024", "", "2025-01-01", "whole"),
        ("year", "2023-04", "", "2024", "unstated"),
        ("year", "2023-04", "", "2024-03", "part"),
        ("year", "2023-04", "", "2024-04", "whole"),
        ("year", "2023", "", None, "unstated"),
        ("window", "2019-04", "2020-03", "2021", "whole"),
        ("window", "2015-04", "2015-12", "2021", "part"),
        ("window", "2015-04", "2015-12", None, "part"),
        ("window", "2014", "2024", "2024", None),
        ("point", "2024", "", "2024", None),
    ],
)
def test_the_coverage_of_a_year_follows_from_its_months_and_the_date_of_the_source(
    period_type, start, end, published, how_much
):
    (figure,) = observe(f"period_type | period_start | period_end\n{period_type} | {start} | {end}").values()
    assert coverage(figure, published) == how_much


def test_the_label_of_a_year_is_read_with_either_stroke():
    assert [*map(read_year_label, ("2022", "2019/20", "2019-20", "1999/00"))] == [
        "2022",
        "2019/20",
        "2019/20",
        "1999/00",
    ]
    for text in ("", "22", "0000", "2019/21", "2019-2020", "2019/2", " 2022", "2019/20/21"):
        with pytest.raises(ValueError):
            read_year_label(text)


def test_a_financial_year_is_written_by_its_label_and_never_as_a_month():
    assert write_dates("year", "2019-04", None) == "2019/20"
    assert write_dates("year", "2022", None) == "2022"
    assert write_dates("point", "2019-04", None) == "2019-04"
    assert write_dates("window", "2019-04", "2020-03") == "2019-04–2020-03"


@pytest.mark.parametrize(
    ("kind", "start", "end", "printed", "sentence"),
    [
        ("year", "2019", None, "2019", "in 2019"),
        ("year", "2019-01", None, "2019", "in 2019"),
        ("year", "2021-04", None, "2021/22", "in 2021/22 (April 2021 to March 2022)"),
        ("year", "2021-04", None, "2021-22", "in 2021/22 (April 2021 to March 2022), printed as “2021-22”"),
        ("window", "2021-01", "2021-07", "2021", "from January 2021 to July 2021"),
        ("window", "2020-01", "2020-03", "Q1 2020", "from January 2020 to March 2020, printed as “Q1 2020”"),
        ("point", "2023-01", None, "in January 2023", "in January 2023"),
        ("point", "2023-01-05", None, "", "on 5 January 2023"),
        ("window", "2018", None, "since 2018", "since 2018"),
        ("unstated", None, None, "last decade", "period: “last decade” (no dates given)"),
    ],
)
def test_a_sentence_says_the_whole_year_and_not_the_month_it_begins_with(kind, start, end, printed, sentence):
    period = {"type": kind, "start": start, "end": end, "duration": None, "printed": printed}
    assert say_period(period) == sentence


def test_a_title_keeps_its_capitals_inside_a_sentence_and_a_label_does_not():
    for label in (
        "No Sustained Findings",
        "Verbal Abuse",
        "No C.A.P. Investigation",
        "GBH",
        "Police National Computer",
    ):
        assert inside(label) == label
    assert inside("Sexual assault") == "sexual assault"
    assert inside("Recheck announced in January 2023") == "recheck announced in January 2023"
    assert inside("Accused of GBH") == "accused of GBH"


@pytest.mark.parametrize(
    ("places", "shapes"),
    [
        (["char=5,10", "", "char=0,12", "char=300,301"], ["char=0,5", "", "char=0,12", "char=0,1"]),
        (["char=5,10", "cell=2,3"], ["char=5,10", "cell=2,3"]),
        (["char=5,10", "char=05,9"], ["char=5,10", "char=05,9"]),
        (["", ""], ["", ""]),
    ],
)
def test_ranges_of_a_text_have_the_shape_of_their_length(places, shapes):
    assert list(shapes_of(places)) == shapes


def test_a_range_that_ends_before_it_begins_has_no_valid_shape():
    (shape,) = shapes_of(["char=9,3"])
    with pytest.raises(ValueError, match="not a place"):
        text_span(shape)


@pytest.mark.parametrize(
    ("qualifier", "value", "printed", "low", "high"),
    [
        ("more_than", "5", "5%", "5", None),
        ("more_than", "-5", "5%", None, "-5"),
        ("at_least", "-5", "5 per cent", None, "-5"),
        ("at_most", "-5", "5%", "-5", None),
        ("less_than", "-5", "5%", "-5", None),
        ("just_under", "-5", "5%", "-5", None),
        ("more_than", "-5", "-5%", "-5", None),
        ("more_than", "-5", "−5%", "-5", None),
        ("exact", "-5", "5%", None, None),
    ],
)
def test_the_bounds_of_a_fall_printed_without_its_sign_point_the_other_way(qualifier, value, printed, low, high):
    bounds = [end and Decimal(end) for end in (low, high)]
    assert [*read_bounds(Decimal(value), qualifier, printed, "change", "percent")] == bounds
    assert read_bounds(Decimal(value), "more_than", printed, "share", "percent").low == Decimal(value)


@pytest.mark.parametrize(
    ("printed", "unit", "low", "high"),
    [
        ("between 50 and 60", "count", "50", "60"),
        ("between 5% and 10%", "percent", "5", "10"),
        ("between 5% and 10%", "proportion", "0.05", "0.1"),
        ("between 5 and 10 per cent", "proportion", "0.05", "0.1"),
        ("between 5 and 10 per cent", "percent", "5", "10"),
        ("between one in 50 and one in 20", "percent", "2", "5"),
        ("between one in 50 and one in 20", "proportion", "0.02", "0.05"),
        ("between 0.2 and 0.3", "proportion", "0.2", "0.3"),
        ("between 2 and 3", "per_thousand", "2", "3"),
    ],
)
def test_a_range_is_in_the_unit_of_its_figure(printed, unit, low, high):
    assert read_bounds(None, "between", printed, "share", unit) == (Decimal(low), Decimal(high))
