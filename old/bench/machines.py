"""What several machines give: `make machines`, or `python -m bench.machines --quick`.

A primary and two streaming replicas, PgBouncer, and nginx before two services, all real and all on this machine.
Measures how fast each arrangement answers, counts the requests that fail while its parts are restarted or die and while
the version before this one is replaced by this one, and times the restore of a backup. Ends with status 1 if a request
failed or a digest differs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench.__main__ import tell, temporary_folder
from bench.contenders import PAGE, Field
from bench.drive import Question, drive, generator
from bench.machine import describe_machine, tell_version
from bench.servers import Server, free_port
from misconduct.db.embedded.home import SUPERUSER
from misconduct.doctor.contents import examine_contents, examine_files
from misconduct.doctor.finding import Finding
from tests.chaos.serving import COMMAND, PROJECT, Service, environment, name_package
from tests.chaos.traffic import Answers, traffic, uncached
from tests.chaos.traffic import Path as Asked
from tests.db.replication import Replicated, copy_server, replicated
from tests.tools import find_program

FILE = Path(__file__).with_name("MACHINES.md")
CLIENTS = 8

HEAD = """# Several machines

Written by `make machines`: everything in one run on one machine, which the load generator, all services and all
databases share. So workers and replicas do not add up here. What counts is that nothing fails, and the ratios.
"""


class Rate(NamedTuple):
    """How fast an arrangement answers: requests in a second, milliseconds."""

    arrangement: str
    per_second: float
    p50: float
    p99: float


class Fault(NamedTuple):
    """What clients saw while something happened."""

    what: str
    answers: Answers

    @property
    def failed(self) -> int:
        return len(self.answers.failed)


def main() -> None:
    """Runs everything, writes the table, and ends with a status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few figures and short rounds; the table is only printed")
    parser.add_argument("--before", metavar="REV", help="the version that is upgraded; else the last of another schema")
    asked = parser.parse_args()
    quick = asked.quick
    figures, seconds = (2_000, 1.0) if quick else (20_000, 8.0)
    for program, package in (("nginx", "nginx-light"), ("pgbouncer", "pgbouncer")):
        find_program(program, (package,), "several machines")
    with (
        temporary_folder() as folder,
        replicated(2, migrated=False) as servers,
        version_before(folder, asked.before) as before,
        ExitStack() as running,
    ):
        register = folder / "register"
        run(before, "-m", "bench.generate", str(register), f"--observations={figures}", "--releases=3")
        tell(f"{figures:,} figures in three releases; loaded by the version before …")
        load(servers, before, register)
        arrangement = Arrangement(folder, servers, before)
        running.callback(arrangement.stop)
        faults = [replace_version(arrangement, servers, register)]
        rates = list(measure_rates(folder, servers, seconds))
        restored, findings = restore(servers, register)
        faults += list(break_parts(arrangement, servers, 1.0 if quick else 4.0))
    table = describe(rates, faults, restored, findings, f"{figures:,} figures; {seconds:g} s each")
    print(table)
    if not quick:
        FILE.write_text(table)
    sys.exit(any(fault.failed for fault in faults) or any(found.state != "ok" for found in findings))


# The version before


@contextmanager
def version_before(folder: Path, revision: str | None) -> Iterator[Path]:
    """A checkout of a revision; without one, of the last commit whose schema was older than this one's."""
    git = ["git", "-C", str(PROJECT)]
    log = [*git, "log", "-1", "--format=%H", "--diff-filter=A", "--", "alembic/versions"]
    newest = subprocess.run(log, check=True, capture_output=True, text=True).stdout.strip()
    checkout = folder / "before"
    subprocess.run(
        [*git, "worktree", "add", "--quiet", "--detach", str(checkout), revision or f"{newest}^"], check=True
    )
    name_package(checkout)
    try:
        yield checkout
    finally:
        subprocess.run([*git, "worktree", "remove", "--force", str(checkout)], check=True)


def run(checkout: Path, *arguments: str, **settings: str) -> None:
    """Runs Python with the code of a checkout."""
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=checkout, env=environment(checkout, **settings), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")


def load(servers: Replicated, checkout: Path, register: Path) -> None:
    """Migrates and loads with the code of a checkout; the replicas follow."""
    run(checkout, *COMMAND[1:], "load", "--register", str(register), MISCONDUCT_OWNER_URL=servers.owner_url)
    servers.wait_for_replay()


