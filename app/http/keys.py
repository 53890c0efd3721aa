"""Which requests ask the same: whatever decides an answer, and nothing else, becomes its key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote_from_bytes, unquote_to_bytes

from starlette.types import Scope

from app.http.limits import LONGEST_QUERY, MOST_PAIRS
from app.http.negotiation import rank_formats, takes_gzip

LONGEST_PATH = 1_000
LONGEST_REMEMBERED = 1_000  # characters of a request whose key is remembered
MOST_REMEMBERED = 2_048
READ = ("GET", "HEAD")


Headers = Mapping[bytes, bytes]


class Key(NamedTuple):
    """The same text for requests that ask the same. `names_release`: by its number, or as the latest."""

    text: str
    names_release: bool


def read_headers(scope: Scope) -> Headers:
    """The headers of a request by name. Of a repeated one the first counts, as in the routes."""
    return dict(scope["headers"][::-1])


def read_key(scope: Scope, headers: Headers) -> Key | None:
    """The key of a request, the same for a part as for the whole; None where it names a version, or is too long."""
    if scope["method"] not in READ or b"if-match" in headers:
        return None
    path, query = scope["path"], scope["query_string"]
    accept, encoding = headers.get(b"accept", b""), headers.get(b"accept-encoding", b"")
    if len(path) + len(query) + len(accept) + len(encoding) <= LONGEST_REMEMBERED:
        return _remembered(path, query, accept, encoding)
    return _find_key(path, query, accept, encoding)


def _find_key(path: str, query: bytes, accept: bytes, encoding: bytes) -> Key | None:
    """Only the path may hold a space, and it comes last: two questions never have one key."""
    if len(path) > LONGEST_PATH or len(query) > LONGEST_QUERY or query.count(b"&") >= MOST_PAIRS:
        return None
    pairs = sorted(_read_pairs(query), key=lambda pair: pair[0])  # of one name in the order that was sent
    ranks, gzip = rank_formats(accept.decode("latin-1")), takes_gzip(encoding.decode("latin-1"))
    asked = "&".join(f"{quote_from_bytes(name, '')}={quote_from_bytes(value, '')}" for name, value in pairs)
    return Key(f"{ranks} {'gzip' if gzip else 'plain'} {asked} {path}", any(name == b"release" for name, _ in pairs))


_remembered = lru_cache(MOST_REMEMBERED)(_find_key)


def _read_pairs(query: bytes) -> Iterable[tuple[bytes, bytes]]:
    """The parameters as `parameters.read_query` reads them."""
    for pair in query.split(b"&"):
        if pair:
            name, _, value = (unquote_to_bytes(part.replace(b"+", b" ")) for part in pair.partition(b"="))
            yield name, value
