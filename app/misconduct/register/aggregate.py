"""Count the rows of a case-level table, and hide the small numbers: all that leaves the machine is what this returns.

Only the columns that the table names are read; every other must be named as suppressed, and no cell of it is looked at.
No message has a cell: each has a place, for whoever holds the file.

Small numbers are hidden with the hypercube method (R. D. Repsilber, 1994; GHMITER in tau-ARGUS). Each hidden number is
one corner of a cube of hidden numbers. If the corners rise and fall by turns, every published number and total stays
as it is: so nobody can tell which of these tables is the true one, and each hidden number may be any of at least as
many as the threshold. That holds even for someone who knows which of the hidden numbers are more than 0, though not
for someone who knows that one of them is 0. It needs no solver, and the cubes prove it. Which cube it is of those that
are possible is drawn, so that this program does not tell the numbers by what it chose.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from hashlib import blake2b
from itertools import chain, combinations, permutations, product
from math import prod
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from misconduct.model.kinds import Aggregate, Distinct
from misconduct.model.period import PeriodType, Year, bounds
from misconduct.register.mistakes import Refused, suggest

YEAR = "year"
"""The name of the year among the columns by which totals are."""

OF_FIGURES = "what its figures have"
"""What a total may name in `where`."""

MOST_COMBINATIONS = 500_000
"""Figures of a table that states zeros: each combination of its codes and years is one."""

_LONGEST = 80
_LINE_END = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


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


class Before(NamedTuple):
    """What releases said of a number: the values that were shown, the release that hid it first (0 if none did), how
    many values it was to have at least then, and the release that left it out first.

    It is more than the `least`, which was shown of a part of its period, and less than the `most`, which was shown of a
    longer one: with the same value, it would be shown. What can be none but 0 is less than 1.
    """

    shown: frozenset[int] = frozenset()
    hidden_in: int = 0
    below: int = 1
    least: int = 0
    most: int = sys.maxsize
    left_in: int = 0


class Released(NamedTuple):
    """What releases said of the numbers of a table: each count with its release, what the totals were by, the greatest
    threshold, and how tables counted that left rows out, each with its first release.
    """

    counts: Sequence[tuple[Count, int]] = ()
    totals: Sequence[Collection[str]] = ()
    below: int = 1
    left_out: Collection[tuple[Aggregate, int]] = ()


NOTHING_RELEASED = Released()

Where = Mapping[str, str]
Key = tuple[str, ...]
Words = Mapping[str, Mapping[str, str]]
"""By column, the code of each word."""


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
    beside: Sequence[CaseTable] = (),
    secret: bytes,
) -> Counts:
    """Count the rows, each with its number in the file, by the codes of their words and by the year of their dates.

    `totals` are sums that are public: each is computed, and no hidden number can be computed from it, nor from what was
    `released` before, nor from the sums that tables `beside` it, which count the same rows, have in common with it.
    What is hidden besides is drawn from the `secret`, which only somebody who has the file may know.
    """
    own, whole = CaseTable("", spec, columns, codes=codes), [other for other in beside if _is_in_order(other)]
    at, faults = _find_columns(spec, columns, headings)
    faults += [*_check_totals(spec, totals), *_check_year(spec, columns), *_find_circle(own, whole)]
    if faults:
        return Counts(faults)
    reader = _Reader(spec, {column.name: column for column in columns if column.name}, codes, nulls, released)
    others = [other for other in (_Beside(other, own, headings) for other in whole) if other.counts_otherwise]
    raw, faults = _group(spec, at, len(headings), rows, [place for other in others for place in other.places])
    counted, skipped = reader.count(raw, at, faults, others)
    faults += chain.from_iterable(map(_Beside.find_crossings, others))
    if not counted and not faults:
        faults.append(Fault(Refused("no_rows", "no row of the file is counted", "at least one"), path=("aggregate",)))
    if faults:
        return Counts(faults)
    names = _names(spec)
    publics = [*(_by(names, (one,) if isinstance(one, str) else one) for one in spec.suppress.totals)]
    publics += [_by(names, where) for where in (*totals, *released.totals)]
    sizes = {key: len(ids) if isinstance(ids, set) else ids for key, ids in counted.items()}
    left = {(*key, _PART) if key in counted else key: what for key, what in reader.left_out.items()}
    left_out = {key: len(what) if isinstance(what, set) else what for key, what in left.items()}
    if spec.zeros:
        parts, faults = _codes_and_years(spec, names, sizes)
        if faults:
            return Counts(faults)
        zeros = dict.fromkeys(product(*parts), 0)
        sizes = {**{key: 0 for key in zeros if key not in left}, **sizes}
    periods = {year.label: period for year, period in _years_covered(spec)}
    before, faults = _before(spec, periods, released)
    if faults:
        return Counts(faults)
    was_hidden = {key: 0 for key, said in before.items() if said.hidden_in}  # also where there are none any more
    before |= reader.find_left_before(counted, before, released)
    before |= {key: before.get(key, Before())._replace(most=1) for key in _find_impossible(counted, sizes)}
    sizes = dict(sorted({**was_hidden, **sizes}.items()))
    everything, known_in_file = {**sizes, **left_out}, {**counted, **left}
    hiding = _Hiding(spec, everything, left_out, before=before, cells=known_in_file, others=others, secret=secret)
    hidden, unprotected, known = hiding.hide(publics)
    if unprotected:
        values = max(spec.suppress.below, before.get(unprotected[0], Before()).below)
        fault = _cannot_be_hidden(unprotected, values, is_first=not released.counts)
        asked = len(spec.suppress.totals)
        named = [(public, ("totals", number, "where")) for number, public in enumerate(publics[asked:][: len(totals)])]
        faults = [hiding.find_cause([*publics[:asked], *publics[asked + len(totals) :]], named, fault)]
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
            periods[key[0]] if spec.year else _whole(spec),
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
    beside: Iterable[int],
) -> tuple[_Raw, list[Fault]]:
    """Group the rows by the cells that are read, here or `beside` it. The other cells are left behind here."""
    distinct, read = _distinct(spec), [*(at[name] for name in _grouped(spec, at)), *beside]
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


def _is_year(spec: Aggregate, name: str) -> bool:
    """Tell whether a name in `skip` is that of the year by which rows are counted, and not of a column."""
    return name == YEAR and spec.year is not None and YEAR not in (spec.year.of, *spec.by)


_Counted = dict[Key, Any]
"""By key: the number of rows, or the set of distinct cells."""


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
    protected like what is hidden. What a release left out is too, with what else that left out or hid: the sum of it
    is known from its totals.
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
        self.left_out = _Counted()
        self._year_of = _year_reader(spec, columns[spec.year.of]) if spec.year else None
        self._skip = _wheres(spec)
        self._counted_since, self._left_since = (
            dict[Key, int](),
            dict[Key, int](),
        )  # the releases that left it out first
        self._skipped = [
            (where, {year.label for year, _ in _years_covered(one)} if one.year else None, release)
            for one, release in released.left_out
            for where in _wheres(one)
            if {*where} <= {*spec.by, YEAR}
        ]

    def count(
        self, raw: _Raw, at: Mapping[str, int], faults: list[Fault], beside: Sequence[_Beside]
    ) -> tuple[_Counted, list[int]]:
        """Return the counted rows, or the distinct cells, by key; and how many rows each reason skips."""
        spec, wrong = self._spec, dict[tuple[str, str, str], _Wrong]()
        distinct, names = _distinct(spec), _grouped(spec, at)
        counted, skipped = _Counted(), [0] * len(spec.skip)

        for key, (number, first, ids) in raw.items():
            cells = dict(zip(names, key, strict=False))
            if self._year_of and spec.year:
                cells.setdefault(YEAR, self._year_of(cells[spec.year.of]))
            reasons = (n for n, where in enumerate(self._skip) if all(cells[c] in w for c, w in where.items()))
            if (reason := next(reasons, None)) is not None:
                skipped[reason] += number
                self._leave_out(reason, cells, number, ids if distinct else None)
                continue
            parts = list[str]()
            for name, code, found in self._read(cells, ids, distinct, parts):
                kind = (name, code, cells.get(name, ""))
                before = wrong.get(kind, _Wrong(found, 0, first))
                wrong[kind] = before._replace(rows=before.rows + number)
            if len(parts) < len(_names(spec)):
                continue
            words, others = (
                (*parts[: -len(spec.by) or None], *(cells[name] for name in spec.by)),
                iter(key[len(names) :]),
            )
            for other in beside:
                other.watch(tuple(parts), words, [next(others) for _ in other.places])
            self._note_release(self._counted_since, tuple(parts), cells)
            if distinct:
                counted.setdefault(tuple(parts), set()).update(ids)
            else:
                counted[tuple(parts)] = counted.get(tuple(parts), 0) + number
        faults += [*_faults_of_cells(wrong, at, self._codes), *_faults_of_skips(skipped)]
        return counted, skipped

    def find_left_before(
        self, counted: Collection[Key], before: Mapping[Key, Before], released: Released
    ) -> dict[Key, Before]:
        """Return what is known of each number that a release left out, and none showed. One that is counted by now goes
        on protecting what that release hid, if it hid any, as if it had been hidden.
        """
        of_counted, of_left = self._counted_since, self._left_since
        hid = {release for count, release in released.counts if count.value is None}
        since = of_counted | {(*key, _PART) if key in counted else key: release for key, release in of_left.items()}
        said = {key: before.get(key, Before(below=released.below)) for key in since}
        was_hidden = {key: since[key] for key in of_counted if key not in before and since[key] in hid}
        return {
            key: one._replace(left_in=since[key], hidden_in=one.hidden_in or was_hidden.get(key, 0))
            for key, one in said.items()
            if not one.shown
        }

    def _note_release(self, since: dict[Key, int], key: Key, cells: Mapping[str, str]) -> None:
        """Note the first release that left out rows with these cells, of a year that it covered."""
        for where, years, release in self._skipped:
            if (years is None or cells[YEAR] in years) and all(cells[name] in words for name, words in where.items()):
                since[key] = min(release, since.get(key, release))

    def _leave_out(self, reason: int, cells: Mapping[str, str], number: int, ids: Collection[str] | None) -> None:
        """Note what is skipped by year and columns of `by` alone, under the key that it would have.

        A word that is left out needs no code: without one, it stands for itself.
        """
        codes = [self._codes[name].get(cells[name], _NO_CODE + cells[name]) for name in self._spec.by]
        year = [cells[YEAR]] if self._spec.year else []
        if {*self._skip[reason]} <= {*self._spec.by, YEAR} and _NO_YEAR.keys().isdisjoint(year):
            key = (*year, *codes)
            if ids is None:
                self.left_out[key] = self.left_out.get(key, 0) + number
            else:
                self.left_out.setdefault(key, set()).update(ids)
            self._note_release(self._left_since, key, cells)

    def _read(
        self, cells: Mapping[str, str], ids: Collection[str], distinct: str | None, parts: list[str]
    ) -> Iterator[tuple[str, str, str]]:
        """Add the year and the codes to the parts. Yield what is wrong: column, error, and words."""
        spec = self._spec
        if self._year_of and spec.year:
            label = self._year_of(cells[spec.year.of])
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


def _faults_of_skips(skipped: Sequence[int]) -> Iterator[Fault]:
    for reason, number in enumerate(skipped):
        if not number:
            refused = Refused("skips_nothing", "no row is skipped by this", "cells that occur, as they are printed")
            yield Fault(refused, path=("aggregate", "skip", reason))


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


# Years and periods ------------------------------------------------------------------------------------------------

_NO_YEAR = {
    "no_date": "no date in the format of the column",
    "outside_covers": "a date that is outside what `covers` says",
    "no_century": "a year of two digits",
}
_INSTEAD = {
    "no_date": "a year of four digits; or, as the column's datatype, {base: date, format: M/d/yyyy} or a pattern",
    "outside_covers": "days of which the file has every row; or skip its row",
    "no_century": "in aggregate: year, century: 2000",
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


def _year_reader(spec: Aggregate, column: CaseColumn) -> Callable[[str], str]:
    """Return a function that reads the label of the year in a cell, or a key of _NO_YEAR.

    A date has the format of its datatype, as CSVW writes it. In a text with a pattern, the first group is the year;
    one of two digits is of the `century`.
    """
    years, (first, last) = _years_covered(spec), _covered(spec)
    of_year = {year.first.year: year.label for year, _ in years}
    pattern, has_days = _pattern(column)

    @cache
    def read(cell: str) -> str:
        match = pattern.fullmatch(cell) if len(cell) <= _LONGEST else None
        if match is None:
            return "no_date"
        if not has_days:
            number = _read_year(match[1], spec.year.century if spec.year else None)
            if number is None:
                return "no_century" if re.fullmatch(r"\d\d", match[1] or "", re.ASCII) else "no_date"
            return of_year.get(number, "outside_covers")
        try:
            day = date(int(match["y"]), int(match["m"]), int(match["d"]) if "d" in pattern.groupindex else 1)
        except ValueError:
            return "no_date"
        if not first <= day <= last:
            return "outside_covers"
        return of_year[_beginning(spec, day).year]

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


def share_of_years(spec: Aggregate, other: Aggregate) -> Literal["all", "one", "part", "none"]:
    """Tell what of the years of a table one without a year covers: all of them, one, another part, or nothing."""
    span, (first, last) = _covered(other), _covered(spec)
    if span == (first, last):
        return "all"
    if span[1] < first or last < span[0]:
        return "none"
    years = ((max(first, year.first), min(last, year.last)) for year, _ in _years_covered(spec))
    return "one" if span in years else "part"


# What is counted --------------------------------------------------------------------------------------------------


def _by(names: Sequence[str], by: Iterable[str]) -> frozenset[int]:
    return frozenset(names.index(name) for name in by)


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


def _find_impossible(counted: Collection[Key], sizes: Mapping[Key, int]) -> set[Key]:
    """Find the zeros that everybody knows to be 0, which hide nothing: of words of two columns that never occur with
    each other, nor with others that connect them, as a precinct lies in one division.
    """
    found, zeros = set[Key](), [key for key, size in sizes.items() if size == 0]
    for part, other in combinations(range(len(next(iter(sizes)))), 2):
        groups = _connected((key[part], key[other]) for key in counted)
        there = {key[other]: groups[key[part]] for key in counted}
        found.update(
            key
            for key in zeros
            if key[part] in groups and key[other] in there and groups[key[part]] != there[key[other]]
        )
    return found


def _sum(counted: _Counted, names: Sequence[str], where: Where) -> int:
    """Count what has these codes; of distinct cells, each once."""
    asked = {names.index(name): code for name, code in where.items()}
    found = [what for key, what in counted.items() if all(key[part] == code for part, code in asked.items())]
    return len(set[str]().union(*found)) if found and isinstance(found[0], set) else sum(found)


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


def _before(
    spec: Aggregate, periods: Mapping[str, CountPeriod], released: Released
) -> tuple[dict[Key, Before], list[Fault]]:
    """Return what releases said of each number. Of a year that was covered in part, it is said of the year.

    What they hid is to be covered still: what is shown of a part bounds it.
    """

    def days_of(period: CountPeriod) -> tuple[date, date]:
        first = bounds(period.start)[0]
        return first, bounds(period.end)[1] if period.end else Year.beginning(first).last

    found, faults = dict[Key, Before](), list[Fault]()
    for count, release in released.counts:
        key, (first, last) = tuple(count.codes[name] for name in spec.by), days_of(count.period)
        now: CountPeriod | None = _whole(spec)
        if spec.year:
            label = Year.beginning(_beginning(spec, first)).label
            key, now = (label, *key), periods.get(label)
        begin, end = days_of(now) if now else (date.max, date.min)
        before, value = found.get(key, Before()), count.value
        is_part, was_longer = begin <= first and last <= end, first <= begin and end <= last
        if value is not None:
            found[key] = before = before._replace(shown=before.shown | {value})
            if is_part and not was_longer:
                found[key] = before._replace(least=max(before.least, value))
            elif was_longer and not is_part:
                found[key] = before._replace(most=min(before.most, value))
        else:
            found[key] = before._replace(hidden_in=min(release, before.hidden_in or release), below=released.below)
            if not is_part:
                refused = Refused("hidden_before", "days are no longer covered of which a release hid numbers")
                faults = [Fault(refused, path=("aggregate", "covers"))]
    return found, faults


def _cannot_be_hidden(keys: Sequence[Key], below: int, *, is_first: bool) -> Fault:
    found = (
        f"{len(keys):,} hidden number{'' if len(keys) == 1 else 's'} could be computed from the published totals"
        f"{'' if is_first else ' and from what was released'}, or narrowed to fewer than {below}; "
        f"the first is of {', '.join(part for part in keys[0] if not part.startswith(_NO_CODE))}"
    )
    allowed = "fewer totals, or a coarser `by`"
    if not is_first:
        allowed = "skip: a whole year or code of theirs, so that its figures end; or not this edition"
    return Fault(Refused("cannot_be_hidden", found, allowed), path=("aggregate", "suppress"))


class CaseTable(NamedTuple):
    """One of several tables that count the rows of one file. `totals` are of what its published ones are, and `codes`
    what its mappings say; `reading` is how its cells are read, and `unread` the rows that are skipped by their numbers.
    It `is_new` beside another if its sums were not published when a release hid numbers of that one.
    """

    slug: str
    spec: Aggregate
    columns: Sequence[CaseColumn]
    totals: Sequence[Where] = ()
    codes: Words = MappingProxyType({})
    reading: Mapping[str, Any] = MappingProxyType({})
    unread: frozenset[str] = frozenset()
    is_new: bool = False

    def titles_of(self, name: str) -> tuple[str, ...]:
        """Return the titles that the column of a name may have in the file."""
        return next((column.titles for column in self.columns if column.name == name), (name,))

    def in_common(self, other: CaseTable) -> dict[str, str]:
        """Return which parts of its keys are parts of another's, by their names here: a column with one of its titles,
        or the year that begins on the same day by such a column.
        """
        there = other.parts()
        return {
            here: name
            for here, titles in self.parts().items()
            for name, theirs in there.items()
            if not titles.isdisjoint(theirs)
        }

    def parts(self) -> dict[str, set[tuple[str, str]]]:
        """Return the titles of each part of its keys; the year also says on which day it begins."""
        parts = {name: {("", title) for title in self.titles_of(name)} for name in self.spec.by}
        year = self.spec.year
        return parts | ({YEAR: {(year.start, title) for title in self.titles_of(year.of)}} if year else {})

    def compare(self, other: CaseTable) -> tuple[bool, frozenset[str], set[frozenset[str]]]:
        """Tell whether it counts the same as another by the same columns under the same names; which parts of its keys
        are also the other's, and by which of these the totals of the other are.
        """
        common, counts = self.in_common(other), (_distinct(self.spec), _distinct(other.spec))
        is_like = {*_names(self.spec)} == {*_names(other.spec)} == {here for here in common if common[here] == here}
        if counts[0] and counts[1]:
            is_like &= not {*self.titles_of(counts[0])}.isdisjoint(other.titles_of(counts[1]))
        else:
            is_like &= counts[0] == counts[1]
        public = {frozenset(here for here in common if common[here] in by) for by in other.totals_by()}
        return is_like, frozenset(common), public

    def totals_by(self) -> list[set[str]]:
        """Return by which parts of its keys totals are published: those of `suppress`, then those that are stated."""
        named = [{one} if isinstance(one, str) else {*one} for one in self.spec.suppress.totals]
        return [*named, *map(set, self.totals)]

    def leaves_out(self) -> set[frozenset[tuple[Any, ...]]]:
        """Return what is skipped: words of columns, each with all titles that it may have, as any table may call it by
        any name; a year also with how it is read. What is equal leaves out the same rows of every file that both cover,
        and of two editions the same years.
        """
        return {
            frozenset(
                (*self._column_of(name), frozenset([words] if isinstance(words, str) else words))
                for name, words in one.where.items()
            )
            for one in self.spec.skip
        }

    def _column_of(self, name: str) -> tuple[Any, ...]:
        year = self.spec.year
        if year is None or not _is_year(self.spec, name):
            return frozenset(self.titles_of(name)), ()
        how = next(((one.base, one.format) for one in self.columns if one.name == year.of), ())
        return frozenset(self.titles_of(year.of)), (*how, year.start, year.century)

    def publishes(self, parts: Collection[str]) -> bool:
        """Tell whether the totals by these parts are among those from which nothing can be computed."""
        return not parts or any(by.issuperset(parts) for by in self.totals_by())


def find_links(tables: Sequence[CaseTable]) -> Iterator[tuple[str, Fault]]:
    """Yield what two tables of the same file would give away: the totals by what they have in common, also where one
    counts rows and the other distinct cells, which may be as many; and the number of rows that only one leaves out.
    """
    for table, other in permutations(tables, 2):
        common = sorted(table.in_common(other))
        if table.leaves_out() != other.leaves_out():
            found = f"the table {other.slug} counts the same file and leaves out other rows: their number is known"
            refused = Refused("linked_tables", found, "the same skip, of columns with the same titles")
            yield table.slug, Fault(refused, path=("aggregate", "skip"))
        elif (table.reading, table.unread) != (other.reading, other.unread):
            found = f"the table {other.slug} counts the same file, and may read other rows: their number would be known"
            refused = Refused("linked_tables", found, "the same dialect, and the same keys of skip")
            yield table.slug, Fault(refused, path=("dialect" if table.reading != other.reading else "skip",))
        if not table.publishes(common):
            found = f"the table {other.slug} counts the same rows, so that totals by {' and '.join(common)} are known"
            refused = Refused("linked_tables", found, f"totals: [[{', '.join(common)}]]; or fewer columns in common")
            yield table.slug, Fault(refused, path=("aggregate", "suppress"))


def _find_circle(own: CaseTable, others: Sequence[CaseTable]) -> Iterator[Fault]:
    """Yield what a circle of tables narrows: by kind and year, by year and finding, by finding and kind, each bounds
    the numbers of the other two, which no total says. Without a circle, all that a table says of another is the totals
    by what both have. Found by the reduction of Graham, Yu and Ozsoyoglu (1979): columns of one table alone go, and
    tables within another.
    """
    tables = [own, *others]
    titles = [[*one.parts().values()] for one in tables]
    columns = list[set[tuple[str, str]]]()  # the titles of a column, whatever a table calls it
    for part in (part for parts in titles for part in parts):
        same = [one for one in columns if not one.isdisjoint(part)]
        columns = [one for one in columns if one not in same] + [part.union(*same)]
    left = {
        at: {place for place, column in enumerate(columns) for part in parts if not column.isdisjoint(part)}
        for at, parts in enumerate(titles)
    }
    before = None
    while before != left:
        before = left
        shared = {at: {one for one in left[at] if any(one in left[to] for to in left if to != at)} for at in left}
        left = {
            at: parts
            for at, parts in shared.items()
            if not any(parts < shared[to] or (parts == shared[to] and to < at) for to in shared if to != at)
        }
    if 0 in left and len(left) > 1 and any(tables[at].spec.suppress.below > 1 for at in left):
        slugs = " and ".join(sorted(tables[at].slug for at in left if at))
        found = f"with {slugs}, which count the same rows, it forms a circle: together they narrow what is hidden"
        allowed = "one table by all of their columns; or one table fewer"
        yield Fault(Refused("linked_tables", found, allowed), path=("aggregate", "by"))


class _Hiding:
    """The numbers of a table, and what is known of them: what `left_out` has, what releases said, and which sums of
    them are sums of other tables too. The keys by which they are hidden have the groups of these sums as further parts.
    """

    def __init__(
        self,
        spec: Aggregate,
        counts: Mapping[Key, int],
        left_out: Collection[Key],
        *,
        before: Mapping[Key, Before],
        cells: _Counted,
        others: Collection[_Beside],
        secret: bytes,
    ) -> None:
        self._spec, self._secret, width = spec, secret, len(_names(spec))
        self._sums, found = list[tuple[frozenset[int], str]](), list[Callable[[Key], str]]()
        is_apart = bool(left_out) and any(other.leaves_out_the_same for other in others)
        first, self._apart = width + is_apart, list[frozenset[int]]()  # what is left out is no part of their sums
        for other in others:
            mine, groups = other.sums()
            if apart := frozenset({width} if is_apart and other.leaves_out_the_same else ()):
                self._apart.append(other.common | apart)
                self._sums.append((other.common | apart, other.slug))
            if mine or groups:
                further = range(first + len(found), first + len(found) + len(groups))
                self._sums.append((other.common | mine | apart | {*further}, other.slug))
                found += groups
        of = {
            key: (
                *key[:width],
                *([str(key in left_out)] if is_apart else ()),
                *(str(key) if key in left_out else group(key) for group in found),
                *key[width:],
            )
            for key in counts
        }
        self._keys = {grown: key for key, grown in of.items()}
        self._counts = {of[key]: count for key, count in counts.items()}
        self._left_out = {of[key] for key in left_out}
        self._before = {of[key]: before[key] for key in before.keys() & of.keys()}
        self._cells = {of[key]: what for key, what in cells.items()} if _distinct(spec) else None

    def hide(self, publics: Collection[frozenset[int]]) -> tuple[set[Key], list[Key], set[Key]]:
        """Return the keys of the numbers to hide, those that cannot be hidden, and those that no mapping has and that
        the totals give away, less those of tables that leave out the same, whatever is hidden.
        """
        publics = [*publics, *self._apart]
        hidden, unprotected = self._protect(publics)
        known = {key for key in unprotected if _has_no_code(key)}
        if self._sums:
            hidden, unprotected = self._protect([*publics, *(public for public, _ in self._sums)])
        return hidden, [key for key in unprotected if key not in known], known

    def find_cause(
        self,
        publics: Iterable[frozenset[int]],
        totals: Iterable[tuple[frozenset[int], tuple[str | int, ...]]],
        fault: Fault,
    ) -> Fault:
        """Return the fault with the first of the table's totals, or of the other tables, with which it is one."""
        publics, asked = [*publics], [public for public, _ in totals]
        known = {key for key in self._protect([*publics, *asked, *self._apart])[1] if _has_no_code(key)}
        steps = [(public, fault._replace(path=path)) for public, path in totals]
        for public, slug in self._sums:
            found = f"with {slug}, which counts the same rows and comes to sums of these: {fault.refused.found}"
            refused = Refused("linked_tables", found, "one of the two tables; or a coarser `by`")
            steps.append((public, Fault(refused, path=fault.path)))
        for public, told in steps:
            if not known.issuperset(self._protect(publics)[1]):
                return fault
            publics, fault = [*publics, public], told
        return fault

    def _protect(self, publics: Collection[frozenset[int]]) -> tuple[set[Key], list[Key]]:
        highest = _ceilings(self._cells, publics) if self._cells is not None else None
        below, left_out = self._spec.suppress.below, self._left_out
        hidden, unprotected = protect(
            self._counts, publics, below, highest, self._before, left_out=left_out, secret=self._secret
        )
        return {self._keys[key] for key in hidden}, [self._keys[key] for key in unprotected]


