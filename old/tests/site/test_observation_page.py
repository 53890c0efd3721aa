"""The page of one figure: as printed, in words, where it stands, who said it, and what became of it."""

from __future__ import annotations

import json

import pytest

from misconduct.site import observation
from misconduct.site.static import static_url
from tests.api.test_releases import recall
from tests.registers import disagreement_reasons, observation_id, source_text
from tests.site.reading import read_page, untold

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(2)>'


def test_the_figure_stands_first_as_printed_with_its_hedge(real):
    page = read_page(real.client, "/observations/w2rmd")
    assert page.main.all("h1")[0].text == "nearly 1,000 Accused; Sexual offences"
    assert page.under("Where it is printed").startswith("Source Untitled document of Brit Brief, Brit Brief")
    assert "Place characters 51 to 56: “1,000” Hedge characters 44 to 50: “nearly”" in page.text


def test_a_sentence_says_what_is_counted_for_when_and_who_said_so(real):
    page = read_page(real.client, "/observations/k7m3q")
    assert (
        "This is a count of officers: accused, any sexual allegation, Metropolitan Police, "
        "from 2014 to 2024 (10 years), printed as “ten years between 2014 and 2024”." in page.text
    )
    assert "Stated by: Metropolitan Police. Printed by: The Eye Of Media.Com, 2024." in page.text
    assert "Place characters 3063 to 3068: “1,492”" in page.text
    assert page.links["Open the source at the printed figure"] == (
        "https://theeyeofmedia.com/met-police-discloses-unsettling-array-of-sexual-offence-stats-involving-its-officers/"
        "#:~:text=was-,1%2C492"
    )


def test_the_chain_goes_from_the_voice_over_the_origin_to_the_paper(real):
    chain = read_page(real.client, "/observations/k7m3q").under("Who stated it first")
    assert chain == (
        "Stated by Metropolitan Police "
        "First published in [Statistics on sexual misconduct published by the Metropolitan Police], "
        "Metropolitan Police, 2024 (we have not seen it; others quote it) "
        "Printed by Met Police Discloses Unsettling Array Of Sexual Offence Stats Involving Its Officers, "
        "The Eye Of Media.Com, 2024 (a copy was read) "
        "Figures that go back to one statement are one piece of evidence, however many publications print them."
    )


UNSHOWN = ("type", "datasets", "links", "checks", "id", "code", "body", "target", "@context", "motivation", "qualifier")


@pytest.mark.parametrize("one", ["k7m3q", "w7vf8", "smnvj", "gb7nr", "cxqbc", "swckj", "rs9xc"])
def test_the_page_says_all_that_the_api_says_of_a_figure(real, one):
    page = read_page(real.client, f"/observations/{one}")
    parts = {path: real.client.get(f"/v1/observations/{one}{path}").json() for path in ("", "/history", "/citation")}
    figure, period = parts[""]["data"], parts[""]["data"]["period"]
    figure["period"] = {"printed": period["printed"], "locator": period["locator"]}
    for source in (figure["source"], figure["origin"]):
        source.pop("notes"), source.pop("licence", None), source.pop("url", None)  # on the page of the source
    assert untold(page, figure, (*UNSHOWN, "statistic", "unit", "value_absent")) == []
    assert untold(page, parts[""]["standing"]["explanation"]) == []
    history = parts["/history"]["data"]
    caveats = {caveat["id"]: caveat["text"] for caveat in figure["caveats"]}
    for change in [change for reading in history for change in reading.pop("changes")]:
        if change["field"] == "caveats":  # what the list gained, in words
            gained = set(change["new"]) - set(change["old"])
            assert untold(page, [caveats[name] for name in gained if name in caveats]) == []
        else:
            assert untold(page, [change["old"], change["new"]]) == []
    assert untold(page, history) == []
    assert untold(page, [parts["/citation"]["data"][name] for name in ("text", "bibtex", "cite_as")]) == []
    for check in figure["checks"]:
        record = real.client.get(f"/v1/checks/{check['id']}").json()["data"]
        assert untold(page, [record["title"], record["explanation"]]) == []
        assert f"/checks/{check['id']}" in page.addresses
    for slug in figure["disagreements"]:
        record = real.client.get(f"/v1/disagreements/{slug}").json()["data"]
        assert untold(page, [record["title"], record["question"], record["explanation"]]) == []
        assert {f"/observations/{member}" for member in record["members"] if member != one} <= set(page.addresses)


