"""Start the embedded server, or join the one that another process runs."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from misconduct.db.embedded.account import choose_account
from misconduct.db.embedded.errors import EmbeddedDatabaseFailed, explain, explain_os_error
from misconduct.db.embedded.home import DATABASE, OWNER, READER, SUPERUSER, ConnectionInfo, FileLock, Home
from misconduct.db.embedded.process import Postmaster, start_server

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.2  # how often to see whether the server still runs, and how soon the first attempt to restart it
LONGEST_PAUSE = 3.0  # seconds between two attempts
PATIENCE = 1.0  # seconds for which a shutdown may wait for its clients, and for which we wait silently
JOIN_SECONDS = 150.0  # how long a guest waits for the one who is starting the server

INHERITED = "the process that ran the embedded database in %s has ended; this one starts it again, and owns it now"


class EmbeddedPostgres:
    """PostgreSQL in a folder of ours, on a unix socket, kept running from `start` to `stop`.

    The first process that starts it on a `home` owns the server: it restarts a server that died, and stops it at the
    end. Another process joins as a guest. When the owner ends, so does the server, and one of the guests starts it
    again as its owner.

    The addresses never change: `postgresql://role:password@/database?host=/folder&port=5432`.
    psql, psycopg and asyncpg take them as they are, SQLAlchemy with the driver's name put in.
    """

    def __init__(self, home: Path) -> None:
        self._home = Home(home.absolute())
        self._lock = FileLock(self._home.owner_lock)
        self._info: ConnectionInfo | None = None
        self._postmaster: Postmaster | None = None
        self._stopping = threading.Event()
        self._keeper: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server, or join the one that runs; a second call does nothing. Raises EmbeddedDatabaseFailed."""
        if self._keeper is not None:
            return
        self._stopping.clear()
        try:
            self._home.open(choose_account())
            self._start_or_join()
        except OSError as problem:
            self.stop()
            raise explain_os_error(problem, self._home.path) from problem
        except BaseException:
            self.stop()
            raise
        self._keeper = threading.Thread(target=self._keep_running, name="embedded-postgres", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """Stop the server if it is ours; a guest only leaves. A second call does nothing."""
        self._stopping.set()
        if self._keeper is not None:
            self._keeper.join()
            self._keeper = None
        if self._postmaster is not None:
            self._postmaster.shut_down()
            self._postmaster = None
        self._lock.release()

    @property
    def is_guest(self) -> bool:
        """Whether the server is another process's."""
        return not self._lock.held

    @property
    def pid(self) -> int | None:
        """The process id of the server, if it is ours and runs."""
        return None if self._postmaster is None else self._postmaster.pid

    @property
    def owner_url(self) -> str:
        """For migrations and loads."""
        return self.url(OWNER)

    @property
    def reader_url(self) -> str:
        """For the API."""
        return self.url(READER)

    @property
    def admin_url(self) -> str:
        """The superuser in the database `postgres`: for tests that make databases, and for repairs."""
        return self.url(SUPERUSER, "postgres")

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the address of `database` for `role`: postgres, misconduct_owner or misconduct_reader."""
        if self._info is None:
            raise EmbeddedDatabaseFailed("The embedded database has no address before it is started.")
        return self._info.url(role, database)

    def _start_or_join(self) -> None:
        """Do whichever is possible first: the owner may be starting the server just now, or die while doing so."""
        begun, told = time.monotonic(), False
        while not self._lock.try_acquire():
            state = self._home.read_state()
            self._info = self._home.read_connection()
            if self._info is not None and self._info.roles_digest is not None and state == "ready":
                return
            waited = time.monotonic() - begun
            if waited > JOIN_SECONDS:
                raise explain("belongs to another process, and is not ready", self._home.path, self._home.log.tail())
            if waited > PATIENCE and not told:
                logger.warning(
                    "waiting for the embedded database in %s: another process has it, and it is %s",
                    self._home.path,
                    state,
                )
                told = True
            time.sleep(0.02)
        self._postmaster, self._info = start_server(self._home, self._stopping)

    def _keep_running(self) -> None:
        """Start the server again whenever it dies, until we stop; as a guest, once its owner has ended."""
        while self.is_guest and not self._stopping.wait(LOOK_SECONDS):
            with suppress(OSError):  # there may be no descriptor just now
                if self._lock.try_acquire():  # what postmaster.pid says may be the number of another process by now
                    logger.warning(INHERITED, self._home.path)
        pause = 0.0
        while not self._stopping.wait(pause):
            try:
                self._restart_if_dead()
                self._home.log.trim()
                pause = LOOK_SECONDS
            except (EmbeddedDatabaseFailed, OSError) as problem:
                pause = min(2 * pause, LONGEST_PAUSE)
                logger.warning("cannot restart the embedded database: %s", problem)

    def _restart_if_dead(self) -> None:
        if self._postmaster is not None and self._home.read_state() == "stopping":
            self._postmaster.end_shutdown(PATIENCE)
        if self._postmaster is not None and self._postmaster.has_died():
            logger.warning("the embedded database died; starting it again")
            self._postmaster.dismiss_watchdog()
            self._postmaster = None
        if self._postmaster is not None and self._info is not None and not self._info.socket.exists():
            logger.warning("somebody deleted the socket of the embedded database; starting it again")
            self._postmaster.shut_down()
            self._postmaster = None
        if self._postmaster is None:
            self._postmaster, self._info = start_server(self._home, self._stopping)
