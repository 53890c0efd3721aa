"""Are these the files of a release? The bundle proves itself by the digest; the other files must say the same."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from hashlib import file_digest
from itertools import islice, zip_longest
from pathlib import Path

import polars
from polars.exceptions import PanicException, PolarsError

from misconduct.bundles.archive import UNREADABLE, file_sha256
from misconduct.bundles.tables import BoundedLines
from misconduct.bundles.verify import FIGURES, verify_release
from misconduct.errors import MisconductError, TemporaryFolderFull
from misconduct.formats import FORMATS
from misconduct.formats.csv_columns import write_cells
from misconduct.formats.parquet import types_of
from misconduct.model.figure import COLUMNS
from misconduct.queries.files import BUNDLE, EVERYTHING
from misconduct.register.bundle_manifest import MANIFESTS
from misconduct.register.files import RegisterFile

ROWS_AT_ONCE = 8_192
_TYPES = {column.name: column for column in COLUMNS}


def find_intact(
    folder: Path,
    digest: str,
    chain: Mapping[str, str],
    manifests: Mapping[str, Path],
    datasets: Mapping[str, Collection[str]],
) -> Iterator[tuple[str, str]]:
    """Yield the name and media type of each file in a folder that is a file of the release with this digest.

    `chain` has the digests of all releases by number: its bundle may name no other, which could remove what it likes.
    `manifests` are those that its bundle must have, which know what was removed by law; `datasets` have the measures
    of each. Without the bundle nothing can be compared. Raises MisconductError for one that the system cannot read.
    """
    bundle, whole = folder / BUNDLE, folder / f"{EVERYTHING}.csv"
    with _naming(bundle):
        is_there = bundle.is_file()
    if not (is_there and _is_bundle(bundle, digest, chain, manifests)):
        return
    yield BUNDLE, "application/zip"
    with _naming(bundle), zipfile.ZipFile(bundle) as archive, archive.open(FIGURES) as figures:
        expected = file_digest(figures, "sha256").hexdigest()  # type: ignore[arg-type]
    with _naming(whole):
        if not whole.is_file() or file_sha256(whole) != expected:
            return
    for slug, measures in {EVERYTHING: None, **datasets}.items():
        table, columnar = folder / f"{slug}.csv", folder / f"{slug}.parquet"
        if not (table.is_file() and (measures is None or _has_rows_of(table, whole, measures))):
            continue
        yield table.name, FORMATS["csv"].content_type
        if columnar.is_file() and _has_same_cells(columnar, table, digest):
            yield columnar.name, FORMATS["parquet"].content_type


def _is_bundle(path: Path, digest: str, chain: Mapping[str, str], manifests: Mapping[str, Path]) -> bool:
    try:
        found = verify_release(path)  # by the register's own manifests, which need no digest
        if found.number is None or found.digests[found.number] != digest or found.base_url:
            return False
        if not found.digests.items() <= chain.items():
            return False
        with zipfile.ZipFile(path) as archive:
            return all(
                archive.read(f"{MANIFESTS}/{number}.csv") == file.read_bytes() for number, file in manifests.items()
            )
    except TemporaryFolderFull:
        raise
    except (MisconductError, KeyError, OSError, *UNREADABLE):
        _require_readable(path)
        return False


def _require_readable(path: Path) -> None:
    """Raise MisconductError if the system cannot read a file: what opened it takes that for damage."""
    with _naming(path):
        file_sha256(path)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MisconductError(
            f"{path} cannot be read: {error.strerror}.", hint="Mend that, or delete it there: then it is built again."
        ) from error


def _has_rows_of(table: Path, whole: Path, measures: Collection[str]) -> bool:
    """Return whether a table has the header of another, and its rows that have one of these measures."""
    with _naming(table), whole.open(encoding="utf-8", newline="") as every:
        try:
            own = BoundedLines(RegisterFile(table, table.name))  # of the other each line is in the bundle
            rows, others = csv.reader(own, strict=True), csv.reader(every, strict=True)
            header = next(others)
            at = header.index("measure")
            expected = (row for row in others if row[at] in measures)
            return next(rows, None) == header and all(row == other for row, other in zip_longest(rows, expected))
        except (csv.Error, ValueError):
            return False


def _has_same_cells(columnar: Path, table: Path, digest: str) -> bool:
    """Return whether a Parquet file has the columns, rows and digest of a table as CSV."""
    try:
        written = polars.scan_parquet(columnar, glob=False)  # its folder may have a name with brackets
        names = written.collect_schema().names()
        if polars.read_parquet_metadata(columnar).get("digest") != digest:
            return False
        with table.open(encoding="utf-8", newline="") as file:
            rows, done = csv.reader(file, strict=True), 0
            if next(rows) != names:
                return False
            while batch := list(islice(rows, ROWS_AT_ONCE)):
                cells = polars.DataFrame(batch, schema=dict.fromkeys(names, polars.String()), orient="row")
                if not _are_equal(written.slice(done, len(batch)).collect(), cells):
                    return False
                done += len(batch)
        return bool(written.select(polars.len()).collect().item() == done)
    except (PanicException, PolarsError, csv.Error, ValueError, OSError, KeyError):  # polars panics at some files
        _require_readable(columnar)
        return False


def _are_equal(written: polars.DataFrame, cells: polars.DataFrame) -> bool:
    """Return whether each column has its type, and the values that the cells of the CSV file write."""
    if len(written) != len(cells):
        return False
    for name, expected in types_of([_TYPES[name] for name in written.columns]).items():
        own, text = written[name], cells[name]
        if own.dtype != expected and not {own.dtype, expected} <= {polars.String(), polars.Categorical()}:
            return False  # in another type 0.005 may be 0, also where it is compared
        if own.dtype.is_numeric():
            text = text.replace("", None).cast(own.dtype)
        else:
            own = write_cells(_TYPES[name], own).fill_null("")
        if not own.equals(text.alias(own.name), null_equal=True):
            return False
    return True
