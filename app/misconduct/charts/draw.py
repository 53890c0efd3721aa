"""Draw a chart: title, warning of revisions, its form, notes and source, in one of four sizes."""

from dataclasses import replace
from itertools import product
from typing import NamedTuple

from misconduct.charts import titles
from misconduct.charts.choose import Chart, Plan, make_plan
from misconduct.charts.entries import Entry
from misconduct.charts.lists import draw_list, draw_number
from misconduct.charts.svg import (
    CARD,
    DETAIL,
    LAID_OUT,
    MARGIN,
    NAME,
    PLAIN,
    SUBTITLE,
    WIDTHS,
    Size,
    Style,
    Svg,
    Theme,
    wrap,
)
from misconduct.charts.tables import draw_table
from misconduct.charts.years import draw_years, fit_lines

CARD_WIDTHS = (480, 560, 640, 740, 840, 960)
"""Widths in which a card is tried: the type of the first one is the largest."""

CARD_ROWS = (5, 4, 3, 2, 1)
"""How many rows a card is tried with."""

BRAND = 32
CHARACTER = 6.4
"""About how wide a character of the last lines is, in pixels."""

FOOT_GAP = 8
FOOT_WIDTH = 0.94
"""The part of the width that the words below take, so that they fit in a wider font, too."""


class Picture(NamedTuple):
    """A drawn chart: the SVG, its width and height in pixels, its title, its alternative text, and its first figures.

    `description` has every figure in words. `metadata` says where it is from, by terms of Dublin Core.
    """

    svg: str
    width: int
    height: int
    title: str
    description: str
    alt: str
    headline: str
    metadata: dict[str, str]


def draw(chart: Chart, size: Size = "wide", theme: Theme = "light") -> Picture:
    """Draw a chart. SVG and PNG have every figure in words; `alt` has those of a few, or says how many there are."""
    if size == "card":
        svg, plan, outer = *_fit_card(chart), CARD
    else:
        plan, inner = make_plan(chart), LAID_OUT[WIDTHS[size]]
        svg = _lay_out(chart, plan, inner)
        outer = (WIDTHS[size], round(svg.y * WIDTHS[size] / inner))
    title = titles.make_title(chart, plan)
    foot = " ".join(filter(None, (titles.make_notes(chart, plan), titles.source_line(chart, plan))))
    said = (title, titles.make_subtitle(chart, plan, title), plan, foot)
    metadata = titles.list_metadata(chart, plan, title)
    description, alt, headline = titles.describe(*said), titles.summarise(*said), titles.headline(title, plan)
    document = svg.document(outer, theme, title, description, metadata)
    return Picture(document, *outer, title, description, alt, headline, metadata)


def _fit_card(chart: Chart) -> tuple[Svg, Plan]:
    """Lay out a card, which has only so much height: with smaller type and fewer rows, until all fits."""
    for most, level in product(CARD_ROWS, range(3)):
        plan = _shorten(make_plan(chart, most, most), level)
        for width in CARD_WIDTHS:
            if _lay_out(chart, plan, width).y <= _card_height(width):
                return _lay_out(chart, plan, width, is_card=True), plan
    return _lay_out(chart, plan, CARD_WIDTHS[-1], is_card=True), plan


def _shorten(plan: Plan, level: int) -> Plan:
    """Say less of each figure of a list: not who stated it (1), and the rest in one line (2)."""

    def short(entry: Entry) -> Entry:
        name = ", ".join(filter(None, (entry.name, entry.what))) if level > 1 else entry.name
        return replace(entry, detail="", name=name, what=entry.what if level == 1 else "")

    groups = [replace(group, entries=[short(one) for one in group.entries]) for group in plan.groups]
    return replace(plan, groups=groups) if level and not plan.is_one_number else plan


def _card_height(width: int) -> int:
    return round(width * CARD[1] / CARD[0])


def _lay_out(chart: Chart, plan: Plan, width: int, *, is_card: bool = False) -> Svg:
    """Lay out a chart in a width. The foot of a card is at its bottom, and has one line for the source."""
    svg = Svg(width)
    svg.rect(0, svg.y, BRAND, 4, "brand")
    svg.y += 12
    size = 17 if svg.is_narrow else max(19, width / 30)
    title = titles.make_title(chart, plan)
    svg.write(title, Style(size, 1.24 * size, is_bold=True))
    svg.y += 3
    svg.write(titles.make_subtitle(chart, plan, title), SUBTITLE)
    svg.y += 12
    if chart.revised:
        _write_warning(svg, chart.revised)
    _draw_plan(svg, plan)
    svg.y += FOOT_GAP
    source, register = titles.source_line(chart, plan), titles.register_line(chart, svg.width / CHARACTER)
    notes = wrap(titles.make_notes(chart, plan), PLAIN._replace(size=11.5, step=14), FOOT_WIDTH * svg.width)
    lines = [line for text in (source, register) for line in wrap(text, DETAIL, FOOT_WIDTH * svg.width)]
    if is_card:
        svg.y = max(svg.y, _card_height(width) - MARGIN - DETAIL.step * (len(notes) + len(lines)))
    svg.y = svg.text(notes, 0, svg.y, PLAIN._replace(size=11.5, step=14))
    svg.y = svg.text(lines, 0, svg.y, DETAIL) + MARGIN
    return svg


def _draw_plan(svg: Svg, plan: Plan) -> None:
    for block in plan.blocks:
        if block.form == "table" or (len(block.lines) > 1 and not fit_lines(block.lines, svg.width)):
            draw_table(svg, block)
        else:
            draw_years(svg, block)
    if plan.is_one_number:
        draw_number(svg, plan.rows[0])
    elif plan.groups:
        draw_list(svg, plan.groups)


def _write_warning(svg: Svg, text: str) -> None:
    style = NAME._replace(colour="on_warning")
    lines = wrap(text, style, svg.width - 20)
    svg.rect(0, svg.y, svg.width, style.step * len(lines) + 12, "warning")
    svg.y = svg.text(lines, 10, svg.y + 6, style) + 18
