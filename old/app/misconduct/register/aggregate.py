"""Count the rows of a case-level table, and hide the small numbers: all that leaves the machine is what this returns.

Only the columns that the table names are read; every other must be named as suppressed, and no cell of it is looked at.
No message has a cell: each has a place, for whoever holds the file.

Small numbers are hidden with the hypercube method (R. D. Repsilber, 1994; GHMITER in tau-ARGUS). Each hidden number is
one corner of a cube of hidden numbers. If the corners rise and fall by turns, every published number and total stays
as it is: so nobody can tell which of these tables is the true one, and each hidden number may be any of at least as
many as the threshold. That holds even for someone who knows that all of them are more than 0: a 0 is no corner. It
needs no solver, and the cubes prove it. Which cube it is of those that
are possible is drawn, so that this program does not tell the numbers by what it chose.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import MAXYEAR, MINYEAR, date, timedelta
from functools import cache, cached_property, partial
from hashlib import blake2b
from itertools import combinations, product
from math import prod
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from misconduct.model.catalogue import find_rarest
from misconduct.model.kinds import Aggregate, Distinct
from misconduct.model.period import PeriodType, Year, bounds
from misconduct.register.mistakes import Refused, suggest

YEAR = "year"
"""The name of the year among the columns by which totals are."""

OF_FIGURES = "what its figures have"
"""What a total may name in `where`."""

MOST_CUBES = 50_000_000
"""Places of corners that are tried to hide the numbers of a table: one or two minutes of one processor."""

_MOST_TOLD = 100
"""Numbers that cannot be hidden, after which the others are not tried: the table is refused."""

MOST_COMBINATIONS = 500_000
"""Figures of a table that states zeros: each combination of its codes and years is one."""

_LONGEST = 80
_LINE_END = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


Where = Mapping[str, str]
Key = tuple[str, ...]
Words = Mapping[str, Mapping[str, str]]
"""By column, the code of each word."""


class CaseColumn(NamedTuple):
    """A column of the file, by the CSVW description of it. A suppressed one needs no name, and is never read."""

    name: str | None
    titles: tuple[str, ...]
    is_suppressed: bool = False
    base: str = "string"
    format: str | None = None


class CountPeriod(NamedTuple):
    """The period of a count, as the cells of an observation: a year, or the part of it that the file covers."""

    type: str
    start: str
    end: str


class Count(NamedTuple):
    """A number of the table: its codes by column, its period, and the value; None if it is hidden."""

    codes: dict[str, str]
    period: CountPeriod
    value: int | None


class Fault(NamedTuple):
    """A mistake: the first cell of the file where it is (row and column from 1), or a path in the table's record."""

    refused: Refused
    row: int = 0
    column: int = 0
    path: tuple[str | int, ...] = ()


class Counts(NamedTuple):
    """What a case-level table says. `totals` are the sums that were asked for, with all that is hidden or left out.

    `words` are those of the mappings that occur, by column; `skipped` how many rows each reason leaves out, and `known`
    how many small numbers of words without a code are known from the totals, although they are left out.
    """

    faults: list[Fault]
    cells: Sequence[Count] = ()
    totals: Sequence[int] = ()
    rows: int = 0
    skipped: Sequence[int] = ()
    small: int = 0
    complementary: int = 0
    words: Mapping[str, list[str]] = MappingProxyType({})
    known: int = 0


class Settled(NamedTuple):
    """Hold what releases said of a number: the first that covered its year, whether one hid it, and what values were
    shown. It `is_known` if it was left out since, and may have been shown in some way; `apart` is its year if all of
    that is left out since it was counted.
    """

    release: int
    is_hidden: bool = False
    shown: frozenset[int] = frozenset()
    is_known: bool = False
    apart: str = ""


class Released(NamedTuple):
    """Hold what releases said of a table's numbers: each count with its release, how it counted in each, the columns
    from which it read the year, and the codes of the words that mappings had.

    If it `is_the_same`, the newest release counted these bytes by the same tables, so that nothing new is said.
    """

    counts: Sequence[tuple[Count, int]] = ()
    counted: Sequence[tuple[Aggregate, int]] = ()
    words: Words = MappingProxyType({})
    years: Sequence[tuple[Aggregate, CaseColumn]] = ()
    is_the_same: bool = False


NOTHING_RELEASED = Released()


def aggregate(
    spec: Aggregate,
    columns: Sequence[CaseColumn],
    headings: Sequence[str],
    rows: Iterable[tuple[int, Sequence[str]]],
    *,
    codes: Words,
    totals: Sequence[Where] = (),
    nulls: Collection[str] = ("",),
    released: Released = NOTHING_RELEASED,
    secret: bytes,
) -> Counts:
    """Count the rows, each with its number in the file, by the codes of their words and by the year of their dates.

    `totals` are sums that are public: each is computed, and no hidden number can be computed from it, nor from what was
    `released` before. What is hidden besides is drawn from the `secret`, which only somebody who has the file may know.
    """
    at, faults = _find_columns(spec, columns, headings)
    faults += [*_check_totals(spec, totals), *_check_year(spec, columns)]
    if faults:
        return Counts(faults)
    reader = _Reader(spec, {column.name: column for column in columns if column.name}, codes, nulls, released)
    raw, faults = _group(spec, at, len(headings), rows)
    counted, skipped = reader.count(raw, at, faults)
    if not counted and not faults:
        faults.append(Fault(Refused("no_rows", "no row of the file is counted", "at least one"), path=("aggregate",)))
    if faults:
        return Counts(faults)
    names = _names(spec)
    sizes = {key: len(ids) if isinstance(ids, set) else ids for key, ids in counted.items()}
    left = {(*key, _PART) if key in counted else key: what for key, what in reader.left_out.items()}
    left_out = {key: len(what) if isinstance(what, set) else what for key, what in left.items()}
    if spec.zeros:
        parts, faults = _codes_and_years(spec, names, sizes)
        if faults:
            return Counts(faults)
        sizes = {**{key: 0 for key in product(*parts) if not reader.skips(key)}, **sizes}
    periods = _days_by_year(spec)
    how = {key if key in left else (*key, _PART): why for key, why in reader.left_out_by.items()}
    settled, sizes, faults = _settle(spec, released, sizes, how, totals)
    if faults:
        return Counts(faults)
    everything, known_in_file = {**sizes, **left_out}, {**counted, **left}
    hide = partial(_protect, spec, everything, left_out, cells=known_in_file, settled=settled, secret=secret)
    hidden, known, faults = _hide(spec, everything, left_out, totals, hide=hide, settled=settled, released=released)
    coded = [key for key in everything if not _has_no_code(key)]
    used = {name: {*periods} if name == YEAR else {key[part] for key in coded} for part, name in enumerate(names)}
    faults += [
        Fault(
            Refused("unknown_code", f"no figure of the table has {name}: {code}", OF_FIGURES, near=(code, used[name])),
            path=("totals", number, "where", name),
        )
        for number, where in enumerate(totals)
        for name, code in where.items()
        if code not in used[name]
    ]
    hidden &= sizes.keys()
    small = sum(0 < sizes[key] < spec.suppress.below for key in hidden)
    first = 1 if spec.year else 0  # behind the year
    cells = [
        Count(
            dict(zip(spec.by, key[first:], strict=True)),
            periods[key[0] if spec.year else ""],
            None if key in hidden else size,
        )
        for key, size in sizes.items()
    ]
    sums = [_sum(known_in_file, names, where) for where in totals]
    read = sum(number for number, _, _ in raw.values())
    words = {name: sorted(found) for name, found in reader.words.items()}
    return Counts(faults, () if faults else cells, sums, read, skipped, small, len(hidden) - small, words, len(known))


