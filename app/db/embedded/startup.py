"""From a folder to a running server with its roles. Only for the process that holds the owner's lock."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path
from signal import SIGINT, SIGQUIT

from app.db.embedded.account import choose_account
from app.db.embedded.binaries import find_binaries
from app.db.embedded.cluster import create_roles, digest_roles, init_cluster
from app.db.embedded.errors import REBUILD, EmbeddedDatabaseFailed, explain
from app.db.embedded.facts import SUPERUSER, Facts, read_facts, write_facts
from app.db.embedded.home import Home
from app.db.embedded.lock import FileLock
from app.db.embedded.log import ServerLog
from app.db.embedded.postmaster import Launch, Postmaster, interrupt_leftover, launch
from app.db.embedded.socket_folder import choose_socket_folder

LEFTOVER_SECONDS = 15  # how long a server whose user is gone may take to end, before it is told to end at once


def start_server(home: Home, log: ServerLog, stopping: threading.Event) -> tuple[Postmaster, Facts]:
    """Start it, from whatever state the last run left; make the data folder first if there is none.

    Raises EmbeddedDatabaseFailed or OSError. Gives up when `stopping` is set.
    """
    account = choose_account()
    alive = FileLock(home.server_lock)
    try:
        _wait_until_nothing_runs(home, alive, log, stopping)
        binaries = find_binaries(home.path, account)
        facts = _prepare_facts(home, choose_socket_folder(home, _remembered_folder(home), account))
        if not home.data.exists():
            init_cluster(binaries, home, account, facts.passwords[SUPERUSER], alive.descriptor)
        _remove_leftovers(home, Path(facts.socket_folder))
        order = Launch(binaries, home, account, log, Path(facts.socket_folder), alive.descriptor)
        postmaster = launch(order, stopping)
    finally:
        alive.release()  # the server has its own hold of it now
    try:
        return postmaster, _bring_roles_up_to_date(binaries, home, facts)
    except BaseException:
        postmaster.shut_down()
        raise


def _wait_until_nothing_runs(home: Home, alive: FileLock, log: ServerLog, stopping: threading.Event) -> None:
    """A server whose user was killed may still be shutting down; if not, it is told to, then made to."""
    for sign in (SIGINT, SIGQUIT):
        if alive.try_acquire():
            return
        interrupt_leftover(home, sign)
        deadline = time.monotonic() + LEFTOVER_SECONDS
        while time.monotonic() < deadline and not stopping.wait(0.02):
            if alive.try_acquire():
                return
    raise explain("still runs from before and does not end", home.path, log.tail())


def _remove_leftovers(home: Home, socket_folder: Path) -> None:
    """Files that say a server runs: none does, but postgres may take another process for it by its number."""
    for left in (home.pid_file, socket_folder / ".s.PGSQL.5432.lock", socket_folder / ".s.PGSQL.5432"):
        left.unlink(missing_ok=True)


def _remembered_folder(home: Home) -> str | None:
    facts = read_facts(home.facts)
    return facts.socket_folder if facts is not None else None


def _prepare_facts(home: Home, socket_folder: Path) -> Facts:
    """The facts as kept, or new ones; on disk before anything is made with their passwords."""
    kept = read_facts(home.facts)
    if kept is None and home.data.exists():
        raise EmbeddedDatabaseFailed(f"The passwords of the database in {home.path} are lost.", hint=REBUILD)
    facts = Facts(str(socket_folder)) if kept is None else replace(kept, socket_folder=str(socket_folder))
    if not home.data.exists():
        facts = replace(facts, roles_digest=None)
    if facts != kept:
        write_facts(home.facts, facts)
    return facts


def _bring_roles_up_to_date(binaries: Path, home: Home, facts: Facts) -> Facts:
    digest = digest_roles()
    if facts.roles_digest == digest:
        return facts
    create_roles(binaries, home, facts)
    facts = replace(facts, roles_digest=digest)
    write_facts(home.facts, facts)
    return facts
