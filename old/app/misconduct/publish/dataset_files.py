"""Write the CSV and the Parquet file of each dataset, and of all figures, a batch of rows at a time."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from queue import Full, Queue
from threading import Event, Thread

from polars import DataFrame
from sqlalchemy import Connection

from misconduct.errors import MisconductError
from misconduct.formats import FORMATS
from misconduct.formats.csv import encode_csv
from misconduct.formats.csv_columns import encode_lines, join_lines
from misconduct.formats.parquet import ROWS_IN_GROUP, write_parquet
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import COLUMNS, notes
from misconduct.model.table import Table
from misconduct.publish.columnar_rows import ColumnarRows
from misconduct.publish.copy_out import SEALED, read_batches
from misconduct.publish.deflated import DeflatedFile, Deflater
from misconduct.queries.files import EVERYTHING

_ROWS_OF_DATASETS = 32_768
"""As many are in memory for the row groups of all datasets together."""


class DatasetFiles:
    """The files of one release in a folder, of the datasets named by `slugs`. Each Parquet file has its own thread.

    Beside them is `sealed`, the register's own rows of all figures. Raises MisconductError if the machine has no room
    for the threads.
    """

    def __init__(self, catalogue: Catalogue, slugs: Collection[str], deflater: Deflater) -> None:
        self._deflater = deflater
        self._rows = ColumnarRows(catalogue)
        self._measures = {slug: measures for slug, measures in _shown_measures(catalogue) if slug in slugs}
        self._csv = {slug: deflater.new() for slug in self._measures}
        for file in self._csv.values():
            file.write(b"".join(encode_csv(Table(COLUMNS, []))))
        self.sealed = deflater.new()
        self.sealed.write(f"{','.join(SEALED)}\n".encode())
        _require_threads(2 * len(self._measures) + 4 * (os.cpu_count() or 1) + 8)  # measured, with some to spare
        self._threads = ThreadPoolExecutor(len(self._measures) or 1)
        datasets = len(catalogue.kind("dataset"))  # also of those not named: the bytes are the same with or without
        of_one = max(min(_ROWS_OF_DATASETS // (datasets or 1), ROWS_IN_GROUP), 1_024)
        self._parquet = {
            slug: _Fed(
                self._threads,
                deflater.folder / f"{slug}.parquet",
                notes(catalogue),
                ROWS_IN_GROUP if measures is None else of_one,
            )
            for slug, measures in self._measures.items()
        }

    def __enter__(self) -> DatasetFiles:
        """Return the files, to which figures can be added in the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the threads that write, also when not all was written."""
        for file in self._parquet.values():
            file.abandon()
        self._threads.shutdown()

    def append(self, figures: DataFrame, sealed: bytes) -> None:
        """Add a batch of `read_batches` to the files of the datasets that show it."""
        self.sealed.write(sealed)
        rows, encoded = self._rows.of(figures)
        lines = encode_lines(COLUMNS, rows, encoded)
        for slug, measures in self._measures.items():
            shown = None if measures is None else figures["measure"].is_in(measures).arg_true()
            self._parquet[slug].append(rows if shown is None else rows[shown])
            self._csv[slug].write(join_lines(lines if shown is None else lines[shown]))

    def finish(self) -> Iterator[tuple[str, DeflatedFile, str]]:
        """Yield the name of each finished file, the file, and its media type."""
        for slug in self._measures:
            yield f"{slug}.csv", self._csv[slug].finish(), FORMATS["csv"].content_type
            columnar = self._deflater.copy(self._parquet[slug].finish())
            yield f"{slug}.parquet", columnar, FORMATS["parquet"].content_type


def write_figures(connection: Connection, catalogue: Catalogue, to: Path) -> Path:
    """Write all figures of a release as CSV to a plain file, as `DatasetFiles` does, and return that."""
    rows = ColumnarRows(catalogue)
    with to.open("wb") as file:
        file.write(b"".join(encode_csv(Table(COLUMNS, []))))
        for figures, _ in read_batches(connection, catalogue.release.ordinal):
            file.write(join_lines(encode_lines(COLUMNS, *rows.of(figures))))
    return to


class _Fed:
    """A Parquet file that a thread writes, of the batches that it is fed."""

    def __init__(self, threads: Executor, path: Path, described: Mapping[str, str], rows_in_group: int) -> None:
        self._path, self._fed = path, Queue[DataFrame | None](1)
        self._writing = threads.submit(write_parquet, path, COLUMNS, self._batches(), described, rows_in_group)

    def append(self, rows: DataFrame | None) -> None:
        """Feed a batch, or the end; raise what made the thread fail."""
        while True:
            try:
                return self._fed.put(rows, timeout=0.1)
            except Full:
                if self._writing.done():
                    self._writing.result()

    def _batches(self) -> Iterator[DataFrame]:
        while (rows := self._fed.get()) is not None:
            yield rows

    def finish(self) -> Path:
        """Wait until the file is complete."""
        self.append(None)
        self._writing.result()
        return self._path

    def abandon(self) -> None:
        """End the thread, whatever the file has."""
        while not self._writing.done():
            with suppress(Full):  # also because the thread reads no more
                self._fed.put_nowait(None)
            wait([self._writing], 0.1)


def _require_threads(number: int) -> None:
    """Start so many threads at once, and end them: where polars can start too few, it waits for ever.

    Raises MisconductError where no more can be started, for a limit of tasks or of memory.
    """
    is_over, started = Event(), list[Thread]()
    try:
        for _ in range(number):
            thread = Thread(target=is_over.wait)
            thread.start()
            started.append(thread)
    except (RuntimeError, MemoryError) as error:
        raise MisconductError(
            f"Files cannot be built: that takes {number} threads, and no more than {len(started)} can be started.",
            hint="Raise the limit of tasks or of memory (pids.max, memory.max, ulimit -u, ulimit -v), and load again.",
        ) from error
    finally:
        is_over.set()
        for thread in started:
            thread.join()


def _shown_measures(catalogue: Catalogue) -> Iterator[tuple[str, Sequence[str] | None]]:
    """Yield the name of each file and the measures of its figures; None: all."""
    yield EVERYTHING, None
    for slug, dataset in catalogue.kind("dataset").items():
        yield slug, dataset["measures"]
