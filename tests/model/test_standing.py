"""What a change of a figure means for somebody who printed it before. The promise is in DESIGN: revised figures."""

from decimal import Decimal

import pytest

from misconduct.model.figure import REGISTER_COLUMNS
from misconduct.model.standing import find_standing, is_number_of
from misconduct.model.versions import Change, build_history, weigh_change

NUMBERS = ("1.0.0", "2.2.0", "3.0.0", "3.1.0")
EMPTY = dict.fromkeys(REGISTER_COLUMNS)
ROW = EMPTY | {"id": "k7m3q", "measure": "accused", "area": "E23000001", "unit": "count", "printed": "1,492"}
ROW |= {"value": Decimal(1492), "period": "2014/2024", "caveats": ["one"], "at": "char=3063,3068"}
RECODED = ROW | {"measure": "alleged", "fit": "exact", "counted": "officers accused"}
CORRECTED = RECODED | {"value": Decimal(1493), "printed": "1,493"}


@pytest.mark.parametrize(
    ("cells", "action", "weight"),
    [
        ({"caveats": ["one", "two"]}, "revised", "current"),
        ({"at": "char=3064,3069", "origin": "a-paper", "mark": "provisional"}, "revised", "current"),
        ({"value": Decimal(1493), "printed": "1,493"}, "revised", "revised"),
        ({"hedge": "nearly", "qualifier": "just_under"}, "revised", "revised"),
        ({"period": "2014/2023"}, "recoded", "revised"),  # another period is no other code
        ({"value": None, "value_absent": "withheld"}, "revised", "revised"),
        ({"measure": "alleged"}, "revised", "revised"),
        ({"measure": "alleged"}, "recoded", "recoded"),
        ({"area": "gb_eaw"}, "revised", "revised"),
        ({"counted": "officers accused", "fit": "exact"}, "recoded", "current"),
    ],
)
def test_what_a_change_means(cells, action, weight):
    assert weigh_change(ROW, ROW | cells, action) == weight


def stand(rows, actions=(), number=None, release=None):
    """Return how a figure stands that has these rows in the releases in turn; None where one does not have it."""
    changes = {
        release: Change(action, f"because of {release}", "gb7nr" if action == "ended" else None)
        for release, action in zip(NUMBERS, actions, strict=False)
    }
    having = {one: row for one, row in zip(NUMBERS, rows, strict=False) if row}
    return find_standing(build_history(NUMBERS[: len(rows)], having, changes), number, release)


def test_other_codes_leave_a_figure_current():
    found = stand([ROW, ROW, RECODED], ["added", "", "recoded"], "1,492", "2.2.0")
    assert (found.status, found.since, found.reason) == ("current", "1.0.0", None)
    assert found.changed == ["measure"]


def test_other_codes_do_not_hide_an_earlier_revision():
    actions = ["added", "revised", "recoded"]
    early = stand([ROW | {"measure": "recorded"}, ROW, RECODED], actions, "1492", "1.0.0")
    late = stand([ROW | {"measure": "recorded"}, ROW, RECODED], actions, "1492", "2.2.0")
    anywhere = stand([ROW | {"measure": "recorded"}, ROW, RECODED], actions, "1492")
    assert (early.status, early.since, early.reason) == ("revised", "2.2.0", "because of 2.2.0")
    assert (late.status, late.since) == ("current", "2.2.0")
    assert anywhere.status == "revised"


def test_a_number_that_was_corrected():
    rows, actions = [ROW, ROW, RECODED, CORRECTED], ["added", "", "recoded", "revised"]
    assert stand(rows, actions, "1,492").status == "revised"
    assert stand(rows, actions, "1,493").status == "current"
    assert stand(rows, actions, "1,492", "3.1.0").status == "revised"  # that release has another number: an earlier one
    assert stand(rows, actions, "1,493", "2.2.0").status == "unknown"  # nobody can have printed it from that release
    assert stand(rows, actions, "1,500").status == "unknown"


def test_a_figure_that_says_again_what_it_said_is_current():
    rows, actions = [ROW, ROW | {"printed": "1,493"}, ROW], ["added", "revised", "revised"]
    assert stand(rows, actions, release="1.0.0").status == "current"
    assert stand(rows, actions, release="2.2.0").status == "revised"


def test_a_figure_that_was_withdrawn():
    found = stand([ROW, ROW, None, None], ["added", "", "ended"], "1492", "1.0.0")
    assert (found.status, found.since, found.replaced_by, found.today) == ("ended", "3.0.0", "gb7nr", None)
    assert stand([None, ROW, ROW], ["", "added", ""], "1492", "1.0.0").status == "unknown"


@pytest.mark.parametrize(
    ("typed", "cells", "is_it"),
    [
        ("1492", {}, True),
        ("1,492", {}, True),
        ("1492.0", {}, True),
        ("1493", {}, False),
        ("nearly 1,000", {"printed": "1,000", "hedge": "nearly", "value": Decimal(1000)}, True),
        ("1,000 or more", {"printed": "1,000", "hedge": "or more", "value": Decimal(1000)}, True),
        ("Hundreds", {"printed": "hundreds", "value": None}, True),
        ("0", {"printed": "hundreds", "value": None}, False),
        ("20%", {"printed": "A fifth", "unit": "proportion", "value": Decimal("0.2")}, True),
        ("42", {"printed": "42%", "unit": "percent", "value": Decimal(42)}, True),
    ],
)
def test_a_number_as_people_type_it(typed, cells, is_it):
    assert is_number_of(ROW | cells, typed) is is_it
