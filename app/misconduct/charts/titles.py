"""Say what a chart is called, where it is from, and what it shows in words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from urllib.parse import unquote

from misconduct.charts.choose import TOGETHER, Plan
from misconduct.charts.entries import (
    UNSTATED,
    find_facts,
    find_pieces,
    is_of_table,
    name_counted,
    quote_counted,
    share_words,
)
from misconduct.charts.lines import Line
from misconduct.charts.notes import make_notes
from misconduct.model import wording
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row

NAME, LICENCE = "Misconduct Register", "CC BY 4.0"

MAX_SOURCES, MAX_PLACES = 3, 3
"""Sources that are named with their dates, and places in a title."""

MAX_DESCRIBED, MAX_OUTLINED, MAX_KINDS = 10, 5, 20
"""Figures that the alternative text has, lines whose ends and highest numbers it has, and kinds that an index names."""

BODIES = "forces and other bodies"
KINDS_OF_PLACES = {
    **dict.fromkeys(("E23", "W15"), "forces"),
    "E09": "boroughs",
    "E12": "regions",
    **dict.fromkeys(("gb_btp", "gb_nca", "gb_hmrc", "gb_mod", "gb_home_office"), BODIES),
    "gb_": "countries",
    "in_": "states",
    "au_": "states",
    "ca_": "provinces",
    "za_": "provinces",
}
"""What places are called by how their codes begin."""

MAX_HEADS, SEVERAL_STAGES = 3, "accusations and outcomes"
"""Rows of tables that a title names, and what it calls more stages: it never says that there was misconduct."""

DECIDED = {"found", "decided"}
BEGUN = {"assessed", *DECIDED}
"""The stages of outcomes, and with what may lead to one."""

PENDING = ("under_investigation", "under_review")
"""The measures of what is not over: a file of cases has them by year of complaint."""


class Words(NamedTuple):
    """The words of a picture around its figures."""

    title: str
    subtitle: str
    limit: str
    notes: str
    source: str


def find_words(plan: Plan) -> Words:
    """Return what a picture says around its figures; the editor's words, if it has some."""
    chart = plan.chart
    title = chart.title or _make_title(plan)
    subtitle = chart.subtitle or "" if chart.title else _make_subtitle(plan, title)
    drawn = len({row["id"] for row in plan.rows})
    some = f"{drawn:,} of {plan.total:,} figures" if drawn < plan.total and not plan.is_index else ""
    subtitle = wording.capitalise(", ".join(filter(None, (subtitle, some))))
    return Words(title, subtitle, *make_notes(plan), _name_sources(plan))


def _make_title(plan: Plan) -> str:
    if plan.is_index:
        return _title_index(plan)
    rows, view = plan.rows, plan.chart.view
    alleges = all(view.catalogue.fact("alleges", f"measure/{row['measure']}") is not False for row in rows)
    general = "Figures on police misconduct" if alleges else "Published police figures"
    counted, where = _name_counted(rows, view, alleges=alleges), _name_place(rows, view)
    alone = quote_counted(rows[0]) if plan.is_one_number else ""
    topic = next(iter(plan.chart.topics), _name_dataset(plan) or general)
    is_of_no_check = plan.chart.dataset == "vetting-checks" and all(row["measure"] != "vetting" for row in rows)
    if plan.chart.dataset and (is_of_no_check or any(row["fit"] != "exact" for row in rows)):
        topic = f"Figures on {wording.lower(topic).replace('workforce', 'the workforce')}"  # its title says too much
    what = counted or alone or _name_tables(plan) or topic
    where = "" if where.partition(" and its ")[0] in what else where
    are_known = not {row["population"] for row in rows} <= {*wording.UNKNOWN}  # else soldiers may be among them
    if counted and alleges and are_known and not re.search("polic|officer|constab", f"{what} {where}".lower()):
        where = f"police in {where}" if where else "police"
    drawn = [entry.row for line in plan.lines for entry in line.of_years if not plan.listed]
    years = sorted({row["year"] or f"{row['period_start']:%Y}" for row in drawn})
    return ", ".join(filter(None, (what, where, " to ".join(dict.fromkeys([*years[:1], *years[-1:]])))))


