"""Encode tables as files: each format is declared here, and has a module."""

from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from misconduct.formats import archive, csv, parquet, xlsx
from misconduct.formats.table import Table


class Format(NamedTuple):
    name: str
    media_type: str
    encode: Callable[[Table], AsyncIterator[bytes]]


FORMATS: dict[str, Format] = {
    "csv": Format("CSV", "text/csv; charset=utf-8; header=present", csv.encode),
    "parquet": Format("Parquet", "application/vnd.apache.parquet", parquet.encode),
    "xlsx": Format(
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        xlsx.encode,
    ),
    "zip": Format("ZIP", "application/zip", archive.encode),
}

PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
MEDIA_TYPES = {
    "json": "application/json",
    **{name: one.media_type for name, one in FORMATS.items()},
    **PICTURES,
}
FILES = MEDIA_TYPES | {
    "md": "text/markdown; charset=utf-8",
    "jsonl": "application/jsonl",
}
"""The media types of the files of a release. All others are plain text."""

BINARY = ("parquet", "xlsx", "zip", "png")  # no text, and compressed already
