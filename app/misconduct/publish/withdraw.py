"""Say where a release is public already, because then it may no longer be withdrawn."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import psycopg

from misconduct.db.direct import connect
from misconduct.db.urls import database_urls
from misconduct.errors import DatabaseUnreachable
from misconduct.register.make_release import SealedRelease
from misconduct.settings import Settings

_REMOTE = "origin"
_BRANCHES = ("main", "master")


def find_publication(settings: Settings, root: Path, release: SealedRelease) -> str | None:
    """Return where the release is public: in the database, or on the main branch of the remote repository.

    A database that was never made is not asked. A release that does not follow those before it cannot be loaded, so
    what the remote has of it is not public. One without a manifest may have lost it: the remote is asked for the rest.
    """
    with_embedded = settings.database_url is None and settings.owner_url is None
    if not with_embedded or settings.home.exists():
        with database_urls(settings) as urls:
            if _has_loaded(urls.reader, release.digest):
                return f"the embedded database in {settings.home}" if with_embedded else "the database"
    if not release.digest:
        return _find_remote_branch(root, f"releases/{release.number}.yaml")
    return _find_remote_branch(root, f"releases/{release.number}.csv") if release.is_chained else None


def _has_loaded(url: str, digest: str) -> bool:
    try:
        with connect(url) as connection:
            return connection.execute("SELECT FROM releases WHERE digest = %s", [digest]).fetchone() is not None
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        return False  # nothing was ever loaded
    except psycopg.OperationalError as error:
        reason = str(error).partition("\n")[0]
        raise DatabaseUnreachable(
            f"Whether the database has loaded the release is not known: {reason}", hint="Start it, or use --force."
        ) from error


def _find_remote_branch(root: Path, file: str) -> str | None:
    """Return the branch of the remote that has this very file, as far as git knows without asking the remote."""
    git = shutil.which("git")
    if git is None:
        return None
    # cat-file runs nothing that a stranger's repository could have configured, unless it fetches what is missing
    variables = {**os.environ, "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"}
    for branch in _BRANCHES:
        name = f"{_REMOTE}/{branch}"
        command = [git, "cat-file", "blob", f"{name}:./{file}"]
        shown = subprocess.run(command, cwd=root, env=variables, capture_output=True, check=False)
        if shown.returncode == 0 and shown.stdout == (root / file).read_bytes():
            return name
    return None
