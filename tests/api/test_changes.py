"""What a release changed: added, revised, ended, removed; and the feed that says that there is one."""

from __future__ import annotations

import json
import time

import feedparser
import pytest

from tests.api.test_evidence import ASSESSED, TEN
from tests.registers import disagreement_reasons

SECOND = """
    id    | version | value | counting_unit | at
    bbbb2 | 1       | 10    | people        | char=0,2
    bbbb3 | 1       | 4     | cases         | char=1000,1001
    bbbb3 | 2       | 5     | people        | char=1000,1001
    bbbb4 | 1       | 5     | people        | char=2000,2001
    bbbb5 | 1       | 1     | people        | char=3000,3001
    bbbb6 | 1       | 3     | people        | char=4000,4001
"""
THIRD = "\n".join(line for line in SECOND.splitlines() if "bbbb6" not in line)


@pytest.fixture
def three_releases(publish):
    """The second release adds, revises and ends; the third removes."""
    publish(TEN, "1.0.0", "2024-05-01", files=ASSESSED)
    publish(SECOND, "2.0.0", "2024-06-01", ended=["bbbb5=Withdrawn by the paper;bbbb4"], reasons=["bbbb3=Misread"], files=ASSESSED)  # fmt: skip
    publish(THIRD, "3.0.0", "2024-07-01", removed=["bbbb6=By order of a court"], files=ASSESSED)


def changes(api, number: str):
    answer = api.get(f"/v1/releases/{number}/changes")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_a_revised_figure_is_shown_with_old_and_new_and_why_and_whom_it_affects(api, three_releases):
    assert changes(api, "2.0.0")["revised"] == [
        {
            "kind": "observation",
            "id": "bbbb3",
            "version": 2,
            "reason": "Misread",
            "replaced_by": None,
            "changes": [
                {"field": "counting_unit", "old": "cases", "new": "people"},
                {"field": "printed", "old": "4", "new": "5"},
                {"field": "value", "old": 4, "new": 5},
            ],
            "affects": ["datasets/allegations", "checks/all", "disagreements/how-many"],
        }
    ]


def test_what_ended_is_shown_with_why_and_what_stands_in_its_stead(api, three_releases):
    [ended] = changes(api, "2.0.0")["ended"]
    assert (ended["kind"], ended["id"], ended["version"]) == ("observation", "bbbb5", 1)
    assert (ended["reason"], ended["replaced_by"]) == ("Withdrawn by the paper", "bbbb4")
    assert ended["affects"] == ["datasets/allegations"]


def test_what_the_law_removed_is_named_with_the_reason_and_without_its_content(api, three_releases):
    assert changes(api, "3.0.0")["removed"] == [
        {
            "kind": "observation",
            "id": "bbbb6",
            "version": 1,
            "reason": "By order of a court",
            "replaced_by": None,
            "changes": [],
            "affects": [],
        }
    ]
    assert [one["kind"] for one in changes(api, "2.0.0")["added"]] == ["release"]  # and no longer bbbb6


def test_a_first_release_added_all_that_it_has(api, three_releases):
    found = changes(api, "1.0.0")
    assert (found["release"], found["previous"]) == ("1.0.0", None)
    assert [one["id"] for one in found["added"] if one["kind"] == "observation"] == ["bbbb2", "bbbb3", "bbbb4", "bbbb5"]
    kinds = {one["kind"] for one in found["added"]}
    assert kinds == {"observation", "source", "code", "dataset", "check", "disagreement", "release"}
    assert (found["revised"], found["ended"], found["removed"]) == ([], [], [])


def test_each_release_names_the_one_before_it_and_latest_is_the_last(api, three_releases):
    assert [changes(api, number)["previous"] for number in ("2.0.0", "3.0.0")] == ["1.0.0", "2.0.0"]
    assert changes(api, "latest") == changes(api, "3.0.0")


def test_new_wording_of_any_record_is_a_revision(api, publish):
    first, second = ({"id": "early", "version": n, "text": text} for n, text in ((1, "Soon."), (2, "Too soon.")))
    publish("id | value | caveats\n bbbb2 | 5 | early", "1.0.0", "2024-05-01", files={"caveats.yaml": json.dumps([first])})  # fmt: skip
    publish("id | value | caveats\n bbbb2 | 5 | early", "1.0.1", "2024-06-01", files={"caveats.yaml": json.dumps([first, second])}, reasons=["caveat/early=Clearer"])  # fmt: skip
    [revised] = changes(api, "1.0.1")["revised"]
    assert (revised["kind"], revised["id"], revised["version"], revised["reason"]) == ("caveat", "early", 2, "Clearer")
    assert revised["changes"] == [{"field": "text", "old": "Soon.", "new": "Too soon."}]


def test_an_ended_disagreement_is_told_with_the_figures_that_were_in_it(api, publish):
    publish(TEN, "1.0.0", "2024-05-01", files=ASSESSED)
    publish(TEN, "2.0.0", "2024-06-01", files=ASSESSED, ended=["disagreement/how-many=Settled", "check/all=Settled", "bbbb3=Withdrawn"])  # fmt: skip
    found = {one["id"]: (one["kind"], one["reason"], one["affects"]) for one in changes(api, "2.0.0")["ended"]}
    assert found == {
        "how-many": ("disagreement", "Settled", []),
        "all": ("check", "Settled", []),
        "bbbb3": ("observation", "Withdrawn", ["datasets/allegations", "checks/all", "disagreements/how-many"]),
    }
    assert api.get("/v1/disagreements/how-many").status_code == 404
    assert api.get("/v1/disagreements/how-many?release=1.0.0").status_code == 200


