"""docs/runbook.md is true: every command is run on real servers, chapter by chapter, and each chapter keeps what it promises."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.embedded.account import choose_account, find_binaries
from misconduct.db.embedded.home import SUPERUSER, Home
from misconduct.db.migrate import migrate
from misconduct.publish.load import load_register
from tests.conftest import PROJECT
from tests.registers import seal, write_register
from tests.test_serve import eventually, free_port

PAGE = (PROJECT / "docs" / "runbook.md").read_text()
CHAPTERS = {text.partition("\n")[0]: text for text in PAGE.split("\n## ")[1:]}
BLOCK = re.compile(r"^( *)```sh (\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)

ADDRESSES = {"db1": "127.0.0.1", "db2": "127.0.0.2", "db3": "127.0.0.3"}
"""Each machine of the page is an address of this one."""

PLACES = {
    "/var/lib/postgresql/data": "{folder}/{machine}/data",
    "/var/backups/misconduct": "{folder}/backups",
    "/etc/misconduct": "{folder}/etc",
    **{f"{machine}.example.org": address for machine, address in ADDRESSES.items()},
    ":5432": ":{port}",
    "localhost:8000": "127.0.0.1:{web}",
    "2026-11-21 03:12:45.678+00": "{loaded_at}",
    "recall 2.1.0": "recall 1.1.0",
    "NEW_PASSWORD": "secret-new",
    "REPLICA_PASSWORD": "secret-replica",
}
"""What stands in the commands of the page, and what it is here."""

SUDO = """#!/bin/sh
case "$*" in *secret-*) echo 'everyone who lists processes sees a password' >&2; exit 1 ;; esac
while [ "$1" != -u ]; do shift; done
shift 2
exec {become} "$@"
"""
SYSTEMCTL = """#!/bin/bash
set -e
case "$1 $2" in
  "start postgresql"|"restart postgresql") {become} {binaries}/pg_ctl $1 -s -w -t 60 -m fast -D {data} -l {log} \\
    -o "-h {address} -p {port}" >/dev/null ;;
  "stop postgresql")
    if {become} {binaries}/pg_ctl status -D {data} >/dev/null; then {become} {binaries}/pg_ctl stop -s -m fast -D {data}; fi ;;
  "reload misconduct") kill -HUP "$(cat {pid})" ;;
  "restart misconduct") kill "$(cat {pid})"; while kill -0 "$(cat {pid})" 2>/dev/null; do sleep 0.05; done ;&
  "start misconduct") setsid misconduct serve --workers 2 --port {web} </dev/null >>{log} 2>&1 &
    echo $! > {pid} ;;
