"""By-year tables: unlike things never share a row, and a gap is never a zero."""

from __future__ import annotations

import asyncio
import csv
import io
import json

import openpyxl
import polars
import pytest

from misconduct.api import counted, encoder
from misconduct.api.v1 import observations as v1_observations
from misconduct.model.editions import editions_of
from misconduct.model.series import GAPS
from tests.cubes import cells_of
from tests.registers import source_text

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


ALL_YEARS = ("2020", "2021", "2022", "2023", "2024")


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
        ("cases", "met_spokesperson", {**dict.fromkeys(ALL_YEARS), "2021": 501}),
        ("cases", "met_spokesperson", {**dict.fromkeys(ALL_YEARS), "2021": 502}),
        ("cases", "metropolitan_police", {**dict.fromkeys(ALL_YEARS), "2021": 500}),
        ("people", "metropolitan_police", {"2020": None, "2021": 116, "2022": None, "2023": 0, "2024": None}),
    ]


def test_a_figure_without_a_number_says_why_among_the_gaps(api, publish):
    publish(SERIES)
    address = "/v1/observations/by-year{}"
    row = api.get(address.format("")).json()["data"][0]
    assert [*row["gaps"].items()] == [
        ("2020", "outside_window"),
        ("2022", "magnitude_only"),
        ("2023", "outside_window"),
        ("2024", "outside_window"),
    ]
    assert (row["values"]["2022"], row["cells"]["2022"]["id"]) == (None, "bbbb7")
    first, *_ = csv.DictReader(io.StringIO(api.get(address.format(".csv")).text, newline=""))
    assert first["gaps"] == "2020:outside_window 2022:magnitude_only 2023:outside_window 2024:outside_window"
    full = api.get(address.format("?detail=full")).json()["data"][0]
    assert full["cells"]["2022"]["value_absent"] == "magnitude_only"


def test_the_wide_csv_has_a_column_a_year_and_an_empty_cell_for_a_gap(api, publish):
    publish(SERIES)
    text = api.get("/v1/observations/by-year.csv?counting_unit=people&stated_by=metropolitan_police").text
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert [row[year] for year in ("2020", "2021", "2022", "2023", "2024")] == ["", "116", "", "0", ""]
    assert row["gaps"] == "2020:not_stated 2022:not_stated 2024:not_stated"
    assert row["window_value"] == "944"


def test_the_wide_csv_has_the_hedge_and_the_words_of_the_window(real):
    text = real.client.get("/v1/case-reviews/by-year.csv?detail=full").text
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
    answer = real.client.get("/v1/reports/by-year?release=1.2.0").json()
    assert (answer["data"], [warning["code"] for warning in answer["warnings"]]) == ([], ["no_years", "left_out"])
    assert "/v1/reports?period_type=" in answer["warnings"][1]["detail"]
    assert "/v1/reports.csv?" in real.client.get("/v1/reports/by-year.csv?release=1.2.0").links["related"]["url"]


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


def test_a_by_year_table_is_two_statements(served, publish):
    publish(SERIES)
    with served.statements() as seen:
        served.client.get("/v1/observations/by-year")
    assert len(seen) == 2  # the table, and what a sum over its figures would get wrong


def test_what_was_counted_of_many_codes_at_load_is_added_once_and_kept_small(served, publish, monkeypatch):
    publish("category | year | value\n" + "\n".join(f"kind_{n} | {2020 + n % 3} | {n + 3}" for n in range(9)))
    added, add = [], counted.find_counted
    monkeypatch.setattr(counted, "find_counted", lambda *given: added.append(add(*given)) or added[-1])
    asked = ",".join(f"kind_{n}" for n in range(8))
    for path in ("/by-year?limit=1&", "/by-year?limit=2&", "?limit=1&"):
        found = served.client.get(f"/v1/observations{path}category={asked}").json()
        assert found["meta"]["total"] == 8
    (whole,) = added
    assert (whole.alike, [str(one.label) for one in whole.years]) == (
        [("year", "2020", "2020-01-01", "2022-12-31", 8)],
        ["2020", "2021", "2022"],
    )


def test_what_was_counted_of_very_many_codes_is_added_in_a_thread(served, publish, monkeypatch):
    publish("category | year | value\n" + "\n".join(f"kind_{n} | {2020 + n % 3} | {n + 3}" for n in range(9)))
    loops, add = [], counted.find_counted
    monkeypatch.setattr(
        counted, "find_counted", lambda *given: loops.append(asyncio._get_running_loop()) or add(*given)
    )
    monkeypatch.setattr(counted, "LONGEST_PAGE", 3)
    for most in (3, 4, 5):
        path = "/v1/observations" if most == 5 else "/v1/observations/by-year"
        asked = ",".join(f"kind_{n}" for n in range(most))
        assert served.client.get(f"{path}?category={asked}").json()["meta"]["total"] == most
    assert [one is None for one in loops] == [False, True, True]


def test_the_sexual_assaults_of_the_real_register(real):
    (row,) = real.client.get("/v1/allegations/by-year?category=sexual_assault&detail=full").json()["data"]
    stated = {year: value for year, value in row["values"].items() if value is not None}
    assert stated == {"2021": 116, "2022": 169, "2023": 157, "2024": 23}
    assert sorted(row["gaps"]) == ["2014", "2015", "2016", "2017", "2018", "2019", "2020"]
    assert row["window"]["value"] == 944
    assert "part_year" in [caveat["id"] for caveat in row["cells"]["2024"]["caveats"]]


MANY = "category | period_type | period_start | duration | period_printed | value\n" + "\n".join(
    f"kind_{number:03} | window | | P10Y | ten years | {number}"
    if number < 110
    else f"kind_{number:03} | year | {2010 + number % 8} | | | {number}"
    for number in range(130)
)
"""130 series of which the first hundred have no year."""


def read_all(form: str, body: bytes) -> list[str]:
    """The categories of the rows of a by-year table."""
    if form == "csv":
        return [row["category"] for row in csv.DictReader(io.StringIO(body.decode(), newline=""))]
    if form == "xlsx":
        header, *rows = openpyxl.load_workbook(io.BytesIO(body))["figures"].iter_rows(values_only=True)
        return [row[header.index("category")] for row in rows]
    if form == "parquet":
        return polars.read_parquet(io.BytesIO(body))["category"].to_list()
    if form == "jsonl":
        return [json.loads(line)["category"]["code"] for line in body.splitlines()]
    return list(json.loads(body)["dimension"]["category"]["category"]["index"])


@pytest.mark.parametrize("series_at_once", [50, 1000])
def test_a_table_without_limit_holds_all_series(api, publish, monkeypatch, series_at_once):
    monkeypatch.setattr("misconduct.api.v1.observations.SERIES_OF_A_PIECE", series_at_once)
    publish(MANY)
    for form in ("csv", "xlsx", "parquet", "jsonl", "jsonstat"):
        answer = api.get(f"/v1/observations/by-year.{form}")
        assert read_all(form, answer.content) == [f"kind_{number:03}" for number in range(130)], form
        assert "next" not in answer.links
        page = api.get(f"/v1/observations/by-year.{form}?limit=20")
        assert len(read_all(form, page.content)) == 20
        rest = api.get(page.links["next"]["url"].removeprefix("http://localhost:8000"))
        assert read_all(form, rest.content)[0] == "kind_020"
    document = api.get("/v1/observations/by-year").json()
    assert (len(document["data"]), document["meta"]["total"]) == (100, 130)


