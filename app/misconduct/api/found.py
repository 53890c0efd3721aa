"""Which figures a request asks for, the warnings about them, and why nothing was found."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from fastapi import Request

from misconduct.api.answers import Remarks
from misconduct.api.current import Current
from misconduct.api.faults import find_checked, find_path
from misconduct.api.parameters import Figures
from misconduct.api.problems import NotAcceptable, NotFound
from misconduct.api.see_also import see_also
from misconduct.formats import FORMATS, PICTURES
from misconduct.model.catalogue import Catalogue
from misconduct.model.plain_words import NEGATIONS, straighten
from misconduct.model.shapes import Warned
from misconduct.model.warnings import Facts, Missing, warn
from misconduct.model.wording import capitalise
from misconduct.queries.filters import FILTERS, Conditions, Filters, read_filters
from misconduct.queries.warnings import has_revised


class Selection(NamedTuple):
    """The figures that a request asks for: the release, the dataset if the path names one, and the conditions."""

    current: Current
    dataset: str | None
    conditions: Conditions

    @classmethod
    def of(cls, filters: Filters, current: Current, dataset: str | None = None) -> "Selection":
        return cls(current, dataset, read_filters(filters, current.release.number, dataset, current.catalogue))

    @property
    def name(self) -> str:
        return self.dataset or "observations"

    @property
    def title(self) -> str:
        return self.current.catalogue.of_kind("dataset")[self.dataset]["title"] if self.dataset else "Figures"

    async def is_superseded(self) -> bool:
        """Tell whether figures among them have been revised or withdrawn since their release."""
        current = self.current
        return not current.is_newest and await has_revised(current.database, self.conditions, current.releases.numbers)


async def select(request: Request, query: Figures, dataset: str | None) -> Selection:
    """Return which figures a request asks for. Raises Problem if it names what the release does not have."""
    current = await find_checked(request, query)
    if dataset is not None and dataset not in (known := current.catalogue.of_kind("dataset")):
        if "." in dataset:
            raise NotAcceptable(
                f"Available as json, {', '.join((*FORMATS, *PICTURES))}. Put one of them at the end of the address."
            )
        near = find_path(f"/v1/{dataset}", current.catalogue)
        bare = (near or "").removeprefix("/v1/")
        title = f" ({known[bare]['title']})" if bare in known else ""
        hint = f"Did you mean {near}{title}?" if near else "/v1/datasets lists them."
        detail = f"There is no dataset {dataset[:40]!r} in release {current.release.number}. {hint}"
        raise NotFound(detail, bare if bare in (*known, "observations") else near)
    return Selection.of(query, current, dataset)


async def find_warnings(request: Request, selection: Selection, facts: Facts) -> list[Warned]:
    """Return the warnings about figures that are found. Those of an earlier release may have been revised since."""
    if await selection.is_superseded():
        facts = replace(facts, warned_of=facts.warned_of | {"superseded"})
    typed = request.query_params.getlist("value")
    nothing = warn_of_nothing(selection.conditions, facts, selection.current.catalogue, typed)
    return [*warn(facts), *filter(None, [nothing])]


async def find_remarks(request: Request, selection: Selection, facts: Facts) -> Remarks:
    warnings = await find_warnings(request, selection, facts)
    return Remarks(warnings, await see_also(selection.current, selection.conditions, facts))


_PAIR = re.compile(r"(\d{1,3})(?:,\d{3})+", re.ASCII)


def warn_of_nothing(conditions: Conditions, facts: Facts, catalogue: Catalogue, typed: Sequence[str]) -> Warned | None:
    """Return the warning that values, or all conditions together, find nothing. `typed` are the numbers as written."""
    empty: Mapping[str, Any] = facts.missing.values if facts.total else conditions.asked
    named = [f"{name} {', '.join(_name(name, value, catalogue) for value in values)}" for name, values in empty.items()]
    begin = "Nothing was found for"
    if not facts.total:
        named = [*_name_others(conditions.values), *named]
        begin = f"No document here has figures with{' all of this:' if named[1:] else ''}"
    if not named:
        return None
    hints = [*_count(facts.missing), *_instead(empty, catalogue), *_read(typed, empty)]
    if not facts.total and NEGATIONS & {*straighten(conditions.values.get("q", "")).casefold().split()}:
        hints.append("A negation finds only what a document says with it, such as “not proven”.")
    return Warned(code="found_nothing", detail=" ".join([f"{begin} {'; '.join(named)}.", *hints]))


def _name_others(values: Mapping[str, Any]) -> list[str]:
    typed = "words" if values.get("q_rest", "words") else "number"
    words = {"q": f"the {typed} “{values.get('q')}”", "dataset": f"dataset {values.get('dataset')}"}
    words |= {name: f"{name} {values[name].year}" for name in ("year_from", "year_to") if name in values}
    return [text for name, text in words.items() if name in values]


def _name(name: str, value: Any, catalogue: Catalogue) -> str:
    if isinstance(value, Decimal):
        return f"{value:,f}"
    known = catalogue.codelists.get(FILTERS[name].names or "", {})
    return f"{value} ({known[value]['label']})" if value in known else str(value)


def _count(missing: Missing) -> list[str]:
    said = [
        f"without {'the search' if name == 'q' else name}: {number:,}"
        + (f" (in {', '.join(datasets)})" if name == "dataset" else "")
        for name, (number, datasets) in missing.without.items()
    ]
    said += [f"with {year}: {number:,}" for year, number in missing.near_years.items()]
    return [f"{capitalise('; '.join(said))}."] if said else []


def _instead(empty: Mapping[str, Any], catalogue: Catalogue) -> list[str]:
    """Name filters and codes that are called the same as a value: stated_by=bbc for publisher=BBC."""
    values = [(name, value) for name in ("publisher", "stated_by") for value in empty.get(name, ())]
    named = [(one, other) for one in values for other in catalogue.vocabulary.find_called(one[1])]
    others = [f"{name}={code}" for one, (name, code) in named if name in FILTERS and (name, code) != one]
    return [f"Try {' or '.join(others)}."] if others else []


def _read(typed: Sequence[str], empty: Mapping[str, Any]) -> Iterator[str]:
    """Say how a number with commas was read, if there is none such."""
    for text in typed:
        if _PAIR.fullmatch(text.strip()) and Decimal(text.replace(",", "")) in empty.get("value", ()):
            parts = text.replace(",", "&value=")
            yield f"{text} was read as one number; for several, repeat the parameter: value={parts}."
