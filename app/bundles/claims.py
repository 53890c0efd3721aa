"""What a file of a bundle holds, entered against what the manifests sealed."""

from __future__ import annotations

from app.bundles.chain import Chain
from app.register.ledger import InForce
from app.register.manifests import parse_version
from app.register.mistakes import Mistakes, Place, Refused


class Claims:
    """The records of one release that were found, each entered once."""

    def __init__(self, chain: Chain, release: int, mistakes: Mistakes) -> None:
        self.chain, self.release, self._mistakes = chain, release, mistakes

    def enter(self, kind: str, identity: str, version: str, sha256: bytes, place: Place) -> InForce | None:
        """Enters a record where the release has it, with this hash; reports it, and returns None, where not."""
        try:
            return self._claim(kind, f"{identity}@{parse_version(version)}", sha256, place)
        except Refused as refused:
            refused.allowed = ""  # which says how to mend a register
            self._mistakes.report_at(place, refused)
            return None

    def report_absent(self) -> None:
        """Reports what the release has and nothing entered, with the manifest's line."""
        for kind, ledger in self.chain.manifests.ledgers.items():
            for place, key in ledger.unclaimed(self.release):
                self._mistakes.report_at(
                    place, Refused("absent", f"{kind} {key} is sealed here, and not in the bundle")
                )

    def _claim(self, kind: str, key: str, sha256: bytes, place: Place) -> InForce:
        ledger = self.chain.ledger(kind)
        if ledger is None or key not in ledger:
            raise Refused("not_sealed", f"no release sealed {kind} {key}")
        in_force = ledger.claim(key, sha256, self.chain.manifests.chain.file_number(place.file), place.line)
        if not in_force.added_in <= self.release < in_force.ended_in:
            described = self.chain.manifests.chain.describe(in_force)
            raise Refused("other_release", f"{kind} {key} does not belong here: it was in force {described}")
        return in_force
