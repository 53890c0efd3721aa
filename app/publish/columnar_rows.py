"""Build the rows of `model.figure` column by column: the same as `as_row`, for many figures at once.

Most cells beyond the figure's own depend on one code, one source or one id. These are written once into small tables,
which are joined to the rows.
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


class ColumnarRows:
    """Build the rows of one release. `follows` maps columns whose cells depend on a code to the column of that code."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._tables = list(_small_tables(catalogue))
        self._keys = Schema({table.columns[0]: table.dtypes[0] for table in self._tables})
        self._own = _own_columns(catalogue)
        self.follows = _what_follows(self._tables)
        self._types = Schema({**types_of(COLUMNS), "value": String()})

    def of(self, figures: DataFrame) -> DataFrame:
        """Build the rows of a batch of `read_batches`; the value is still a text in plain decimal notation."""
        rows = figures.with_columns(fragment=_fragments(figures["printed"])).cast(self._keys)
        for table in self._tables:
            rows = rows.join(table, on=table.columns[0], how="left", maintain_order="left")
        return rows.with_columns(**self._own).select(list(self._types)).cast(self._types)


def _small_tables(catalogue: Catalogue) -> Iterator[DataFrame]:
    """Yield the tables that are joined to the rows by their first column: a code, a source or an id."""
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
    """Make the columns that are not joined: each depends on the figure's own cells, or is the same in all rows."""
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
        "ended_in": lit(None),  # a release does not know of later ones
        "licence": lit(LICENCE),
        "attribution": lit(ATTRIBUTION),
        "cite_as": concat_str(lit(before_id), "id", lit(behind_id)),
        "printed_at": concat_str("source_url", "fragment"),
    }


def _words(name: str) -> Expr:
    """Split a list that is joined by spaces."""
    return col(name).str.extract_all("[^ ]+")


def _named(expression: Expr, names: Mapping[str, str]) -> Expr:
    return expression.replace_strict(list(names), list(names.values()), return_dtype=String())


def _fragments(printed: Series) -> Series:
    """Make the text fragment of each figure, once for figures that are printed alike."""
    different = printed.unique()
    return printed.replace_strict(different, [text_fragment(text) for text in different])
