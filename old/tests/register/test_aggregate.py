"""Prove that a case-level table is counted as it says, and that no hidden number can be found out."""

from __future__ import annotations

import csv
import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from misconduct.model import suggestions
from misconduct.model.kinds import Aggregate
from misconduct.register import aggregate as aggregation
from misconduct.register.aggregate import CaseColumn, Counts, Key, Released, Settled, aggregate, protect

TABLES = Path(os.environ.get("MISCONDUCT_TABLES", Path(__file__).parents[2].parent / "shared" / "tables"))

SECRETS = [bytes([number]) for number in range(1, 61)]

HEADINGS = ["case", "officer", "kind", "outcome", "received"]
COLUMNS = (
    CaseColumn("case", ("case",)),
    CaseColumn(None, ("officer",), is_suppressed=True),
    CaseColumn("category", ("kind",)),
    CaseColumn("measure", ("outcome",)),
    CaseColumn("date", ("received",), base="date"),
)
CODES = {
    "category": {"Force": "use_of_force", "Theft": "theft", "Stealing": "theft"},
    "measure": {"Upheld": "upheld", "Dismissed": "dismissed"},
}
SPEC: dict[str, Any] = {
    "by": ["category", "measure"],
    "year": {"of": "date"},
    "covers": "2020-04/2022-03",
    "count": {"distinct": "case"},
    "suppress": {"below": 1},
}
ROWS = [
    ["c1", "Planted One", "Force", "Upheld", "2020-04-01"],
    ["c1", "Planted Two", "Force", "Upheld", "2020-04-01"],
    ["c2", "Planted One", "Theft", "Dismissed", "2021-05-01"],
    ["c3", "Planted One", "Stealing", "Dismissed", "2021-05-02"],
    ["c4", "Planted Two", "Force", "Dismissed", "2022-03-31"],
]


def _count(
    rows: Sequence[Sequence[str]] = ROWS,
    columns: Sequence[CaseColumn] = COLUMNS,
    headings: Sequence[str] = HEADINGS,
    totals: Sequence[Mapping[str, str]] = (),
    **changes: Any,
) -> Counts:
    spec = Aggregate.model_validate({**SPEC, **changes})
    return aggregate(spec, columns, headings, enumerate(rows, 2), codes=CODES, totals=totals, secret=b"")


def _without(*names: str) -> list[CaseColumn]:
    """Return the columns, with these suppressed."""
    return [one._replace(name=None, is_suppressed=True) if one.name in names else one for one in COLUMNS]


def _shown(counts: Counts) -> dict[tuple[str, ...], int | None]:
    assert counts.faults == [], [one.refused.found for one in counts.faults]
    return {(*cell.codes.values(), cell.period.start, cell.period.end): cell.value for cell in counts.cells}


def _said(counts: Counts) -> list[tuple[str, str, int, int]]:
    return [(one.refused.code, one.refused.found, one.row, one.column) for one in counts.faults]


# Counting ---------------------------------------------------------------------------------------------------------


def test_rows_are_counted_by_code_and_year_and_parts_of_years_are_computed() -> None:
    counts = _count(columns=_without("case"), count="rows", totals=[{}, {"category": "theft"}, {"year": "2020"}])
    assert _shown(counts) == {
        ("use_of_force", "upheld", "2020-04", "2020-12"): 2,
        ("theft", "dismissed", "2021-01", ""): 2,  # two words of one code
        ("use_of_force", "dismissed", "2022-01", "2022-03"): 1,
    }
    assert (counts.totals, counts.rows) == ([5, 2, 2], 5)


def test_distinct_cells_are_counted_once_also_in_totals() -> None:
    counts = _count(totals=[{}, {"category": "use_of_force"}])
    assert _shown(counts)["use_of_force", "upheld", "2020-04", "2020-12"] == 1
    assert counts.totals == [4, 2]


def test_financial_years_begin_when_they_are_said_to() -> None:
    counts = _count(year={"of": "date", "start": "--04-01"})
    assert _shown(counts) == {
        ("use_of_force", "upheld", "2020-04", ""): 1,
        ("theft", "dismissed", "2021-04", ""): 2,
        ("use_of_force", "dismissed", "2021-04", ""): 1,
    }


def test_zeros_are_stated_within_what_the_file_covers() -> None:
    counts = _count(zeros="stated", year={"of": "date", "start": "--04-01"})
    assert len(counts.cells) == 2 * 2 * 2
    assert _shown(counts)["theft", "upheld", "2020-04", ""] == 0


def test_zeros_of_too_many_combinations_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aggregation, "MOST_COMBINATIONS", 7)
    [fault] = _count(zeros="stated", year={"of": "date", "start": "--04-01"}).faults
    assert fault.refused.found == "zeros are stated for 8 combinations: 2 of year, 2 of category, 2 of measure"


def test_without_years_the_period_is_all_that_the_file_covers() -> None:
    counts = _count(columns=_without("date"), year=None)
    assert _shown(counts)["theft", "dismissed", "2020-04", "2022-03"] == 2


@pytest.mark.parametrize(
    ("column", "cells", "century"),
    [
        (CaseColumn("date", ("received",), base="date", format="d/M/yyyy"), ("1/4/2020", "31/03/2022"), None),
        (CaseColumn("date", ("received",), base="dateTime"), ("2020-04-01T10:00:00", "2022-03-31T23:59:59Z"), None),
        (CaseColumn("date", ("received",), base="gYearMonth"), ("2020-04", "2022-03"), None),
        (CaseColumn("date", ("received",), base="gYear"), ("2020", "2022"), None),
        (CaseColumn("date", ("received",), format="([0-9]{2})-[0-9]{4}"), ("20-0001", "22-9999"), 2000),
        (CaseColumn("date", ("received",), format="[A-Z]+([0-9]{4})"), ("LOG2020", "LOG2022"), None),
    ],
)
def test_a_year_is_read_as_the_datatype_of_its_column_says(
    column: CaseColumn, cells: tuple[str, str], century: int | None
) -> None:
    rows = [[*ROWS[0][:4], cells[0]], [*ROWS[4][:4], cells[1]]]
    counts = _count(rows, [*COLUMNS[:-1], column], year={"of": "date", "century": century})
    assert [cell.period.start for cell in counts.cells] == ["2020-04", "2022-01"]


