"""Draw a chart: title, warning of revisions, its forms, notes and source, in one of four sizes."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from misconduct.charts.choose import MAX_ALIKE, Chart, Plan, find_columns, make_plan
from misconduct.charts.forms import (
    draw_grid,
    draw_index,
    draw_list,
    draw_number,
    draw_table,
)
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
from misconduct.charts.titles import (
    MAX_PLACES,
    Words,
    count_kinds,
    describe,
    find_words,
    list_metadata,
    name_held,
    name_register,
    summarise,
)

SUBTITLE, NOTE = Style(13, 17, "muted"), Style(11.5, 14)
CARD_WIDTH, CARD_TITLE, CARD_NUMBER = 600, Style(28, 34, is_bold=True), Style(60, 68, "accent", is_bold=True)
"""The width that a card is laid out for, its title, and its number if it is of a single figure."""

MAX_HEIGHT, MAX_AREA, ROOMS = 2_400, 640 * 840, (MAX_ALIKE, 48, 40, 32, 24, 18, 16, 14, 12, 10, 8)
"""Pixels of the highest picture, and of all of one of unlike figures, and the rows with which it is tried."""

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
    svg, plan, words, outer = _fit(chart, size)
    title, first = words.title, "; ".join(map(str, plan.entries[:MAX_PLACES]))
    if plan.is_one_number and plan.listed[0].name in title:
        first = plan.listed[0].shown
    description, metadata = describe(words, plan), list_metadata(plan, title)
    document = svg.document(outer, theme, title, description, metadata)
    headline = title if chart.title or not first else f"{title}: {first}"
    return Picture(document, *outer, title, description, summarise(words, plan), headline, metadata)


def draw_inline(chart: Chart, size: Size, link: Callable[[str], str]) -> str:
    """Draw a chart for a page of our own: each number links to the address of its figure."""
    svg, plan, words, outer = _fit(chart, size, link)
    return svg.element(outer, summarise(words, plan))


def _fit(
    chart: Chart, size: Size, link: Callable[[str], str] | None = None
) -> tuple[Svg, Plan, Words, tuple[int, int]]:
    """Lay out a chart, with fewer rows if it would be too high."""
    if size == "card":
        plan, svg = make_plan(chart), Svg(CARD_WIDTH)
        words = find_words(plan)
        _lay_out_card(svg, plan, words)
        return svg, plan, words, CARD
    inner = LAID_OUT[WIDTHS[size]]
    for most in ROOMS:
        plan, svg = make_plan(replace(chart, most=most)), Svg(inner, link)
        words = find_words(plan)
        _lay_out(svg, plan, words)
        height = round(svg.y * WIDTHS[size] / inner)
        if height <= (MAX_HEIGHT if plan.is_one_table else MAX_AREA / WIDTHS[size]):
            break
    return svg, plan, words, (WIDTHS[size], height)


def _lay_out_card(svg: Svg, plan: Plan, words: Words) -> None:
    """Lay out a card: title, what protects readers, and source; and the number of a single figure."""
    svg.rect(0, svg.y, 48, 6, "brand")
    svg.y += 22
    svg.write(words.title, CARD_TITLE)
    if plan.is_one_number:
        svg.y += 8
        svg.write(plan.listed[0].shown, CARD_NUMBER)
    svg.y += 8
    svg.write(words.limit, SUBTITLE)
    height = round(CARD_WIDTH * CARD[1] / CARD[0])
    lines = _wrap_foot(svg, plan, words)
    svg.text(lines, 0, height - MARGIN - DETAIL.step * len(lines), DETAIL)
    svg.y = height


def _wrap_foot(svg: Svg, plan: Plan, words: Words) -> list[str]:
    """Return the source, and the register with its address, which is broken between the parts of its query."""
    lines, room = [""], FOOT_WIDTH * svg.width
    for piece in re.findall(r"[^ ?&,]*[ ?&,]*", name_register(plan)):
        if lines[-1] and text_width(lines[-1] + piece.strip(), DETAIL) > room:
            lines.append("")
        lines[-1] += piece
    return [*wrap(words.source, DETAIL, room), *map(str.strip, lines)]


def _lay_out(svg: Svg, plan: Plan, words: Words) -> None:
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
        svg.write(block.heading, NAME)
        draw_table(svg, block, is_alone=len(plan.blocks) == 1)
    if plan.is_index:
        draw_index(svg, name_held(plan))
        svg.write(count_kinds(plan), DETAIL)
    elif plan.is_one_number:
        draw_number(svg, plan.listed[0])
    elif columns := find_columns(plan.listed):
        draw_grid(svg, plan.listed, columns)
    elif plan.listed:
        draw_list(svg, plan.listed)
    svg.y += 8
    svg.y = svg.text(wrap(words.notes, NOTE, FOOT_WIDTH * svg.width), 0, svg.y, NOTE)
    svg.y = svg.text(_wrap_foot(svg, plan, words), 0, svg.y, DETAIL) + MARGIN
