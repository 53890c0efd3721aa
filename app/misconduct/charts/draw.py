"""Draw a chart: title, warning of revisions, its forms, notes and source, in one of four sizes."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from misconduct.charts.choose import Chart, Plan, make_plan
from misconduct.charts.forms import draw_list, draw_number, draw_table, draw_years, fit_years
from misconduct.charts.svg import CARD, DETAIL, LAID_OUT, MARGIN, NAME, WIDTHS, Size, Style, Svg, Theme, wrap
from misconduct.charts.titles import MAX_PLACES, Words, describe, find_words, list_metadata, name_register, summarise

SUBTITLE, NOTE = Style(13, 17, "muted"), Style(11.5, 14)
CARD_WIDTHS, CARD_ROWS = (480, 560, 640, 740, 840, 960), (5, 4, 3, 2, 1)
"""Widths in which a card is tried, the one with the largest type first, and rows."""

CHARACTER, FOOT_WIDTH = 6.4, 0.94
"""The rough width of a character of the last lines, and the part that they take: fonts may be wider."""


class Picture(NamedTuple):
    """A drawn chart. `description` has every figure in words, `metadata` its origin."""

    svg: str
    width: int
    height: int
    title: str
    description: str
    alt: str
    headline: str
    metadata: dict[str, str]


def draw(chart: Chart, size: Size = "wide", theme: Theme = "light") -> Picture:
    """Draw a chart as a file."""
    svg, plan, words, outer = _fit(chart, size)
    title, first = words.title, "; ".join(map(str, plan.entries[:MAX_PLACES]))
    description, metadata = describe(words, plan), list_metadata(plan, title)
    document = svg.document(outer, theme, title, description, metadata)
    headline = title if chart.title else f"{title}: {first}"
    return Picture(document, *outer, title, description, summarise(words, plan), headline, metadata)


def draw_inline(chart: Chart, size: Size, link: Callable[[str], str]) -> str:
    """Draw a chart for a page of our own: each number links to the address of its figure."""
    svg, plan, words, outer = _fit(chart, size, link)
    return svg.element(outer, summarise(words, plan))


def _fit(
    chart: Chart, size: Size, link: Callable[[str], str] | None = None
) -> tuple[Svg, Plan, Words, tuple[int, int]]:
    """Lay out a chart. A card of limited height has fewer rows and smaller type until all fits."""
    if size != "card":
        plan, inner = make_plan(chart), LAID_OUT[WIDTHS[size]]
        svg, words = Svg(inner, link), find_words(plan)
        _lay_out(svg, plan, words)
        return svg, plan, words, (WIDTHS[size], round(svg.y * WIDTHS[size] / inner))
    for most in CARD_ROWS:
        plan = make_plan(replace(chart, most=most))
        words = find_words(plan)
        for width in CARD_WIDTHS:
            svg, height = Svg(width), round(width * CARD[1] / CARD[0])
            _lay_out(svg, plan, words, height)
            if svg.y <= height:
                return svg, plan, words, CARD
    return svg, plan, words, CARD


def _lay_out(svg: Svg, plan: Plan, words: Words, height: int = 0) -> None:
    """Lay out a chart. A card, which has a `height`, does not say who stated each figure."""
    svg.rect(0, svg.y, 32, 4, "brand")
    svg.y += 12
    size = 17 if svg.is_narrow else max(19, (svg.width + 2 * MARGIN) / 32)
    svg.write(words.title, Style(size, 1.24 * size, is_bold=True))
    svg.y += 3
    svg.write(words.subtitle, SUBTITLE)
    svg.y += 12
    if revised := plan.chart.revised:
        lines = wrap(revised, NAME, svg.width - 20)
        svg.rect(0, svg.y, svg.width, NAME.step * len(lines) + 12, "warning")
        svg.y = svg.text(lines, 10, svg.y + 6, NAME._replace(colour="on_warning")) + 18
    for block in plan.blocks:
        is_drawn = block.form == "years" and fit_years(block.lines, svg.width)
        (draw_years if is_drawn else draw_table)(svg, block)
    if plan.is_one_number:
        draw_number(svg, plan.listed[0])
    elif plan.listed:
        draw_list(svg, plan.listed, plan.top, has_details=not height)
    svg.y += 8
    notes = wrap(words.notes, NOTE, FOOT_WIDTH * svg.width)
    said = words.source, name_register(plan.chart, svg.width / CHARACTER)
    lines = [line for text in said for line in wrap(text, DETAIL, FOOT_WIDTH * svg.width)]
    svg.y = max(svg.y, height - MARGIN - NOTE.step * len(notes) - DETAIL.step * len(lines))
    svg.y = svg.text(lines, 0, svg.text(notes, 0, svg.y, NOTE), DETAIL) + MARGIN