def test_every_page_of_a_table_has_the_years_of_all_series(api, publish):
    publish(MANY)
    years = [str(year) for year in range(2010, 2018)]
    (header, *_), first = (
        list(csv.reader(io.StringIO(api.get(f"/v1/observations/by-year.csv{query}").text)))
        for query in ("", "?limit=5")
    )
    assert [name for name in header if name.isdigit()] == years
    assert first[0] == header
    assert {tuple(row["values"]) for row in api.get("/v1/observations/by-year").json()["data"]} == {tuple(years)}
    assert (
        list(api.get("/v1/observations/by-year.jsonstat?limit=5").json()["dimension"]["year"]["category"]["index"])
        == years
    )


def test_more_figures_than_one_export_holds_are_refused(served, publish):
    publish(MANY)
    served.service.settings = served.settings.model_copy(update={"export_rows": 129})
    answer = served.client.get("/v1/observations/by-year.csv")
    assert (answer.status_code, answer.json()["code"]) == (413, "export_too_large")
    assert served.client.get("/v1/observations/by-year.csv?limit=1000").status_code == 200


WINDOWS = """
    id    | category          | period_type | period_start | period_end | duration | period_printed    | value
    bbbb2 | sexual_assault    | window      |              |            | P10Y     | the last 10 years | 944
    bbbb3 | sexual_assault    | year        | 2021         |            |          |                   | 116
    bbbb4 | sexual_assault    | year        | 2023         |            |          |                   | 157
    bbbb5 | sexual_harassment | window      |              |            | P2Y      | two years         | 12
    bbbb6 | dishonesty        | window      | 2020         | 2021       |          |                   | 30
    bbbb7 | drugs             | year        | 2024         |            |          |                   | 4
    bbbb8 | violence          | window      | 2022         |            |          | since 2022        | 9
"""
REASONS = {
    "dishonesty": "not_stated not_stated outside_window outside_window outside_window",
    "drugs": "outside_window outside_window outside_window outside_window -",
    "sexual_assault": "window_undated - not_stated - window_undated",
    "sexual_harassment": "window_undated window_undated window_undated window_undated window_undated",
    "violence": "outside_window outside_window window_undated window_undated window_undated",
}


def test_every_format_gives_the_same_reason_for_every_empty_year(api, publish):
    publish(WINDOWS)
    wanted = {
        category: {year: reason for year, reason in zip(ALL_YEARS, reasons.split(), strict=True) if reason != "-"}
        for category, reasons in REASONS.items()
    }
    data = api.get("/v1/observations/by-year").json()["data"]
    assert {row["category"]["code"]: row["gaps"] for row in data} == wanted
    assert {tuple(row["values"]) for row in data} == {ALL_YEARS}
    lines = api.get("/v1/observations/by-year.jsonl").text.splitlines()
    assert {row["category"]["code"]: row["gaps"] for row in map(json.loads, lines)} == wanted
    text = api.get("/v1/observations/by-year.csv").text
    for row in csv.DictReader(io.StringIO(text, newline="")):
        gaps = dict(one.split(":") for one in row["gaps"].split())
        assert gaps == wanted[row["category"]]
        assert {year for year in ALL_YEARS if row[year] == ""} == {*gaps}
    frame = polars.read_parquet(io.BytesIO(api.get("/v1/observations/by-year.parquet").content))
    for row in frame.to_dicts():
        assert dict(one.split(":") for one in row["gaps"]) == wanted[row["category"]]
    cube = api.get("/v1/observations/by-year.jsonstat").json()
    statuses = cells_of(cube, "status", "category", "year")
    for category, reasons in REASONS.items():
        found = [statuses[category, year] for year in ALL_YEARS]
        assert " ".join("-" if one == "A" else one for one in found) == reasons


LEFT_OUT = """
    id    | category | period_type | period_start | period_end | value
    bbbb2 | fraud    | window      | 2020         | 2024       | 99
    bbbb3 | fraud    | year        | 2020         |            | 5
    bbbb4 | fraud    | year        | 2022         |            | 70
    bbbb5 | fraud    | year        | 2023         |            | 6
    bbbb6 | theft    | year        | 2021         |            | 1
    bbbb7 | theft    | year        | 2024         |            | 80
"""


@pytest.mark.parametrize("asked", ["value_to=6", "id=bbbb3,bbbb5,bbbb6"])
def test_a_year_whose_figure_the_filters_leave_out_is_not_said_to_be_unpublished(api, publish, asked):
    """2022 of fraud, and 2024 of theft, are published; of the window that ends in 2024, the years are not outside."""
    publish(LEFT_OUT)
    wanted = {
        "fraud": {"2021": "not_stated", "2022": "filtered_out"},
        "theft": {"2020": "outside_window", "2022": "not_stated", "2023": "not_stated"},
    }
    get = lambda path: api.get(f"/v1/observations{path}{'&' if '?' in path else '?'}{asked}")  # noqa: E731
    data = get("/by-year").json()["data"]
    assert {row["category"]["code"]: row["gaps"] for row in data} == wanted
    assert [row["window"] for row in data] == [None, None]
    lines = csv.DictReader(io.StringIO(get("/by-year.csv?shape=long").text, newline=""))
    found = {(row["category"], row["year"]): row["gap"] for row in lines if row["gap"]}
    assert found == {(name, year): gap for name, gaps in wanted.items() for year, gap in gaps.items()}
    statuses = cells_of(get("/by-year.jsonstat").json(), "status", "category", "year")
    assert statuses["fraud", "2022"] == "filtered_out"
    sdmx = csv.DictReader(io.StringIO(get("/by-year.sdmx").text, newline=""))
    assert [row["TIME_PERIOD"] for row in sdmx if row["GAP"] == "filtered_out"] == ["2022"]
    for drawn in (get("/by-year.svg").text, get(".svg?form=columns").text):
        assert "1 year has a published figure that the filters leave out." in drawn
        assert "no figure given or chosen; not to be read as zero" in drawn
    rows = get("/by-year.vl.json").json()["data"]["values"]
    assert [(row["year"], row["detail"]) for row in rows if row["gap"] == "filtered_out"] == [("2022", "filtered out")]


def test_the_page_of_a_dataset_says_which_years_its_filters_leave_out(api, publish):
    publish(LEFT_OUT)
    assert "filtered out" not in api.get("/datasets/allegations").text
    page = api.get("/datasets/allegations?value_to=6").text
    assert page.count('<td class="gap">filtered out</td>') == 1


