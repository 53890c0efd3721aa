"""A search answers what people ask with rows of the table, or says what is not held, and what is nearest.

The page shows the answer of the API: each question here is asked of both.
"""

import html
import re
from pathlib import Path

import pytest
import yaml

from .test_pages import BROWSER

ASKED = yaml.safe_load((Path(__file__).parent / "questions.yaml").read_text("utf-8"))
FIRST, NEAREST = ASKED["first"], ASKED["nearest"]
QUESTIONS = [question for some in ASKED.values() for question in some]


def ask(client, text, **given):
    answer = client.get("/v1/search", params={"q": text, **given})
    assert answer.status_code == 200
    return answer.json()


def show(client, text, **given):
    """Return the page of an answer, the figures in its tables, and where its links lead."""
    page = client.get("/search", params={"q": text, **given}, headers=BROWSER)
    assert page.status_code == 200
    main = re.search(r"<main.*</main>", page.text, re.DOTALL)[0]
    number = r'class="(?:big num[^"]*|num)"><a href="/figures/(\w+)'
    figures = re.findall(number, main)
    return main, figures, html.unescape(" ".join(re.findall(r'href="([^"]+)"', main)))


def ids(rows):
    return [row["id"] for row in rows]


def first(answer):
    return answer["data"][0]


@pytest.mark.parametrize("text", QUESTIONS)
def test_the_page_shows_the_answer_of_the_api_in_its_order(client, text):
    answer, (_, figures, links) = ask(client, text), show(client, text)
    near = [one for missing in answer["missing"] for one in ids(missing["nearest"])]
    assert figures == [*ids(answer["data"]), *near]
    for area in answer["read"]["area"]:
        assert f"/areas/{area['code']}" in links


@pytest.mark.parametrize(("text", "figure"), FIRST.items())
def test_what_is_asked_comes_first(client, text, figure):
    assert first(ask(client, text))["id"] == figure


@pytest.mark.parametrize(("text", "missing"), NEAREST.items())
def test_what_is_not_held_is_missing_with_what_is_nearest(client, text, missing):
    answer, (reason, figure, why) = ask(client, text), missing
    said = answer["missing"][0]
    assert answer["data"] == []
    assert (said["reason"], said["nearest"][0]["id"]) == (reason, figure)
    assert why in said["nearest"][0]["why"]


@pytest.mark.parametrize(("text", "expected"), ASKED["rows"].items())
def test_a_question_has_its_row_or_a_reason(client, text, expected):
    answer = ask(client, text)
    if answer["data"]:
        row = first(answer)
        assert f"{row['indicator']} {row['area_code']}" == expected
    else:
        said = answer["missing"][0]
        assert said["reason"] == expected
        assert said["try"]


@pytest.mark.parametrize(("text", "meant"), ASKED["names"].items())
def test_nothing_is_answered_beside_a_word_that_may_be_a_name(client, text, meant):
    answer = ask(client, text)
    said = answer["missing"][0]
    searches = [one for one in said["try"] if "/v1/search?" in one]
    assert (answer["data"], said["reason"]) == ([], "not_understood")
    assert answer["read"]["not_understood"]
    offered = [client.get(one).json()["q"] for one in searches]
    assert offered[:1] == ([meant] if meant else [])


@pytest.mark.parametrize("text", ASKED["nothing"])
def test_a_question_without_words_has_no_rows_and_a_way_on(client, text):
    answer = ask(client, text)
    assert answer["data"] == []
    assert answer["missing"]


@pytest.mark.parametrize("text", QUESTIONS)
def test_each_way_on_answers(client, text):
    for missing in ask(client, text)["missing"]:
        for way in missing["try"]:
            assert client.get(way).status_code == 200, way


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Met officers suspended 2023", {"indicator": "suspended_on_a_day", "area": "E23000001"}),
        ("sexual misconduct Kent", {"kind": "sexual", "area": "E23000032"}),
        ("US police complaints", {"area": "us", "indicator": "complaints"}),
        ("the us in 2024: complaints", {"area": "us"}),
        ("New York or Philadelphia more complaints", {"area": "us_ny_new_york"}),
    ],
)  # fmt: skip
def test_an_answer_says_what_was_read(client, text, read):
    found = ask(client, text)["read"]
    for name, code in read.items():
        assert code in [one["code"] for one in found[name]]
        assert all(one["name"] for one in found[name])


