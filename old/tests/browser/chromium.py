"""Where the browser is: named by MISCONDUCT_CHROMIUM, on PATH, or installed from Debian's packages."""

from __future__ import annotations

import os
import shutil
from functools import cache

from tests.tools import why_not_installed

NAMES = ("chromium", "chromium-browser")
PACKAGES = ("chromium", "fonts-liberation")


def find_chromium() -> str | None:
    """Its path, where it is installed."""
    named = os.environ.get("MISCONDUCT_CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


@cache
def why_no_chromium() -> str:
    """Why there is none and none could be installed; empty where there is one."""
    if not find_chromium() and os.environ.get("MISCONDUCT_CHROMIUM"):
        return "MISCONDUCT_CHROMIUM names no program"
    return why_not_installed(NAMES, PACKAGES)
