"""Draw a chart of the register in every size and theme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import orjson

from app.charts.limits import LONGEST_LABEL, find_excesses, in_words, label_in
from app.charts.panels import Panels, bar_panels, year_panels
from app.charts.render import draw_png, draw_svg, size_of
from app.charts.specification import build_specification, with_notice, with_theme
from app.charts.theme import SIZES, THEMES
from app.model.catalogue import Catalogue
from app.model.observation import Observation
from app.model.text import UNFIT


class Picture(NamedTuple):
    """One file: `name` is `wide-light.svg`, `narrow-dark-notice.png` …"""

    name: str
    media_type: str
    content: bytes


def draw(chart: Mapping[str, Any], observations: Sequence[Observation], catalogue: Catalogue) -> Iterator[Picture]:
    """Draw every picture of a chart, each with its specification. If it cannot be drawn, a picture says why."""
    excesses = list(find_excesses(chart, observations, label_in(catalogue), catalogue.editions))
    if excesses:
        shown = Panels("", [], [], without=f"This chart cannot be drawn: {in_words(excesses)}.")
        chart = {**chart, "title": chart["title"][:LONGEST_LABEL], "note": None}  # either may be too long
    else:
        shown = _arrange(chart, observations, catalogue)
    for size in SIZES.values():
        plain = build_specification(chart, shown, catalogue, size)
        versions = {"": plain, "-notice": with_notice(plain, size)}
        for theme, (ending, specification) in product(THEMES.values(), versions.items()):
            yield from _pictures(f"{size.name}-{theme.name}{ending}", with_theme(specification, theme))


def _pictures(name: str, specification: dict[str, Any]) -> Iterator[Picture]:
    specification = _without_unfit(specification)
    svg = draw_svg(specification)
    specification["usermeta"] = specification["usermeta"] | {"picture": size_of(svg)}
    yield Picture(f"{name}.json", "application/json", orjson.dumps(specification))
    yield Picture(f"{name}.svg", "image/svg+xml", svg)
    yield Picture(f"{name}.png", "image/png", draw_png(svg))


def _arrange(chart: Mapping[str, Any], observations: Sequence[Observation], catalogue: Catalogue) -> Panels:
    if chart["mark"] == "bar":
        return bar_panels(observations, catalogue)
    return year_panels(observations, catalogue, allow_breaks=chart["allow_breaks"])


def _without_unfit(part: Any) -> Any:
    """Replace characters that XML does not allow, or that reverse text: old releases may contain some."""
    if isinstance(part, dict):
        return {_without_unfit(key): _without_unfit(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_without_unfit(value) for value in part]
    return UNFIT.sub("\ufffd", part) if isinstance(part, str) and not part.isascii() else part
