"""The files of a release, built once, in the transaction that brings the release."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from io import SEEK_END, BufferedIOBase
from pathlib import Path

from sqlalchemy import Connection, insert

from app.db.tables import file_pieces, files
from app.model.catalogue import Catalogue
from app.model.records import Release
from app.publish.bundle import write_bundle
from app.queries.files import PIECE_BYTES
from app.register.bundle_manifest import Seals


def build_files(
    connection: Connection,
    catalogue: Catalogue,
    releases: list[Release],
    seals: Seals,
    *,
    on_progress: Callable[[int, int], None],
) -> None:
    """Builds and stores the files of one release: each dataset as CSV and Parquet, and the bundle of all.

    `on_progress` is told figures done and figures in all.
    """
    with tempfile.TemporaryDirectory(prefix="misconduct-") as folder:
        for path, media_type in _write_datasets(connection, catalogue, Path(folder), on_progress):
            _store(connection, catalogue, path, media_type)
        bundle = write_bundle(connection, Path(folder), catalogue, releases, seals)
        _store(connection, catalogue, bundle, "application/zip")


def _write_datasets(
    connection: Connection, catalogue: Catalogue, folder: Path, on_progress: Callable[[int, int], None]
) -> Iterator[tuple[Path, str]]:
    """Writes every dataset, and all of them together, in one pass over the figures."""
    from app.publish.copy_out import count_figures, read_batches  # which bring polars, and that takes its 40 MB
    from app.publish.dataset_files import DatasetFiles

    ordinal, written = catalogue.release.ordinal, DatasetFiles(folder, catalogue)
    done, total = 0, count_figures(connection, ordinal)
    for batch in read_batches(connection, ordinal):
        written.append(batch)
        done += len(batch)
        on_progress(done, total)
    yield from written.finish()


def _store(connection: Connection, catalogue: Catalogue, path: Path, media_type: str) -> None:
    with path.open("rb") as file:
        store_file(connection, catalogue.release.ordinal, path.name, media_type, file)


def store_file(connection: Connection, ordinal: int, name: str, media_type: str, file: BufferedIOBase) -> None:
    """Puts a file of a release into the database, in pieces."""
    key = {"release": ordinal, "name": name}
    digest = hashlib.file_digest(file, "sha256")
    facts = {"media_type": media_type, "length": file.seek(0, SEEK_END), "sha256": digest.hexdigest()}
    connection.execute(insert(files).values(**key, **facts))
    file.seek(0)
    for number, piece in enumerate(iter(lambda: file.read(PIECE_BYTES), b"")):
        connection.execute(insert(file_pieces).values(**key, number=number, bytes=piece))
