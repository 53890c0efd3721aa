"""A number is looked up as it was found, and each figure with it says what it is and what it is not."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from urllib.parse import quote

import pytest

from misconduct.site import look_up as look_up_page
from misconduct.site import number_input, observation, pages
from misconduct.site.number_input import read_typed
from tests.registers import disagreement_reasons, observation_id
from tests.site.reading import Page, read_page


def look_up(client, typed: str, status: int = 200) -> Page:
    return read_page(client, f"/look-up?value={quote(typed)}", status)


def found(page: Page) -> list[str]:
    """The figures that were found, as printed."""
    return [one.text for one in page.main.all("h2") if one.attributes.get("class") == "big"]


@pytest.mark.parametrize(
    ("typed", "value", "unit"),
    [
        ("1,071", 1071, "count"),
        ("1071", 1071, "count"),
        ("1 071", 1071, "count"),
        ("1'071", 1071, "count"),
        ("1\u2019071\u2019482", 1071482, "count"),
        ("1\u00a0071", 1071, "count"),
        ("1\u202f071", 1071, "count"),
        ("18 000 000", 18_000_000, "count"),
        ("about 1,000", 1000, "count"),
        ("~1,000 officers", 1000, "count"),
        ("“nearly 1,000” serving officers.", 1000, "count"),
        ("more than a thousand", 1000, "count"),
        ("10k", 10_000, "count"),
        ("1.5m", 1_500_000, "count"),
        ("£1.5m", 1_500_000, "count"),
        ("£1,071", 1071, "count"),
        ("42%", 42, "percent"),
        ("42 per cent of those asked", 42, "percent"),
        ("one in 50", Fraction(1, 50), "proportion"),
        ("around one in 50 officers", Fraction(1, 50), "proportion"),
        ("a third", Fraction(1, 3), "proportion"),
        ("0", 0, "count"),
        ("-5", -5, "count"),
    ],
)
def test_a_number_is_read_as_people_type_it(typed, value, unit):
    reading = read_typed(typed).reading
    assert (reading.value, reading.unit) == (value, unit)


@pytest.mark.parametrize(
    "typed", ["", "officers", "no", "between 1,000 and 1,071", "1,07", "\x00", "1" * 200, "½½", "%"]
)
def test_what_is_not_one_number_is_none(typed):
    assert read_typed(typed) is None


@pytest.mark.parametrize("typed", ["1,071", "1 071", "1071", "about 1,071 officers", "£1,071"])
def test_1071_is_found_however_it_is_typed(real, typed):
    page = look_up(real.client, typed)
    assert found(page) == ["It's estimated 1,071", "It's estimated 1,071"]
    assert "This is a count of officers and staff: under review, domestic abuse or sexual offences" in page.text
    assert "Stated by: Spokesperson, Metropolitan Police." in page.text
    assert (
        "2 figures with this number, tracing back to 1 statement. Papers that quote one statement count once."
        in page.text
    )


def test_each_figure_says_what_it_must_not_be_compared_with_and_in_what_they_differ(real):
    page = look_up(real.client, "1,071")
    [against, *_] = [one.text for one in page.main.all("details") if "confused" in one.text]
    assert against.startswith(
        "Not to be confused with 7 other figures "
        "1,492, Officers: differs in what happened, kind of misconduct, population, period. How they differ"
    )
    assert "some 1,000, Officers and staff: may or may not be comparable: period not stated." in against
    assert "/compare?id=cxqbc&id=k7m3q" in page.addresses
    assert not [one.text for one in page.main.all("li") if one.text.startswith("It's estimated 1,071, Officers")]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("42%", "42%"),
        ("47 per cent", "47%"),
        ("0.42", "42%"),
        ("one in 50", "around one in 50"),
        ("2%", "around one in 50"),
    ],
)
def test_a_share_is_found_in_every_unit_in_which_it_can_be_given(real, typed, printed):
    assert printed in found(look_up(real.client, typed))


def test_a_count_of_people_is_not_found_by_a_percentage(real):
    assert found(look_up(real.client, "38")) == ["38"]
    assert found(look_up(real.client, "38%")) == []


@pytest.mark.parametrize(
    ("typed", "value", "unit", "fits"),
    [
        ("42%", "42", "percent", True),
        ("42%", "0.42", "proportion", True),
        ("42%", "0.42", "percent", False),
        ("42%", "42", "count", False),
        ("one in 3", "0.3333", "proportion", True),
        ("one in 3", "33.3333", "percent", True),
        ("one in 3", "0.34", "proportion", False),
        ("1,071", "1071", "count", True),
    ],
)
def test_a_figure_fits_in_its_own_unit_only(typed, value, unit, fits):
    assert read_typed(typed).fits(Decimal(value), unit) is fits


def test_a_number_below_1_without_a_unit_is_found_in_every_unit(api, publish):
    publish("""
        id    | statistic | unit       | value | printed
        bbbb2 | mean      | count      | 0.30  | 0.30
        bbbb3 | share     | proportion | 0.3   | 0.3
        bbbb4 | share     | percent    | 30    | 30%
        bbbb5 | count     | count      | 30    | 30
        bbbb6 | share     | percent    | 0.3   | 0.3%
        bbbb7 | rate      | per_thousand | 0.3 | 0.300
        bbbb8 | change    | percent    | -0.3  | 0.3000
        bbbb9 | rate      | per_thousand | 30  | 30.0
    """)
    page = read_page(api, "/look-up?value=0.30")
    assert sorted(found(page)) == ["0.3", "0.3%", "0.30", "0.300", "0.3000", "30%"]
    assert "6 figures with this number" in page.text
    assert found(read_page(api, "/look-up?value=30%25")) == ["0.3", "30%"]
    assert found(read_page(api, "/look-up?value=0.3%25")) == ["0.3%", "0.3000"]


def test_a_third_is_found_among_many_other_shares(api, publish):
    others = "\n".join(f"share | percent | {value} | {value}%" for value in range(1, 33) for _ in range(4))
    third = "share | percent | 33.3333 | one in three\n share | proportion | 0.3333 | a third"
    publish(f"statistic | unit | value | printed\n {others}\n {third}")
    page = read_page(api, "/look-up?value=a%20third")
    assert sorted(found(page)) == ["a third", "one in three"]
    assert "2 figures with this number" in page.text


def test_a_fall_is_found_by_the_number_that_is_printed(api, publish):
    publish("""
        id    | statistic | unit       | value   | printed
        bbbb2 | change    | percent    | -5      | 5%
        bbbb3 | share     | percent    | 5       | 5%
        bbbb4 | change    | proportion | -0.3333 | a third
        bbbb5 | change    | percent    | -4      | 4%
    """)
    assert found(look_up(api, "5%")) == ["5%", "5%"]
    assert found(look_up(api, "-5%")) == ["5%"]
    assert found(look_up(api, "a third")) == ["a third"]


def test_a_word_that_states_a_magnitude_is_found_by_itself(real):
    page = look_up(real.client, "hundreds")
    assert [one.lower() for one in found(page)] == ["hundreds"] * 6
    assert "6 figures with these words" in page.text


def test_where_no_figure_has_the_number_the_nearest_are_named(real):
    page = read_page(real.client, "/look-up?value=1,070&release=1.1.0")
    assert "No figure in release 1.1.0 has this number." in page.text
    assert page.under("Closest numbers").startswith("1,071")
    assert "/look-up?value=1071&release=1.1.0" in page.addresses
    assert "How to search" in page.text


def test_a_number_that_was_typed_without_commas_is_shown_with_them(real):
    assert look_up(real.client, "1071").main.all("h1")[0].text == "What is 1,071?"


def test_many_figures_say_first_what_they_count(real):
    page = look_up(real.client, "about 1,000")
    assert "What do you mean? They count people (5), cases (1), allegations (1), claims (1)." in page.text


def test_words_find_figures_about_them_the_best_and_largest_first(real):
    page = look_up(real.client, "sexual assault officers")
    assert page.main.all("h1")[0].text == "Figures about “sexual assault officers”"
    assert found(page) == ["944", "544", "169", "157", "116", "81", "72", "23", "4"]
    assert "They count cases (4); 5 do not say what they count." in page.text
    assert "The best matches come first, and of these the largest numbers." in page.text


def test_what_cannot_be_read_is_kept_and_told_beside_the_field(real):
    page = look_up(real.client, "xyz <b>", 422)
    [field] = [one for one in page.main.all("input") if one.attributes.get("name") == "value"]
    assert field.attributes["value"] == "xyz <b>"
    assert field.attributes["aria-describedby"] == "value-hint value-error"
    assert "Enter one number as you found it" in page.text


@pytest.mark.parametrize("raw", ["%00", "%FF", "1%00", "%EF%BF%BE", "%C2%BD"])
def test_no_bytes_make_it_fail(real, raw):
    assert real.client.get(f"/look-up?value={raw}", headers={"Accept": "text/html"}).status_code in (200, 422)


def test_without_a_number_it_is_a_form_with_examples(real):
    page = read_page(real.client, "/look-up")
    assert page.links["1,492"] == "/look-up?value=1%2C492"


def test_an_equals_sign_at_the_end_is_part_of_what_was_typed(real):
    for address in ("/look-up?value=1492=", "/look-up?value=1492%3D"):
        assert "1,492" in found(read_page(real.client, address))


def test_an_amount_of_money_is_said_to_be_none(real):
    assert "The register has no amounts of money." in look_up(real.client, "£1,071").text
    assert "amount of money" not in look_up(real.client, "1,071").text


def test_two_numbers_have_two_validators(real):
    first, second = (real.client.get(f"/look-up?value={one}") for one in ("1071", "1131"))
    assert first.headers["etag"] != second.headers["etag"]
    again = real.client.get("/look-up?value=1071", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_of_many_that_look_alike_some_are_compared_and_the_rest_is_a_link_away(api, publish, monkeypatch):
    monkeypatch.setattr(look_up_page, "MOST_COMPARED", 40)
    rows = "\n".join(f"{observation_id(n)} | {2010 + n} | {700 + (n > 10)}" for n in range(13))
    group = {
        "id": "how-many", "version": 1, "title": "How many", "question": "How many?", "reasons": ["definition"],
        "members": [observation_id(n) for n in range(13)], "explanation": "They differ.",
    }  # fmt: skip
    publish("id | year | value\n" + rows, files={**disagreement_reasons(), "disagreements.yaml": json.dumps([group])})
    page, few = look_up(api, "700"), look_up(api, "701")
    told = [one.text for one in page.main.all("details") if "confused" in one.text]
    assert len(told) == 11
    assert {one.count("differs in period") for one in told} == {3}
    assert all("3 other figures and perhaps more" in one for one in told)
    assert all("Not all that look alike were compared here: How many." in one for one in told)
    assert page.links["How many"] == "/disagreements/how-many"
    assert [one.text.count("differs in period") for one in few.main.all("details")] == [12, 12]
    assert "Not all" not in few.text


OF_TWO = {
    "id": "how-many", "version": 1, "title": "How many", "question": "How many?", "reasons": ["definition"],
    "members": [observation_id(n) for n in range(2)], "explanation": "They differ.",
}  # fmt: skip


def test_the_page_of_a_disagreement_of_many_figures_counts_as_an_export(served, publish, monkeypatch):
    publish(
        "year | value\n2020 | 1\n2021 | 2", files={**disagreement_reasons(), "disagreements.yaml": json.dumps([OF_TWO])}
    )
    path = "/disagreements/how-many"
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    assert served.client.get(path).status_code == 200
    monkeypatch.setattr(pages, "FIGURES_AT_ONCE", 1)
    assert served.client.get(f"{path}?release=1.0.0").status_code == 503
    monkeypatch.undo()
    assert served.client.get(f"{path}?release=1.0.0").status_code == 200


@pytest.mark.parametrize(("at_once", "status"), [(4, 200), (3, 503)])
def test_a_look_up_of_many_figures_and_others_beside_them_counts_as_an_export(
    served, publish, monkeypatch, at_once, status
):
    publish(
        "year | value\n2020 | 700\n2021 | 700",
        files={**disagreement_reasons(), "disagreements.yaml": json.dumps([OF_TWO])},
    )
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    monkeypatch.setattr(observation, "FIGURES_AT_ONCE", at_once)
    read_page(served.client, "/look-up?value=700", status)


def test_a_pinned_look_up_stays_in_its_release(api, publish):
    table = """
        category       | year | value
        sexual_assault | 2021 |   116
    """
    publish(table, released="2024-05-01")
    publish(table + "        stalking | 2023 | 117\n", released="2024-06-01")
    assert found(look_up(api, "117")) == ["117"]
    pinned = read_page(api, "/look-up?value=117&release=1.0.0")
    assert found(pinned) == []
    assert pinned.links["116"] == "/look-up?value=116&release=1.0.0"


def test_a_text_that_is_long_once_it_is_read_is_refused_before_its_words_are_counted(monkeypatch):
    """U+FDFA becomes eighteen characters and four words: a hundred of them would be 45,000 runs of words."""
    looked_at = []
    monkeypatch.setattr(number_input, "read_number", looked_at.append)
    assert read_typed("\ufdfa" * 100) is None
    assert looked_at == []
    assert read_typed("a " * 50) is None
    assert max(len(words.split()) for words in looked_at) == number_input.MOST_WORDS


def test_a_number_of_many_words_is_read():
    words = "nine hundred and one million nine hundred and one thousand nine hundred and one officers"
    assert read_typed(words).reading.value == 901_901_901


def cells(count: int, value: int = 7) -> str:
    """Rows of a table in which one number stands again and again, the last cell first."""
    rows = (f"table | {(number % 11) + 2010} | {value} | cell={count + 1 - number},2" for number in range(count))
    return "source | year | value | at\n" + "\n".join(rows)


def test_a_number_in_an_article_comes_before_the_many_of_a_table(api, publish):
    publish(f"{cells(120)}\n paper | 2023 | 7 | char=5,6\n paper | 2009 | 7 | char=9,10")
    page = look_up(api, "7")
    assert found(page) == ["7", "7"]
    assert (
        "2 figures with this number in articles and reports, tracing back to 1 statement. Papers that quote one "
        "statement count once; 120 figures in published tables."
    ) in page.text
    told = page.under("In published tables")
    assert told.count("This is a count of officers: accused, any misconduct, E23000001, in 20") == 20
    assert "Showing 20 of 120." in told
    assert page.links["CSV"] == "/v1/observations.csv?value=7"


def test_a_number_in_tables_alone_is_told_with_all_that_it_counts(api, publish):
    publish(cells(1))
    page = look_up(api, "7")
    assert "0 figures with this number in articles and reports; 1 figure in published tables." in page.text
    assert "This is a count of officers: accused, any misconduct, E23000001, in 2010." in page.under(
        "In published tables"
    )


def test_a_source_page_lists_cells_by_row_and_column(api, publish):
    publish("""
        source | year | value | at
        table  | 2020 | 7     | cell=10,2
        table  | 2021 | 8     | cell=9,10
        table  | 2022 | 9     | cell=9,9
        table  | 2023 | 10    | cell=100,1
    """)
    rows = read_page(api, "/sources/table").table("Figures in this source, in its order")
    assert [row[-1] for row in rows[1:]] == ["cell=9,9", "cell=9,10", "cell=10,2", "cell=100,1"]