def test_years_that_are_not_asked_for_are_not_left_out_of_series(api, publish):
    publish(LEFT_OUT)
    [fraud, theft] = api.get("/v1/observations/by-year?year_from=2021&year_to=2023").json()["data"]
    assert (fraud["gaps"], theft["gaps"]) == ({"2021": "not_stated"}, {"2022": "not_stated", "2023": "not_stated"})


def test_a_window_without_dates_is_not_said_to_leave_years_out(real):
    cube = real.client.get("/v1/allegations/by-year.jsonstat").json()
    names = [name for name in cube["id"] if name not in ("variant", "year")]
    windows = cube["extension"]["windows"]
    undated = {tuple(one[name] for name in names) for one in windows if not one["figure"]["period"]["start"]}
    statuses = cells_of(cube, "status", *names, "year")
    found = {status for (*series, _), status in statuses.items() if tuple(series) in undated}
    assert (len(undated), found) == (7, {"window_undated"})


def test_figures_that_are_for_no_year_are_counted_and_linked(real):
    answer = real.client.get("/v1/duty-status/by-year")
    meta = answer.json()["meta"]
    [warning] = [one for one in answer.json()["warnings"] if one["code"] == "left_out"]
    assert (warning["code"], warning["parameter"], warning["available"]) == (
        "left_out",
        "period_type",
        ["point", "unstated"],
    )
    assert warning["detail"].startswith("11 of 12 figures are neither for a year")
    assert meta["omitted"] == 11
    address = answer.links["related"]["url"]
    assert address in warning["detail"]
    left_out = real.client.get(address.removeprefix(real.service.base_url)).json()
    assert left_out["meta"]["total"] == 11


@pytest.mark.parametrize("years", ["year=2021", "year_from=2015", "year_to=2019"])
def test_the_figures_for_no_year_are_linked_whatever_years_are_shown(real, years):
    answer = real.client.get(f"/v1/observations/by-year?{years}")
    left_out = real.client.get(answer.links["related"]["url"].removeprefix(real.service.base_url)).json()
    assert left_out["meta"]["total"] == answer.json()["meta"]["omitted"] > 0


@pytest.mark.parametrize("years", ["year=2021", "year_from=2021", "year_to=2019"])
def test_what_is_excluded_does_not_depend_on_the_years_shown(real, years):
    whole = real.client.get("/v1/allegations/by-year?repeats=exclude").json()
    shown = real.client.get(f"/v1/allegations/by-year?repeats=exclude&{years}").json()
    assert len(real.client.get("/v1/allegations/by-year").json()["data"]) > len(whole["data"])
    assert [row["series"] for row in shown["data"]] == [row["series"] for row in whole["data"]]
    assert [row["window"] for row in shown["data"]] == [row["window"] for row in whole["data"]]
    assert shown["meta"]["omitted"] == whole["meta"]["omitted"]


@pytest.mark.parametrize("dataset", ["allegations", "vetting-checks", "case-reviews", "workforce", "observations"])
def test_a_table_and_what_it_leaves_out_are_the_whole_dataset(real, dataset):
    whole = {figure["id"] for figure in real.client.get(f"/v1/{dataset}?limit=1000").json()["data"]}
    table = real.client.get(f"/v1/{dataset}/by-year?limit=1000")
    shown = {
        cell["id"] for row in table.json()["data"] for cell in (*row["cells"].values(), *filter(None, [row["window"]]))
    }
    listing = table.links["related"]["url"].removeprefix(real.service.base_url)
    left_out = {figure["id"] for figure in real.client.get(listing).json()["data"]}
    assert table.json()["meta"]["omitted"] == len(left_out)
    assert (shown | left_out, shown & left_out) == (whole, set())


@pytest.mark.parametrize("form", ["svg", "png", "vl.json"])
@pytest.mark.parametrize("chart", ["?repeats=exclude", "?form=grid&title=Years&theme=dark"])
def test_a_chart_links_to_the_figures_that_it_leaves_out_and_to_no_chart_of_them(real, form, chart):
    for dataset in ("allegations", "vetting-checks", "case-reviews", "observations"):
        answer = real.client.get(f"/v1/{dataset}/by-year.{form}{chart}")
        if answer.status_code == 200:
            there = real.client.get(answer.links["related"]["url"].removeprefix(real.service.base_url))
            assert there.json()["meta"]["total"] > 0


def test_tables_tell_of_the_figures_that_they_leave_out(real):
    said = real.client.get("/v1/duty-status/by-year").json()["warnings"][0]["detail"]
    for form in ("csv", "jsonl", "parquet", "xlsx"):
        answer = real.client.get(f"/v1/duty-status/by-year.{form}?population=officers")
        assert answer.links["related"]["url"].removeprefix(real.service.base_url).startswith(f"/v1/duty-status.{form}?")
        assert "population=officers" in answer.links["related"]["url"]
    words = said.partition(".")[0]
    assert words in real.client.get("/v1/duty-status/by-year.jsonstat").json()["note"][0]
    body = real.client.get("/v1/duty-status/by-year.parquet").content
    assert words in polars.read_parquet_metadata(io.BytesIO(body))["warnings"]
    sheet = openpyxl.load_workbook(io.BytesIO(real.client.get("/v1/duty-status/by-year.xlsx").content))
    notes = {row[0]: row[1] for row in sheet["about"].iter_rows(values_only=True)}
    assert words in notes["warnings"]


def test_a_table_that_leaves_nothing_out_says_so(api, publish):
    publish(WINDOWS)
    answer = api.get("/v1/observations/by-year")
    assert answer.json()["meta"]["omitted"] == 0
    assert "left_out" not in {one["code"] for one in answer.json()["warnings"]}
    assert "related" not in answer.links


FINANCIAL = """
    id    | category  | period_type | period_start | period_end | value
    bbbb2 | assault   | year        | 2019-04      |            | 11
    bbbb3 | assault   | window      | 2020-04      | 2021-03    | 12
    bbbb4 | assault   | year        | 2021-04      |            | 13
    bbbb5 | assault   | window      | 2018-04      | 2022-03    | 40
    bbbb6 | corruption| year        | 2021-04      |            | 2
"""
FINANCIAL_YEARS = ("2018/19", "2019/20", "2020/21", "2021/22")


def test_financial_years_are_years(api, publish):
    publish(FINANCIAL)
    assault, corruption = api.get("/v1/observations/by-year?detail=full").json()["data"]
    assert assault["values"] == dict(zip(FINANCIAL_YEARS, (None, 11, 12, 13), strict=True))
    assert assault["gaps"] == {"2018/19": "not_stated"}
    assert assault["window"]["value"] == 40
    assert assault["cells"]["2020/21"]["period"]["year_basis"] == "other"
    assert corruption["gaps"] == dict.fromkeys(FINANCIAL_YEARS[:3], "outside_window")
    header, first, _ = csv.reader(io.StringIO(api.get("/v1/observations/by-year.csv").text))
    assert [first[header.index(year)] for year in FINANCIAL_YEARS] == ["", "11", "12", "13"]
    cube = api.get("/v1/observations/by-year.jsonstat").json()
    assert tuple(cube["dimension"]["year"]["category"]["index"]) == FINANCIAL_YEARS
    assert cells_of(cube, "value", "category", "year") == {
        ("assault", "2019/20"): 11,
        ("assault", "2020/21"): 12,
        ("assault", "2021/22"): 13,
        ("corruption", "2021/22"): 2,
    }
    frame = polars.read_parquet(io.BytesIO(api.get("/v1/observations/by-year.parquet").content))
    assert frame["2021/22"].to_list() == [13, 2]


