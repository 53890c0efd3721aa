"""Encode CSV column by column: the same as `encode_csv`, for many rows at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import IO

from polars import Categorical, DataFrame, Series, String, col, concat_str, element, lit, when

from misconduct.formats.csv import FORMULA, neutral
from misconduct.model.table import Column

_SUSPECT = rf"^{FORMULA}|[;\t\r\n]{FORMULA}"
"""Matches the texts that `neutral` may change."""

_NEEDS_QUOTES = r'[,"\r\n]'


def encode_lines(columns: Sequence[Column], rows: DataFrame, follows: Mapping[str, str]) -> Series:
    """Encode the line of each row, without its line ending.

    The columns have the types of `frame_of`, except numbers, which are texts in plain decimal notation. `follows` maps
    columns to the column of the code on which their cells depend.
    """
    keyed = groupby(columns, lambda column: follows.get(column.name, column.name))
    groups = [(key, list(group)) for key, group in keyed]
    return _join({group[0].name: _encode(key, group, rows) for key, group in groups})


def write_lines(file: IO[bytes], lines: Series) -> None:
    """Append lines to the file, each with its line ending."""
    lines.to_frame().write_csv(file, include_header=False, quote_style="never", line_terminator="\r\n")


def _encode(key: str, columns: Sequence[Column], rows: DataFrame) -> Series:
    """Encode neighbouring columns into one text; if they depend on a code, once for each code."""
    if rows.schema[key] != Categorical:
        return _join({column.name: _encode_cells(column, rows[column.name]) for column in columns})
    different = rows.unique(key)
    cells = {column.name: _encode_cells(column, different[column.name]) for column in columns}
    return rows[key].replace_strict(different[key], _join(cells))


def _join(cells: Mapping[str, Series]) -> Series:
    if len(cells) == 1:
        return next(iter(cells.values()))
    return DataFrame(cells).select(concat_str(col("*").fill_null(""), separator=",")).to_series()


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
