"""A document without a date is cited with the day by which it was known, if a copy of it was seen."""

import re
from datetime import date

import pytest

from misconduct.model.catalogue import Catalogue
from misconduct.model.wording import (
    name_source,
    published,
    say_late,
    when_in_words,
    with_unit,
)
from misconduct_editor.register.check import read_register

from ..conftest import ROOT

BOROUGHS = {
    "publisher": "Metropolitan Police",
    "published": None,
    "known_by": "2010-03-11",
}


@pytest.mark.parametrize(
    ("source", "when", "name"),
    [
        (BOROUGHS, "by March 2010", "Metropolitan Police, by March 2010"),
        (BOROUGHS | {"known_by": "2010"}, "by 2010", "Metropolitan Police, by 2010"),
        (
            BOROUGHS | {"published": "2010-02"},
            "February 2010",
            "Metropolitan Police, 2010",
        ),
        (
            {"publisher": "Brit Brief", "published": None, "known_by": None},
            "undated",
            "Brit Brief, undated",
        ),
    ],
)
def test_when_a_document_was_published(source, when, name):
    assert published(source) == when
    assert name_source(source) == name


def test_what_the_notes_say_of_an_archived_copy_is_a_date_of_its_source():
    sources = read_register(ROOT / "data").records["source"]
    said = {
        identity: published(source.model_dump(mode="json")).removeprefix("by ")
        for identity, source in sources.items()
        if "was in the archived repository on" in source.notes.get("published", "")
    }
    noted = {
        one: re.search(r"on \d+ (\w+ \d+)", sources[one].notes["published"])[1]
        for one in said
    }
    assert len(said) == 6
    assert said == noted


LATE = "A later edition was due in October 2021; it has not been read here."


@pytest.mark.parametrize(
    ("source", "day", "said"),
    [
        ({"due": "2021-10"}, date(2021, 11, 1), LATE),
        ({"due": "2021-10"}, date(2021, 10, 31), None),
        ({"due": None}, date(2021, 11, 1), None),
        ({}, date(2021, 11, 1), None),
    ],
)
def test_an_edition_is_late_in_the_month_after_it_was_due(source, day, said):
    assert say_late(source, day) == said


LABELS = {"unit/per_million": "Per million"}


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("2023-09-19", "on 19 September 2023"),
        ("2023-09", "in September 2023"),
        ("2022", "in 2022"),
        ("2014/2024", "between 2014 and 2024"),
        ("2022-11/..", "since November 2022"),
        ("../2025-06-10", "until 10 June 2025"),
    ],
)
def test_when_something_was_is_said_with_the_right_preposition(period, said):
    assert when_in_words(period) == said


@pytest.mark.parametrize(
    ("number", "unit", "said"),
    [
        ("42", "percent", "42%"),
        ("6.6", "percent", "6.6%"),
        ("Thirty-nine", "percent", "Thirty-nine per cent"),
        *(
            (number, "percent", number)
            for number in ("42%", "8,8 %", "93 per cent", "half")
        ),
        ("one in 200", "proportion", "one in 200"),
        ("6.6", "per_million", "6.6 per million"),
        ("1,492", "count", "1,492"),
    ],
)
def test_a_number_has_its_unit_once(number, unit, said):
    catalogue = Catalogue(
        {"code": {one: {"label": label} for one, label in LABELS.items()}}
    )
    assert with_unit(number, {"unit": unit}, catalogue) == said
