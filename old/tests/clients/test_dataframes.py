"""Data frames and databases read the service by its address, with the types that the figures have.

DuckDB is the real one over HTTP: its httpfs extension comes from the package duckdb-ext-httpfs, because it cannot be
downloaded where there is no network. The package asks for the DuckDB that it was built for.
"""

from __future__ import annotations

import math
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest

from tests.clients.recorder import recorded

FILE = "/v1/releases/1.1.0/files/observations.parquet"
CODES = (
    "measure", "statistic", "category", "area", "population", "counting_unit", "period_type", "unit", "qualifier",
    "obs_status", "basis", "stated_by", "origin", "source",
)  # fmt: skip
"""The columns with a code in every row."""


def load_httpfs(connection: duckdb.DuckDBPyConnection) -> None:
    """Gives DuckDB its extension for HTTP, from the package that carries it."""
    (extension,) = Path(duckdb.__file__).parents[1].glob("duckdb_ext/extensions/*/*/httpfs.duckdb_extension")
    connection.execute(f"LOAD '{extension}'")


@pytest.fixture
def sql():
    connection = duckdb.connect()
    load_httpfs(connection)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def figures(real) -> list[dict]:
    """What the JSON says: what every other reader must find."""
    return real.client.get("/v1/observations?release=1.1.0&limit=1000&detail=full").json()["data"]


def codes_of(figures: list[dict], name: str) -> list[str]:
    cells = (figure["period"]["type"] if name == "period_type" else figure[name] for figure in figures)
    return [cell.get("code", cell.get("id")) if isinstance(cell, dict) else cell for cell in cells]


def same(found: list, figures: list[dict]) -> bool:
    """Whether a column of values is that of the JSON, where what is missing is missing."""
    wanted = [math.nan if figure["value"] is None else figure["value"] for figure in figures]
    found = [math.nan if value is None else value for value in found]
    return all(a == b or (a != a and b != b) for a, b in zip(found, wanted, strict=True))


# pandas


def test_pandas_reads_csv_with_the_types_of_the_figures(real, figures):
    frame = pandas.read_csv(f"{real.url}/v1/observations.csv?release=1.1.0&detail=full")
    types = {name: str(frame[name].dtype) for name in ("id", "version", "value", "printed", "locator_start", "cite_as")}
    assert types == {
        "id": "str",
        "version": "int64",
        "value": "float64",
        "printed": "str",
        "locator_start": "int64",
        "cite_as": "str",
    }
    assert same(frame["value"].tolist(), figures)


def test_pandas_makes_neither_nan_nor_a_number_of_a_code(real, figures):
    frame = pandas.read_csv(f"{real.url}/v1/observations.csv?release=1.1.0&detail=full")
    for name in CODES:
        assert str(frame[name].dtype) == "str", name
        assert frame[name].tolist() == codes_of(figures, name)
    for name in ("category", "area", "source"):
        assert str(frame[f"{name}_label" if name != "source" else "source_title"].dtype) == "str"


def test_pandas_reads_the_wide_table(real):
    frame = pandas.read_csv(f"{real.url}/v1/allegations/by-year.csv?release=1.1.0&category=sexual_assault")
    assert frame[["2021", "2022", "2023", "2024"]].to_numpy().tolist() == [[116, 169, 157, 23]]
    assert math.isnan(frame["2020"][0])
    assert str(frame["2020"].dtype) == "float64"


def test_pandas_reads_jsonl(real, figures):
    frame = pandas.read_json(f"{real.url}/v1/observations.jsonl?release=1.1.0&detail=full", lines=True)
    assert str(frame["value"].dtype) == "float64"
    assert same(frame["value"].tolist(), figures)
    assert frame["printed"].tolist() == [figure["printed"] for figure in figures]
    assert frame["statistic"].tolist() == codes_of(figures, "statistic")


def test_pandas_reads_json(real, figures):
    document = pandas.read_json(f"{real.url}/v1/observations?release=1.1.0&limit=1000&detail=full", typ="series")
    frame = pandas.json_normalize(document["data"])
    assert same(frame["value"].tolist(), figures)
    assert frame["category.code"].tolist() == codes_of(figures, "category")


def test_pandas_reads_parquet_with_categories_and_lists(real, figures):
    frame = pandas.read_parquet(f"{real.url}{FILE}")
    assert {str(frame[name].dtype) for name in CODES} == {"category"}
    assert [str(frame[name].dtype) for name in ("version", "value", "period_start")] == ["int64", "float64", "str"]
    assert same(frame["value"].tolist(), figures)
    for name in CODES:
        assert frame[name].tolist() == codes_of(figures, name)
    assert list(frame["caveats"][0]) == [caveat["id"] for caveat in figures[0]["caveats"]]


