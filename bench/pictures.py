"""Draw results as bars, in SVG."""

from collections.abc import Iterable, Sequence
from html import escape
from math import log10

WIDTH, LEFT, LINE = 760, 230, 18
LONGEST = WIDTH - LEFT - 150
COLOURS = ("#1d70b8", "#f47738")


class Bars:
    """A picture of bars in groups. Each group has a label, and each bar of a group a colour and a name."""

    def __init__(self, title: str, names: Sequence[str] = ()) -> None:
        self.title, self.y = title, 40
        self.parts = [_text(10, 22, title, "bold")]
        for number, name in enumerate(names):
            self.parts += [
                _bar(LEFT + 170 * number, 32, 12, 12, COLOURS[number]),
                _text(LEFT + 18 + 170 * number, 42, name),
            ]
            self.y = 60

    def add(self, label: str, bars: Iterable[tuple[float, str]]) -> None:
        """Add a group: the length of each bar, from 0 to 1, and the text at its end."""
        self.parts.append(_text(LEFT - 8, self.y + 12, label, anchor="end"))
        for number, (length, text) in enumerate(bars):
            width = max(1, length * LONGEST)
            self.parts += [
                _bar(LEFT, self.y, width, LINE - 4, COLOURS[number]),
                _text(LEFT + width + 6, self.y + 12, text),
            ]
            self.y += LINE
        self.y += 6

    def write(self) -> str:
        """Return the picture."""
        body = "\n".join(self.parts)
        return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.y + 8}" role="img">
<title>{escape(self.title)}</title>
<rect width="100%" height="100%" fill="#fff"/>
{body}
</svg>
"""


def draw_goals(rows: Sequence[Sequence[str]]) -> str:
    """Draw how near each ratio is to its goal."""
    picture = Bars("Ratio and goal: a bar that reaches the line meets its goal")
    for name, _, _, ratio, goal, _ in rows:
        if ratio:
            sign, limit = goal.split()
            share = (
                float(ratio) / float(limit)
                if sign == "≥"
                else float(limit) / float(ratio)
            )
            picture.add(name, [(min(share / 2, 1), f"{ratio}, goal {goal}")])
    picture.parts.insert(1, _bar(LEFT + LONGEST / 2, 34, 2, picture.y - 38, "#d0d4d6"))
    return picture.write()


def draw_times(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Draw times in milliseconds on a logarithmic scale, from 1 ms to 100 s."""
    picture = Bars("Time of an answer (logarithmic)", names)
    for label, *times in rows:
        picture.add(
            label,
            [
                (log10(float(time.split()[0].replace(",", ""))) / 5, time)
                for time in times
            ],
        )
    return picture.write()


def _bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height}" fill="{colour}"/>'


def _text(
    x: float, y: float, text: str, weight: str = "normal", anchor: str = "start"
) -> str:
    style = f'font-family="sans-serif" font-size="12" font-weight="{weight}" text-anchor="{anchor}"'
    return f'<text x="{x:.0f}" y="{y:.0f}" {style}>{escape(text)}</text>'
