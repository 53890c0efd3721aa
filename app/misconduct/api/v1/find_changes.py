"""Changes as answers, feeds and pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from misconduct.api.state import Service
from misconduct.model.catalogue import Catalogue
from misconduct.model.changes import Change, change_document
from misconduct.model.records import Release
from misconduct.queries.changes import FoundChanges, Wanted, find_changes

TOLD_RELEASES, TOLD_FIGURES = 10, 20
"""How many releases of a feed name their changed figures, and how many figures each names."""


async def find_catalogues(service: Service, found: FoundChanges) -> dict[int, Catalogue]:
    """Return what changes are written with, by release: its catalogue, or that of the one before for what ended."""
    book = service.releases
    releases = {release.ordinal: release for release in book.releases}
    return {last: await book.catalogue(releases[last]) for last in sorted({*map(_last_with, found.changes)})}


def write_changes(
    service: Service, found: FoundChanges, catalogues: Mapping[int, Catalogue], base_url: str
) -> list[dict[str, Any]]:
    """Write changes as JSON objects, each with the labels of its release, or of the one before if it ended."""
    releases: dict[int, Release] = {release.ordinal: release for release in service.releases.releases}
    return [change_document(one, releases[one.release], catalogues[_last_with(one)], base_url) for one in found.changes]


def _last_with(change: Change) -> int:
    """Return the last release that has what changed."""
    return change.release - (change.action == "ended")


async def find_changed_figures(service: Service, release: Release) -> tuple[list[dict[str, Any]], int]:
    """Return the first figures that a release changed, as JSON objects, and how many it changed in all."""
    wanted = Wanted(release.ordinal - 1, release.ordinal, kinds=("observation",))
    found = await find_changes(service.database, wanted, limit=TOLD_FIGURES)
    return write_changes(service, found, await find_catalogues(service, found), service.base_url), found.total


def about_feed(service: Service) -> dict[str, Any]:
    """Return what a feed says of itself: with which address its ids begin, and when each release was made, by number.

    Only the day of a release is known, so it is the beginning of that day; the seconds are its place in the chain, so
    that releases of one day have an order.
    """
    days = ((one, datetime.combine(one.released, time(), UTC)) for one in service.releases.releases)
    instants = {one.number: f"{day + timedelta(seconds=one.ordinal):%Y-%m-%dT%H:%M:%SZ}" for one, day in days}
    return {"instants": instants, "base_url": service.base_url, "public_url": service.public_url}