# polars


def test_polars_reads_csv_and_parquet(real, figures):
    frame = polars.read_csv(f"{real.url}/v1/observations.csv?release=1.1.0&detail=full")
    assert (frame.schema["value"], frame.schema["category"]) == (polars.Float64, polars.String)
    assert same(frame["value"].to_list(), figures)
    frame = polars.read_parquet(f"{real.url}{FILE}")
    assert frame.schema["category"] == polars.Categorical
    assert frame.schema["caveats"] == polars.List(polars.String)
    assert same(frame["value"].to_list(), figures)


FILTERED = "release=1.1.0&category=sexual_assault"


@pytest.mark.parametrize("path", ["/v1/observations", "/v1/allegations"])
def test_polars_reads_filtered_lists_by_their_address(real, path):
    figures = real.client.get(f"{path}?{FILTERED}").json()["data"]
    address = f"{real.url}{path}"
    frames = [
        polars.read_csv(f"{address}.csv?{FILTERED}"),
        polars.scan_csv(f"{address}.csv?{FILTERED}").collect(),
        polars.read_parquet(f"{address}.parquet?{FILTERED}"),
        polars.scan_parquet(f"{address}.parquet?{FILTERED}").collect(),
        polars.read_ndjson(f"{address}.jsonl?{FILTERED}"),
        polars.scan_ndjson(f"{address}.jsonl?{FILTERED}").collect(),
    ]
    for frame in frames:
        assert frame["id"].to_list() == [figure["id"] for figure in figures]
        assert same(frame["value"].to_list(), figures)


@pytest.mark.parametrize("query", ["", "?limit=3"])
def test_polars_reads_tables_by_year_by_their_address(real, query):
    data = real.client.get(f"/v1/allegations/by-year{query}").json()["data"]
    address = f"{real.url}/v1/allegations/by-year"
    for frame in (
        polars.read_csv(f"{address}.csv{query}"),
        polars.read_parquet(f"{address}.parquet{query}"),
        polars.scan_parquet(f"{address}.parquet{query}").collect(),
    ):
        assert frame["2022"].to_list() == [row["values"]["2022"] for row in data]
    frame = polars.read_ndjson(f"{address}.jsonl{query}")
    assert [row["code"] for row in frame["category"]] == [row["category"]["code"] for row in data]


LONG = "/v1/allegations/by-year.{}?release=2.1.0&shape=long"


def test_programs_read_the_long_table_with_the_types_of_its_columns(real, sql):
    address = f"{real.url}{LONG.format('csv')}"
    names = ("series", "category", "year", "value", "gap", "id")
    frame = pandas.read_csv(address)
    assert [str(frame[name].dtype) for name in names] == ["str", "str", "int64", "float64", "str", "str"]
    schema = polars.read_csv(address).schema
    assert [schema[name] for name in names] == [
        polars.String, polars.String, polars.Int64, polars.Int64, polars.String, polars.String
    ]  # fmt: skip
    types = ", ".join(f"any_value(typeof({name}))" for name in names)
    found = sql.execute(f"SELECT {types} FROM read_csv('{address}')").fetchall()
    assert found == [("VARCHAR", "VARCHAR", "BIGINT", "BIGINT", "VARCHAR", "VARCHAR")]
    typed = polars.read_parquet(f"{real.url}{LONG.format('parquet')}")
    assert (typed.schema["value"], typed.schema["year"]) == (polars.Float64, polars.Categorical)
    assert len(typed) == len(frame) == 3 * 11
    assert len(frame.columns) == 16


def test_a_sum_over_the_long_table_counts_no_window_with_its_years(real):
    frame = pandas.read_csv(f"{real.url}{LONG.format('csv')}")
    assert frame.groupby("category")["value"].sum().to_dict() == {
        "all_sexual_conduct": 1571 + 2074,
        "other_sexual_assault": 81 + 72 + 4,
        "sexual_assault": 116 + 169 + 157 + 23,
    }
    table = frame.pivot(index="category", columns="year", values="value")
    assert table[2022].to_dict() == {"all_sexual_conduct": 1571, "other_sexual_assault": 81, "sexual_assault": 169}


@pytest.mark.parametrize("address", ["/v1/codelists", "/v1/sources", "/v1/disagreements"])
def test_polars_reads_the_other_lists_by_their_address(real, address):
    rows = polars.read_csv(f"{real.url}{address}.csv", infer_schema_length=None).height
    assert rows == polars.read_parquet(f"{real.url}{address}.parquet").height > 0


