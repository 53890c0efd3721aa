"""By-year tables: unlike things never share a row, and a gap is never a zero."""

from __future__ import annotations

import csv
import io

SERIES = """
    id    | category       | counting_unit | stated_by           | period_type | period_start | period_end | value | value_absent   | printed  | qualifier
    bbbb2 | sexual_assault | people        | metropolitan_police | year        | 2021         |            | 116   |                | 116      | exact
    bbbb3 | sexual_assault | people        | metropolitan_police | year        | 2023         |            | 0     |                | 0        | exact
    bbbb4 | sexual_assault | people        | metropolitan_police | window      | 2020         | 2024       | 944   |                | 944      | exact
    bbbb5 | sexual_assault | cases         | metropolitan_police | year        | 2021         |            | 500   |                | 500      | exact
    bbbb6 | sexual_assault | cases         | met_spokesperson    | year        | 2021         |            | 501   |                | 501      | exact
    bbbb7 | sexual_assault | cases         | met_spokesperson    | year        | 2022         |            |       | magnitude_only | hundreds | magnitude
    bbbb8 | sexual_assault | cases         | met_spokesperson    | year        | 2021         |            | 502   |                | 502      | exact
    bbbb9 | sexual_assault | people        | met_spokesperson    | point       |              |            | 9     |                | 9        | exact
"""


def table(api) -> list[tuple[str, str, dict, dict]]:
    data = api.get("/v1/observations/by-year").json()["data"]
    return [(row["counting_unit"]["code"], row["stated_by"]["code"], row["values"], row["gaps"]) for row in data]


def test_a_by_year_row_says_which_years_no_source_states(api, publish):
    publish(SERIES)
    assert table(api)[3] == (
        "people",
        "metropolitan_police",
        {"2020": None, "2021": 116, "2022": None, "2023": 0, "2024": None},
        {"2020": "not_stated", "2022": "not_stated", "2024": "not_stated"},
    )


def test_the_figure_of_the_whole_window_stands_by_itself(api, publish):
    publish(SERIES)
    row = api.get("/v1/observations/by-year?counting_unit=people").json()["data"][0]
    assert (row["window"]["value"], row["window"]["id"]) == (944, "bbbb4")
    assert (row["window"]["period"]["start"], row["window"]["period"]["end"]) == ("2020", "2024")


def test_unlike_things_and_a_second_figure_for_a_year_get_rows_of_their_own(api, publish):
    publish(SERIES)
    assert [(unit, voice, values) for unit, voice, values, _ in table(api)] == [
        ("cases", "met_spokesperson", {"2021": 501, "2022": None}),
        ("cases", "met_spokesperson", {"2021": 502}),
        ("cases", "metropolitan_police", {"2021": 500}),
        ("people", "metropolitan_police", {"2020": None, "2021": 116, "2022": None, "2023": 0, "2024": None}),
    ]


def test_a_magnitude_is_no_gap(api, publish):
    publish(SERIES)
    row = api.get("/v1/observations/by-year?stated_by=met_spokesperson").json()["data"][0]
    assert row["gaps"] == {}
    assert row["cells"]["2022"]["value_absent"] == "magnitude_only"


def test_the_wide_csv_has_a_column_a_year_and_an_empty_cell_for_a_gap(api, publish):
    publish(SERIES)
    text = api.get("/v1/observations/by-year.csv?counting_unit=people&stated_by=metropolitan_police").text
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert [row[year] for year in ("2020", "2021", "2022", "2023", "2024")] == ["", "116", "", "0", ""]
    assert row["gaps"] == "2020:not_stated 2022:not_stated 2024:not_stated"
    assert row["window_value"] == "944"


def test_the_wide_csv_has_the_hedge_and_the_words_of_the_window(real):
    text = real.client.get("/v1/case-reviews/by-year.csv").text
    rows = {row["window_id"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert (rows["mw44s"]["window_hedge"], rows["mw44s"]["window_printed"]) == ("It's estimated", "1,071")
    assert (rows["tkgwx"]["window_hedge"], rows["tkgwx"]["window_qualifier"]) == ("around", "about")
    assert rows["tkgwx"]["window_period_printed"] == "the last 10 years"


def test_year_chooses_columns_and_a_gap_stays_one(api, publish):
    publish(SERIES)
    row = api.get("/v1/observations/by-year?counting_unit=people&year=2021&year=2022").json()["data"][0]
    assert row["values"] == {"2021": 116, "2022": None}
    assert row["gaps"] == {"2022": "not_stated"}
    assert row["window"]["value"] == 944


def test_a_dataset_without_yearly_figures_says_so(real):
    answer = real.client.get("/v1/reports/by-year").json()
    assert (answer["data"], answer["warnings"][0]["code"]) == ([], "no_years")


def test_pages_of_series_together_are_the_whole(api, publish):
    publish(SERIES)
    whole = api.get("/v1/observations/by-year").json()
    found, address = [], "/v1/observations/by-year?limit=1"
    while address:
        page = api.get(address).json()
        assert page["meta"]["total"] == whole["meta"]["total"] == 4
        found += page["data"]
        address = page["links"]["next"] and page["links"]["next"].removeprefix("http://localhost:8000")
    assert found == whole["data"]


def test_a_by_year_table_is_one_statement(served, publish):
    publish(SERIES)
    with served.statements() as seen:
        served.client.get("/v1/observations/by-year")
    assert len(seen) == 1


def test_the_sexual_assaults_of_the_real_register(real):
    (row,) = real.client.get("/v1/allegations/by-year?category=sexual_assault").json()["data"]
    stated = {year: value for year, value in row["values"].items() if value is not None}
    assert stated == {"2021": 116, "2022": 169, "2023": 157, "2024": 23}
    assert sorted(row["gaps"]) == ["2014", "2015", "2016", "2017", "2018", "2019", "2020"]
    assert row["window"]["value"] == 944
    assert "part_year" in [caveat["id"] for caveat in row["cells"]["2024"]["caveats"]]
