"""The service runs without the editor's libraries; commands of editors then say what to install."""

import pytest

from ..conftest import ROOT, run_program

WITHOUT = (
    "import sys; sys.modules.update(yaml=None, openpyxl=None, httpx=None, feedparser=None); "
    "from misconduct.cli import main; main()"
)
"""Run a command as if the libraries of the extra `editor` were not installed."""


def run(*words, home):
    data, program = {"MISCONDUCT_DATA": str(ROOT / "data")}, ("-c", WITHOUT)
    return run_program(*words, home=home, program=program, **data)


COMMANDS = (
    "check",
    f"verify --documents {ROOT / 'docs'}",
    f"add {ROOT / 'LICENSE'}",
    f"draft {ROOT / 'LICENSE'}",
    "serve --drafts",
    "watch",
)


@pytest.mark.parametrize("words", COMMANDS)
def test_editors_are_told_what_to_install(words, tmp_path):
    status, said = run(*words.split(), home=tmp_path)
    assert status == 1
    assert "--extra editor" in " ".join(said)
    assert not [line for line in said if line.startswith("Traceback")]


def test_operators_need_none_of_it(tmp_path):
    assert run("verify-release", home=tmp_path)[0] == 0
    assert "serve" in " ".join(run("--help", home=tmp_path)[1])
