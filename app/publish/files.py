"""The files of a release, built once, in the transaction that brings the release."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import Connection, insert, select

from app.db.tables import file_pieces, files, observations, period_order
from app.domain.catalogue import Catalogue
from app.domain.figure import as_table
from app.domain.observation import Observation
from app.domain.records import Release
from app.domain.table import Table
from app.formats import FORMATS
from app.formats.parquet import write_parquet
from app.publish.bundle import write_bundle
from app.queries.files import PIECE_BYTES
from app.queries.filters import Filters, in_force

ROWS_AT_ONCE = 10_000
EVERYTHING = "observations"


def build_files(connection: Connection, catalogue: Catalogue, releases: list[Release], base_url: str) -> None:
    """Builds and stores the files of one release: each dataset as CSV and Parquet, and the bundle of all."""
    measures = {slug: tuple(dataset["measures"]) for slug, dataset in catalogue.kind("dataset").items()}
    with tempfile.TemporaryDirectory(prefix="misconduct-") as folder:
        for slug, wanted in ({EVERYTHING: None} | measures).items():
            table = _table_of(connection, catalogue, wanted, base_url)
            path = Path(folder) / f"{slug}.csv"
            _write(path, FORMATS["csv"].encode(table))
            _store(connection, catalogue, path, FORMATS["csv"].content_type)
            parquet = path.with_suffix(".parquet")
            write_parquet(_table_of(connection, catalogue, wanted, base_url), parquet)
            _store(connection, catalogue, parquet, FORMATS["parquet"].content_type)
        bundle = write_bundle(Path(folder), catalogue, releases, base_url)
        _store(connection, catalogue, bundle, "application/zip")


def _table_of(connection: Connection, catalogue: Catalogue, measures: tuple[str, ...] | None, base_url: str) -> Table:
    return as_table(_observations(connection, catalogue.release.ordinal, measures), catalogue, base_url)


def _observations(connection: Connection, ordinal: int, measures: tuple[str, ...] | None) -> Iterator[Observation]:
    """The observations of a release in the order of a listing, from a server-side cursor."""
    filters = Filters() if measures is None else Filters().within("measure", measures)
    statement = select(*observations.c).where(in_force(observations, ordinal), *filters.conditions())
    ordered = statement.order_by(period_order, observations.c.id).execution_options(yield_per=ROWS_AT_ONCE)
    rows = connection.execute(ordered)
    return (Observation._make(row) for row in rows)


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(pieces)


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
