"""Ask addresses politely: a host one thing at a time, after a pause, with limits, and never a private network."""

import asyncio
import math
import re
from collections import defaultdict
from importlib.metadata import version
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

import httpx

HOSTS = 8  # that are asked at the same time
MAX_REDIRECTS = 5  # http to https, to www, and to where a page is now, with room
TRIES = 3  # of a host that asks us to come back later
UNSAID_WAIT = 5.0  # seconds, if it doesn't say when

_CHARSET = re.compile(r";\s*charset=[\"']?([\w-]+)", re.IGNORECASE)
_LATER = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
_REFUSED = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
_GONE = (httpx.codes.NOT_FOUND, httpx.codes.GONE)
_REMEDIES: dict[int, str] = dict.fromkeys(_GONE, "write where it is now as watch")
_REMEDIES |= dict.fromkeys(_REFUSED, "it refuses programs: look at it yourself")


class Limits(NamedTuple):
    """What is asked of a host, and of us."""

    pause: float = 1  # seconds before each request
    patience: float = 30  # seconds for an answer: 5 MB at the speed of a slow line
    longest_wait: float = 60  # who asks for a longer pause is asked in the next run
    most: int = 5_000_000  # bytes: the largest table of the register has 2.9 MB
    work: float = 20  # seconds to read one answer: a hostile page could take hours
    host: str | None = None  # of a private network, which may be asked: for tests


class Answer(NamedTuple):
    """What an address answered, or that nothing has changed."""

    address: str
    body: bytes = b""
    media_type: str = ""
    charset: str | None = None
    etag: str = ""
    modified: str = ""
    is_known: bool = False


class NotRead(Exception):
    """An address could not be read. Says why, and what to do."""


class Gone(NotRead):
    """There is no such address any more."""


class Unreachable(NotRead):
    """No host answered, as if there were no network."""


class PublicOnly(httpx.AsyncBaseTransport):
    """Connect to addresses of the public internet: to the one that was checked, whatever its name stands for next."""

    def __init__(self, allowed: str | None) -> None:
        self._allowed = allowed
        self._transport = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.netloc.decode() == self._allowed:
            return await self._transport.handle_async_request(request)
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(url.host, None)
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"{url.host} is not known: {error}") from error
        numbers = [str(one[4][0]) for one in found]
        if not all(map(_is_public, numbers)):
            raise NotRead(f"{url.host} is in a private network, which is never asked")
        checked = httpx.Request(
            request.method,
            url.copy_with(host=numbers[0]),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.host},
        )
        return await self._transport.handle_async_request(checked)

    async def aclose(self) -> None:
        await self._transport.aclose()


def _is_public(number: str) -> bool:
    address = ip_address(number)
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or address
    return address.is_global and not address.is_multicast


class Asker:
    """Ask addresses. Several hosts may be asked at the same time, each for one thing."""

    def __init__(self, agent: str, limits: Limits) -> None:
        self.limits = limits
        self._turns = asyncio.Semaphore(HOSTS)
        self._hosts = defaultdict[str, asyncio.Lock](asyncio.Lock)
        self.client = httpx.AsyncClient(
            transport=PublicOnly(limits.host),
            headers={"User-Agent": agent, "Accept-Encoding": "identity"},
            timeout=None,  # noqa: S113 - there is one for the whole answer
            trust_env=False,
        )

    async def ask(self, address: str, etag: str = "", modified: str = "") -> Answer:
        """Return what an address answers. Raises NotRead, whatever a server does: the others are still asked."""
        conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
        headers = {name: value for name, value in conditions.items() if value}
        try:
            return await self._follow(
                self.client.build_request("GET", address, headers=headers)
            )
        except NotRead:
            raise
        except TimeoutError:
            seconds = f"{self.limits.patience:g} seconds"
            raise NotRead(f"it took longer than {seconds}: run this again") from None
        except httpx.ConnectError as error:
            remedy = "run this again, or look at it yourself"
            raise Unreachable(f"it cannot be reached ({error}): {remedy}") from None
        except Exception as error:  # noqa: BLE001 - one address must not end the run
            message = str(error) or type(error).__name__
            raise NotRead(f"its answer is broken ({message}): run this again") from None

    async def _follow(self, request: httpx.Request) -> Answer:
        for _ in range(MAX_REDIRECTS + 1):
            async with self._hosts[request.url.host], self._turns:
                answer = await self._try(request)
            if isinstance(answer, Answer):
                return answer
            request = answer
        raise NotRead(
            f"it redirects more than {MAX_REDIRECTS} times: open it in a browser, and write where it is now as watch"
        )

    async def _try(self, request: httpx.Request) -> Answer | httpx.Request:
        """Return an answer, or the request for where it is; ask again if a host says when."""
        for _ in range(TRIES):
            await asyncio.sleep(self.limits.pause)
            async with asyncio.timeout(self.limits.patience):
                response = await self.client.send(request, stream=True)
                try:
                    if response.next_request:
                        return response.next_request
                    if response.status_code not in _LATER:
                        return await self._read(response)
                finally:
                    await response.aclose()
            seconds = _read_wait(response.headers.get("Retry-After"))
            if seconds > self.limits.longest_wait:
                break
            await asyncio.sleep(seconds)
        raise NotRead(f"it is too busy ({response.status_code}): run this again later")

    async def _read(self, response: httpx.Response) -> Answer:
        address, headers = str(response.request.url), response.headers
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return Answer(address, is_known=True)
        if not response.is_success:
            status = f"{response.status_code} {response.reason_phrase}"
            remedy = _REMEDIES.get(response.status_code, "look at it yourself")
            is_gone = response.status_code in _GONE
            raise (Gone if is_gone else NotRead)(f"{status}: {remedy}")
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > self.limits.most:
                limit = f"{self.limits.most:,} bytes"
                raise NotRead(f"it is longer than {limit}: download it yourself")
        kind = headers.get("Content-Type", "text/html")
        stated = _CHARSET.search(kind)
        return Answer(
            address,
            bytes(body),
            kind.partition(";")[0].strip().lower(),
            stated and stated[1],
            headers.get("ETag", ""),
            headers.get("Last-Modified", ""),
        )


def name_agent(contact: str | None) -> str:
    """Return what we call ourselves: publishers see the program, and whom they can ask about it."""
    name = f"misconduct-register/{version('misconduct')}"
    return f"{name} (+{contact})" if contact else name


def _read_wait(stated: str | None) -> float:
    """Return how many seconds a server asks us to wait; one that says a time is asked again in the next run."""
    if not stated:
        return UNSAID_WAIT
    return float(stated) if stated.isdecimal() else math.inf
