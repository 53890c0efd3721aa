"""Write the CSV and the Parquet file of each dataset, and of all figures, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from polars import DataFrame, Expr, String, col, lit

from misconduct.formats import FORMATS
from misconduct.formats.csv import encode_csv
from misconduct.formats.csv_columns import encode_lines, write_lines
from misconduct.formats.parquet import ParquetParts
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import COLUMNS, notes
from misconduct.model.table import Table
from misconduct.publish.columnar_rows import ColumnarRows
from misconduct.queries.files import EVERYTHING


class DatasetFiles:
    """The files of one release in a folder, of the datasets named by `slugs`."""

    def __init__(self, folder: Path, catalogue: Catalogue, slugs: Collection[str]) -> None:
        self._folder, self._notes = folder, notes(catalogue)
        self._rows = ColumnarRows(catalogue)
        self._shown = {slug: shown for slug, shown in _shown_rows(catalogue) if slug in slugs}
        self._parts = ParquetParts(folder, COLUMNS)
        for slug in self._shown:
            self._path(slug, "csv").write_bytes(b"".join(encode_csv(Table(COLUMNS, []))))

    def append(self, figures: DataFrame) -> None:
        """Add a batch of `read_batches` to the files of the datasets that show it."""
        rows = self._rows.of(figures)
        self._parts.append(rows)
        lines = rows.select("measure", line=encode_lines(COLUMNS, rows, self._rows.follows))
        for slug, shown in self._shown.items():
            with self._path(slug, "csv").open("ab") as file:
                write_lines(file, lines.filter(shown)["line"])

    def finish(self) -> Iterator[tuple[Path, str]]:
        """Yield the finished files, each with its media type."""
        for slug, shown in self._shown.items():
            self._parts.write(self._path(slug, "parquet"), self._notes, shown)
            for form in ("csv", "parquet"):
                yield self._path(slug, form), FORMATS[form].content_type

    def _path(self, slug: str, form: str) -> Path:
        return self._folder / f"{slug}.{form}"


def _shown_rows(catalogue: Catalogue) -> Iterator[tuple[str, Expr]]:
    """Yield the name of each file and the condition for its rows."""
    yield EVERYTHING, lit(True)
    for slug, dataset in catalogue.kind("dataset").items():
        yield slug, col("measure").cast(String()).is_in(dataset["measures"])
