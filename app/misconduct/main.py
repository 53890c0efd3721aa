"""The service as an ASGI application: `uvicorn --factory misconduct.main:create_app`."""

import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from importlib.metadata import version
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES
from starlette.types import ASGIApp

from misconduct.api import (
    areas,
    changes,
    charts,
    check,
    codes,
    figures,
    gaps,
    indicators,
    notes,
    records,
    releases,
    search,
    start,
    topics,
)
from misconduct.api.addresses import Addresses, Packing
from misconduct.api.answers import declare_files
from misconduct.api.cache import AnswerCache
from misconduct.api.current import Releases
from misconduct.api.faults import answer_faults, describe_parameters, find_meant
from misconduct.api.limits import Limits
from misconduct.api.metrics import Metrics
from misconduct.api.problems import answer_problems, declare_problems
from misconduct.api.turns import TURNS, Admission
from misconduct.db.engine import Database, name_database
from misconduct.errors import DatabaseError, MisconductError
from misconduct.formats import BINARY, MEDIA_TYPES
from misconduct.pictures.png import PngProcess
from misconduct.settings import Settings
from misconduct.site.releases import feeds
from misconduct.site.routes import add_pages, respond

log = logging.getLogger(__name__)

DESCRIPTION = """What has been published about police misconduct: each figure as printed, with the evidence for it.

Add .csv to the path of a list for a table; tables also have .xlsx, .parquet and .zip. Or name the type in the header
Accept: without a suffix, an address sends JSON, or the best of its formats that this header names.
A code also finds narrower codes. `release=5.3.0` pins an answer."""


ROUTERS = (
    *(
        figures.router,
        check.router,
        changes.router,
        feeds,
        indicators.router,
        areas.router,
        charts.router,
    ),
    *(notes.router, records.router, codes.router, gaps.router, releases.router),
    *(search.router, start.router, topics.router),
)
"""They are tried and described in this order: what is asked most first. `/v1/{topic}` takes what is left."""


ROUTES = [
    route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
]

Beside = Callable[[dict[str, Any]], AbstractAsyncContextManager[None]]
"""What runs beside the service, with the state that requests have."""


class Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema:
            return self.openapi_schema
        document = super().openapi()
        paths = document["paths"]
        for route in ROUTES:
            if described := describe_parameters(route.endpoint):
                for operation in paths.get(route.path, {}).values():
                    operation["parameters"] = [
                        *operation.get("parameters", ()),
                        *described,
                    ]
        declare_problems(document)
        declare_files(document)
        return document


@asynccontextmanager
async def run(
    settings: Settings | None, kind: type[Releases], beside: Beside | None
) -> AsyncIterator[dict[str, Any]]:
    """Open what requests need, and close it at the end. Raises DatabaseError if no database is named."""
    if settings is None or settings.database_url is None:
        raise DatabaseError(
            "MISCONDUCT_DATABASE_URL names no database. `misconduct serve` starts one of its own."
        )
    database = Database(settings.database_url, TURNS)
    watch = Database(settings.database_url, pool_size=1)
    named = name_database(settings.database_url)
    log.info(
        "misconduct %s at %s, database %s",
        version("misconduct"),
        settings.base_url,
        named,
    )
    known, png, texts = (
        kind(database, watch, settings),
        PngProcess(),
        check.open_processes(),
    )
    state = {
        "releases": known,
        "png": png,
        "texts": texts,
        "base_url": settings.base_url,
        "contact": settings.contact,
    }
    with TemporaryDirectory(prefix="misconduct-") as scratch:
        state["scratch"] = scratch
        async with known.watching(), beside(state) if beside else nullcontext():
            # What is loaded stays: to look through it again and again would hold up answers.
            gc.collect()
            gc.freeze()
            yield state
    png.stop()
    texts.stop()
    await database.close()
    await watch.close()


def create_api(
    settings: Settings | None = None, kind: type[Releases] = Releases
) -> FastAPI:
    """Return the API without the cache and compression. Without settings, it can only write its OpenAPI document."""
    if settings:
        logging.basicConfig(
            level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
        )
    beside: Beside | None = None
    api = Api(
        title="Misconduct Register",
        description=DESCRIPTION,
        version="1",
        lifespan=lambda _: run(settings, kind, beside),
        generate_unique_id_function=lambda route: route.name,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    api.state.routes = ROUTES
    for router in ROUTERS:
        api.include_router(router)
    add_pages(api)
    if settings and settings.mcp == "on":
        beside = _add_assistants(api)
    answer_faults(api, answer_problems(api, respond, find_meant))
    return api


def _add_assistants(api: FastAPI) -> Beside:
    try:
        from misconduct.assistants import Assistants
    except ModuleNotFoundError as error:
        raise MisconductError(
            f"MISCONDUCT_MCP needs {error.name}, which is missing: install the wheel with --extra assistants"
        ) from None
    return Assistants(api).run


def create_app() -> ASGIApp:
    return complete_app(create_api(Settings()))


def complete_app(api: FastAPI) -> ASGIApp:
    """Return an API with compression, turns, the cache, formats in addresses, limits, metrics."""
    excluded = (
        *DEFAULT_EXCLUDED_CONTENT_TYPES,
        *(MEDIA_TYPES[suffix] for suffix in BINARY),
    )
    admission = Admission(api, respond)
    packing = Packing(
        admission, minimum_size=500, compresslevel=5, exclude_content_types=excluded
    )
    return Metrics(Limits(Addresses(AnswerCache(packing))), admission.lines)
