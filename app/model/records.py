"""Versions of records as the database holds them, manifests, and releases."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple


class Record(NamedTuple):
    """One version of one record with the releases that bound it (see `Observation.added_in`)."""

    kind: str
    id: str
    version: int
    content: dict[str, Any]
    sha256: bytes
    added_in: int
    ended_in: int


class ManifestLine(NamedTuple):
    """One line of a release's manifest."""

    release: int
    kind: str
    id: str
    version: int
    action: str
    sha256: str
    reason: str | None
    replaced_by: str | None

    @property
    def is_notable(self) -> bool:
        """Whether it says more than that a first version was added."""
        return self.action != "added" or self.version > 1 or self.reason is not None


class Assessment(NamedTuple):
    """What was computed for one record, a check or a disagreement, from the observations of one release."""

    release: int
    kind: str
    id: str
    content: dict[str, Any]


class Release(NamedTuple):
    """One state of the register. `ordinal` counts from 1 and is the place in the chain; `digest` seals it."""

    ordinal: int
    number: str
    released: date
    summary: str
    digest: str


DRAFT = "draft"
"""The number of the state beyond the last release, which only `serve --drafts` shows."""


def chain_digest(previous: str, manifest: bytes | Iterable[bytes]) -> str:
    """A release's digest: SHA-256 over the previous release's digest, in hexadecimal, and the manifest's bytes."""
    digest = hashlib.sha256(previous.encode("ascii"))
    for part in (manifest,) if isinstance(manifest, bytes) else manifest:
        digest.update(part)
    return digest.hexdigest()
