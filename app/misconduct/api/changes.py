"""List what changed from release to release, and tell how figures that somebody printed stand today."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
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
from misconduct.api.corrections import Fault
from misconduct.api.current import Current, Releases, TheReleases, find_recalled
from misconduct.api.parameters import (
    Changed,
    ChangeList,
    Citation,
    StandingOf,
    from_query,
    read_citation,
)
from misconduct.api.problems import InvalidParameters
from misconduct.api.records import send_list
from misconduct.api.suggestions import guess, unknown_value
from misconduct.api.tables import find_areas
from misconduct.formats import FORMATS, PICTURES
from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import ReleaseView, shown
from misconduct.model.doubt import Doubt, find_doubt, say_doubt
from misconduct.model.figure import Row, write_cell
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
    Status,
    find_cited,
    find_standing,
    say_briefly,
)
from misconduct.model.versions import Field, History, show_fields
from misconduct.model.warnings import MOST_READ
from misconduct.model.wording import NO_NUMBER, as_printed, dates_in_words, say_late
from misconduct.pictures.badge import draw_badge
from misconduct.queries import changes as queries
from misconduct.queries.changes import Wanted
from misconduct.queries.versions import find_histories

router = APIRouter(prefix="/v1")

ONE_BADGE = (
    "A badge is of one figure, and {} are named. Ask for each: /v1/standing.svg?id={}"
)
BEFORE_FIELDS, AFTER_FIELDS = (
    ("release", "day", "id", "type"),
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
    """List the figures that were added, revised or withdrawn, and why: the oldest change first.

    A figure that runs longer now is `continued`. One that only has other codes or notes is `recoded`. Each column that
    changed is shown before and after. /v1/changes.atom is a feed of these.

    For a fact-checker, a researcher and somebody who finds an error.
    """
    current = await find_recalled(request, query)
    wanted, releases = await find_wanted(query, current), current.releases
    rows = await queries.find_changes(
        releases.newest, wanted, query.most(suffix), query.offset
    )
    following = query.offset + len(rows)
    most = max(MOST_READ, following + 1)
    total = await queries.count_changes(releases.newest, wanted, most)
    links = page_links(request, current, following, total.number)
    histories = await find_histories_of(rows, releases)
    if suffix in FORMATS:
        lines = (
            [
                *map(row.get, BEFORE_FIELDS),
                *map(write_cell, field),
                *map(row.get, AFTER_FIELDS),
            ]
            for row in rows
            for field in find_fields(row, histories) or NO_FIELDS
        )
        return send_table(COLUMNS, lines, "changes", current, links["next"])
    data = [change_document(row, histories, current.catalogue) for row in rows]
    return send_json(
        request, current, data, about_rows(current, len(rows), total), **links
    )


async def find_wanted(query: Changed, current: Current) -> Wanted:
    """Return which changes are asked for, up to a release. Raises InvalidParameters."""
    releases, catalogue = current.releases, current.catalogue
    indicators = catalogue.of_kind("indicator").values()
    topics = dict.fromkeys(one["topic"] for one in indicators)
    faults = list[Fault]()
    named = find_areas(query.area, catalogue, faults)
    faults += [
        guess("topic", one, [*topics]) for one in query.topic if one not in topics
    ]
    numbers = releases.numbers
    first = _find_first(query.since, releases)
    if first is None:
        hint = "Give a release of /v1/releases, or a day."
        faults.append(unknown_value("since", query.since or "", numbers, hint))
    unknown = await queries.find_unknown_ids(releases.newest, query.id)
    faults += map(_describe_unknown_id, unknown)
    if faults:
        raise InvalidParameters(faults)
    last = numbers.index(current.release.number) + 1
    of_topics = [one["id"] for one in indicators if one["topic"] in query.topic]
    areas = [*catalogue.find_all("area", named)]
    return Wanted(numbers[first:last], query.type, query.id, areas, of_topics)


def _describe_unknown_id(identity: str) -> Fault:
    detail = f"No release has the figure {identity[:80]!r}."
    return Fault("id", "unknown_value", detail, value=identity)


def _find_first(since: str | None, releases: Releases) -> int | None:
    """Return the place of the first release after one, or of the first from a day on; None if it is neither."""
    numbers = releases.numbers
    if since is None or since in releases.former:
        return 0
    if since in numbers:
        return numbers.index(since) + 1
    try:
        day = date.fromisoformat(since)
    except ValueError:
        return None
    return sum(one < day for one in releases.days.values())


def find_fields(
    row: Mapping[str, Any], histories: Mapping[str, History]
) -> list[Field]:
    """Return the columns of a figure that differ before and after a change."""
    return [
        field
        for version in histories.get(row["id"], ())
        if version.releases[:1] == [row["release"]]
        for field in version.fields
    ]


def change_document(
    row: Mapping[str, Any], histories: Mapping[str, History], catalogue: Catalogue
) -> dict[str, Any]:
    """Return a change, with the fields of the figure that differ, in the words of today."""
    shown = {name: row[name] for name in (*BEFORE_FIELDS, *AFTER_FIELDS)}
    fields = show_fields(find_fields(row, histories), catalogue)
    return {**shown, "fields": fields}


async def find_histories_of(
    rows: Iterable[Mapping[str, Any]], releases: Releases
) -> Mapping[str, History]:
    """Return the histories of the figures that changed."""
    ids = {row["id"] for row in rows}
    return await find_histories(releases.newest, ids, releases.numbers)


@router.get("/standing", tags=["figures"], responses=answers(StandingListAnswer, "csv"))
async def list_standing(
    request: Request,
    query: Annotated[StandingOf, from_query(StandingOf)],
    suffix: Annotated[str, choose_from("json", "csv", "svg")],
    releases: TheReleases,
) -> Response:
    """Tell whether this register has changed figures that you printed, and what to print instead.

    `release` says which release you took them from; otherwise, and if it was made before the first
    public one, it may be any. /v1/standing.svg is
    a badge of one figure: “16 · revised to 17”, “3206 · probably 3,026”.

    For a fact-checker and another service.
    """
    cited = [*map(read_citation, query.id)]
    if suffix == "svg" and cited[1:]:
        detail = ONE_BADGE.format(len(cited), query.id[0])
        raise InvalidParameters([Fault("id", "invalid_value", detail)])
    cited_from = _find_release(releases, query.release)
    current = await releases.current()  # the answer is about today
    histories = await find_histories(
        releases.newest, {figure.id for figure in cited}, releases.numbers
    )
    standings = [_stand(figure, cited_from, histories, releases) for figure in cited]
    if suffix == "svg":
        badge = _draw_badge(cited[0], standings[0], histories, current.view)
        return _send_badge(badge, current)
    rows = [
        _describe_cited(figure, standing, histories, current.view)
        for figure, standing in zip(cited, standings, strict=True)
    ]
    return _send_standings(request, current, rows, suffix)


def _send_standings(
    request: Request, current: Current, rows: list[CitedFigure], suffix: str
) -> Response:
    if suffix in FORMATS:
        table = [*map(_flatten, rows)]
        return send_list(request, current, suffix, table, table[0])
    links = {"pinned": None, "csv": link(request, suffix=".csv")}
    return send_json(request, current, rows, about_rows(current, len(rows)), **links)


def _describe_cited(
    figure: Citation,
    standing: Standing,
    histories: Mapping[str, History],
    view: ReleaseView,
) -> CitedFigure:
    document = standing_document(standing, histories, view)
    return {"id": figure.id, "given": figure.number, **document}


def _send_badge(badge: str, current: Current) -> Response:
    headers = file_headers("svg", "standing", current)
    headers |= {"Content-Security-Policy": PICTURE_POLICY}
    return Response(badge, headers=headers, media_type=PICTURES["svg"])


def _find_release(releases: Releases, release: str | None) -> str | None:
    """Return the release from which figures were taken; None if it may be any."""
    if release and release not in releases.former:
        return releases.find_folder(release).number
    return None


def _stand(
    figure: Citation,
    cited_from: str | None,
    histories: Mapping[str, History],
    releases: Releases,
) -> Standing:
    """Return how a figure that was cited stands. If it never had the number, the detail says so."""
    release = _find_release(releases, figure.release) or cited_from
    standing = find_standing(histories.get(figure.id, ()), figure.number, release)
    if standing.status != "never" or not (figure.number and standing.today):
        return standing
    until = f" up to {release}" if release else ""
    says = as_printed(standing.today, NO_NUMBER)
    detail = f"No release{until} gives {figure.number[:40]} for {figure.id}, which says {says}."
    return standing._replace(detail=detail)


def _flatten(cited: CitedFigure) -> dict[str, Any]:
    """Return a row of the table, which has the two parts of a doubt in two cells."""
    doubt = cited["doubt"] or {"code": None, "detail": None}
    return {**cited, "doubt": doubt["code"], "doubt_detail": doubt["detail"]}


def _draw_badge(
    figure: Citation,
    standing: Standing,
    histories: Mapping[str, History],
    view: ReleaseView,
) -> str:
    """Return the badge of a figure with the number that was cited. What no release has printed does not stand in it."""
    cited, status = standing_document(standing, histories, view), standing.status
    row = find_cited(histories.get(figure.id, ()), figure.number)
    doubt = doubt_of_today(standing, histories, view)
    name, number = figure.id, figure.id
    if cited["url"]:
        number = f"that number of {figure.id}"
    if row:
        name = f"{name_counted(row, view.catalogue)}, {view.catalogue.label('area', row['area'])}"
        number = as_printed(row, NO_NUMBER)
    about = [
        f"{name}.",
        doubt.detail if doubt else "",
        view.catalogue.codelists["standing"][status]["definition"],
        f"In this state since release {standing.since}." if standing.since else "",
        standing.reason or "",
    ]
    instead = cited["print_instead"]
    said = _say_standing(status, instead, number, doubt, view.catalogue)
    return draw_badge(
        f"{number} · {said}",
        " ".join(filter(None, about)),
        f"{view.base_url}/figures/{figure.id}",
        is_warning=doubt is not None or status not in ("unchanged", "continued"),
    )


def _say_standing(
    status: Status,
    instead: str | None,
    number: str,
    doubt: Doubt | None,
    catalogue: Catalogue,
) -> str:
    """Return in a few words how a figure stands. What an editor wrote to print instead is a doubt, and no revision."""
    if instead == number or (doubt and doubt.print_instead):
        instead = None
    label = catalogue.label("standing", status)
    said = None if doubt is None or status == "never" else say_doubt(doubt, catalogue)
    return say_briefly(status, label, instead, said)


def say_today(today: Row, changed: Collection[str]) -> str:
    """Return the number of a figure as it is printed today, with its dates if these have changed."""
    dates = (
        f" ({dates_in_words(today['period'])})"
        if today["period"] and "period" in changed
        else ""
    )
    return f"{as_printed(today)}{dates}"


def doubt_of_today(
    standing: Standing, histories: Mapping[str, History], view: ReleaseView
) -> Doubt | None:
    """Return what doubts the number of a figure as it is today, or of the one in its place."""
    today = _find_today(standing, histories)
    return find_doubt(today, view.catalogue) if today else None


def _find_today(standing: Standing, histories: Mapping[str, History]) -> Row | None:
    replacement = histories.get(standing.replaced_by or "", ())
    return standing.today or find_standing(replacement).today


def standing_document(
    standing: Standing, histories: Mapping[str, History], view: ReleaseView
) -> StandingToday:
    """Return how a figure stands, with it as it is today, or with the one in its place, which `histories` has too."""
    today: Any = _find_today(standing, histories)
    doubt = doubt_of_today(standing, histories, view)
    is_other = standing.status in ("revised", "withdrawn") and not standing.detail
    is_printed_otherwise = standing.replaced_by or {*PRINTED}.intersection(
        standing.changed
    )
    instead = doubt.print_instead if doubt else None
    if instead is None and today and is_other and is_printed_otherwise:
        instead = say_today(today, standing.changed)
    return {
        "status": standing.status,
        "since": standing.since,
        "changed": [*standing.changed],
        "reason": standing.reason,
        "shown": today and as_printed(today, NO_NUMBER),
        "value": today and shown("value", today["value"], view.catalogue),
        "print_instead": instead,
        "replaced_by": standing.replaced_by,
        "url": today and f"{view.base_url}/v1/figures/{today['id']}",
        "detail": standing.detail,
        "corrections": [
            one["id"] for one in view.catalogue.corrections.get(today["id"], ())
        ]
        if today
        else [],
        "late": say_late(view.source(today), view.day) if today else None,
        "doubt": {"code": doubt.code, "detail": doubt.detail} if doubt else None,
    }
