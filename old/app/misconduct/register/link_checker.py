"""Check whether an address still answers: one request at a time, with pauses, and only to public hosts."""

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

from misconduct.model.kinds import LONGEST_TEXT, LinkStatus

ARCHIVE = "https://archive.org/wayback/available"
"""Where the Internet Archive says which copy of an address it has."""

LARGEST_BODY = 5_000_000  # bytes
ADDRESS_OF_STRANGERS = re.compile(r"https?://[!-~]+")
MOST_MOVES = 5

_RETRY_WITH_GET = frozenset({400, 403, 404, 405, 501})
"""Statuses with which servers reject HEAD though they would answer GET."""

_STATUSES: dict[int, LinkStatus] = {404: "not_found", 410: "gone", 429: "too_many_requests"}
_PERMANENT = frozenset({301, 308})
_WAITING = frozenset({429, 503})

_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""The prefix for reaching IPv4 hosts from a network without IPv4; the last 32 bits are the address (RFC 6052)."""

_SPECIAL = [ipaddress.ip_network(one) for one in ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "3fff::/20")]
"""What the registries of IANA do not count as public, and Python 3.11 does."""


@dataclass(frozen=True, slots=True)
class LinkCheckOptions:
    """Options for requests. Times are in seconds; `archive` is the address to ask for copies, if any."""

    timeout: float = 20.0
    pause: float = 1.0
    longest_wait: float = 60.0
    allow_private: bool = False
    archive: str | None = None
    contact: str | None = None

    @property
    def user_agent(self) -> str:
        """Name the program, and whom to contact about it."""
        contact = "".join(c for c in self.contact or "" if c.isascii() and c.isprintable())
        return f"misconduct-register/{version('misconduct')}{f' (+{contact})' if contact else ''}"


class LinkResult(NamedTuple):
    """The result for an address. The hash is of the whole body; None if that is longer than 5 MB."""

    status: LinkStatus
    final_address: str | None = None
    body_sha256: str | None = None


class PrivateAddress(Exception):
    """A host that is not on the public internet, or an address that is not http or https."""


class LinkChecker:
    """Request addresses, with a pause between two requests to one host, and longer where the host asks for it."""

    def __init__(self, client: httpx.AsyncClient, options: LinkCheckOptions) -> None:
        self._client, self._manners = client, options
        self._not_before: dict[str, float] = {}

    async def check(self, address: str) -> LinkResult:
        """Request an address, following redirects, and return the result."""
        self._client.cookies.clear()  # a host may set some for all of .co.uk, whose heads others then refuse
        moves: list[int] = []
        here = address
        while len(moves) <= MOST_MOVES:
            answer = await self._fetch_or_status(here)
            final = _read_address(here) if here != address else None
            if isinstance(answer, str):
                return LinkResult(answer, final)
            if answer.moved_to is None:
                return LinkResult(_classify(answer.status, moves), final, answer.sha256)
            moves.append(answer.status)
            here = answer.moved_to
        return LinkResult("too_many_redirects")

    async def find_copy(self, address: str) -> str | None:
        """Return the archive's copy; None if it has none, does not say, or is not to be asked."""
        if self._manners.archive is None:
            return None
        try:
            url = httpx.URL(self._manners.archive).copy_merge_params({"url": address})
            found = orjson.loads((await self._fetch_with_retry("GET", url)).body or b"")
            return _read_address(found["archived_snapshots"]["closest"]["url"])
        except Exception:  # noqa: BLE001 - whatever a stranger's server makes of it
            return None

    async def _fetch_or_status(self, address: str) -> _Response | LinkStatus:
        """Return the response, or the status that says why there is none."""
        try:
            url = httpx.URL(address)
            head = await self._fetch_with_retry("HEAD", url)
            if not head.is_success and head.status not in _RETRY_WITH_GET:
                return head
            return await self._fetch_with_retry("GET", url)
        except (PrivateAddress, httpx.InvalidURL):
            return "refused_address"
        except TimeoutError:
            return "timeout"
        except Exception:  # noqa: BLE001 - whatever a stranger's server makes of it, others are asked
            return "unreachable"

    async def _fetch_with_retry(self, method: str, url: httpx.URL) -> _Response:
        """Request, and once more if the host says when to retry."""
        if not await self._wait(url.host):
            return _Response(429)
        answer = await self._ask(method, url)
        if answer.retry_after is None or not await self._wait(url.host):
            return answer
        return await self._ask(method, url)

    async def _wait(self, host: str) -> bool:
        """Wait until the host may be requested; return False, at once, if that is too long."""
        wait = self._not_before.get(host, 0.0) - asyncio.get_running_loop().time()
        if wait > self._manners.longest_wait:
            return False
        await asyncio.sleep(max(0.0, wait))
        return True

    async def _ask(self, method: str, url: httpx.URL) -> _Response:
        wait = self._manners.pause
        try:
            async with asyncio.timeout(self._manners.timeout), self._client.stream(method, url) as response:
                answer = await _read(response)
            wait = max(wait, answer.retry_after or 0.0)
            return answer
        finally:
            self._not_before[url.host] = asyncio.get_running_loop().time() + wait


class _Response(NamedTuple):
    """One response of a server; `retry_after`, in seconds, only if the server asks to retry later."""

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
async def open_link_checker(options: LinkCheckOptions) -> AsyncIterator[LinkChecker]:
    """Open a link checker with these options. It ignores the environment (proxies, passwords)."""
    headers = {"User-Agent": options.user_agent, "Accept-Encoding": "identity"}
    transport = PublicTransport(allow_private=options.allow_private)
    async with httpx.AsyncClient(transport=transport, headers=headers, timeout=None, trust_env=False) as client:  # noqa: S113 - asyncio.timeout bounds the whole request
        yield LinkChecker(client, options)


class PublicTransport(httpx.AsyncBaseTransport):
    """Connect to the very addresses that were looked up and found public: a second look-up could return others."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        # A kept connection is known by its IP address; another host there needs a certificate of its own.
        self._inner = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to the first of the host's addresses that accepts a connection."""
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
        """Send to an IP address. The `Host` header stays as it was, and the certificate must be the host's."""
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


def is_public(address: str) -> bool:
    """Return whether an IP address is on the public internet, in whatever form it is written."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped or ip in _TRANSLATED:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)))
        if ip.sixtofour or ip.teredo:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or any(ip in one for one in _SPECIAL))


async def _look_up(host: str) -> list[str]:
    """Look up the host's IP addresses, in the order in which to try them."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError(f"{host}: {error}") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def _read(response: httpx.Response) -> _Response:
    moved_to = str(response.next_request.url) if response.next_request else None
    waits = response.status_code in _WAITING
    retry_after = _seconds(response.headers.get("Retry-After", "")) if waits else None
    return _Response(response.status_code, moved_to, retry_after, await _read_body(response))


async def _read_body(response: httpx.Response) -> bytes | None:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _read_address(text: str) -> str | None:
    """Return an address that a server has named, if a record may have it."""
    return text if len(text) <= LONGEST_TEXT and ADDRESS_OF_STRANGERS.fullmatch(text) else None


def _seconds(retry_after: str) -> float | None:
    """Parse Retry-After (RFC 9110: seconds, or a date) into seconds; None if it cannot be read."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        then = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    return max(0.0, ((then if then.tzinfo else then.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())


def _classify(status: int, moves: list[int]) -> LinkStatus:
    if 200 <= status < 300:
        return "answers" if not moves else "moved_permanently" if _PERMANENT.issuperset(moves) else "moved_temporarily"
    return _STATUSES.get(status, "refused" if 400 <= status < 500 else "server_error")
