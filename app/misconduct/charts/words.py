"""Say what stands around the figures of a picture: title, subtitle, notes, source, and the picture in words."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from misconduct.charts.lines import NOT_HELD, Point
from misconduct.charts.notes import (
    MAX_NAMED,
    count_rest,
    counts_more,
    define,
    name_sources,
    say_caveats,
    warn,
)
from misconduct.charts.plan import SUITED, Entry, Plan
from misconduct.charts.times import name_span
from misconduct.model import wording
from misconduct.model.places import list_forces, name_places

MAX_COUNTED = 99  # up to how many other figures are said


PROTECTING = (
    "finding",
    "misconduct is alleged",
)  # so that nobody takes an accusation or a death for misconduct

MAX_DESCRIBED, MAX_OUTLINED = (
    18,
    5,
)  # figures of the alternative text, and rows of which it has the ends


class Words(NamedTuple):
    """The words of a picture around its figures.

    `shown` says how many of the rows are drawn, and on a card with an editor's title also of which places and times,
    `limit` what they prove, `key` what marks mean: a card says these, too, and as many of the caveats as have room.
    """

    title: str
    subtitle: str
    shown: str
    limit: str
    key: str
    caveats: Sequence[str]
    notes: Sequence[str]
    source: str


def find_words(plan: Plan, *, is_card: bool = False) -> Words:
    """Return what a picture says around its figures: the editor's words, if it is a chart of the register."""
    chart, catalogue, scale = plan.chart, plan.chart.view.catalogue, _say_scale(plan)
    shown = " ".join(filter(None, (_say_missing(plan), _say_shown(plan), scale)))
    leaves_rest = _leaves_rest(plan)
    plan = replace(plan, left=()) if is_card else plan
    caveats, limit = say_caveats(plan), _say_limit(plan)
    if counts_more(plan.rows):  # its note stands where the definition does not
        caveats, limit = caveats[1:], " ".join([*caveats[:1], limit]).strip()
    areas = [entry.line.area for entry in plan.entries]
    name, places = chart.heading or plan.name, name_places(areas, catalogue)
    span = name_span(point.time for point in plan.points)
    title, where = (
        ", ".join(filter(None, words))
        for words in ((name, places, span), (places, span))
    )
    shown = f"{where}. {shown}".strip() if is_card and chart.title else shown
    by_editor = chart.title or "", ". ".join(filter(None, (chart.subtitle, scale)))
    own = by_editor if chart.title else (title, f"{shown} {limit}".strip())
    rest = "The rows do not add up to the total." if leaves_rest else ""
    key = " ".join(filter(None, (*_make_key(plan), rest)))
    notes = (
        [] if is_card else [note for note in _make_notes(plan, key, caveats) if note]
    )
    return Words(
        *own,
        shown,
        limit,
        key,
        caveats,
        notes,
        name_sources(plan.rows, plan.chart.view),
    )


def _say_missing(plan: Plan) -> str:
    """Return what was asked for and is not held, if only a part of it, or a few places inside it, are drawn."""
    wish, catalogue = plan.chart.wish, plan.chart.view.catalogue
    drawn = {one.line.area for one in (*plan.entries, *plan.left)}
    is_part = wish.indicators and not {
        row["indicator"] for row in plan.rows
    }.intersection(wish.indicators)
    counts = (
        [wording.lower(catalogue.label("indicator", one)) for one in wish.indicators]
        if is_part
        else []
    )
    is_named = (
        len(drawn) <= MAX_NAMED or len({*wish.areas}) > 1
    )  # or the title says: 37 forces
    places = [
        catalogue.label("area", one)
        for one in wish.areas
        if one not in drawn and is_named
    ]
    said = (("Not held", counts), ("Not held as a whole", places))
    return " ".join(
        f"{missing}: {wording.join(some)}."
        for missing, some in said
        if 0 < len(some) <= MAX_NAMED
    )


