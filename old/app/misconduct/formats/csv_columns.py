"""Encode CSV column by column: the same as `encode_csv`, for many rows at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from polars import Binary, Categorical, DataFrame, Expr, Series, String, col, concat_str, element, lit, when

from misconduct.formats.csv import FORMULA, NEW_CELL, encode_text, neutral
from misconduct.model.table import Column

_SUSPECT = rf"^{FORMULA}|{NEW_CELL}{FORMULA}"
"""Matches the texts that `neutral` may change."""

_NEEDS_QUOTES = r'[,"\r\n]'


Cells = Series | str
"""Encoded cells of each row, or those of all rows, where they are the same."""


def encode_lines(columns: Sequence[Column], rows: DataFrame, encoded: Mapping[str, Cells | None]) -> Series:
    """Encode the line of each row, without its line ending.

    The columns have the types of `frame_of`, except numbers, which are texts in plain decimal notation. `encoded` has
    the cells of neighbouring columns that are encoded already, by the name of the first; by the others', None.
    """
    parts = (encoded[one.name] if one.name in encoded else _encode(one, rows[one.name]) for one in columns)
    return _join([part for part in parts if part is not None], len(rows))


def join_lines(lines: Series) -> bytes:
    """Join lines, each with its line ending."""
    return b"\r\n".join([*lines.cast(Binary).to_list(), b""])


def encode_run(columns: Sequence[Column], rows: DataFrame) -> Series:
    """Encode neighbouring cells of each row."""
    return _join([_encode(column, rows[column.name]) for column in columns], len(rows))


def _encode(column: Column, cells: Series) -> Cells:
    """Encode a column; if it has codes, once for each code."""
    if cells.null_count() == len(cells):
        return ""
    if cells.dtype != Categorical:
        return _encode_cells(column, cells)
    different = cells.unique()
    if len(different) == 1:
        return encode_text(different.item())
    changed = {text: cell for text in different.drop_nulls() if (cell := encode_text(text)) != text}
    texts = cells.cast(String)
    return texts.replace(changed) if changed else texts


def _join(parts: Sequence[Cells], rows: int) -> Series:
    """Join the parts of each row by commas."""
    cells = {str(place): part for place, part in enumerate(parts) if isinstance(part, Series)}
    if not cells:
        return Series([",".join(map(str, parts))]).new_from_index(0, rows)
    if len(parts) == 1:
        return next(iter(cells.values())).fill_null("")
    joined = list[Expr]()
    for is_same, group in groupby(enumerate(parts), lambda part: isinstance(part[1], str)):
        if is_same:
            joined.append(lit(",".join(str(cell) for _, cell in group)))
        else:
            joined.extend(col(str(place)).fill_null("") for place, _ in group)
    return DataFrame(cells).select(concat_str(joined, separator=",")).to_series()


def write_cells(column: Column, cells: Series) -> Series:
    """Write cells as a CSV file has them, but for quotes; numbers are texts already."""
    if column.type in ("integer", "number", "boolean"):
        return cells.cast(String)
    return _neutralise(_join_lists(column, cells) if column.type == "texts" else cells.cast(String))


def _encode_cells(column: Column, cells: Series) -> Series:
    written = write_cells(column, cells)
    return written if column.type in ("integer", "number", "boolean") else _quote(written)


def _join_lists(column: Column, cells: Series) -> Series:
    """Join the lists of all cells, as Column.joined does."""
    if "|" in column.separator:
        cells = cells.list.eval(element().str.replace_all("|", "||", literal=True))
    return cells.list.join(column.separator)


def _neutralise(texts: Series) -> Series:
    suspect = texts.filter(texts.str.contains(_SUSPECT)).unique()
    return texts.replace(suspect, [neutral(text) for text in suspect]) if len(suspect) else texts


def _quote(texts: Series) -> Series:
    """Quote texts where RFC 4180 requires it."""
    text = col(texts.name)
    quoted = concat_str(lit('"'), text.str.replace_all('"', '""', literal=True), lit('"'))
    return texts.to_frame().select(when(text.str.contains(_NEEDS_QUOTES)).then(quoted).otherwise(text)).to_series()
