"""Derive figures from the cells of a published table, by its layout (CSVW) and its mappings (SSSOM).

The same function serves `import`, which writes the rows, and `verify`, which compares them. A value is never retyped:
`printed`, `value` and `at` are the cell.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, cached_property, partial
from itertools import product
from pathlib import Path
from statistics import median_low
from typing import Any, NamedTuple

from misconduct.model.codes import DIMENSIONS, UNSTATED
from misconduct.model.kinds import NO_TERM, Aggregate
from misconduct.model.period import Coverage, PeriodType, bounds, coverage_of, span
from misconduct.register.aggregate import (
    OF_FIGURES,
    CaseColumn,
    CaseTable,
    Count,
    CountPeriod,
    Fault,
    Released,
    aggregate,
    is_plain,
    read_columns,
)
from misconduct.register.csv_files import Cells, Table, parse_version
from misconduct.register.draft_codes import draft_codes, known_codes
from misconduct.register.files import RegisterFile
from misconduct.register.grid import Grid, UnclosedQuote, read_grid
from misconduct.register.mistakes import Mistakes, Place, Refused
from misconduct.register.observation_columns import COLUMNS, REQUIRED, parse_decimal
from misconduct.register.reader import OpenRegister
from misconduct.register.records import WrittenRecord
from misconduct.register.references import misstated_totals
from misconduct.register.rules import days_of_period, period_begins_before_publication, period_has_its_printed_years

AT = {column: position for position, column in enumerate(COLUMNS)}
_PARTS_OF_PERIOD = ("period_type", "period_start", "period_end")
KEY = tuple(AT[name] for name in (*DIMENSIONS, "unit", "stated_by", *_PARTS_OF_PERIOD))
"""The columns that make two rows the same figure, wherever they stand in the table."""

CODED = (*DIMENSIONS, "unit", "obs_status", "stated_by")
MEANINGS = (*CODED, "period", "value", "origin", "caveats")
"""What a column of a table may be named after; others begin with `_`."""

DEFAULTS = {"statistic": "count", "unit": "count", "qualifier": "exact", "obs_status": "A"}
NEEDED = ("measure", "category", "area", "population", "counting_unit", "stated_by", "period", "value")
ZERO = "zero"
STATUSES = {"provisional": "P", "estimated": "E", "break": "B"}
ABSENT = {"withheld": "Q", "suppressed": "Q", "not_stated": "O", "not_applicable": "M"}
"""What symbols may say: nothing, a status of the number before them, or why there is none, with its status."""

_COLUMNS_OF = ("tableSchema", "columns")
_MOST_HEADED = 4_000_000  # columns that fit the headings of a table in all: two thousand with one title
_MOST_SKIPPED = 20  # times the rows of a table, that its `skip` names in all
OWN_TERM = {"skos:broadMatch": "broader", "skos:narrowMatch": "narrower", "skos:closeMatch": "close"}
"""By how a word matches a shared code: the column in which the table's own code names it."""

_WITHHELD = {
    "unmapped_word": "this word is not in the mapping",
    "unknown_code": "this is not a code",
    "not_a_number": "this is not a number of the column",
    "bad_period": "this is not a period",
    "two_readings": "this may be twelve months of two years, or something else",
    "unknown_format": "this has a format that cannot be shown",
    "after_publication": "this period begins after its source was published",
}
"""What is said of a cell that is not shown, where it is not that it cannot be read."""

_SHOWN = frozenset(["empty_cell", "no_result", "struck_cell", "merged_cell", "hidden_cell", "covered_cell",
                    "duplicate_word", "year_contradicts_print", "percent", "year_as_number"])  # fmt: skip
"""Mistakes in a cell that are told without its words, or with words that the mapping has."""

_DATES = {
    "gYear": re.compile(r"\d{4}", re.ASCII),
    "gYearMonth": re.compile(r"\d{4}-\d\d", re.ASCII),
    "date": re.compile(r"\d{4}-\d\d-\d\d", re.ASCII),
}
"""How periods of a column with a datatype are printed."""

_TWO_YEARS = re.compile(r"\d{4}(?:-\d\d|/\d{4})", re.ASCII)
"""2009-10 and 2009/2010: mostly a financial year, and never certain."""

_PERIODS = "a year, or partial: {words: 2019-04/2020-03}"
_SKIP_CASES = "skip under aggregate, which leaves out the rows of a code or a year"
_ONE_WAY = "one table by the columns of both; or, of all that count the file, below: 1"
_LIKE_THEN = (
    "by, count, the start of the year, one of the titles of each column, and of the same bytes dialect and skip, "
    "as they were"
)
_AS_IT_WAS: dict[tuple[str, ...], str] = {("by",): _LIKE_THEN, ("skip",): "skip as it was, but for more of a year"}
"""What is asked for where a key of `aggregate` has changed; of every other key, that it is as it was."""
_NUMBERS = "a number; or list it under null or symbols, or skip its row"
_COUNTS = "a whole number from 0 on: 1204 or 1,204 (1.204 needs a format with groupChar); or another statistic"

_MISPLACED = frozenset(["unknown_column", "missing_column", "moved_column", "no_heading", "unnamed_heading"])
"""Mistakes in the layout with which cells would be read in the wrong column, or as something else."""

_OFTEN = 5_000  # rows between two reports of progress
_ENGLISH = (",", ".")
CELL = re.compile(r"cell=(\d+),(\d+)", re.ASCII)

Parts = Mapping[str, str]
"""Cells of a figure by column."""


class OutcomeOfTotal(NamedTuple):
    """A published total, and what the cells come to."""

    title: str
    published: Decimal
    computed: Decimal
    explanation: str | None


@dataclass
class Derived:
    """What a table states: `rows` with the columns of a figure, `id` and `version` empty, and the `codes` and `caveats`
    that must be drafted for them. `columns` are those of the file, and `read` the numbers of the rows that were read.
    `notes` are what the editor should look at.
    The rest is for people.
    """

    rows: list[Cells] = field(default_factory=list)
    codes: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    caveats: dict[str, str] = field(default_factory=dict)
    columns: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    used: dict[str, set[str]] = field(default_factory=dict)
    totals: list[OutcomeOfTotal] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    skipped: dict[str, int] = field(default_factory=dict)
    hidden: tuple[int, int] | None = None
    known: int = 0
    notes: list[str] = field(default_factory=list)
    common: Counter[str] = field(default_factory=Counter)


OnRows = Callable[[int, int], None]
"""Called with the rows that were read, and all of them."""


@dataclass(frozen=True)
class Context:
    """What of the register a table is read against: its mappings, the codes of each list, the source, the values of
    the figures that its totals name, what releases counted (rows, each with its release, by which tables, and when
    these were in force), the records of each release, and the texts of caveats. `tables` are those in force of the
    sources that have this file.
    """

    mappings: Mapping[str, WrittenRecord]
    codes: Callable[[str], Collection[str]]
    source: Mapping[str, Any]
    figures: Mapping[str, Decimal] = field(default_factory=dict)
    on_rows: OnRows = lambda _done, _total: None
    present: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tables: Mapping[str, WrittenRecord] = field(default_factory=dict)
    counted: list[tuple[Cells, int]] = field(default_factory=list)
    counted_by: dict[str, dict[str, Any]] = field(default_factory=dict)
    counted_in: Mapping[str, range] = field(default_factory=dict)
    ended_in: Collection[int] = ()
    content_in: Callable[[str, str, int], Mapping[str, Any]] = lambda _kind, _id, _release: {}
    caveats: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Key:
    """A column of the table that says what its figures are about."""

    position: int
    name: str
    known: dict[str, Parts | Refused]


@dataclass(frozen=True, slots=True)
class _Values:
    """A column of the table with figures, and what is the same for all of them."""

    position: int
    parts: list[tuple[int, str]]
    statistic: str | None
    is_whole: bool
    signs: tuple[str, str]
    known: dict[str, Parts | None]


def derive_source(
    register: OpenRegister, source: WrittenRecord, path: Path, mistakes: Mistakes, on_rows: OnRows | None = None
) -> dict[str, Derived]:
    """Return what each table of a source states, by the slug of the table, given the file with the source's bytes."""
    tables = {slug: table for slug, table in latest(register, "table").items() if table.content["source"] == source.id}
    wanted = {total["observation"] for table in tables.values() for total in table.content["totals"]}
    beside, had = _tables_beside(register, source), _releases_with(register, source.content["sha256"])
    context = Context(
        latest(register, "mapping"),
        cache(lambda name: dict.fromkeys(register.known.ids(name))),
        source.content,
        _figures(register, wanted - {None}, mistakes),
        on_rows or Context.on_rows,
        {slug: entry.content for slug, entry in latest(register, "code").items()},
        {one.id: one for one in beside},
        *_released_counts(register, source.id, had),
        partial(_content_in, register),
        {name: entry.content["text"] for name, entry in latest(register, "caveat").items()},
    )
    found: dict[str, Derived] = {}
    own = {one.id: {*_own_codes(one.content, context.mappings)} for one in latest(register, "table").values()}
    _check_links(context, beside, had, tables, mistakes)
    _check_no_length(register, source, tables.values(), mistakes, counted=bool(context.counted))
    for slug, table in tables.items():
        check_licence(source, table, mistakes)
        try:
            grid = read_grid(path, source.content["media_type"], table.content["dialect"])
        except UnclosedQuote as refused:
            mistakes.report_at(Place(f"{path.name}#", refused.row, 1), refused)
        except Refused as refused:
            mistakes.report_at(table.locate(("dialect",)), refused)
        else:
            if (length := source.content["length"]) not in (None, grid.length):
                wrong = Refused("wrong_length", f"length is {length}", f"{grid.length}")
                mistakes.report_at(source.locate(("length",)), wrong)
            found[slug] = derive(table, grid, context, mistakes)
            others = {one for other, codes in own.items() if other != slug for one in codes}
            used = found[slug].used
            found[slug].common = Counter(name for name, code in own[slug] & others if code in used.get(name, ()))
    _check_drafts(tables, found, mistakes)
    return found


