"""The wheel carries the register: installed anywhere, it serves from an empty folder with an empty environment."""

import json
import os
import socket
import subprocess
import sys
import time
import zipfile
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from hatchling.build import build_editable

from ..conftest import ROOT


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The folder into which an installer would unpack the wheel."""
    built, folder = (
        tmp_path_factory.mktemp("built"),
        tmp_path_factory.mktemp("site-packages"),
    )
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", built],
        cwd=ROOT,
        check=True,
    )
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        wheel.extractall(folder)
    return folder


def test_the_wheel_serves_the_register_from_anywhere(unpacked, tmp_path, home):
    (tmp_path / "data").mkdir()  # another program's
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    log = home / "wheel.log"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(unpacked),
        "MISCONDUCT_HOME": str(home),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "misconduct", "serve", "--port", port],
            cwd=tmp_path,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        answer, deadline = None, time.monotonic() + 60
        while answer is None:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            try:
                with urlopen(f"http://127.0.0.1:{port}/v1/figures?value=1492") as reply:
                    answer = json.load(reply)
            except URLError:
                time.sleep(0.1)
        assert [row["shown"] for row in answer["data"]] == ["1,492"]
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_an_editable_install_has_no_copy_of_the_register(tmp_path, monkeypatch):
    """It reads `data/` of the repository."""
    monkeypatch.chdir(ROOT)
    wheel = build_editable(str(tmp_path))
    with zipfile.ZipFile(tmp_path / wheel) as built:
        assert not [name for name in built.namelist() if name.startswith("misconduct/")]


def test_the_wheel_has_every_file_of_the_register(unpacked):
    def files(folder):
        return {
            path.relative_to(folder) for path in folder.rglob("*") if path.is_file()
        }

    assert files(ROOT / "data") == files(unpacked / "misconduct/data")
