"""What a release changed: added, revised, ended, removed; and the feed that says that there is one."""

from __future__ import annotations

import asyncio
import csv
import gc
import io
import json
import time
import weakref
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import feedparser
import openpyxl
import polars
import psycopg
import pytest

from misconduct.api import release_watcher
from misconduct.api.v1 import changes as v1_changes
from misconduct.api.v1 import find_changes as writing
from misconduct.api.v1 import releases as v1_releases
from misconduct.model.records import Record
from misconduct.queries import changes as find_changes
from misconduct.queries import releases
from tests.api.test_evidence import ASSESSED, TEN
from tests.registers import _code_list, disagreement_reasons, observation_id

BASE = "http://localhost:8000"

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


def listed(api, address: str):
    answer = api.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


def changes(api, number: str, action: str):
    """What one release added, revised, ended or removed."""
    found = listed(api, f"/v1/releases/{number}/changes")["data"]
    assert {one["release"] for one in found} == {number}
    return [one for one in found if one["action"] == action]


def test_a_revised_figure_is_shown_with_old_and_new_and_why_and_whom_it_affects(api, three_releases):
    assert changes(api, "2.0.0", "revised") == [
        {
            "release": "2.0.0",
            "released": "2024-06-01",
            "recalled": None,
            "action": "revised",
            "kind": "observation",
            "id": "bbbb3",
            "version": 2,
            "subject": "E23000001: officers accused, any misconduct, 2022",
            "changes": [
                {"field": "counting_unit", "old": "cases", "new": "people"},
                {"field": "printed", "old": "4", "new": "5"},
                {"field": "value", "old": 4, "new": 5},
            ],
            "value_before": 4,
            "value_after": 5,
            "printed_before": "4",
            "printed_after": "5",
            "reason": "Misread",
            "replaced_by": None,
            "affects": ["datasets/allegations", "checks/all", "disagreements/how-many"],
            "cite_as": f"{BASE}/v1/observations/bbbb3?release=2.0.0",
            "page": f"{BASE}/observations/bbbb3",
        }
    ]


def test_keys_that_are_new_since_an_earlier_program_loaded_a_record_are_no_change(api, publish, database):
    [(name, text)] = disagreement_reasons().items()
    publish(TEN, "1.0.0", "2024-05-01", files=ASSESSED | {name: text})
    with psycopg.connect(database.owner) as owner:
        owner.execute("UPDATE records SET content = content - 'close' - 'narrower' WHERE kind = 'code'")
    text += text.splitlines()[-1].replace(",1,", ",2,").replace("The tests", "Others") + "\n"
    publish(
        TEN, "2.0.0", "2024-06-01", reasons=["code/disagreement_reason/unknown=Theirs"], files=ASSESSED | {name: text}
    )
    [revised] = changes(api, "2.0.0", "revised")
    assert revised["changes"] == [{"field": "defined_by", "old": "The tests", "new": "Others"}]


def test_what_ended_is_shown_with_why_and_what_stands_in_its_stead(api, three_releases):
    [ended] = changes(api, "2.0.0", "ended")
    assert (ended["kind"], ended["id"], ended["version"]) == ("observation", "bbbb5", 1)
    assert (ended["reason"], ended["replaced_by"]) == ("Withdrawn by the paper", "bbbb4")
    assert ended["affects"] == ["datasets/allegations"]
    assert (ended["value_before"], ended["value_after"]) == (1, None)
    assert ended["cite_as"] == f"{BASE}/v1/observations/bbbb5?release=1.0.0"  # the last release that has it
    assert api.get(ended["cite_as"].removeprefix(BASE)).json()["data"]["value"] == 1


def test_what_the_law_removed_is_named_with_the_reason_and_without_its_content(api, three_releases):
    [removed] = changes(api, "3.0.0", "removed")
    told = {"release", "released", "action", "kind", "id", "version", "reason"}
    assert {name: value for name, value in removed.items() if name in told} == {
        "release": "3.0.0",
        "released": "2024-07-01",
        "action": "removed",
        "kind": "observation",
        "id": "bbbb6",
        "version": 1,
        "reason": "By order of a court",
    }
    assert [value for name, value in removed.items() if name not in told and value] == []
    assert [one["kind"] for one in changes(api, "2.0.0", "added")] == ["release"]  # and no longer bbbb6


