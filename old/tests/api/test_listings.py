"""Listings: every figure that matches, once, in order, with its total; and nothing that can be misread."""

from __future__ import annotations

import csv
import io
import itertools
import tracemalloc

import pytest

from misconduct.api import request_context
from misconduct.api.state import Remembered

FIVE = """
    id    | category          | population | period_type | period_start | value | value_absent   | printed  | qualifier | hedge
    bbbb2 | sexual_assault    | officers   | year        | 2021         | 116   |                | 116      | exact     |
    bbbb3 | sexual_assault    | officers   | year        | 2022         | 169   |                | 169      | exact     |
    bbbb4 | sexual_harassment | staff      | year        | 2022         | 7     |                | 7        | exact     |
    bbbb5 | sexual_assault    | officers   | unstated    |              | 1000  |                | 1,000    | just_under| nearly
    bbbb6 | sexual_assault    | officers   | unstated    |              |       | magnitude_only | Hundreds | magnitude |
"""


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [figure["id"] for figure in answer.json()["data"]]


def rows(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_a_listing_has_every_figure_and_says_how_many(api, publish):
    publish(FIVE)
    answer = api.get("/v1/observations").json()
    assert [figure["id"] for figure in answer["data"]] == ["bbbb2", "bbbb3", "bbbb4", "bbbb5", "bbbb6"]
    assert (answer["meta"]["total"], answer["meta"]["returned"]) == (5, 5)
    assert answer["links"]["next"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("category=sexual_assault", ["bbbb2", "bbbb3", "bbbb5", "bbbb6"]),
        ("category=sexual_assault&category=sexual_harassment&year=2022", ["bbbb3", "bbbb4"]),
        ("population=staff", ["bbbb4"]),
        ("value=1000", ["bbbb5"]),
        ("value=1000&value=7", ["bbbb4", "bbbb5"]),
        ("value_from=116&value_to=169", ["bbbb2", "bbbb3"]),
        ("year=2022", ["bbbb3", "bbbb4"]),
        ("year=2021,2022", ["bbbb2", "bbbb3", "bbbb4"]),
        ("year_from=2022", ["bbbb3", "bbbb4"]),
        ("year_from=2021/22&year_to=2021", ["bbbb2"]),
        ("year_to=2021", ["bbbb2"]),
        ("within=2022", ["bbbb3", "bbbb4"]),
        ("within=2021-01/2022-12-31", ["bbbb2", "bbbb3", "bbbb4"]),
        ("within=2021-02/2022-11", []),
        ("category=sexual_assault,sexual_harassment&year=2022", ["bbbb3", "bbbb4"]),
        ("id=bbbb6,bbbb2", ["bbbb2", "bbbb6"]),
        ("unit=count&year=2021", ["bbbb2"]),
        ("unit=percent", []),
        ("period_from=2022", ["bbbb3", "bbbb4"]),
        ("period_to=2021", ["bbbb2"]),
        ("period_from=2021-12-31&period_to=2022-01-01", ["bbbb2", "bbbb3", "bbbb4"]),
        ("period_type=unstated", ["bbbb5", "bbbb6"]),
        ("qualifier=magnitude", ["bbbb6"]),
        ("qualifier=just_under", ["bbbb5"]),
        ("statistic=share", []),
        ("sort=-period", ["bbbb4", "bbbb3", "bbbb2", "bbbb6", "bbbb5"]),
        ("sort=value", ["bbbb4", "bbbb2", "bbbb3", "bbbb5", "bbbb6"]),
        ("sort=-value", ["bbbb5", "bbbb3", "bbbb2", "bbbb4", "bbbb6"]),
        ("sort=id", ["bbbb2", "bbbb3", "bbbb4", "bbbb5", "bbbb6"]),
    ],
)
def test_each_condition_finds_just_what_meets_it(api, publish, query, expected):
    publish(FIVE)
    assert ids(api.get(f"/v1/observations?{query}")) == expected


@pytest.mark.parametrize("sort", ["period", "-period", "value", "-value", "id"])
@pytest.mark.parametrize("limit", [1, 2, 4, 5])
def test_pages_together_are_the_whole_in_any_order(api, publish, sort, limit):
    publish(FIVE)
    whole = ids(api.get(f"/v1/observations?sort={sort}"))
    found, address = [], f"/v1/observations?sort={sort}&limit={limit}"
    while address:
        answer = api.get(address)
        assert answer.json()["meta"]["total"] == 5
        found += ids(answer)
        address = answer.json()["links"]["next"]
        link = answer.links.get("next", {}).get("url")
        assert link == address
        address = address and address.removeprefix("http://localhost:8000")
    assert found == whole


