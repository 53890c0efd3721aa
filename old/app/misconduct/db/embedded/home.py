"""The folder of the embedded server: its paths, locks and log, and what another process must know to connect."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from pydantic import TypeAdapter

from misconduct.db.embedded.account import Account
from misconduct.db.embedded.errors import EmbeddedDatabaseFailed

SUPERUSER, OWNER, READER = "postgres", "misconduct_owner", "misconduct_reader"
DATABASE = "misconduct"

LOG_BYTES = 2_000_000
RESERVE_BYTES = 32 * 2**20  # two segments of the write-ahead log: to recover takes at least one

LONGEST_FOLDER = 85  # bytes; with "/.s.PGSQL.5432.lock" this stays within the 104 that macOS allows (Linux: 108)
PLAIN = re.compile(r"[\w./-]+", re.ASCII)  # in an address a comma or colon would make two hosts of one path

SOCKETS = "run"  # the folder of the server's socket


class Home:
    """The folder `path`, which is absolute, and what is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = path / "data"
        self.pid_file = self.data / "postmaster.pid"
        self.connection_file = path / "connection.json"
        self.owner_lock = path / "owner.lock"
        """Held by the process of ours that started the server."""
        self.server_lock = path / "server.lock"
        """Held by the server's own processes, as long as one of them lives."""
        self.log = ServerLog(path / "server.log")
        self.reserve = path / "reserve"
        """Keeps room on the disk for a server that has to recover."""

    def open(self, account: Account) -> None:
        """Make the folder if it is not there, and check that `account` can enter it. Existing contents are kept."""
        with contextlib.suppress(FileExistsError):  # it was there, or another process has just made it
            self.path.mkdir(parents=True)
            self.path.chmod(0o700 if account.uid is None else 0o711)  # another account must pass, not look
        owner = self.path.stat().st_uid
        if owner not in {0, os.geteuid()}:  # whose links we would follow, and who could not read what we write
            raise EmbeddedDatabaseFailed(
                f"The folder {self.path} is another user's (uid {owner}).",
                hint="run this as that user, or name another folder with MISCONDUCT_HOME",
            )
        for folder in (self.path, self.path / SOCKETS):
            if folder.exists() and folder.stat().st_mode & stat.S_IWOTH:
                raise EmbeddedDatabaseFailed(
                    f"Everybody may write in {folder}, and so put another database in its place.",
                    hint=f"chmod o-w {folder}, or name another folder with MISCONDUCT_HOME",
                )
        if not account.can_enter(self.path):
            closed = (folder for folder in [*reversed(self.path.parents), self.path] if not folder.stat().st_mode & 1)
            raise EmbeddedDatabaseFailed(
                f"The embedded database cannot be in {self.path}: PostgreSQL does not run as root, and"
                f" '{account.name}', who runs it instead, may not enter {next(closed, self.path)}.",
                hint="name a folder that others may enter with MISCONDUCT_HOME, or run this as another user",
            )

    def read_state(self) -> str:
        """Return what the server says: starting, ready (it takes connections) or stopping; without one, not up."""
        lines = self.read_pid_file()
        return lines[7].strip() if len(lines) >= 8 and _is_running(lines[0]) else "not up"

    def read_pid_file(self) -> list[str]:
        """Return the lines that the server writes about itself: none without a server."""
        try:
            return self.pid_file.read_text(errors="replace").splitlines()  # it has the path
        except OSError:
            return []

    def read_connection(self) -> ConnectionInfo | None:
        """Return how to connect; None if that was never written, or is damaged."""
        try:
            info = TypeAdapter(ConnectionInfo).validate_json(self.connection_file.read_bytes(), strict=True)
        except (FileNotFoundError, ValueError):
            return None
        return info if info.passwords.keys() >= {SUPERUSER, OWNER, READER} else None

    def write_connection(self, info: ConnectionInfo) -> None:
        """Write how to connect, readable by us alone, whole or not at all, even if the power fails."""
        unfinished = self.path / "connection.json.new"
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(info), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.connection_file)

    def keep_reserve(self) -> None:
        """Set room on the disk aside, where there is plenty and the system can."""
        plenty = 2 * RESERVE_BYTES
        is_whole = self.reserve.exists() and self.reserve.stat().st_size >= RESERVE_BYTES  # not so if that was stopped
        if hasattr(os, "posix_fallocate") and not is_whole and shutil.disk_usage(self.path).free > plenty:
            with self.reserve.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)

    def give_reserve(self) -> bool:
        """Give that room to the server if the disk is full. Return whether it was."""
        is_needed = self.reserve.exists() and shutil.disk_usage(self.path).free < RESERVE_BYTES
        if is_needed:
            self.reserve.unlink()
        return is_needed

    def choose_socket_folder(self, remembered: Path | None, account: Account) -> Path:
        """Return a private folder for the server's socket: `run` in the home, or for a long home a temporary one.

        The path of a socket must fit into some 100 bytes. The folder stays the same, because processes that joined the
        server have its address; but a copy of a home gets its own: its name has the home's path.
        """
        inside = self.path / SOCKETS
        if len(bytes(inside)) <= LONGEST_FOLDER and PLAIN.fullmatch(str(inside)):
            if not inside.exists():
                account.make_folder(inside)
            return inside
        prefix = f"misconduct-{hashlib.sha256(bytes(self.path.resolve())).hexdigest()[:8]}-"
        if remembered is not None and remembered.name.startswith(prefix):
            with contextlib.suppress(OSError):
                account.make_folder(remembered)
            if account.owns(remembered):  # in a shared temporary folder anyone may have made one by that name since
                return remembered
        for parent in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 (mkdtemp makes a new, private folder in it)
            if len(parent.encode()) + len(prefix) + 9 <= LONGEST_FOLDER and account.can_enter(Path(parent)):
                break
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        account.own(folder)
        return folder