# What is read -----------------------------------------------------------------------------------------------------


def _names(spec: Aggregate) -> tuple[str, ...]:
    """Return the names of the parts of a key: the year, if there is one, and the columns of `by`."""
    return (YEAR, *spec.by) if spec.year else tuple(spec.by)


def _distinct(spec: Aggregate) -> str | None:
    """Return the column of which each cell is counted once; None if rows are counted."""
    return spec.count.distinct if isinstance(spec.count, Distinct) else None


def read_columns(spec: Aggregate) -> dict[str, tuple[str | int, ...]]:
    """Return the columns that are read, each with the place in the record that asks for it."""
    read: dict[str, tuple[str | int, ...]] = {name: ("by", number) for number, name in enumerate(spec.by)}
    if spec.year:
        read.setdefault(spec.year.of, ("year", "of"))
    if distinct := _distinct(spec):
        read.setdefault(distinct, ("count", "distinct"))
    for number, skip in enumerate(spec.skip):
        for name in skip.where:
            if not _is_year(spec, name):
                read.setdefault(name, ("skip", number, "where", name))
    return read


def _find_columns(
    spec: Aggregate, columns: Sequence[CaseColumn], headings: Sequence[str]
) -> tuple[dict[str, int], list[Fault]]:
    """Return where the columns that are read are, from 0. Every column must be named, as one that is read or not."""
    described = {title: column for column in columns for title in column.titles}
    known_here = sum(heading in described for heading in headings)
    if 2 * known_here < len(described):  # it may be a row of cells, which nobody may see
        found = f"this row has {known_here} of the {len(described)} headings that the table names"
        return {}, [Fault(Refused("no_heading", found, "dialect: skipRows and headerRowCount"), column=1)]
    at = {
        column.name: place
        for place, heading in enumerate(headings)
        if (column := described.get(heading)) and not column.is_suppressed and column.name
    }
    faults = [*_faults_of_headings(described, headings), *_faults_of_columns(spec, columns, headings)]
    known = [column.name for column in columns if column.name and not column.is_suppressed]
    for name, path in read_columns(spec).items():
        if name == "period" and path[0] == "by":
            found, allowed = "rows are not counted by the words of a period", "year: {of: period}"
            faults.append(Fault(Refused("by_period", found, allowed), path=("aggregate", *path)))
        elif name not in known:
            found = f"no column that is read has the name {name!r}"
            refused = Refused("unknown_column", found, ", ".join(known), near=(name, known))
            faults.append(Fault(refused, path=("aggregate", *path)))
    return {name: at[name] for name in read_columns(spec) if name in at}, faults


def is_plain(heading: str) -> bool:
    """Tell whether it can be shown: a stray quotation mark makes a heading of all rows behind it."""
    return len(heading) <= _LONGEST and not _LINE_END.search(heading)


def _may_be_shown(heading: str) -> bool:
    """Tell whether a message may have a heading that the table does not name: one with a digit may be a cell."""
    return is_plain(heading) and not any(map(str.isdigit, heading))


def _show(heading: str) -> str:
    is_heading = _may_be_shown(heading)
    return f"the column {heading!r}" if is_heading else "this column; its heading is not shown, as it may be a cell"


def _faults_of_headings(described: Collection[str], headings: Sequence[str]) -> Iterator[Fault]:
    for place, heading in enumerate(headings, 1):
        if heading not in described:
            found = f"the table does not name {_show(heading)}"
            yield Fault(Refused("unnamed_column", found, "a name if it is read, or suppressOutput: true"), 0, place)
        elif headings.index(heading) != place - 1:
            yield Fault(Refused("duplicate_column", f"the column {heading!r} appears more than once"), 0, place)


def _faults_of_columns(spec: Aggregate, columns: Sequence[CaseColumn], headings: Sequence[str]) -> Iterator[Fault]:
    read, named = read_columns(spec), set[str]()
    for number, column in enumerate(columns):
        path = ("tableSchema", "columns", number)
        both = [title for title in column.titles if title in headings]
        if len(both) > 1 and not column.is_suppressed:
            found = f"the file has both {both[0]!r} and {both[1]!r}"
            yield Fault(Refused("named_twice", found, "one column, and the other suppressed or another"), path=path)
        if twice := named.intersection(column.titles):
            found = f"the column {min(twice)!r} is named twice"
            yield Fault(Refused("named_twice", found, "read or suppressed: not both"), path=path)
        named.update(column.titles)
        missing = [title for title in column.titles if title not in headings]
        if missing and (column.is_suppressed or len(missing) == len(column.titles)):
            found = f"the file has no column {missing[0]!r}"
            near = (missing[0], [*filter(_may_be_shown, headings)])
            yield Fault(Refused("missing_column", found, near=near), path=path)
        if not column.is_suppressed and column.name not in read:
            found = f"the column {column.name!r} is read and used for nothing"
            yield Fault(Refused("needless_column", found, "suppressOutput: true"), path=path)


def _check_totals(spec: Aggregate, totals: Sequence[Where]) -> Iterator[Fault]:
    """Report totals by what is no part of a key, and a span that cannot be read."""
    names = _names(spec)
    asked = [(("aggregate", "suppress", "totals", n), one) for n, one in enumerate(spec.suppress.totals)]
    places = [*asked, *((("totals", n, "where"), tuple(where)) for n, where in enumerate(totals))]
    for path, by in places:
        for name in (by,) if isinstance(by, str) else by:
            if name not in names:
                found = f"rows are not counted by {name!r}"
                yield Fault(Refused("unknown_column", found, ", ".join(names), near=(name, names)), path=path)
    try:
        first, last = _covered(spec)
        wrong = f"the span ends before it begins: {spec.covers}" if last < first else ""
        if last.year == date.max.year:  # there is no day after it
            wrong = f"the span ends in {last.year}"
    except ValueError as error:
        wrong = str(error)
    if wrong:
        yield Fault(Refused("bad_period", wrong, "2015-04/2021-03"), path=("aggregate", "covers"))


def _check_year(spec: Aggregate, columns: Sequence[CaseColumn]) -> Iterator[Fault]:
    for number, column in enumerate(columns):
        if spec.year and column.name == spec.year.of and not _pattern(column)[0].groups:
            refused = Refused("no_year", "its format has no year", "yyyy; or a pattern whose first group is the year")
            yield Fault(refused, path=("tableSchema", "columns", number, "datatype"))


_Raw = dict[Key, tuple[int, int, set[str]]]
"""By the cells that are read: the number of rows, the first of them, and what is counted if not rows."""