def _say_shown(plan: Plan) -> str:
    """Return how many rows are drawn, if not all, and which places were asked for and are not: 6 of 44 places shown.

    If the rows are for police forces that nobody chose, it is also how many others have no figure.
    """
    shown = {one.line.area for one in plan.entries}
    held = {one.line.area for one in (*plan.entries, *plan.left)}.union(plan.elsewhere)
    catalogue, asked = plan.chart.view.catalogue, plan.chart.wish.areas
    forces = {*list_forces(catalogue)}
    are_forces = (
        held < forces
        and len(held) > MAX_NAMED
        and forces.isdisjoint(asked)
        and not plan.chart.title
    )
    number = len(forces - held)
    missing = (
        f"No figure here for {number} other force{'s' * (number > 1)}."
        if are_forces
        else ""
    )
    if not plan.left and not plan.elsewhere:
        return missing
    left = {one: catalogue.label("area", one) for one in held - shown}
    least = min((one.reach for one in plan.entries), default=0)
    are_highest = all(one.reach <= least for one in plan.left) and not (
        plan.is_table or plan.chart.has_all
    )
    are_full = plan.shape == "small" and any(
        one.reach > 0 and not one.is_full for one in plan.left
    )
    first = (
        ", the newest" if _are_times(plan) else ", the highest" if are_highest else ""
    )
    first = (
        ", those with numbers for most years"
        if are_full and not plan.is_table
        else first
    )
    numbers = f"{len(plan.entries)} of {plan.number} rows shown{first}."
    numbers = f"{len(shown)} of {len(held)} places shown." if left else numbers
    cut = [left[one] for one in asked if one in left] or sorted(left.values())
    others = f"Not shown: {wording.join(cut)}." if 0 < len(cut) <= MAX_NAMED else ""
    return " ".join(filter(None, (numbers, others, missing)))


def _are_times(plan: Plan) -> bool:
    """Tell whether rows are the times of one place and kind."""
    return len(plan.entries) > 1 and all(
        one.line is plan.entries[0].line for one in plan.entries
    )


def _say_scale(plan: Plan) -> str:
    """Return that columns of different rows may not be compared, if each row has its own scale."""
    is_own = plan.why and plan.has_scale and plan.shape == "small"
    return (
        "Each row has its own scale, so do not compare rows by height."
        if is_own
        else ""
    )


def _say_limit(plan: Plan) -> str:
    """Return an editor's note, and what is counted and what that does not prove if the note does not say it."""
    note = plan.chart.note or ""
    is_said = any(word in note for word in PROTECTING)
    return (
        note
        if is_said
        else f"{note} {define(plan.rows, plan.chart.view.catalogue)}".strip()
    )


def _make_key(plan: Plan) -> Iterator[str]:
    """Yield warnings, why there are no bars, what marks mean, and which newer numbers are held."""
    yield from warn(plan)
    if plan.shape in ("rows", "small") and plan.why and not plan.chart.title:
        yield f"Not to be compared: {plan.why}"
    yield from _explain_marks(plan)
    has_one_each = (
        plan.shape == "rows" and not plan.chart.has_all and not _are_times(plan)
    )
    later = [
        (one, one.line.points[-1])
        for one in (plan.entries if has_one_each else ())
        if one.points and one.line.points[-1].time.last > one.points[0].time.last
        if not one.line.points[-1].is_hidden
    ]
    said = [
        f"{one.name} {plan.say(point.row)} ({point.time.label})".strip()
        for one, point in later
    ]
    yield f"Newer: {'; '.join(said)}." if 0 < len(said) <= MAX_NAMED else ""


def _leaves_rest(plan: Plan) -> bool:
    """Tell whether a total stands above all its rows, all of them exact counts for one time, and is not their sum."""
    if plan.shape != "rows" or plan.left or not plan.entries[0].line.is_total:
        return False
    total, *parts = plan.points
    are_exact = all(
        (one.row["qualifier"], one.time) == ("exact", total.time) for one in plan.points
    )
    are_exact = (
        are_exact and total.row["statistic"] == "count"
    )  # rounded shares need not make up the whole
    return (
        len(plan.points) == len(plan.entries)
        and are_exact
        and sum(one.value or 0 for one in parts) != total.value
    )


