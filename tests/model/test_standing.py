"""What a change of a figure means for somebody who printed it before. The promise is in DESIGN: revised figures."""

from decimal import Decimal
from itertools import zip_longest

import pytest

from misconduct.model.figure import REGISTER_COLUMNS
from misconduct.model.standing import find_standing, is_number_of
from misconduct.model.versions import Version, weigh_change
from misconduct_editor.tables.editions import name_change

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
CORRECTED = RECODED | {"value": Decimal(1493), "printed": "1,493"}
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
PEOPLE = {"counting_unit": "people"}  # some of them may be in the added year, too
HEDGED, NO_NUMBER = (
    {"hedge": "about", "qualifier": "about"},
    {"value": None, "printed": None},
)


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


def stand(rows, actions=(), number=None, release=None, revised=None):
    """Return how a figure stands that has these rows in the releases in turn; None where one does not have it."""
    return find_standing(write_history(rows, actions, revised or {}), number, release)


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


def test_other_codes_leave_a_figure_current():
    found = stand([ROW, ROW, RECODED], ["added", "", "recoded"], "1,492", "2.2.0")
    assert (found.status, found.since, found.reason) == ("unchanged", "1.0.0", None)
    assert found.changed == []


def test_what_changed_leaves_out_codes_that_were_only_renamed():
    """Also before and after a change of the number; a code with another meaning is told."""
    renamed, meant = {"category": "sexual"}, {"population": "serving_officers"}
    rows = [ROW, RECODED, CORRECTED | meant, CORRECTED | meant | renamed]
    found = stand(rows, ["added", "recoded", "revised", "recoded"], release="1.0.0")
    assert found.status == "revised"
    assert found.changed == ["value", "printed", "population"]
    marked = stand([ROW, RECODED | {"mark": "revised"}], ["added", "recoded"])
    assert (marked.status, marked.changed) == ("unchanged", ["mark"])


def test_other_codes_do_not_hide_an_earlier_revision():
    actions = ["added", "revised", "recoded"]
    early = stand(
        [ROW | {"measure": "recorded"}, ROW, RECODED], actions, "1492", "1.0.0"
    )
    late = stand(
        [ROW | {"measure": "recorded"}, ROW, RECODED], actions, "1492", "2.2.0"
    )
    anywhere = stand([ROW | {"measure": "recorded"}, ROW, RECODED], actions, "1492")
    assert (early.status, early.since, early.reason) == (
        "revised",
        "2.2.0",
        "because of 2.2.0",
    )
    assert (late.status, late.since) == ("unchanged", "2.2.0")
    assert anywhere.status == "revised"


def test_a_number_that_was_corrected():
    rows, actions = [ROW, ROW, RECODED, CORRECTED], ["added", "", "recoded", "revised"]
    assert stand(rows, actions, "1,492").status == "revised"
    assert stand(rows, actions, "1,493").status == "unchanged"
    assert (
        stand(rows, actions, "1,492", "3.1.0").status == "revised"
    )  # that release has another number: an earlier one
    assert (
        stand(rows, actions, "1,493", "2.2.0").status == "never"
    )  # nobody can have printed it from that release
    assert stand(rows, actions, "1,500").status == "never"


def test_of_two_revisions_the_last_one_is_named():
    first = ROW | {"value": Decimal(1491), "printed": "1,491"}
    rows, actions = (
        [first, ROW, CORRECTED, CORRECTED],
        ["added", "revised", "revised", ""],
    )
    found = stand(rows, actions, release="1.0.0")
    assert (found.status, found.since, found.reason) == (
        "revised",
        "3.0.0",
        "because of 3.0.0",
    )
    both = stand(
        [first, ROW, RECODED, CORRECTED],
        ["added", "revised", "recoded", "revised"],
        release="1.0.0",
    )
    assert (both.status, both.since, both.reason) == (
        "revised",
        "3.1.0",
        "because of 3.1.0",
    )


@pytest.mark.parametrize("last", ["2.2.0", "3.0.0", "3.1.0"])
def test_the_last_of_any_number_of_revisions_is_named(last):
    """Also of several in a row, for whoever printed a number of any release before."""
    times = NUMBERS.index(last)
    rows = [
        ROW | {"value": Decimal(1492 + time), "printed": f"{1492 + time:,}"}
        for time in range(times + 1)
    ]
    rows += [rows[-1]] * (len(NUMBERS) - len(rows))
    for time in range(times):
        found = stand(
            rows, ["added", *["revised"] * times], str(1492 + time), NUMBERS[time]
        )
        assert (found.status, found.since, found.reason) == (
            "revised",
            last,
            f"because of {last}",
        )


