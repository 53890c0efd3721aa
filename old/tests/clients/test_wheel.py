"""A wheel that is built from the checkout serves by itself, from a folder that holds nothing of the project."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from tests.test_serve import eventually, folder, free_port  # noqa: F401  a fixture

ROOT = Path(__file__).parents[2]
UV = ROOT / ".venv/bin/uv"
SERVE = "import misconduct.cli as cli; print(cli.__file__, flush=True); cli.app(['serve', '--port', '{}'])"


def test_a_wheel_serves_the_register_that_it_carries(folder: Path):  # noqa: F811
    build = [UV, "build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("misconduct-*.whl")
    package, elsewhere, port = folder / "package", folder / "elsewhere", free_port()
    elsewhere.mkdir()
    install = [UV, "pip", "install", "--no-deps", "--offline", "--python", sys.executable, "--target", package, wheel]
    subprocess.run(install, check=True, capture_output=True)
    with (folder / "said").open("w") as said:
        serving = subprocess.Popen(
            [sys.executable, "-c", SERVE.format(port)],
            cwd=elsewhere,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(package), "MISCONDUCT_HOME": str(folder / "home")},
            stdout=said,
            stderr=said,
        )

    def ask(path: str) -> httpx.Response | None:
        try:
            return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=10)
        except httpx.TransportError:
            return None

    try:
        eventually(lambda: serving.poll() is not None or ask("/readyz") is not None, seconds=180)
        assert (folder / "said").read_text().startswith(str(package))
        assert ask("/v1/observations").json()["meta"]["total"] == 68
        page = ask("/datasets/allegations")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert ask("/v1/charts/allegations-by-year.svg").headers["content-type"].startswith("image/svg+xml")
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.wait(60)