@pytest.mark.parametrize("asked", ["2020/21", "2020%2F21", "2020-21"])
def test_a_financial_year_is_found_however_it_is_written(api, publish, asked):
    publish(FINANCIAL)
    (found,) = api.get(f"/v1/observations?year={asked}&columns=id,year,year_basis").json()["data"]
    assert (found["id"], found["period"]["year"], found["period"]["year_basis"]) == ("bbbb3", "2020/21", "other")
    assert api.get(f"/v1/observations/by-year?year={asked}").json()["data"][0]["values"] == {"2020/21": 12}


def test_a_year_that_is_none_is_refused_with_what_is_allowed(api, publish):
    publish(FINANCIAL)
    answer = api.get("/v1/observations?year=2020/22")
    assert answer.status_code == 422
    assert "2019/20 for twelve months that begin in 2019" in answer.json()["errors"][0]["detail"]
    answer = api.get("/v1/observations?year=2019").json()
    assert answer["warnings"][0]["available"] == ["2019/20", "2020/21", "2021/22"]


PARTS = """
    id    | category  | period_type | period_start | period_end | value
    bbbb2 | assault   | window      | 2015-04      | 2015-12    | 11
    bbbb3 | assault   | year        | 2016         |            | 12
    bbbb4 | assault   | window      | 2017-01      | 2017-03    | 13
    bbbb5 | assault   | window      | 2017-04      | 2017-05    | 14
    bbbb6 | theft     | window      | 2016-01      | 2016-06    | 3
    bbbb7 | theft     | year        | 2016         |            | 7
"""


def test_a_part_of_a_year_stands_in_the_cell_of_that_year_and_says_so(api, publish):
    publish(PARTS)
    data = api.get("/v1/observations/by-year").json()["data"]
    assert [(row["category"]["code"], [*row["values"].values()]) for row in data] == [
        ("assault", [11, 12, 13]),
        ("assault", [None, None, 14]),
        ("theft", [None, 7, None]),
        ("theft", [None, 3, None]),
    ]
    assert {year: cell["coverage"] for year, cell in data[0]["cells"].items()} == {
        "2015": "part", "2016": "unstated", "2017": "part"
    }  # fmt: skip
    assert [row["window"] for row in data] == [None] * 4
    first, *_ = csv.DictReader(io.StringIO(api.get("/v1/observations/by-year.csv").text))
    assert first["coverages"] == "2015:part 2016:unstated 2017:part"
    cube = api.get("/v1/observations/by-year.jsonstat").json()
    statuses = cells_of(cube, "status", "category", "variant", "year")
    found = [statuses["assault", "1", year] for year in ("2015", "2016", "2017")]
    assert found == ["A coverage: part", "A", "A coverage: part"]
    values = cells_of(cube, "value", "category", "variant", "year")
    assert [values["assault", variant, "2017"] for variant in ("1", "2")] == [13, 14]
    found = api.get("/v1/observations?year=2016").json()["data"]
    assert [figure["id"] for figure in found] == ["bbbb3", "bbbb6", "bbbb7"]


def test_365_days_of_a_leap_year_are_a_part_of_it(api, publish):
    publish("""
        id    | category | period_type | period_start | period_end | value
        bbbb2 | assault  | window      | 2020-01-01   | 2020-12-30 | 11
        bbbb3 | assault  | year        | 2020         |            | 12
        bbbb4 | fraud    | window      | 2024-01-02   | 2024-12-31 | 13
        bbbb5 | fraud    | window      | 2024-01-01   | 2024-12-31 | 14
        bbbb6 | theft    | window      | 2021-01-01   | 2021-12-30 | 15
        bbbb7 | theft    | year        | 2021         |            | 16
        bbbb8 | theft    | year        | 2019-04      |            | 17
    """)
    data = api.get("/v1/observations/by-year").json()["data"]
    assert [[value for value in row["values"].values() if value is not None] for row in data] == [
        [12], [11], [14], [13], [17, 16], [15]
    ]  # fmt: skip
    assert [[cell["coverage"] for cell in row["cells"].values()] for row in data] == [
        ["unstated"], ["part"], ["unstated"], ["part"], ["unstated", "unstated"], ["part"]
    ]  # fmt: skip
    rows = api.get("/v1/observations.vl.json?form=grid").json()["data"]["values"]  # a chart of the list
    charted = {row["id"]: row["series"] for row in rows if row.get("id")}
    assert charted == {cell["id"]: row["series"] for row in data for cell in row["cells"].values()}


def test_years_of_both_kinds_stand_in_the_order_in_which_they_begin(api, publish):
    publish(
        """
        category | year    | value
        assault  | 2019    | 1
        assault  | 2021    | 3
        theft    | 2019-04 | 2
        theft    | 2020-04 | 4
        """
    )
    assault, theft = api.get("/v1/observations/by-year").json()["data"]
    assert [*assault["values"].items()] == [
        ("2019", 1),
        ("2019/20", None),
        ("2020", None),
        ("2020/21", None),
        ("2021", 3),
    ]
    assert [*theft["values"].values()] == [None, 2, None, 4, None]
    assert (theft["gaps"]["2021"], theft["gaps"]["2020"]) == ("not_stated", "not_stated")


def test_the_part_year_of_the_real_register_says_so(real):
    (row,) = real.client.get("/v1/allegations/by-year?category=sexual_assault").json()["data"]
    assert {year: cell["coverage"] for year, cell in row["cells"].items()} == {
        "2021": "whole", "2022": "whole", "2023": "whole", "2024": "part"
    }  # fmt: skip


def test_the_figure_of_a_window_is_a_total_where_the_register_says_that_the_years_are_its_parts(real):
    data = real.client.get("/v1/allegations/by-year?limit=1000").json()["data"]
    totals = {row["window"]["id"] for row in data if row["window"] and row["window"]["is_total"]}
    assert totals == {"qhftr", "qmgmt", "smnvj"}
    text = real.client.get("/v1/allegations/by-year.csv").text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["window_id"] for row in rows if row["window_is_total"] == "true"} == totals


def test_a_window_beside_years_that_the_register_does_not_call_its_parts_is_no_total(api, publish):
    publish(SERIES)
    assert api.get("/v1/observations/by-year?counting_unit=people").json()["data"][0]["window"]["is_total"] is False
    rows = list(csv.DictReader(io.StringIO(api.get("/v1/observations/by-year.csv").text)))
    assert {(row["window_id"], row["window_is_total"]) for row in rows} == {("bbbb4", "false"), ("", "")}


