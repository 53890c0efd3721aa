"""The forms that show series year by year: columns, a panel for each series; and a grid, a row for each."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from misconduct.charts.choose import Plan
from misconduct.charts.entries import Panel, Slot
from misconduct.charts.rows import CLASSES, draw_bars
from misconduct.charts.svg import DETAIL, NAME, PLAIN, Style, Svg, text_width, wrap

HEIGHT, HATCHED = 104, 26
"""Pixels of the highest column, and of the hatching of years without a figure."""

FIGURE, YEAR, REASON = Style(11.5, 12, is_bold=True), Style(11, 14, "muted"), Style(11, 12, "muted")
IN_CELL, IN_FULL_CELL = Style(11, 12, is_bold=True), Style(11, 12, "on_accent", is_bold=True)
MIN_BAND, MAX_BAND, GAP, CLOSE = 15, 62, 26, 6
COLUMN = 0.84
"""The part of its band that a column takes."""

CELL, WHOLE_PERIOD, MIN_SLIM = 26, 56, 2
"""Pixels of the height of a cell, and of the width of the last column of a grid and of years without a figure."""


def draw_columns(svg: Svg, plan: Plan) -> None:
    """Draw a column for each year of each series. All years are equally wide, also those without a figure."""
    highest = {panel.scale: 0.0 for panel in plan.panels}
    for panel in plan.panels:
        highest[panel.scale] = max(highest[panel.scale], *(slot.entry.reach for slot in panel.slots if slot.entry), 0.0)
    years = max(len(trim(panel.slots)) for panel in plan.panels)
    least = max(MIN_BAND, *(_crowding(panel, highest[panel.scale] or 1) for panel in plan.panels))
    most = min(len(plan.panels), 3, max(1, int((svg.width + GAP) / (years * least + GAP))))
    width = (svg.width - GAP * (most - 1)) / most
    for start in range(0, len(plan.panels), most):
        beside = plan.panels[start : start + most]
        heads = [(wrap(panel.name, NAME, width), wrap(panel.detail, DETAIL, width)) for panel in beside]
        foot = svg.y + max(NAME.step * len(name) + DETAIL.step * len(more) for name, more in heads) + 22 + HEIGHT
        for place, (panel, (name, more)) in enumerate(zip(beside, heads, strict=True)):
            left = place * (width + GAP)
            svg.text(more, left, svg.text(name, left, svg.y, NAME), DETAIL)
            _draw_panel(svg, trim(panel.slots), left, foot, width, highest[panel.scale] or 1)
        svg.y = foot + 34
    if plan.groups:
        draw_bars(svg, plan)


def _crowding(panel: Panel, highest: float) -> float:
    """Return the pixels that a year needs, so that numbers of about the same height do not touch."""
    pairs = pairwise(slot.entry for slot in panel.slots)
    near = [(a, b) for a, b in pairs if a and b and abs(a.reach - b.reach) / highest * HEIGHT < CLOSE]
    return max(((text_width(a.shown, FIGURE) + text_width(b.shown, FIGURE)) / 2 + 3 for a, b in near), default=0)


def trim(slots: Sequence[Slot]) -> list[Slot]:
    """Leave out the years before and after the time that a series is about."""
    places = [place for place, slot in enumerate(slots) if slot.entry or slot.reason]
    return list(slots[places[0] : places[-1] + 1]) if places else []


def _draw_panel(svg: Svg, slots: list[Slot], left: float, foot: float, width: float, highest: float) -> None:
    band = min(width / max(1, len(slots)), MAX_BAND)
    tops = [foot - max(0.0, slot.entry.reach) / highest * HEIGHT if slot.entry else foot for slot in slots]
    last_x, last_y = left, foot
    for place, (slot, top) in enumerate(zip(slots, tops, strict=True)):
        if not (entry := slot.entry):
            continue
        start, mark = left + (place + (1 - COLUMN) / 2) * band, CLASSES.get(entry.mark, "")
        if mark and entry.reach:
            svg.rect(start, top, band * COLUMN, max(foot - top, 1), mark)
        if entry.opens:
            svg.arrow(start + band * COLUMN / 2, top - 2 * entry.opens, entry.opens, is_vertical=True)
        y, width = top - 15 - 8 * bool(entry.opens), text_width(entry.shown, FIGURE)
        before, after = [foot, *tops[:place]][-1], [*tops[place + 1 :], foot][0]
        x = start + _shift(band * COLUMN - width, before < top, after < top)
        if x < last_x and abs(y - last_y) < FIGURE.size:
            y = min(y, last_y) - FIGURE.size
        svg.text([entry.shown], x, y, FIGURE)
        last_x, last_y = x + width, y
    for start, run in _runs(slots):
        x, wide = left + start * band, band * len(run)
        svg.rect(x + 1, foot - HATCHED, wide - 2, HATCHED, "hatch")
        lines = wrap(run[0].reason, REASON, wide - 4)
        if max(text_width(line, REASON) for line in lines) < wide:
            svg.text(lines, x + wide / 2, foot - HATCHED - 3 - REASON.step * len(lines), REASON, "middle")
    svg.rect(left, foot, band * len(slots), 1, "ink")
    _label_years(svg, slots, left, foot + 5, band)


def _shift(spare: float, is_higher_before: bool, is_higher_after: bool) -> float:
    """Return where in its column a number begins. One that is wider must not run into a higher column beside it."""
    if spare < 0 and is_higher_after:
        return spare
    if spare < 0 and is_higher_before:
        return 0
    return spare / 2


def _runs(slots: Sequence[Slot]) -> Iterator[tuple[int, list[Slot]]]:
    """Yield each run of years that have no figure for one reason, after the place where it starts."""
    place = 0
    for reason, run in groupby(slots, key=lambda slot: slot.reason):
        found = list(run)
        if reason:
            yield place, found
        place += len(found)


def _label_years(svg: Svg, slots: Sequence[Slot], left: float, y: float, band: float) -> None:
    """Label each year, or some of them if there is no room, and each run without figures by its first and last."""
    labels = [(place, 1, slot.year) for place, slot in enumerate(slots) if not slot.reason]
    labels += [(place, len(run), _name_run(run)) for place, run in _runs(slots)]
    if any(text_width(label, YEAR) + 3 > band for _, years, label in labels if years == 1):
        labels = [(place, years, f"’{label[2:]}") for place, years, label in labels]
    end = left - 8.0
    for place, years, label in sorted(labels):
        middle, half = left + (place + years / 2) * band, text_width(label, YEAR) / 2
        if middle - half >= end + 1.5 and (years == 1 or 2 * half < years * band + 12):
            svg.text([label], middle, y, YEAR, "middle")
            end = middle + half


def _name_run(run: Sequence[Slot]) -> str:
    first, last = run[0].year, run[-1].year
    return first if first == last else f"{first}–{last if '/' in last else last[2:]}"


def draw_grid(svg: Svg, plan: Plan) -> None:
    """Draw a row for each series and a cell for each year. Years in which no series has a figure are narrower."""
    years = zip(*(panel.slots for panel in plan.panels), strict=True)
    has_figure = [any(slot.entry for slot in slots) for slots in years]
    left = 0 if svg.is_narrow else 0.3 * svg.width
    windows = [text_width(panel.window.shown, FIGURE) + 8 for panel in plan.panels if panel.window]
    room = svg.width - left - max([WHOLE_PERIOD, *windows])
    shown = [slot.entry.shown for panel in plan.panels for slot in panel.slots if slot.entry]
    wide = max([room / len(has_figure), *(text_width(number, IN_CELL) + 8 for number in shown)])
    slim = (room - wide * sum(has_figure)) / max(1, len(has_figure) - sum(has_figure))
    if slim < (0 if all(has_figure) else MIN_SLIM):
        draw_columns(svg, plan)  # there are too many years for cells
        return
    starts = [left]
    for is_filled in has_figure:
        starts.append(starts[-1] + (wide if is_filled else slim))
    _head_grid(svg, plan.panels[0].slots, has_figure, starts)
    for panel in plan.panels:
        if svg.is_narrow:
            svg.write(panel.name, NAME)
            svg.y += 3
            end = svg.y
        else:
            lines = wrap(panel.name, PLAIN, left - 12)
            end = svg.text(lines, 0, svg.y + max(0, (CELL - PLAIN.step * len(lines)) / 2), PLAIN)
        _draw_cells(svg, panel, starts, svg.y)
        svg.y = max(end, svg.y + CELL) + (10 if svg.is_narrow else 5)


def _head_grid(svg: Svg, slots: Sequence[Slot], has_figure: Sequence[bool], starts: Sequence[float]) -> None:
    """Write the years above the cells, or as many as there is room for; a run without figures by its first and last."""
    spans = []
    for is_filled, run in groupby(range(len(slots)), key=lambda place: has_figure[place]):
        places = list(run)
        spans += [(place, place) for place in places] if is_filled else [(places[0], places[-1])]
    end = 0.0
    for first, last in spans:
        label, middle = _name_run(slots[first : last + 1]), (starts[first] + starts[last + 1]) / 2
        if text_width(label, YEAR) > starts[last + 1] - starts[first] + 4:
            label = f"’{label[2:]}"
        half = text_width(label, YEAR) / 2
        if middle - half > end:
            svg.text([label], middle, svg.y, YEAR, "middle")
            end = middle + half + 2
    svg.y = svg.text(["all years"], svg.width, svg.y, YEAR, "end") + 4


def _draw_cells(svg: Svg, panel: Panel, starts: Sequence[float], top: float) -> None:
    for place, slot in enumerate(panel.slots):
        if slot.entry:
            mark = CLASSES.get(slot.entry.mark, "hollow")
            svg.rect(starts[place] + 1, top, starts[place + 1] - starts[place] - 2, CELL, mark)
            middle = (starts[place] + starts[place + 1]) / 2
            svg.text([slot.entry.shown], middle, top + 7, IN_FULL_CELL if mark == "accent" else IN_CELL, "middle")
    for start, run in _runs(panel.slots):
        svg.rect(starts[start] + 1, top, starts[start + len(run)] - starts[start] - 2, CELL, "hatch")
    if panel.window:
        svg.text([panel.window.shown], svg.width, top + 6, FIGURE, "end")
