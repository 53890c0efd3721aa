"""What was measured, and on what: versions and the machine, without names or paths."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

OURS = ("misconduct", "fastapi", "starlette", "uvicorn", "uvloop", "httptools", "sqlalchemy", "asyncpg", "orjson")


def describe_machine() -> dict[str, str]:
    """Processor, cores, memory, system, Python."""
    return {
        "processor": _find(Path("/proc/cpuinfo"), r"model name\s*:\s*(.*)") or platform.processor() or "not known",
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
    }


def list_versions(packages: Iterable[str] = OURS) -> dict[str, str]:
    """Versions of packages of this environment."""
    return {name: version(name) for name in packages}


def tell_version(command: str, *arguments: str) -> str | None:
    """What a program says its version is; None where it is not installed."""
    if (path := shutil.which(command)) is None:
        return None
    said = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
    found = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
    return found[0] if found else "not known"


def _find(file: Path, pattern: str) -> str | None:
    found = re.search(pattern, file.read_text()) if file.exists() else None
    return found[1].strip() if found else None
