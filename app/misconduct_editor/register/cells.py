"""Name the cells of tables as spreadsheets do, and the types of files that have tables."""

import re

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".xls": "application/vnd.ms-excel",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CELL_NAME = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


def read_cell_name(name: str) -> tuple[int, int]:
    """Return the row and column of a cell such as B7."""
    match = _CELL_NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} is not the name of a cell; write it like B7")
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(match[2]), column


def read_cell_names(names: str) -> set[tuple[int, int]]:
    return {read_cell_name(one) for one in names.split(" ")}


def name_cell(row: int, column: int) -> str:
    return f"{name_column(column)}{row}"


def name_column(number: int) -> str:
    """Return the letters of a column: B for 2, AA for 27."""
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
