"""The small register is what its files make, and has one of everything that a register may have."""

import pytest

from misconduct.model.kinds import KINDS
from misconduct.releases.folder import read_release
from misconduct.releases.verify import verify_releases

from . import MADE, make

NEWEST = read_release(MADE / "releases/2.0.0")
OF_THE_PROGRAM = (
    ".parquet",
    ".svg",
    "datapackage.json",
    "SHA256SUMS",
    "releases.csv",
    "removals.csv",
)
"""Parquet differs with the release of polars, a picture with how it is drawn, and so do the digests in the others."""


def read_made(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for name in ("releases", "releases.csv", "removals.csv")
        for path in [folder / name, *(folder / name).rglob("*")]
        if path.is_file()
    }


def test_the_releases_are_those_that_the_desk_makes_of_the_register(tmp_path):
    """If this fails, run `python -m tests.register`, and read what has changed."""
    make(tmp_path / "data")
    again, kept = read_made(tmp_path / "data"), read_made(MADE)
    assert again.keys() == kept.keys()
    changed = {name for name in kept if again[name] != kept[name]}
    ours = {name for name in changed if not name.endswith(OF_THE_PROGRAM)}
    assert ours == set()


def test_the_releases_are_verified_though_a_figure_was_removed_by_law():
    assert verify_releases(MADE) == []
    assert b"c5269" not in b"".join(read_made(MADE).values())
    assert (MADE / "removals.csv").read_text().count("section 47") == 3


HAS = {
    "mark": {None, "provisional", "revised", "break"},
    "value_absent": {None, "magnitude_only", "suppressed"},
    "statistic": {"count", "share", "rate", "mean", "change"},
    "stock_or_flow": {"stock", "flow", "unstated", "not_applicable"},
    "fit": {"exact", "close", "narrower", "broader"},
    "unit": {"count", "percent", "proportion", "per_hundred", "per_hundred_thousand"},
    "vetting_check": {
        None,
        "past_allegations",
        "police_national_database",
        "police_national_computer",
        "vetting",
        "unnamed",
    },
}


@pytest.mark.parametrize("name", HAS)
def test_there_is_a_figure_of_each_code(name):
    assert {row[name] for row in NEWEST.figures} == HAS[name]


@pytest.mark.parametrize(
    "period",
    [None, "now", "P10Y", "2020", "2024-04/2025-03", "2025-03-31", "2022-09/.."],
)
def test_there_is_a_figure_of_each_kind_of_period(period):
    assert period in {row["period"] for row in NEWEST.figures}


@pytest.mark.parametrize("name", ["part_of", "repeats", "denominator", "hedge", "base"])
def test_there_are_figures_that_name_another_or_have_words_of_their_own(name):
    assert [row["id"] for row in NEWEST.figures if row[name]] != []


def test_there_is_a_record_of_each_kind():
    assert NEWEST.records.keys() == KINDS.keys()
    weights = {one.get("no_lead") for one in NEWEST.records["caveat"].values()}
    assert weights == {None, True}
    assert {one.get("no_ranking") for one in NEWEST.records["caveat"].values()} == {
        None,
        True,
    }


def test_areas_are_a_country_its_nations_forces_and_other_countries():
    areas = {row["area"] for row in NEWEST.figures}
    assert areas >= {"gb", "gb_eaw", "gb_sct", "gb_nir", "E23000001", "E23000032"}
    assert areas >= {"ie", "us_ny_new_york", "ca_on_toronto", "au_qld", "in_dl"}
