"""The filters of a dataset page as a form: what can be chosen, what was, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from heapq import nlargest
from typing import NamedTuple

from misconduct.api.parameters import PARAMETERS
from misconduct.errors import Fault
from misconduct.model.catalogue import Catalogue
from misconduct.model.filters import FILTERS, name_code, with_narrower
from misconduct.queries.facets import Facets
from misconduct.site.rendering import Pairs

PROMINENT = ("category", "measure", "area", "population", "counting_unit", "year", "source", "stated_by")
"""The filters that the form shows first; all others are behind a button."""

CHOSEN = (
    *PROMINENT,
    *(one.name for one in FILTERS.values() if one.takes_codes and one.name not in (*PROMINENT, "disagreement")),
)
"""Filters by a code that figures have, in the order of the form. A disagreement is chosen on its own page."""

PUBLISHERS = ("publisher", "origin_publisher")
"""Filters by a name that sources have, for which the form counts the figures of each source."""

TYPED = (
    "q",
    *(one.name for one in FILTERS.values() if one.codes is None and one.choices is None and one.name != "year"),
)
"""Filters by what is typed; words first."""

NAMES = {"q": "Words", **{name: one.label for name, one in FILTERS.items()}, "sort": "Order"}
"""What the form sets, in words."""

ORDERS = {
    "period": "Oldest first",
    "-period": "Newest first",
    "value": "Smallest first",
    "-value": "Largest first",
    "id": "By id",
    "relevance": "Best match first",
}


MOST_CHOICES = 200
"""Codes of a list that the form offers, those with the most figures; any other can be given in the address."""


class Choice(NamedTuple):
    """One code that can be chosen, how many figures of the dataset it finds, and whether it was chosen."""

    code: str
    label: str
    figures: int
    is_chosen: bool


class Field(NamedTuple):
    """One filter: its choices, and how many more there are, or the text that was typed; and what is wrong with it."""

    name: str
    label: str
    choices: Sequence[Choice]
    typed: str
    example: str
    faults: Sequence[Fault]
    omitted: int = 0

    @property
    def chosen(self) -> list[Choice]:
        """The choices that were made."""
        return [choice for choice in self.choices if choice.is_chosen]

    @property
    def is_used(self) -> bool:
        """Whether the request says something about it."""
        return bool(self.chosen or self.typed or self.faults)


class Form(NamedTuple):
    """The fields that are always shown, the further ones, the order, and what the form keeps as it is."""

    first: list[Field]
    further: list[Field]
    order: str
    kept: Pairs
    orders: Mapping[str, str] = ORDERS

    @property
    def names(self) -> list[str]:
        """The filters that have a field."""
        return [*(field.name for field in (*self.first, *self.further)), "sort"]


def build_form(pairs: Pairs, faults: Sequence[Fault], choices: Facets, catalogue: Catalogue) -> Form:
    """The form as the request filled it in. A filter that leaves nothing to choose is not in it."""
    wrong = {fault.parameter for fault in faults}
    coded = [
        field for field in _coded_fields(pairs, faults, choices, catalogue) if len(field.choices) > 1 or field.is_used
    ]
    typed = [_field(name, (), pairs, faults) for name in TYPED]
    has_field = {*CHOSEN, *TYPED, *PUBLISHERS, "sort", "cursor"}
    kept = [pair for pair in pairs if pair[0] not in has_field | wrong]
    order = next((text for name, text in pairs if name == "sort"), "period")
    return Form(
        [field for field in coded if field.name in PROMINENT],
        [*(field for field in coded if field.name not in PROMINENT), *typed],
        order,
        kept,
    )


def name_value(catalogue: Catalogue, name: str, text: str) -> str:
    """A value of a field in words; the value itself where there are none."""
    return name_code(name, text, catalogue) if name in FILTERS else ORDERS.get(text, text)


def _coded_fields(pairs: Pairs, faults: Sequence[Fault], choices: Facets, catalogue: Catalogue) -> Iterator[Field]:
    counted = {name: choices[name] for name in CHOSEN}
    for name in PUBLISHERS:
        publishers: Counter[str] = Counter()
        for source, figures in choices[FILTERS[name].column].items():
            publishers[catalogue.kind("source")[source]["publisher"] or ""] += figures
        del publishers[""]
        counted[name] = publishers
    for name, own in counted.items():
        chosen = {text for other, text in pairs if other == name} & _known(name, own, catalogue)
        is_wider = FILTERS[name].finds_narrower and ("narrower", "0") not in pairs
        counts = {
            code: sum(own.get(one, 0) for one in (with_narrower(name, [code], catalogue) if is_wider else [code]))
            for code in {**own, **dict.fromkeys(chosen)}
        }
        most = nlargest(MOST_CHOICES, counts, counts.__getitem__) if len(counts) > MOST_CHOICES else counts
        listed = [
            Choice(code, name_code(name, code, catalogue), counts[code], code in chosen)
            for code in sorted(
                {*most, *chosen}, key=lambda code: (code not in chosen, name_code(name, code, catalogue))
            )
        ]
        yield _field(name, listed, pairs, faults)._replace(omitted=len(counts) - len(listed))


def _known(name: str, counts: Mapping[str, int], catalogue: Catalogue) -> set[str]:
    """The values that exist in the release, whether figures have them or not."""
    codes = FILTERS[name].codes
    return {*counts, *(codes(catalogue) if codes else ())}


def _field(name: str, choices: Sequence[Choice], pairs: Pairs, faults: Sequence[Fault]) -> Field:
    typed = "" if choices else next((text for other, text in pairs if other == name), "")
    own = [fault for fault in faults if fault.parameter == name]
    return Field(name, NAMES[name], choices, typed, PARAMETERS[name].example, own)
