"""Puts the HTTP service together. Nothing happens at import."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from app.api import operations, site
from app.api.documentation import add_problem_schema
from app.api.envelope import Envelope
from app.api.logs import configure_logging
from app.api.problems import answer_problems
from app.api.service import Service
from app.api.suffixes import Suffixes
from app.api.v1 import catalogue, observations, releases
from app.api.wire import ProblemProtocol
from app.db.engine import Database
from app.errors import MisconductError
from app.settings import Settings

DESCRIPTION = """Published figures on police misconduct, each with the evidence for it.

Every figure carries its source, its exact wording and place, its hedge, its population, counting unit and period, who
stated it, and its caveats. Figures that look alike and are not equal stay apart. Null is never zero.
"""


def create_api(settings: Settings) -> FastAPI:
    """The routes, without the layers around them and without a database."""

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        if settings.database_url is None:
            raise MisconductError("No database.", hint="Set MISCONDUCT_DATABASE_URL, or use `misconduct serve`.")
        database = Database(
            settings.database_url,
            pool_size=settings.pool_size,
            pool_seconds=settings.pool_seconds,
            query_seconds=settings.query_seconds,
        )
        service = application.state.service = Service(settings, database)
        async with service.releases.watching():
            gc.collect()
            gc.freeze()
            yield
        await database.close()

    api = FastAPI(
        title="Misconduct Register",
        version=version("misconduct"),
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": settings.public_url}],
        license_info={"name": "CC BY 4.0 (figures)", "url": "https://creativecommons.org/licenses/by/4.0/"},
        generate_unique_id_function=lambda route: route.name,
    )
    for router in (operations.router, site.router, observations.router, catalogue.router, releases.router):
        api.include_router(router)
    api.include_router(observations.views)
    answer_problems(api, settings.public_url)
    add_problem_schema(api.openapi())
    return api


def create_app(settings: Settings | None = None) -> ASGIApp:
    """The whole service: the routes inside their layers."""
    configure_logging()
    settings = settings or Settings()
    return Envelope(Suffixes(create_api(settings)), settings.public_url)


def require_free_port(host: str, port: int) -> None:
    """Raises MisconductError where another process listens there already, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise MisconductError(
                f"Cannot listen on {host}:{port}: {error.strerror}.",
                hint="Choose another port, for example PORT=8001 make serve.",
            ) from error


def run(reader_url: str, *, host: str, port: int, workers: int) -> None:
    """Answers on host:port until it is told to stop. Each worker is a process that makes its own `create_app()`."""
    os.environ.update(MISCONDUCT_DATABASE_URL=reader_url, PORT=str(port))
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        http=ProblemProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