def _make_notes(plan: Plan, key: str, caveats: Sequence[str]) -> Iterator[str]:
    """Yield the paragraphs below the figures."""
    chart = plan.chart
    yield " ".join(
        filter(None, [key, *(_name_others(plan) if plan.shape != "rows" else ())])
    )
    left = _name_left(plan)
    yield left if len(left) <= wording.MAX_NOTE else ""
    yield _say_limit(plan) if chart.title else ""
    yield " ".join(caveats)
    yield _name_rest(plan) if not chart.title else ""


def _name_left(plan: Plan) -> str:
    """Return the rows for which there is no room: And 9 more: Kent Police 1; 0: Dorset Police and Essex Police."""
    named, alike = (
        [entry for entry in plan.left if not entry.heading],
        defaultdict[str, list[str]](list),
    )
    said = list[str]()
    for entry in [entry for entry in named if entry.reach > 0]:
        newest = [slot for slot in entry.slots if slot.point and not slot.reason][-1]
        time = f" ({newest.label})" if plan.shape == "small" else ""
        said.append(f"{_describe(replace(entry, slots=[newest]), plan)}{time}")
    for entry in [entry for entry in named if entry.reach <= 0]:
        reasons = dict.fromkeys(slot.reason for slot in entry.slots)
        alike[
            "0" if entry.reach == 0 else " or ".join(map(plan.explain, reasons))
        ].append(entry.name)
    said += [f"{number}: {wording.join(names)}" for number, names in alike.items()]
    return f"And {len(plan.left)} more: {'; '.join(said)}." if said else ""


MARKS = {
    "hollow": ("Hollow: not an exact number ({}).", "Not an exact number ({})."),
    "part": ("Dashed: part of a year ({}).", "Part of a year ({})."),
    "provisional": ("Dashed: provisional ({}).", "Provisional ({})."),
    "revised": ("* Revised by the publisher ({}).",) * 2,
    "break": (
        "Upright line: counted in another way from {} on.",
        "Counted in another way from {} on.",
    ),
}
"""What marks mean where columns are drawn, and elsewhere; each with its times."""


def _explain_marks(plan: Plan) -> Iterator[str]:
    marked, has_columns = (
        defaultdict[str, list[str]](list),
        plan.shape in ("columns", "small") and plan.has_scale,
    )
    for point, line in (
        (point, entry.line) for entry in plan.entries for point in entry.points
    ):
        label = point.time.label.removesuffix(" (part)")
        marked["part" if line.is_part(point) else str(point.row["mark"])].append(label)
        is_hollow = (
            point.value
            and point.row["qualifier"] not in ("exact", None)
            and plan.has_scale
        )
        marked["hollow" if is_hollow else ""].append(label)
    for mark, words in MARKS.items():
        if labels := marked.get(mark):
            yield words[not has_columns].format(wording.join(dict.fromkeys(labels)))
    if plan.shape == "dots" and 1 < plan.publishers.most_common(1)[0][1] < len(
        plan.points
    ):
        yield f"Filled dots: {plan.publishers.most_common(1)[0][0]}. Hollow: others."
    slots = (
        [slot for entry in plan.entries for slot in entry.slots]
        if plan.shape in ("columns", "small")
        else []
    )
    if reasons := dict.fromkeys(slot.reason for slot in slots if slot.reason):
        yield f"Hatched: {' or '.join(map(plan.explain, reasons))}; this does not mean zero."
    rings = [
        (_when(point), row)
        for point in plan.points
        for row in point.others
        if plan.shape != "rows"
    ]
    if rings:
        named = [
            (plan.say(row), time, wording.publication(row, plan.chart.view.catalogue))
            for time, row in rings
        ]
        said = [f"{number} {time} ({source})" for number, time, source in named]
        yield f"{'Ring: also' if plan.has_scale else 'Also'} printed: {'; '.join(said)}."


def _when(point: Point) -> str:
    return f"{'on' if point.time.first == point.time.last else 'in'} {point.time.label}"


