"""Charts are drawn by another process: whatever becomes of it or of the load, nothing hangs and nothing is left."""

from __future__ import annotations

import subprocess
import sys

import psutil
import psycopg
import pytest

from app.publish.charts import CannotDraw
from app.publish.load import DRAWING, load_register
from tests.conftest import PROJECT

LOAD = """
import sys
from pathlib import Path
from app.publish.load import DRAWING, load_register

def tell(stage, done, total):
    if stage == DRAWING and done == 1:
        print("drawing", flush=True)
        sys.stdin.read()

load_register(sys.argv[1], Path(sys.argv[2]), on_progress=tell)
"""


def drawing_processes(parent: psutil.Process) -> list[psutil.Process]:
    alive = (child for child in parent.children() if child.status() != psutil.STATUS_ZOMBIE)
    return [child for child in alive if "app.charts.worker" in child.cmdline()]


def test_a_drawing_process_that_is_killed_is_an_error_with_a_hint_and_nothing_is_loaded(database):
    def kill(stage: str, done: int, _total: int) -> None:
        if stage == DRAWING and done == 1:
            [process] = drawing_processes(psutil.Process())
            process.kill()

    with pytest.raises(CannotDraw, match="ended by signal 9") as refused:
        load_register(database.owner, PROJECT / "data", on_progress=kill)
    assert "Memory may have run out" in refused.value.hint
    assert drawing_processes(psutil.Process()) == []
    with psycopg.connect(database.owner) as owner:
        assert owner.execute("SELECT count(*) FROM releases").fetchone() == (0,)


def test_a_load_that_is_killed_leaves_no_process_and_holds_no_pipe(database):
    command = [sys.executable, "-c", LOAD, database.owner, str(PROJECT / "data")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, **pipes) as load:
        assert load.stdout.readline() == b"drawing\n"
        left = psutil.Process(load.pid).children(recursive=True)
        assert len(left) == 1
        load.kill()
        load.communicate(timeout=60)  # comes to its end when nobody holds the other end of the pipe
    assert psutil.wait_procs(left, timeout=60)[1] == []