@pytest.mark.parametrize("one", ["k7m3q", "cxqbc", "w7vf8"])
def test_the_standing_and_the_citation_come_before_everything_else(real, one):
    page, newest = read_page(real.client, f"/observations/{one}"), real.service.releases.releases[-1].number
    assert [head.text for head in page.main.all("h2")][:3] == [
        "Is this still current?",
        "Cite this figure",
        "Where it is printed",
    ]
    assert page.under("Is this still current?").startswith(f"Yes, in release {newest}. The current figure is “")
    assert page.under("Cite this figure").startswith("Misconduct Register (2026). ")
    [button] = [head for head in page.main.all("button") if head.attributes["data-copies"] == "citation"]
    assert button.text == "Copy: Citation as text"


def test_words_without_a_number_are_not_zero(real):
    page = read_page(real.client, "/observations/w7vf8")
    assert page.main.all("h1")[0].text.startswith("Hundreds")
    assert "The source gives no number: Only words such as “hundreds”." in page.text
    assert "Value none, which is not zero" in page.text


def test_a_disagreement_names_the_question_that_the_figure_answers_and_leads_to_the_others(real):
    page = read_page(real.client, "/observations/k7m3q")
    assert (
        "This figure answers: How many officers were accused of something sexual in the ten years from 2014 to 2024?"
        in page.text
    )
    name = "in: 1,492, 1,131, 1,071 or about 1,000 accused"
    shown, folded = page.table(f"Figures {name}"), page.table(f"More figures {name}")
    assert [row[0] for row in shown[1:]] == ["1,131", "It's estimated 1,071", "It's estimated 1,071"]
    assert [row[0] for row in folded[1:]] == [
        "some 1,000",
        "about 1,000",
        "nearly 1,000",
        "approximately 1,000",
        "Hundreds",
    ]
    [details] = [one for one in page.main.all("details") if one.all("table")]
    assert details.all("summary")[0].text.startswith("5 more figures")
    assert "/compare?id=k7m3q&id=gb7nr" in page.addresses


def test_a_record_that_a_caveat_names_is_a_link_with_its_title(real):
    page = read_page(real.client, "/observations/k7m3q")
    assert "The disagreement “1,492, 1,131, 1,071 or about 1,000 accused” says which" in page.under("Caveats")
    assert page.links["“1,492, 1,131, 1,071 or about 1,000 accused”"] == "/disagreements/how-many-were-accused"
    assert "how-many-were-accused" not in page.text


FIRST = """
    id    | value | counting_unit | at
    bbbb2 | 4     | cases         | char=0,1
    bbbb3 | 5     | people        | char=1000,1001
"""
SECOND = """
    id    | version | value | counting_unit | at
    bbbb2 | 1       | 4     | cases         | char=0,1
    bbbb2 | 2       | 7     | people        | char=0,1
    bbbb3 | 1       | 5     | people        | char=1000,1001
    bbbb4 | 1       | 9     | people        | char=2000,2001
"""
THIRD = "\n".join(line for line in SECOND.splitlines() if not line.strip().startswith("bbbb2 | 2"))


@pytest.fixture
def revised(api, publish):
    """The first release; the second reads one figure anew, and ends the other."""
    publish(FIRST, "1.0.0", "2024-05-01")
    before = api.get("/observations/bbbb2?release=1.0.0")
    publish(SECOND, "2.0.0", "2024-06-01", ended=["bbbb3=Withdrawn by the paper;bbbb4"], reasons=["bbbb2=Misread"])
    return before


