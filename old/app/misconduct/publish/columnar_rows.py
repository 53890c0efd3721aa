"""Build the rows of `model.figure` column by column: the same as `as_rows`, for many figures at once.

What is computed (`figure.COMPUTED`) depends on a few fields of a figure. It is computed once for each combination of
these that occurs, and joined to the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from polars import DataFrame, Expr, Schema, Series, String, col, concat, concat_str, lit, when

from misconduct.formats.csv_columns import Cells, encode_run
from misconduct.formats.parquet import frame_of, types_of
from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import LABELLED
from misconduct.model.figure import COLUMNS, COMPUTED, NUMBERS, Computed, citation_url, row_meta
from misconduct.model.locator import escape_around, escape_fragment
from misconduct.model.observation import FIELDS
from misconduct.model.table import FROM_ROOT, Column, Row, compile_row

_CHARACTERS = r"^char=(\d+),(\d+)$"
_READ: dict[Any, Callable[[str], Any]] = {
    int: int, Decimal: Decimal, date: date.fromisoformat, list[str]: lambda cell: cell.split(" ") if cell else [],
}  # fmt: skip
"""How a field is read that is not a text."""


def _labelled(name: str) -> Computed:
    return Computed((name,), lambda catalogue, code: {name: catalogue.with_label(name, code)}, FIELDS[name].columns)


_SEPARATE = (*map(_labelled, LABELLED), *(one for one in COMPUTED if one.fields != LABELLED))
"""What is computed, each coded column by itself: nearly every figure has codes that no other has together."""


class ColumnarRows:
    """Build the rows of one release, and what is computed of them as cells of CSV."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._computed = [_ComputedColumns(one, catalogue) for one in _SEPARATE]
        self._own = _own_columns(catalogue)
        self._around = [(*place, *escape_around(around)) for place, around in catalogue.around.items()]
        self._types = Schema({**types_of(COLUMNS), **dict.fromkeys(NUMBERS, String())})

    def of(self, figures: DataFrame) -> tuple[DataFrame, dict[str, Cells | None]]:
        """Build the rows of a batch of `read_batches`; numbers are still texts in plain decimal notation.

        Also returns cells that are encoded, as `encode_lines` takes them.
        """
        found = [one.of(figures) for one in self._computed]
        rows = figures.select(**self._own).hstack([cells for computed, _ in found for cells in computed])
        printed_at = concat_str(rows["source_url"].alias("url"), *self._fragments(figures))
        rows = rows.with_columns(printed_at=printed_at).select(list(self._types)).cast(self._types)
        return rows, {name: cells for _, encoded in found for name, cells in encoded.items()}

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
        self._keys = [_key(name, one, catalogue).alias(f"key {place}") for place, name in enumerate(one.fields)]
        self._runs = _runs(one.columns)
        self._known: DataFrame | None = None

    def of(self, figures: DataFrame) -> tuple[list[Series], dict[str, Cells | None]]:
        """Return the columns for a batch of figures, and their encoded cells."""
        keys = figures.select(self._keys)
        is_same = keys.n_unique() == 1
        if is_same:
            keys = keys.head(1)
        if self._known is None:
            self._known = self._compute(keys.unique())
        joined = self._join(keys, self._known)
        if joined["is known"].null_count():
            lacking = keys.filter(joined["is known"].is_null()).unique()
            self._known = concat([self._known, self._compute(lacking)], rechunk=True)
            joined = self._join(keys, self._known)
        encoded: dict[str, Cells | None] = {column.name: None for column in self._columns}
        for name in self._runs:
            cells = joined[f"cells {name}"]
            encoded[name] = cells.item() if is_same else cells
        columns = (joined[column.name] for column in self._columns)
        return [cells.new_from_index(0, len(figures)) if is_same else cells for cells in columns], encoded

    @staticmethod
    def _join(keys: DataFrame, known: DataFrame) -> DataFrame:
        return keys.join(known, on=keys.columns, how="left", nulls_equal=True, maintain_order="left")

    def _compute(self, keys: DataFrame) -> DataFrame:
        found = frame_of(self._columns, [self._row(key) for key in keys.rows()])
        cells = [encode_run(run, found).alias(f"cells {name}") for name, run in self._runs.items()]
        return keys.hstack(found).hstack(cells).with_columns(lit(value=True).alias("is known"))

    def _row(self, key: tuple[str | None, ...]) -> Row:
        cells = (None if cell is None else read(cell) for read, cell in zip(self._read, key, strict=True))
        made = self._make(self._catalogue, *cells)
        return self._flatten({self._under: made} if self._under else made)


def _key(name: str, one: Computed, catalogue: Catalogue) -> Expr:
    """Make of a field what the computed columns depend on, so that few combinations occur."""
    if name == "id":
        return when(col(name).is_in(list(catalogue.mentioned_figures))).then(col(name))
    if name == "source" and one.under == "period":  # whose day of publication is all that matters
        first: dict[str | None, str] = {}
        same = {slug: first.setdefault(s["published"], slug) for slug, s in catalogue.sources_of_figures.items()}
        return col(name).replace_strict(list(same), list(same.values()), return_dtype=String()) if same else col(name)
    return col(name)


def _runs(columns: Sequence[Column]) -> dict[str, list[Column]]:
    """Return which of these columns are neighbours in a row, by the name of the first."""
    places = {column.name: place for place, column in enumerate(COLUMNS)}
    in_order = sorted(columns, key=lambda column: places[column.name])
    grouped = groupby(enumerate(in_order), lambda pair: places[pair[1].name] - pair[0])
    runs = ([column for _, column in group] for _, group in grouped)
    return {run[0].name: run for run in runs}


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
