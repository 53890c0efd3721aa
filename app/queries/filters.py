"""What a request asks for, as conditions on observations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_

from app.db.tables import observations as o
from app.domain.catalogue import Catalogue
from app.domain.vocabulary import CODED

CODE_FILTERS = (*(name for name in CODED if name not in ("value_absent", "unit")), "source", "origin")
"""Filters by equality with one of several codes; each is a column."""


def code_filters(asked: Mapping[str, Sequence[str]], catalogue: Catalogue) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The conditions of Filters.codes that are asked for by code; those on a disagreement are on its members."""
    for name in CODE_FILTERS:
        if name in asked:
            yield name, tuple(sorted(set(asked[name])))
    if "disagreement" in asked:
        disagreements = catalogue.kind("disagreement")
        yield "id", tuple(sorted({one for name in asked["disagreement"] for one in disagreements[name]["members"]}))


@dataclass(frozen=True)
class Filters:
    """Conditions, all of which must hold. Within one condition any of its values will do; None is no condition.

    `codes` maps a name of CODE_FILTERS to the accepted codes. `publisher` and `published_*` are resolved to sources
    before they come here.
    """

    codes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    values: tuple[Decimal, ...] | None = None
    value_from: Decimal | None = None
    value_to: Decimal | None = None
    years: tuple[int, ...] | None = None
    period_from: date | None = None
    period_to: date | None = None

    def within(self, name: str, codes: tuple[str, ...]) -> Filters:
        """These conditions, and that the named code is one of `codes`."""
        return replace(self, codes=(*self.codes, (name, codes)))

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """The conditions as SQL, one by one."""
        for name, codes in self.codes:
            yield o.c[name] == codes[0] if len(codes) == 1 else o.c[name].in_(codes)
        if self.values is not None:
            yield o.c.value.in_(self.values)
        if self.value_from is not None:
            yield o.c.value >= self.value_from
        if self.value_to is not None:
            yield o.c.value <= self.value_to
        yield from self._conditions_on_time()

    def _conditions_on_time(self) -> Iterator[ColumnElement[bool]]:
        if self.years is not None:
            yield and_(o.c.period_type == "year", o.c.period_start.in_(f"{year:04}" for year in self.years))
        if self.period_from is not None:
            yield o.c.period_until >= self.period_from
        if self.period_to is not None:
            yield o.c.period_from <= self.period_to


def in_force(table: Any, ordinal: int) -> ColumnElement[bool]:
    """Rows that are part of the release with this ordinal."""
    return and_(table.c.added_in <= ordinal, table.c.ended_in > ordinal)
