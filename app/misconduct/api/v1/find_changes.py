"""Changes as answers, feeds and pages show them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from misconduct.api.state import Service
from misconduct.model.changes import change_document
from misconduct.model.records import Release
from misconduct.queries.changes import FoundChanges, Wanted, find_changes

TOLD_RELEASES, TOLD_FIGURES = 10, 20
"""How many releases of a feed name their changed figures, and how many figures each names."""


async def write_changes(service: Service, found: FoundChanges, base_url: str) -> list[dict[str, Any]]:
    """Write changes as JSON objects, each with the labels of its release, or of the one before if it ended."""
    book = service.releases
    releases: dict[int, Release] = {release.ordinal: release for release in book.releases}
    written = []
    for one in found.changes:
        catalogue = await book.catalogue(releases[one.release - (one.action == "ended")])
        written.append(change_document(one, releases[one.release], catalogue, base_url))
    return written


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
