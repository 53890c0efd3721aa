"""The home page: the question with the most competing figures first, and a way to everything else."""

from __future__ import annotations

import json

import pytest

from tests.registers import disagreement_reasons
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


def test_the_question_with_the_most_figures_stands_first_with_each_as_printed(real):
    page = read_page(real.client, "/")
    heading = "How many people in the Metropolitan Police were accused of sexual or domestic misconduct?"
    assert page.main.all("h2")[0].text == heading
    assert page.under(heading).startswith("9 figures from 6 origins give different answers")
    first, second, third, *_, eighth, ninth = cards(page)[:9]
    assert first == (
        "1,492 How many officers were accused of something sexual in the ten years from 2014 to 2024? "
        "What Accused: Any sexual allegation Among whom Officers Unit People "
        "When from 2014 to 2024, printed as “ten years between 2014 and 2024” Stated by Metropolitan Police "
        "Printed in Met Police Discloses Unsettling Array Of Sexual Offence Stats Involving Its Officers, "
        "The Eye Of Media.Com, 2024"
    )
    assert second.startswith("1,131 ")
    assert third.startswith("It's estimated 1,071 ")
    assert eighth.startswith("approximately 1,000 ")
    assert ninth.startswith("Hundreds ")


def test_each_competing_figure_leads_to_its_page_and_its_source(real):
    addresses = read_page(real.client, "/").addresses
    for one in ("k7m3q", "gb7nr", "mw44s", "cxqbc", "frdkf", "rxctb", "w2rmd", "wrgv2", "w7vf8"):
        assert f"/observations/{one}" in addresses
    assert "/sources/police-oracle-2023-met-review" in addresses
    assert "/disagreements/how-many-were-accused" in addresses
    assert "/disagreements/who-the-hundreds-are" in addresses


def test_a_register_without_disagreements_has_no_question_and_the_page_is_whole(api, publish):
    publish(TWO)
    page = read_page(api, "/")
    assert [one.text for one in page.main.all("h2")] == ["Datasets", "Latest changes"]


def test_which_question_stands_first_is_decided_by_the_number_of_its_figures(api, publish):
    small, large = disagreement("small", ["bbbbb", "bbbbc"]), disagreement("large", ["bbbbb", "bbbbc", "bbbbd"])
    publish(TWO, files=with_disagreements(small, large))
    page = read_page(api, "/")
    assert page.main.all("h2")[0].text == "What of large?"
    assert cards(page)[1].startswith("nearly 169 ")
    assert page.links["About small"] == "/disagreements/small"


def test_the_last_releases_stand_there_the_newest_first_with_what_they_brought(api, publish):
    publish(TWO, released="2024-05-01", summary="The first figures.")
    publish(TWO + "    stalking | 2023 | 14 | |\n", released="2024-06-01", summary="One more figure.")
    page = read_page(api, "/")
    assert page.under("Latest changes").startswith(
        "Release 1.1.0 1 June 2024 One more figure. Release 1.0.0 1 May 2024 The first figures."
    )
    assert page.links["Release 1.1.0"] == "/releases/1.1.0/changes"


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
    for address in ("/", "/datasets"):
        page = read_page(real.client, address)
        for form in ("csv", "parquet", "xlsx", "json", "jsonl"):
            assert f"/v1/vetting-checks.{form}" in page.addresses
        assert real.client.get("/v1/vetting-checks.xlsx").status_code == 200


def test_the_home_page_asks_no_database(real):
    real.client.get("/v1/datasets?release=1.1.0")  # keeps what this release holds beside its figures
    with real.statements() as seen:
        read_page(real.client, "/?release=1.1.0")
    assert seen == []


@pytest.mark.parametrize("address", ["/", "/datasets", "/datasets/allegations", "/look-up", "/docs"])
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
    assert current == {"/datasets": ["page"], "/datasets/allegations": ["true"], "/docs": ["page"]}.get(address, [])
    for landmark in ("header", "main", "footer"):
        assert len(page.root.all(landmark)) == 1
    assert page.root.all("a")[0].attributes["href"] == "#main"
