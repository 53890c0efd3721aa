"""Write shapes and texts as SVG. Text stays text, and the same input gives the same bytes."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import ImageFont

from misconduct.model.codes import read_words

Theme = Literal["light", "dark", "auto"]
Size = Literal["narrow", "wide", "card"]

FONTS = Path(__file__).parent / "fonts"
_FONTS = [
    ImageFont.truetype(FONTS / f"LiberationSans-{name}.ttf", 100)
    for name in ("Regular", "Bold")
]
COLOURS = read_words(Path(__file__).with_name("colours.csv"))  # by theme

FAMILY = '"Liberation Sans",Arial,Helvetica,sans-serif'
RULES = {
    "text": f"font-family:{FAMILY};font-variant-numeric:tabular-nums",
    ".b": "font-weight:700",
    ".base": "stroke-width:1",
    ".break": "stroke-width:1.5",
    ".part": "stroke-width:1.5;stroke-dasharray:4 3",
    ".path": "fill:none;stroke-width:2;stroke-linejoin:round",
    ".path.high": "stroke-width:3",
    ".dash": "stroke-dasharray:5 4",
}
"""What does not depend on the theme. A reader knows a highlight by its weight, too, and a part by its dashes."""

PAINT = {
    "text": "fill:{ink}",
    ".muted": "fill:{muted}",
    ".mark": "fill:{mark}",
    ".dot": "fill:{line}",
    ".high": "fill:{high}",
    ".tint": "fill:{tint}",
    ".paper": "fill:{paper}",
    ".base": "stroke:{ink}",
    ".grid": "stroke:{rule}",
    ".break": "stroke:{ink}",
    ".part": "fill:{paper};stroke:{line}",
    ".part.high": "fill:{paper};stroke:{high}",
    ".path": "stroke:{line}",
    ".path.high": "fill:none;stroke:{high}",
}
"""How each class is painted in a theme."""


class Layout(NamedTuple):
    """What a size is laid out for: its width and margin, and the sizes of its texts, all in pixels.

    A card has a fixed height, and is shown `zoom` times as large.
    """

    width: int
    margin: int
    title: float
    subtitle: float
    label: float
    small: float
    source: float
    height: int | None = None
    zoom: int = 1

    @property
    def is_narrow(self) -> bool:
        return self.width < 480

    def inside(self) -> "Layout":
        """Return the layout of a picture in a page, which has margins of its own."""
        return self._replace(width=self.width - 2 * self.margin, margin=0)


LAYOUTS: Mapping[Size, Layout] = {
    "wide": Layout(720, 24, 24, 15.5, 14.5, 13, 12.5),
    "narrow": Layout(360, 16, 19, 14, 14, 13, 12.5),
    "card": Layout(600, 32, 25, 13.5, 13.5, 12, 12, 315, 2),
}


def write_styles(theme: Theme, within: str = "") -> str:
    """Return the style sheet of a theme, for elements inside those that a selector names."""
    styles = _write_rules(RULES, within)
    if theme != "auto":
        return styles + _write_rules(_paint(theme), within)
    dark = _write_rules(_paint("dark"), within)
    light = _write_rules(_paint("light"), within)
    return f"{styles}{light}@media (prefers-color-scheme:dark){{{dark}}}"


def _paint(theme: str) -> dict[str, str]:
    return {name: rule.format(**COLOURS[theme]) for name, rule in PAINT.items()}


def _write_rules(rules: Mapping[str, str], within: str) -> str:
    return "".join(f"{within}{name}{{{rule}}}" for name, rule in rules.items())


@lru_cache(10_000)
def text_width(text: str, size: float, is_bold: bool = False) -> float:
    """Return how wide a text is, in pixels."""
    return _FONTS[is_bold].getlength(text) * size / 100


def wrap(text: str, size: float, room: float, is_bold: bool = False) -> list[str]:
    """Break a text into lines that fit into `room` pixels. A word that does not fit is cut into pieces."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size, is_bold) <= room:
            lines[-1] = longer
            continue
        pieces = _cut(word, size, room, is_bold)
        lines += pieces
    return [line for line in lines if line]


def balance(text: str, size: float, room: float, is_bold: bool = False) -> list[str]:
    """Break a text into as few lines as fit, of about equal length."""
    lines = wrap(text, size, room, is_bold)
    while room > 40:
        room -= 8
        narrower = wrap(text, size, room, is_bold)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return lines


def _cut(word: str, size: float, room: float, is_bold: bool) -> list[str]:
    """Break a word into pieces, each as long as there is room."""
    pieces = [""]
    for letter in word:
        if text_width(pieces[-1] + letter, size, is_bold) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces


class Canvas:
    """A picture in the making. `y` says how far down it is filled. Texts lie above all shapes.

    `high` is how high columns and lines are drawn.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.left = float(layout.margin)
        self.right = layout.width - self.left
        self.y = 0.0
        self.high = 176.0 if layout.is_narrow else 236.0
        self._shapes = list[str]()
        self._texts = list[str]()

    @property
    def width(self) -> float:
        return self.right - self.left

    def text(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        name: str = "",
        anchor: str = "start",
    ) -> None:
        """Write a line whose baseline is at `y`. `name` has the classes of its style: b is bold.

        It is as long in any font: a reader who does not have ours may have a wider one.
        """
        if not text:
            return
        more = f' class="{name}"' if name else ""
        if anchor != "start":
            more += f' text-anchor="{anchor}"'
        size = round(size, 1)
        length = _round(text_width(text, size, "b" in name.split()))
        more += f' textLength="{length}" lengthAdjust="spacingAndGlyphs"'
        self._texts.append(
            f'<text x="{_round(x)}" y="{_round(y)}" font-size="{_round(size)}"{more}>'
            f"{escape(text, quote=False)}</text>"
        )

    def block(
        self,
        lines: Iterable[str],
        x: float,
        y: float,
        size: float,
        name: str,
        step: float,
    ) -> None:
        """Write lines one below the other, from a place on."""
        for line in lines:
            self.text(line, x, y, size, name)
            y += step

    def lines(
        self, lines: Iterable[str], size: float, step: float, name: str = ""
    ) -> None:
        """Write lines below what there is."""
        lines = [*lines]
        self.block(lines, self.left, self.y + step, size, name, step)
        self.y += step * len(lines)

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        name: str,
        title: str = "",
    ) -> None:
        self._add("rect", name, title, x=x, y=y, width=width, height=height)

    def circle(self, x: float, y: float, radius: float, name: str, title: str) -> None:
        self._add("circle", name, title, cx=x, cy=y, r=radius)

    def line(self, x: float, y: float, to_x: float, to_y: float, name: str) -> None:
        self._add("line", name, x1=x, y1=y, x2=to_x, y2=to_y)

    def _add(self, element: str, name: str, title: str = "", **place: float) -> None:
        where = "".join(f' {side}="{_round(at)}"' for side, at in place.items())
        inside = f"<title>{escape(title, quote=False)}</title>" if title else ""
        self._shapes.append(f'<{element}{where} class="{name}">{inside}</{element}>')

    def document(self, about: str, attributes: str) -> str:
        """Return the picture as SVG, with what stands in front of its shapes."""
        layout, height = self.layout, self.height
        size = f'width="{layout.zoom * layout.width}" height="{layout.zoom * height}"'
        return (
            f'<svg {attributes} viewBox="0 0 {layout.width} {height}" {size}>'
            f"{about}{''.join(self._shapes)}{''.join(self._texts)}</svg>"
        )

    @property
    def height(self) -> int:
        return self.layout.height or round(self.y)


def _round(number: float) -> str:
    return f"{round(number, 1):g}"