def _group(
    spec: Aggregate,
    at: Mapping[str, int],
    width: int,
    rows: Iterable[tuple[int, Sequence[str]]],
) -> tuple[_Raw, list[Fault]]:
    """Group the rows by the cells that are read. The other cells are left behind here."""
    distinct, read = _distinct(spec), [at[name] for name in _grouped(spec, at)]
    choose = itemgetter(*read, read[0])  # a tuple, also of one
    counted_at = at[distinct] if distinct else None
    number_of, first_of, ids = Counter[Key](), dict[Key, int](), dict[Key, set[str]]()
    wrong, first_wrong = 0, 0
    for number, cells in rows:
        if len(cells) != width:
            if any(cells):
                wrong, first_wrong = wrong + 1, first_wrong or number
            continue
        key = choose(cells)
        number_of[key] += 1
        if key not in first_of:
            first_of[key] = number
        if counted_at is not None:
            ids.setdefault(key, set()).add(cells[counted_at])
    refused = Refused("cell_count", f"in {_rows(wrong)}: not as many cells as headings", f"{width} cells")
    faults = [Fault(refused, row=first_wrong)] if wrong else []
    return {key: (number, first_of[key], ids.get(key, set())) for key, number in number_of.items()}, faults


def _grouped(spec: Aggregate, read: Iterable[str]) -> list[str]:
    """Return the columns of those that are read by whose cells rows are grouped or skipped."""
    needed = {*spec.by, *([spec.year.of] if spec.year else []), *(name for one in spec.skip for name in one.where)}
    return [name for name in read if name in needed]


def _wheres(spec: Aggregate) -> list[dict[str, set[str]]]:
    """Return the words of each `where` of a table's `skip`, by column."""
    return [
        {
            name: {*([words] if isinstance(words, str) else words)}.difference(_NO_YEAR if _is_year(spec, name) else ())
            for name, words in one.where.items()
        }
        for one in spec.skip
    ]


def _is_in_totals(spec: Aggregate, where: Collection[str]) -> bool:
    """Tell whether totals have what is skipped by these columns: the year, and those of `by`."""
    return {YEAR, *spec.by}.issuperset(where)


def _totals_by(spec: Aggregate, totals: Iterable[Where]) -> list[set[str]]:
    """Return by what totals are published: those of `suppress`, then those that are stated."""
    return [*({one} if isinstance(one, str) else {*one} for one in spec.suppress.totals), *map(set, totals)]


def _is_year(spec: Aggregate, name: str) -> bool:
    """Tell whether a name in `skip` is that of the year by which rows are counted, and not of a column."""
    return name == YEAR and spec.year is not None and YEAR not in spec.by


_Counted = dict[Key, Any]
"""By key: the number of rows, or the set of distinct cells."""


_LeftOut = Literal["always", "year", "part"]

_NO_CODE = "="
"""What the word of a key begins with that has no code: no code begins so, and no message has such a key."""

_PART = "left out"
"""What the key ends with of rows that are left out, where others with the same codes are counted. No total is by it."""


def _has_no_code(key: Key) -> bool:
    return any(part.startswith(_NO_CODE) for part in key)


class _Wrong(NamedTuple):
    """What is wrong with one word of a column: in how many rows, and the first of them."""

    found: str
    rows: int
    first: int


class _Reader:
    """Reads groups of equal rows: skips them, or finds their codes and their year.

    `left_out` is what is skipped by year and columns of `by`: totals that are published have it, so that it is to be
    protected like what is hidden; `left_out_by` says of each key of it whether that is always so, of whole years or of
    a part of a year. `skipped` are the keys of all that is skipped: none of them is a 0.
    """

    def __init__(
        self,
        spec: Aggregate,
        columns: Mapping[str, CaseColumn],
        codes: Words,
        nulls: Collection[str],
        released: Released,
    ) -> None:
        self._spec, self._codes, self._nulls = spec, codes, frozenset(nulls)
        self.words: dict[str, set[str]] = {name: set() for name in spec.by}
        self.left_out, self.skipped, self.left_out_by = _Counted(), set[Key](), dict[Key, _LeftOut]()
        self._year_of = _year_reader(spec, columns[spec.year.of]) if spec.year else None
        self._label_of = _year_reader(spec, columns[spec.year.of], is_any=True) if spec.year else None
        self._labels_before = [_year_reader(*one, is_any=True) for one in released.years]
        self._skip, self._released = _wheres(spec), released
        self._skipped_before = [where for one, _ in released.counted for where in _wheres(one)]
        self._was_never_counted = cache(self._find_never_counted)
        self._left = {name: {**released.words.get(name, {}), **codes[name]} for name in spec.by}

    def skips(self, key: Key) -> bool:
        """Tell whether something with this key is skipped, or would be: then it is no 0."""
        of = dict(zip(_names(self._spec), key, strict=True))
        may = (where for here in of.items() for where in self._skipped_codes.get(here, ()))
        return key in self.skipped or any(all(of[name] in codes for name, codes in where.items()) for where in may)

    @cached_property
    def _skipped_codes(self) -> dict[tuple[str, str | None], list[Mapping[str, Collection[str | None]]]]:
        """Return the codes of what is skipped by year and columns of `by` alone, by those of its rarest column."""
        codes = [
            {name: words if name == YEAR else {*map(self._left[name].get, words)} for name, words in one.items()}
            for one in self._skip
            if one.keys() <= {*_names(self._spec)}
        ]
        found = dict[tuple[str, str | None], list[Mapping[str, Collection[str | None]]]]()
        for one, rarest in zip(codes, find_rarest(codes), strict=True):
            for code in one[rarest]:
                found.setdefault((rarest, code), []).append(one)
        return found

    def count(self, raw: _Raw, at: Mapping[str, int], faults: list[Fault]) -> tuple[_Counted, list[int]]:
        """Return the counted rows, or the distinct cells, by key; and how many rows each reason skips."""
        spec, wrong = self._spec, dict[tuple[str, str, str], _Wrong]()
        distinct, names = _distinct(spec), _grouped(spec, at)
        counted, skipped = _Counted(), [0] * len(spec.skip)

        for key, (number, first, ids) in raw.items():
            cells = dict(zip(names, key, strict=False))
            year, said = "", cells
            if spec.year and self._year_of and self._label_of:
                year = self._year_of(cells[spec.year.of])
                said = {**cells, YEAR: self._label_of(cells[spec.year.of])} if _is_year(spec, YEAR) else cells
            reasons = [n for n, where in enumerate(self._skip) if all(said[c] in w for c, w in where.items())]
            if reasons:
                skipped[reasons[0]] += number
                self._leave_out(reasons, cells, year, number, ids if distinct else None)
                continue
            parts = list[str]()
            for name, code, found in self._read(cells, ids, distinct, parts):
                kind = (name, code, cells.get(name, ""))
                before = wrong.get(kind, _Wrong(found, 0, first))
                wrong[kind] = before._replace(rows=before.rows + number)
            if len(parts) < len(_names(spec)):
                continue
            if distinct:
                counted.setdefault(tuple(parts), set()).update(ids)
            else:
                counted[tuple(parts)] = counted.get(tuple(parts), 0) + number
        needless = [
            number
            for number, where in enumerate(self._skip)
            if not skipped[number] and not any(_is_within(where, one) for one in self._skipped_before)
        ]
        faults += [*_faults_of_cells(wrong, at, self._codes), *_faults_of_skips(needless)]
        return counted, skipped

    def _leave_out(
        self, reasons: Iterable[int], cells: Mapping[str, str], label: str, number: int, ids: Collection[str] | None
    ) -> None:
        """Note under which key it would be counted, and what is skipped by year and columns of `by` alone.

        A word that is left out needs no code: without one, not even in a release, it stands for itself.
        """
        codes = [self._left[name].get(cells[name], _NO_CODE + cells[name]) for name in self._spec.by]
        year = [label] if self._spec.year else []
        key = (*year, *codes)
        self.skipped.add(key)
        bys = [self._skip[reason].keys() for reason in reasons if _is_in_totals(self._spec, self._skip[reason])]
        if bys and _NO_YEAR.keys().isdisjoint(year):
            how: _LeftOut = "year" if {YEAR} in bys else "part"
            if any(YEAR not in by for by in bys) or any(self._was_never_counted(one, label) for one in reasons):
                how = "always"
            self.left_out_by[key] = "part" if self.left_out_by.get(key) == "part" else how
            if ids is None:
                self.left_out[key] = self.left_out.get(key, 0) + number
            else:
                self.left_out.setdefault(key, set()).update(ids)

    def _find_never_counted(self, reason: int, year: str) -> bool:
        """Tell whether each release that covered a year skipped the same of it."""
        covering = [one for one, _ in self._released.counted if year in _days_by_year(one)]
        return bool(covering) and all(
            any(_is_within(self._skip[reason], where) for where in _wheres(one)) for one in covering
        )

    def _find_year(self, cell: str) -> str:
        """Return the year of a cell, or a key of _NO_YEAR."""
        label = self._label_of(cell) if self._label_of else ""
        before = {read(cell) for read in self._labels_before} - _NO_YEAR.keys()
        if before - {label}:
            return "counted_otherwise"
        return self._year_of(cell) if self._year_of else ""

    def _read(
        self, cells: Mapping[str, str], ids: Collection[str], distinct: str | None, parts: list[str]
    ) -> Iterator[tuple[str, str, str]]:
        """Add the year and the codes to the parts. Yield what is wrong: column, error, and words."""
        spec = self._spec
        if spec.year:
            label = self._find_year(cells[spec.year.of])
            if label in _NO_YEAR:
                yield spec.year.of, label, _NO_YEAR[label]
            else:
                parts.append(label)
        for name in spec.by:
            known = self._codes[name]
            if cells[name] in known:
                parts.append(known[cells[name]])
                self.words[name].add(cells[name])
            elif not cells[name]:
                yield name, "empty_cell", "an empty cell"
            else:
                yield name, "unmapped_word", "a word that the mapping does not have"
        if distinct and not self._nulls.isdisjoint(ids):
            yield distinct, "empty_cell", "an empty cell where distinct ones are counted"


