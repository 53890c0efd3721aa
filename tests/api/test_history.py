"""A register that goes on: a release that ends a figure, corrects one, gives one other codes, and adds one.

The releases before it are those of the small register, of which the first is no longer loaded.
"""

import re
from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from misconduct.releases.folder import read_release
from misconduct_editor.releases.derive import derive
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import SMALL
from ..register import copy_releases

ENDED, INSTEAD, WITHDRAWN = (
    "d5fcj",
    "ttp6c",
    "tqsf3",
)  # INSTEAD takes the place of the first, nothing of the other
CORRECTED, RECODED, ADDED = "k7m3q", "gb7nr", "bcdfg"
YOUNG, LOST = "ccfpx", "cxq3n"  # that release 1.1.0 added; whose document leaves, too
LEAVES = "belfast-telegraph-psni-since-2013"
REVISED = "rpg77"  # in release 1.1.0, from 16 to 17
CHANGES = {
    ENDED: {
        "action": "ended",
        "reason": "It was printed twice.",
        "replaced_by": INSTEAD,
    },
    WITHDRAWN: {"action": "ended", "reason": "It names no country.", "replaced_by": ""},
    YOUNG: {"action": "ended", "reason": "It is no figure.", "replaced_by": ""},
    LOST: {"action": "ended", "reason": "Its page is gone.", "replaced_by": ""},
    CORRECTED: {
        "action": "revised",
        "reason": "The document says 1,493.",
        "replaced_by": "",
    },
    RECODED: {"action": "recoded", "reason": "", "replaced_by": ""},
    ADDED: {"action": "added", "reason": "", "replaced_by": ""},
}
PAGE = {"Accept": "text/html"}
TYPES = {
    one: change["action"].replace("ended", "withdrawn")
    for one, change in CHANGES.items()
}
ENDS = {one for one, change in CHANGES.items() if change["action"] == "ended"}


@pytest.fixture(scope="module")
def client(serve, tmp_path_factory):
    """A client of a service whose newest release is 3.0.0, after those of the small register."""
    data = tmp_path_factory.mktemp("history") / "data"
    before = read_release(SMALL / "releases/2.0.0")
    rows = {row["id"]: row for row in before.figures}
    rows[CORRECTED] = rows[CORRECTED] | {"value": Decimal(1493), "printed": "1,493"}
    rows[RECODED] = rows[RECODED] | {"measure": "under_review"}
    rows[ADDED] = rows[INSTEAD] | {"id": ADDED, "repeats": None}
    for identity in ENDS:
        del rows[identity]
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
    records["disagreement"] = {  # those that name the ended figure end with it
        name: one
        for name, one in records["disagreement"].items()
        if ENDED not in str(one)
    }
    for name, dataset in records["dataset"].items():
        remaining = [one for one in dataset.get("figures", ()) if one in rows]
        records["dataset"][name] = dataset | {"figures": remaining}
    del records["source"][LEAVES]
    after = replace(
        before, figures=list(rows.values()), records=records, changes=changes, **about
    )
    copy_releases(SMALL, data)
    release, _ = derive(before, after)
    add_to_list(data, write_release(data / "releases/3.0.0", release))
    return serve(data).client


def test_an_ended_figure_is_shown_as_it_last_was(client):
    answer = client.get(f"/v1/figures/{ENDED}")
    figure = answer.json()["data"]
    assert (answer.status_code, figure["printed"]) == (200, "161")
    assert figure["cite_as"].endswith(f"/figures/{ENDED}?release=2.0.0")
    standing = figure["standing"]
    assert (standing["status"], standing["since"]) == ("withdrawn", "3.0.0")
    assert (standing["reason"], standing["replaced_by"]) == (
        "It was printed twice.",
        INSTEAD,
    )
    assert standing["print_instead"] == "161"  # of the figure that takes its place
    assert (
        client.get(f"/v1/figures/{ENDED}?release=2.0.0").json()["data"]["standing"]
        == standing
    )


