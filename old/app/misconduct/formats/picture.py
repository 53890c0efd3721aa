"""Charts as SVG, PNG and Vega-Lite. The libraries that draw are imported where they are used: only to draw.

Each function raises NoSuchChart for a chart that has no room.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from misconduct.charts.chart import Chart, require_room
from misconduct.charts.drawing import SIZES, lay_out
from misconduct.charts.svg import AUTO, THEMES, draw_png, draw_svg
from misconduct.charts.vega_lite import vega_lite
from misconduct.formats.json import encode_json

SHADES = (*THEMES, AUTO)
"""The themes of a picture."""


MEASURES = "measures"
"""What is asked instead of a format, to lay all sizes out and draw none."""


class Picture(NamedTuple):
    """A chart to draw: the name of the format or MEASURES, and one of the sizes and themes."""

    form: str
    chart: Chart
    size: str
    theme: str


def encode_measures(picture: Picture) -> Iterable[bytes]:
    """Write the width and height of each size of a chart in pixels, as JSON."""
    require_room(picture.chart)
    laid_out = {name: lay_out(picture.chart, size) for name, size in SIZES.items()}
    sides = {name: (one.width * one.scale, one.height * one.scale) for name, one in laid_out.items()}
    yield encode_json({name: [*map(round, both)] for name, both in sides.items()})


def encode_svg(picture: Picture) -> Iterable[bytes]:
    """Draw a chart as SVG."""
    require_room(picture.chart)
    yield draw_svg(*picture[1:])


def encode_png(picture: Picture) -> Iterable[bytes]:
    """Draw a chart as PNG."""
    require_room(picture.chart)
    yield draw_png(*picture[1:])


def encode_vega_lite(picture: Picture) -> Iterable[bytes]:
    """Write a chart as a Vega-Lite specification, which has neither size nor theme."""
    require_room(picture.chart)
    yield encode_json(vega_lite(picture.chart))
