"""Warnings that the figures of today do not need: several sources, parts of parts, and a release after 2.0.0."""

from dataclasses import replace
from decimal import Decimal

import pytest

from misconduct.releases.folder import read_release
from misconduct_editor.releases.derive import derive
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import SMALL
from ..register import copy_releases

ORACLE, UNDATED = "police-oracle-2023-met-review", "brit-brief-1000-officers-accused"
OTHER_THINGS = {  # than pzk5d counts
    "bcdfk": {"area": "unstated"},
    "bcdfm": {"vetting_check": "past_allegations"},
    "bcdfn": {"vetting_result": "misconduct"},
    "bcdfp": {"stock_or_flow": "stock"},
    "bcdfq": {"period": "2020"},
}
ACTIONS = {"k7m3q": "revised", "gb7nr": "recoded", "d5fcj": "ended", "s79rj": "revised"}


@pytest.fixture(scope="module")
def client(serve, tmp_path_factory):
    """A client of a service whose newest release is 3.0.0, after 2.0.0."""
    data = tmp_path_factory.mktemp("warnings") / "data"
    before = read_release(SMALL / "releases/2.0.0")
    rows = {row["id"]: row for row in before.figures}
    in_2022, checked = rows["pzk5d"], rows["gb7nr"]
    changed = {
        "k7m3q": rows["k7m3q"] | {"value": Decimal(1493), "printed": "1,493"},
        "gb7nr": checked | {"measure": "under_review"},
        "s79rj": rows["s79rj"] | {"caveats": []},
        "bcdfg": in_2022 | {"id": "bcdfg", "source": ORACLE, "part_of": []},
        "bcdfh": in_2022
        | {"id": "bcdfh", "source": ORACLE, "part_of": [], "repeats": "pzk5d"},
        "bcdfr": in_2022
        | {
            "id": "bcdfr",
            "source": UNDATED,
            "part_of": ["pzk5d"],
            "period": "2022-11/..",
        },
        "bcdfj": checked
        | {
            "id": "bcdfj",
            "measure": "under_review",
            "part_of": ["bbdjq"],
        },  # which is a part of gb7nr
    }
    changed |= {
        one: changed["bcdfg"] | {"id": one, **cells}
        for one, cells in OTHER_THINGS.items()
    }
    del rows["d5fcj"]
    rows = (
        rows
        | {
            row["id"]: row | {"repeats": None}
            for row in rows.values()
            if row["repeats"] == "d5fcj"
        }
        | changed
    )
    changes = [
        {"kind": "observation", "id": one, "action": action}
        for one, action in ACTIONS.items()
    ]
    about = {
        "number": "3.0.0",
        "day": "2026-12-01",
        "previous": before.digest,
        "digest": "",
    }
    records = {
        kind: of_kind
        for kind, of_kind in before.records.items()
        if kind not in ("check", "disagreement")
    }
    after = replace(
        before, figures=list(rows.values()), records=records, changes=changes, **about
    )
    copy_releases(SMALL, data)
    release, _ = derive(before, after)
    add_to_list(data, write_release(data / "releases/3.0.0", release))
    return serve(data).client


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("id=pzk5d,bcdfg", {"stated_by_several"}),
        (f"id=pzk5d,bcdfg&source={ORACLE}", {"found_nothing"}),
        (f"id=pzk5d,{','.join(OTHER_THINGS)}", set()),
        ("id=pzk5d,bcdfh", {"repeated_claims"}),
        (
            "id=pzk5d,bcdfr&year_from=2022",
            {"found_nothing", "undated_left_out"},
        ),  # nobody knows when the second ends
        ("id=pzk5d,bcdfr&year_to=2022", {"found_nothing", "undated_left_out"}),
        ("id=bcdfg,bcdfh", set()),  # what bcdfh repeats is not in the list
        (
            "id=ttp6c,rs9xc",
            {"unlike_kinds", "several_days", "publisher_error"},
        ),  # 161 officers, and 161 employees
        ("id=fjrrv", set()),  # one share cannot be added up
        ("id=s7xm4", {"publisher_error"}),  # “massive trust”, where people distrust
        (
            "id=s7xm4,q8d75",
            {"unlike_kinds", "unlike_units", "publisher_error"},
        ),  # 42% of all, and 47% of women
        (
            "id=gb7nr,bcdfj",
            {"whole_and_parts"},
        ),  # also when the part between them is not in the list
        ("id=gb7nr,bcdfj&count_once=1", set()),
        ("id=k7m3q&release=2.0.0", {"superseded"}),  # another number
        ("id=d5fcj&release=2.0.0", {"superseded"}),  # ended
        ("id=gb7nr&release=2.0.0", set()),  # other codes that mean the same
        ("id=s79rj&release=2.0.0", set()),  # other caveats
        ("id=k7m3q&as_of=2026-11-30", {"superseded"}),
        ("id=k7m3q", set()),
        ("id=hhp68", {"provisional"}),  # 55 so far
    ],
)
def test_each_warning_is_given_where_it_applies(client, asked, codes):
    found = client.get(f"/v1/observations?{asked}").json()["warnings"]
    assert {one["code"] for one in found} - {
        "caveat"
    } == codes  # these notes have a test of their own


def test_an_answer_that_warns_of_a_revision_leads_to_the_newest_release(client):
    answer = client.get("/v1/observations?id=k7m3q&release=2.0.0").json()
    assert "Compare them with the newest one." in answer["warnings"][0]["detail"]
    assert answer["links"]["latest_version"].endswith("/v1/observations?id=k7m3q")


@pytest.mark.parametrize(
    "shape", ["?id=k7m3q", "/by-year?id=k7m3q", "/by-year?id=s79rj,k7m3q&shape=wide"]
)
def test_tables_by_year_warn_of_revisions_too(client, shape):
    """k7m3q is for ten years, so a wide table shows it."""
    warned, newest = (
        {
            one["code"]
            for one in client.get(f"/v1/observations{shape}{release}").json()[
                "warnings"
            ]
        }
        for release in ("&release=2.0.0", "")
    )
    assert "superseded" in warned
    assert "superseded" not in newest