def test_a_first_release_added_all_that_it_has(api, three_releases):
    found = listed(api, "/v1/releases/1.0.0/changes")
    assert (found["meta"]["release"], found["meta"]["since"]) == ("1.0.0", None)
    assert [one["id"] for one in found["data"] if one["kind"] == "observation"] == ["bbbb2", "bbbb3", "bbbb4", "bbbb5"]
    kinds = {one["kind"] for one in found["data"]}
    assert kinds == {"observation", "source", "code", "dataset", "check", "disagreement", "release"}
    assert {one["action"] for one in found["data"]} == {"added"}
    assert (found["meta"]["total"], found["meta"]["returned"]) == (len(found["data"]),) * 2


def test_each_release_names_the_one_before_it_and_latest_is_the_last(api, three_releases):
    found = {number: listed(api, f"/v1/releases/{number}/changes") for number in ("2.0.0", "3.0.0", "latest")}
    assert [one["meta"]["since"] for one in found.values()] == ["1.0.0", "2.0.0", "2.0.0"]
    assert [one["meta"]["release"] for one in found.values()] == ["2.0.0", "3.0.0", "3.0.0"]
    assert found["latest"]["data"] == found["3.0.0"]["data"]
    assert found["latest"]["links"]["pinned"] == found["3.0.0"]["links"]["self"]


# Over several releases


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_changes_since_a_release_are_one_row_for_each_record_and_change(api, three_releases):
    rows = rows_of(api.get("/v1/changes.csv?since=1.0.0&kind=observation"))
    assert [(row["release"], row["id"], row["version"], row["action"]) for row in rows] == [
        ("3.0.0", "bbbb6", "1", "removed"),
        ("2.0.0", "bbbb3", "2", "revised"),
        ("2.0.0", "bbbb5", "1", "ended"),
    ]
    assert (rows[1]["changed"], rows[1]["value_before"], rows[1]["value_after"]) == ("counting_unit printed value", "4", "5")  # fmt: skip
    assert rows[1]["cite_as"] == "/v1/observations/bbbb3?release=2.0.0"
    assert list(rows[0]) == [
        "release", "released", "action", "kind", "id", "version", "subject", "changed", "value_before", "value_after",
        "reason", "replaced_by", "affects", "cite_as", "recalled",
    ]  # fmt: skip


def test_changes_are_the_same_in_every_format_and_up_to_any_release(api, three_releases):
    found = listed(api, "/v1/changes?since=1.0.0&release=2.0.0")
    assert (found["meta"]["release"], found["meta"]["since"]) == ("2.0.0", "1.0.0")
    assert found["data"] == listed(api, "/v1/releases/2.0.0/changes")["data"]
    address = "/v1/changes.{}?since=1.0.0&release=2.0.0"
    lines = [json.loads(line) for line in api.get(address.format("jsonl")).text.splitlines()]
    assert [{name: line[name] for name in line if name != "meta"} for line in lines] == found["data"]
    frame = polars.read_parquet(api.get(address.format("parquet")).content)
    assert frame["changed"].to_list()[0] == ["counting_unit", "printed", "value"]
    assert frame["id"].to_list() == [one["id"] for one in found["data"]]
    sheet = openpyxl.load_workbook(io.BytesIO(api.get(address.format("xlsx")).content)).worksheets[0]
    assert [cell.value for cell in sheet["E"]][1:] == [one["id"] for one in found["data"]]


def test_pages_of_changes_join_to_the_whole_in_each_format(api, three_releases):
    whole = [(one["release"], one["kind"], one["id"], one["action"]) for one in listed(api, "/v1/changes")["data"]]
    assert len(whole) == len(set(whole)) > 10
    for form in ("csv", "jsonl"):
        address, rows = f"/v1/changes.{form}?limit=4", []
        while address:
            answer = api.get(address)
            rows += rows_of(answer) if form == "csv" else map(json.loads, answer.text.splitlines())
            address = answer.links.get("next", {}).get("url", "").removeprefix(BASE)
        assert [(row["release"], row["kind"], row["id"], row["action"]) for row in rows] == whole


@pytest.mark.parametrize("named", ["3.0.0", "latest", "3", "3.x"])
def test_the_changes_of_a_release_have_a_next_page_however_it_is_named(api, three_releases, named):
    whole = [(one["id"], one["action"]) for one in listed(api, "/v1/releases/3.0.0/changes")["data"]]
    found, address = [], f"/v1/releases/{named}/changes?limit=1"
    while address:
        page = listed(api, address)
        found += [(one["id"], one["action"]) for one in page["data"]]
        address = (page["links"]["next"] or "").removeprefix(BASE)
    assert found == whole
    assert len(whole) > 1


