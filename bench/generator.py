"""A load generator for machines without wrk: `python -m bench.generator URL SECONDS CONNECTIONS`.

Reads the same environment as wrk.lua and prints the same line. It costs more than what it measures: on few cores its
rates are lower limits.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
import time
from statistics import quantiles
from urllib.parse import urlsplit


async def ask(host: str, port: int, until: float, numbers: itertools.count[int], times: list[float]) -> int:
    """Asks on one connection until the time is over; returns how many answers did not come, or are not 2xx or 3xx.

    A server that has too much to do may close the connection: then the next request has a new one.
    """
    connection, failed = None, 0
    while (began := time.perf_counter()) < until:
        try:
            reader, writer = connection = connection or await asyncio.open_connection(host, port)
            writer.write(encode_request(host, next(numbers)))
            head = await reader.readuntil(b"\r\n\r\n")
            await read_body(reader, head)
            failed += head[9:10] not in b"23"
        except (OSError, asyncio.IncompleteReadError):
            connection, failed = None, failed + 1
        times.append(time.perf_counter() - began)
    if connection:
        connection[1].close()
    return failed


async def read_body(reader: asyncio.StreamReader, head: bytes) -> None:
    """Reads what follows a head: as many bytes as it says, or chunks up to the empty one."""
    lines = (line.lower().partition(b":") for line in head.split(b"\r\n")[1:-2])
    fields = {name: value.strip() for name, _, value in lines}
    if fields.get(b"transfer-encoding") == b"chunked":
        while length := int((await reader.readline()).partition(b";")[0], 16):
            await reader.readexactly(length + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(fields.get(b"content-length", b"0")))


def encode_request(host: str, number: int) -> bytes:
    """The request that the environment describes."""
    read = os.environ.get
    body = read("BENCH_BODY", "").encode()
    lines = [f"{'POST' if body else 'GET'} {read('BENCH_PATH', '/').replace('{n}', str(number))} HTTP/1.1"]
    lines += [f"Host: {host}", *([f"Content-Length: {len(body)}"] if body else [])]
    for header, name in (("Accept", "BENCH_ACCEPT"), ("If-None-Match", "BENCH_TAG")):
        lines += [f"{header}: {value}"] if (value := read(name)) else []
    return "\r\n".join([*lines, "", ""]).encode() + body


async def main(url: str, seconds: float, connections: int) -> None:
    """Asks on every connection at once, and prints what came of it."""
    address, times = urlsplit(url), list[float]()
    numbers = itertools.count(int(os.environ.get("BENCH_FIRST", "0")))
    began = time.perf_counter()
    crowd = [
        ask(str(address.hostname), int(address.port or 80), began + seconds, numbers, times) for _ in range(connections)
    ]
    failed = sum(await asyncio.gather(*crowd))
    took, cuts = time.perf_counter() - began, quantiles(times, n=100)
    outcome = {"requests": len(times), "seconds": took, "p50": cuts[49] * 1e3, "p99": cuts[98] * 1e3, "failed": failed}
    print(json.dumps(outcome))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))
