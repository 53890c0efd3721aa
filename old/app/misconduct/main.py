"""Build the HTTP service: the routes, and the layers around them."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from traceback import clear_frames
from typing import Any, ParamSpec, TypeVar

from fastapi import FastAPI
from starlette.types import ASGIApp

from misconduct import site
from misconduct.api import health, oembed, well_known
from misconduct.api.documentation import read_openapi
from misconduct.api.state import Service
from misconduct.api.v1 import (
    changes,
    charts,
    columns,
    compare,
    config,
    datasets,
    evidence,
    metadata,
    observations,
    records,
    releases,
    start,
)
from misconduct.db.engine import Database
from misconduct.errors import MisconductError
from misconduct.http.cache import AnswerCache
from misconduct.http.limits import Limits
from misconduct.http.logs import configure_logging
from misconduct.http.metrics import Metrics
from misconduct.http.middleware import Envelope, Suffixes
from misconduct.http.operators_port import listening
from misconduct.http.problems import answer_problems
from misconduct.http.request_log import RequestLog
from misconduct.http.tracing import tracing
from misconduct.settings import AWAIT_RELEASE, Settings

P = ParamSpec("P")
T = TypeVar("T")

DESCRIPTION = """Published figures on police misconduct, each with the evidence for it.

Every figure carries its source, its exact wording and place, its hedge, its population, counting unit and period, who
stated it, and its caveats. Figures that look alike and are not equal stay apart. Null is never zero.
"""


class Apart(ThreadPoolExecutor):
    """A pool whose threads outlive a lack of memory: what a failed function held is given back before that is told."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        def run() -> T:
            try:
                return fn(*args, **kwargs)
            except MemoryError as error:
                clear_frames(error.__traceback__)
                raise

        return super().submit(run)


def create_api(settings: Settings) -> FastAPI:
    """Return the routes, without the layers around them. The database is opened when the application starts."""
    if sys.flags.optimize > 1:
        hint = "Start it without -OO and PYTHONOPTIMIZE=2."
        raise MisconductError("Python has left out the docstrings, which the documentation shows.", hint=hint)

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[dict[str, Any]]:
        if settings.database_url is None:
            raise MisconductError("No database.", hint="Set MISCONDUCT_DATABASE_URL, or use `misconduct serve`.")
        database = Database(
            settings.read_database_url,
            pool_size=settings.pool_size,
            pool_seconds=settings.pool_seconds,
            query_seconds=settings.query_seconds,
        )
        # The thread for long lists and what is read of releases; later the machine may have no room to start it.
        thread = Apart(1, "apart")
        thread.submit(int)
        asyncio.get_running_loop().set_default_executor(thread)
        service = application.state.service = Service(settings, database)
        state = {"releases": service.releases}  # every request's scope has it: the cache asks there
        port = listening(application.state.layers, settings, state)
        try:
            async with service.releases.watching(), application.state.metrics.refreshing(database, service.facts), port:
                if AWAIT_RELEASE in os.environ:
                    await service.releases.first_known.wait()
                gc.collect()
                gc.freeze()
                yield state
        finally:
            await service.encoder.close()
            await database.close()

    api = FastAPI(
        title="Misconduct Register",
        version=version("misconduct"),
        description=DESCRIPTION,
        lifespan=lifespan,
        openapi_url=None,  # `well_known` sends it
        docs_url=None,
        telemetry={"tracing": False, "metrics": False},  # `http.tracing` and `http.metrics` have them
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": settings.public_url}],
        license_info={"name": "CC BY 4.0 (figures)", "url": "https://creativecommons.org/licenses/by/4.0/"},
    )
    api.state.metrics = Metrics()
    resources = (
        observations,
        evidence,
        compare,
        datasets,
        columns,
        records,
        charts,
        releases,
        changes,
        metadata,
        config,
    )
    # The most requested routes first; a document for an iframe before a record of any name.
    parts = (oembed, *resources, health, site, well_known)
    routers = (site.embeds, *(part.router for part in parts), start.start_router(site.start_page))
    for router in (*routers, observations.views, changes.views):
        api.routes.extend(router.routes)  # an included router would be matched twice
    answer_problems(api, settings.public_url, site.problem_page)
    api.openapi = partial(read_openapi, api, settings.public_url)  # type: ignore[method-assign]  # as FastAPI has it
    return api


def create_app(settings: Settings | None = None) -> ASGIApp:
    """Return the whole service: the routes inside their layers."""
    configure_logging()
    settings = settings or Settings()
    return wrap(create_api(settings), settings)


def wrap(api: FastAPI, settings: Settings) -> AnswerCache:
    """Put the layers around the routes. The cache is the outermost."""
    metrics: Metrics = api.state.metrics
    log = RequestLog(is_written=settings.log_requests)
    limits = Limits(Suffixes(api), settings)
    envelope = tracing(Envelope(limits, settings.public_url, log, metrics.observe))
    layers = api.state.layers = AnswerCache(envelope, limits, settings, log, metrics.cache)
    return layers