def test_a_figure_that_is_younger_than_the_release_is_not_there(client):
    answer = client.get(f"/v1/figures/{ADDED}?release=2.0.0")
    assert answer.status_code == 404
    assert "3.0.0" in answer.json()["detail"]
    assert client.get(f"/v1/figures/{ADDED}").status_code == 200


def test_standing_names_what_to_print_instead(client):
    cited = f"{CORRECTED}:1,492,{CORRECTED}:1493,{CORRECTED}:931,{RECODED}:1131,{ENDED}"
    rows = client.get("/v1/standing", params={"id": cited}).json()["data"]
    found = [
        (row["given"], row["status"], row["print_instead"], row["since"])
        for row in rows
    ]
    assert found == [
        ("1,492", "revised", "1,493", "3.0.0"),
        ("1493", "unchanged", None, "3.0.0"),
        ("931", "never", None, None),
        ("1131", "unchanged", None, "1.0.0"),
        (None, "withdrawn", "161", "3.0.0"),
    ]
    assert rows[0]["changed"] == ["value", "printed"]
    assert rows[0]["reason"] == "The document says 1,493."


def test_a_pinned_answer_leads_to_the_newest(client):
    answer = client.get(f"/v1/figures/{CORRECTED}?release=2.0.0")
    assert answer.json()["data"]["printed"] == "1,492"
    assert answer.json()["data"]["standing"]["status"] == "revised"
    latest = answer.json()["links"]["latest_version"]
    assert answer.links["latest-version"]["url"] == latest
    newest = client.get(latest)
    assert "latest-version" not in newest.links
    assert newest.json()["links"]["latest_version"] is None


def test_a_former_number_names_the_last_release_that_had_it(client):
    missing = client.get("/v1/search?q=1492").json()["missing"]
    first = missing[0]["nearest"][0]
    assert (first["id"], first["shown"]) == (CORRECTED, "1,493")
    assert "1,492" in first["why"]
    assert "2.0.0" in first["why"]


def test_the_page_of_an_ended_figure_says_what_to_print_instead(client):
    text = client.get(f"/figures/{ENDED}", headers=PAGE).text
    assert "since release 3.0.0 of 1 December 2026. It was printed twice." in text
    assert "Print instead: 161." in text


def test_nothing_is_printed_instead_of_a_figure_that_ended_without_another(client):
    [standing] = client.get("/v1/standing", params={"id": WITHDRAWN}).json()["data"]
    assert (standing["status"], standing["since"]) == ("withdrawn", "3.0.0")
    assert (standing["print_instead"], standing["replaced_by"], standing["url"]) == (
        None,
        None,
        None,
    )
    text = client.get(f"/figures/{WITHDRAWN}", headers=PAGE).text
    assert "since release 3.0.0 of 1 December 2026. It names no country." in text
    assert "Print instead" not in text


def test_the_page_of_releases_shows_what_was_revised_or_withdrawn(client):
    text = client.get("/releases", headers=PAGE).text
    assert "The document says 1,493." in text
    assert "It was printed twice." in text


@pytest.mark.parametrize("query", [f"id={ENDED}", "topic=vetting", "type=withdrawn"])
def test_an_ended_figure_keeps_its_place_in_feeds(client, query):
    """161 officers with criminal records: a figure of the vetting checks of the Met."""
    feed = ElementTree.fromstring(client.get(f"/changes.atom?{query}").content)
    newest = feed.find("{*}entry")
    assert newest.findtext("{*}title").startswith("Release 3.0.0: ")
    assert "161: " in newest.findtext("{*}summary")
    link = newest.find("{*}link").get("href")
    assert client.get(link, headers=PAGE).status_code == 200


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
    assert {identity: row["type"] for identity, row in rows.items()} == TYPES
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
        ("topic=vetting", {ENDED, RECODED, ADDED}),
        ("area=E23000001&topic=vetting", {ENDED, RECODED, ADDED}),
        ("topic=allegations", {CORRECTED}),
        ("type=revised", {CORRECTED}),
        ("type=withdrawn", ENDS),
        ("type=added,recoded", {ADDED, RECODED}),
    ],
)
def test_a_figure_that_ended_is_among_the_changes_of_its_area_and_topic(
    client, query, changed
):
    """No release after `since` has it: it is found by what it was."""
    rows = client.get(f"/v1/changes?since=2.0.0&{query}").json()["data"]
    assert {row["id"]: row["type"] for row in rows} == {
        one: TYPES[one] for one in changed
    }


