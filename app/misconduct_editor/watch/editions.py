"""Keep new editions of tables beside the data, and tell what taking them in would change."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from misconduct.errors import RegisterError
from misconduct.releases.folder import digest_of

from ..register.cells import MEDIA_TYPES
from ..tables.add import Outcome, try_edition
from ..tables.editions import Changes, name_place, show_number
from ..tables.sheets import Document
from .findings import Finding

MAX_SHOWN = 20  # mistakes that people read; --json has all


def find_fitting(
    body: bytes, suffix: str, sheets: Mapping[str, str | None]
) -> list[str]:
    """Return the tables whose sheet a document has."""
    found = list[str]()
    with TemporaryDirectory() as folder:
        path = Path(folder, f"table{suffix}")
        path.write_bytes(body)
        document = Document(path)
        for slug, sheet in sheets.items():
            with suppress(RegisterError):
                document.read(sheet)
                found.append(slug)
    return found


def name_file(address: str, digest: str, otherwise: str) -> str:
    """Return a name for the file of an address, which ends as a table does. Two files never have the same."""
    last = address.partition("?")[0].rpartition("/")[2]
    is_table = Path(last).suffix.lower() in MEDIA_TYPES
    name = re.sub(r"[^\w.-]+", "-", last if is_table else otherwise)
    return f"{digest[:8]}-{name[-100:]}"


def find_waiting(folder: Path, held: set[str | None]) -> Iterator[tuple[Path, str]]:
    """Yield the editions in the folder of a table that the register does not have, and their digests."""
    files = [*folder.glob("[!.]*")]
    for path in sorted(one for one in files if one.suffix.lower() in MEDIA_TYPES):
        digest = digest_of(path)
        if digest not in held:
            yield path, digest


def tell_edition(root: Path, slug: str, path: Path, digest: str) -> Finding:
    """Add an edition without writing anything, and return what changes."""
    try:
        outcome = try_edition(root, path, slug)
    except RegisterError as error:
        outcome = Outcome(mistakes=str(error).splitlines())
    command = f"misconduct add {path} --slug {slug}"
    where = root / "tables" / f"{slug}.yaml"
    lines = [
        f"{slug}: a new edition waits in {path}",
        *outcome.sections.get("Changes", ()),
        *(f"add says: {mistake}" for mistake in outcome.mistakes[:MAX_SHOWN]),
        f"To take it in, write its title, dates, file and SHA-256 into {where}, and run: {command}",
        f"Its SHA-256 is {digest}. If you don't want it, delete the file.",
    ]
    facts = {
        "file": str(path),
        "sha256": digest,
        "command": command,
        "mistakes": outcome.mistakes,
        "cells": [*_list_cells(outcome.changes)],
    }
    return Finding("edition", (slug,), "", "\n  ".join(lines), facts)


def _list_cells(changes: Changes) -> Iterator[dict[str, Any]]:
    names = ("id", "area", "counted", "period")
    for kind, pairs in changes.items():
        for before, now in pairs if kind != "same" else ():
            row = now or before
            about = {name: row.get(name, "") for name in names}
            numbers = {"before": show_number(before), "now": show_number(now)}
            yield {"change": kind, "cell": name_place(row)} | about | numbers
