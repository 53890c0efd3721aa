"""The log of a process, as whoever collects it reads it."""

from __future__ import annotations

import json
import subprocess
import sys

SAYS = """
import logging
from app.api.logs import configure_logging
configure_logging()
logging.getLogger("asyncio").error("nobody asked", exc_info=ValueError("for it"))
"""


def test_what_a_library_says_is_one_line_of_json_too():
    done = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    said = json.loads(line)
    assert (said["event"], said["level"], said["exception"][0]["exc_value"]) == ("nobody asked", "error", "for it")
