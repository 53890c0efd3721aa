"""The home page: the question with the most competing figures first, and a way to everything else."""

from __future__ import annotations

import json

import pytest

from misconduct.register import assessments
from misconduct.settings import Settings
from tests.registers import disagreement_reasons
from tests.serving import serve
from tests.site.reading import Page, read_page

TWO = """
    category       | year | value | hedge  | qualifier
    sexual_assault | 2021 |   116 |        |
    sexual_assault | 2022 |   169 | nearly | just_under
    stalking       | 2022 |    12 |        |
"""


def disagreement(slug: str, members: list[str], **keys: object) -> dict[str, object]:
    texts = {"title": f"About {slug}", "question": f"What of {slug}?", "explanation": "They count unlike things."}
    return {"id": slug, "version": 1, "members": members, "reasons": ["unknown"], **texts, **keys}


def with_disagreements(*records: dict[str, object]) -> dict[str, str]:
    return {"disagreements.yaml": json.dumps(records), **disagreement_reasons()}


def cards(page: Page) -> list[str]:
    return [one.text for one in page.main.all("li") if one.attributes.get("class") == "card"]


def test_three_questions_stand_first_with_their_answers_as_printed(real):
    page = read_page(real.client, "/")
    assert page.main.all("h2")[0].text == "Questions with more than one answer"
    assert "The only force in it so far: Metropolitan Police." in page.text
    first, second, third = cards(page)
    assert first == (
        "How many people in the Metropolitan Police were accused of sexual or domestic misconduct? "
        "How many officers were accused of something sexual in the ten years from 2014 to 2024? 1,492 "
        "How many serving about April 2023 had been accused of domestic or sexual offences in ten years? 1,131 "
        "How many officers and staff did the force expect, in January 2023, to have in its review of past cases? "
        "It's estimated 1,071"
    )
    assert second.startswith("Which 1,000 is meant? ")
    assert "some 1,000" in second
    assert third.startswith("How many cases of sexual misconduct were there in ten years? ")


def test_each_answer_leads_to_its_figure_and_each_question_to_its_page(real):
    page = read_page(real.client, "/")
    for one in ("k7m3q", "gb7nr", "cxqbc", "wrgv2", "smnvj"):
        assert f"/observations/{one}" in page.addresses
    assert page.links["Which 1,000 is meant?"] == "/disagreements/figures-of-1000"
    assert {"/disagreements", "/charts", "/datasets", "/releases"} <= set(page.addresses)


def test_a_register_without_disagreements_has_no_question_and_the_page_is_whole(api, publish):
    publish(TWO)
    page = read_page(api, "/")
    assert [one.text for one in page.main.all("h2")] == ["Latest change", "Datasets"]


def test_which_question_stands_first_is_decided_by_the_number_of_its_figures(api, publish):
    small, large = disagreement("small", ["bbbbb", "bbbbc"]), disagreement("large", ["bbbbb", "bbbbc", "bbbbd"])
    publish(TWO, files=with_disagreements(small, large))
    page = read_page(api, "/")
    assert [one.text for one in page.main.all("h3")] == ["What of large?", "What of small?"]
    assert "nearly 169" in cards(page)[0]
    assert page.links["What of small?"] == "/disagreements/small"


def test_a_question_that_no_figure_of_its_disagreement_answers_is_left_out(api, publish, monkeypatch):
    monkeypatch.setattr(assessments, "_answered_by_others", lambda _: ())  # as in versions that released such
    told = [{"question": f"What of {one}?", "observation": one} for one in ("bbbbd", "bbbbc")]
    publish(TWO, files=with_disagreements(disagreement("two", ["bbbbb", "bbbbc"], answers=told)))
    assert cards(read_page(api, "/")) == ["What of two? What of bbbbc? nearly 169"]


def test_the_newest_change_stands_there(api, publish):
    publish(TWO, released="2024-05-01", summary="The first figures.")
    publish(TWO + "    stalking | 2023 | 14 | |\n", released="2024-06-01", summary="One more figure.")
    page = read_page(api, "/")
    assert page.under("Latest change").startswith("Release 1.1.0, 1 June 2024. One more figure.")
    assert page.links["Release 1.1.0"] == "/releases/1.1.0/changes"


