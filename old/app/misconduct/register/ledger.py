"""Index every version of every record of one kind: what the manifests say of it, and the file that it was found in.

A register may have millions of observations, so a version takes some 28 bytes: in an index of keys, and in a few
arrays. Its hash and the line of its manifest are in a temporary file.
"""

from __future__ import annotations

import os
import re
import struct
import weakref
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from tempfile import TemporaryFile
from typing import NamedTuple, cast

from misconduct.model.observation import OPEN
from misconduct.register.mistakes import MANIFEST_LINES, Place, Refused
from misconduct.register.temporary_folder import naming_temporary_folder

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class InForce(NamedTuple):
    """The releases in which something is in force: from `added_in` to before `ended_in` (ordinals)."""

    added_in: int
    ended_in: int


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

    def describe(self, spans: Iterable[InForce]) -> str:
        """Describe releases: `from 1.0.0 on`, or `from 1.0.0 to before 1.2.0 and from 2.0.0 on`."""
        names = [*self.numbers, "the next release"]
        until = {OPEN: "on"} | {at: f"to before {name}" for at, name in enumerate(names, 1)}
        return " and ".join(f"from {names[added_in - 1]} {until[ended_in]}" for added_in, ended_in in spans)

    def file_number(self, name: str) -> int:
        """Return a number, from 1, for a file with records."""
        if name not in self._file_numbers:
            self.files.append(name)
        return self._file_numbers.setdefault(name, len(self.files))


