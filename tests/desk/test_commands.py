"""Whatever an editor types, and whatever a file holds, a command ends with a sentence and never with a traceback."""

import shutil
import sys
from datetime import date

import pytest

from misconduct.cli import main
from tests.registers import NEWS, make_release, write_register

COMMANDS = {
    "check": "check",
    "id": "id",
    "draft": f"draft article.txt --source {NEWS}",
    "add": "add table.csv",
    "verify": "verify --documents documents",
    "release": "release --summary More. --dry-run",
    "verify-release": "verify-release",
    "remove": "remove k7m3q --law Law --dry-run",
    "watch": "watch",
}
BROKEN = {
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a dangling link": lambda path: (path.unlink(), path.symlink_to("nowhere")),
    "empty": lambda path: path.write_bytes(b""),
    "only a header": lambda path: path.write_bytes(
        path.read_bytes().partition(b"\n")[0]
    ),
    "not UTF-8": lambda path: path.write_bytes(path.read_bytes() + b"caf\xe9,\n"),
    "NUL": lambda path: path.write_bytes(path.read_bytes() + b"\0,\0\n"),
    "a huge cell": lambda path: path.write_bytes(
        path.read_bytes() + b"9" * 200_000 + b",\n"
    ),
}
FILES = (
    f"observations/{NEWS}.csv",
    "codelists/area.csv",
    "reasons.csv",
    "releases.csv",
    "removals.csv",
    "releases/1.0.0/SHA256SUMS",
    "releases/1.0.0/figures.csv",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A register with a release, and documents beside it."""
    folder = tmp_path_factory.mktemp("made")
    data = write_register(
        folder / "data", {"removals.csv": "day,release,before,after,law\n"}
    )
    make_release(data, "The first.", date(2024, 1, 1).isoformat())
    (folder / "article.txt").write_text("About 300 officers, 1 in 50.")
    (folder / "table.csv").write_text("Police force,2021/22\nKent,3\n")
    (folder / "documents").mkdir()
    return folder


@pytest.fixture
def folder(made, tmp_path, monkeypatch):
    """A copy of it, in which commands run."""
    monkeypatch.chdir(shutil.copytree(made, tmp_path / "copy"))
    return tmp_path / "copy"


@pytest.fixture
def run(monkeypatch, capsys):
    def run(command):
        """Run a command, and return its status and what it printed. Anything but an exit is raised."""
        monkeypatch.setattr(sys, "argv", ["misconduct", *command.split(" ")])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, "".join(capsys.readouterr())

    return run


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("break_it", BROKEN.values(), ids=BROKEN)
def test_a_file_of_any_content_ends_no_command_with_a_traceback(
    folder, run, file, break_it
):
    break_it(folder / "data" / file)
    assert {run(f"{command} --data data")[0] for command in COMMANDS.values()} <= {0, 1}


SENTENCES = {  # what is typed; words of the sentence
    "id --data nowhere": "nowhere is not the folder of a register",
    "draft article.txt --source a-b --data documents": "documents is not the folder of a register",
    "add table.csv --data article.txt": "article.txt is not the folder of a register",
    "check --data nowhere": "nowhere is not the folder of a register",
    "watch --data nowhere": "nowhere is not the folder of a register",
    "verify-release --data nowhere": "nowhere/releases.csv: This file is missing",
    "verify-release --data article.txt": "article.txt/releases.csv: Not a directory",
    f"remove {'9' * 5_000} --law x --data data": "No release has 999",
    "serve --port 99999": "99999 is not in the range",
    "serve --workers 0": "0 is not in the range",
}


@pytest.mark.parametrize(("command", "words"), SENTENCES.items())
def test_what_cannot_be_done_is_said_in_a_sentence(folder, run, command, words):
    status, printed = run(command)
    assert status in (1, 2)
    assert words in printed
    assert "Wrote" not in printed
