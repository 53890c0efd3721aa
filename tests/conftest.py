"""One Postgres for the whole run. Each worker of pytest-xdist starts a service on it, with the register of data/."""

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest

os.environ.pop(
    "PYTHONDONTWRITEBYTECODE", None
)  # with it, every start of Python compiles hundreds of files
ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
START_SECONDS = 180  # a busy machine needs more than a minute; a service that cannot start ends before
HOME = "TESTS_HOME"
WITHOUT_DOCUMENTS = "--without-documents"
SMALL = ROOT / "tests/register/made"
NEWEST, DAY = (
    (ROOT / "data/releases.csv").read_text("utf-8").splitlines()[-1].split(",")[:2]
)
"""The number and the day of the newest release of the register, for tests of pinned addresses."""
LOADED = ROOT / "build/loaded"
OF_THE_LOAD = (
    "app/misconduct/model",
    "app/misconduct/releases",
    "app/misconduct/db",
    "alembic",
    "data/releases.csv",
)
"""What decides how a loaded database looks. While none of it changes, a run copies what an earlier run loaded."""


def set_up(home: Path, settings: dict[str, str]) -> dict[str, str]:
    """Return an environment with a home and some settings, and no others."""
    kept = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith("MISCONDUCT_")
    }
    return kept | {"MISCONDUCT_HOME": str(home)} | settings


def run_program(
    *words: str,
    home: Path,
    program: Sequence[str] = ("-m", "misconduct"),
    **settings: str,
) -> tuple[int, list[str]]:
    """Run a command in a folder that is no register. Return its status and lines."""
    home.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, *program, *words],
        env=set_up(home, settings), cwd=home, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=START_SECONDS, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines()


class Service:
    """A running service: its address, and a client that follows no redirects."""

    def __init__(
        self,
        home: Path,
        data: Path = ROOT / "data",
        program: Sequence[str] = ("-m", "misconduct"),
        options: Sequence[str] = (),
        **settings: str,
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://localhost:{port}"
        self.client = httpx.Client(base_url=self.url, timeout=30)
        settings = {"MISCONDUCT_DATA": str(data), **settings}
        self.log = home / f"service-{port}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *program, "serve", "--port", str(port), *options],
                env=set_up(home, settings), stdout=log, stderr=log, cwd=home,
            )  # fmt: skip

    def wait(self) -> "Service":
        """Wait until it is ready, and has all releases."""
        self.wait_for("/v1/releases", lambda answer: answer.status_code == 200)
        return self

    def wait_for(
        self, path: str, is_there: Callable[[httpx.Response], bool]
    ) -> httpx.Response:
        """Ask until an answer is as expected, and return it."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                answer = self.client.get(path)
                if is_there(answer):
                    return answer
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(
            f"the service does not answer as expected:\n{self.log.read_text()}"
        )

    def stop(self) -> None:
        """End it as an operator does."""
        self.client.close()
        self.process.terminate()
        self.process.wait(timeout=30)


def pytest_configure(config):
    """Make a folder for the Postgres of this run. Its workers find it in their environment."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="misconduct-tests-")
        Path(folder).chmod(0o755)  # the account of the server must be able to enter it
        os.environ[HOME] = folder


def pytest_unconfigure(config):
    """Remove that folder when all workers are done."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[HOME], ignore_errors=True)


def key_of_the_load() -> str:
    """Return a digest of everything that decides how a loaded database looks."""
    found = hashlib.sha256()
    for start in OF_THE_LOAD:
        files = sorted(
            one
            for one in (ROOT / start).rglob("*")
            if one.suffix in {".py", ".csv", ".json", ".mako"}
        )
        for one in files or [ROOT / start]:
            found.update(one.read_bytes())
    return found.hexdigest()[:16]


@pytest.fixture(scope="session")
def home() -> Path:
    """The folder of the Postgres that all workers share, loaded. The first worker loads it, or copies what is kept."""
    folder, kept = Path(os.environ[HOME]), LOADED / key_of_the_load()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_dir():
            shutil.rmtree(LOADED, ignore_errors=True)
            part = folder / "part"
            environment = {
                name: text
                for name, text in os.environ.items()
                if not name.startswith("MISCONDUCT_")
            }
            environment |= {
                "MISCONDUCT_HOME": str(part),
                "MISCONDUCT_DATA": str(ROOT / "data"),
            }
            subprocess.run(
                [sys.executable, "-m", "misconduct", "load"],
                env=environment,
                check=True,
            )
            LOADED.mkdir(parents=True)
            shutil.move(part, kept)
        if not (folder / "running").exists():
            subprocess.run(
                ["cp", "-a", f"{kept}/.", folder], check=True
            )  # files belong to the account of the server
    return folder


@pytest.fixture(scope="session")
def service(home):
    """The service, with the register of this repository."""
    running = Service(home)
    try:
        yield running.wait()
    finally:
        running.stop()


@pytest.fixture(scope="session")
def client(service):
    """A client of the service."""
    return service.client


@pytest.fixture(scope="session")
def small_home() -> Path:
    """The folder of a Postgres of its own, for what needs only the small register."""
    folder = Path(os.environ[HOME]) / "small"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)  # the account of the server must be able to enter it
    return folder


@pytest.fixture(scope="session")
def small(small_home):
    """A service with the small register of `tests/register`, which loads in a second."""
    running = Service(small_home, SMALL)
    try:
        yield running.wait()
    finally:
        running.stop()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the repository with the articles and the published tables, which are not part of it."""
    return SHARED


def pytest_runtest_setup(item):
    """Without that folder, skip the tests that read it, or fail them in CI, which has to leave them out openly.

    They skip here, so that one line at the end is about all.
    """
    if "shared" not in item.fixturenames:
        return
    if item.config.getoption(WITHOUT_DOCUMENTS):
        pytest.skip(f"left out by {WITHOUT_DOCUMENTS}")
    if not all((SHARED / name).is_dir() for name in ("documents", "tables")):
        reason = "documents/ and tables/, as published, are not in the folder shared/ beside the repository"
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)


def pytest_addoption(parser):
    parser.addoption(
        "--record",
        action="store_true",
        help="write recorded answers; read the diff before you commit it",
    )
    parser.addoption(
        WITHOUT_DOCUMENTS,
        action="store_true",
        help="leave out the tests that read published documents, which are not in the repository",
    )