def test_a_figure_that_says_again_what_it_said_is_current():
    rows, actions = [ROW, CORRECTED, ROW], ["added", "revised", "revised"]
    assert stand(rows, actions, release="1.0.0").status == "unchanged"
    assert stand(rows, actions, release="2.2.0").status == "revised"


def test_the_same_number_printed_in_another_way_is_no_revision():
    assert (
        stand([ROW, ROW | {"printed": "1492"}], ["added", "recoded"], "1,492").status
        == "unchanged"
    )
    assert (
        name_change({"value": "5", "printed": "5"}, {"value": "5", "printed": "5.0"})
        == "recoded"
    )
    vague = {"value": "", "printed": "hundreds"}
    assert name_change(vague, vague | {"printed": "thousands"}) == "revised"
    linked = {"value": "5", "part_of": ""}
    assert name_change(linked, linked | {"part_of": "k7m3q"}) == "recoded"


@pytest.mark.parametrize(
    ("was", "now", "detail"),
    [
        (
            {},
            {"value": Decimal(53), "printed": "53"},
            "50 is for April 2004 to March 2019. {} March 2020: 53.",
        ),
        ({}, {}, "50 is for April 2004 to March 2019. {} March 2020: 50."),
        (
            {},
            {"period": "2004-04/2021-03"},
            "50 is for April 2004 to March 2019. {} March 2021: 50.",
        ),
        (
            {},
            {"period": "2004-04/2020-09"},
            "50 is for April 2004 to March 2019. {} September 2020: 50.",
        ),
        (PEOPLE, PEOPLE, "50 is for April 2004 to March 2019. {} March 2020: 50."),
        (
            HEDGED,
            HEDGED,
            "About 50 is for April 2004 to March 2019. {} March 2020: about 50.",
        ),
        (NO_NUMBER, NO_NUMBER, "This is for April 2004 to March 2019. {} March 2020."),
    ],
)
def test_a_number_that_is_right_for_its_dates(was, now, detail):
    found = stand([TOTAL | was, LONGER | now], ["added", "revised"], release="1.0.0")
    assert (found.status, found.since, found.reason) == (
        "continued",
        "2.2.0",
        "because of 2.2.0",
    )
    assert found.detail == detail.format("The figure now runs to")


@pytest.mark.parametrize(
    ("revised", "ending"),
    [
        ({"2.2.0": ["2018/19"]}, "2018/19 has been revised."),
        (
            {"2.2.0": ["2017/18", "2018/19"], "3.0.0": ["2018/19"]},
            "2017/18 and 2018/19 have been revised.",
        ),
    ],
)
def test_a_total_with_a_revised_part_names_its_year(revised, ending):
    rows, actions = (
        [TOTAL, LONGER, LONGER | {"period": "2004-04/2021-03"}],
        ["added", "revised", "revised"],
    )
    found = stand(rows, actions, release="1.0.0", revised=revised)
    assert found.status == "revised"
    assert (
        found.detail
        == f"50 was for April 2004 to March 2019. The figure now runs to March 2021, and {ending}"
    )


def test_a_revision_is_graver_than_a_longer_time():
    rows, actions = (
        [TOTAL, LONGER, LONGER | {"value": Decimal(51), "printed": "51"}],
        ["added", "revised", "revised"],
    )
    early, late = (
        stand(rows, actions, "50", release) for release in ("1.0.0", "2.2.0")
    )
    assert (early.status, early.since, late.status, late.detail) == (
        "revised",
        "3.0.0",
        "revised",
        None,
    )
    assert early.detail == (
        "50 was for April 2004 to March 2019. The figure now runs to March 2020, and it has been revised."
    )
    assert stand(rows, actions, "51").status == "unchanged"


def test_a_longer_total_of_which_the_codes_changed_later():
    found = stand(
        [TOTAL, LONGER, LONGER | {"measure": "died"}],
        ["added", "revised", "recoded"],
        "50",
        "1.0.0",
    )
    assert (found.status, found.since, found.changed) == (
        "continued",
        "2.2.0",
        ["period"],
    )
    newest = stand(
        [TOTAL, LONGER, LONGER | {"measure": "died"}],
        ["added", "revised", "recoded"],
        "50",
        "3.0.0",
    )
    assert (newest.status, newest.since, newest.detail) == ("unchanged", "2.2.0", None)


def test_a_figure_that_was_withdrawn():
    found = stand([ROW, ROW, None, None], ["added", "", "ended"], "1492", "1.0.0")
    assert (found.status, found.since, found.replaced_by, found.today) == (
        "withdrawn",
        "3.0.0",
        "gb7nr",
        None,
    )
    assert stand([None, ROW, ROW], ["", "added", ""], "1492", "1.0.0").status == "never"


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
