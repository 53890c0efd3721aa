"""What a source states at a place is stated once: two ids for it would count it twice."""

from __future__ import annotations

from typing import NamedTuple

from app.domain.observation import Observation
from app.register.mistakes import Refused
from app.register.tables import Row, Table


class Stated(NamedTuple):
    """Which observation states something, in which releases, and the line of its row."""

    id: str
    added_in: int
    ended_in: int
    line: int


class Statements:
    """The statements of one source: some 300 bytes for each."""

    def __init__(self) -> None:
        self._stated: dict[int, list[Stated]] = {}

    def watch(self, table: Table, rows: list[Row], observations: list[Observation]) -> None:
        """Reports rows that state what another id states in the same release."""
        for row, o in zip(rows, observations, strict=True):
            here = Stated(o.id, o.added_in, o.ended_in, row.line)
            others = self._stated.setdefault(_statement(o), [])
            other = next((other for other in others if _are_two(here, other)), None)
            if other:
                found = f"{other.id} in line {other.line} states the same thing at {o.at}"
                allowed = "one id for each statement; a better reading is its next version"
                table.refuse(row, "at", Refused("stated_twice", found, allowed))
            others.append(here)


def _statement(o: Observation) -> int:
    return hash((o.at, o.measure, o.statistic, o.category, o.population, o.counting_unit, o.stated_by))


def _are_two(first: Stated, second: Stated) -> bool:
    return first.id != second.id and max(first.added_in, second.added_in) < min(first.ended_in, second.ended_in)