def _faults_of_cells(
    wrong: Mapping[tuple[str, str, str], _Wrong], at: Mapping[str, int], codes: Words
) -> Iterator[Fault]:
    """Yield a mistake for each wrong word, at its first place, with the word that it is like. Beyond some, one for all
    the others: the like of each sentence of a large file would be looked for during hours.
    """
    many, beyond = Counter[tuple[str, str]](), dict[tuple[str, str], _Wrong]()
    for (name, code, word), one in wrong.items():
        many[name, code] += 1
        if many[name, code] > _TOLD.get(code, 1):
            before = beyond.get((name, code), one._replace(rows=0))
            beyond[name, code] = before._replace(rows=before.rows + one.rows)
        else:
            yield _fault_of_cell(name, code, one, at, suggest((word, codes[name])) if code == "unmapped_word" else "")
    for (name, code), one in beyond.items():
        found = f"{one.found} (one of {many[name, code] - _TOLD.get(code, 1):,} more)"
        yield _fault_of_cell(name, code, one._replace(found=found), at)


def _fault_of_cell(name: str, code: str, wrong: _Wrong, at: Mapping[str, int], like: str = "") -> Fault:
    near = (like, [like]) if like else None
    refused = Refused(code, f"in {_rows(wrong.rows)}: {wrong.found}", _INSTEAD.get(code, ""), near=near)
    return Fault(refused, wrong.first, at[name] + 1)


def _is_within(where: Mapping[str, set[str]], other: Mapping[str, set[str]]) -> bool:
    """Tell whether what is skipped by the one is skipped by the other."""
    return where.keys() == other.keys() and all(words <= other[name] for name, words in where.items())


def _faults_of_skips(needless: Iterable[int]) -> Iterator[Fault]:
    for reason in needless:
        refused = Refused("skips_nothing", "no row is skipped by this", "cells that occur, as they are printed")
        yield Fault(refused, path=("aggregate", "skip", reason))


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


# Years and periods ------------------------------------------------------------------------------------------------

_NO_YEAR = {
    "no_date": "no date in the format of the column",
    "outside_covers": "a date that is outside what `covers` says",
    "no_century": "a year of two digits",
    "counted_otherwise": "another year than a release read",
}
_INSTEAD = {
    "no_date": "a year of four digits; or, as the column's datatype, {base: date, format: M/d/yyyy} or a pattern",
    "outside_covers": "days of which the file has every row; or, under skip, where: {year: its year}",
    "no_century": "in aggregate: year, century: 2000",
    "counted_otherwise": "a format with which the cells that it read have the year that they had",
}
_TOLD = {"unmapped_word": 20, **dict.fromkeys(_NO_YEAR, 3)}
"""How many wrong words of a column are told each at its place. Where dates are wrong, most are so."""

_FIELDS = {
    "yyyy": r"(?P<y>\d{4})",
    "MM": r"(?P<m>\d\d)",
    "M": r"(?P<m>\d\d?)",
    "dd": r"(?P<d>\d\d)",
    "d": r"(?P<d>\d\d?)",
}
_ISO = {
    "gYear": "yyyy",
    "gYearMonth": "yyyy-MM",
    "date": "yyyy-MM-dd",
    "dateTime": "yyyy-MM-ddTHH:mm:ss",
    "datetime": "",
}


def _year_reader(spec: Aggregate, column: CaseColumn, *, is_any: bool = False) -> Callable[[str], str]:
    """Return a function that reads the label of the year in a cell, or a key of _NO_YEAR; of `any` year, if also of one
    that is not covered.

    A date has the format of its datatype, as CSVW writes it. In a text with a pattern, the first group is the year;
    one of two digits is of the `century`.
    """
    first, last = (date.min, date.max) if is_any else _covered(spec)
    of_year = {year.first.year: year.label for year, _ in _years_covered(spec)}
    pattern, has_days = _pattern(column)

    def label(number: int) -> str:
        if not is_any or not MINYEAR < number < MAXYEAR:
            return of_year.get(number, "outside_covers")
        return Year.beginning(_beginning(spec, date(number, 12, 31))).label

    @cache
    def read(cell: str) -> str:
        match = pattern.fullmatch(cell) if len(cell) <= _LONGEST else None
        if match is None:
            return "no_date"
        if not has_days:
            number = _read_year(match[1], spec.year.century if spec.year else None)
            if number is None:
                return "no_century" if re.fullmatch(r"\d\d", match[1] or "", re.ASCII) else "no_date"
            return label(number)
        try:
            day = date(int(match["y"]), int(match["m"]), int(match["d"]) if "d" in pattern.groupindex else 1)
        except ValueError:
            return "no_date"
        return label(_beginning(spec, day).year) if first <= day <= last else "outside_covers"

    return read


def _read_year(digits: str | None, century: int | None) -> int | None:
    """Read a year of four digits, or of two if the century is known; None for anything else."""
    if not digits or not (digits.isascii() and digits.isdecimal()):
        return None
    if len(digits) == len("2016"):
        return int(digits)
    return century + int(digits) if century is not None and len(digits) == len("16") else None


