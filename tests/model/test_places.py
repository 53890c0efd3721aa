"""Places are read in questions by the names that people use for them, as the register has them today."""

import pytest

from misconduct.model.catalogue import Catalogue
from misconduct.queries.question import read_question
from misconduct_editor.register.check import read_register

from ..conftest import ROOT


@pytest.fixture(scope="module")
def catalogue():
    records = read_register(ROOT / "data").records
    return Catalogue({kind: {one: it.model_dump() for one, it in some.items()} for kind, some in records.items()})


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


@pytest.mark.parametrize("text", ["tell us about complaints", "complaints about us", "who suspended us"])
def test_a_word_in_small_letters_is_no_place(catalogue, text):
    assert read_question(text, catalogue).codes("area") == []