esac
"""
"""What a machine has and a test has not: each stands for the program of that name."""

SETTINGS = "fsync = off\nshared_buffers = '32MB'\nunix_socket_directories = ''\nlog_min_messages = warning\n"
ONE, TWO = "year | value\n2021 | 116", "year | value\n2021 | 116\n2022 | 170"


class Machines:
    """db1, db2, db3 and web, as the page has them: a database with the release 1.0.0, and a service that answers."""

    def __init__(self, folder: Path, pristine: Path, binaries: Path, passwords: dict[str, str]) -> None:
        self.folder, self.binaries, self.passwords = folder, binaries, passwords
        self.account, self.port, self.web = choose_account(), free_port(), free_port()
        self.become = "env --"
        if self.account.uid is not None:
            self.become = f"setpriv --reuid={self.account.uid} --regid={self.account.gid} --clear-groups"
        self.loaded_at = ""
        for name in ("etc", "web"):
            (folder / name).mkdir()
        for name in ("backups", "logs", *ADDRESSES):
            (folder / name).mkdir()
            self.account.own(folder / name)
        subprocess.run(["cp", "-a", pristine, folder / "db1" / "data"], check=True)
        shutil.copytree(pristine.with_name("register"), folder / "web" / "data")
        self._write_programs()
        self.address_of("db1")

    def start(self) -> None:
        self.run("db1", "systemctl start postgresql")
        self.run("web", "systemctl start misconduct")
        eventually(lambda: self.release() == "1.0.0", seconds=60)

    def _write_programs(self) -> None:
        for machine in (*ADDRESSES, "web"):
            facts = {
                "become": self.become, "binaries": self.binaries, "port": self.port, "web": self.web, "data": self.folder / machine / "data",
                "address": ADDRESSES.get(machine, ""), "pid": self.folder / "pid",
                "log": self.folder / "logs" / machine,
            }  # fmt: skip
            programs = self.folder / f"{machine}-programs"
            programs.mkdir()
            for name, text in {"sudo": SUDO, "systemctl": SYSTEMCTL}.items():
                (programs / name).write_text(text.format(**facts))
                (programs / name).chmod(0o755)

    def address_of(self, *machines: str) -> None:
        """Writes the addresses of the database as those of these machines."""
        hosts = ",".join(f"{ADDRESSES[machine]}:{self.port}" for machine in machines)
        for name, role, wanted in (
            ("database-url", "misconduct_reader", "prefer-standby"),
            ("owner-url", "misconduct_owner", "read-write"),
        ):
            attributes = f"?target_session_attrs={wanted}" if len(machines) > 1 else ""
            url = f"postgresql://{role}:{self.passwords[role]}@{hosts}/misconduct{attributes}\n"
            (self.folder / "etc" / name).write_text(url)

    def run(self, machine: str, commands: str) -> str:
        """Runs commands of the page on a machine; all have to succeed. Returns what they say."""
        facts = {"folder": self.folder, "port": self.port, "web": self.web, "loaded_at": self.loaded_at}
        for there, here in PLACES.items():
            commands = commands.replace(there, here.format(machine=machine, **facts))
        own = f"{self.folder / f'{machine}-programs'}:{self.binaries}"
        environment = {
            "PATH": f"{own}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.folder / "web"),
        }
        if machine == "web":
            etc = self.folder / "etc"
            environment |= {
                "MISCONDUCT_DATABASE_URL_FILE": str(etc / "database-url"),
                "MISCONDUCT_OWNER_URL_FILE": str(etc / "owner-url"),
                "MISCONDUCT_LOOK_SECONDS": "0.2",
            }
        else:
            environment |= {"PGHOST": ADDRESSES[machine], "PGPORT": str(self.port), "PGUSER": SUPERUSER}
            environment["PGPASSWORD"] = self.passwords[SUPERUSER]
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", commands], cwd=self.folder / "web" if machine == "web" else self.folder,
            env=environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            timeout=90,
        )  # fmt: skip
        assert done.returncode == 0, f"{commands}\n{done.stdout}"
        return done.stdout

    def follow(self, chapter: str, after: Callable[[], None] = lambda: None) -> list[str]:
        """Runs the blocks of a chapter, and `after` each one; returns what each says."""
        told = []
        for indent, machine, commands in BLOCK.findall(CHAPTERS[chapter]):
            told.append(self.run(machine, re.sub(f"^{indent}", "", commands, flags=re.MULTILINE)))
            after()
        return told

    def make_replica(self) -> None:
        """Makes db2 a replica of db1, and leads the service to both."""
        role = "CREATE ROLE misconduct_replica LOGIN REPLICATION PASSWORD 'REPLICA_PASSWORD'"
        self.run("db1", f'sudo -u postgres psql <<< "{role}"')
        copy = "sudo -u postgres pg_basebackup -R -D /var/lib/postgresql/data -c fast -h db1.example.org"
        self.run("db2", f"{copy}\nsystemctl start postgresql")
        self.address_of("db1", "db2")
        self.run("web", "systemctl restart misconduct")
        eventually(lambda: self.release() == "1.0.0", seconds=60)

    def psql(self, machine: str, statement: str) -> str:
        return self.run(machine, f'sudo -u postgres psql -AtXc "{statement}" misconduct').strip()

    def publish(self, table: str, number: str) -> None:
        """Loads a further release."""
        register = write_register(self.folder / "web" / "data", table)
        seal(register, number, "2024-06-01")
        self.run("web", "misconduct load")
        eventually(lambda: self.release() == number, seconds=30)

    def release(self) -> str | None:
        """The newest release that is answered; None if nothing is."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.web}/readyz", timeout=10).json().get("release")
        except (httpx.HTTPError, ValueError):
            return None

    def total(self) -> int:
        """How many figures there are, asked as nobody has asked before."""
        answer = httpx.get(f"http://127.0.0.1:{self.web}/v1/observations?limit=1&value_to={next(NUMBERS)}", timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()["meta"]["total"]

    def close(self) -> None:
        if (pid := self.folder / "pid").exists():
            os.killpg(int(pid.read_text()), signal.SIGKILL)
        for machine in ADDRESSES:
            data = self.folder / machine / "data"
            if (data / "postmaster.pid").exists():
                self.account.run([self.binaries / "pg_ctl", "stop", "-s", "-m", "immediate", "-D", data])


NUMBERS = iter(range(10**6, 10**7))


@pytest.fixture(scope="module")
def pristine() -> Iterator[tuple[Path, Path, dict[str, str]]]:
    """A folder of a stopped server that holds the release 1.0.0, the binaries, and the passwords."""
    folder = Path(tempfile.mkdtemp(prefix="mt-"))
    folder.chmod(0o711)  # root's server runs as another user, who must be able to enter
    home = folder / "home"
    register = write_register(folder / "register", ONE)
    seal(register, "1.0.0", "2024-05-01")
    with EmbeddedPostgres(home) as made:
        migrate(made.owner_url)
        load_register(made.owner_url, register)
    shutil.copytree(register, home / "register")
    facts = Home(home).read_connection()
    assert facts is not None
    with (home / "data" / "postgresql.auto.conf").open("a") as settings:
        settings.write(SETTINGS)
    yield home / "data", find_binaries(home, choose_account()), facts.passwords
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def started(pristine: tuple[Path, Path, dict[str, str]]) -> Iterator[Machines]:
    folder = Path(tempfile.mkdtemp(prefix="mr-"))
    folder.chmod(0o711)
    made = Machines(folder, *pristine)
    try:
        made.start()
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def machines(pristine) -> Iterator[Machines]:
    """Machines for a chapter that replaces databases."""
    with started(pristine) as made:
        yield made


@pytest.fixture(scope="module")
def lasting(pristine) -> Iterator[Machines]:
    """Machines for chapters after which the database and the service are what they were."""
    with started(pristine) as made:
        yield made


def test_every_block_of_the_page_is_run_by_a_test_of_its_chapter():
    followed = re.findall(r'follow\("([^"]+)"', Path(__file__).read_text())
    with_blocks = [name for name, text in CHAPTERS.items() if BLOCK.search(text)]
    assert sorted(set(followed)) == sorted(with_blocks)
    assert len(BLOCK.findall(PAGE)) == PAGE.count("```") / 2


def test_look_first(lasting):
    ready, *_ = lasting.follow("Look first")
    assert '"release":"1.0.0"' in ready
    assert "ok    releases" in ready


def test_a_backup_is_restored_with_every_digest(machines):
    machines.publish(TWO, "1.1.0")
    machines.follow("Back up")
    *_, said = machines.follow("Restore, and drill it")
    for subject in ("releases", "contents", "files"):
        assert said.count(f"ok    {subject}") == 2
    assert "up to 1.1.0" in said
    assert "10 files kept as they were built" in said
    assert "ok    owner" in said
    assert '"recalled":null' in (machines.folder / "backups" / "releases.json").read_text()
    assert machines.psql("db3", "SHOW archive_mode") == "off"
    web = machines.folder / "etc" / "database-url"
    web.write_text(web.read_text().replace(ADDRESSES["db1"], ADDRESSES["db3"]))
    assert "fail  owner" in machines.run("web", "! misconduct doctor")


def archive_command(log: Path, source: Path, name: str) -> str:
    """What Postgres gives to the shell, as the page sets it."""
    (text,) = re.findall(r"archive_command = '(.*?)';$", CHAPTERS["Back up"], re.MULTILINE | re.DOTALL)
    text = re.sub(r"'\n *'", "", text)  # as in SQL
    text = text.replace("/var/backups/misconduct/log", str(log))
    return text.replace("%p", str(source)).replace("%f", name)


@pytest.mark.parametrize("what", ["killed", "no room"])
def test_archiving_goes_on_where_a_copy_was_cut_off(tmp_path, what):
    log, source, other = (tmp_path / name for name in ("log", "pg_wal", "other"))
    log.mkdir()
    source.write_bytes(os.urandom(2**20))
    archive = archive_command(log, source, "000000010000000000000001")
    # A limit on sizes stands for the end of the disk: `cp` is ended by a signal, or told so by `write`.
    full = f"ulimit -c 0 -f 512\n{archive}" if what == "killed" else f"trap '' XFSZ\nulimit -f 512\n{archive}"
    for _ in range(2):
        assert subprocess.run(["bash", "-c", full], check=False, capture_output=True).returncode != 0
    assert sum(path.stat().st_size for path in log.iterdir()) == 512 * 1024
    for _ in range(2):  # it is asked again, too, where the server ended before it noted that this one is archived
        subprocess.run(["sh", "-c", archive], check=True)
        assert [path.name for path in log.iterdir()] == ["000000010000000000000001"]
        assert (log / "000000010000000000000001").read_bytes() == source.read_bytes()
    other.write_bytes(os.urandom(2**20))
    again = archive_command(log, other, "000000010000000000000001")
    assert subprocess.run(["sh", "-c", again], check=False, capture_output=True).returncode != 0
    assert (log / "000000010000000000000001").read_bytes() == source.read_bytes()


def test_a_backup_that_fails_leaves_that_of_the_night_before(tmp_path):
    backups = tmp_path / "backups"
    backups.mkdir()
    for name in ("data.tar.gz", "releases.json"):
        (backups / name).write_text("of the night before")
    *_, (_, machine, commands) = BLOCK.findall(CHAPTERS["Back up"])
    assert machine == "web"
    commands = commands.replace("/var/backups/misconduct", str(backups))
    commands = commands.replace("localhost:8000", f"127.0.0.1:{free_port()}")
    commands = re.sub("^misconduct .*$", "", commands, flags=re.MULTILINE)
    # There is no `data`, and no service.
    subprocess.run(["bash", "-c", commands], cwd=tmp_path, check=False, capture_output=True)
    for name in ("data.tar.gz", "releases.json"):
        assert (backups / name).read_text() == "of the night before"


def test_the_database_goes_back_to_before_a_load_and_its_replica_can_take_its_place(machines):
    machines.make_replica()
    machines.follow("Back up")
    machines.publish(TWO, "1.1.0")
    machines.loaded_at = machines.psql("db1", "SELECT loaded_at FROM releases ORDER BY ordinal DESC LIMIT 1")
    said = machines.follow("Back to before a load")
    assert said[0].startswith("1.1.0|")
    assert "1.1.0 is not loaded; 1.0.0 is" in said[3]
    assert "no replication slot is stuck" in said[3]  # nor is a moment set
    eventually(lambda: machines.release() == "1.0.0", seconds=60)
    assert machines.total() == 1
    assert "nothing new; current is 1.0.0" in said[-1]
    assert not (machines.folder / "web" / "data" / "releases" / "1.1.0.csv").exists()

    anew = CHAPTERS["A replica anew"].replace("db2.example.org", "db3.example.org")
    machines.run("db2", BLOCK.findall(anew)[0][2])
    machines.run("db3", "systemctl stop postgresql")
    machines.run("db2", "sudo -u postgres pg_ctl promote -D /var/lib/postgresql/data")
    assert machines.psql("db2", "SELECT pg_is_in_recovery(), number FROM releases") == "f|1.0.0"


def test_the_doctor_warns_of_a_moment_that_is_left_in_the_settings(machines):
    machines.psql("db1", "ALTER SYSTEM SET recovery_target_time = '2026-11-21 03:12:45+00'")
    machines.run("db1", "systemctl restart postgresql")
    assert "recovery_target_time is set" in machines.run("web", "misconduct doctor")


def test_a_bad_release_is_recalled(machines):
    machines.publish(TWO, "1.1.0")
    assert machines.total() == 2
    (said,) = machines.follow("A bad release")
    assert "Release 1.1.0 is recalled; the latest is 1.0.0." in said
    eventually(lambda: machines.release() == "1.0.0", seconds=40)
    assert machines.total() == 1
    machines.run("web", "misconduct release --undo --force")
    assert "The database holds release 1.1.0" in machines.run("web", "! misconduct load --rebuild")


def test_a_replica_takes_the_place_of_the_primary(machines):
    machines.make_replica()
    machines.run("db1", "sudo -u postgres pg_ctl stop -s -m immediate -D /var/lib/postgresql/data")
    eventually(lambda: machines.total() == 1, seconds=20)
    promoted, loaded, *_ = machines.follow("The primary is gone", after=machines.total)
    assert "promoted" in promoted
    assert "nothing new; current is 1.0.0" in loaded
    assert machines.psql("db2", "SELECT pg_is_in_recovery()") == "f"
    for _ in range(2):  # of a server that is stopped, and of one that runs and lags
        machines.follow("A replica anew", after=machines.total)
        assert machines.psql("db1", "SELECT pg_is_in_recovery()") == "t"
    machines.publish(TWO, "1.1.0")
    eventually(lambda: machines.psql("db1", "SELECT count(*) FROM releases") == "2", seconds=20)


def test_a_database_of_ones_own_is_set_up_as_operations_says(machines):
    """The block of the reference page: the roles, the database, the load, and a service that answers from it."""
    page = (PROJECT / "docs" / "operations.md").read_text().partition("## Your own Postgres")[2]
    [(_, commands)] = re.findall(r"^( *)```sh\n(.*?)^```$", page.partition("\n### ")[0], re.MULTILINE | re.DOTALL)
    for role in ("owner", "reader"):
        password = machines.passwords[f"misconduct_{role}"]
        commands = commands.replace(f"misconduct_{role}:…", f"misconduct_{role}:{password}")
        commands = commands.replace(
            f"MISCONDUCT_{role.upper()}_PASSWORD=…", f"MISCONDUCT_{role.upper()}_PASSWORD={password}"
        )
    commands = commands.replace("app/misconduct/db/roles.sql", str(PROJECT / "app" / "misconduct" / "db" / "roles.sql"))
    commands = commands.replace("misconduct serve ", "systemctl restart misconduct ")
    commands = commands.replace("@db.example.org", "@db1.example.org")
    machines.run("db1", 'sudo -u postgres psql -c "DROP DATABASE misconduct WITH (FORCE)" postgres')
    superuser = (
        f"export PGHOST=127.0.0.1 PGPORT={machines.port} PGUSER={SUPERUSER} PGPASSWORD={machines.passwords[SUPERUSER]}"
    )
    said = machines.run("web", f"unset MISCONDUCT_DATABASE_URL_FILE MISCONDUCT_OWNER_URL_FILE\n{superuser}\n{commands}")
    for subject in ("reader", "limits", "releases", "contents"):
        assert f"ok    {subject}" in said
    eventually(lambda: machines.release() == "1.0.0", seconds=60)
    assert machines.total() == 1


def test_what_fills_a_disk_goes(lasting):
    lasting.follow("Back up")
    [first] = re.findall(r"file (\w+)", (lasting.folder / "backups" / "base" / "backup_label").read_text())
    lasting.run("db1", "sudo -u postgres pg_basebackup -D - -Ft -X none -c fast >/dev/null")  # as for a replica
    lasting.psql("db1", "SELECT pg_create_physical_replication_slot('gone', true)")
    assert "slot gone is not in use" in lasting.run("web", "misconduct doctor")
    log = lasting.folder / "backups" / "log"
    (log / "000000010000000000000000").write_text("older than the base backup")
    (log / "0000000100000000000000FF.00000028.backup.part").write_text("of a copy that was cut off")
    shown, *_ = lasting.follow("Disk full")
    assert "gone" in shown
    assert not (log / "000000010000000000000000").exists()
    assert (log / first).exists()  # else the base backup could not be restored
    assert "no replication slot is stuck" in lasting.run("web", "misconduct doctor")
    kept = sorted(path.name for path in log.iterdir())
    assert lasting.psql("db1", "SELECT archived_count > 0, failed_count FROM pg_stat_archiver") == "t|0"
    assert any(name.endswith(".backup") for name in kept)


def test_a_password_is_changed_while_the_service_answers(lasting):
    lasting.follow("A new password", after=lasting.total)
    lasting.psql("db1", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'misconduct_reader'")
    assert lasting.total() == 1


def test_a_certificate_is_replaced(lasting):
    """The embedded server has no TLS: what it presents is not asked here."""
    for folder, days in (("db1/data", "2"), ("backups", "90")):
        key, certificate = (lasting.folder / folder / f"server.{kind}" for kind in ("key", "crt"))
        request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=db1", "-days", days]
        subprocess.run([*request, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        for path in (key, certificate):
            lasting.account.own(path)
    said, _ = lasting.follow("A new certificate", after=lasting.total)
    before, after = re.findall(r"notAfter=(.*)", said)
    assert before != after
    assert (lasting.folder / "db1" / "data" / "server.key").stat().st_mode & 0o777 == 0o600


def test_a_deployment_starts_the_service_anew_and_tells_the_build(lasting):
    old = (lasting.folder / "pid").read_text()
    [said] = lasting.follow("Deploy and go back", after=lasting.total)
    assert (lasting.folder / "pid").read_text() != old
    assert (
        len(re.findall(r'^misconduct_build_info\{build="[0-9a-f]{16}",version="1.0.0"\} 1.0$', said, re.MULTILINE)) == 2
    )


# The words of the page


def test_every_alert_stands_in_the_table_of_what_you_see():
    rules = yaml.safe_load((PROJECT / "deploy" / "alerts.yml").read_text())["groups"][0]["rules"]
    assert set(re.findall(r"`(Misconduct[A-Z]\w+)`", CHAPTERS["Look first"])) == {rule["alert"] for rule in rules}


def test_every_metric_of_the_page_is_measured(lasting):
    text = httpx.get(f"http://127.0.0.1:{lasting.web}/metrics", timeout=10).text
    there = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    named = set(re.findall(r"\b(?:misconduct|process)_[a-z_]+\b", CHAPTERS["Capacity"]))
    assert {name for name in named if not {name, f"{name}_bucket"} & there} == set()


def test_every_subject_of_doctor_that_the_table_names_is_one():
    subjects = set(re.findall(r"`doctor` (?:fails|warns) `(\w+)`(?: or `(\w+)`)?", CHAPTERS["Look first"]))
    code = "".join(path.read_text() for path in (PROJECT / "app" / "misconduct" / "doctor").glob("*.py"))
    assert len(subjects) == 8
    assert {word for pair in subjects for word in pair if word and f'"{word}"' not in code} == set()


@pytest.mark.parametrize("page", ["runbook.md", "operations.md", "removal.md", "growth.md"])
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^):]+)\)", (PROJECT / "docs" / page).read_text()):
        path, _, anchor = target.partition("#")
        linked = PROJECT / "docs" / (path or page)
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, target
