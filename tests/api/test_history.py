"""A register that goes on: a release that ends a figure, corrects one, gives one other codes, and adds one.

Two releases before it have the same figures.
"""

import re
import shutil
import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from misconduct.releases.folder import read_release
from misconduct_editor.releases.derive import derive
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import SMALL, Service

ENDED, INSTEAD, WITHDRAWN = (
    "d5fcj",
    "ttp6c",
    "tqsf3",
)  # INSTEAD takes the place of the first, nothing of the other
CORRECTED, RECODED, ADDED = "k7m3q", "gb7nr", "bcdfg"
CHANGES = {
    ENDED: {
        "action": "ended",
        "reason": "It was printed twice.",
        "replaced_by": INSTEAD,
    },
    WITHDRAWN: {"action": "ended", "reason": "It names no country.", "replaced_by": ""},
    CORRECTED: {
        "action": "revised",
        "reason": "The document says 1,493.",
        "replaced_by": "",
    },
    RECODED: {"action": "recoded", "reason": "", "replaced_by": ""},
    ADDED: {"action": "added", "reason": "", "replaced_by": ""},
}


@pytest.fixture(scope="module")
def client():
    """A client of a service whose newest release is 3.0.0, after 1.1.0 and 2.0.0."""
    folder = Path(tempfile.mkdtemp(prefix="misconduct-history-"))
    folder.chmod(0o755)
    before = read_release(SMALL / "releases/2.0.0")
    rows = {row["id"]: row for row in before.figures}
    rows[CORRECTED] = rows[CORRECTED] | {"value": Decimal(1493), "printed": "1,493"}
    rows[RECODED] = rows[RECODED] | {"measure": "under_review"}
    rows[ADDED] = rows[INSTEAD] | {"id": ADDED, "repeats": None}
    del rows[ENDED], rows[WITHDRAWN]
    changes = [
        {"kind": "observation", "id": identity, **change}
        for identity, change in CHANGES.items()
    ]
    about = {
        "number": "3.0.0",
        "day": "2026-12-01",
        "previous": before.digest,
        "digest": "",
    }
    records = {kind: dict(of_kind) for kind, of_kind in before.records.items()}
    for kind in (
        "check",
        "disagreement",
    ):  # those that name the ended figure end with it
        records[kind] = {
            name: one for name, one in records[kind].items() if ENDED not in str(one)
        }
    after = replace(
        before, figures=list(rows.values()), records=records, changes=changes, **about
    )
    after, _ = derive(before, after)
    (folder / "data/releases").mkdir(parents=True)
    for number in ("1.1.0", "2.0.0"):
        shutil.copytree(SMALL / "releases" / number, folder / "data/releases" / number)
    earlier = read_release(SMALL / "releases/1.1.0")
    for release in (
        earlier,
        before,
        write_release(folder / "data/releases/3.0.0", after),
    ):
        add_to_list(folder / "data", release)
    service = Service(folder, folder / "data")
    try:
        yield service.wait().client
    finally:
        service.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_an_ended_figure_is_shown_as_it_last_was(client):
    answer = client.get(f"/v1/observations/{ENDED}")
    figure = answer.json()["data"]
    assert (answer.status_code, figure["printed"], figure["release"]) == (
        200,
        "161",
        "2.0.0",
    )
    assert figure["cite_as"].endswith(f"/v1/observations/{ENDED}?release=2.0.0")
    standing = figure["standing"]
    assert (standing["status"]["code"], standing["since"]) == ("ended", "3.0.0")
    assert (standing["reason"], standing["replaced_by"]) == (
        "It was printed twice.",
        INSTEAD,
    )
    assert standing["print_instead"] == "161"  # of the figure that takes its place
    assert (
        client.get(f"/v1/observations/{ENDED}?release=2.0.0").json()["data"]["standing"]
        == standing
    )


