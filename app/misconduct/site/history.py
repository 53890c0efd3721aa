"""Pages of releases and changes, and the feed of changes."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Request, Response
from feedgenerator import Atom1Feed

from misconduct.api.answers import LATEST
from misconduct.api.changes import change_document, find_histories_of, find_wanted
from misconduct.api.current import Current, Releases, TheReleases, find_recalled
from misconduct.api.parameters import MAX_ROWS, Changed, Pinned, from_query
from misconduct.api.problems import PROBLEMS
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import complete
from misconduct.model.versions import MEANING, History
from misconduct.model.wording import (
    NO_NUMBER,
    as_printed,
    capitalise,
    describe_figure,
    find_source,
)
from misconduct.queries.changes import count_types, find_changes
from misconduct.site.pages import NAME, DropEmpty, send
from misconduct.site.phrases import CHANGES

router = APIRouter(include_in_schema=False)
feeds = APIRouter(tags=["releases"])  # before `/v1/{dataset}`, which takes every path

TOLD = ("revised", "continued", "withdrawn")
"""The types of changes that are told one by one. Others are counted."""
MOST_IN_ENTRY = 20  # changes that an entry of the feed tells; its page has all


class ChangesQuery(DropEmpty, Changed, Pinned):
    """The parameters of the page of changes."""


@router.get("/releases")
async def list_releases(request: Request, releases: TheReleases) -> Response:
    return send(request, "releases.html", releases=releases.known[::-1])


@router.get("/changes")
async def list_changes(
    request: Request, query: Annotated[ChangesQuery, from_query(ChangesQuery)]
) -> Response:
    """List what each release changed; without filters, also the releases that changed no figure."""
    current = await find_recalled(request, query)
    is_filtered = bool(query.model_fields_set - {"release"})
    counts, changes = await _find(query, current)
    releases = current.releases
    until = releases.numbers.index(current.release.number)
    return send(
        request,
        "changes.html",
        current,
        by_release=[
            {
                "release": release,
                "counts": counts.get(release.number),
                "changes": changes.get(release.number, []),
            }
            for release in reversed(releases.known[: until + 1])
            if not is_filtered or release.number in counts
        ],
        query=query,
        ending=_write_query(query),
    )


async def _find(
    query: Changed, current: Current
) -> tuple[dict[str, str], Mapping[str, list[dict[str, Any]]]]:
    """Return by release how many figures changed in which way, and the changes that are told one by one."""
    releases, catalogue = current.releases, current.catalogue
    wanted = await find_wanted(query, current)
    counts = await count_types(releases.newest, wanted)
    told = [one for one in TOLD if one in wanted.types or not wanted.types]
    changes = defaultdict[str, list[dict[str, Any]]](list)
    if told:
        wanted = wanted._replace(types=told)
        rows = await find_changes(releases.newest, wanted, MAX_ROWS)
        histories = await find_histories_of(rows, releases)
        for row in rows:
            change = change_document(row, histories, catalogue)
            history = histories[row["id"]]
            name = _name_figure(row, history, releases, catalogue)
            changes[row["release"]].append(_split(change) | {"name": name})
    said = {
        number: ", ".join(f"{count:,} {CHANGES[one]}" for one, count in of.items())
        for number, of in counts.items()
    }
    return said, changes


def _write_query(query: Changed) -> str:
    """Return the query of an address with what chooses changes, the same for every order of these."""
    given = {
        name: value if name == "since" else sorted({*value})
        for name in Changed.model_fields
        if (value := getattr(query, name))
    }
    return f"?{urlencode(given, doseq=True)}" if given else ""


def _split(change: dict[str, Any]) -> dict[str, Any]:
    """Part the fields that change what a figure means from the others, which are only named."""
    shown = [field for field in change["fields"] if field["field"] in MEANING]
    others = [field["field"] for field in change["fields"] if field not in shown]
    return change | {"fields": shown, "others": others}


@router.get("/changes.atom")
@feeds.get("/v1/changes.atom", response_class=Response, responses=PROBLEMS)
async def feed_changes(
    request: Request,
    query: Annotated[Changed, from_query(Changed)],
    releases: TheReleases,
) -> Response:
    """Return a feed of changes (Atom), with an entry for each release that has some. It takes the filters of the list.

    Without filters, it has all releases.

    For a newsroom app and a fact-checker.
    """
    base, ending = request.state.base_url, _write_query(query)
    page = f"{base}/changes{ending}"
    current = await releases.current()
    counts, changes = await _find(query, current)
    feed = Atom1Feed(
        title=NAME if not ending else f"{NAME}: {_name_choice(query, current)}",
        link=page,
        feed_guid=_identify("feed", ending),
        description="What was added, revised or withdrawn.",
        feed_url=f"{base}/changes.atom{ending}",
        author_name=NAME,
        language="en-GB",
    )
    for release in reversed(releases.known):
        number = release.number
        if ending and number not in counts:
            continue
        told = map(_say_change, changes.get(number, ())[:MOST_IN_ENTRY])
        feed.add_item(
            f"Release {number}: {counts.get(number, 'no figure changed')}",
            f"{page}#{number}",
            "\n".join([release.summary, *told]),
            unique_id=_identify(number, ending),
            updateddate=_feed_time(releases, number),
        )
    return Response(
        feed.writeString("utf-8"),
        headers={"Cache-Control": LATEST},
        media_type="application/atom+xml",
    )


def _name_choice(query: Changed, current: Current) -> str:
    """Return what a feed is about: topics, places and figures."""
    topics = current.catalogue.of_kind("dataset")
    named = [str(topics[one]["title"]) for one in query.topic if one in topics]
    named += [current.catalogue.label("area", one) for one in query.area]
    return ", ".join([*named, *query.id]) or "some changes"


def _say_change(change: Mapping[str, Any]) -> str:
    """Return a change in a line: the figure, how it changed, and why."""
    said = f"{change['name']}: {change['type']}."
    return f"{said} {change['reason']}" if change["reason"] else said


def _name_figure(
    row: Mapping[str, Any], history: History, releases: Releases, catalogue: Catalogue
) -> str:
    """Return a figure as it was after a change, or before it was withdrawn; and if revised, its former number."""
    numbers = releases.numbers[: releases.numbers.index(row["release"]) + 1]
    until = [one for one in history if one.row and one.releases[0] in numbers]
    former, now = as_printed(until[-2:][0].row, NO_NUMBER), until[-1]
    is_other = row["type"] == "revised" and former != as_printed(now.row, NO_NUMBER)
    aside = f" (was {former})" if is_other else ""
    full = complete(now.row, find_source(now.row, catalogue).get("published"), (), ())
    return capitalise(describe_figure(full, catalogue, aside))


def _identify(*parts: str) -> str:
    """Return the id of a feed or an entry, which stays the same at another address of this register."""
    return uuid5(NAMESPACE_URL, " ".join((NAME, *parts))).urn


def _feed_time(releases: Releases, number: str) -> datetime:
    """Return when a release came, as a feed states it: in the first minute of its day, after earlier ones of the day.

    Only the day is known. Readers hide, pin or redate an entry whose time is in the future.
    """
    release = releases.find_folder(number)
    before = releases.known[: releases.known.index(release)]
    earlier = sum(one.day == release.day for one in before)
    return datetime.combine(release.day, time(), UTC) + timedelta(seconds=earlier)
