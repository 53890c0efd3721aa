"""Say what stands around the figures of a picture: title, subtitle, notes, source, and the picture in words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple
from urllib.parse import unquote

from misconduct.charts.form import SUITED, Entry, Plan, find_part_of_year
from misconduct.charts.labels import make_title, name_place, name_rows, say_number
from misconduct.charts.subject import count_rest
from misconduct.model import wording
from misconduct.model.figure import Row

REGISTER, LICENCE = "Misconduct Register", "CC BY 4.0"

MAX_SOURCES, MAX_NAMED, MAX_CAVEAT, MAX_CAVEATS = 3, 6, 200, 2
"""Sources that are named with their dates, other counts that are named, characters of a caveat, and caveats."""

MAX_DESCRIBED, MAX_OUTLINED = 10, 5
"""Figures that the alternative text has, and rows whose ends and highest numbers it has."""

FORMS = {"small": "small columns", "number": "a number", "dots": "dots on an axis of days", "rows": "rows"}


class Words(NamedTuple):
    """The words of a picture around its figures. `limit` is what a card says of what they prove."""

    title: str
    subtitle: str
    limit: str
    notes: tuple[str, ...]
    source: str


def find_words(plan: Plan) -> Words:
    """Return what a picture says around its figures: the editor's words, if it is a chart of the register."""
    chart = plan.chart
    definition = _define(plan)
    if chart.title:
        title, subtitle = chart.title, chart.subtitle or ""
        limit = chart.note or definition
    else:
        title, subtitle, limit = _make_title(plan), definition, definition
    return Words(title, subtitle, limit, tuple(filter(None, _make_notes(plan))), _name_sources(plan))


def _make_title(plan: Plan) -> str:
    chart, rows = plan.chart, [point.row for point in plan.points]
    catalogue = chart.view.catalogue
    name = chart.heading or name_rows(rows, catalogue).shared
    areas = [entry.line.area for entry in (*plan.entries, *plan.left)]
    return make_title(name, areas, [point.time for point in plan.points], catalogue)


def _define(plan: Plan) -> str:
    """Return what is counted and what it does not prove: the definition of the indicator, or limits of a dataset."""
    catalogue = plan.chart.view.catalogue
    indicators = {row["indicator"]: catalogue.of_kind("indicator").get(row["indicator"]) for row in plan.rows}
    known = [one for one in indicators.values() if one]
    if len(indicators) == 1 and known:
        return str(known[0]["definition"])
    datasets = catalogue.of_kind("dataset")
    topics = Counter(one["topic"] for one in known if one["topic"] in datasets)
    limits = [datasets[topic].get("limits", [""])[0] for topic, _ in topics.most_common(2)]
    return " ".join(dict.fromkeys(limits))


def _make_notes(plan: Plan) -> Iterator[str]:
    chart = plan.chart
    yield chart.note or ""
    yield from _name_left(plan)
    if plan.why and not chart.title:
        yield f"No bars, since these are not to be compared: {plan.why}"
    yield from _explain_marks(plan)
    yield from _explain_gaps(plan)
    yield from _name_others(plan)
    yield from _name_wholes(plan)
    yield from _say_caveats(plan)
    if chart.form and not chart.title and plan.shape not in SUITED.get(chart.form, ()):
        form = FORMS.get(plan.shape, plan.shape)
        yield f"Drawn as {form}, since these figures do not suit the form that was asked for ({chart.form})."
    if not chart.title:
        yield _name_rest(plan)


def _name_left(plan: Plan) -> Iterator[str]:
    """Yield a sentence that has the rows for which there is no room."""
    if plan.left:
        said = "; ".join(f"{entry.label} {_say_point(entry, plan)}" for entry in plan.left)
        yield f"And {len(plan.left)} more: {said}."


def _say_point(entry: Entry, plan: Plan) -> str:
    number = say_number(entry.point.row, plan.chart.view.catalogue) if entry.point else entry.reason
    return f"{number} ({entry.when})" if entry.when else number


def _explain_marks(plan: Plan) -> Iterator[str]:
    has_shapes = plan.shape in ("columns", "small") and plan.has_scale
    points, marked = plan.points, defaultdict[str, list[str]](list)
    for point in points:
        marked[point.row["mark"] or ""].append(point.time.label)
    if has_shapes and any(point.row["qualifier"] not in ("exact", None) for point in points):
        yield "Hollow: an estimate, or a number that is not exact."
    if parts := find_part_of_year(plan):
        yield f"{'Dashed: part' if has_shapes else 'Part'} of a year ({'; '.join(parts)})."
    if labels := marked["provisional"]:
        yield f"{'Dashed: provisional' if has_shapes else 'Provisional'} ({wording.join(dict.fromkeys(labels))})."
    if labels := marked["revised"]:
        yield f"* Revised by the publisher ({wording.join(dict.fromkeys(labels))})."
    if labels := marked["break"]:
        line = "Dashed line: counted" if plan.shape in ("columns", "small") else "Counted"
        yield f"{line} in another way from {wording.join(dict.fromkeys(labels))} on."


