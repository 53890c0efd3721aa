"""Read `observations/*.csv`: check each row, hash it, and find the releases in which it is in force.

Rows are checked in batches, column by column, because a register repeats itself: each distinct cell and each distinct
combination of cells is checked once and remembered. A batch with a mistake is halved until the wrong rows are alone;
those are checked cell by cell, to report every mistake with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import compress, islice, product
from typing import Any, NamedTuple

from misconduct.model.codes import CODED
from misconduct.model.observation import OPEN, Observation
from misconduct.register.csv_files import Cells, Row, Table
from misconduct.register.files import LONGEST, RegisterFile, find_disallowed_character
from misconduct.register.ledger import InForce, Ledger, leads_to
from misconduct.register.mistakes import Mistakes, Place, Refused
from misconduct.register.observation_columns import COLUMNS, PARSERS, REQUIRED, STATED, parse_id, require_some
from misconduct.register.records import digest_row
from misconduct.register.references import KnownIds
from misconduct.register.rules import DRAFT_RULES, RULES, Deriver, columns_of

_NAMING = {
    **{column: column for column in CODED},
    "source": "source",
    "origin": "source",
    "caveats": "caveat",
    "derivation": "table",
}
"""The columns that mention other records, and the list in which these are."""

_STATED = tuple(column for column in STATED if column not in ("id", "version"))
"""The columns in which no cell may be empty, except those that are parsed when the row is claimed."""

_YOUNGER = frozenset({"derivation"})
"""Columns that most files lack: they are younger than the first release."""

_DECIDED = tuple(column for column in COLUMNS if column not in ("id", "version", "printed", "at"))
"""The columns that are empty in a row of `misconduct draft`."""

_BATCH = 1_000
_NEVER = InForce(OPEN, 0)
_REMEMBERED = 4_096


class ClaimedRow(NamedTuple):
    """A row that is one version of one record, with its hash and the releases in which it is in force."""

    row: Row
    sha256: bytes
    in_force: InForce


class Batch(NamedTuple):
    """Rows of one table and, in the same order, the observations that they state."""

    table: Table
    rows: list[Row]
    observations: list[Observation]


class ObservationReader:
    """Read the observations of one source after the other."""

    def __init__(
        self, known: KnownIds, published: Mapping[str, str | None], ledger: Ledger, mistakes: Mistakes
    ) -> None:
        self._known, self._published, self._ledger, self._mistakes = known, published, ledger, mistakes
        self._edited: list[tuple[int, Refused]] = []
        remembered = lru_cache(_REMEMBERED)  # a million rows have a few thousand distinct cells
        self._cells = {column: remembered(parse) for column, parse in PARSERS.items()}
        self._rules = {rule: (columns_of(rule), remembered(rule)) for rule in RULES}
        self._draft_rules = {rule: (columns_of(rule), remembered(rule)) for rule in DRAFT_RULES}
        self._derived = Deriver()
        self._names = {column: remembered(partial(known.require_in_force, name)) for column, name in _NAMING.items()}

    def read(self, file: RegisterFile, number: int) -> Iterator[Batch]:
        """Yield the valid observations of one file. Report what is wrong with the others."""
        table, source = Table(file, COLUMNS, REQUIRED, self._mistakes), file.stem
        self._edited.clear()
        for rows in _batches(table):
            claimed = [claim for row in rows if (claim := self._claim(row, source, number, table))]
            if claimed:
                yield from self._check(claimed, table)
        self._report_edited(table)

    def _claim(self, row: Row, source: str, number: int, table: Table) -> ClaimedRow | None:
        """Match the row with its manifest. If that fails, report everything that is wrong with the row."""
        identity, version, *_ = row.cells
        try:
            sha256 = digest_observation(row.cells, source)
            key = f"{parse_id(identity)}@{self._cells['version'](version)}"
            in_force = self._ledger.claim(key, sha256, number, row.line)
            if not row.text.isascii():
                self._refuse_disallowed(row, in_force, table)
            return ClaimedRow(row, sha256, in_force)
        except Refused as refused:
            if refused.code == "changed_after_release" and set(table.absent) - _YOUNGER:
                self._edited.append((row.line, refused))
            elif refused.column:
                table.refuse(
                    row, refused.column, refused
                )  # without a column it is about a cell, which _explain reports
            self._explain(row, _NEVER, table)
            return None

    def _refuse_disallowed(self, row: Row, in_force: InForce, table: Table) -> None:
        """Report disallowed characters; in released rows, as warnings."""
        is_draft = self._is_draft(in_force)
        for column, cell in zip(COLUMNS, row.cells, strict=True):
            if unfit := find_disallowed_character(cell):
                if is_draft:
                    table.refuse(row, column, unfit)
                else:
                    self._mistakes.warn(table.place(row, column), unfit)

    def _report_edited(self, table: Table) -> None:
        """Report released rows that were changed: once, because a column may have been removed."""
        if self._edited:
            line, refused = self._edited[0]
            others = f", nor are {len(self._edited) - 1} further ones" if len(self._edited) > 1 else ""
            refused.found += (
                f"{others}; this file has no column {', '.join(one for one in table.absent if one not in _YOUNGER)}"
            )
            self._mistakes.report_at(Place(table.file.name, line, 1), refused)

    def _check(self, claimed: list[ClaimedRow], table: Table) -> Iterator[Batch]:
        try:
            yield Batch(table, [claim.row for claim in claimed], self._observe(claimed, table.file.stem))
        except Refused:
            if len(claimed) == 1:
                self._explain(claimed[0].row, claimed[0].in_force, table)
            else:
                middle = len(claimed) // 2
                yield from self._check(claimed[:middle], table)
                yield from self._check(claimed[middle:], table)

    def _observe(self, claimed: list[ClaimedRow], source: str) -> list[Observation]:
        """Return the observations that the rows state. Raises Refused if any row is wrong."""
        rows, digests, in_force = zip(*claimed, strict=True)
        columns = dict(zip(COLUMNS, zip(*(row.cells for row in rows), strict=True), strict=True))
        values: dict[str, Any] = {name: [cell or None for cell in cells] for name, cells in columns.items()}
        for name, cell in self._facts(source).items():
            columns[name] = (cell,) * len(rows)
        values["source"] = columns["source"]
        values |= {name: [*map(parse, columns[name])] for name, parse in self._cells.items()}
        self._judge(columns, in_force)
        values |= self._derived.derive_columns(columns)
        values["added_in"], values["ended_in"] = zip(*in_force, strict=True)
        values["sha256"] = digests
        return [*map(Observation._make, zip(*map(values.__getitem__, Observation._fields), strict=True))]

    def _judge(self, columns: Mapping[str, Cells], in_force: Sequence[InForce]) -> None:
        """Raise Refused if anything is wrong with rows whose cells can be parsed.

        What one row mentions must be in force for all of them. That is stricter than necessary, so a smaller batch, and
        in the end a single row, must confirm a refusal.
        """
        for name in _STATED:
            require_some(name, "" not in columns[name])
        for name, require in self._names.items():
            for named in product(_words(name, columns[name]), set(in_force)):
                require(*named)
        drafts = [self._is_draft(one) for one in in_force]
        for rules, judged in ((self._rules, [True] * len(drafts)), (self._draft_rules, drafts)):
            for names, rule in rules.values():
                for cells in set(compress(zip(*map(columns.__getitem__, names), strict=True), judged)):
                    rule(*cells)

    def _is_draft(self, in_force: InForce) -> bool:
        return in_force.added_in == self._ledger.chain.draft

    def _facts(self, source: str) -> dict[str, str]:
        """Return what rules may read beside the cells of a row."""
        return {"source": source, "published": self._published.get(source) or ""}

    def _explain(self, row: Row, in_force: InForce, table: Table) -> None:
        """Report everything that is wrong with a row. Rules are applied only to cells that are valid.

        Once the limit of kept mistakes is reached, further rows are only counted.
        """
        if self._mistakes.is_full:
            self._mistakes.total += 1
            return
        cells = {**dict(zip(COLUMNS, row.cells, strict=True)), **self._facts(table.file.stem)}
        if cells["printed"] and not any(cells[name] for name in _DECIDED):
            found = f"nothing is decided about {cells['printed']!r} at {cells['at']}"
            refused = Refused("undecided", found, "the cells of a figure here, or its row in not-statistics/ instead")
            table.refuse(row, "printed", refused)
            return
        faults = list(self._faults_of_cells(cells, in_force))
        wrong = {refused.column for refused in faults}
        rules = {**self._rules, **(self._draft_rules if self._is_draft(in_force) else {})}
        for rule, (names, _) in rules.items():
            if wrong.isdisjoint(names):
                faults.extend(_refusals("", rule, *map(cells.__getitem__, names)))
        for refused in faults:
            table.refuse(row, refused.column, refused)

    def _faults_of_cells(self, cells: Mapping[str, str], in_force: InForce) -> Iterator[Refused]:
        for name in _STATED:
            yield from _refusals(name, require_some, name, cells[name])
        for name, parse in {"id": parse_id, **PARSERS}.items():
            yield from _refusals(name, parse, cells[name])
        for name, listed in _NAMING.items():
            for word in sorted(_words(name, [cells[name]])):
                yield from _refusals(name, self._known.require_in_force, listed, word, in_force)


def _refusals(column: str, question: Callable[..., Any], *asked: Any) -> Iterator[Refused]:
    """Yield what the function refuses, if anything; in this column, unless it names another."""
    try:
        question(*asked)
    except Refused as refused:
        refused.column = refused.column or column
        yield refused


def digest_observation(cells: Cells, source: str) -> bytes:
    """Return the hash of a row: its non-empty cells by column, and the source, which is the file's name."""
    written = dict(compress(zip(COLUMNS, cells, strict=True), cells))
    written["source"] = source
    return digest_row(written)


