"""Draw a chart: title, warning of revisions, its figures, notes and source, in one of four sizes."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from misconduct.charts.form import Plan, make_plan
from misconduct.charts.marks import HIGH
from misconduct.charts.marks import draw as draw_figures
from misconduct.charts.subject import Chart
from misconduct.charts.svg import (
    CARD,
    DETAIL,
    LAID_OUT,
    MARGIN,
    NAME,
    WIDTHS,
    Size,
    Style,
    Svg,
    Theme,
    text_width,
    wrap,
)
from misconduct.charts.words import (
    Words,
    describe,
    find_words,
    list_metadata,
    make_headline,
    name_register,
    summarise,
)

SUBTITLE, NOTE = Style(13, 17, "muted"), Style(11.5, 14)
CARD_WIDTH, CARD_TITLE = 600, Style(25, 30, is_bold=True)
FOOT_WIDTH = 0.94  # the part of the width that the last lines take: fonts may be wider


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
    plan, words = prepare(chart)
    svg, outer = _lay_out(plan, words, size)
    description, metadata = describe(words, plan), list_metadata(plan, words.title)
    document = svg.document(outer, theme, words.title, description, metadata)
    headline = make_headline(words, plan)
    return Picture(document, *outer, words.title, description, summarise(words, plan), headline, metadata)


def draw_inline(chart: Chart, size: Size, link: Callable[[str], str]) -> str:
    """Draw a chart for a page of our own: each number links to the address of its figure."""
    plan, words = prepare(chart)
    svg, outer = _lay_out(plan, words, size, link)
    return svg.element(outer, summarise(words, plan))


def prepare(chart: Chart) -> tuple[Plan, Words]:
    """Return what a picture draws, and its words."""
    plan = make_plan(chart)
    return plan, find_words(plan)


def _lay_out(
    plan: Plan, words: Words, size: Size, link: Callable[[str], str] | None = None
) -> tuple[Svg, tuple[int, int]]:
    """Lay out a picture, and return its outer size."""
    if size == "card":
        svg = Svg(CARD_WIDTH)
        _draw_card(svg, plan, words)
        return svg, CARD
    svg = Svg(LAID_OUT[WIDTHS[size]], link)
    _draw_page(svg, plan, words)
    return svg, (WIDTHS[size], round(svg.y * WIDTHS[size] / LAID_OUT[WIDTHS[size]]))


def _draw_page(svg: Svg, plan: Plan, words: Words) -> None:
    svg.rect(0, svg.y, 32, 4, "brand")
    svg.y += 12
    size = 17 if svg.is_narrow else max(19, (svg.width + 2 * MARGIN) / 32)
    svg.write(words.title, Style(size, 1.24 * size, is_bold=True))
    svg.y += 3
    svg.write(words.subtitle, SUBTITLE)
    svg.y += 10
    _warn_of_revision(svg, plan)
    draw_figures(svg, plan)
    svg.y += 4
    for note in words.notes:
        svg.write(note, NOTE, FOOT_WIDTH)
    svg.y = svg.text(_wrap_foot(svg, plan, words), 0, svg.y, DETAIL) + MARGIN


def _warn_of_revision(svg: Svg, plan: Plan) -> None:
    if revised := plan.chart.revised:
        lines = wrap(revised, NAME, svg.width - 20)
        svg.rect(0, svg.y, svg.width, NAME.step * len(lines) + 12, "warning")
        svg.y = svg.text(lines, 10, svg.y + 6, NAME._replace(colour="on_warning")) + 14


def _draw_card(svg: Svg, plan: Plan, words: Words) -> None:
    """Draw a card: title, the number or the first rows, what protects readers, and the source."""
    height = round(CARD_WIDTH * CARD[1] / CARD[0])
    foot = _wrap_foot(svg, plan, words)
    limit = wrap(words.limit, DETAIL, svg.width)[:2]
    below = height - MARGIN - DETAIL.step * (len(foot) + len(limit))
    svg.rect(0, svg.y, 48, 6, "brand")
    svg.y += 14
    svg.write(words.title, CARD_TITLE)
    svg.y += 4
    _warn_of_revision(svg, plan)
    room = below - svg.y
    first = _fit_card(plan, room)
    draw_figures(svg, first, max(20, min(HIGH, room - 50)))
    svg.text([*limit, *foot], 0, below, DETAIL)
    svg.y = height


def _fit_card(plan: Plan, room: float) -> Plan:
    """Return as many of the first rows as a card has room for."""
    most = max(1, int((room - 16) / (52 if plan.shape == "small" else 21)))
    return replace(plan, entries=plan.entries[:most]) if plan.shape in ("small", "rows") else plan


def _wrap_foot(svg: Svg, plan: Plan, words: Words) -> list[str]:
    """Return the source, and the register with its address, which is broken between the parts of its query."""
    lines, room = [""], FOOT_WIDTH * svg.width
    for piece in re.findall(r"[^ ?&,]*[ ?&,]*", name_register(plan)):
        if lines[-1] and text_width(lines[-1] + piece.strip(), DETAIL) > room:
            lines.append("")
        lines[-1] += piece
    return [*wrap(words.source, DETAIL, room), *map(str.strip, lines)]