def _check_no_length(
    register: OpenRegister,
    source: WrittenRecord,
    tables: Iterable[WrittenRecord],
    mistakes: Mistakes,
    *,
    counted: bool,
) -> None:
    """Report the length of a file of which small numbers are hidden, unless a release `counted` it."""
    counts = [table.content["aggregate"] for table in tables if table.content["aggregate"]]
    hides = any(one["suppress"]["below"] > 1 for one in counts)
    same = [
        (one, at)
        for one, (at, _) in register.found
        if one.kind == "source" and one.content and one.content["sha256"] == source.content["sha256"]
        if one.content["length"] is not None
    ]
    for one, added_in in same if hides else ():
        found = "of rows with few words, the length is a sum of their numbers"
        if added_in == register.manifests.chain.draft:
            allowed = "length: null, and under notes, length: Its rows are counted, and small numbers of them hidden."
            mistakes.report_at(one.locate(("length",)), Refused("length_of_cases", found, allowed))
        elif not counted:  # what a release counted goes on, as nobody can take the length back
            refused = Refused("length_of_cases", f"{found}, and a release has it", "below: 1, or the next edition")
            mistakes.report_at(source.locate(()), refused)


def check_licence(source: WrittenRecord, table: WrittenRecord, mistakes: Mistakes) -> None:
    """Report a table whose source has no licence, unless it says why its figures may be copied."""
    if not source.content["licence"] and not table.content["rights"]:
        allowed = "dc:rights: a sentence that says why its figures may be copied"
        refused = Refused("no_licence", f"the source {source.id} has no licence", allowed)
        mistakes.report_at(table.locate(("source",)), refused)


def _check_drafts(tables: Mapping[str, WrittenRecord], found: Mapping[str, Derived], mistakes: Mistakes) -> None:
    """Report a code or a caveat that two tables draft differently."""
    drafts: dict[tuple[str, str], Any] = {}
    for slug, derived in found.items():
        caveats = {("caveat", name): text for name, text in derived.caveats.items()}
        for (name, code), draft in {**derived.codes, **caveats}.items():
            if drafts.setdefault((name, code), draft) != draft:
                refused = Refused("duplicate_word", f"another table of the source makes another {code}", "two prefixes")
                mistakes.report_at(tables[slug].locate(("prefix",)), refused)


def _releases_with(register: OpenRegister, sha256: str) -> dict[str, list[range]]:
    """Return in which releases each source had a file: also in an earlier version, or one that has ended."""
    had = dict[str, list[range]]()
    for entry, in_force in register.found:
        if entry.kind == "source" and entry.content.get("sha256") == sha256:
            had.setdefault(entry.id, []).append(range(*in_force))
    return had


def _released_counts(
    register: OpenRegister, source: str, had: Mapping[str, Iterable[range]]
) -> tuple[list[tuple[Cells, int]], dict[str, dict[str, Any]], dict[str, range], set[int]]:
    """Return the rows of a source that releases counted, each with its release, and the tables that counted them, with
    the releases in which they were in force and had figures (the next version of a table may change no row; of one
    without figures, the law may have removed all), and in which figures ended.

    So too those of other sources, from the releases in which they `had` the same file.
    """
    ledger, draft = register.sealed_observations, register.manifests.chain.draft
    had = {**had, source: [range(draft)]}
    tables = [
        (entry, range(in_force.added_in, min(in_force.ended_in, draft)))
        for entry, in_force in register.found
        if entry.kind == "table" and entry.content.get("aggregate") and entry.content["source"] in had
        if in_force.added_in < draft
    ]
    by = {entry.key: entry.content for entry, _ in tables}
    found, used, since, ended = list[tuple[Cells, int]](), set[str](), dict[str, int](), set[int]()
    for cells in _rows(file for file in register.layout["observations"] if by and file.stem in had):
        key, derivation = f"{cells[0]}@{cells[1]}", cells[AT["derivation"]]
        since_then, until = ledger.in_force(key) if key in ledger else (draft, draft)
        spans = had[by[derivation]["source"]] if derivation in by else ()
        among = [max(since_then, span.start) for span in spans if max(since_then, span.start) < min(until, span.stop)]
        if release := min(among, default=0):
            found.append((cells, release))
            ended.add(until)
            used.add(derivation)
            since[by[derivation]["id"]] = min(release, since.get(by[derivation]["id"], release))
    without = [(entry.id, then) for entry, then in tables if entry.id not in since]
    for (slug, then), one in product(without, ledger.removed_in_force()):  # that may have been all of its figures
        if (release := max(then.start, one.added_in)) < min(then.stop, one.ended_in):
            since[slug] = min(release, since.get(slug, release))
    by = {key: one for key, one in by.items() if one["id"] in since and (one["source"] == source or key in used)}
    of = {one.key: range(max(span.start, since[one.id]), span.stop) for one, span in tables if one.key in by}
    of = {key: span for key, span in of.items() if span}
    return found, {key: by[key] for key in of}, of, ended


def _is_among(release: int, spans: Iterable[range]) -> bool:
    return any(release in span for span in spans)


def _content_in(register: OpenRegister, kind: str, record_id: str, release: int) -> Mapping[str, Any]:
    """Return the record that was in force in a release; nothing if its content is gone."""
    return next(
        (
            entry.content
            for entry, in_force in register.found
            if (entry.kind, entry.id) == (kind, record_id) and in_force.added_in <= release < in_force.ended_in
        ),
        {},
    )


def _tables_beside(register: OpenRegister, source: WrittenRecord) -> list[WrittenRecord]:
    """Return the tables of the same bytes: those of this source, and of others with the same file."""
    sha256 = source.content["sha256"]
    same = {slug for slug, one in register.sources.items() if one.content["sha256"] == sha256}
    return [table for table in latest(register, "table").values() if table.content["source"] in same]


def _check_links(
    context: Context,
    beside: Collection[WrittenRecord],
    had: Mapping[str, Collection[range]],
    tables: Mapping[str, WrittenRecord],
    mistakes: Mistakes,
) -> None:
    """Report tables that count a file under two sources, or copy cells of one that is counted."""
    released = {content["id"] for content in context.counted_by.values()}
    for table, other in product(tables.values(), beside):
        both_count = table.content["aggregate"] and other.content["aggregate"]
        if both_count and table.content["source"] != other.content["source"] and not {table.id, other.id} <= released:
            found = f"the table {other.id} counts the same file under the source {other.content['source']}"
            refused = Refused("linked_tables", found, "one source for both: what each hides depends on the other")
            mistakes.report_at(table.locate(("source",)), refused)
    counting = [table.content for table in beside if table.content["aggregate"]]
    for by, release in {(cells[AT["derivation"]], release) for cells, release in context.counted}:
        content = context.counted_by[by]
        counting += [content] if _is_among(release, had.get(content["source"], ())) else []
    counted = {content["dialect"]["sheetName"] for content in counting}
    has_threshold = any(content["aggregate"]["suppress"]["below"] > 1 for content in counting)
    for table in tables.values():
        sheet = table.content["dialect"]["sheetName"]
        is_counted = has_threshold or sheet is None or {sheet, None} & counted
        if counted and not table.content["aggregate"] and is_counted:
            found = "another table counts the rows of this file, and this one would copy cells of it"
            mistakes.report_at(table.locate(("source",)), Refused("linked_tables", found, "one or the other"))


def _own_codes(table: Mapping[str, Any], mappings: Mapping[str, WrittenRecord]) -> Iterator[tuple[str, str]]:
    """Yield the codes of a table's own, which the words of its mappings have, with their lists."""
    for key in table["tableSchema"]["foreignKeys"]:
        mapping = mappings.get(key["reference"]["resource"])  # another table's may be wrong
        for term in mapping.content["mappings"] if mapping else ():
            if term["object_id"] != NO_TERM and term["predicate_id"] in OWN_TERM:
                yield key["columnReference"], own_code(table["prefix"], term["subject_label"])


def _case_table(content: Mapping[str, Any]) -> CaseTable:
    columns = [_case_column(one) for one in content["tableSchema"]["columns"] if not one["virtual"]]
    totals = [total["where"] for total in content["totals"]]
    reading = content["dialect"], {one for one in content["skip"] if not CELL.fullmatch(one)}
    return CaseTable(Aggregate(**content["aggregate"]), columns, totals, reading)


def latest(register: OpenRegister, kind: str) -> dict[str, WrittenRecord]:
    """Return the newest versions of the records of a kind that are in force, drafts too, by id."""
    entries = (one for one in register.in_force if one.kind == kind and one.content)
    return {entry.id: entry for entry in sorted(entries, key=lambda one: (one.id, one.version))}


def _figures(register: OpenRegister, wanted: Collection[str], mistakes: Mistakes) -> dict[str, Decimal]:
    """Return the values of figures, by id, as their newest versions have them. One that is no number is a mistake."""
    values = dict[tuple[str, int], Decimal]()
    for file in register.layout["observations"] if wanted else ():
        table = Table(file, COLUMNS, REQUIRED, Mistakes())
        for row in table.rows():
            if row.cells[0] in wanted and (value := row.cells[AT["value"]]):
                try:
                    values[row.cells[0], parse_version(row.cells[1])] = parse_decimal(value)
                except Refused as refused:
                    mistakes.report_at(table.place(row, refused.column or "value"), refused)
    return {identity: value for (identity, _), value in sorted(values.items())}


