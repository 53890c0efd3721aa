"""The guides are true: they are followed from nothing, and every command says what it quotes.

A guide is read from top to bottom. A link to a folder under tests/guide/ or tests/table_guide/ means that its files are laid over those
that are there; a block named after a file shows a part of that file; a console block is run.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import PROJECT

GUIDE = PROJECT / "docs" / "adding-a-source.md"
TABLE = PROJECT / "docs" / "adding-a-table.md"
TWO_EDITORS = PROJECT / "docs" / "two-editors.md"
STEPS, TABLE_STEPS = PROJECT / "tests" / "guide", PROJECT / "tests" / "table_guide"

PART = re.compile(r"\]\(\.\./tests/(?P<step>(?:table_)?guide/[\w-]+)\)|^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE)  # fmt: skip
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
PLACE = "8000"


class Part(NamedTuple):
    """One thing that the guide does: a step laid over the folder, a file shown, or commands run."""

    step: str | None
    language: str | None
    file: str | None
    text: str | None


def parts(guide: str) -> list[Part]:
    return [Part(**match.groupdict()) for match in PART.finditer(guide)]


class Desk:
    """Somebody's empty folder, in which the guide is followed."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.port = folder, str(free_port())
        bin_folder = Path(sys.executable).parent
        self._environment = {
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "HOME": str(folder),
            "MISCONDUCT_HOME": str(home),
            "PORT": self.port,
        }
        self._server: subprocess.Popen[str] | None = None

    def lay(self, step: str) -> None:
        shutil.copytree(PROJECT / "tests" / step, self.folder, dirs_exist_ok=True)

    def run(self, command: str, lines: int) -> str:
        """What the command says. A server goes on until the next command that does not ask it, and is read so far."""
        if command.startswith("misconduct serve"):
            return self._serve(command, lines)
        if not command.startswith("curl"):
            self.close()
        done = subprocess.run(
            ["bash", "-c", command.replace(PLACE, self.port)], cwd=self.folder, env=self._environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=120,
        )  # fmt: skip
        return done.stdout.replace(self.port, PLACE)

    def _serve(self, command: str, lines: int) -> str:
        said = self.folder / ".said"
        with said.open("w") as output:
            self._server = subprocess.Popen(
                ["bash", "-c", f"exec {command}"], cwd=self.folder, env=self._environment, text=True, stdout=output,
                stderr=subprocess.STDOUT,
            )  # fmt: skip
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", int(self.port)), 1):
                break
            time.sleep(0.1)
        return "".join(said.read_text().splitlines(keepends=True)[:lines]).replace(self.port, PLACE)

    def close(self) -> None:
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(30)
            self._server = None


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    home = Path(tempfile.mkdtemp(prefix="mg-"))
    home.chmod(0o711)  # root's server runs as another user, who must be able to enter
    desk = Desk(tmp_path, home / "home")
    yield desk
    desk.close()
    shutil.rmtree(home, ignore_errors=True)


def follow(desk: Desk, guide: str) -> Iterator[tuple[str, str, str]]:
    """Each command of the guide, with what the guide says that it says, and what it says."""
    for part in parts(guide):
        if part.step:
            desk.lay(part.step)
        elif part.file:
            shown = (desk.folder / part.file).read_text()
            assert part.text in shown, f"{part.file} is not as the guide shows it:\n{part.text}"
        elif part.language == "console":
            for command, quoted in COMMAND.findall(part.text):
                yield command, quoted, desk.run(command, quoted.count("\n"))


def without_chance(command: str, said: str) -> str:
    """Ids are random: of those that were made, only the form can be held against the guide."""
    if command.startswith("misconduct id"):
        return re.sub(r"^[b-df-hj-np-tv-z][b-df-hj-np-tv-z2-9]{4}$", "id", said, flags=re.MULTILINE)
    if command.startswith("misconduct import"):
        return re.sub(r"(?<=gone \().*(?=\)\.$)", "ids", said, flags=re.MULTILINE)
    return said


def test_every_command_of_the_guide_says_what_the_guide_quotes(desk):
    told = list(follow(desk, GUIDE.read_text()))
    assert len(told) > 20
    for command, quoted, said in told:
        assert without_chance(command, said) == without_chance(command, quoted), command


@pytest.mark.parametrize(("guide", "steps"), [(GUIDE, STEPS), (TABLE, TABLE_STEPS)])
def test_a_guide_takes_every_step_once_and_in_order(guide, steps):
    assert [part.step for part in parts(guide.read_text()) if part.step] == sorted(
        f"{steps.name}/{path.name}" for path in steps.iterdir()
    )


def test_the_guide_shows_every_command_that_a_newsroom_needs():
    text = GUIDE.read_text()
    for command in ("id", "check", "verify", "serve", "release", "load", "check-links"):
        assert f"$ misconduct {command} " in text, command


def release_once(desk: Desk, released: str) -> None:
    """Follow the guide for a source as far as its first release."""
    for step in sorted(f"{STEPS.name}/{path.name}" for path in STEPS.iterdir() if path.name < "13-"):
        desk.lay(step)
    desk.run(f'misconduct release --register register --released {released} --summary "The first."', 0)


def test_every_command_of_the_guide_for_tables_says_what_the_guide_quotes(desk):
    release_once(desk, "2031-05-04")
    told = list(follow(desk, TABLE.read_text()))
    assert len(told) > 20
    for command, quoted, said in told:
        assert without_chance(command, said) == without_chance(command, quoted), command


@pytest.fixture
def repository(desk):
    """The register of the guide with one release, in a repository with the attributes of ours."""
    release_once(desk, "2024-05-01")  # a day after which the page can release today
    (desk.folder / "register").rename(desk.folder / "data")
    shutil.copy(PROJECT / ".gitattributes", desk.folder)
    (desk.folder / ".gitconfig").write_text("[user]\nname = Editor\nemail = editor@example.org\n")
    (desk.folder / ".gitignore").write_text("/.*\n/documents\n/bens-documents\n!/.gitattributes\n")
    desk.run("git init --quiet --initial-branch=main . && git add --all && git commit --quiet --message Register", 0)
    return desk


def test_every_command_for_two_editors_says_what_the_page_quotes(repository):
    told = list(follow(repository, TWO_EDITORS.read_text()))
    assert len(told) > 20
    for command, quoted, said in told:
        assert said == quoted, command