def _pattern(column: CaseColumn) -> tuple[re.Pattern[str], bool]:
    """Return the pattern of the cells of a column with dates, and whether it has months."""
    if column.base in _ISO:
        written = column.format or _ISO[column.base]
        written, _, time = written.partition("T") if "T" in written else written.partition(" ")
        parts = re.split("(yyyy|MM|dd|M|d)", written)
        pattern = "".join(_FIELDS.get(part, re.escape(part)) for part in parts)
        rest = r"[T ].*" if time else ""
        if "(?P<m>" not in pattern:
            return re.compile(pattern.replace("?P<y>", "") + rest, re.ASCII), False
        return re.compile(pattern + rest, re.ASCII), True
    return re.compile(column.format or r"(\d{4})", re.ASCII), False


def _covered(spec: Aggregate) -> tuple[date, date]:
    start, _, end = spec.covers.partition("/")
    return bounds(start)[0], bounds(end)[1]


def _beginning(spec: Aggregate, day: date) -> date:
    """Return the first day of the year of a day."""
    month = int(spec.year.start[2:4]) if spec.year else 1
    return date(day.year - (day.month < month), month, 1)


def _whole(spec: Aggregate) -> CountPeriod:
    start, _, end = spec.covers.partition("/")
    return CountPeriod(PeriodType.WINDOW, start, end)


def _years_covered(spec: Aggregate) -> list[tuple[Year, CountPeriod]]:
    """Return the years that the file covers, each with its period: the whole year, or the part that is covered."""
    if spec.year is None:
        return []
    first, last = _covered(spec)
    start, found = _beginning(spec, first), list[tuple[Year, CountPeriod]]()
    for number in range(start.year, _beginning(spec, last).year + 1):
        year = Year.beginning(start.replace(year=number))
        begin, end = max(first, year.first), min(last, year.last)
        if (begin, end) == (year.first, year.last):
            period = CountPeriod(PeriodType.YEAR, f"{begin:%Y-%m}", "")
        elif begin.day == 1 and (end + timedelta(1)).day == 1:
            period = CountPeriod(PeriodType.WINDOW, f"{begin:%Y-%m}", f"{end:%Y-%m}")
        else:
            period = CountPeriod(PeriodType.WINDOW, begin.isoformat(), end.isoformat())
        found.append((year, period))
    return found


# What is counted --------------------------------------------------------------------------------------------------


def _codes_and_years(
    spec: Aggregate, names: Sequence[str], counted: Iterable[Key]
) -> tuple[list[list[str]], list[Fault]]:
    """Return the years that are covered, and the codes that occur in each column: each combination was counted."""
    parts = [sorted(set(part)) for part in zip(*counted, strict=True)]
    if spec.year:
        parts[:1] = [[year.label for year, _ in _years_covered(spec)]]
    if (many := prod(map(len, parts))) <= MOST_COMBINATIONS:
        return parts, []
    words = ", ".join(f"{len(part):,} of {name}" for name, part in zip(names, parts, strict=True))
    found = f"zeros are stated for {many:,} combinations: {words}"
    refused = Refused("too_many", found, f"at most {MOST_COMBINATIONS:,}: fewer columns, or no zeros")
    return [], [Fault(refused, path=("aggregate", "zeros"))]


def _sum(counted: _Counted, names: Sequence[str], where: Where) -> int:
    """Count what has these codes; of distinct cells, each once."""
    asked = {names.index(name): code for name, code in where.items()}
    found = [what for key, what in counted.items() if all(key[part] == code for part, code in asked.items())]
    return len(set[str]().union(*found)) if found and isinstance(found[0], set) else sum(found)


def _is_plain(counted: _Counted) -> bool:
    """Tell whether each distinct cell is counted once, so that they add up like rows."""
    return sum(map(len, counted.values())) == len(set[str]().union(*counted.values()))


def _find_further(counted: _Counted, publics: Collection[frozenset[int]], width: int) -> set[frozenset[int]]:
    """Return the totals of distinct cells of which others are the sums, by their parts.

    A case has one year, so that all cases are the sum of those of each year; an officer has one district in a year, so
    that those of a year are the sum of its numbers. Those are published as far as anybody can tell.
    """

    def found_by(given: Collection[int]) -> frozenset[int]:
        """Return the parts of which each distinct cell has one word, where it has these."""
        keys = [(key, _project(key, given), ids) for key, ids in counted.items()]
        words = [dict[tuple[str, Key], str]() for _ in range(width)]
        return frozenset(
            part
            for part in range(width)
            if all(words[part].setdefault((one, of), key[part]) == key[part] for key, of, ids in keys for one in ids)
        )

    always = found_by(())
    further = {always}
    for part in range(width):
        if (there := found_by((part,))) > always | {part}:
            further |= {always | {part}, there}
    further |= {public | parts for public in publics for parts in further}
    return further - {frozenset(range(width))}


def _ceilings(counted: _Counted, publics: Iterable[frozenset[int]]) -> dict[Key, int]:
    """Return the greatest number that each may be with the published totals of distinct cells: the least of these."""
    highest = dict[Key, int]()
    for public in {frozenset[int](), *publics}:
        groups = dict[Key, set[str]]()
        for key, ids in counted.items():
            groups.setdefault(_project(key, public), set()).update(ids)
        for key in counted:
            size = len(groups[_project(key, public)])
            highest[key] = min(highest.get(key, size), size)
    return highest


def _settle(
    spec: Aggregate,
    released: Released,
    sizes: Mapping[Key, int],
    left_out: Mapping[Key, _LeftOut],
    totals: Sequence[Where],
) -> tuple[dict[Key, Settled], dict[Key, int], list[Fault]]:
    """Return what releases settled: each number of a year that one covered, also if it had no row then; and all numbers
    in order, with those that one hid and that have no row now.
    """
    releases = sorted(released.counted, key=itemgetter(1), reverse=True)
    first = {label: release for one, release in releases for label in _days_by_year(one)}

    def year_of(key: Key) -> str:
        return key[0] if spec.year else ""

    found = dict[Key, Settled]()
    for count, release in released.counts:
        year = [Year.beginning(_beginning(spec, bounds(count.period.start)[0])).label] if spec.year else []
        key = (*year, *(count.codes[name] for name in spec.by))
        said = found.get(key, Settled(first.get(year_of(key), release)))
        shown = () if count.value is None else (count.value,)
        found[key] = Settled(said.release, said.is_hidden or not shown, said.shown.union(shown))
    for key in sizes.keys() | {*left_out}:
        if year_of(key) in first:
            found.setdefault(key, Settled(first[year_of(key)]))
    for key in left_out.keys() & found.keys():  # of a whole year, nobody is told whether numbers have changed
        if left_out[key] == "year" and not found[key].is_hidden:
            found[key] = found[key]._replace(shown=frozenset(), apart=year_of(key))
        elif left_out[key] == "part":
            found[key] = found[key]._replace(is_known=True)
    hidden = {key for key, said in found.items() if said.is_hidden}
    hidden_now = {key for key in hidden if year_of(key) in _days_by_year(spec)}
    small = {key for key, size in sizes.items() if 0 < size < spec.suppress.below}
    ends = {year_of(key) for key, how in left_out.items() if how == "year"}
    are_hidden = {year_of(key) for key in small | hidden_now | {*left_out}} - ends
    faults = [] if released.is_the_same else _check_days(spec, released, {*map(year_of, hidden)}, are_hidden, totals)
    sizes = dict(sorted({**dict.fromkeys(hidden_now, 0), **sizes}.items()))
    return found, sizes, [*faults]