def test_a_new_reading_is_shown_with_what_changed_and_why(api, revised):
    page = read_page(api, "/observations/bbbb2")
    assert page.main.all("h1")[0].text == "7 Accused; Any misconduct"
    _, first, second = page.table("Versions of this figure up to release 2.0.0")
    assert first[:4] == ["1", "4", "1.0.0", "2.0.0"]
    assert second[:4] == ["2", "7", "2.0.0", "current"]
    assert second[4].startswith("counting unit: Cases → People. value: 4 → 7. printed: 4 → 7. Misread")


def test_a_pinned_page_stays_as_it_was_and_says_what_came_after(api, revised):
    page = read_page(api, "/observations/bbbb2?release=1.0.0")
    assert page.main.all("h1")[0].text == "4 Accused; Any misconduct"
    assert len(page.table("Versions of this figure up to release 1.0.0")) == 2
    assert page.under("Later releases") == (
        "This page shows release 1.0.0. In release 2.0.0: That was an earlier version. Since release 2.0.0 the figure is "
        "“7”. Release 2.0.0 revised it to “7” (version 2): Misread "
        "This figure in the latest release"
    )
    assert "curl -s 'http://localhost:8000/v1/observations/bbbb2?release=1.0.0'" in page.text


def standing_of(api, address: str) -> str:
    """The first sentences under the question whether a figure stands."""
    return read_page(api, address).under("Is this still current?")


def test_a_pinned_page_answers_for_the_newest_release_first(api, revised):
    assert standing_of(api, "/observations/bbbb2?release=1.0.0").startswith(
        "Revised: now 7 (release 2.0.0). You are viewing release 1.0.0, in which it was 4."
    )
    assert standing_of(api, "/observations/bbbb3?release=1.0.0").startswith(
        "No longer current since release 2.0.0. Replaced by 9 (bbbb4). "
        "You are viewing release 1.0.0, in which it was 5."
    )
    assert "Current in" not in standing_of(api, "/observations/bbbb2?release=1.0.0")


def test_a_pinned_page_of_a_figure_that_still_stands_says_so_of_both_releases(api, publish):
    publish("id | value\n bbbb2 | 4", "1.0.0", "2024-05-01")
    publish("id | value\n bbbb2 | 4\n bbbb3 | 5", "1.1.0", "2024-06-01")
    assert standing_of(api, "/observations/bbbb2?release=1.0.0").startswith(
        "Yes, in release 1.0.0, which you are viewing, and in the latest, 1.1.0. The current figure is “4”."
    )


def test_a_pinned_page_of_a_figure_whose_number_was_read_the_same_again_says_what_else_changed(api, publish):
    publish("id | value | counting_unit\n bbbb2 | 4 | people", "1.0.0", "2024-05-01")
    again = "id | version | value | counting_unit | at\n bbbb2 | 1 | 4 | people | char=0,1\n bbbb2 | 2 | 4 | cases | char=0,1"
    publish(again, "2.0.0", "2024-06-01")
    assert standing_of(api, "/observations/bbbb2?release=1.0.0").startswith(
        "Revised, but still 4; changed: counting unit (release 2.0.0). You are viewing release 1.0.0."
    )


def test_what_came_after_is_not_withheld_from_those_who_kept_the_page(api, revised):
    assert "Later releases" not in revised.text
    again = api.get("/observations/bbbb2?release=1.0.0", headers={"If-None-Match": revised.headers["etag"]})
    assert (again.status_code, "Later releases" in again.text) == (200, True)
    assert "max-age=10," in again.headers["cache-control"]
    same = api.get("/observations/bbbb2?release=1.0.0", headers={"If-None-Match": again.headers["etag"]})
    assert same.status_code == 304


