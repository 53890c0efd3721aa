"""The files of a release, built once, in the transaction that brings the release."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import Connection, insert, select

from app.db.tables import file_pieces, files, observations, period_order
from app.domain.catalogue import Catalogue
from app.domain.figure import COLUMNS, as_row, notes
from app.domain.observation import Observation
from app.domain.records import Release
from app.domain.table import Row, Table
from app.formats import FORMATS
from app.formats.csv import encode_csv
from app.formats.parquet import ParquetFile
from app.publish.bundle import write_bundle
from app.queries.files import PIECE_BYTES
from app.queries.filters import in_force

ROWS_AT_ONCE = 20_000
EVERYTHING = "observations"


def build_files(connection: Connection, catalogue: Catalogue, releases: list[Release], base_url: str) -> None:
    """Builds and stores the files of one release: each dataset as CSV and Parquet, and the bundle of all."""
    with tempfile.TemporaryDirectory(prefix="misconduct-") as folder:
        for path, media_type in _write_datasets(connection, catalogue, base_url, Path(folder)):
            _store(connection, catalogue, path, media_type)
        bundle = write_bundle(Path(folder), catalogue, releases, base_url)
        _store(connection, catalogue, bundle, "application/zip")


def _write_datasets(
    connection: Connection, catalogue: Catalogue, base_url: str, folder: Path
) -> Iterator[tuple[Path, str]]:
    """Writes every dataset, and all of them together, in one pass over the figures."""
    slugs = (EVERYTHING, *catalogue.kind("dataset"))
    written = [DatasetFiles(folder, slug, notes(catalogue, base_url)) for slug in slugs]
    for batch in _observations(connection, catalogue.release.ordinal):
        rows = [as_row(o, catalogue, base_url) for o in batch]
        shown = [{EVERYTHING, *catalogue.datasets_of.get(o.measure, ())} for o in batch]
        for dataset in written:
            dataset.append([row for row, slugs_of_row in zip(rows, shown, strict=True) if dataset.slug in slugs_of_row])
    for dataset in written:
        yield from dataset.close()


class DatasetFiles:
    """The CSV and the Parquet file of one dataset, written a batch of rows at a time."""

    def __init__(self, folder: Path, slug: str, table_notes: Mapping[str, str]) -> None:
        self.slug = slug
        self._csv, self._parquet = folder / f"{slug}.csv", folder / f"{slug}.parquet"
        self._columnar = ParquetFile(self._parquet, COLUMNS, table_notes)
        self._csv.write_bytes(b"".join(encode_csv(Table(COLUMNS, []))))

    def append(self, rows: list[Row]) -> None:
        """Adds rows behind those that are there."""
        if rows:
            self._columnar.append(rows)
            with self._csv.open("ab") as file:
                file.writelines(encode_csv(Table(COLUMNS, rows), header=False))

    def close(self) -> Iterator[tuple[Path, str]]:
        """The finished files, each with its media type."""
        self._columnar.close()
        yield self._csv, FORMATS["csv"].content_type
        yield self._parquet, FORMATS["parquet"].content_type


def _observations(connection: Connection, ordinal: int) -> Iterator[list[Observation]]:
    """The observations of a release in the order of a listing, in batches, from a server-side cursor."""
    statement = select(*observations.c).where(in_force(observations, ordinal)).order_by(period_order, observations.c.id)
    rows = connection.execute(statement.execution_options(yield_per=ROWS_AT_ONCE))
    return ([Observation._make(row) for row in batch] for batch in rows.partitions())


def _store(connection: Connection, catalogue: Catalogue, path: Path, media_type: str) -> None:
    """Puts a file into the database, in pieces."""
    key = {"release": catalogue.release.ordinal, "name": path.name}
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        facts = {"media_type": media_type, "length": file.tell(), "sha256": digest.hexdigest()}
        connection.execute(insert(files).values(**key, **facts))
        file.seek(0)
        for number, piece in enumerate(iter(lambda: file.read(PIECE_BYTES), b"")):
            connection.execute(insert(file_pieces).values(**key, number=number, bytes=piece))
