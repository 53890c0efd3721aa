"""The peers' packages, in a place of their own, so that nothing of ours depends on them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PACKAGES = ("datasette", "roapi", "py-spy")
PLACE = Path(__file__).parents[2] / ".bench" / "venv"


def install_peers() -> dict[str, str | None]:
    """Installs what is not there yet. Returns versions by package: None for one that could not be installed."""
    if not (PLACE / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(PLACE)], check=True)
    return {package: _version(package) or _install(package) for package in PACKAGES}


def _install(package: str) -> str | None:
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(PLACE / "bin" / "python"), package]
    return _version(package) if subprocess.run(uv, check=False).returncode == 0 else None


def _version(package: str) -> str | None:
    ask = f"from importlib.metadata import version; print(version({package!r}))"
    asked = subprocess.run([PLACE / "bin" / "python", "-c", ask], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or None