def _name_dataset(plan: Plan) -> str:
    """Return the title of the only dataset that all figures are in."""
    shared = set.intersection(*({*row["datasets"]} for row in plan.rows))
    found = plan.chart.view.catalogue.of_kind("dataset")
    return str(found[shared.pop()]["title"]) if len(shared) == 1 else ""


def _name_tables(plan: Plan) -> str:
    """Return what the rows of tables count if these are few: reviews completed and outcomes found not reasonable.

    Of deaths it is what their tables count, not the number of deaths.
    """
    if not all(map(is_of_table, plan.rows)):
        return ""
    if all(row["measure"] == "occurred" for row in plan.rows):
        heads = _different(find_pieces(row)[0].replace("_", " ") for row in plan.rows if plan.chart.narrowed)
    else:
        heads = _different(one["words"] for one in find_facts(plan.rows, plan.chart.view))
    return wording.capitalise(wording.join(map(wording.lower, heads))) if 0 < len(heads) <= MAX_HEADS else ""


def _title_index(plan: Plan) -> str:
    held = plan.chart.held
    years = sorted({year for _, year in held if year})
    what = next(iter(plan.chart.topics), f"figures found by {plan.chart.search}" if plan.chart.search else "figures")
    said = [one for one in plan.chart.narrowed if one.lower() not in what.lower()]
    areas, span = {area for area, _ in held}, "–".join(dict.fromkeys([*years[:1], *years[-1:]]))
    places = _name_areas(areas, plan.chart.view) or f"{len(areas)} places"
    return f"What is held: {', '.join(filter(None, (what, *said, places, span)))}"


def name_held(plan: Plan) -> dict[tuple[str, str], int]:
    """Return the figures of an index by name of place and year; places of a country with equally many are one row."""
    view, by_area = plan.chart.view, defaultdict[str, dict[str, int]](dict)
    inside, alike = view.catalogue.findable("area"), defaultdict[tuple[object, ...], list[str]](list)
    for (area, year), number in plan.chart.held.items():
        by_area[area][year] = number
    for area, years in by_area.items():
        country = max((one for one in inside if area in inside[one]), key=lambda one: len(inside[one]), default=area)
        alike[country, *sorted(years.items())].append(area)
    found = list[tuple[str, int, dict[str, int]]]()
    for areas in alike.values():
        each = by_area[areas[0]]
        named = _name_areas({*areas}, view) if len(areas) > MAX_PLACES else ""
        found += [(f"{named}, {sum(each.values()):,} each", len(areas), each)] if named else []
        found += [] if named else [(view.catalogue.label("area", area), 1, each) for area in areas]
    return {(name, year): times * each[year] for name, times, each in sorted(found) for year in each}


def count_kinds(plan: Plan) -> str:
    """Return what the figures of an index count, if all were read and that is little."""
    kinds = _different(wording.capitalise(one["words"]) for one in find_facts(plan.rows, plan.chart.view))
    return f"They count: {'; '.join(kinds)}." if 1 < len(kinds) <= MAX_KINDS else ""


def _name_place(rows: Sequence[Row], view: ReleaseView) -> str:
    return _name_areas({row["area"] for row in rows}, view)


def _name_areas(areas: set[str], view: ReleaseView) -> str:
    """Return the place of all figures: two or three, one and its parts, or how many of which kind are inside one.

    It is empty if no place includes all of them.
    """
    inside = view.catalogue.findable("area")
    if areas.intersection(wording.UNKNOWN):
        return ""
    areas = areas - {TOGETHER} if len(areas) > MAX_PLACES else areas  # which is all others
    names = {area: view.catalogue.label("area", area) for area in areas} | {TOGETHER: "several forces together"}
    if len(areas) <= MAX_PLACES:
        ordered = sorted(areas, key=lambda one: (-len(inside.get(one, ())), names[one]))
        return wording.join(names[area] for area in ordered)
    if whole := next((area for area in areas if areas <= {*inside.get(area, ())}), None):
        return f"{names[whole]} and its {_name_places(areas - {whole})}"
    around = [code for code, parts in inside.items() if areas <= {*parts}]
    if not around:
        return ""
    place = view.catalogue.label("area", min(around, key=lambda code: len(inside[code])))
    parts = {area for area in areas if not areas.intersection(inside.get(area, ())) - {area}}
    counted = areas if _name_places(parts) == "places" else parts  # without a country beside its forces
    return f"{len(counted)} {_name_places(counted)} in {'the ' if place.startswith('United') else ''}{place}"


