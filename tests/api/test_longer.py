"""Totals that ran to March 2019 in release 1.0.0, and run to March 2020 since 1.1.0: their numbers are right for 2019.

In the edition of 2018/19, the Metropolitan Police has 50 deaths and Kent has 9; in that of 2019/20, 53 and 9. The new
edition revises 2018/19: England and Wales from 16 to 17.
"""

import shutil

import pytest

from ..conftest import SMALL
from ..register import copy_releases

MET, KENT, COUNTRY, COUNTRY_2018 = "rqbmz", "xj87s", "v4536", "rpg77"


@pytest.fixture(scope="module")
def both(serve, tmp_path_factory):
    """A client of a service that has both editions in its tables, since its newest release is 1.1.0."""
    data = tmp_path_factory.mktemp("longer") / "data"
    copy_releases(SMALL, data)
    shutil.rmtree(data / "releases/2.0.0")
    lines = (data / "releases.csv").read_text().splitlines(keepends=True)
    (data / "releases.csv").write_text("".join(lines[:-1]))
    return serve(data).client


@pytest.mark.parametrize(
    ("ids", "codes"),
    [
        (f"{MET},{KENT}", []),
        (f"{MET},{COUNTRY}", ["superseded"]),  # their years are not in the answer
        (f"{KENT},{COUNTRY_2018}", ["superseded"]),
    ],
)
def test_a_list_is_only_superseded_by_a_revision(both, ids, codes):
    answer = both.get(f"/v1/figures?id={ids}&columns=id&release=1.0.0").json()
    assert [
        one["code"] for one in answer["warnings"] if one["code"] == "superseded"
    ] == codes
