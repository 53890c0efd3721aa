"""Which numbers may be meant by another one."""

import pytest

from misconduct.model.near_numbers import near_numbers


@pytest.mark.parametrize(
    ("number", "first", "last"),
    [("1500", 1450, 1549), ("1000", 950, 1049), ("45000", 44500, 45499)],
)
def test_a_round_number_is_printed_for_those_that_round_to_it(number, first, last):
    rounded = {near for near, slip in near_numbers(number).items() if slip == "rounded"}
    assert rounded == {*range(first, last + 1)} - {int(number)}


@pytest.mark.parametrize("number", ["150", "1492", "1490", "150000", "1.500"])
def test_other_numbers_round_nothing(number):
    assert "rounded" not in near_numbers(number).values()


@pytest.mark.parametrize("number", ["0", "7", "42", "-150"])
def test_short_numbers_and_negative_ones_are_near_to_none(number):
    assert near_numbers(number) == {}