def test_rows_are_skipped_with_their_reason() -> None:
    skip = [{"where": {"category": ["Stealing"], "measure": "Dismissed"}, "reason": "They are counted elsewhere."}]
    counts = _count(skip=skip)
    assert _shown(counts)["theft", "dismissed", "2021-01", ""] == 1
    assert (counts.skipped, counts.rows) == ([1], 5)


def test_nothing_depends_on_the_order_of_rows() -> None:
    changes: dict[str, Any] = {
        "columns": _without("case"),
        "count": "rows",
        "suppress": {"below": 4},
        "zeros": "stated",
    }
    there, back = _count(ROWS * 3, **changes), _count(ROWS[::-1] * 3, **changes)
    assert there == back
    assert (there.small, there.complementary) == (1, 1)


def test_a_zero_hides_nothing() -> None:
    """Force is heard in the north alone: no 0 of it in the south may stand for the 2 that were upheld."""
    rows = [
        *[("Force", "north", "Dismissed")] * 14,
        *[("Force", "north", "Upheld")] * 2,
        *[("Theft", "south", "Upheld")] * 9,
        *[("Rudeness", "south", "Upheld")] * 25,
    ]
    by = ["category", "area", "measure"]
    suppress = {"below": 5, "totals": [["area"], ["measure"]]}
    spec = Aggregate.model_validate({"by": by, "covers": "2020/2021", "zeros": "stated", "suppress": suppress})
    columns, codes = [CaseColumn(name, (name,)) for name in by], {name: {} for name in by}
    for row in rows:
        for name, word in zip(by, row, strict=True):
            codes[name][word] = word.lower()
    for secret in SECRETS:
        [fault] = aggregate(spec, columns, by, enumerate(rows, 2), codes=codes, secret=secret).faults
        assert fault.refused.found.endswith("the first is of force, north, upheld")  # 16 of the north less the 14
    spec.suppress.totals.pop(0)
    for secret in SECRETS:
        shown = _shown(aggregate(spec, columns, by, enumerate(rows, 2), codes=codes, secret=secret))
        hidden = {key[:3] for key, value in shown.items() if value is None}
        assert ("force", "north", "upheld") in hidden
        assert not {("force", "south"), ("theft", "north"), ("rudeness", "north")} & {key[:2] for key in hidden}


def test_what_is_left_out_by_another_column_is_no_zero() -> None:
    skip = [{"where": {"date": ["2021-05-01", "2021-05-02"]}, "reason": "They were withdrawn."}]
    shown = _shown(_count(skip=skip, zeros="stated", columns=COLUMNS))
    assert ("theft", "dismissed", "2021-01", "") not in shown
    rows = [*ROWS, ["c5", "Planted Two", "Theft", "Upheld", "2020-06-01"]]
    shown = _shown(_count(rows, skip=skip, zeros="stated"))
    assert ("theft", "dismissed", "2021-01", "") not in shown
    assert shown["theft", "dismissed", "2020-04", "2020-12"] == 0


# What is wrong ----------------------------------------------------------------------------------------------------

