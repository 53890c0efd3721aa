"""Encode tables as files, one module for each format."""

from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from misconduct.formats import csv, jsonl, parquet, xlsx
from misconduct.formats.table import Table


class Format(NamedTuple):
    """A format of tables: its name, its media type, and the function that encodes a table in one or more pieces."""

    name: str
    media_type: str
    encode: Callable[[Table], AsyncIterator[bytes]]


FORMATS: dict[str, Format] = {
    "csv": Format("CSV", "text/csv; charset=utf-8; header=present", csv.encode),
    "jsonl": Format("JSON Lines", "application/jsonl", jsonl.encode),
    "parquet": Format("Parquet", "application/vnd.apache.parquet", parquet.encode),
    "xlsx": Format("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx.encode),
}
"""The formats of figures beside JSON, by the suffix of their address. Records have JSON and CSV."""

PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
"""The media types of pictures of figures, by the suffix of their address."""

MEDIA_TYPES = {"json": "application/json", **{name: one.media_type for name, one in FORMATS.items()}, **PICTURES}
"""The media types of all formats, by the suffix of their address."""
