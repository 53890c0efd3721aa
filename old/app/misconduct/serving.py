"""Run the processes that answer: one, or a supervisor with its workers. Each builds its own service."""

from __future__ import annotations

import asyncio
import errno
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from misconduct.errors import MisconductError, name_signal
from misconduct.event_log import log
from misconduct.http.logs import configure_logging
from misconduct.settings import AWAIT_RELEASE, Settings

ORPHAN_SECONDS = 1.0  # for a worker to finish when its supervisor, and so the embedded database, is gone
GRACE_SECONDS = 10  # for a worker that is told to stop to finish the requests it has
STOP_SECONDS = GRACE_SECONDS + 5.0  # for all workers to end, before those that do not respond are killed
START_SECONDS = 20  # for a new worker to be ready, and for any worker to respond before it is replaced
LONGEST_START = 300.0  # seconds for a worker to start: on a busy machine its imports take a minute
RETRY_SECONDS = 10.0  # after a worker that could not start, while others go on


def require_free_port(host: str, port: int) -> None:
    """Raise MisconductError if the address cannot be listened on, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "there is no host of this name"
            is_port = isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES)
            hint = (
                "Choose another port, for example PORT=8001 make serve."
                if is_port
                else "Give an address of this machine, for example --host 127.0.0.1, or --host 0.0.0.0 for all of them."
            )
            raise MisconductError(f"Cannot listen on {host}:{port}: {reason}.", hint=hint) from error


def run(reader_url: str, *, host: str, port: int, workers: int, drafts: bool) -> None:
    """Serve on host:port until told to stop. Raises SystemExit, with a status, if the service cannot start."""
    from misconduct.http.metrics import share_folder

    configure_logging()
    if "MISCONDUCT_DATABASE_URL_FILE" not in os.environ:  # else the workers read the file, which may change
        os.environ["MISCONDUCT_DATABASE_URL"] = reader_url
    os.environ.update(PORT=str(port), MISCONDUCT_SHOW_DRAFTS=str(int(drafts)))
    settings = Settings()
    protocol, supervisor_class = choose_protocol(settings)
    with share_folder(workers):
        config = uvicorn.Config(
            "misconduct.serving:create_worker",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            http=protocol,
            loop="misconduct.http.accepting:Loop",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=settings.keep_alive_seconds,
            timeout_worker_healthcheck=START_SECONDS,
        )
        if workers == 1:
            server = uvicorn.Server(config)
            server.run()
            begun = server.started
        else:
            supervisor = supervisor_class(config, [config.bind_socket()])
            try:
                supervisor.run()
            except BaseException:
                supervisor.terminate_all()  # else this process would wait for them, and they for its end
                supervisor.join_all()
                raise
            begun = all(process.exitcode != STARTUP_FAILURE for process in supervisor.processes)
    if not begun:
        sys.exit(STARTUP_FAILURE)


def choose_protocol(settings: Settings) -> tuple[type[asyncio.Protocol] | str, type[Multiprocess]]:
    """Return our HTTP protocol and supervisor; uvicorn's own, with a warning, where it lacks what ours override."""
    try:
        from misconduct.http import protocol

        missing = protocol.find_missing_hooks()
    except ImportError as error:
        missing = [str(error)]
    if missing:
        log.warning("uvicorn changed", missing=missing, uvicorn=uvicorn.__version__)
        return "httptools", Multiprocess
    return protocol.problem_protocol(settings), Workers


NO_WORKER = "no worker could be started"


class _Stopped(threading.Event):
    """Whether the supervisor should stop: also by a signal that it has not handled, as it waits for a new worker."""

    def __init__(self, signals: list[int]) -> None:
        super().__init__()
        self._signals = signals

    def is_set(self) -> bool:
        return super().is_set() or not {signal.SIGINT, signal.SIGTERM}.isdisjoint(self._signals)


