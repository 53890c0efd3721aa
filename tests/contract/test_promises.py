"""What must hold of every table: equal rows in each format, keys, one newest row, and every figure somewhere."""

import csv
import io
import shutil
import subprocess
import sys

import polars
import pytest

from misconduct.model.points import KEY, TOPICS

from ..conftest import NEWEST, ROOT, SMALL

LONG = [*TOPICS, "indicators/distrust"]  # which has no topic
TABLES = [*LONG, *(f"{topic}/by-year" for topic in TOPICS), "figures"]
KEY_OF_ALL = (*KEY, "people", "category", "statistic", "base")
"""What tells the rows of `all=1` apart: the key, and the columns behind it."""


@pytest.fixture(scope="module", params=["small", "service"])
def register(request):
    """The small register, and then the real one, with the folder of its newest release."""
    folders = {"small": SMALL / "releases/2.0.0", "service": ROOT / "data/releases"}
    folder = folders[request.param]
    if request.param == "service":
        folder /= NEWEST
    return request.getfixturevalue(request.param).client, folder


def read_json(client, address):
    """Return the rows of all pages."""
    rows = []
    while address:
        answer = client.get(address).raise_for_status().json()
        rows += answer["data"]
        address = answer["links"]["next"]
    return rows


def read_csv(text):
    return [*csv.DictReader(io.StringIO(text))]


def list_rows(client, table, query=""):
    return read_csv(client.get(f"/v1/{table}.csv?{query}").raise_for_status().text)


def is_same(value, cell):
    """Tell whether a value is that of a cell of CSV, which keeps the digits of its source."""
    if isinstance(value, int | float):
        return float(cell) == value
    return cell == str("" if value is None else value)


@pytest.mark.parametrize("table", TABLES)
def test_every_format_has_the_same_rows(register, table):
    client, _ = register
    query = "" if table.endswith("by-year") else "columns=all"
    in_csv = list_rows(client, table, query)
    parquet = client.get(f"/v1/{table}.parquet?{query}").raise_for_status().content
    in_parquet = polars.read_parquet(io.BytesIO(parquet)).to_dicts()
    in_json = read_json(client, f"/v1/{table}?{query}")
    if table.endswith("by-year"):  # JSON leaves out the years that a row has not
        in_json = [dict.fromkeys(in_csv[0]) | row for row in in_json]
    for rows in (in_json, in_parquet):
        assert [[*row] for row in rows] == [[*row] for row in in_csv]
        for row, cells in zip(rows, in_csv, strict=True):
            assert [name for name in row if not is_same(row[name], cells[name])] == []


@pytest.mark.parametrize("table", LONG)
@pytest.mark.parametrize(("query", "names"), [("", KEY), ("all=1", KEY_OF_ALL)])
def test_keys_tell_rows_apart(register, table, query, names):
    client, _ = register
    rows = list_rows(client, table, f"columns=all&{query}")
    keys = [tuple(row[name] for name in names) for row in rows]
    assert len({*keys}) == len(keys) > 0
    assert all(row[name] for row in rows for name in (*KEY, "shown", "cite_as"))


@pytest.mark.parametrize("table", LONG)
def test_one_row_of_a_series_is_the_newest_and_has_a_number(register, table):
    client, _ = register
    series = ("indicator", "area_code", "kind", "scope", "unit", *KEY_OF_ALL[-4:])
    rows = list_rows(client, table, "all=1&columns=all")
    newest = [row for row in rows if row["latest"] == "1"]
    keys = [tuple(row[name] for name in series) for row in newest]
    assert len({*keys}) == len(keys) > 0
    assert all(row["value"] for row in newest)
    assert newest == list_rows(client, table, "all=1&columns=all&latest=1")


def test_every_figure_is_a_row_of_the_table_or_beside_one(register):
    client, folder = register
    rows, others, figures = (
        [row["id"] for row in read_csv((folder / name).read_text("utf-8"))]
        for name in ("table.csv", "others.csv", "figures.csv")
    )
    assert {*rows}.isdisjoint(others)
    assert sorted([*rows, *others]) == sorted(figures)
    listed = [row["id"] for row in list_rows(client, "figures", "columns=id")]
    assert sorted(listed) == sorted(figures)


PYTHON = "import io, sys; import duckdb, httpx, pandas as pd, polars as pl; U = sys.argv[1]\n"
CHANGE = """
d = pd.read_csv(U+"/indicators/complaints.csv?area=gb_eaw").set_index("year")
print(*d.value.pct_change().mul(100).round(1))"""
PIVOT = """
d = pd.read_csv(U+"/indicators/allegations.csv?area=new%20york%20city")
pivot = d.pivot(index="year", columns="kind", values="value")
print(pivot.notna().sum().sum() == d.value.notna().sum())"""
JSON = """
answer = httpx.get(U+"/areas/met").json()
print([row["shown"] for row in answer["data"] if row["indicator"] == "suspended_on_a_day"])"""
POLARS = """
content = httpx.get(U+"/indicators/complaints.parquet?area=gb_eaw").content
print(*pl.read_parquet(io.BytesIO(content)).filter(latest=1)["shown"])"""
DUCKDB = """
open("allegations.csv", "wb").write(httpx.get(U+"/allegations.csv").content)
print(duckdb.sql(\"\"\"SELECT area, value FROM 'allegations.csv'
    WHERE latest = 1 AND indicator = 'allegations' AND area_code = 'E23000032'\"\"\").fetchall())"""
SNIPPETS = {
    CHANGE: "nan 10.8 8.2 5.3 11.1",
    PIVOT: "True",
    JSON: "['201']",
    POLARS: "94,940",
    DUCKDB: "[('Kent Police', 6451)]",
}
"""What newcomers type, and what it prints."""


def run(command, folder):
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


@pytest.mark.parametrize(("snippet", "printed"), SNIPPETS.items())
def test_a_snippet_in_python_runs(service, tmp_path, snippet, printed):
    command = [sys.executable, "-c", PYTHON + snippet, f"{service.url}/v1"]
    assert run(command, tmp_path) == printed


def test_a_snippet_in_r_runs(service, tmp_path):
    if not shutil.which("Rscript"):
        pytest.skip("R is not installed")
    address = f"{service.url}/v1/indicators/complaints.csv?area=gb_eaw,gb_sct"
    snippet = (
        f'd <- read.csv("{address}"); d <- d[!is.na(d$value), ]; '
        'w <- reshape(d[c("year","area_code","value")], idvar="year", timevar="area_code", direction="wide"); '
        'cat(w[w$year == 2023, "value.gb_eaw"], w[w$year == 2023, "value.gb_sct"])'
    )
    assert run(["Rscript", "-e", snippet], tmp_path) == "85458 7099"