def _rows(files: Iterable[RegisterFile]) -> Iterator[Cells]:
    """Yield the rows of observations. What is wrong with them is reported when the register is read."""
    return (row.cells for file in files for row in Table(file, COLUMNS, REQUIRED, Mistakes()).rows())


def derive(table: WrittenRecord, grid: Grid, context: Context, mistakes: Mistakes) -> Derived:
    """Return the figures that a table states. Everything that is wrong with it is added to `mistakes`."""
    derivation, spec = _Derivation(table, grid, context, mistakes), table.content["aggregate"]
    derived = derivation.count_cases(Aggregate(**spec)) if spec else derivation.run()
    if grid.like_rows:
        row, column = grid.like_rows[0]
        found = f"cells with lines like rows: {len(grid.like_rows):,}, the first is cell={row},{column}"
        derived.notes.append(f"{found}; is a quotation mark left open?")
    return derived


def key_of(cells: Cells) -> tuple[str, ...]:
    """Return what makes a row the same figure in every edition of its table."""
    return tuple(map(cells.__getitem__, KEY))


class _Derivation:
    def __init__(self, table: WrittenRecord, grid: Grid, context: Context, mistakes: Mistakes) -> None:
        self._table, self._grid, self._context, self._mistakes = table, grid, context, mistakes
        self._content, self._found = table.content, Derived()
        self._faults: dict[tuple[str, str], tuple[Place, Refused, list[Place]]] = {}
        self._columns: list[dict[str, Any]] = self._content["tableSchema"]["columns"]
        dialect = self._content["dialect"]
        self._first = dialect["skipRows"] + dialect["headerRowCount"]
        self._header = grid.rows[dialect["skipRows"] : self._first]
        self._published = context.source["published"] or context.source["retrieved"] or str(datetime.now(UTC).date())
        keys, symbols = self._content["tableSchema"]["foreignKeys"], self._content["symbols"]
        self._mapping_of = {key["columnReference"]: key["reference"]["resource"] for key in keys}
        self._symbols = {symbol: said for symbol, said in symbols.items() if self._is_symbol(symbol, said)}
        self._null = {*self._content["null"]}
        statuses = (symbol for symbol, said in self._symbols.items() if said not in (ZERO, *ABSENT))
        self._signs_behind = {symbol: number for number, symbol in enumerate(statuses)}
        self._lengths_behind = {*map(len, self._signs_behind)}
        self._terms = {name: _terms_of(context.mappings[name]) for name in {*self._mapping_of.values()}}
        self._caveats = dict(reversed([*self._ids_of_caveats()]))
        self._signs: dict[int, tuple[str, str]] = {}
        self._places: dict[tuple[str, ...], str] = {}
        self._periods, self._template = set[str](), list[str]()
        self._own_words = dict[tuple[str, str], str]()
        self._has_suppressed = any(column["suppressOutput"] for column in self._columns)
        self._cells_over, self._words_at = list[list[tuple[int, int]]](), set[tuple[int, int]]()
        self._is_complete = False
        self._codes_then = cache(self._find_codes_then)
        self._skips = dict[str, range]()  # the numbers of the rows that an entry of `skip` names
        self._unmet_cells = {one for one in self._content["skip"] if CELL.fullmatch(one)}

    def run(self) -> Derived:
        self._check_columns()
        self._check_names()
        placed = self._place_columns()
        self._found.columns, self._found.counts["columns"] = placed, len(placed)
        read = self._read_columns(placed)
        for cell in sorted(self._words_at):
            self._is_faulty(*cell)
        if not any(refused.code in _MISPLACED for _, refused, _ in self._faults.values()):
            self._read_rows(*read)
            self._check_partial()
            self._note_percents()
            self._check_skipped_cells("a cell of a column of figures that states something")
        if not self._faults:
            self._check_totals()
        return self._report()

    # Cases: no cell of the file is in a message

    def count_cases(self, spec: Aggregate) -> Derived:
        """Count the rows of a case-level table, by the codes of their words."""
        own = {*read_columns(spec)} - {*spec.by}
        self._check_columns(own, given=("period", "value", "stated_by"))
        self._check_nobody_states_them()
        self._check_names()
        table = _case_table(self._content)
        columns, released = table.columns, self._released(table)
        headings = self._header[-1] if self._header else []
        skipped = self._skipped_rows()
        self._check_skipped_cells(_SKIP_CASES)
        rows = ((n, row) for n, row in enumerate(self._grid.rows[self._first :], self._first + 1) if n not in skipped)
        totals = [*self._totals_of_cases()]
        codes = {name: self._own_codes_of(name) for name in spec.by}
        nulls, secret = self._content["null"], self._grid.secret
        found = aggregate(
            spec, columns, headings, rows, codes=codes, totals=totals, nulls=nulls, released=released, secret=secret
        )
        if not released.is_the_same:
            self._require_one_way(table)
        for fault in found.faults:
            self._report_case(fault)
        self._refuse_skipped_cases(columns, headings, codes)
        if not found.faults and bounds(spec.covers.partition("/")[2])[1] > bounds(self._published)[1]:
            late = f"the span ends after {self._published}, when the file was published or retrieved"
            self._refuse_table("bad_period", late, "the last day of which it has every row", "aggregate", "covers")
        read = {title for column in columns if not column.is_suppressed for title in column.titles}
        for row, column in self._grid.faults:
            if column <= len(headings) and headings[column - 1] in read and row not in skipped:
                refused = Refused("unreadable_cell", "this cell cannot be read", "a value as it is shown")
                self._refuse(refused, row, column)
        counts = self._found.counts
        counts["rows"], counts["columns"], counts["skipped rows"] = len(self._grid.rows), len(headings), len(skipped)
        self._found.hidden, self._found.known = (found.small, found.complementary), found.known
        self._found.skipped = {one.reason: number for one, number in zip(spec.skip, found.skipped, strict=False)}
        _, _, template = self._read_columns([])
        caveats = {name: self._caveats_of(name, found.words.get(name, ())) for name in spec.by}
        self._found.rows = [self._row_of(count, template, caveats) for count in found.cells]
        if not self._faults:
            self._check_totals([Decimal(total) for total in found.totals])
        return self._report()

    def _released(self, table: CaseTable) -> Released:
        """Return what releases said of these numbers: those of tables that counted as this one does.

        A code that has another name now, for the same words, has that name here.
        """
        context, counts, then = self._context, list[tuple[Count, int]](), self._counting_then
        changes = {key: table.find_change(one, hid=False, is_same_file=False) for key, one in then.items()}
        like = {key for key, path in changes.items() if path not in (("by",), ("covers",))}
        hides = table.spec.suppress.below > 1 or any(self._hid)
        names_now = cache(lambda name, key, release: self._names_now(name, key, release) if hides else {})
        for cells, release in context.counted:
            key, value = cells[AT["derivation"]], cells[AT["value"]]
            if key in like:
                was = {name: cells[AT[name]] for name in table.spec.by}
                codes = {name: names_now(name, key, release).get(code, code) for name, code in was.items()}
                start, end = cells[AT["period_start"]], cells[AT["period_end"]]
                period = CountPeriod(cells[AT["period_type"]], start, end)
                counts.append((Count(codes, period, int(value) if value else None), release))
        counted, words = list[tuple[Aggregate, int]](), {name: dict[str, str]() for name in table.spec.by}
        for key, release in ((one, release) for one in sorted(like) for release in context.counted_in[one]):
            counted.append((then[key].spec, release))
            for name, codes in words.items():
                names = names_now(name, key, release)
                codes |= {word: names.get(code, code) for word, code in self._codes_then(name, key, release).items()}
        years = [
            (one.spec, column)
            for key, one in then.items()
            for column in one.columns
            if key in like and hides and one.spec.year and column.name == one.spec.year.of
        ]
        return Released(counts, counted, words, years, self._is_as_released(then))

    def _is_as_released(self, then: Mapping[str, CaseTable]) -> bool:
        """Tell whether the newest release counted the same bytes by the same tables, in the same way."""
        context = self._context
        newest = max((one for key in then for one in context.counted_in[key]), default=0)
        by = {context.counted_by[key]["id"]: one for key, one in then.items() if newest in context.counted_in[key]}
        now = self._counting_now()
        if now.keys() != by.keys() or not self._had_this_file(newest):
            return False
        both = [(now[slug], one) for slug, one in by.items()]
        return all(one.spec.covers == other.spec.covers for one, other in both) and not any(
            one.find_change(other, hid=True, is_same_file=True) for pair in both for one, other in (pair, pair[::-1])
        )

    def _had_this_file(self, release: int) -> bool:
        """Tell whether the source had these bytes in a release."""
        there = self._context.content_in("source", self._content["source"], release)
        return bool(there) and there["sha256"] == self._context.source["sha256"]

    @cached_property
    def _counting_then(self) -> dict[str, CaseTable]:
        """Return the versions of tables that counted this file, or a former one of the source, in releases.

        One that has no figure of its own was imported if it counts as one that has some, or if figures ended with it,
        as where an earlier program let `skip` change; else its record alone was released. Not if no version has any:
        the law removed them.
        """
        counted_by = self._context.counted_by
        then = {key: _case_table(counted_by[key]) for key in sorted(counted_by)}
        have = {cells[AT["derivation"]] for cells, _ in self._context.counted} & then.keys()
        left = {counted_by[key]["id"] for key in have}
        return {
            key: one
            for key, one in then.items()
            if key in have
            or counted_by[key]["id"] not in left
            or any(
                (change := one.find_change(then[other], hid=True, is_same_file=True)) == ()
                or (change[0] == "skip" and self._context.counted_in[key].start in self._context.ended_in)
                for other in have
                if counted_by[other]["id"] == counted_by[key]["id"]
            )
        }

    def _counting_now(self) -> dict[str, CaseTable]:
        """Return the tables in force that count this file."""
        return {
            slug: _case_table(one.content) for slug, one in self._context.tables.items() if one.content["aggregate"]
        }

    @cached_property
    def _hid(self) -> set[str]:
        """Return by which tables releases hid numbers of this file, or of a former one of the source."""
        return {cells[AT["derivation"]] for cells, _ in self._context.counted if not cells[AT["value"]]}

    def _require_one_way(self, table: CaseTable) -> None:
        """Report whatever counts the file otherwise than this table, now or in a release, where one has a threshold.

        Two ways to count the same cases give away what one of them hides, or a small number that lies between two large
        ones. Where an earlier program let a table with a threshold change, it goes on as it is by now.
        """
        now, then, hid = self._counting_now(), self._counting_then, self._hid
        if not hid and all(one.spec.suppress.below == 1 for one in (table, *now.values(), *then.values())):
            return
        for slug in sorted(now.keys() - {self._table.id}):
            found = f"{slug} counts the same file, and small numbers are to be hidden: both together give some away"
            self._refuse_table("linked_tables", found, _ONE_WAY, "aggregate", "suppress")
        newest = max((one for key in then for one in self._context.counted_in[key]), default=0)
        for key, one in then.items():
            if newest not in self._context.counted_in[key] and one.spec.suppress.below > 1:
                continue
            is_same_file = any(map(self._had_this_file, self._context.counted_in[key]))
            hides = (bool(hid) or one.leaves_out_small) and newest in self._context.counted_in[key]
            if path := table.find_change(one, hid=hides and one.spec.suppress.below > 1, is_same_file=is_same_file):
                found = f"{key} counted otherwise in a release, and small numbers are to be hidden: both give some away"
                allowed = _AS_IT_WAS.get(
                    path, f"{path[-1]} as it was: what is hidden is decided before the first release"
                )
                self._refuse_table("counted_otherwise", found, allowed, "aggregate", *path)

    def _names_now(self, name: str, key: str, release: int) -> dict[str, str]:
        """Return, for a column, the code that each code of a release is now: that of the same words.

        Words that were counted together stay together, and others apart. A word that does not is reported.
        """
        mapping = self._mapping_of.get(name)
        before = self._codes_then(name, key, release)
        now, names = self._own_codes_of(name), dict[str, str]()
        codes = {code: code for code in {*before.values()} - {before[word] for word in now if word in before}}
        for word, code in before.items():
            same = now.get(word, "")
            if not same or (names.setdefault(code, same) == same and codes.setdefault(same, code) == code):
                continue
            found = f"a release counted {word!r} as {code}, with other words than {same} has"
            allowed = "words that were counted together stay together, and others apart: else both give numbers away"
            refused = Refused("counted_otherwise", found, allowed)
            if mapping is None:
                self._report_at(self._table.locate(("aggregate", "by")), refused)
            else:
                entry = self._context.mappings[mapping]
                at, _ = self._terms[mapping][word]
                self._report_at(entry.locate(("mappings", at, "object_id")), refused)
        self._require_words(name, key, release, before, names)
        return names

    def _require_words(
        self, name: str, key: str, release: int, before: Mapping[str, str], names: Collection[str]
    ) -> None:
        """Report a word that no mapping has any more and whose numbers a release hid: they would be known to be 0."""
        of_release = (cells for cells, one in self._context.counted if (cells[AT["derivation"]], one) == (key, release))
        hidden = {cells[AT[name]] for cells in of_release if not cells[AT["value"]]}
        for word in (word for word, code in before.items() if code in hidden.difference(names)):
            found = f"a release hid numbers of {word!r}, which has no line now, so that they would be known to be 0"
            allowed = f"its line as it was; and for a word in its place a line besides, with the code {before[word]}"
            refused = Refused("counted_otherwise", found, allowed)
            if name in self._mapping_of:
                self._report_at(self._context.mappings[self._mapping_of[name]].locate(()), refused)
            else:
                self._report_at(self._table.locate(("aggregate", "by")), refused)

    def _find_codes_then(self, name: str, key: str, release: int) -> dict[str, str]:
        """Return the code that each word of a column had for a version of a table in a release."""
        content, content_in = self._context.counted_by[key], self._context.content_in
        return _codes_of(name, content, lambda one: content_in("mapping", one, release), self._context.codes)

    def _own_codes_of(self, name: str) -> dict[str, str]:
        """Return the code of each word that a column may have. What must be drafted for it is not known yet."""
        mappings = self._context.mappings
        return _codes_of(name, self._content, lambda mapping: mappings[mapping].content, self._context.codes)

    def _caveats_of(self, name: str, words: Collection[str]) -> dict[str, list[str]]:
        """Draft the codes of the words that occur, and return the caveats of each code."""
        caveats: dict[str, list[str]] = {}
        for word in sorted(words):
            parts = self._read_word(name, word)
            if isinstance(parts, Refused):
                self._refuse_table(parts.code, parts.found, parts.allowed, "aggregate", "by")
            elif "caveats" in parts:
                caveats.setdefault(parts[name], []).append(parts["caveats"])
        return caveats

    def _row_of(self, count: Count, template: list[str], caveats: Mapping[str, Mapping[str, list[str]]]) -> Cells:
        row = template.copy()
        for name, code in count.codes.items():
            row[AT[name]] = code
            _put(row, AT["caveats"], " ".join(caveats[name].get(code, ())))
        for column, cell in zip(_PARTS_OF_PERIOD, count.period, strict=True):
            row[AT[column]] = cell
        if count.value is None:
            row[AT["value_absent"]], row[AT["obs_status"]] = "suppressed", ABSENT["suppressed"]
        else:
            row[AT["value"]] = str(count.value)
        row[AT["derivation"]], row[AT["qualifier"]] = self._table.key, ""
        return tuple(row)

    def _totals_of_cases(self) -> Iterator[dict[str, str]]:
        """Yield the codes of which each total is. No cell of the file is a total of it."""
        for at, total in enumerate(self._content["totals"]):
            path = ("totals", at)
            if total["at"]:
                self._refuse_table("bad_total", "a cell of single cases is no total", "is, or observation", *path, "at")
            where = {name: code for name, code in total["where"].items() if isinstance(code, str)}
            for name in total["where"].keys() - where.keys():
                self._refuse_table("bad_total", f"several codes of {name}", "one code", *path, "where", name)
            yield where

    def _report_case(self, fault: Fault) -> None:
        cell = Place(f"{self._grid.name}#", fault.row or self._first, fault.column or 1)
        self._report_at(self._table.locate(fault.path) if fault.path else cell, fault.refused)

    # Mistakes

    def _report(self) -> Derived:
        for path, refused in misstated_totals(self._content["totals"]):
            self._report_at(self._table.locate(path), refused)
        for place, refused, where in self._faults.values():
            if len(where) > 1:
                refused.found += f" (in {len(where):,} cells, of which this is the first)"
            self._mistakes.report_at(place, refused)
        return self._found

    def _is_faulty(self, row: int, column: int, *, is_value: bool = False) -> bool:
        """Tell, and report, whether a cell cannot be read, or not as a number."""
        refused = self._grid.faults.get((row, column))
        if is_value and (row, column) in self._grid.years:
            refused = Refused("year_as_number", "this cell is a date of which its format shows the year", _NUMBERS)
        if refused:
            self._refuse_word(refused, row, column)
        return refused is not None

    def _refuse_word(self, refused: Refused, row: int, column: int) -> None:
        """Report a mistake in a cell; without its words if columns are suppressed: a cell of these may stand here."""
        shown = refused
        if self._has_suppressed and refused.code not in _SHOWN:
            found = _WITHHELD.get(refused.code, "this cannot be read")
            found += " (not shown, as columns of the table are suppressed)"
            shown = Refused(refused.code, found, refused.allowed, near=refused.near)
        self._refuse(shown, row, column, as_found=refused.found)

    def _refuse(self, refused: Refused, row: int, column: int, as_found: str = "") -> None:
        """Report a mistake in a cell: once for all cells in which the same was `found`, whatever is shown of it."""
        place = Place(f"{self._grid.name}#", row, column)
        self._faults.setdefault((refused.code, as_found or refused.found), (place, refused, []))[2].append(place)

    def _refuse_table(self, code: str, found: str, allowed: str, *path: str | int, near: Any = None) -> None:
        self._report_at(self._table.locate(path), Refused(code, found, allowed, near=near))

    def _report_at(self, place: Place, refused: Refused) -> None:
        self._faults.setdefault((str(place), refused.found), (place, refused, [place]))

    # Columns

    def _place_columns(self) -> list[tuple[int, dict[str, Any]]]:
        """Find each column of the table by its titles. Columns that appeared, moved or are gone are mistakes."""
        headings, placed, last = self._headings(), list[tuple[int, dict[str, Any]]](), -1
        places = [place for place, column in enumerate(self._columns) if not column["virtual"]]
        ahead = [self._columns[place] for place in places]
        found, titles = set[int](), [title for column in ahead for title in titles_of(column)]
        find_headed = _headed(ahead)
        try:
            headed = [find_headed(heading) for heading in headings]
        except Refused as alike:
            self._refuse_table(alike.code, alike.found, alike.allowed, *_COLUMNS_OF)
            return []
        known = len(set[int]().union(*headed))
        if 2 * known < len(ahead):  # it may be a row of cells, of suppressed columns too
            shown = f"this row has {known} of the {len(ahead)} headings that the table names"
            self._refuse(Refused("no_heading", shown, "dialect: skipRows and headerRowCount"), self._first, 1)
            return []
        for index, heading in enumerate(headings):
            fits = [number for number in headed[index] if number not in found or _is_group(ahead[number])]
            if not fits:
                words = " / ".join(heading)
                shown = f"no column of the mapping is headed {words!r}"
                shown = shown if is_plain(words) else "a heading that no mapping can have"
                allowed = "each column, with suppressOutput: true where it states nothing"
                near = (heading[-1], titles) if heading and heading[-1] not in titles else None
                self._refuse(Refused("unknown_column", shown, allowed, near=near), self._first, index + 1)
                continue
            number = min(fits, key=lambda one: (one < last, one))
            if number < last and not _is_group(ahead[number]):
                shown = f"the column {heading[-1]!r} stands behind {titles_of(ahead[last])[0]!r}"
                refused = Refused("moved_column", shown, "the columns in the order of the mapping")
                self._refuse(refused, self._first, index + 1)
            last = last if _is_group(ahead[number]) else max(number, last)
            found.add(number)
            placed.append((index, ahead[number]))
        there = [one[-1] for one in headings if one]
        for number, column in enumerate(ahead):
            if number not in found:
                path, title = (*_COLUMNS_OF, places[number]), titles_of(column)[0]
                shown = f"{self._grid.name} has no column {title!r}"
                self._refuse_table("missing_column", shown, "the titles of its columns", *path, near=(title, there))
        self._require_named_headings(placed, headings)
        return placed

    def _require_named_headings(self, placed: list[tuple[int, dict[str, Any]]], headings: list[list[str]]) -> None:
        """Report what stands over a column that is read and is none of its titles: the next edition may have others
        there (other years), and columns that are called the same are told apart by nothing else.
        """
        for index, column in ((index, column) for index, column in placed if not column["suppressOutput"]):
            for at in self._cells_over[index]:  # what a logo touches is one of the titles, or told below
                fault, is_own = self._grid.faults.get(at), at[1] == index + 1  # else it is merged, and may be seen here
                if fault and fault.code != "covered_cell" and (is_own or fault.code != "hidden_cell"):
                    self._words_at.add(at)
            for word in headings[index]:
                if word not in titles_of(column):
                    shown = repr(word) if is_plain(word) else "a heading that no mapping can have"
                    found = f"{shown} stands over this column, and is none of its titles"
                    allowed = "each heading of a column that is read, in all lines; or dialect: skipRows"
                    self._refuse(Refused("unnamed_heading", found, allowed), self._first, index + 1)

    def _headings(self) -> list[list[str]]:
        """Return the words over each column. In all heading lines but the last, a word stands for the empty cells
        right of it, too.
        """
        above = self._content["dialect"]["skipRows"]
        width = max((_width(row) for row in self._grid.rows[above:]), default=0)
        headings: list[list[str]] = [[] for _ in range(width)]
        self._cells_over = [[] for _ in range(width)]
        for line, row in enumerate(self._header, above + 1):
            word, at = "", 0
            for index in range(width):
                cell = row[index] if index < len(row) else ""
                word, at = (cell, index) if cell or line == above + len(self._header) else (word, at)
                if word:
                    headings[index].append(word)
                    self._cells_over[index].append((line, at + 1))
        return headings

    def _read_columns(self, placed: list[tuple[int, dict[str, Any]]]) -> tuple[list[_Key], list[_Values], list[str]]:
        """Return the columns that are read, and the cells that are the same for every figure."""
        template = [""] * len(COLUMNS)
        for name, cell in {**DEFAULTS, "origin": self._table.content["source"]}.items():
            template[AT[name]] = cell
        keys, values = list[_Key](), list[_Values]()
        for at, column in enumerate(self._columns):
            if column["virtual"]:
                for position, cell in self._fixed({column["name"]: column["default"]}, (*_COLUMNS_OF, at)):
                    _put(template, position, cell)
        for index, column in placed:
            name = column["name"]
            if column["suppressOutput"]:
                continue
            if name in self._content["unpivot"] or name == "value":
                values.append(self._values(index, column))
            else:
                keys.append(_Key(index, name, {}))
        return keys, values, template

    def _check_columns(self, own: Collection[str] = (), given: Iterable[str] = ()) -> None:
        """Report columns that mean nothing, and what none of them says; `own` are read, and say nothing of figures."""
        unpivot, given = self._content["unpivot"], Counter[str](given)
        names = [str(column["name"]) for column in self._columns]
        for at, (name, column) in enumerate(zip(names, self._columns, strict=True)):
            if not column["suppressOutput"]:
                given.update({"value", *unpivot[name]} if name in unpivot else [name])
                if name not in (*MEANINGS, *unpivot, *own):
                    found, allowed = f"a figure has no {name!r}", f"{', '.join(MEANINGS)}; or suppressOutput: true"
                    self._refuse_table("unknown_column", found, allowed, *_COLUMNS_OF, at, near=(name, MEANINGS))
            elif not column["reason"]:
                allowed = "dc:description: a sentence that says why"
                self._refuse_table("no_reason", "this column states nothing", allowed, *_COLUMNS_OF, at)
        for name in NEEDED:
            if not given[name]:
                found = f"nothing says the {name} of the figures"
                allowed = "a column, or a virtual one with a default"
                if name in ("period", "value"):
                    allowed = "a column; or aggregate:, where each row is a case"
                self._refuse_table("not_said", found, allowed, *_COLUMNS_OF)
        self._check_said_once()

    def _check_said_once(self) -> None:
        """Report what two parts of the layout say of the same figures: one of them would be lost without a word."""
        unpivot, before, in_rows = self._content["unpivot"], set[str](), set[str]()
        for at, column in enumerate(self._columns):
            name = column["name"]
            if column["suppressOutput"] or name == "caveats":  # a figure has those of all
                continue
            if name in before:
                self._refuse_twice(f"two columns have the name {name!r}", *_COLUMNS_OF, at)
            before.add(name)
            in_rows.update([] if column["virtual"] or name in unpivot else [name])
        for name, key in ((name, key) for name, said in unpivot.items() for key in said if key in in_rows):
            self._refuse_twice(f"a column says the {key} of each row", "unpivot", name, key)
        keys = [key["columnReference"] for key in self._content["tableSchema"]["foreignKeys"]]
        for name in (name for name, number in Counter(keys).items() if number > 1):
            self._refuse_twice(f"the column {name!r} has two mappings", "tableSchema", "foreignKeys")
        for sign in self._content["symbols"].keys() & {*self._content["null"]}:
            self._refuse_twice(f"{sign!r} is listed under null, too", "symbols", sign)

    def _refuse_twice(self, found: str, *path: str | int) -> None:
        self._refuse_table("said_twice", found, "one of them: the other would be lost", *path)

    def _check_nobody_states_them(self) -> None:
        """Report a column that says who stated the figures, which this register counts."""
        for at, column in enumerate(self._columns):
            if column["name"] == "stated_by":
                found = "this register counts the figures, and nobody states them"
                self._refuse_table("stated_by_nobody", found, "no stated_by beside aggregate", *_COLUMNS_OF, at)

    def _check_names(self) -> None:
        """Report what is said of columns that do not exist."""
        names = [str(column["name"]) for column in self._columns]
        named = [(("tableSchema", "foreignKeys"), name) for name in self._mapping_of]
        for where, name in (*named, *((("unpivot", name), name) for name in self._content["unpivot"])):
            if name not in names:
                found = f"there is no column {name!r}"
                self._refuse_table("unknown_column", found, "the name of a column", *where, near=(name, names))

    def _values(self, index: int, column: dict[str, Any]) -> _Values:
        said, parts = dict(self._content["unpivot"].get(column["name"], {})), list[tuple[int, str]]()
        if "period" in said:
            at = said.pop("at", f"cell={self._first},{index + 1}")
            words = self._grid.cell(*_cell(at))
            if not words:
                found, path = f"the table has nothing at {at}", ("unpivot", column["name"], "at")
                self._refuse_table("no_such_place", found, "cell=ROW,COLUMN of the words", *path)
            self._words_at.add(_cell(at))
            parts += [(AT["period_printed"], words), (AT["period_at"], at)]
        parts = [*self._fixed(said, ("unpivot", column["name"]), dict(parts).get(AT["period_printed"], "")), *parts]
        base, form = _datatype(column)
        if isinstance(form, dict):
            self._signs[index] = form["groupChar"], form["decimalChar"]
        signs = self._signs.get(index, _ENGLISH)
        is_whole = base in ("integer", "nonNegativeInteger")
        return _Values(index, parts, dict(parts).get(AT["statistic"]), is_whole, signs, {})

    def _fixed(
        self, said: Mapping[str, str | None], path: tuple[str | int, ...], printed: str = ""
    ) -> Iterator[tuple[int, str]]:
        """Yield the cells that a mapping gives to every figure of a column, or of the table."""
        for name, word in said.items():
            try:
                parts = self._parts(name, word or "", None, printed)
                yield from ((AT[key], cell) for key, cell in parts.items())
            except Refused as refused:
                self._refuse_table(refused.code, refused.found, refused.allowed, *path, near=refused.near)

    # Rows

    def _read_rows(self, keys: list[_Key], values: list[_Values], template: list[str]) -> None:
        self._template, short = template, list[int]()
        self._is_complete = not self._faults  # else figures may be the same for want of a code
        width = max((column.position + 1 for column in values), default=0)
        for number, row in self._rows_of_figures(keys, values):
            self._found.read.append(number)
            if len(row) < width:
                short.append(number)
            cells = self._read_keys(keys, row, number, template)
            for column in values:
                self._read_value(column, row, number, cells)
        self._note("rows that end before a column of figures", short)

    def _rows_of_figures(self, keys: list[_Key], values: list[_Values]) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows below the headings that are neither empty nor skipped, with their numbers."""
        skipped, counts, stating = self._skipped_rows(), self._found.counts, list[int]()
        counts["rows"], most = len(self._grid.rows), self._most_cells(skipped)
        for number, row in enumerate(self._grid.rows[self._first :], self._first + 1):
            if number % _OFTEN == 0:
                self._context.on_rows(number, len(self._grid.rows))
            if not any(row):
                counts["empty rows"] += 1
            elif number in skipped:
                counts["skipped rows"] += 1
                if self._states_figures(keys, values, row):
                    stating.append(number)
            elif row in self._header:
                refused = Refused("repeated_header", "this row repeats the heading", f'skip: {{"{number}": a reason}}')
                self._refuse(refused, number, 1)
            elif len(row) > most:  # 1,204 without quotation marks is two cells, and shifts those behind it
                found, allowed = "this row has more cells than headings", f'{most}; or skip: {{"{number}": a reason}}'
                self._refuse(Refused("cell_count", found, allowed), number, most + 1)
            else:
                yield number, row
        self._judge_skipped(stating)

    def _most_cells(self, skipped: Collection[int]) -> int:
        """Return how many cells a row may have: as many as there are headings, or as most rows have, all of which may
        end with a delimiter.
        """
        rows = enumerate(self._grid.rows[self._first :], self._first + 1)
        lengths = {number: len(row) for number, row in rows if any(row) and number not in skipped}
        headings, usual = [len(line) for line in self._header] or [0], median_low(lengths.values() or [0])
        if usual > (most := max(headings)):
            self._note("rows with more cells than headings", [row for row, cells in lengths.items() if cells > most])
        return max(headings[-1], usual)

    def _note(self, what: str, rows: list[int]) -> None:
        if rows:
            self._found.notes.append(f"{what}: {len(rows):,}, the first is row {rows[0]}")

    def _note_percents(self) -> None:
        """Tell of columns in which some numbers are printed with % and some without: 63% may have become 0.63."""
        if not any(row[AT["printed"]].endswith("%") for row in self._found.rows):
            return
        columns = dict[int, tuple[list[int], list[int]]]()
        for row in self._found.rows:
            if row[AT["value"]] not in ("", "0"):
                number, column = _cell(row[AT["at"]])
                columns.setdefault(column, ([], []))[row[AT["printed"]].endswith("%")].append(number)
        for column, (bare, percents) in sorted(columns.items()):
            fewer, how = (bare, "without") if len(bare) <= len(percents) else (percents, "with")
            self._note(f"numbers {how} % in column {column}, unlike the others", fewer)

    def _states_figures(self, keys: Iterable[_Key], values: Iterable[_Values], row: list[str]) -> bool:
        """Tell whether a row, which is skipped, has a known word in each column and a number behind it."""
        words = [(key.name, row[key.position] if key.position < len(row) else "") for key in keys]
        numbers = [(row[column.position], column.signs) for column in values if column.position < len(row)]
        return all(self._is_known(name, word) for name, word in words) and any(
            (self._parts_of_number(word, signs) or {}).get("value") for word, signs in numbers
        )

    def _is_known(self, name: str, word: str) -> bool:
        """Tell whether a word of a column says something, without drafting a code for it."""
        if mapping := self._mapping_of.get(name):
            return word in self._terms[mapping]
        if name == "period":
            try:
                return bool(word and self._read_period(word, word))
            except Refused:
                return False
        return name not in CODED or word in self._context.codes(name) or word in known_codes(name)

    def _judge_skipped(self, stating: list[int]) -> None:
        """Report rows that state figures and are skipped with all others to the end; tell of those that are named."""
        for rows, numbers in self._skips.items():
            below = stating[bisect_left(stating, numbers.start) : bisect_left(stating, numbers.stop)]
            if below and rows.endswith("-*"):
                self._refuse_skip(rows, "state figures", below, "a last row in place of *; or the rows that do not")
        self._note("skipped rows that state figures", stating)

    def _refuse_skipped_cases(
        self, columns: Iterable[CaseColumn], headings: list[str], codes: Mapping[str, Collection[str]]
    ) -> None:
        """Report cases that are skipped, or above the headings: what counts them elsewhere, less what is counted here,
        is their number.

        A row is one if each column that is read has a cell, or one by which rows are counted has a word that it knows.
        Of a line of the headings only its words tell: it has a cell in each column, too.
        """
        named = ((title, column.name) for column in columns if not column.is_suppressed for title in column.titles)
        places = {name: headings.index(title) for title, name in named if title in headings}

        def cases(numbers: Iterable[int], *, are_headings: bool = False) -> Iterator[int]:
            for number in numbers:
                cells = dict(enumerate(self._grid.rows[number - 1]))
                words = {name: cells[place] for name, place in places.items() if cells.get(place)}
                is_full = 0 < len(places) == len(words) and not are_headings
                if is_full or any(words[name] in codes[name] for name in codes if name in words):
                    yield number

        for rows, numbers in self._skips.items():
            if these := [*cases(numbers)]:
                self._refuse_skip(rows, "are cases", these, f"the rows that are none; or {_SKIP_CASES}")
        rows_above = range(1, min(self._first, len(self._grid.rows) + 1))
        skip_rows = self._content["dialect"]["skipRows"]
        above = [*cases(rows_above[:skip_rows]), *cases(rows_above[skip_rows:], are_headings=True)]
        if these := [number for number in above if self._grid.rows[number - 1] != headings]:
            found = f"rows above the headings that are cases: {self._count_rows(these)}"
            allowed = (
                "the first headings of the file, with each of their lines in headerRowCount; "
                f"or {_SKIP_CASES}, for what stands below them and is no case"
            )
            self._refuse_table("skips_figures", found, allowed, "dialect")

    def _refuse_skip(self, rows: str, what: str, these: list[int], allowed: str) -> None:
        found = f"rows of {rows} that {what}: {self._count_rows(these)}"
        self._refuse_table("skips_figures", found, allowed, "skip", rows)

    def _count_rows(self, these: list[int]) -> str:
        return f"{len(these):,}, the first is row {these[0]} of {self._grid.name}"

    def _read_keys(self, keys: list[_Key], row: list[str], number: int, template: list[str]) -> list[str] | None:
        """Return the cells that the figures of a row share; None if a word of it is wrong."""
        cells, is_whole = template.copy(), True
        for key in keys:
            word = row[key.position] if key.position < len(row) else ""
            if self._grid.faults and self._is_faulty(number, key.position + 1):
                is_whole = False
                continue
            if (parts := key.known.get(word)) is None:
                parts = key.known[word] = self._read_word(key.name, word)
            if isinstance(parts, Refused):
                self._refuse_word(parts, number, key.position + 1)
                is_whole = False
                continue
            for name, cell in parts.items():
                _put(cells, AT[name], cell)
            if key.name == "period":
                cells[AT["period_at"]] = f"cell={number},{key.position + 1}"
        return cells if is_whole else None

    def _read_value(self, column: _Values, row: list[str], number: int, cells: list[str] | None) -> None:
        """Add the figure in a cell, if there is one; `cells` are those that the row gives it."""
        word = row[column.position] if column.position < len(row) else ""
        if word not in column.known:
            column.known[word] = self._parts_of_number(word, column.signs)
        parts, here = column.known[word], f"cell={number},{column.position + 1}"
        has_faults = self._grid.faults or self._grid.years
        if self._leaves_out(here, parts) or (
            has_faults and self._is_faulty(number, column.position + 1, is_value=True)
        ):
            return
        if refused := self._fault_of_number(word, parts, column, cells):
            self._refuse_word(refused, number, column.position + 1)
        elif not parts:
            self._found.counts["empty cells"] += 1
        elif cells is not None:
            figure = cells.copy()
            for at, cell in column.parts:
                _put(figure, at, cell)
            for name, cell in parts.items():
                figure[AT[name]] = cell
            figure[AT["at"]] = here
            self._enter(tuple(figure), number, column.position + 1)

    def _leaves_out(self, cell: str, parts: Parts | None) -> bool:
        """Tell, and note, whether a cell is left out: a number, or a fault. An empty one is not what is meant."""
        is_left_out = cell in self._content["skip"] and parts != {}
        if is_left_out:
            self._unmet_cells.discard(cell)
            self._found.notes.append(f"left out: {cell}")
        return is_left_out

    def _fault_of_number(
        self, word: str, parts: Parts | None, column: _Values, cells: list[str] | None
    ) -> Refused | None:
        """Return what is wrong with a number. The statistic of a row that cannot be read is that of the table."""
        if parts is None:
            return Refused("not_a_number", f"{word!r} is not a number", _NUMBERS)
        value, statistic = parts.get("value", "0"), column.statistic or (cells or self._template)[AT["statistic"]]
        if statistic == DEFAULTS["statistic"] and parts.get("printed", "").endswith("%"):
            return Refused("percent", "this cell is a percent, not a count")
        if statistic == DEFAULTS["statistic"] and not value.isdecimal():
            return Refused("not_a_number", f"{word!r} is not a count", _COUNTS)
        if column.is_whole and "." in value:
            return Refused("not_a_number", f"{word!r} is not a number", "a whole number")
        return None

    def _enter(self, figure: Cells, row: int, column: int) -> None:
        here = figure[AT["at"]]
        before = self._places.setdefault(key_of(figure), here)
        if before is not here and self._is_complete:
            found = f"the same figure is already at {before}"
            self._refuse(Refused("stated_twice", found, "one figure for each combination of its columns"), row, column)
        self._found.rows.append(figure)
        self._found.counts["small"] += figure[AT["value"]] in ("1", "2", "3", "4")

    def _skipped_rows(self) -> set[int]:
        """Return the numbers of the rows that are skipped, after `_skips` is filled."""
        named = 0
        for rows in (one for one in self._content["skip"] if not CELL.fullmatch(one)):
            self._skips[rows] = numbers = self._numbers_of(rows)
            named += len(numbers)
            if named > _MOST_SKIPPED * len(self._grid.rows):
                found = f"the entries up to {rows} name each of {len(self._grid.rows):,} rows {_MOST_SKIPPED} times"
                self._refuse_table("too_large", found, "each row once", "skip", rows)
                self._skips.clear()
                break
            if not any(any(self._grid.rows[number - 1]) for number in numbers):
                found, allowed = f"{self._grid.name} has nothing in {rows} to skip", "rows below the heading"
                self._refuse_table("skips_nothing", found, allowed, "skip", rows)
        return set[int]().union(*self._skips.values())

    def _numbers_of(self, rows: str) -> range:
        """Return the numbers of the rows below the headings that a layout names: 49, 49-52 or 49-*."""
        first, _, last = rows.partition("-")
        end = len(self._grid.rows) if last == "*" else int(last or first)
        return range(max(int(first), self._first + 1), min(end, len(self._grid.rows)) + 1)

    def _check_skipped_cells(self, allowed: str) -> None:
        """Report cells that are to be left out and state nothing, or are not read."""
        for cell in sorted(self._unmet_cells):
            found = f"{self._grid.name} has no figure at {cell} to skip"
            self._refuse_table("skips_nothing", found, allowed, "skip", cell)

    def _check_partial(self) -> None:
        """Report words of periods that occur nowhere: their dates would be those of the whole year."""
        for word in self._content["partial"].keys() - self._periods:
            near = None if self._has_suppressed else (word, self._periods)
            found, allowed = f"no period is printed as {word!r}", "as it stands in the table"
            self._refuse_table("no_such_word", found, allowed, "partial", word, near=near)

    def _read_word(self, name: str, word: str) -> Parts | Refused:
        """Return the cells that a word of a column gives to the figures of its row, or the mistake if nothing does."""
        try:
            return self._parts(name, word, self._mapping_of.get(name), word)
        except Refused as refused:
            return refused

    def _parts(self, name: str, word: str, mapping: str | None, printed: str) -> Parts:
        """Return the cells that a word gives to a figure. Raises Refused."""
        if not word:
            raise Refused("empty_cell", f"there is no {name} here", "a word in each cell of a column that is read")
        if name == "period":
            self._periods.add(word)
            return self._read_period(word, printed)
        if mapping is not None:
            return self._read_term(name, word, mapping)
        if name in CODED:
            codes = self._context.codes(name)
            if not self._is_code(name, word):
                allowed = f"a code of codelists/{name}.csv, or a foreign key to a mapping"
                raise Refused("unknown_code", f"there is no {name} {word!r}", allowed, near=(word, codes))
            self._found.used.setdefault(name, set()).add(word)
        elif name not in MEANINGS or name == "value":
            raise Refused("unknown_column", f"a figure has no {name!r}", ", ".join(MEANINGS), near=(name, MEANINGS))
        return {name: word}

    def _read_period(self, dates: str, printed: str) -> Parts:
        """Return the cells of a period: a year, twelve months of another year, or a window. Raises Refused."""
        if dates == printed and dates not in self._content["partial"]:
            self._require_one_reading(dates)
        dates = self._content["partial"].get(dates, dates)
        start, _, end = dates.partition("/")
        try:
            for date in (start, end) if "/" in dates else (start,):
                bounds(date)
            span(PeriodType.WINDOW, start, end or start)
        except ValueError as error:
            near = (dates, self._content["partial"])
            raise Refused("bad_period", f"{dates!r} is not a period", _PERIODS, near=near) from error
        cells = {"period_type": PeriodType.WINDOW.value, "period_start": start, "period_end": end or start}
        if coverage_of(*cells.values(), None) == Coverage.UNSTATED:  # twelve whole months
            cells = {"period_type": PeriodType.YEAR.value, "period_start": start[:7], "period_end": ""}
        days_of_period(*cells.values())
        period_has_its_printed_years(cells["period_type"], start, cells["period_end"], printed)
        period_begins_before_publication(start, self._published)
        return {**cells, "period_printed": printed}

    def _require_one_reading(self, word: str) -> None:
        """Raise Refused for a printed period that is not of the column's datatype, or that has two meanings."""
        columns = (column for column in self._columns if column["name"] == "period")
        base = next((_datatype(column)[0] for column in columns), None)
        if base in _DATES:
            if not _DATES[base].fullmatch(word):
                raise Refused(
                    "bad_period", f"{word!r} is not a {base}", _PERIODS, near=(word, self._content["partial"])
                )
            return
        year = int(word[:4]) if _TWO_YEARS.fullmatch(word) else 0
        if word in (f"{year}-{(year + 1) % 100:02}", f"{year}/{year + 1}"):
            found = f"{word!r} may be twelve months of two years, or {'a month' if '-' in word else 'both years'}"
            allowed = "partial, with its dates: 2009-04/2010-03; a column of months has the datatype gYearMonth"
            raise Refused("two_readings", found, allowed)

    def _read_term(self, name: str, word: str, mapping: str) -> Parts:
        """Return the code that a word matches, or the table's own one, which is drafted. Raises Refused."""
        entry, terms = self._context.mappings[mapping], self._terms[mapping]
        if word not in terms:
            found = f"the {name} {word!r} is not in mappings/{mapping}.sssom.tsv"
            raise Refused("unmapped_word", found, "a line for it", near=(word, terms))
        at, term = terms[word]
        code, predicate, codes = term["object_id"], term["predicate_id"], self._context.codes(name)
        said = {name: UNSTATED if code == NO_TERM else code}
        if not self._is_code(name, said[name]):
            allowed = f"an id of codelists/{name}.csv"
            if code == NO_TERM:
                line = f"{UNSTATED},1,Not stated,The source does not state it.,,Editors"
                allowed = f"a line of codelists/{name}.csv: {line}"
            near = None if code == NO_TERM else (code, codes)
            refused = Refused("unknown_code", f"there is no {name} {said[name]!r}", allowed, near=near)
            self._report_at(entry.locate(("mappings", at, "object_id")), refused)
            return {}
        if code == NO_TERM and term["comment"]:
            said["caveats"] = self._draft_caveat(entry, at, term["comment"])
        elif code != NO_TERM and predicate in OWN_TERM:
            said[name] = own_code(self._content["prefix"], word)
            draft = {
                "label": word,
                "definition": f"Printed as {word}; the table does not define it.",
                OWN_TERM[predicate]: code,
            }
            draft["defined_by"] = self._context.source["publisher"] or self._context.source["title"] or "Not known"
            if (other := self._own_words.setdefault((name, said[name]), word)) != word:
                found = f"{other!r} and {word!r} make the same code, {said[name]}"
                allowed = "one word for both, or skos:exactMatch with codes of their own"
                raise Refused("duplicate_word", found, allowed)
            if said[name] in codes:
                self._require_same(name, said[name], word, OWN_TERM[predicate], code)
            else:
                self._found.codes.setdefault((name, said[name]), draft)
        self._found.used.setdefault(name, set()).add(said[name])
        return said

    def _draft_caveat(self, entry: WrittenRecord, at: int, text: str) -> str:
        """Return the caveat of a word without a term, given its comment."""
        own = self._caveats[text]
        before = self._found.caveats.setdefault(own, self._context.caveats.get(own, text))
        if before != text:
            found = f"the caveat {own} says otherwise: {before[:80]!r}"
            allowed = "one comment for words that make one caveat; in caveats.yaml its text, or its next version"
            self._report_at(entry.locate(("mappings", at, "comment")), Refused("other_caveat", found, allowed))
        return own

    def _require_same(self, name: str, own: str, word: str, relation: str, code: str) -> None:
        """Raise Refused if the table's own code of a word is that of another word, or of another meaning."""
        there = self._context.present.get(f"{name}/{own}", {})
        related = there.get(relation) or ()
        said = f"{there.get('label')} {there.get('definition')}"
        if code not in ([related] if isinstance(related, str) else related) or word not in said:
            found = f"{word!r} makes the code {own}, which is another: {there.get('label')!r}"
            allowed = f"a {relation} {code} and the printed word in it; another prefix; or skos:exactMatch with a code"
            raise Refused("duplicate_word", found, allowed)

    def _is_code(self, name: str, code: str) -> bool:
        """Tell whether a list has a code. One that the program knows is drafted, with those above it."""
        codes = self._context.codes(name)
        for row in draft_codes(name, code, codes):
            self._found.codes[name, row["code"]] = {key: row[key] for key in row if key not in ("code", "version")}
        return code in codes or code in known_codes(name)

    def _ids_of_caveats(self) -> Iterator[tuple[str, str]]:
        """Yield comments of words without a term, each with an id for its caveat: one comment is one caveat."""
        for name, mapping in self._mapping_of.items():
            for term in self._context.mappings[mapping].content.get("mappings", ()):
                if term["object_id"] == NO_TERM and term["comment"]:
                    yield term["comment"], own_code(self._content["prefix"], f"{name} {term['subject_label']}")

    def _parts_of_number(self, word: str, signs: tuple[str, str]) -> Parts | None:
        """Return the cells of a figure from those of its value: none where there is no figure, None for no number.

        `signs` are the group and the decimal character.
        """
        said = self._symbols.get(word)
        if word in self._null or (said is None and word in self._content["symbols"]):  # said wrongly
            return {}
        if said == ZERO:
            return {"value": "0", "printed": word}
        if said in ABSENT:
            return {"value_absent": said, "obs_status": ABSENT[said], "printed": word}
        number, status = word, {}
        ends = (word[len(word) - length :] for length in self._lengths_behind if length <= len(word))
        symbol = max(ends, key=lambda end: self._signs_behind.get(end, -1), default="")
        if symbol in self._signs_behind:  # of several the last that is listed
            meaning = self._symbols[symbol]
            number, status = word.removesuffix(symbol).rstrip(), {"obs_status": STATUSES.get(meaning, meaning)}
        if not _number_pattern(*signs).fullmatch(number):
            return None
        value = number.replace(signs[0], "").replace(signs[1], ".").replace("−", "-").rstrip("% ")
        return {"value": value, "printed": number, **status}

    def _is_symbol(self, symbol: str, said: str) -> bool:
        statuses = self._context.codes("obs_status")
        allowed = (ZERO, *ABSENT, *STATUSES, *statuses)
        status = {ZERO: DEFAULTS["obs_status"], **ABSENT, **STATUSES}.get(said, said)
        if said not in allowed:
            found = f"{symbol!r} cannot say {said!r}"
            self._refuse_table("unknown_code", found, ", ".join(allowed), "symbols", symbol, near=(said, allowed))
        elif status not in statuses:
            found = f"{said} is the obs_status {status!r}, and there is no such code"
            self._refuse_table("unknown_code", found, "a line of codelists/obs_status.csv", "symbols", symbol)
        return said in allowed

    # Totals

    def _check_totals(self, counted: list[Decimal] | None = None) -> None:
        """Compare the published totals with what the cells come to, or with what was counted."""
        misstated = {path[1] for path, _ in misstated_totals(self._content["totals"])}
        for at, total in enumerate(self._content["totals"]):
            if at in misstated:
                continue
            before, published = len(self._faults), self._published_total(total, ("totals", at))
            computed = self._sum(total, ("totals", at, "where")) if counted is None else counted[at]
            if published is None or len(self._faults) > before:
                continue
            self._found.totals.append(OutcomeOfTotal(total["title"], published, computed, total["explain"]))
            found = f"{total['title']}: the cells come to {computed:,}, and {published:,} is published"
            allowed, comes_to = "explain: a sentence that says why; and comes_to: ", f"{computed} of {published}"
            if total["comes_to"] not in (None, comes_to):
                found += f"; what is explained is {total['comes_to']}"
                self._refuse_table("wrong_total", found, f"{allowed}{comes_to}", "totals", at, "comes_to")
            elif computed != published and not (total["comes_to"] and total["explain"]):
                self._refuse_table("wrong_total", found, f"{allowed}{comes_to}", "totals", at)
            elif computed == published and (key := next((key for key in ("explain", "comes_to") if total[key]), "")):
                self._refuse_table(
                    "bad_total", f"{found}: it comes out", "neither explain nor comes_to", "totals", at, key
                )

    def _sum(self, total: Mapping[str, Any], path: tuple[str | int, ...]) -> Decimal:
        wanted = [*self._conditions(total["where"], path)]
        chosen = (row for row in self._found.rows if all(row[column] in codes for column, codes in wanted))
        return sum((Decimal(row[AT["value"]] or 0) for row in chosen), Decimal())

    def _published_total(self, total: Mapping[str, Any], path: tuple[str | int, ...]) -> Decimal | None:
        if total["observation"]:
            return self._context.figures.get(total["observation"])
        row, column = _cell(total["at"] or "")
        if self._is_faulty(row, column, is_value=True):
            return None
        word = self._grid.cell(row, column) if row else str(total["stated"])
        number = self._parts_of_number(word, self._signs.get(column - 1, _ENGLISH))
        if not number or not number.get("value"):
            shown = total["at"] if row and self._has_suppressed else repr(word)
            self._refuse_table("not_a_number", f"{shown} is not a number", "the number of the total", *path)
            return None
        return Decimal(number["value"])

    def _conditions(
        self, where: Mapping[str, Any], path: tuple[str | int, ...]
    ) -> Iterator[tuple[int, Collection[str]]]:
        for name, said in where.items():
            words = [said] if isinstance(said, str) else said
            if name == "period":
                yield from self._periods_of(words, (*path, name))
                continue
            used = self._codes_used[name] if name in CODED else set()
            for word in words:
                if word not in used:
                    found = f"no figure of the table has {name}: {word}"
                    self._refuse_table("unknown_code", found, OF_FIGURES, *path, near=(word, used))
            yield AT.get(name, 0), {*words}

    @cached_property
    def _codes_used(self) -> dict[str, set[str]]:
        return {name: {row[AT[name]] for row in self._found.rows} for name in CODED}

    @cached_property
    def _periods_used(self) -> set[tuple[str, ...]]:
        return {tuple(row[AT[part]] for part in _PARTS_OF_PERIOD) for row in self._found.rows}

    def _periods_of(self, words: Iterable[str], path: tuple[str | int, ...]) -> Iterator[tuple[int, Collection[str]]]:
        """Yield the cells of periods, each of which some figure has."""
        parts, asked = [AT[part] for part in _PARTS_OF_PERIOD], set[tuple[str, ...]]()
        for word in words:
            self._periods.add(word)
            try:
                period = self._read_period(word, "")
            except Refused as refused:
                self._refuse_table(refused.code, refused.found, refused.allowed, *path, near=refused.near)
                continue
            this = tuple(period[name] for name in _PARTS_OF_PERIOD)
            asked.add(this)
            if this not in self._periods_used:
                self._refuse_table("unknown_code", f"no figure of the table has period: {word}", OF_FIGURES, *path)
        yield from zip(parts, map(set, zip(*asked, strict=True)), strict=False)


