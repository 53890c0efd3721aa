"""Sources, disagreements, checks, corrections, refusals and code lists, each with a page that says all the API says."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from misconduct.queries import observations as queries
from misconduct.site import observation, pages
from misconduct.site.static import static_url
from tests.api.test_counted import MAPPING, TABLE
from tests.api.test_removal import AFTER, BEFORE
from tests.registers import disagreement_reasons, source_text
from tests.site.reading import read_page, untold

COLLECTIONS = ("disagreements", "checks", "corrections", "non-publications")
SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(2)>'
CODED = (
    "id",
    "members",
    "parts",
    "whole",
    "share",
    "affects",
    "computed",
    "outcome",
    "type",
    "at",
    "other_at",
    "asked",
)


@pytest.mark.parametrize("collection", [*COLLECTIONS, "sources", "codelists"])
def test_a_list_leads_to_every_record(real, collection):
    records = real.client.get(f"/v1/{collection}").json()["data"]
    page = read_page(real.client, f"/{collection}")
    assert records
    assert {f"/{collection}/{record['id']}" for record in records} <= set(page.addresses)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_page_says_all_that_the_api_says_of_a_record(real, collection):
    for record in real.client.get(f"/v1/{collection}").json()["data"]:
        page = read_page(real.client, f"/{collection}/{record['id']}")
        assert untold(page, record, (*CODED, "observation", "reasons")) == []
        figures = [*(record.get("members") or ()), *(record.get("parts") or ()), *(record.get("affects") or ())]
        figures += [record[key] for key in ("whole", "share") if record.get(key)]
        assert {f"/observations/{one}" for one in figures} <= set(page.addresses)


def test_a_disagreement_says_which_figure_answers_which_question(real):
    page = read_page(real.client, "/disagreements/how-many-were-accused")
    answers = page.under("Which figure answers which question")
    assert "How many officers were accused of something sexual in the ten years from 2014 to 2024? 1,492 " in answers
    assert answers.endswith("as reported in the name of The Independent? approximately 1,000")
    rows = {row[0]: row[1] for row in page.table("All figures together, dimension by dimension")}
    assert (rows["Area"], rows["Population"], rows["Counting unit"]) == ("= same", "≠ different", "= same")


def test_a_check_says_what_it_comes_to_and_why(real):
    page = read_page(real.client, "/checks/split-of-the-1131?release=1.2.0")
    assert page.main.all("p")[1].text.startswith("Undecidable. The identity cannot be tested, because")
    assert "Stated by a source no: only this register asks" in page.text
    assert "Stated 1,131 Computed 1,131" in page.text
    assert [row[0] for row in page.table("Parts of this check")[1:]] == ["196", "689", "246"]
    assert (
        read_page(real.client, "/checks/suspended-and-restricted-against-the-931").text.count("Cannot be settled") == 1
    )
    assert read_page(real.client, "/checks/years-within-the-18000").text.count("Holds") == 1
    assert "Stated 18,000 Computed 1,805" in read_page(real.client, "/checks/categories-against-the-18000").text


def test_a_correction_shows_both_readings_with_their_places(real):
    page = read_page(real.client, "/corrections/murder-dated-2022")
    _, doubted, against = page.table("What the sources say")
    assert (doubted[0], doubted[3]) == ("As printed", "characters 835 to 839: “2022”")
    assert against == [
        "But",
        "The same murder was in March 2021.",
        "Radical:Hundreds Of Met Police Accused Of Sexual Offences To Be Kicked Out In Major Shake Up",
        "characters 4707 to 4717: “March 2021”",
    ]
    assert "No figure is affected." in page.text


def test_what_a_source_got_wrong_is_never_said_in_our_own_voice(real):
    page = read_page(real.client, "/corrections")
    assert page.main.all("h1")[0].text == "Errors in what was published"
    listed = page.main.all("li")
    assert len(listed) == 7
    assert all(re.search("As printed: .+ But: ", one.text) for one in listed)


def test_a_disagreement_differs_in_what_its_table_says(real):
    for one in real.client.get("/v1/disagreements").json()["data"]:
        page = read_page(real.client, f"/disagreements/{one['id']}")
        rows = page.table("All figures together, dimension by dimension")[1:]
        differing = [name.lower() for name, relation in rows if relation != "= same"]
        assert f"They differ in: {', '.join(differing)} (dimension by dimension)." in page.text
        assert "Why, as far as is known: " in page.text


def test_a_refusal_says_who_was_asked_by_whom_under_which_law_and_when(real):
    page = read_page(real.client, "/non-publications/met-sexual-allegation-figures-section-22")
    assert (
        "Who was asked Metropolitan Police Who asked Sky News Law Freedom of Information Act 2000 "
        "Ground Section 22: the information is held and is meant to be published later Since 2024-02 Until 2024"
        in page.text
    )


# Sources


def test_a_source_that_was_read_shows_its_identity_and_what_it_printed_in_its_order(real):
    page = read_page(real.client, "/sources/police-oracle-2023-met-review")
    assert "SHA-256 10bb891976859051801a1cddef8558896e1ec38aaea319955a94f1be1bb4fefa" in page.text
    assert "Written by not known – The text that was read names no author." in page.text
    assert "Does the link still work? not checked" in page.text
    rows = page.table("Figures in this source, in its order")
    assert rows[1][0] == "more than 1,000"
    places = [int(row[6].split()[1]) for row in rows[1:]]
    assert places == sorted(places)
    total = real.client.get("/v1/observations?source=police-oracle-2023-met-review").json()["meta"]["total"]
    assert page.main.all("h2")[1].text == f"Figures in this source: {total}"


def test_a_source_that_is_only_quoted_says_so_and_shows_what_others_print_of_it(real):
    page = read_page(real.client, "/sources/met-police-2024-sexual-misconduct-figures")
    assert "This document was not seen." in page.text
    rows = page.table("Figures with this origin")
    assert "1,492" in [row[0] for row in rows]
    assert "SHA-256" not in page.text


def test_a_source_says_all_that_the_api_says(real):
    for source in real.client.get("/v1/sources").json()["data"]:
        page = read_page(real.client, f"/sources/{source['id']}")
        assert untold(page, source) == []


def test_a_source_shows_the_errors_and_refusals_that_concern_it(real):
    page = read_page(real.client, "/sources/eye-of-media-2024-disclosure")
    assert "/corrections/further-to-nothing" in page.addresses
    assert "/non-publications/met-sexual-allegation-figures-section-22" in page.addresses
    other = read_page(real.client, "/sources/eye-of-media-2023-major-shake-up")  # which the errors of 2024 repeat
    assert "/corrections/further-to-nothing" in other.addresses


def test_a_source_says_whether_its_address_still_answered(api, publish):
    check = {"id": "paper", "version": 1, "checked": "2024-04-30", "address": "https://example.org/a", "status": "moved_permanently", "final_address": "https://example.org/b", "archived": "https://example.org/archive/a"}  # fmt: skip
    notes = dict.fromkeys(("byline", "published", "licence", "retrieved"), "Not known.")
    source = source_text("paper", url="https://example.org/a", notes=notes)
    publish("id | value\n bbbb2 | 5", files={"sources/paper.yaml": source, "link-checks.yaml": json.dumps([check])})
    page = read_page(api, "/sources/paper")
    assert "moved permanently on 30 April 2024, leads to https://example.org/b; archived copy" in page.text
    assert page.links["archived copy"] == "https://example.org/archive/a"


def test_the_page_of_a_source_with_many_figures_counts_as_an_export(served, publish, monkeypatch):
    publish("value | source | origin\n 5 | letter | paper\n 6 | letter | paper\n 7 | paper |")
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    read_page(served.client, "/sources/paper")
    monkeypatch.setattr(observation, "FIGURES_AT_ONCE", 2)
    read_page(served.client, "/sources/paper?release=1.0.0", 503)  # which prints one, and letter two more
    read_page(served.client, "/sources/letter?release=1.0.0")
    monkeypatch.undo()
    page = read_page(served.client, "/sources/paper?release=1.0.0")
    assert [len(page.table(one)) for one in ("Figures in this source, in its order", "Figures with this origin")] == [
        2,
        3,
    ]


# Code lists


def test_every_code_has_its_definition_and_an_anchor(real):
    for codelist in real.client.get("/v1/codelists").json()["data"]:
        page = read_page(real.client, f"/codelists/{codelist['id']}")
        rows = {one.attributes["id"]: one.text for one in page.main.all("tr") if "id" in one.attributes}
        for code in codelist["codes"]:
            assert code["definition"] in rows[code["code"]]
            assert code["defined_by"] in rows[code["code"]]


def test_a_figure_leads_to_the_definition_of_each_of_its_codes(real):
    page = read_page(real.client, "/observations/k7m3q")
    assert page.links["Accused"] == "/codelists/measure#accused"
    assert page.links["Any sexual allegation"] == "/codelists/category#any_sexual_allegation"


def test_the_page_of_a_mapping_of_many_words_counts_as_an_export(served, publish, monkeypatch):
    terms = "".join(f"word {number}\tskos:closeMatch\tany_misconduct\n" for number in range(3))
    mapping = f"#mapping_set_id: kinds\nsubject_label\tpredicate_id\tobject_id\n{terms}"
    publish("value\n 5", files={"mappings/kinds.sssom.tsv": mapping})
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    monkeypatch.setattr(pages, "FIGURES_AT_ONCE", 0)
    assert "word 2" in read_page(served.client, "/mappings/kinds").text  # five words count as one figure
    monkeypatch.setattr(pages, "TERMS_OF_ONE", 3)
    read_page(served.client, "/mappings/kinds?release=1.0.0", 503)


def test_the_page_of_a_record_of_many_figures_shows_the_first_and_says_where_all_are(served, publish, monkeypatch):
    relation = {"id": "parts", "version": 1, "type": "part_of", "figures": ["bbbbb", "bbbbc", "bbbbd", "bbbbf"], "of": "bbbbg"}  # fmt: skip
    correction = {"id": "wrong", "version": 1, "source": "paper", "at": "char=0,1", "printed": "1", "reading": "One.", "other_source": "paper", "other_at": "char=1,2", "other_printed": "2", "other_reading": "Two.", "explanation": "Unknown.", "affects": relation["figures"], "notes": {"publisher_told": "No."}}  # fmt: skip
    files = {"relations.yaml": json.dumps([relation]), "corrections.yaml": json.dumps([correction])}
    publish("category | value\n" + "\n".join(f"kind_{n} | {n + 1}" for n in range(4)) + "\nall | 10", files=files)
    read, by_ids = [], queries.by_ids

    async def note(database, ids, ordinal):
        read.append(len(ids))
        return await by_ids(database, ids, ordinal)

    monkeypatch.setattr(queries, "by_ids", note)
    monkeypatch.setattr(pages, "FIGURES_SHOWN", 3)
    page = read_page(served.client, "/relations/parts")
    assert [row[0] for row in page.table("Figures of this record")[1:]] == ["1", "2", "10"]
    assert "Showing 3 of 5 figures." in page.text
    assert page.links["the ids of all"] == "/v1/relations/parts"
    page = read_page(served.client, "/corrections/wrong")
    assert [row[0] for row in page.table("Figures affected by this error")[1:]] == ["1", "2", "4"]
    assert "Showing 3 of 4 figures." in page.text
    assert "not in force" not in page.text
    assert read == [3, 3]


def test_the_page_of_a_table_links_to_the_figures_of_its_totals_and_reads_none(served, publish, monkeypatch):
    totals = [{"title": f"Total {number}", "observation": f"bbbb{letter}"} for number, letter in enumerate("bcd")]
    files = {"tables/complaints.yaml": json.dumps(TABLE | {"totals": totals}), "mappings/kinds.sssom.tsv": MAPPING}
    publish("category | value\n" + "\n".join(f"theft | {n + 1}" for n in range(3)), files=files)
    monkeypatch.setattr(pages, "FIGURES_SHOWN", 2)
    page = read_page(served.client, "/tables/complaints")
    assert [page.links[f"bbbb{letter}"] for letter in "bcd"] == [f"/observations/bbbb{letter}" for letter in "bcd"]
    assert "Showing" not in page.text


def test_the_page_of_a_record_of_figures_with_long_texts_counts_as_an_export(served, publish, monkeypatch):
    relation = {"id": "parts", "version": 1, "type": "part_of", "figures": ["bbbbb"], "of": "bbbbc"}
    publish("category | value\nkind | 1\nall | 10", files={"relations.yaml": json.dumps([relation])})
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    read_page(served.client, "/relations/parts")
    monkeypatch.setattr(pages, "CHARACTERS_OF_ONE", 1)
    read_page(served.client, "/relations/parts?release=1.0.0", 503)


# Every record


@pytest.mark.parametrize("collection", [*COLLECTIONS, "sources", "codelists"])
def test_what_is_not_there_is_404_in_words(api, publish, collection):
    publish("id | value\n bbbb2 | 5")
    assert "There is no" in read_page(api, f"/{collection}/nowhere", status=404).text


@pytest.mark.parametrize("query", ["", "?release=1.0.0"])
def test_a_source_that_the_law_removed_is_410(api, publish, tmp_path, query):
    publish(BEFORE, "1.0.0", "2024-05-01")
    for name in ("observations/sheet.csv", "sources/sheet.yaml"):
        (tmp_path / "register" / name).unlink()
    publish(AFTER, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court.", "source/sheet@1=A court."])
    assert "Removed in release 2.0.0: A court." in read_page(api, f"/sources/sheet{query}", status=410).text


TWO = "id | value | caveats\n bbbb2 | 5 |\n bbbb3 | 6 |"
HOSTILE = SCRIPT + IMAGE
RECORDS = {
    **disagreement_reasons(),
    "disagreements.yaml": json.dumps([{"id": "evil", "version": 1, "title": HOSTILE, "question": HOSTILE, "members": ["bbbb2", "bbbb3"], "reasons": ["unknown"], "explanation": HOSTILE, "answers": [{"question": HOSTILE, "observation": "bbbb2"}]}]),
    "checks.yaml": json.dumps([{"id": "evil", "version": 1, "type": "subset", "title": HOSTILE, "whole": "bbbb3", "parts": ["bbbb2"], "explanation": HOSTILE}]),
    "corrections.yaml": json.dumps([{"id": "evil", "version": 1, "source": "paper", "at": "char=5,9", "printed": HOSTILE, "reading": HOSTILE, "other_source": "paper", "other_reading": "javascript:alert(1)", "explanation": HOSTILE, "notes": dict.fromkeys(("other_at", "other_printed", "publisher_told"), HOSTILE)}]),
    "non-publications.yaml": json.dumps([{"id": "evil", "version": 1, "asked": "force", "asked_by": HOSTILE, "law": "javascript:alert(1)", "ground": HOSTILE, "since": None, "until": None, "source": "paper", "at": "char=5,9", "printed": HOSTILE, "what": HOSTILE, "explanation": HOSTILE, "notes": dict.fromkeys(("since", "until"), HOSTILE)}]),
}  # fmt: skip


def test_nothing_of_a_record_becomes_markup_or_a_link_that_runs(api, publish):
    publish(TWO, files=RECORDS)
    addresses = [f"/{collection}{rest}" for collection in COLLECTIONS for rest in ("", "/evil")]
    for address in (*addresses, "/sources/paper", "/observations/bbbb2", "/compare?id=bbbb2&id=bbbb3"):
        page = read_page(api, address)
        assert SCRIPT in page.text, address
        assert [one.attributes["src"] for one in page.root.all("script")] in ([], [static_url("site.js")])
        assert {one.attributes["src"].partition("?")[0] for one in page.root.all("img")} <= {"/v1/observations.svg"}
        assert not any(name.startswith("on") for one in page.root.walk() for name in one.attributes)
        assert {one.partition(":")[0] for one in page.addresses if ":" in one} <= {"http", "https"}


def test_pages_of_a_release_lead_to_pages_of_that_release(api, publish):
    publish(TWO, "1.0.0", "2024-05-01", files=RECORDS)
    publish(TWO + "\n bbbb4 | 7 |", "1.1.0", "2024-06-01", files=RECORDS)
    for collection in COLLECTIONS:
        for rest in ("", "/evil"):
            page = read_page(api, f"/{collection}{rest}?release=1.0.0")
            leading = [one for one in page.addresses if one.startswith("/") and not one.startswith("/releases")]
            assert leading
            assert all("release=1.0.0" in one for one in leading)


def test_a_page_of_a_record_asks_for_its_figures_at_once(served, publish):
    publish(TWO, files=RECORDS)
    read_page(served.client, "/checks/evil")
    with served.statements() as seen:
        read_page(served.client, "/disagreements/evil")
    assert len(seen) == 1


def test_a_code_has_its_notation_and_what_is_above_and_close_to_it(api, publish):
    areas = (
        "code,version,label,definition,broader,defined_by,scheme,notation,same_as,close,narrower\n"
        "E23000001,1,Metropolitan Police,Its area.,gb,ONS,gss,E23000001,,,\n"
        "gb,1,United Kingdom,The state.,,ISO,iso-3166-1,GB,http://www.wikidata.org/entity/Q145,,\n"
        "london,1,London,As printed.,gb,Us,,,,E23000001,\n"
        "capitals,1,Capitals,As printed.,,Us,,,,,london E23000001\n"
    )
    publish("id | value\n bbbb2 | 5", files={"codelists/area.csv": areas})
    page = read_page(api, "/codelists/area")
    [header, *rows] = [[cell.text for cell in row.all("th", "td")][:6] for row in page.main.all("tr")]
    assert header == ["Label", "Definition", "Part of", "Close to", "Defined by", "Notation"]
    assert rows == [
        ["Metropolitan Police", "Its area.", "United Kingdom, Capitals", "–", "ONS", "E23000001 gss"],
        ["Capitals", "As printed.", "–", "–", "Us", "–"],
        ["United Kingdom", "The state.", "–", "–", "ISO", "GB iso-3166-1"],
        ["London", "As printed.", "Capitals, United Kingdom", "Metropolitan Police", "Us", "–"],
    ]
    assert page.links["GB"] == "http://www.wikidata.org/entity/Q145"
    codes = {one["code"]: one for one in api.get("/v1/codelists/area").json()["data"]["codes"]}
    assert codes["gb"]["same_as"] == "http://www.wikidata.org/entity/Q145"
    assert (codes["london"]["close"], codes["capitals"]["narrower"]) == (["E23000001"], ["london", "E23000001"])
    table = {row["code"]: row for row in csv.DictReader(io.StringIO(api.get("/v1/codelists/area.csv").text))}
    assert (table["gb"]["notation"], table["gb"]["scheme"]) == ("GB", "iso-3166-1")
    assert table["capitals"]["narrower"] == "london E23000001"
    found = api.get("/v1/observations?area=capitals").json()
    assert [one["id"] for one in found["data"]] == ["bbbb2"]
    assert found["meta"]["narrower"] == {"area": ["london", "E23000001"]}
    [place] = api.get("/v1/dcat").json()["dcat:dataset"][0]["dcterms:spatial"]
    assert (place["skos:notation"], place["skos:prefLabel"]["@value"]) == ("E23000001", "Metropolitan Police")


CORRECTION = {
    "id": "not-five", "version": 1, "source": "paper", "at": "char=50,54", "printed": "five", "reading": "There were five.",
    "other_source": "paper", "other_reading": "There were six.", "explanation": "The publisher corrected it.", "affects": ["bbbb2"],
    "notes": {"other_at": "A notice.", "other_printed": "A notice.", "publisher_told": "It told us."},
}  # fmt: skip


def test_a_correction_leads_to_the_figure_that_it_ended_and_back(api, publish):
    table = "id | value\n bbbb2 | 5\n bbbb3 | 6"
    publish(table, number="1.0.0")
    publish(
        table, number="2.0.0", released="2024-06-01", files={"corrections.yaml": json.dumps([CORRECTION])},
        ended=["bbbb2=The publisher corrected it;bbbb3"],
    )  # fmt: skip
    page = read_page(api, "/corrections/not-five")
    assert "/observations/bbbb2" in page.addresses
    assert "bbbb2: not in force in this release." in page.text
    assert "No figure is affected." not in page.text
    assert "/corrections/not-five" in read_page(api, "/observations/bbbb2").addresses
    assert not any(
        "corrections/not-five" in one for one in read_page(api, "/observations/bbbb2?release=1.0.0").addresses
    )
