"""A port for operators (MISCONDUCT_METRICS_PORT): /metrics, /healthz and /readyz, and nothing else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from misconduct.event_log import log
from misconduct.http.limits import ALWAYS_ANSWERED
from misconduct.http.protocol import problem_protocol
from misconduct.settings import Settings

MOST_CONNECTIONS = 50

ON_OPERATORS_PORT = "misconduct.operators"
"""The key of a scope that came by this port."""


class _Server(uvicorn.Server):
    """Leaves signals to the server around it."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


@asynccontextmanager
async def listening(application: ASGIApp, settings: Settings, state: Mapping[str, Any]) -> AsyncIterator[None]:
    """Answer on the operators' address while the block runs. All workers listen on it, and any of them is asked.

    A port that is taken is logged, and costs nothing else.
    """
    address = settings.metrics_address
    try:
        listener = None if address is None else _listen(*address)
    except OSError as error:
        log.warning("no port for metrics", address=address, reason=error.strerror)
        listener = None
    if listener is None:
        yield
        return

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        is_known = scope["path"] in ALWAYS_ANSWERED
        scope = {**scope, "state": dict(state), ON_OPERATORS_PORT: True, "path": scope["path"] if is_known else "/none"}
        await application(scope, receive, send)

    # With the bounds of the service: who reaches this port must not be able to take the other one's descriptors.
    protocol = problem_protocol(settings, most_connections=MOST_CONNECTIONS)
    options = {
        "http": protocol,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
    }
    server = _Server(uvicorn.Config(answer, lifespan="off", **options))  # type: ignore[arg-type]
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await task


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens beside those of other workers. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener
