"""The wheel carries the register: installed anywhere, it serves from an empty folder with an empty environment."""

import subprocess
import sys
import zipfile

import pytest
from hatchling.build import build_editable

from ..conftest import ROOT, Service


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


def test_the_wheel_serves_the_register_from_anywhere(unpacked, home):
    (home / "data").mkdir(exist_ok=True)  # another program's
    settings = {"PYTHONPATH": str(unpacked), "MISCONDUCT_DATA": ""}
    service = Service(home, **settings)
    try:
        answer = service.wait().client.get("/v1/figures?value=1492")
        assert [row["shown"] for row in answer.json()["data"]] == ["1,492"]
    finally:
        service.stop()


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