def test_a_number_in_words_is_null_and_says_why(api, publish):
    publish(FIVE)
    (figure,) = api.get("/v1/observations?qualifier=magnitude&detail=full").json()["data"]
    assert (figure["value"], figure["value_absent"], figure["printed"]) == (None, "magnitude_only", "Hundreds")
    (row,) = rows(api.get("/v1/observations.csv?qualifier=magnitude&detail=full"))
    assert (row["value"], row["value_absent"], row["printed"]) == ("", "magnitude_only", "Hundreds")


def test_a_hedge_is_never_dropped(api, publish):
    publish(FIVE)
    (figure,) = api.get("/v1/observations?value=1000&detail=full").json()["data"]
    assert (figure["qualifier"], figure["hedge"]) == ("just_under", "nearly")
    (row,) = rows(api.get("/v1/observations.csv?value=1000&detail=full"))
    assert (row["qualifier"], row["hedge"]) == ("just_under", "nearly")


def test_a_condition_that_nothing_meets_is_an_empty_answer_that_says_which_and_what_there_is(api, publish):
    publish(FIVE)
    answer = api.get("/v1/observations?category=sexual_harassment&year=2021").json()
    assert answer["data"] == []
    assert {notice["parameter"]: notice["available"] for notice in answer["warnings"]} == {
        "category": ["sexual_assault"],
        "year": ["2022"],
    }


def test_a_dataset_offers_only_what_is_in_it(api, publish):
    publish(
        """
        measure   | value
        accused   | 5
        suspended | 7
        """,
        "1.0.0",
    )
    (notice,) = api.get("/v1/duty-status?measure=accused").json()["warnings"]
    assert (notice["parameter"], notice["available"]) == ("measure", ["suspended"])


@pytest.mark.parametrize("sort", ["value", "-value"])
def test_a_page_may_end_at_any_number(api, publish, sort):
    publish(
        """
        id    | value
        bbbb2 | 50000
        bbbb3 | 10000
        bbbb4 | 0.02
        bbbb5 | 1000000
        bbbb6 | 0
        """,
        "1.0.0",
    )
    found, page = [], api.get(f"/v1/observations?sort={sort}&limit=1").json()
    while page["links"]["next"]:
        found += page["data"]
        page = api.get(page["links"]["next"].removeprefix("http://localhost:8000")).json()
    ids = [one["id"] for one in [*found, *page["data"]]]
    ascending = ["bbbb6", "bbbb4", "bbbb3", "bbbb2", "bbbb5"]
    assert ids == (ascending if sort == "value" else ascending[::-1])


def test_a_value_that_nothing_has_gets_the_nearest_ones(api, publish):
    publish(FIVE)
    (notice,) = api.get("/v1/observations?value=120").json()["warnings"]
    assert (notice["parameter"], notice["available"]) == ("value", ["116", "169", "7", "1000"])


def test_conditions_that_nothing_meets_together_are_not_blamed_on_one(api, publish):
    publish(FIVE)
    (notice,) = api.get("/v1/observations?category=sexual_harassment&period_from=2023").json()["warnings"]
    assert (notice["code"], notice["parameter"], notice["available"]) == ("nothing_matches", None, [])


def test_a_warning_names_only_what_was_sent(api, publish):
    publish(FIVE)
    (notice,) = api.get("/v1/allegations?qualifier=about").json()["warnings"]
    assert (notice["parameter"], notice["available"]) == ("qualifier", ["exact", "just_under", "magnitude"])


def test_of_a_long_list_only_the_first_mistake_has_a_suggestion(api, publish, monkeypatch):
    publish("category | value\nassault | 5\nbribery | 6")
    asked = "/v1/observations?category=asault,bribry"
    assert [one["did_you_mean"] for one in api.get(asked).json()["errors"]] == ["assault", "bribery"]
    monkeypatch.setattr(request_context, "SHORT_LIST", 1)
    assert [one["did_you_mean"] for one in api.get(asked).json()["errors"]] == ["assault", None]


