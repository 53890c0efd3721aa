"""Where the browser is: named by MISCONDUCT_CHROMIUM, on PATH, or installed from Debian's packages."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser")
PACKAGES = ("chromium", "fonts-liberation")
MINUTES = 10


def find_chromium() -> str | None:
    """Its path, where it is installed."""
    named = os.environ.get("MISCONDUCT_CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


@cache
def why_no_chromium() -> str:
    """Why there is none and none could be installed; empty where there is one. One process at a time tries."""
    if find_chromium():
        return ""
    if os.environ.get("MISCONDUCT_CHROMIUM"):
        return "MISCONDUCT_CHROMIUM names no program"
    if shutil.which("apt-get") is None:
        return "there is no apt-get"
    if os.geteuid() != 0:
        return "apt-get needs root"
    with (Path(tempfile.gettempdir()) / "misconduct-tests-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return "" if find_chromium() else _install()


def _install() -> str:
    install = ("install", "--yes", "--quiet", "--no-install-recommends", *PACKAGES)
    for arguments in (("update", "--quiet"), install):
        command = ["apt-get", "-o", f"DPkg::Lock::Timeout={60 * MINUTES}", *arguments]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, timeout=60 * MINUTES, check=False)
        if done.returncode:
            return f"apt-get {arguments[0]} failed: {' '.join(done.stderr.split())[-200:]}"
    return ""
