"""What a chart says as a whole: title, subtitle, notes, source, and the alternative text with every figure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from misconduct.charts.choose import Chart, Plan
from misconduct.charts.entries import Entry, Panel
from misconduct.model import wording
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row

NONE = (wording.PHRASES["gap"]["not_counted"], wording.PHRASES["gap"]["none_so_far"])
"""Why a year has no figure because there is nothing to count."""

MAX_SOURCES = 3
"""Sources that the source line names."""


def make_title(chart: Chart, plan: Plan) -> str:
    """Return the editor's title, or what is counted and where."""
    if chart.title:
        return chart.title
    catalogue = chart.view.catalogue
    entries = plan.wholes[-1:] if plan.form == "divided" else plan.entries
    rows = [entry.row for entry in entries]
    counted = _name_counted(rows, catalogue)
    if chart.subject and not counted:
        return chart.subject
    what = counted or chart.topic
    if plan.is_ranking:
        years = _different(wording.period_label(row) for row in rows)
        return ", ".join([f"{what} by force", *years[: len(years) == 1]])
    areas = _different(row["area"] for row in rows if row["area"] not in wording.UNKNOWN)
    return f"{what}, {catalogue.label('area', areas[0])}" if len(areas) == 1 else what


def _name_counted(rows: Sequence[Row], catalogue: Catalogue) -> str | None:
    """Return what all figures count: the heading of their table, or kind of misconduct and what is counted of it."""
    statements = _different(wording.statement(row, catalogue) for row in rows)
    kinds = _different(wording.kind(row, catalogue) for row in rows)
    if heading := _table_heading(rows):
        return heading
    if len(statements) > 1 or (len(kinds) > 1 and not statements[0]):
        return None
    if len(kinds) == 1 and kinds[0]:
        return wording.capitalise(": ".join(filter(None, (kinds[0], wording.lower(statements[0])))))
    return statements[0] or None


def _table_heading(rows: Sequence[Row]) -> str | None:
    """Return the source's words for what all figures count, if they are the heading of a table."""
    counted = _different(row["counted"] or "" for row in rows)
    is_heading = len(counted) == 1 and " … " not in counted[0]
    return counted[0] if is_heading and all((row["at"] or "").startswith("cell=") for row in rows) else None


def make_subtitle(chart: Chart, plan: Plan, title: str) -> str:
    """Return the editor's subtitle, or the unit, the time and the date of publication that all figures share."""
    if chart.title or plan.form == "number":
        return chart.subtitle or ""
    rows, catalogue = [entry.row for entry in plan.entries], chart.view.catalogue
    units = _different(wording.unit_in_words(row, catalogue) for row in rows)
    periods = _different(wording.period_label(row) for row in rows) if not plan.panels else []
    times = _different(row["stock_or_flow"] or "" for row in rows)
    dates = _different(wording.published(chart.view.source(row)) for row in rows)
    origin = "as printed in" if any(row["printed"] for row in rows) else "counted from a file of"
    said = [
        *(unit for unit in units if len(units) == 1 and unit.lower() not in title.lower() and unit != "People"),
        *(period for period in periods if len(periods) == 1 and period and period not in title),
        *(["at one time"] if times == ["stock"] else []),
        *(f"{origin} {date}" for date in dates if len(dates) == 1 and date != "undated" and date not in title),
    ]
    return wording.capitalise(", ".join(said))


def make_notes(chart: Chart, plan: Plan) -> str:
    """Return the editor's note, and what a reader must know of the marks and of what is not shown."""
    entries = plan.entries
    marks = {entry.mark for entry in entries} if plan.form not in ("number", "numbers") else set()
    parts = _different(wording.part_of_year(entry.row) for entry in entries if entry.row["coverage"] == "part")
    covered = _different(slot.covered for panel in plan.panels for slot in panel.slots if slot.covered)
    scales = {panel.scale for panel in plan.panels} | {group.unit for group in plan.groups if plan.form == "bars"}
    of_years = ", including other years" if plan.is_ranking and chart.series else ""
    more = f"… and {plan.hidden:,} more {'figure' if plan.hidden == 1 else 'figures'}{of_years}."
    recorded = [entry.row["measure"] == "recorded" for entry in entries]
    notes = {
        more: plan.hidden > 0,
        f"{plan.repeated} repeated {'claim is' if plan.repeated == 1 else 'claims are'} left out.": plan.repeated > 0,
        chart.note or "": True,
        _warn_of_sums(plan): not chart.note,
        "The source does not say whether these are accusations or findings.": all(recorded) and not chart.note,
        "Hollow: an estimate, or a number with a hedge.": "hollow" in marks,
        "Arrow: the words give only a bound.": "bound" in marks and plan.form != "timeline",
        f"Dashed: part of a year ({'; '.join(parts)}).": "part" in marks and bool(parts),
        _warn_of_changes(entries, is_dashed="part" in marks): True,
        _explain_hatching(plan): True,
        " ".join(covered): True,
        f"Each {'panel' if plan.panels else 'unit'} has its own scale.": len(scales) > 1 and plan.form != "grid",
    }
    return " ".join(note for note, applies in notes.items() if note and applies)


