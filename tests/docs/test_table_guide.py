"""Follow docs/adding-a-table.md word by word, with a small ODS file."""

import csv
import re
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from misconduct.cli import app
from tests.desk.spreadsheets import write_ods

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/adding-a-table.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ misconduct (.+)$", GUIDE, re.MULTILINE)
FIRST_VERSION = re.findall(r"```yaml\n(.+?)```", GUIDE, re.DOTALL)[0]
TABLE = [
    ["Table 1: Allegations of misconduct by police force"],
    ["[c] hides small numbers; [r] was revised."],
    ["Police force", "Kind", "2021/22", "2022/23"],
    ["Cleveland", "Use of force", "12", "15"],
    ["Cleveland", "Discourtesy", "9", "[c]"],
    ["Durham", "Use of force", "7", "4 [r]"],
    ["Durham", "Discourtesy", "3", "6"],
    ["Total", "", "31", "30"],
]
DECISIONS = {
    "title: decide": "title: Police misconduct, publisher: Home Office, published: 2023-11, url: null",
    "publisher: decide, published: decide, url: decide, ": "",
    "licence: decide": "licence: OGL-3.0, notes: {url: Made for a test.}",
    "area: decide": "area: gb_eng",
    "country: decide": "country: gb",
    "indicator: decide": "indicator: allegations, population: officers",
    "fit: decide": "fit: exact",
}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command of the guide in a folder with the table and a copy of the register."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "data", tmp_path / "data")
    write_ods(
        tmp_path / "allegations-2023.ods",
        {"Cover": [["Police misconduct"]], "Table_1": TABLE},
    )
    return lambda command: CliRunner().invoke(app, split(command))


def split(command):
    """Return the words of a command; those in quotation marks are one."""
    return [
        quoted or plain for quoted, plain in re.findall(r'"([^"]+)"|(\S+)', command)
    ]


def test_the_guide_leads_to_a_release(run, tmp_path):
    begin, release = COMMANDS
    assert "decide" in run(begin).stdout
    path = tmp_path / "data/tables/allegations-table-1.yaml"
    written, shown = (
        yaml.load(path.read_text(), yaml.BaseLoader),
        yaml.load(FIRST_VERSION, yaml.BaseLoader),
    )
    assert {key: written[key] for key in shown} == shown
    text = path.read_text()
    for decide, decision in DECISIONS.items():
        assert decide in text
        text = text.replace(decide, decision)
    path.write_text(text)
    again = run(begin)
    assert again.exit_code == 0, again.output
    assert "2 of 2 totals add up" in again.stdout
    released = run(release)
    assert released.exit_code == 0, released.output
    number = re.search(r"^(\d+\.\d+\.\d+)  ", released.stdout, re.MULTILINE)[1]
    with (tmp_path / f"data/releases/{number}/figures.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["source"] == "allegations-table-1"
        ]
    assert {row["at"]: row["printed"] for row in rows} == {
        f"cell={row},{column}": TABLE[row - 1][column - 1].removesuffix(" [r]")
        for row in range(4, 9)
        for column in (3, 4)
    }
