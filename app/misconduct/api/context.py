"""What routes depend on: the releases, and the one that a request is about."""

from typing import Annotated

from fastapi import Depends, Request

from misconduct.api.parameters import Pinned
from misconduct.api.releases import Current, Releases
from misconduct.model.documents import Edition


# FastAPI runs a dependency that is not async in a thread of its own.
async def _releases(request: Request) -> Releases:
    found: Releases = request.state.releases
    return found


TheReleases = Annotated[Releases, Depends(_releases)]


async def find_current(releases: Releases, asked: Pinned) -> Current:
    """Return the release that a request names, with its records. Raises Problem."""
    release = releases.find(asked.release, asked.as_of)
    return await releases.current(release, is_pinned=asked.release == release.number)


def edition(request: Request, current: Current) -> Edition:
    """Return what answers say of each figure of a release."""
    return Edition(current.release.number, current.catalogue, request.state.base_url)
