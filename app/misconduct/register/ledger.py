"""Index every version of every record of one kind: what the manifests say of it, and the file that it was found in.

A register may have millions of observations, so a version is a key and a position in a few arrays: some 190 bytes.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import NamedTuple, cast

from misconduct.model.observation import OPEN
from misconduct.register.mistakes import MANIFEST_LINES, Place, Refused

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class InForce(NamedTuple):
    """The releases in which something is in force: from `added_in` to before `ended_in` (ordinals)."""

    added_in: int
    ended_in: int

    def covers(self, other: InForce) -> bool:
        """Return whether this was in force in every release in which the other is."""
        return self.added_in <= other.added_in and other.ended_in <= self.ended_in


class Chain:
    """The names of the manifests and of the files with records, for messages.

    With `has_draft`, the last one is not a release yet.
    """

    def __init__(self) -> None:
        self.numbers: list[str] = []
        self.manifests: list[str] = []
        self.files: list[str] = []
        self.has_draft = False
        self._file_numbers: dict[str, int] = {}

    @property
    def draft(self) -> int:
        """The ordinal of the next release."""
        return len(self.numbers) + (not self.has_draft)

    def append(self, number: str, manifest: str) -> None:
        """Add a release, with the name of its manifest."""
        self.numbers.append(number)
        self.manifests.append(manifest)

    def describe(self, in_force: InForce) -> str:
        """Describe the releases: `from 1.0.0 on` or `from 1.0.0 to before 1.2.0`."""
        names = [*self.numbers, "the next release"]
        until = "on" if in_force.ended_in == OPEN else f"to before {names[in_force.ended_in - 1]}"
        return f"from {names[in_force.added_in - 1]} {until}"

    def file_number(self, name: str) -> int:
        """Return a number, from 1, for a file with records."""
        if name not in self._file_numbers:
            self.files.append(name)
        return self._file_numbers.setdefault(name, len(self.files))


class Ledger:
    """The versions of the records of one kind. A key is `<id>@<version>`."""

    def __init__(self, kind: str, chain: Chain) -> None:
        self.kind, self._chain = kind, chain
        self.removed: set[str] = set()
        self._left_out: dict[str, Refused] = {}
        self._terms = lru_cache(4_096)(InForce)
        self._index: dict[str, int] = {}
        self._sha256 = bytearray()
        self._added, self._ended, self._manifest_line = array("I"), array("I"), array("I")
        self._file, self._line = array("I"), array("I")

    def __contains__(self, key: str) -> bool:
        return key in self._index

    @property
    def chain(self) -> Chain:
        """The releases whose manifests were read."""
        return self._chain

    def removed_in_force(self) -> list[InForce]:
        """List the releases in which the removed versions would have been in force."""
        return [self._terms(self._added[at], self._ended[at]) for at in map(self._index.__getitem__, self.removed)]

    def latest(self, identity: str) -> int:
        """Return the latest version of a record; 0 if it has none."""
        version = 0
        while f"{identity}@{version + 1}" in self._index:
            version += 1
        return version

    def sha256(self, key: str) -> str:
        """Return the hash of a version, in hexadecimal."""
        return self._digest(self._index[key]).hex()

    def in_force(self, key: str) -> InForce:
        """Return the releases in which a version is in force, or was until it was removed."""
        at = self._index[key]
        return self._terms(self._added[at], self._ended[at])

    def versions(self) -> Iterator[tuple[str, InForce]]:
        """Yield every version that was added, with the releases in which it is in force."""
        return ((key, self.in_force(key)) for key in self._index)

    # What the manifests say

    def add(self, key: str, release: int, sha256: str, line: int) -> None:
        """Add a version in a release. From version 2 on it replaces the one before. Raises Refused."""
        if key in self._index:
            raise Refused("added_twice", f"{key} was added before", f"see {self._seal(key)}", column="id")
        if not _DIGEST.fullmatch(sha256):
            raise Refused(
                "bad_digest", f"{sha256[:80]!r} is not a SHA-256 hash", "64 hexadecimal digits", column="sha256"
            )
        if not key.endswith("@1"):
            self._replace_predecessor(key, release)
        self._enter(key, release, bytes.fromhex(sha256), line)

    def add_all(self, keys: Sequence[str], release: int, digests: Sequence[str], lines: Sequence[int]) -> bool:
        """Add distinct first versions at once; return false, and add nothing, if not all can be."""
        if not (all(map(_DIGEST.fullmatch, digests)) and self._index.keys().isdisjoint(keys)):
            return False
        self._index.update(zip(keys, count(len(self._added)), strict=False))
        self._sha256 += bytes.fromhex("".join(digests))
        self._manifest_line.extend(lines)
        for facts, value in ((self._added, release), (self._ended, OPEN), (self._file, 0), (self._line, 0)):
            facts.extend([value] * len(keys))
        return True

    def end(self, key: str, release: int, sha256: str) -> None:
        """End a version: from this release on it is no longer in force. Raises Refused."""
        at = self._known(key, sha256)
        if self._ended[at] != OPEN:
            raise Refused("not_in_force", f"{key} was no longer in force", "the version in force", column="version")
        self._ended[at] = release

    def remove(self, key: str, release: int, sha256: str) -> None:
        """Remove a version from every release, as the law requires. Raises Refused."""
        at = self._known(key, sha256)
        if key in self.removed:
            raise Refused("removed_twice", f"{key} was removed before", column="id")
        self.removed.add(key)
        self._ended[at] = min(self._ended[at], release)

    def exclude_draft(self, key: str, refused: Refused) -> None:
        """Record why a draft is not part of the next release; `claim` raises it."""
        self._left_out[key] = refused

    def _replace_predecessor(self, key: str, release: int) -> None:
        before = predecessor(key)
        at = self._index.get(before)
        if at is None or self._added[at] >= release:
            raise Refused(
                "version_gap",
                f"{key} is added, but no earlier release added {before}",
                "versions one by one, each in a later release",
                column="version",
                about=MANIFEST_LINES,
            )
        if before not in self.removed and self._ended[at] != OPEN:
            raise Refused("ended", f"{key} follows {before}, which was ended", "a new id", column="version")
        self._ended[at] = min(self._ended[at], release)

    def _known(self, key: str, sha256: str) -> int:
        at = self._index.get(key)
        if at is None:
            raise Refused(
                "unknown_record",
                f"no release added {self.kind} {key}",
                "records of earlier releases",
                near=(key, self._index),
                column="id",
                about=MANIFEST_LINES,
            )
        if self._digest(at).hex() != sha256:
            raise Refused(
                "bad_digest",
                "this is not the hash with which the record was added",
                self._digest(at).hex(),
                column="sha256",
            )
        return at

    def _enter(self, key: str, release: int, sha256: bytes, line: int) -> int:
        at = self._index[key] = len(self._added)
        self._sha256 += sha256
        self._added.append(release)
        self._ended.append(OPEN)
        self._manifest_line.append(line)
        self._file.append(0)
        self._line.append(0)
        return at

    # What the files contain

    def claim(self, key: str, sha256: bytes, file: int, line: int) -> InForce:
        """Match a version in a file with its manifest. Return its releases: for a draft, the next.

        Raises Refused for a duplicate, and for a version that was changed or removed, or lacks a predecessor.
        """
        at = self._index.get(key)
        if at is None and key in self._left_out:
            raise self._left_out[key]
        if at is None:
            at = self._enter_draft(key, sha256)
        elif self._file[at]:  # set only for a valid copy: a wrong one must not make it a duplicate
            raise Refused(
                "duplicate_record",
                f"{key.partition('@')[0]} in this version is already in {self._found(at)}",
                "each id and version once",
                column="id",
            )
        self._line[at] = line
        if self._sha256[32 * at : 32 * at + 32] != sha256:
            raise Refused(
                "changed_after_release",
                f"this record is not what {self._seal(key)} sealed",
                "restore it; a correction is a new record with the next version",
                column="id",
            )
        if key in self.removed:
            raise Refused("removed", "this record was removed from every release", "delete it", column="id")
        self._file[at] = file
        return self._terms(self._added[at], self._ended[at])

    def claim_all(
        self, keys: Sequence[str], digests: Sequence[bytes], file: int, lines: Sequence[int]
    ) -> list[InForce] | None:
        """Claim many versions that a manifest names, at once; None, and nothing is claimed, if not all can be."""
        places = [*map(self._index.get, keys)]
        if len(set(places)) < len(places) or None in places or not self.removed.isdisjoint(keys):
            return None
        known = cast("list[int]", places)
        sealed = b"".join([self._sha256[32 * at : 32 * at + 32] for at in known])
        if any(map(self._file.__getitem__, known)) or sealed != b"".join(digests):
            return None
        for at, line in zip(known, lines, strict=True):
            self._line[at] = line
            self._file[at] = file
        added, ended = map(self._added.__getitem__, known), map(self._ended.__getitem__, known)
        return [*map(self._terms, added, ended)]

    def _enter_draft(self, key: str, sha256: bytes) -> int:
        before = predecessor(key)
        if before:
            at = self._index.get(before)
            if at is None or self._added[at] == self._chain.draft:
                raise Refused(
                    "version_gap",
                    f"{key} is here, but no release has {before}",
                    "the next version of a released record; edit a draft where it is",
                    column="version",
                    about=MANIFEST_LINES,
                )
            if before not in self.removed and self._ended[at] not in (OPEN, self._chain.draft):
                raise Refused("ended", f"{key} follows {before}, which was ended", "a new id", column="version")
        return self._enter(key, self._chain.draft, sha256, 0)

    def missing(self, release: int | None = None) -> Iterator[tuple[Place, str]]:
        """Yield versions that no file contains, with the manifest's line: all that a manifest names, or only those that
        are in force in a release.
        """
        for key, at in self._index.items():
            is_asked_for = release is None or self._added[at] <= release < self._ended[at]
            if is_asked_for and self._manifest_line[at] and not self._line[at] and key not in self.removed:
                yield Place(self._chain.manifests[self._added[at] - 1], self._manifest_line[at], 1), key

    def moved(self) -> Iterator[tuple[Place, str]]:
        """Yield versions that are in another file than the version before them. Each of a mapping has its own."""
        if self.kind == "mapping":
            return
        for key, at in self._index.items():
            before = self._index.get(predecessor(key)) if not key.endswith("@1") else None
            if before is not None and self._file[at] and self._file[before] not in (0, self._file[at]):
                place = Place(self._chain.files[self._file[at] - 1], self._line[at], 1)
                yield place, f"{key} is here, and the version before it is in {self._found(before)}"

    def forget(self) -> None:
        """Release the memory of every version."""
        self._index.clear()
        for facts in (self._sha256, self._added, self._ended, self._manifest_line, self._file, self._line):
            del facts[:]

    def _digest(self, at: int) -> bytes:
        return bytes(self._sha256[32 * at : 32 * at + 32])

    def _found(self, at: int) -> Place:
        return Place(self._chain.files[self._file[at] - 1], self._line[at])

    def _seal(self, key: str) -> Place:
        at = self._index[key]
        return Place(self._chain.manifests[self._added[at] - 1], self._manifest_line[at])


def predecessor(key: str) -> str:
    """Return the key of the version before; an empty text for a first version."""
    identity, _, version = key.rpartition("@")
    return f"{identity}@{int(version) - 1}" if int(version) > 1 else ""


def leads_to(start: str, goal: str, steps: Mapping[str, Iterable[str]]) -> bool:
    """Return whether following the steps from `start`, if any, leads to `goal`."""
    seen, ahead = {start}, [start]
    while ahead:
        further = set(steps.get(ahead.pop(), ())) - seen
        seen |= further
        ahead += further
    return goal in seen
