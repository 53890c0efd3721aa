"""Draw a chart: title, notice, its form, notes and source, in one of four sizes."""

from collections.abc import Callable
from typing import NamedTuple

from misconduct.charts import columns, rows, titles
from misconduct.charts.choose import Chart, Plan, cut, make_plan, shorten
from misconduct.charts.svg import CARD, DETAIL, MARGIN, NAME, SUBTITLE, WIDTHS, Size, Style, Svg, Theme, wrap

FORMS: dict[str, Callable[[Svg, Plan], None]] = {
    "bars": rows.draw_bars,
    "columns": columns.draw_columns,
    "divided": rows.draw_divided,
    "grid": columns.draw_grid,
    "number": rows.draw_number,
    "numbers": rows.draw_numbers,
    "timeline": rows.draw_timeline,
}

CARD_WIDTHS = (480, 560, 640, 740, 840)
"""Widths in which a card is tried: the type of the first one is the largest."""

CARD_ROWS = ((None, 0), (None, 1), (None, 2), (None, 3), *((rows, 3) for rows in range(8, 0, -1)))
"""How many rows a card is tried with, and how short these are."""

BRAND = 32
FOOT_GAP = 8


class Picture(NamedTuple):
    """A drawn chart: the SVG, its width and height in pixels, its title, and every figure in words.

    `metadata` says where it is from, by terms of Dublin Core.
    """

    svg: str
    width: int
    height: int
    title: str
    alt: str
    metadata: dict[str, str]


class _Head(NamedTuple):
    """What stands above a chart, whether or not all of its figures have room."""

    title: str
    subtitle: str
    notice: str | None


class _Sheet(NamedTuple):
    """A chart that is laid out, with the words below it."""

    svg: Svg
    plan: Plan
    foot: str


def draw(chart: Chart, size: Size = "wide", theme: Theme = "light") -> Picture:
    """Draw a chart."""
    plan = make_plan(chart)
    title = titles.make_title(chart, plan)
    head = _Head(title, titles.make_subtitle(chart, plan, title), chart.revised)
    if size == "card":
        sheet, outer = _fit_card(chart, plan, head), CARD
    else:
        sheet = _lay_out(chart, cut(plan, chart.title), head, WIDTHS[size])
        outer = (WIDTHS[size], round(sheet.svg.y))
    alt = titles.describe(title, head.subtitle, sheet.plan, sheet.foot)
    metadata = titles.list_metadata(chart, sheet.plan)
    return Picture(sheet.svg.document(outer, theme, title, alt, metadata), *outer, title, alt, metadata)


def _fit_card(chart: Chart, full: Plan, head: _Head) -> _Sheet:
    """Lay out a card, which has only so much height: with smaller type, fewer words and fewer rows, until all fits."""
    smallest = CARD_WIDTHS[-1]
    for most, level in CARD_ROWS:
        plan = shorten(cut(full, chart.title, most), level)
        if _is_card(_lay_out(chart, plan, head, smallest)):
            break
    sheets = (_lay_out(chart, plan, head, width) for width in CARD_WIDTHS)
    width = next((one.svg.width + 2 * MARGIN for one in sheets if _is_card(one)), smallest)
    return _lay_out(chart, plan, head, width, is_card=True)


def _is_card(sheet: _Sheet) -> bool:
    return sheet.svg.y <= _card_height(sheet.svg)


def _card_height(svg: Svg) -> int:
    return round((svg.width + 2 * MARGIN) * CARD[1] / CARD[0])


def _lay_out(chart: Chart, plan: Plan, head: _Head, width: int, *, is_card: bool = False) -> _Sheet:
    """Lay out a chart in a width. The foot of a card is at its bottom."""
    svg = Svg(width)
    svg.rect(0, svg.y, BRAND, 4, "brand")
    svg.y += 12
    size = 17 if svg.is_narrow else max(19, width / 30)
    svg.write(head.title, Style(size, 1.24 * size, is_bold=True))
    svg.y += 3
    svg.write(head.subtitle, SUBTITLE)
    svg.y += 12
    if head.notice:
        _write_notice(svg, head.notice)
    FORMS[plan.form](svg, plan)
    svg.y += FOOT_GAP
    notes, source = titles.make_notes(chart, plan), titles.source_line(chart, plan)
    lines = [line for text in (notes, source) for line in wrap(text, DETAIL, svg.width)]
    if is_card:
        svg.y = max(svg.y, _card_height(svg) - MARGIN - DETAIL.step * len(lines))
    svg.y = svg.text(lines, 0, svg.y, DETAIL) + MARGIN
    return _Sheet(svg, plan, f"{notes} {source}".strip())


def _write_notice(svg: Svg, notice: str) -> None:
    style = NAME._replace(colour="on_warning")
    lines = wrap(notice, style, svg.width - 20)
    svg.rect(0, svg.y, svg.width, style.step * len(lines) + 12, "warning")
    svg.y = svg.text(lines, 10, svg.y + 6, style) + 18