def _put(cells: list[str], at: int, cell: str) -> None:
    """Give a figure a cell; a caveat besides those that it has."""
    cells[at] = " ".join(dict.fromkeys([*cells[at].split(), *cell.split()])) if at == AT["caveats"] else cell


def _cell(at: str) -> tuple[int, int]:
    """Return the row and the column of a cell from its place; (0, 0) for another place."""
    match = CELL.fullmatch(at)
    return (int(match[1]), int(match[2])) if match else (0, 0)


@cache
def _number_pattern(group: str, decimal: str) -> re.Pattern[str]:
    group, decimal = re.escape(group), re.escape(decimal)
    return re.compile(rf"[-−]?(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)(?:{decimal}\d+)?(?: ?%)?", re.ASCII)


def _case_column(column: Mapping[str, Any]) -> CaseColumn:
    base, form = _datatype(column)
    words = (column["name"], tuple(titles_of(column)), column["suppressOutput"])
    return CaseColumn(*words, base or "string", form if isinstance(form, str) else None)


def _datatype(column: Mapping[str, Any]) -> tuple[str | None, str | dict[str, str] | None]:
    """Return the base of a column's datatype, and its format: a text, or how numbers are written."""
    datatype = column["datatype"]
    return (datatype["base"], datatype["format"]) if isinstance(datatype, dict) else (datatype, None)


