"""Draw a picture downwards, as SVG. Text stays text, and the same input gives the same bytes."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Literal, NamedTuple
from zlib import crc32

from PIL import ImageFont

from misconduct.model.codes import read_words

Theme = Literal["light", "dark", "auto"]
Size = Literal["narrow", "medium", "wide", "card"]
Pixels = tuple[int, int]  # of a width and a height
Figure = tuple[
    str, str
]  # the id of a figure whose number is a link on our own pages, and what it says in full

WIDTHS: dict[Size, int] = {"wide": 640, "medium": 480, "narrow": 320}
LAID_OUT: dict[int, int] = {640: 640, 480: 430, 320: 280}
"""The width that a picture is laid out for: its smallest text is still legible if it is drawn so wide."""

CARD, MARGIN = (1200, 630), 16
FONTS = Path(__file__).parents[1] / "pictures" / "fonts"
_FONTS = [
    ImageFont.truetype(FONTS / f"LiberationSans-{name}.ttf", 100)
    for name in ("Regular", "Bold")
]

COLOURS = read_words(Path(__file__).with_name("colours.csv"))  # by theme
OUTLINE = {"fill": "{paper}", "stroke": "{accent}", "stroke-width": "1.5"}
PAINT = {
    **{name: {"fill": f"{{{name}}}"} for name in COLOURS["light"]},
    "hollow": OUTLINE,
    "part": {**OUTLINE, "stroke-dasharray": "3 2"},
    "ring": {**OUTLINE, "stroke": "{ink}"},
    "break": {"fill": "none", "stroke": "{ink}", "stroke-dasharray": "4 3"},
    "hatch": {"fill": "url(#mr-hatch)"},
}
"""How each class of shapes and texts is painted. The names of classes begin with mr-, as no other page's do."""


class Style(NamedTuple):
    """The size of a text and the height of its lines in pixels, and which end of it is at `x`."""

    size: float
    step: float
    colour: str = "ink"
    is_bold: bool = False
    anchor: str = "start"


NAME, PLAIN, DETAIL = (
    Style(13, 16, is_bold=True),
    Style(13, 16),
    Style(12, 14.5, "muted"),
)


def paint(theme: Theme, used: Collection[str] = tuple(PAINT), within: str = "") -> str:
    """Return the style sheet of a theme. `auto` is light, and dark for readers who prefer that."""
    if theme == "auto":
        dark = paint("dark", used, within)
        return (
            f"{paint('light', used, within)}@media(prefers-color-scheme:dark){{{dark}}}"
        )
    marks = [
        mark for mark in PAINT if mark != "hatch"
    ]  # its pattern has another id in each picture
    rules = {
        mark: ";".join(map(":".join, PAINT[mark].items())).format(**COLOURS[theme])
        for mark in marks
    }
    return "".join(
        f"{within}.mr-{mark}{{{rule}}}" for mark, rule in rules.items() if mark in used
    )


def _paint(mark: str, theme: Theme) -> str:
    """Return how a mark is painted, as attributes, which hold where no style sheet is allowed."""
    colours = COLOURS["light" if theme == "auto" else theme]
    return f'class="mr-{mark}" ' + " ".join(
        f'{name}="{text.format(**colours)}"' for name, text in PAINT[mark].items()
    )


@lru_cache(10_000)
def text_width(text: str, style: Style) -> float:
    """Return how wide a text is, in pixels."""
    return _FONTS[style.is_bold].getlength(text) * style.size / 100


def wrap(text: str, style: Style, room: float) -> list[str]:
    """Break a text into as few lines as fit into `room` pixels, of about equal length. No word is cut off."""
    words = [
        (part, text_width(part, style))
        for word in text.split()
        for part in _split(word, style, room)
    ]
    space = text_width(" ", style)
    lines = _fill(words, space, room)
    while (
        len(lines) > 1
        and room > 40
        and len(narrower := _fill(words, space, room - 8)) == len(lines)
    ):
        lines, room = narrower, room - 8
    return lines


