"""The flat rows of `model.figure`, column by column: what `as_row` makes of each figure, for many at once.

What a row says beyond the figure's own cells depends on one code, one source or one id. Each of these is spelt out
once, in a small table, and joined to the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from polars import Categorical, DataFrame, Expr, Schema, Series, String, col, concat_str, element, lit

from app.formats.parquet import frame_of, types_of
from app.model.catalogue import Catalogue
from app.model.codes import LABELLED
from app.model.figure import ATTRIBUTION, BASIS, COLUMNS, LICENCE, citation_url, standing_of, text_fragment
from app.model.observation import FIELDS
from app.model.table import FROM_ROOT, Column, compile_row

_CHARACTERS = r"^char=(\d+),(\d+)$"


class FlatRows:
    """Makes the rows of one release. `follows` has the columns whose cells follow from a code, each with that code."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._tables = list(_small_tables(catalogue))
        self._keys = Schema({table.columns[0]: table.dtypes[0] for table in self._tables})
        self._own = _own_columns(catalogue)
        self.follows = _what_follows(self._tables)
        self._types = Schema({**types_of(COLUMNS), "value": String()})

    def of(self, figures: DataFrame) -> DataFrame:
        """The rows of a batch of `read_batches`, typed, but for the value: still a text in plain decimal notation."""
        rows = figures.with_columns(fragment=_fragments(figures["printed"])).cast(self._keys)
        for table in self._tables:
            rows = rows.join(table, on=table.columns[0], how="left", maintain_order="left")
        return rows.with_columns(**self._own).select(list(self._types)).cast(self._types)


def _small_tables(catalogue: Catalogue) -> Iterator[DataFrame]:
    """Tables to be joined to the rows by their first column: all that follows from a code, a source or an id."""
    parts = {name: catalogue.coded.get(name, {}) for name in LABELLED}
    parts |= {"origin": catalogue.origins_of_figures, "source": catalogue.sources_of_figures}
    for key, by_code in parts.items():
        columns = [column for column in COLUMNS if column.steps[0] == key]
        flatten = compile_row(columns)
        yield frame_of(columns, [flatten({key: part}) for part in by_code.values()])
    datasets = [(measure, list(slugs)) for measure, slugs in catalogue.datasets_of.items()]
    yield frame_of((_column("measure"), _column("datasets")), datasets)
    standing = (_column("id"), _column("checks"), _column("disagreements"))
    touched = sorted({*catalogue.checks_of, *catalogue.disagreements_of})
    flatten = compile_row(standing)
    yield frame_of(standing, [flatten({"id": one, **standing_of(one, catalogue)}) for one in touched])


def _column(name: str) -> Column:
    return next(column for column in COLUMNS if column.name == name)


def _what_follows(tables: Iterable[DataFrame]) -> dict[str, str]:
    by_code = [table for table in tables if table.dtypes[0] == Categorical]
    return {name: table.columns[0] for table in by_code for name in table.columns}


def _own_columns(catalogue: Catalogue) -> dict[str, Expr]:
    """The columns that are not joined: each from the figure's own cells, or the same in all rows."""
    release = catalogue.release.number
    before_id, behind_id = citation_url(FROM_ROOT, "\0", release).split("\0")
    caveats = {name: caveat["text"] for name, caveat in catalogue.kind("caveat").items()}
    numbers = {str(ordinal): number for ordinal, number in catalogue.release_numbers.items()}
    own = {column.name: (name, field) for name, field in FIELDS.items() for column in field.columns[:1]}
    return {
        **{shown: _words(name) if field.type == list[str] else col(name) for shown, (name, field) in own.items()},
        "release": lit(release),
        "datasets": col("datasets").fill_null([]),
        "basis": lit(BASIS),
        "locator_start": col("at").str.extract(_CHARACTERS, 1),
        "locator_end": col("at").str.extract(_CHARACTERS, 2),
        "caveats": _words("caveats"),
        "caveat_texts": _words("caveats").list.eval(_named(element(), caveats)),
        "checks": col("checks").fill_null([]),
        "disagreements": col("disagreements").fill_null([]),
        "added_in": _named(col("added_in"), numbers),
        "ended_in": lit(None),  # what is in force has not ended, as far as this release knows
        "licence": lit(LICENCE),
        "attribution": lit(ATTRIBUTION),
        "cite_as": concat_str(lit(before_id), "id", lit(behind_id)),
        "printed_at": concat_str("source_url", "fragment"),
    }


def _words(name: str) -> Expr:
    """A list that is joined by spaces."""
    return col(name).str.extract_all("[^ ]+")


def _named(expression: Expr, names: Mapping[str, str]) -> Expr:
    return expression.replace_strict(list(names), list(names.values()), return_dtype=String())


def _fragments(printed: Series) -> Series:
    """The text fragment of each figure; of those that are printed alike, it is made once."""
    different = printed.unique()
    return printed.replace_strict(different, [text_fragment(text) for text in different])
