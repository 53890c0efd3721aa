"""Which figures a request asks for, and the warnings about those that it finds."""

from dataclasses import replace
from typing import NamedTuple

from fastapi import Request

from misconduct.api.answers import Remarks
from misconduct.api.current import Current
from misconduct.api.faults import find_checked, find_path
from misconduct.api.found_nothing import warn_of_nothing
from misconduct.api.parameters import Figures
from misconduct.api.problems import NotAcceptable, NotFound
from misconduct.api.see_also import see_also
from misconduct.formats import FORMATS, PICTURES
from misconduct.model.shapes import Warned
from misconduct.model.warnings import Facts, warn
from misconduct.queries.filters import Conditions, Filters, read_filters
from misconduct.queries.warnings import has_revised


class Selection(NamedTuple):
    """The figures that a request asks for: the release, the dataset if the path names one, and the conditions."""

    current: Current
    dataset: str | None
    conditions: Conditions

    @classmethod
    def of(cls, filters: Filters, current: Current, dataset: str | None = None) -> "Selection":
        """Return which figures filters choose in a release."""
        return cls(current, dataset, read_filters(filters, current.release.number, dataset, current.catalogue))

    @property
    def name(self) -> str:
        return self.dataset or "observations"

    @property
    def title(self) -> str:
        """Return what they are called."""
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
    """Return what a list says beside its figures."""
    warnings = await find_warnings(request, selection, facts)
    return Remarks(warnings, await see_also(selection.current, selection.conditions, facts))
