"""A published table of 250,000 rows: what its import costs, against a script that copies its rows and checks none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.register.tables import write_large_table

COMMAND = """
import sys
from pathlib import Path
from misconduct.register.import_table import import_table
import_table(Path(sys.argv[1]), "fenmoor", Path(sys.argv[2]), write=True)
"""
SCRIPT = """
import csv, hashlib, json, sys
from misconduct.register.observation_columns import COLUMNS
same = {"version": "1", "measure": "accused", "statistic": "count", "population": "officers", "unit": "count"}
with open(sys.argv[1], newline="") as table, open(sys.argv[2], "w", newline="") as file:
    rows = csv.DictWriter(file, COLUMNS)
    rows.writeheader()
    for number, row in enumerate(csv.DictReader(table)):
        found = {**same, "category": row["Kind"], "area": row["Force"], "period_start": row["Year"],
                 "value": int(row["Cases"]), "printed": row["Cases"], "at": f"row={number + 2}"}
        found["id"] = hashlib.sha256(json.dumps(found).encode()).hexdigest()[:8]
        rows.writerow(found)
"""
"""What somebody would write who only wants the rows: an id for each, no mapping, no total, no second look."""
PEAK = """
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM:")).split()[1])
"""
"""Told by the program itself: `ru_maxrss` would be that of the process that started it, if that is larger."""


class Import(NamedTuple):
    """Processor seconds of both, and megabytes of the import at its peak."""

    ours: float
    script: float
    peak: float


def measure_import(folder: Path, kinds: int, rounds: int) -> Import:
    """Both read the same file, in turn, and the import into a register in which nothing is. A kind has 1,980 rows."""
    ours, script, peaks = [], [], []
    for number in range(rounds):
        place = folder / f"import-{number}"
        place.mkdir()
        register = write_large_table(place, kinds)
        documents = place / "documents"
        script.append(_run(SCRIPT, documents / "table", place / "copied.csv")[0])
        seconds, peak = _run(COMMAND, register, documents)
        ours.append(seconds)
        peaks.append(peak)
    return Import(median(ours), median(script), max(peaks))


def _run(program: str, *arguments: Path) -> tuple[float, float]:
    """Processor seconds of a program and all that it started, and its peak megabytes."""
    process = subprocess.Popen([sys.executable, "-c", program + PEAK, *arguments], stdout=subprocess.PIPE, text=True)
    said = process.stdout.read() if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ValueError(f"the import ended with status {process.returncode}")
    return used.ru_utime + used.ru_stime, int(said.split()[-1]) / 1024
