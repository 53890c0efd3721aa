"""A load generator for machines without wrk: `python -m bench.generator URL SECONDS CONNECTIONS`.

Reads the same environment as wrk.lua and prints the same line. A request costs it about as much as constant bytes cost
a server: on few cores, the rates of what is answered from memory are lower limits.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from itertools import count
from statistics import quantiles
from urllib.parse import urlsplit

import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CLOSING = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """Asks over and over on one connection, until the time is over. `failed` are answers that are not 2xx or 3xx."""

    def __init__(self, requests: Iterator[bytes], until: float, times: list[float]) -> None:
        self.requests, self.until, self.times = requests, until, times
        self.failed, self.began, self.received = 0, time.perf_counter(), b""
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Ends the request when all of its answer is there, and begins the next."""
        self.received = self.received + data if self.received else data
        if find_end(self.received) is not None:
            self.failed += self.received[9:10] not in b"23"
            self.times.append(time.perf_counter() - self.began)
            is_last = _CLOSING.search(self.received, 0, self.received.find(b"\r\n\r\n"))  # nginx: after 1,000 requests
            self.received = b""
            if time.perf_counter() < self.until and not is_last:
                self._ask()
            else:
                self.over.set_result(None)

    def connection_lost(self, problem: Exception | None) -> None:  # noqa: ARG002 (asyncio gives it)
        """Counts the request as failed: a server that has too much to do may close the connection."""
        if not self.over.done():
            self.failed += 1
            self.times.append(time.perf_counter() - self.began)
            self.over.set_result(None)

    def _ask(self) -> None:
        self.began = time.perf_counter()
        self.transport.write(next(self.requests))


def find_end(received: bytes) -> int | None:
    """Where an answer ends: after as many bytes as its head says, or after the empty chunk. None: it goes on."""
    at = received.find(b"\r\n\r\n") + 4
    if at == 3:
        return None
    if _CHUNKED.search(received, 0, at) is None:
        length = _LENGTH.search(received, 0, at)
        at += int(length[1]) if length else 0
        return at if len(received) >= at else None
    while (line := received.find(b"\r\n", at)) != -1:
        size = int(received[at:line].partition(b";")[0], 16)
        at = line + 2 + size + 2
        if size == 0:
            return at if len(received) >= at else None
    return None


def make_requests(host: str) -> Iterator[bytes]:
    """The requests that the environment describes, one after the other."""
    read = os.environ.get
    body = read("BENCH_BODY", "").encode()
    lines = [f"{'POST' if body else 'GET'} {read('BENCH_PATH', '/')} HTTP/1.1"]
    lines += [f"Host: {host}", *([f"Content-Length: {len(body)}"] if body else [])]
    for header, name in (("Accept", "BENCH_ACCEPT"), ("If-None-Match", "BENCH_TAG")):
        lines += [f"{header}: {value}"] if (value := read(name)) else []
    head = "\r\n".join([*lines, "", ""]).encode()
    return (head.replace(b"{n}", b"%d" % number) + body for number in count(int(read("BENCH_FIRST", "0"))))


async def ask(host: str, port: int, requests: Iterator[bytes], until: float, times: list[float]) -> int:
    """Asks on one connection, and on another where that is closed; returns how many requests failed."""
    loop, failed = asyncio.get_running_loop(), 0
    while (began := time.perf_counter()) < until:
        try:
            transport, connection = await loop.create_connection(lambda: Connection(requests, until, times), host, port)
        except OSError:
            failed += 1
            times.append(time.perf_counter() - began)
        else:
            await connection.over
            transport.close()
            failed += connection.failed
    return failed


async def main(url: str, seconds: float, connections: int) -> None:
    """Asks on every connection at once, and prints what came of it."""
    address, times = urlsplit(url), list[float]()
    requests, began = make_requests(address.netloc), time.perf_counter()
    host, port = str(address.hostname), int(address.port or 80)
    crowd = [ask(host, port, requests, began + seconds, times) for _ in range(connections)]
    failed = sum(await asyncio.gather(*crowd))
    took = time.perf_counter() - began
    cuts = quantiles(times if len(times) > 1 else 2 * times, n=100)
    outcome = {"requests": len(times), "seconds": took, "p50": cuts[49] * 1e3, "p99": cuts[98] * 1e3, "failed": failed}
    print(json.dumps(outcome))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))
