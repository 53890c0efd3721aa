"""Read whole tables slowly and many at once: `python -m bench.readers URL PID` says what a service needs, and sends."""

import argparse
import asyncio
from collections import Counter
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.servers import Service, read_memory

SLOW, AT_ONCE = 60, 40
TABLE = "/v1/figures.csv?columns=all&sort=value&year=1900..{}"
"""Each reader has a year of its own, so that no answer comes from memory; all have nearly all figures."""
BYTES_A_READ, SECONDS_A_READ = 65_536, 1.0
SLOW_SECONDS = 20
"""Readers are slow for so long, and then take what is left, to see that it comes to its end."""
END_OF_CHUNKS = b"\r\n0\r\n\r\n"


class Seen(NamedTuple):
    """The answers by status, `cut` for those without their end, and the most memory in MB."""

    slow: Counter[str]
    at_once: Counter[str]
    memory: float


async def read(address: str, path: str, slow_seconds: float = 0) -> str:
    """Return the status of an answer that is read to its end, slowly at first, or `cut` if that does not come."""
    place = urlsplit(address)
    reader, writer = await asyncio.open_connection(
        place.hostname, place.port, limit=BYTES_A_READ
    )
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    )
    status, end, read_slowly = "cut", b"", 0.0
    with suppress(ConnectionResetError):
        head = await reader.readuntil(b"\r\n\r\n")
        while piece := await reader.read(BYTES_A_READ):
            end = (end + piece)[-len(END_OF_CHUNKS) :]
            if read_slowly < slow_seconds:
                await asyncio.sleep(SECONDS_A_READ)
                read_slowly += SECONDS_A_READ
        is_in_chunks = b"transfer-encoding: chunked" in head.lower()
        if end == END_OF_CHUNKS or not is_in_chunks:
            status = head.split()[1].decode()
    writer.close()
    return status


async def watch(process: int, seen: list[float]) -> None:
    """Note the memory of a process, twice a second."""
    while True:
        seen.append(read_memory(process))
        await asyncio.sleep(0.5)


async def read_all(
    address: str, process: int, slow: int = SLOW, at_once: int = AT_ONCE
) -> Seen:
    """Have slow readers begin, and then download many tables at once."""
    memories = list[float]()
    watching = asyncio.create_task(watch(process, memories))
    paths = [TABLE.format(9999 - number) for number in range(slow + at_once)]
    slowly = [
        asyncio.create_task(read(address, path, SLOW_SECONDS)) for path in paths[:slow]
    ]
    await asyncio.sleep(SLOW_SECONDS / 2)
    quickly = [read(address, path) for path in paths[slow:]]
    downloaded = Counter(await asyncio.gather(*quickly))
    read_slowly = Counter(await asyncio.gather(*slowly))
    watching.cancel()
    return Seen(read_slowly, downloaded, max(memories))


def measure_readers(service: Service) -> float:
    """Return the most memory in MB that a service takes with all readers, of which it cuts off none."""
    seen = asyncio.run(read_all(service.url, service.process.pid))
    if "cut" in seen.slow | seen.at_once:
        raise SystemExit(f"{service.url}: tables were cut off: {seen}")
    return seen.memory


def main() -> None:
    """Measure a service that runs."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.readers", description=__doc__
    )
    parser.add_argument("address")
    parser.add_argument("process", type=int)
    asked = parser.parse_args()
    before = read_memory(asked.process)
    seen = asyncio.run(read_all(asked.address, asked.process))
    print(f"{SLOW} slow readers: {dict(seen.slow)}")
    print(f"{AT_ONCE} downloads at once: {dict(seen.at_once)}")
    print(f"memory: {before:.0f} MB before, {seen.memory:.0f} MB at most")


if __name__ == "__main__":
    main()
