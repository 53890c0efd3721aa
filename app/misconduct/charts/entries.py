"""Figures as charts show them: each with its name beside the others, and series as panels of years."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from misconduct.model import wording
from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import Year
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.series import CODES, Gap, Series

Mark = Literal["accent", "hollow", "part", "bound", "none"]


@dataclass(frozen=True)
class Entry:
    """A figure as a chart shows it: the number, its mark, and what it is beside the others."""

    row: Row
    shown: str
    name: str = ""
    what: str = ""
    detail: str = ""

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
    """A year of a panel: its figure, or why there is none.

    A series of 2019 to 2021 has neither for 2022. If it was counted from a file, `covered` says for which years.
    """

    year: str
    entry: Entry | None
    reason: str = ""
    covered: str | None = None


@dataclass(frozen=True)
class Panel:
    """A series by year. Panels with the same `scale` share it."""

    name: str
    detail: str
    slots: Sequence[Slot]
    window: Entry | None
    scale: tuple[object, ...]

    @property
    def entries(self) -> list[Entry]:
        """Its figures: those of years, oldest first, and then that of the whole window."""
        return [entry for entry in (*(slot.entry for slot in self.slots), self.window) if entry]


def find_reach(row: Row) -> float | None:
    """Return how far a figure reaches on its scale; None if it has neither a number nor a bound."""
    known = [row[name] for name in ("value", "value_high", "value_low") if row[name] is not None]
    return float(known[0]) * (100 if row["unit"] == "proportion" else 1) if known else None


def make_entry(row: Row, view: ReleaseView, name: str = "", what: str = "", detail: str = "") -> Entry:
    """Return a figure with its number as printed, or why it has none."""
    is_absent = find_reach(row) is None
    shown = view.catalogue.label("value_absent", row["value_absent"]) if is_absent else wording.quote_number(row)
    return Entry(row, shown, name, what, detail)


def name_entries(
    rows: Sequence[Row], view: ReleaseView, beside: Sequence[Row] = (), *, is_of_years: bool = False
) -> list[Entry]:
    """Name figures by what differs between them, and between them and others `beside` them.

    Series (`is_of_years`) are named by the kind of misconduct first.
    """
    parts = [_name_parts(row, view.catalogue, is_of_years=is_of_years) for row in (*rows, *beside)]
    if len({part[2] for part in parts} - {""}) == 1:  # the title names the only area
        parts = [(*part[:2], "" if part[2] else "force not stated", *part[3:]) for part in parts]
    differing = [place for place, values in enumerate(zip(*parts, strict=True)) if len(set(values)) > 1]
    details = [wording.publication(row, view.catalogue) for row in rows]
    if len(set(details)) == 1:  # the source line says it
        details = [""] * len(rows)
    found = []
    for row, part, detail in zip(rows, parts, details, strict=False):
        name, *more = [part[place] for place in differing if part[place]] or [part[0] or part[1]]
        found.append(make_entry(row, view, wording.capitalise(name), ", ".join(more), detail))
    return found


def _name_parts(row: Row, catalogue: Catalogue, *, is_of_years: bool) -> tuple[str, ...]:
    """Return what can tell a figure, or a series, from others, in the order in which it names it."""
    counted, category = wording.lower(wording.statement(row, catalogue)), wording.kind_or_quote(row, catalogue)
    area = "" if row["area"] in wording.UNKNOWN else catalogue.label("area", row["area"])
    return (category, counted, area) if is_of_years else (counted, category, area, wording.period_label(row))


def make_panels(
    series: Sequence[Series], years: Sequence[Year], view: ReleaseView, rows: Sequence[Row], beside: Sequence[Row]
) -> list[Panel]:
    """Return the panels of series, with windows that are among the rows. `beside` are figures that are in no panel."""
    names = name_entries([one.key for one in series], view, beside, is_of_years=True)
    same, ids = Counter(named.name for named in names), {row["id"] for row in rows}
    is_alone = len(series) == 1 and not beside
    return [_make_panel(*both, years, view, ids, same, is_alone) for both in zip(series, names, strict=True)]


def _make_panel(
    series: Series,
    named: Entry,
    years: Sequence[Year],
    view: ReleaseView,
    ids: Collection[str],
    same: Counter[str],
    is_alone: bool,
) -> Panel:
    unit = wording.unit_in_words(series.key, view.catalogue).lower() or "unit not stated"
    window = None
    if series.window and series.window["id"] in ids:
        window = make_entry(series.window, view, named.name, wording.period_label(series.window))
    name, more = named.name, named.what
    if same[name] > 1:
        name, more = f"{name}: {more or unit}", ""
    details = [f"{window.shown} in {window.what}" if window else "", unit if unit not in more else "", more]
    heading = "" if is_alone and not name.startswith("“") else name
    slots = _make_slots(series, years, view)
    return Panel(heading, ", ".join(filter(None, details)), slots, window, compared_by_area(series.key))


def _make_slots(series: Series, years: Sequence[Year], view: ReleaseView) -> list[Slot]:
    """Return the years of a series, oldest first; for one without years, those that there are."""
    has_slash = any("/" in label for label in series.years or [year.label for year in years])
    own = [year for year in reversed(years) if ("/" in year.label) == has_slash]
    gaps, slots = series.gaps(own), []
    for year in own:
        row, gap = series.years.get(year.label), gaps.get(year.label)
        if row and find_reach(row) is not None:
            slots.append(Slot(year.label, make_entry(row, view, what=wording.period_label(row))))
        elif gap and gap.code == "outside_window":
            slots.append(Slot(year.label, None, covered=gap.detail if series.is_counted else None))
        else:
            slots.append(Slot(year.label, None, _explain(gap, view.catalogue) if gap else ""))
    return slots


def _explain(gap: Gap, catalogue: Catalogue) -> str:
    return wording.PHRASES["gap"].get(gap.code) or wording.lower(catalogue.label(gap.codelist, gap.code))


def compared_by_area(row: Row) -> tuple[object, ...]:
    """Return what is the same of figures of which only the areas differ."""
    return (row["counted"], *(row[name] for name in CODES if name != "area"))