def _is_in_order(table: CaseTable) -> bool:
    """Tell whether it can be counted by what it says; what is wrong with it is reported where it is counted."""
    wrong = (*_check_totals(table.spec, ()), *_check_year(table.spec, table.columns))
    return not wrong and read_columns(table.spec).keys() <= {column.name for column in table.columns}


_SAME_YEARS = "one column and start of the year for both; or one of the two without a year"
_ONE_FINER = "of their mappings one that is finer than the other; or one of the two tables"


class _Beside:
    """Another table that counts the same rows, and the sums that its numbers and these have in common.

    One of its columns may follow from what is counted here, as the group from the kind: then its numbers come to the
    sums of these by group; or one of these from what is counted there. Or some words of two columns never occur with
    the others: then each such part has one sum. Only columns that the file has can be watched.
    """

    def __init__(self, other: CaseTable, own: CaseTable, headings: Sequence[str]) -> None:
        names, common = _names(own.spec), own.in_common(other)
        self.slug, self.common, self._is_new = other.slug, _by(names, common), other.is_new
        self.leaves_out_the_same = other.leaves_out() == own.leaves_out()
        self.places, self._readers, self._further = list[int](), list[Callable[[str], str | None]](), list[int]()
        self._hides = max(own.spec.suppress.below, other.spec.suppress.below) > 1
        self._names, self._same = names, set[tuple[int, int]]()  # which part here is which column there
        for name in _names(other.spec):
            year = other.spec.year if name == YEAR else None
            title = next((one for one in other.titles_of(year.of if year else name) if one in headings), None)
            if title is not None:
                if name not in common.values():
                    self._further.append(len(self.places))
                here = {YEAR} if year else {one for one, there in common.items() if there == name}
                self._same |= {(part, len(self.places)) for part, one in enumerate(names) if one in here}
                self.places.append(headings.index(title))
                self._readers.append(_year_of(other) if year else other.codes.get(name, {}).get)
        self.counts_otherwise = bool(self._further) or len(self.common) < len(names)
        self.counts_otherwise |= any(other.codes.get(there) != own.codes.get(here) for here, there in common.items())
        self._noted = set[tuple[Key, Key, Key]]()

    def watch(self, own: Key, words: Key, cells: Iterable[str]) -> None:
        """Note by what both count a row, and the words here; nothing where the other table cannot count it."""
        theirs = [read(cell) for read, cell in zip(self._readers, cells, strict=True)]
        if None not in theirs:
            self._noted.add((own, words, tuple(map(str, theirs))))

    def find_crossings(self) -> Iterator[Fault]:
        """Yield a fault where groups here and there overlap, and neither are parts of the other, as two mappings take
        words together, or years begin in January and in July, or are of two dates of a case.

        Everybody knows which of them overlap: what one table shows bounds what the other hides. So too where sums come
        with a later edition: what is hidden now is protected from them, and not what a release hid of its file.
        """
        if self._is_new and any(self.sums()):
            found = f"{self.slug} comes to sums of these, and did not when a release hid numbers of another file"
            allowed = "no further table by what follows from these: else both together give numbers away"
            yield Fault(Refused("linked_tables", found, allowed), path=("aggregate", "by"))
        for part, at in product(range(len(self._names)), range(len(self.places))) if self._hides else ():
            both = {((own[part],), theirs[at]) for own, _, theirs in self._noted}
            if not both or _follow(both) or _follow(((there,), here) for (here,), there in both):
                continue
            if (part, at) in self._same or _follow(((words[part],), theirs[at]) for _, words, theirs in self._noted):
                name = self._names[part]
                found, allowed = "by years that overlap these: together they narrow what is hidden", _SAME_YEARS
                if name != YEAR:
                    found, allowed = (
                        f"and takes words of {name} together otherwise: what is between is known",
                        _ONE_FINER,
                    )
                refused = Refused("linked_tables", f"{self.slug} counts the same rows {found}", allowed)
                yield Fault(refused, path=("aggregate", "year" if name == YEAR else "by"))

    def sums(self) -> tuple[frozenset[int], list[Callable[[Key], str]]]:
        """Return by what both have the same sums, besides the columns of both: which parts of the keys here, and of
        what else a key is a part.
        """
        pairs = {(own, theirs) for own, _, theirs in self._noted}
        common = [(_project(own, self.common), own, theirs) for own, theirs in pairs]
        width = len(next(iter(pairs))[0]) if pairs else 0
        mine = frozenset(
            part
            for part in {*range(width)} - self.common
            if _follow((theirs, own[part]) for own, theirs in pairs)
            and not _follow((shared, own[part]) for shared, own, _ in common)
        )
        groups = [
            _group_of(groups)
            for part in self._further
            if (groups := _follow((own, theirs[part]) for own, theirs in pairs))
            and not _follow((shared, theirs[part]) for shared, _, theirs in common)
        ]
        for part, further in product({*range(width)} - self.common, self._further):
            connected = _connected({(own[part], theirs[further]) for own, theirs in pairs})
            follows = _follow((shared, connected[own[part]]) for shared, own, _ in common)
            if len({*connected.values()}) > 1 and not follows:
                groups.append(_word_of(connected, part))
        return mine, groups


