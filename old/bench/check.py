"""What got slower? `python -m bench.check [BASE]`, or `make bench-check BASE=…`: this checkout against a commit.

Both serve a register of their own on one Postgres and are asked in turn. A path is slower, or faster, when it is so in
every round and by more than 5 % in the middle: by chance that is one case in sixteen for a path that nobody touched.
Without BASE: the last commit, where this checkout has changes, else the one before it.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from urllib.request import urlopen

import psycopg

from bench import contenders as c
from bench.contenders import Field
from bench.drive import Question, drive
from bench.servers import Server
from misconduct.db.embedded import EmbeddedPostgres
from tests.chaos.serving import name_package, search_path

HERE = Path(__file__).parents[1]
ROUNDS, SECONDS, NOISE = 5, 1, 0.05
LOAD = """
import sys
from pathlib import Path
from misconduct.db.migrate import migrate
from misconduct.publish.load import load_register
migrate(sys.argv[1])
load_register(sys.argv[1], Path(sys.argv[2]))
"""
PATHS = {
    c.CACHED: ("cached", c.PAGE),
    c.CONFIRMED: ("cached", c.PAGE),
    c.UNCACHED: ("uncached", c.PAGE),
    c.UNSEEN: ("uncached", c.NEW),
    c.TABLE_BY_YEAR: ("uncached", c.BY_YEAR),
    "CSV of 100 figures": ("uncached", "/v1/observations.csv?limit=100"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", nargs="?", help="a commit, a branch, a tag")
    parser.add_argument("--observations", type=int, default=10_000)
    asked = parser.parse_args()
    base = asked.base or ("HEAD" if run("git", "status", "--porcelain", "app").strip() else "HEAD~1")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        unpack(base, folder / "base")
        with EmbeddedPostgres(folder / "home") as database:
            code = {"base": folder / "base", "here": HERE}
            urls = {side: load(database, code[side], folder, side, asked.observations) for side in code}
            ratios = measure(folder, code, urls)
    sys.exit(report(base, ratios))


def run(*command: str) -> str:
    return subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True).stdout


def unpack(commit: str, folder: Path) -> None:
    """The files of a commit, without a trace in the repository."""
    archive = subprocess.run(["git", "archive", commit], cwd=HERE, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    name_package(folder)


def load(database: EmbeddedPostgres, code: Path, folder: Path, side: str, observations: int) -> str:
    """A database of its own, made and filled by the code of one side; returns the reader's address."""
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {side} TEMPLATE template0 OWNER misconduct_owner")
    register, environment = folder / f"register-{side}", {**os.environ, "PYTHONPATH": search_path(code)}
    generate = ["-m", "bench.generate", str(register), "--observations", str(observations), "--sources", "100"]
    fill = ["-c", LOAD, database.url("misconduct_owner", side), str(register)]
    for arguments in (generate, fill):
        subprocess.run([sys.executable, *arguments], cwd=code, env=environment, check=True)
    return database.url("misconduct_reader", side)


def measure(folder: Path, code: Mapping[str, Path], urls: Mapping[str, str]) -> dict[str, list[float]]:
    """For each path: how fast this checkout is, in base's speed, in every round."""
    ratios: dict[str, list[float]] = {}
    for kind, room in (("cached", 32_000_000), ("uncached", 0)):
        fields = {side: Field(folder, urls[side], folder) for side in code}
        with (
            fields["base"].ours(f"base-{kind}", code=code["base"], cache_bytes=room) as base,
            fields["here"].ours(f"here-{kind}", code=code["here"], cache_bytes=room) as here,
        ):
            for name, (needs, path) in PATHS.items():
                if needs == kind:
                    ratios[name] = compare(base, here, path, is_known=name == c.CONFIRMED)
    return ratios


def compare(base: Server, here: Server, path: str, *, is_known: bool) -> list[float]:
    """Rates of the one in those of the other, measured in turn, after a round that does not count."""
    asked = [(server, _question(server, path, is_known=is_known)) for server in (base, here)]
    rounds = [[drive(server.url, question, SECONDS).rate for server, question in asked] for _ in range(ROUNDS + 1)]
    if not all(map(all, rounds)):
        raise SystemExit(f"Not one answer within a second: this machine is too busy to measure {path}.")
    return [ours / theirs for theirs, ours in rounds[1:]]


def _question(server: Server, path: str, *, is_known: bool) -> Question:
    if not is_known:
        return Question(path)
    with urlopen(server.url + path) as answer:
        return Question(path, tag=answer.headers["etag"])


def report(base: str, ratios: Mapping[str, list[float]]) -> int:
    """Prints a line for each path; returns 1 where something got slower."""
    print(
        f"requests in a second, this checkout ÷ {base}: the middle of {ROUNDS} rounds, and the least and most of them"
    )
    slower = False
    for name, found in ratios.items():
        verdict = judge(found)
        slower = slower or verdict == "SLOWER"
        print(f"{name:42}{median(found):6.2f}  ({min(found):.2f} to {max(found):.2f})  {verdict}")
    return int(slower)


def judge(found: list[float]) -> str:
    """Whether all rounds say the same, and say it clearly."""
    if max(found) < 1 and median(found) < 1 - NOISE:
        return "SLOWER"
    return "faster" if min(found) > 1 and median(found) > 1 + NOISE else "no difference beyond the noise"


if __name__ == "__main__":
    main()
