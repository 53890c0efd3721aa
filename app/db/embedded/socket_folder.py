"""Where the server's unix socket is: its path must fit into some 100 bytes, and a home's may be longer."""

from __future__ import annotations

import contextlib
import re
import tempfile
from pathlib import Path

from app.db.embedded.account import Account
from app.db.embedded.home import Home

LONGEST_FOLDER = 85  # bytes; with "/.s.PGSQL.5432.lock" this stays within the 104 that macOS allows (Linux: 108)

PLAIN = re.compile(r"[\w./-]+", re.ASCII)  # in an address a comma or colon would make two hosts of one path


def choose_socket_folder(home: Home, remembered: str | None, account: Account) -> Path:
    """A private folder for it: `run` in the home, or for a long home a short temporary one, always the same.

    The same, because the address is in the hands of whoever has joined the server.
    """
    inside = home.path / "run"
    if len(bytes(inside)) <= LONGEST_FOLDER and PLAIN.fullmatch(str(inside)):
        return _make_if_missing(inside, account)
    if remembered is not None and _can_be_used_again(Path(remembered), account):
        return Path(remembered)
    return _make_temporary(account)


def _make_if_missing(folder: Path, account: Account) -> Path:
    if not folder.exists():
        account.make_folder(folder)
    return folder


def _can_be_used_again(folder: Path, account: Account) -> bool:
    """Whether it is still ours: in a shared temporary folder anyone may have made one by that name since."""
    with contextlib.suppress(OSError):
        account.make_folder(folder)
    return account.owns(folder)


def _make_temporary(account: Account) -> Path:
    for parent in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 (mkdtemp makes a new, private folder in it)
        if len(parent.encode()) + 20 <= LONGEST_FOLDER and account.can_enter(Path(parent)):
            break
    folder = Path(tempfile.mkdtemp(prefix="misconduct-", dir=parent))
    account.own(folder)
    return folder
