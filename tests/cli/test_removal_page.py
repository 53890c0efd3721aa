"""docs/removal.md is followed: its commands, one after the other, on a register with the figure that it names."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import psycopg

from app.publish.load import load_register
from tests.conftest import PROJECT
from tests.registers import seal, write_register

PAGE = (PROJECT / "docs" / "removal.md").read_text()
COMMANDS = [
    line.strip()
    for block in re.findall(r"^ *```sh\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
TABLE = """
    id    | source | year | value | at
    bbbb2 | paper  | 2021 | 116   | char=0,3
    bbbb3 | sheet  | 2022 | 170   | char=0,3
"""


def test_the_commands_of_the_page_remove_the_figure(database, tmp_path):
    register = seal(write_register(tmp_path / "data", TABLE), "1.0.0", "2024-05-01").parents[1]
    load_register(database.owner, register)
    (register / "observations" / "sheet.csv").unlink()
    environment = {
        "PATH": "",
        "PYTHONPATH": ":".join(sys.path),
        "MISCONDUCT_DATABASE_URL": database.reader,
        "MISCONDUCT_OWNER_URL": database.owner,
    }
    said = {}
    for command in COMMANDS:
        name, *arguments = shlex.split(command)
        assert name == "misconduct"
        run = [sys.executable, "-c", "from app.cli import app; app(prog_name='misconduct')", *arguments]
        done = subprocess.run(run, check=False, cwd=tmp_path, capture_output=True, text=True, env=environment)
        said[arguments[0]] = done
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
