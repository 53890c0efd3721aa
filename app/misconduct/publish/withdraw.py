"""Say where a release is public already, because then it may no longer be withdrawn."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import psycopg

from misconduct.db.direct import connect
from misconduct.db.urls import database_urls
from misconduct.errors import DatabaseUnreachable, MisconductError
from misconduct.register.make_release import SealedRelease
from misconduct.settings import Settings

_REMOTE = "origin"
_BRANCHES = ("main", "master")
_GIT_SECONDS = 30


class PublicationUnknown(MisconductError):
    """Git does not say whether a release is in the remote repository."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Whether the release was pushed is not known: {reason}.",
            hint="Nothing was changed. Mend what `git status` says there; if nobody has seen the release: --force.",
        )


def find_publication(settings: Settings, root: Path, release: SealedRelease) -> str | None:
    """Return where the release is public: in the database, or on the main branch of the remote repository.

    A database that was never made is not asked. A release that does not follow those before it cannot be loaded, so
    what the remote has of it is not public, if it has the same ones before it. One without a manifest may have lost it:
    the remote is asked for the rest.
    """
    with_embedded = settings.database_url is None and settings.owner_url is None
    if not with_embedded or settings.home.exists():
        with database_urls(settings) as urls:
            if _has_loaded(urls.reader, release.digest):
                return f"the embedded database in {settings.home}" if with_embedded else "the database"
    end = "csv" if release.digest else "yaml"
    branch = _find_remote_branch(root, f"releases/{release.number}.{end}")
    if branch is None or release.is_chained or not release.digest:
        return branch
    if changed := _find_changed(root, branch):
        return f"{branch}, whose {changed} is not the one that is here"
    return None


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
    """Return the branch of the remote that has this very file, as far as git knows without asking the remote.

    Raises PublicationUnknown if git answers anything else than that it has it or not.
    """
    folders = (root.resolve(), *root.resolve().parents)
    if "GIT_DIR" not in os.environ and not any(os.path.lexists(folder / ".git") for folder in folders):
        return None
    if _ask_git(root, "rev-parse", "--is-inside-work-tree") != "true\n":
        raise PublicationUnknown("git says that its folder is not in the repository")
    refs = [f"refs/remotes/{_REMOTE}/{branch}" for branch in _BRANCHES]  # in full: a tag may have the short name
    for line in _ask_git(root, "for-each-ref", "--format=%(objectname) %(refname)", *refs).splitlines():
        commit, name = line.split(" ")
        there = _ask_git(root, "ls-tree", commit, file)
        if there and there.split()[2] == _hash(root, file):
            return name.removeprefix("refs/remotes/")
    return None


def _find_changed(root: Path, branch: str) -> str | None:
    """Return the first manifest of a remote branch that is another one here, or gone."""
    for line in _ask_git(root, "ls-tree", f"refs/remotes/{branch}", "releases/").splitlines():
        (_, _, name), file = line.partition("\t")[0].split(" "), line.partition("\t")[2]
        if file.endswith(".csv") and not ((root / file).is_file() and name == _hash(root, file)):
            return file
    return None


def _hash(root: Path, file: str) -> str:
    return _ask_git(root, "hash-object", "--no-filters", file).strip()


def _ask_git(root: Path, *question: str) -> str:
    """Return what git says of a repository that may be a stranger's. These commands run nothing that it configures.

    What would be fetched, or is larger than any honest answer needs, is an error.
    """
    variables = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOC_LIMIT": "100m"}
    git = shutil.which("git")
    if git is None:
        raise PublicationUnknown("git is not installed")
    try:
        done = subprocess.run(
            [git, *question],
            cwd=root,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_GIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PublicationUnknown("git does not answer") from None
    if done.returncode != 0 or done.stderr:  # it also warns of a branch that it cannot read, and goes on
        raise PublicationUnknown(done.stderr.partition("\n")[0] or f"git ended with {done.returncode}")
    return done.stdout