@pytest.mark.parametrize(
    ("setting", "said"),
    [("figures@example.org", "figures@example.org"), (None, "No contact address is set for this site")],
)
def test_the_contact_is_that_of_the_settings_and_its_lack_is_said(database, publish, setting, said):
    publish(TWO)
    with serve(Settings(database_url=database.reader, contact=setting, port=8000)) as running:
        running.wait_for_release("1.0.0")
        page = read_page(running.client, "/contact")
    assert said in page.text
    assert ("mailto:figures@example.org" in page.addresses) is bool(setting)


def test_the_page_about_the_register_counts_its_sources_and_says_what_it_cannot_say(real):
    page = read_page(real.client, "/about")
    sources = real.client.get("/v1/sources").json()["data"]
    held = sum(one["held"] for one in sources)
    assert f"has {len(sources)} sources: {held} that were read, and {len(sources) - held} that are known" in page.text
    assert page.under("What it cannot say").startswith("An accusation is not a finding.")


def test_the_navigation_names_what_readers_look_for(real):
    page = read_page(real.client, "/")
    [header] = page.root.all("header")
    named = {one.text: one.attributes["href"] for one in header.all("a")}
    assert {name: named[name] for name in ("Figures", "Published errors", "Refused requests", "About")} == {
        "Figures": "/datasets",
        "Published errors": "/corrections",
        "Refused requests": "/non-publications",
        "About": "/about",
    }


def test_a_pinned_page_says_so_knows_no_later_release_and_its_links_stay_in_its_release(api, publish):
    publish(TWO, released="2024-05-01")
    publish(TWO + "    stalking | 2023 | 14 | |\n", released="2024-06-01", summary="One more figure.")
    page = read_page(api, "/?release=1.0.0")
    [notice] = [one for one in page.root.all("aside") if one.attributes["class"] == "notice"]
    assert notice.text.startswith("You are viewing release 1.0.0 of 1 May 2024. It never changes.")
    assert notice.all("a")[0].attributes["href"] == "/"
    assert "One more figure." not in page.text
    assert page.links["Allegations"] == "/datasets/allegations?release=1.0.0"
    [hidden] = [one for one in page.main.all("input") if one.attributes.get("type") == "hidden"]
    assert (hidden.attributes["name"], hidden.attributes["value"]) == ("release", "1.0.0")


def test_the_newest_release_has_no_notice(api, publish):
    publish(TWO)
    assert read_page(api, "/").root.all("aside") == []


def test_the_datasets_have_their_downloads(real):
    page = read_page(real.client, "/datasets")
    for form in ("csv", "parquet", "xlsx", "json", "jsonl"):
        assert f"/v1/vetting-checks.{form}" in page.addresses
        assert real.client.get("/v1/vetting-checks.xlsx").status_code == 200


def test_the_home_page_asks_no_database(real):
    real.client.get("/v1/datasets?release=1.1.0")  # keeps what this release holds beside its figures
    with real.statements() as seen:
        read_page(real.client, "/?release=1.1.0")
    assert seen == []


@pytest.mark.parametrize(
    "address", ["/", "/datasets", "/datasets/allegations", "/look-up", "/about", "/contact", "/docs"]
)
def test_a_page_has_a_title_a_description_its_own_address_and_where_one_is(real, address):
    page = read_page(real.client, address)
    metas = {
        one.attributes.get("name", one.attributes.get("property", "")): one.attributes.get("content", "")
        for one in page.root.all("meta")
    }
    links = {one.attributes["rel"]: one.attributes["href"] for one in page.root.all("link")}
    assert metas["description"]
    assert metas["og:title"]
    assert metas["og:description"] == metas["description"]
    assert links["canonical"] == metas["og:url"] == f"http://localhost:8000{address}"
    current = [one.attributes["aria-current"] for one in page.root.all("a") if "aria-current" in one.attributes]
    assert current == {
        "/datasets": ["page"],
        "/datasets/allegations": ["true"],
        "/about": ["page"],
        "/contact": ["page"],
        "/docs": ["page"],
    }.get(address, [])
    for landmark in ("header", "main", "footer"):
        assert len(page.root.all(landmark)) == 1
    assert page.root.all("a")[0].attributes["href"] == "#main"
