"""Load on one address: by wrk where it is installed, else by `bench.generator`, and the results say so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path

CONNECTIONS = 16
LUA = Path(__file__).parent / "wrk.lua"
_first = count(step=10_000_000)


@dataclass(frozen=True)
class Question:
    """One request to make over and over. `{n}` in the path is another number each time."""

    path: str
    accept: str | None = None
    tag: str | None = None
    body: str | None = None

    def environment(self) -> dict[str, str]:
        """What the generators read."""
        named = {"PATH": self.path, "ACCEPT": self.accept, "TAG": self.tag, "BODY": self.body}
        return {f"BENCH_{name}": value for name, value in named.items() if value is not None}


@dataclass(frozen=True)
class Load:
    """What came of it; times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    failed: int

    @property
    def rate(self) -> float:
        """Requests answered in a second."""
        return self.requests / self.seconds


def generator() -> str:
    """The name of what makes the load."""
    return "wrk" if shutil.which("wrk") else "bench.generator (Python; wrk is not installed, rates are lower)"


def drive(url: str, question: Question, seconds: float, connections: int = CONNECTIONS) -> Load:
    """Asks for so many seconds, and says how fast the answers came."""
    if shutil.which("wrk"):
        how = [f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout=60s"]
        command = ["wrk", "-t1", *how, "-s", str(LUA), url]
    else:
        command = [sys.executable, "-m", "bench.generator", url, str(seconds), str(connections)]
    environment = {**os.environ, **question.environment(), "BENCH_FIRST": str(next(_first))}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return Load(**json.loads(done.stdout.strip().splitlines()[-1]))
