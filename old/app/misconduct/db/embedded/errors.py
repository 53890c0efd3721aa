"""The error of this package, with what to do about it."""

from __future__ import annotations

from pathlib import Path

from misconduct.errors import MisconductError

REBUILD = (
    "move the folder 'data' in it away, and keep it: the next start rebuilds it from the register, without recalls "
    "(make them again), and with files of past releases built anew (if you have copied them, start with "
    "`misconduct load --files FOLDER`)"
)

# What Postgres or the system says, and what to do about it; the first that is found counts.
FIXES = (
    ("No space left on device", "free some disk space, or name another folder with MISCONDUCT_HOME"),
    ("Disk quota exceeded", "free some disk space, or name another folder with MISCONDUCT_HOME"),
    ("Read-only file system", "name a folder that can be written to with MISCONDUCT_HOME"),
    ("Permission denied", "let this user write there, or name another folder with MISCONDUCT_HOME"),
    ("Operation not permitted", "let this user write there, or name another folder with MISCONDUCT_HOME"),
    ("Not a directory", "name a folder with MISCONDUCT_HOME"),
    ("File exists", "name a folder with MISCONDUCT_HOME"),
    (
        "could not create shared memory",
        "raise the system's limit of shared memory (sysctl kernel.shmmax, shmall)",
    ),
    ("could not bind Unix address", "name a folder on a local disk, with a short path, with MISCONDUCT_HOME"),
    ("incompatible with server", REBUILD),
    ("checkpoint record", REBUILD),
    ("password authentication failed", REBUILD),
)
LOOK_AT_THE_LOG = "the lines above are the end of the server's log"


class EmbeddedDatabaseFailed(MisconductError):
    """The embedded Postgres cannot start, or keep running; the message ends with what to do."""


def explain(what: str, home: Path, said: str = "") -> EmbeddedDatabaseFailed:
    """Return the error for `what` went wrong in `home`, with what the server `said` and the fix for that."""
    fix = next((fix for sign, fix in FIXES if sign in said), LOOK_AT_THE_LOG)
    lines = "".join(f"\n  {line}" for line in said.splitlines())
    return EmbeddedDatabaseFailed(f"The embedded database in {home} {what}{':' if lines else '.'}{lines}", hint=fix)


def explain_os_error(problem: OSError, home: Path) -> EmbeddedDatabaseFailed:
    """Return the error for what the operating system refused."""
    where = f" ({problem.filename})" if problem.filename else ""
    return explain("cannot be used", home, f"{problem.strerror or problem}{where}")
