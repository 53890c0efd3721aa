"""CSV (RFC 4180, but with LF): UTF-8, a header, and no cell that a spreadsheet would run as a formula."""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterable
from itertools import chain
from typing import Any

from anyio.to_thread import run_sync

from misconduct.formats.table import Table
from misconduct.model.figure import write_cell

_FORMULA = frozenset(
    "=+-@\t\r\uff1d\uff0b\uff0d\uff20"
)  # a formula begins with one; the last four are wide forms
_HARMLESS = re.compile(
    r"[+-]?\d[\d.,]*%?|."
)  # a number, or a sign alone: tables print - for zero


async def encode(table: Table) -> AsyncIterator[bytes]:
    header = [[column.name for column in table.columns]]
    async for page in table.pages:
        piece = await run_sync(encode_csv, chain(header, map(table.cells, page)))
        header = []
        del page  # its reader may be slow, and its rows take ten times the piece
        yield piece


def encode_csv(rows: Iterable[Iterable[Any]]) -> bytes:
    """Encode rows, the header among them. Null is an empty cell; several values are separated by spaces."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:  # to call a function for each value would take twice as long
        writer.writerow(
            [
                one
                if one is None or (type(one) is str and one[:1] not in _FORMULA)
                else _cell(one)
                for one in row
            ]
        )
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    """Write a value. A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP)."""
    text = str(value).lower() if isinstance(value, bool) else write_cell(value)
    is_formula = (
        isinstance(value, str | list)
        and text[:1] in _FORMULA
        and not _HARMLESS.fullmatch(text)
    )
    return f"'{text}" if is_formula else text
