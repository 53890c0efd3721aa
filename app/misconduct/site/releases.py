"""The page of releases with what each changed, and the feed of changes."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Request, Response
from feedgenerator import Atom1Feed

from misconduct.api.answers import LATEST
from misconduct.api.changes import find_histories_of, find_wanted
from misconduct.api.current import Current, Releases, TheCurrent, TheReleases
from misconduct.api.parameters import MAX_ROWS, Changed, from_query
from misconduct.api.problems import PROBLEMS
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import complete
from misconduct.model.versions import History
from misconduct.model.wording import (
    NO_NUMBER,
    as_printed,
    capitalise,
    describe_figure,
    find_source,
)
from misconduct.queries.changes import Wanted, count_types, find_changes
from misconduct.site.pages import NAME, send

router = APIRouter(include_in_schema=False)
feeds = APIRouter(tags=["releases"])  # before `/v1/{dataset}`, which takes every path

WORDS = {
    "added": "added",
    "revised": "revised",
    "continued": "running longer",
    "recoded": "with changed codes or notes",
    "withdrawn": "withdrawn",
}
"""The words for changes of several figures."""

TOLD = ("revised", "continued", "withdrawn")
"""The types of changes that are told one by one. Others are counted."""
MOST_TOLD = 20  # changes that are told of a release; /v1/changes has all


class Changes(NamedTuple):
    """What a release changed: how many figures in which way, and the first changes, each by its figure's id."""

    counts: str
    told: list[tuple[str, str]]


@router.get("/releases")
async def list_releases(request: Request, current: TheCurrent) -> Response:
    return send(
        request,
        "releases.html",
        current,
        releases=current.releases.known[::-1],
        changes=await _find_changes(Changed(), current),
    )


async def _find_changes(query: Changed, current: Current) -> dict[str, Changes]:
    """Return by release what it changed."""
    releases = current.releases
    wanted = await find_wanted(query, current)
    counts = await count_types(releases.newest, wanted)
    types = [one for one in TOLD if one in wanted.types or not wanted.types]
    told = await _tell(wanted._replace(types=types), current) if types else {}
    found = dict[str, Changes]()
    for number, types_of in counts.items():
        said = ", ".join(f"{count:,} {WORDS[one]}" for one, count in types_of.items())
        found[number] = Changes(said, told.get(number, [])[:MOST_TOLD])
    return found


async def _tell(wanted: Wanted, current: Current) -> dict[str, list[tuple[str, str]]]:
    """Return by release its changes, each told in a line, by the id of its figure."""
    releases = current.releases
    told = defaultdict[str, list[tuple[str, str]]](list)
    rows = await find_changes(releases.newest, wanted, MAX_ROWS)
    histories = await find_histories_of(rows, releases)
    for row in rows:
        name = _name_figure(row, histories[row["id"]], releases, current.catalogue)
        said = f"{name}: {row['type']}. {row['reason'] or ''}".strip()
        told[row["release"]].append((row["id"], said))
    return told


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
    current = await releases.current()
    changes = await _find_changes(query, current)
    feed = Atom1Feed(
        title=NAME if not ending else f"{NAME}: {_name_choice(query, current)}",
        link=f"{base}/releases",
        feed_guid=_identify("feed", ending),
        description="What was added, revised or withdrawn.",
        feed_url=f"{base}/changes.atom{ending}",
        author_name=NAME,
        language="en-GB",
    )
    for release in reversed(releases.known):
        number = release.number
        if ending and number not in changes:
            continue
        changed = changes.get(number, Changes("no figure changed", []))
        feed.add_item(
            f"Release {number}: {changed.counts}",
            f"{base}/releases#{number}",
            "\n".join([release.summary, *(said for _, said in changed.told)]),
            unique_id=_identify(number, ending),
            updateddate=datetime.combine(release.day, time(), UTC),
        )
    return Response(
        feed.writeString("utf-8"),
        headers={"Cache-Control": LATEST},
        media_type="application/atom+xml",
    )


def _write_query(query: Changed) -> str:
    """Return the query of an address with what chooses changes, the same for every order of these."""
    given = {
        name: value if name == "since" else sorted({*value})
        for name in Changed.model_fields
        if (value := getattr(query, name))
    }
    return f"?{urlencode(given, doseq=True)}" if given else ""


def _name_choice(query: Changed, current: Current) -> str:
    """Return what a feed is about: topics, places and figures."""
    topics = current.catalogue.of_kind("dataset")
    named = [str(topics[one]["title"]) for one in query.topic if one in topics]
    named += [current.catalogue.label("area", one) for one in query.area]
    return ", ".join([*named, *query.id]) or "some changes"


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
