"""Numbers as they are printed."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misconduct.model.number_words import find_numbers, read_number


@pytest.mark.parametrize(
    ("printed", "value", "unit"),
    [
        ("1,492", 1492, "count"),
        ("18,000", 18000, "count"),
        ("0", 0, "count"),
        ("None", 0, "count"),
        ("0.02", Fraction(1, 50), "count"),
        ("-5", -5, "count"),
        ("−5", -5, "count"),
        ("eight", 8, "count"),
        ("Twenty-one", 21, "count"),
        ("ninety nine", 99, "count"),
        ("a hundred and five", 105, "count"),
        ("two thousand three hundred and one", 2301, "count"),
        ("1.5 million", 1500000, "count"),
        ("two dozen", 24, "count"),
        ("50,000-strong", 50000, "count"),
        ("twice", 2, "count"),
        ("42%", 42, "percent"),
        ("42 %", 42, "percent"),
        ("42 per cent", 42, "percent"),
        ("42\u00a0per\u00a0cent", 42, "percent"),
        ("forty-two percent", 42, "percent"),
        ("one in 50", Fraction(1, 50), "proportion"),
        ("1 in 200", Fraction(1, 200), "proportion"),
        ("one\u00a0in\u202f200", Fraction(1, 200), "proportion"),
        ("one in every 50", Fraction(1, 50), "proportion"),
        ("nine out of ten", Fraction(9, 10), "proportion"),
        ("a fifth", Fraction(1, 5), "proportion"),
        ("half", Fraction(1, 2), "proportion"),
        ("Two-thirds", Fraction(2, 3), "proportion"),
        ("three quarters", Fraction(3, 4), "proportion"),
    ],
)
def test_printed_numbers_are_parsed(printed, value, unit):
    reading = read_number(printed)
    assert reading is not None
    assert (reading.value, reading.unit) == (value, unit)


@pytest.mark.parametrize(
    "printed",
    ["Hundreds", "tens of thousands", "dozens", "some", "nearly 1,000", "1,00", "1,0000", "1.000,5", "1_000", "10-20",
     "two three", "twenty eleven", "one hundred hundred", "one in none", "in 50", "a", "", "²", "١٢", "1 2", "first", "½",
     "one hundred " * 1000],
)  # fmt: skip
def test_texts_without_a_single_number_are_parsed_as_none(printed):
    assert read_number(printed) is None


@given(st.integers(0, 999_999_999_999))
def test_every_whole_number_with_thousands_commas_is_read_exactly(number):
    reading = read_number(f"{number:,}")
    assert reading is not None
    assert reading.value == number


@given(st.text())
def test_no_text_makes_the_reader_fail(text):
    read_number(text)
    assert all(text[span.start : span.end] == found for span, found in find_numbers(text))


@pytest.mark.parametrize("between", [*' "<>[](){}|\\^`', "\n"])
def test_a_number_behind_an_address_is_no_part_of_it(between):
    assert [found for _, found in find_numbers(f"https://example.org/2024{between}1,234")] == ["1,234"]


def test_every_number_of_a_text_is_found_in_digits_and_in_words():
    text = "One of the 1,131\u00a0officers; 3.5% in 2023. Half, twice, tens of thousands, a fifth, someone, Covid19, the 1970's ½"
    assert [found for _, found in find_numbers(text)] == [
        "One", "1,131", "3.5", "2023", "Half", "twice", "tens", "thousands", "fifth", "19", "1970", "½",
    ]  # fmt: skip