def test_polars_reads_an_export_that_is_made_while_it_is_sent(real, figures, monkeypatch):
    monkeypatch.setattr("misconduct.api.v1.observations.ROWS_OF_A_PIECE", 20)
    address = f"{real.url}/v1/observations.csv?release=1.1.0&detail=full&sort=period"
    assert "content-length" not in real.client.get(address).headers
    assert same(polars.read_csv(address)["value"].to_list(), figures)


def test_polars_scans_parquet_and_fetches_only_the_columns_it_needs(real):
    length = int(real.client.head(FILE).headers["content-length"])
    with recorded(real.url) as seen:
        query = polars.scan_parquet(f"{seen.url}{FILE}").filter(polars.col("value") == 1492).select("id", "printed")
        assert query.collect().rows() == [("k7m3q", "1,492")]
    assert {(method, path) for method, path, _ in seen.requests} == {("GET", FILE)}
    *_, (_, _, columns) = seen.requests
    first, last = map(int, columns.removeprefix("bytes=").split("-"))
    assert len(seen.requests) <= 2
    assert last - first < length / 2


# pyarrow


def test_pyarrow_reads_types_dictionaries_and_whose_figures_they_are(real, figures, tmp_path):
    path = tmp_path / "observations.parquet"
    path.write_bytes(real.client.get(FILE).content)
    file = pyarrow.parquet.ParquetFile(path)
    stated = {key.decode(): text.decode() for key, text in file.metadata.metadata.items()}
    assert (stated["release"], stated["licence"]) == ("1.1.0", "https://creativecommons.org/licenses/by/4.0/")
    schema = file.schema_arrow
    assert [schema.field(name).type for name in ("version", "value")] == [pyarrow.int64(), pyarrow.float64()]
    assert pyarrow.types.is_dictionary(schema.field("category").type)
    assert pyarrow.types.is_large_list(schema.field("caveats").type)
    assert file.read(["id"]).column("id").to_pylist() == [figure["id"] for figure in figures]


# DuckDB


# The footer of a file of 77 columns is longer than the end that DuckDB asks for first, so it asks for the rest of it.


def test_duckdb_asks_for_the_length_and_the_footer_of_a_parquet_file(real, sql, figures):
    with recorded(real.url) as seen:
        count = sql.execute(f"SELECT count(*) FROM read_parquet('{seen.url}{FILE}')").fetchall()
    assert count == [(len(figures),)]
    assert [(method, path) for method, path, _ in seen.requests] == [("HEAD", FILE), ("GET", FILE), ("GET", FILE)]
    assert all(asked.startswith("bytes=") for _, _, asked in seen.requests[1:])


def test_duckdb_fetches_one_range_more_for_one_column(real, sql):
    with recorded(real.url) as seen:
        found = sql.execute(f"SELECT max(value) FROM read_parquet('{seen.url}{FILE}')").fetchall()
    assert found == [(50000.0,)]
    assert [method for method, _, _ in seen.requests] == ["HEAD", "GET", "GET", "GET"]
    assert all(asked.startswith("bytes=") for _, _, asked in seen.requests[1:])


def test_duckdb_reads_csv_by_one_range(real, sql, figures):
    with recorded(real.url) as seen:
        address = f"{seen.url}/v1/observations.csv?release=1.1.0&detail=full"
        found = sql.execute(f"SELECT id, value, category, typeof(value) FROM read_csv('{address}')").fetchall()
    assert [method for method, _, _ in seen.requests] == ["HEAD", "GET"]
    assert [row[0] for row in found] == [figure["id"] for figure in figures]
    assert same([row[1] for row in found], figures)
    assert [row[2] for row in found] == codes_of(figures, "category")
    assert {row[3] for row in found} == {"DOUBLE"}


def test_duckdb_reads_an_answer_that_is_made_while_it_is_sent(real, sql):
    address = f"{real.url}/v1/observations.csv?release=1.1.0&detail=full&category=sexual_assault&period_type=year"
    found = sql.execute(f"SELECT value FROM read_csv('{address}') ORDER BY period_start").fetchall()
    assert found == [(116,), (169,), (157,), (23,)]


def test_duckdb_reads_jsonl(real, sql, figures):
    address = f"{real.url}/v1/observations.jsonl?release=1.1.0&detail=full"
    found = sql.execute(f"SELECT value, category.code, meta.release FROM read_json('{address}')").fetchall()
    assert same([row[0] for row in found], figures)
    assert [row[1] for row in found] == codes_of(figures, "category")
    assert {row[2] for row in found} == {"1.1.0"}
