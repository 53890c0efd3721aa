"""What routes depend on: the releases, and the one that a request is about."""

from typing import Annotated

from fastapi import Depends, Request

from misconduct.api.parameters import Pinned
from misconduct.api.releases import Current, Releases


# FastAPI runs a dependency that is not async in a thread of its own.
async def _releases(request: Request) -> Releases:
    found: Releases = request.state.releases
    return found


TheReleases = Annotated[Releases, Depends(_releases)]


async def find_current(releases: Releases, asked: Pinned) -> Current:
    """Return the release that a request names, with its records. Raises Problem."""
    release = releases.find(asked.release, asked.as_of)
    return await releases.current(release, is_pinned=asked.release == release.number)