def _check_days(
    spec: Aggregate,
    released: Released,
    were_hidden: Collection[str],
    are_hidden: Collection[str],
    totals: Sequence[Where],
) -> Iterator[Fault]:
    """Yield a fault for each year of which numbers were hidden or left out and that is not covered now, unless all
    totals are by year: else they are what remains of a total. And for each of which numbers are hidden or left out, and
    of which a release covered other days: else they are what came in between.
    """
    by = _totals_by(spec, totals)
    is_by_year = bool(by) and all(YEAR in one for one in by)
    were = {*were_hidden}
    for one, _ in released.counted:
        for where in _wheres(one):  # the register does not know of which codes there were any
            if _is_in_totals(spec, where):
                were |= _days_by_year(one).keys() & where.get(YEAR, _days_by_year(one).keys())
    now = _days_by_year(spec)
    others = {year for one, _ in released.counted for year, days in _days_by_year(one).items() if days != now.get(year)}
    for year in sorted(others & {*are_hidden, *(() if is_by_year else were)}):
        if year not in now:
            found = f"the days of {year or 'a release'} are no longer covered, and numbers were hidden or left out"
            allowed = "the days that it covered: else they are what remains of a total over all years"
            yield Fault(Refused("hidden_before", found, allowed), path=("aggregate", "covers"))
        elif year in are_hidden:
            found = f"a release covered other days of {year}, and numbers of that year are hidden"
            allowed = f'skip: where: {{year: "{year}"}}, so that its figures end; or the days that it covered'
            yield Fault(Refused("counted_otherwise", found, allowed), path=("aggregate", "covers"))


def _days_by_year(spec: Aggregate) -> dict[str, CountPeriod]:
    """Return the days of each year that a table covers; without years, of all of it, by an empty label."""
    return {year.label: period for year, period in _years_covered(spec)} or {"": _whole(spec)}


def _many_hidden(number: int) -> str:
    if number > _MOST_TOLD:
        return f"more than {_MOST_TOLD} hidden numbers"
    return f"{number} hidden number{'' if number == 1 else 's'}"


def _find_wrong(unprotected: Sequence[Key]) -> list[Key]:
    """Return what cannot be hidden and has a code; all, if not all were tried."""
    return [key for key in unprotected if len(unprotected) > _MOST_TOLD or not _has_no_code(key)]


def _protect(
    spec: Aggregate,
    everything: Mapping[Key, int],
    left_out: Collection[Key],
    totals: Iterable[Where],
    *,
    cells: _Counted,
    settled: Mapping[Key, Settled],
    secret: bytes,
) -> tuple[set[Key], list[Key]]:
    """Return the keys of the numbers to hide, and those that cannot be hidden, with these totals of the table."""
    publics = [frozenset(map(_names(spec).index, names)) for names in _totals_by(spec, totals)]
    highest, further, width = None, dict[int, set[frozenset[int]]](), len(_names(spec))
    if _distinct(spec) and not _is_plain(cells):
        everywhere = _find_further(cells, publics, width)  # what came since is the difference of two of these
        highest, by_release = _ceilings(cells, [*publics, *everywhere]), dict[int, _Counted]()
        for key, what in cells.items():
            by_release.setdefault(settled[key].release if key in settled else 0, {})[key] = what
        for release, of in by_release.items():
            if len(of) == len(cells):
                further[release] = everywhere
            elif not _is_plain(of):
                further[release] = _find_further(of, publics, width)
                here = _ceilings(of, [*publics, *further[release]])
                highest |= {key: min(most, highest[key]) for key, most in here.items()}
    below = spec.suppress.below
    return protect(
        everything, publics, below, highest, further=further, settled=settled, left_out=left_out, secret=secret
    )


def _hide(
    spec: Aggregate,
    everything: Mapping[Key, int],
    left_out: Collection[Key],
    totals: Sequence[Where],
    *,
    hide: Callable[[Sequence[Where]], tuple[set[Key], list[Key]]],
    settled: Mapping[Key, Settled],
    released: Released,
) -> tuple[set[Key], set[Key], list[Fault]]:
    """Return the keys of the numbers to hide; those of words without a code that the totals give away whatever is
    hidden; and a fault if others cannot be hidden, at the first of the table's totals with which it is one.
    """

    small = {key for key, count in everything.items() if 0 < count < spec.suppress.below}
    stay = {key for key, said in settled.items() if said.is_hidden}
    shown = {key for key, said in settled.items() if everything.get(key) in said.shown}
    if released.is_the_same and everything.keys() <= stay | shown | {*left_out}:  # what is hidden is settled
        hidden, unprotected = stay | small | {*left_out}, list[Key]()
    else:
        try:
            hidden, unprotected = hide(totals)
        except TooManyCubes:
            found = f"its numbers can be hidden in too many ways: more than {MOST_CUBES:,} were tried"
            refused = Refused("too_many", found, "fewer columns, totals or small numbers")
            return set(), set(), [Fault(refused, path=("aggregate", "suppress"))]
    if not (wrong := _find_wrong(unprotected)):
        return hidden, {*unprotected}, []
    of = ", ".join(part for part in wrong[0] if not part.startswith(_NO_CODE))
    found = (
        f"{_many_hidden(len(wrong))} could be computed from the published totals"
        f"{' and from what was released' if released.counted else ''}, or narrowed to fewer than "
        f"{spec.suppress.below}; the first is of {of}"
    )
    allowed, path = "fewer totals, or a coarser `by`", ("aggregate", "suppress")
    if released.counted:
        allowed = "skip: their whole year, so that its figures end; or not this edition"
    fault = Fault(Refused("cannot_be_hidden", found, allowed), path=path)
    with suppress(TooManyCubes):
        enough = bisect_left(range(len(totals)), True, key=lambda n: bool(_find_wrong(hide(totals[:n])[1])))
        if enough:  # so many of them give it away
            fault = fault._replace(path=("totals", enough - 1, "where"))
    return hidden, {*unprotected} - {*wrong}, [fault]


_Skipped = frozenset[tuple[str, frozenset[str]]]
"""The words of each column by which rows are skipped."""