def test_a_word_is_no_place_and_a_year_and_a_number_are_read(client):
    assert ask(client, "tell us about complaints")["read"]["area"] == []
    assert ask(client, "1,071 in 2024/25")["read"]["number"] == "1,071"
    assert ask(client, "complaints 2023/24 and 2022/23")["read"]["year"] == [
        "2023/24",
        "2022/23",
    ]


def test_rows_are_those_of_the_table(client):
    answer = ask(client, "suspended Met", columns="all")
    [row] = client.get(f"/v1/figures?id={first(answer)['id']}&columns=all").json()[
        "data"
    ]
    assert first(answer) == row


def test_files_have_all_rows_and_pages_of_json_follow_each_other(client):
    answer = ask(client, "suspended")
    found, following = ids(answer["data"]), answer["links"]["next"]
    assert len(found) == 10
    while following:
        page = client.get(following).json()
        found, following = [*found, *ids(page["data"])], page["links"]["next"]
    table = client.get("/v1/search.csv?q=suspended&columns=id").text.split()
    assert table == ["id", *found]
    assert len(found) == len({*found}) == answer["meta"]["total"]
    assert answer["links"]["csv"].endswith("/v1/search.csv?q=suspended")
    assert answer["links"]["page"].endswith("/search?q=suspended")
    assert show(client, "suspended", offset="10")[1][:3] == found[10:13]


@pytest.mark.parametrize("q", [None, "", " ", "a" * 201])
def test_a_question_that_is_none_or_too_long_is_refused(client, q):
    answer = client.get("/v1/search", params={"q": q} if q is not None else {})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "q"


def test_a_request_for_what_a_force_has_not_published_is_ready(client):
    said = ask(client, "restricted duties Kent Police")["missing"][0]
    assert (said["indicator"], said["area_code"]) == (
        "restricted_on_a_day",
        "E23000032",
    )
    assert said["ask"]["url"].startswith("https://www.whatdotheyknow.com/new/")
    assert said["ask"]["url"] in show(client, "restricted duties Kent Police")[2]
    [elsewhere] = ask(client, "suspended Delhi")["missing"]
    assert elsewhere["ask"] is None
    assert "/areas/in_dl" in [one.partition("/v1")[2] for one in elsewhere["try"]]


def test_what_is_held_of_a_place_is_not_said_to_lack(client):
    for text in (
        "suspended Met",
        "Kent",
        "dismissed England and Wales",
        "Kent reviews",
    ):
        assert not any(
            one["nearest"] or one["indicator"] for one in ask(client, text)["missing"]
        ), text


def test_the_country_of_readers_is_nearest_if_it_holds_another_year_only(client):
    answer = ask(client, "deaths in custody 2022")
    assert first(answer)["area_code"] == "jm"
    [said] = [one for one in answer["missing"] if one["nearest"]]
    assert (said["reason"], said["nearest"][0]["area_code"]) == ("other_time", "gb_eaw")
    assert not any(
        one["nearest"] for one in ask(client, "deaths in custody 2018/19")["missing"]
    )


@pytest.mark.parametrize(("text", "said"), ASKED["lacks"].items())
def test_what_the_first_row_lacks_is_said_by_columns(client, text, said):
    answer, (reason, asked) = ask(client, text), said
    assert answer["data"]
    lacks = [(one["reason"], one["asked"]) for one in answer["missing"]]
    assert (reason, asked) in lacks


def test_rows_of_a_rate_that_nobody_computes_stand_beside_the_size_of_the_force(client):
    answer = ask(client, "dismissed per 1,000 officers England and Wales")
    assert first(answer)["id"] == "xx6c3"  # 426, all of them
    near = [row["indicator"] for one in answer["missing"] for row in one["nearest"]]
    assert "full_time_equivalents" in near


def test_what_is_asked_is_said_by_columns(client):
    said = ask(client, "Met police officers sacked for racism in 2019")["missing"][0]
    assert said["asked"].keys() == {"indicator", "kind", "area", "year"}


def test_of_two_places_the_one_without_a_row_is_missing_and_both_stand_side_by_side(
    client,
):
    text = "GMP and Met officers suspended"
    answer = ask(client, text)
    assert "E23000005" in [one["area_code"] for one in answer["missing"]]
    codes = [one["code"] for one in answer["read"]["area"]]
    assert f"/areas/{','.join(codes)}" in show(client, text)[2]
    missing = ask(client, "Gloucestershire and Leicestershire complaints compared")[
        "missing"
    ]
    near = {one["area_code"]: one["nearest"][0] for one in missing if one["area_code"]}
    assert {*near} == {"E23000021", "E23000037"}
    assert all(row["area_code"] == code for code, row in near.items())
    rows = ask(client, "complaints finalised Essex and Sussex")["data"]
    assert {"Essex Police", "Sussex Police"} <= {row["area"] for row in rows}


