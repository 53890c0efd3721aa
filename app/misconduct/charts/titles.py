"""Say what a chart is called, where it is from, and what it shows in words."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from urllib.parse import unquote

from misconduct.charts.choose import Chart, Plan
from misconduct.charts.entries import BETWEEN_PIECES, Line, find_country, is_of_table, name_counted, share_words
from misconduct.charts.notes import make_notes
from misconduct.model import wording
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row

NAME, LICENCE = "Misconduct Register", "CC BY 4.0"

MAX_SOURCES, MAX_PLACES, MAX_DESCRIBED = 3, 3, 10
"""Sources and places that are named, and figures that the alternative text has."""

ITS_FORCES = " and its forces"

MAX_STAGES, SEVERAL_STAGES = 2, "accusations and outcomes"
"""Measures that a title names, and what it calls more of them: it never says that there was misconduct."""

PENDING = ("under_investigation", "under_review")
"""The measures of what is not over: a file of cases has them by year of complaint."""


class Words(NamedTuple):
    """The words of a picture around its figures."""

    title: str
    subtitle: str
    notes: str
    source: str


def find_words(plan: Plan) -> Words:
    """Return what a picture says around its figures; the editor's words, if it has some."""
    chart = plan.chart
    title = chart.title or _make_title(plan)
    subtitle = chart.subtitle or "" if chart.title else _make_subtitle(plan, title)
    drawn = len({row["id"] for row in plan.rows})
    some = f"{drawn:,} of {plan.total:,} figures" if drawn < plan.total else ""
    subtitle = wording.capitalise(", ".join(filter(None, (subtitle, some))))
    return Words(title, subtitle, make_notes(plan), _name_sources(plan))


def _make_title(plan: Plan) -> str:
    rows, view = plan.rows, plan.chart.view
    alleges = all(view.catalogue.fact("alleges", f"measure/{row['measure']}") is not False for row in rows)
    general = "Figures on police misconduct" if alleges else "Published police figures"
    counted, where = _name_counted(rows, view, alleges=alleges), _name_place(rows, view)
    alone = wording.quote(rows[0]["counted"]) if plan.is_one_number and rows[0]["counted"] else ""
    what = counted or alone or next(iter(plan.chart.topics), general)
    where = "" if where.removesuffix(ITS_FORCES) in what else where
    if counted and alleges and not re.search("polic|officer|constab", f"{what} {where}".lower()):
        where = f"police in {where}" if where else "police"
    years = sorted({entry.row["year"] for line in plan.lines for entry in line.of_years if not plan.listed})
    return ", ".join(filter(None, (what, where, " to ".join(dict.fromkeys([*years[:1], *years[-1:]])))))


def _name_place(rows: Sequence[Row], view: ReleaseView) -> str:
    """Return the area of all figures: two or three, one that includes the others, or one with most parts.

    It is empty if there are others: New York and Philadelphia are not the United States.
    """
    areas, inside = {row["area"] for row in rows}, view.catalogue.findable("area")
    if areas.intersection(wording.UNKNOWN):
        return ""
    names = {area: view.catalogue.label("area", area) for area in areas}
    if len(areas) <= MAX_PLACES:
        ordered = sorted(areas, key=lambda one: (-len(inside.get(one, ())), names[one]))
        return wording.join(names[area] for area in ordered)
    if country := find_country(areas, view):
        return f"{names[country]}{ITS_FORCES}"
    around = [code for code, parts in inside.items() if areas <= {*parts} and 2 * len(areas) > len(parts)]
    return view.catalogue.label("area", min(around, key=lambda code: len(inside[code]))) if around else ""


def _name_counted(rows: Sequence[Row], view: ReleaseView, *, alleges: bool) -> str:
    """Return what all figures count: the words of a table whose codes say another, or kind and measure."""
    counted, stated = {row["counted"] for row in rows}, _shared(name_counted(row, view) for row in rows)
    words = share_words(rows)[0] if all(map(is_of_table, rows)) else []
    unit = _shared(wording.unit_in_words(row, view.catalogue).lower() for row in rows)
    if words and counted == {words[0]} and not all(row["category"] == "any" and row["fit"] == "exact" for row in rows):
        is_new = alleges and unit and unit not in (*words[0].lower().split(), "people")
        return f"{words[0]}: {unit}" if is_new else words[0]
    if words and any(row["fit"] != "exact" or row["counting_unit"] == "other" or not stated for row in rows):
        said = wording.capitalise(BETWEEN_PIECES.join(words))
        return f"“{said}”: {unit}" if unit and unit not in said.lower() else f"“{said}”"
    kind = _shared(wording.kind(row, view.catalogue) for row in rows if row["category"] != "any")
    if kind and not stated:
        measures = _different(view.catalogue.label("measure", row["measure"]) for row in rows)
        stages = wording.join(map(wording.lower, measures)) if len(measures) <= MAX_STAGES else SEVERAL_STAGES
        return f"{wording.capitalise(kind)}: {stages}" if alleges else ""
    return wording.capitalise(": ".join(filter(None, (kind, wording.lower(stated)))))