def test_an_unknown_code_is_refused_with_the_known_ones_and_a_suggestion(api, publish):
    publish(FIVE)
    answer = api.get("/v1/observations?category=sexual_asault&population=oficers")
    assert answer.status_code == 422
    suggestions = {error["parameter"]: error["did_you_mean"] for error in answer.json()["errors"]}
    assert suggestions == {"category": "sexual_assault", "population": "officers"}
    assert "sexual_harassment" in answer.json()["errors"][0]["allowed"]


AREAS = """\
code,version,label,definition,broader,defined_by,scheme,notation
E23000001,1,Metropolitan Police,Its area.,,ONS,gss,E23000001
us_pa,1,Pennsylvania,The state.,,ISO,iso-3166-2,US-PA
us_pa_philadelphia,1,Philadelphia,The city.,us_pa,Us,fips-place,4260000
ie_cork,1,Cork,The city.,,Us,cso,4260000
"""
FORCES = """
    id    | area               | value
    bbbb2 | E23000001          | 5
    bbbb3 | us_pa              | 6
    bbbb4 | us_pa_philadelphia | 7
    bbbb5 | ie_cork            | 8
"""


@pytest.mark.parametrize(
    "path",
    [
        "observations",
        "observations.csv",
        "observations/by-year",
        "allegations",
        "observations.svg",
        "datasets/allegations",
    ],
)
def test_a_notation_of_another_scheme_stands_for_its_code(api, publish, path):
    publish(FORCES, files={"codelists/area.csv": AREAS})
    by_code, by_notation = (api.get(f"/v1/{path}?area={area}") for area in ("us_pa", "US-PA"))
    assert (by_notation.status_code, by_notation.headers["etag"]) == (200, by_code.headers["etag"])
    assert by_notation.content == by_code.content.replace(
        by_code.headers["x-request-id"].encode(), by_notation.headers["x-request-id"].encode()
    )


def test_a_notation_also_finds_what_is_narrower_and_is_told_by_its_code(api, publish):
    publish(FORCES, files={"codelists/area.csv": AREAS})
    found = api.get("/v1/observations?area=US-PA,E23000001").json()
    assert [one["id"] for one in found["data"]] == ["bbbb2", "bbbb3", "bbbb4"]
    assert found["meta"]["narrower"] == {"area": ["us_pa_philadelphia"]}
    assert "area=us_pa,E23000001" in found["links"]["self"]
    assert [one["id"] for one in api.get("/v1/observations?area=US-PA&narrower=0").json()["data"]] == ["bbbb3"]


def test_a_page_shows_what_a_notation_chose_as_its_code_does(api, publish):
    publish(FORCES, files={"codelists/area.csv": AREAS})
    by_code, by_notation = (api.get(f"/datasets/allegations?area={area}").text for area in ("us_pa", "US-PA"))
    assert "Police force: Pennsylvania" in " ".join(by_code.split())
    assert by_notation == by_code


def test_a_notation_of_several_codes_is_refused_with_the_codes(api, publish):
    publish(FORCES, files={"codelists/area.csv": AREAS})
    [error] = api.get("/v1/observations?area=4260000").json()["errors"]
    assert (error["code"], error["allowed"]) == ("ambiguous_code", ["ie_cork", "us_pa_philadelphia"])
    assert error["detail"] == (
        "'4260000' may be Cork (ie_cork, cso) or Philadelphia (us_pa_philadelphia, fips-place): give its code."
    )
    [error] = api.get("/v1/observations?area=us-pa").json()["errors"]
    assert (error["code"], error["did_you_mean"]) == ("unknown_code", "US-PA")


def test_csv_without_limit_is_everything_and_with_limit_a_page(api, publish):
    publish(FIVE)
    assert len(rows(api.get("/v1/observations.csv"))) == 5
    page = api.get("/v1/observations.csv?limit=2")
    assert [row["id"] for row in rows(page)] == ["bbbb2", "bbbb3"]
    following = page.links["next"]["url"].removeprefix("http://localhost:8000")
    assert [row["id"] for row in rows(api.get(following, headers={"Accept": "text/csv"}))] == ["bbbb4", "bbbb5"]


def test_an_export_in_many_pieces_is_the_same_as_in_one(api, publish, monkeypatch):
    publish(FIVE)
    whole = api.get("/v1/observations.csv").text
    monkeypatch.setattr("misconduct.api.v1.observations.ROWS_OF_A_PIECE", 2)
    assert api.get("/v1/observations.csv", headers={"Cache-Control": "no-cache"}).text == whole


