"""Where the time goes while a question is asked over and over: samples by py-spy, as a short table of functions."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.contenders import Contender
from bench.drive import drive
from bench.peers.install import PLACE
from bench.servers import Server

SECONDS = 4
SHOWN = 25
FOLDER = Path(__file__).parent / "profiles"


def write_profiles(contenders: list[Contender], servers: Mapping[str, Server]) -> dict[str, str]:
    """A file for each contender; returns the function that took most of each one's time, by name."""
    FOLDER.mkdir(exist_ok=True)
    return {contender.name: _profile(contender, servers[contender.server]) for contender in contenders}


def profile_program(name: str, program: str, *arguments: str) -> dict[str, str]:
    """The same for a Python program, from its beginning to its end."""
    FOLDER.mkdir(exist_ok=True)
    return {name: _record(name, "--", sys.executable, "-c", program, *arguments)}


def _profile(contender: Contender, server: Server) -> str:
    with ThreadPoolExecutor(1) as beside:
        load = beside.submit(drive, server.url, contender.question, SECONDS + 2)
        found = _record(contender.name, "-p", str(server.process.pid), "-d", str(SECONDS))
        load.result()
    return found


def _record(name: str, *whom: str) -> str:
    """Writes what a process does to a file, and returns the function that took most."""
    raw = FOLDER / "samples"
    command = [PLACE / "bin" / "py-spy", "record", "-r", "200", "-f", "raw", "-o", raw]
    subprocess.run([*command, *whom], check=True, capture_output=True)
    alone, within = _count(raw.read_text())
    raw.unlink()
    total = max(1, sum(alone.values()))
    lines = [f"{name}: where its processor time goes, of {total} samples", "", "in the function itself:"]
    lines += [f"{count / total:7.1%}  {name}" for name, count in alone.most_common(SHOWN)]
    lines += ["", "in it and what it calls:"]
    lines += [f"{count / total:7.1%}  {name}" for name, count in within.most_common(2 * SHOWN)]
    (FOLDER / f"{name.replace(',', '').replace(' ', '-')}.txt").write_text("\n".join(lines) + "\n")
    return alone.most_common(1)[0][0] if alone else "nothing was seen"


def _count(samples: str) -> tuple[Counter[str], Counter[str]]:
    """Samples by function: those that were in it, and those that were in it or in what it called."""
    alone, within = Counter[str](), Counter[str]()
    for line in samples.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = [frame.rpartition(":")[0] + ")" if ":" in frame else frame for frame in stack.split(";")]
        if any("WorkerThread.run" in frame for frame in frames) or frames[-1].startswith("LogWriter._run "):
            continue  # a thread that waits to be given something, and counts as busy
        alone[frames[-1]] += int(count)
        for frame in set(frames):
            within[frame] += int(count)
    return alone, within
