"""Encode tables as files: as JSON Lines here, and in one module for each other format."""

from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

import orjson
from anyio.to_thread import run_sync

from misconduct.formats import csv, parquet, xlsx
from misconduct.formats.table import Table
from misconduct.model.figure import Row


async def _encode_lines(table: Table) -> AsyncIterator[bytes]:
    def lines(page: list[Row]) -> bytes:
        return b"".join(
            orjson.dumps(table.document(row), option=orjson.OPT_APPEND_NEWLINE)
            for row in page
        )

    async for page in table.pages:
        yield await run_sync(lines, page)


class Format(NamedTuple):
    name: str
    media_type: str
    encode: Callable[[Table], AsyncIterator[bytes]]


FORMATS: dict[str, Format] = {
    "csv": Format("CSV", "text/csv; charset=utf-8; header=present", csv.encode),
    "jsonl": Format("JSON Lines", "application/jsonl", _encode_lines),
    "parquet": Format("Parquet", "application/vnd.apache.parquet", parquet.encode),
    "xlsx": Format(
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        xlsx.encode,
    ),
}

PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
MEDIA_TYPES = {
    "json": "application/json",
    **{name: one.media_type for name, one in FORMATS.items()},
    **PICTURES,
}
