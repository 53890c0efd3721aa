"""What a chart says as a whole: title, subtitle, notes, source, and the alternative text."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from urllib.parse import unquote

from misconduct.charts.choose import Chart, Plan
from misconduct.charts.entries import BETWEEN_PIECES, Entry, Line, is_of_table
from misconduct.charts.limits import find_limits
from misconduct.model import wording
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row

NAME, LICENCE = "Misconduct Register", "CC BY 4.0"
NONE = (wording.PHRASES["gap"]["not_counted"], wording.PHRASES["gap"]["none_so_far"])
"""Why a year has no figure because there is nothing to count."""

MAX_SOURCES, MAX_PLACES, MAX_DESCRIBED = 3, 3, 10
"""Sources and places that are named, and figures that the alternative text has."""

PENDING = ("under_investigation", "under_review")
"""The measures of what is not over: a file of cases has them by year of complaint, as they were when it came out."""

MAX_ADDRESS = 110
"""Characters of an address that a picture has room for."""

NO_MISCONDUCT = ("occurred", "employed", "distrusts")
"""The measures of what alleges no misconduct, such as deaths."""


def make_title(chart: Chart, plan: Plan) -> str:
    """Return the editor's title, or what is counted, where, and in which years."""
    if chart.title:
        return chart.title
    rows, catalogue = [entry.row for entry in plan.entries], chart.view.catalogue
    counted = _name_counted(rows, catalogue)
    if chart.subject and not counted:
        return ", ".join([chart.subject, *_name_places(plan, catalogue)])
    alleges = {row["measure"] for row in rows}.isdisjoint(NO_MISCONDUCT)
    general = "Figures on police misconduct" if alleges else "Published police figures"
    what, places = counted or chart.topic or general, _name_places(plan, catalogue)
    if counted and alleges and not re.search("polic|officer|constab", f"{what} {places}".lower()):
        places = [f"police in {places[0]}"] if places else ["police"]
    said = {name: label for name, label in chart.chosen.items() if name == "category" or not counted}
    missing = [wording.lower(label) for label in said.values() if label.lower() not in what.lower()]
    what += f" ({', '.join(missing)})" if missing and not _table_heading(rows) else ""
    return ", ".join([what, *places, *([] if plan.groups else _name_years(plan))])


def _name_places(plan: Plan, catalogue: Catalogue) -> list[str]:
    """Return the area of all figures: one that includes the others, two or three, or one with most parts.

    It is empty if there are others: New York and Philadelphia are not the United States.
    """
    for whole in (block.whole for block in plan.blocks[:1] if block.whole and block.shade == "row"):
        others = [line.name for line in plan.blocks[0].lines]
        return [wording.join([whole.name, *others])] if len(others) < MAX_PLACES else [f"{whole.name} and its forces"]
    areas = {entry.row["area"] for entry in plan.entries} - {*wording.UNKNOWN}
    findable = catalogue.findable("area")
    country = next((one for one in areas if 2 * len(areas.intersection(findable.get(one, ()))) > len(areas)), None)
    around = [country] if country else [code for code, inside in findable.items() if areas and areas <= {*inside}]
    smallest = min(around, key=lambda code: len(findable[code]), default="")
    is_most = 2 * len(areas) > len(findable.get(smallest, ()))
    if len(areas) > MAX_PLACES and (smallest in areas or (is_most and smallest)):
        return [f"{catalogue.label('area', smallest)}{' and its forces' if smallest in areas else ''}"]
    names = sorted(catalogue.label("area", area) for area in areas)
    return [wording.join(names)] if 0 < len(names) <= MAX_PLACES else []