def test_links_of_a_pinned_page_stay_in_its_release(api, revised):
    page = read_page(api, "/observations/bbbb2?release=1.0.0")
    leading = [one for one in page.addresses if one.startswith(("/codelists", "/sources", "/datasets", "/v1/obs"))]
    assert len(leading) > 10
    assert {one.partition("?")[2].partition("#")[0] for one in leading} == {"release=1.0.0"}
    assert not any("release=" in one for one in read_page(api, "/observations/bbbb2").addresses)


def test_no_release_is_later_than_one_that_was_recalled(api, served, database, revised):
    recall(served, database, "2.0.0")
    for one, number in (("bbbb2", "7"), ("bbbb4", "9")):
        page = read_page(api, f"/observations/{one}?release=2.0.0")
        assert page.main.all("h1")[0].text.startswith(number)
        assert page.under("Is this still current?").startswith("Release 2.0.0, which you are viewing, was recalled")
        assert "Later releases" not in page.text


def test_what_ended_says_so_with_the_reason_and_what_stands_in_its_stead(api, revised):
    page = read_page(api, "/observations/bbbb3")
    standing = page.under("Is this still current?")
    assert "No longer current in release 2.0.0." in standing
    assert "Reason: Withdrawn by the paper. Its last version was “5”. It was replaced by “9” (bbbb4)." in standing
    assert ".." not in standing
    assert "/observations/bbbb4" in page.addresses
    assert "/sources/paper?release=1.0.0" in page.addresses  # beside what stood with it


@pytest.mark.parametrize("path", ["/chart/observations/bbbb3", "/v1/observations/bbbb3.html"])
def test_the_chart_of_what_ended_names_codes_that_ended_with_it(api, publish, path):
    table = "id | value | stated_by\n bbbb2 | 116 | force\n bbbb3 | 7 | union"
    publish(table, "1.0.0", "2024-05-01")
    publish(table, "2.0.0", "2024-06-01", ended=["bbbb3=It counts others", "code/stated_by/union=It states nothing"])
    answer = api.get(path)
    assert answer.status_code == 200
    assert "Union" in answer.text


def test_the_chart_of_what_ended_is_cited_and_embedded_from_its_last_release(api, revised):
    live, frozen = (read_page(api, f"/chart/observations/bbbb3{query}") for query in ("", "?version=frozen"))
    [citation] = [one.text for one in live.main.all("code") if one.attributes["id"] == "citation"]
    assert " Chart, release 1.0.0 of 2024-05-01, CC BY 4.0. " in citation
    assert citation.endswith("/observations/bbbb3?release=1.0.0")
    [code] = [one.text for one in frozen.main.all("code") if one.attributes["id"] == "code"]
    frame = code.partition('src="')[2].partition('"')[0]
    for address in (citation.rpartition(" ")[2], frame):
        assert api.get(address.removeprefix("http://localhost:8000")).status_code == 200, address
    assert "/v1/observations/bbbb3.html?release=1.0.0" in frame


def test_a_release_without_the_figure_is_404_and_says_which_has_it(api, revised):
    page = read_page(api, "/observations/bbbb4?release=1.0.0", status=404)
    assert "Release 1.0.0 does not have this observation." in page.text
    assert page.links["release 2.0.0"] == "/observations/bbbb4?release=2.0.0"


@pytest.mark.parametrize("query", ["", "?release=2.0.0", "?release=3.0.0"])
def test_what_the_law_removed_is_410_with_the_reason(api, revised, publish, query):
    publish(THIRD, "3.0.0", "2024-07-01", removed=["bbbb2@2=By order of a court"])
    page = read_page(api, f"/observations/bbbb2{query}", status=410)
    assert "Removed in release 3.0.0: By order of a court" in page.text
    assert page.links["Changes in release 3.0.0"] == "/releases/3.0.0/changes"


