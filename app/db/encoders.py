"""Identify what decides the bytes of a release's files: our own code and the libraries that encode."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import psycopg
from psycopg.rows import tuple_row

APP = Path(__file__).parents[1]
PACKAGES = ("formats", "model", "publish", "queries", "register")
"""The packages that build files. One too many is harmless: most rebuilt files have the same bytes."""

LIBRARIES = ("polars",)


@cache
def encoders() -> Mapping[str, str]:
    """Return the digest of our code, and the version of each library that is installed."""
    digest = hashlib.sha256()
    for path in sorted(path for package in PACKAGES for path in (APP / package).rglob("*.py")):
        source = path.read_bytes()
        digest.update(f"{path.relative_to(APP).as_posix()} {len(source)}\n".encode() + source)
    return {
        "code": digest.hexdigest()[:16],
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        **{distribution: metadata.version(distribution) for distribution in LIBRARIES},
    }


def other_encoders(connection: psycopg.Connection) -> dict[str, list[str]]:
    """Return the releases whose files were built by other encoders, each with the names of those that differ."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        noted = cursor.execute("SELECT number, files_built_by FROM releases ORDER BY ordinal").fetchall()
    found = {number: [name for name, own in encoders().items() if (by or {}).get(name) != own] for number, by in noted}
    return {number: names for number, names in found.items() if names}
