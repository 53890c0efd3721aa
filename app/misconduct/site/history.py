"""Pages of releases and changes, and the feed of changes."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from feedgenerator import Atom1Feed

from misconduct.api.answers import LATEST
from misconduct.api.changes import change_document, find_rows, find_wanted
from misconduct.api.current import Releases, TheReleases, find_current
from misconduct.api.parameters import ChangeFeed, ChangeList
from misconduct.api.releases import release_document
from misconduct.model.versions import MEANING
from misconduct.queries.changes import FIGURES
from misconduct.queries.versions import find_histories
from misconduct.site.pages import NAME, DropEmpty, send
from misconduct.site.phrases import ACTIONS, before_and_after, plural

router = APIRouter(include_in_schema=False)

IN_FULL = ("revised", "ended")
"""The actions that a page shows in full; others are counted."""


class ChangesQuery(DropEmpty, ChangeList):
    """The parameters of the page of changes."""


@router.get("/releases")
async def list_releases(request: Request, releases: TheReleases) -> Response:
    """List the releases, the newest first, with their downloads."""
    rows = [release_document(request, release) for release in reversed(releases.known)]
    return send(request, "releases.html", releases=rows)


@router.get("/changes")
async def list_changes(request: Request, query: Annotated[ChangesQuery, Query()], releases: TheReleases) -> Response:
    """List what each release revised or withdrew, the newest first, and how many figures it added.

    Without filters, it also has the releases that changed no figure.
    """
    current = await find_current(releases, query)
    is_filtered = bool(query.model_fields_set - {"release", "as_of"})
    rows = await _find(query, releases)
    by_release = []
    for release in reversed(releases.known):
        of_release = [row for row in rows if row["release"] == release.number]
        if release.order <= current.release.order and (of_release or not is_filtered):
            in_full = [row for row in of_release if row["action"] in IN_FULL]
            changes = [_split(await change_document(row, releases)) for row in in_full]
            counts = Counter(row["counted_as"] for row in of_release)
            by_release.append({"release": release, "counts": counts, "changes": changes})
    return send(request, "changes.html", current, by_release=by_release, query=query)


async def _find(query: ChangeList, releases: Releases) -> list[dict[str, Any]]:
    """Return all changes that are asked for, each with its name, and with what it is called where several are counted.

    A figure is only called revised if its number, or what that means, was revised.
    """
    current = await find_current(releases, query)
    wanted = await find_wanted(query, current, releases)
    rows = await find_rows(wanted, query.limit, query.offset, releases)
    revised = {row["id"] for row in rows if row["kind"] == FIGURES and row["action"] == "revised"}
    histories = await find_histories(releases.database, revised, [release.number for release in releases.known])
    weights = {
        ("revised", identity, version.releases[0]): version.weight
        for identity, history in histories.items()
        for version in history.versions
    }
    for row in rows:
        weight = weights.get((row["action"], row["id"], row["release"]))
        row["name"], row["counted_as"] = ACTIONS.get(weight or "", (row["action"], row["action"]))
    return rows


def _split(change: dict[str, Any]) -> dict[str, Any]:
    """Return a change with the fields that a page shows before and after, and the names of the others.

    Only fields of figures have values.
    """
    shown = [field for field in change["fields"] if field["field"] in MEANING and "before" in field]
    return change | {"fields": shown, "others": [field["field"] for field in change["fields"] if field not in shown]}


@router.get("/changes.atom")
async def feed_changes(request: Request, query: Annotated[ChangeFeed, Query()], releases: TheReleases) -> Response:
    """Return a feed of releases; with `id`, of the changes of these figures."""
    base = request.state.base_url
    ending = f"?{urlencode({'id': sorted({*query.id})}, doseq=True)}" if query.id else ""
    feed = Atom1Feed(
        title=NAME,
        link=f"{base}/changes{ending}",  # also the id of the feed
        description="What was added, revised or withdrawn.",
        feed_url=f"{base}/changes.atom{ending}",
        author_name=NAME,
        language="en-GB",
    )
    entries = await _describe_figures(query.id, base, releases) if query.id else _describe_releases(base, releases)
    for entry in entries:
        feed.add_item(**entry)
    return Response(feed.writeString("utf-8"), headers={"Cache-Control": LATEST}, media_type="application/atom+xml")


def _describe_releases(base: str, releases: Releases) -> list[dict[str, Any]]:
    """Return the releases as entries of a feed, the newest first."""
    return [
        {
            "title": f"Release {release.number}: {plural(release.figures, 'figure')}",
            "link": f"{base}/changes#{release.number}",
            "unique_id": f"{base}/v1/releases/{release.number}",
            "description": release.summary,
            "updateddate": _feed_time(releases, release.number),
        }
        for release in reversed(releases.known)
    ]


async def _describe_figures(ids: list[str], base: str, releases: Releases) -> list[dict[str, Any]]:
    """Return the changes of figures as entries of a feed, the newest first."""
    entries = []
    for row in reversed(await _find(ChangeList(id=ids), releases)):
        fields = {field["field"]: field for field in (await change_document(row, releases))["fields"]}
        shown = f"{before_and_after(fields['printed'])}." if "printed" in fields else ""
        about = (shown, row["reason"], f"Changed: {', '.join(fields)}." if fields else "")
        entries.append(
            {
                "title": f"{row['id']}: {row['name']} in release {row['release']}",
                "link": f"{base}/observations/{row['id']}",
                "unique_id": f"{base}/changes?id={row['id']}#{row['release']}",
                "description": " ".join(filter(None, about)),
                "updateddate": _feed_time(releases, row["release"]),
            }
        )
    return entries


def _feed_time(releases: Releases, number: str) -> datetime:
    """Return when a release came, as a feed states it: on its day, which is all we know, after the earlier ones."""
    release = releases.find(number)
    earlier = sum(one.day == release.day and one.order < release.order for one in releases.known)
    return datetime.combine(release.day, time(), UTC) + timedelta(seconds=earlier)
