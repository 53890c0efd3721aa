"""A use of force is no death: each is in the dataset whose title covers it, and pages head each as its own."""

import pytest

from misconduct_editor.register.check import read_register

from ..conftest import ROOT

DATA = ROOT / "data"
OF_THE_PUBLIC = {
    "measure": "occurred",
    "category": "any",
    "population": "public",
    "vetting_check": "",
}
EVENTS = {  # what is counted: its category and unit, and the datasets that show it
    "deaths in custody": ("detention", "deaths", ["deaths"]),
    "cases of deaths in custody": ("detention", "cases", ["deaths"]),
    "people held": ("detention", "people", []),
    "arrests": ("detention", "incidents", []),
    "deaths on the road": ("driving", "deaths", ["deaths"]),
    "incidents in which somebody died on the road": (
        "driving",
        "incidents",
        ["deaths"],
    ),
    "deaths by shooting": ("use_of_force", "deaths", ["deaths"]),
    "other deaths": ("death_or_injury", "deaths", ["deaths"]),
    "people who were hurt": ("death_or_injury", "people", []),
    "uses of force": ("use_of_force", "incidents", ["use-of-force"]),
    "people shot and wounded": ("use_of_force", "people", ["use-of-force"]),
    "calls for help": ("any", "complaints", []),
}
SHOWN = {
    "a poll of those who complained": (
        {"measure": "distrusts", "population": "complainants"},
        ["public-trust"],
    ),
    "staff who take complaints": (
        {"measure": "employed", "counting_unit": "complaints"},
        ["workforce"],
    ),
    "people who complained": (
        {"measure": "alleged", "population": "complainants"},
        ["complaints"],
    ),
    "complaints about officers": (
        {"measure": "alleged", "population": "officers", "counting_unit": "complaints"},
        ["allegations", "complaints"],
    ),
}
SHOWN |= {
    name: ({"category": category, "counting_unit": unit}, shown)
    for name, (category, unit, shown) in EVENTS.items()
}


@pytest.fixture(scope="module")
def datasets():
    return read_register(DATA).records["dataset"]


@pytest.mark.parametrize(("codes", "shown"), SHOWN.values(), ids=SHOWN)
def test_a_figure_is_in_the_datasets_whose_titles_cover_it_and_in_no_other(
    datasets, codes, shown
):
    row = OF_THE_PUBLIC | {"counting_unit": "people"} | codes
    assert [one for one, dataset in datasets.items() if dataset.shows(row)] == shown