def _name_others(plan: Plan) -> Iterator[str]:
    """Yield what else is said of the same times: for all years together, and of which wholes."""
    points, windows = plan.points, defaultdict[str, list[str]](list)
    for entry in plan.entries:
        if window := entry.line.window:
            windows[window.time.label].append(
                f"{entry.name} {plan.say(window.row)}".strip()
            )
    few = {
        time: numbers for time, numbers in windows.items() if len(numbers) <= MAX_NAMED
    }
    yield from (
        f"Printed for {time} together: {'; '.join(numbers)}."
        for time, numbers in few.items()
    )
    apart = [point for entry in plan.entries for point in entry.line.apart][-MAX_NAMED:]
    said = [
        f"{plan.say(one.row)} {_when(one)} ({wording.publisher(plan.chart.view.source(one.row))})"
        for one in apart
    ]
    if len(plan.entries) == 1 and said:
        yield f"Another publisher has earlier numbers, which may count otherwise: {'; '.join(said)}."
    if len({point.row["whole"] for point in points}) > 1:
        wholes = [
            f"{point.row['whole'] or 'a number that is not stated'} in {point.time.label}"
            for point in points
        ]
        yield f"Shares of {'; '.join(dict.fromkeys(wholes))}."


def _name_rest(plan: Plan) -> str:
    """Return what else the request finds: Also held: 1 figure on complaints finalised, figures on reviews."""
    rest = count_rest(plan.chart.rows, plan.rows, plan.chart.view.catalogue)
    said = [
        name if number > MAX_COUNTED else f"{number} {name}"
        for name, number in rest[:MAX_NAMED]
    ]
    return (
        f"Also held: {', '.join(said)}{' and other counts' if rest[MAX_NAMED:] else ''}."
        if said
        else ""
    )


def describe(words: Words, plan: Plan) -> str:
    """Return the picture in words, with every figure, and for who asked for it that a wish was not followed."""
    entries, form = [_describe(entry, plan) for entry in plan.entries], plan.chart.form
    is_unlike = form and not plan.chart.title and plan.shape not in SUITED.get(form, ())
    unlike = (
        f"These figures do not suit the form that was asked for, {form}"
        if is_unlike
        else ""
    )
    return _sentences(
        words.title, words.subtitle, *entries, *words.notes, words.source, unlike
    )


def _describe(entry: Entry, plan: Plan) -> str:
    said, has_times = list[str](), len(entry.slots) > 1
    for reason, run in groupby(entry.slots, key=lambda slot: slot.reason):
        slots = list(run)
        runs = [[slots[0], slots[-1]]] if reason else [[slot] for slot in slots]
        for some in runs:
            label = " to ".join(dict.fromkeys(slot.label for slot in some))
            number = plan.explain(some[0].reason) or (
                plan.say(some[0].point.row) if some[0].point else ""
            )
            said.append(f"{label}: {number}" if has_times else number)
    when = f" ({entry.when})" if entry.when else ""
    numbers = "; ".join(said) or plan.explain(NOT_HELD)
    return f"{f'{entry.name}: ' if entry.name else ''}{numbers}{when}"


def summarise(words: Words, plan: Plan) -> str:
    """Return the alternative text: every figure of a few, else how many there are, and the ends of a few rows."""
    if len(plan.points) <= MAX_DESCRIBED:
        return describe(words, plan)
    outlined = [
        _outline(entry, plan) for entry in plan.entries if len(entry.points) > 1
    ][:MAX_OUTLINED]
    number = f"{len(plan.points)} figures"
    return _sentences(
        words.title,
        words.subtitle,
        number,
        *outlined,
        "The linked page has them in a table",
    )


def _outline(entry: Entry, plan: Plan) -> str:
    """Return the first, last and highest number of a row: 36 in 2004/05, 18 in 2019/20; highest 36 in 2004/05."""
    points = entry.points
    ends = points[0], points[-1], max(points, key=lambda point: point.value or 0)
    first, last, highest = (f"{plan.say(one.row)} {_when(one)}" for one in ends)
    return (
        f"{entry.name + ': ' if entry.name else ''}{first}, {last}; highest {highest}"
    )


def _sentences(*texts: str) -> str:
    return " ".join(
        text if text.endswith((".", "?", "!")) else f"{text}." for text in texts if text
    )
