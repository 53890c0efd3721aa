"""What a request for figures finds, and how it is sent: as a page in JSON, or whole as a table."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Path, Request, Response

from misconduct.api.answers import (
    FIGURE_TYPES,
    PICTURE_TYPES,
    Links,
    Warnings,
    envelope,
    page_links,
    send_figures,
    send_json,
)
from misconduct.api.current import Current, Releases
from misconduct.api.faults import find_checked
from misconduct.api.found_nothing import warn_of_nothing
from misconduct.api.parameters import Figures
from misconduct.api.paths import find_path
from misconduct.api.problems import NotAcceptable, NotFound
from misconduct.api.schemas import answers
from misconduct.formats import FORMATS, PICTURES
from misconduct.formats.table import Table
from misconduct.model.warnings import Facts, warn, warn_of_revisions
from misconduct.queries.filters import Conditions, read_filters
from misconduct.queries.warnings import has_revised


async def _declare_dataset(
    _: Annotated[str, Path(alias="dataset", description="Id of a dataset: allegations, duty-status, vetting-checks.")],
) -> None:
    """Declare the dataset in a path; `TheDataset` reads it."""


async def _read_dataset(request: Request) -> str | None:
    return request.path_params.get("dataset")


TheDataset = Annotated[str | None, Depends(_read_dataset)]
"""The dataset that the path names; None for all figures."""

Handler = Callable[..., Awaitable[Response]]


def list_at(router: APIRouter, ending: str, answer: Any, name: str, about: str) -> Callable[[Handler], Handler]:
    """Add a list at two addresses: of all figures, and as the route `name` of those of a dataset."""
    responses = answers(answer, *FIGURE_TYPES, *PICTURE_TYPES)
    named = [Depends(_declare_dataset)]

    def add(handler: Handler) -> Handler:
        router.add_api_route(f"/observations{ending}", handler, responses=responses)
        router.add_api_route(
            f"/{{dataset}}{ending}", handler, responses=responses, dependencies=named, name=name, description=about
        )
        return handler

    return add


class Selection(NamedTuple):
    """The figures that a request asks for: the release, the dataset if the path names one, and the conditions."""

    current: Current
    dataset: str | None
    conditions: Conditions

    @property
    def name(self) -> str:
        """Return the name of a file with them."""
        return self.dataset or "observations"

    @property
    def title(self) -> str:
        """Return what they are called."""
        return self.current.catalogue.of_kind("dataset")[self.dataset]["title"] if self.dataset else "Figures"


@dataclass(frozen=True)
class FoundTable:
    """The table that a request finds, the name of its file, and what else an answer says.

    Of `total` rows, or series of a by-year table, an answer in JSON has `returned`, and its `meta` has `more`.
    """

    name: str
    table: Table
    total: int
    returned: int
    warnings: Warnings
    see_also: Links
    more: dict[str, Any]


async def select(query: Figures, releases: Releases, dataset: str | None) -> Selection:
    """Return which figures a request asks for. Raises Problem if it names what the release does not have."""
    current = await find_checked(query, releases)
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
    return Selection(current, dataset, read_filters(query, current.release.number, dataset, current.catalogue))


async def find_warnings(
    request: Request, conditions: Conditions, facts: Facts, current: Current, releases: Releases
) -> Warnings:
    """Return the warnings about figures that are found. Those of an earlier release may have been revised since."""
    warnings, numbers = list(warn(facts)), [release.number for release in releases.known]
    if nothing := warn_of_nothing(conditions, facts, current.catalogue, request.query_params.getlist("value")):
        warnings.append(nothing)
    if current.release.number != numbers[-1] and await has_revised(releases.database, conditions, numbers):
        warnings.append(warn_of_revisions(current.release.number, numbers[-1]))
    return warnings


async def send_found(request: Request, query: Figures, suffix: str, current: Current, found: FoundTable) -> Response:
    """Send a table in the format that is asked for."""
    if suffix in FORMATS:
        return await send_figures(suffix, found.table, found.name, current, found.warnings, found.see_also)
    data = [found.table.document(row) async for page in found.table.pages for row in page]
    meta = {"total": found.total, "returned": found.returned, **found.more, "see_also": found.see_also}
    links = page_links(request, current, query.offset + found.returned, found.total)
    return send_json(envelope(request, current, data, meta, found.warnings, **links), current)
