"""Health, readiness and metrics, for operators."""

from __future__ import annotations

import time

from fastapi import Request, Response

from misconduct.api.documentation import problem_responses
from misconduct.api.routing import DirectRouter
from misconduct.api.state import ServiceDep
from misconduct.api.v1.schemas import Health, Readiness
from misconduct.errors import NotFound, NotReady
from misconduct.formats.json import encode_json
from misconduct.http.metrics import Metrics
from misconduct.http.operators_port import ON_OPERATORS_PORT

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

router = DirectRouter(tags=["operations"])


def _answer(document: dict[str, str | float | list[str] | None]) -> Response:
    return Response(encode_json(document), headers={"Cache-Control": "no-store"}, media_type="application/json")


@router.get("/healthz", response_model=Health)
async def healthz() -> Response:
    """Return whether this process responds. Does not use the database."""
    return _answer({"status": "ok"})


@router.get("/readyz", response_model=Readiness, responses=problem_responses(NotReady))
async def readyz(service: ServiceDep) -> Response:
    """Return whether the service has a release to serve; if not, the problem says why.

    It stays ready while the database is down, because responses are then served from memory.
    """
    book = service.releases
    release = book.latest
    database = "behind" if book.is_behind else "answers" if book.database_answers else "does_not_answer"
    looked = round(time.monotonic() - book.looked, 1)
    document = {"status": "ready", "release": release.number, "digest": release.digest}
    lost = list(book.lost_recalls)
    behind = None if book.seconds_behind is None else round(book.seconds_behind, 1)
    return _answer(
        {**document, "database": database, "seconds_behind": behind, "seconds_since_look": looked, "lost_recalls": lost}
    )


@router.get("/metrics", include_in_schema=False)
async def read_metrics(request: Request, service: ServiceDep) -> Response:
    """Return the metrics of all workers in Prometheus text format.

    Raises NotFound if MISCONDUCT_METRICS is off, on the port of the service if they have another, and where the address
    is written in another way (`/%6Detrics`): a proxy that hides it may compare the text.
    """
    is_elsewhere = service.settings.metrics_port and ON_OPERATORS_PORT not in request.scope
    if not service.settings.metrics or is_elsewhere or not request.scope["raw_path"].endswith(b"/metrics"):
        raise NotFound("Metrics are disabled.")
    metrics: Metrics = request.app.state.metrics
    body = await metrics.read(service.database, service.facts)
    return Response(body, headers={"Cache-Control": "no-store"}, media_type=METRICS_TYPE)