def test_a_version_whose_successor_the_law_removed_did_not_end(api, publish):
    publish("id | value\n bbbb2 | 5\n bbbb3 | 6", "1.0.0", "2024-05-01")
    rows = "id | version | value | at\n bbbb2 | 1 | 5 | char=0,1\n bbbb3 | 1 | 6 | char=1000,1001"
    publish(rows + "\n bbbb2 | 2 | 7 | char=0,1", "2.0.0", "2024-06-01")
    publish(rows, "3.0.0", "2024-07-01", removed=["bbbb2@2=A court"])
    assert changes(api, "2.0.0")["ended"] == []
    assert [(one["id"], one["version"]) for one in changes(api, "3.0.0")["removed"]] == [("bbbb2", 2)]
    assert api.get("/v1/observations/bbbb2?release=1.0.0").json()["data"]["value"] == 5
    for query in ("", "?release=2.0.0", "?release=3.0.0"):
        answer = api.get(f"/v1/observations/bbbb2{query}")
        assert (answer.status_code, answer.json()["code"]) == (410, "removed")


PROBLEMS = [
    ("/v1/releases/9.9.9/changes", 404, "unknown_release"),
    ("/v1/releases/1.1/changes", 404, "unknown_release"),
    ("/v1/releases/1.0.0/changes?limit=5", 422, "invalid_request"),
    ("/v1/releases/1.0.0/changes?release=1.0.0", 422, "invalid_request"),
]


def test_changes_that_cannot_be_told_are_a_precise_problem(api, publish):
    publish("id | value\n bbbb2 | 5")
    answers = [(address, api.get(address)) for address, *_ in PROBLEMS]
    assert [(address, answer.status_code, answer.json()["code"]) for address, answer in answers] == PROBLEMS


def test_changes_take_the_same_few_statements_however_many_there_are(served, publish):
    publish(TEN, "1.0.0", "2024-05-01", files=ASSESSED)
    many = "".join(f"\n bbb{letter}{digit} | {digit} | people" for letter in "cdf" for digit in "23456789")
    publish(TEN + many, "1.1.0", "2024-06-01", files=ASSESSED)
    for number, most in (("1.1.0", 5), ("1.0.0", 5)):
        changes(served.client, number)
        with served.statements() as seen:
            changes(served.client, number)
        assert len(seen) == most


# The feed


def test_a_feed_reader_finds_every_release_the_newest_first(api, three_releases):
    answer = api.get("/v1/releases.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.content)
    assert (feed.bozo, feed.version) == (False, "atom10")
    assert feed.feed.title == "Misconduct Register: releases"
    assert feed.feed.id == "http://localhost:8000/v1/releases"
    assert (feed.feed.updated, feed.feed.author) == ("2024-07-01T23:59:59Z", "Misconduct Register")
    assert [link.href for link in feed.feed.links if link.rel == "self"] == ["http://localhost:8000/v1/releases.atom"]
    assert [(entry.title, time.strftime("%Y-%m-%d", entry.updated_parsed)) for entry in feed.entries] == [
        ("Release 3.0.0", "2024-07-01"),
        ("Release 2.0.0", "2024-06-01"),
        ("Release 1.0.0", "2024-05-01"),
    ]


def test_an_entry_leads_to_its_release_and_its_changes_and_names_its_digest(api, three_releases):
    entry = feedparser.parse(api.get("/v1/releases.atom").content).entries[0]
    release = api.get("/v1/releases/3.0.0").json()["data"]
    assert entry.id == entry.link == release["cite_as"] == "http://localhost:8000/v1/releases/3.0.0"
    assert [link.href for link in entry.links] == [
        "http://localhost:8000/v1/releases/3.0.0",
        "http://localhost:8000/v1/releases/3.0.0/changes",
    ]
    assert entry.summary == f"A release. Digest: {release['digest']}"


def test_what_a_summary_says_cannot_break_the_feed(api, publish):
    publish("id | value\n bbbb2 | 5", summary='1 < 2 & "3" </summary><script> – é')
    [entry] = feedparser.parse(api.get("/v1/releases.atom").content, sanitize_html=False).entries
    assert entry.summary.startswith('1 < 2 & "3" </summary><script> – é Digest: ')


def test_the_ids_of_the_feed_stay_the_same_when_a_release_comes(api, publish):
    publish("id | value\n bbbb2 | 5", "1.0.0", "2024-05-01")
    before = feedparser.parse(api.get("/v1/releases.atom").content).entries
    publish("id | value\n bbbb2 | 5\n bbbb3 | 6", "1.1.0", "2024-06-01", files=disagreement_reasons())
    after = feedparser.parse(api.get("/v1/releases.atom").content).entries
    assert [entry.id for entry in after][1:] == [entry.id for entry in before]
