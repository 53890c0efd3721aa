"""What a picture draws: its form, and its rows with their figures."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from misconduct.charts.lines import Line, Point
from misconduct.charts.subject import Chart
from misconduct.model.figure import Row
from misconduct.model.series import Gap
from misconduct.model.wording import publisher, say_gap, say_number

Shape = Literal["number", "columns", "dots", "small", "rows"]

SUITED: Mapping[str, Collection[Shape]] = {
    **dict.fromkeys(("list", "numbers", "bars"), ("rows", "number")),
    **dict.fromkeys(("table", "grid", "years", "columns"), ("columns", "small")),
}
"""The forms that follow a wish for a form."""


class Slot(NamedTuple):
    """A time or a kind on the axis of a row, with its figure, or with the reason why it has no number."""

    label: str
    point: Point | None = None
    reason: Gap | None = None


@dataclass(frozen=True)
class Entry:
    """A row of a picture. A place that was asked for and has no figure has no slots.

    `label` is what tells it from other rows, `heading` the place above rows of several kinds. `when` is its time, if
    others have another. A total has no bar: it would hide its parts.
    """

    line: Line
    slots: Sequence[Slot] = ()
    label: str = ""
    heading: str = ""
    when: str = ""
    has_bar: bool = False

    @property
    def points(self) -> list[Point]:
        return [slot.point for slot in self.slots if slot.point]

    @property
    def name(self) -> str:
        return ": ".join(filter(None, (self.heading, self.label)))

    @property
    def is_full(self) -> bool:
        """Tell whether it has a number for at least half of its times."""
        numbers = [slot for slot in self.slots if slot.point and not slot.reason]
        return bool(numbers) and 2 * len(numbers) >= len(self.slots)

    @property
    def reach(self) -> float:
        """Return its highest number; -1 without one."""
        return max(
            (-1 if point.value is None else point.value for point in self.points),
            default=-1,
        )


@dataclass(frozen=True)
class Plan:
    """All that a picture draws. `left` are the rows that have no room; `why` is the reason why places share no scale.

    `is_table` tells that one publication has all, `elsewhere` are places that are not drawn beside those that are,
    `name` is what all rows count.
    """

    chart: Chart
    shape: Shape
    entries: Sequence[Entry]
    left: Sequence[Entry] = ()
    has_scale: bool = True
    why: str = ""
    is_table: bool = False
    elsewhere: Collection[str] = ()
    name: str = ""

    @property
    def number(self) -> int:
        """Return how many rows there are, with those for which it has no room."""
        return len(self.entries) + len(self.left)

    @property
    def points(self) -> list[Point]:
        return [point for entry in self.entries for point in entry.points]

    @property
    def rows(self) -> list[Row]:
        """Return all figures that are drawn or named: also those beside others, and those of rows without room."""
        points = [
            *self.points,
            *(point for entry in self.left for point in entry.points),
        ]
        windows = [
            entry.line.window.row
            for entry in self.entries
            if entry.line.window and self.shape != "rows"
        ]
        return [row for point in points for row in (point.row, *point.others)] + windows

    @property
    def publishers(self) -> Counter[str]:
        return Counter(
            publisher(self.chart.view.source(point.row)) for point in self.points
        )

    def say(self, row: Row) -> str:
        """Return the number of a figure."""
        return say_number(
            row, self.chart.view.catalogue, is_signed=len(self.points) > 1
        )

    def explain(self, reason: Gap | None) -> str:
        """Return why there is no number; nothing if there is one."""
        return say_gap(reason, self.chart.view.catalogue) if reason else ""