OF_NO_YEAR = """
    id    | category  | statistic | period_type | period_start | duration | period_printed  | value | printed    | qualifier | unit
    bbbb2 | assault   | count     | year        | 2021         |          |                 | 5     |            |           |
    bbbb3 | assault   | count     | window      |              | P10Y     | the past decade |       | Hundreds   | magnitude |
    bbbb4 | assault   | count     | unstated    |              |          |                 |       | Hundreds   | magnitude |
    bbbb5 | assault   | share     | unstated    |              |          |                 | 0.02  | one in 50  |           | proportion
    bbbb6 | assault   | count     | point       |              |          | now             | 144   |            |           |
    bbbb7 | assault   | count     | point       | 2023-04      |          |                 | 701   |            |           |
"""


def test_what_is_for_no_year_is_counted_whole_and_the_link_finds_exactly_that(api, publish):
    publish(OF_NO_YEAR)
    answer = api.get("/v1/observations/by-year?category=assault")
    rows = answer.json()["data"]
    shown = {cell["id"] for row in rows for cell in (*row["cells"].values(), *filter(None, [row["window"]]))}
    left_out = api.get(answer.links["related"]["url"].removeprefix("http://localhost:8000")).json()["data"]
    assert (shown, {figure["id"] for figure in left_out}) == ({"bbbb2", "bbbb3"}, {"bbbb4", "bbbb5", "bbbb6", "bbbb7"})
    assert answer.json()["meta"]["omitted"] == 4
    [warning] = [one for one in answer.json()["warnings"] if one["code"] == "left_out"]
    assert warning["available"] == ["point", "unstated"]


def test_every_reason_of_an_empty_cell_is_explained_in_the_contract(real):
    gaps = real.client.get("/openapi.json").json()["components"]["schemas"]["SeriesRow"]["properties"]["gaps"]
    assert all(f"`{code}`: {sentence}" in gaps["description"] for code, sentence in GAPS.items())
    page = real.client.get("/docs", headers={"Accept": "text/html"}).text
    assert all(f"<dt><code>{code}</code></dt>" in page for code in GAPS)


ARTICLE = """
    id    | source  | category | year | value
    bbbb2 | article | assault  | 2024 | 187
    bbbb3 | article | assault  | 2023 | 150
"""
NOTICE = """
    bbbb4 | notice  | assault  | 2024 | 241
"""
WORK = {
    "sources/article.yaml": source_text("article", published="2025-02-01"),
    "sources/notice.yaml": source_text("notice", published="2025-03-01", work="article"),
}


def test_a_series_continues_over_a_correction_in_another_document(api, publish):
    publish(ARTICLE, "1.0.0", files=WORK)
    publish(ARTICLE + NOTICE, "2.0.0", ended=["bbbb2=corrected;bbbb4"], files=WORK)
    (row,) = api.get("/v1/observations/by-year?detail=full").json()["data"]
    assert (row["values"], row["gaps"]) == ({"2023": 150, "2024": 241}, {})
    assert (row["work"], row["source"]["id"]) == ("article", "notice")
    assert [one["id"] for one in row["editions"]] == ["notice", "article"]
    assert {year: cell["source"] for year, cell in row["cells"].items()} == {"2023": "article", "2024": "notice"}
    (line,) = csv.DictReader(io.StringIO(api.get("/v1/observations/by-year.csv?detail=full").text))
    assert (line["work"], line["sources"], line["source"]) == ("article", "2023:article 2024:notice", "notice")
    (before,) = api.get("/v1/observations/by-year?release=1.0.0").json()["data"]
    assert before["values"] == {"2023": 150, "2024": 187}


def test_two_editions_that_state_one_year_both_stay_and_the_later_one_comes_first(api, publish):
    publish(ARTICLE + NOTICE, files=WORK)
    rows = api.get("/v1/observations/by-year").json()["data"]
    assert [(row["source"]["id"], row["values"]) for row in rows] == [
        ("notice", {"2023": 150, "2024": 241}),
        ("article", {"2023": None, "2024": 187}),
    ]
    first = api.get("/v1/observations/by-year?limit=1")
    assert first.json()["data"] == rows[:1]
    second = api.get(first.json()["links"]["next"].removeprefix("http://localhost:8000")).json()
    assert second["data"] == rows[1:]
    sheet = openpyxl.load_workbook(io.BytesIO(api.get("/v1/observations/by-year.xlsx?limit=1").content))
    named = [cell for row in sheet["sources"].iter_rows(values_only=True) for cell in row]
    assert {"article", "notice"} <= {*named}


def test_sources_without_a_work_share_no_row(api, publish):
    apart = WORK | {"sources/notice.yaml": source_text("notice", published="2025-03-01")}
    publish(ARTICLE + NOTICE, files=apart)
    rows = api.get("/v1/observations/by-year?detail=full").json()["data"]
    assert [(row["source"]["id"], row["work"], row["editions"]) for row in rows] == [
        ("article", None, []),
        ("notice", None, []),
    ]


def test_the_editions_of_a_work_are_in_the_order_of_their_dates():
    sources = {
        "first": {"published": "2021"},
        "second": {"published": "2022-05", "work": "first"},
        "third": {"published": "2022-06-01", "work": "first"},
        "undated": {"published": None, "work": "first"},
        "other": {"published": "2020"},
    }
    assert editions_of(sources) == {
        "third": ("first", 0), "second": ("first", 1), "first": ("first", 2), "undated": ("first", 3)
    }  # fmt: skip


def long_rows(api, query: str = "") -> list[dict]:
    text = api.get(f"/v1/observations/by-year.csv?shape=long{query}").text
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_long_table_has_a_row_for_each_series_and_year(api, publish):
    publish(SERIES)
    rows = long_rows(api, "&counting_unit=people")
    assert [*rows[0]] == [
        "series", "measure", "category", "area", "population", "counting_unit", "unit", "year", "value", "qualifier",
        "value_absent", "gap", "coverage", "id", "part_of", "repeats",
    ]  # fmt: skip
    assert [(row["year"], row["value"], row["gap"], row["id"]) for row in rows] == [
        ("2020", "", "not_stated", ""),
        ("2021", "116", "", "bbbb2"),
        ("2022", "", "not_stated", ""),
        ("2023", "0", "", "bbbb3"),
        ("2024", "", "not_stated", ""),
    ]
    assert len({row["series"] for row in rows}) == 1


def test_a_magnitude_in_a_long_table_is_a_figure_without_a_number(api, publish):
    publish(SERIES)
    (row,) = [row for row in long_rows(api) if row["id"] == "bbbb7"]
    assert (row["year"], row["value"], row["qualifier"], row["gap"]) == ("2022", "", "magnitude", "")