def test_a_cursor_of_changes_is_for_them_alone(api, three_releases):
    cursor = listed(api, "/v1/changes?limit=2")["links"]["next"].partition("cursor=")[2].partition("&")[0]
    for other in ("changes?kind=code", "changes?since=1.0.0", "releases/3.0.0/changes?", "allegations/changes?"):
        answer = api.get(f"/v1/{other}&cursor={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor"), other


def test_the_changes_of_a_dataset_a_figure_and_a_disagreement(api, three_releases):
    def told(address: str) -> list[tuple[str, str, str]]:
        return [(one["release"], one["id"], one["action"]) for one in listed(api, f"/v1/{address}/changes")["data"]]

    assert told("observations/bbbb3") == [("2.0.0", "bbbb3", "revised"), ("1.0.0", "bbbb3", "added")]
    assert told("observations/bbbb5") == [("2.0.0", "bbbb5", "ended"), ("1.0.0", "bbbb5", "added")]
    assert told("disagreements/how-many") == [
        ("2.0.0", "bbbb3", "revised"),
        ("1.0.0", "bbbb2", "added"),
        ("1.0.0", "bbbb3", "added"),
        ("1.0.0", "how-many", "added"),
    ]
    assert ("1.0.0", "allegations", "added") in told("allegations")
    assert ("2.0.0", "bbbb5", "ended") in told("allegations")
    assert told("allegations")[0] == ("2.0.0", "bbbb3", "revised")
    assert api.get("/v1/observations/bbbb6/changes").status_code == 410
    assert api.get("/v1/observations/zzzzz/changes").status_code == 404
    assert api.get("/v1/nowhere/changes").status_code == 404


SINCE = ["9.9.9", "x"]


@pytest.mark.parametrize("since", SINCE)
def test_since_is_an_earlier_release(api, three_releases, since):
    answer = api.get(f"/v1/changes?since={since}")
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["parameter"], error["code"], error["allowed"]) == (
        "since",
        "unknown_release",
        ["1.0.0", "2.0.0", "3.0.0"],
    )
    assert api.get("/v1/changes?since=2.0.0&release=1.0.0").status_code == 422


@pytest.mark.parametrize("since", ["2.x", "2", "latest"])
def test_what_a_range_names_does_not_depend_on_later_releases(api, three_releases, since):
    """An answer that names its release is kept for ever."""
    answer = api.get(f"/v1/changes?since={since}&release=2.0.0")
    assert (answer.status_code, answer.json()["data"]) == (200, [])
    later = api.get(f"/v1/changes?since={since.replace('2', '3')}&release=3.0.0")
    assert (later.status_code, later.json()["data"]) == (200, [])


def test_since_the_release_that_one_has_nothing_changed_yet(api, three_releases):
    for since in ("3.0.0", "latest"):
        assert listed(api, f"/v1/changes?since={since}")["data"] == []


def test_new_wording_of_any_record_is_a_revision(api, publish):
    first, second = ({"id": "early", "version": n, "text": text} for n, text in ((1, "Soon."), (2, "Too soon.")))
    publish("id | value | caveats\n bbbb2 | 5 | early", "1.0.0", "2024-05-01", files={"caveats.yaml": json.dumps([first])})  # fmt: skip
    publish("id | value | caveats\n bbbb2 | 5 | early", "1.0.1", "2024-06-01", files={"caveats.yaml": json.dumps([first, second])}, reasons=["caveat/early=Clearer"])  # fmt: skip
    [revised] = changes(api, "1.0.1", "revised")
    assert (revised["kind"], revised["id"], revised["version"], revised["reason"]) == ("caveat", "early", 2, "Clearer")
    assert revised["changes"] == [{"field": "text", "old": "Soon.", "new": "Too soon."}]


