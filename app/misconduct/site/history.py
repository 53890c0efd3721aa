"""Pages of releases and changes, and the feed of changes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Request, Response
from feedgenerator import Atom1Feed

from misconduct.api.answers import LATEST
from misconduct.api.changes import change_document, find_histories_of, find_wanted
from misconduct.api.current import Current, Releases, TheReleases, find_recalled
from misconduct.api.parameters import Changed, ChangeList, from_query
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
    name_dimension,
)
from misconduct.queries.changes import FIGURES, find_changes
from misconduct.site.pages import NAME, DropEmpty, send
from misconduct.site.phrases import ACTIONS, before_and_after, plural

router = APIRouter(include_in_schema=False)
feeds = APIRouter(tags=["releases"])  # before `/v1/{dataset}`, which takes every path


class ChangesQuery(DropEmpty, ChangeList):
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
    rows, releases = await _find(query, current), current.releases
    counts, by_release = _count_changes(rows), []
    histories = await find_histories_of(rows, releases)
    until = releases.numbers.index(current.release.number)
    for release in reversed(releases.known[: until + 1]):
        of_release = [row for row in rows if row["release"] == release.number]
        if of_release or not is_filtered:
            in_full = [
                row for row in of_release if row["action"] in ("revised", "ended")
            ]
            changes = [
                _split(row | change_document(row, histories, current.catalogue))
                for row in in_full
            ]
            by_release.append(
                {
                    "release": release,
                    "counts": counts.get(release.number),
                    "changes": changes,
                }
            )
    return send(
        request,
        "changes.html",
        current,
        by_release=by_release,
        query=query,
        ending=_write_query(query),
    )


async def _find(query: ChangeList, current: Current) -> list[dict[str, Any]]:
    """Return changes, each with its name. A figure is only revised if its number, or what that means, was."""
    wanted = await find_wanted(query, current)
    rows = await find_changes(
        current.releases.newest, wanted, query.limit, query.offset
    )
    for row in rows:
        action = row["action"]
        if action == "revised":
            action = row["weight"] or "current" if row["kind"] == FIGURES else "changed"
        row["name"], row["counted_as"] = ACTIONS.get(action, (action, action))
    return rows


def _write_query(query: Changed) -> str:
    """Return the query of an address with what chooses figures, the same for every order of these."""
    given = {
        name: sorted({*getattr(query, name)}) for name in ("area", "dataset", "id")
    }
    found = urlencode(
        {name: values for name, values in given.items() if values}, doseq=True
    )
    return f"?{found}" if found else ""


def _split(change: dict[str, Any]) -> dict[str, Any]:
    shown = [field for field in change["fields"] if field["field"] in MEANING]
    return change | {
        "fields": shown,
        "others": [field["field"] for field in change["fields"] if field not in shown],
    }


@router.get("/changes.atom")
@feeds.get("/v1/changes.atom", response_class=Response, responses=PROBLEMS)
async def feed_changes(
    request: Request,
    query: Annotated[Changed, from_query(Changed)],
    releases: TheReleases,
) -> Response:
    """Return the feed of releases (Atom).

    With `id`, it has each change of the figures that you use. With `dataset` or `area`, it says how many figures there
    each release added, revised or withdrew.
    """
    base, ending = request.state.base_url, _write_query(query)
    page = f"{base}/changes{ending}"
    current = await releases.current()
    rows = await _find(ChangeList(**query.model_dump()), current) if ending else []
    about = [
        str(current.catalogue.of_kind("dataset")[one]["title"]) for one in query.dataset
    ]
    about += [current.catalogue.label("area", one) for one in query.area]
    feed = Atom1Feed(
        title=": ".join(filter(None, (NAME, ", ".join(about)))),
        link=page,
        feed_guid=_identify("feed", ending),
        description="What was added, revised or withdrawn.",
        feed_url=f"{base}/changes.atom{ending}",
        author_name=NAME,
        language="en-GB",
    )
    if query.id:
        await _add_figures(feed, rows, base, releases)
    else:
        all_of_them = {
            release.number: plural(release.figures, "figure")
            for release in releases.known
        }
        _add_releases(
            feed,
            _count_changes(rows) if ending else all_of_them,
            page,
            ending,
            releases,
        )
    return Response(
        feed.writeString("utf-8"),
        headers={"Cache-Control": LATEST},
        media_type="application/atom+xml",
    )


def _count_changes(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    found = defaultdict[str, Counter[str]](Counter)
    for row in rows:
        found[row["release"]][row["counted_as"]] += 1
    return {
        one: ", ".join(f"{number:,} {name}" for name, number in counts.items())
        for one, counts in found.items()
    }


def _add_releases(
    feed: Atom1Feed,
    titles: Mapping[str, str],
    page: str,
    ending: str,
    releases: Releases,
) -> None:
    for release in (one for one in reversed(releases.known) if one.number in titles):
        number, updated = release.number, _feed_time(releases, release.number)
        title, link = f"Release {number}: {titles[number]}", f"{page}#{number}"
        about = "The page of changes has each of them." if ending else release.summary
        feed.add_item(
            title, link, about, unique_id=_identify(number, ending), updateddate=updated
        )


async def _add_figures(
    feed: Atom1Feed, rows: list[dict[str, Any]], base: str, releases: Releases
) -> None:
    histories = await find_histories_of(rows, releases)
    catalogue = await releases.catalogue()
    for row in reversed(rows):
        fields = {
            field["field"]: field
            for field in change_document(row, histories, catalogue)["fields"]
        }
        shown = f"{before_and_after(fields['printed'])}." if "printed" in fields else ""
        about = (
            shown,
            row["reason"],
            f"Changed: {', '.join(map(name_dimension, fields))}." if fields else "",
        )
        figure = _name_figure(row, histories[row["id"]], releases, catalogue)
        title, link = (
            f"{figure}: {row['name']} in release {row['release']}",
            f"{base}/figures/{row['id']}",
        )
        identity, updated = (
            _identify(row["release"], row["id"]),
            _feed_time(releases, row["release"]),
        )
        feed.add_item(
            title,
            link,
            " ".join(filter(None, about)),
            unique_id=identity,
            updateddate=updated,
        )


def _name_figure(
    row: dict[str, Any], history: History, releases: Releases, catalogue: Catalogue
) -> str:
    """Return a figure as it was after a change, or before it ended; and if it was revised, its former number."""
    numbers = releases.numbers[: releases.numbers.index(row["release"]) + 1]
    until = [one for one in history if one.row and one.releases[0] in numbers]
    former, now = as_printed(until[-2:][0].row, NO_NUMBER), until[-1]
    is_other = row["weight"] == "revised" and former != as_printed(now.row, NO_NUMBER)
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