def _words(column: str, cells: Iterable[str]) -> set[str]:
    """Return the distinct words in the cells of a column that mentions other records."""
    distinct = set(cells)
    if column == "derivation":
        return {cell.partition("@")[0] for cell in distinct} - {""}
    return (set(" ".join(distinct).split()) if column == "caveats" else distinct) - {""}


def _batches(table: Table) -> Iterator[list[Row]]:
    """Group rows into batches, limited in rows and in text."""
    batch, size = [], 0
    for row in table.rows():
        batch.append(row)
        size += len(row.text)
        if len(batch) == _BATCH or size > LONGEST:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class Rule:
    """A rule that holds across figures: it sees all of them, one batch after the other, and then reports mistakes.

    `draft` is the `added_in` of figures that are not released: a new rule refuses only these.
    """

    def __init__(self, draft: int) -> None:
        self.draft = draft

    def watch(self, batch: Batch) -> None:
        """Note what matters of these rows, or report what is wrong with them."""

    def check(self) -> None:
        """Report what is known to be wrong when all rows were seen."""


class OriginCycles(Rule):
    """Record which source takes claims from which, each with the first row that says so."""

    def __init__(self, draft: int) -> None:
        super().__init__(draft)
        self._taken: dict[str, dict[str, tuple[Table, Row]]] = {}

    def watch(self, batch: Batch) -> None:
        """Record where the claims of these rows come from."""
        for row, o in zip(batch.rows, batch.observations, strict=True):
            if o.origin != o.source:
                self._taken.setdefault(o.source, {}).setdefault(o.origin, (batch.table, row))

    def check(self) -> None:
        """Report sources that take claims from each other, directly or through others."""
        for source, origins in self._taken.items():
            for origin, (table, row) in origins.items():
                if leads_to(origin, source, self._taken):
                    found = f"following origins from {source!r} through {origin!r} leads back to {source!r}"
                    table.refuse(
                        row, "origin", Refused("origin_cycle", found, "the source where the claim first stood")
                    )


