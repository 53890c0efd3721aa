"""The examples are true: each is run against the service as it stands in the file, at another address."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.clients.test_dataframes import load_httpfs
from tests.clients.test_generated import node_modules, run  # noqa: F401 (a fixture)
from tests.conftest import PROJECT

EXAMPLES = PROJECT / "examples"
STATED = [("2021", "116"), ("2022", "169"), ("2023", "157"), ("2024", "23")]


@pytest.fixture
def example(real, tmp_path):
    """Writes an example with the address of the running service; returns its path."""

    def write(name: str) -> Path:
        path = tmp_path / name
        path.write_text((EXAMPLES / name).read_text().replace("http://localhost:8000", real.url))
        return path

    return write


def test_the_curl_example_finds_1071_and_fetches_a_release(example, real, tmp_path):
    script = example("curl.sh")
    said = run("bash", script, folder=tmp_path)
    assert '"1,071"' in said
    assert (tmp_path / "allegations.csv").read_bytes() == real.client.get("/v1/allegations.csv?release=1.1.0").content
    whole = (tmp_path / "bundle.zip").read_bytes()
    (tmp_path / "bundle.zip").write_bytes(whole[:1000])
    for _ in range(2):  # it goes on where it stopped; then there is nothing left to do
        run("bash", script, folder=tmp_path)
        assert (tmp_path / "bundle.zip").read_bytes() == whole


def test_the_pandas_example_prints_the_years_and_the_gaps(example, tmp_path):
    *years, gaps = run(sys.executable, example("figures.py"), folder=tmp_path).splitlines()
    assert [tuple(line.split(" ")[:2]) for line in years] == STATED
    assert gaps.split(" ")[0] == "2014:not_stated"


def test_the_duckdb_example_finds_the_years(example):
    connection = duckdb.connect()
    load_httpfs(connection)
    found = connection.execute(example("figures.sql").read_text()).fetchall()
    assert [(row[0], row[2]) for row in found] == STATED
    assert [row[1] for row in found] == [116.0, 169.0, 157.0, 23.0]


def test_the_typescript_example_compiles_strictly_and_prints_the_years(example, node_modules, tmp_path):  # noqa: F811
    (tmp_path / "node_modules").symlink_to(node_modules)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    options = ("--strict", "--target", "ES2022", "--module", "NodeNext", "--lib", "ES2022,DOM", "--types", "node")
    run(node_modules / ".bin" / "tsc", *options, example("figures.ts"), folder=tmp_path)
    lines = [tuple(line.split(" ")) for line in run("node", "figures.js", folder=tmp_path).splitlines()]
    assert lines[0] == ("2014", "not_stated")
    assert lines[-4:] == STATED


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed: examples/figures.R is not run")
def test_the_r_example_prints_the_years_and_who_stated_1071(example, tmp_path):
    lines = run("Rscript", example("figures.R"), folder=tmp_path).splitlines()
    assert [tuple(line.split(" ")[:2]) for line in lines[:4]] == STATED
    assert lines[4] == "Spokesperson, Metropolitan Police"


def test_every_address_for_a_spreadsheet_answers(real):
    text = (EXAMPLES / "spreadsheet.md").read_text()
    addresses = re.findall(r"http://localhost:8000([^\s\")]+)", text)
    assert len(addresses) >= 5
    for address in addresses:
        assert real.client.get(address).status_code == 200, address


def test_every_example_is_tested():
    tested = {"curl.sh", "figures.R", "figures.py", "figures.sql", "figures.ts", "spreadsheet.md"}
    assert {path.name for path in EXAMPLES.iterdir()} == tested
    assert subprocess.run(["bash", "-n", EXAMPLES / "curl.sh"], check=False).returncode == 0
