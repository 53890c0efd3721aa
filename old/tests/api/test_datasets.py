"""What there is: datasets with every code counted, columns with their code lists, caveats."""

from __future__ import annotations

import csv
import io
import json

import pytest

HERE = "http://localhost:8000"

FIVE = """
    id    | measure   | category          | population | period_type | year | value | caveats
    bbbb2 | accused   | sexual_assault    | officers   | year        | 2021 | 116   | small
    bbbb3 | accused   | sexual_assault    | officers   | year        | 2022 | 169   | small late
    bbbb4 | accused   | sexual_harassment | staff      | year        | 2022 | 7     |
    bbbb5 | accused   | sexual_assault    | staff      | unstated    |      | 1000  |
    bbbb6 | suspended | sexual_assault    | officers   | unstated    |      | 9     |
"""

DATASETS = ["allegations", "case-reviews", "duty-status", "public-trust", "reports", "vetting-checks", "workforce"]


def rows(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def facets(record) -> dict[str, dict[str, int]]:
    """The counts of a dataset by the name of the filter and by code."""
    return {
        one["name"]: {code["code"]: code["figures"] for code in one["codes"]}
        for one in (*record["dimensions"], *record["attributes"])
    }


# Datasets


def test_a_dataset_counts_the_codes_of_its_figures(api, publish):
    publish(FIVE)
    record = api.get("/v1/datasets/allegations").json()["data"]
    assert (record["figures"], record["years"]) == (4, ["2021", "2022"])
    counts = facets(record)
    assert counts["measure"] == {"accused": 4}
    assert counts["category"] == {"sexual_assault": 3, "sexual_harassment": 1}
    assert counts["population"] == {"officers": 2, "staff": 2}
    assert counts["year"] == {"2021": 1, "2022": 2}
    assert counts["period_type"] == {"unstated": 1, "year": 3}
    category = next(one for one in record["dimensions"] if one["name"] == "category")
    assert category["codelist"] == f"{HERE}/v1/codelists/category"
    assert category["codes"][0] == {
        "code": "sexual_assault", "label": "Sexual assault", "broader": None, "figures": 3,
    }  # fmt: skip


def test_filters_count_the_figures_that_a_listing_with_the_same_filters_has(api, publish):
    publish(FIVE)
    record = api.get("/v1/datasets/allegations?category=sexual_assault&population=officers").json()["data"]
    assert (record["figures"], record["years"]) == (2, ["2021", "2022"])
    assert facets(record)["population"] == {"officers": 2}
    empty = api.get("/v1/datasets/allegations?category=sexual_harassment&year=2021").json()["data"]
    assert (empty["figures"], empty["years"], facets(empty)["category"]) == (0, [], {})


def test_all_datasets_say_how_many_figures_they_have_and_for_which_years(api, publish):
    publish(FIVE)
    found = {one["id"]: (one["figures"], one["years"]) for one in api.get("/v1/datasets").json()["data"]}
    assert found == {"allegations": (4, ["2021", "2022"]), "duty-status": (1, [])}
    table = {row["id"]: (row["figures"], row["years"]) for row in rows(api.get("/v1/datasets.csv"))}
    assert table == {"allegations": ("4", "2021 2022"), "duty-status": ("1", "")}


@pytest.mark.parametrize(
    ("dataset", "query"),
    [
        ("allegations", "year=2022"),
        ("allegations", "release=1.0.0"),
        ("allegations", "q=harassment"),
        ("vetting-checks", "parts=exclude&repeats=exclude"),
        ("duty-status", "value_from=500"),
    ],
)
def test_each_count_is_the_total_of_the_listing_with_that_code(real, dataset, query):
    record = real.client.get(f"/v1/datasets/{dataset}?{query}").json()["data"]
    ids = [one["id"] for one in real.client.get(f"/v1/{dataset}?{query}&limit=1000").json()["data"]]
    assert record["figures"] == len(ids) > 0
    dimensions = {one["name"]: sum(code["figures"] for code in one["codes"]) for one in record["dimensions"]}
    assert {name: total for name, total in dimensions.items() if name != "year"} == dict.fromkeys(
        ("measure", "statistic", "category", "area", "population", "counting_unit"), len(ids)
    )
    release = "&release=1.0.0" if "release" in query else ""
    for name, counts in facets(record).items():
        for code, figures in counts.items():
            listed = real.client.get(f"/v1/{dataset}", params=f"{name}={code}&narrower=0&limit=1000{release}").json()
            matching = [one["id"] for one in listed["data"] if one["id"] in ids]
            assert len(matching) == figures, (name, code)


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_dataset_counts_as_many_figures_as_its_listing_has(real, dataset):
    listed = real.client.get(f"/v1/{dataset}").json()["meta"]["total"]
    assert real.client.get(f"/v1/datasets/{dataset}").json()["data"]["figures"] == listed
    every = {one["id"]: one["figures"] for one in real.client.get("/v1/datasets").json()["data"]}
    assert every[dataset] == listed


def test_a_dataset_as_a_table_has_a_row_for_each_code(real):
    record = real.client.get("/v1/datasets/duty-status?year=2023").json()["data"]
    table = rows(real.client.get("/v1/datasets/duty-status.csv?year=2023"))
    assert {(row["role"], row["name"], row["code"], int(row["figures"])) for row in table} == {
        (role, name, code, figures)
        for role, group in (("dimension", record["dimensions"]), ("attribute", record["attributes"]))
        for name, counts in facets({"dimensions": group, "attributes": []}).items()
        for code, figures in counts.items()
    }


@pytest.mark.parametrize("address", ["/v1/datasets/allegations?category=sexual_assault&parts=exclude", "/v1/datasets"])
def test_what_a_dataset_links_to_is_there_and_has_the_same_filters(real, address):
    data = real.client.get(address).json()["data"]
    for record in data if isinstance(data, list) else [data]:
        links = {**record["links"], **{one["id"]: one["url"] for one in record.get("charts", [])}}
        assert {name: real.client.get(url.removeprefix(HERE)).status_code for name, url in links.items()} == (
            dict.fromkeys(links, 200)
        )
        listed = real.client.get(links["figures"].removeprefix(HERE)).json()["meta"]["total"]
        assert listed == record["figures"] == len(rows(real.client.get(links["csv"].removeprefix(HERE))))


def test_a_dataset_describes_the_columns_of_its_table(real):
    columns = real.client.get("/v1/datasets/duty-status").json()["data"]["columns"]
    header = next(csv.reader(io.StringIO(real.client.get("/v1/duty-status.csv").text)))
    assert [one["name"] for one in columns] == header
    assert [one for one in real.client.get("/v1/columns").json()["data"] if one["core"]] == columns
    assert {one["name"]: one["codelist"] for one in columns}["measure"] == "measure"


def test_links_of_a_named_release_stay_in_it(real):
    record = real.client.get("/v1/datasets/allegations?release=1.0.0").json()["data"]
    assert record["links"]["figures"] == f"{HERE}/v1/allegations?release=1.0.0"
    assert record["links"]["files"] == f"{HERE}/v1/releases/1.0.0/files"


@pytest.mark.parametrize(
    "query", ["category=sexual_asault", "year=22", "value=1,071", "release=9.9.9", "value_from=3&value_to=2", "parts=x"]
)
def test_a_mistake_in_a_filter_is_answered_as_by_the_listing(real, query):
    here, there = (real.client.get(f"/v1/{path}?{query}") for path in ("datasets/allegations", "allegations"))
    assert here.status_code == there.status_code >= 400
    left_out = ("request_id", "instance")
    assert {name: value for name, value in here.json().items() if name not in left_out} == {
        name: value for name, value in there.json().items() if name not in left_out
    }


def test_what_pages_a_listing_is_no_parameter_of_a_dataset(real):
    [fault] = real.client.get("/v1/datasets/allegations?categroy=sexual_assault").json()["errors"]
    assert fault["did_you_mean"] == "category"
    assert not {"limit", "cursor", "sort"} & set(fault["allowed"])
    assert real.client.get("/v1/datasets?category=sexual_assault").status_code == 422


def test_a_dataset_that_is_not_there_is_a_problem_that_says_which_is_meant(real):
    answer = real.client.get("/v1/datasets/alegations")
    assert (answer.status_code, answer.json()["did_you_mean"]) == (404, "allegations")
    assert real.client.get("/v1/alegations?colour=blue").status_code == 404, "the path is wrong before its parameters"


def test_a_dataset_that_was_removed_by_law_is_gone(api, publish):
    both = [
        {"id": name, "version": 1, "title": name, "description": "Who was accused.", "measures": ["accused"]}
        for name in ("allegations", "accusations")
    ]
    publish("measure | value\naccused | 5", "1.0.0", files={"datasets.yaml": json.dumps(both)})
    assert api.get("/v1/datasets/accusations").json()["data"]["figures"] == 1
    removed = ["dataset/accusations@1=A court."]
    publish(
        "measure | value\naccused | 5",
        "2.0.0",
        "2024-06-01",
        files={"datasets.yaml": json.dumps(both[:1])},
        removed=removed,
    )
    for address in (
        *("/v1/datasets/accusations", "/v1/datasets/accusations/dcat", "/v1/accusations", "/v1/accusations.csv"),
        *("/v1/accusations/by-year?release=1.0.0", "/v1/accusations/changes", "/v1/accusations.html"),
    ):
        answer = api.get(address)
        assert (address, answer.status_code, answer.json()["removed_in"]) == (address, 410, "2.0.0")
        assert answer.headers["cache-control"] == "public, max-age=10, s-maxage=5"
    for address in ("/datasets/accusations", "/chart/accusations", "/chart/accusations/by-year"):
        answer = api.get(address, headers={"Accept": "text/html"})
        assert (address, answer.status_code) == (address, 410)
        assert "Removed in release 2.0.0: A court." in answer.text
        assert answer.headers["cache-control"] == "public, max-age=10, s-maxage=5"


def test_a_dataset_is_one_statement(served, publish):
    publish(FIVE)
    for address in ("/v1/datasets/allegations?category=sexual_assault", "/v1/datasets", "/v1/caveats"):
        with served.statements() as seen:
            assert served.client.get(address).status_code == 200
        assert len(seen) == 1, address


# Columns


def test_every_column_of_a_figure_is_described_in_order(real):
    columns = rows(real.client.get("/v1/columns.csv"))
    header = csv.reader(io.StringIO(real.client.get("/v1/releases/latest/files/observations.csv").text))
    assert [one["name"] for one in columns] == next(header)
    assert all(one["description"].endswith(".") for one in columns)
    core = csv.reader(io.StringIO(real.client.get("/v1/observations.csv?limit=1").text))
    assert [one["name"] for one in columns if one["core"] == "true"] == next(core)


def test_what_a_column_says_of_its_code_list_and_place_is_so(real):
    columns = real.client.get("/v1/columns").json()["data"]
    lists = {
        one["id"]: {code["code"] for code in one["codes"]} for one in real.client.get("/v1/codelists").json()["data"]
    }
    table = rows(real.client.get("/v1/releases/latest/files/observations.csv"))
    figures = {row["id"]: json.loads(real.client.get(f"/v1/observations/{row['id']}.jsonl").text) for row in table[::7]}
    named = {one["name"]: one["codelist"] for one in columns if one["codelist"]}
    assert {"measure", "category", "statistic", "period_type", "unit", "obs_status", "stage"} <= named.keys()
    for one in columns:
        cells = {row[one["name"]] for row in table} - {""}
        if one["codelist"]:
            assert cells <= lists[one["codelist"]], one["name"]
        if one["separator"]:
            assert one["type"] == "texts"
        for row in table[::7]:
            value = figures[row["id"]]
            for step in one["path"].split("."):
                value = value and value[step]
            if one["type"] in ("text", "code", "date") and isinstance(value, str):
                assert row[one["name"]] == value.removeprefix(HERE), one["name"]
            assert bool(row[one["name"]]) == (value not in (None, [], {})), one["name"]


# Caveats


def test_caveats_are_a_table_with_the_number_of_their_figures(api, publish):
    publish(FIVE)
    table = {row["id"]: (row["text"], row["figures"]) for row in rows(api.get("/v1/caveats.csv"))}
    assert table == {"late": ("About late.", "1"), "small": ("About small.", "2")}
    assert [one["figures"] for one in api.get("/v1/caveats").json()["data"]] == [1, 2]


def test_the_caveats_that_figures_have_are_in_the_table(real):
    printed = [
        one
        for row in rows(real.client.get("/v1/releases/1.1.0/files/observations.csv"))
        for one in row["caveats"].split()
    ]
    counted = {one["id"]: one["figures"] for one in real.client.get("/v1/caveats?release=1.1.0").json()["data"]}
    assert {name: figures for name, figures in counted.items() if figures} == {
        name: printed.count(name) for name in printed
    }


@pytest.mark.parametrize("path", ["datasets", "datasets/allegations", "columns", "caveats"])
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "xlsx"])
def test_what_there_is_comes_in_every_tabular_format(real, path, form):
    answer = real.client.get(f"/v1/{path}.{form}")
    assert answer.status_code == 200
    assert answer.content
