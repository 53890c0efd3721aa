"""Read the cells of a published table, as they are printed, with the row and column of each (RFC 7111)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.register.mistakes import Refused

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DELIMITERS = {"text/csv": ",", "text/tab-separated-values": "\t"}
MEDIA_TYPES = (*DELIMITERS, XLSX)
"""The media types of sources that can be tables."""


@dataclass(frozen=True)
class Grid:
    """The cells of a table by row and column, which count from 1; the first row of the file is row 1.

    `faults` has what is wrong with cells that cannot be read, by row and column. `length` is that of the text in code
    points, and of another file in bytes.
    """

    name: str
    rows: list[list[str]]
    length: int
    faults: dict[tuple[int, int], Refused] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> str:
        """Return the characters of a cell; an empty text outside the table."""
        inside = 0 < row <= len(self.rows) and 0 < column <= len(self.rows[row - 1])
        return self.rows[row - 1][column - 1] if inside else ""


def read_grid(path: Path, media_type: str, dialect: Mapping[str, Any]) -> Grid:
    """Read a table: a CSV or TSV file, or one sheet of an XLSX file. Raises Refused if it cannot be read."""
    if media_type not in MEDIA_TYPES:
        raise Refused("not_a_table", f"the media type {media_type} is not that of a table", ", ".join(MEDIA_TYPES))
    try:
        text = path.read_bytes().decode(dialect["encoding"])
        rows = csv.reader(
            io.StringIO(text.removeprefix("\ufeff"), newline=""),
            delimiter=dialect["delimiter"] or DELIMITERS[media_type],
        )
        once: dict[str, str] = {}  # a table repeats its words
        cells = [[once.setdefault(cell, cell) for cell in map(str.strip, row)] for row in rows]
        return Grid(path.name, cells, len(text))
    except LookupError as error:
        raise Refused("unknown_encoding", f"there is no encoding {dialect['encoding']!r}", "utf-8") from error
    except UnicodeDecodeError as error:
        found = f"{path.name} is not {dialect['encoding']} at byte {error.start + 1}"
        raise Refused("not_utf8", found, "dialect: {encoding: windows-1252}, or what it is") from error
    except csv.Error as error:
        raise Refused("csv_syntax", f"{path.name} cannot be read as CSV: {error}") from error