def _is_running(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except PermissionError:
        return True  # as another user
    except (ProcessLookupError, ValueError):
        return False
    return True


def invent_passwords() -> dict[str, str]:
    """Return a new random password for every role."""
    return {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, READER)}


@dataclass(frozen=True, slots=True)
class ConnectionInfo:
    """Passwords by role, the socket's folder, and the digest of the roles.sql last run (None: never)."""

    socket_folder: str
    passwords: dict[str, str] = field(default_factory=invent_passwords)
    roles_digest: str | None = None

    @property
    def socket(self) -> Path:
        """The socket file on which the server listens."""
        return Path(self.socket_folder) / ".s.PGSQL.5432"

    def url(self, role: str, database: str, *, with_password: bool = True) -> str:
        """Return `postgresql://role:password@/database?host=/folder&port=5432`."""
        host = quote(self.socket_folder, safe="/")
        who = f"{role}:{quote(self.passwords[role])}" if with_password else role
        return f"postgresql://{who}@/{quote(database)}?host={host}&port=5432"


class FileLock:
    """An exclusive `flock` on `path`, which the kernel releases when its holder dies, however it dies.

    Child processes do not get it. One that is given its `descriptor` holds the lock too, with its own children, until
    the last of them is gone.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    @property
    def descriptor(self) -> int:
        """The open file behind the lock, while it is held."""
        if self._descriptor is None:
            raise RuntimeError(f"{self._path} is not locked")
        return self._descriptor

    def try_acquire(self) -> bool:
        """Take the lock if nobody has it. Raises OSError if the file cannot be opened."""
        if self.held:
            return True
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Release the lock, if it is held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class ServerLog:
    """The file for what Postgres writes to stderr: about `limit` bytes at most, and as much again in `<name>.1`."""

    def __init__(self, path: Path, limit: int = LOG_BYTES) -> None:
        self._path = path
        self._limit = limit

    def open(self) -> BinaryIO:
        """Open for appending; append mode is what makes it safe to empty the file under a running server."""
        return os.fdopen(os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab", buffering=0)

    def tail(self, lines: int = 8) -> str:
        """Return the last lines, as text."""
        return "\n".join(self._read_end(8_000).decode(errors="replace").splitlines()[-lines:])

    def trim(self) -> None:
        """Move the end of a log that has grown too long to `<name>.1`, and empty it."""
        if self._path.exists() and self._path.stat().st_size > self._limit:
            before = ServerLog(self._path.with_name(f"{self._path.name}.1"))
            with before.open() as log:
                os.truncate(log.fileno(), 0)
                log.write(self._read_end(self._limit))
            os.truncate(self._path, 0)

    def _read_end(self, size: int) -> bytes:
        if not self._path.exists():
            return b""
        with self._path.open("rb") as log:
            log.seek(max(0, self._path.stat().st_size - size))
            return log.read()