def test_a_pinned_page_says_that_a_later_reading_was_removed(api, revised, publish):
    publish(THIRD, "3.0.0", "2024-07-01", removed=["bbbb2@2=By order of a court"])
    page = read_page(api, "/observations/bbbb2?release=1.0.0")
    assert "In release 3.0.0: Removed in release 3.0.0: By order of a court" in page.under("Later releases")


@pytest.mark.parametrize("one", ["zzzzz", "1492", "%3Cscript%3E"])
def test_what_never_was_is_404(api, publish, one):
    publish(FIRST)
    assert "<script>alert" not in read_page(api, f"/observations/{one}", status=404).html


def test_a_page_takes_the_same_few_statements_however_many_look_alike(served, publish):
    table = "id | value\n" + "\n".join(f" bbbb{digit} | {digit}" for digit in "23456789")
    members = [f"bbbb{digit}" for digit in "23456789"]
    record = {"id": "many", "version": 1, "title": "Many", "question": "How many?", "members": members, "reasons": ["unknown"], "explanation": "Nobody knows."}  # fmt: skip
    publish(table, files={**disagreement_reasons(), "disagreements.yaml": json.dumps([record])})
    read_page(served.client, "/observations/bbbb3")
    with served.statements() as seen:
        read_page(served.client, "/observations/bbbb2")
    assert len(seen) == 3  # its readings, its lines in manifests, the figures beside it


def test_of_many_that_look_alike_those_shown_are_read_and_the_others_counted(served, publish, monkeypatch):
    ids = [observation_id(number) for number in range(60)]
    record = {"id": "many", "version": 1, "title": "Many", "question": "How many?", "members": ids, "reasons": ["unknown"], "explanation": "Nobody knows."}  # fmt: skip
    files = {**disagreement_reasons(), "disagreements.yaml": json.dumps([record])}
    publish("value\n" + "\n".join(map(str, range(1, 61))), files=files)
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    monkeypatch.setattr(observation, "FIGURES_AT_ONCE", 53)  # what more are read counts as an export
    for one in (ids[1], ids[59]):
        page = read_page(served.client, f"/observations/{one}")
        assert "56 more figures in: Many" in page.text
        assert [len(page.table(f"{words} in: Many")) for words in ("Figures", "More figures")] == [4, 51]
        assert page.links["All of them"] == "/disagreements/many"
        assert f"/compare?id={one}&id={ids[0]}" in page.addresses
    monkeypatch.setattr(observation, "FIGURES_AT_ONCE", 52)
    read_page(served.client, f"/observations/{ids[2]}", 503)


HOSTILE = {
    "sources/paper.yaml": source_text("paper", title=SCRIPT, publisher=IMAGE, byline="javascript:alert(3)", notes=dict.fromkeys(("byline", "published", "url", "licence", "retrieved"), SCRIPT + IMAGE)),
    "caveats.yaml": json.dumps([{"id": "evil", "version": 1, "text": SCRIPT + IMAGE}]),
    "codelists/measure.csv": f'code,version,label,definition,broader,defined_by\naccused,1,{SCRIPT},{SCRIPT},,javascript:alert(4)\n',
}  # fmt: skip


def test_nothing_of_the_register_becomes_markup(api, publish):
    publish(f"id | value | hedge | qualifier | caveats\n bbbb2 | 5 | {SCRIPT} | about | evil", files=HOSTILE)
    for address in (
        "/observations/bbbb2",
        "/sources/paper",
        "/sources",
        "/codelists/measure",
        "/releases/1.0.0/changes",
    ):
        page = read_page(api, address)
        assert [one.attributes["src"] for one in page.root.all("script")] in ([], [static_url("site.js")])
        assert page.root.all("img") == []
        assert not any(name.startswith("on") for one in page.root.walk() for name in one.attributes)
        assert {one.partition(":")[0] for one in page.addresses if ":" in one} <= {"http", "https"}
    assert SCRIPT in read_page(api, "/observations/bbbb2").main.all("h1")[0].text
