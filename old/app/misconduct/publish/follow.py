"""Load the drafts of a register again whenever its files change, for an editor who looks at them."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic

import psycopg

from misconduct.db.direct import connect
from misconduct.errors import MisconductError, NothingReleased, RegisterDiverged, RegisterRefused
from misconduct.event_log import log
from misconduct.model.records import DRAFT
from misconduct.publish.load import load_register

LOOK_SECONDS = 0.25
"""How often to look; files are loaded once they stayed the same from one look to the next."""

AGAIN_SECONDS = 5.0
"""After which a load is tried again that failed for another reason than the register."""

COMPARE_SECONDS = 2.0
"""How often to look whether somebody else has loaded into the database."""

REPLACED = (
    "Another command loaded into this database, so these drafts are not shown until one of the files changes. "
    "Give each register a database, or a MISCONDUCT_HOME, of its own."
)

OWED = "A purge of shared caches is owed: run `misconduct purge`, with their MISCONDUCT_PURGE."

_MOST_TOLD = 20
_PATIENCE = 30.0

Files = dict[Path, tuple[int, int]]
"""Files with when they were changed, and their size."""


def list_files(root: Path) -> Files:
    """List the files of a register, except hidden ones."""
    found: Files = {}
    for path in (*root.glob("*"), *root.glob("*/*")):
        with suppress(OSError):
            status = path.stat()
            is_hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
            if stat.S_ISREG(status.st_mode) and not is_hidden:
                found[path] = (status.st_mtime_ns, status.st_size)
    return found


@contextmanager
def following_drafts(owner_url: str, root: Path, loaded: Files, tell: Callable[[str], object]) -> Iterator[None]:
    """Keep the database as the files are while the block runs; `loaded` is what it has.

    `tell` gets a line for each load, or the mistakes for which there was none.
    """
    stopping = threading.Event()
    follow = partial(_follow, owner_url, root, loaded, _find_draft(owner_url), tell=tell, stopping=stopping)
    thread = threading.Thread(target=follow, name="follow-drafts", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(_PATIENCE)


def _follow(
    owner_url: str,
    root: Path,
    loaded: Files,
    draft: str | None,
    *,
    tell: Callable[[str], object],
    stopping: threading.Event,
) -> None:
    before, pause = loaded, LOOK_SECONDS
    failed: str | None = None
    compared = monotonic()
    while not stopping.wait(pause):
        pause = LOOK_SECONDS
        try:
            here = list_files(root)
            if here != loaded and here == before:
                said, draft = _load(owner_url, root, tell), _find_draft(owner_url)
                tell(said)
                loaded, failed = here, None
            elif monotonic() > compared + COMPARE_SECONDS:
                compared = monotonic()
                found = _find_draft(owner_url)
                if None not in (found, draft) and found != draft:
                    tell(REPLACED)
                draft = draft if found is None else found
            before = here
        except Exception as error:  # noqa: BLE001 (whatever it was, the next load may succeed)
            pause, known, failed = AGAIN_SECONDS, failed, str(error)
            reason = failed.partition("\n")[0]
            if failed == known:
                continue  # it was said
            if isinstance(error, MisconductError):
                tell(failed)
            else:
                log.warning("the drafts were not loaded", error=type(error).__name__, reason=reason)


def _find_draft(owner_url: str) -> str | None:
    """Return the digest of the drafts that the database has, empty without any; None if it does not answer."""
    with suppress(psycopg.Error, OSError), connect(owner_url) as owner:
        found = owner.execute("SELECT digest FROM releases WHERE number = %s", (DRAFT,)).fetchone()
        return str(found[0]) if found else ""
    return None


def _load(owner_url: str, root: Path, tell: Callable[[str], object]) -> str:
    """Load the files, and return what to tell; what a removal leaves to do is told at once.

    Raises what does not lie in them.
    """
    try:  # it was compared at the start
        loaded = load_register(
            owner_url,
            root,
            drafts=True,
            compare=False,
            on_named=tell,
            on_removed=lambda gone: tell(f"What the law removed is gone from {', '.join(gone.releases)}. {OWED}"),
        )
    except RegisterRefused as refused:
        told = [*map(str, refused.mistakes[:_MOST_TOLD])]
        count = f"{refused.total:,} mistake{'s' if refused.total != 1 else ''}"
        return "\n".join([*told, f"{count}; what is shown has not changed."])
    except (NothingReleased, RegisterDiverged) as error:
        return str(error)
    return f"The files changed; shown is {loaded.current}."