NEW = [*HEADINGS, "officer_name"]
WRONG: dict[str, tuple[dict[str, Any], tuple[str, int, int]]] = {
    "a new column": (
        {"rows": [[*row, "Planted Three"] for row in ROWS], "headings": NEW},
        ("unnamed_column", 0, 6),
    ),
    "a column that moved is found, one that is gone is not": (
        {"rows": [row[:-1] for row in ROWS], "headings": HEADINGS[:-1]},
        ("missing_column", 0, 0),
    ),
    "a row of cells in place of the headings": (
        {"rows": ROWS[1:], "headings": ROWS[0]},
        ("no_heading", 0, 1),
    ),
    "a column twice": (
        {"rows": [[*row, "x"] for row in ROWS], "headings": [*HEADINGS, "case"]},
        ("duplicate_column", 0, 6),
    ),
    "a suppressed column in by": ({"by": ["category", "officer"]}, ("unknown_column", 0, 0)),
    "a suppressed column that is counted": ({"count": {"distinct": "officer"}}, ("unknown_column", 0, 0)),
    "a suppressed column in skip": (
        {"skip": [{"where": {"officer": "Planted One"}, "reason": "No."}]},
        ("unknown_column", 0, 0),
    ),
    "a column that nothing needs": ({"count": "rows"}, ("needless_column", 0, 0)),
    "a column read and suppressed": (
        {"columns": [*COLUMNS, CaseColumn(None, ("kind",), is_suppressed=True)]},
        ("named_twice", 0, 0),
    ),
    "two columns with titles of one": (
        {
            "columns": [one._replace(titles=("kind", "sort")) if one.name == "category" else one for one in COLUMNS],
            "rows": [[*row, "Planted Three"] for row in ROWS],
            "headings": [*HEADINGS, "sort"],
        },
        ("named_twice", 0, 0),
    ),
    "a row that is shifted": (
        {"rows": [*ROWS, ["c5", "Planted One", "x", "Force", "Upheld", "2021-01-01"]]},
        ("cell_count", 7, 0),
    ),
    "a suppressed cell in the place of a word": (
        {"rows": [*ROWS, ["c5", "", "Planted One", "Upheld", "2021-01-01"]]},
        ("unmapped_word", 7, 3),
    ),
    "a suppressed cell in the place of a date": (
        {"rows": [*ROWS, ["c5", "", "Force", "Upheld", "Planted One"]]},
        ("no_date", 7, 5),
    ),
    "an empty word": ({"rows": [*ROWS, ["c5", "Planted One", "", "Upheld", "2021-01-01"]]}, ("empty_cell", 7, 3)),
    "an empty cell that is counted": (
        {"rows": [*ROWS, ["", "Planted One", "Force", "Upheld", "2021-01-01"]]},
        ("empty_cell", 7, 1),
    ),
    "a year 2201": (
        {"rows": [*ROWS, ["c5", "Planted One", "Force", "Upheld", "2201-01-01"]]},
        ("outside_covers", 7, 5),
    ),
    "a day that there is not": (
        {"rows": [*ROWS, ["c5", "Planted One", "Force", "Upheld", "2021-02-30"]]},
        ("no_date", 7, 5),
    ),
    "headings alone": ({"rows": []}, ("no_rows", 0, 0)),
    "headings alone, where zeros are stated": ({"rows": [], "zeros": "stated"}, ("no_rows", 0, 0)),
    "rows that are all left out": (
        {"skip": [{"where": {"category": ["Force", "Theft", "Stealing"]}, "reason": "Not checked."}]},
        ("no_rows", 0, 0),
    ),
    "the headings again": ({"rows": [*ROWS, HEADINGS]}, ("unmapped_word", 7, 3)),
    "nothing to skip": (
        {"skip": [{"where": {"category": "Fraud"}, "reason": "There is none."}]},
        ("skips_nothing", 0, 0),
    ),
    "a total by nothing that is counted": ({"suppress": {"below": 5, "totals": ["area"]}}, ("unknown_column", 0, 0)),
    "a span that ends before it begins": ({"covers": "2022/2021"}, ("bad_period", 0, 0)),
    "a span that ends with the calendar": ({"covers": "9999-12/9999-12"}, ("bad_period", 0, 0)),
    "a number that cannot be hidden": ({"suppress": {"below": 5}}, ("cannot_be_hidden", 0, 0)),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_located_and_no_message_has_a_cell(case: str) -> None:
    changes, expected = WRONG[case]
    counts = _count(**changes)
    assert expected in [(code, row, column) for code, _, row, column in _said(counts)]
    assert not counts.cells
    said = repr((counts, [vars(one.refused) for one in counts.faults]))
    for planted in ("Planted", "c5", "2201"):
        assert planted not in said


def test_equal_mistakes_are_one_with_the_nearest_word() -> None:
    counts = _count([*ROWS, ["c5", "", "Thefts", "Upheld", "2021-01-01"], ["c6", "", "Thefts", "Upheld", "2021-01-01"]])
    (fault,) = counts.faults
    assert fault.refused.found == "in 2 rows: a word that the mapping does not have"
    assert fault.refused.near == ("Theft", ["Theft"])


def test_each_wrong_word_is_reported_at_its_place_up_to_some() -> None:
    words = ["Thefts", "Planted", "Thefts", *(f"Planted {n}" for n in range(25))]
    counts = _count([*ROWS, *(["c5", "", word, "Upheld", "2021-01-01"] for word in words)])
    told = [(fault.row, fault.refused.found) for fault in counts.faults]
    first = len(ROWS) + 2
    assert told[:2] == [
        (first, "in 2 rows: a word that the mapping does not have"),
        (first + 1, "in 1 row: a word that the mapping does not have"),
    ]
    assert len(told) == 21
    assert told[-1] == (first + 21, "in 7 rows: a word that the mapping does not have (one of 7 more)")
    assert "Planted" not in repr([vars(fault.refused) for fault in counts.faults])


def test_a_word_that_is_meant_is_looked_for_only_where_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    compared, close = list[str](), suggestions.get_close_matches

    def note(word: str, *rest: Any, **more: Any) -> list[str]:
        compared.append(word)
        return close(word, *rest, **more)

    monkeypatch.setattr(suggestions, "get_close_matches", note)
    counts = _count([*ROWS, *(["c5", "", f"Thefts {n}", "Upheld", "2021-01-01"] for n in range(1000))])
    assert [fault.refused.near for fault in counts.faults[:20]] == [("Theft", ["Theft"])] * 20
    assert (len(counts.faults), len(compared)) == (21, 20)


def test_a_year_without_a_century_says_so() -> None:
    column = CaseColumn("date", ("received",), format="([0-9]{2})-.*")
    counts = _count([[*row[:4], "21-0001"] for row in ROWS], [*COLUMNS[:-1], column], year={"of": "date"})
    (fault,) = counts.faults
    assert fault.refused.found == "in 5 rows: a year of two digits"
    assert fault.refused.allowed == "in aggregate: year, century: 2000"


# Hiding -----------------------------------------------------------------------------------------------------------


class Attacker:
    """Someone who has everything that is published, and knows which of the hidden numbers are more than 0."""

    def __init__(self, counts: Mapping[Key, int], hidden: set[Key], publics: Sequence[frozenset[int]]) -> None:
        self.hidden = sorted(hidden)
        self.least = [min(counts[key], 1) for key in self.hidden]
        equations = Counter[tuple[frozenset[int], tuple[str, ...]]]()
        members: dict[tuple[frozenset[int], tuple[str, ...]], list[int]] = {}
        for public in {frozenset[int](), *publics}:
            for number, key in enumerate(self.hidden):
                group = (public, tuple(key[part] for part in sorted(public)))
                members.setdefault(group, []).append(number)
                equations[group] += counts[key]
        self.equations = [(members[group], total) for group, total in equations.items()]

    def solved(self) -> set[int]:
        """Solve the published totals for the hidden numbers: return those that have only one solution."""
        width = len(self.hidden)
        rows = [[Fraction(int(n in group)) for n in range(width)] for group, _ in self.equations]
        reduced: list[tuple[int, list[Fraction]]] = []
        for pivot in range(width):
            row = next((row for row in rows if row[pivot]), None)
            if row is None:
                continue
            rows.remove(row)
            row = [value / row[pivot] for value in row]
            rows = [[a - other[pivot] * b for a, b in zip(other, row, strict=True)] for other in rows]
            reduced = [(at, [a - one[pivot] * b for a, b in zip(one, row, strict=True)]) for at, one in reduced]
            reduced.append((pivot, row))
        return {at for at, row in reduced if sum(map(bool, row)) == 1}

    def narrowed(self) -> list[tuple[int, int]]:
        """Narrow each number down by what the others can be at least and at most, until nothing changes."""
        low, high = list(self.least), [max(total for _, total in self.equations)] * len(self.hidden)
        for _ in range(100):
            before = (list(low), list(high))
            for group, total in self.equations:
                for n in group:
                    others = [m for m in group if m != n]
                    high[n] = min(high[n], total - sum(low[m] for m in others))
                    low[n] = max(low[n], total - sum(high[m] for m in others))
            if before == (low, high):
                break
        return list(zip(low, high, strict=True))

    def tables(self) -> Iterator[tuple[int, ...]]:
        """Yield every table that fits what is published."""
        values = [0] * len(self.hidden)
        left = [total for _, total in self.equations]
        of = [[e for e, (group, _) in enumerate(self.equations) if n in group] for n in range(len(values))]
        last = [{e for e in of[n] if max(self.equations[e][0]) == n} for n in range(len(values))]

        def fill(n: int) -> Iterator[tuple[int, ...]]:
            if n == len(values):
                yield tuple(values)
                return
            for value in range(self.least[n], min(left[e] for e in of[n]) + 1):
                if all(left[e] == value for e in last[n]):
                    for e in of[n]:
                        left[e] -= value
                    values[n] = value
                    yield from fill(n + 1)
                    for e in of[n]:
                        left[e] += value

        yield from fill(0)


@st.composite
def tables(draw: st.DrawFn, widest: int, highest: int) -> tuple[dict[Key, int], list[frozenset[int]], int]:
    """Make a table of up to three parts, the totals that are published of it, and a threshold."""
    sizes = draw(st.lists(st.integers(1, widest), min_size=1, max_size=3))
    keys: list[Key] = [()]
    for part, size in enumerate(sizes):
        keys = [(*key, f"{'abc'[part]}{n}") for key in keys for n in range(size)]
    numbers = st.one_of(st.just(0), st.integers(0, 4), st.integers(0, highest))
    counts = {key: draw(numbers) for key in keys}
    some = st.frozensets(st.integers(0, len(sizes) - 1), max_size=len(sizes) - 1)
    return counts, draw(st.lists(some, max_size=3)), draw(st.integers(2, 5))


@settings(deadline=None, max_examples=300)
@given(tables(widest=4, highest=60))
def test_no_hidden_number_can_be_computed_or_narrowed(table: tuple[dict[Key, int], list[frozenset[int]], int]) -> None:
    counts, publics, below = table
    hidden, unprotected = protect(counts, publics, below)
    assert {key for key, count in counts.items() if 0 < count < below} <= hidden
    assume(hidden and not unprotected)
    attacker = Attacker(counts, hidden, publics)
    assert attacker.solved() == set()
    for (low, high), key in zip(attacker.narrowed(), attacker.hidden, strict=True):
        assert low <= counts[key] <= high
        assert high - low + 1 >= below


@settings(deadline=None, max_examples=800)  # a quarter of them hide up to seven numbers
@given(tables(widest=3, highest=7))
def test_every_hidden_number_may_be_as_many_as_the_threshold(
    table: tuple[dict[Key, int], list[frozenset[int]], int],
) -> None:
    counts, publics, below = table
    hidden, unprotected = protect(counts, publics, below)
    if not 0 < len(hidden) <= 7 or unprotected:  # more would take too long, and of the others nothing is promised
        return
    attacker = Attacker(counts, hidden, publics)
    possible: list[set[int]] = [set() for _ in attacker.hidden]
    for tried, found in enumerate(attacker.tables()):
        for one, value in zip(possible, found, strict=True):
            one.add(value)
        if all(len(one) >= below for one in possible):
            break
        if tried >= 50_000:
            return
    assert all(len(one) >= below for one in possible), (counts, publics, below, hidden)


@settings(deadline=None, max_examples=300)
@given(tables(widest=4, highest=30), st.data())
def test_no_small_number_can_be_narrowed_that_is_left_out_or_beside_it(
    table: tuple[dict[Key, int], list[frozenset[int]], int], data: st.DataObject
) -> None:
    counts, publics, below = table
    left_out = data.draw(st.sets(st.sampled_from(sorted(counts)), min_size=1, max_size=4))
    shown = {key: Settled(1, shown=frozenset([count])) for key, count in counts.items() if count >= below}
    hidden, unprotected = protect(counts, publics, below, settled=shown, left_out=left_out)
    assert left_out <= hidden
    assume(not unprotected)
    attacker = Attacker(counts, hidden, publics)
    for (low, high), key in zip(attacker.narrowed(), attacker.hidden, strict=True):
        assert not 0 < counts[key] < below or high - low + 1 >= below


@given(tables(widest=4, highest=60))
def test_hiding_does_not_depend_on_the_order_of_the_numbers(
    table: tuple[dict[Key, int], list[frozenset[int]], int],
) -> None:
    counts, publics, below = table
    again = protect(dict(reversed(counts.items())), [*reversed(publics), *publics], below)
    assert again == protect(counts, publics, below)


class AttackerOfEditions(Attacker):
    """Someone who has two editions, and knows which of the hidden numbers are as they were, but not which are 0."""

    def __init__(
        self, editions: Sequence[tuple[Mapping[Key, int], set[Key]]], publics: Sequence[frozenset[int]]
    ) -> None:
        (first, was_hidden), (second, is_hidden) = editions
        same = {key for key in was_hidden & is_hidden if first[key] == second[key]}
        names = [("both" if key in same else "first", *key) for key in sorted(was_hidden)]
        names += [("second", *key) for key in sorted(is_hidden - same)]
        at = {name: number for number, name in enumerate(names)}
        self.hidden, self.least, self.equations = names, [0] * len(names), []
        for edition, (counts, hidden) in zip(("first", "second"), editions, strict=True):
            one = Attacker(counts, hidden, publics)
            places = [at.get((edition, *key), at.get(("both", *key), -1)) for key in one.hidden]
            self.equations += [([places[n] for n in group], total) for group, total in one.equations]


def _as_released(counts: Mapping[Key, int], hidden: set[Key]) -> dict[Key, Settled]:
    return {
        key: Settled(1, key in hidden, frozenset() if key in hidden else frozenset([count]))
        for key, count in counts.items()
    }


@settings(deadline=None, max_examples=500, suppress_health_check=[HealthCheck.filter_too_much])
@given(tables(widest=4, highest=20), st.data())
def test_no_hidden_number_can_be_computed_from_two_editions(
    table: tuple[dict[Key, int], list[frozenset[int]], int], data: st.DataObject
) -> None:
    """The second has further years, in which other numbers become small, and a few changes in the others."""
    second, publics, below = table
    years = data.draw(st.integers(1, 4))
    first = {key: count for key, count in second.items() if int(key[0][1:]) < years}
    assume(first)
    changed = data.draw(st.dictionaries(st.sampled_from(sorted(first)), st.integers(0, 20), max_size=2))
    first |= changed
    was_hidden, unprotected = protect(first, publics, below)
    assume(not unprotected)
    is_hidden, unprotected = protect(second, publics, below, settled=_as_released(first, was_hidden))
    assert was_hidden <= is_hidden
    assume(is_hidden and not unprotected)
    assert was_hidden == is_hidden & first.keys()
    here = {key: count for key, count in second.items() if key in first}
    totals = [Attacker(counts, was_hidden, publics).equations for counts in (first, here)]
    assume(all(now or not then for (_, then), (_, now) in zip(*totals, strict=True)))  # docs/decisions/0024
    attacker = AttackerOfEditions([(first, was_hidden), (second, is_hidden)], publics)
    numbers = [(second if edition == "second" else first)[tuple(key)] for edition, *key in attacker.hidden]
    assert not any(numbers[at] for at in attacker.solved())  # where all are 0, their total says so
    assert all(low < high or not number for (low, high), number in zip(attacker.narrowed(), numbers, strict=True))
    both = _as_released(first, was_hidden) | {
        key: one._replace(release=2) for key, one in _as_released(second, is_hidden).items() if key not in first
    }
    assert protect(second, publics, below, settled=both) == (is_hidden, [])  # as verify counts it once it is released


@settings(deadline=None, max_examples=800, suppress_health_check=[HealthCheck.filter_too_much])
@given(tables(widest=3, highest=7), st.integers(1, 2))
def test_every_number_that_a_further_year_hides_may_be_as_many_as_the_threshold(
    table: tuple[dict[Key, int], list[frozenset[int]], int], years: int
) -> None:
    """Also for somebody who knows that nothing else has changed since, and which of the hidden numbers are more than 0:
    they have both editions, so that of each total they know what came since.
    """
    second, publics, below = table
    first = {key: count for key, count in second.items() if int(key[0][1:]) < years}
    was_hidden, unprotected = protect(first, publics, below)
    assume(first and not unprotected)
    is_hidden, unprotected = protect(second, publics, below, settled=_as_released(first, was_hidden))
    assume(was_hidden != is_hidden and len(is_hidden) <= 9 and not unprotected)
    attacker = AttackerOfEditions([(first, was_hidden), (second, is_hidden)], publics)
    attacker.least = [min(second[tuple(key)], 1) for _, *key in attacker.hidden]
    possible: list[set[int]] = [set() for _ in attacker.hidden]
    for found in islice(attacker.tables(), 50_000):
        for one, value in zip(possible, found, strict=True):
            one.add(value)
        if all(len(one) >= below for one in possible):
            return
    assume(next(islice(attacker.tables(), 50_000, None), None) is None)  # more would take too long
    narrow = {(*key,) for (_, *key), one in zip(attacker.hidden, possible, strict=True) if len(one) < below}
    assert not narrow, (first, second, publics, below, is_hidden)


def test_what_a_release_settled_stays_although_another_number_would_hide_less() -> None:
    first: dict[Key, int] = {("2020", "rude"): 7, ("2020", "force"): 90_000, ("2020", "theft"): 3}
    hidden, _ = protect(first, [frozenset({0})], 5)
    assert hidden == {("2020", "rude"), ("2020", "theft")}
    second = first | {("2020", "rude"): 90_000, ("2020", "force"): 6}
    assert protect(second, [frozenset({0})], 5, settled=_as_released(first, hidden)) == (hidden, [])
    for theft in (0, 6, 90_000):
        second["2020", "theft"] = theft
        assert protect(second, [frozenset({0})], 5, settled=_as_released(first, hidden))[0] == hidden
    second |= {("2020", "rude"): 0, ("2020", "theft"): 3}  # 3 is all that is hidden
    assert protect(second, [frozenset({0})], 5, settled=_as_released(first, hidden))[1] == [("2020", "theft")]


def test_a_number_of_a_settled_year_that_becomes_small_is_refused() -> None:
    first: dict[Key, int] = {("2020", "rude"): 7, ("2020", "force"): 8, ("2020", "theft"): 6}
    second = first | {("2020", "theft"): 3}  # with the totals, 21 and 18, anybody can compute it
    settled = _as_released(first, set())
    assert protect(second, [frozenset({0})], 5, settled=settled)[1] == [("2020", "theft")]
    assert protect(second | {("2020", "rude"): 9}, [frozenset({0})], 5, settled=settled)[1] == [("2020", "theft")]
    ended = {key: Settled(1) for key in first}  # with its year, so that nobody is told whether the others are as before
    assert protect(second, [frozenset({0})], 5, settled=ended, left_out=first)[1] == []


def test_what_is_left_out_hides_only_what_else_is_left_out_or_was_hidden() -> None:
    """Of 28 cases, 10 are shown: what is left is theft and rudeness, and rudeness was 15 in a release."""
    counts = {("2020", "rudeness"): 15, ("2020", "force"): 10, ("2020", "theft"): 3}
    year, shown = [frozenset([0])], {("2020", "force"): Settled(1, shown=frozenset([10]))}
    for values, wrong in (((), []), ((15,), [("2020", "theft")])):
        settled = shown | {key: Settled(1, shown=frozenset(values)) for key in counts if key not in shown}
        hidden, unprotected = protect(counts, year, 5, settled=settled, left_out=counts.keys() - shown.keys())
        assert (hidden, unprotected) == (counts.keys() - shown.keys(), wrong)


def test_a_second_number_goes_where_a_total_would_give_the_first_away_mostly_the_lesser() -> None:
    counts: dict[Key, int] = {("2020", "force"): 3, ("2020", "theft"): 9, ("2020", "fraud"): 40, ("2021", "force"): 50}
    found = Counter[Key]()
    for secret in SECRETS:
        hidden, unprotected = protect(counts, [frozenset({0})], 5, secret=secret)
        assert (len(hidden), unprotected) == (2, [])
        found.update(hidden)
    assert found.keys() == {("2020", "force"), ("2020", "theft"), ("2020", "fraud")}
    assert found["2020", "theft"] > 2 * found["2020", "fraud"]


def test_whoever_has_the_program_and_not_the_file_learns_little_from_what_it_chose() -> None:
    """They try which tables that fit it would hide so. Were the choice not drawn, one of 32 would remain here."""
    rows = {"2020": (1, 40, 28), "2021": (32, 4, 9)}
    counts = {(year, f"kind {n}"): count for year, row in rows.items() for n, count in enumerate(row)}
    publics = [frozenset({0}), frozenset({1})]
    for secret in SECRETS[:2]:
        hidden, unprotected = protect(counts, publics, 5, secret=secret)
        assert unprotected == []
        attacker = Attacker(counts, hidden, publics)
        possible = {key: set[int]() for key in attacker.hidden if counts[key] < 5}
        for found in attacker.tables():
            tried = counts | dict(zip(attacker.hidden, found, strict=True))
            if all(tried[key] in values for key, values in possible.items()):
                continue
            if any(protect(tried, publics, 5, secret=one) == (hidden, []) for one in SECRETS[:20]):
                for key, values in possible.items():
                    values.add(tried[key])
            if all(len(values) >= 5 for values in possible.values()):
                break
        assert len(possible) == 2
        assert all(len(values) >= 5 for values in possible.values()), possible


def test_a_table_of_thousands_of_small_numbers_by_three_columns_is_hidden_at_once() -> None:
    """5,000 numbers of which nearly all are small, with the totals by each two columns: it took minutes."""
    drawn = Random(6)
    drawing = [drawn.choices(range(size), [1 / (n + 1) for n in range(size)], k=8_839) for size in (10, 100, 18)]
    counts: Counter[Key] = Counter((f"{2012 + a}", f"{b:03}", f"{c:02}") for a, b, c in zip(*drawing, strict=True))
    publics = [frozenset(some) for some in ((0, 1), (0, 2), (1, 2))]
    hidden, unprotected = protect(counts, publics, 5)
    assert {key for key, count in counts.items() if count < 5} <= hidden
    assert len(counts) > 3_000
    assert 0 < len(unprotected) < len(hidden)


def test_what_costs_more_than_the_best_that_was_found_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of a thousand numbers may be hidden with any of a thousand cubes: it took minutes, for four columns of twelve."""
    drawn, looked_at, choose = Random(5), Counter[str](), aggregation._Bucket.choose
    counts: Counter[Key] = Counter(
        tuple(f"{name}{code}" for name, code in zip("abcd", drawn.choices(range(6), k=4), strict=True))
        for _ in range(6_000)
    )

    def count_and_choose(bucket: Any, *asked: Any) -> Any:
        looked_at["corners"] += 1
        return choose(bucket, *asked)

    monkeypatch.setattr(aggregation._Bucket, "choose", count_and_choose)
    hidden, unprotected = protect(counts, [frozenset(range(4)) - {part} for part in range(4)], 3)
    assert (len(counts), len(hidden), unprotected) == (1_282, 728, [])
    assert looked_at["corners"] < 100_000


def test_what_takes_too_many_tries_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The totals by each two of three parts need a third word: without one, nothing is tried."""
    counts = {(f"a{a}", f"b{b}", "c"): 1 if (a + b) % 10 == 0 else 7 for a in range(60) for b in range(60)}
    publics = [frozenset(some) for some in ((0, 1), (0, 2), (1, 2))]
    monkeypatch.setattr(aggregation, "MOST_CUBES", 1_000)
    assert protect(counts, publics, 5)[1]
    with pytest.raises(aggregation.TooManyCubes):
        protect(counts, [frozenset([0]), frozenset([1])], 5)
    rows = [
        ["c", "p", "Force" if n % 2 else "Theft", "Upheld" if n % 3 else "Dismissed", "2021-05-01"] for n in range(9)
    ]
    monkeypatch.setattr(aggregation, "MOST_CUBES", 1)
    totals = {"below": 3, "totals": ["category", "measure"]}
    (fault,) = _count(rows, _without("case"), count="rows", suppress=totals).faults
    assert fault.refused.found == "its numbers can be hidden in too many ways: more than 1 were tried"


def test_two_small_numbers_do_not_protect_each_other_if_their_total_is_small() -> None:
    counts: dict[Key, int] = {("2020", "force"): 1, ("2020", "theft"): 1, ("2020", "fraud"): 40}
    assert protect(counts, [frozenset({0})], 5) == ({*counts}, [])
    alone: dict[Key, int] = {("2020", "force"): 1, ("2020", "theft"): 1}
    assert protect(alone, [frozenset({0})], 5)[1] == sorted(alone)


def test_crossed_totals_hide_a_rectangle() -> None:
    counts: dict[Key, int] = {
        (year, kind): 20 for year in ("2020", "2021", "2022") for kind in ("force", "theft", "fraud")
    }
    counts["2020", "force"] = 2
    hidden, unprotected = protect(counts, [frozenset({0}), frozenset({1})], 5)
    assert unprotected == []
    assert ("2020", "force") in hidden
    assert hidden == {*product({year for year, _ in hidden}, {kind for _, kind in hidden})}
    assert len(hidden) == 4


def test_distinct_cells_never_exceed_the_total_that_is_published() -> None:
    counts: dict[Key, int] = {("2020", "force"): 2, ("2020", "theft"): 10}
    assert protect(counts, [frozenset({0})], 5)[1] == []
    total = dict.fromkeys(counts, 10)  # ten cases, two of them of both kinds: theft cannot be more than it is
    assert protect(counts, [frozenset({0})], 5, total) == ({("2020", "force"), ("2020", "theft")}, [])
    assert protect(counts, [frozenset({0})], 5, dict.fromkeys(counts, 5))[1] == [("2020", "force")]


def test_distinct_cells_add_up_along_a_part_of_which_each_has_one_word() -> None:
    """A case is of one year: of 41, at least 40 are of 2020, so that 2021 has one."""
    rows = [
        [f"c{n}", "", kind, "Upheld", "2020-05-01"]
        for n in range(40)
        for kind in (["Force", "Theft"] if n < 20 else ["Force"])
    ]
    rows.append(["c40", "", "Theft", "Upheld", "2021-05-01"])
    (fault,) = _count(rows, suppress={"below": 5}).faults
    assert fault.refused.found.endswith("the first is of 2021, theft, upheld")
    more = [[f"d{n}", "", "Force", "Upheld", "2021-05-01"] for n in range(30)]
    assert _shown(_count([*rows, *more], suppress={"below": 5}))["theft", "upheld", "2021-01", ""] is None


def test_a_total_of_distinct_cells_is_the_sum_of_those_by_what_each_has_one_word_of() -> None:
    """Of 10 cases of theft 9 at least are of 2021, so that 2020 has one."""
    rows = [["a0", "", "Theft", "Upheld", "2020-05-01"]]
    for n in range(9):
        rows += [
            [f"b{n}", "", "Theft", outcome, "2021-05-01"]
            for outcome in (["Upheld", "Dismissed"] if n < 7 else ["Upheld"])
        ]
    rows += [[f"c{n}", "", "Force", "Upheld", f"202{n % 2}-06-01"] for n in range(60)]
    (fault,) = _count(rows, suppress={"below": 5, "totals": ["category"]}).faults
    assert "the first is of 2020, theft, upheld" in fault.refused.found


def test_distinct_cells_add_up_to_what_each_has_one_word_of_within_another_part() -> None:
    """Of 31 people, each of one kind in a year, 30 are of force in 2021, so that theft has one."""
    people = [f"c{n}" for n in range(31)]
    kinds = {("2020", "Force"): people[:20], ("2020", "Theft"): people[20:27]}
    kinds |= {("2021", "Force"): people[:30], ("2021", "Theft"): people[30:]}
    rows = [[one, "", kind, "Upheld", f"{year}-05-01"] for (year, kind), of in kinds.items() for one in of]
    counts = _count(rows, suppress={"below": 5})
    assert counts.faults == []
    hidden = {(key[0], key[2]) for key, value in _shown(counts).items() if value is None}
    assert hidden == {("use_of_force", "2021-01"), ("theft", "2021-01")}


def test_what_was_settled_is_hidden_beneath_the_totals_that_it_had() -> None:
    """One case of 2022 has two kinds: of 2020 and 2021 nothing has changed, each case of which has one."""
    rows = [
        [f"{year}{kind}{n}", "", kind, "Upheld", f"{year}-05-01"]
        for year, kind, number in (
            ("2020", "Theft", 2),
            ("2020", "Force", 60),
            ("2021", "Theft", 7),
            ("2021", "Force", 70),
        )
        for n in range(number)
    ]
    first = Aggregate.model_validate(
        {**SPEC, "by": ["category"], "covers": "2020-01/2021-12", "suppress": {"below": 5}}
    )
    columns = _without("measure")
    one = aggregate(first, columns, HEADINGS, enumerate(rows, 2), codes=CODES, secret=b"")
    assert sum(cell.value is None for cell in one.cells) == 2
    released = Released([(cell, 1) for cell in one.cells], [(first, 1)])
    rows += [[f"2022{kind}{n}", "", kind, "Upheld", "2022-05-01"] for kind in ("Theft", "Force") for n in range(60)]
    rows.append(["2022Theft1", "", "Force", "Upheld", "2022-05-01"])
    spec = first.model_copy(update={"covers": "2020-01/2022-12"})
    two = aggregate(spec, columns, HEADINGS, enumerate(rows, 2), codes=CODES, released=released, secret=b"")
    assert two.faults == []
    assert sum(cell.value is None for cell in two.cells) == 2


def test_what_was_settled_of_distinct_cells_is_within_its_year() -> None:
    """Of 10 cases of theft, 9 at least are of 2021, so that 2020 has one, however many 2021 hides."""
    both = [[f"b{n}", "", "Theft", outcome, "2021-05-01"] for n in range(7) for outcome in ("Upheld", "Dismissed")]
    rows = [*both, *([f"u{n}", "", "Theft", "Upheld", "2021-05-01"] for n in range(2))]
    rows += [[f"c{n}", "", "Force", "Upheld", f"202{n % 2}-06-01"] for n in range(60)]
    before = [[f"d{n}", "", "Theft", "Dismissed" if n < 9 else "Upheld", "2020-05-01"] for n in range(11)]
    spec = Aggregate.model_validate({**SPEC, "suppress": {"below": 5, "totals": ["category"]}})
    first = aggregate(spec, COLUMNS, HEADINGS, enumerate([*rows, *before], 2), codes=CODES, secret=b"").cells
    hidden = {("2020-04", "theft", "upheld"), ("2020-04", "theft", "dismissed"), ("2021-01", "theft", "dismissed")}
    said = (one._replace(value=None) if (one.period.start, *one.codes.values()) in hidden else one for one in first)
    released = Released([(cell, 1) for cell in said], [(spec, 1)])
    after = [*rows, ["e0", "", "Theft", "Upheld", "2020-05-01"]]
    (fault,) = aggregate(
        spec, COLUMNS, HEADINGS, enumerate(after, 2), codes=CODES, released=released, secret=b""
    ).faults
    assert "the first is of 2020, theft, upheld" in fault.refused.found


@pytest.mark.parametrize(
    ("first", "second", "of"),
    [
        ({"Force": range(40)}, {"Force": range(40), "Theft": [40]}, "2021, theft"),
        ({"Force": range(3), "Theft": [40]}, {"Force": range(11)}, "2020, theft"),
    ],
)
def test_what_came_since_is_no_more_than_the_new_cells(first, second, of) -> None:
    """Each is of one kind, in one year or in both. Of 41, or 12, in all, 40 or 11 are of force: one is left."""
    rows = [
        [[str(one), "", kind, "Upheld", f"{year}-05-01"] for kind, ones in of_year.items() for one in ones]
        for year, of_year in ((2020, first), (2021, second))
    ]
    spec = Aggregate.model_validate({**SPEC, "by": ["category"], "covers": "2020-01/2020-12", "suppress": {"below": 2}})
    columns = _without("measure")
    one = aggregate(spec, columns, HEADINGS, enumerate(rows[0], 2), codes=CODES, secret=b"")
    assert one.faults == []
    later = spec.model_copy(update={"covers": "2020-01/2021-12"})
    both, released = enumerate([*rows[0], *rows[1]], 2), Released([(cell, 1) for cell in one.cells], [(spec, 1)])
    (fault,) = aggregate(later, columns, HEADINGS, both, codes=CODES, released=released, secret=b"").faults
    assert fault.refused.found.endswith(f"the first is of {of}")


# The real file ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not TABLES.is_dir(), reason="needs the published tables, which are not part of the project")
def test_the_published_totals_of_philadelphia_come_out() -> None:
    with (TABLES / "philadelphia-findings.csv").open(encoding="utf-8", newline="") as file:
        headings, *rows = csv.reader(file)
    never = ("officer_id", "po_race", "po_sex", "po_assigned_unit")
    words = {place: {row[place] for row in rows} - {"#VALUE!"} for place in (5, 6, 7)}  # which no mapping has

    def count(outcome: int, totals: Sequence[Mapping[str, str]]) -> Counts:
        other = 13 - outcome
        columns = [
            CaseColumn("complaint", ("complaint_id",), format="^([0-9]{2})-[0-9]{4}$"),
            CaseColumn("category", ("allegations_investigated",)),
            CaseColumn("measure", (headings[outcome],)),
            *(CaseColumn(None, (title,), is_suppressed=True) for title in (*never, headings[other])),
        ]
        spec = Aggregate.model_validate(
            {
                "by": ["category", "measure"],
                "year": {"of": "complaint", "century": 2000},
                "covers": "2016-01/2021-03",
                "zeros": "stated",
                "skip": [{"where": {"measure": "#VALUE!"}, "reason": "A spreadsheet failed."}],
                "suppress": {"below": 5, "totals": ["year", "measure"]},
            }
        )
        codes = {"category": {word: word for word in words[5]}, "measure": {word: word for word in words[outcome]}}
        return aggregate(spec, columns, headings, enumerate(rows, 2), codes=codes, totals=totals, secret=b"")

    years = {"2016": 1560, "2017": 1622, "2018": 1752, "2019": 2257, "2020": 1525, "2021": 123}
    findings = {"No Sustained Findings": 6107, "Sustained Finding": 1925, "Pending": 611, "Not Applicable": 194}
    disciplinary = {
        "Not Applicable": 6318,
        "Pending": 1606,
        "Training/Counseling": 722,
        "Guilty Finding": 147,
        "No Guilty Findings": 44,
    }
    for outcome, published in ((6, findings), (7, disciplinary)):
        totals = [*({"measure": word} for word in published), *({"year": year} for year in years), {}]
        counts = count(outcome, totals)
        assert counts.faults == []
        assert (counts.rows, counts.skipped) == (8839, [2])  # `#VALUE!`: one in 2019, and one in 2020
        assert counts.known == 2  # as all that is beside them was published
        assert counts.totals == [*published.values(), *years.values(), 8839]
        assert not {cell.value for cell in counts.cells} & {1, 2, 3, 4}
        assert not {word for row in rows[:500] for word in row[1:2] if word != "NA"} & set(repr(counts).split("'"))


def test_the_same_numbers_are_hidden_as_ever():
    """What is imported and not released yet is verified by hiding again: a faster program must hide the very same."""
    found = []
    for table in range(40):
        drawn = hashlib.blake2b(bytes([table]), digest_size=60).digest()
        keys = list(product("ab", "abc", "abcde"))
        counts = {key: byte % (9, 40)[table % 2] for key, byte in zip(keys, drawn, strict=False)}
        publics = [[], [frozenset({0})], [frozenset({0}), frozenset({1, 2})], [frozenset({0, 1}), frozenset({2})]]
        highest = dict(zip(keys, drawn[30:], strict=True)) if table % 3 == 0 else None
        settled = {key: Settled(1, bool(n % 3), frozenset({3})) for n, key in enumerate(keys[: table % 5 * 3])}
        found.append(
            protect(counts, publics[table % 4], 2 + table % 4, highest, settled=settled, secret=bytes([table]))
        )
    assert (sum(len(hidden) for hidden, _ in found), sum(len(unprotected) for _, unprotected in found)) == (424, 130)
    written = repr([(sorted(hidden), unprotected) for hidden, unprotected in found])
    assert (
        hashlib.sha256(written.encode()).hexdigest()
        == "5c093c90eb8e1de2cbc1e26da5080018294826b771b48c13bc489d777cf23afd"
    )
