"""The bench runs, and measures everything that its README lists."""

import subprocess
import sys

import pytest

from ..conftest import ROOT


@pytest.mark.slow
def test_every_ratio_is_measured():
    command = [sys.executable, "-m", "bench", "--smoke"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )

    assert done.returncode == 0, done.stderr
    numbers = {
        line[2]
        for line in done.stdout.splitlines()
        if line.endswith(("| met |", "| missed |"))
    }
    assert numbers == set("123456789")
