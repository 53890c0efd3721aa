"""What an editor who knew nothing of the register would have misread in its pictures, with figures of release 4.0.0."""

from tests.charts.invented import figure, figures, read
from tests.charts.test_rules import say


def test_how_many_figures_are_also_held_cannot_be_read_as_numbers_of_people():
    rows = [figure("bbbb2", "9"), figure("bbbb3", "3", indicator="dismissed"), *figures("4 5", 2015, subcategory="3")]
    words = say(read(rows)[1])
    assert "1 figure on officers dismissed" in words
    assert "(1)" not in words