def test_an_ended_disagreement_is_told_with_the_figures_that_were_in_it(api, publish):
    publish(TEN, "1.0.0", "2024-05-01", files=ASSESSED)
    publish(TEN, "2.0.0", "2024-06-01", files=ASSESSED, ended=["disagreement/how-many=Settled", "check/all=Settled", "bbbb3=Withdrawn"])  # fmt: skip
    found = {one["id"]: (one["kind"], one["reason"], one["affects"]) for one in changes(api, "2.0.0", "ended")}
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
    assert changes(api, "2.0.0", "ended") == []
    assert [(one["id"], one["version"]) for one in changes(api, "3.0.0", "removed")] == [("bbbb2", 2)]
    assert api.get("/v1/observations/bbbb2?release=1.0.0").json()["data"]["value"] == 5
    for query in ("", "?release=2.0.0", "?release=3.0.0"):
        answer = api.get(f"/v1/observations/bbbb2{query}")
        assert (answer.status_code, answer.json()["code"]) == (410, "removed")


def test_of_a_removed_version_nothing_is_told_also_not_of_the_one_before_it(api, publish):
    """The code of that one may have ended by the release that removed the next one."""
    lists = {"codelists/category.csv": _code_list(("any_misconduct", "racism"))}
    head = "id | version | category | value | at\n bbbb3 | 1 | any_misconduct | 6 | char=1000,1001"
    first, second = "\n bbbb2 | 1 | racism | 5 | char=0,1", "\n bbbb2 | 2 | any_misconduct | 7 | char=0,1"
    publish(head + first, "1.0.0", "2024-05-01", files=lists)
    publish(head + first + second, "2.0.0", "2024-06-01", files=lists)
    publish(head + first + second, "3.0.0", "2024-07-01", files=lists, ended=["code/category/racism=No longer used"])
    publish(head + first, "4.0.0", "2024-08-01", files=lists, removed=["bbbb2@2=A court"])
    [removed] = [one for one in listed(api, "/v1/changes")["data"] if one["action"] == "removed"]
    assert removed == changes(api, "4.0.0", "removed")[0]
    assert (removed["id"], removed["changes"], removed["subject"]) == ("bbbb2", [], None)
    for suffix in (".csv", ".atom"):
        assert api.get(f"/v1/changes{suffix}").status_code == 200


PROBLEMS = [
    ("/v1/releases/9.9.9/changes", 404, "unknown_release"),
    ("/v1/releases/1.1/changes", 404, "unknown_release"),
    ("/v1/releases/1.0.0/changes?limit=0", 422, "invalid_request"),
    ("/v1/releases/1.0.0/changes?release=1.0.0", 422, "invalid_request"),
    ("/v1/changes?action=deleted", 422, "invalid_request"),
    ("/v1/changes?kind=figure", 422, "invalid_request"),
]


def test_changes_that_cannot_be_told_are_a_precise_problem(api, publish):
    publish("id | value\n bbbb2 | 5")
    answers = [(address, api.get(address)) for address, *_ in PROBLEMS]
    assert [(address, answer.status_code, answer.json()["code"]) for address, answer in answers] == PROBLEMS


def test_changes_take_the_same_few_statements_however_many_there_are(served, publish):
    publish(TEN, "1.0.0", "2024-05-01", files=ASSESSED)
    many = "".join(f"\n bbb{letter}{digit} | {digit} | people" for letter in "cdf" for digit in "23456789")
    publish(TEN + many, "1.1.0", "2024-06-01", files=ASSESSED)
    for number, most in (("1.1.0", 3), ("1.0.0", 3)):
        listed(served.client, f"/v1/releases/{number}/changes")
        with served.statements() as seen:
            listed(served.client, f"/v1/releases/{number}/changes?limit=50")
        assert len(seen) == most


def test_the_changes_of_many_releases_wait_for_their_turn(served, publish, monkeypatch):
    for number in (1, 2, 3):
        rows = "".join(f"bbbb{letter} | 7\n" for letter in "bcdf"[: number + 1])
        publish(f"id | value\n{rows}", f"{number}.0.0", f"2024-05-{number:02}")
    for module in (v1_changes, v1_releases):
        monkeypatch.setattr(module, "CATALOGUES_KEPT", 2)
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    assert {one["release"] for one in listed(served.client, "/v1/changes?since=1.0.0")["data"]} == {"2.0.0", "3.0.0"}
    for path in ("/v1/changes", "/v1/releases.atom"):
        refused = served.client.get(path)
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert served.client.get("/v1/releases").status_code == 200
    monkeypatch.undo()
    assert served.client.get("/v1/releases.atom").status_code == 200
    assert {one["release"] for one in listed(served.client, "/v1/changes")["data"]} == {"1.0.0", "2.0.0", "3.0.0"}


