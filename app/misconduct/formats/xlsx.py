"""XLSX: a sheet with the rows, and one that says where they are from and what the columns mean."""

import io
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date, datetime
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync

from misconduct.errors import TooManyRows
from misconduct.formats.table import Table, join

if TYPE_CHECKING:
    from xlsxwriter import Workbook

MAX_ROWS = 50_000
MAX_OF_AN_ADDRESS = 2_000  # characters of a link; Excel has a limit of 2,079, and of 65,530 links in a sheet
WIDTHS = {
    "text": 20,
    "number": 12,
    "integer": 8,
    "day": 12,
    "code": 24,
    "list": 14,
}  # characters, by what a column holds
FIRST_DAY = date(1900, 3, 1)
"""Spreadsheets have no earlier day in common: Excel has none before 1900, and a 29 February 1900."""
WRAPPED = 80  # text wraps in columns that are wider


async def encode(table: Table) -> AsyncIterator[bytes]:
    """Yield the whole workbook. Raises TooManyRows."""
    if table.rows > MAX_ROWS:
        raise TooManyRows(
            f"An XLSX file has at most {MAX_ROWS:,} rows. Use .csv or .parquet, or add filters."
        )
    content = io.BytesIO()
    with TemporaryDirectory() as folder:
        book = await run_sync(_open, table, content, folder)
        widths = {
            column.name: max(WIDTHS[column.holds], len(column.name) + 3)
            for column in table.columns
        }
        data = _Sheet(book, "data", widths, link="cite_as")
        async for page in table.pages:
            await run_sync(data.add, map(table.cells, page))
        await run_sync(_finish, table, book)
    yield content.getvalue()


def _open(table: Table, content: io.BytesIO, folder: str) -> "Workbook":
    from xlsxwriter import Workbook

    options = {
        "constant_memory": True,  # rows go to a temporary file
        "tmpdir": folder,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "default_date_format": "yyyy-mm-dd",
    }
    book = Workbook(content, options)
    created = datetime.fromisoformat(
        table.about["day"]
    )  # the same figures give the same bytes
    book.set_properties({"title": table.about["title"], "created": created})
    return book


def _finish(table: Table, book: "Workbook") -> None:
    about = _Sheet(book, "about", {"name": 30, "text": 100}, link="text")
    about.add(table.describe().items())
    book.close()


class _Sheet:
    def __init__(
        self,
        book: "Workbook",
        name: str,
        widths: Mapping[str, int],
        link: str | None = None,
    ) -> None:
        self.sheet = book.add_worksheet(name)
        self.names, self.link, self.rows = [*widths], link, 0
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for place, width in enumerate(widths.values()):
            self.sheet.set_column(
                place, place, width, wrapped if width > WRAPPED else None
            )
        self.sheet.write_row(0, 0, self.names, book.add_format({"bold": True}))
        self.sheet.freeze_panes(1, 0)

    def add(self, rows: Iterable[Iterable[Any]]) -> None:
        for cells in rows:
            self.rows += 1
            for place, (name, value) in enumerate(zip(self.names, cells, strict=True)):
                if value is not None:
                    self._write(place, value, is_link=name == self.link)
        self.sheet.autofilter(0, 0, self.rows, len(self.names) - 1)
        as_text = f"A1:XFD{self.rows + 1}"  # years, and numbers as printed
        self.sheet.ignore_errors({"number_stored_as_text": as_text})

    def _write(self, place: int, value: Any, *, is_link: bool) -> None:
        if (
            is_link
            and str(value).startswith("http")
            and len(value) <= MAX_OF_AN_ADDRESS
        ):
            self.sheet.write_url(self.rows, place, value)
        elif isinstance(value, date) and value < FIRST_DAY:
            self.sheet.write_string(self.rows, place, value.isoformat())
        elif isinstance(
            value, str
        ):  # `write` would first look for what else it could be
            self.sheet.write_string(self.rows, place, value)
        else:
            self.sheet.write(self.rows, place, join(value))
