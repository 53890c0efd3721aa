"""Figures as charts show them: each with its name beside the others, and series as panels of years."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from misconduct.charts import words
from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import Year
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.series import CODES, Gap, Series

REASONS = {
    "not_stated": "no figure printed",
    "not_counted": "none in the file",
    "none_so_far": "none in the file so far",
    "filtered_out": "not chosen",
    "window_undated": "may not be covered",
    "withheld": "publication refused",
}
"""Why a year has no figure, in few words; other reasons have their label."""


@dataclass(frozen=True)
class Entry:
    """A figure as a chart shows it: the number, its mark, and what it is beside the others."""

    row: Row
    shown: str
    mark: words.Mark
    name: str
    what: str
    detail: str

    @property
    def reach(self) -> float:
        """How far its mark reaches on the scale."""
        return words.reach(self.row) or 0


@dataclass(frozen=True)
class Slot:
    """A year of a panel: its figure, or why there is none; neither if the series is not about the year.

    `covered` says which years a file covers, if not this one.
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


def make_entry(row: Row, view: ReleaseView, name: str = "", what: str = "", detail: str = "") -> Entry:
    """Return a figure with its number as printed."""
    return Entry(row, words.shown(row, view.catalogue), words.mark(row), name, what, detail)


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
    details = [words.publication(row, view) for row in rows]
    if len(set(details)) == 1:  # the source line says it
        details = [""] * len(rows)
    found = []
    for row, part, detail in zip(rows, parts, details, strict=False):
        name, *more = [part[place] for place in differing if part[place]] or [part[0] or part[1]]
        found.append(make_entry(row, view, words.capitalise(name), ", ".join(more), detail))
    return found


def _name_parts(row: Row, catalogue: Catalogue, *, is_of_years: bool) -> tuple[str, ...]:
    """Return what can tell a figure, or a series, from others, in the order in which it names it."""
    counted, category = words.lower(words.statement(row, catalogue)), words.category(row, catalogue)
    area = "" if row["area"] in words.UNKNOWN else catalogue.label("area", row["area"])
    return (category, counted, area) if is_of_years else (counted, category, area, words.period(row))


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
    unit = words.unit_words(series.key, view.catalogue).lower() or "unit not stated"
    window = None
    if series.window and series.window["id"] in ids:
        window = make_entry(series.window, view, named.name, words.period(series.window))
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
        if row and words.reach(row) is not None:
            slots.append(Slot(year.label, make_entry(row, view, what=words.period(row))))
        elif gap and gap.code == "outside_window":
            slots.append(Slot(year.label, None, covered=gap.detail if series.is_counted else None))
        else:
            slots.append(Slot(year.label, None, _explain(gap, view.catalogue) if gap else ""))
    return slots


def _explain(gap: Gap, catalogue: Catalogue) -> str:
    return REASONS.get(gap.code) or words.lower(catalogue.label(gap.codelist, gap.code))


def compared_by_area(row: Row) -> tuple[object, ...]:
    """Return what is the same of figures of which only the areas differ."""
    return (row["counted"], *(row[name] for name in CODES if name != "area"))
