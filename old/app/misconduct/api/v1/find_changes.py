"""Changes as answers, feeds and pages show them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any

from misconduct.api.encoder import LONGEST_PAGE
from misconduct.api.state import Service
from misconduct.model.catalogue import Catalogue
from misconduct.model.changes import Change, change_document
from misconduct.model.records import Release
from misconduct.queries.changes import FoundChanges, Wanted, find_changes

ITEMS_OF_ONE = 20  # of changed lists, and of what a change affects, which take as long as one change more
TOLD_RELEASES, TOLD_FIGURES = 10, 20
"""How many releases of a feed name their changed figures, and how many figures each names."""


async def write_changes(service: Service, found: FoundChanges, base_url: str) -> list[dict[str, Any]]:
    """Write changes as JSON objects, each with the labels of its release, or of the one before if it ended.

    One release after the other, as many catalogues would not fit into memory; many changes in a thread.
    """
    book = service.releases
    releases: dict[int, Release] = {release.ordinal: release for release in book.releases}
    written = list[dict[str, Any]]()
    for ordinal, group in groupby(found.changes, attrgetter("release")):
        changes = list(group)
        lasts = {is_end: releases[ordinal - is_end] for is_end in {one.action == "ended" for one in changes}}
        catalogues = {is_end: await book.catalogue(last) for is_end, last in lasts.items()}
        write = partial(_write, changes, releases[ordinal], catalogues, base_url)
        written += await asyncio.to_thread(write) if len(changes) > LONGEST_PAGE else write()
    return written


def _write(
    changes: Iterable[Change], release: Release, catalogues: Mapping[bool, Catalogue], base_url: str
) -> list[dict[str, Any]]:
    return [change_document(one, release, catalogues[one.action == "ended"], base_url) for one in changes]


def weigh_changes(shown: Iterable[Mapping[str, Any]]) -> int:
    """Return as how many changes these count, given as JSON objects: more where their lists are long."""
    changes = items = 0
    for one in shown:
        values = (each[side] for each in one["changes"] for side in ("old", "new"))
        items += len(one["affects"]) + sum(len(value) for value in values if isinstance(value, list | tuple))
        changes += 1
    return changes + items // ITEMS_OF_ONE


async def find_changed_figures(service: Service, release: Release) -> tuple[list[dict[str, Any]], int]:
    """Return the first figures that a release changed, as JSON objects, and how many it changed in all."""
    wanted = Wanted(release.ordinal - 1, release.ordinal, kinds=("observation",))
    found = await find_changes(service.database, wanted, limit=TOLD_FIGURES)
    return await write_changes(service, found, service.base_url), found.total


def about_feed(service: Service) -> dict[str, Any]:
    """Return what a feed says of itself: with which address its ids begin, and when each release was made, by number.

    Only the day of a release is known, so it is the beginning of that day; the seconds are its place in the chain, so
    that releases of one day have an order.
    """
    days = ((one, datetime.combine(one.released, time(), UTC)) for one in service.releases.releases)
    instants = {one.number: f"{day + timedelta(seconds=one.ordinal):%Y-%m-%dT%H:%M:%SZ}" for one, day in days}
    return {"instants": instants, "base_url": service.base_url, "public_url": service.public_url}