def test_a_figure_that_is_younger_than_the_release_is_not_there(client):
    answer = client.get(f"/v1/observations/{ADDED}?release=2.0.0")
    assert answer.status_code == 404
    assert "3.0.0" in answer.json()["detail"]
    assert client.get(f"/v1/observations/{ADDED}").status_code == 200


def test_standing_names_what_to_print_instead(client):
    cited = f"{CORRECTED}:1,492,{CORRECTED}:1493,{CORRECTED}:931,{RECODED}:1131,{ENDED}"
    rows = client.get("/v1/standing", params={"cited": cited}).json()["data"]
    found = [
        (row["cited"], row["status"]["code"], row["print_instead"], row["since"])
        for row in rows
    ]
    assert found == [
        ("1,492", "revised", "1,493", "3.0.0"),
        ("1493", "current", None, "3.0.0"),
        ("931", "unknown", None, None),
        ("1131", "current", None, "1.1.0"),
        (None, "ended", "161", "3.0.0"),
    ]
    assert rows[0]["changed"] == ["value", "printed"]
    assert rows[0]["reason"] == "The document says 1,493."


def test_a_pinned_answer_leads_to_the_newest(client):
    answer = client.get(f"/v1/observations/{CORRECTED}?release=2.0.0")
    assert answer.json()["data"]["printed"] == "1,492"
    assert answer.json()["data"]["standing"]["status"]["code"] == "revised"
    assert (
        answer.headers["link"]
        == f'<{answer.json()["links"]["latest_version"]}>; rel="latest-version"'
    )
    newest = client.get(f"/v1/observations/{CORRECTED}")
    assert "link" not in newest.headers
    assert newest.json()["links"]["latest_version"] is None


def test_a_former_number_names_the_last_release_that_had_it(client):
    found = client.get("/v1/observations?value=1492").json()["meta"]["see_also"]
    [title] = [one["title"] for one in found if one["kind"] == "observation"]
    assert title.startswith("1,492 until release 2.0.0, now 1,493: ")


def test_the_page_of_an_ended_figure_says_what_to_print_instead(client):
    text = client.get(f"/observations/{ENDED}", headers={"Accept": "text/html"}).text
    assert (
        "Yes, withdrawn in release 3.0.0 of 1 December 2026. It was printed twice. Print instead: 161."
        in text
    )


def test_nothing_is_printed_instead_of_a_figure_that_ended_without_another(client):
    [standing] = client.get("/v1/standing", params={"cited": WITHDRAWN}).json()["data"]
    assert (standing["status"]["code"], standing["since"]) == ("ended", "3.0.0")
    assert (standing["print_instead"], standing["replaced_by"], standing["url"]) == (
        None,
        None,
        None,
    )
    text = client.get(
        f"/observations/{WITHDRAWN}", headers={"Accept": "text/html"}
    ).text
    assert (
        "Yes, withdrawn in release 3.0.0 of 1 December 2026. It names no country."
        in text
    )
    assert "Print instead" not in text


def test_the_page_of_changes_shows_what_was_revised_or_withdrawn(client):
    text = client.get("/changes?since=2.0.0", headers={"Accept": "text/html"}).text
    assert "The document says 1,493." in text
    assert "It was printed twice." in text


def test_an_ended_figure_keeps_its_place_in_feeds(client):
    """161 officers with criminal records: a figure of the vetting checks of the Met."""
    titles = {}
    for query in (f"id={ENDED}", "dataset=vetting-checks", "area=E23000001"):
        feed = ElementTree.fromstring(client.get(f"/changes.atom?{query}").content)
        for entry in feed.findall("{*}entry"):
            titles[query, entry.findtext("{*}title")] = entry.find("{*}link").get(
                "href"
            )
    [(title, link)] = [
        (one[1], link)
        for one, link in titles.items()
        if one[1].endswith("withdrawn in release 3.0.0")
    ]
    assert title.startswith("161: ")
    assert client.get(link, headers={"Accept": "text/html"}).status_code == 200
    counted = [
        one
        for one in titles
        if one[1].startswith("Release 3.0.0: ") and "1 withdrawn" in one[1]
    ]
    assert len(counted) == 2


