"""The chain of a bundle: its manifests, read in their order, and the digests that they come to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.bundles.opened import find_file
from app.domain.kinds import NUMBER
from app.errors import MisconductError
from app.register.ledger import Ledger
from app.register.manifests import Manifests, file_digest
from app.register.mistakes import Mistakes
from app.register.sealed import MANIFESTS


@dataclass(frozen=True)
class Chain:
    """The releases whose manifests there are: their digests by number, in the order of the chain."""

    manifests: Manifests
    digests: Mapping[str, str]

    def ordinal(self, number: str) -> int:
        """The place of a release in the chain, from 1."""
        return [*self.digests].index(number) + 1

    def ledger(self, kind: str) -> Ledger | None:
        """What the manifests say of one kind of record; None for a kind that there is not."""
        return self.manifests.ledgers.get(kind)


def read_chain(folder: Path, mistakes: Mistakes, prefix: str = f"{MANIFESTS}/") -> Chain:
    """Reads every manifest in a folder. Raises MisconductError where there is none."""
    numbers = sorted(
        (path.stem for path in (folder / prefix).glob("*.csv") if re.fullmatch(NUMBER, path.stem)), key=_as_numbers
    )
    if not numbers:
        raise MisconductError(
            f"There are no manifests in {folder}.",
            hint="A bundle has them in its folder releases. An old one has none: download it again.",
        )
    manifests, digests, before = Manifests(mistakes), dict[str, str](), ""
    for number in numbers:
        if file := find_file(folder, f"{prefix}{number}.csv"):
            manifests.read(number, file)
            before = digests[number] = file_digest(before, file)
    return Chain(manifests, digests)


def _as_numbers(number: str) -> tuple[int, ...]:
    return tuple(map(int, number.split(".")))