class Workers(Multiprocess):
    """Processes that share a socket. One that ends is replaced, as soon as there is room for it, and its end logged."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self.should_exit = _Stopped(self.signal_queue)
        self._has_room, self._last_failure = True, -RETRY_SECONDS
        self._begun = dict[Process, float | None]()  # when each was first seen; None as soon as it has started

    def _is_starting(self, process: Process) -> bool:
        """Return whether a worker has yet to start. It may take longer to respond than one that answers."""
        if process not in self._begun:
            self._begun[process] = time.monotonic()
            process.child_conn.close()  # else waiting for a dead worker would not end: only its own copy may be open
            with suppress(OSError):
                process.parent_conn.send(b"ping")
        begun = self._begun[process]
        if begun is None or process.exitcode is not None or time.monotonic() - begun > LONGEST_START:
            return False
        with suppress(OSError, EOFError):
            if process.parent_conn.poll():
                if process.parent_conn.recv():
                    self._begun[process] = None
                else:
                    process.parent_conn.send(b"ping")
        return True

    def keep_subprocess_alive(self) -> None:
        before = list(self.processes)
        starting = [process for process in before if self._is_starting(process)]
        self._begun = {process: self._begun[process] for process in before}
        failed = list[Process]()
        if any(begun is None and process.exitcode is None for process, begun in self._begun.items()):
            failed = [process for process in before if process.exitcode == STARTUP_FAILURE]
        self.processes = [process for process in before if process not in (*starting, *failed)]
        if failed:  # uvicorn would end the service, and with it those that answer
            self._last_failure = time.monotonic()
        try:
            super().keep_subprocess_alive()
            is_one_short = len(self.processes) + len(starting) < self.processes_num
            if is_one_short and time.monotonic() - self._last_failure > RETRY_SECONDS:
                new = Process(self.config, self.sockets)
                new.start()
                self.processes.append(new)
            self._has_room = True
        except OSError as error:  # tried again with the next look, half a second later
            if self._has_room:
                log.warning(NO_WORKER, reason=str(error), left=sum(one.exitcode is None for one in before))
            self._has_room = False
        self.processes += starting
        _log_ended(one for one in before if one not in self.processes)

    def restart_all(self) -> None:
        """Replace the workers one by one; stop if a new one finds no release in time, as the old ones may know one."""
        os.environ[AWAIT_RELEASE] = "1"
        try:
            for place, old in enumerate(self.processes):
                try:
                    new = Process(self.config, self.sockets)
                    new.start()
                except OSError as error:
                    log.warning(NO_WORKER, reason=str(error), kept=old.pid)
                    return
                if not new.wait_until_ready(START_SECONDS, self.should_exit):
                    new.kill()
                    new.join()
                    if not self.should_exit.is_set():
                        log.error("new worker not ready in time", pid=new.pid, kept=old.pid)
                    return
                old.terminate()
                _await_end([old])
                self.processes[place] = new
        finally:
            del os.environ[AWAIT_RELEASE]

    def join_all(self) -> None:
        for sock in self.sockets:
            sock.close()  # else whoever connects while the workers finish would wait, and then be reset
        _await_end(self.processes)


def _await_end(told: Sequence[Process]) -> None:
    """Wait until processes that were told to stop have ended; kill those that have not in time. Log the ends."""
    last = time.monotonic() + STOP_SECONDS
    for worker in told:
        worker.process.join(max(0.0, last - time.monotonic()))
        if worker.exitcode is None:  # it does not respond
            worker.kill()
            worker.join()
    _log_ended(told)


def _log_ended(processes: Iterable[Process]) -> None:
    """Log a line for each process that has ended, with its status or signal."""
    for process in processes:
        code = process.exitcode
        if code is not None:
            why = {"status": code} if code >= 0 else {"signal": name_signal(-code)}
            is_planned = code in (0, -signal.SIGTERM)  # replaced after SIGHUP
            log.log(logging.INFO if is_planned else logging.WARNING, "worker ended", pid=process.pid, **why)


def create_worker() -> ASGIApp:
    """Return the service in a process of `run`, which ends when the process that started it is gone."""
    from misconduct.main import create_app

    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        threading.Thread(target=_end_with, args=[supervisor], daemon=True).start()
    return create_app()


def _end_with(supervisor: multiprocessing.process.BaseProcess) -> None:
    supervisor.join()  # reads from a pipe that ends with it, however it went
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORPHAN_SECONDS)
    os._exit(1)