class _Numbers:
    """Numbers keys from 0 in the order in which they are added, in 13 bytes for each where a dict takes 130.

    Keys with the same rest of their hash are in one text, and their numbers beside it. The hash is another in each
    process, so that nobody can choose keys that are all in one.
    """

    _TEXTS = 8_191
    _END = b"\xff"  # no byte of UTF-8

    def __init__(self) -> None:
        self._texts: dict[int, tuple[bytearray, array[int]]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        return (key for key, _ in self.items())

    def __getitem__(self, key: str) -> int:
        if (number := self.get(key)) is None:
            raise KeyError(key)
        return number

    def get(self, key: str) -> int | None:
        """Return the number of a key, if it has one."""
        written = key.encode(errors="surrogatepass")
        if (found := self._texts.get(hash(written) % self._TEXTS)) is None:
            return None
        keys, numbers = found
        place = keys.find(b"\xff%b\xff" % written)
        return None if place < 0 else numbers[keys.count(self._END, 0, place)]

    def add(self, keys: Sequence[str]) -> None:
        """Number further keys, none of which has a number."""
        texts, end = self._texts, self._END
        for number, key in enumerate(keys, self._count):
            written = key.encode(errors="surrogatepass")
            at = hash(written) % self._TEXTS
            if (found := texts.get(at)) is None:
                found = texts[at] = (bytearray(end), array("I"))
            found[0].extend(written + end)
            found[1].append(number)
        self._count += len(keys)

    def items(self) -> Iterator[tuple[str, int]]:
        """Yield every key with its number, in no particular order."""
        for keys, numbers in self._texts.values():
            texts = (key.decode(errors="surrogatepass") for key in keys[1:-1].split(self._END))
            yield from zip(texts, numbers, strict=True)

    def clear(self) -> None:
        """Forget every key."""
        self._texts.clear()
        self._count = 0


class _Seals:
    """The hash and the manifest's line of each version, by number, in a temporary file."""

    _FORMAT = struct.Struct("=32sI")

    def __init__(self) -> None:
        with naming_temporary_folder():
            self._file = TemporaryFile(buffering=0)  # noqa: SIM115 (closed with the ledger)
        weakref.finalize(self, self._file.close)

    def add(self, digests: bytes, lines: Sequence[int]) -> None:
        """Append versions: their hashes, one after the other, and their lines. Raises TemporaryFolderFull."""
        seals = b"".join([self._FORMAT.pack(digests[32 * at : 32 * at + 32], line) for at, line in enumerate(lines)])
        with naming_temporary_folder():
            while seals:  # where there is little room, less is written than was asked
                seals = seals[self._file.write(seals) :]

    def digests(self, numbers: Iterable[int]) -> list[bytes]:
        """Return the hashes of some versions."""
        file, size, pread = self._file.fileno(), self._FORMAT.size, os.pread
        return [pread(file, 32, size * at) for at in numbers]

    def line(self, number: int) -> int:
        """Return the line in the manifest; 0 for a version that none has."""
        seal = os.pread(self._file.fileno(), self._FORMAT.size, self._FORMAT.size * number)
        return cast("int", self._FORMAT.unpack(seal)[1])

    def clear(self) -> None:
        """Forget every version."""
        self._file.truncate(0)
        self._file.seek(0)


class Ledger:
    """The versions of the records of one kind. A key is `<id>@<version>`."""

    def __init__(self, kind: str, chain: Chain) -> None:
        self.kind, self._chain = kind, chain
        self.removed: dict[str, int] = {}  # what the law removed, with the release that says so
        self._left_out: dict[str, Refused] = {}
        self._index, self._seals = _Numbers(), _Seals()
        self._distinct: dict[InForce, int] = {}
        self._terms: list[InForce] = []
        self._term, self._file, self._line = array("I"), array("I"), array("I")

    def __contains__(self, key: str) -> bool:
        return key in self._index

    @property
    def chain(self) -> Chain:
        """The releases whose manifests were read."""
        return self._chain

    def removed_in_force(self) -> list[InForce]:
        """List the releases in which the removed versions would have been in force."""
        return [*map(self.in_force, self.removed)]

    def latest(self, identity: str) -> int:
        """Return the latest version of a record; 0 if it has none."""
        version = 0
        while f"{identity}@{version + 1}" in self._index:
            version += 1
        return version

    def is_ended(self, identity: str) -> bool:
        """Tell whether a release ended a record, so that no version may follow; one may follow what the law removed."""
        key = f"{identity}@{self.latest(identity)}"
        return key in self._index and key not in self.removed and self.in_force(key).ended_in < OPEN

    def sha256(self, key: str) -> str:
        """Return the hash of a version, in hexadecimal."""
        return self._digest(self._index[key]).hex()

    def in_force(self, key: str) -> InForce:
        """Return the releases in which a version is in force, or was until it was removed."""
        return self._terms[self._term[self._index[key]]]

    def versions(self) -> Iterator[tuple[str, InForce]]:
        """Yield every version that was added, with the releases in which it is in force, in no particular order."""
        return ((key, self._terms[self._term[at]]) for key, at in self._index.items())

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
        self._enter([key], release, bytes.fromhex(sha256), [line])

    def add_all(self, keys: Sequence[str], release: int, digests: Sequence[str], lines: Sequence[int]) -> bool:
        """Add first versions at once; return false, and add nothing, if not all can be.

        They are distinct, and a manifest is in order: what the same release added before is none of them.
        """
        is_all_of_release = self._distinct.keys() <= {InForce(release, OPEN)}
        if not all(map(_DIGEST.fullmatch, digests)):
            return False
        if not is_all_of_release and any(map(self._index.__contains__, keys)):
            return False
        self._enter(keys, release, bytes.fromhex("".join(digests)), lines)
        return True

    def end(self, key: str, release: int, sha256: str) -> None:
        """End a version: from this release on it is no longer in force. Raises Refused."""
        at = self._known(key, sha256)
        if self._terms[self._term[at]].ended_in != OPEN:
            raise Refused("not_in_force", f"{key} was no longer in force", "the version in force", column="version")
        self._end(at, release)

    def remove(self, key: str, release: int, sha256: str) -> None:
        """Remove a version from every release, as the law requires. Raises Refused."""
        at = self._known(key, sha256)
        if key in self.removed:
            raise Refused("removed_twice", f"{key} was removed before", column="id")
        self.removed[key] = release
        self._end(at, release)

    def exclude_draft(self, key: str, refused: Refused) -> None:
        """Record why a draft is not part of the next release; `claim` raises it."""
        self._left_out[key] = refused

    def _replace_predecessor(self, key: str, release: int) -> None:
        before = predecessor(key)
        at = self._index.get(before)
        if at is None or self._terms[self._term[at]].added_in >= release:
            raise Refused(
                "version_gap",
                f"{key} is added, but no earlier release added {before}",
                "versions one by one, each in a later release",
                column="version",
                about=MANIFEST_LINES,
            )
        if before not in self.removed and self._terms[self._term[at]].ended_in != OPEN:
            raise Refused("ended", f"{key} follows {before}, which was ended", "a new id", column="version")
        self._end(at, release)

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

    def _enter(self, keys: Sequence[str], release: int, digests: bytes, lines: Sequence[int]) -> None:
        self._index.add(keys)
        self._seals.add(digests, lines)
        self._term.extend([self._number(InForce(release, OPEN))] * len(keys))
        for facts in (self._file, self._line):
            facts.extend([0] * len(keys))

    def _number(self, terms: InForce) -> int:
        """Return a number for these releases: many versions have the same."""
        if terms not in self._distinct:
            self._terms.append(terms)
        return self._distinct.setdefault(terms, len(self._distinct))

    def _end(self, at: int, release: int) -> None:
        added_in, ended_in = self._terms[self._term[at]]
        self._term[at] = self._number(InForce(added_in, min(ended_in, release)))

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
        if self._digest(at) != sha256:
            raise Refused(
                "changed_after_release",
                f"this record is not what {self._seal(key)} sealed",
                "restore it; a correction is a new record with the next version",
                column="id",
            )
        if key in self.removed:
            raise Refused("removed", "this record was removed from every release", "delete it", column="id")
        self._file[at] = file
        return self._terms[self._term[at]]

    def claim_all(
        self, keys: Sequence[str], digests: Sequence[bytes], file: int, lines: Sequence[int]
    ) -> list[InForce] | None:
        """Claim many versions that a manifest names, at once; None, and nothing is claimed, if not all can be."""
        places = [*map(self._index.get, keys)]
        if len(set(places)) < len(places) or None in places or not self.removed.keys().isdisjoint(keys):
            return None
        known = cast("list[int]", places)
        if any(map(self._file.__getitem__, known)) or self._seals.digests(known) != digests:
            return None
        for at, line in zip(known, lines, strict=True):
            self._line[at] = line
            self._file[at] = file
        return [*map(self._terms.__getitem__, map(self._term.__getitem__, known))]

    def _enter_draft(self, key: str, sha256: bytes) -> int:
        before = predecessor(key)
        if before:
            at = self._index.get(before)
            terms = None if at is None else self._terms[self._term[at]]
            if terms is None or terms.added_in == self._chain.draft:
                raise Refused(
                    "version_gap",
                    f"{key} is here, but no release has {before}",
                    "the next version of a released record; edit a draft where it is",
                    column="version",
                    about=MANIFEST_LINES,
                )
            if before not in self.removed and terms.ended_in not in (OPEN, self._chain.draft):
                raise Refused("ended", f"{key} follows {before}, which was ended", "a new id", column="version")
        self._enter([key], self._chain.draft, sha256, [0])
        return len(self._index) - 1

    def missing(self, release: int | None = None) -> Iterator[tuple[Place, str]]:
        """Yield versions that no file contains, with the manifest's line: all that a manifest names, or only those that
        are in force in a release.
        """
        asked = [release is None or one.added_in <= release < one.ended_in for one in self._terms]
        absent = {at: "" for at, line in enumerate(self._line) if not line and asked[self._term[at]]}
        if absent:
            absent |= {at: key for key, at in self._index.items() if at in absent}
        for at, key in absent.items():
            if (line := self._seals.line(at)) and key not in self.removed:
                yield Place(self._chain.manifests[self._terms[self._term[at]].added_in - 1], line, 1), key

    def moved(self) -> Iterator[tuple[Place, str]]:
        """Yield versions that are in another file than the version before them. Each of a mapping has its own."""
        if self.kind == "mapping":
            return
        later = ((key, at) for key, at in self._index.items() if not key.endswith("@1") and self._file[at])
        for key, at in sorted(later, key=itemgetter(1)):
            before = self._index.get(predecessor(key))
            if before is not None and self._file[before] not in (0, self._file[at]):
                place = Place(self._chain.files[self._file[at] - 1], self._line[at], 1)
                yield place, f"{key} is here, and the version before it is in {self._found(before)}"

    def forget(self) -> None:
        """Release the memory of every version."""
        self._index.clear()
        self._seals.clear()
        for facts in (self._term, self._file, self._line):
            del facts[:]

    def _digest(self, at: int) -> bytes:
        return self._seals.digests([at])[0]

    def _found(self, at: int) -> Place:
        return Place(self._chain.files[self._file[at] - 1], self._line[at])

    def _seal(self, key: str) -> Place:
        at = self._index[key]
        return Place(self._chain.manifests[self._terms[self._term[at]].added_in - 1], self._seals.line(at))


def predecessor(key: str) -> str:
    """Return the key of the version before; an empty text for a first version."""
    identity, _, version = key.rpartition("@")
    return f"{identity}@{int(version) - 1}" if int(version) > 1 else ""


def find_circles(steps: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Number what is in steps: what leads to one another, in a circle, has one number (R. Tarjan, 1972)."""
    circle, reached, first = dict[str, int](), dict[str, int](), dict[str, int]()
    path, ahead = list[str](), dict[str, Iterator[str]]()
    for start in steps:
        work = [] if start in reached else [start]
        while work:
            at = work[-1]
            if at not in reached:
                reached[at] = first[at] = len(reached)
                path.append(at)
                ahead[at] = iter(steps.get(at, ()))
            one = next(ahead[at], None)
            if one is not None and one not in reached:
                work.append(one)
            elif one is not None:
                first[at] = first[at] if one in circle else min(first[at], reached[one])
            else:
                work.pop()
                if first[at] < reached[at]:
                    first[work[-1]] = min(first[work[-1]], first[at])
                number = len(circle)
                while first[at] == reached[at] and at not in circle:
                    circle[path.pop()] = number
    return circle
