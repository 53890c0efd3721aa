"""How many figures match, and how many series they make: counted when it is asked for, or at load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from misconduct.model.period import Days, Year, years_of

COUNTED = ("measure", "category", "area")
"""The columns of which each code is counted at load: parts of the key of a series, so that no series has two codes."""

IN_SERIES = ("year", "window")
"""The types of periods that a table by year shows."""


class Alike(NamedTuple):
    """Figures whose periods are of one type, and begin in one month: the least label, the first and the last day."""

    period_type: str
    label: str | None
    first: str | None
    last: str | None
    figures: int


@dataclass(frozen=True)
class Whole:
    """What is known of all figures that match: how many series they make, and how many of these have a year."""

    series: int
    dated: int
    alike: Sequence[Alike]

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Whole:
        """Read what the database counted."""
        return cls(content["series"], content["dated"], [Alike(*one) for one in content["alike"]])

    @classmethod
    def add(cls, parts: Sequence[Whole]) -> Whole:
        """Add figures that make other series. What is alike becomes one, so that it is as little for many codes."""
        groups: dict[tuple[Any, ...], list[Alike]] = {}
        for one in (one for part in parts for one in part.alike):
            key = one.period_type, one.label is None, "/" in (one.label or ""), one.first and one.first[5:7]
            groups.setdefault(key, []).append(one)
        added = [
            Alike(
                group[0].period_type,
                min(filter(None, labels), default=None),
                min(filter(None, firsts), default=None),
                max(filter(None, lasts), default=None),
                sum(figures),
            )
            for group in groups.values()
            for _, labels, firsts, lasts, figures in [zip(*group, strict=True)]
        ]
        return cls(sum(part.series for part in parts), sum(part.dated for part in parts), added)

    @property
    def figures(self) -> int:
        """How many figures match."""
        return sum(one.figures for one in self.alike)

    @property
    def windows(self) -> int:
        """How many of them are for the whole window of their series."""
        return sum(one.figures for one in self.alike if one.period_type in IN_SERIES and one.label is None)

    @property
    def left_out(self) -> int:
        """How many of them are in no series."""
        return sum(one.figures for one in self.alike if one.period_type not in IN_SERIES)

    @property
    def left_out_types(self) -> list[str]:
        """The types of the periods of those that are in no series."""
        return sorted({one.period_type for one in self.alike} - {*IN_SERIES})

    @cached_property
    def years(self) -> list[Year]:
        """The years of all series."""
        return years_of(
            Days(one.label, date.fromisoformat(one.first), date.fromisoformat(one.last))
            for one in self.alike
            if one.period_type in IN_SERIES and one.first and one.last
        )


Counts = Mapping[tuple[str, str], Whole]
"""What was counted of each code at load, by its column. Empty for a release that was loaded before this was counted."""
