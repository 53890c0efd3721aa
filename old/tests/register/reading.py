"""Reading a register in a test: what it holds, or what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from misconduct.errors import Mistake
from misconduct.model.observation import Observation
from misconduct.register.mistakes import Mistakes
from misconduct.register.observations import Batch
from misconduct.register.reader import Register, read_register


class Read(NamedTuple):
    register: Register
    observations: list[Observation]
    mistakes: list[str]
    total: int
    warnings: list[Mistake]


def read(root: Path, *, drafts: bool = True) -> Read:
    """Everything, with the mistakes as people see them."""
    mistakes = Mistakes()
    batches: list[Batch] = []
    register = read_register(root, mistakes, drafts=drafts, on_batch=batches.append)
    last = len(register.releases)
    observations = [o for batch in batches for o in batch.observations if o.added_in <= last]
    return Read(
        register, observations, [str(mistake) for mistake in mistakes.in_order()], mistakes.total, mistakes.warnings
    )


def mistakes_of(root: Path) -> list[str]:
    """The mistakes of a register as it is checked."""
    return read(root, drafts=False).mistakes


def replace(path: Path, old: str, new: str) -> None:
    """Change a file in exactly one place."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path}"
    path.write_text(text.replace(old, new), encoding="utf-8", newline="")