def _terms_of(mapping: WrittenRecord) -> dict[str, tuple[int, Mapping[str, str]]]:
    """Return the lines of a mapping by their words, with their numbers from 0."""
    return {term["subject_label"]: (at, term) for at, term in enumerate(mapping.content.get("mappings", ()))}


def _codes_of(
    name: str,
    table: Mapping[str, Any],
    mapping_of: Callable[[str], Mapping[str, Any]],
    ids: Callable[[str], Iterable[str]],
) -> dict[str, str]:
    """Return the code of each word of a column with a version of the table and of its mapping."""
    keys = {key["columnReference"]: key["reference"]["resource"] for key in table["tableSchema"]["foreignKeys"]}
    if name not in keys:
        return {code: code for code in ids(name)}
    terms = mapping_of(keys[name]).get("mappings", ())
    return {term["subject_label"]: _code_of(term, table["prefix"]) for term in terms}


def _code_of(term: Mapping[str, str], prefix: str) -> str:
    if term["object_id"] == NO_TERM:
        return UNSTATED
    return own_code(prefix, term["subject_label"]) if term["predicate_id"] in OWN_TERM else term["object_id"]


def own_code(prefix: str, word: str) -> str:
    """Return the code of a word of a table's own: the same for the same word in every table with the prefix."""
    plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().lower()
    words = re.findall("[a-z0-9]+", plain) or [f"u{ord(letter):x}" for letter in word]
    return "_".join([prefix, *words])