def test_a_long_table_holds_the_figures_and_gaps_of_the_wide_one_in_every_format(api, publish):
    publish(SERIES)
    wanted = {
        (row["series"], year): (row["values"][year], row["gaps"].get(year))
        for row in api.get("/v1/observations/by-year").json()["data"]
        for year in row["values"]
    }
    assert len(wanted) == 4 * 5
    address = "/v1/observations/by-year{}?shape=long"
    objects = api.get(address.format("")).json()["data"]
    assert {
        (one["series"], one["period"]["year"]): (one["value"], one["gap"] or one["value_absent"]) for one in objects
    } == wanted
    lines = [json.loads(line) for line in api.get(address.format(".jsonl")).text.splitlines()]
    assert {
        (one["series"], one["period"]["year"]): (one["value"], one["gap"] or one["value_absent"]) for one in lines
    } == wanted
    frame = polars.read_parquet(io.BytesIO(api.get(address.format(".parquet")).content))
    assert {
        (row["series"], row["year"]): (row["value"], row["gap"] or row["value_absent"]) for row in frame.to_dicts()
    } == wanted
    sheet = openpyxl.load_workbook(io.BytesIO(api.get(address.format(".xlsx")).content))["figures"]
    header, *rows = sheet.iter_rows(values_only=True)
    cells = [dict(zip(header, row, strict=True)) for row in rows]
    assert {
        (row["series"], str(row["year"])): (row["value"], row["gap"] or row["value_absent"]) for row in cells
    } == wanted
    read = {
        (row["series"], row["year"]): (
            float(row["value"]) if row["value"] else None,
            row["gap"] or row["value_absent"] or None,
        )
        for row in long_rows(api)
    }
    assert read == wanted


def test_the_id_of_a_series_is_the_same_in_every_release_and_under_every_filter(api, publish):
    publish(SERIES, "1.0.0")
    before = {(row["id"], row["series"]) for row in long_rows(api) if row["id"]}
    publish(
        SERIES + "    bbbbc | sexual_assault | people | metropolitan_police | year | 2022 |  | 7 |  | 7 | exact\n",
        "1.1.0",
    )
    after = {(row["id"], row["series"]) for row in long_rows(api) if row["id"]}
    assert before < after
    series = dict(after)
    assert series["bbbbc"] == series["bbbb2"]
    assert series["bbbb8"] == f"{series['bbbb6']}-2"
    assert len({one.partition("-")[0] for one in series.values()}) == 3
    assert {(row["id"], row["series"]) for row in long_rows(api, "&counting_unit=people") if row["id"]} <= after


def test_a_long_table_leaves_what_is_for_no_year_to_the_list_and_says_so(api, publish):
    publish(OF_NO_YEAR)
    answer = api.get("/v1/observations/by-year?shape=long")
    assert {row["id"] for row in answer.json()["data"]} == {"bbbb2"}
    assert answer.json()["meta"]["omitted"] == 5
    [warning] = [one for one in answer.json()["warnings"] if one["code"] == "left_out"]
    assert warning["detail"].startswith("5 of 6 figures are not for one year")
    left_out = api.get(answer.links["related"]["url"].removeprefix("http://localhost:8000")).json()["data"]
    assert {figure["id"] for figure in left_out} == {"bbbb3", "bbbb4", "bbbb5", "bbbb6", "bbbb7"}


def test_a_long_table_has_only_series_with_a_figure_for_a_year_and_all_years_of_those(api, publish):
    publish(WINDOWS)
    answer = api.get("/v1/observations/by-year?shape=long").json()
    assert (answer["meta"]["total"], answer["meta"]["omitted"]) == (2, 4)
    assert [(row["category"]["code"], row["period"]["year"], row["gap"]) for row in answer["data"]] == [
        *(("drugs", year, "outside_window") for year in ALL_YEARS[:4]),
        ("drugs", "2024", None),
        *zip(["sexual_assault"] * 5, ALL_YEARS, ["window_undated", None, "not_stated", None, "window_undated"], strict=True),
    ]  # fmt: skip


@pytest.mark.parametrize("shape", ["wide", "long"])
def test_a_table_by_year_names_its_warnings_in_a_header(api, publish, shape):
    publish(OF_NO_YEAR)
    answer = api.get(f"/v1/observations/by-year.csv?shape={shape}")
    assert "left_out;parameter=period_type" in answer.headers["misconduct-warnings"]


@pytest.mark.parametrize("shape", ["wide", "long"])
@pytest.mark.parametrize(("whole", "is_twice"), [("bbbb5", True), ("bbbb4", False)])
def test_a_table_by_year_warns_of_a_part_of_the_same_year_and_not_of_years_beside_their_window(
    api, publish, shape, whole, is_twice
):
    relation = {"id": "part", "version": 1, "type": "part_of", "figures": ["bbbb2"], "of": whole}
    publish(SERIES, files={"relations.yaml": json.dumps([relation])})
    found = {one["code"] for one in api.get(f"/v1/observations/by-year?shape={shape}").json()["warnings"]}
    assert ("whole_and_parts" in found) is is_twice


def test_pages_of_a_long_table_hold_whole_series(api, publish):
    publish(SERIES)
    whole = api.get("/v1/observations/by-year?shape=long").json()
    assert (whole["meta"]["total"], whole["meta"]["returned"], len(whole["data"])) == (4, 4, 20)
    found, address = [], "/v1/observations/by-year?shape=long&limit=1"
    while address:
        page = api.get(address).json()
        assert (page["meta"]["returned"], len(page["data"])) == (1, 5)
        found += page["data"]
        address = page["links"]["next"] and page["links"]["next"].removeprefix("http://localhost:8000")
    assert found == whole["data"]


def test_a_cursor_of_another_shape_is_refused(api, publish):
    publish(SERIES)
    following = (
        api.get("/v1/observations/by-year?limit=1").json()["links"]["next"].removeprefix("http://localhost:8000")
    )
    assert api.get(following).status_code == 200
    answer = api.get(f"{following}&shape=long")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")
    assert "shape" in answer.json()["detail"]


def test_an_unknown_shape_is_refused_with_those_there_are(api, publish):
    publish(SERIES)
    answer = api.get("/v1/observations/by-year?shape=lnog")
    assert (answer.status_code, answer.json()["errors"][0]["allowed"]) == (422, ["wide", "long"])
    assert answer.json()["errors"][0]["did_you_mean"] == "long"
    assert api.get("/v1/observations?shape=long").json()["errors"][0]["code"] == "unknown_parameter"


def test_more_rows_than_one_export_holds_are_refused_in_the_long_shape(served, publish):
    publish(SERIES)
    served.service.settings = served.settings.model_copy(update={"export_rows": 19})
    answer = served.client.get("/v1/observations/by-year.csv?shape=long")
    assert (answer.status_code, answer.json()["code"]) == (413, "export_too_large")
    assert served.client.get("/v1/observations/by-year.csv").status_code == 200
    assert served.client.get("/v1/observations/by-year.csv?shape=long&limit=4").status_code == 200


