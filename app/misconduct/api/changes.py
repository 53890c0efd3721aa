"""What changed from release to release: what was added, revised or ended, and each field before and after."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from misconduct.api.answers import (
    TABLE_TYPES,
    ChosenFormat,
    about_rows,
    answers,
    link,
    page_links,
    send_json,
    send_table,
)
from misconduct.api.current import Current, Releases, find_current
from misconduct.api.faults import find_faults
from misconduct.api.parameters import ChangeFeed, ChangeList
from misconduct.api.problems import PROBLEMS, Fault, InvalidParameters
from misconduct.api.suggestions import guess, unknown_value
from misconduct.db.engine import Rows
from misconduct.formats import FORMATS
from misconduct.model.kinds import KINDS
from misconduct.model.shapes import ChangeListAnswer
from misconduct.model.versions import Field, show_fields
from misconduct.queries import changes as queries
from misconduct.queries.changes import FIGURES, Wanted

router = APIRouter(prefix="/v1", tags=["releases"])

COLUMNS = ("release", "day", "kind", "id", "action", "field", "before", "after", "reason", "replaced_by")
NO_FIELD = Field("", None, None)


@router.get("/changes.atom", status_code=308, response_class=RedirectResponse, responses=PROBLEMS)
async def feed_changes(request: Request, _: Annotated[ChangeFeed, Query()]) -> Response:
    """Redirect to the feed of releases.

    With `id`, it has each change of the figures that you use. With `dataset` or `area`, it says how many figures there
    each release added, revised or withdrew.
    """
    return RedirectResponse(link(request).replace("/v1/", "/", 1), 308)


@router.get("/changes", responses=answers(ChangeListAnswer, *TABLE_TYPES))
async def list_changes(request: Request, query: Annotated[ChangeList, Query()], suffix: ChosenFormat) -> Response:
    """List what was added, revised or ended since a release, and why: the oldest change first.

    `action` is the word of that release's changes.csv, where `revised` also stands for a figure that only runs longer
    or has other notes; /v1/standing tells which. Of figures, each changed field is shown before and after.
    """
    current = await find_current(request, query)
    wanted, releases = await find_wanted(query, current), current.releases
    rows = await find_rows(wanted, query.most(suffix), query.offset, releases)
    if suffix in FORMATS:
        lines = [row | field._asdict() for row in rows for field in row["fields"] or [NO_FIELD]]
        cells = [[line[name] for name in COLUMNS] for line in lines]
        return send_table(COLUMNS, cells, "changes", current)
    total = await queries.count_changes(current.database, wanted)
    data = [await change_document(row, releases) for row in rows]
    links = page_links(request, current, query.offset + len(rows), total)
    return send_json(request, current, data, about_rows(current, len(rows), total), (), **links)


async def find_wanted(query: ChangeList, current: Current) -> Wanted:
    """Return which changes are asked for: those of the releases after `since`, up to the current one.

    Raises InvalidParameters.
    """
    releases = current.releases
    if faults := await _find_faults(query, current):
        raise InvalidParameters(faults)
    first = releases.find(query.since).order if query.since else ()
    numbers = [release.number for release in releases.known if first < release.order <= current.release.order]
    areas = [code for area in query.area for code in current.catalogue.findable("area")[area]]
    return Wanted(numbers, None if query.kind == "all" else query.kind, query.id, areas, query.dataset)


async def _find_faults(query: ChangeList, current: Current) -> list[Fault]:
    """Return the areas, datasets, releases, kinds and ids that there never were."""
    releases, known = current.releases, [*current.catalogue.of_kind("dataset")]
    faults = await find_faults({"area": query.area}, current)
    faults += [guess("dataset", one, known) for one in query.dataset if one not in known]
    kinds, advice = ["all", FIGURES, *KINDS], "/v1/releases lists them."
    if query.since and query.since not in releases.numbers:
        faults.append(unknown_value("since", query.since, releases.numbers, advice))
    if query.kind not in kinds:  # it may be one of an old release
        kinds += [kind for kind in await queries.find_kinds(releases.database) if kind not in kinds]
    if query.kind not in kinds:
        return [*faults, guess("kind", query.kind, kinds)]
    kind, name = (None, "record") if query.kind == "all" else (query.kind, query.kind)
    unknown = await queries.find_unknown_ids(releases.database, query.id, kind) if query.id else []
    details = [f"No release has the {name} {identity[:80]!r}." for identity in unknown]
    return faults + [Fault("id", "unknown_value", detail) for detail in details]


async def find_rows(wanted: Wanted, limit: int | None, offset: int, releases: Releases) -> Rows:
    """Return changes, each with the columns that differ from the release before, if it is of a figure."""
    rows = await queries.find_changes(releases.database, wanted, limit, offset)
    keys = {(release, row["id"]) for row in rows if row["changed"] for release in (row["before"], row["release"])}
    states = await queries.find_states(releases.database, keys)
    for row in rows:
        was, now = (states.get((row[name], row["id"]), {}) for name in ("before", "release"))
        row["fields"] = [Field(name, was[name], now[name]) for name in row["changed"] or ()]
    return rows


async def change_document(row: dict[str, Any], releases: Releases) -> dict[str, Any]:
    """Return a change as an object of JSON, with each changed column of a figure before and after."""
    shown = {name: row[name] for name in COLUMNS if name not in Field._fields}
    if not row["fields"]:
        return {**shown, "fields": []}
    was, now = [await releases.catalogue(releases.find(row[name])) for name in ("before", "release")]
    return {**shown, "fields": show_fields(row["fields"], was, now)}