def _name_places(areas: Iterable[str]) -> str:
    kinds = {
        KINDS_OF_PLACES.get(area) or ("cities" if area.count("_") > 1 else KINDS_OF_PLACES.get(area[:3], "places"))
        for area in areas
    }
    return kinds.pop() if len(kinds) == 1 else BODIES if kinds == {"forces", BODIES} else "places"


def _name_counted(rows: Sequence[Row], view: ReleaseView, *, alleges: bool) -> str:
    """Return what all figures count: the last words that their tables share, if the codes say another, or the codes.

    The name of the table does not count: a table called “complaints” also has what became of them.
    """
    shared = share_words(rows)[0] if all(map(is_of_table, rows)) else []
    is_one = {len(find_pieces(row)) for row in rows} <= {len(shared)}
    if is_one and any(row["category"] not in ("any", "not_applicable") or row["fit"] != "exact" for row in rows):
        unit = wording.lower(_shared(wording.unit_in_words(row, view.catalogue) for row in rows))
        is_said = {*unit.split()} & {*shared[-1].lower().split()} or any(row["measure"] != "alleged" for row in rows)
        return wording.capitalise(": ".join(filter(None, (shared[-1], "" if is_said else unit))))
    if shared and all(row["measure"] == "occurred" for row in rows):
        return wording.capitalise(": ".join(map(wording.lower, shared)))
    stated = _shared(wording.statement(row, view.catalogue) if shared else name_counted(row, view) for row in rows)
    kind = _shared("" if row["category"] == "any" else wording.kind(row, view.catalogue) for row in rows)
    if stated or not (kind or shared):
        return wording.capitalise(": ".join(filter(None, (kind, wording.lower(stated)))))
    if not alleges:
        return ""
    stages = _different(view.catalogue.label("measure", row["measure"]) for row in rows)
    stage = wording.lower(stages[0]).partition(",")[0]  # recorded, of a stage that is not stated
    told = _name_stages(rows, view) if stages[1:] else stage if kind or rows[0]["measure"] != "recorded" else ""
    return wording.capitalise(": ".join(filter(None, (kind, told))))


def _name_stages(rows: Sequence[Row], view: ReleaseView) -> str:
    known = view.catalogue.codelists.get("measure", {})
    stages = {known.get(row["measure"], {}).get("stage") for row in rows}
    return "outcomes" if stages <= DECIDED else "proceedings and outcomes" if stages <= BEGUN else SEVERAL_STAGES


def _make_subtitle(plan: Plan, title: str) -> str:
    chart, rows = plan.chart, plan.rows
    catalogue = chart.view.catalogue
    if plan.is_index:
        number = f"{sum(chart.held.values()):,} figures, by the year in which their period begins"
        return ", ".join(filter(None, (number, chart.choice)))
    date = _shared(wording.date_in_words((chart.view.source(row).get("published") or "")[:7]) for row in rows)
    origin = "as printed in" if any(row["printed"] for row in rows) else "counted from a file of"
    if is_pending := all(row["measure"] in PENDING and row["basis"] == "derived" for row in rows):
        origin = "by year of complaint, still open in the file of"
    datasets, years = catalogue.of_kind("dataset").values(), {row["year"] for row in rows if row["year"]}
    months = {f"years from {row['period_start']:%B} to {row['period_end']:%B}" for row in rows if row["year"]}
    said = [
        *(one for one in chart.topics if one not in [dataset["title"] for dataset in datasets]),
        chart.choice,
        "" if plan.blocks else _shared(wording.unit_in_words(row, catalogue) for row in rows),
        "" if plan.blocks or plan.is_one_number else _shared(wording.period_label(row) for row in rows),
        UNSTATED if all(row["category"] == "unstated" and is_of_table(row) for row in rows) else "",
        wording.join(sorted(months)) if years and all("/" in year for year in years) else "",
        f"{origin} {date}" if date and (is_pending or date not in f"{title}, {chart.topics}") else "",
    ]
    new = [wording.lower(one) for one in said if one and one.lower() not in f"{title}, people".lower()]
    return wording.capitalise(", ".join(dict.fromkeys(new)))


