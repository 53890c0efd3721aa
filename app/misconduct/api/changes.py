"""List what changed from release to release, and tell how figures that somebody printed stand today."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from misconduct.api.answers import (
    PICTURE_POLICY,
    ChosenFormat,
    about_rows,
    answers,
    choose_from,
    file_headers,
    link,
    page_links,
    send_json,
    send_table,
)
from misconduct.api.current import Current, Releases, TheReleases, find_current
from misconduct.api.faults import find_faults
from misconduct.api.parameters import ChangeList, StandingOf, from_query, read_citation
from misconduct.api.problems import Fault, InvalidParameters
from misconduct.api.records import send_list
from misconduct.api.suggestions import guess, unknown_value
from misconduct.charts.badge import draw_badge
from misconduct.formats import FORMATS, PICTURES
from misconduct.model.documents import ReleaseView, labelled, shown
from misconduct.model.figure import Row, read_cells
from misconduct.model.kinds import KINDS
from misconduct.model.names import name_counted
from misconduct.model.shapes import (
    ChangeListAnswer,
    CitedFigure,
    StandingListAnswer,
    StandingToday,
)
from misconduct.model.standing import (
    PRINTED,
    Standing,
    find_cited,
    find_standing,
    say_briefly,
)
from misconduct.model.versions import Field, History, show_fields
from misconduct.model.wording import NO_NUMBER, as_printed, dates_in_words, say_late
from misconduct.queries import changes as queries
from misconduct.queries.changes import FIGURES, Wanted
from misconduct.queries.versions import find_histories

router = APIRouter(prefix="/v1")

ONE_BADGE = "A badge is of one figure, and {} are cited. Ask for each: /v1/standing.svg?cited=rpg77:16"
BEFORE_FIELDS, AFTER_FIELDS = (
    ("release", "day", "kind", "id", "action"),
    ("reason", "replaced_by"),
)
COLUMNS = (*BEFORE_FIELDS, *Field._fields, *AFTER_FIELDS)
NO_FIELDS = [["", None, None]]


@router.get("/changes", tags=["releases"], responses=answers(ChangeListAnswer, "csv"))
async def list_changes(
    request: Request,
    query: Annotated[ChangeList, from_query(ChangeList)],
    suffix: ChosenFormat,
) -> Response:
    """List what was added, revised or ended since a release, and why: the oldest change first.

    `action` is the word of that release's changes.csv, where `revised` also stands for a figure that only runs longer
    or has other notes; /v1/standing tells which. Of figures, each changed field is shown before and after.
    """
    current = await find_current(request, query)
    wanted, releases = await find_wanted(query, current), current.releases
    rows = await queries.find_changes(
        current.database, wanted, query.most(suffix), query.offset
    )
    total = await queries.count_changes(current.database, wanted)
    links = page_links(request, current, query.offset + len(rows), total)
    if suffix in FORMATS:
        lines = (
            [*map(row.get, BEFORE_FIELDS), *field, *map(row.get, AFTER_FIELDS)]
            for row in rows
            for field in row["fields"] or NO_FIELDS
        )
        return send_table(COLUMNS, lines, "changes", current, links["next"])
    data = [await change_document(row, releases) for row in rows]
    return send_json(
        request, current, data, about_rows(current, len(rows), total), **links
    )


async def find_wanted(query: ChangeList, current: Current) -> Wanted:
    releases = current.releases
    if faults := await _find_faults(query, current):
        raise InvalidParameters(faults)
    is_held = query.since in releases.numbers  # else it was before the first that is
    first = releases.find(query.since).ordinal if is_held else 0
    numbers = [
        one.number
        for one in releases.loaded
        if first < one.ordinal <= current.release.ordinal
    ]
    areas = [*current.catalogue.find_all("area", query.area)]
    return Wanted(
        numbers,
        None if query.kind == "all" else query.kind,
        query.action,
        query.id,
        areas,
        query.dataset,
    )


async def _find_faults(query: ChangeList, current: Current) -> list[Fault]:
    releases, known = current.releases, [*current.catalogue.of_kind("dataset")]
    faults = await find_faults({"area": query.area}, current)
    faults += [
        guess("dataset", one, known) for one in query.dataset if one not in known
    ]
    kinds = ["all", FIGURES, *KINDS]
    if query.since and query.since not in {*releases.numbers, *releases.former}:
        faults.append(
            unknown_value(
                "since", query.since, releases.numbers, "/v1/releases lists them."
            )
        )
    if query.kind not in kinds:  # it may be one of an old release
        kinds += await queries.find_kinds(releases.database)
    if query.kind not in kinds:
        faults.append(guess("kind", query.kind, kinds))
    kind = query.kind if query.kind in kinds[1:] else None
    unknown = (
        await queries.find_unknown_ids(releases.database, query.id, kind)
        if query.id
        else []
    )
    details = [
        f"No release has the {kind or 'record'} {identity[:80]!r}."
        for identity in unknown
    ]
    return faults + [Fault("id", "unknown_value", detail) for detail in details]


async def change_document(row: dict[str, Any], releases: Releases) -> dict[str, Any]:
    shown = {name: row[name] for name in (*BEFORE_FIELDS, *AFTER_FIELDS)}
    if not row["fields"]:
        return {**shown, "fields": []}
    was, now = [await releases.catalogue(row[name]) for name in ("before", "release")]
    fields = [
        Field(name, *(read_cells({name: cell or ""})[name] for cell in cells))
        for name, *cells in row["fields"]
    ]
    return {**shown, "fields": show_fields(fields, was, now)}


@router.get("/standing", tags=["figures"], responses=answers(StandingListAnswer, "csv"))
async def list_standing(
    request: Request,
    query: Annotated[StandingOf, from_query(StandingOf)],
    suffix: Annotated[str, choose_from("json", "csv", "svg")],
    releases: TheReleases,
) -> Response:
    """Tell whether this register has changed figures that you printed, and what to print instead.

    `release` or `as_of` says which release you took them from; otherwise, and if it was made before the first
    public one, it may be any. /v1/standing.svg is
    a badge of one figure: “16 · revised to 17”.
    """
    is_of_release = query.release and query.release not in releases.former
    cited_from = (
        releases.find(query.release, query.as_of).number
        if is_of_release or query.as_of
        else None
    )
    current = await releases.current()  # the answer is about today
    view, cited, numbers = (
        current.view,
        [*map(read_citation, query.cited)],
        releases.numbers,
    )
    if suffix == "svg" and cited[1:]:
        raise InvalidParameters(
            [Fault("cited", "invalid_value", ONE_BADGE.format(len(cited)))]
        )
    histories = await find_histories(
        releases.database, {figure.id for figure in cited}, numbers
    )
    rows: list[CitedFigure] = []
    for figure in cited:
        is_known = figure.release and figure.release not in releases.former
        release = releases.find(figure.release).number if is_known else cited_from
        standing = find_standing(histories.get(figure.id, ()), figure.number, release)
        if standing.status == "unknown" and figure.number and standing.today:
            until, says = (
                f" up to {release}" if release else "",
                as_printed(standing.today, NO_NUMBER),
            )
            detail = f"No release{until} gives {figure.number[:40]} for {figure.id}, which says {says}."
            standing = standing._replace(detail=detail)
        rows.append(
            {
                "id": figure.id,
                "cited": figure.number,
                **standing_document(standing, histories, view),
            }
        )
    if suffix == "svg":
        badge = _draw_badge(
            rows[0], find_cited(histories.get(cited[0].id, ()), cited[0].number), view
        )
        headers = file_headers(suffix, "standing", current) | {
            "Content-Security-Policy": PICTURE_POLICY
        }
        return Response(badge, headers=headers, media_type=PICTURES[suffix])
    if suffix in FORMATS:
        return send_list(request, current, suffix, [{**row} for row in rows], rows[0])
    return send_json(
        request,
        current,
        rows,
        about_rows(current, len(rows)),
        pinned=None,
        csv=link(request, suffix=".csv"),
    )


def _draw_badge(cited: CitedFigure, row: Row | None, view: ReleaseView) -> str:
    """Return the badge of a figure with the number that was cited. What no release has printed does not stand in it."""
    status, unknown = (
        cited["status"]["code"],
        f"that number of {cited['id']}" if cited["url"] else cited["id"],
    )
    number = as_printed(row, NO_NUMBER) if row else unknown
    instead = cited["print_instead"] if cited["print_instead"] != number else None
    text = f"{number} · {say_briefly(cited['status'], instead)}"
    name = (
        f"{name_counted(row, view.catalogue)}, {view.catalogue.label('area', row['area'])}"
        if row
        else cited["id"]
    )
    since = f"In this state since release {cited['since']}." if cited["since"] else ""
    about = [
        f"{name}.",
        view.catalogue.codelists["standing"][status]["definition"],
        since,
        cited["reason"] or "",
    ]
    address = f"{view.base_url}/observations/{cited['id']}"
    is_warning = status not in ("current", "continued")
    return draw_badge(
        text, " ".join(filter(None, about)), address, is_warning=is_warning
    )


def say_today(today: Row, changed: Collection[str]) -> str:
    """Return the number of a figure as it is printed today, with its dates if these have changed."""
    dates = (
        f" ({dates_in_words(today['period'])})"
        if today["period"] and "period" in changed
        else ""
    )
    return f"{as_printed(today)}{dates}"


def standing_document(
    standing: Standing, histories: Mapping[str, History], view: ReleaseView
) -> StandingToday:
    """Return how a figure stands, with it as it is today, or with the one in its place, which `histories` has too."""
    replacement = histories.get(standing.replaced_by or "", ())
    today: Any = standing.today or find_standing(replacement).today
    is_other = standing.status in ("revised", "ended") and not standing.detail
    is_printed_otherwise = standing.replaced_by or {*PRINTED}.intersection(
        standing.changed
    )
    return {
        "status": labelled("standing", standing.status, view.catalogue),
        "since": standing.since,
        "changed": [*standing.changed],
        "reason": standing.reason,
        "printed": today and today["printed"],
        "hedge": today and today["hedge"],
        "value": today and shown("value", today["value"], view.catalogue),
        "print_instead": say_today(today, standing.changed)
        if today and is_other and is_printed_otherwise
        else None,
        "replaced_by": standing.replaced_by,
        "url": today and f"{view.base_url}/v1/observations/{today['id']}",
        "detail": standing.detail,
        "corrections": [
            one["id"] for one in view.catalogue.corrections.get(today["id"], ())
        ]
        if today
        else [],
        "late": say_late(view.source(today), view.day) if today else None,
    }
