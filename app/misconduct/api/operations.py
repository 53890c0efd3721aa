"""Health checks: is the process alive, and can it answer?"""

import orjson
from fastapi import APIRouter, Response

from misconduct.api.current import TheReleases

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def is_alive() -> Response:
    """Answer 200 while the process runs."""
    return _send(200, {"status": "ok"})


@router.get("/readyz")
async def is_ready(releases: TheReleases) -> Response:
    """Answer 200 when a release is loaded and the database answers, and 503 otherwise."""
    if not releases.is_ready:
        reason = "the database does not answer" if releases.known else "no release is loaded"
        return _send(503, {"status": "not ready", "reason": reason})
    return _send(200, {"status": "ok", "release": releases.known[-1].number})


def _send(status: int, document: dict[str, str]) -> Response:
    return Response(orjson.dumps(document), status, {"Cache-Control": "no-store"}, "application/json")
