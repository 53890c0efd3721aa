"""Work in processes of their own: this one could answer nothing meanwhile. Work that takes too long is ended."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from multiprocessing import get_context, parent_process
from traceback import extract_tb
from typing import Any, TypeVar

from misconduct.errors import TooBusy

Result = TypeVar("Result")


class WorkFailed(Exception):
    """Work failed in its process. Says only where: the message of the error may quote what somebody sent."""


class Process:
    """A process that does one thing at a time."""

    def __init__(self, late: str) -> None:
        self._late = late
        self._pool = _start()

    def start(self, function: Callable[..., object], *arguments: Any) -> None:
        """Start the process before there is work. It imports what a function needs, and calls it."""
        self._pool.submit(function, *arguments)

    async def revive(self) -> None:
        """If the process has ended, have another one started."""
        try:
            await self._run(os.getpid)
        except BrokenProcessPool:
            self._pool = _start()

    async def do(
        self, seconds: float, function: Callable[..., Result], *arguments: Any
    ) -> tuple[float, Result]:
        """Return how many of the seconds are left, and the result. Raises TooBusy if none are, and WorkFailed."""
        try:
            return await self._run(_work, seconds, function, *arguments)
        except BrokenProcessPool:
            self._pool = _start()
            raise TooBusy(self._late) from None

    async def _run(self, function: Callable[..., Result], *arguments: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, function, *arguments
        )

    def stop(self) -> None:
        """End the process, and wait for it: uvicorn ends its workers by a signal, which leaves nothing time to end."""
        self._pool.shutdown(cancel_futures=True)


class Processes:
    """Lend processes, each to one request at a time. How many may wait is decided before (`api/turns.py`)."""

    def __init__(self, number: int, late: str) -> None:
        self._all = [Process(late) for _ in range(number)]
        self._free = [*self._all]
        self._turn = asyncio.Semaphore(number)

    def start(self, function: Callable[..., object], *arguments: Any) -> None:
        """Start all processes before there is work, and have them call a function."""
        for one in self._all:
            one.start(function, *arguments)

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[Process]:
        """Lend a process that is alive while the block runs."""
        async with self._turn:
            process = self._free.pop()
            try:
                await process.revive()
                yield process
            finally:
                self._free.append(process)

    def stop(self) -> None:
        for one in self._all:
            one.stop()


def say_failure(error: Exception) -> str:
    """Return what failed where, without the message of the error."""
    if isinstance(error, WorkFailed):
        return str(error)
    place = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {place.filename}:{place.lineno}"


def _start() -> ProcessPoolExecutor:
    """Return what starts a process when there is something to do."""
    return ProcessPoolExecutor(1, get_context("spawn"), end_with_service)


def end_with_service() -> None:
    """End this process as soon as the service has ended, however that was; Ctrl-C is for the service."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    threading.Thread(target=_wait_for_service, daemon=True).start()


def _wait_for_service() -> None:
    if service := parent_process():
        service.join()
        os._exit(0)


def _work(
    seconds: float, function: Callable[..., Result], *arguments: Any
) -> tuple[float, Result]:
    """Call a function. The process ends if that takes longer, even inside a regular expression.

    The seconds are of work: a machine that is busy with other things ends nothing.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        result = function(*arguments)
    except Exception as error:  # noqa: BLE001
        raise WorkFailed(say_failure(error)) from None
    finally:
        left, _ = signal.setitimer(signal.ITIMER_PROF, 0)
    return left, result
