"""This machine: room on its disks, its Python, and whether what is installed is what is locked."""

from __future__ import annotations

import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from app.doctor.finding import Finding, judge
from app.settings import Settings

OLDEST_PYTHON = (3, 11)
DISK_FAILS, DISK_WARNS = 200_000_000, 1_000_000_000
LOCK = Path(__file__).parents[2] / "requirements.lock"

_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;]+)", re.MULTILINE)


def examine_python() -> Finding:
    """Whether this Python is new enough."""
    found = f"{platform.python_implementation()} {platform.python_version()}"
    return judge("python", found, fail=sys.version_info < OLDEST_PYTHON, to_do="Install Python 3.11 or newer.")


def examine_lock(lock: Path = LOCK) -> Finding:
    """Whether what is installed has the versions of the lock; what is not installed may be left out on purpose."""
    if not lock.is_file():
        return Finding(
            "packages", "warn", "there is no requirements.lock here to compare with", "Run it in a checkout."
        )
    pins: dict[str, list[str]] = {}
    for name, pin in _PIN.findall(lock.read_text(encoding="utf-8")):
        pins.setdefault(name, []).append(pin)  # one for each of several Pythons
    other = [f"{name} {found}" for name, own in pins.items() if (found := _installed(name)) not in (None, *own)]
    found = f"not as locked: {', '.join(other[:5])}" if other else f"as in requirements.lock ({len(pins)} pins)"
    return judge("packages", found, warn=bool(other), to_do="Run `make setup`.")


def examine_disk(settings: Settings) -> Iterator[Finding]:
    """Room where the embedded server keeps its data, and where a load builds its files."""
    folders = {"temporary files": Path(tempfile.gettempdir())}
    if settings.database_url is None:
        folders["data"] = next(path for path in (settings.home, *settings.home.absolute().parents) if path.exists())
    for purpose, folder in folders.items():
        free = shutil.disk_usage(folder).free
        found = f"{free / 1e9:.1f} GB free for {purpose} ({folder})"
        yield judge("disk", found, fail=free < DISK_FAILS, warn=free < DISK_WARNS, to_do="Make room there.")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