# The arrangement that parts are taken from


class Arrangement:
    """nginx before two services of two workers each, which read from both replicas and the primary."""

    def __init__(self, folder: Path, servers: Replicated, checkout: Path) -> None:
        self._folder = folder
        self._address = reader_url(servers)
        self.ports = [free_port(), free_port()]
        self.services = [self.start(port, checkout) for port in self.ports]
        self._running = ExitStack()
        self.nginx = self._running.enter_context(cache(folder, *self.ports))

    def start(self, port: int, checkout: Path = PROJECT) -> Service:
        """Starts a service, and returns once it is ready."""
        service = Service(
            self._address, self._folder, "--workers", "2", checkout=checkout, port=port, MISCONDUCT_BASE_URL="http://localhost"
        )  # fmt: skip
        return service.wait_until_ready()

    def stop(self) -> None:
        self._running.close()
        for service in self.services:
            service.stop()

    def watch(self, what: str, happens: Callable[[], None], asked: Asked = uncached, after: float = 0.0) -> Fault:
        """Lets it happen while clients ask, a second before it and some after."""
        tell(f"{what} …")
        with traffic(int(self.nginx.url.rsplit(":", 1)[1]), asked, clients=CLIENTS, pause=0.05) as answers:
            time.sleep(1)
            happens()
            time.sleep(1 + after)
        return Fault(what, answers)


def reader_url(servers: Replicated) -> str:
    """The address of the database on both replicas and the primary, as each version understands it."""
    login = servers.primary.url("misconduct_reader").rpartition("@")[0]
    return f"{login}@/misconduct?" + "&".join(f"host={one.place}" for one in (*servers.replicas, servers.primary))


def cache(folder: Path, *ports: int) -> Server:
    """nginx as a cache before services on these ports."""
    return Field(folder, "", folder).nginx(*(f"127.0.0.1:{port}" for port in ports))


def replace_version(arrangement: Arrangement, servers: Replicated, register: Path) -> Fault:
    """Migrates and loads with this version while the one before answers, then replaces one service after the other."""

    def upgrade() -> None:
        load(servers, PROJECT, register)
        for number, port in enumerate(arrangement.ports):
            arrangement.services[number].stop()
            arrangement.services[number] = arrangement.start(port)

    return arrangement.watch("a rolling upgrade from the version before, with its migration", upgrade)


def break_parts(arrangement: Arrangement, servers: Replicated, seconds: float) -> Iterator[Fault]:
    """Takes away one part after the other, and brings none back."""
    first, second = arrangement.services

    def kill(service: Service) -> None:
        for process in (*service.process.children(recursive=True), service.process):
            process.kill()
        service.process.wait()

    def restart() -> None:
        for server in (*servers.replicas, servers.primary):
            server.stop()
            server.start()

    yield arrangement.watch("all three databases are restarted, one after the other", restart, after=seconds)
    yield arrangement.watch("one of two replicas dies", servers.replicas[0].die, after=seconds)
    yield arrangement.watch("and the primary dies", servers.primary.die, after=seconds)
    yield arrangement.watch("a worker dies", first.workers()[0].kill, after=seconds)
    yield arrangement.watch("one of two services dies", lambda: kill(first), after=seconds)

    def asked(number: int) -> str:
        return f"/v1/observations?limit={1 + number % 100}"

    with traffic(int(arrangement.nginx.url.rsplit(":", 1)[1]), asked) as warmed:
        time.sleep(2)
    yield Fault("… and what is asked then is kept by the cache", warmed)
    kept = min(100, len(warmed.all))
    yield arrangement.watch(
        "every service dies; what was asked before is asked again",
        lambda: kill(second),
        lambda number: asked(number % kept),
        after=seconds,
    )


# How fast, and how long


def measure_rates(folder: Path, servers: Replicated, seconds: float) -> Iterator[Rate]:
    """The rate of each arrangement, for the same page, without the services' own memory except behind the cache."""
    reader = servers.primary.url("misconduct_reader")
    arranged: list[tuple[str, str, int]] = [
        ("1 worker, the primary", reader, 1),
        ("2 workers, the primary", reader, 2),
        (
            "2 workers, 2 replicas",
            servers.primary.url("misconduct_reader", *(one.place for one in servers.replicas)),
            2,
        ),
    ]
    with pooled(folder, servers) as (address, mode):
        for name, url, workers in [*arranged, (f"2 workers, the primary behind PgBouncer ({mode})", address, 2)]:
            with serving(url, folder, workers, MISCONDUCT_CACHE_BYTES="0") as service:
                yield _drive(name, service.url, seconds)
    (folder / "other").mkdir()
    with serving(reader, folder, 2) as service, cache(folder / "other", service.port) as nginx:
        yield _drive("2 workers, from memory", service.url, seconds)
        yield _drive("2 workers behind nginx's cache", nginx.url, seconds)


