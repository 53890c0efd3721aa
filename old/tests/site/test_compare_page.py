"""May these be put side by side? As a page, in words, with a form that keeps what was typed."""

from __future__ import annotations

import pytest

from tests.api.test_compare import DISAGREEMENTS, THREE
from tests.registers import source_text
from tests.site.reading import read_page, untold


@pytest.fixture
def three(publish):
    publish(THREE, "1.0.0", "2024-05-01", files=DISAGREEMENTS)


def test_the_verdict_comes_first_and_each_dimension_says_in_words_whether_they_are_alike(api, three):
    page = read_page(api, "/compare?id=bbbb2&id=bbbb4&id=bbbb5")
    assert page.text.startswith(
        "Can these figures be compared? No, they count different things. 1,492 (The publisher), nearly 1,000 "
        "(The publisher) and 1,492 (The publisher): they do not count the same thing"
    )
    rows = page.table("The figures, dimension by dimension")
    assert rows[:9] == [
        ["Dimension", "Are they the same?", "1,492", "nearly 1,000", "1,492"],
        ["Measure", "= same", "Accused", "Accused", "Accused"],
        ["Statistic", "= same", "Count", "Count", "Count"],
        ["Category", "= same", "Any misconduct", "Any misconduct", "Any misconduct"],
        ["Area", "= same", "E23000001", "E23000001", "E23000001"],
        ["Population", "≠ different", "Officers", "Officers and staff", "Officers"],
        ["Counting unit", "? not stated by all", "People", "People", "Unstated"],
        ["Unit", "= same", "Count", "Count", "Count"],
        ["Period", "= same", "in 2022", "in 2022", "in 2022"],
    ]


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        ("bbbb6", "Yes, they count the same thing."),
        ("bbbb4", "No, they count different things."),
        ("bbbb5", "It may or may not be: the sources do not say enough."),
    ],
)
def test_each_verdict_has_its_words(api, three, other, verdict):
    assert read_page(api, f"/compare?id=bbbb2&id={other}").main.all("strong")[0].text == verdict


def test_dates_are_in_words_and_what_only_looks_like_one_stays(api, publish):
    codes = "code,version,label,definition,broader,defined_by"
    for code, label in (("officers", "Officers of 2011-12"), ("staff", "Staff (2023-02-30; 0000-05; 2023-05)")):
        codes += f"\n{code},1,{label},Some.,,The tests"
    notes = dict.fromkeys(("byline", "url", "licence", "retrieved"), "Not known.")
    source = source_text("paper", published="2024-05-01", notes=notes)
    table = """
        population | period_type | period_start | period_end | value
        officers   | window      | 2023-04      | 2024-03    | 5
        staff      | window      | 2023-04-02   |            | 6
    """
    publish(table, files={"codelists/population.csv": codes, "sources/paper.yaml": source})
    sentence = read_page(api, "/compare?id=bbbbb&id=bbbbc").main.all("p")[1].text
    assert sentence.startswith("5 (The publisher, 1 May 2024) and 6 (The publisher, 1 May 2024): they do not count")
    assert "population (officers of 2011-12 / staff (2023-02-30; 0000-05; 2023-05))" in sentence
    assert "period (April 2023–March 2024 / since 2 April 2023)" in sentence


def test_figures_of_one_origin_are_one_piece_of_evidence(api, three):
    page = read_page(api, "/compare?id=bbbb2&id=bbbb3&id=bbbb4")
    assert page.under("2 publications behind them").endswith("Letter: 1,492, 1,492 Another: nearly 1,000")


def test_shared_disagreements_are_explained(api, three):
    page = read_page(api, "/compare?id=bbbb2&id=bbbb4")
    assert page.under("Disagreements that include all of them") == (
        "How many, again? Nobody knows. How many? Staff are counted in one."
    )
    assert {page.links["All of them"], page.links["How many"]} == {
        "/disagreements/all-of-them",
        "/disagreements/how-many",
    }
    assert "None." in read_page(api, "/compare?id=bbbb2&id=bbbb6").text


