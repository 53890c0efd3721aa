"""The filters of a request as SQL conditions on observations."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, any_, bindparam, case, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from misconduct.db.tables import ENGLISH, has_letters, printed_words, value_order
from misconduct.db.tables import observations as o
from misconduct.model.catalogue import Catalogue
from misconduct.model.filters import FILTERS, Alternatives, Test, with_narrower

WEIGHTS = {
    "category": 8, "measure": 8, "value": 8, "printed": 4, "population": 4, "counting_unit": 4, "area": 4,
    "stated_by": 4, "source": 2, "origin": 2, "caveats": 1,
}  # fmt: skip
"""The columns in which a word is looked for, the weightiest first, and what it weighs in the order by relevance."""

MOST_STATEMENTS = 500
"""Compiled statements of listings that are kept, one for each combination of filters."""


_PLACES = {name: place for place, name in enumerate(FILTERS)}

_MANY, _FEW, _FEW_OF_LISTS = object(), 500, 50
"""_MANY stands in a shape for a list of more than _FEW codes; figures are compared with fewer one by one. Those that
have lists of codes themselves, with _FEW_OF_LISTS."""


@dataclass(frozen=True)
class Filters:
    """Conditions on observations, all of which must hold.

    `asked` has the names of filters, each with its values, of which any will do. `limits` has the names of columns,
    each with the only codes that it may have: the measures of a dataset, the sources of a publisher in this release.
    `others` has the names of filters whose condition is more than that.
    """

    asked: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    limits: tuple[tuple[str, tuple[str, ...]], ...] = ()
    others: tuple[tuple[str, Alternatives], ...] = ()

    @classmethod
    def read(cls, values: Mapping[str, Sequence[Any]], catalogue: Catalogue, *, narrower: bool = True) -> Filters:
        """Make the conditions of a request from its parameters; those that are not filters are ignored.

        `narrower`: a code also finds the codes that are narrower than it.
        """
        asked, resolved, others = [], [], []
        for name in sorted(values.keys() & FILTERS.keys(), key=_PLACES.__getitem__):
            one = FILTERS[name]
            if one.alternatives is not None:
                others.append((name, one.alternatives(values[name], catalogue)))
            elif one.resolve is not None:
                resolved.append((one.column, one.resolve(values[name], catalogue)))
            else:
                wider = narrower and one.finds_narrower
                found = with_narrower(name, values[name], catalogue) if wider else values[name]
                asked.append((name, tuple(dict.fromkeys(found))))
        filters = cls(tuple(asked), (), tuple(others))
        for column, codes in resolved:
            filters = filters.within(column, codes)
        return filters

    def within(self, column: str, codes: Iterable[str]) -> Filters:
        """Add the condition that a column has one of these codes."""
        limits = {name: set(allowed) for name, allowed in self.limits}
        limits[column] = limits[column].intersection(codes) if column in limits else set(codes)
        return replace(self, limits=tuple((name, tuple(sorted(limits[name]))) for name in sorted(limits)))

    def without(self, *names: str) -> Filters:
        """Leave out the filters with these names."""
        left = (tuple(one for one in these if one[0] not in names) for these in (self.asked, self.others))
        return Filters(next(left), self.limits, next(left))

    def leaving_out(self, ids: Iterable[str]) -> Filters:
        """Replace `repeats=exclude` and `parts=exclude` by the figures that these leave out here."""
        return replace(
            self.without("repeats", "parts"),
            others=(
                *(one for one in self.others if one[0] not in ("repeats", "parts") or one[1][0][0].operator == "in"),
                ("left_out", ((Test("id", "not in", tuple(sorted(ids))),),)),
            ),
        )

    def split(self, columns: Container[str]) -> tuple[Filters, Filters]:
        """Divide into the conditions on these columns alone, and all others."""
        are_of = [
            [FILTERS[name].column in columns for name, _ in self.asked],
            [name in columns for name, _ in self.limits],
            [all(test.column in columns for tests in some for test in tests) for _, some in self.others],
        ]
        inside, outside = (
            Filters(
                *(
                    tuple(one for one, is_of in zip(these, each, strict=True) if is_of is wanted)
                    for these, each in zip((self.asked, self.limits, self.others), are_of, strict=True)
                )
            )
            for wanted in (True, False)
        )
        return inside, outside

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the filters."""
        return tuple(name for name, _ in (*self.asked, *self.others))

    def shape(self) -> Filters:
        """Return filters with the same SQL, equal for all values: the key under which a compiled statement is kept."""
        return Filters(
            tuple((name, (None,) * min(len(values), 2)) for name, values in self.asked),
            tuple((column, ()) for column, _ in self.limits),
            tuple((name, tuple(tuple(map(_shape, tests)) for tests in some)) for name, some in self.others),
        )

    def parameters(self) -> dict[str, Any]:
        """Return the values of the conditions, by the names that `conditions` gives them."""
        return {
            **{name: values[0] if len(values) == 1 else [*values] for name, values in self.asked},
            **{f"within_{column}": codes for column, codes in self.limits},
            **{
                f"{name}_{place}_{number}": test.value
                for name, alternatives in self.others
                for place, tests in enumerate(alternatives)
                for number, test in enumerate(tests)
                if test.operator not in ("null", "not null")
            },
        }

    def relevance(self) -> ColumnElement[int]:
        """Return what the matching words of a search weigh together: of each, the weightiest column that has it."""
        weights = [
            case(
                *(
                    (_as_sql(test, f"{name}_{place}_0", unique=False), WEIGHTS[test.column])
                    for place, (test,) in enumerate(alternatives)
                ),
                else_=0,
            )
            for name, alternatives in self.others
            if name.startswith("word_")
        ]
        return sum(weights[1:], weights[0])

    def conditions(self, *, unique: bool = False) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions as SQL, with `parameters` for values.

        `unique`: under names of their own, for a statement in which different filters meet.
        """
        parameters = self.parameters()
        for name, values in self.asked:
            one, column = FILTERS[name], _column(FILTERS[name].column)
            several = len(values) > 1
            given = bindparam(name, parameters[name], ARRAY(column.type) if several else column.type, unique)
            yield column == any_(given) if several else one.compare(column, given)
        for column_name, _ in self.limits:
            name, column = f"within_{column_name}", o.c[column_name]
            yield column == any_(bindparam(name, parameters[name], ARRAY(column.type), unique))
        for name, alternatives in self.others:
            yield or_(
                *(
                    and_(*(_as_sql(test, f"{name}_{place}_{number}", unique) for number, test in enumerate(tests)))
                    for place, tests in enumerate(alternatives)
                )
            )


def _column(name: str) -> ColumnElement[Any]:
    """Return a column, or what stands for it in an index; for equality only, because it is never null."""
    return value_order if name == "value" else o.c[name]


def _item_type(column: ColumnElement[Any]) -> Any:
    return column.type.item_type if isinstance(column.type, ARRAY) else column.type


def _shape(test: Test) -> Test:
    value, few = test.value, _FEW_OF_LISTS if test.operator == "overlaps" else _FEW
    is_many = value is _MANY or (isinstance(value, (list, tuple)) and len(value) > few)
    return Test(test.column, test.operator, _MANY if is_many else None)


def _is_among(column: ColumnElement[Any], several: ColumnElement[Any], *, are_many: bool) -> ColumnElement[bool]:
    return column.in_(unnested(several)) if are_many else column == any_(several)


def _as_sql(test: Test, name: str, unique: bool) -> ColumnElement[bool]:
    """Write one test as SQL, with a parameter of this name for its value."""
    column, are_many = o.c[test.column], _shape(test).value is _MANY
    value = None if test.value is _MANY else test.value
    several = bindparam(name, value, ARRAY(_item_type(column)), unique)
    given = bindparam(name, value, column.type, unique)
    match test.operator:
        case "in":
            condition = _is_among(_column(test.column), several, are_many=are_many)
        case "not in":
            condition = column.not_in(unnested(several))
        case "overlaps":
            one = func.unnest(column).column_valued("one")
            any_of_many = select(func.bool_or(one.in_(unnested(several)))).scalar_subquery()
            condition = any_of_many if are_many else column.overlap(several)
        case "words":
            condition = prints_words(given)
        case "null" | "not null":
            condition = column.is_(None) if test.operator == "null" else column.is_not(None)
        case ">=":
            condition = column >= given
        case "<=":
            condition = column <= given
    return condition


def unnested(several: ColumnElement[Any]) -> Select[Any]:
    """Select the items of an array, which are hashed for IN. For ANY they are only in a plan for these values alone."""
    return select(func.unnest(several))


def prints_words(text: ColumnElement[str]) -> ColumnElement[bool]:
    """Select the figures that are printed with all words of a text, by their index."""
    return and_(has_letters, printed_words.bool_op("@@")(func.plainto_tsquery(ENGLISH, text)))


def in_force(table: Any, ordinal: int, *, at: str = "ordinal") -> ColumnElement[bool]:
    """Select the rows that are part of the release with this ordinal, which is the parameter `at`."""
    of = bindparam(at, ordinal, Integer)
    return and_(table.c.added_in <= of, table.c.ended_in > of)
