"""Figures found by words."""

from __future__ import annotations

import json

import pytest

from tests.api.test_columns import header_and_rows
from tests.registers import source_text


def found(real, query: str) -> dict:
    answer = real.client.get(f"/v1/observations?limit=1000&{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(answer: dict) -> list[str]:
    return [one["id"] for one in answer["data"]]


@pytest.mark.parametrize(
    ("words", "name", "code"),
    [
        ("harassment", "category", "sexual_harassment"),
        ("sexually harassing", "category", "sexual_harassment"),
        ("suspended", "measure", "suspended"),
        ("HOTLINE", "measure", "called_hotline"),
    ],
)
def test_words_find_the_figures_whose_codes_have_them_in_any_form(real, words, name, code):
    answer = found(real, f"q={words}")
    assert code in {one[name]["code"] for one in answer["data"]}
    assert name in answer["data"][0]["matched"].values()


def test_every_word_must_be_there_and_each_says_where(real):
    answer = found(real, "q=suspended Unsettling&columns=id,measure,source")
    assert {one["source"]["id"] for one in answer["data"]} == {"eye-of-media-2024-disclosure"}
    assert answer["data"][0]["measure"]["code"] == "suspended_or_restricted"
    assert answer["data"][0]["matched"] == {"suspended": "measure", "Unsettling": "source"}


def test_printed_words_numbers_sources_and_caveats_are_found(real):
    assert set(found(real, "q=hundreds&columns=id,printed")["data"][0]["matched"].values()) == {"printed"}
    matched = [(one["id"], one["matched"]["1,071"]) for one in found(real, "q=1,071")["data"]]
    assert sorted(matched[:2]) == [("cxqbc", "value"), ("mw44s", "value")]
    assert {column for _, column in matched[2:]} == {"caveats"}
    assert ids(found(real, "q=1071")) == ids(found(real, "q=1,071"))
    assert "source" in {found["matched"]["Unsettling"] for found in found(real, "q=Unsettling")["data"]}
    assert "caveats" in {one["matched"]["nearly"] for one in found(real, "q=nearly")["data"]}


@pytest.mark.parametrize("number", ["32,000", "32000"])
def test_a_number_in_a_note_is_found_however_its_digits_are_grouped(real, number):
    answer = found(real, f"q={number}&columns=id,caveats")
    assert {one["matched"][number] for one in answer["data"]} == {"caveats"}
    assert all("one_in_200_base" in [caveat["id"] for caveat in one["caveats"]] for one in answer["data"])
    assert answer["meta"]["total"] == 2


@pytest.mark.parametrize("typed", ["Met's", "Met\u2019s"])
def test_an_apostrophe_is_the_same_straight_or_curved(real, typed):
    assert found(real, f"q={typed}")["meta"]["total"] == 66


def test_words_are_found_whatever_signs_of_print_stand_beside_them(api, publish):
    title = "\u201cToxic\u201d culture\u2014officers\u2019 misconduct at Scotland Yard\u2019s unit, 2019\u20132023"
    note = "The force\u2019s \u201cvetting\u201d backlog\u2014suspensions included\u2014is not counted\u2026 (re\u0301sume\u0301)"
    publish(
        "value | caveats\n 5 | note\n 6 |",
        files={
            "sources/paper.yaml": source_text("paper", title=title),
            "caveats.yaml": json.dumps([{"id": "note", "version": 1, "text": note}]),
        },
    )

    def count(word: str) -> int:
        return api.get("/v1/observations", params={"q": word}).json()["meta"]["total"]

    of_title = ("toxic", "culture", "officers", "Yard", "Yard's", "2019", "2023")
    of_note = ("vetting", "backlog", "suspensions", "included", "counted", "re\u0301sume\u0301")
    assert {word: count(word) for word in of_title} == dict.fromkeys(of_title, 2)
    assert {word: count(word) for word in of_note} == dict.fromkeys(of_note, 1)


def test_the_parts_of_what_reads_as_a_host_are_found(real):
    """Postgres takes the publisher's name, "The Eye Of Media.Com", for the host media.com."""
    whole = found(real, "q=media.com")
    assert whole["meta"]["total"] > 50
    for words in ("media", "Eye of Media", "The Eye of Media.Com"):
        assert sorted(ids(found(real, f"q={words}"))) == sorted(ids(whole))


def test_the_best_match_comes_first_and_pages_continue_in_that_order(real):
    whole = found(real, "q=sexual&columns=id")
    places = [next(iter(one["matched"].values())) for one in whole["data"]]
    assert places == sorted(places, key=["category", "printed", "source", "origin", "caveats"].index)
    address, collected = "/v1/observations?q=sexual&columns=id&limit=7", []
    while address:
        page = real.client.get(address).json()
        collected += ids(page)
        address = (page["links"]["next"] or "").removeprefix("http://localhost:8000")
    assert collected == ids(whole)


def test_a_search_combines_with_filters_formats_and_other_orders(real):
    answer = real.client.get("/v1/allegations.csv?q=harassment&category=sexual_harassment&sort=value&columns=printed")
    assert header_and_rows(answer) == (["printed"], [["248"]])
    rows = real.client.get("/v1/allegations/by-year?q=sexual assault").json()["data"]
    assert {row["category"]["code"] for row in rows} >= {"sexual_assault"}


def test_words_that_nothing_has_are_named(real):
    [warning] = found(real, "q=zebra officers")["warnings"]
    assert (warning["code"], warning["parameter"]) == ("nothing_matches", "q")
    assert "zebra, officers" in warning["detail"]


@pytest.mark.parametrize(
    ("words", "detail"),
    [
        ("x", "at least one of them of two letters"),
        ("", "at least one of them of two letters"),
        ("%20", "at least one of them of two letters"),
        ("the of", "Every text has these words"),
        ("a%00b", "control characters"),
        ("one two three four five six seven eight nine ten eleven", "one to 10 words"),
        ("x" * 10_000, "at most 500 characters"),
    ],
)
def test_what_is_no_search_is_refused(real, words, detail):
    answer = real.client.get(f"/v1/observations?q={words}")
    assert answer.status_code in (414, 422)
    assert detail in answer.text or answer.status_code == 414


@pytest.mark.parametrize(
    "words",
    [
        "assault & officers",
        "!assault",
        '"sexual assault"',
        "sexual -assault",
        "sexual NOT assault",
        "a OR b",
        "assault*",
    ],
)
def test_operators_and_quotes_are_refused_and_not_misread(real, words):
    answer = real.client.get("/v1/observations", params={"q": words})
    assert answer.status_code == 422
    assert "words alone: quotes, -, OR, NOT" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("words", ["a'b; drop", "assault:", "well-known", "not assault", "é ü 漢字"])
def test_other_signs_mean_nothing(real, words):
    assert real.client.get("/v1/observations", params={"q": words}).status_code == 200


def test_relevance_without_words_is_refused(real):
    answer = real.client.get("/v1/observations?sort=relevance")
    assert [(one["parameter"], one["code"]) for one in answer.json()["errors"]] == [("sort", "contradiction")]