def _warn_of_changes(entries: Sequence[Entry], *, is_dashed: bool) -> str:
    """Return which years, or which numbers without a year, may still change; nothing if all are final."""
    names = sorted({entry.row["year"] or entry.shown for entry in entries if entry.is_provisional})
    return f"{'Dashed: ' if is_dashed else ''}{wording.join(names)} may still change." if names else ""


def _explain_hatching(plan: Plan) -> str:
    """Return why years have no figure, and for which of them that does not mean zero."""
    reasons = _different(slot.reason for panel in plan.panels for slot in panel.slots if slot.reason)
    none, others = [each for each in reasons if each in NONE], [each for each in reasons if each not in NONE]
    said = [" or ".join(none)] if none else []
    said += [f"{' or '.join(others)}, which does not mean zero"] if others else []
    return f"Hatched: {'; '.join(said)}." if said else ""


def _warn_of_sums(plan: Plan) -> str:
    """Return what is wrong with adding up figures of one scale; nothing if they may be added."""
    if plan.form in ("number", "divided"):
        return ""
    for group in plan.groups:
        rows = [entry.row for entry in group.entries]
        ids = {row["id"] for row in rows}
        if any(ids.intersection(row["within"]) for row in rows):
            return "Some of these figures are parts of others, so do not add them."
    columns = ("measure", "category", "population", "counting_unit", "stock_or_flow")
    rows = [entry.row for entry in plan.entries]
    if any(len({row[name] for row in rows}) > 1 for name in columns):
        return "These figures count different things, so do not add them."
    return ""


def source_line(chart: Chart, plan: Plan) -> str:
    """Return who published the figures and when, the release, and the licences that the sources state."""
    rows, catalogue = [entry.row for entry in plan.entries], chart.view.catalogue
    voices = {wording.voice(row, catalogue) for row in rows}
    years = defaultdict[str, set[str]](set)
    for row in rows:
        source = chart.view.source(row)
        name = wording.voice(row, catalogue) if len(voices) == 1 else wording.publisher(source)
        years[name].add((source.get("published") or "")[: len("2024")])
    named = [f"{name}, {_range(sorted(found))}" for name, found in years.items()]
    if len(named) > MAX_SOURCES:
        named[MAX_SOURCES - 1 :] = [f"{len(named) - MAX_SOURCES + 1} others"]
    said = [f"Source: {'; '.join(named)}.", f"Misconduct Register, release {chart.view.release}."]
    if licences := find_licences(chart, plan):
        said.append(f"Licence: {', '.join(licences)}.")
    return " ".join(said)


def _range(years: list[str]) -> str:
    first, last = min(filter(None, years), default="undated"), max(years)
    return first if last in ("", first) else f"{first}–{last[2:]}"


def find_licences(chart: Chart, plan: Plan) -> list[str]:
    """Return the licences that the sources of the figures state, if they do."""
    licences = (chart.view.source(entry.row).get("licence") for entry in plan.entries)
    return _different(licence for licence in licences if licence)


def describe(title: str, subtitle: str, plan: Plan, notes: str) -> str:
    """Return the chart in words, with every figure."""
    said = [title, subtitle]
    said += ["; ".join(filter(None, (panel.name, panel.detail, *_describe_years(panel)))) for panel in plan.panels]
    for heading, entries in [("", plan.wholes), *((group.heading, group.entries) for group in plan.groups)]:
        said.append(": ".join(filter(None, (heading, "; ".join(_in_words(entry, plan) for entry in entries)))))
    sentences = filter(None, (*said, notes))
    return " ".join(text if text.endswith((".", "?", "!")) else f"{text}." for text in sentences)


def _describe_years(panel: Panel) -> Iterator[str]:
    """Yield each year with its figure, and each run of years without one, with the reason."""
    for reason, run in groupby(panel.slots, key=lambda slot: slot.reason):
        slots = list(run)
        if reason:
            yield f"{slots[0].year}–{slots[-1].year}: {reason}" if slots[1:] else f"{slots[0].year}: {reason}"
        yield from (f"{slot.year}: {slot.entry.shown}" for slot in slots if slot.entry)


def _in_words(entry: Entry, plan: Plan) -> str:
    """Return a figure and what it is; in a timeline also who stated it."""
    named = ", ".join(filter(None, (entry.name, entry.what, entry.detail if plan.form == "timeline" else "")))
    return f"{named}: {entry.shown}" if named else entry.shown


def list_metadata(chart: Chart, plan: Plan) -> dict[str, str]:
    """Return where the figures are from, by terms of Dublin Core; the licence only if a source states one."""
    sources = _different(wording.publisher(chart.view.source(entry.row)) for entry in plan.entries)
    terms = {
        "publisher": f"Misconduct Register, release {chart.view.release}",
        "identifier": chart.address,
        "source": "; ".join(sources),
        "rights": "; ".join(find_licences(chart, plan)),
    }
    return {name: text for name, text in terms.items() if text}


def _different(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