def without_version(cells: Cells) -> Cells:
    """Return a row without the version of the table by which it was counted: the next version may count the same."""
    at = AT["derivation"]
    return (*cells[:at], cells[at].partition("@")[0], *cells[at + 1 :])


def titles_of(column: Mapping[str, Any]) -> list[str]:
    """Return the titles of a column; its name if it has none."""
    titles = column["titles"]
    return [titles] if isinstance(titles, str) else titles or [column["name"]]


def _is_group(column: Mapping[str, Any]) -> bool:
    """Tell whether it stands for several columns that state nothing: each of its titles is one."""
    return bool(column["suppressOutput"]) and len(titles_of(column)) > 1


def _headed(columns: list[dict[str, Any]]) -> Callable[[list[str]], list[int]]:
    """Return a function that finds the columns with a heading. It looks titles up: there may be thousands of both.

    It raises Refused after _MOST_HEADED columns.
    """
    looked_at = 0
    with_title: dict[str, set[int]] = defaultdict(set)
    for number, column in enumerate(columns):
        for title in titles_of(column):
            with_title[title].add(number)

    def find(heading: list[str]) -> list[int]:
        nonlocal looked_at
        fitting = set[int]().union(*(with_title.get(word, ()) for word in heading))
        looked_at += len(fitting)
        if looked_at > _MOST_HEADED:
            raise Refused("too_large", "thousands of columns have a title in common", "more titles of their own")
        return sorted(number for number in fitting if _is_headed(columns[number], heading))

    return find


def _is_headed(column: Mapping[str, Any], heading: Collection[str]) -> bool:
    titles = titles_of(column)
    return (any if _is_group(column) else all)(title in heading for title in titles)


def _width(row: list[str]) -> int:
    """Return how many cells a row has up to the last that is not empty."""
    return next((width for width in range(len(row), 0, -1) if row[width - 1]), 0)
