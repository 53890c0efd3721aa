"""What a request asks for, as conditions on observations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Numeric, Text, and_, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

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


SHAPES_KEPT = 500
"""Statements of listings that stay written out."""


@dataclass(frozen=True)
class Filters:
    """Conditions, all of which must hold. Within one condition any of its values will do; None is no condition.

    `codes` maps a name of CODE_FILTERS, each once, to the accepted codes. `publisher` and `published_*` are resolved to
    sources before they come here.
    """

    codes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    values: tuple[Decimal, ...] | None = None
    value_from: Decimal | None = None
    value_to: Decimal | None = None
    years: tuple[int, ...] | None = None
    period_from: date | None = None
    period_to: date | None = None
    limits: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def within(self, name: str, codes: tuple[str, ...]) -> Filters:
        """These conditions, and that the named code is one of `codes`, which `without` leaves as it is."""
        asked = dict(self.codes)
        asked[name] = tuple(code for code in asked[name] if code in codes) if name in asked else codes
        return replace(self, codes=tuple(asked.items()), limits=(*self.limits, (name, codes)))

    def without(self, name: str) -> Filters:
        """These conditions but for those on the named code that were asked for: what was set by `within` remains."""
        others = replace(self, codes=tuple(one for one in self.codes if one[0] != name), limits=())
        for limit in self.limits:
            others = others.within(*limit)
        return others

    def shape(self) -> Filters:
        """Conditions of the same SQL with other values, the same for all: under it a statement is kept, written out."""
        return Filters(
            codes=tuple((name, ("",) * min(len(codes), 2)) for name, codes in self.codes),
            **{name: example for name, example in _EXAMPLES.items() if getattr(self, name) is not None},
        )

    def parameters(self) -> dict[str, Any]:
        """The values of the conditions, by the names that `conditions` gives them."""
        found: dict[str, Any] = {name: codes[0] if len(codes) == 1 else codes for name, codes in self.codes}
        found |= {name: value for name in _EXAMPLES if (value := getattr(self, name)) is not None}
        if self.years is not None:
            found["years"] = [f"{year:04}" for year in self.years]
        return found

    def conditions(self, *, unique: bool = False) -> Iterator[ColumnElement[bool]]:
        """The conditions as SQL, one by one, with `parameters` for values.

        `unique`: under names of their own, for a statement in which different filters meet.
        """
        given = {
            name: bindparam(name, value, _type_of(name, value), unique) for name, value in self.parameters().items()
        }
        for name, codes in self.codes:
            yield o.c[name] == (given[name] if len(codes) == 1 else any_(given[name]))
        if self.values is not None:
            yield o.c.value == any_(given["values"])
        if self.years is not None:
            yield and_(o.c.period_type == "year", o.c.period_start == any_(given["years"]))
        for name, is_met in _BOUNDS.items():
            if name in given:
                yield is_met(given[name])


_BOUNDS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "value_from": lambda bound: o.c.value >= bound,
    "value_to": lambda bound: o.c.value <= bound,
    "period_from": lambda bound: o.c.period_until >= bound,
    "period_to": lambda bound: o.c.period_from <= bound,
}

_EXAMPLES: dict[str, Any] = {
    "values": (),
    "value_from": Decimal(0),
    "value_to": Decimal(0),
    "years": (),
    "period_from": date.min,
    "period_to": date.min,
}


def _type_of(name: str, value: Any) -> TypeEngine[Any]:
    if isinstance(value, date):
        return Date()
    single = Numeric() if name in ("values", "value_from", "value_to") else Text()
    return ARRAY(single) if isinstance(value, list | tuple) else single


def in_force(table: Any, ordinal: int) -> ColumnElement[bool]:
    """Rows that are part of the release with this ordinal, which is a parameter of that name."""
    at = bindparam("ordinal", ordinal, Integer)
    return and_(table.c.added_in <= at, table.c.ended_in > at)
