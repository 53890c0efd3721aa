"""The data folder: made by `initdb`, with the roles and the database of `app/db/roles.sql`."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.db.embedded.account import ENVIRONMENT, Account
from app.db.embedded.errors import explain
from app.db.embedded.facts import OWNER, READER, SUPERUSER, Facts
from app.db.embedded.home import Home

ROLES = Path(__file__).parent.parent / "roles.sql"


def digest_roles() -> str:
    """Changes whenever roles.sql does, so that an older home gets the newer grants."""
    return hashlib.sha256(ROLES.read_bytes()).hexdigest()


def init_cluster(binaries: Path, home: Home, account: Account, password: str, alive: int) -> None:
    """Make the data folder with `password` for the superuser, whole or not at all.

    `alive` is the descriptor of a lock that initdb holds for as long as it runs, even if we are killed.
    """
    unfinished = home.path / "data.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    account.make_folder(unfinished)
    with _password_file(home, account, password) as password_file:
        done = account.run(
            [
                binaries / "initdb",
                f"--pgdata={unfinished}",
                f"--username={SUPERUSER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",  # not the C library's or ICU's: sorts alike on every machine
                "--builtin-locale=C.UTF-8",
                "--data-checksums",
                "--no-instructions",
            ],
            pass_fds=[alive],
        )
    if done.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise explain("could not be made", home.path, "\n".join(done.stdout.splitlines()[-8:]))
    unfinished.rename(home.data)


@contextmanager
def _password_file(home: Home, account: Account, password: str) -> Iterator[Path]:
    path = home.path / "password.new"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password)
    account.own(path)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def create_roles(binaries: Path, home: Home, facts: Facts) -> None:
    """Run roles.sql on the running server."""
    done = subprocess.run(
        [binaries / "psql", "-X", "-q", "-f", ROLES, facts.url(SUPERUSER, "postgres", with_password=False)],
        env=ENVIRONMENT
        | {
            "PGPASSWORD": facts.passwords[SUPERUSER],  # an argument would be seen by everyone who lists processes
            "MISCONDUCT_OWNER_PASSWORD": facts.passwords[OWNER],
            "MISCONDUCT_READER_PASSWORD": facts.passwords[READER],
        },
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0:
        raise explain("did not take its roles", home.path, done.stderr)
