"""The hashes of a bundle's files, as SHA256SUMS has them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from app.bundles.opened import find_file
from app.errors import MisconductError
from app.register.files import read_text
from app.register.mistakes import Mistakes, Place, Refused

SUMS = "SHA256SUMS"


def check_sums(folder: Path, mistakes: Mistakes) -> None:
    """Reports files that are not what SHA256SUMS says, and that it does not name."""
    sums = find_file(folder, SUMS)
    if sums is None:
        raise MisconductError(f"The bundle has no file {SUMS}.", hint="Download it again.")
    named = {line[66:]: line[:64] for line in read_text(sums, mistakes).splitlines()}
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {SUMS}
    for name in sorted(present | named.keys()):
        file = find_file(folder, name) if name in present else None
        if file is None:
            mistakes.report_at(Place(SUMS), Refused("absent", f"{name[:80]} is named here, and not in the bundle"))
        elif name not in named:
            mistakes.report_at(Place(name), Refused("unexpected_file", f"{SUMS} does not name this file"))
        elif named[name] != _sha256(file.path):
            mistakes.report_at(Place(name), Refused("changed", f"this file is not what {SUMS} says"))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
