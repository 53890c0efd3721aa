"""Places are read in questions by the names that people use for them, as the register has them today."""

import pytest

from misconduct.model.catalogue import Catalogue
from misconduct.model.kinds import Code
from misconduct.model.places import list_forces, name_force, name_several
from misconduct.queries.question import read_question
from misconduct_editor.register.check import read_register

from ..conftest import ROOT


@pytest.fixture(scope="module")
def catalogue():
    records = read_register(ROOT / "data").records
    return Catalogue(
        {
            kind: {one: it.model_dump() for one, it in some.items()}
            for kind, some in records.items()
        }
    )


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


def test_forces_are_the_same_in_a_release_whose_code_list_does_not_name_them(catalogue):
    codes = catalogue.of_kind("code").items()
    lacking = {
        one: {key: it[key] for key in it.keys() - {"called_together", "force"}}
        for one, it in codes
    }
    former = Catalogue({**catalogue.records, "code": lacking})
    for each in (catalogue, former):
        assert len(list_forces(each)) == 43
        assert {*list_forces(each, has_nations=True)} - {*list_forces(each)} == {
            "gb_sct",
            "gb_nir",
        }
        assert name_force("gb_nir", each) == "Police Service of Northern Ireland"
        assert name_force("E23000032", each) == "Kent Police"
        assert name_several(["E23000032", "W15000001"], each) == "forces"
        assert name_several(["E09000007", "E09000033"], each) == "boroughs"
        assert (
            name_several(["in_mh", "in_up"], each) == "states and territories in India"
        )
        assert (
            name_several(["us_ny", "us_il_chicago"], each)
            == "places in the United States"
        )
        assert name_several(["us_ny", "E23000032"], each) == "places"


def test_an_area_whose_police_can_be_asked_must_say_what_it_is_called():
    with pytest.raises(ValueError, match="write called_together, or force"):
        Code(id="area/E23000099", label="Rutland Police", request_name="rutland_police")
