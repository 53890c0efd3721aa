"""Build the rows of `model.figure` column by column: the same as `as_row`, for many figures at once.

What is computed (`figure.COMPUTED`) depends on a few fields of a figure. It is computed once for each combination of
these that occurs, and joined to the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from polars import DataFrame, Expr, Schema, Series, String, col, concat_str, lit, when

from misconduct.formats.parquet import frame_of, types_of
from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import LABELLED
from misconduct.model.figure import COLUMNS, COMPUTED, NUMBERS, Computed, citation_url, row_meta
from misconduct.model.locator import escape_around, escape_fragment
from misconduct.model.observation import FIELDS
from misconduct.model.table import FROM_ROOT, Row, compile_row

_CHARACTERS = r"^char=(\d+),(\d+)$"
_READ: dict[Any, Callable[[str], Any]] = {
    int: int, Decimal: Decimal, date: date.fromisoformat, list[str]: lambda cell: cell.split(" ") if cell else [],
}  # fmt: skip
"""How a field is read that is not a text."""


class ColumnarRows:
    """Build the rows of one release. `follows` maps columns whose cells depend on a code to the column of that code."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._computed = [_ComputedColumns(one, catalogue) for one in COMPUTED]
        self._own = _own_columns(catalogue)
        self._around = [(*place, *escape_around(around)) for place, around in catalogue.around.items()]
        self._types = Schema({**types_of(COLUMNS), **dict.fromkeys(NUMBERS, String())})
        codes = {column.name for column in COLUMNS if column.type == "code"}
        of_code = {one.fields: one.columns for one in COMPUTED if len(one.fields) == 1}
        of_code |= {(name,): FIELDS[name].columns for name in LABELLED}
        self.follows = {
            column.name: name for (name,), columns in of_code.items() if name in codes for column in columns
        }

    def of(self, figures: DataFrame) -> DataFrame:
        """Build the rows of a batch of `read_batches`; numbers are still texts in plain decimal notation."""
        rows = figures.select(**self._own).hstack([cells for one in self._computed for cells in one.of(figures)])
        printed_at = concat_str(rows["source_url"].alias("url"), *self._fragments(figures))
        return rows.with_columns(printed_at=printed_at).select(list(self._types)).cast(self._types)

    def _fragments(self, figures: DataFrame) -> list[Series]:
        """Make the parts of the fragment of each figure (`printed_url`); printed characters once for those alike."""
        places = DataFrame(
            self._around, schema=dict.fromkeys(("source", "at", "before", "behind"), String), orient="row"
        )
        found = figures.select("source", "at").join(places, on=("source", "at"), how="left", maintain_order="left")
        printed = figures["printed"]
        different = printed.drop_nulls().unique()
        in_text = [
            Series("start", ["#:~:text="]).new_from_index(0, len(figures)),
            found["before"].fill_null(""),
            printed.replace_strict(different, [escape_fragment(text) for text in different], default=None),
            found["behind"].fill_null(""),
        ]
        nothing = Series([""]).new_from_index(0, len(figures))
        is_text = figures["at"].fill_null("char=").str.starts_with("char=")
        in_table = ["#" + figures["at"], nothing, nothing, nothing]
        return [text.zip_with(is_text, table) for text, table in zip(in_text, in_table, strict=True)]


class _ComputedColumns:
    """The columns of one declaration in COMPUTED, remembered for the combinations of its fields that occurred."""

    def __init__(self, one: Computed, catalogue: Catalogue) -> None:
        self._make, self._under, self._columns = one.make, one.under, one.columns
        self._catalogue, self._flatten = catalogue, compile_row(one.columns)
        self._read = [_READ.get(FIELDS[name].type, str) for name in one.fields]
        mentioned = list(catalogue.mentioned_figures)
        self._keys = [
            (when(col(name).is_in(mentioned)).then(col(name)) if name == "id" else col(name)).alias(f"key {number}")
            for number, name in enumerate(one.fields)
        ]
        self._remembered: dict[tuple[str | None, ...], Row] = {}

    def of(self, figures: DataFrame) -> list[Series]:
        """Return the columns for a batch of figures."""
        keys = figures.select(self._keys)
        distinct = keys.unique()
        rows = [self._row(key) for key in distinct.rows()]
        found = distinct.hstack(frame_of(self._columns, rows))
        joined = keys.join(found, on=keys.columns, how="left", nulls_equal=True, maintain_order="left")
        return joined.drop(keys.columns).get_columns()

    def _row(self, key: tuple[str | None, ...]) -> Row:
        row = self._remembered.get(key)
        if row is None:
            cells = (None if cell is None else read(cell) for read, cell in zip(self._read, key, strict=True))
            made = self._make(self._catalogue, *cells)
            row = self._remembered[key] = self._flatten({self._under: made} if self._under else made)
        return row


def _own_columns(catalogue: Catalogue) -> dict[str, Expr]:
    """Make the columns that are a figure's own cells, and its places and links."""
    before_id, behind_id = citation_url(FROM_ROOT, "\0", catalogue.release.number).split("\0")
    own = {
        column.name: col(name).str.extract_all("[^ ]+") if field.type == list[str] else col(name)
        for name, field in FIELDS.items()
        if name not in LABELLED
        for column in field.columns
    }
    return {
        **own,
        **{name: lit(text) for name, text in row_meta(catalogue).items()},
        "locator_start": col("at").str.extract(_CHARACTERS, 1),
        "locator_end": col("at").str.extract(_CHARACTERS, 2),
        "cite_as": concat_str(lit(before_id), "id", lit(behind_id)),
    }
