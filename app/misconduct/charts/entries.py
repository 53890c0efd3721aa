"""Figures as charts show them: each with its name beside the others, and series as lines of years."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from misconduct.model import wording
from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import Year
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.series import CODES, Series, find_work

Mark = Literal["accent", "hollow", "part", "bound", "none"]

BETWEEN_PIECES = " … "
"""Stands between the pieces of a table's words: its heading, and the labels of a row and a column."""


@dataclass(frozen=True)
class Entry:
    """A figure as a chart shows it: the number, its mark, and what it is beside the others.

    A part stands below its whole, which is in the same list: its `depth` is 1, and that of a part of it 2.
    """

    row: Row
    shown: str
    name: str = ""
    what: str = ""
    detail: str = ""
    depth: int = 0

    @property
    def reach(self) -> float:
        """Return how far its mark reaches on the scale: to its number, or to the bound that its words give."""
        return find_reach(self.row) or 0

    @property
    def mark(self) -> Mark:
        """Return how it is drawn: filled, hollow if its number is hedged, up to a bound, or not at all."""
        length = find_reach(self.row)
        if length is None or length < 0:
            return "none"
        if self.row["coverage"] == "part":
            return "part"
        if self._opens:
            return "bound"
        if self.is_provisional:
            return "part"
        return "accent" if self.row["qualifier"] in ("exact", None) else "hollow"

    @property
    def opens(self) -> int:
        """Return 1 if it is drawn up to a bound and may be higher, -1 if it may be lower, and else 0."""
        return self._opens if self.mark == "bound" else 0

    @property
    def _opens(self) -> int:
        return (self.row["value_low"] is not None) - (self.row["value_high"] is not None)

    @property
    def is_provisional(self) -> bool:
        """Tell whether the number may still change."""
        return bool(self.row["mark"] == "provisional")


@dataclass(frozen=True)
class Slot:
    """A year of a line: its figure, or why there is none.

    A series of 2019 to 2021 has neither for 2022. If it was counted from a file, `covered` says for which years.
    """

    year: str
    entry: Entry | None
    reason: str = ""
    covered: str | None = None


@dataclass(frozen=True)
class Line:
    """A series by year: a column for each year, a line, or a row of a table."""

    key: Row
    name: str
    slots: Sequence[Slot]
    window: Entry | None

    @property
    def entries(self) -> list[Entry]:
        """Its figures: those of years, oldest first, and then that of the whole window."""
        return [entry for entry in (*(slot.entry for slot in self.slots), self.window) if entry]

    @property
    def total(self) -> str:
        """Return what its source prints for the whole window: 900 in 2014–2023."""
        return f"{self.window.shown} in {self.window.what}" if self.window else ""

    @property
    def newest(self) -> float:
        """Return its number for the newest whole year; -1 without one."""
        whole = (slot.entry for slot in reversed(self.slots) if slot.entry and slot.entry.row["coverage"] != "part")
        return next((entry.reach for entry in whole), -1.0)


def find_reach(row: Row) -> float | None:
    """Return how far a figure reaches on its scale; None if it has neither a number nor a bound."""
    known = [row[name] for name in ("value", "value_high", "value_low") if row[name] is not None]
    return float(known[0]) * (100 if row["unit"] == "proportion" else 1) if known else None


def find_scale(row: Row, view: ReleaseView) -> tuple[object, ...]:
    """Return what figures share that may stand on one scale: source, counting unit, unit and kind of number."""
    return find_work(row["source"], view.source(row)), row["counting_unit"], row["unit"], row["statistic"]


def make_entry(row: Row, view: ReleaseView, name: str = "", what: str = "", detail: str = "") -> Entry:
    """Return a figure with its number as printed, or why it has none; a star marks one that its publisher revised."""
    is_absent = find_reach(row) is None
    shown = view.catalogue.label("value_absent", row["value_absent"]) if is_absent else wording.quote_number(row)
    return Entry(row, f"{shown}*" if row["mark"] == "revised" else shown, name, what, detail)


