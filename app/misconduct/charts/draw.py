"""Draw a chart: title, warning of revisions, its figures, notes and source, in one of four sizes."""

import re
from collections.abc import Callable
from typing import NamedTuple

from misconduct.charts.form import fit, list_newest, make_plan
from misconduct.charts.marks import HIGH, draw_figures
from misconduct.charts.notes import list_metadata, name_register
from misconduct.charts.plan import Plan
from misconduct.charts.subject import Chart
from misconduct.charts.svg import (
    CARD,
    DETAIL,
    LAID_OUT,
    MARGIN,
    NAME,
    WIDTHS,
    Pixels,
    Size,
    Style,
    Svg,
    Theme,
    wrap,
)
from misconduct.charts.words import Words, describe, find_words, summarise

SUBTITLE, NOTE = Style(13, 17, "muted"), Style(12, 14.5)
CARD_TITLE, LONG_TITLE = Style(25, 30, is_bold=True), Style(20, 24, is_bold=True)
CARD_WIDTH, MAX_LINES, STEPS = 600, 3, range(15, 0, -1)
CARD_SIZES = [
    *((rows, 10.0 * rows) for rows in STEPS[:-1]),
    *((1, 10.0 * step) for step in STEPS),
]
"""The width that a card is laid out for, the lines of a large title, and how many rows, or how high columns, it has."""

FEW = 4  # rows for which a caveat leaves room on a card

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
    metadata: dict[str, str]


def draw(chart: Chart, size: Size = "wide", theme: Theme = "light") -> Picture:
    """Draw a chart as a file."""
    svg, plan, words, outer = _lay_out(chart, size)
    description, metadata = describe(words, plan), list_metadata(plan, words.title)
    document = svg.document(outer, theme, words.title, description, metadata)
    return Picture(
        document, *outer, words.title, description, summarise(words, plan), metadata
    )


def draw_inline(chart: Chart, size: Size, link: Link) -> str:
    """Draw a chart for a page of our own: each number links to the address of its figure."""
    svg, plan, words, outer = _lay_out(chart, size, link)
    return svg.element(outer, summarise(words, plan))


def _lay_out(
    chart: Chart, size: Size, link: Link | None = None
) -> tuple[Svg, Plan, Words, Pixels]:
    """Lay out a chart, and return what it draws, its words, and its outer size."""
    plan = make_plan(chart)
    words = find_words(plan)
    if size == "card":
        svg, said = _draw_card(plan, link)
        return svg, plan, words._replace(title=said.title), CARD
    inner = LAID_OUT[WIDTHS[size]]
    svg = Svg(inner, link)
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


def _draw_card(plan: Plan, link: Link | None) -> tuple[Svg, Words]:
    """Draw a card: title, the number or the first rows, what protects readers, what marks mean, and the source.

    Of the cards that fit it is one with all rows, or else the one with most rows beside a caveat, if these are more
    than a few, and then with most caveats. If all rows have room, or no caveat, a smaller title makes some more.
    If rows of columns have no room, it has the newest number of each.
    """
    height = round(CARD_WIDTH * CARD[1] / CARD[0])
    cut = {most: fit(plan, most) for most, _ in CARD_SIZES}
    words = {len(one.entries): find_words(one, is_card=True) for one in cut.values()}
    most = max(len(one.caveats) for one in words.values())
    titles, notes = (CARD_TITLE, LONG_TITLE), range(most, 0, -1)
    of_all, of_few = (
        [size for size in CARD_SIZES if size[0] >= least]
        for least in (plan.number, FEW)
    )
    trials = [
        (*size, number, title)
        for number in (*notes, 0)
        for size in of_all
        for title in titles
    ]
    trials += [(*size, number, CARD_TITLE) for size in of_few for number in notes]
    trials += [(*size, 0, title) for size in CARD_SIZES for title in titles]
    for most, high, number, style in trials:
        svg, first, said = (
            Svg(CARD_WIDTH, link),
            cut[most],
            words[len(cut[most].entries)],
        )
        lines = len(wrap(said.title, CARD_TITLE, svg.width))
        _draw_head(
            svg, plan, said, style if lines <= MAX_LINES else LONG_TITLE, said.shown
        )
        draw_figures(svg, first, high)
        foot = wrap(
            " ".join(filter(None, (said.key, said.limit, *said.caveats[:number]))),
            DETAIL,
            svg.width,
        )
        foot += _wrap_foot(svg, first, said, is_card=True)
        below = height - MARGIN - DETAIL.step * len(foot)
        if svg.y <= below:
            break
    if first.left and plan.shape == "small":
        return _draw_card(list_newest(plan), link)
    svg.text(foot, 0, below, DETAIL)
    svg.y = height
    return svg, said


def _wrap_foot(
    svg: Svg, plan: Plan, words: Words, *, is_card: bool = False
) -> list[str]:
    """Return the source, and the register with its address, which is broken between its parts; on cards two lines."""
    lines, room = [""], FOOT_WIDTH * svg.width
    for part in re.findall(r"[^ ?&,/]*[ ?&,/]*", name_register(plan)):
        if len(wrap(lines[-1] + part, DETAIL, room)) > 1:
            lines.append("")
        lines[-1] += part
    lines = [lines[0], f"{lines[1]}…"] if is_card and lines[2:] else lines
    return [*wrap(words.source, DETAIL, room), *filter(None, map(str.strip, lines))]