def _explain_gaps(plan: Plan) -> Iterator[str]:
    reasons = dict.fromkeys(slot.reason for entry in plan.entries for slot in entry.slots if slot.reason)
    if reasons:
        yield f"Hatched: {' or '.join(reasons)}; this does not mean zero."


def _name_others(plan: Plan) -> Iterator[str]:
    """Yield what other sources say of the same times."""
    catalogue, said = plan.chart.view.catalogue, list[str]()
    for point in plan.points:
        for row in point.others:
            said.append(f"{say_number(row, catalogue)} in {point.time.label} ({wording.publication(row, catalogue)})")
    if said and plan.shape != "rows":
        mark = "Ring: another" if plan.shape in ("columns", "dots") and plan.has_scale else "Another"
        yield f"{mark} source has {'; '.join(said)}."


def _name_wholes(plan: Plan) -> Iterator[str]:
    """Yield of what each number is a share, if they are shares of different wholes."""
    shares = [point for point in plan.points if point.row["statistic"] == "share"]
    wholes = {point.row["whole"] for point in shares}
    if len(wholes) > 1 and plan.shape != "rows":
        said = [f"{point.row['whole'] or 'a number that is not stated'} in {point.time.label}" for point in shares]
        yield f"Shares of {'; '.join(dict.fromkeys(said))}."


def _say_caveats(plan: Plan) -> Iterator[str]:
    """Yield the notes that all figures share, replies and what forbids to rank first."""
    if plan.chart.note:
        return
    catalogue, found = plan.chart.view.catalogue, Counter(one for row in plan.rows for one in row["caveats"])
    shared = [one for one, number in found.items() if number == len(plan.rows)]
    weight = [(not catalogue.of_kind("caveat").get(one, {}).get("reply_by"), not catalogue.fact("no_ranking", one), one)
              for one in shared]  # fmt: skip
    texts = [wording.say_caveat(one, catalogue) for *_, one in sorted(weight)]
    yield from [text for text in texts if len(text) <= MAX_CAVEAT][:MAX_CAVEATS]


def _name_rest(plan: Plan) -> str:
    """Return what else the request finds: Also held: complaints finalised (5), reviews (3)."""
    drawn = {row["id"] for row in plan.rows} | {one.point.row["id"] for one in plan.left if one.point}
    rest = count_rest(plan.subject, drawn)
    said = [f"{name} ({number:,})" for name, number in rest[:MAX_NAMED]]
    if more := rest[MAX_NAMED:]:
        said.append(f"{len(more)} other counts ({sum(number for _, number in more):,})")
    return f"Also held: {', '.join(said)}." if said else ""


def _name_sources(plan: Plan) -> str:
    """Return the line that names every source: of more than a few, of each publisher the years."""
    view, licences = plan.chart.view, ", ".join(find_licences(plan))
    by_source = {row["source"]: row for row in (*plan.rows, *(one.point.row for one in plan.left if one.point))}
    named = list(dict.fromkeys(wording.publication(row, view.catalogue) for row in by_source.values()))
    if len(named) > MAX_SOURCES:
        years = defaultdict[str, set[str]](set)
        for source in (view.source(row) for row in by_source.values()):
            years[wording.publisher(source)].add((source.get("published") or "")[: len("2024")] or "undated")
        named = [f"{name}, {wording.join(sorted(some))}" for name, some in years.items()]
    return f"Source{'s' if named[1:] else ''}: {'; '.join(named)}{f' ({licences})' if licences else ''}."


def find_licences(plan: Plan) -> list[str]:
    return list(dict.fromkeys(filter(None, (plan.chart.view.source(row).get("licence") for row in plan.rows))))


def name_register(plan: Plan) -> str:
    """Return where it is from: Misconduct Register 3.3.0, CC BY 4.0, register.example/charts/hotline.

    The words of a search are left out, since a reader may have typed anything.
    """
    chart = plan.chart
    address, _, query = chart.address.partition("://")[2].replace("/v1/charts/", "/charts/").partition("?")
    read = unquote(query) if unquote(query).isprintable() else query
    hidden = ("q=", "release=") if chart.is_newest else ("q=",)
    kept = "&".join(pair for pair in read.split("&") if not pair.startswith(hidden))
    return f"{REGISTER} {chart.view.release}, {LICENCE}, {address}{f'?{kept}' if kept else ''}"


