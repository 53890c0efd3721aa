"""Draw a chart: title, warning of revisions, its figures, notes and source, in one of four sizes."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from misconduct.charts.form import Plan, make_plan
from misconduct.charts.marks import HIGH, draw_figures
from misconduct.charts.subject import Chart
from misconduct.charts.svg import CARD, DETAIL, LAID_OUT, MARGIN, NAME, WIDTHS, Pixels, Size, Style, Svg, Theme, wrap
from misconduct.charts.words import Words, describe, find_words, list_metadata, make_headline, name_register, summarise

SUBTITLE, NOTE = Style(13, 17, "muted"), Style(12, 14.5)
CARD_TITLE, LONG_TITLE = Style(25, 30, is_bold=True), Style(20, 24, is_bold=True)
CARD_WIDTH, MAX_LINES, CARD_SIZES = 600, 3, [(rows, 10.0 * rows) for rows in range(15, 0, -1)]
"""The width that a card is laid out for, the lines of a large title, and how many rows, or how high columns, it has."""

Link = Callable[[str], str]
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
    svg, plan, words, outer = _lay_out(chart, size)
    description, metadata = describe(words, plan), list_metadata(plan, words.title)
    document = svg.document(outer, theme, words.title, description, metadata)
    alt, headline = summarise(words, plan), make_headline(words, plan)
    return Picture(document, *outer, words.title, description, alt, headline, metadata)


def draw_inline(chart: Chart, size: Size, link: Link) -> str:
    """Draw a chart for a page of our own: each number links to the address of its figure."""
    svg, plan, words, outer = _lay_out(chart, size, link)
    return svg.element(outer, summarise(words, plan))


def _lay_out(chart: Chart, size: Size, link: Link | None = None) -> tuple[Svg, Plan, Words, Pixels]:
    """Lay out a chart, and return what it draws, its words, and its outer size."""
    plan = make_plan(chart)
    words, inner = find_words(plan), CARD_WIDTH if size == "card" else LAID_OUT[WIDTHS[size]]
    svg = Svg(inner, link)
    if size == "card":
        _draw_card(svg, plan, words)
        return svg, plan, words, CARD
    _draw_page(svg, plan, words)
    return svg, plan, words, (WIDTHS[size], round(svg.y * WIDTHS[size] / inner))


def _draw_page(svg: Svg, plan: Plan, words: Words) -> None:
    size = 17 if svg.is_narrow else max(19, (svg.width + 2 * MARGIN) / 32)
    _draw_head(svg, plan, words, Style(size, 1.24 * size, is_bold=True), words.subtitle)
    draw_figures(svg, plan, HIGH)
    svg.y += 4
    for note in words.notes:
        svg.write(note, NOTE, FOOT_WIDTH)
    svg.y = svg.text(_wrap_foot(svg, plan, words), 0, svg.y, DETAIL) + MARGIN


def _draw_head(svg: Svg, plan: Plan, words: Words, style: Style, subtitle: str) -> None:
    """Write title and subtitle, and whether a figure was revised since."""
    svg.rect(0, svg.y, 1.6 * style.size, 4, "brand")
    svg.y += 12
    svg.write(words.title, style)
    svg.write(subtitle, SUBTITLE)
    svg.y += 10
    if revised := plan.chart.revised:
        lines = wrap(revised, NAME, svg.width - 20)
        svg.rect(0, svg.y, svg.width, NAME.step * len(lines) + 12, "warning")
        svg.y = svg.text(lines, 10, svg.y + 6, NAME._replace(colour="on_warning")) + 14


def _draw_card(svg: Svg, plan: Plan, words: Words) -> None:
    """Draw a card: title, the number or the first rows, what protects readers, and the source."""
    height = round(CARD_WIDTH * CARD[1] / CARD[0])
    foot = [*wrap(words.limit, DETAIL, svg.width), *_wrap_foot(svg, plan, words)]
    below = height - MARGIN - DETAIL.step * len(foot)
    lines = len(wrap(words.title, CARD_TITLE, svg.width))
    _draw_head(svg, plan, words, CARD_TITLE if lines <= MAX_LINES else LONG_TITLE, "")
    for most, high in CARD_SIZES:  # the largest that fits
        trial = Svg(CARD_WIDTH)
        trial.y, first = svg.y, replace(plan, entries=plan.entries[:most])
        draw_figures(trial, first, high)
        if trial.y <= below or (most, high) == CARD_SIZES[-1]:
            break
    draw_figures(svg, first, high)
    svg.text(foot, 0, below, DETAIL)
    svg.y = height


def _wrap_foot(svg: Svg, plan: Plan, words: Words) -> list[str]:
    """Return the source, and the register with its address, which is broken between its parts."""
    lines, room = [""], FOOT_WIDTH * svg.width
    for part in re.findall(r"[^ ?&,/]*[ ?&,/]*", name_register(plan)):
        if len(wrap(lines[-1] + part, DETAIL, room)) > 1:
            lines.append("")
        lines[-1] += part
    return [*wrap(words.source, DETAIL, room), *map(str.strip, lines)]