def test_a_page_of_a_long_table_is_bounded_in_rows_and_a_long_one_is_no_page(served, publish, monkeypatch):
    publish(SERIES)
    rows = len(served.client.get("/v1/observations/by-year?shape=long").json()["data"])
    monkeypatch.setattr(v1_observations, "MOST_ROWS_AT_ONCE", rows - 1)
    refused = served.client.get("/v1/observations/by-year?shape=long&limit=1000")
    assert (refused.status_code, refused.json()["code"]) == (413, "export_too_large")
    assert f"has {rows} rows, but one has at most {rows - 1}" in refused.json()["detail"]
    assert served.client.get("/v1/observations/by-year?shape=long&limit=1").status_code == 200
    assert served.client.get("/v1/observations/by-year?shape=long&limit=1000&year=2022").status_code == 200
    page = served.client.get("/v1/observations/by-year.xlsx?shape=long&limit=2")
    monkeypatch.setattr(encoder, "LONGEST_PAGE", 1)
    free, served.service.encoder._exports._free = served.service.encoder._exports._free, 0
    address = "/v1/observations/by-year.xlsx?shape=long&limit=2&detail=full"
    assert served.client.get(address).status_code == 503  # it counts as an export, and waits for no chart
    served.service.encoder._exports._free = free
    assert (page.status_code, served.client.get(address).status_code) == (200, 200)


@pytest.mark.parametrize("long", ["by-year?limit=8", "by-year.csv?limit=8", "by-year.jsonstat"])
def test_a_long_page_counts_as_an_export(served, publish, monkeypatch, long):
    publish(MANY)
    monkeypatch.setattr(v1_observations, "SERIES_OF_A_PIECE", 7)
    whole = served.client.get(f"/v1/observations/{long}")
    assert whole.status_code == 200
    served.cache.store.drop(lambda _kept: True)
    free, served.service.encoder._exports._free = served.service.encoder._exports._free, 0
    assert served.client.get(f"/v1/observations/{long}").status_code == 503
    assert served.client.get("/v1/observations/by-year?limit=7").status_code == 200
    served.service.encoder._exports._free = free
    assert served.client.get(f"/v1/observations/{long}").content == whole.content


@pytest.mark.parametrize(("cells_at_once", "status"), [(1_000, 503), (1_040, 200)])
def test_a_wide_table_of_many_years_counts_as_an_export(served, publish, monkeypatch, cells_at_once, status):
    """130 series of 8 years: 1,040 cells, most of which are empty."""
    publish(MANY)
    monkeypatch.setattr(v1_observations, "CELLS_OF_A_PIECE", cells_at_once)
    served.service.encoder._exports._free = 0
    assert served.client.get("/v1/observations/by-year.csv").status_code == status


FORMS_IN_PIECES = (
    "by-year.csv",
    "by-year.csv?bom=1",
    "by-year.csv?shape=long",
    "by-year.jsonl?detail=full",
    "by-year.sdmx",
)


@pytest.mark.parametrize("form", FORMS_IN_PIECES)
def test_a_table_in_many_pieces_has_the_bytes_of_one_piece_and_lets_others_be_answered(
    served, publish, monkeypatch, form
):
    publish(MANY)
    whole = served.client.get(f"/v1/observations/{form}")
    served.cache.store.drop(lambda _kept: True)
    monkeypatch.setattr(v1_observations, "SERIES_OF_A_PIECE", 7)
    pieces = served.client.get(f"/v1/observations/{form}")
    assert whole.status_code == pieces.status_code == 200
    assert pieces.content == whole.content
    assert ("content-length" in whole.headers, "content-length" in pieces.headers) == (True, False)
    same = ("link", "misconduct-warnings", "content-disposition", "accept-ranges")
    assert [pieces.headers[name] for name in same] == [whole.headers[name] for name in same]


def test_a_workbook_in_pieces_has_the_sheets_of_one_piece(served, publish, monkeypatch):
    publish(MANY)
    workbooks = []
    for series_at_once in (200, 7):
        monkeypatch.setattr(v1_observations, "SERIES_OF_A_PIECE", series_at_once)
        served.cache.store.drop(lambda _kept: True)
        content = served.client.get("/v1/observations/by-year.xlsx").content
        workbook = openpyxl.load_workbook(io.BytesIO(content))
        workbooks.append({sheet.title: [*sheet.values] for sheet in workbook})
    assert [*workbooks[0]] == ["figures", "columns", "codes", "sources", "about"]
    assert workbooks[0] == workbooks[1]


CODES = ["measure/accused", "category/kind_000", "area/E23000001", "population/officers", "counting_unit/people"]


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ("observations.xlsx?limit=1", [*CODES, "unit/count", "qualifier/exact"]),
        ("observations.xlsx?limit=1&columns=stage,category", ["stage/allegation", "category/kind_000"]),
        ("observations/by-year.xlsx?limit=1", [*CODES, "statistic/count", "unit/count", "stated_by/force"]),
        ("observations/by-year.xlsx?limit=1&shape=long", [*CODES, "unit/count", "qualifier/exact"]),
        ("observations.xlsx?value_to=1&columns=category,value_absent", ["category/kind_000", "category/kind_001"]),
        ("observations/by-year.xlsx?value_to=1&columns=category", ["category/kind_000", "category/kind_001"]),
    ],
)
def test_a_workbook_has_only_the_codes_of_its_rows(served, publish, monkeypatch, address, codes):
    stages = {"id": "stages", "version": 1, "code": "stage/allegation", "of": {"measure": ["accused"]}}
    lists = {
        "codelists/stage.csv": "code,version,label,definition,broader,defined_by\n"
        + "".join(f"{code},1,{code.title()},What it is.,,We\n" for code in ("allegation", "outcome"))
    }
    rows = "".join(f"\nkind_{number:03} | {2010 + number} | {number}" for number in range(9))
    publish(f"category | year | value{rows}", files={**lists, "classifications.yaml": json.dumps([stages])})
    monkeypatch.setattr(v1_observations, "ROWS_OF_A_PIECE", 1)
    monkeypatch.setattr(v1_observations, "SERIES_OF_A_PIECE", 1)
    content = served.client.get(f"/v1/{address}").content
    head, *listed = openpyxl.load_workbook(io.BytesIO(content))["codes"].values
    assert [f"{row[head.index('list')]}/{row[head.index('code')]}" for row in listed] == codes


@pytest.mark.parametrize(
    ("address", "bound", "most", "said"),
    [
        ("by-year.jsonstat", "MOST_CELLS_AT_ONCE", 1_000, "The cube has 1040 cells, but one has at most 1000. Add filters, or use limit and cursor."),
        ("by-year?limit=1000", "MOST_CELLS_AT_ONCE", 1_000, "The page has 1040 cells, but one has at most 1000. Use a lower limit."),
        ("by-year.jsonstat", "MOST_ROWS_AT_ONCE", 129, "The cube has 130 figures, but one has at most 129. Add filters, or use limit and cursor."),
        ("by-year?limit=1000&detail=full", "MOST_ROWS_AT_ONCE", 19, "The page has 20 figures, but one has at most 19. Use a lower limit."),
    ],
)  # fmt: skip
def test_what_is_made_in_one_piece_is_bounded(served, publish, monkeypatch, address, bound, most, said):
    publish(MANY)
    assert served.client.get(f"/v1/observations/{address}").status_code == 200
    monkeypatch.setattr(v1_observations, bound, most)
    served.cache.store.drop(lambda _kept: True)
    refused = served.client.get(f"/v1/observations/{address}")
    assert (refused.status_code, refused.json()["detail"]) == (413, said)
    assert served.client.get("/v1/observations/by-year?limit=5").status_code == 200


