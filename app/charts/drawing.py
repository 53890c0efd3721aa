"""A chart of the register → all its pictures, in every size and theme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import orjson

from app.charts.panels import Panels, bar_panels, year_panels
from app.charts.picture import draw_png, draw_svg, size_of
from app.charts.specification import build_specification, with_notice, with_theme
from app.charts.theme import SIZES, THEMES
from app.domain.catalogue import Catalogue
from app.domain.observation import Observation
from app.errors import MisconductError

MOST_FIGURES, MOST_PANELS = 40, 12


class Picture(NamedTuple):
    """One file: `name` is `wide-light.svg`, `narrow-dark-notice.png` …"""

    name: str
    media_type: str
    content: bytes


class ChartTooLarge(MisconductError):
    """A chart that nobody could read."""


def draw(
    chart: Mapping[str, Any], observations: Sequence[Observation], catalogue: Catalogue, base_url: str
) -> Iterator[Picture]:
    """Every picture of a chart, and the specification of each. Raises ChartTooLarge."""
    shown = _arrange(chart, observations, catalogue, base_url)
    for size in SIZES.values():
        plain = build_specification(chart, shown, catalogue, base_url, size)
        versions = {"": plain, "-notice": with_notice(plain, size)}
        for theme, (ending, specification) in product(THEMES.values(), versions.items()):
            yield from _pictures(f"{size.name}-{theme.name}{ending}", with_theme(specification, theme))


def _pictures(name: str, specification: dict[str, Any]) -> Iterator[Picture]:
    svg = draw_svg(specification)
    specification["usermeta"] = specification["usermeta"] | {"picture": size_of(svg)}
    yield Picture(f"{name}.json", "application/json", orjson.dumps(specification))
    yield Picture(f"{name}.svg", "image/svg+xml", svg)
    yield Picture(f"{name}.png", "image/png", draw_png(svg))


def _arrange(
    chart: Mapping[str, Any], observations: Sequence[Observation], catalogue: Catalogue, base_url: str
) -> Panels:
    if chart["mark"] == "bar":
        _require_few(chart, len(observations), MOST_FIGURES, "figures")
        return bar_panels(observations, catalogue, base_url)
    shown = year_panels(observations, catalogue, base_url, allow_breaks=chart["allow_breaks"])
    _require_few(chart, len(shown.panels), MOST_PANELS, "series")
    return shown


def _require_few(chart: Mapping[str, Any], found: int, most: int, what: str) -> None:
    if found > most:
        raise ChartTooLarge(
            f"charts.yaml: the chart {chart['id']!r} matches {found} {what}; a chart shows at most {most}.",
            hint="Narrow its query, for example by category or source.",
        )
