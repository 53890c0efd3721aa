"""Places are read in questions by the names that people use for them, as the register has them today."""

import re
from collections import defaultdict

import pytest

from misconduct.model.catalogue import Catalogue
from misconduct.model.kinds import Code
from misconduct.model.places import (
    Ambiguous,
    find_area,
    leave_out_places,
    list_forces,
    name_force,
    name_several,
)
from misconduct.queries.question import read_question
from misconduct_editor.register.check import read_register

from ..conftest import ROOT

NUMBER = re.compile(r"(?<![\d/,])\d[\d,]*")


@pytest.fixture(scope="module")
def register():
    return read_register(ROOT / "data")


@pytest.fixture(scope="module")
def catalogue(register):
    return Catalogue(
        {
            kind: {one: it.model_dump() for one, it in some.items()}
            for kind, some in register.records.items()
        }
    )


def list_notes(register):
    """Yield the words of each note for readers of a picture, with the figures that have it."""
    figures = {row["id"]: row for row in register.figures}
    having = defaultdict(list)
    for row in register.figures:
        for one in row["caveats"]:
            having[one].append(row)
    for identity, caveat in register.records["caveat"].items():
        yield identity, caveat.short or "", having[identity]
    for identity, one in register.records["disagreement"].items():
        yield identity, one.warning or "", [figures[member] for member in one.members]


def test_no_note_has_a_number_of_another_place_without_its_name(register, catalogue):
    """Readers of a picture of one place would take the number for that place's."""
    several = 0
    for identity, words, rows in list_notes(register):
        numbers = defaultdict(set)
        for row in rows:
            numbers[row["area"]] |= {*NUMBER.findall(row["printed"] or "")}
        several += len(numbers) > 1
        for area in numbers:
            said = leave_out_places(words, [area], catalogue)
            named = {*NUMBER.findall(said)} & set.union(*numbers.values())
            is_named = catalogue.label("area", area) in said
            assert not named or named & numbers[area] or is_named, (identity, area)
    assert several > 20


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("WMP officers dismissed", "E23000014"),
        ("WYP complaints", "E23000010"),
        ("TVP suspended", "E23000029"),
        ("deaths in custody NSW", "au_nsw"),
        ("Notts police complaints", "E23000019"),
        ("E&W dismissals", "gb_eaw"),
        ("US complaints", "us"),
        ("complaints in the U.S.", "us"),
        ("HK complaints", "hk"),
        ("complaints in Kent", "E23000032"),
    ],
)
def test_a_short_name_is_read_as_its_place(catalogue, text, place):
    assert read_question(text, catalogue).codes("area") == [place]


@pytest.mark.parametrize(
    "text", ["tell us about complaints", "complaints about us", "who suspended us"]
)
def test_a_word_in_small_letters_is_no_place(catalogue, text):
    assert read_question(text, catalogue).codes("area") == []


def test_forces_and_other_places_are_called_what_people_call_them(catalogue):
    forces = {*list_forces(catalogue)}
    assert len(forces) == 43
    nations = {*list_forces(catalogue, has_nations=True)} - forces
    assert nations == {"gb_sct", "gb_nir"}
    assert name_force("gb_nir", catalogue) == "Police Service of Northern Ireland"
    assert name_force("E23000032", catalogue) == "Kent Police"


@pytest.mark.parametrize(
    ("places", "name"),
    [
        (["E23000032", "W15000001"], "forces"),
        (["E09000007", "E09000033"], "boroughs"),
        (["in_mh", "in_up"], "states and territories in India"),
        (["us_ny", "us_il_chicago"], "places in the United States"),
        (["us_ny", "E23000032"], "places"),
    ],
)
def test_several_places_are_called_what_all_of_them_are(catalogue, places, name):
    assert name_several(places, catalogue) == name


def test_an_area_whose_police_can_be_asked_must_say_what_it_is_called():
    with pytest.raises(ValueError, match="write called_together, or force"):
        Code(id="area/E23000099", label="Rutland Police", request_name="rutland_police")


def test_a_name_of_several_held_areas_is_ambiguous():
    def area(label, *words):
        return {"label": label, "words": [*words]}

    codes = {"area/a": area("Aa", "Both"), "area/b": area("Bb", "Both", "One")}
    codes["area/c"] = area("Cc", "One")
    held = {
        "area/a": {"figures": 1},
        "area/b": {"figures": 2},
        "area/c": {"figures": 0},
    }
    catalogue = Catalogue({"code": codes, "area_counts": held})
    assert find_area("one", catalogue) == "b"  # of the other nothing is held
    assert find_area("B", catalogue) == "b"
    assert find_area("nowhere", catalogue) is None
    with pytest.raises(Ambiguous) as several:
        find_area("both", catalogue)
    assert several.value.codes == ["a", "b"]
