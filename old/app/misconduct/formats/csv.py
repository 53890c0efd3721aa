"""CSV (RFC 4180): UTF-8, a header, no comment lines; text that a spreadsheet would run is neutralised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from misconduct.model.table import MOST_REMEMBERED, Table

FORMULA = r"[=+\-@\t\r\n＝＋－＠]"
"""The first characters of a formula."""

NEW_CELL = r'([;\t\r\n]"*)'
"""What begins a new cell or row, perhaps a quoted one, if the file is opened with another separator."""

_FORMULA = re.compile(FORMULA)
_FORMULA_WITHIN = re.compile(rf"{NEW_CELL}(?={FORMULA})")
"""Where a text has a formula for such a reader (OWASP, CSV injection)."""

_MADE_HARMLESS = re.compile(rf"{NEW_CELL}'(?={FORMULA})")
_NEEDS_QUOTES = re.compile(r'[,"\r\n]')
_NUMBER = re.compile(r"[+-]?\d[\d.,]*%?")

ROWS_AT_ONCE = 250
"""Encoding them blocks the event loop for some 10 ms."""


def encode_csv(table: Table, *, header: bool = True) -> Iterator[bytes]:
    """Encode the header, if wanted, and the rows, in pieces of about 250 rows."""
    rows, written = iter(table.rows), _Written("" if len(table.columns) > 1 else '""')
    lists = [(place, column) for place, column in enumerate(table.columns) if column.type == "texts"]
    lines = [",".join(_quoted(column.name) for column in table.columns)] if header else []
    while (batch := list(islice(rows, ROWS_AT_ONCE))) or lines:
        for row in batch:
            cells: list[Any] = [*row]
            for place, column in lists:
                cells[place] = column.joined(cells[place]) if cells[place] else None
            lines.append(",".join(map(written.__getitem__, cells)))
        yield "\r\n".join([*lines, ""]).encode()
        lines.clear()
        if len(written) > MOST_REMEMBERED:
            written.clear()


class _Written(dict[Any, str]):
    """Remember texts as the file has them. Numbers are written each time, because to a dictionary 1 and true are one.

    `empty` stands for a cell without a text: in a file with one column it would be an empty line.
    """

    def __init__(self, empty: str) -> None:
        self.empty = empty

    def __missing__(self, cell: Any) -> str:
        """Write a cell: numbers in plain decimal notation, never 1e-05; true or false in lower case."""
        if cell is None or isinstance(cell, str):
            self[cell] = text = encode_text(cell) if cell else self.empty
            return text
        if isinstance(cell, bool):
            return "true" if cell else "false"
        return f"{Decimal(repr(cell)):f}" if isinstance(cell, float) else str(cell)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def encode_text(text: str) -> str:
    """Write a text as a cell."""
    return _quoted(neutral(text))


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