def _name_sources(plan: Plan) -> str:
    """Return the line that names every source: of more than a few, of each publisher the years."""
    view, licences = plan.chart.view, ", ".join(_find_licences(plan))
    voice = _shared(wording.voice(row, view.catalogue) for row in plan.rows)
    sources = {row["source"]: view.source(row) for row in plan.rows}
    named = _different(f"{voice or wording.publisher(one)}, {wording.published(one)}" for one in sources.values())
    if plan.is_index:
        of_index = view.catalogue.of_kind("source")
        named = _different(wording.publisher(of_index[one]) for one in plan.chart.sources)
        many = f"documents of {len(named)} publishers, each named beside its figures"
        return f"Source: {'; '.join(named) if len(named) <= MAX_SOURCES else many}."
    if len(named) > MAX_SOURCES:
        years = defaultdict[str, set[str]](set)
        for one in sources.values():
            years[wording.publisher(one)].add((one.get("published") or "")[: len("2024")] or "undated")
        named = [f"{name}, {wording.join(sorted(some))}" for name, some in years.items()]
    return f"Source: {'; '.join(named)}{f' ({licences})' if licences else ''}."


def _find_licences(plan: Plan) -> list[str]:
    return _different(plan.chart.view.source(row).get("licence") for row in plan.rows)


def name_register(plan: Plan) -> str:
    """Return where it is from: Misconduct Register 3.3.0, CC BY 4.0, register.example/charts/hotline.

    The words of a search are left out, since a reader may have typed anything.
    """
    chart = plan.chart
    address, _, query = chart.address.partition("://")[2].replace("/v1/charts/", "/charts/").partition("?")
    read = unquote(query) if unquote(query).isprintable() else query
    hidden = ("q=", "release=") if chart.is_newest else ("q=",)
    kept = "&".join(pair for pair in read.split("&") if not pair.startswith(hidden))
    asked = f"?{kept}" if kept else ""
    return f"{NAME} {chart.view.release}, {LICENCE}, {address}{asked}{' and a search' if chart.search else ''}"


def describe(words: Words, plan: Plan) -> str:
    """Return the chart in words, with every figure."""
    lines = ["; ".join(filter(None, (line.full_name, line.total, *_describe_years(line)))) for line in plan.lines]
    foot = f"{words.notes} {words.source}".strip()
    held = name_held(plan) if plan.is_index else {}
    index = "; ".join(f"{place}, {year or 'without a year'}: {number:,}" for (place, year), number in held.items())
    return _sentences(words.title, words.subtitle, *lines, "; ".join(map(str, plan.listed)), index, foot)


def summarise(words: Words, plan: Plan) -> str:
    """Return the alternative text: every figure of a few, else how many there are, and the ends of a few rows."""
    if plan.is_index:
        return _sentences(words.title, words.subtitle)
    if len(plan.entries) <= MAX_DESCRIBED:
        return describe(words, plan)
    few = [_outline(line) for line in plan.lines] if len(plan.lines) <= MAX_OUTLINED else []
    number = f"{len(plan.entries)} figures"
    return _sentences(words.title, words.subtitle, number, *few, "The linked page has them in a table")


def _outline(line: Line) -> str:
    """Return the first, last and highest number of a line: 36 in 2004/05, 18 in 2019/20, at most 36 in 2004/05."""
    drawn = line.of_years
    top = max(drawn, key=lambda entry: entry.reach)
    first, last, highest = (f"{one.shown} {wording.when_of_figure(one.row)}" for one in (drawn[0], drawn[-1], top))
    return ": ".join(filter(None, (line.full_name, f"{first}, {last}; highest {highest}")))


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
