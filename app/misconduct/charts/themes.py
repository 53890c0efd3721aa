"""The colours of pictures, light and dark, and how their marks are painted."""

from collections.abc import Collection
from typing import Literal

Theme = Literal["light", "dark", "auto"]

LIGHT = {
    "paper": "#ffffff", "ink": "#1a1a1a", "muted": "#595959", "accent": "#0b5fa5",
    "rule": "#d5d5d5", "empty": "#767676", "brand": "#b3261e", "warning": "#fdebd8",
    "on_warning": "#7a2e0b", "on_accent": "#ffffff",
    "shade1": "#dbe8f4", "shade2": "#9dc3e6", "shade3": "#2f77b5", "shade4": "#0b5fa5",
}  # fmt: skip
DARK = {
    "paper": "#12171d", "ink": "#ececec", "muted": "#b8bec4", "accent": "#5cb3ec",
    "rule": "#3a424b", "empty": "#78828c", "brand": "#f0776c", "warning": "#45290f",
    "on_warning": "#ffc48a", "on_accent": "#0d1116",
    "shade1": "#1d3347", "shade2": "#2d5a7d", "shade3": "#4a9cd3", "shade4": "#5cb3ec",
}  # fmt: skip

HOLLOW = "fill:{paper};stroke:{accent};stroke-width:1.5"
MARKS = {
    **{name: f"fill:{{{name}}}" for name in LIGHT},
    "hollow": HOLLOW,
    "part": f"{HOLLOW};stroke-dasharray:3 2",
    "hatch": "fill:url(#hatch)",
}
"""How each class of shapes and texts is painted."""


def paint(theme: Theme, used: Collection[str] = tuple(MARKS), within: str = "") -> str:
    """Return the style sheet of a theme. `auto` is light, and dark for readers who prefer that."""
    if theme == "auto":
        dark = paint("dark", used, within)
        return f"{paint('light', used, within)}@media(prefers-color-scheme:dark){{{dark}}}"
    colours = DARK if theme == "dark" else LIGHT
    return "".join(f"{within}.{mark}{{{rule.format(**colours)}}}" for mark, rule in MARKS.items() if mark in used)
