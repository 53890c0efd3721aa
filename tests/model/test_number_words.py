"""Numbers as documents print them: what is read, what is left to the editor, and which bounds the words set."""

from decimal import Decimal
from fractions import Fraction
from operator import itemgetter

import pytest

from misconduct.model.number_words import find_numbers, read_bounds, read_number
from misconduct_editor.register.periods import read_durations
from misconduct_editor.register.rules import READABLE

READ = [
    ("1,492", 1492, "count"),
    ("0.02", Fraction(2, 100), "count"),
    ("-5", -5, "count"),
    ("−5", -5, "count"),
    ("None", 0, "count"),
    ("no", 0, "count"),
    ("eight", 8, "count"),
    ("Twenty-one", 21, "count"),
    ("twice", 2, "count"),
    ("two dozen", 24, "count"),
    ("a hundred and five", 105, "count"),
    ("two thousand and five", 2005, "count"),
    ("three hundred and twelve thousand four hundred", 312400, "count"),
    ("1.5 million", 1500000, "count"),
    ("1.5m", 1500000, "count"),
    ("2bn", 2000000000, "count"),
    ("3K", 3000, "count"),
    ("1\u00a0200", 1200, "count"),
    ("1\u202f200\u2009300", 1200300, "count"),
    ("5½", Fraction(11, 2), "count"),
    ("two and a half", Fraction(5, 2), "count"),
    ("one and a half million", 1500000, "count"),
    ("Half a dozen", 6, "count"),
    ("a quarter of a million", 250000, "count"),
    ("50,000-strong", 50000, "count"),
    ("42%", 42, "percent"),
    ("42 %", 42, "percent"),
    ("42\u00a0per cent", 42, "percent"),
    ("forty-two percent", 42, "percent"),
    ("one in 50", Fraction(1, 50), "proportion"),
    ("one in every 50", Fraction(1, 50), "proportion"),
    ("Nine out of ten", Fraction(9, 10), "proportion"),
    ("–5%", -5, "percent"),
    ("5½%", Fraction(11, 2), "percent"),
    ("half a per cent", Fraction(1, 2), "percent"),
    ("7/10", Fraction(7, 10), "proportion"),
    ("½", Fraction(1, 2), "proportion"),
    ("half", Fraction(1, 2), "proportion"),
    ("a fifth", Fraction(1, 5), "proportion"),
    ("Two-thirds", Fraction(2, 3), "proportion"),
    ("three quarters", Fraction(3, 4), "proportion"),
]
LEFT_TO_THE_EDITOR = [
    *(
        "",
        "a",
        "some",
        "Hundreds",
        "tens of thousands",
        "nearly 1,000",
        "first",
        "24/7",
        "-5½",
        "1.5½",
        "%",
        "in 50",
        "one in none",
    ),
    *(
        "1,00",
        "1,0000",
        "1.204,5",
        "1_000",
        "0,045",
        "00,144",
        "0\u202f045",
        "12,5",
        "10-20",
        "1 2",
        "1 200",
        "1\u00a020",
        "2023k",
        "two three",
        "twenty eleven",
        "one hundred hundred",
    ),
    *(
        "two hundred and",
        "two hundred 300",
        "2023 thousand",
        "hundred no hundred",
        "two million -5",
        "١٢",
        "9" * 5000,
    ),
]
COUNTS = [  # value, qualifier, printed; least, greatest
    ("1000", "more_than", "1,000", "1001", None),
    ("1000", "just_over", "1,000", "1001", None),
    ("1000", "at_least", "1,000", "1000", None),
    ("1000", "just_under", "1,000", None, "999"),
    ("1000", "less_than", "1,000", None, "999"),
    ("1000", "at_most", "1,000", None, "1000"),
    ("1000", "about", "1,000", None, None),
    ("1492", "exact", "1,492", None, None),
    ("1492", None, None, None, None),
    (None, None, None, None, None),
    (None, "magnitude", "Hundreds", "200", None),
    (None, "magnitude", "tens of thousands", "20000", None),
    (None, "magnitude", "many", None, None),
    (None, "between", "Between 50 and 60", "50", "60"),
    (None, "between", "between a hundred and five and 200", "105", "200"),
    (None, "between", "50 and 60", None, None),
    (None, "between", "from 50 to 60", "50", "60"),
    (None, "between", "a hundred to 1,200", "100", "1200"),
    (None, "between", "40–50", "40", "50"),
    (None, "between", "40-50", None, None),
]
RANGES = [  # printed, unit; least, greatest
    ("between 5 and 10 per cent", "percent", "5", "10"),
    ("between 5% and 10%", "proportion", "0.05", "0.1"),
    ("5–10 per cent", "percent", "5", "10"),
    ("between one in 50 and one in 20", "percent", "2", "5"),
    ("between 2 and 3", "per_thousand", "2", "3"),
    ("between 5 and 10 per cent", "count", None, None),
]
CHANGES = [  # value, qualifier, printed; least, greatest
    ("5", "more_than", "5%", "5", None),
    ("-5", "more_than", "5%", None, "-5"),
    ("-5", "just_under", "5%", "-5", None),
    ("-5", "more_than", "-5%", "-5", None),
    ("-5", "more_than", "−5%", "-5", None),
]


