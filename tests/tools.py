"""Programs and packages from outside that some tests need: installed where that can be, said plainly where it cannot."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import platformdirs
import pytest

NO_NETWORK = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH")


def cannot(reason: str) -> None:
    """In CI everything is tried; elsewhere what cannot be is skipped."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


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
