"""Registers that grow by a release, loads as processes, and what the database holds, to the byte."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import httpx
import psutil
import psycopg

from misconduct.bundles.verify import verify_release
from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.migrate import migrate
from misconduct.db.tables import metadata
from misconduct.publish.load import load_register
from tests.chaos.serving import COMMAND, environment
from tests.chaos.traffic import eventually
from tests.registers import seal, write_register

State = dict[str, tuple[int, str]]


class Growing:
    """A register whose first release is loaded. `grow` adds another of `rows` figures, which is not."""

    def __init__(self, folder: Path, server: EmbeddedPostgres, rows: int) -> None:
        self.path, self.server, self.rows = folder / "register", server, rows
        self.releases = 0
        migrate(server.owner_url)
        self.grow()
        load_register(server.owner_url, self.path)

    def grow(self) -> None:
        self.releases += 1
        values = "\n".join(f"{number}" for number in range(1, self.releases * self.rows + 1))
        seal(write_register(self.path, f"value\n{values}"), f"1.{self.releases - 1}.0", f"2024-05-{self.releases:02}")

    def start_load(self) -> psutil.Popen:
        """`misconduct load` as a process, which may be killed."""
        return psutil.Popen(
            [*COMMAND, "load", "--register", str(self.path)],
            env=environment(MISCONDUCT_OWNER_URL=self.server.owner_url),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def load(self) -> tuple[int, str]:
        """Loads, and returns the exit status and what was said."""
        process = self.start_load()
        _, said = process.communicate(timeout=60)
        return process.returncode, said


def loads(server: EmbeddedPostgres) -> int:
    """How many transactions of loaders are open."""
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        found = admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'misconduct_owner' AND xact_start IS NOT NULL"
        )
        return found.fetchone()[0]


def wait_for_no_load(server: EmbeddedPostgres) -> None:
    eventually(lambda: loads(server) == 0, 20)


def read_state(server: EmbeddedPostgres) -> State:
    """Every table: how many rows, and a hash over all of them."""
    with psycopg.connect(server.owner_url) as owner:
        return {
            name: owner.execute(f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t").fetchone()
            for name in metadata.tables
        }  # fmt: skip


def verify_bundle(url: str, number: str, digest: str) -> None:
    """Raises where the bundle that is served is not the release that it claims to be."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bundle.zip"
        path.write_bytes(httpx.get(f"{url}/v1/releases/{number}/bundle.zip", timeout=20).raise_for_status().content)
        verify_release(path, [digest])
