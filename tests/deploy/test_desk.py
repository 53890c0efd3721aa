"""The service runs without the editor's libraries; commands of editors then say what to install."""

import os
import subprocess
import sys

import pytest

from ..conftest import ROOT

WITHOUT = (
    "import sys; sys.modules.update(yaml=None, openpyxl=None, httpx=None, feedparser=None); "
    "from misconduct.cli import main; main()"
)
"""Run a command as if the libraries of the extra `editor` were not installed."""


def run(*words, home):
    environment = {
        "PATH": os.environ["PATH"],
        "MISCONDUCT_HOME": str(home),
        "PYTHONPATH": str(ROOT / "app"),
    }
    command = [sys.executable, "-c", WITHOUT, *words]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


COMMANDS = (
    "check",
    "verify --documents docs",
    "add LICENSE",
    "draft LICENSE",
    "serve --drafts",
    "watch",
)


@pytest.mark.parametrize("words", COMMANDS)
def test_editors_are_told_what_to_install(words, tmp_path):
    done = run(*words.split(), home=tmp_path)
    assert done.returncode == 1
    assert "--extra editor" in done.stderr
    assert "Traceback" not in done.stderr


def test_operators_need_none_of_it(tmp_path):
    assert run("verify-release", home=tmp_path).returncode == 0
    assert "serve" in run("--help", home=tmp_path).stdout
