"""What an editor who knew nothing of the register would have misread in its pictures, with figures of release 4.0.0."""

import pytest

from tests.charts.invented import figure, figures, heights, read
from tests.charts.test_rules import ask, say


def test_how_many_figures_are_also_held_cannot_be_read_as_numbers_of_people():
    rows = [figure("bbbb2", "9"), figure("bbbb3", "3", indicator="dismissed"), *figures("4 5", 2015, subcategory="3")]
    words = say(read(rows)[1])
    assert "1 figure on officers dismissed" in words
    assert "(1)" not in words


@pytest.mark.parametrize(
    ("chart", "says"),
    [
        ("deaths-in-custody-by-year", "England and Wales, 2004/05 to 2019/20."),
        ("barred-by-year", "England and Wales, 2021/22 to 2024/25."),
        ("dismissed-in-india", "in India, 2010. 4 of 35 places shown."),
        ("deaths-by-kind-and-year", "England and Wales, 2004/05 to 2019/20. 1 of 5 rows shown."),
    ],
)
def test_a_card_of_a_registered_chart_names_its_places_and_times_and_how_many_rows_it_has(client, chart, says):
    assert says in say(ask(client, f"charts/{chart}", size="card"))


def test_the_only_row_of_a_card_is_as_high_as_there_is_room(client):
    assert max(heights(ask(client, "charts/deaths-by-kind-and-year", size="card"))) > 20
