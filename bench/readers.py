"""Read whole tables slowly, and many at once."""

import asyncio
from collections import Counter
from contextlib import suppress
from urllib.parse import urlsplit

from bench.servers import Service

SLOW, AT_ONCE = 60, 40
TABLE = "/v1/figures.csv?columns=all&sort=value&year=1900..{}"
"""Each reader has a year of its own, so that no answer comes from memory."""
BYTES_A_READ, SECONDS_A_READ = 65_536, 1.0
SLOW_SECONDS = 20
"""Readers are slow for so long, and then take what is left, until its end."""
END_OF_CHUNKS = b"\r\n0\r\n\r\n"


async def read(address: str, path: str, slow_seconds: float = 0) -> str:
    """Return the status of an answer that is read, or `cut` if its end is missing."""
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


async def read_all(address: str) -> Counter[str]:
    """Have slow readers begin, and then download many at once. Count the statuses."""
    paths = [TABLE.format(9999 - number) for number in range(SLOW + AT_ONCE)]
    slow = [read(address, path, SLOW_SECONDS) for path in paths[:SLOW]]
    reading = asyncio.gather(*slow)
    await asyncio.sleep(SLOW_SECONDS / 2)
    downloaded = await asyncio.gather(*(read(address, path) for path in paths[SLOW:]))
    return Counter([*downloaded, *await reading])


def measure_readers(service: Service) -> float:
    """Return the most memory in MB of a service that has many readers, and cuts none."""
    seen = asyncio.run(read_all(service.url))
    if "cut" in seen:
        raise SystemExit(f"{service.url}: tables were cut off: {seen}")
    return service.peak_memory()