class CaseTable(NamedTuple):
    """A version of a table that counts cases; `totals` are of what its published ones are, and `reading` says which
    rows of the file it reads, and how.
    """

    spec: Aggregate
    columns: Sequence[CaseColumn]
    totals: Sequence[Where] = ()
    reading: Any = None

    @property
    def leaves_out_small(self) -> bool:
        """Tell whether it may leave out small numbers, which its totals have."""
        return any(_is_in_totals(self.spec, where) for where in _wheres(self.spec))

    def find_change(self, released: CaseTable, *, hid: bool, is_same_file: bool) -> tuple[str, ...]:
        """Return the key of `aggregate` by which it counts otherwise than a table did in a release; () if it does not.

        More of a year may be left out. The threshold and the totals are settled once a release `hid` numbers; another
        file may be laid out otherwise.
        """
        spec, other = self.spec, released.spec
        is_read_alike = self._has_columns_of(released) and not (is_same_file and self.reading != released.reading)
        if self._counts_by() != released._counts_by() or not is_read_alike:
            return ("by",)
        if not spec.year and spec.covers != other.covers:
            return ("covers",)
        both = _days_by_year(spec).keys() & _days_by_year(other).keys()
        (always, by_year), (always_then, by_year_then) = self._leaves_out(both), released._leaves_out(both)
        if always != always_then or not all(
            {(year, what), (year, frozenset())} & by_year for year, what in by_year_then
        ):
            return ("skip",)
        if hid and spec.suppress.below != other.suppress.below:
            return ("suppress", "below")
        totals, totals_then = _totals_by(spec, self.totals), _totals_by(other, released.totals)
        has_them = _follow(totals, totals_then) and _follow(totals_then, totals)
        return ("suppress", "totals") if hid and not has_them else ()

    def _counts_by(self) -> tuple[Any, ...]:
        year = self.spec.year
        return {*self.spec.by}, _distinct(self.spec), year and (year.of, year.start)

    def _has_columns_of(self, released: CaseTable) -> bool:
        """Tell whether each column that is read has one of the titles that it had."""
        then = {column.name: column.titles for column in released.columns}
        read = (column for column in self.columns if column.name in read_columns(self.spec) and column.name in then)
        return all({*column.titles} & {*then[column.name]} for column in read)

    def _leaves_out(self, years: Collection[str]) -> tuple[set[_Skipped], set[tuple[str, _Skipped]]]:
        """Return what is skipped in every year, and what in which of these years; of a year that is left out whole,
        nothing else. What is in no year that is covered is left out of nothing.
        """
        always, by_year, of = set[_Skipped](), set[tuple[str, _Skipped]](), self.spec.year and self.spec.year.of
        read = next((_year_reader(self.spec, one) for one in self.columns if of and one.name == of), str)
        for where in _wheres(self.spec):
            named = where.pop(YEAR) if YEAR in where and _is_year(self.spec, YEAR) else None
            what = frozenset((name, frozenset(words)) for name, words in where.items())
            if named is not None:
                by_year |= {(year, what) for year in named & {*years}}
            elif [*where] != [of] or not all(read(word) in _NO_YEAR for word in where[str(of)]):
                always.add(what)
        return always, by_year


def _follow(totals: Iterable[set[str]], others: Collection[set[str]]) -> bool:
    """Tell whether these totals follow from others: that of everything always does."""
    return all(not by or any(other >= by for other in others) for by in totals)


# What is hidden ---------------------------------------------------------------------------------------------------

_Coordinates = tuple[Key, ...]
_Cost = int
"""The sum of the numbers that are hidden besides, each multiplied by one that is drawn."""

_NOTHING, _MOST = 0, 1 << 200


class _Cube(NamedTuple):
    """The places of corners, whether each rises with the first, what they cost at least, and from how far the first may
    rise to how far.
    """

    corners: list[_Coordinates]
    signs: list[bool]
    cost: _Cost
    least: int
    most: int


def protect(
    counts: Mapping[Key, int],
    publics: Iterable[frozenset[int]],
    below: int,
    highest: Mapping[Key, int] | None = None,
    *,
    further: Mapping[int, Collection[frozenset[int]]] = MappingProxyType({}),
    settled: Mapping[Key, Settled] = MappingProxyType({}),
    left_out: Collection[Key] = (),
    secret: bytes = b"",
) -> tuple[set[Key], list[Key]]:
    """Return the keys of the numbers to hide, and those that must be hidden and cannot be (of many, the first).

    `publics` are the published totals: each the parts of the key by which it is. That of everything is always
    published; `further` ones are of what one release settled (0: none). What is `left_out` is not published, and is
    protected like what is hidden. A 0 hides nothing: everybody may know that there is none of it. Among the cubes
    chance decides, which is drawn from the `secret`: else whoever has this program could try which tables it hides so.

    What a release `settled` stays as it was, hidden or shown, and protects only what the same release settled: what
    came since is the difference of two editions, so that it needs cubes of its own. Nothing depends on the order of
    what is given. Raises TooManyCubes.
    """
    unprotected, publics, hidden = list[Key](), [*publics], set[Key]()
    groups = dict[tuple[int, str], dict[Key, int]]()
    for key, count in counts.items():
        group = (settled[key].release, settled[key].apart) if key in settled else (0, "")
        groups.setdefault(group, {})[key] = count
    for (release, _), numbers in sorted(groups.items()):
        left, stay, known = numbers.keys() & {*left_out}, set[Key](), set[Key]()
        usable = {*numbers}
        if release:
            stay = {key for key in numbers if settled[key].is_hidden}
            known = {key for key in numbers if numbers[key] in settled[key].shown}
            usable = {key for key in (left | stay) - known if not settled[key].is_known}
        must = {key for key, count in numbers.items() if count > 0 and (count < below or key in stay)} - known
        usable = {key for key in usable if numbers[key]}
        totals = [*publics, *further.get(release, ())]
        cubes = _Cubes({key: numbers[key] for key in usable}, totals, below, highest, secret=secret)
        cubes.hide(sorted((must | left | stay) & usable))
        safe = set[Key]()
        for key in sorted(must):
            if key not in safe:
                corners = cubes.cheapest(key) if key in usable else None
                cubes.hide(corners or ())
                safe.update(corners or ())
                unprotected += [] if corners else [key]
            if len(unprotected) > _MOST_TOLD:
                break
        hidden |= cubes.hidden | left | stay | {key for key in numbers if 0 < numbers[key] < below}
    return hidden, unprotected


_Priced = dict[int, list[tuple[_Cost, Key]]]
"""Numbers with what they cost, the cheapest first: by how far they can fall, as far as it matters."""


class _Bucket:
    """Numbers that stand for each other: those that are shown, and the hidden ones. `least` is what the cheapest costs.

    There may be hundreds of thousands, so that none is looked for one by one.
    """

    def __init__(self, down: Mapping[Key, int], costs: Mapping[Key, _Cost], most: int) -> None:
        self._down, self._costs, self._most = down, costs, most
        self._shown, self._hidden = _Priced(), _Priced()
        for cost, key in sorted((costs[key], key) for key in down):
            self._shown.setdefault(min(down[key], most), []).append((cost, key))
        self.least = min(numbers[0] for numbers in self._shown.values())[0]

    def hide(self, key: Key) -> None:
        """Move a number to the hidden ones."""
        fall, priced = min(self._down[key], self._most), (self._costs[key], key)
        shown = self._shown[fall]
        del shown[bisect_left(shown, priced)]
        insort(self._hidden.setdefault(fall, []), priced)
        self.least = _NOTHING

    def choose(self, but: Key, up: int, down: int, most: Mapping[Key, int] | None) -> Key | None:
        """Return which other number hides least besides, of those that may rise and fall so far (`_may_move`)."""

        def fits(priced: tuple[_Cost, Key]) -> bool:
            key = priced[1]
            return key != but and (most is None or up <= most[key])

        for priced in (self._hidden, self._shown):
            numbers = (numbers for fall, numbers in priced.items() if fall > down)
            first = (next(filter(fits, some), None) for some in numbers)
            if best := min(filter(None, first), default=None):
                return best[1]
        return None


class TooManyCubes(Exception):
    """More than MOST_CUBES were tried."""


