"""Colours and sizes of the pictures.

Text has a contrast of 4.5:1 or more with its ground, marks and the outlines of what is missing 3:1 (WCAG 2.2, 1.4.3
and 1.4.11). One colour marks all figures, blue of the palette of Okabe and Ito, so nothing depends on telling colours.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
TITLE, TEXT, SMALL = 17, 13, 12
"""Sizes of type in pixels."""

_EM, _BOLD_EM = 0.56, 0.62
"""The average width of a character relative to the type size: of wide fonts, as the reader's are not known."""


@dataclass(frozen=True)
class Theme:
    """The colours of a picture."""

    name: str
    paper: str
    ink: str
    muted: str
    mark: str
    missing: str
    notice: str


@dataclass(frozen=True)
class Size:
    """The width of a picture and of its margin, in pixels."""

    name: str
    width: int
    padding: int

    @property
    def inner(self) -> int:
        """Return the width between the margins."""
        return self.width - 2 * self.padding

    def wrap(self, text: str, type_size: int = SMALL) -> list[str]:
        """Wrap a text to lines that fit; line breaks in the text are kept."""
        characters = int(self.inner / (type_size * (_BOLD_EM if type_size == TITLE else _EM)))
        return [line for part in text.split("\n") for line in textwrap.wrap(part, characters) or [""]]


THEMES = {
    theme.name: theme
    for theme in (
        Theme("light", "#ffffff", "#1a1a1a", "#595959", "#0072b2", "#767676", "#9a3412"),
        Theme("dark", "#16181b", "#ececec", "#b8bec4", "#56b4e9", "#8f959c", "#ffb86b"),
    )
}
SIZES = {size.name: size for size in (Size("wide", 640, 16), Size("narrow", 320, 12))}


def configuration(theme: Theme) -> dict[str, Any]:
    """Make the `config` of a Vega-Lite specification."""
    return {
        "background": theme.paper,
        "font": FONT,
        "view": {"stroke": None},
        "text": {"fontSize": SMALL, "align": "left", "baseline": "alphabetic", "lineHeight": 16},
        "bar": {"color": theme.mark},
        "line": {"color": theme.mark, "strokeWidth": 2},
        "rule": {"color": theme.missing},
        "style": {
            "ink": {"color": theme.ink},
            "muted": {"color": theme.muted},
            "notice": {"color": theme.notice, "fontWeight": "bold"},
            "missing": {"fillOpacity": 0, "stroke": theme.missing, "strokeDash": [4, 3]},
            "outlined": {"stroke": theme.mark, "strokeWidth": 2},
            "solid": {"fill": theme.mark, "stroke": theme.mark, "size": 50},
            "hollow": {"fill": theme.paper, "stroke": theme.mark, "strokeWidth": 2, "size": 50},
            "zero": {"stroke": theme.ink},
        },
        "axis": {
            "labelColor": theme.muted,
            "labelFontSize": SMALL,
            "grid": False,
            "domain": False,
            "ticks": False,
            "title": None,
        },
        "title": {
            "anchor": "start",
            "frame": "group",
            "color": theme.ink,
            "fontSize": TITLE,
            "lineHeight": 22,
            "subtitleColor": theme.muted,
            "subtitleFontSize": SMALL,
            "subtitleLineHeight": 16,
            "subtitlePadding": 6,
            "offset": 12,
        },
        "concat": {"spacing": 14},
    }
