"""The stored files of each release: whether all are there, and whether their bytes have the SHA-256 that is sent along.

Every length is compared. Bytes are read as far as `SAMPLE_BYTES` go, files in random order, so that each time others
are read; with `whole`, all are.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from itertools import accumulate

import psycopg

from app.doctor.finding import Finding, listed

SAMPLE_BYTES = 2_000_000_000
"""Some ten seconds of reading."""

PIECES_AT_ONCE = 8

FILES = """SELECT r.number, f.release, f.name, f.length, coalesce(sum(octet_length(p.bytes)), 0)
FROM files f JOIN releases r ON r.ordinal = f.release
LEFT JOIN file_pieces p ON p.release = f.release AND p.name = f.name
GROUP BY r.number, f.release, f.name, f.length ORDER BY f.release, f.name"""

WITHOUT_FILES = """SELECT number FROM releases r
WHERE NOT EXISTS (SELECT FROM files f WHERE f.release = r.ordinal) ORDER BY ordinal"""

LACKING = """SELECT r.number || '/' || wanted.name FROM releases r CROSS JOIN LATERAL (
    SELECT unnest(ARRAY['bundle.zip', 'observations.csv', 'observations.parquet'])
    UNION SELECT id || form FROM records, unnest(ARRAY['.csv', '.parquet']) AS form
          WHERE kind = 'dataset' AND added_in <= r.ordinal AND r.ordinal < ended_in
    UNION SELECT 'charts/' || id || substring(name FROM '/[^/]+$') FROM records, files
          WHERE kind = 'chart' AND added_in <= r.ordinal AND r.ordinal < ended_in
            AND release = r.ordinal AND name LIKE 'charts/%/%'
) AS wanted(name)
WHERE NOT EXISTS (SELECT FROM files f WHERE f.release = r.ordinal AND f.name = wanted.name)
ORDER BY r.ordinal, wanted.name"""
"""Files that a release should have: of each dataset and, of each chart, the same pictures as of all others."""

BYTES = """SELECT f.sha256, p.bytes FROM files f JOIN file_pieces p ON p.release = f.release AND p.name = f.name
WHERE f.release = %s AND f.name = %s ORDER BY p.number"""


def examine_files(
    reader: psycopg.Connection, to_repair: str, on_progress: Callable[[int, int], None], *, whole: bool = False
) -> Iterator[Finding]:
    """Says which files are missing or damaged; `on_progress` is told bytes read, and bytes to read."""
    if lacking := [number for (number,) in reader.execute(WITHOUT_FILES)]:
        yield Finding("files", "fail", f"release {lacking[0]} has none", to_repair)
        return
    broken = [f"{name} is missing" for (name,) in reader.execute(LACKING)]
    files = reader.execute(FILES).fetchall()
    broken += [f"{number}/{name} has not all its bytes" for number, _, name, length, there in files if there != length]
    chosen = [file for file in files if file[3] == file[4]]
    if not whole:
        random.shuffle(chosen)
        sizes = accumulate(length for _, _, _, length, _ in chosen)
        chosen = [file for file, size in zip(chosen, sizes, strict=True) if size <= SAMPLE_BYTES] or chosen[:1]
    done, size = 0, sum(length for _, _, _, length, _ in chosen)
    for number, release, name, length, _ in chosen:
        if not _has_its_hash(reader, release, name):
            broken.append(f"{number}/{name} has other bytes than its SHA-256 says")
        done += length
        on_progress(done, size)
    if broken:
        yield Finding("files", "fail", listed(broken), to_repair)
    elif len(chosen) == len(files):
        yield Finding("files", "ok", f"all {len(files)} have the bytes that their SHA-256 says")
    else:
        total = sum(length for _, _, _, length, _ in files)
        found = (
            f"all {len(files)} have their lengths, and {len(chosen)} of them, chosen at random, the bytes that their "
            f"SHA-256 says ({size / 1e9:.1f} of {total / 1e9:.1f} GB; --whole reads all)"
        )
        yield Finding("files", "ok", found)


def _has_its_hash(reader: psycopg.Connection, release: int, name: str) -> bool:
    """Whether a file's bytes have its hash; one that a load took away meanwhile has it."""
    digest, expected = hashlib.sha256(), None
    with reader.transaction(), reader.cursor(name="pieces", binary=True) as cursor:
        cursor.itersize = PIECES_AT_ONCE
        for row in cursor.execute(BYTES, [release, name]):
            expected, piece = row
            digest.update(piece)
    return expected in (None, digest.hexdigest())
