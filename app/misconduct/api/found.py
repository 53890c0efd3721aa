"""Find the figures that a request asks for, the warnings about them, why there are none, and their picture."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from misconduct.api.current import Current
from misconduct.api.problems import NotFound
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import TABLE_COLUMNS, Row
from misconduct.model.plain_words import NEGATIONS, straighten
from misconduct.model.shapes import Warned
from misconduct.model.vocabulary import suggest
from misconduct.model.warnings import (
    Facts,
    Missing,
    caveats_last,
    say_number,
    warn,
    warn_of,
)
from misconduct.model.wording import capitalise
from misconduct.queries.figures import (
    Page,
    find_page,
)
from misconduct.queries.filters import (
    FILTERS,
    Conditions,
    Filters,
    read_filters,
)
from misconduct.queries.question import find_signs

ALL = Page()


class Selection(NamedTuple):
    current: Current
    dataset: str | None
    conditions: Conditions

    @classmethod
    def of(
        cls, filters: Filters, current: Current, dataset: str | None = None
    ) -> "Selection":
        return cls(
            current,
            dataset,
            read_filters(filters, dataset, current.catalogue),
        )

    @property
    def title(self) -> str:
        return (
            self.current.catalogue.of_kind("dataset")[self.dataset]["title"]
            if self.dataset
            else "Figures"
        )

    async def facts(self) -> Facts:
        return await self.current.facts(self.conditions)

    async def figures(self, page: Page) -> list[Row]:
        return await find_page(
            self.current.tables, self.conditions, TABLE_COLUMNS, page
        )

    async def is_superseded(self) -> bool:
        conditions = self.conditions
        return await self.current.has_revised(conditions.where(), conditions.values)


def select(filters: Filters, current: Current, dataset: str) -> Selection:
    """Return which figures the page of a dataset asks for. Raises NotFound if the release does not have it."""
    if dataset not in (known := current.catalogue.of_kind("dataset")):
        near = suggest(dataset, known)
        hint = f"Did you mean {near}?" if near else "/datasets lists them."
        raise NotFound(f"There is no dataset {dataset[:40]!r}. {hint}", near)
    return Selection.of(filters, current, dataset)


async def find_warnings(selection: Selection, facts: Facts) -> list[Warned]:
    if await selection.is_superseded():
        facts = replace(facts, warned_of=facts.warned_of | {"superseded"})
    catalogue = selection.current.catalogue
    nothing = _warn_of_nothing(selection.conditions, facts, catalogue)
    unread = warn_of(["signs_not_read"]) if _find_signs(selection.conditions) else []
    return caveats_last([*warn(facts, catalogue), *unread, *filter(None, [nothing])])


def _find_signs(conditions: Conditions) -> list[str]:
    """Return the signs in a search that it does not read; the & in the name of a place is none."""
    has_place = bool(conditions.question and conditions.question.codes("area"))
    return [
        one
        for one in find_signs(conditions.values.get("q", ""))
        if not (one == "&" and has_place)
    ]


def _warn_of_nothing(
    conditions: Conditions, facts: Facts, catalogue: Catalogue
) -> Warned | None:
    """Return the warning that values, or all conditions together, find nothing."""
    empty: Mapping[str, Any] = facts.missing.values if facts.total else conditions.asked
    named = [
        f"{name} {', '.join(_name(name, value, catalogue) for value in values)}"
        for name, values in empty.items()
    ]
    begin = "Nothing was found for"
    if not facts.total:
        named = [*_name_others(conditions), *named]
        begin = (
            f"No document here has figures with{' all of this:' if named[1:] else ''}"
        )
    if not named:
        return None
    hints = _count(facts.missing, catalogue)
    if not facts.total and NEGATIONS & {
        *straighten(conditions.values.get("q", "")).casefold().split()
    }:
        hints.append(
            "A negation finds only what a document says with it, such as “not proven”."
        )
    return Warned(
        code="found_nothing", detail=" ".join([f"{begin} {'; '.join(named)}.", *hints])
    )


def _name_others(conditions: Conditions) -> list[str]:
    values, question = conditions.values, conditions.question
    typed = "number" if question and question.number and not question.terms else "words"
    words = {
        "q": f"the {typed} “{values.get('q')}”",
        "dataset": f"dataset {values.get('dataset')}",
    }
    return [text for name, text in words.items() if name in values]


def _name(name: str, value: Any, catalogue: Catalogue) -> str:
    known = catalogue.codelists.get(FILTERS[name].names or "", {})
    return f"{value} ({known[value]['label']})" if value in known else str(value)


def _count(missing: Missing, catalogue: Catalogue) -> list[str]:
    """Return what would be found without a filter: in which datasets, or of which other indicators or places most."""
    said, of = (
        list[str](),
        {"dataset": "in ", "indicator": "most of ", "area": "most of "},
    )
    for name, (figures, codes) in missing.without.items():
        some = (
            codes
            if name == "dataset"
            else [_name(name, one, catalogue) for one in codes]
        )
        named = f" ({of[name]}{', '.join(some)})" if name in of else ""
        left_out = "the search" if name == "q" else name
        said.append(f"without {left_out}: {say_number(figures)}{named}")
    said += [
        f"with {year}: {say_number(figures)}"
        for year, figures in missing.near_years.items()
    ]
    return [f"{capitalise('; '.join(said))}."] if said else []