def test_a_wide_table_has_at_most_ten_cells_for_each_row_of_an_export(served, publish):
    publish(MANY + "\nkind_x | year | 1900 | | | 1")
    served.service.settings = served.settings.model_copy(update={"export_rows": 131})
    answer = served.client.get("/v1/observations/by-year.csv")
    assert (answer.status_code, answer.json()["code"]) == (413, "export_too_large")
    assert answer.json()["detail"].startswith("The table has 15458 cells, but an export has at most 1310. ")


def test_financial_years_in_a_long_table_have_their_labels(api, publish):
    publish(FINANCIAL)
    rows = [(row["category"], row["year"], row["value"], row["gap"]) for row in long_rows(api)]
    assert rows[:4] == [
        ("assault", "2018/19", "", "not_stated"),
        ("assault", "2019/20", "11", ""),
        ("assault", "2020/21", "12", ""),
        ("assault", "2021/22", "13", ""),
    ]
    assert [row["year"] for row in long_rows(api, "&year=2020-21")] == ["2020/21"] * 2


def test_a_row_of_the_long_table_is_short(real):
    lines = real.client.get("/v1/observations/by-year.csv?shape=long").text.splitlines()
    assert max(len(line.encode()) for line in lines) <= 300


def test_a_wide_table_has_the_columns_that_most_readers_need_and_others_on_request(api, publish):
    publish(SERIES)
    address = "/v1/observations/by-year.csv?counting_unit=people&{}"

    def header(query: str) -> list[str]:
        return api.get(address.format(query)).text.splitlines()[0].split(",")

    assert header("") == [
        "series", "measure", "category", "area", "population", "counting_unit", "statistic", "unit", "stated_by",
        "2020", "2021", "2022", "2023", "2024",
        "window_start", "window_end", "window_value", "window_id", "window_is_total",
        "gaps", "non_publications", "qualifiers", "coverages", "ids", "source",
    ]  # fmt: skip
    assert header("columns=category,years,ids&labels=1&year=2021&year=2023") == [
        "category", "category_label", "2021", "2023", "ids"
    ]  # fmt: skip
    assert {*header("detail=full")} > {*header(""), "caveats", "cite_as", "source_notes", "licence"}
    row = api.get("/v1/observations/by-year?counting_unit=people&columns=category,years,ids").json()["data"][0]
    assert row == {
        "category": {"code": "sexual_assault", "label": row["category"]["label"]},
        "values": {"2020": None, "2021": 116, "2022": None, "2023": 0, "2024": None},
        "cells": {"2021": {"id": "bbbb2"}, "2023": {"id": "bbbb3"}},
    }
    assert api.get(address.format("columns=value")).json()["errors"][0]["code"] == "unknown_column"


def test_the_columns_of_a_long_table_can_be_chosen_too(api, publish):
    publish(SERIES)
    address = "/v1/observations/by-year{}?shape=long&counting_unit=people&columns=year,value,category&labels=1"
    header, *rows = csv.reader(io.StringIO(api.get(address.format(".csv")).text))
    assert header == ["year", "value", "category", "category_label"]
    assert [row[:3] for row in rows[:2]] == [["2020", "", "sexual_assault"], ["2021", "116", "sexual_assault"]]
    objects = api.get(address.format("")).json()["data"]
    assert [*objects[0]] == ["period", "value", "category"]
    assert [(one["period"], one["value"]) for one in objects[:2]] == [({"year": "2020"}, None), ({"year": "2021"}, 116)]


def test_two_figures_of_one_source_for_one_year_have_cells_of_their_own_in_a_cube(api, publish):
    publish(SERIES)
    cube = api.get("/v1/observations/by-year.jsonstat").json()
    assert cube["id"] == [
        "category", "measure", "statistic", "population", "counting_unit", "area", "unit", "stated_by", "source",
        "variant", "year",
    ]  # fmt: skip
    assert cells_of(cube, "value", "counting_unit", "stated_by", "variant", "year") == {
        ("people", "metropolitan_police", "1", "2021"): 116,
        ("people", "metropolitan_police", "1", "2023"): 0,
        ("cases", "metropolitan_police", "1", "2021"): 500,
        ("cases", "met_spokesperson", "1", "2021"): 501,
        ("cases", "met_spokesperson", "2", "2021"): 502,
    }
    assert len(cube["status"]) == 4 * 5
    assert {one["id"] for one in cube["extension"]["figures"].values()} == {
        "bbbb2", "bbbb3", "bbbb5", "bbbb6", "bbbb7", "bbbb8"
    }  # fmt: skip
    one = api.get("/v1/observations/by-year.jsonstat?counting_unit=people&year=2021").json()
    assert (one["id"], one["size"]) == (cube["id"], [1] * 11)
    assert api.get("/v1/observations/by-year.jsonstat?shape=long").json()["value"] == cube["value"]


def test_years_that_no_series_has_are_named(real):
    def absent(query: str) -> list[tuple]:
        page = real.client.get(f"/v1/allegations/by-year?{query}").json()
        assert page["meta"]["total"] > 0
        return [
            (one["parameter"], one["detail"], one["available"][-1])
            for one in page["warnings"]
            if one["code"] == "years_absent"
        ]

    assert absent("year=1999") == [("year", "No matching figure is for 1999. See available.", "2024")]
    assert absent("year=1999,2022") == absent("year=1999")
    assert absent("year_from=2030") == [("year", "No matching figure is for these years. See available.", "2024")]
    assert absent("year=2022") == absent("year_from=2020") == absent("") == []


def test_a_range_of_years_chooses_the_columns(real):
    row = real.client.get("/v1/allegations/by-year?year_from=2022&year_to=2023&limit=1").json()["data"][0]
    assert [*row["values"]] == ["2022", "2023"]


def test_every_column_of_a_long_table_is_there_also_in_rows_without_a_figure(real):
    for form in ("csv", "parquet"):
        assert real.client.get(f"/v1/allegations/by-year.{form}?shape=long&detail=full").status_code == 200
    text = real.client.get(
        "/v1/allegations/by-year.csv?shape=long&columns=year,value,locator_start&category=sexual_assault"
    )
    assert text.text.splitlines()[1:3] == ["2014,,", "2015,,"]


def test_a_long_table_warns_of_its_own_rows(real):
    answer = real.client.get("/v1/allegations/by-year?shape=long&year=2022").json()
    assert {one["code"] for one in answer["warnings"]}.isdisjoint({"repeated_claims", "part_years"})
    answer = real.client.get("/v1/allegations/by-year?shape=long&year=2024").json()
    assert "part_years" in {one["code"] for one in answer["warnings"]}
