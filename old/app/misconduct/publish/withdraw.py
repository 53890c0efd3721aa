"""Say where a release is public already, because then it may no longer be withdrawn."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Set
from pathlib import Path

import psycopg

from misconduct.db.direct import ASK_SECONDS, LOAD_LOCK, connect
from misconduct.db.lag import HAS_REPLAYED_ALL
from misconduct.db.urls import Address, Urls, database_urls, read_address
from misconduct.errors import DatabaseUnreachable, MisconductError
from misconduct.register.make_release import SealedRelease
from misconduct.settings import Settings

_REMOTES = "refs/remotes/"
_MAIN = ("main", "master", "trunk")
_GIT_SECONDS = 30
REPLAY_PAUSES = (0, 0.05, 0.1, 0.2, 0.4, 0.8)  # what a replica received an instant ago, it has not replayed yet
_IS_LOADED = """SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database d ON d.oid = database
WHERE datname = current_database() AND locktype = 'advisory' AND granted
AND (classid::bigint << 32) + objid::bigint = %s), NOT pg_is_in_recovery()"""
_ASKED = f"SELECT EXISTS (SELECT FROM releases WHERE digest = %s), {HAS_REPLAYED_ALL}".encode()  # noqa: S608 (of constants)


class PublicationUnknown(MisconductError):
    """Git does not say whether a release is in the remote repository."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Whether the release was pushed is not known: {reason}.",
            hint="Nothing was changed. Mend that (`git status` may say more); if nobody has seen the release: --force.",
        )


def find_publication(settings: Settings, root: Path, release: SealedRelease) -> str | None:
    """Return where the release is public: in a database, or on a branch of a remote repository.

    A database that was never made is not asked. A release that does not follow those before it cannot be loaded, so
    what a remote has of it is not public, but only if it has the same releases: it may follow others that are there, or
    fewer. One without a manifest may have lost it: the remote is asked for the rest. One whose record is there beside
    another manifest may have been edited here: it is public too, and the place says how to see that manifest. Another
    editor's release of the same number has another record.
    Raises DatabaseUnreachable or PublicationUnknown if neither is certain.
    """
    with_embedded = settings.database_url is None and settings.owner_url is None
    if not with_embedded or settings.home.exists():
        with database_urls(settings) as urls:
            if _has_loaded(urls, release.digest, is_ours=with_embedded):
                return f"the embedded database in {settings.home}" if with_embedded else "the database"
    return next(_find_pushed(root, release), None)


def _find_pushed(root: Path, release: SealedRelease) -> Iterator[str]:
    """Yield each branch of a remote that has a release, with what is said of it. Raises PublicationUnknown."""
    manifest, record = f"releases/{release.number}.csv", f"releases/{release.number}.yaml"
    for branch, folder in _find_on_remotes(root, manifest) if release.digest else ():
        if release.is_chained:
            yield branch
        elif difference := _find_difference(root, branch, folder):
            yield f"{branch}, {difference}"
    for branch, folder in _find_on_remotes(root, record):
        if not release.digest:
            yield branch
        elif any(name != _hash(root, manifest) for name, _ in _list_files(root, _REMOTES + branch, folder + manifest)):
            yield f"{branch}, whose {manifest} is not the one that is here (git show {branch}:{folder}{manifest})"


def _has_loaded(urls: Urls, digest: str, *, is_ours: bool) -> bool:
    """Tell whether a host of either address has a release: one is enough, and that none has it, each must say.

    A replica says so only if it has replayed all, and a primary is asked beside it: the replica may have been cut off
    without noticing, and does not know what is being loaded. A primary says so only while no load runs, and a database
    without tables only if it `is_ours`: whoever reads another may be led to the wrong one. Raises DatabaseUnreachable
    if one does not.
    """
    unknown, has_primary = [], is_ours
    for address in (one for url in dict.fromkeys(urls) if url for one in read_address(url).each_host()):
        try:
            has_it, is_primary, reason = _ask_host(address, digest)
            has_primary = has_primary or is_primary
        except (psycopg.Error, OSError) as error:
            is_empty = is_ours and isinstance(error, psycopg.errors.UndefinedTable)
            has_it, reason = False, "" if is_empty else str(error).strip().partition("\n")[0]
        if has_it:
            return True
        if reason:
            unknown.append(f"{address.places[0]}: {reason}")
    if not has_primary and not unknown:
        unknown.append("only replicas were asked; let MISCONDUCT_OWNER_URL name their primary")
    if unknown:
        raise DatabaseUnreachable(
            f"Whether the database has loaded the release is not known: {'; '.join(unknown)}",
            hint="Nothing was changed. Mend that; if no database has loaded it: --force.",
        )
    return False


