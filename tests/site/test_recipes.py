"""The recipes of /docs/start run as they stand there, and print the answers that stand below them."""

import re
import shlex
import shutil
import subprocess
import sys

import duckdb
import httpx
import openpyxl
import pytest

from .test_pages import BROWSER, Page


@pytest.fixture
def examples(service):
    """The recipes and their answers, by the ids of their sections."""
    text = service.client.get("/docs/start", headers=BROWSER).text
    return Page(text.replace("http://localhost:8000", service.url)).examples


def run(*command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=True
    ).stdout


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("curl", ["sh", "-c"]),
        ("pandas", [sys.executable, "-c"]),
        ("polars", [sys.executable, "-c"]),
        ("r", ["Rscript", "-e"]),
    ],
)
def test_a_recipe_prints_its_answer(examples, name, command):
    assert (
        run(*command, examples[name]["recipe"]).split()
        == examples[name]["answer"].split()
    )


def test_files_have_what_their_recipes_say(examples, client, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fetch, _, query = examples["duckdb"]["recipe"].partition("\n")
    run("sh", "-c", fetch)
    statement = shlex.split(query)[-1]
    duckdb.sql(statement).write_csv("answer.csv")
    assert (tmp_path / "answer.csv").read_text() == examples["duckdb"]["answer"]
    table = client.get("/v1/indicators/complaints.xlsx").content
    (tmp_path / "table.xlsx").write_bytes(table)
    assert (
        ", ".join(openpyxl.load_workbook("table.xlsx", read_only=True).sheetnames)
        == examples["spreadsheet"]["answer"].strip()
    )


@pytest.mark.parametrize("name", ["spreadsheet", "datawrapper"])
def test_a_recipe_without_a_program_has_the_address_of_two_columns(examples, name):
    [address] = re.findall(r'http[^")]+', examples[name]["recipe"])
    header, *rows = httpx.get(address).raise_for_status().text.splitlines()
    assert (header.count(","), len(rows)) == (1, 5)
