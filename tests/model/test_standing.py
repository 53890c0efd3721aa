"""What a change of a figure means for somebody who printed it before. The promise is in DESIGN: revised figures."""

from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

import pytest
import yaml

from misconduct.model.figure import REGISTER_COLUMNS
from misconduct.model.standing import find_standing, is_number_of
from misconduct.model.versions import Version, weigh_change
from misconduct_editor.tables.editions import name_change

CASES = yaml.safe_load(Path(__file__).with_name("standings.yaml").read_text("utf-8"))
NUMBERS = ("1.0.0", "2.2.0", "3.0.0", "3.1.0")
EMPTY = dict.fromkeys(REGISTER_COLUMNS)
ROW = EMPTY | {
    "id": "k7m3q",
    "measure": "accused",
    "area": "E23000001",
    "unit": "count",
    "printed": "1,492",
}
ROW |= {
    "value": Decimal(1492),
    "period": "2014/2024",
    "caveats": ["one"],
    "at": "char=3063,3068",
}
RECODED = ROW | {"measure": "alleged", "fit": "exact", "counted": "officers accused"}
TOTAL = EMPTY | {
    "id": "rqbmz",
    "measure": "occurred",
    "counting_unit": "deaths",
    "unit": "count",
    "statistic": "count",
}
TOTAL |= {
    "value": Decimal(50),
    "printed": "50",
    "qualifier": "exact",
    "period": "2004-04/2019-03",
    "at": "cell=32,17",
}
LONGER = TOTAL | {"period": "2004-04/2020-03"}
HEDGED = {"hedge": "about", "qualifier": "about"}
NO_NUMBER = {"value": None, "printed": None}


def number(value):
    return {"value": Decimal(value), "printed": f"{value:,}"}


STATES = {
    "first": ROW,
    "other": ROW | {"measure": "recorded"},
    "before": ROW | number(1491),
    "recoded": RECODED,
    "marked": RECODED | {"mark": "revised"},
    "corrected": RECODED | number(1493),
    "corrected_again": RECODED | number(1494),
    "meant": RECODED | number(1493) | {"population": "serving_officers"},
    "without_comma": ROW | {"printed": "1492"},
    "total": TOTAL,
    "longer": LONGER,
    "longest": LONGER | {"period": "2004-04/2021-03"},
    "longer_51": LONGER | number(51),
    "longer_53": LONGER | number(53),
    "longer_half": LONGER | {"period": "2004-04/2020-09"},
    "longer_recoded": LONGER | {"measure": "died"},
    "hedged_total": TOTAL | HEDGED,
    "hedged_longer": LONGER | HEDGED,
    "no_number": TOTAL | NO_NUMBER,
    "longer_no_number": LONGER | NO_NUMBER,
    None: None,
}
STATES["renamed"] = STATES["meant"] | {"category": "sexual"}
"""What a release can have of a figure, by the names of standings.yaml."""


@pytest.mark.parametrize(
    ("cells", "action", "weight"),
    [
        ({"caveats": ["one", "two"]}, "revised", "current"),
        (
            {"at": "char=3064,3069", "origin": "a-paper", "mark": "provisional"},
            "revised",
            "current",
        ),
        ({"value": Decimal(1493), "printed": "1,493"}, "revised", "revised"),
        ({"hedge": "nearly", "qualifier": "just_under"}, "revised", "revised"),
        (
            {"period": "2014/2023"},
            "recoded",
            "revised",
        ),  # another period is no other code
        ({"value": None, "value_absent": "withheld"}, "revised", "revised"),
        ({"measure": "alleged"}, "revised", "revised"),
        ({"measure": "alleged"}, "recoded", "recoded"),
        ({"area": "gb_eaw"}, "revised", "revised"),
        ({"counted": "officers accused", "fit": "exact"}, "recoded", "current"),
        (
            {"period": "2014/2025"},
            "revised",
            "revised",
        ),  # of an article: it was corrected
    ],
)
def test_what_a_change_means(cells, action, weight):
    assert weigh_change(ROW, ROW | cells, action) == weight


@pytest.mark.parametrize(
    ("cells", "weight"),
    [
        ({}, "continued"),
        ({"value": Decimal(53), "printed": "53", "at": "cell=32,18"}, "continued"),
        ({"printed": None, "at": None}, "continued"),  # counted from a file
        ({"period": "2004-04/2018-03"}, "revised"),
        ({"period": "2005-04/2020-03"}, "revised"),  # it moved with its table
        ({"period": "2004-04/.."}, "revised"),
        ({"period": None}, "revised"),
        ({"unit": "percent"}, "revised"),
        ({"category": "use_of_force"}, "revised"),
        ({"at": "char=10,12"}, "revised"),
    ],
)
def test_a_total_of_a_table_that_runs_longer(cells, weight):
    assert weigh_change(TOTAL, LONGER | cells, "revised") == weight


def write_history(rows, actions, revised):
    """Return the versions of these rows, as the desk writes them; `revised` has parts, by release."""
    versions = []
    for place, (row, action) in enumerate(zip_longest(rows, actions)):
        release, last = NUMBERS[place], versions[-1] if versions else None
        if last and last.row == (row or {}):
            last.releases.append(release)
        elif row or last:
            weight = (
                "ended"
                if not row
                else weigh_change(last.row, row, action)
                if last
                else "added"
            )
            parts = revised.get(release, ())
            why = (f"because of {release}", "gb7nr" if action == "ended" else None)
            versions.append(
                Version(
                    row or {},
                    [release],
                    "revised" if parts else weight,
                    (),
                    *why,
                    parts,
                )
            )
    return versions


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_how_a_figure_stands(case):
    rows = [STATES[name] for name in case["rows"]]
    history = write_history(rows, case["actions"], case.get("parts", {}))
    for asked in case["asks"]:
        found = find_standing(history, asked.get("number"), asked.get("release"))
        names = asked.keys() - {"number", "release"}
        assert {name: getattr(found, name) for name in names} == {
            name: asked[name] for name in names
        }


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        ({"value": "5", "printed": "5"}, {"printed": "5.0"}, "recoded"),
        ({"value": "", "printed": "hundreds"}, {"printed": "thousands"}, "revised"),
        ({"value": "5", "part_of": ""}, {"part_of": "k7m3q"}, "recoded"),
    ],
)
def test_what_an_edition_calls_a_change(before, after, action):
    assert name_change(before, before | after) == action


@pytest.mark.parametrize(
    ("typed", "cells", "is_it"),
    [
        ("1492", {}, True),
        ("1,492", {}, True),
        ("1492.0", {}, True),
        ("1493", {}, False),
        (
            "nearly 1,000",
            {"printed": "1,000", "hedge": "nearly", "value": Decimal(1000)},
            True,
        ),
        (
            "1,000 or more",
            {"printed": "1,000", "hedge": "or more", "value": Decimal(1000)},
            True,
        ),
        ("Hundreds", {"printed": "hundreds", "value": None}, True),
        ("0", {"printed": "hundreds", "value": None}, False),
        (
            "20%",
            {"printed": "A fifth", "unit": "proportion", "value": Decimal("0.2")},
            True,
        ),
        ("42", {"printed": "42%", "unit": "percent", "value": Decimal(42)}, True),
    ],
)
def test_a_number_as_people_type_it(typed, cells, is_it):
    assert is_number_of(ROW | cells, typed) is is_it