def _ask_host(address: Address, digest: str) -> tuple[bool, bool, str]:
    """Return whether a host has a release, whether it is a primary, and why there may be more than it has (empty: there
    is not).

    Raises psycopg.Error or OSError.
    """
    has_it = has_all = False
    # The lock first: it is released when what was loaded can be seen.
    with connect(address, seconds=ASK_SECONDS) as host:
        ((is_loaded, is_primary),) = host.execute(_IS_LOADED, [LOAD_LOCK]).fetchall()
        for pause in REPLAY_PAUSES:
            time.sleep(pause)
            ((has_it, has_all),) = host.execute(_ASKED, [digest]).fetchall()
            if has_it or has_all:
                break
    if is_loaded:
        return has_it, is_primary, "a load is running"
    return has_it, is_primary, "" if has_all else "a replica that lags, or is not connected to its primary"


def _find_on_remotes(root: Path, file: str) -> Iterator[tuple[str, str]]:
    """Yield each branch of a remote that has this very file, as far as git knows without asking the remote.

    Beside it is the folder that has it there, with a slash at its end: the register's may have another name here.
    Of a remote whose main branch is known, as after `git clone`, that and what has the name of one: git does not notice
    if the remote renames it. The others are of editors who are not done.
    Raises PublicationUnknown if git answers anything else than that it has it or not, or may not have the main branch.
    """
    folders = (root.resolve(), *root.resolve().parents)
    if "GIT_DIR" not in os.environ and not any(os.path.lexists(folder / ".git") for folder in folders):
        return
    if _ask_git(root, "rev-parse", "--is-inside-work-tree") != "true\n":
        raise PublicationUnknown("git says that its folder is not in the repository")
    refs = _ask_git(root, "for-each-ref", "--format=%(objectname) %(refname) %(symref)", _REMOTES)
    listed = [line.split(" ") for line in refs.splitlines()]
    known = {head[:-4]: target for _, head, target in listed if head.endswith("/HEAD") and target.startswith(head[:-4])}
    remotes = {*known, *(f"{_REMOTES}{remote}/" for remote in _ask_git(root, "remote").splitlines())}
    for commit, name, target in listed:
        remote = max((one for one in remotes if name.startswith(one)), key=len, default="")  # names may have slashes
        if target or (remote in known and name not in {known[remote], *(remote + main for main in _MAIN)}):
            continue
        for folder in _find_folders(root, commit, file):  # by its commit: a tag may have the short name
            yield name.removeprefix(_REMOTES), folder
    _require_main_branches(root, {name for _, name, _ in listed}, known.keys())


def _require_main_branches(root: Path, branches: Set[str], known: Set[str]) -> None:
    """Raise PublicationUnknown where the main branch of a remote may not be among the branches that were fetched."""
    settings = _ask_git(root, "config", "--list", "--null").split("\0")
    for remote in _ask_git(root, "remote").splitlines():
        key, folder, name = f"remote.{remote}.fetch\n", f"{_REMOTES}{remote}/", shlex.quote(remote)
        fetched = [setting.removeprefix(key).removeprefix("+") for setting in settings if setting.startswith(key)]
        if f"refs/heads/*:{folder}*" not in fetched or any(one.startswith("^") for one in fetched):
            mend = f"git remote set-branches {name} '*' && git fetch {name}"
            raise PublicationUnknown(f"not every branch of {remote} is fetched: {mend}")
        if folder not in known and branches.isdisjoint(folder + one for one in _MAIN):
            mend = f"git fetch {name} && git remote set-head {name} --auto"
            raise PublicationUnknown(f"the main branch of {remote} is not known: {mend}")


def _find_folders(root: Path, commit: str, file: str) -> Iterator[str]:
    """Yield each folder of a commit that has this very file, with a slash at its end; empty: the topmost."""
    own = _hash(root, file)
    for found, path in _list_files(root, commit):
        if found == own and f"/{path}".endswith(f"/{file}"):
            yield path.removesuffix(file)


def _list_files(root: Path, commit: str, *folder: str) -> Iterator[tuple[str, str]]:
    """Yield the hash and the path of each file of a commit, or of a folder of it."""
    for line in _ask_git(root, "ls-tree", "-rz", "--full-tree", commit, *folder).split("\0")[:-1]:
        facts, _, path = line.partition("\t")
        yield facts.rpartition(" ")[2], path


def _find_difference(root: Path, branch: str, folder: str) -> str | None:
    """Say what a remote branch has of releases that is another file here, or gone, or which manifests it lacks."""
    lacks = {f"releases/{path.name}" for path in (root / "releases").glob("*.csv")}
    for name, path in _list_files(root, _REMOTES + branch, f"{folder}releases/"):
        file = path.removeprefix(folder)
        if file.endswith((".csv", ".yaml")) and not ((root / file).is_file() and name == _hash(root, file)):
            return f"whose {file} is not the one that is here"
        lacks.discard(file)
    return f"which does not have {', '.join(sorted(lacks))}" if lacks else None


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