def test_an_export_beyond_the_limit_is_refused_before_the_first_byte(served, publish):
    publish(FIVE)
    object.__setattr__(served.service.settings, "export_rows", 4)
    answer = served.client.get("/v1/observations.csv?sort=id")
    assert (answer.status_code, answer.json()["code"]) == (413, "export_too_large")
    assert served.client.get("/v1/observations.csv?year=2022").status_code == 200


def test_csv_and_json_say_the_same(real):
    figures = real.client.get("/v1/observations?limit=1000&detail=full").json()["data"]
    table = rows(real.client.get("/v1/observations.csv?detail=full"))
    for figure, row in itertools.zip_longest(figures, table):
        for name in ("measure", "category", "area", "population", "counting_unit", "stated_by"):
            assert (row[name], row[f"{name}_label"]) == (figure[name]["code"], figure[name]["label"])
        for name in ("id", "statistic", "printed", "unit", "qualifier", "obs_status", "added_in"):
            assert row[name] == figure[name]
        for name in ("hedge", "value_absent", "ended_in"):
            assert row[name] == (figure[name] or "")
        assert row["value"] == ("" if figure["value"] is None else str(figure["value"]))
        assert row["period_start"] == (figure["period"]["start"] or "")
        assert row["source"] == figure["source"]["id"]
        assert row["origin"] == figure["origin"]["id"]
        assert row["caveat_texts"] == " | ".join(caveat["text"] for caveat in figure["caveats"])
        assert f"http://localhost:8000{row['cite_as']}" == figure["links"]["cite_as"]
        assert int(row["locator_start"]) == figure["locator"]["start"]


@pytest.mark.parametrize("limit", [1, 3, 5])
def test_a_listing_is_two_statements_whatever_its_size(served, publish, limit):
    publish(FIVE)
    with served.statements() as seen:
        served.client.get(f"/v1/observations?limit={limit}")
    assert len(seen) == 2  # the page, and what a sum over all that match would get wrong


def test_a_known_total_is_not_counted_again(served, publish):
    publish(FIVE)
    served.client.get("/v1/observations?limit=1")
    with served.statements() as seen:
        served.client.get("/v1/observations?limit=2")
    assert len(seen) == 1
    assert "count(" not in seen[0]


def test_a_mistake_does_not_reach_the_database(served, publish):
    publish(FIVE)
    with served.statements() as seen:
        served.client.get("/v1/observations?category=nonsense")
    assert seen == []


def test_a_cursor_belongs_to_its_conditions_its_order_and_its_release(api, publish):
    publish(FIVE)
    address = api.get("/v1/observations?limit=2&sort=value").json()["links"]["next"]
    cursor = address.partition("cursor=")[2].partition("&")[0]
    for query in ("sort=id", "sort=value&year=2022", ""):
        answer = api.get(f"/v1/observations?limit=2&{query}&cursor={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


def test_a_dataset_shows_the_figures_of_its_measures_only(api, publish):
    publish(FIVE)
    datasets = api.get("/v1/datasets").json()["data"]
    for dataset in datasets:
        for figure in api.get(f"/v1/{dataset['id']}?detail=full").json()["data"]:
            assert figure["measure"]["code"] in dataset["measures"]
            assert dataset["id"] in figure["datasets"]


def test_a_misspelt_dataset_gets_the_right_one_named(real):
    answer = real.client.get("/v1/alegations")
    assert answer.status_code == 404
    assert "allegations" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("value", "statistic", "source"),
    [
        ("1071", "People", {"police-oracle-2023-met-review"}),
        ("1492", "People", {"eye-of-media-2024-disclosure"}),
        ("18000", "Cases", {"eye-of-media-2024-disclosure"}),
    ],
)
def test_a_number_in_hand_is_found_with_what_it_counts_and_where_it_stands(real, value, statistic, source):
    figures = real.client.get(f"/v1/observations?value={value}").json()["data"]
    assert {figure["source"]["id"] for figure in figures} == source
    assert {figure["counting_unit"]["label"] for figure in figures} == {statistic}


def test_1131_is_in_three_datasets_and_1492_in_one(real):
    found = {
        value: real.client.get(f"/v1/observations?value={value}&columns=datasets").json()["data"][0]["datasets"]
        for value in (1131, 1492)
    }
    assert found == {1131: ["allegations", "case-reviews", "vetting-checks"], 1492: ["allegations"]}