@contextmanager
def serving(url: str, folder: Path, workers: int, **settings: str) -> Iterator[Service]:
    """A service that is ready, and ends with the block, however that ends."""
    service = Service(url, folder, "--workers", str(workers), **settings)
    try:
        yield service.wait_until_ready()
    finally:
        service.stop()


def _drive(name: str, url: str, seconds: float) -> Rate:
    drive(url, Question(PAGE), 1)
    found = drive(url, Question(PAGE), seconds)
    if found.failed:
        raise RuntimeError(f"{name}: {found.failed} of {found.requests} failed")
    tell(f"{name}: {found.rate:,.0f} requests/s, p99 {found.p99:.1f} ms")
    return Rate(name, found.rate, found.p50, found.p99)


@contextmanager
def pooled(folder: Path, servers: Replicated) -> Iterator[tuple[str, str]]:
    """PgBouncer before the primary: its address, and how it pools."""
    version = tell_version("pgbouncer", "--version") or "0"
    keeps_statements = [*map(int, version.split("."))] >= [1, 21]
    port, primary, role = free_port(), servers.primary, "misconduct_reader"
    password = primary.facts.passwords[role]
    place = folder / "pgbouncer"
    primary.account.make_folder(place)
    lines = [
        "[databases]",
        f"misconduct = host=127.0.0.1 port={primary.port} user={role} password={password}",
        "[pgbouncer]",
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =",
        f"auth_type = plain\nauth_file = {place}/users",
        "pool_mode = transaction\nmax_client_conn = 200\ndefault_pool_size = 20",
        "ignore_startup_parameters = extra_float_digits,options,search_path,statement_timeout",
        *(["max_prepared_statements = 200"] if keeps_statements else []),
    ]
    for name, text in (("pgbouncer.ini", "\n".join(lines)), ("users", f'"{role}" "{password}"')):
        (place / name).write_text(text + "\n")
        (place / name).chmod(0o644)
    process = primary.account.popen(["/usr/sbin/pgbouncer", place / "pgbouncer.ini"], stderr=subprocess.DEVNULL)
    try:
        yield f"postgresql://{role}:{password}@127.0.0.1:{port}/misconduct", f"{version}, transaction pooling"
    finally:
        process.terminate()
        process.wait()


def restore(servers: Replicated, register: Path) -> tuple[float, list[Finding]]:
    """Seconds from a base backup to a server that answers, and what `doctor` finds in it."""
    tell("a base backup is restored …")
    began = time.perf_counter()
    restored = copy_server(servers.primary, servers.primary.data.with_name("restored"))
    seconds = time.perf_counter() - began
    with psycopg.connect(restored.url(SUPERUSER)) as connection:
        findings = [
            *examine_contents(connection, register, lambda *_: None),
            *examine_files(connection, "", lambda *_: None, whole=True),
        ]
    restored.stop()
    return seconds, findings


def describe(rates: list[Rate], faults: list[Fault], restored: float, findings: list[Finding], contents: str) -> str:
    """The table, in Markdown."""
    machine = ", ".join(f"{name} {value}" for name, value in describe_machine().items())
    lines = [
        HEAD,
        f"{machine}; {generator()}; {contents}.\n",
        "| arrangement | requests/s | p50, ms | p99, ms |",
        "|---|---|---|---|",
        *(f"| {one.arrangement} | {one.per_second:,.0f} | {one.p50:.1f} | {one.p99:.1f} |" for one in rates),
        "",
        "| while clients ask through nginx | requests | failed | longest, s |",
        "|---|---|---|---|",
        *(f"| {one.what} | {len(one.answers.all):,} | {one.failed} | {one.answers.longest:.2f} |" for one in faults),
        "",
        f"A base backup was taken and restored in {restored:.1f} s; then `doctor` said: "
        + "; ".join(f"{one.subject}: {one.state}, {one.found}" for one in findings)
        + ".",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