class _Cubes:
    """The cubes of which a number can be a corner, so that no published total changes as its corners rise and fall.

    Parts of the key that all totals have in common or not at all are one axis. Where no total is by a part, the numbers
    along it stand for each other: they are one bucket.
    """

    def __init__(
        self,
        counts: Mapping[Key, int],
        publics: Iterable[frozenset[int]],
        below: int,
        highest: Mapping[Key, int] | None,
        *,
        secret: bytes,
    ) -> None:
        self._below, self._down = below, counts
        self._up = {key: highest.get(key, 0) - counts[key] for key in counts} if highest is not None else None
        self._costs = {key: count * _draw(key, secret) for key, count in counts.items()}
        self.hidden, self._tried = set[Key](), 0
        self._most = _MOST  # what a cube may cost: no more than the best one by now
        totals = sorted({frozenset[int](), *publics}, key=sorted)
        width = len(next(iter(counts), ()))
        axes = dict[tuple[bool, ...], list[int]]()
        for part in range(width):
            signature = tuple(part in total for total in totals)
            if any(signature):
                axes.setdefault(signature, []).append(part)
        self._axes = [frozenset(parts) for parts in axes.values()]
        summed = [{n for n, axis in enumerate(self._axes) if not axis <= total} for total in totals]
        choices = (
            set(some) for size in range(1, len(self._axes) + 1) for some in combinations(range(len(self._axes)), size)
        )
        hitting = [some for some in choices if all(some & one for one in summed)]
        self._ways = [sorted(some) for some in hitting if not any(other < some for other in hitting)]
        places = dict[_Coordinates, dict[Key, int]]()
        for key, down in self._down.items():
            places.setdefault(self._place(key), {})[key] = down
        self._buckets = {place: _Bucket(some, self._costs, below + 1) for place, some in sorted(places.items())}
        self._falls = {place: max(some.values()) - 1 for place, some in places.items()}
        self._along = dict[tuple[int, _Coordinates], list[Key]]()
        for place in self._buckets:
            for axis, value in enumerate(place):
                self._along.setdefault((axis, _without(place, axis)), []).append(value)

    def _place(self, key: Key) -> _Coordinates:
        return tuple(_project(key, axis) for axis in self._axes)

    def hide(self, keys: Iterable[Key]) -> None:
        """Hide numbers; those that are hidden already stay so."""
        for key in keys:
            if key not in self.hidden:
                self.hidden.add(key)
                self._buckets[self._place(key)].hide(key)

    def cheapest(self, key: Key) -> list[Key] | None:
        """Return the corners of the cube that costs the least besides what is hidden."""
        best: tuple[_Cost, list[Key]] | None = None
        for most in (_NOTHING, _MOST):  # first among what is hidden, where in a large table nearly all find one
            self._most = most
            for cube in self._cubes(key):
                for up in range(cube.least, cube.most + 1):
                    found = self._choose(key, cube, up)
                    if found and (best is None or found < best):
                        best, self._most = found, found[0]
                    if best and best[0] == _NOTHING:
                        return best[1]
        return best[1] if best else None

    def _cubes(self, key: Key) -> Iterator[_Cube]:
        """Yield the cubes of which a number is the first corner, without those that cost more than the best by then."""
        here = self._place(key)
        rises = [up for up in range(self._below) if self._may_move(key, up, self._below - 1 - up)]
        if not rises:
            return
        alone = _Cube([here], [True], _NOTHING, rises[0], rises[-1])
        if rises[0] <= self._falls[here]:
            highest = min(rises[-1], self._falls[here])
            yield alone._replace(corners=[here, here], signs=[True, False], most=highest)
        for way in self._ways:
            grown: Iterable[_Cube] = [alone]
            if all(len(self._along[axis, _without(here, axis)]) > 1 for axis in way):
                for axis in way:
                    grown = self._grow(grown, axis, here)
                yield from grown

    def _grow(self, cubes: Iterable[_Cube], axis: int, here: _Coordinates) -> Iterator[_Cube]:
        """Yield each cube, doubled along an axis, with all places to which all its corners can move.

        The cheapest places beside the first corner come first, so that the best cube is found early. Where only what is
        hidden will do, the first one is the best: there may be very many, which are not even looked at.
        """
        priced = sorted(self._beside(here, axis)) if self._most else None
        for cube in cubes:
            for least, value, first in self._beside(here, axis) if priced is None else priced:
                if cube.cost + least > self._most:
                    break
                self._try(len(cube.corners))
                if self._falls[first] >= cube.least and (grown := self._double(cube, axis, value)):
                    yield grown

    def _beside(self, here: _Coordinates, axis: int) -> Iterator[tuple[_Cost, Key, _Coordinates]]:
        """Yield the places along an axis: what each costs at least, unless that is too much, its value and itself."""
        for value in self._along[axis, _without(here, axis)]:
            self._try(1)
            first = (*here[:axis], value, *here[axis + 1 :])
            if value != here[axis] and (least := self._buckets[first].least) <= self._most:
                yield least, value, first

    def _try(self, places: int) -> None:
        self._tried += places
        if self._tried > MOST_CUBES:
            raise TooManyCubes

    def _double(self, cube: _Cube, axis: int, value: Key) -> _Cube | None:
        """Return a cube with its corners and those they move to; None if one is lacking, or they cost too much."""
        corners, cost, least, most = [*cube.corners], cube.cost, cube.least, cube.most
        for corner, does_first_rise in zip(cube.corners, cube.signs, strict=True):
            moved = (*corner[:axis], value, *corner[axis + 1 :])
            bucket = self._buckets.get(moved)
            if bucket is None or (cost := cost + bucket.least) > self._most:
                return None
            if does_first_rise:
                most = min(most, self._falls[moved])
            else:
                least = max(least, self._below - 1 - self._falls[moved])
            if least > most:
                return None
            corners.append(moved)
        return _Cube(corners, [*cube.signs, *(not sign for sign in cube.signs)], cost, least, most)

    def _choose(self, key: Key, cube: _Cube, up: int) -> tuple[_Cost, list[Key]] | None:
        """Return what is hidden besides, and the corners, if the number may rise so far; None beyond the best cost."""
        chosen, cost, down = [key], _NOTHING, self._below - 1 - up
        for corner, rises in zip(cube.corners[1:], cube.signs[1:], strict=True):
            moves = (up, down) if rises else (down, up)
            one = self._buckets[corner].choose(key, *moves, self._up)
            if one is None:
                return None
            if one not in self.hidden:
                cost += self._costs[one]
                if cost > self._most:
                    return None
            chosen.append(one)
        return cost, chosen

    def _may_move(self, key: Key, up: int, down: int) -> bool:
        """Tell whether the number may rise and fall so far: it becomes neither 0 nor more than a total."""
        return down < self._down[key] and (self._up is None or up <= self._up[key])


def _draw(key: Key, secret: bytes) -> int:
    """Draw a number of 64 bits for a key: always the same, and none that anybody without the secret could know."""
    return int.from_bytes(blake2b(repr(key).encode(), key=secret, digest_size=8).digest())


def _without(place: _Coordinates, axis: int) -> _Coordinates:
    return (*place[:axis], *place[axis + 1 :])


def _project(key: Key, parts: Collection[int]) -> Key:
    return tuple(value for part, value in enumerate(key) if part in parts)