def test_a_type_that_there_is_not_leads_to_one_that_there_is(client):
    [fault] = client.get("/v1/changes?type=revize").json()["errors"]
    assert fault["did_you_mean"] == ["revised"]


@pytest.mark.parametrize(
    ("since", "first"), [("2026-11-24", "1.1.0"), ("2026-11-25", "2.0.0")]
)
def test_changes_since_a_day_begin_with_the_releases_of_that_day(client, since, first):
    rows = client.get(f"/v1/changes?since={since}&limit=1000").json()["data"]
    assert rows[0]["release"] == first


def test_pages_of_changes_lead_to_each_other(client):
    first = client.get("/v1/changes?since=2.0.0&limit=4").json()
    second = client.get(first["links"]["next"]).json()
    assert (
        first["meta"]["total"],
        first["meta"]["returned"],
        second["meta"]["returned"],
    ) == (7, 4, 3)
    assert {row["id"] for row in first["data"] + second["data"]} == CHANGES.keys()
    assert second["links"]["next"] is None


@pytest.mark.parametrize(
    ("identity", "release", "printed", "document"),
    [
        (REVISED, "1.0.0", "16", "time series 2004/05 to 2018/19"),
        (REVISED, "1.1.0", "17", "time series 2004/05 to 2019/20"),
        (YOUNG, "1.1.0", "415", "Garda Síochána"),
        (LOST, "1.0.0", "36", "Belfast Telegraph"),
        (LOST, "2.0.0", "36", "Belfast Telegraph"),
    ],
)
def test_a_figure_is_told_as_it_was_in_any_release(
    client, identity, release, printed, document
):
    """Of the first two releases nothing is in the tables."""
    address = f"/v1/figures/{identity}"
    query = f"?release={release}"
    answer = client.get(f"{address}{query}").raise_for_status().json()
    about = client.get(f"/v1/releases/{release}").json()["data"]
    assert answer["data"]["printed"] == printed
    assert answer["meta"]["release"] == release
    assert answer["meta"]["digest"] == about["digest"]
    assert document in str(answer["data"]["evidence"].values())
    cited = client.get(f"{address}.bib{query}").raise_for_status().text
    assert f"{printed}: " in cited
    assert document in cited
    picture = client.get(f"{address}.svg{query}").raise_for_status().text
    assert re.search(rf">{printed}[*]?<", picture)
    page = client.get(f"/figures/{identity}{query}", headers=PAGE)
    assert f"{printed}: " in page.raise_for_status().text


def test_changes_up_to_a_release_that_is_no_longer_in_the_tables_are_known(client):
    answer = client.get("/v1/changes?release=1.1.0&limit=1000")
    rows = answer.raise_for_status().json()["data"]
    assert {row["release"] for row in rows} == {"1.1.0"}
    assert REVISED in {row["id"] for row in rows}


@pytest.mark.parametrize("query", ["area=ie", "topic=cases"])
def test_a_figure_that_was_added_and_ended_is_among_both_changes(client, query):
    rows = client.get(f"/v1/changes?{query}&limit=1000").json()["data"]
    changes = [(row["release"], row["type"]) for row in rows if row["id"] == YOUNG]
    assert changes == [("1.1.0", "added"), ("3.0.0", "withdrawn")]
