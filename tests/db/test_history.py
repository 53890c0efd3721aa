"""What each release changed is computed at load: every case of what somebody who printed a figure must know."""

from dataclasses import replace
from decimal import Decimal

import psycopg
import pytest

from misconduct.db.load import load
from misconduct.db.tables import METADATA
from misconduct.releases.folder import read_release
from misconduct_editor.releases.changes import find_changes
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import SMALL

BASE = read_release(SMALL / "releases/2.0.0")
ROWS = {row["id"]: row for row in BASE.figures}
TWICE, BACK, RECODED, NOTED, TOTAL, WHOLE, PART, GONE, *_ = ROWS
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
}
FIRST |= {
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
}
THIRD = {
    TWICE: NUMBER | {"hedge": "nearly"},
    BACK: NUMBER,
    NOTED: {"mark": "provisional"},
    GONE: None,
}
FOURTH = {GONE: {}}


def write_releases(data, *changes):
    """Write a release for each change of some figures; None ends one, and what had ended comes back."""
    rows, last = ROWS, None
    data.mkdir()
    (data / "removals.csv").write_text("day,release,before,after,law\n")
    for place, cells in enumerate(changes):
        rows = rows | {
            one: {**ROWS[one], **(rows[one] or {}), **each}
            if each is not None
            else None
            for one, each in cells.items()
        }
        figures = [row for row in rows.values() if row]
        made = find_changes(last, figures, BASE.records) if last else []
        about = {
            "number": f"1.{place}.0",
            "previous": last and last.digest,
            "digest": "",
        }
        changed = [one | {"reason": "", "replaced_by": ""} for one in made]
        last = write_release(
            data / f"releases/1.{place}.0",
            replace(BASE, figures=figures, changes=changed, **about),
        )
        last = replace(last, figures=figures)
        add_to_list(data, last)


def find_versions(url):
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT id, number, weight, changed, revised, former FROM versions JOIN releases ON ordinal = release "
            "WHERE weight <> 'added'"
        )
        return {(one, release): rest for one, release, *rest in rows}


@pytest.fixture
def data(tmp_path):
    write_releases(tmp_path / "data", FIRST, SECOND, THIRD, FOURTH)
    return tmp_path / "data"


def test_each_case(url, data):
    load(url, data)
    stated = ["value", "printed"]
    assert find_versions(url) == {
        (TWICE, "1.1.0"): ["revised", stated, [], 1492],
        (TWICE, "1.2.0"): ["revised", [*stated, "hedge"], [], 1493],
        (BACK, "1.1.0"): ["revised", stated, [], 1492],
        (BACK, "1.2.0"): ["revised", stated, [], 1493],
        (RECODED, "1.1.0"): ["recoded", ["measure"], [], None],
        (TOTAL, "1.1.0"): ["continued", ["period"], [], None],
        (WHOLE, "1.1.0"): ["revised", ["period"], ["2018-04/2019-03"], None],
        (PART, "1.1.0"): ["revised", stated, [], 1492],
        (NOTED, "1.2.0"): ["current", ["mark"], [], None],
        (GONE, "1.2.0"): ["ended", [], [], None],
        (GONE, "1.3.0"): [
            "revised",
            [],
            [],
            None,
        ],  # somebody may have printed it before it ended
    }


def test_history_is_the_same_whether_releases_come_at_once_or_one_by_one(
    url, data, tmp_path
):
    write_releases(tmp_path / "grown", FIRST, SECOND)
    assert load(url, tmp_path / "grown") == ["1.0.0", "1.1.0"]
    assert load(url, data) == ["1.2.0", "1.3.0"]
    one_by_one = find_versions(url)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"TRUNCATE {', '.join(METADATA.tables)}")
    assert load(url, data) == ["1.0.0", "1.1.0", "1.2.0", "1.3.0"]
    assert find_versions(url) == one_by_one


def test_a_release_that_is_loaded_again_is_compared_with_both_neighbours(
    url, data, tmp_path
):
    load(url, data)
    write_releases(
        tmp_path / "other",
        FIRST,
        SECOND | {TWICE: {}, NOTED: {"mark": "provisional"}},
        THIRD,
        FOURTH,
    )
    load(url, tmp_path / "other", may_drop=True)
    found = find_versions(url)
    assert (TWICE, "1.1.0") not in found
    assert found[TWICE, "1.2.0"] == ["revised", ["hedge"], [], None]
    assert (found[NOTED, "1.1.0"][0], (NOTED, "1.2.0") in found) == ("current", False)


def test_a_second_start_compares_nothing(url, data):
    load(url, data)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("TRUNCATE versions")
        assert load(url, data) == []
        assert find_versions(url) == {}
