"""CSV (RFC 4180): UTF-8, a header, no comment lines; text that a spreadsheet would run is neutralised."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

from misconduct.model.table import Cell, Column, Table

FORMULA = r"[=+\-@\t\r\n＝＋－＠]"
"""The first characters of a formula."""

_FORMULA = re.compile(FORMULA)
_FORMULA_WITHIN = re.compile(rf"([;\t\r\n])(?={FORMULA})")
"""After what begins a new cell or row if the file is opened with another separator (OWASP, CSV injection)."""

_MADE_HARMLESS = re.compile(rf"([;\t\r\n])'(?={FORMULA})")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*%?")

ROWS_AT_ONCE = 250
"""Encoding them blocks the event loop for some 10 ms."""


def encode_csv(table: Table, *, header: bool = True) -> Iterator[bytes]:
    """Encode the header, if wanted, and the rows, in pieces of about 250 rows."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    rows = iter(table.rows)
    if header:
        writer.writerow(column.name for column in table.columns)
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        writer.writerows([_cells(table.columns, row) for row in batch])
        yield _taken(buffer)
    if buffer.tell():
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece


def _cells(columns: tuple[Column, ...], row: tuple[Cell, ...]) -> list[str | int | None]:
    return [_plain(column, cell) for column, cell in zip(columns, row, strict=True)]


def _plain(column: Column, cell: Cell) -> str | int | None:
    """Write a cell for the file: numbers in plain decimal notation, never 1e-05; true or false in lower case."""
    if isinstance(cell, str):
        return neutral(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, list):
        return neutral(column.joined(cell))
    return f"{Decimal(repr(cell)):f}" if isinstance(cell, float) else cell


def neutral(text: str) -> str:
    """Put an apostrophe before whatever a spreadsheet would take for a formula."""
    if ";" in text or "\t" in text or "\r" in text or "\n" in text:  # faster than the regular expression
        text = _FORMULA_WITHIN.sub(r"\1'", text)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def texts_behind(cell: str) -> list[str]:
    """Return the texts from which `neutral` makes this cell, most likely first: the inverse is not always unique."""
    if "'" not in cell:
        return [cell]
    restored = _MADE_HARMLESS.sub(r"\1", cell)
    tried = dict.fromkeys((restored.removeprefix("'"), restored, cell.removeprefix("'"), cell))
    return [text for text in tried if neutral(text) == cell] or [cell]
