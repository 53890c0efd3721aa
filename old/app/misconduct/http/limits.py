"""Which requests are admitted and which are refused at once, so that admitted ones are answered in time (plain ASGI).

The cache, in front, calls `admit` for each request that it cannot answer itself; what it answers is neither counted nor
refused (docs/decisions/0013). `Limits` as a layer, inside, notes when the answers of admitted requests begin.
"""

from __future__ import annotations

import re
from asyncio import get_running_loop
from collections import Counter, OrderedDict
from functools import lru_cache
from ipaddress import ip_address
from math import ceil
from time import monotonic

from limits import RateLimitItem
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from misconduct.db.turns import CLIENT, Turns
from misconduct.errors import ApiProblem, Overloaded, TooManyRequests
from misconduct.settings import Settings

LONGEST_QUERY = 8_000  # bytes of a query string
MOST_PAIRS = 200  # parameters of a query string
ADDED = ("release", "as_of", "cursor")  # what links add to it, which does not count
LONGEST_ADDED = 4_200  # bytes of that

ALWAYS_ANSWERED = frozenset(("/healthz", "/readyz", "/metrics"))
"""Addresses for operators, who need them most when the service is overloaded."""

STARTS = 4  # requests that begin between two looks at the sockets; to begin one takes about a millisecond
FEW = 16  # is that part of all requests at work; four by default
CLIENTS_KEPT = 100_000
SHORTEST_WAIT = 0.001  # seconds; sums of small numbers are that exact
_ADDED = re.compile(rf"(?:^|&)(?:{'|'.join(ADDED)})=".encode())
FORWARDED = re.compile(r"\[(.*)\](?::\d+)?|([^:]*)(?::\d+)?|(.*)")  # [::1]:567, 192.0.2.1:567, or an address alone
NETWORK_BITS = 64  # of an IPv6 address: one client may use every address of its network

OVERLOADED = "The service has too many requests at the moment. Please try again shortly."
AT_WORK = "misconduct.at_work"
"""The key of a scope that counts as at work: whose it is."""


class Limits:
    """Wraps the routes. `at_work` counts the admitted requests whose answers have not begun yet.

    After that a request no longer counts, so that a slow client does not occupy a slot.
    """

    def __init__(self, application: ASGIApp, settings: Settings) -> None:
        self.application = application
        self.at_work, self._at_work_of = 0, Counter[str]()
        self._starts = Turns(STARTS)
        self._most = settings.requests_at_work
        self._proxies = settings.trusted_proxies
        self._allowance = Allowance(settings.rate_limit) if settings.rate_limit else None

    def admit(self, scope: Scope, *, is_waiting: bool = False) -> ApiProblem | None:
        """Admit a request, or return the reason for refusing it; the client's own limit comes first.

        `is_waiting`: for another request's answer, which is no work. An admitted request must reach this layer.
        """
        if scope["path"] in ALWAYS_ANSWERED or scope["method"] == "OPTIONS":
            return None
        if self._allowance is not None:
            seconds = self._allowance.take(find_client(scope, self._proxies), monotonic())
            if seconds > 0:
                return _too_many(self._allowance, ceil(seconds))
        return None if is_waiting else self.enter(scope)

    def enter(self, scope: Scope) -> ApiProblem | None:
        """Count a request as at work, or return the reason for refusing it.

        A quarter more places are for clients with few at work, so that one that fills all others keeps nobody out.
        """
        client = find_client(scope, self._proxies)
        has_few = self._at_work_of[client] < max(self._most // FEW, 1)
        if self.at_work >= self._most + (self._most // 4 if has_few else 0):
            return Overloaded(OVERLOADED)
        self.at_work += 1
        self._at_work_of[client] += 1
        scope[AT_WORK] = client
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if AT_WORK not in scope:
            await self.application(scope, receive, send)
            return
        client, has_begun = scope[AT_WORK], False

        def begin() -> None:
            nonlocal has_begun
            if not has_begun:
                has_begun = True
                self.at_work -= 1
                self._at_work_of[client] -= 1
                if not self._at_work_of[client]:
                    del self._at_work_of[client]

        async def send_and_begin(message: Message) -> None:
            begin()
            await send(message)

        CLIENT.set(client)
        try:
            await self._take_turn()
            await self.application(scope, receive, send_and_begin)
        finally:
            begin()

    async def _take_turn(self) -> None:
        """Wait until a few requests have begun, those of other clients first, so that quick ones can go first."""
        client = await self._starts.acquire()
        get_running_loop().call_soon(self._starts.release, client)  # behind what this request does at once


def _too_many(allowance: Allowance, seconds: int) -> TooManyRequests:
    amount, window = allowance.amount, allowance.window
    said = f"The limit is {amount} requests in {window} seconds. Cached answers do not count."
    return TooManyRequests(said, amount=amount, window=window, seconds=seconds)


class Allowance:
    """Limits each client to `amount` requests at once, given back evenly over `window` seconds (GCRA).

    Keeps one number per client: the time at which its allowance is whole again. Forgets the oldest of too many clients.
    """

    def __init__(self, limit: RateLimitItem) -> None:
        self.amount, self.window = limit.amount, limit.get_expiry()
        self._whole_at: OrderedDict[str, float] = OrderedDict()

    def take(self, client: str, now: float) -> float:
        """Spend one request of a client. Returns 0.0, or the seconds until it has one to spend."""
        whole_at = max(self._whole_at.get(client, now), now) + self.window / self.amount
        if (seconds := whole_at - now - self.window) > SHORTEST_WAIT:
            return seconds
        self._whole_at[client] = whole_at
        self._whole_at.move_to_end(client)
        if len(self._whole_at) > CLIENTS_KEPT:
            self._whole_at.popitem(last=False)
        return 0.0


def is_too_long(query: bytes) -> bool:
    """Return whether a query string has more bytes than are read: LONGEST_QUERY, or more with what links add."""
    return len(query) > LONGEST_QUERY and len(query) > LONGEST_QUERY + (LONGEST_ADDED if count_added(query) else 0)


def count_added(query: bytes) -> int:
    """Return how many parameters of a query string are such as links add."""
    return len(_ADDED.findall(query))


def find_client(scope: Scope, proxies: int) -> str:
    """Return the client's address, of IPv6 its network: the peer's, or what the outermost of our proxies has noted.

    Anybody can have written what is further left in X-Forwarded-For.
    """
    peer = scope["client"][0] if scope.get("client") else ""
    noted = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").split(b",")
    if 0 < proxies <= len(noted):
        return network_of(_strip_port(noted[-proxies].decode("latin-1").strip())) or network_of(peer)
    return network_of(peer)


def _strip_port(noted: str) -> str:
    """Return the address without the port and brackets that some proxies add."""
    match = FORWARDED.fullmatch(noted)
    return next(filter(None, match.groups()), "") if match else ""


@lru_cache(maxsize=1024)
def network_of(address: str) -> str:
    """Return the address, of IPv6 its network; empty if it is not an address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 6 and (mapped := parsed.ipv4_mapped) is not None:
        return str(mapped)
    return str(parsed) if parsed.version == 4 else str(int(parsed) >> NETWORK_BITS)