def _make_subtitle(plan: Plan, title: str) -> str:
    chart, rows = plan.chart, plan.rows
    catalogue = chart.view.catalogue
    date = _shared(wording.date_in_words((chart.view.source(row).get("published") or "")[:7]) for row in rows)
    origin = "as printed in" if any(row["printed"] for row in rows) else "counted from a file of"
    if is_pending := all(row["measure"] in PENDING and row["basis"] == "derived" for row in rows):
        origin = "by year of complaint, still open in the file of"
    datasets, years = catalogue.of_kind("dataset").values(), {row["year"] for row in rows if row["year"]}
    months = {f"years from {row['period_start']:%B} to {row['period_end']:%B}" for row in rows if row["year"]}
    said = [
        *(one for one in chart.topics if one not in [dataset["title"] for dataset in datasets]),
        "" if plan.blocks else _shared(wording.unit_in_words(row, catalogue) for row in rows),
        "" if plan.blocks or plan.is_one_number else _shared(wording.period_label(row) for row in rows),
        "at one time" if all(row["stock_or_flow"] == "stock" for row in rows) else "",
        wording.join(sorted(months)) if years and all("/" in year for year in years) else "",
        f"{origin} {date}" if date and (is_pending or date not in f"{title}, {chart.topics}") else "",
    ]
    new = [wording.lower(one) for one in said if one and one.lower() not in f"{title}, people".lower()]
    return wording.capitalise(", ".join(dict.fromkeys(new)))


def _name_sources(plan: Plan) -> str:
    view = plan.chart.view
    voice = _shared(wording.voice(row, view.catalogue) for row in plan.rows)
    sources = map(view.source, plan.rows)
    named = _different(f"{voice or wording.publisher(one)}, {wording.published(one)}" for one in sources)
    if len(named) > MAX_SOURCES:
        named[MAX_SOURCES - 1 :] = [f"{len(named) - MAX_SOURCES + 1} others"]
    licences = ", ".join(_find_licences(plan))
    return f"Source: {'; '.join(named)}{f' ({licences})' if licences else ''}."


def _find_licences(plan: Plan) -> list[str]:
    return _different(plan.chart.view.source(row).get("licence") for row in plan.rows)


def name_register(chart: Chart, room: float) -> str:
    """Return where it is from: Misconduct Register 3.3.0, CC BY 4.0, register.example/charts/hotline."""
    address, _, query = chart.address.partition("://")[2].replace("/v1/charts/", "/charts/").partition("?")
    read = unquote(query) if unquote(query).isprintable() else query
    kept = "&".join(pair for pair in read.split("&") if not (chart.is_newest and pair.startswith("release=")))
    end = "" if not kept else f"?{kept}" if len(address) + len(kept) < room else "?…"
    return f"{NAME} {chart.view.release}, {LICENCE}, {address}{end}"


def describe(words: Words, plan: Plan) -> str:
    """Return the chart in words, with every figure."""
    lines = ["; ".join(filter(None, (line.name, line.total, *_describe_years(line)))) for line in plan.lines]
    foot = f"{words.notes} {words.source}".strip()
    return _sentences(words.title, words.subtitle, *lines, "; ".join(map(str, plan.listed)), foot)


def summarise(words: Words, plan: Plan) -> str:
    """Return the alternative text: every figure of a few, else how many there are."""
    if len(plan.entries) <= MAX_DESCRIBED:
        return describe(words, plan)
    more = f"{len(plan.entries)} figures. The linked page has them in a table"
    return _sentences(words.title, words.subtitle, more)


def _sentences(*texts: str) -> str:
    return " ".join(text if text.endswith((".", "?", "!")) else f"{text}." for text in texts if text)


def _describe_years(line: Line) -> Iterator[str]:
    for reason, run in groupby(line.slots, key=lambda slot: slot.reason):
        slots = list(run)
        if reason:
            yield f"{slots[0].year}–{slots[-1].year}: {reason}" if slots[1:] else f"{slots[0].year}: {reason}"
        yield from (f"{slot.year}: {slot.entry.shown}" for slot in slots if slot.entry)


def list_metadata(plan: Plan, title: str) -> dict[str, str]:
    """Return where the figures are from, by terms of Dublin Core."""
    chart = plan.chart
    release = f"{NAME}, release {chart.view.release}"
    terms = {
        "publisher": release,
        "date": chart.day,
        "identifier": chart.address,
        "source": "; ".join(_different(wording.publisher(chart.view.source(row)) for row in plan.rows)),
        "rights": "; ".join([f"{LICENCE} for this picture", *_find_licences(plan)]),
        "bibliographicCitation": f"{release}{f' of {chart.day}' if chart.day else ''}: {title}. {chart.address}",
    }
    return {name: text for name, text in terms.items() if text}


def _different(values: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


def _shared(values: Iterable[str]) -> str:
    found = {*values}
    return found.pop() if len(found) == 1 else ""
