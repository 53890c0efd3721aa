"""The register says itself which numbers it doubts. The promise is in DESIGN: the contract."""

from decimal import Decimal

import pytest

from misconduct.model.catalogue import Catalogue
from misconduct.model.doubt import find_doubt, say_doubt
from misconduct.model.figure import complete
from misconduct_editor.register.outcomes import find_disputed
from misconduct_editor.releases.make import describe_register

from ..conftest import ROOT

READ = {
    "z2xrx": ("probable_slip", "3,026"),
    "d6zz3": ("probable_slip", "830"),
    "d6fqm": ("probable_slip", "410"),
    "z7dhx": ("probable_slip", "17%"),
    "jhgc5": ("publisher_error", None),
    "z2sxc": ("publisher_error", None),
    "w7vf8": ("no_evidence", None),
    "f8sd7": ("no_evidence", None),
    "js36j": ("disputed", None),
    "bn9hn": ("disputed", None),
}
"""Doubts that an editor found in the documents."""

NOT_DOUBTED = {
    "mvv2m": "3,026, which the other number is a slip of",
    "fxzq7": "830, likewise",
    "k7m3q": "1,492: it is not the 1,131 that it is confused with",
    "p7d2g": "164 dismissed, in a disagreement with 127 that count others",
    "s7xm4": "42%: only what it is a share of is misprinted",
    "s9qfh": "1,177: only the months are misprinted",
    "frdkf": "some 1,000, which 1,071 are",
}


@pytest.fixture(scope="module")
def register():
    """The figures of `data/`, and their records as the next release has them."""
    found, mistakes, _ = describe_register(ROOT / "data", None, "", "2026-12-01")
    assert mistakes == []
    return {row["id"]: row for row in found.figures}, Catalogue(found.records)


def test_each_number_that_a_record_doubts_is_doubted_and_no_other(register):
    figures, catalogue = register
    by_record = dict.fromkeys(("correction", "caveat", "disagreement"), 0)
    for identity, row in figures.items():
        corrections = catalogue.corrections.get(identity, ())
        caveats = [catalogue.of_kind("caveat")[one] for one in row["caveats"]]
        doubt = find_doubt(row, catalogue)
        if any(one["doubts"] == "value" for one in corrections):
            by_record["correction"] += 1
        elif any("doubts" in one for one in caveats):
            by_record["caveat"] += 1
        elif identity in catalogue.disputed:
            by_record["disagreement"] += 1
        else:
            assert doubt is None, identity
            continue
        assert doubt, identity
        assert (doubt.code == "disputed") == (identity in catalogue.disputed), identity
        assert doubt.detail
        assert say_doubt(doubt, catalogue)
    assert by_record["correction"] >= 18
    assert by_record["caveat"] >= 8
    assert by_record["disagreement"] >= 10


def test_doubts_are_those_that_an_editor_read(register):
    figures, catalogue = register
    doubts = {one: find_doubt(figures[one], catalogue) for one in READ | NOT_DOUBTED}
    found = {
        one: (doubt.code, doubt.print_instead) for one, doubt in doubts.items() if doubt
    }
    assert found == READ


EMPTY = Catalogue({})
ROW = dict.fromkeys(("hedge", "base", "subcategory", "scope", "repeats")) | {
    "id": "k7m3q",
    "caveats": [],
    "measure": "complained",
    "value": Decimal(5550),
    "period": "2023",
    "printed": "5,550",
    "indicator": "complaints",
    "source": "a-paper",
}


def member(identity, **cells):
    return complete(ROW | {"id": identity} | cells, "2024", (), ())


@pytest.mark.parametrize(
    ("other", "reasons", "disputed"),
    [
        ({"value": Decimal(5604)}, ["unknown"], True),
        ({"value": Decimal(5604)}, ["revision"], True),
        ({"value": Decimal(5604)}, ["definition", "publisher_error"], True),
        ({"value": Decimal(5604)}, ["definition", "population"], False),
        ({"value": Decimal(5550)}, ["unknown"], False),
        ({"value": None}, ["unknown"], False),
        ({"value": Decimal(5604), "period": "2022"}, ["unknown"], False),
        ({"value": Decimal(5604), "scope": "formal ones"}, ["unknown"], False),
        ({"value": Decimal(5604), "subcategory": "rude"}, ["unknown"], False),
        ({"value": Decimal(5604), "measure": "dismissed"}, ["unknown"], False),
    ],
)
def test_a_number_is_disputed_by_another_one_of_the_same_thing(
    other, reasons, disputed
):
    members = [member("k7m3q"), member("gb7nr", **other)]
    found = find_disputed(reasons, members, EMPTY)
    assert found == (["k7m3q", "gb7nr"] if disputed else [])


def test_what_repeats_a_disputed_claim_is_disputed_too():
    other = Decimal(5604)
    members = [
        member("k7m3q"),
        member("gb7nr", value=other),
        member("cxqbc", value=other, repeats="gb7nr", period="2022"),
    ]
    found = find_disputed(["unknown"], members, EMPTY)
    assert found == ["k7m3q", "gb7nr", "cxqbc"]


def test_a_number_that_is_doubted_disputes_no_other():
    slip = {"id": "slip", "text": "A slip.", "doubts": "value", "doubt": "no_evidence"}
    catalogue = Catalogue({"caveat": {"slip": slip}})
    members = [member("k7m3q"), member("gb7nr", value=Decimal(1), caveats=["slip"])]
    assert find_disputed(["unknown"], members, catalogue) == []
    assert find_disputed(["unknown"], members, EMPTY) == ["k7m3q", "gb7nr"]


def test_a_correction_comes_before_a_caveat_and_one_of_a_value_before_others():
    caveat = {
        "id": "slip",
        "text": "A slip.",
        "doubts": "value",
        "doubt": "no_evidence",
    }
    name = {"id": "name", "explanation": "Misprinted.", "doubts": "name"}
    error = name | {"id": "error", "doubts": "value", "print_instead": "5,604"}
    of_figure = {"affects": ["k7m3q"]}
    row = member("k7m3q", caveats=["slip"])

    def doubt(*corrections):
        records = {one["id"]: one | of_figure for one in corrections}
        known = Catalogue({"caveat": {"slip": caveat}, "correction": records})
        found = find_doubt(row, known)
        return found.code, found.print_instead

    assert doubt(name, error) == ("publisher_error", "5,604")
    assert doubt(error | {"doubt": "probable_slip"}) == ("probable_slip", "5,604")
    assert doubt(name) == ("no_evidence", None)