def decimals(*texts):
    return tuple(text and Decimal(text) for text in texts)


@pytest.mark.parametrize(("printed", "value", "unit"), READ)
def test_a_printed_number_is_read_exactly_with_its_unit(printed, value, unit):
    assert read_number(printed) == (value, unit)


@pytest.mark.parametrize("printed", LEFT_TO_THE_EDITOR)
def test_what_is_not_clearly_one_number_is_not_read(printed):
    assert read_number(printed) is None


def test_the_examples_in_error_messages_can_be_read():
    assert all(read_number(example) for example in READABLE.split("; "))


def test_percentages_and_proportions_convert_and_a_bare_number_fits_every_unit():
    bare, percent, proportion = (
        read_number("5"),
        read_number("5%"),
        read_number("one in 20"),
    )
    assert [
        bare.in_unit(unit)
        for unit in ("count", "percent", "proportion", "per_thousand")
    ] == [5, 5, 5, 5]
    assert [one.in_unit("percent") for one in (percent, proportion)] == [5, 5]
    assert [one.in_unit("proportion") for one in (percent, proportion)] == [
        Fraction(1, 20),
        Fraction(1, 20),
    ]
    assert [one.in_unit("count") for one in (percent, proportion)] == [None, None]


@pytest.mark.parametrize(("value", "qualifier", "printed", "low", "high"), COUNTS)
def test_words_set_bounds_of_a_count(value, qualifier, printed, low, high):
    assert read_bounds(
        *decimals(value), qualifier, printed, "count", "count"
    ) == decimals(low, high)


@pytest.mark.parametrize(("printed", "unit", "low", "high"), RANGES)
def test_a_range_is_in_the_unit_of_its_figure(printed, unit, low, high):
    assert read_bounds(None, "between", printed, "share", unit) == decimals(low, high)


@pytest.mark.parametrize(("value", "qualifier", "printed", "low", "high"), CHANGES)
def test_the_bounds_of_a_fall_printed_without_its_sign_are_swapped(
    value, qualifier, printed, low, high
):
    assert read_bounds(
        *decimals(value), qualifier, printed, "change", "percent"
    ) == decimals(low, high)


def test_lengths_of_time_are_read_in_months_and_days():
    text = (
        "the last 10 years; past decade; the last three months; two weeks; recent years"
    )
    assert list(read_durations(text)) == [(120, 0), (120, 0), (3, 0), (0, 14)]


def test_every_number_of_a_text_is_found_at_its_place_and_none_in_a_url():
    text = "“One” of 1,131: 3.5% ½ tens of thousands, a fifth (https://example.org/2024/7)2023"
    text += ', someone, "www.example.org/2021"1970s.'
    found = list(find_numbers(text))
    assert (
        " ".join(words for _, _, words in found)
        == "One 1,131 3.5 ½ tens thousands fifth 2023 1970"
    )
    text = "1.5m, 2bn 3k 5km 1\u00a0200\u2009300.5 0161\u00a0496\u00a00000"
    assert [*map(itemgetter(2), find_numbers(text))] == [
        *("1.5m", "2bn", "3k", "5", "1\u00a0200\u2009300.5", "0161", "496", "0000")
    ]
    assert found[:2] == [(1, 4, "One"), (9, 14, "1,131")]
