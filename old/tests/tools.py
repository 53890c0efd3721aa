"""Programs and packages from outside that some tests need: installed where that can be, said plainly where it cannot."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import platformdirs
import pytest

MINUTES = 10
"""How long apt-get may take."""

NO_NETWORK = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH")


def cannot(reason: str) -> None:
    """In CI everything is tried; elsewhere what cannot be is skipped."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


def find_program(name: str, packages: Sequence[str], what_waits: str) -> str:
    """The path of a program, which is installed from Debian's packages where that can be."""
    why = why_not_installed((name,), packages)
    if why:
        cannot(f"{name} is not installed, {why}: {what_waits}")
    return shutil.which(name) or name


def why_not_installed(programs: Sequence[str], packages: Sequence[str]) -> str:
    """Why there is none of these programs and none could be installed; empty where there is one.

    One process at a time tries.
    """
    if any(map(shutil.which, programs)):
        return ""
    if shutil.which("apt-get") is None:
        return "there is no apt-get"
    if os.geteuid() != 0:
        return "apt-get needs root"
    with (Path(tempfile.gettempdir()) / "misconduct-tests-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if any(map(shutil.which, programs)):
            return ""
        install = ("install", "--yes", "--quiet", "--no-install-recommends", *packages)
        for arguments in (("update", "--quiet"), install):
            command = ["apt-get", "-o", f"DPkg::Lock::Timeout={60 * MINUTES}", *arguments]
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            done = subprocess.run(command, env=quiet, capture_output=True, text=True, timeout=60 * MINUTES, check=False)
            if done.returncode:
                return f"apt-get {arguments[0]} failed: {' '.join(done.stderr.split())[-200:]}"
    return ""


def install_packages(folder: Path, what_waits: str) -> Path:
    """The `node_modules` that the npm lock in a folder names, installed once for each state of the lock."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            cannot(f"{program} is not installed: {what_waits}")
    lock = (folder / "package-lock.json").read_bytes()
    cache = platformdirs.user_cache_path("misconduct-tests", ensure_exists=True)
    kept = cache / hashlib.sha256(lock).hexdigest()[:16]
    if not kept.exists():
        _install(folder, kept, what_waits)
    return kept / "node_modules"


def _install(folder: Path, kept: Path, what_waits: str) -> None:
    new = Path(tempfile.mkdtemp(dir=kept.parent))
    for name in ("package.json", "package-lock.json"):
        shutil.copy(folder / name, new)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=new, capture_output=True, text=True, check=False)
    if done.returncode and any(sign in done.stderr for sign in NO_NETWORK):
        cannot(f"npm reaches no registry: {what_waits}: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr
    try:
        new.rename(kept)
    except OSError:  # another test process was faster
        assert kept.exists()
