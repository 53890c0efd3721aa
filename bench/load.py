"""How fast is a validated load, against a raw COPY of the same rows into the same table with the same indexes?

    .venv/bin/python -m bench.load --observations 1000000

Makes a register from a seed, loads it as `misconduct load` does, copies the loaded rows out and raw into an empty copy
of the table, in turn (A B A B …), and prints medians, their ratio and the
loader's peak memory. The files of the release are built in the same transaction and timed by themselves.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import psycopg

from app.db.embedded import EmbeddedPostgres
from app.db.migrate import migrate

LOAD = """
import sys, time
from pathlib import Path
from app.publish import load
build, seconds = load._build_files, []
def timed(*arguments):
    began = time.perf_counter()
    build(*arguments)
    seconds.append(time.perf_counter() - began)
load._build_files = timed
load.load_register(sys.argv[1], Path(sys.argv[2]))
print(sum(seconds))
"""
"""A load that says how long the files took, which nobody has to wait for to copy rows."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--observations", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o711)
    try:
        register = folder / "register"
        generate(register, asked.observations)
        with EmbeddedPostgres(folder / "home") as server:
            measure(server, register, folder / "rows", asked.rounds)
    finally:
        shutil.rmtree(folder)


def generate(register: Path, observations: int) -> None:
    command = [sys.executable, "-m", "bench.generate", str(register), "--observations", str(observations)]
    subprocess.run(command, check=True)


def measure(server: EmbeddedPostgres, register: Path, rows: Path, rounds: int) -> None:
    loads, files, copies, peaks = [], [], [], []
    for _ in range(rounds):
        empty(server)
        seconds, building, peak = load(server.owner_url, register)
        loads.append(seconds)
        files.append(building)
        peaks.append(peak)
        copies.append(copy_raw(server.owner_url, rows))
    print(f"validated load   {median(loads):8.2f} s   (peak {max(peaks)} MB, with the files)")
    print(f"building files   {median(files):8.2f} s   (each dataset as CSV and Parquet, and the bundle)")
    print(f"raw COPY         {median(copies):8.2f} s")
    print(f"ratio            {median(loads) / median(copies):8.2f}")


def empty(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute("DROP SCHEMA public CASCADE")
        owner.execute("CREATE SCHEMA public")
        owner.execute("GRANT USAGE ON SCHEMA public TO misconduct_reader")
    migrate(server.owner_url)


def load(owner_url: str, register: Path) -> tuple[float, float, int]:
    """Seconds of a load without and of its files, and peak megabytes, in a process of its own."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", LOAD, owner_url, str(register)], check=True, stdout=subprocess.PIPE, text=True
    )
    files = float(done.stdout)
    seconds = time.perf_counter() - began - files
    return seconds, files, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


def copy_raw(owner_url: str, rows: Path) -> float:
    """Seconds to COPY the loaded rows, as text, into an empty table with the same indexes."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        with owner.cursor() as cursor, cursor.copy("COPY observations TO STDOUT") as copy, rows.open("wb") as file:
            for piece in copy:
                file.write(piece)
        owner.execute("DROP TABLE IF EXISTS raw")
        owner.execute("CREATE TABLE raw (LIKE observations INCLUDING ALL)")
        began = time.perf_counter()
        with owner.cursor() as cursor, cursor.copy("COPY raw FROM STDIN") as copy, rows.open("rb") as file:
            while piece := file.read(1 << 20):
                copy.write(piece)
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
