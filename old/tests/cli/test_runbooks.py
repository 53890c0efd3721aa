"""Pages for operators are followed: their commands, one after the other, on a small register."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import psycopg

from misconduct.db.urls import Urls
from misconduct.publish.load import load_register
from tests.conftest import PROJECT, create_database, drop_database, urls_of
from tests.registers import seal, write_register

DOCS = PROJECT / "docs"
BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
TABLE = """
    id    | source | year | value | at
    bbbb2 | paper  | 2021 | 116   | char=0,3
    bbbb3 | sheet  | 2022 | 170   | char=0,3
"""


def commands_of(text: str) -> list[list[str]]:
    """The arguments of each command in a text; all are of misconduct."""
    lines = [shlex.split(line) for block in BLOCK.findall(text) for line in block.splitlines()]
    assert {name for name, *_ in lines} == {"misconduct"}
    return [arguments for _, *arguments in lines]


def run(database: Urls, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in the folder that holds the register."""
    environment = {
        "PATH": "",
        "PYTHONPATH": ":".join(sys.path),
        "MISCONDUCT_DATABASE_URL": database.reader,
        "MISCONDUCT_OWNER_URL": database.owner,
    }
    command = [sys.executable, "-c", "from misconduct.cli import app; app(prog_name='misconduct')", *arguments]
    return subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, env=environment)


def test_the_commands_of_the_page_remove_the_figure(database, tmp_path):
    register = seal(write_register(tmp_path / "data", TABLE), "1.0.0", "2024-05-01").parents[1]
    load_register(database.owner, register)
    (register / "observations" / "sheet.csv").unlink()
    said = {
        arguments[0]: run(database, tmp_path, *arguments)
        for arguments in commands_of((DOCS / "removal.md").read_text())
    }
    assert [*said] == ["release", "load", "doctor"]
    assert said["release"].returncode == said["load"].returncode == 0, said
    printed = said["load"].stderr
    assert "Removed from: http://localhost:8000/v1/observations/bbbb3?release=1.0.0\n" in printed
    assert "Removed from: http://localhost:8000/v1/releases/1.0.0/files/observations.csv\n" in printed
    assert "Shared caches: purge the tag register.\n" in printed
    assert "ok    contents" in said["doctor"].stdout
    assert "ok    files" in said["doctor"].stdout
    with psycopg.connect(database.reader) as reader:
        assert reader.execute("SELECT id FROM observations").fetchall() == [("bbbb2",)]


def test_files_are_copied_into_an_empty_database_as_the_page_says(database, postgres, tmp_path):
    register = seal(write_register(tmp_path / "data", TABLE), "1.0.0", "2024-05-01").parents[1]
    load_register(database.owner, register)
    section = (DOCS / "operations.md").read_text().partition("## Backups and rebuilding")[2].partition("\n## ")[0]
    saved = "/var/backups/misconduct-files"
    save, load = [[part.replace(saved, str(tmp_path / "saved")) for part in one] for one in commands_of(section)]
    done = run(database, tmp_path, *save)
    assert (done.returncode, done.stderr) == (0, f"Wrote 5 files to {tmp_path}/saved.\n")
    name = create_database(postgres, "misconduct")
    done = run(urls_of(postgres, name), tmp_path, *load)
    assert "added 1.0.0 with 2 observations, 5 files kept as they were built; current is 1.0.0." in done.stderr
    drop_database(postgres, name)
