"""What a release tells people who printed figures of an earlier one: every case of what they must know."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from misconduct.releases.folder import read_release
from misconduct_editor.releases.changes import find_changes
from misconduct_editor.releases.versions import add_versions

from ..conftest import SMALL

BASE = replace(read_release(SMALL / "releases/2.0.0"), versions=[])
ROWS = {row["id"]: row for row in BASE.figures}
TWICE, BACK, RECODED, NOTED, TOTAL, WHOLE, PART, GONE, MOVED, *_ = ROWS
YEARS = {"at": "cell=3,4", "period": "2004-04/2019-03", "part_of": [], "repeats": None}
LATER = {"period": "2004-04/2020-03"}
NUMBER, OTHER = (
    {"value": Decimal(value), "printed": str(value)} for value in (1492, 1493)
)
FIRST = {
    TWICE: NUMBER,
    BACK: NUMBER,
    RECODED: {"measure": "accused"},
    TOTAL: YEARS,
    WHOLE: YEARS | NUMBER,
    PART: YEARS | NUMBER | {"period": "2018-04/2019-03", "part_of": [WHOLE]},
    NOTED: {"mark": None},
}
SECOND = {
    TWICE: OTHER,
    BACK: OTHER,
    RECODED: {"measure": "alleged"},
    TOTAL: LATER,
    WHOLE: LATER,
    PART: OTHER,
    MOVED: {"at": "char=1,2"},
}
THIRD = {
    TWICE: NUMBER | {"hedge": "nearly"},
    BACK: NUMBER,
    NOTED: {"mark": "provisional"},
    GONE: None,
}
FOURTH = {GONE: {}}


def make_releases(*changes):
    """Yield a release for each change of some figures; None ends one, and what had ended comes back."""
    rows, last = ROWS, None
    for place, cells in enumerate(changes):
        rows = dict(rows)
        for identity, cell in cells.items():
            kept = rows[identity] or {}
            rows[identity] = (
                cell if cell is None else {**ROWS[identity], **kept, **cell}
            )
        figures = [row for row in rows.values() if row]
        release = replace(BASE, number=f"1.{place}.0", figures=figures, changes=[])
        if last:
            release = replace(
                release, changes=find_changes(last, figures, BASE.records)
            )
        last = replace(release, versions=add_versions(last, release))
        yield last


@pytest.fixture(scope="module")
def releases():
    return [*make_releases(FIRST, SECOND, THIRD, FOURTH)]


def test_each_case(releases):
    found = {
        (line["id"], line["release"]): [
            line["weight"],
            line.get("revised"),
            line.get("former"),
        ]
        for line in releases[-1].versions
    }
    assert found == {
        (TWICE, "1.1.0"): ["revised", None, "1492"],
        (TWICE, "1.2.0"): ["revised", None, "1493"],
        (BACK, "1.1.0"): ["revised", None, "1492"],
        (BACK, "1.2.0"): ["revised", None, "1493"],
        (RECODED, "1.1.0"): ["recoded", None, None],
        (TOTAL, "1.1.0"): ["continued", None, None],
        (WHOLE, "1.1.0"): ["revised", ["2018-04/2019-03"], None],
        (PART, "1.1.0"): ["revised", None, "1492"],
        (MOVED, "1.1.0"): ["current", None, None],
        (NOTED, "1.2.0"): ["current", None, None],
        (GONE, "1.2.0"): ["ended", None, None],
        # Somebody may have printed it before it ended.
        (GONE, "1.3.0"): ["revised", None, None],
    }


def test_lines_only_grow_and_each_has_the_row_before_it(releases):
    for before, after in pairwise(releases):
        assert after.versions[: len(before.versions)] == before.versions
        rows = {row["id"]: row for row in before.figures}
        for line in after.versions[len(before.versions) :]:
            if line["id"] in rows:
                assert line["was"]["at"] == rows[line["id"]]["at"]
                assert line["was"].get("printed") == rows[line["id"]]["printed"]
            else:
                assert "was" not in line


def test_a_figure_that_only_moved_has_a_line_and_is_no_change(releases):
    second = releases[1]
    assert MOVED not in {change["id"] for change in second.changes}
    [line] = [line for line in second.versions if line["id"] == MOVED]
    assert (line["action"], line["was"]["at"]) == ("moved", ROWS[MOVED]["at"])


def test_the_first_release_has_no_lines(releases):
    assert releases[0].versions == []