def test_many_changes_are_put_together_in_a_thread(served, publish, monkeypatch):
    publish("id | value\n bbbbb | 7\n bbbbc | 8", "1.0.0")
    loops, change = [], find_changes._change

    def note(*given: Any) -> Any:
        loops.append(asyncio._get_running_loop())
        return change(*given)

    monkeypatch.setattr(find_changes, "_change", note)
    monkeypatch.setattr(find_changes, "KEYS_AT_ONCE", 2)
    few = listed(served.client, "/v1/changes?kind=observation")
    assert [one is None for one in loops] == [False, False]
    many = listed(served.client, "/v1/changes")
    assert {*loops[2:]} == {None}
    assert len(loops) == 2 + len(many["data"])
    assert many["data"][:2] == few["data"]


def test_changes_of_long_lists_count_as_an_export(served, publish, monkeypatch):
    relation = {"id": "parts", "version": 1, "type": "part_of", "figures": ["bbbbb"], "of": "bbbbd"}
    both = [relation, relation | {"version": 2, "figures": ["bbbbb", "bbbbc"]}]
    table = "category | value\na | 1\nb | 2\nall | 9"
    for number, some in (("1.0.0", both[:1]), ("1.1.0", both)):
        publish(table, number, f"2024-05-0{len(some)}", files={"relations.yaml": json.dumps(some)})
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    told = listed(served.client, "/v1/releases/1.1.0/changes?kind=relation")
    assert [one["field"] for one in told["data"][0]["changes"]] == ["figures"]
    monkeypatch.setattr(writing, "ITEMS_OF_ONE", 1 / 500)  # three figures before and after
    refused = served.client.get("/v1/releases/1.1.0/changes")
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    monkeypatch.undo()
    assert "relation" in {one["kind"] for one in listed(served.client, "/v1/releases/1.1.0/changes")["data"]}


def test_of_records_that_were_not_revised_only_what_names_them_is_read(served, publish, monkeypatch):
    caveats = [{"id": "so", "version": 1, "text": "A caveat."}, {"id": "so", "version": 2, "text": "Another."}]
    table = "value | caveats\n5 | so"
    publish(table, "1.0.0", "2024-05-01", files={"caveats.yaml": json.dumps(caveats[:1])})
    read, content = [], find_changes._content

    def note(row: Any) -> Any:
        if hasattr(row, "content"):
            read.append((row.kind, row.id, row.version, {key for key, value in row.content.items() if value}))
        return content(row)

    monkeypatch.setattr(find_changes, "_content", note)
    told = listed(served.client, "/v1/changes")["data"]
    assert {one["subject"] for one in told} >= {"Paper", "Force", "Allegations", "A release."}
    assert set().union(*(keys for *_, keys in read)) <= {"title", "label", "question", "summary"}
    publish(table, "2.0.0", "2024-05-02", files={"caveats.yaml": json.dumps(caveats)})
    read.clear()
    [one] = listed(served.client, "/v1/changes?since=1.0.0&kind=caveat")["data"]
    assert one["changes"] == [{"field": "text", "old": "A caveat.", "new": "Another."}]


def test_the_records_of_a_release_are_put_together_in_a_thread(served, publish, monkeypatch):
    loops, read, make = [], releases.read_counts, Record._make

    def note(make: Callable[[Any], Any], rows: Any) -> Any:
        loops.append(asyncio._get_running_loop())
        return make(rows)

    monkeypatch.setattr(releases, "read_counts", partial(note, read))
    monkeypatch.setattr(Record, "_make", partial(note, make))
    publish("id | value\nbbbbb | 7", "1.0.0")
    assert len(loops) > 1
    assert {*loops} == {None}


def test_the_changes_of_many_releases_need_few_catalogues_at_a_time(served, publish, monkeypatch):
    monkeypatch.setattr(release_watcher, "CATALOGUES_KEPT", 1)
    rows = "id | value\n"
    for number, letter in enumerate("bcdfghjk"):
        rows += f"bbbb{letter} | {number}\n"
        publish(rows, f"1.{number}.0", f"2024-05-{number + 1:02}")
    read, living, most = releases.read_catalogue, weakref.WeakValueDictionary(), [0]

    async def count(*args, **named):
        gc.collect()
        most[0] = max(most[0], len(living))
        found = living[args[1].number] = await read(*args, **named)
        return found

    monkeypatch.setattr(releases, "read_catalogue", count)
    found = listed(served.client, "/v1/changes?kind=observation")
    assert [one["release"] for one in found["data"]] == [f"1.{number}.0" for number in range(7, -1, -1)]
    assert 1 <= most[0] <= 3