def test_a_number_that_only_a_sum_has_is_explained(client):
    """1,805 is what four kinds of cases add up to; a table of Himachal Pradesh has it, too."""
    answer = ask(client, "1805")
    assert "disagreement" in [one["type"] for one in answer["notes"]]
    assert "/disagreements/" in show(client, "1805")[2]
    assert not any(one["reason"] == "other_number" for one in answer["missing"])


def test_another_number_that_may_be_meant_stands_beside_the_one_that_is_found(client):
    [said] = ask(client, "1,800")["missing"]
    assert said["reason"] == "other_number"
    assert "smnvj" in ids(said["nearest"])


@pytest.mark.parametrize(
    "text", ["payouts", "compensation Met police", "average length of suspension"]
)
def test_money_and_time_are_said_not_to_be_held_and_have_no_rows(client, text):
    answer = ask(client, text)
    assert answer["data"] == []
    assert "not_held" in [one["reason"] for one in answer["missing"]]


@pytest.mark.parametrize("town", ["Minneapolis", "Houston", "Cape Town"])
def test_a_town_that_is_read_as_a_wider_place_keeps_its_name(client, town):
    first, *others = ask(client, f"{town} police complaints 2020")["missing"]
    assert first["asked"]["area"] == town
    assert {"area": town} in [one["asked"] for one in others]


def test_a_span_of_years_is_answered_with_each_of_them(client):
    rows = ask(client, "cops charge-sheeted in Delhi 2005-2008")["data"]
    assert [row["id"] for row in rows] == ["nw4r4", "kf873", "gw5ns", "j73zf"]


def test_who_said_a_number_first_comes_first(client):
    answer = ask(client, "who first reported 1,071", columns="published,indicator")
    *rows, last = answer["data"]
    days = [row["published"] for row in rows]
    assert days == sorted(days)
    assert last["indicator"] == "full_time_equivalents"  # the size of a force
    assert len(days) > 1


@pytest.mark.parametrize("text", [*FIRST, *NEAREST, "football misconduct"])
def test_a_list_of_figures_begins_with_the_row_of_the_search(client, text):
    """It also tells what the search tells."""
    table = client.get("/v1/figures", params={"q": text, "limit": "1"}).json()
    answer = ask(client, text)
    assert ids(table["data"]) == ids(answer["data"][:1])
    assert answer["data"] or table["missing"] == answer["missing"]


def test_a_question_of_many_words_costs_no_more_than_one_of_few(client):
    """Each word is looked up once, and few are guessed."""
    words = " ".join(f"xq{one}z" for one in range(33))
    said = ask(client, words)
    assert said["read"]["not_understood"]
    assert not any("/v1/search" in way for way in said["missing"][0]["try"])


def test_what_nobody_has_published_is_found(client):
    found = ask(client, "officers accused by year Met")["missing"]
    ways = [way.partition("/v1")[2] for one in found for way in one["try"]]
    assert "/notes/officers-accused-by-year" in ways
    assert (
        "/unpublished/officers-accused-by-year"
        in show(client, "officers accused by year Met")[2]
    )


def test_the_places_of_a_table_are_one_row(client):
    assert "34 states and territories" in show(client, "complaints in India")[0]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("latest suspended", "suspended now"),
        ("most recent suspended", "suspended now"),
        ("Kent Police officers 30 September 2025", "Kent Police officers 2025"),
        ("Kent Police officers 30th September 2025", "Kent Police officers 2025"),
        ("suspended Met unicorns", "suspended Met"),
        ("IOPC complaints 2024/25 total", "IOPC complaints 2024/25"),
    ],
)
def test_words_that_narrow_nothing_change_nothing(client, text, same):
    assert ids(ask(client, text)["data"]) == ids(ask(client, same)["data"])


def test_an_old_release_is_searched_when_it_is_named(client):
    number = ask(client, "dismissed")["meta"]["release"]
    answer = ask(client, "dismissed", release=number)
    assert f"release={number}" in answer["links"]["page"]
    assert first(answer)["cite_as"].endswith(f"release={number}")
    assert f"release={number}" in show(client, "dismissed", release=number)[2]
