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

PACKAGE = Path(__file__).parents[1]
PACKAGES = ("formats", "model", "publish", "queries", "register")
"""The packages that build files and compute results."""

LIBRARIES = ("isal", "polars")


@cache
def encoders() -> Mapping[str, str]:
    """Return what decides bytes and results: the digest of our code, and the version of each library."""
    digest = hashlib.sha256()
    for path in sorted(path for package in PACKAGES for path in (PACKAGE / package).rglob("*.py")):
        source = path.read_bytes()
        digest.update(f"{path.relative_to(PACKAGE).as_posix()} {len(source)}\n".encode() + source)
    return {
        "code": digest.hexdigest()[:16],
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        **{distribution: metadata.version(distribution) for distribution in LIBRARIES},
    }


def computed_elsewhere(connection: psycopg.Connection) -> list[str]:
    """Return the releases whose results (`assessments`) another version of the code computed."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        noted = cursor.execute("SELECT number, files_built_by FROM releases ORDER BY ordinal").fetchall()
    return [number for number, by in noted if (by or {}).get("code") != encoders()["code"]]
