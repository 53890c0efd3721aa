"""Puts the HTTP service together. Nothing happens at import."""

from __future__ import annotations

import errno
import gc
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from app.api import discovery, embed, operations, site
from app.api.cache import AnswerCache
from app.api.documentation import complete_openapi
from app.api.envelope import Envelope
from app.api.logs import configure_logging
from app.api.metrics import Metrics, share_folder
from app.api.problems import answer_problems
from app.api.service import Service
from app.api.shedding import Shedding
from app.api.suffixes import Suffixes
from app.api.v1 import catalogue, charts, compare, config, evidence, metadata, observations, releases
from app.api.wire import problem_protocol
from app.db.engine import UNREACHABLE, Database
from app.db.engine import reader_url as parse_url
from app.errors import MisconductError
from app.settings import Settings

ORPHAN_SECONDS = 1.0  # for the requests of a worker whose supervisor, and so the embedded database, is gone
START_SECONDS = 20  # for a new worker to be ready; as long may one be silent before it is replaced

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
        async with service.releases.watching(), application.state.metrics.refreshing(database):
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
    api.state.metrics = Metrics()
    resources = (observations, evidence, compare, catalogue, charts, releases, metadata, config)
    for part in (operations, site, discovery, embed, *resources):
        api.include_router(part.router)
    api.include_router(observations.views)
    answer_problems(api, settings.public_url, site.problem_page)
    complete_openapi(api.openapi())
    return api


def create_app(settings: Settings | None = None) -> ASGIApp:
    """The whole service: the routes inside their layers."""
    configure_logging()
    settings = settings or Settings()
    return wrap(create_api(settings), settings)


def wrap(api: FastAPI, settings: Settings) -> AnswerCache:
    """The layers around the routes; the first to hear of a request is the memory of answers."""
    metrics: Metrics = api.state.metrics
    shedding = Shedding(Suffixes(api), settings)
    envelope = Envelope(shedding, settings.public_url, log_requests=settings.log_requests, observe=metrics.observe)
    metrics.cache = cache = AnswerCache(envelope, lambda: api.state.service.releases, shedding, settings)
    return cache


def require_free_port(host: str, port: int) -> None:
    """Raises MisconductError where it is not possible to listen, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "no host has such a name"
            is_port = isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES)
            hint = (
                "Choose another port, for example PORT=8001 make serve."
                if is_port
                else "Name an address of this machine, for example --host 127.0.0.1, or --host 0.0.0.0 for all it has."
            )
            raise MisconductError(f"Cannot listen on {host}:{port}: {reason}.", hint=hint) from error


def require_database_address(name: str, url: str | None) -> None:
    """Raises MisconductError where the setting `name` cannot be read; without its value, which may hold a password."""
    if url is None:
        return
    try:
        parse_url(url)
    except (*UNREACHABLE, ValueError):
        example = "postgresql://user:password@host:5432/misconduct"
        raise MisconductError(f"{name} is no address of a database, such as {example}.") from None


def run(reader_url: str, *, host: str, port: int, workers: int, drafts: bool) -> None:
    """Answers on host:port until it is told to stop. Each worker is a process that makes its own service."""
    os.environ.update(MISCONDUCT_DATABASE_URL=reader_url, PORT=str(port), MISCONDUCT_SHOW_DRAFTS=str(int(drafts)))
    with share_folder(workers):
        uvicorn.run(
            "app.main:create_worker",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            http=problem_protocol(Settings().public_url),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=10,
            timeout_worker_healthcheck=START_SECONDS,
        )


def create_worker() -> ASGIApp:
    """The service in a process of `run`, which ends when the process that started it is gone."""
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        threading.Thread(target=_end_with, args=[supervisor], daemon=True).start()
    return create_app()


def _end_with(supervisor: multiprocessing.process.BaseProcess) -> None:
    supervisor.join()  # reads from a pipe that ends with it, however it went
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORPHAN_SECONDS)
    os._exit(1)
