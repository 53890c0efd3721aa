"""The folder of the embedded server, and what lies in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.db.embedded.account import Account
from app.db.embedded.errors import EmbeddedDatabaseFailed


@dataclass(frozen=True, slots=True)
class Home:
    """The paths in the folder `path`, which is absolute."""

    path: Path

    @property
    def data(self) -> Path:
        """What postgres calls its data directory."""
        return self.path / "data"

    @property
    def pid_file(self) -> Path:
        """Where postgres says which process it is, and whether it is ready."""
        return self.data / "postmaster.pid"

    @property
    def facts(self) -> Path:
        """Passwords and the socket's place, for us alone."""
        return self.path / "connection.json"

    @property
    def owner_lock(self) -> Path:
        """Held by the process of ours that started the server."""
        return self.path / "owner.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server's own processes, as long as one of them lives."""
        return self.path / "server.lock"

    @property
    def log(self) -> Path:
        """What the server said."""
        return self.path / "server.log"


def open_home(home: Home, account: Account) -> None:
    """Make the folder if it is not there, and see that `account` reaches it. What was there stays as is."""
    if not home.path.exists():
        home.path.mkdir(parents=True)
        home.path.chmod(0o700 if account.uid is None else 0o711)  # another account must pass, not look
    if not account.can_enter(home.path):
        raise EmbeddedDatabaseFailed(
            f"The embedded database cannot be in {home.path}: PostgreSQL does not run as root, and"
            f" '{account.name}', who runs it instead, may not enter {_find_closed_folder(home.path)}.",
            hint="name a folder that others may enter with MISCONDUCT_HOME, or run this as another user",
        )


def _find_closed_folder(path: Path) -> Path:
    closed = (folder for folder in [*reversed(path.parents), path] if folder.stat().st_mode & 0o001 == 0)
    return next(closed, path)
