"""Fewer columns: what a listing has by default, and how a request chooses others."""

from __future__ import annotations

import csv
import io

import polars
import pytest

CORE = [
    "id",
    "measure",
    "category",
    "area",
    "population",
    "counting_unit",
    "time_period",
    "value",
    "unit",
    "printed",
    "qualifier",
    "value_absent",
    "coverage",
    "part_of",
    "repeats",
    "source",
    "cite_as",
]
PROSE = ["source_notes", "origin_notes", "caveat_texts"]


def header_and_rows(answer) -> tuple[list[str], list[list[str]]]:
    assert answer.status_code == 200, answer.text
    header, *rows = csv.reader(io.StringIO(answer.text))
    return header, rows


def test_a_listing_has_the_core_columns_and_full_begins_with_them_and_ends_with_prose(real):
    header, rows = header_and_rows(real.client.get("/v1/observations.csv"))
    assert (header, len(rows)) == (CORE, 68)
    whole, all_rows = header_and_rows(real.client.get("/v1/observations.csv?detail=full"))
    assert (whole[: len(CORE)], whole[-3:], len(whole)) == (CORE, PROSE, 79)
    assert [row[: len(CORE)] for row in all_rows] == rows


def test_a_figure_of_a_listing_is_small(real):
    text = real.client.get("/v1/observations.csv").content
    assert len(text) / 68 <= 300
    figures = real.client.get("/v1/observations").content
    assert len(figures) / 68 <= 1_000


def test_an_object_has_the_keys_of_its_columns_and_the_words_of_its_codes(real):
    (figure,) = real.client.get("/v1/observations?value=1492").json()["data"]
    assert list(figure) == [
        "id",
        "measure",
        "category",
        "area",
        "population",
        "counting_unit",
        "period",
        "value",
        "unit",
        "printed",
        "qualifier",
        "value_absent",
        "part_of",
        "repeats",
        "source",
        "links",
    ]
    assert figure["measure"] == {"code": "accused", "label": "Accused"}
    assert figure["period"] == {"time_period": "2014/2024", "coverage": None}
    assert figure["links"].keys() == {"cite_as"}
    (chosen,) = real.client.get("/v1/observations?value=1492&columns=value,measure,stage").json()["data"]
    assert chosen == {"value": 1492, "measure": {"code": "accused", "label": "Accused"}, "stage": "allegation"}
    (one,) = real.client.get("/v1/observations?value=1492&columns=licence").json()["data"]
    assert one == {"meta": {"licence": "https://creativecommons.org/licenses/by/4.0/"}}


@pytest.mark.parametrize("asked", ["columns=value,id,measure", "columns=value&columns=id&columns=measure,value"])
def test_a_request_chooses_columns_in_its_order_in_every_table(real, asked):
    address = f"/v1/allegations.{{}}?category=sexual_assault&period_type=year&year=2022&{asked}"
    header, rows = header_and_rows(real.client.get(address.format("csv")))
    assert (header, rows[0][0], rows[0][2]) == (["value", "id", "measure"], "169", "recorded")
    frame = polars.read_parquet(io.BytesIO(real.client.get(address.format("parquet")).content))
    assert (frame.columns, frame["value"].to_list()) == (["value", "id", "measure"], [169])
    (line,) = real.client.get(address.format("jsonl")).text.splitlines()
    assert line.startswith('{"value":169,"id":"')


def test_labels_stand_beside_their_codes(real):
    header, rows = header_and_rows(
        real.client.get("/v1/observations.csv?value=1492&columns=measure,source,value&labels=1")
    )
    assert header == ["measure", "measure_label", "source", "source_title", "value"]
    assert rows[0][1] == "Accused"


@pytest.mark.parametrize("address", ["observations?", "observations/by-year?", "observations/by-year?shape=long&"])
@pytest.mark.parametrize("name", ["area", "category", "counting_unit", "measure", "population", "stated_by"])
def test_json_has_code_and_label_whichever_is_chosen(real, address, name):
    answers = [real.client.get(f"/v1/{address}columns={chosen}").json() for chosen in (name, f"{name}_label")]
    assert answers[0]["data"] == answers[1]["data"]
    assert {*filter(None, (tuple(one[name] or ()) for one in answers[1]["data"]))} == {("code", "label")}


def test_the_title_of_a_source_brings_its_id_in_json_and_a_table_has_what_is_chosen(real):
    asked = "value=1492&columns=source_title,area_label"
    (figure,) = real.client.get(f"/v1/observations?{asked}").json()["data"]
    title = "Met Police Discloses Unsettling Array Of Sexual Offence Stats Involving Its Officers"
    assert figure == {
        "source": {"id": "eye-of-media-2024-disclosure", "title": title},
        "area": {"code": "E23000001", "label": "Metropolitan Police"},
    }
    assert header_and_rows(real.client.get(f"/v1/observations.csv?{asked}"))[0] == ["source_title", "area_label"]


def test_the_next_page_has_the_same_columns_and_other_columns_need_another_cursor(real):
    first = real.client.get("/v1/observations.csv?columns=id,value&limit=30")
    address, header = first.links["next"]["url"].removeprefix("http://localhost:8000"), ["id", "value"]
    found = header_and_rows(first)[1]
    while address:
        page = real.client.get(address)
        names, rows = header_and_rows(page)
        assert names == header
        found += rows
        address = page.links.get("next", {}).get("url", "").removeprefix("http://localhost:8000")
    assert found == header_and_rows(real.client.get("/v1/observations.csv?columns=id,value"))[1]
    other = first.links["next"]["url"].removeprefix("http://localhost:8000").replace("id,value", "id")
    answer = real.client.get(other)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


@pytest.mark.parametrize(
    ("query", "code", "meant"),
    [
        ("columns=id,vlaue", "unknown_column", "value"),
        ("columns=", "unknown_column", None),
        ("columns=id&detail=core", "contradiction", None),
        ("detail=some", "unknown_value", None),
        ("columns=" + ",".join(["id"] * 101), "too_many_values", None),
    ],
)
def test_columns_that_there_are_not_are_refused(real, query, code, meant):
    answer = real.client.get(f"/v1/observations?{query}")
    assert answer.status_code == 422
    assert [(one["code"], one["did_you_mean"]) for one in answer.json()["errors"]] == [(code, meant)]


@pytest.mark.parametrize(
    ("identity", "period"),
    [("k7m3q", "2014/2024"), ("gb7nr", "P10Y")],
)
def test_a_period_is_one_cell(real, identity, period):
    (figure,) = [
        one
        for one in real.client.get("/v1/observations?columns=id,time_period&limit=1000").json()["data"]
        if one["id"] == identity
    ]
    assert figure["period"]["time_period"] == period
