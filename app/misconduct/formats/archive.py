"""ZIP: the CSV of a table, with what it is and what its columns mean, for people and for programs."""

import io
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import orjson
from anyio.to_thread import run_sync

from misconduct.formats import csv
from misconduct.formats.table import Table

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # so that the same table has the same bytes

TYPES = {"number": "number", "integer": "integer", "day": "date"}
"""What the columns hold, in the words of Table Schema. All else is a string."""


async def encode(table: Table) -> AsyncIterator[bytes]:
    """Yield the whole archive: README.txt, the CSV, and metadata.json."""
    lines = [f"{name}: {text}" for name, text in table.describe().items()]
    described = orjson.dumps(_describe(table), option=orjson.OPT_INDENT_2)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(_name("README.txt"), "\n".join([*lines, ""]))
        with archive.open(_name(f"{table.name}.csv"), "w") as rows:
            async for piece in csv.encode(table):
                await run_sync(rows.write, piece)
        archive.writestr(_name("metadata.json"), described)
    yield packed.getvalue()


def _describe(table: Table) -> dict[str, Any]:
    columns = [
        {
            "name": column.name,
            "type": TYPES.get(column.holds, "string"),
            "description": column.about,
        }
        for column in table.columns
    ]
    return {"about": table.about, "columns": columns, **table.said}


def _name(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, FIRST_DAY)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    return member