@pytest.mark.parametrize("query", ["", f"id={ENDED},{CORRECTED}", "area=E23000001"])
def test_entries_of_a_feed_have_lasting_ids_and_times_that_are_not_to_come(
    client, query
):
    feed = ElementTree.fromstring(client.get(f"/v1/changes.atom?{query}").content)
    ids = [one.text for one in feed.findall(".//{*}id")]
    assert len({*ids}) == len(ids) > 1
    assert not [
        one for one in ids if "://" in one
    ]  # which would follow the address of this copy
    days = {
        one["number"]: one["day"] for one in client.get("/v1/releases").json()["data"]
    }
    for entry in feed.findall("{*}entry"):
        release = re.search(r"elease (\d+\.\d+\.\d+)", entry.findtext("{*}title"))[1]
        day, clock = entry.findtext("{*}updated").split("T")
        assert day == days[release]
        assert (
            clock < "00:01"
        )  # it came at some time of the day, and readers hide or redate what is of the future
    assert (
        client.get(f"/changes.atom?{query}").content
        == client.get(f"/v1/changes.atom?{query}").content
    )


def test_changes_show_each_field_before_and_after(client):
    rows = {
        row["id"]: row for row in client.get("/v1/changes?since=2.0.0").json()["data"]
    }
    assert {identity: row["action"] for identity, row in rows.items()} == {
        identity: change["action"] for identity, change in CHANGES.items()
    }
    assert rows[CORRECTED]["fields"] == [
        {"field": "value", "before": 1492, "after": 1493},
        {"field": "printed", "before": "1,492", "after": "1,493"},
    ]
    [measure] = rows[RECODED]["fields"]
    assert measure["before"]["code"] == "alleged"
    assert measure["after"]["code"] == "under_review"
    assert rows[ENDED]["replaced_by"] == INSTEAD


@pytest.mark.parametrize(
    ("query", "changed"),
    [
        ("area=E23000001", {ENDED, CORRECTED, RECODED, ADDED}),
        ("dataset=vetting-checks", {ENDED, RECODED}),
        ("area=E23000001&dataset=vetting-checks", {ENDED, RECODED}),
        ("dataset=allegations", {CORRECTED, RECODED}),
    ],
)
def test_a_figure_that_ended_is_among_the_changes_of_its_area_and_dataset(
    client, query, changed
):
    """No release after `since` has it: it is found by what it was."""
    rows = client.get(f"/v1/changes?since=2.0.0&{query}").json()["data"]
    assert {row["id"]: row["action"] for row in rows} == {
        one: CHANGES[one]["action"] for one in changed
    }
    page = client.get(
        f"/changes?since=2.0.0&{query}", headers={"Accept": "text/html"}
    ).text
    assert ("It was printed twice." in page) == (ENDED in changed)


@pytest.mark.parametrize(
    ("actions", "changed"),
    [
        ("revised", {CORRECTED}),
        ("ended", {ENDED, WITHDRAWN}),
        ("added,recoded", {ADDED, RECODED}),
    ],
)
def test_changes_are_chosen_by_what_was_done(client, actions, changed):
    answer = client.get(f"/v1/changes?since=2.0.0&action={actions}").json()
    assert {row["id"] for row in answer["data"]} == changed
    assert answer["meta"]["total"] == len(changed)


def test_an_action_that_there_is_not_leads_to_one_that_there_is(client):
    assert client.get("/v1/changes?action=revize").json()["did_you_mean"] == "revised"


def test_pages_of_changes_lead_to_each_other(client):
    first = client.get("/v1/changes?since=2.0.0&limit=3").json()
    second = client.get(first["links"]["next"]).json()
    assert (
        first["meta"]["total"],
        first["meta"]["returned"],
        second["meta"]["returned"],
    ) == (5, 3, 2)
    assert {row["id"] for row in first["data"] + second["data"]} == CHANGES.keys()
    assert second["links"]["next"] is None
