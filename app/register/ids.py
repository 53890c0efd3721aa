"""Ids of observations: short, random, and never used twice."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

from app.errors import MisconductError
from app.register import cells, manifests
from app.register.cells import FIRST_LETTERS, LETTERS
from app.register.files import Layout, lay_out
from app.register.mistakes import Mistakes
from app.register.tables import Table

POSSIBLE = len(FIRST_LETTERS) * len(LETTERS) ** 4
"""How many ids there are: 10,097,379."""

MOST_USED = POSSIBLE * 95 // 100
"""How many may be used. They are drawn at random: beyond this, more than twenty draws would find one that is free."""


class NoIdsLeft(MisconductError):
    """A register has, with those that it is about to get, more observations than there are ids."""


def make_ids(root: Path, count: int) -> list[str]:
    """Make ids that no observation of the register has or had. Raises NoIdsLeft."""
    used, made = set(_used(lay_out(root, Mistakes()))), list[str]()
    if len(used) + count > MOST_USED:
        raise NoIdsLeft(
            f"The register has used {len(used):,} ids, and {count:,} more were asked for. It can use {MOST_USED:,}.",
            hint="Begin a second register: ids have five characters, and a register never uses one twice.",
        )
    while len(made) < count:
        identity = secrets.choice(FIRST_LETTERS) + "".join(secrets.choice(LETTERS) for _ in range(4))
        if identity not in used:
            used.add(identity)
            made.append(identity)
    return made


def _used(layout: Layout) -> Iterator[str]:
    """The ids in the files, and in the manifests, which also name what was removed."""
    for columns, folder in ((cells.COLUMNS, "observations"), (manifests.COLUMNS, "releases")):
        for file in layout[folder]:
            if file.path.suffix == ".csv":
                at = columns.index("id")
                yield from (row.cells[at] for row in Table(file, columns, ("id",), Mistakes()).rows())