def test_what_a_dataset_offers_for_one_condition_meets_the_other(real):
    answer = real.client.get("/v1/public-trust?measure=distrusts_totally&qualifier=just_under")
    assert answer.status_code == 200
    assert [(told["parameter"], told["available"]) for told in answer.json()["warnings"]] == [("qualifier", ["exact"])]


def notices(served, query: str) -> dict[str, tuple]:
    found = served.client.get(f"/v1/observations?{query}").json()["warnings"]
    return {one["code"]: (one["parameter"], one["available"]) for one in found}


PRINTING = ["Brit Brief", "Police Oracle", "The Eye Of Media.Com"]


def test_a_publisher_that_prints_no_figure_gets_those_that_do_and_the_filter_that_finds_it(real):
    (emptied,) = real.client.get("/v1/observations?publisher=Metropolitan+Police").json()["warnings"]
    assert (emptied["code"], emptied["parameter"], emptied["available"]) == ("emptied", "publisher", PRINTING)
    assert "origin_publisher" in emptied["detail"]
    found = real.client.get("/v1/observations?origin_publisher=Metropolitan+Police&detail=full").json()["data"]
    assert {one["origin"]["publisher"] for one in found} == {"Metropolitan Police"}
    assert {one["source"]["publisher"] for one in found} <= {*PRINTING}


def test_figures_with_a_note_are_found_and_another_dataset_says_which_notes_it_has(real):
    found = real.client.get("/v1/observations?caveat=almost_200_and_196&detail=full").json()["data"]
    assert found
    assert all("almost_200_and_196" in [note["id"] for note in one["caveats"]] for one in found)
    (emptied,) = real.client.get("/v1/allegations?caveat=almost_200_and_196").json()["warnings"]
    assert (emptied["code"], emptied["parameter"]) == ("emptied", "caveat")
    assert "almost_200_and_196" not in emptied["available"]
    assert len(emptied["available"]) > 1


def test_years_that_no_figure_is_for_get_those_that_some_are_for(real):
    assert notices(real, "year_from=2030")["emptied"] == ("year_from", ["2021", "2022", "2023", "2024"])  # fmt: skip


def test_what_is_wholly_within_a_period_reaches_beyond_it_in_no_case(real):
    found = real.client.get("/v1/observations?within=2014/2024&limit=1000&detail=full").json()
    assert {(one["period"]["type"] == "window") for one in found["data"]} == {True, False}
    assert "windows_reach_beyond" not in [one["code"] for one in found["warnings"]]
    assert "undated_left_out" in [one["code"] for one in found["warnings"]]
    narrower = real.client.get("/v1/observations?within=2015/2024&limit=1000&detail=full").json()
    assert 0 < narrower["meta"]["total"] < found["meta"]["total"]
    assert {one["period"]["start"] for one in narrower["data"]}.isdisjoint({"2014"})


def test_ids_that_are_of_no_figure_are_counted(real):
    found = real.client.get("/v1/observations?id=k7m3q,zzzzz").json()
    assert [one["id"] for one in found["data"]] == ["k7m3q"]
    (absent,) = [one for one in found["warnings"] if one["code"] == "ids_absent"]
    assert absent["detail"].startswith("1 of the 2 ids")
    assert "nothing_matches" in notices(real, "id=zzzzz")


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("within=2024/2014", "within", "unreadable"),
        ("within=2014/", "within", "unreadable"),
        ("within=2014/..", "within", "unreadable"),
        ("year_from=2023&year_to=2019", "year_to", "contradiction"),
        ("year_from=twenty", "year_from", "unreadable"),
        ("category=sexual_assault,rape", "category", "unknown_code"),
        ("category=sexual_assault,", "category", "unknown_code"),
        ("unit=percentage", "unit", "unknown_value"),
        ("caveat=almost_200", "caveat", "unknown_code"),
        ("origin_publisher=The+Met", "origin_publisher", "unknown_code"),
        ("value=1,071", "value", "unreadable"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(real, query, parameter, code):
    answer = real.client.get(f"/v1/observations?{query}")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["parameter"], error["code"]) == (422, parameter, code)


def test_of_a_long_question_nothing_but_a_digest_is_remembered():
    kept = Remembered[int](1_000)
    tracemalloc.start()
    try:
        for number in range(2_000):
            kept.keep(f"{number}{'😀' * 8_000}", number)
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()
    assert (kept.get(f"0{'😀' * 8_000}"), kept.get(f"1999{'😀' * 8_000}")) == (None, 1999)
