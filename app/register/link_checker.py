"""Asking the web whether an address still answers: politely, one request at a time, and only of public hosts."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import NamedTuple

import httpx
import orjson

from app.domain.kinds import ADDRESS, LinkStatus

ARCHIVE = "https://archive.org/wayback/available"
"""Where the Internet Archive says which copy it has of an address."""

LARGEST_BODY = 5_000_000  # bytes
MOST_MOVES = 5

_HEAD_IS_NO_ANSWER = frozenset({400, 403, 404, 405, 501})
"""What servers say to HEAD though GET would be answered."""

_STATUSES: dict[int, LinkStatus] = {404: "not_found", 410: "gone", 429: "too_many_requests"}
_PERMANENT = frozenset({301, 308})
_WAITING = frozenset({429, 503})

_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""Where the IPv4 internet is reached from a network without IPv4; the last 32 bits are the address (RFC 6052)."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How the web is asked. Times are in seconds; `archive` is where copies are asked for, if they are."""

    timeout: float = 20.0
    pause: float = 1.0
    longest_wait: float = 60.0
    allow_private: bool = False
    archive: str | None = None
    contact: str | None = None

    @property
    def user_agent(self) -> str:
        """Who asks, and whom to write to if that is unwelcome."""
        contact = "".join(c for c in self.contact or "" if c.isascii() and c.isprintable())
        return f"misconduct-register/{version('misconduct')}{f' (+{contact})' if contact else ''}"


class Finding(NamedTuple):
    """What came of an address. The hash is of the whole body, and None where that is longer than 5 MB."""

    status: LinkStatus
    final_address: str | None = None
    body_sha256: str | None = None


class PrivateAddress(Exception):
    """A host that is not on the public internet, or an address that is not of the web."""


class Web:
    """Asks addresses: a pause between two requests to one host, and as long a wait as the host asks for."""

    def __init__(self, client: httpx.AsyncClient, manners: Manners) -> None:
        self._client, self._manners = client, manners
        self._not_before: dict[str, float] = {}

    async def check(self, address: str) -> Finding:
        """What comes of an address, and of those to which it moved."""
        moves: list[int] = []
        here = address
        while len(moves) <= MOST_MOVES:
            answer = await self._ask_carefully(here)
            final = here if here != address and re.match(ADDRESS, here) else None
            if isinstance(answer, str):
                return Finding(answer, final)
            if answer.moved_to is None:
                return Finding(_classify(answer.status, moves), final, answer.sha256)
            moves.append(answer.status)
            here = answer.moved_to
        return Finding("too_many_redirects")

    async def find_copy(self, address: str) -> str | None:
        """Where the archive has a copy; None where it has none, does not say, or is not to be asked."""
        if self._manners.archive is None:
            return None
        try:
            url = httpx.URL(self._manners.archive).copy_merge_params({"url": address})
            found = orjson.loads((await self._ask_patiently("GET", url)).body or b"")
            copy = found["archived_snapshots"]["closest"]["url"]
        except (PrivateAddress, OSError, httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
            return None
        return copy if isinstance(copy, str) and re.match(ADDRESS, copy) else None

    async def _ask_carefully(self, address: str) -> _Answer | LinkStatus:
        """The answer, or the word for why there is none."""
        try:
            url = httpx.URL(address)
            head = await self._ask_patiently("HEAD", url)
            if not head.is_success and head.status not in _HEAD_IS_NO_ANSWER:
                return head
            return await self._ask_patiently("GET", url)
        except (PrivateAddress, httpx.InvalidURL):
            return "refused_address"
        except TimeoutError:
            return "timeout"
        except (httpx.HTTPError, OSError):
            return "unreachable"

    async def _ask_patiently(self, method: str, url: httpx.URL) -> _Answer:
        """Asks, and once more where the host says when to come again."""
        if not await self._wait(url.host):
            return _Answer(429)
        answer = await self._ask(method, url)
        if answer.retry_after is None or not await self._wait(url.host):
            return answer
        return await self._ask(method, url)

    async def _wait(self, host: str) -> bool:
        """Waits until the host may be asked; False, at once, if that is too long."""
        wait = self._not_before.get(host, 0.0) - asyncio.get_running_loop().time()
        if wait > self._manners.longest_wait:
            return False
        await asyncio.sleep(max(0.0, wait))
        return True

    async def _ask(self, method: str, url: httpx.URL) -> _Answer:
        wait = self._manners.pause
        try:
            async with asyncio.timeout(self._manners.timeout), self._client.stream(method, url) as response:
                answer = await _read(response)
            wait = max(wait, answer.retry_after or 0.0)
            return answer
        finally:
            self._not_before[url.host] = asyncio.get_running_loop().time() + wait


class _Answer(NamedTuple):
    """One answer of a server; `retry_after`, in seconds, only where it asks to come again."""

    status: int
    moved_to: str | None = None
    retry_after: float | None = None
    body: bytes | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def sha256(self) -> str | None:
        return hashlib.sha256(self.body).hexdigest() if self.is_success and self.body is not None else None


@asynccontextmanager
async def open_web(manners: Manners) -> AsyncIterator[Web]:
    """The web, for a caller with these manners. Nothing of the environment (proxies, passwords) is used."""
    headers = {"User-Agent": manners.user_agent, "Accept-Encoding": "identity"}
    transport = PublicTransport(allow_private=manners.allow_private)
    async with httpx.AsyncClient(transport=transport, headers=headers, timeout=None, trust_env=False) as client:  # noqa: S113 - asyncio.timeout bounds the whole request
        yield Web(client, manners)


class PublicTransport(httpx.AsyncBaseTransport):
    """Connects to the very addresses that were looked up and found public: a second look-up could give others."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        # A kept connection is known by its IP address; another host there needs a certificate of its own.
        self._inner = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends the request to the first of the host's addresses that takes a connection."""
        host = request.url.raw_host.decode("ascii")
        if not host or request.url.scheme not in ("http", "https") or request.url.userinfo:
            raise PrivateAddress(str(request.url))
        addresses = await _look_up(host)
        if not (self._allow_private or all(map(is_public, addresses))):
            raise PrivateAddress(host)
        for address in addresses[:-1]:
            try:
                return await self._send(request, address, host)
            except httpx.ConnectError:
                continue
        return await self._send(request, addresses[-1], host)

    async def _send(self, request: httpx.Request, address: str, host: str) -> httpx.Response:
        """The `Host` header stays as it was, and the certificate must be the host's."""
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        """Closes what is open."""
        await self._inner.aclose()


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, whichever way it is written."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped or ip in _TRANSLATED:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)))
        if ip.sixtofour or ip.teredo:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


async def _look_up(host: str) -> list[str]:
    """The host's IP addresses, in the order in which to try them."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError(f"{host}: {error}") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def _read(response: httpx.Response) -> _Answer:
    moved_to = str(response.next_request.url) if response.next_request else None
    waits = response.status_code in _WAITING
    retry_after = _seconds(response.headers.get("Retry-After", "")) if waits else None
    return _Answer(response.status_code, moved_to, retry_after, await _read_body(response))


async def _read_body(response: httpx.Response) -> bytes | None:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _seconds(retry_after: str) -> float | None:
    """How long to wait (RFC 9110: seconds, or a date); None where that cannot be read."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        then = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, ((then if then.tzinfo else then.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())


def _classify(status: int, moves: list[int]) -> LinkStatus:
    if 200 <= status < 300:
        return "answers" if not moves else "moved_permanently" if _PERMANENT.issuperset(moves) else "moved_temporarily"
    return _STATUSES.get(status, "refused" if 400 <= status < 500 else "server_error")
