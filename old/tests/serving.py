"""The service as it is served: uvicorn, real sockets; and a count of the statements it runs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from misconduct.api.state import Service
from misconduct.http.cache import AnswerCache
from misconduct.http.logs import configure_logging
from misconduct.http.protocol import HEAD_SECONDS, problem_protocol
from misconduct.main import create_api, wrap
from misconduct.settings import Settings


@dataclass
class Served:
    """A running service and a client for it."""

    client: httpx.Client
    service: Service
    settings: Settings
    url: str
    cache: AnswerCache

    @contextmanager
    def statements(self, *, remembering: bool = False) -> Iterator[list[str]]:
        """The SQL statements that are run meanwhile, but for the look at the newest release.

        What was answered before is forgotten first, unless `remembering`.
        """
        if not remembering:
            self.cache.store.drop(lambda _kept: True)
        seen: list[str] = []
        database: Any = self.service.database
        read = database._read

        async def note(sql: str, arguments: Any) -> Any:
            if "ORDER BY releases.ordinal DESC" not in sql:
                seen.append(sql)
            return await read(sql, arguments)

        database._read = note
        try:
            yield seen
        finally:
            del database._read

    def wait_for_release(self, number: str) -> None:
        """Returns when the service knows this release."""
        for _ in range(500):
            known = self.service.releases._releases
            if known and known[-1].number == number:
                return
            time.sleep(0.02)
        raise AssertionError("the service did not see the release within 10 s")


@contextmanager
def serve(
    settings: Settings,
    *,
    port: int = 0,
    head_seconds: float = HEAD_SECONDS,
    http: type[asyncio.Protocol] | str | None = None,
) -> Iterator[Served]:
    """The service on a port of this machine, by default a free one, in a thread, until the block ends."""
    configure_logging()
    application = create_api(settings)
    layers = wrap(application, settings)
    http = http or problem_protocol(settings, head_seconds)
    same = {"log_config": None, "server_header": False, "proxy_headers": False}  # as misconduct.serving.run has it
    server = uvicorn.Server(uvicorn.Config(layers, port=port, http=http, timeout_graceful_shutdown=2, **same))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise AssertionError("the service did not start")
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, timeout=20) as client:
            yield Served(client, application.state.service, settings, url, layers)
    finally:  # else a test that fails would wait for the thread for ever
        server.should_exit = True
        thread.join()