def describe(words: Words, plan: Plan) -> str:
    """Return the picture in words, with every figure."""
    return _sentences(words.title, words.subtitle, *(_describe(entry, plan) for entry in plan.entries), *words.notes,
                      words.source)  # fmt: skip


def _describe(entry: Entry, plan: Plan) -> str:
    catalogue = plan.chart.view.catalogue
    name = ": ".join(filter(None, (entry.heading, entry.label)))
    if entry.reason or entry.point:
        return f"{name}: {_say_point(entry, plan)}" if name else _say_point(entry, plan)
    said = list[str]()
    for reason, some in groupby(entry.slots, key=lambda slot: "" if slot.point else slot.reason):
        slots = list(some)
        if reason:
            ends = dict.fromkeys((slots[0].label, slots[-1].label))
            said.append(f"{' to '.join(ends)}: {reason}")
        said += [f"{slot.label}: {say_number(slot.point.row, catalogue)}" for slot in slots if slot.point]
    return f"{name + ': ' if name else ''}{'; '.join(said)}"


def summarise(words: Words, plan: Plan) -> str:
    """Return the alternative text: every figure of a few, else how many there are, and the ends of a few rows."""
    if len(plan.points) <= MAX_DESCRIBED:
        return describe(words, plan)
    outlined = [_outline(entry, plan) for entry in plan.entries if entry.slots][:MAX_OUTLINED]
    number = f"{len(plan.points)} figures"
    return _sentences(words.title, words.subtitle, number, *outlined, "The linked page has them in a table")


def _outline(entry: Entry, plan: Plan) -> str:
    """Return the first, last and highest number of a row: 36 in 2004/05, 18 in 2019/20; highest 36 in 2004/05."""
    points, catalogue = entry.points, plan.chart.view.catalogue
    top = max(points, key=lambda point: point.value or 0)
    first, last, highest = (f"{say_number(one.row, catalogue)} in {one.time.label}" for one in (points[0], points[-1], top))
    return f"{entry.label + ': ' if entry.label else ''}{first}, {last}; highest {highest}"


def make_headline(words: Words, plan: Plan) -> str:
    """Return the title with the first numbers."""
    if plan.chart.title:
        return words.title
    first = [_describe_first(entry, plan) for entry in plan.entries if entry.points][:3]
    return f"{words.title}: {'; '.join(first)}"


def _describe_first(entry: Entry, plan: Plan) -> str:
    point = entry.points[-1]
    name = ": ".join(filter(None, (entry.heading, entry.label)))
    number = say_number(point.row, plan.chart.view.catalogue)
    return " ".join(filter(None, (name, number, f"in {point.time.label}" if plan.points[1:] and entry.slots else "")))


def _sentences(*texts: str) -> str:
    return " ".join(text if text.endswith((".", "?", "!")) else f"{text}." for text in texts if text)


def list_metadata(plan: Plan, title: str) -> dict[str, str]:
    """Return where the figures are from, by terms of Dublin Core."""
    chart, release = plan.chart, f"{REGISTER}, release {plan.chart.view.release}"
    publishers = dict.fromkeys(wording.publisher(chart.view.source(row)) for row in plan.rows)
    terms = {
        "publisher": release,
        "date": chart.day,
        "identifier": chart.address,
        "source": "; ".join(publishers),
        "rights": "; ".join([f"{LICENCE} for this picture", *find_licences(plan)]),
        "bibliographicCitation": f"{release}{f' of {chart.day}' if chart.day else ''}: {title}. {chart.address}",
    }
    return {name: text for name, text in terms.items() if text}


def name_entries(plan: Plan) -> list[tuple[str, str]]:
    """Return the heading and the label of each row: its place, its kind, or both."""
    catalogue = plan.chart.view.catalogue
    entries = [*plan.entries, *plan.left]
    rows = [entry.points[-1].row for entry in entries if entry.points]
    own = iter(name_rows(rows, catalogue).own)
    kinds = [next(own) if entry.points else "" for entry in entries]
    areas = [entry.line.area for entry in entries]
    several = Counter(areas)
    if len(several) == 1:
        total = "Total" if len({*kinds}) > 1 else ""
        return [("", kind or entry.label or total) for entry, kind in zip(entries, kinds, strict=True)]
    places = [name_place(area, catalogue) for area in areas]
    if max(several.values()) > 1:
        return [(place, kind or "Total") for place, kind in zip(places, kinds, strict=True)]
    return [("", ": ".join(filter(None, (place, wording.lower(kind)))))
            for place, kind in zip(places, kinds, strict=True)]  # fmt: skip


def is_unknown(row: Row) -> bool:
    return row["area"] in wording.UNKNOWN


def unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
