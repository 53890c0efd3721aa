"""What a process does that only draws. Importing this module imports nothing that draws, so its caller stays small."""

from __future__ import annotations

from typing import Any

Work = tuple[Any, ...]
"""A chart, its observations, the catalogue of their release, and the base URL."""

Pictures = list[tuple[str, str, bytes]]
"""Names, media types and bytes."""


def draw_chart(work: Work) -> Pictures:
    """The pictures of one chart. Raises ChartTooLarge."""
    from app.charts.drawing import draw

    return [(one.name, one.media_type, one.content) for one in draw(*work)]


def bundle_vega_embed() -> bytes:
    """What draws a specification in a browser."""
    from app.charts.picture import bundle_vega_embed as bundle

    return bundle()
