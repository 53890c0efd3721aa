"""Read `observations/*.csv`: check each row, hash it, and find the releases in which it is in force.

Rows are checked in batches, column by column, because a register repeats itself: each distinct cell and each distinct
combination of cells is checked once and remembered. A batch with a mistake is halved until the wrong rows are alone;
those are checked cell by cell, to report every mistake with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from hashlib import sha256
from itertools import compress, islice, product
from typing import Any, NamedTuple

from orjson import dumps

from misconduct.model.codes import CODED
from misconduct.model.locator import shapes_of
from misconduct.model.observation import OBSERVATION_ID, OPEN, Observation
from misconduct.model.text import UNFIT
from misconduct.register.csv_files import Cells, Row, Rows, Table
from misconduct.register.files import RegisterFile, find_disallowed_character
from misconduct.register.ledger import InForce, Ledger, find_circles
from misconduct.register.mistakes import Mistakes, Place, Refused
from misconduct.register.observation_columns import (
    COLUMNS,
    LONGEST_ROW,
    PARSERS,
    REQUIRED,
    STATED,
    parse_id,
    require_some,
)
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

_LISTED = tuple(sorted((*COLUMNS, "source")))
"""The columns that are hashed, in the order of canonical JSON."""

_SHORTENED = {"at": "also_at", "hedge_at": "derivation", "period_at": "derivation"}
"""Columns with places of which rules read the length alone, unless the column beside has any: many have the same."""

_Rules = dict[Callable[..., Any], tuple[tuple[str, ...], set[Cells]]]
"""Rules, the columns that they read, and cells that they allowed."""

_NEVER = InForce(OPEN, 0)
_REMEMBERED = 16_384


class Claimed(NamedTuple):
    """Rows that are one version of one record each, with their hashes and the releases in which they are in force."""

    rows: Rows
    digests: Sequence[bytes]
    in_force: Sequence[InForce]

    def choose(self, numbers: Sequence[int]) -> Claimed:
        """Return some of the rows."""
        if len(numbers) == len(self.rows):
            return self
        digests, in_force = map(self.digests.__getitem__, numbers), map(self.in_force.__getitem__, numbers)
        return Claimed(self.rows.choose(numbers), [*digests], [*in_force])


class Batch:
    """Valid rows of one table, by column; the observations that they state are made only when asked for."""

    def __init__(
        self, table: Table, claimed: Claimed, parsers: Mapping[str, Callable[[str], Any]], derived: Deriver
    ) -> None:
        self.table, self.claimed, self._parsers, self._derived = table, claimed, parsers, derived
        self.source, self.rows, self.columns = table.file.stem, claimed.rows, claimed.rows.columns

    @cached_property
    def observations(self) -> list[Observation]:
        """The observations, in the order of the rows."""
        return self.observe(range(len(self.rows)))

    def observe(self, numbers: Sequence[int]) -> list[Observation]:
        """Return the observations of some rows."""
        if not numbers:
            return []
        rows, digests, in_force = self.claimed.choose(numbers)
        values: dict[str, Any] = {name: [cell or None for cell in cells] for name, cells in rows.columns.items()}
        values |= {name: [*map(parse, rows.columns[name])] for name, parse in self._parsers.items()}
        values |= self._derived.derive_columns(rows.columns)
        values["added_in"], values["ended_in"] = zip(*in_force, strict=True)
        values |= {"source": [self.source] * len(rows), "sha256": digests}
        return [*map(Observation._make, zip(*map(values.__getitem__, Observation._fields), strict=True))]


class ObservationReader:
    """Read the observations of one source after the other."""

    def __init__(
        self, known: KnownIds, published: Mapping[str, str | None], ledger: Ledger, mistakes: Mistakes
    ) -> None:
        self._known, self._published, self._ledger, self._mistakes = known, published, ledger, mistakes
        self._edited: list[tuple[int, Refused]] = []
        remembered = lru_cache(_REMEMBERED)  # a million rows have a few thousand distinct cells
        self._cells = {column: remembered(parse) for column, parse in PARSERS.items()}
        self._rules: _Rules = {rule: (columns_of(rule), set()) for rule in RULES}
        self._draft_rules: _Rules = {rule: (columns_of(rule), set()) for rule in DRAFT_RULES}
        self._derived = Deriver()
        self._names = {column: remembered(partial(known.require_in_force, name)) for column, name in _NAMING.items()}

    def read(self, file: RegisterFile, number: int) -> Iterator[Batch]:
        """Yield the valid observations of one file. Report what is wrong with the others."""
        table = Table(file, COLUMNS, REQUIRED, self._mistakes)
        self._edited.clear()
        for rows in table.batches():
            claimed = self._claim(rows, number, table)
            if claimed.in_force:
                yield from self._check(claimed, table)
        self._report_edited(table)

    def _claim(self, rows: Rows, number: int, table: Table) -> Claimed:
        """Match the rows with their manifests: all at once if nothing is wrong with any, else one after the other."""
        digests = digest_observations(rows.columns, table.file.stem)
        ids, versions = rows.columns["id"], rows.columns["version"]
        if (
            all(map(OBSERVATION_ID.fullmatch, ids))
            and max(map(len, rows.texts)) <= LONGEST_ROW
            and (all(map(str.isascii, rows.texts)) or not UNFIT.search("".join(rows.texts)))
        ):
            keys = [*map("@".join, zip(ids, versions, strict=True))]
            if in_force := self._ledger.claim_all(keys, digests, number, rows.lines):
                return Claimed(rows, digests, in_force)
        claims = [self._claim_row(rows[at], sha256, number, table) for at, sha256 in enumerate(digests)]
        right = [at for at, one in enumerate(claims) if one]
        chosen = [one for one in claims if one]
        return Claimed(rows.choose(right), [digests[at] for at in right], chosen)

    def _claim_row(self, row: Row, sha256: bytes, number: int, table: Table) -> InForce | None:
        """Match a row with its manifest. If that fails, report everything that is wrong with the row."""
        identity, version, *_ = row.cells
        try:
            key = f"{parse_id(identity)}@{self._cells['version'](version)}"
            _require_short(row)
            in_force = self._ledger.claim(key, sha256, number, row.line)
            if not row.text.isascii():
                self._refuse_disallowed(row, in_force, table)
        except Refused as refused:
            if refused.code == "changed_after_release" and set(table.absent) - _YOUNGER:
                self._edited.append((row.line, refused))
            elif refused.column:
                table.refuse(
                    row, refused.column, refused
                )  # without a column it is about a cell, which _explain reports
            self._explain(row, _NEVER, table)
            return None
        return in_force

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

    def _check(self, claimed: Claimed, table: Table) -> Iterator[Batch]:
        try:
            self._judge(claimed, table.file.stem)
        except Refused:
            numbers = range(len(claimed.rows))
            if len(numbers) == 1:
                self._explain(claimed.rows[0], claimed.in_force[0], table)
            else:
                middle = len(numbers) // 2
                yield from self._check(claimed.choose(numbers[:middle]), table)
                yield from self._check(claimed.choose(numbers[middle:]), table)
        else:
            yield Batch(table, claimed, self._cells, self._derived)

    def _judge(self, claimed: Claimed, source: str) -> None:
        """Raise Refused if anything is wrong with any of the rows: distinct cells are judged once and remembered.

        What one row mentions must be in force for all of them. That is stricter than necessary, so a smaller batch, and
        in the end a single row, must confirm a refusal.
        """
        rows, columns = claimed.rows, dict(claimed.rows.columns)
        columns |= {name: (cell,) * len(rows) for name, cell in self._facts(source).items()}
        for name, parse in self._cells.items():
            for cell in set(columns[name]):
                parse(cell)
        for name in _STATED:
            require_some(name, "" not in columns[name])
        terms = set(claimed.in_force)
        for name, require in self._names.items():
            for named in product(_words(name, columns[name]), terms):
                require(*named)
        for name, beside in _SHORTENED.items():
            columns[name] = tuple(shapes_of(columns[name])) if not any(columns[beside]) else columns[name]
        _apply(self._rules, columns)
        drafts = [*map(self._is_draft, claimed.in_force)] if any(map(self._is_draft, terms)) else ()
        if drafts:
            _apply(self._draft_rules, {name: tuple(compress(cells, drafts)) for name, cells in columns.items()})

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


def _apply(rules: _Rules, columns: Mapping[str, Cells]) -> None:
    """Apply rules to the distinct combinations of cells that they have not allowed yet. Raises Refused."""
    for rule, (names, allowed) in rules.items():
        fresh = set(zip(*map(columns.__getitem__, names), strict=True)) - allowed
        for cells in fresh:
            rule(*cells)
        if len(allowed) > _REMEMBERED:
            allowed.clear()
        allowed.update(fresh)


def _require_short(row: Row) -> None:
    if len(row.text) > LONGEST_ROW:
        _, longest = max(zip(map(len, row.cells), COLUMNS, strict=True))
        found = f"the row has {len(row.text):,} characters, most of them in {longest}"
        raise Refused("too_long", found, f"at most {LONGEST_ROW:,}", column=longest)


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


def digest_observations(columns: Mapping[str, Cells], source: str) -> list[bytes]:
    """Return the hashes of many rows, which are written as `digest_row` does: their columns are in order here."""
    listed = {name: (source,) * len(columns["id"]) if name == "source" else columns[name] for name in _LISTED}
    there = [name for name in _LISTED if any(listed[name])]
    rows = zip(*map(listed.__getitem__, there), strict=True)
    return [sha256(dumps(dict(compress(zip(there, cells), cells)))).digest() for cells in rows]  # noqa: B905


def _words(column: str, cells: Iterable[str]) -> set[str]:
    """Return the distinct words in the cells of a column that mentions other records."""
    distinct = set(cells)
    if column == "derivation":
        return {cell.partition("@")[0] for cell in distinct} - {""}
    return (set(" ".join(distinct).split()) if column == "caveats" else distinct) - {""}


class Rule:
    """A rule that holds across figures: it sees all of them, one batch after the other, and then reports mistakes.

    `draft` is the `added_in` of figures that are not released: a new rule refuses only these. `ending` has the ids of
    those that wait to be ended.
    """

    def __init__(self, draft: int, ending: Collection[str]) -> None:
        self.draft, self.ending = draft, ending

    def watch(self, batch: Batch) -> None:
        """Note what matters of these rows, or report what is wrong with them."""

    def check(self) -> None:
        """Report what is known to be wrong when all rows were seen."""


class OriginCycles(Rule):
    """Record which source takes claims from which, each with the first row that says so."""

    def __init__(self, draft: int, ending: Collection[str]) -> None:
        super().__init__(draft, ending)
        self._taken: dict[str, dict[str, tuple[Table, Row]]] = {}

    def watch(self, batch: Batch) -> None:
        """Record where the claims of these rows come from."""
        origins = batch.columns["origin"]
        for origin in dict.fromkeys(origins):
            if origin != batch.source:
                first = (batch.table, batch.rows[origins.index(origin)])
                self._taken.setdefault(batch.source, {}).setdefault(origin, first)

    def check(self) -> None:
        """Report sources that take claims from each other, directly or through others."""
        circle = find_circles(self._taken)
        for source, origins in self._taken.items():
            for origin, (table, row) in origins.items():
                if circle[origin] == circle[source]:
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

    def __init__(self, draft: int, ending: Collection[str]) -> None:
        super().__init__(draft, ending)
        self._table: Table | None = None
        self._stated: dict[int, tuple[Statement, ...]] = {}
        self._open: list[tuple[Table, Row, str, Statement, str]] = []
        self._revised: set[str] = set()

    def watch(self, batch: Batch) -> None:
        """Report rows that state the same thing as another id in the same release: it would count twice.

        A draft may state what a released row states which another draft replaces, or which waits to be ended: a cell of
        the next edition has what another figure had. That is known at the end.
        """
        if batch.table is not self._table:
            self._table, self._stated = batch.table, {}
        columns, in_force = batch.columns, batch.claimed.in_force
        keys = _statements(columns)
        here = [
            Statement(identity, *terms, line)
            for identity, terms, line in zip(columns["id"], in_force, batch.rows.lines, strict=True)
        ]
        if len(set(keys)) == len(keys) and self._stated.keys().isdisjoint(keys):
            self._stated |= zip(keys, zip(here))  # noqa: B905
        else:
            for number, (key, one) in enumerate(zip(keys, here, strict=True)):
                self._compare(batch, number, one, self._stated.get(key, ()))
                self._stated[key] = (*self._stated.get(key, ()), one)
        if any(one.added_in == self.draft for one in set(in_force)):
            revised = zip(columns["id"], columns["version"], here, strict=True)
            self._revised.update(i for i, version, one in revised if version != "1" and one.added_in == self.draft)

    def _compare(self, batch: Batch, number: int, here: Statement, others: Iterable[Statement]) -> None:
        for other in islice((other for other in others if _are_two(here, other)), 2):
            told = (batch.table, batch.rows[number], batch.columns["at"][number], other)
            if here.added_in == other.added_in or self.draft not in (here.added_in, other.added_in):
                _refuse_repetition(*told)
            else:
                released = min(here, other, key=lambda one: one.added_in)
                self._open.append((*told, released.id))

    def check(self) -> None:
        """Report what drafts state of released rows that none replaces, and that do not end."""
        for table, row, at, other, released in self._open:
            if released not in self._revised and released not in self.ending:
                _refuse_repetition(table, row, at, other)


def _refuse_repetition(table: Table, row: Row, at: str, other: Statement) -> None:
    found = f"{other.id} in line {other.line} states the same thing{f' at {at}' if at else ''}"
    allowed = "one id for each statement; a correction is its next version, and what is gone ends"
    table.refuse(row, "at" if at else "id", Refused("stated_twice", found, allowed))


def _statements(columns: Mapping[str, Cells]) -> list[int]:
    """Return a number for what each row states; what was counted has no place."""
    where: Sequence[object] = columns["at"]
    if "" in columns["at"]:
        counted = zip(*map(columns.__getitem__, ("area", "period_type", "period_start", "period_end")), strict=True)
        where = [at or of for at, of in zip(columns["at"], counted, strict=True)]
    what = ("measure", "statistic", "category", "population", "counting_unit", "stated_by")
    return [*map(hash, zip(where, *map(columns.__getitem__, what), strict=True))]


def _are_two(first: Statement, second: Statement) -> bool:
    return first.id != second.id and max(first.added_in, second.added_in) < min(first.ended_in, second.ended_in)


RULES_ACROSS: tuple[type[Rule], ...] = (OriginCycles, RepeatedStatements)
"""The rules across figures, which are part of the register alone. Others are in `assessments` and `drawable_charts`."""
