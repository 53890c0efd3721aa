"""Make the notes below a picture: what protects readers, what its marks mean, and what is not shown."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from misconduct.charts.choose import Plan
from misconduct.charts.entries import Entry
from misconduct.model import wording
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.likeness import OF_KIND, unlike

MAX_NOTES, MAX_NOTE, MAX_NAMED = 310, 200, 4
"""Characters of three lines, of one caveat, and figures that it may name."""

ALWAYS = ("after-contact", "allegations")
"""The datasets whose limit stands below every picture of their figures."""

NOT_A_FINDING, NO_MISCONDUCT = "not a finding", "No misconduct is alleged"
PROTECTING = (NOT_A_FINDING, NO_MISCONDUCT)
"""The words that keep readers from taking an accusation for a finding, or a death for misconduct."""

OPENING = 6  # words with which two notes begin that say the same

OF_DECISIONS = "What was decided in a year"
"""A limit that does not hold for what was counted from a file of cases: its years are those of the complaints."""

FEWER = re.compile(r"fewer \w+ than \w+")  # what a caveat says of incidents, which are not drawn beside deaths
OWN_SCALES = "Each table and each total has a scale of its own."

EXPLAIN_INDEX = "The stronger the colour, the more figures are held. Ask for one place, kind or year to see numbers."

NONE = (wording.PHRASES["gap"]["not_counted"], wording.PHRASES["gap"]["none_so_far"])
"""Why a year has no figure because there is nothing to count."""


def make_notes(plan: Plan) -> tuple[str, str]:
    """Return what protects readers, and all notes of a chart, the weightiest first, as far as there is room."""
    protecting, others = _find_limits(plan)
    numbers = {number for entry in plan.listed for number in re.findall(r"\d+%?", entry.shown)}
    needed = [one for one in others if len(numbers.intersection(re.findall(r"\d+%?", one))) > 1][:1]
    none, left = _name_missing(plan)
    notes = [
        *protecting,
        *needed,
        plan.chart.note or "",
        EXPLAIN_INDEX if plan.is_index else "",
        none,
        left,
        *_explain_marks(plan),
        _explain_hatching(plan),
        _warn_of_stage(plan),
        OWN_SCALES if len({top for block in plan.blocks for top in block.tops}) > 1 else "",
        "" if plan.chart.note else _warn_of_unlike(plan),
        *others,
    ]
    said, room = list[str](), MAX_NOTES
    by_opening = dict[tuple[str, ...], str]()
    for note in filter(None, notes):
        by_opening.setdefault(tuple(note.split()[:OPENING]), note)
    for note in by_opening.values():
        if len(note) < room or note in (*protecting, *needed, left) or note == plan.chart.note:
            said.append(note)
            room -= 0 if note in (*needed, left) else len(note) + 1
    return " ".join(filter(None, (*protecting, none))) or plan.chart.note or "", " ".join(said)


def _name_missing(plan: Plan) -> tuple[str, str]:
    """Name the places that were asked for of which no figure is found, and what is not drawn: its places and stages."""
    chart, label, inside = plan.chart, plan.chart.view.catalogue.label, plan.chart.view.catalogue.findable("area")
    found, drawn = {row["area"] for row in chart.rows}, {row["area"] for row in plan.rows}
    are_all = len(chart.rows) >= chart.total
    none = [one for one in chart.asked if are_all and not found.intersection((one, *inside.get(one, ())))]
    ids = {row["id"] for row in plan.rows}
    left = [row for row in chart.rows if row["id"] not in ids and not {row["repeats"]} & ids]
    places = sorted({label("area", row["area"]) for row in left if row["area"] not in drawn})
    some = sorted({label("area", row["area"]) for row in left if row["area"] in drawn})
    kinds = [f"other kinds in {wording.join(some)}"] if 0 < len(some) <= MAX_NAMED and len(drawn) > 1 else []
    stages = sorted({_name_stage(row, chart.view.catalogue) for row in left}) + kinds
    named = [*places, *stages] if len(places) <= MAX_NAMED else [f"{len(places)} places", *stages]
    several = f"{plan.total - len(ids):,} more figures" if plan.total - len(ids) > 1 else "one more figure"
    if plan.is_index:
        return "", ""
    said = f"No such figure is held for {wording.join(label('area', one) for one in none)}." if none else ""
    undated = f"Left out: {chart.undated:,} that are not of one year." if chart.undated else ""
    not_drawn = f"Not drawn: {several} ({', '.join(named)})." if left else ""
    return said, " ".join(filter(None, (not_drawn, undated)))


def _name_stage(row: Row, catalogue: Catalogue) -> str:
    is_event = row["measure"] == "occurred"
    return wording.lower(
        wording.unit_in_words(row, catalogue) if is_event else catalogue.label("measure", row["measure"])
    )


def _find_limits(plan: Plan) -> tuple[list[str], list[str]]:
    """Return what protects readers, and then what else the figures do not prove, and the caveats that most share.

    An editor's note takes the place of caveats. What is found or decided needs no word on accusations. That no
    misconduct is alleged is said of the deaths alone.
    """
    chart, rows = plan.chart, plan.rows
    records, shown = chart.view.catalogue.of_kind, Counter(one for row in rows for one in row["datasets"])
    datasets = dict.fromkeys(one for one in (chart.dataset or "", *ALWAYS) if one in shown) or dict(shown.most_common())
    is_of_cases = any(row["basis"] == "derived" for row in rows)
    limits = {
        one: [text for text in found if not (is_of_cases and text.startswith(OF_DECISIONS))]
        for one in datasets
        if (found := records("dataset").get(one, {}).get("limits"))
    }
    found = []
    for one, all_of in limits.items():
        limit = next(filter(_protects, all_of), next(iter(all_of), ""))
        is_for_all = shown[one] == len(rows) or NO_MISCONDUCT not in limit
        found.append(limit if is_for_all else f"{records('dataset')[one]['title']}: {limit}")
    measures = chart.view.catalogue.codelists.get("measure", {})
    if all(row["measure"] == "proven" or measures.get(row["measure"], {}).get("stage") == "decided" for row in rows):
        found = [limit for limit in found if NOT_A_FINDING not in limit]
    if chart.note:
        said = [words for words in PROTECTING if words.lower().removeprefix("not ") in chart.note.lower()]
        return [one for one in found if _protects(one) and not any(words in one for words in said)], []
    protecting, others = [one for one in found if _protects(one)], [one for one in found if not _protects(one)]
    publishers = {wording.publisher(chart.view.source(row)) for row in rows}  # “only A’s are; the others …”
    others = [one for one in others if "others" not in one or len({name in one for name in publishers}) > 1]
    caveats = Counter(one for row in rows for one in sorted(row["caveats"]))
    for caveat, figures in caveats.most_common():
        text = wording.say_caveat(caveat, chart.view.catalogue)
        shown = Counter(entry.shown for entry in plan.listed)
        of_list = [entry for entry in plan.listed if caveat in entry.row["caveats"]]
        about = dict.fromkeys(one.shown if shown[one.shown] == 1 else one.name or one.what for one in of_list)
        if (
            not FEWER.search(text)
            and 0 < len(text) <= MAX_NOTE
            and (figures == len(rows) or (figures <= MAX_NAMED and about))
        ):
            others.append(text if figures == len(rows) else f"{wording.join(about)}: {text}")
    return protecting, others


def _protects(limit: str) -> bool:
    return any(words in limit for words in PROTECTING)


def _warn_of_unlike(plan: Plan) -> str:
    rows = [entry.row for entry in plan.listed]
    if {row["id"] for row in rows} & {one for row in rows for one in row["within"]}:
        return "Some of these figures are parts of others, so do not add them."
    if unlike(OF_KIND, *rows):
        return "These figures count different things, so do not add them."
    return ""


def _warn_of_stage(plan: Plan) -> str:
    recorded = [row["measure"] == "recorded" for row in plan.rows if not plan.is_index]
    if not any(recorded) or "findings" in (plan.chart.note or ""):
        return ""
    which = "these" if all(recorded) else "those without a stage"
    return f"The source does not say whether {which} are accusations or findings."


def _explain_marks(plan: Plan) -> Iterator[str]:
    drawn = [entry for block in plan.blocks if block.tops for line in block.lines for entry in line.of_years]
    parts = [
        wording.part_of_year(entry.row).removesuffix(" (part)")
        for line in plan.lines for entry in line.of_years if entry.row["coverage"] == "part"
    ]  # fmt: skip
    marked = defaultdict[str, list[Entry]](list)
    for entry in plan.entries:
        marked[entry.row["mark"]].append(entry)
    if any(entry.mark == "hollow" for entry in drawn):
        yield "Hollow: an estimate, or a number with a hedge."
    is_dashed = any(entry.mark == "part" for entry in drawn)
    if parts:
        yield f"{'Dashed: part' if is_dashed else 'Part'} of a year ({'; '.join(dict.fromkeys(parts))})."
    if changing := sorted({entry.row["year"] or entry.shown for entry in marked["provisional"]}):
        has_some = any(entry in drawn for entry in marked["provisional"])
        yield f"{'Dashed: ' if has_some else ''}{wording.join(changing)} may still change."
    if revised := [entry.row["year"] for entry in marked["revised"]]:
        years = f" ({wording.join(dict.fromkeys(revised))})" if all(revised) else ""
        yield f"* Revised by the publisher{years}."
    if others := [entry.shown for entry in marked["break"] if entry in plan.listed]:
        yield f"Counted in another way than before: {wording.join(others)}."
    elif breaks := sorted({entry.row["year"] for entry in marked["break"]}):
        yield f"Line: counted in another way from {wording.join(breaks)} on."


def _explain_hatching(plan: Plan) -> str:
    drawn = [line for block in plan.blocks for line in block.lines]
    reasons = dict.fromkeys(slot.reason for line in drawn for slot in line.slots if slot.reason)
    none, others = [each for each in reasons if each in NONE], [each for each in reasons if each not in NONE]
    said = " or ".join(none), f"{' or '.join(others)}, which does not mean zero" if others else ""
    return f"Hatched or missing: {'; '.join(filter(None, said))}." if reasons else ""