def _year_of(table: CaseTable) -> Callable[[str], str | None]:
    """Return a function that reads the year of a cell as a table does; None where it has none."""
    of = table.spec.year.of if table.spec.year else ""
    read = _year_reader(table.spec, next(column for column in table.columns if column.name == of))
    return lambda cell: label if (label := read(cell)) not in _NO_YEAR else None


def _follow(pairs: Iterable[tuple[Key, str]]) -> dict[Key, str]:
    """Return the word that follows from each key; nothing if one key has several, or there is none."""
    found = dict[Key, str]()
    return found if all(found.setdefault(key, word) == word for key, word in pairs) else {}


def _connected(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return, for each first word, one of those that second words connect with it: the same for all of them."""
    above, first_with = dict[str, str](), dict[str, str]()

    def top(word: str) -> str:
        while above.setdefault(word, word) != word:
            word = above[word]
        return word

    for word, other in sorted(pairs):
        above[top(word)] = top(first_with.setdefault(other, word))
    return {word: top(word) for word in above}


def _word_of(words: Mapping[str, str], part: int) -> Callable[[Key], str]:
    return lambda key: words.get(key[part]) or str(key)


def _group_of(groups: Mapping[Key, str]) -> Callable[[Key], str]:
    """Return a function that tells the group of a key, also of one without rows if it is the same in every year."""
    of_rest = _follow((key[1:], group) for key, group in groups.items())
    return lambda key: groups.get(key) or of_rest.get(key[1:]) or str(key)


# What is hidden ---------------------------------------------------------------------------------------------------

_Coordinates = tuple[Key, ...]
_Cost = tuple[int, int]
"""What is hidden besides: how many zeros, and the sum of the others, each multiplied with a number that is drawn."""

_NOTHING, _MOST = (0, 0), (1 << 60, 0)


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
    before: Mapping[Key, Before] = MappingProxyType({}),
    *,
    left_out: Collection[Key] = (),
    secret: bytes = b"",
) -> tuple[set[Key], list[Key]]:
    """Return the keys of the numbers to hide, and those that must be hidden and cannot be.

    What is `left_out` is not published any more: it is hidden, whatever a release said of it. Among the cubes chance
    decides, which is drawn from the `secret`: else whoever has this program could try which tables it hides so.

    `publics` are the published totals: each the parts of the key by which it is. That of everything is always
    published. What a release hid stays hidden, with as many possible values as then, and a number that was shown hides
    no other; once it is left out, it hides what else is left out. Those that one release hid or left out protect each
    other, and no others: they may be as they were, so that the sum of them is known from it. Nothing depends on the
    order of what is given.
    """
    unprotected, publics = list[Key](), [*publics]
    was_hidden = {key for key, said in before.items() if said.hidden_in}
    cohorts = _cohorts(counts, before, left_out)
    hidden = {
        key
        for key in counts.keys() - {one for cohort in cohorts for one in cohort}
        if key in left_out or key in was_hidden or 0 < counts[key] < below
    }
    for cohort in cohorts:
        must = sorted(key for key, count in cohort.items() if count > 0 and (key in was_hidden or count < below))
        values = max([below, *(before[key].below for key in cohort if key in before)])
        cubes = _Cubes(cohort, publics, values, highest, before, secret=secret)
        cubes.hide([*must, *(key for key in cohort if key in left_out or key in was_hidden)])
        safe = set[Key]()
        for key in must:
            if key in safe:
                continue
            corners = cubes.cheapest(key)
            if corners is None:
                unprotected.append(key)
            else:
                cubes.hide(corners)
                safe.update(corners)
        hidden |= cubes.hidden
    lefts = dict[int, dict[Key, int]]()
    for key in {*left_out} - was_hidden:
        lefts.setdefault(before.get(key, Before()).left_in, {})[key] = counts[key]
    for left in lefts.values():
        cubes = _Cubes(left, publics, below, highest, before, secret=secret)
        cubes.hide(left)
        unprotected = [key for key in unprotected if key not in left or cubes.cheapest(key) is None]
    return hidden, unprotected


def _cohorts(
    counts: Mapping[Key, int], before: Mapping[Key, Before], left_out: Collection[Key]
) -> list[dict[Key, int]]:
    """Return the numbers that may protect each other, by the first release that hid them or left them out; without
    those that one showed, unless they are left out and were hidden.
    """
    found = dict[int, dict[Key, int]]()
    for key, count in counts.items():
        said = before.get(key, Before())
        if count not in said.shown or (key in left_out and said.hidden_in):
            first = min(filter(None, (said.hidden_in, said.left_in)), default=0)
            found.setdefault(first, {})[key] = count
    return [cohort for _, cohort in sorted(found.items())]


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
        before: Mapping[Key, Before],
        *,
        secret: bytes,
    ) -> None:
        self._below, said = below, {key: before.get(key, Before()) for key in counts} if before else {}
        least = {key: one.least for key, one in said.items() if one.least < counts[key]}  # else it was revised
        most = {key: one.most - 1 for key, one in said.items() if counts[key] < one.most < sys.maxsize}
        self._down = {key: count - least.get(key, 0) for key, count in counts.items()} if least else counts
        self._up: Mapping[Key, int] | None = None
        if highest is not None:
            self._up = {key: min(highest.get(key, 0), most.get(key, sys.maxsize)) - counts[key] for key in counts}
        elif most:
            self._up = {key: most.get(key, sys.maxsize) - counts[key] for key in counts}
        self._costs = {key: (int(count == 0), count * _draw(key, secret)) for key, count in counts.items()}
        self.hidden = set[Key]()
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
            for cube in self._cubes(key, most):
                for up in range(cube.least, cube.most + 1):
                    found = self._choose(key, cube, up, best[0] if best else most)
                    if found and (best is None or found < best):
                        best = found
                    if best and best[0] == _NOTHING:
                        return best[1]
        return best[1] if best else None

    def _cubes(self, key: Key, most: _Cost) -> Iterator[_Cube]:
        """Yield the cubes of which a number is the first corner, without those that cost more than `most`."""
        here = self._place(key)
        rises = [up for up in range(-1, self._below + 1) if self._may_move(key, up, self._below - 1 - up)]
        if not rises:
            return
        alone = _Cube([here], [True], _NOTHING, rises[0], rises[-1])
        if rises[0] <= self._falls[here]:
            highest = min(rises[-1], self._falls[here])
            yield alone._replace(corners=[here, here], signs=[True, False], most=highest)
        for way in self._ways:
            grown: Iterable[_Cube] = [alone]
            for axis in way:
                grown = self._grow(grown, axis, most)
            yield from grown

    def _grow(self, cubes: Iterable[_Cube], axis: int, most: _Cost) -> Iterator[_Cube]:
        """Yield each cube, doubled along an axis, with all places to which all its corners can move."""
        for cube in cubes:
            here, signs = cube.corners[0], [not sign for sign in cube.signs]
            for value in self._along[axis, _without(here, axis)]:
                first = (*here[:axis], value, *here[axis + 1 :])
                if value == here[axis] or self._falls[first] < cube.least or self._buckets[first].least > most:
                    continue
                moved = [(*corner[:axis], value, *corner[axis + 1 :]) for corner in cube.corners]
                if not all(corner in self._buckets for corner in moved):
                    continue
                costs = [cube.cost, *(self._buckets[corner].least for corner in moved)]
                falls = [(sign, self._falls[corner]) for sign, corner in zip(signs, moved, strict=True)]
                grown = _Cube(
                    [*cube.corners, *moved],
                    [*cube.signs, *signs],
                    (sum(zeros for zeros, _ in costs), sum(others for _, others in costs)),
                    max([cube.least, *(self._below - 1 - fall for rises, fall in falls if rises)]),
                    min([cube.most, *(fall for rises, fall in falls if not rises)]),
                )
                if grown.cost <= most and grown.least <= grown.most:
                    yield grown

    def _choose(self, key: Key, cube: _Cube, up: int, most: _Cost) -> tuple[_Cost, list[Key]] | None:
        """Return what is hidden besides, and the corners, if the number may rise so far; None beyond a cost."""
        chosen, cost, down = [key], _NOTHING, self._below - 1 - up
        for corner, rises in zip(cube.corners[1:], cube.signs[1:], strict=True):
            moves = (up, down) if rises else (down, up)
            one = self._buckets[corner].choose(key, *moves, self._up)
            if one is None:
                return None
            if one not in self.hidden:
                zeros, others = self._costs[one]
                cost = (cost[0] + zeros, cost[1] + others)
                if cost > most:
                    return None
            chosen.append(one)
        return cost, chosen

    def _may_move(self, key: Key, up: int, down: int) -> bool:
        """Tell whether the number may rise and fall so far: one that is not 0 never becomes 0, nor one that was shown.

        One that is 0 must leave that, by a fall of -1. Else a cube of so many tables would be one only because one of
        its corners is 0, and the others could be computed from that.
        """
        return down < self._down[key] and (self._up is None or up <= self._up[key])


def _draw(key: Key, secret: bytes) -> int:
    """Draw a number of 64 bits for a key: always the same, and none that anybody without the secret could know."""
    return int.from_bytes(blake2b(repr(key).encode(), key=secret, digest_size=8).digest())


def _without(place: _Coordinates, axis: int) -> _Coordinates:
    return (*place[:axis], *place[axis + 1 :])


def _project(key: Key, parts: Collection[int]) -> Key:
    return tuple(value for part, value in enumerate(key) if part in parts)