def _name_years(plan: Plan) -> list[str]:
    """Return the first and the last year of a chart of years: 2016 to 2021."""
    years = sorted({slot.year for line in plan.lines for slot in line.slots if slot.entry})
    return [years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"] if years else []


def _name_counted(rows: Sequence[Row], catalogue: Catalogue) -> str | None:
    """Return what all figures count: the heading of their table, or kind of misconduct and what is counted of it."""
    statements = _different(wording.statement(row, catalogue) for row in rows)
    kinds = _different(wording.kind(row, catalogue) for row in rows)
    if heading := _table_heading(rows):
        return heading
    is_other = any(row["fit"] != "exact" or row["counting_unit"] == "other" for row in rows)
    if is_other and all(is_of_table(row) for row in rows):
        return _name_by_words(rows, catalogue)
    if len(kinds) == 1 and kinds[0] and (len(statements) > 1 or not statements[0]):
        return f"{wording.capitalise(kinds[0])}: police misconduct"
    if len(statements) > 1 or (len(kinds) > 1 and not statements[0]):
        return None
    if len(kinds) == 1 and kinds[0]:
        return wording.capitalise(": ".join(filter(None, (kinds[0], wording.lower(statements[0])))))
    return statements[0] or None


def _name_by_words(rows: Sequence[Row], catalogue: Catalogue) -> str | None:
    """Return the source's words that all figures share, with the unit: their codes say more or less than these."""
    pieces = [(row["counted"] or "").split(BETWEEN_PIECES) for row in rows]
    shared = [piece for piece in pieces[0] if all(piece in others for others in pieces)]
    if not shared or not shared[0]:
        return None
    words = " … ".join(piece.replace("_", " ") for piece in shared)
    units = _different(wording.unit_in_words(row, catalogue).lower() for row in rows)
    has_unit = len(units) == 1 and units[0] and units[0] not in words.lower()
    return f"“{wording.capitalise(words)}”" + (f": {units[0]}" if has_unit else "")


def _table_heading(rows: Sequence[Row]) -> str | None:
    """Return the source's words for what all figures count, if they are the heading of a table."""
    counted = _different(row["counted"] or "" for row in rows)
    is_heading = len(counted) == 1 and " … " not in counted[0]
    return counted[0] if is_heading and all((row["at"] or "").startswith("cell=") for row in rows) else None


def make_subtitle(chart: Chart, plan: Plan, title: str) -> str:
    """Return the editor's subtitle, or the unit, the time and the date of publication that all figures share."""
    if chart.title:
        return chart.subtitle or ""
    rows, catalogue = [entry.row for entry in plan.entries], chart.view.catalogue
    units = _different(wording.unit_in_words(row, catalogue) for row in rows)
    periods = _different(wording.period_label(row) for row in rows) if not plan.blocks else []
    times = _different(row["stock_or_flow"] or "" for row in rows)
    dates = _different(wording.date_in_words((chart.view.source(row).get("published") or "")[:7]) for row in rows)
    origin = "as printed in" if any(row["printed"] for row in rows) else "counted from a file of"
    is_pending = all(row["measure"] in PENDING and row["basis"] == "derived" for row in rows)
    topic = chart.topic if {row["measure"] for row in rows} == {"occurred"} and chart.topic else ""
    said = [
        *([topic] if topic and topic not in title else []),
        *(
            unit
            for unit in units
            if len(units) == 1 and unit.lower() not in title.lower() and unit != "People" and not plan.blocks
        ),
        *(one for one in periods if len(periods) == 1 and one and one not in title and not plan.is_one_number),
        *(["at one time"] if times == ["stock"] else []),
        *(["years from April to March"] if any("/" in (row["year"] or "") for row in rows) else []),
        *(f"{origin} {date}" for date in dates if len(dates) == 1 and date and date not in title),
        *([f"by year of complaint, still open in the file of {dates[0]}"] if is_pending and dates else []),
    ]
    return wording.capitalise(", ".join(said))


def make_notes(chart: Chart, plan: Plan) -> str:
    """Return what protects readers, the editor's note, what the marks mean, and what is not shown."""
    entries, bars = plan.entries, [entry for group in plan.groups if group.top for entry in group.entries]
    drawn = [*(slot.entry for line in plan.lines for slot in line.slots if slot.entry), *bars]
    arrows = [entry for entry in (*bars, *(one for block in plan.blocks for one in block.columns)) if entry.opens]
    marks = {"hollow" if entry.opens and entry not in arrows else entry.mark for entry in drawn}
    partial = [entry.row for entry in drawn if entry.row["coverage"] == "part"]
    parts = _different(wording.part_of_year(row).removesuffix(" (part)") for row in partial)
    covered = _different(slot.covered for line in plan.lines for slot in line.slots if slot.covered)
    revised = _different(entry.row["year"] or "" for entry in entries if entry.row["mark"] == "revised")
    rows = [entry.row for entry in entries]
    recorded = [row["measure"] == "recorded" for row in rows]
    notes = {
        **dict.fromkeys(find_limits(rows, chart.dataset, chart.view.catalogue, chart.note or ""), True),
        chart.note or "": True,
        _warn_of_sums(plan): not chart.note,
        _warn_of_rows(plan): not chart.note,
        "The source does not say whether these are accusations or findings.": all(recorded) and not chart.note,
        "Each row has its own shades: places differ in size.": any(
            block.shade == "row" and block.lines for block in plan.blocks
        ),
        "Hollow: an estimate, or a number with a hedge.": "hollow" in marks,
        "Arrow: the words give only a bound.": bool(arrows),
        f"Dashed: part of a year ({'; '.join(parts)}).": bool(parts),
        _warn_of_changes(entries, is_dashed="part" in marks): True,
        f"* Revised by the publisher{f' ({wording.join(revised)})' if revised and all(revised) else ''}.": bool(
            revised
        ),
        _explain_breaks(plan): True,
        _explain_hatching(plan): True,
        " ".join(covered): True,
        f"{plan.repeated} repeated {'claim is' if plan.repeated == 1 else 'claims are'} left out.": plan.repeated > 0,
        f"… and {plan.hidden:,} more {'figure' if plan.hidden == 1 else 'figures'}.": plan.hidden > 0,
    }
    return " ".join(note for note, applies in notes.items() if note and applies)


def _warn_of_changes(entries: Sequence[Entry], *, is_dashed: bool) -> str:
    """Return which years, or which numbers without a year, may still change; nothing if all are final."""
    names = sorted({entry.row["year"] or entry.shown for entry in entries if entry.is_provisional})
    return f"{'Dashed: ' if is_dashed else ''}{wording.join(names)} may still change." if names else ""


def _explain_breaks(plan: Plan) -> str:
    """Return from which years on, or of which figures of a list, the publisher counted in another way than before."""
    slots = [slot for line in plan.lines for slot in line.slots if slot.entry and slot.entry.row["mark"] == "break"]
    years = sorted({slot.year for slot in slots})
    others = [entry.shown for entry in plan.rows if entry.row["mark"] == "break"]
    said = [f"Line: counted in another way from {wording.join(years)} on."] if years else []
    return " ".join([*said, *([f"Counted in another way than before: {wording.join(others)}."] if others else [])])


def _explain_hatching(plan: Plan) -> str:
    """Return why years have no figure, and for which of them that does not mean zero."""
    reasons = _different(slot.reason for line in plan.lines for slot in line.slots if slot.reason)
    none, others = [each for each in reasons if each in NONE], [each for each in reasons if each not in NONE]
    said = [" or ".join(none)] if none else []
    said += [f"{' or '.join(others)}, which does not mean zero"] if others else []
    sign = "Gap" if any(block.has_lines for block in plan.blocks) else "Hatched"
    return f"{sign}: {'; '.join(said)}." if said else ""


def _warn_of_sums(plan: Plan) -> str:
    """Return what is wrong with adding up the figures of a list; nothing if they may be, or are all parts of one."""
    values, parts = {entry.row["id"]: entry.row["value"] for entry in plan.rows}, defaultdict[str, list[Row]](list)
    for entry in plan.rows:
        parts[next((one for one in entry.row["part_of"] if one in values), "")].append(entry.row)
    sums = {whole: sum(row["value"] or 0 for row in alike) for whole, alike in parts.items()}
    divided = [whole for whole, found in sums.items() if found and found == values.get(whole)]
    rows = [row for whole, alike in parts.items() if whole not in divided for row in alike]
    ids = {row["id"] for row in rows}
    if any(ids.intersection(row["within"]) for row in rows):
        return "Some of these figures are parts of others, so do not add them."
    columns = ("measure", "category", "population", "counting_unit", "stock_or_flow")
    if any(len({row[name] for row in rows}) > 1 for name in columns):
        return "These figures count different things, so do not add them."
    return ""


def _warn_of_rows(plan: Plan) -> str:
    """Return that rows of a table are unlike; nothing if they are of one source and unit."""
    is_mixed = any(block.form == "table" and not block.shade and not block.unit for block in plan.blocks)
    return "The rows are of different sources or units: do not compare them." if is_mixed else ""


def source_line(chart: Chart, plan: Plan) -> str:
    """Return who published the figures and when, and the licences that the sources state."""
    rows, catalogue = [entry.row for entry in plan.entries], chart.view.catalogue
    voices = {wording.voice(row, catalogue) for row in rows}
    named = _different(
        f"{row_voice if len(voices) == 1 else wording.publisher(source)}, {wording.published(source)}"
        for row_voice, source in ((wording.voice(row, catalogue), chart.view.source(row)) for row in rows)
    )
    if len(named) > MAX_SOURCES:
        named[MAX_SOURCES - 1 :] = [f"{len(named) - MAX_SOURCES + 1} others"]
    licences = find_licences(chart, plan)
    stated = f" ({', '.join(licences)})" if licences else ""
    return f"Source: {'; '.join(named)}{stated}."


def register_line(chart: Chart, room: float = MAX_ADDRESS) -> str:
    """Return where the chart is from: Misconduct Register 3.3.0, CC BY 4.0, register.example/charts/hotline.

    `room` is how many characters of the address there is room for.
    """
    address, _, query = chart.address.partition("://")[2].replace("/v1/charts/", "/charts/").partition("?")
    kept = "&".join(pair for pair in unquote(query).split("&") if not pair.startswith("release="))
    kept = "".join(one if one.isprintable() and one != "\ufffd" else "?" for one in kept)
    whole = f"{address}?{kept}" if kept else address
    return f"{NAME} {chart.view.release}, {LICENCE}, {whole if len(whole) <= room else f'{address}?…'}"


def find_licences(chart: Chart, plan: Plan) -> list[str]:
    """Return the licences that the sources of the figures state, if they do."""
    licences = (chart.view.source(entry.row).get("licence") for entry in plan.entries)
    return _different(licence for licence in licences if licence)


def describe(title: str, subtitle: str, plan: Plan, foot: str) -> str:
    """Return the chart in words, with every figure."""
    lines = ("; ".join(filter(None, (line.name, line.total, *_describe_years(line)))) for line in plan.lines)
    lists = ((group.heading, "; ".join(map(_in_words, group.entries))) for group in plan.groups)
    return _sentences(title, subtitle, *lines, *(": ".join(filter(None, pair)) for pair in lists), foot)


def summarise(title: str, subtitle: str, plan: Plan, foot: str) -> str:
    """Return the alternative text of a picture: every figure of a few, else how many there are, and where."""
    if len(plan.entries) <= MAX_DESCRIBED:
        return describe(title, subtitle, plan, foot)
    return _sentences(
        title, subtitle, f"{len(plan.entries)} figures. The page that this picture links has them in a table"
    )


def headline(title: str, plan: Plan) -> str:
    """Return the title, and the first figures unless it names numbers."""
    words = {word.strip(",.:;") for word in title.split()}
    has_numbers = any(entry.shown in words for entry in plan.entries)
    return title if has_numbers else f"{title}: {'; '.join(map(_in_words, plan.entries[:MAX_PLACES]))}"


def _sentences(*texts: str) -> str:
    return " ".join(text if text.endswith((".", "?", "!")) else f"{text}." for text in texts if text)


def _describe_years(line: Line) -> Iterator[str]:
    """Yield each year with its figure, and each run of years without one, with the reason."""
    for reason, run in groupby(line.slots, key=lambda slot: slot.reason):
        slots = list(run)
        if reason:
            yield f"{slots[0].year}–{slots[-1].year}: {reason}" if slots[1:] else f"{slots[0].year}: {reason}"
        yield from (f"{slot.year}: {slot.entry.shown}" for slot in slots if slot.entry)


def _in_words(entry: Entry) -> str:
    named = ", ".join(filter(None, (entry.name, entry.what, entry.detail)))
    return f"{named}: {entry.shown}" if named else entry.shown


def list_metadata(chart: Chart, plan: Plan, title: str) -> dict[str, str]:
    """Return where the figures are from, by terms of Dublin Core."""
    sources = _different(wording.publisher(chart.view.source(entry.row)) for entry in plan.entries)
    licences = [f"{LICENCE} for this picture", *find_licences(chart, plan)]
    release = f"{NAME}, release {chart.view.release}"
    terms = {
        "publisher": release,
        "date": chart.day,
        "identifier": chart.address,
        "source": "; ".join(sources),
        "rights": "; ".join(licences),
        "bibliographicCitation": f"{release}{f' of {chart.day}' if chart.day else ''}: {title}. {chart.address}",
    }
    return {name: text for name, text in terms.items() if text}


def _different(values: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value is not None))
