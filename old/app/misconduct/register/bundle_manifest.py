"""What anyone needs to verify a copy of a release: its manifests, and its records other than observations as hashed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from misconduct.model.records import Release
from misconduct.register.ledger import InForce
from misconduct.register.reader import OpenRegister, Register

SEALED_RECORDS = "sealed-records.tsv"
"""A line for each record: kind, id, version and, behind tabs, the record in RFC 8785 canonical JSON. The SHA-256 of
that last field is what the manifest says."""

SEALED_OBSERVATIONS = "sealed-observations.csv"
"""The observations as the register's rows have them, with their source in a last column, in the order of
observations.csv. The SHA-256 of a row's non-empty cells, in RFC 8785 canonical JSON, is what the manifest says."""

MANIFESTS = "releases"
"""The folder of the manifests: `<number>.csv`."""


class Removal(NamedTuple):
    """A version that the law required to be removed: the releases that had it, and the one that removed it."""

    kind: str
    id: str
    version: int
    in_force: InForce
    removed_in: int


def find_removals(register: OpenRegister) -> list[Removal]:
    """List what was removed by law from the releases of a register."""
    ledgers = register.manifests.ledgers
    return [
        Removal(
            line.kind,
            line.id,
            line.version,
            ledgers[line.kind].in_force(f"{line.id}@{line.version}"),
            line.release,
        )
        for line in register.lines
        if line.action == "removed"
    ]


class Seals(NamedTuple):
    """The manifests by number, and the lines of SEALED_RECORDS."""

    manifests: Mapping[str, Path]
    lines: list[bytes]


def release_seals(register: Register, release: Release, removals: Iterable[Removal]) -> Seals:
    """Collect what verifies one release.

    The manifests include all up to the last that removed something by law that this release had.
    """
    its_own = (one for one in removals if one.in_force.added_in <= release.ordinal < one.in_force.ended_in)
    last = max([release.ordinal, *(one.removed_in for one in its_own)])
    manifests = {file.stem: file.path for file in register.layout[MANIFESTS] if file.path.suffix == ".csv"}
    chained = [one.number for one in register.releases[:last] if one.number in manifests]
    return Seals({number: manifests[number] for number in chained}, list(_lines(register, release)))


def _lines(register: Register, release: Release) -> Iterator[bytes]:
    for record in sorted(register.records):
        if record.added_in <= release.ordinal < record.ended_in:
            written = register.written[record.kind, record.id, record.version]
            yield f"{record.kind}\t{record.id}\t{record.version}\t".encode() + written + b"\n"
