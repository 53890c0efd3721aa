"""Name figures as charts show them: each beside the others, and series as lines of years."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from misconduct.model import wording
from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import Year
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import PROSE, Row
from misconduct.model.likeness import OF_SERIES
from misconduct.model.series import Gap, Series, find_work

BETWEEN_PIECES = " … "  # of a table's words: its heading, and the labels of a row and a column
ERROR = re.compile(r"#[A-Z0/]+[!?]?")  # what a spreadsheet shows instead of a label that it cannot compute


@dataclass(frozen=True)
class Entry:
    """A figure as a chart shows it; in a list, the `depth` of a part is 1, and of a part of it 2."""

    row: Row
    shown: str
    name: str = ""
    what: str = ""
    detail: str = ""
    depth: int = 0

    @property
    def reach(self) -> float:
        return find_reach(self.row) or 0

    @property
    def mark(self) -> Literal["accent", "hollow", "part", "none"]:
        """Return how it is drawn: filled, hollow if its number is hedged or only a bound, or not at all."""
        length = find_reach(self.row)
        if length is None or length < 0:
            return "none"
        if self.row["coverage"] == "part" or self.row["mark"] == "provisional":
            return "part"
        return "accent" if self.row["qualifier"] in ("exact", None) else "hollow"

    def __str__(self) -> str:
        """Return it in words: Kent Police, 2019/20: 3."""
        named = ", ".join(filter(None, (self.name, self.what, self.detail)))
        return f"{named}: {self.shown}" if named else self.shown


@dataclass(frozen=True)
class Slot:
    """A year of a line: its figure, or why there is none; neither if its source is not about the year."""

    year: str
    entry: Entry | None
    reason: str


@dataclass(frozen=True)
class Line:
    """A series by year: columns, or a row of a table. `window` is what its source adds up."""

    key: Row
    name: str
    slots: Sequence[Slot]
    window: Entry | None

    @property
    def of_years(self) -> list[Entry]:
        """Return its figures of years, oldest first."""
        return [slot.entry for slot in self.slots if slot.entry]

    @property
    def entries(self) -> list[Entry]:
        return [*self.of_years, *([self.window] if self.window else [])]

    @property
    def total(self) -> str:
        """Return what its source prints for the whole window: 900 in 2014–2023."""
        return f"{self.window.shown} in {self.window.what}" if self.window else ""

    @property
    def newest(self) -> float:
        """Return its number for the newest whole year; -1 without one."""
        return next((entry.reach for entry in reversed(self.of_years) if entry.row["coverage"] != "part"), -1.0)


def find_reach(row: Row) -> float | None:
    """Return how far a figure reaches on its scale; None if it has neither a number nor a bound."""
    known = [row[name] for name in ("value", "value_high", "value_low") if row[name] is not None]
    return float(known[0]) * (100 if row["unit"] == "proportion" else 1) if known else None


def find_scale(row: Row, view: ReleaseView) -> tuple[object, ...]:
    """Return what figures share that may stand on one scale."""
    return find_work(row["source"], view.source(row)), row["counting_unit"], row["unit"], row["statistic"], row["per"]


def find_origin(row: Row, view: ReleaseView) -> tuple[object, ...]:
    """Return what figures share that one source prints of one place."""
    return find_work(row["source"], view.source(row)), row["area"]


def compared_by_area(row: Row, view: ReleaseView) -> tuple[object, ...]:
    """Return what is the same of figures of which only the areas differ."""
    area = view.catalogue.label("area", row["area"])
    words = [piece for piece in (row["counted"] or "").split(BETWEEN_PIECES) if not area.startswith(piece)]
    return (*words, *(row[name] for name in OF_SERIES if name != "area"))


def find_country(areas: Collection[str], view: ReleaseView) -> str | None:
    """Return which of several areas includes most of them, as a country does its forces."""
    inside = view.catalogue.findable("area")
    return next((one for one in areas if 2 * len({*inside.get(one, ())}.intersection(areas)) > len(areas) > 1), None)


def is_of_table(row: Row) -> bool:
    """Tell whether a figure is printed in a table, or was counted from a file."""
    return bool(row["read_from"] not in PROSE)


def name_entries(rows: Sequence[Row], view: ReleaseView, others: Sequence[Row] = ()) -> list[Entry]:
    """Name the figures of a list by all that differs; many places first by the place."""
    facts = _find_facts([*rows, *others], view)
    order = ["words", "kind", "area", "period", "unit"]
    if len({one["area"] for one in facts}) > len({one["words"] for one in facts}):
        order.sort(key=lambda name: name != "area")
    details = [wording.publication(row, view.catalogue) for row in (*rows, *others)]
    differ = len(set(details)) > 1  # else the source line says it
    found = []
    for row, one, detail, parts in zip(rows, facts, details, _tell_apart(facts, order), strict=False):
        alone = [wording.quote(row["counted"]) if row["counted"] else "", one["period"]]  # the title says the rest
        name, *more = parts or alone
        what, shown = ", ".join(filter(None, more)), wording.show_number(row, view.catalogue)
        found.append(Entry(row, shown, wording.capitalise(name), what, detail if differ else ""))
    return found


def make_lines(
    series: Sequence[Series], years: Sequence[Year], view: ReleaseView, rows: Sequence[Row], others: Sequence[Row]
) -> list[Line]:
    """Return series as lines of years, named by as little as tells them apart and from others."""
    ids, facts = {row["id"] for row in rows}, _find_facts([*(one.key for one in series), *others], view)
    for one in facts:
        one["words"] = ": ".join(filter(None, (one["words"], wording.lower(one["kind"]))))
    names: list[str] = []
    for size in range(2 if others else 1, 5):
        parts = _tell_apart(facts, ("area", "words", "unit", "source")[:size])
        names = [wording.capitalise(": ".join(part)) for part in parts[: len(series)]]
        if len({*names}) == len(names):
            break
    return [_make_line(one, name, years, view.catalogue, ids) for one, name in zip(series, names, strict=True)]


def trim(lines: Sequence[Line], *, to_figures: bool = False) -> list[Line]:
    """Return lines from the first to the last year that any of them is about, or has a figure of."""
    slots = zip(*(line.slots for line in lines), strict=True)
    used = [any(slot.entry or (slot.reason and not to_figures) for slot in year) for year in slots]
    first, end = used.index(True), len(used) - used[::-1].index(True)
    return [replace(line, slots=line.slots[first:end]) for line in lines]


def share_words(rows: Sequence[Row]) -> tuple[list[str], list[str]]:
    """Return the words of tables that all figures share, and those that each has alone."""
    pieces = [(row["counted"] or "").split(BETWEEN_PIECES) if is_of_table(row) else [] for row in rows]
    shared = [piece for piece in (pieces or [[]])[0] if piece and all(piece in others for others in pieces)]
    own = [", ".join(dict.fromkeys(_read(piece) for piece in found if piece not in shared)) for found in pieces]
    return [*map(_read, shared)], own


def _read(piece: str) -> str:
    return f"error in the file ({piece})" if ERROR.fullmatch(piece) else piece.replace("_", " ")


def _find_facts(rows: Sequence[Row], view: ReleaseView) -> list[dict[str, str]]:
    """Return what can tell figures apart, in the words of a table or of the register."""
    areas = ["" if (code := row["area"]) in wording.UNKNOWN else view.catalogue.label("area", code) for row in rows]
    unknown = "force not stated" if len({*areas} - {""}) == 1 else ""
    return [
        {
            "words": ("" if area.startswith(own) else own) if is_of_table(row) else name_counted(row, view),
            "kind": "" if is_of_table(row) else wording.kind_or_quote(row, view.catalogue),
            "area": area or unknown,
            "period": wording.period_label(row),
            "unit": wording.lower(wording.unit_in_words(row, view.catalogue)) if is_of_table(row) else "",
            "source": wording.name_source(view.source(row)),
        }
        for row, own, area in zip(rows, share_words(rows)[1], areas, strict=True)
    ]


def name_counted(row: Row, view: ReleaseView) -> str:
    """Return what a figure counts by its codes; nothing if these count others, too."""
    return "" if row["fit"] == "close" and row["counted"] else wording.statement(row, view.catalogue)


def _tell_apart(facts: Sequence[dict[str, str]], names: Sequence[str]) -> list[list[str]]:
    used = [name for name in names if len({one[name] for one in facts}) > 1]
    return [[one[name] for name in used if one[name]] for one in facts]


def name_gap(gap: Gap, catalogue: Catalogue) -> str:
    """Return why a year has no number; nothing if its source is not about the year."""
    if gap.code == "outside_window":
        return ""
    return wording.lower(wording.PHRASES["gap"].get(gap.code) or catalogue.label(gap.codelist, gap.code))


def _make_line(series: Series, name: str, years: Sequence[Year], catalogue: Catalogue, ids: Collection[str]) -> Line:
    def enter(row: Row) -> Entry:
        return Entry(row, wording.show_number(row, catalogue), name, wording.period_label(row))

    gaps, slots, window = series.gaps(years), [], series.window
    for year in reversed(years):
        row = series.find(year)
        entry = enter(row) if row and find_reach(row) is not None else None
        slots.append(Slot(year.label, entry, "" if entry else name_gap(gaps[year.label], catalogue)))
    return Line(series.key, name, slots, enter(window) if window and window["id"] in ids else None)
