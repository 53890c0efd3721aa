"""Make lines of figures by year, or by day, and name them by as little as tells them apart."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from misconduct.charts.entries import (
    Entry,
    find_facts,
    find_pieces,
    find_reach,
    share_words,
    show_number,
    tell_apart,
)
from misconduct.model import wording
from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import Year
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.likeness import OF_SERIES
from misconduct.model.series import Gap, Series, find_work, month_of

SUMS = ("total", "grand total")
"""Words of a table that are no name of what it counts."""


@dataclass(frozen=True)
class Slot:
    """A year, or a day, of a line: its figure, or why there is none; neither if its source is not about it."""

    year: str
    entry: Entry | None
    reason: str


@dataclass(frozen=True)
class Line:
    """A series by year, oldest first: columns, a line, or a row of a table below a `heading`.

    `window` is what its source adds up. A total includes other lines beside it, and the `depth` of what is in two of
    them is 1. `month` is that in which its years begin; its figures are of days if there is none.
    """

    key: Row
    slots: Sequence[Slot]
    window: Entry | None = None
    month: int | None = None
    name: str = ""
    heading: str = ""
    is_total: bool = False
    depth: int = 0

    @property
    def of_years(self) -> list[Entry]:
        """Return its figures of years, oldest first."""
        return [slot.entry for slot in self.slots if slot.entry]

    @property
    def entries(self) -> list[Entry]:
        return [*self.of_years, *([self.window] if self.window else [])]

    @property
    def total(self) -> str:
        """Return what its source prints for the whole window: 900 between 2014 and 2023."""
        return f"{self.window.shown} {wording.when_of_figure(self.window.row)}" if self.window else ""

    @property
    def newest(self) -> float:
        """Return its number for the newest whole year that will not change; -1 without one."""
        drawn = reversed(self.of_years)
        return next((one.reach for one in drawn if one.mark != "part"), -1.0)

    @property
    def full_name(self) -> str:
        return ": ".join(filter(None, (self.heading, self.name)))


def make_lines(
    series: Sequence[Series], years: Sequence[Year], rows: Sequence[Row], catalogue: Catalogue
) -> Iterator[Line]:
    """Yield series as lines of the years that begin in the same month as theirs."""
    ids = {row["id"] for row in rows}
    for one in series:
        for month in sorted({*map(month_of, one.years.values())}):
            of_month = [year for year in reversed(years) if year.first.month == month]
            gaps, slots = one.gaps(of_month), []
            for year in of_month:
                row = one.find(year)
                entry = _enter(row, catalogue) if row and find_reach(row) is not None else None
                slots.append(Slot(year.label, entry, "" if entry else name_gap(gaps[year.label], catalogue)))
            window = _enter(one.window, catalogue) if one.window and one.window["id"] in ids else None
            if any(slot.entry for slot in slots):
                yield Line(one.key, slots, window, month)


def join_series(rows: Sequence[Row], view: ReleaseView) -> list[Series]:
    """Return figures with the same codes as series, whichever document has each; none if a year has two of them."""
    found = defaultdict[tuple[object, ...], dict[str, Row]](dict)
    for row in rows:
        found[tuple(row[name] for name in OF_SERIES)][row["year"]] = row | {"is_found": True}
    is_by_year = all(row["year"] for row in rows) and sum(map(len, found.values())) == len(rows)
    sources = view.catalogue.of_kind("source")
    return [Series([*of_years.values()], sources) for of_years in found.values()] if is_by_year else []


def make_day_lines(rows: Sequence[Row], view: ReleaseView) -> list[Line]:
    """Return lines of what one source counted on several days, such as a workforce."""
    found, of_days = defaultdict[tuple[object, ...], dict[date, Row]](dict), [row for row in rows if _is_of_day(row)]
    for skip in (1, 0):  # of one publisher, whatever the title of each table, unless two of them have the same day
        found.clear()
        for row in of_days:
            source, pieces = view.source(row), find_pieces(row)
            work = wording.publisher(source) if skip else find_work(row["source"], source)
            found[work, *(pieces[skip:] or pieces), *(row[name] for name in OF_SERIES)][row["period_start"]] = row
        if sum(map(len, found.values())) == len(of_days):
            break
    several = [by_day for by_day in found.values() if len(by_day) > 1]
    days = sorted({day for by_day in several for day in by_day})
    return [_join_days(by_day, {day: f"{day:%b} {day:%Y}" for day in days}, view) for by_day in several]


def _is_of_day(row: Row) -> bool:
    is_day = row["period_start"] and row["period_start"] == row["period_end"] and row["dated_by"] == "source"
    return bool(is_day and row["stock_or_flow"] == "stock" and not row["year"] and find_reach(row) is not None)


def _join_days(found: Mapping[date, Row], labels: Mapping[date, str], view: ReleaseView) -> Line:
    """Return a line of figures, with a slot for each of the days of all lines."""
    slots = [
        Slot(label, _enter(found[one], view.catalogue) if one in found else None, "") for one, label in labels.items()
    ]
    return Line(found[max(found)], slots)


def _enter(row: Row, catalogue: Catalogue) -> Entry:
    return Entry(row, show_number(row, catalogue), what=wording.period_label(row))


def name_gap(gap: Gap, catalogue: Catalogue) -> str:
    """Return why a year has no number; nothing if its source is not about the year."""
    if gap.code == "outside_window":
        return ""
    return wording.lower(wording.PHRASES["gap"].get(gap.code) or catalogue.label(gap.codelist, gap.code))


def trim(lines: Sequence[Line]) -> list[Line]:
    """Return lines from the first to the last year that any of them has a figure of."""
    used = [any(slot.entry for slot in year) for year in zip(*(line.slots for line in lines), strict=True)]
    first, end = used.index(True), len(used) - used[::-1].index(True)
    return [replace(line, slots=line.slots[first:end]) for line in lines]


def name_lines(lines: Sequence[Line], others: Sequence[Row], view: ReleaseView) -> tuple[str, list[Line]]:
    """Return the heading of a block, which tells it from other figures, and its lines with their names.

    Lines of several places and kinds stand below a heading for each place, or each kind if there are more places.
    """
    keys = [line.key for line in lines]
    facts = find_facts(keys, view)
    pairs: list[tuple[str, str]] = []
    for size in range(2, 7):
        parts = tell_apart(facts, ("words", "kind", "quote", "unit", "category", "source")[:size])
        names = [wording.capitalise(", ".join(map(wording.lower, part))) for part in parts]
        if any(names):
            names = [name or one["rest"] for name, one in zip(names, facts, strict=True)]
        pairs = _head([one["area"] for one in facts], names)
        if len({*pairs}) == len(pairs):
            break
    named = [_name(line, *pair) for line, pair in zip(lines, pairs, strict=True)]
    return _name_block(keys, others, view), named


def _name_block(keys: Sequence[Row], others: Sequence[Row], view: ReleaseView) -> str:
    """Return what all series of a block are, and not all other figures."""
    if not others:
        return ""
    facts, of_all = find_facts([*keys, *others], view), share_words([*keys, *others])[0]
    new = [word for word in share_words(keys)[0] if word not in of_all and word.lower() not in SUMS]
    is_counted = keys[0]["basis"] == "derived"  # else the first may be the name of a table
    shared = [", ".join(new if is_counted else new[-1:])]
    for name in ("area", "words", "kind", "source"):
        own = {one[name] for one in facts[: len(keys)]}
        is_said = shared[0] if name == "words" else name == "source" and any(shared)
        if len(own) == 1 < len({one[name] for one in facts}) and not is_said:
            shared += own
    return ": ".join(wording.capitalise(one) for one in (*shared[1:2], shared[0], *shared[2:]) if one)


def _name(line: Line, heading: str, name: str) -> Line:
    """Return a line with its name, which its figures have, too."""
    full = ": ".join(filter(None, (heading, name)))
    slots = [replace(slot, entry=slot.entry and replace(slot.entry, name=full)) for slot in line.slots]
    window = line.window and replace(line.window, name=full)
    return replace(line, heading=heading, name=name, slots=slots, window=window)


def _head(areas: Sequence[str], names: Sequence[str]) -> list[tuple[str, str]]:
    """Return for each line the heading that it stands below, and its name there."""
    if len({*areas}) > 1:
        if len({*names}) == 1:
            return [("", area) for area in areas]
        if len({*areas}) > len({*names}):
            return [(name, area) for name, area in zip(names, areas, strict=True)]
        return [(area, name) for area, name in zip(areas, names, strict=True)]
    firsts = [name.partition(", ")[0] for name in names]
    several = Counter(firsts)
    if len(several) < len(firsts) and max(several.values()) > 1 and "" not in several:
        return [
            (first, wording.capitalise(name.removeprefix(first).lstrip(",: ") or "total"))
            if several[first] > 1 and len(several) > 1 else ("", name)
            for first, name in zip(firsts, names, strict=True)
        ]  # fmt: skip
    return [("", name) for name in names]