class Statement(NamedTuple):
    """A statement: its observation, its releases, and the line of its row."""

    id: str
    added_in: int
    ended_in: int
    line: int


class RepeatedStatements(Rule):
    """The statements of one source at a time: some 300 bytes each."""

    def __init__(self, draft: int) -> None:
        super().__init__(draft)
        self._table: Table | None = None
        self._stated: dict[int, list[Statement]] = {}
        self._open: list[tuple[Table, Row, str | None, Statement, str]] = []
        self._revised: set[str] = set()

    def watch(self, batch: Batch) -> None:
        """Report rows that state the same thing as another id in the same release: it would count twice.

        A draft may state what a released row states which another draft replaces. That is known at the end.
        """
        if batch.table is not self._table:
            self._table, self._stated = batch.table, {}
        for row, o in zip(batch.rows, batch.observations, strict=True):
            here = Statement(o.id, o.added_in, o.ended_in, row.line)
            others = self._stated.setdefault(_statement(o), [])
            for other in islice((other for other in others if _are_two(here, other)), 2):
                if here.added_in == other.added_in or self.draft not in (here.added_in, other.added_in):
                    _refuse_repetition(batch.table, row, o.at, other)
                else:
                    released = min(here, other, key=lambda one: one.added_in)
                    self._open.append((batch.table, row, o.at, other, released.id))
            others.append(here)
            if o.version > 1 and o.added_in == self.draft:
                self._revised.add(o.id)

    def check(self) -> None:
        """Report what drafts state of released rows that none replaces."""
        for table, row, at, other, released in self._open:
            if released not in self._revised:
                _refuse_repetition(table, row, at, other)


def _refuse_repetition(table: Table, row: Row, at: str | None, other: Statement) -> None:
    found = f"{other.id} in line {other.line} states the same thing{f' at {at}' if at else ''}"
    table.refuse(
        row,
        "at" if at else "id",
        Refused("stated_twice", found, "one id for each statement; a correction is its next version"),
    )


def _statement(o: Observation) -> int:
    where = o.at or (o.area, o.period_type, o.period_start, o.period_end)  # what was counted has no place
    return hash((where, o.measure, o.statistic, o.category, o.population, o.counting_unit, o.stated_by))


def _are_two(first: Statement, second: Statement) -> bool:
    return first.id != second.id and max(first.added_in, second.added_in) < min(first.ended_in, second.ended_in)


RULES_ACROSS: tuple[type[Rule], ...] = (OriginCycles, RepeatedStatements)
"""The rules across figures, which are part of the register alone. Others are in `assessments` and `drawable_charts`."""
