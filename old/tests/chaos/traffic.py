"""Clients that ask all the while, over real sockets, and note every answer and every broken connection."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

PATIENCE = 20.0
"""Seconds after which an answer has not come."""

Path = Callable[[int], str]
"""The address that is asked the n-th time."""


class Answer(NamedTuple):
    """One answer. `status` is None where the connection broke, could not be made, or nothing came in time."""

    status: int | None
    seconds: float
    headers: dict[str, str]
    path: str
    asked: float


@dataclass
class Answers:
    """What came, from all clients."""

    all: list[Answer] = field(default_factory=list)

    @property
    def failed(self) -> list[Answer]:
        return [answer for answer in self.all if answer.status is None or answer.status >= 500]

    def of(self, *statuses: int | None) -> list[Answer]:
        return [answer for answer in self.all if answer.status in statuses]

    @property
    def statuses(self) -> dict[int | None, int]:
        return dict(Counter(answer.status for answer in self.all))

    @property
    def longest(self) -> float:
        return max(answer.seconds for answer in self.all)


def merge(parts: list[Answers]) -> Answers:
    """The answers of all."""
    return Answers([answer for part in parts for answer in part.all])


def p99(answers: list[Answer]) -> float:
    """The time within which 99 of 100 were answered, in seconds."""
    times = sorted(answer.seconds for answer in answers)
    return times[max(0, -(-len(times) * 99 // 100) - 1)]


class Client:
    """A client with one connection at a time, kept alive where the server keeps it (`keeps`)."""

    def __init__(self, port: int, *, keeps: bool, asks_again: bool, headers: dict[str, str]) -> None:
        self._port, self._keeps, self._asks_again = port, keeps, asks_again
        lines = {"Host": "localhost", **headers, **({} if keeps else {"Connection": "close"})}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._pair: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str) -> Answer:
        """Asks once; where a connection that was used before breaks, once more (RFC 9110, 9.2.2), if `asks_again`."""
        asked, began = time.time(), time.perf_counter()
        was_used = self._pair is not None
        status, headers = await self._try(path)
        if status is None and was_used and self._asks_again:
            status, headers = await self._try(path)
        return Answer(status, time.perf_counter() - began, headers, path, asked)

    async def _try(self, path: str) -> tuple[int | None, dict[str, str]]:
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = self._pair = self._pair or await asyncio.open_connection("127.0.0.1", self._port)
                writer.write(f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode())
                status, headers = await read_answer(reader)
        except (OSError, EOFError, TimeoutError):
            self.close()
            return None, {}
        if not self._keeps or headers.get("connection") == "close":
            self.close()
        return status, headers

    def close(self) -> None:
        if self._pair is not None:
            self._pair[1].close()
            self._pair = None


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Reads an answer to its end, which must be there."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) if ": " in line else (line, "") for line in lines if line)
    if headers.get("transfer-encoding") == "chunked":
        while length := int(await reader.readuntil(b"\r\n"), 16):
            await reader.readexactly(length + 2)
        await reader.readexactly(2)
    else:
        await reader.readexactly(int(headers.get("content-length", 0)))
    return int(first.split()[1]), headers


async def _run(
    port: int, path: Path, clients: int, pause: float, stop: threading.Event, into: Answers, **client: object
) -> None:
    numbers = iter(range(10**9))

    async def keep_asking() -> None:
        one = Client(port, **client)
        await asyncio.sleep(pause * random.random())  # who pauses does not come with all the others either
        while not stop.is_set():
            into.all.append(await one.ask(path(next(numbers))))
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # no two clients go in step for long
        one.close()

    await asyncio.gather(*(keep_asking() for _ in range(clients)))


@contextmanager
def traffic(
    port: int, path: Path, *, clients: int = 1, pause: float = 0.0, keeps: bool = True, asks_again: bool = False, **headers: str
) -> Iterator[Answers]:  # fmt: skip
    """Clients that each ask one thing after the other for as long as the block runs; all are answered at its end."""
    answers, stop = Answers(), threading.Event()
    work = _run(port, path, clients, pause, stop, answers, keeps=keeps, asks_again=asks_again, headers=headers)
    thread = threading.Thread(target=asyncio.run, args=[work])
    thread.start()
    try:
        yield answers
    finally:
        stop.set()
        thread.join()


def ask_for(seconds: float, port: int, path: Path, *, clients: int, pause: float = 0.0) -> Answers:
    """What came in so many seconds. To be run in a process of its own, where many clients share nobody's time."""
    with traffic(port, path, clients=clients, pause=pause) as answers:
        time.sleep(seconds)
    return answers


def ask_at_once(port: int, paths: list[str], **headers: str) -> Answers:
    """Asks all of these at the same time, each over a connection of its own."""

    async def ask_all() -> list[Answer]:
        clients = [Client(port, keeps=False, asks_again=False, headers=headers) for _ in paths]
        return await asyncio.gather(*(client.ask(path) for client, path in zip(clients, paths, strict=True)))

    return Answers(asyncio.run(ask_all()))


def ask(port: int, path: str, **headers: str) -> Answer:
    """Asks once."""
    return ask_at_once(port, [path], **headers).all[0]


def eventually(is_so: Callable[[], bool], seconds: float) -> float:
    """Waits until it is so; returns how long that took."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, f"not so after {seconds} seconds"
        time.sleep(0.05)
    return time.monotonic() - began


_questions = itertools.count(10**9 * os.getpid())  # no two processes ask the same


def uncached(_number: int = 0) -> str:
    """The address of a listing of up to 20 figures that nobody asked for before."""
    return f"/v1/observations?limit=20&value_to={next(_questions)}"
