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
        """Tell whether the line says more than that a first version was added."""
        return self.action != "added" or self.version > 1 or self.reason is not None


class Assessment(NamedTuple):
    """The result computed for one check or disagreement from the observations of one release."""

    release: int
    kind: str
    id: str
    content: dict[str, Any]


class Release(NamedTuple):
    """A release. `ordinal` is its place in the chain, from 1; `digest` covers it and all releases before it.

    `recalled` is why it is never the latest release any more (`misconduct.publish.recall`); None: it is not recalled.
    """

    ordinal: int
    number: str
    released: date
    summary: str
    digest: str
    recalled: str | None = None


DRAFT = "draft"
"""The number of the draft release, which only `serve --drafts` shows."""


def chain_digest(previous: str, manifest: bytes | Iterable[bytes]) -> str:
    """Return a release's digest: SHA-256 over the previous one, in hexadecimal, and the bytes of the manifest."""
    digest = hashlib.sha256(previous.encode("ascii"))
    for part in (manifest,) if isinstance(manifest, bytes) else manifest:
        digest.update(part)
    return digest.hexdigest()
