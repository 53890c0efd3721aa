"""Which answers of an earlier release warn that its figures were revised: those with another number today, or none."""

from dataclasses import replace
from decimal import Decimal

import pytest

from misconduct.releases.folder import read_release
from misconduct_editor.releases.derive import derive
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import SMALL
from ..register import copy_releases

ACTIONS = {"k7m3q": "revised", "gb7nr": "recoded", "d5fcj": "ended", "s79rj": "revised"}


@pytest.fixture(scope="module")
def client(serve, tmp_path_factory):
    """A client of a service whose newest release is 3.0.0, after 2.0.0."""
    data = tmp_path_factory.mktemp("warnings") / "data"
    before = read_release(SMALL / "releases/2.0.0")
    rows = {row["id"]: row for row in before.figures}
    rows["k7m3q"] |= {"value": Decimal(1493), "printed": "1,493"}
    rows["gb7nr"] |= {"measure": "under_review"}
    rows["s79rj"] |= {"caveats": []}
    del rows["d5fcj"]
    for row in rows.values():
        if row["repeats"] == "d5fcj":
            row["repeats"] = None
    records = dict(before.records)
    del records["disagreement"]  # they name what has gone
    after = replace(
        before,
        number="3.0.0",
        day="2026-12-01",
        previous=before.digest,
        digest="",
        figures=[*rows.values()],
        records=records,
        changes=[
            {"kind": "observation", "id": identity, "action": action}
            for identity, action in ACTIONS.items()
        ],
    )
    copy_releases(SMALL, data)
    release, _ = derive(read_release(SMALL / "releases/2.0.0"), after)
    add_to_list(data, write_release(data / "releases/3.0.0", release))
    return serve(data).client


@pytest.mark.parametrize(
    ("asked", "is_superseded"),
    [
        ("figures?id=k7m3q&release=2.0.0", True),  # another number
        ("figures?topic=allegations&columns=id&release=2.0.0", True),
        ("figures?id=d5fcj&release=2.0.0", True),  # ended
        ("figures?id=gb7nr&release=2.0.0", False),  # other codes that mean the same
        ("figures?id=s79rj&release=2.0.0", False),  # other notes
        ("indicators/accused?release=2.0.0", True),
        ("allegations?indicator=accused&release=2.0.0", True),
        ("areas/met?release=2.0.0", True),
        ("allegations/by-year?release=2.0.0", False),  # ten years are for no year
        ("deaths?release=2.0.0", False),
        ("figures?id=k7m3q", False),
    ],
)
def test_what_was_revised_or_withdrawn_is_told(client, asked, is_superseded):
    warnings = client.get(f"/v1/{asked}").raise_for_status().json()["warnings"]
    assert ("superseded" in [one["code"] for one in warnings]) is is_superseded
