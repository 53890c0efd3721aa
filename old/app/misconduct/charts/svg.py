"""Write a laid-out chart as SVG, and SVG as PNG: without a browser, a network or a drawing library."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from html import escape

from misconduct.charts.chart import Chart
from misconduct.charts.drawing import SIZES, Area, Box, Dot, Item, Line, Picture, Text, lay_out
from misconduct.charts.text import FONT

THEMES: dict[str, dict[str, str]] = {
    "light": {
        "paper": "#ffffff", "ink": "#1a1a1a", "muted": "#595959", "accent": "#0b5fa5", "other": "#767f88",
        "pale": "#cfdeed", "band": "#5d94c8", "soft": "#a9c6e2", "grid": "#e2e2e2", "missing": "#767676",
        "flag": "#b3261e", "warning": "#fdebd8", "on_warning": "#7a2e0b", "on_accent": "#ffffff", "on_soft": "#1a1a1a",
    },
    "dark": {
        "paper": "#12171d", "ink": "#ececec", "muted": "#b8bec4", "accent": "#5cb3ec", "other": "#8f959c",
        "pale": "#2b4257", "band": "#4a86b5", "soft": "#2f5373", "grid": "#2b323a", "missing": "#8f959c",
        "flag": "#f2786d", "warning": "#45290f", "on_warning": "#ffc48a", "on_accent": "#0d1116", "on_soft": "#ececec",
    },
}  # fmt: skip
"""The colours by what they are for. Text has a contrast of 4.5:1 with its ground, marks 3:1 (WCAG 2.2); tests check."""

AUTO = "auto"
"""Light, unless the reader's system is dark."""

PNG_FONT = "Liberation Sans"
"""vl-convert brings this one, and knows no list of fonts."""

PNG_PIXELS, COLOURS = 2, 200


def draw_svg(chart: Chart, size: str, theme: str) -> bytes:
    """Draw SVG, with a title and a description that says every figure for those who do not see it."""
    return _write(chart, lay_out(chart, SIZES[size]), theme, FONT).encode()


def draw_png(chart: Chart, size: str, theme: str) -> bytes:
    """Draw PNG, twice as many pixels as the size, but for a card. A palette takes a tenth of the bytes."""
    import vl_convert
    from PIL import Image

    svg = _write(chart, lay_out(chart, SIZES[size]), "light" if theme == AUTO else theme, PNG_FONT)
    drawn = Image.open(io.BytesIO(vl_convert.svg_to_png(svg, scale=1 if SIZES[size].height else PNG_PIXELS)))
    written = io.BytesIO()
    few = drawn.convert("RGB").quantize(
        COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
    )  # the fastest that keeps white
    few.save(written, "PNG")
    return written.getvalue()


def _write(chart: Chart, picture: Picture, theme: str, font: str) -> str:
    colours = THEMES["light" if theme == AUTO else theme]
    width, height = (round(side * picture.scale) for side in (picture.width, picture.height))
    frame = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {_short(picture.width)} {_short(picture.height)}" role="img" '
        f'aria-labelledby="title description" font-family="{escape(font)}">'
    )
    parts = [
        frame,
        f'<title id="title">{escape(chart.title)}</title>',
        f'<desc id="description">{escape(chart.description)}</desc>',
        _definitions(colours, with_style=theme == AUTO),
        f'<rect width="100%" height="100%" fill="{colours["paper"]}" class="f-paper"/>',
        *(line for item in picture.items for line in _item(item, colours)),
        "</svg>",
    ]
    return "\n".join(parts)


def _definitions(colours: Mapping[str, str], *, with_style: bool) -> str:
    """Define hatches; and, for `auto`, the dark colours, which then take precedence over the attributes."""
    hatches = "".join(
        f'<pattern id="{name}" width="{step}" height="{step}" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate({angle})"><rect width="{thick}" height="{step}" fill="{colours[colour]}" '
        f'class="f-{colour}"/></pattern>'
        for name, step, angle, colour, thick in (("hatch", 6, 45, "missing", 0.7), ("refused", 5, -45, "flag", 1.2))
    )
    dark = THEMES["dark"]
    rules = "".join(f".f-{name}{{fill:{colour}}}.s-{name}{{stroke:{colour}}}" for name, colour in dark.items())
    style = f"<style>@media (prefers-color-scheme:dark){{{rules}}}</style>" if with_style else ""
    return f"<defs>{hatches}</defs>{style}"


_PAINTED = ("hatch", "refused")


def _fill(name: str, colours: Mapping[str, str]) -> str:
    if not name:
        return ' fill="none"'
    return f' fill="url(#{name})"' if name in _PAINTED else f' fill="{colours[name]}" class="f-{name}"'


def _both(fill: str, stroke: str, colours: Mapping[str, str], width: float) -> str:
    """Write the fill and the stroke of a shape, with one class attribute for both."""
    if not stroke:
        return _fill(fill, colours)
    painted = f"url(#{fill})" if fill in _PAINTED else colours[fill] if fill else "none"
    named = f"f-{fill} " if fill and fill not in _PAINTED else ""
    return f' fill="{painted}" stroke="{colours[stroke]}" stroke-width="{_short(width)}" class="{named}s-{stroke}"'


def _item(item: Item, colours: Mapping[str, str]) -> Iterator[str]:
    match item:
        case Text():
            bold = ' font-weight="bold"' if item.bold else ""
            anchor = f' text-anchor="{item.anchor}"' if item.anchor != "start" else ""
            yield (
                f'<text x="{_short(item.x)}" y="{_short(item.y)}" font-size="{_short(item.size)}"{bold}{anchor}'
                f"{_fill(item.colour, colours)}>{escape(item.text)}</text>"
            )
        case Box():
            inset = 0.75 if item.stroke else 0  # a stroke is half outside
            dashes = ' stroke-dasharray="3 2.5"' if item.dashed else ""
            radius = f' rx="{_short(item.radius)}"' if item.radius else ""
            wide, high = max(item.width - 2 * inset, 0.5), max(item.height - 2 * inset, 0.5)
            yield (
                f'<rect x="{_short(item.x + inset)}" y="{_short(item.y + inset)}" width="{_short(wide)}" '
                f'height="{_short(high)}"{radius}{dashes}{_both(item.fill, item.stroke, colours, 1.5)}/>'
            )
        case Dot():
            fill = "paper" if item.hollow else item.colour
            inner = item.radius - 1
            yield (
                f'<circle cx="{_short(item.x)}" cy="{_short(item.y)}" r="{_short(inner)}"'
                f"{_both(fill, item.colour, colours, 2)}/>"
            )
        case Line():
            yield (
                f'<line x1="{_short(item.x1)}" y1="{_short(item.y1)}" x2="{_short(item.x2)}" y2="{_short(item.y2)}"'
                f"{_both('', item.colour, colours, item.width)}/>"
            )
        case Area():
            points = " ".join(f"{_short(x)},{_short(y)}" for x, y in item.points)
            yield f'<polygon points="{points}"{_fill(item.fill, colours)}/>'


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
