"""The examples run as they are, and print what the articles say."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(service, *command):
    """Run an example against the service, and return what it prints with single spaces."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    environment = {**os.environ, "BASE": service.url}
    done = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return re.sub(r" +", " ", done.stdout)


def test_curl(service):
    printed = run(service, "sh", EXAMPLES / "curl.sh")
    assert "q2r23" in printed  # 931 suspensions or restrictions
    assert '"status":' in printed


def test_python_with_pandas(service):
    printed = run(service, sys.executable, EXAMPLES / "misconduct.py")
    assert "169.0" in printed  # sexual assaults in 2022
    assert "2014-01-01 2024-12-31 931" in printed


def test_r(service):
    printed = run(service, "Rscript", EXAMPLES / "misconduct.R")
    assert "2022 169" in printed
    assert "2014-01-01 2024-12-31 931" in printed


def test_no_example_names_a_release():
    for path in EXAMPLES.iterdir():
        assert not re.search(r"release=\d", path.read_text(encoding="utf-8")), path.name
