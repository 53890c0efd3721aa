"""Judge whether somebody sees a text of one colour on another, with the colours of an XLSX file (ECMA-376-1, 18.8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from colorsys import hls_to_rgb, rgb_to_hls

WHITE, BLACK = "rgb FFFFFF", "rgb 000000"

LEAST_CONTRAST = 1.2
"""The contrast (WCAG 2, 1 to 21) below which nobody reads a text: cyan on white has 1.25, yellow on white 1.07."""

_NAMED = {"black": BLACK, "white": WHITE, "red": "rgb FF0000", "green": "rgb 00FF00", "blue": "rgb 0000FF",
          "yellow": "rgb FFFF00", "magenta": "rgb FF00FF", "cyan": "rgb 00FFFF"}  # fmt: skip
_IN_FORMAT = re.compile(rf"\[(?:(?P<name>{'|'.join(_NAMED)})|color ?(?P<number>\d{{1,2}}))\]", re.IGNORECASE)

_SIX = re.compile("[0-9A-F]{6}")
_INDEXED = _SIX.findall("""
000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF 800000 008000 000080 808000 800080 008080 C0C0C0 808080
9999FF 993366 FFFFCC CCFFFF 660066 FF8080 0066CC CCCCFF 000080 FF00FF FFFF00 00FFFF 800080 800000 008080 0000FF
00CCFF CCFFFF CCFFCC FFFF99 99CCFF FF99CC CC99FF FFCC99 3366FF 33CCCC 99CC00 FFCC00 FF9900 FF6600 666699 969696
003366 339966 003300 333300 993300 993366 333399 333333""")
"""The colours 8 to 63; 0 to 7 are the first eight of them, too."""

_THEME = _SIX.findall("FFFFFF 000000 E7E6E6 44546A 4472C4 ED7D31 A5A5A5 FFC000 5B9BD5 70AD47 0563C1 954F72")
THEME_ORDER = ("lt1", "dk1", "lt2", "dk2", *(f"accent{number}" for number in range(1, 7)), "hlink", "folHlink")


def read_colour(attributes: Mapping[str, str]) -> str:
    """Return a colour as a text: its kind, its value and its tint; empty if there is none, or it is automatic."""
    kind = next((one for one in ("rgb", "theme", "indexed") if one in attributes), "")
    tint = float(attributes.get("tint", "0"))
    value = attributes[kind].upper()[-6:] if kind else ""
    return f"{kind} {value}{f' {tint}' if tint else ''}".strip()


def colour_in(section: str) -> str:
    """Return the colour that a section of a number format has; an empty text if it has none."""
    found = _IN_FORMAT.search(section)
    if found is None:
        return ""
    return _NAMED[found["name"].lower()] if found["name"] else f"indexed {int(found['number']) + 7}"


class Palette:
    """Knows the colours of a file that have a number, of its theme and of its palette, and compares them."""

    def __init__(self) -> None:
        self.theme = dict(zip(THEME_ORDER, _THEME, strict=True))
        self.indexed = {**dict(enumerate(_INDEXED[:8])), **dict(enumerate(_INDEXED, 8)), 64: "000000", 65: "FFFFFF"}
        self._luminances = dict[str, float | None]()
        self._hidden = dict[tuple[str, frozenset[str], tuple[str, ...]], bool]()

    def hides(self, text: str, *backgrounds: str) -> bool:
        """Return whether nobody sees a text of this colour on any of these."""
        return bool(backgrounds) and all(self._contrast(text, one) < LEAST_CONTRAST for one in backgrounds)

    def hides_one(self, text: str, others: frozenset[str], backgrounds: tuple[str, ...]) -> bool:
        """Return whether nobody sees this text, or one of the others, on any of these. The result is kept."""
        key = (text, others, backgrounds)
        if key not in self._hidden:
            self._hidden[key] = any(self.hides(one, *backgrounds) for one in (text, *others))
        return self._hidden[key]

    def hides_any(self, texts: Iterable[str], backgrounds: Iterable[str]) -> bool:
        """Return whether nobody sees one of these texts where all of it is on one of these."""
        return any(self.hides(text, one) for one in backgrounds for text in texts)

    def _contrast(self, one: str, other: str) -> float:
        """Return the contrast of two colours; where one is not known the most, unless they are written alike."""
        lights = [self._luminance(one), self._luminance(other)]
        if None in lights:
            return 1.0 if one == other else 21.0
        darker, lighter = sorted(light for light in lights if light is not None)
        return (lighter + 0.05) / (darker + 0.05)

    def _luminance(self, colour: str) -> float | None:
        if colour not in self._luminances:
            self._luminances[colour] = self._measure(colour)
        return self._luminances[colour]

    def _measure(self, colour: str) -> float | None:
        """Return the relative luminance of a colour (WCAG 2), 0 to 1; None if it is not known."""
        kind, value, tint, *_ = [*colour.split(), "", "0"]
        if kind == "theme" and value.isdigit():
            value = self.theme.get(THEME_ORDER[int(value)], "") if int(value) < len(THEME_ORDER) else ""
        elif kind == "indexed" and value.isdigit():
            value = self.indexed.get(int(value), "")
        if not _SIX.fullmatch(value.upper()):
            return None
        red, green, blue = (int(value[at : at + 2], 16) / 255 for at in (0, 2, 4))
        change = float(tint or 0)
        if change:
            hue, light, saturation = rgb_to_hls(red, green, blue)
            light = light * (1 + change) if change < 0 else light * (1 - change) + change
            red, green, blue = hls_to_rgb(hue, min(max(light, 0.0), 1.0), saturation)
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
