"""Read the files of a release, with what is computed from each figure and its records.

Figures are read one at a time, so that a large release does not need much memory.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from misconduct.errors import ReleaseError
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.figure import (
    REGISTER_COLUMNS,
    Column,
    Row,
    complete,
    completer,
    dataset_finder,
    place_of,
    read_cells,
)
from misconduct.model.names import write_whole
from misconduct.model.search_texts import FigureTexts, SearchTexts, texts_of_record
from misconduct.releases import folder as files


def read_catalogue(folder: Path) -> Catalogue:
    """Return the records of a release as its files have them, for one that is not loaded."""
    return Catalogue(files.read_records(folder))


class Edition:
    """A release as its files have it."""

    def __init__(self, folder: Path) -> None:
        self.release = files.read_release(folder, is_whole=False)
        self.folder = folder
        self.catalogue = Catalogue(self.release.records)
        self._complete = completer(self.release.records)
        self._find_datasets = dataset_finder(self.release.records)
        self._texts = FigureTexts(self.catalogue).write

    def records(self) -> Iterator[tuple[str, str, Content, SearchTexts]]:
        """Yield each record: kind, id, content and texts."""
        for kind, of_kind in self.release.records.items():
            for identity, content in of_kind.items():
                yield kind, identity, content, texts_of_record(content, self.catalogue)

    def figures(self) -> Iterator[tuple[Row, SearchTexts]]:
        """Yield each figure with the texts by which search finds it. Raises ReleaseError if ids are not in order."""
        for row in self._rows():
            completed = self.complete(row)
            if completed["statistic"] == "share":
                completed["whole"] = self._wholes.get(completed["denominator"])
            yield completed, self._texts(completed)

    def complete(self, row: Row) -> Row:
        """Return a figure of a file with what is computed from it and the records."""
        completed = self._complete(row)
        return completed | {"place": place_of(completed)}

    def versions(self) -> Iterator[Row]:
        """Yield what each public release changed, oldest first: rows of `versions`."""
        lines = files.iterate_lines(self.folder / files.VERSIONS)
        for nth, change in enumerate(lines):
            was = {"was": self._encode(change["was"])} if "was" in change else {}
            yield {"nth": nth, "revised": [], **change, **was}

    def find_table(self, name: str, columns: Sequence[Column]) -> Path:
        """Return the file of a table that is loaded as it is. Raises ReleaseError if it has other columns."""
        path = self.folder / name
        for _ in files.iterate_rows(path, [column.name for column in columns]):
            break
        return path

    def _encode(self, cells: Mapping[str, str]) -> str:
        """Return a former row as JSON for Postgres. Its document, and the figure itself, may have left the register."""
        row = read_cells({name: cells.get(name, "") for name in REGISTER_COLUMNS})
        is_known = row["source"] in self.release.records["source"]
        former = (
            self.complete(row)
            if is_known
            else complete(row, None, (), self._find_datasets(row))
        )
        return json.dumps(former, default=str)

    def _rows(self) -> Iterator[Row]:
        last = ""
        for row in files.iterate_figures(self.folder):
            if row["id"] <= last:
                path = self.folder / files.FIGURES
                message = f"{path}: {row['id']} stands behind {last}. Figures must be sorted by id."
                raise ReleaseError(message)
            last = row["id"]
            yield row

    @cached_property
    def _wholes(self) -> Mapping[str, str]:
        """The numbers of the figures that shares are shares of."""
        path = self.folder / files.FIGURES
        named = {cells["denominator"] for cells in files.iterate_rows(path)}
        wholes = dict[str, str]()
        for cells in files.iterate_rows(path):
            if cells["id"] in named:
                wholes[cells["id"]] = write_whole(self.complete(read_cells(cells)))
        return wholes