def name_entries(rows: Sequence[Row], view: ReleaseView, others: Sequence[Row] = ()) -> list[Entry]:
    """Name the figures of a list by what differs between them, and between them and others in the same picture."""
    parts = [_name_parts(row, view.catalogue) for row in (*rows, *others)]
    if len({part[2] for part in parts} - {""}) == 1:  # the title names the only area
        parts = [(*part[:2], "" if part[2] else "force not stated", *part[3:]) for part in parts]
    differing = [place for place, values in enumerate(zip(*parts, strict=True)) if len(set(values)) > 1]
    details = [wording.publication(row, view.catalogue) for row in (*rows, *others)]
    if len(set(details)) == 1:  # the source line says it
        details = [""] * len(details)
    found = []
    for row, part, detail in zip(rows, parts, details, strict=False):
        name, *more = [part[place] for place in differing if part[place]] or [part[0] or part[1]]
        found.append(make_entry(row, view, wording.capitalise(name), ", ".join(more), detail))
    same, words = Counter((entry.name, entry.what) for entry in found), _find_own_words(rows)
    return [
        replace(one, what=", ".join(filter(None, (own, one.what))))
        if same[one.name, one.what] > 1 or one.row["counting_unit"] == "other"
        else one
        for one, own in zip(found, words, strict=True)
    ]


def _find_own_words(rows: Sequence[Row]) -> list[str]:
    """Return the words of tables that not all figures share, with spaces for the underscores of files."""
    pieces = [(row["counted"] or "").split(BETWEEN_PIECES) if is_of_table(row) else [] for row in rows]
    shared = set[str]().union(*pieces).intersection(*pieces)
    return [", ".join(piece.replace("_", " ") for piece in of_one if piece not in shared) for of_one in pieces]


def _name_parts(row: Row, catalogue: Catalogue) -> tuple[str, ...]:
    """Return what can tell a figure from others, in the order in which it names it."""
    counted, category = wording.lower(wording.statement(row, catalogue)), wording.kind_or_quote(row, catalogue)
    return counted, category, _name_area(row, catalogue), wording.period_label(row)


def _name_area(row: Row, catalogue: Catalogue) -> str:
    return "" if row["area"] in wording.UNKNOWN else catalogue.label("area", row["area"])


def make_lines(
    series: Sequence[Series], years: Sequence[Year], view: ReleaseView, rows: Sequence[Row], others: Sequence[Row]
) -> list[Line]:
    """Return series as lines of years, oldest first, each with its window if that is among the rows."""
    ids, names = {row["id"] for row in rows}, _name_series([one.key for one in series], view, others)
    return [_make_line(one, name, years, view, ids) for one, name in zip(series, names, strict=True)]


def _name_series(found: Sequence[Row], view: ReleaseView, others: Sequence[Row]) -> list[str]:
    """Name series by what differs between them: the area, the table's words without those that all share, the codes.

    Beside others in the same picture, the area is not enough.
    """
    catalogue, keys = view.catalogue, [*found, *others]
    parts = [
        (
            _name_area(key, catalogue),
            text or ("" if is_of_table(key) else wording.statement_and_kind(key, catalogue)),
            wording.unit_in_words(key, catalogue),
            wording.name_source(view.source(key)),
        )
        for key, text in zip(keys, _find_own_words(keys), strict=True)
    ]
    for size in (1, 2, 3, 4)[bool(others) :]:
        used = [place for place in range(size) if len({part[place] for part in parts}) > 1]
        names = [": ".join(part[place] for place in used if part[place]) for part in parts]
        if len({*names[: len(found)]}) == len(found):
            break
    return [wording.capitalise(name) for name in names[: len(found)]]


def is_of_table(row: Row) -> bool:
    """Tell whether a figure is printed in a table, or was counted from a file."""
    return not row["printed"] or (row["at"] or "").startswith("cell=")


def _make_line(series: Series, name: str, years: Sequence[Year], view: ReleaseView, ids: Collection[str]) -> Line:
    gaps, slots = series.gaps(years), []
    for year in reversed(years):
        row, gap = series.years.get(year.label), gaps.get(year.label)
        if row and find_reach(row) is not None:
            slots.append(Slot(year.label, make_entry(row, view, what=wording.period_label(row))))
        elif gap and gap.code == "outside_window":
            slots.append(Slot(year.label, None, covered=gap.detail if series.is_counted else None))
        else:
            label = gap and (wording.PHRASES["gap"].get(gap.code) or view.catalogue.label(gap.codelist, gap.code))
            slots.append(Slot(year.label, None, wording.lower(label or "")))
    is_found = bool(series.window and series.window["id"] in ids)
    window = series.window if is_found else None
    total = make_entry(window, view, name, wording.period_label(window)) if window else None
    return Line(series.key, name, slots, total)


def compared_by_area(row: Row) -> tuple[object, ...]:
    """Return what is the same of figures of which only the areas differ."""
    return (row["counted"], *(row[name] for name in CODES if name != "area"))
