"""The chain of a bundle: its manifests in order, their digests, and the records that they seal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from misconduct.bundles.archive import find_file
from misconduct.errors import MisconductError
from misconduct.model.kinds import NUMBER
from misconduct.register.bundle_manifest import MANIFESTS
from misconduct.register.csv_files import parse_version
from misconduct.register.ledger import InForce, Ledger
from misconduct.register.mistakes import Mistakes, Place, Refused
from misconduct.register.releases import Manifests, as_numbers, file_digest


@dataclass(frozen=True)
class Chain:
    """The manifests of a bundle, and the digests of their releases by number, in order."""

    manifests: Manifests
    digests: Mapping[str, str]

    def ordinal(self, number: str) -> int:
        """Return the position of a release in the chain, from 1."""
        return [*self.digests].index(number) + 1

    def ledger(self, kind: str) -> Ledger | None:
        """Return what the manifests say about one kind of record; None for an unknown kind."""
        return self.manifests.ledgers.get(kind)


def read_chain(folder: Path, mistakes: Mistakes, prefix: str = f"{MANIFESTS}/") -> Chain:
    """Read every manifest in a folder, in order; report one that is a link. Raises MisconductError if there is none."""
    numbers = sorted(
        (path.stem for path in (folder / prefix).glob("*.csv") if re.fullmatch(NUMBER, path.stem)), key=as_numbers
    )
    if not numbers:
        raise MisconductError(
            f"There are no manifests in {folder}.",
            hint="They are in the bundle's folder 'releases'. If it has none, download the bundle again.",
        )
    manifests, digests, before = Manifests(mistakes), dict[str, str](), ""
    for number in numbers:
        name = f"{prefix}{number}.csv"
        if (file := find_file(folder, name)) is None:
            mistakes.report_at(Place(name), Refused("unexpected_file", "this is not a plain file, as a manifest is"))
        else:
            manifests.read(number, file)
            before = digests[number] = file_digest(before, file)
    return Chain(manifests, digests)


class Claims:
    """The records of one release that were found in its bundle."""

    def __init__(self, chain: Chain, release: int, mistakes: Mistakes) -> None:
        self.chain, self.release, self._mistakes = chain, release, mistakes

    def enter(self, kind: str, identity: str, version: str, sha256: bytes, place: Place) -> InForce | None:
        """Note that a record was found. If the release does not have it with this hash, report that and return None."""
        try:
            return self._claim(kind, f"{identity}@{parse_version(version)}", sha256, place)
        except Refused as refused:
            refused.allowed = ""  # which says how to correct a register
            self._mistakes.report_at(place, refused)
            return None

    def report_absent(self) -> None:
        """Report the records of the release that were not found, each with the manifest's line."""
        for kind, ledger in self.chain.manifests.ledgers.items():
            for place, key in ledger.missing(self.release):
                self._mistakes.report_at(
                    place, Refused("absent", f"{kind} {key} is listed here, but is not in the bundle")
                )

    def _claim(self, kind: str, key: str, sha256: bytes, place: Place) -> InForce:
        ledger = self.chain.ledger(kind)
        if ledger is None or key not in ledger:
            raise Refused("not_sealed", f"no release has {kind} {key}")
        in_force = ledger.claim(key, sha256, self.chain.manifests.chain.file_number(place.file), place.line)
        if not in_force.added_in <= self.release < in_force.ended_in:
            described = self.chain.manifests.chain.describe([in_force])
            raise Refused("other_release", f"{kind} {key} does not belong here: it was in force {described}")
        return in_force
