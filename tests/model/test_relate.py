"""When rows of the table may stand side by side. The words of each reason are in `codes.csv`."""

from datetime import date

import pytest

from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import PROGRAM_LISTS
from misconduct.model.points import NAMES
from misconduct.model.relate import find_reason, relate, relate_all, say_reason

CODES = {
    "category/any": {"label": "Any misconduct"},
    "category/sexual": {"label": "Sexual misconduct"},
    "category/assault": {"label": "Sexual assault", "broader": "sexual"},
    "category/force": {"label": "Use of force"},
}
CAVEATS = {"states": {"short": "They cannot be ranked.", "no_ranking": True}}
INDICATORS = {
    "complaints": {
        "name": "Complaints",
        "population": ["officers"],
        "why": "Each country records other things.",
    }
}
CATALOGUE = Catalogue({"code": CODES, "caveat": CAVEATS, "indicator": INDICATORS})


def year(number, month=1):
    last = date(number, 12, 31) if month == 1 else date(number + 1, month - 1, 30)
    return {
        "time": f"{number}",
        "period_start": date(number, month, 1),
        "period_end": last,
    }


def day(text):
    return {
        "coverage": "point",
        "time": text,
        "period_start": date.fromisoformat(text),
        "period_end": date.fromisoformat(text),
    }


ROW = dict.fromkeys(NAMES) | {
    "id": "k7m3q", "indicator": "complaints", "area_code": "met", "kind": "all", "category": "any misconduct",
    "scope": "all", "people": "officers", "unit": "complaints", "statistic": "count", "coverage": "whole",
    "stretch": 0, "scale": "gb_eaw", "source": "report", "publisher": "IOPC", **year(2022),
}  # fmt: skip
KENT = {"area_code": "kent"}
SEXUAL = {"kind": "sexual misconduct", "category": "sexual misconduct"}
ASSAULT = {"kind": "sexual assault", "category": "sexual assault"}
FORCE = {"kind": "excessive force", "category": "use of force"}
PART = {"coverage": "part", "period_end": date(2022, 6, 30)}
UNDATED = {"coverage": "unstated", "time": "no date given", "period_start": None}
NO_SCALE = {"scale": None}

MAY_STAND = {
    "two places": ({}, KENT, ["area"]),
    "two years": ({}, year(2023), ["time"]),
    "two kinds": (SEXUAL, FORCE, ["kind"]),
    "a total and a kind": ({}, FORCE, ["kind"]),
    "a kind and what may be outside a narrower one": (
        SEXUAL | {"kind": "harassment"},
        ASSAULT,
        ["kind"],
    ),
    "two things that one publisher sorts in its own way": (
        {},
        {"indicator": "cases", "category": "use of force"},
        ["indicator"],
    ),
    "two things that one publisher counts": ({}, {"indicator": "cases"}, ["indicator"]),
    "two days": (day("2022-03-01"), day("2023-09-19"), ["time"]),
    "the same quarter of two years": (
        PART,
        PART | {"period_start": date(2023, 1, 1), "period_end": date(2023, 6, 30)},
        ["time"],
    ),
    "places of one document without a date": (UNDATED, UNDATED | KENT, ["area"]),
    "one place of which no other shares the scale": (
        NO_SCALE,
        NO_SCALE | year(2023),
        ["time"],
    ),
}

APART = {
    "other_indicators": ({}, {"indicator": "cases", "publisher": "The force"}),
    "other_units": ({}, {"statistic": "share"}),
    "other_people": ({}, KENT | {"people": "police staff"}),
    "other_scales": (NO_SCALE, NO_SCALE | KENT),
    "parts": ({}, KENT | FORCE),
    "other_kinds": (SEXUAL, KENT | FORCE),
    "nested_kinds": (SEXUAL, ASSAULT),
    "undated": (UNDATED, UNDATED | KENT | {"source": "other"}),
    "breaks": ({"stretch": 1}, year(2023)),
    "parts_of_years": (PART, year(2021)),
    "other_lengths": ({}, year(2023, month=4)),
    "other_times": ({}, KENT | year(2023)),
}


def make_pair(first, second):
    return ROW | first, ROW | {"id": "gb7nr"} | second


@pytest.mark.parametrize("name", MAY_STAND)
def test_rows_that_differ_in_one_thing_may_stand_side_by_side(name):
    *pair, differs = MAY_STAND[name]
    first, second = make_pair(*pair)
    assert relate(first, second, CATALOGUE) == ("comparable", differs, "")
    assert relate(second, first, CATALOGUE) == ("comparable", differs, "")


@pytest.mark.parametrize("reason", APART)
def test_other_rows_are_kept_apart(reason):
    first, second = make_pair(*APART[reason])
    there, back = (
        relate(first, second, CATALOGUE),
        relate(second, first, CATALOGUE),
    )
    assert there == back
    assert (there.verdict, there.reason) == ("not_comparable", reason)


def test_each_reason_has_a_case_and_words():
    assert {*APART} == {*PROGRAM_LISTS["apart"]}


@pytest.mark.parametrize("column", ["part_of", "part_of_period"])
def test_a_part_is_one_from_either_side(column):
    part, whole = make_pair({column: "xxxxx gb7nr"}, {})
    assert relate(part, whole, CATALOGUE).verdict == "part"
    assert relate(whole, part, CATALOGUE).verdict == "whole"
    of_others, _ = make_pair({column: "gb7nr", "people": "police staff"}, {})
    assert relate(of_others, whole, CATALOGUE).reason == "other_people"


def test_what_repeats_a_row_or_repeats_the_same_one_is_one_claim():
    first, second = make_pair({}, {"repeats": "k7m3q", "people": "police staff"})
    assert relate(first, second, CATALOGUE).verdict == "repeats"
    both = make_pair({"repeats": "xxxxx"}, {"repeats": "xxxxx"})
    assert relate(*both, CATALOGUE).verdict == "repeats"


def test_what_fills_one_cell_counts_the_same():
    assert relate(*make_pair({}, {"value": 3}), CATALOGUE) == ("same", [], "")


def test_steps_that_change_one_thing_lead_from_row_to_row():
    alike = [ROW, ROW | {"id": "gb7nr"}, ROW | {"id": "cxqbc", "repeats": "k7m3q"}]
    assert relate_all(alike, CATALOGUE) == ("same", [], "")
    corners = [ROW, ROW | KENT, ROW | KENT | year(2023)]
    assert not find_reason(corners, CATALOGUE)
    assert find_reason(corners[::2], CATALOGUE) == "other_times"
    assert relate_all(corners, CATALOGUE).differs == ["area", "time"]
    by_kind = [ROW | SEXUAL, ROW | FORCE, ROW | KENT | FORCE]
    assert not find_reason(by_kind, CATALOGUE)


def test_a_part_of_a_year_beside_several_years_decides_nothing():
    rows = [ROW | year(2020), ROW | year(2021), ROW | PART]
    assert not find_reason(rows, CATALOGUE)


def test_places_are_kept_apart_in_the_words_of_a_caveat_of_all_or_of_the_indicator():
    rows = [ROW | NO_SCALE, ROW | NO_SCALE | KENT | {"note_ids": "states"}]
    assert (
        say_reason("other_scales", rows, CATALOGUE)
        == "Each country records other things."
    )
    rows[0]["note_ids"] = "other states"
    assert say_reason("other_scales", rows, CATALOGUE) == "They cannot be ranked."
