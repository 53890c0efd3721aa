"""The three pictures of the results, as SVG: rows of dots on a logarithmic scale, or of bars that begin at zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from typing import NamedTuple
from xml.sax.saxutils import escape

WIDTH, NAMES, ROW, LEFT = 760, 290, 26, 24
SPAN = WIDTH - NAMES - 120
INK, MUTED, LINE, OURS, THEIRS = "#0b0c0c", "#505a5f", "#e2e4e5", "#1d70b8", "#8d9499"


class Row(NamedTuple):
    """One value, with what is said of it; those of this service are in colour."""

    name: str
    value: float
    said: str
    is_ours: bool = True


Group = tuple[str, Sequence[Row]]
"""A heading, and rows on one scale."""

Mark = Callable[[Row, float, float], str]
"""Draws a row at a height, on a scale that ends at the group's largest value."""


def draw_dots(title: str, note: str, groups: Sequence[Group]) -> str:
    """Draw all groups on one logarithmic scale, each line of which is ten times the one before."""
    values = [row.value for _, rows in groups for row in rows]
    low, high = floor(log10(min(values))), ceil(log10(max(values)))

    def place(value: float) -> float:
        return NAMES + SPAN * (log10(value) - low) / max(1, high - low)

    height = _height(groups)
    lines = [
        f'<path d="M{place(10**power):.0f} 78V{height - 34}" stroke="{LINE}"/>'
        + _text(place(10**power), height - 16, f"{10**power:,}", size=11, fill=MUTED, anchor="middle")
        for power in range(low, high + 1)
    ]
    return _frame(title, note, lines, groups, lambda row, y, _: _dot(place(row.value), y, row))


def draw_bars(title: str, note: str, groups: Sequence[Group], *, is_one_scale: bool = False) -> str:
    """Draw bars from zero, each group on a scale of its own, or all on one."""
    most = max(row.value for _, rows in groups for row in rows)
    return _frame(title, note, [], groups, lambda row, y, own: _bar(row, y, most if is_one_scale else own))


def _dot(x: float, y: float, row: Row) -> str:
    colour = OURS if row.is_ours else THEIRS
    return f'<circle cx="{x:.1f}" cy="{y}" r="6" fill="{colour}"/>' + _text(x + 12, y + 4, row.said, bold=row.is_ours)


def _bar(row: Row, y: float, most: float) -> str:
    length = max(1.0, SPAN * row.value / most)
    colour = OURS if row.is_ours else THEIRS
    bar = f'<rect x="{NAMES}" y="{y - 8}" width="{length:.1f}" height="16" rx="2" fill="{colour}"/>'
    return bar + _text(NAMES + length + 8, y + 4, row.said, bold=row.is_ours)


def _frame(title: str, note: str, drawn: list[str], groups: Sequence[Group], mark: Mark) -> str:
    height, y = _height(groups), 88
    for heading, rows in groups:
        drawn.append(_text(LEFT, y + 4, heading, bold=True))
        y += ROW
        most = max(row.value for row in rows)
        for row in rows:
            drawn.append(_text(NAMES - 14, y + 4, row.name, anchor="end", fill=INK if row.is_ours else MUTED))
            drawn.append(mark(row, y, most))
            y += ROW
        y += 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" width="{WIDTH}" '
        f'height="{height}" font-family="system-ui, Arial, Liberation Sans, Helvetica, sans-serif">'
        f"<title>{escape(title)}</title>"
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
        + _text(LEFT, 36, title, size=19, bold=True)
        + _text(LEFT, 58, note, fill=MUTED)
        + "".join(drawn)
        + "</svg>\n"
    )


def _height(groups: Sequence[Group]) -> int:
    return 96 + sum(ROW * (len(rows) + 1) + 12 for _, rows in groups)


def _text(
    x: float, y: float, words: str, *, size: int = 13, fill: str = INK, anchor: str = "start", bold: bool = False
) -> str:
    weight = ' font-weight="600"' if bold else ""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"'
    return f"<text {place}{weight}>{escape(words)}</text>"
