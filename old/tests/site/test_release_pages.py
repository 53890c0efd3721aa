"""Releases as pages: to cite, to check, and what changed between two."""

from __future__ import annotations

import hashlib
import json

import pytest

from misconduct.api.v1 import find_changes
from misconduct.site import pages
from misconduct.site.static import static_url
from tests.api.test_changes import SECOND, THIRD
from tests.api.test_evidence import ASSESSED, TEN
from tests.registers import disagreement_reasons
from tests.site.reading import read_page, untold

FIRST_DIGEST = "f03d2f147938c2b576e16a517693f77b350eda165b16313e6b379869951afaf1"
"""What the second release of the real register writes down of the first one."""


@pytest.fixture
def three_releases(publish):
    """The second release revises and ends, the third removes."""
    publish(TEN, "1.0.0", "2024-05-01", files=ASSESSED)
    ended, reasons = ["bbbb5=Withdrawn by the paper;bbbb4"], ["bbbb3=Misread"]
    publish(SECOND, "2.0.0", "2024-06-01", ended=ended, reasons=reasons, files=ASSESSED)
    publish(THIRD, "3.0.0", "2024-07-01", removed=["bbbb6=By order of a court"], files=ASSESSED)


def test_all_releases_are_listed_the_newest_first_each_with_a_line_to_cite_elsewhere(real):
    page = read_page(real.client, "/releases")
    headings = [one.text for one in page.main.all("h2")]
    assert headings[-2:] == ["Release 1.1.0", "Release 1.0.0"]
    assert f"Misconduct Register 1.0.0 sha256:{FIRST_DIGEST}" in [one.text for one in page.main.all("code")]
    for release in real.client.get("/v1/releases").json()["data"]:
        assert untold(page, [release["number"], release["summary"], release["digest"]]) == []


def test_a_release_has_its_files_with_lengths_and_hashes_that_are_true(real):
    page = read_page(real.client, "/releases/1.1.0")
    rows = {row[0]: row[1:] for row in page.table("Files of release 1.1.0, which never change")[1:]}
    assert {"bundle.zip", "allegations.csv", "allegations.parquet"} <= set(rows)
    for name in ("bundle.zip", "allegations.csv"):
        body = real.client.get(page.links[name]).content
        assert rows[name][0] == f"{len(body):,}"
        assert rows[name][2] == hashlib.sha256(body).hexdigest()
    assert f"echo '{rows['bundle.zip'][2]}  bundle.zip' | sha256sum --check" in page.html
    assert FIRST_DIGEST in page.under("Verify this release")


def test_how_to_check_it_begins_with_the_command_that_needs_no_register(real):
    page = read_page(real.client, "/releases/1.0.0")
    command = f"misconduct verify-release bundle.zip --digest 'Misconduct Register 1.0.0 sha256:{FIRST_DIGEST}'"
    told = page.under("Verify this release")
    assert command in told
    assert told.index(command) < told.index("sha256sum --check") < told.index("misconduct check ")


def test_a_release_is_cited_as_the_api_cites_it(real):
    cited = real.client.get("/v1/releases/1.1.0/citation").json()["data"]
    assert untold(read_page(real.client, "/releases/1.1.0"), [cited["text"], cited["bibtex"]]) == []


def test_the_changes_of_a_release_are_those_of_the_api(real):
    for number in ("1.0.0", "1.1.0"):
        changes = real.client.get(f"/v1/releases/{number}/changes?limit=1000").json()["data"]
        page = read_page(real.client, f"/releases/{number}/changes")
        for action in ("added", "revised", "ended", "removed"):
            told = [change for change in changes if change["action"] == action]
            assert f"{action.capitalize()}: {len(told)}" in page.text
            for change in told:
                assert untold(page, [change["id"], change["reason"], change["affects"]]) == []


def test_a_revised_figure_is_shown_with_old_and_new_and_why(api, three_releases):
    page = read_page(api, "/releases/2.0.0/changes")
    _, row = page.table("Revised in release 2.0.0")
    assert row == [
        "bbbb3",
        "observation",
        "counting unit: Cases → People. printed: 4 → 5. value: 4 → 5.",
        "Misread",
        "datasets/allegations, checks/all, disagreements/how-many",
    ]
    assert "/checks/all?release=2.0.0" in page.addresses


@pytest.fixture
def revised_lists(publish):
    """The second release gives a disagreement another member, and another answer."""
    table = "value\n 5\n 6\n 7\n 8"
    told = {"title": "How many", "question": "How many?", "reasons": ["unknown"], "explanation": "They differ."}
    answers = [{"question": f"How many {one}?", "observation": one} for one in ("bbbbb", "bbbbc", "bbbbd")]
    first = {"id": "how-many", "version": 1, **told, "members": ["bbbbb", "bbbbc"], "answers": answers[:2]}
    second = first | {"version": 2, "members": ["bbbbc", "bbbbd", "bbbbf"], "answers": answers[1:]}
    for number, groups in (("1.0.0", [first]), ("1.1.0", [first, second])):
        files = {**disagreement_reasons(), "disagreements.yaml": json.dumps(groups)}
        publish(table, number, f"2024-05-0{len(groups)}", files=files)


