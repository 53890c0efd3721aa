"""The processes that answer: one, or a supervisor with its workers. Each makes its own service."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.api.metrics import share_folder
from app.api.wire import problem_protocol
from app.errors import MisconductError
from app.main import create_app
from app.settings import Settings

ORPHAN_SECONDS = 1.0  # for the requests of a worker whose supervisor, and so the embedded database, is gone
START_SECONDS = 20  # for a new worker to be ready; as long may one be silent before it is replaced


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


def run(reader_url: str, *, host: str, port: int, workers: int, drafts: bool) -> None:
    """Answers on host:port until it is told to stop. Raises SystemExit, with a status, if it cannot begin."""
    os.environ.update(MISCONDUCT_DATABASE_URL=reader_url, PORT=str(port), MISCONDUCT_SHOW_DRAFTS=str(int(drafts)))
    with share_folder(workers):
        config = uvicorn.Config(
            "app.serving:create_worker",
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
        if workers == 1:
            server = uvicorn.Server(config)
            server.run()
            begun = server.started
        else:
            supervisor = Workers(config, [config.bind_socket()])
            supervisor.run()
            begun = all(process.exitcode != STARTUP_FAILURE for process in supervisor.processes)
    if not begun:
        sys.exit(STARTUP_FAILURE)


class Workers(Multiprocess):
    """Processes that share a socket. One that ends is replaced."""

    def keep_subprocess_alive(self) -> None:
        for process in self.processes:
            process.child_conn.close()  # a wait for a worker's answer ends with the last copy of this end: the worker's
        super().keep_subprocess_alive()


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
