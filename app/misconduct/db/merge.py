"""Tell what begins and ends with a release: its figures and records are compared with those of the release before.

The files have their figures in the order of ids, so two releases are read side by side, a line at a time.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from misconduct.errors import ReleaseError
from misconduct.model.catalogue import EARLIER_COUNTS, Catalogue, Content
from misconduct.model.figure import (
    CODED_COLUMNS,
    COLUMNS,
    NAMED_BY,
    Row,
    completer,
    place_of,
    read_cells,
)
from misconduct.model.names import write_whole
from misconduct.model.search_texts import SearchTexts, texts_of_figures, texts_of_record
from misconduct.model.series import series_id
from misconduct.model.versions import find_change
from misconduct.model.vocabulary import spoken_words
from misconduct.releases import folder as files

_NAMING = (
    "source",
    "caveats",
    *(name for name in CODED_COLUMNS if COLUMNS[name].made_by == "register"),
)
"""The columns of a figure that name records."""

_READ: Mapping[str, Callable[[Content], Any]] = {
    "source": lambda source: [
        source.get(name) for name in ("publisher", "published", "work")
    ],
    "caveat": lambda caveat: bool(caveat.get("reply_by")),
    "code": lambda code: (code.get("label"), spoken_words(code)),
    "indicator": lambda indicator: (indicator["name"], indicator.get("words")),
}
"""What is copied from a record into the rows, or the search texts, of the figures that name it."""

Name = tuple[str, str]
"""The kind and the id of a record."""

Cells = Sequence[str]


class Begun(NamedTuple):
    """What is new in a release: a row, texts to search, or both. If it has neither, the figure or record has ended.

    `change` is what this means to somebody who printed the figure.
    """

    key: Sequence[str]
    row: Row | None = None
    texts: SearchTexts | None = None
    change: Row | None = None


class Edition:
    """A release as its files have it, and what is computed from each of its figures with its records."""

    def __init__(self, folder: Path) -> None:
        self.release = files.read_release(folder, is_whole=False)
        self.figures = 0  # that were read
        self._path = folder / files.FIGURES
        with self._path.open(encoding="utf-8", newline="") as file:
            self.columns = next(csv.reader(file))
        self._complete = completer(self.release.records)
        self.catalogue = Catalogue(self.release.records)
        self._texts = texts_of_figures(self.catalogue)
        self._naming = [
            self.columns.index(name) if name in self.columns else None
            for name in _NAMING
        ]
        self._statistic, self._denominator = map(
            self.columns.index, ("statistic", "denominator")
        )

    @cached_property
    def records(self) -> Mapping[Name, Content]:
        """Its records, and its earlier counts as a record for each figure."""
        earlier = dict[str, dict[str, Any]]()
        for count in self.release.earlier:
            earlier.setdefault(count["figure"], {"counts": []})["counts"].append(count)
        kinds = {**self.release.records, EARLIER_COUNTS: earlier}
        return {
            (kind, identity): record
            for kind, of_kind in kinds.items()
            for identity, record in of_kind.items()
        }

    @cached_property
    def actions(self) -> Mapping[str, str]:
        """What changes.csv says of figures that were there before."""
        rows = files.iterate_rows(self._path.with_name(files.CHANGES))
        return {
            row["id"]: row["action"]
            for row in rows
            if row["kind"] == "observation" and row["action"] != "added"
        }

    @cached_property
    def read_by_figures(self) -> Mapping[Name, Any]:
        """Return what is copied from each record into the figures that name it."""
        return {
            name: _READ[name[0]](record)
            for name, record in self.records.items()
            if name[0] in _READ
        }

    @cached_property
    def members(self) -> Mapping[Name, frozenset[str]]:
        """The figures that each record names of which figures have a column."""
        kinds = (
            (kind, field, self.release.records.get(kind, {}))
            for kind, field in NAMED_BY
        )
        return {
            (kind, one): frozenset(record.get(field, ()))
            for kind, field, of in kinds
            for one, record in of.items()
        }

    def lines(self) -> Iterator[Cells]:
        """Yield the cells of each figure, the id first. Raises ReleaseError if ids are not in order."""
        last = ""
        with self._path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            next(lines)
            for cells in lines:
                if cells[0] <= last:
                    raise ReleaseError(
                        f"{self._path}: {cells[0]} stands behind {last}. Figures must be sorted by id."
                    )
                last = cells[0]
                yield cells

    def read(self, cells: Cells) -> tuple[Row, SearchTexts]:
        """Return a figure with what is computed from it, and the texts by which search finds it."""
        row = self._complete_cells(cells)
        row |= {
            "series": series_id(row, self.release.records["source"][row["source"]]),
            "place": place_of(row),
        }
        if row["statistic"] == "share":
            row["whole"] = self._wholes.get(row["denominator"])
        return row, self._texts(row)

    @cached_property
    def _wholes(self) -> Mapping[str, str]:
        """The numbers of the figures that shares are shares of."""
        named = {cells[self._denominator] for cells in self.lines()}
        return {
            cells[0]: write_whole(self._complete_cells(cells))
            for cells in self.lines()
            if cells[0] in named
        }

    def _complete_cells(self, cells: Cells) -> Row:
        return self._complete(read_cells(dict(zip(self.columns, cells, strict=True))))

    def is_share(self, cells: Cells) -> bool:
        return cells[self._statistic] == "share"

    def named(self, cells: Cells) -> frozenset[Name]:
        """Return the records that a figure names: its source, its caveats and its codes."""
        return _find_named(
            *("" if place is None else cells[place] for place in self._naming)
        )

    def texts_of(self, record: Content) -> SearchTexts:
        return texts_of_record(record, self.catalogue)


@cache
def _find_named(source: str, caveats: str, *codes: str) -> frozenset[Name]:
    named = [("source", source), *(("caveat", one) for one in caveats.split())]
    of_codes = zip(_NAMING[2:], codes, strict=True)
    return frozenset(
        [*named, *(_name_record(name, code) for name, code in of_codes if code)]
    )


def _name_record(column: str, code: str) -> Name:
    """Return the kind and the id of the record of a code."""
    return (
        (column, code)
        if column == "indicator"
        else ("code", f"{COLUMNS[column].refers_to}/{code}")
    )


Changes = Mapping[Name, Content | None]
"""The records of a release that have another content, or other words, than before; None for those that end."""


def compare_records(before: Edition | None, now: Edition) -> Changes:
    """Compare the records of a release with those of the one before."""
    former = before.records if before else {}
    found = dict[Name, Content | None]()
    for name, record in now.records.items():
        was = former.get(name)
        if (
            not before
            or was is None
            or record != was
            or now.texts_of(record) != before.texts_of(was)
        ):
            found[name] = record
    return found | dict.fromkeys(former.keys() - now.records.keys())


def begin_figures(before: Edition | None, now: Edition) -> Iterator[Begun]:
    """Yield the figures that begin, differ or end with a release.

    A figure whose line is the same is computed again only if records that it names, or that name it, are not. Shares
    always are, since they also name a figure.
    """
    changed, renamed, known = set[Name](), set[str](), 0
    if before:  # without one, all figures begin
        changed = {
            name
            for name, used in now.read_by_figures.items()
            if before.read_by_figures.get(name) != used
        }
        names, none = before.members.keys() | now.members.keys(), frozenset[str]()
        renamed = {
            one
            for name in names
            for one in before.members.get(name, none) ^ now.members.get(name, none)
        }
        known = len(before.columns)
    is_alike = (
        before is not None and now.columns[:known] == before.columns
    )  # later columns stand at the end
    for former, cells in _pair(before.lines() if before else iter(()), now.lines()):
        if not cells:
            yield Begun(former[:1], change={"weight": "ended"})
            continue
        now.figures += 1
        is_same = (
            is_alike
            and former == cells[:known]
            and not any(cells[known:])
            and not now.is_share(cells)
        )
        if is_same and cells[0] not in renamed and changed.isdisjoint(now.named(cells)):
            continue
        row, texts = now.read(cells)
        was, former_texts = before.read(former) if before and former else (None, None)
        if row != was or texts != former_texts:
            change = find_change(was, row, now.actions.get(cells[0], ""))
            yield Begun(
                cells[:1],
                row if row != was else None,
                texts if texts != former_texts else None,
                change,
            )


def begin_records(now: Edition, changes: Changes) -> Iterator[Begun]:
    """Yield the records that begin, differ or end with a release. Their rows have the column `content`."""
    for name, record in changes.items():
        if record is None:
            yield Begun(name)
        else:
            yield Begun(
                name, {"content": orjson.dumps(record).decode()}, now.texts_of(record)
            )


def _pair(
    former: Iterator[Cells], now: Iterator[Cells]
) -> Iterator[tuple[Cells, Cells]]:
    """Yield the cells of each figure in two releases, in the order of ids: empty in the one that lacks it."""
    before, after = next(former, ()), next(now, ())
    while before or after:
        is_before = bool(before) and (not after or before[0] <= after[0])
        is_after = bool(after) and (not before or after[0] <= before[0])
        yield before if is_before else (), after if is_after else ()
        before = next(former, ()) if is_before else before
        after = next(now, ()) if is_after else after