def test_of_a_list_a_revision_tells_what_it_gained_and_lost(api, revised_lists):
    _, row = read_page(api, "/releases/1.1.0/changes").table("Revised in release 1.1.0")
    gained, lost = (f'{{"observation": "{one}", "question": "How many {one}?"}}' for one in ("bbbbd", "bbbbb"))
    assert row[2] == f"answers: added {gained}; removed {lost}. members: added bbbbd; added bbbbf; removed bbbbb."


@pytest.mark.parametrize(
    ("module", "limit", "at_once"), [(pages, "CHANGES_AT_ONCE", 0), (find_changes, "ITEMS_OF_ONE", 1 / 200)]
)
def test_a_page_of_many_changes_or_of_long_lists_counts_as_an_export(
    served, revised_lists, monkeypatch, module, limit, at_once
):
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    assert "how-many" in read_page(served.client, "/releases/1.1.0/changes").text
    monkeypatch.setattr(module, limit, at_once)
    read_page(served.client, "/releases/1.1.0/changes?since=1.0.0", 503)
    monkeypatch.undo()
    assert "how-many" in read_page(served.client, "/releases/1.1.0/changes?since=1.0.0").text


@pytest.mark.parametrize("at_once", [200, 0])
def test_a_page_with_the_changes_of_many_releases_takes_one_turn(served, api, three_releases, monkeypatch, at_once):
    monkeypatch.setattr(pages, "CATALOGUES_KEPT", 1)
    monkeypatch.setattr(pages, "CHANGES_AT_ONCE", at_once)  # a second turn would wait for the first
    with monkeypatch.context() as patch:
        patch.setattr(served.service.encoder._exports, "_free", 0)
        read_page(api, "/releases/3.0.0/changes?since=1.0.0", 503)
    page = read_page(api, "/releases/3.0.0/changes?since=1.0.0")
    assert page.table("Removed in release 3.0.0")


def test_what_ended_leads_to_what_stands_in_its_stead(api, three_releases):
    page = read_page(api, "/releases/2.0.0/changes")
    _, row = page.table("Ended in release 2.0.0")
    assert (row[0], row[3]) == ("bbbb5", "Withdrawn by the paper Replaced by bbbb4.")
    assert "/observations/bbbb4" in page.addresses


def test_what_the_law_removed_is_named_with_the_reason_and_is_no_link(api, three_releases):
    page = read_page(api, "/releases/3.0.0/changes")
    _, row = page.table("Removed in release 3.0.0")
    assert row == ["bbbb6", "observation", "1", "By order of a court", "–"]
    assert not any("bbbb6" in one for one in page.addresses)


def test_changes_between_two_releases_are_those_of_each_release_between_them(api, three_releases):
    page = read_page(api, "/releases/3.0.0/changes?since=1.0.0")
    assert page.main.all("h1")[0].text == "Changes from release 1.0.0 to 3.0.0"
    assert [one.text for one in page.main.all("h2")] == ["Release 3.0.0, 1 July 2024", "Release 2.0.0, 1 June 2024"]
    assert len(page.table("Revised in release 2.0.0")) == len(page.table("Removed in release 3.0.0")) == 2
    only = read_page(api, "/releases/3.0.0/changes?since=2.0.0")
    assert [one.text for one in only.main.all("h2")] == ["Release 3.0.0, 1 July 2024"]


def test_the_earlier_release_is_chosen_in_a_form(api, three_releases):
    page = read_page(api, "/releases/3.0.0/changes?since=1.0.0")
    [form] = page.main.all("form")
    assert (form.attributes["method"], form.attributes["action"]) == ("get", "/releases/3.0.0/changes")
    options = form.all("option")
    assert [(one.text, "selected" in one.attributes) for one in options] == [("2.0.0", False), ("1.0.0", True)]


@pytest.mark.parametrize("earlier", ["9.9.9", "yesterday"])
def test_a_release_that_is_not_there_is_refused_in_words(api, three_releases, earlier):
    page = read_page(api, f"/releases/3.0.0/changes?since={earlier}", status=422)
    assert f"'{earlier}' is not a release up to 3.0.0." in page.text


@pytest.mark.parametrize("same", ["3.0.0", "latest"])
def test_since_itself_a_release_changed_nothing(api, three_releases, same):
    assert "bbbb6" not in read_page(api, f"/releases/3.0.0/changes?since={same}").main.text


def test_latest_is_the_newest_release(api, three_releases):
    assert read_page(api, "/releases/latest").main.all("h1")[0].text == "Release 3.0.0"
    assert "9.9.9" in read_page(api, "/releases/9.9.9", status=404).text


def test_every_link_to_a_changed_record_leads_somewhere(api, three_releases):
    for number in ("1.0.0", "2.0.0", "3.0.0"):
        for address in set(read_page(api, f"/releases/{number}/changes").addresses):
            assert api.get(address).status_code == 200, address


def test_a_summary_never_becomes_markup(api, publish):
    publish("id | value\n bbbb2 | 5", summary='1 < 2 & "3" <script>alert(1)</script><img src=x onerror=alert(2)>')
    for address in ("/releases", "/releases/1.0.0", "/releases/1.0.0/changes"):
        page = read_page(api, address)
        assert "<script>alert(1)</script>" in page.text
        assert [one.attributes["src"] for one in page.root.all("script")] in ([], [static_url("site.js")])
        assert page.root.all("img") == []
