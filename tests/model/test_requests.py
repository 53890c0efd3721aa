"""A request for information names the force, the years and the form of the body that is asked."""

import csv
from datetime import date
from pathlib import Path

import pytest

from misconduct.model.requests import ask_once, write_request

DATA = Path(__file__).parents[2] / "data"
ASK = "How many officers were dismissed for misconduct in {year}?"
FORM = (
    "https://www.whatdotheyknow.com/new/kent_police?title=Officers%20dismissed%2C%20Kent%20Police%2C%202024%20to%202026"
    "&default_letter=Please%20tell%20me%2C%20for%20Kent%20Police%3A%0A%0AHow%20many%20officers%20were%20dismissed"
)


def test_a_request_asks_one_force_for_three_years_and_opens_its_form():
    found = write_request(
        "Officers dismissed", [ASK], "Kent Police", "kent_police", date(2026, 11, 30)
    )
    assert found.title == "Officers dismissed, Kent Police, 2024 to 2026"
    assert found.text.startswith(
        "Please tell me, for Kent Police:\n\nHow many officers were dismissed for misconduct in each of the years to "
        "31 March 2024, 2025 and 2026?\n\n"
    )
    assert found.url.startswith(FORM)


def test_a_request_without_a_form_has_its_text():
    found = write_request(
        "Officers dismissed", [ASK], "Kent Police", None, date(2026, 11, 30)
    )
    assert found.url is None
    assert "each of the years to 31 March" in found.text


@pytest.mark.parametrize(
    ("today", "days"),
    [
        (
            date(2027, 3, 31),
            "31 March 2024, 2025 and 2026",
        ),  # that year is not over yet
        (date(2027, 4, 1), "31 March 2025, 2026 and 2027"),
    ],
)
def test_a_request_asks_for_years_that_are_over(today, days):
    ask = "How many officers were suspended on {day}?"
    assert (
        f"How many officers were suspended on {days}?"
        in write_request("", [ask], "", None, today).text
    )


def test_a_page_asks_for_last_year():
    assert (
        ask_once(ASK, date(2026, 11, 30))
        == "How many officers were dismissed for misconduct in 2025?"
    )


def test_every_force_has_a_name_of_its_own_in_the_address_of_a_request():
    with (DATA / "codelists/area.csv").open(encoding="utf-8", newline="") as file:
        named = {
            row["code"]: row["request_name"]
            for row in csv.DictReader(file)
            if row["request_name"]
        }
    assert len(named) == len({*named.values()}) == 45
    some = {
        "E23000001": "the_met",
        "E23000009": "nyp",
        "gb_sct": "police_scotland",
        "gb_nir": "psni",
    }
    assert some.items() <= named.items()


@pytest.mark.parametrize(
    ("year", "day"),
    [
        ("2024", "31 December 2024"),
        ("2019/20", "31 March 2020"),
        ("2019/23", "31 December 2023"),
        ("2019 to 2023", "31 December 2023"),
    ],
)
def test_a_question_about_several_years_asks_for_their_last_day(year, day):
    assert ask_once(
        "On {day}, how many officers were suspended?", date(2026, 11, 30), year
    ).startswith(f"On {day},")