def _split(word: str, style: Style, room: float) -> list[str]:
    """Return a word, in pieces if it is wider than the room for it."""
    number = (
        int(-(-1.1 * text_width(word, style) // max(room, 1)))
        if text_width(word, style) > room
        else 1
    )
    size = -(-len(word) // number)
    return [word[start : start + size] for start in range(0, len(word), size)]


def _fill(words: list[tuple[str, float]], space: float, room: float) -> list[str]:
    lines, left = list[str](), -1.0
    for word, width in words:
        if space + width <= left:
            lines[-1] += f" {word}"
            left -= space + width
        else:
            lines.append(word)
            left = room - width
    return lines


class Svg:
    """A picture inside its margins: x is from the left margin, `y` how far down it is filled.

    Texts lie above all shapes. `link` returns the address of a figure, which its number then links.
    """

    def __init__(self, width: int, link: Callable[[str], str] | None = None) -> None:
        self.width, self.is_narrow, self.y = (
            width - 2 * MARGIN,
            width < 440,
            float(MARGIN),
        )
        self._link = link
        self._shapes, self._texts = (
            defaultdict[str, list[str]](list),
            defaultdict[Style, list[str]](list),
        )

    def text(
        self,
        lines: Sequence[str],
        x: float,
        y: float,
        style: Style,
        figure: Figure | None = None,
    ) -> float:
        """Write lines from `y` down and return where they end. They may be the number of a figure."""
        found = []
        for line in lines:
            baseline = y + 0.82 * style.size + (style.step - style.size) / 3
            found.append(
                f'<text x="{_round(MARGIN + x)}" y="{baseline:.0f}">{escape(line, quote=False)}</text>'
            )
            y += style.step
        if figure and self._link:
            title = f"<title>{escape(figure[1], quote=False)}</title>"
            found = [
                f'<a href="{escape(self._link(figure[0]))}" tabindex="-1">{title}{"".join(found)}</a>'
            ]
        if found:
            self._texts[style] += found
        return y

    def write(self, text: str, style: Style, room: float = 1) -> None:
        """Write a text over the whole width, or a part of it, below what there is."""
        self.y = self.text(wrap(text, style, room * self.width), 0, self.y, style)

    def rect(self, x: float, y: float, width: float, height: float, mark: str) -> None:
        corner = f"{_round(MARGIN + x)} {_round(y)}"
        self._shapes[mark].append(
            f"M{corner}h{_round(width)}v{_round(height)}h{_round(-width)}z"
        )

    def dot(self, x: float, y: float, radius: int, mark: str) -> None:
        arc = f"a{radius} {radius} 0 1 0 "
        corner = f"{_round(MARGIN + x - radius)} {_round(y)}"
        self._shapes[mark].append(f"M{corner}{arc}{2 * radius} 0{arc}{-2 * radius} 0z")

    def document(
        self,
        size: Pixels,
        theme: Theme,
        title: str,
        description: str,
        metadata: Mapping[str, str],
    ) -> str:
        """Return a file of outer width and height `size`. `metadata` are terms of Dublin Core."""
        terms = "".join(
            f"<dc:{name}>{escape(text, quote=False)}</dc:{name}>"
            for name, text in metadata.items()
        )
        used = {
            *self._shapes,
            *(style.colour for style in self._texts),
            "paper",
            "empty",
        }
        about = (
            f"<title>{escape(title, quote=False)}</title><desc>{escape(description, quote=False)}</desc>"
            f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{terms}</metadata>'
            f"{f'<style>{paint(theme, used)}</style>' if theme == 'auto' else ''}"
        )
        return self._element(
            size, theme, 'xmlns="http://www.w3.org/2000/svg" role="img"', about
        )

    def element(self, size: Pixels, label: str) -> str:
        """Return the picture for a page that has the style sheet of a theme."""
        return self._element(
            size, "auto", f'class="picture" role="group" aria-label="{escape(label)}"'
        )

    def _element(
        self, size: Pixels, theme: Theme, attributes: str, about: str = ""
    ) -> str:
        width, height = self.width + 2 * MARGIN, round(self.y)
        shapes = "".join(
            f'<path {_paint(mark, theme)} d="{"".join(paths)}"/>'
            for mark, paths in self._shapes.items()
        )
        texts = "".join(
            _group(style, found, theme) for style, found in self._texts.items()
        )
        if (
            "hatch" in self._shapes
        ):  # a page may have a picture narrow and wide, and hide one of them
            pattern = f"mr-hatch-{crc32(f'{size}{theme}{shapes}'.encode()):08x}"
            shapes = shapes.replace("#mr-hatch", f"#{pattern}")
            about += (
                f'<defs><pattern id="{pattern}" width="6" height="6" patternUnits="userSpaceOnUse" '
                f'patternTransform="rotate(45)"><path {_paint("empty", theme)} d="M0 0h.8v6h-.8z"/></pattern></defs>'
            )
        return (
            f'<svg {attributes} width="{size[0]}" height="{size[1]}" viewBox="0 0 {width} {height}" '
            f'font-family="Arial,Liberation Sans,Helvetica,sans-serif">{about}'
            f'<path {_paint("paper", theme)} d="M0 0h{width}v{height}H0z"/>{shapes}{texts}</svg>'
        )


def _group(style: Style, texts: list[str], theme: Theme) -> str:
    more = (
        ' font-weight="bold"' if style.is_bold else ""
    ) + f' text-anchor="{style.anchor}"'
    return f'<g {_paint(style.colour, theme)} font-size="{_round(style.size)}"{more}>{"".join(texts)}</g>'


def _round(number: float) -> str:
    return f"{round(number, 1):g}"
