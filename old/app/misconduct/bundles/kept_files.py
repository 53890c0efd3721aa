"""Are these the files of a release? Its bundle proves itself by the digest; each other file must have its figures."""

from __future__ import annotations

import csv
import shutil
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from itertools import islice, zip_longest
from pathlib import Path
from typing import NamedTuple

import polars
from polars.exceptions import PanicException, PolarsError

from misconduct.bundles.archive import UNREADABLE, file_sha256
from misconduct.bundles.earlier_results import LACKED
from misconduct.bundles.tables import BoundedLines
from misconduct.bundles.verify import FIGURES, verify_release
from misconduct.errors import MisconductError, TemporaryFolderFull
from misconduct.formats.csv_columns import write_cells
from misconduct.formats.parquet import types_of
from misconduct.model.figure import COLUMNS
from misconduct.queries.files import BUILT, BUNDLE, EVERYTHING
from misconduct.register.bundle_manifest import MANIFESTS
from misconduct.register.files import RegisterFile

ROWS_AT_ONCE = 8_192
_ALWAYS = frozenset({"id", "version", "measure", "printed", "value"})
"""Columns that every program wrote."""

_TYPES = {column.name: column for column in COLUMNS}


class Expected(NamedTuple):
    """What the files of a release have to say.

    `chain` has the digests of all releases by number: its bundle may name no other, which could remove what it likes.
    `manifests` are those that its bundle must have, which know what was removed by law; `datasets` have the measures
    of each. `write_figures` writes observations.csv to a path, of the rows in the database. `is_of_other_code` tells
    whether another version of the program built a bundle: its results may be others, and it is the one published.
    """

    digest: str
    chain: Mapping[str, str]
    manifests: Mapping[str, Path]
    datasets: Mapping[str, Collection[str]]
    write_figures: Callable[[Path], Path]
    is_of_other_code: Callable[[Path], bool]


def find_intact(
    folders: Sequence[Path], wanted: Collection[str], expected: Expected, unpacked: Path
) -> Iterator[tuple[Path, str, Path]]:
    """Yield the folder, the name and the path of each wanted file of a release, of the first folder that has it.

    Each file is compared by itself with the figures of a bundle (its folder's, if that proves itself), and if it has
    others, with those of the database: damage to one is no reason to do without another. `unpacked` is a folder for
    figures. Raises MisconductError for a file that the system cannot read.
    """
    lacking = set(wanted)
    is_proven = cache(lambda folder: _is_bundle(folder / BUNDLE, expected))
    unpack = cache(lambda folder: _unpack_figures(folder / BUNDLE, unpacked / f"{folders.index(folder)}.csv"))
    write = cache(lambda: expected.write_figures(unpacked / FIGURES))
    for folder in folders:
        if BUNDLE in lacking and is_proven(folder):
            yield folder, BUNDLE, folder / BUNDLE
            lacking.remove(BUNDLE)
        if any(_is_there(folder / name) for name in lacking - {BUNDLE}):
            proven = next(filter(is_proven, (folder, *folders)), None)
            for make in ([partial(unpack, proven)] if proven else []) + [write]:
                there = [name for name in lacking - {BUNDLE} if _is_there(folder / name)]
                for name in find_tables(folder, make, there, expected.datasets, expected.digest):
                    yield folder, name, folder / name
                    lacking.remove(name)
    if FIGURES in lacking and (proven := next(filter(is_proven, folders), None)):
        yield proven, FIGURES, unpack(proven)


def find_tables(
    folder: Path,
    make_figures: Callable[[], Path],
    names: Collection[str],
    datasets: Mapping[str, Collection[str]],
    digest: str,
) -> Iterator[str]:
    """Yield the names of those tables, as CSV and as Parquet, in a folder that say what these figures say.

    They have the rows of their dataset's measures, in columns that may have another order: programs have changed it.
    What they lack is empty there, or no earlier program wrote it; the bundle of a release may lack no more.
    """
    measures: dict[str, Collection[str] | None] = {EVERYTHING: None, **datasets}
    for name in names:
        slug, _, form = name.partition(".")
        if slug in measures and form in BUILT:
            path, rows = folder / name, partial(_rows_of, make_figures(), measures[slug])
            if _has_rows(path, rows) if form == "csv" else _has_same_cells(path, rows, digest):
                yield name


def _is_there(path: Path) -> bool:
    """Return whether there is such a file. Raises MisconductError if the system cannot tell."""
    with _naming(path):
        return path.is_file()


def _is_bundle(path: Path, expected: Expected) -> bool:
    if not _is_there(path):
        return False
    try:
        # By the register's own manifests, which need no digest.
        found = verify_release(path, is_of_other_code=expected.is_of_other_code(path))
        if found.number is None or found.digests[found.number] != expected.digest or found.base_url:
            return False
        if not found.digests.items() <= expected.chain.items():
            return False
        with zipfile.ZipFile(path) as archive:
            return all(
                archive.read(f"{MANIFESTS}/{number}.csv") == file.read_bytes()
                for number, file in expected.manifests.items()
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


def _unpack_figures(bundle: Path, to: Path) -> Path:
    """Write observations.csv of a bundle to a file, and return that."""
    with zipfile.ZipFile(bundle) as archive, archive.open(FIGURES) as figures, to.open("wb") as file:
        shutil.copyfileobj(figures, file)
    return to


def _rows_of(figures: Path, measures: Collection[str] | None, names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the cells, in the columns of these names, of those rows that have one of these measures (None: all).

    Raises ValueError for a name that there is not, or twice, where one is lacking that every program wrote, and for
    cells in other columns.
    """
    with figures.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, strict=True)
        header = next(rows)
        at, places = header.index("measure"), [header.index(name) for name in names]
        left_out = [place for place, name in enumerate(header) if name not in {*names} | LACKED]
        if len(names) > len({*names}) or not {*names} >= _ALWAYS:
            raise ValueError("a column is missing, or there twice")
        for row in rows:
            if measures is None or row[at] in measures:
                if any(row[place] for place in left_out):
                    raise ValueError("a column is missing")
                yield [row[place] for place in places]


_Rows = Callable[[Sequence[str]], Iterator[list[str]]]
"""What yields the cells of the expected rows in columns by their names, as `_rows_of` does."""


def _has_rows(table: Path, rows_of: _Rows) -> bool:
    """Return whether a CSV file has these rows."""
    with _naming(table):
        own = BoundedLines(RegisterFile(table, table.name))  # figures were read by lines when their bundle was verified
        try:
            rows = csv.reader(own, strict=True)
            return all(row == other for row, other in zip_longest(rows, rows_of(next(rows, []))))
        except (csv.Error, ValueError):
            return False


def _has_same_cells(columnar: Path, rows_of: _Rows, digest: str) -> bool:
    """Return whether a Parquet file has the digest of a release, and these rows."""
    try:
        written = polars.scan_parquet(columnar, glob=False)  # its folder may have a name with brackets
        names = written.collect_schema().names()
        if polars.read_parquet_metadata(columnar).get("digest") != digest:
            return False
        rows, done = rows_of(names), 0
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
