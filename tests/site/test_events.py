"""A use of force is no death: each is in the dataset whose title covers it, and pages head each as its own."""

import shutil
import tempfile
from pathlib import Path

import pytest

from misconduct_editor.register.check import read_register

from ..conftest import ROOT, Service
from ..registers import COMMON, FIGURES, REPORT, make_release, write_register
from .test_pages import BROWSER

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


def event(category, counting_unit, number, **cells):
    place = {
        "at": "cell=1,1",
        "counted": "Events",
        "value": number.replace(",", ""),
        "printed": number,
        "stated_by": "the_force",
    }
    codes = {
        "measure": "occurred",
        "population": "public",
        "category": category,
        "counting_unit": counting_unit,
    }
    codes |= {
        "indicator": "deaths" if counting_unit == "deaths" else "force",
        "stock_or_flow": "flow",
    }
    return {"source": REPORT, **COMMON, **codes, **place, "period": "2021", **cells}


LISTS = (
    "area",
    "category",
    "counting_unit",
    "measure",
    "population",
    "stage",
    "stock_or_flow",
    "vetting_check",
)
INDICATORS = """\
id,name,definition,headline,position,topic,category,counting_unit,ask,vetting_check,vetting_result,broader,counted_otherwise,not_to_confuse,words,measure,stock_or_flow,population,together,why
deaths,Deaths in custody,Who died.,true,1,deaths,detention,deaths,,,,,,,,occurred,flow,public,country,Laws differ.
force,Uses of force,How often.,true,2,use-of-force,use_of_force,incidents,,,,,,,,occurred,flow,public,country,Laws differ.
accused,Officers accused,Who was accused.,false,3,allegations,any | *,people,,,,,,,,alleged,flow,officers,source,They differ.
upheld,Allegations upheld,What was proven.,false,4,allegations,any | *,allegations,,,,,,,,proven,flow,officers,source,They differ.
"""  # noqa: E501
ALLEGATIONS = "- id: allegations\n  title: Allegations\n  description: Who was accused.\n  conditions:\n"
ALLEGATIONS += "  - measure: [alleged, proven]\n"


@pytest.fixture(scope="module")
def client():
    """A service with figures of deaths, of uses of force, and of accusations, about two forces."""
    folder = Path(tempfile.mkdtemp(prefix="misconduct-events-"))
    folder.chmod(0o755)
    real = (DATA / "datasets.yaml").read_text("utf-8")
    events = real[real.index("- id: deaths") :]
    files = {
        f"codelists/{name}.csv": (DATA / f"codelists/{name}.csv").read_text("utf-8")
        for name in LISTS
    }
    files |= {
        "datasets.yaml": ALLEGATIONS + events,
        "reasons.csv": "kind,id,action,reason\n",
    }
    files["indicators.csv"] = INDICATORS
    files["removals.csv"] = "day,release,before,after,law\n"
    figures = {
        one: {"indicator": "accused", "stock_or_flow": "flow"} for one in FIGURES
    } | {
        "gb7nr": {
            "indicator": "upheld",
            "stock_or_flow": "not_applicable",
            "base": "officers accused",
        },
        "ddddd": event("detention", "deaths", "3"),
        "ddddk": event("detention", "deaths", "4", area="E23000032", at="cell=2,1"),
        "fffff": event("use_of_force", "incidents", "1,200", at="cell=1,2"),
        "ffffk": event(
            "use_of_force", "incidents", "1,300", at="cell=2,2", area="E23000032"
        ),
        "ffffj": event(
            "use_of_force", "incidents", "1,400", at="cell=3,2", period="2022"
        ),
    }
    data = write_register(folder / "data", files, **figures)
    make_release(data, "Deaths and uses of force.", "2023-02-01")
    service = Service(folder, data)
    try:
        yield service.wait().client
    finally:
        service.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_no_use_of_force_is_drawn_as_a_death(client):
    deaths = client.get("/v1/indicators/deaths.svg").raise_for_status().text
    assert "1,200" not in deaths
    force = client.get("/v1/indicators/force.svg?area=E23000001")
    assert "1,200" in force.raise_for_status().text


@pytest.mark.parametrize("path", ["/areas/E23000001", "/areas/E23000001,E23000032"])
def test_a_place_and_places_side_by_side_fold_deaths_apart(client, path):
    text = client.get(path, headers=BROWSER).text
    _, _, folded = text.partition("<summary>Deaths and shootings")
    assert "/figures/ddddd" in folded.partition("</details>")[0]
    assert "/figures/gb7nr" not in folded.partition("</details>")[0]
