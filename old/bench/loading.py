"""How fast is a validated load, and how fast are a release's files built, against COPY of the same rows?

    .venv/bin/python -m bench.loading --observations 1000000

Makes a register from a seed and then, in turn (A B A B …), loads it as `misconduct load` does, copies the loaded rows
raw into an empty table like ours, which has the same indexes or gets them then, and lets `psql \\copy … TO` write the
rows: those of the table, and those of observations.csv (the same cells as the file, labels and all). Prints medians,
ratios and peak memory.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psycopg

from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.embedded.account import choose_account, find_binaries
from misconduct.db.embedded.home import OWNER
from misconduct.db.migrate import migrate
from misconduct.model.figure import COLUMNS

LOAD = """
import resource, sys, time
from pathlib import Path
from misconduct.publish.load import BUILDING, load_register
told = []
def on_progress(stage, done, total):
    if stage == BUILDING:
        told.append(time.perf_counter())
load_register(sys.argv[1], Path(sys.argv[2]), on_progress=on_progress)
print(told[-1] - told[0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
"""A load that says how long the files took, which nobody has to wait for to copy rows, and its peak megabytes."""


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
            report(measure(server, register, folder, asked.rounds))
    finally:
        shutil.rmtree(folder)


def generate(register: Path, observations: int) -> None:
    command = [sys.executable, "-m", "bench.generate", str(register), "--observations", str(observations)]
    subprocess.run(command, check=True)


def measure(server: EmbeddedPostgres, register: Path, folder: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds by what took them, and megabytes under `peak`: one of each for every round."""
    found: dict[str, list[float]] = {}
    psql = find_binaries(folder / "home", choose_account()) / "psql"
    for _ in range(rounds):
        empty(server)
        taken = load(server.owner_url, register)
        copy_flat_rows_in(server.owner_url)
        copy_out(server.owner_url, folder / "rows")
        for name, is_indexed in (("indexed COPY", True), ("raw COPY", False)):
            taken[name] = copy_raw(server.owner_url, folder / "rows", is_indexed=is_indexed)
        for name in ("observations", "flat"):
            command = [psql, server.owner_url, "-qc", f"\\copy {name} TO {folder / 'copied'} CSV HEADER"]
            taken[f"copy of {name}"] = seconds_of(lambda command=command: subprocess.run(command, check=True))
        for name, one in taken.items():
            found.setdefault(name, []).append(one)
    return found


def report(found: dict[str, list[float]]) -> None:
    middle = {name: median(all_of_it) for name, all_of_it in found.items()}
    print(f"validated load   {middle['load']:8.2f} s   (peak {max(found['peak']):.0f} MB, with the files)")
    for name, what in (("indexed COPY", "into the same table"), ("raw COPY", "and then the same indexes")):
        print(f"raw COPY         {middle[name]:8.2f} s   ({what})")
        print(f"ratio            {_ratio(found, 'load', name):8.2f}")
    print(f"building files   {middle['files']:8.2f} s   (each dataset as CSV and Parquet, and the bundle)")
    for name, what in (("flat", "the rows of observations.csv"), ("observations", "the rows of the table")):
        print(f"\\copy … TO      {middle[f'copy of {name}']:8.2f} s   ({what})")
        print(f"ratio            {_ratio(found, 'files', f'copy of {name}'):8.2f}")


def _ratio(found: dict[str, list[float]], ours: str, theirs: str) -> float:
    """The median of the ratios of each round: both have met the same noise."""
    return median(one / other for one, other in zip(found[ours], found[theirs], strict=True))


def make_database(server: EmbeddedPostgres, name: str) -> str:
    """Makes an empty database of that name; returns its owner's address."""
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 OWNER {OWNER}")
    migrate(server.url(OWNER, name))
    return server.url(OWNER, name)


def empty(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute("DROP SCHEMA public CASCADE")
        owner.execute("CREATE SCHEMA public")
        owner.execute("GRANT USAGE ON SCHEMA public TO misconduct_reader")
    migrate(server.owner_url)


def run(program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def seconds_of(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def load(owner_url: str, register: Path) -> dict[str, float]:
    """Seconds of a load without and of its files, and peak megabytes, in a process of its own."""
    began = time.perf_counter()
    files, peak = map(float, run(LOAD, owner_url, str(register)).split())
    seconds = time.perf_counter() - began - files
    return {"load": seconds, "files": files, "peak": peak}


def copy_out(owner_url: str, rows: Path) -> None:
    statement = "COPY observations TO STDOUT"
    with psycopg.connect(owner_url) as owner, owner.cursor().copy(statement) as copy, rows.open("wb") as file:
        file.writelines(copy)


def copy_raw(owner_url: str, rows: Path, *, is_indexed: bool) -> float:
    """Seconds to COPY the rows, as text, into an empty table that has the same indexes, or gets them then."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        found = owner.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'observations'").fetchall()
        owner.execute("DROP TABLE IF EXISTS raw")
        owner.execute(f"CREATE TABLE raw (LIKE observations {'INCLUDING ALL' if is_indexed else ''})")
        began = time.perf_counter()
        with owner.cursor() as cursor, cursor.copy("COPY raw FROM STDIN") as copy, rows.open("rb") as file:
            while piece := file.read(1 << 20):
                copy.write(piece)
        for (definition,) in () if is_indexed else found:
            owner.execute(definition.replace("observations_", "raw_").replace("public.observations", "raw"))
        return time.perf_counter() - began


def copy_flat_rows_in(owner_url: str) -> None:
    """Makes a table `flat` with the cells of observations.csv."""
    types = {"integer": "integer", "number": "numeric"}
    columns = ", ".join(f'"{column.name}" {types.get(column.type, "text")}' for column in COLUMNS)
    pieces = (
        "SELECT p.length, p.bytes FROM files JOIN file_contents p USING (sha256)"
        " WHERE name = 'observations.csv' AND number = %s"
    )
    with psycopg.connect(owner_url) as owner, psycopg.connect(owner_url) as reader:
        owner.execute(f"DROP TABLE IF EXISTS flat; CREATE TABLE flat ({columns})")
        with owner.cursor() as cursor, cursor.copy("COPY flat FROM STDIN (FORMAT csv, HEADER)") as copy:
            number = 0
            while found := reader.execute(pieces, [number]).fetchone():
                length, piece = found
                copy.write(piece if len(piece) == length else zlib.decompress(piece))
                number += 1


if __name__ == "__main__":
    main()