# The feed


def test_a_feed_reader_finds_every_release_the_newest_first(api, three_releases):
    answer = api.get("/v1/releases.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.content)
    assert (feed.bozo, feed.version) == (False, "atom10")
    assert feed.feed.title == "Misconduct Register: releases"
    assert feed.feed.id == "http://localhost:8000/v1/releases"
    assert (feed.feed.updated, feed.feed.author) == ("2024-07-01T00:00:03Z", "Misconduct Register")
    assert [link.href for link in feed.feed.links if link.rel == "self"] == ["http://localhost:8000/v1/releases.atom"]
    subject = "E23000001: officers accused, any misconduct"
    assert [(entry.title, time.strftime("%Y-%m-%d", entry.updated_parsed)) for entry in feed.entries] == [
        ("Release 3.0.0", "2024-07-01"),
        (f"Release 2.0.0 – {subject}, 2022 and 1 more", "2024-06-01"),
        (f"Release 1.0.0 – {subject}, 2022 and 3 more", "2024-05-01"),
    ]


def test_an_entry_leads_to_its_release_and_its_changes_and_names_its_digest(api, three_releases):
    entry = feedparser.parse(api.get("/v1/releases.atom").content).entries[0]
    release = api.get("/v1/releases/3.0.0").json()["data"]
    assert entry.id == release["cite_as"] == f"{BASE}/v1/releases/3.0.0"
    assert [(link.href, link.type) for link in entry.links] == [(f"{BASE}/releases/3.0.0/changes", "text/html")]
    assert entry.summary == "A release."
    assert f"<p>Digest: {release['digest']}</p>" in entry.content[0].value
    assert api.get("/releases/3.0.0/changes").status_code == 200


def test_an_entry_of_a_release_names_the_figures_that_it_changed(api, three_releases):
    entry = feedparser.parse(api.get("/v1/releases.atom").content).entries[1]
    [content], subject = entry.content, "E23000001: officers accused, any misconduct, 2022"
    assert content.type == "text/html"
    assert f'<a href="{BASE}/observations/bbbb3">Revised: {subject}: 4, now 5; changed: counting unit.' in content.value
    assert f'<a href="{BASE}/observations/bbbb5">Ended: ' in content.value


def test_a_feed_has_figures_as_they_are_printed(api, publish):
    table = """
        id    | version | value | printed  | qualifier  | hedge  | unit    | statistic | value_absent
        bbbb2 | 1       | 42    | 42%      | exact      |        | percent | share     |
        bbbb3 | 1       | 1000  | 1,000    | just_under | nearly | count   | count     |
        bbbb4 | 1       | 116   | 116      | exact      |        | count   | count     |
    """
    publish(table, "1.0.0", "2024-05-01")
    gone = "    bbbb4 | 2       |       | hundreds | magnitude  |        | count   | count     | magnitude_only"
    publish(f"{table}{gone}", "2.0.0", "2024-06-01", reasons=["bbbb4=Misread"])
    second, first = (entry.content[0].value for entry in read_feed(api, "/v1/changes.atom").entries)
    assert [words in first for words in (": 42%.", ": nearly 1,000.", ": 116.")] == [True] * 3
    assert ": 116, now hundreds; changed: " in second


def test_a_long_release_tells_how_many_figures_it_does_not_list(api, publish):
    publish("\n".join(["id | value", *(f"{observation_id(number)} | {number}" for number in range(30))]))
    [entry] = feedparser.parse(api.get("/v1/releases.atom").content).entries
    assert (entry.content[0].value.count("<a "), entry.title.endswith(" and 29 more")) == (20, True)
    assert "<li>10 more figures</li>" in entry.content[0].value


def test_releases_of_one_day_have_an_order_and_none_is_in_the_future(api, publish):
    today = datetime.now(UTC).date().isoformat()
    publish("id | value\n bbbb2 | 5", "1.0.0", today)
    publish("id | value\n bbbb2 | 5\n bbbb3 | 6", "1.1.0", today)
    for feed in ("/v1/releases.atom", "/v1/changes.atom"):
        found = read_feed(api, feed)
        times = [entry.updated_parsed for entry in found.entries]
        assert times[0] > times[1]
        assert found.feed.updated_parsed == times[0] <= time.gmtime()


def test_what_a_summary_says_cannot_break_the_feed(api, publish):
    publish("id | value\n bbbb2 | 5", summary='1 < 2 & "3" </summary><script> – é')
    [entry] = feedparser.parse(api.get("/v1/releases.atom").content, sanitize_html=False).entries
    assert entry.summary == '1 < 2 & "3" </summary><script> – é'
    assert "<p>1 &lt; 2 &amp; &quot;3&quot; &lt;/summary&gt;&lt;script&gt; – é</p>" in entry.content[0].value


def test_the_ids_of_the_feed_stay_the_same_when_a_release_comes(api, publish):
    publish("id | value\n bbbb2 | 5", "1.0.0", "2024-05-01")
    before = feedparser.parse(api.get("/v1/releases.atom").content).entries
    publish("id | value\n bbbb2 | 5\n bbbb3 | 6", "1.1.0", "2024-06-01", files=disagreement_reasons())
    after = feedparser.parse(api.get("/v1/releases.atom").content).entries
    assert [entry.id for entry in after][1:] == [entry.id for entry in before]


def read_feed(api, address: str):
    answer = api.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/atom+xml"), answer.text
    feed = feedparser.parse(answer.content)
    assert (feed.bozo, feed.version) == (False, "atom10")
    return feed


def test_a_feed_of_a_figure_says_what_each_release_did_to_it(api, three_releases):
    feed = read_feed(api, "/v1/observations/bbbb3/changes.atom")
    assert feed.feed.title == "Misconduct Register: changes to “5”: E23000001: officers accused, any misconduct, 2022"
    assert feed.feed.id == f"{BASE}/v1/observations/bbbb3/changes"
    assert feed.feed.link == f"{BASE}/observations/bbbb3"
    subject = "E23000001: officers accused, any misconduct, 2022"
    assert [(entry.id, entry.title, entry.updated) for entry in feed.entries] == [
        (f"{feed.feed.id}#2.0.0", f"Release 2.0.0: 1 revised – {subject}", "2024-06-01T00:00:02Z"),
        (
            f"{feed.feed.id}#1.0.0",
            f"Release 1.0.0: 1 added – {subject.replace(', 2022', ', cases counted, 2022')}",
            "2024-05-01T00:00:01Z",
        ),
    ]
    [content] = feed.entries[0].content
    sentence = f"Revised: {subject}: 4, now 5; changed: counting unit. Reason: Misread."
    assert content.type == "text/html"
    assert content.value == f'<ul><li><a href="{BASE}/observations/bbbb3">{sentence}</a></li></ul>'


def test_feeds_of_datasets_and_disagreements_name_the_figures_changed(api, three_releases):
    for address, page in (("allegations", "datasets/allegations"), ("disagreements/how-many",) * 2):
        feed = read_feed(api, f"/v1/{address}/changes.atom")
        assert feed.feed.link == f"{BASE}/{page}"
        assert "/observations/bbbb3" in feed.entries[0].content[0].value
        assert api.get(feed.feed.link.removeprefix(BASE)).status_code == 200
    everything = read_feed(api, "/v1/changes.atom")
    assert [entry.title for entry in everything.entries][:2] == [
        "Release 3.0.0: 1 added, 1 removed",
        "Release 2.0.0: 1 added, 1 revised, 1 ended – E23000001: officers accused, any misconduct, 2022 and 1 more",
    ]
    assert everything.entries[0].link == f"{BASE}/releases/3.0.0/changes"
    assert "By order of a court" in everything.entries[0].content[0].value


def test_a_feed_with_a_part_of_what_a_release_changed_says_so(api, three_releases):
    first = read_feed(api, "/v1/changes.atom?limit=3")
    assert [entry.title.partition(":")[0] for entry in first.entries] == [
        "Release 3.0.0",
        "Release 2.0.0 (part of its changes)",
    ]
    [more] = [link.href for link in first.feed.links if link.rel == "next"]
    rest = read_feed(api, more.removeprefix(BASE))
    assert rest.entries[0].title.startswith("Release 2.0.0 (part of its changes): ")


def test_a_feed_is_asked_for_by_its_media_type_and_may_be_empty(api, three_releases):
    answer = api.get("/v1/changes", headers={"Accept": "application/atom+xml"})
    assert feedparser.parse(answer.content).feed.id == f"{BASE}/v1/changes"
    feed = read_feed(api, "/v1/changes.atom?kind=chart")
    assert (feed.entries, feed.feed.updated) == ([], "2024-07-01T00:00:03Z")


def test_a_reason_cannot_break_the_content_of_a_feed(api, publish):
    publish("id | value\n bbbb2 | 5", "1.0.0", "2024-05-01")
    rows = "id | version | value | at\n bbbb2 | 1 | 5 | char=0,1\n bbbb2 | 2 | 6 | char=0,1"
    publish(rows, "2.0.0", "2024-06-01", reasons=["bbbb2=1 < 2 & <script>alert(1)</script>"])
    content = read_feed(api, "/v1/observations/bbbb2/changes.atom").entries[0].content[0].value
    raw = api.get("/v1/observations/bbbb2/changes.atom").text
    assert "<script" not in raw
    assert "&amp;lt;script&amp;gt;" in raw
    assert "1 &lt; 2 &amp; " in content


def test_a_figure_in_another_place_is_moved_and_not_revised(api, publish):
    first = "id | version | value | at\n bbbb2 | 1 | 5 | cell=2,1\n bbbb3 | 1 | 6 | cell=3,1"
    publish(first, "1.0.0", "2024-05-01")
    second = f"{first}\n bbbb2 | 2 | 7 | cell=3,1\n bbbb3 | 2 | 6 | cell=4,1"
    publish(second, "1.1.0", "2024-06-01", reasons=["bbbb2=The second edition", "bbbb3=The second edition"])
    publish(f"{second}\n bbbb2 | 3 | 7 | cell=9,1", "1.1.1", "2024-07-01", reasons=["bbbb2=The third edition"])
    assert [(one["id"], one["value_after"]) for one in changes(api, "1.1.0", "revised")] == [("bbbb2", 7)]
    [moved] = changes(api, "1.1.0", "moved")
    assert (moved["id"], moved["changes"]) == ("bbbb3", [{"field": "at", "old": "cell=3,1", "new": "cell=4,1"}])
    assert (moved["reason"], changes(api, "1.1.1", "revised")) == ("The second edition", [])
    found = listed(api, "/v1/changes?action=moved&since=1.0.0&kind=observation")["data"]
    assert [(one["id"], one["version"]) for one in found] == [("bbbb2", 3), ("bbbb3", 2)]
    page = api.get("/releases/1.1.0/changes").text
    assert "Moved (1)" in page
    assert "Moved: " in api.get("/v1/observations/bbbb3/changes.atom").text
    stands = listed(api, "/v1/observations/bbbb2/standing?value=5")["data"]
    assert (stands["status"], stands["reason"]) == ("revised", "The second edition")
    assert "Since release 1.1.0 the figure is “7”." in stands["explanation"]
    assert listed(api, "/v1/observations/bbbb3/standing?value=6")["data"]["reason"] is None
    pinned = api.get("/observations/bbbb3?release=1.0.0").text
    assert "Still 6</strong>, in another place of the source (release 1.1.0)" in pinned
    assert "Release 1.1.0 found it in another place" in pinned


def test_a_release_of_very_many_figures_lists_all_its_changes(api, publish):
    rows = "\n".join(f"{observation_id(number)} | {number}" for number in range(9_000))
    publish(f"id | value\n{rows}", "1.0.0")
    lines = api.get("/v1/changes.csv?kind=observation").text.splitlines()
    assert len(lines) == 9_001


def test_a_figure_that_left_a_dataset_is_told_to_who_follows_it(real):
    """In 2.0.0 two figures of 700 became officers to be removed: before, they were counted as reassessed."""
    asked = "changes?since=1.2.0&release=2.0.0&kind=observation"
    for dataset in ("case-reviews", "vetting-checks"):
        rows = real.client.get(f"/v1/{dataset}/{asked}").json()["data"]
        left = {one["id"]: (one["action"], one["version"]) for one in rows if one["id"] in ("h6xgz", "nzzhq")}
        assert left == {"h6xgz": ("revised", 2), "nzzhq": ("revised", 2)}
        assert "nzzhq" in real.client.get(f"/v1/{dataset}/changes.atom?since=1.2.0&release=2.0.0").text
    [one] = [one for one in real.client.get(f"/v1/{asked}").json()["data"] if one["id"] == "nzzhq"]
    assert {"datasets/case-reviews", "datasets/vetting-checks"} < {*one["affects"]}
