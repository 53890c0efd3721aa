"""The files of a release, built once, in the transaction that brings the release."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from io import SEEK_END, BufferedIOBase
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, delete, exists, insert, select

from misconduct.db.encoders import encoders
from misconduct.db.tables import file_contents, files
from misconduct.model.catalogue import Catalogue
from misconduct.model.records import Release
from misconduct.publish.bundle import write_bundle
from misconduct.queries.files import BUNDLE, EVERYTHING, PIECE_BYTES
from misconduct.register.bundle_manifest import Seals

COMPRESSION_LEVEL = 1  # the next ones take twice the time for a tenth less
WORTH_IT = 0.8  # of its length: bundles, and Parquet files that are not small, are compressed already

BUILT_BY = ".built-by.json"
SAVED = """SELECT r.number, f.name, f.built_by, p.number, p.length, p.bytes FROM files f
JOIN releases r ON r.ordinal = f.release JOIN file_contents p USING (sha256) ORDER BY f.release, f.name, p.number"""


def build_files(
    connection: Connection,
    catalogue: Catalogue,
    releases: list[Release],
    seals: Seals,
    wanted: Collection[str],
    *,
    on_progress: Callable[[int, int], None],
) -> None:
    """Build and store the wanted files of one release: datasets as CSV and Parquet, and the bundle of all.

    `on_progress` gets the number of figures done and of all.
    """
    slugs = {Path(name).stem for name in wanted if name != BUNDLE} | ({EVERYTHING} if BUNDLE in wanted else set())
    with tempfile.TemporaryDirectory(prefix="misconduct-") as folder:
        for path, media_type in _write_datasets(connection, catalogue, Path(folder), slugs, on_progress):
            if path.name in wanted:
                _store(connection, catalogue, path, media_type)
        if BUNDLE in wanted:
            bundle = write_bundle(connection, Path(folder), catalogue, releases, seals)
            _store(connection, catalogue, bundle, "application/zip")


def _write_datasets(
    connection: Connection,
    catalogue: Catalogue,
    folder: Path,
    slugs: Collection[str],
    on_progress: Callable[[int, int], None],
) -> Iterator[tuple[Path, str]]:
    """Write the datasets named by `slugs`, of which one is that of all figures, in one pass over the figures."""
    from misconduct.publish.copy_out import count_figures, read_batches  # polars takes 40 MB: import it only here
    from misconduct.publish.dataset_files import DatasetFiles

    ordinal, written = catalogue.release.ordinal, DatasetFiles(folder, catalogue, slugs)
    done, total = 0, count_figures(connection, ordinal)
    for batch in read_batches(connection, ordinal):
        written.append(batch)
        done += len(batch)
        on_progress(done, total)
    yield from written.finish()


def _store(connection: Connection, catalogue: Catalogue, path: Path, media_type: str) -> None:
    with path.open("rb") as file:
        own = dict(encoders())
        store_file(connection, catalogue.release.ordinal, file, name=path.name, media_type=media_type, built_by=own)


def store_file(
    connection: Connection, ordinal: int, file: BufferedIOBase, *, name: str, media_type: str, built_by: Any
) -> None:
    """Store a file of a release in the database; its bytes, in pieces, unless another file has the same."""
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    facts = {"media_type": media_type, "length": file.seek(0, SEEK_END), "sha256": sha256, "built_by": built_by}
    connection.execute(insert(files).values(release=ordinal, name=name, **facts))
    if connection.scalar(select(exists().where(file_contents.c.sha256 == sha256))):
        return
    file.seek(0)
    for number, piece in enumerate(iter(lambda: file.read(PIECE_BYTES), b"")):
        pressed = zlib.compress(piece, COMPRESSION_LEVEL)
        written = pressed if len(pressed) < len(piece) * WORTH_IT else piece
        key = {"sha256": sha256, "number": number, "length": len(piece)}
        connection.execute(insert(file_contents).values(**key, bytes=written))


def save_files(url: str, folder: Path) -> int:
    """Write the files of every release to `<folder>/<number>/`, for `take_files`; return how many there are."""
    with psycopg.connect(url) as connection, connection.cursor(name="files") as cursor:
        cursor.itersize = 8
        count = 0
        for number, name, built_by, piece_number, length, piece in cursor.execute(SAVED):
            path = folder / number / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab" if piece_number else "wb") as file, suppress(zlib.error):  # of bytes that were changed
                file.write(piece if len(piece) == length else zlib.decompress(piece))
            if not piece_number:
                count += 1
                (path.parent / f"{name}{BUILT_BY}").write_text(json.dumps(built_by))
    return count


def take_files(
    connection: Connection, folder: Path, catalogue: Catalogue, seals: Seals, wanted: Collection[str]
) -> set[str]:
    """Store the wanted files that a folder has, if they are the release's; return their names."""
    from misconduct.bundles.kept_files import find_intact

    datasets = {slug: dataset["measures"] for slug, dataset in catalogue.kind("dataset").items()}
    taken: set[str] = set()
    for name, media_type in find_intact(folder, catalogue.release.digest, seals.manifests, datasets):
        if name in wanted:
            noted = folder / f"{name}{BUILT_BY}"
            built_by = json.loads(noted.read_text()) if noted.is_file() else None
            with (folder / name).open("rb") as file:
                of = {"name": name, "media_type": media_type}
                store_file(connection, catalogue.release.ordinal, file, **of, built_by=built_by)
            taken.add(name)
    return taken


def delete_unused_contents(connection: Connection) -> None:
    """Delete the bytes that no file has any more."""
    connection.execute(delete(file_contents).where(~exists().where(files.c.sha256 == file_contents.c.sha256)))