@pytest.mark.parametrize("ids", ["id=k7m3q&id=gb7nr", "id=cxqbc&id=frdkf&id=s79rj"])
def test_the_page_says_all_that_the_api_says(real, ids):
    found = real.client.get(f"/v1/compare?{ids}").json()["data"]
    page = read_page(real.client, f"/compare?{ids}")
    assert untold(page, found["sentence"]) == []
    assert untold(page, found["disagreements"]) == []
    for dimension in found["dimensions"]:
        if dimension["dimension"] != "period":
            assert untold(page, dimension["values"]) == []
    assert untold(page, [figure["caveats"] for figure in found["observations"]], ("id",)) == []


def test_without_ids_there_is_a_form_and_what_it_asks_for(api, three):
    page = read_page(api, "/compare")
    assert "Enter the ids of two figures" in page.text
    [form] = page.main.all("form")
    assert (form.attributes["method"], form.attributes["action"]) == ("get", "/compare")
    assert [one.attributes["name"] for one in form.all("input")] == ["id", "id"]


def test_one_figure_is_kept_while_another_is_chosen_and_its_look_alikes_are_offered(api, three):
    page = read_page(api, "/compare?id=bbbb2&id=")
    assert "You have chosen one figure: 1,492." in page.text
    assert page.links["How many"] == "/compare?id=bbbb2&id=bbbb4"
    fields = [one.attributes for one in page.main.all("input")]
    assert [(one["name"], one.get("value"), one.get("type")) for one in fields] == [
        ("id", "bbbb2", "hidden"),
        ("id", None, None),
    ]


def test_a_further_figure_is_added_and_one_is_left_out(api, three):
    page = read_page(api, "/compare?id=bbbb2&id=bbbb4&id=bbbb6")
    kept = [one.attributes.get("value") for one in page.main.all("input")]
    assert kept == ["bbbb2", "bbbb4", "bbbb6", None]
    assert page.links["1,500 (bbbb6)"] == "/compare?id=bbbb2&id=bbbb4"


def test_an_id_that_is_not_there_is_named_beside_its_field_which_keeps_what_was_typed(api, three):
    page = read_page(api, "/compare?id=bbbb2&id=1492", status=422)
    first, second = page.main.all("input")
    assert ("aria-invalid" in first.attributes, second.attributes["aria-invalid"]) == (False, "true")
    assert (first.attributes["value"], second.attributes["value"]) == ("bbbb2", "1492")
    [said] = [one for one in page.main.walk() if one.attributes.get("id") == second.attributes["aria-describedby"]]
    assert said.text.startswith("'1492' is not an observation in this release.")
    assert page.links["look it up"] == "/look-up?value=1492"


def test_too_many_figures_are_refused_in_words(api, three):
    many = "&".join(f"id=bbb{letter}{digit}" for letter in "bcd" for digit in "2345678")
    page = read_page(api, f"/compare?{many}", status=422)
    assert "Give 2 to 20 different ids" in page.text


def test_what_was_typed_never_becomes_markup(api, three):
    page = read_page(api, '/compare?id=bbbb2&id="><script>alert(1)</script>', status=422)
    assert (page.root.all("script"), page.main.all("input")[1].attributes["value"]) == (
        [],
        '"><script>alert(1)</script>',
    )


def test_a_comparison_in_a_release_stays_in_it(api, publish, three):
    publish(THREE + "    bbbb7 | another | | officers | people | 2022 | 7 | | exact\n", "2.0.0", "2024-06-01", files=DISAGREEMENTS)  # fmt: skip
    page = read_page(api, "/compare?id=bbbb2&id=bbbb4&release=1.0.0")
    inside = [one for one in page.addresses if one.startswith(("/observations", "/codelists", "/sources", "/disagree"))]
    assert inside
    assert all("release=1.0.0" in one for one in inside)
    [kept] = [one for one in page.main.all("input") if one.attributes["name"] == "release"]
    assert kept.attributes["value"] == "1.0.0"
    assert (
        "'bbbb7' is not an observation" in read_page(api, "/compare?id=bbbb2&id=bbbb7&release=1.0.0", status=422).text
    )


def test_a_comparison_is_one_statement(served, three):
    read_page(served.client, "/compare?id=bbbb2&id=bbbb6")
    with served.statements() as seen:
        read_page(served.client, "/compare?id=bbbb2&id=bbbb4&id=bbbb5")
    assert len(seen) == 1
