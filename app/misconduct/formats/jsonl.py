"""JSON Lines: each row is a line, with the same object as in JSON."""

from collections.abc import AsyncIterator

import orjson
from anyio.to_thread import run_sync

from misconduct.formats.table import Table
from misconduct.model.figure import Row


async def encode(table: Table) -> AsyncIterator[bytes]:
    def lines(page: list[Row]) -> bytes:
        return b"".join(orjson.dumps(table.document(row), option=orjson.OPT_APPEND_NEWLINE) for row in page)

    async for page in table.pages:
        yield await run_sync(lines, page)
