"""Tell shared caches to forget: by tag where they know tags, else by address (docs/decisions/0026)."""

from __future__ import annotations

import asyncio
import json
import os
import re
from base64 import b64encode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import httpx

from misconduct.errors import CacheRefused, CacheSilent, MisconductError
from misconduct.http.shared_caches import EVERYTHING, TAG_HEADERS, can_have
from misconduct.settings import read_secret

SECONDS = 10.0
"""For a cache to go on with its answer; all of it has three times as long."""

_LONGEST_ANSWER = 1_000_000  # bytes
SEEN_SECONDS = 4.0
"""After a load: else a cache would ask a worker that does not know the release. A service that looks less often than
usual has told caches that what they get from it lasts for seconds (`ReleaseBook.is_current`)."""

_OF_NGINX = re.compile(r"[0-9a-f]{32}(?:\.[0-9]{10})?")
"""The names of answers in a cache of nginx, and of those that it is about to write. No other file is touched."""

_HEAD_BYTES = 65_536  # of a file of nginx: key and head of the answer are at most its proxy_buffer_size
_VERSIONS = b"\x08"  # a file of nginx begins with the version of its form, which is 5 since 2016
_TAGS = re.compile(rb"\r\n" + TAG_HEADERS[0].encode() + rb": ?([^\r\n]*)\r\n", re.IGNORECASE)


class Cache(NamedTuple):
    """One cache of MISCONDUCT_PURGE: what speaks to it, where it is, the file with its token, and the header with the
    name and password of its address, which are part of no message.
    """

    kind: str
    place: str
    token_file: Path | None
    login: Mapping[str, str] = MappingProxyType({})

    @property
    def token(self) -> str:
        """The token, without the end of its line. Raises MisconductError if it cannot be read or sent."""
        if self.token_file is None:
            raise MisconductError(f"{self.kind} needs a token.", hint=f"{self.kind}:{self.place}#/run/secrets/token")
        try:
            token = read_secret(self.token_file, errors="replace")
        except OSError as error:
            raise MisconductError(f"The token cannot be read: {self.token_file}: {error.strerror}.") from error
        if not (token and token.isascii() and token.isprintable()):
            hint = "Write it anew: what is copied from a page may have characters that nobody sees."
            raise MisconductError(f"What is in {self.token_file} is no token.", hint=hint)
        return token


@dataclass(frozen=True)
class Step:
    """One thing to do to a cache: what it is in words, without a token, and the doing, which raises CacheRefused.

    A CacheSilent says that no further step of the same `cache` would get an answer, either.
    """

    said: str
    do: Callable[[], None]
    cache: str = ""


Plan = Callable[[Cache, Sequence[str], Sequence[str]], Iterable[Step]]
"""Lists the steps that purge these tags and addresses."""


def _step(
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    secret: Mapping[str, str] = MappingProxyType({}),
    body: object = None,
    done: Collection[int] = range(200, 300),
) -> Step:
    """Return a request as a step. The headers in `secret` are not said; `done` are the statuses of success."""
    headers = headers or {}
    said = " ".join([method, url, *(f"{name}: {value}" for name, value in headers.items())])
    said += f" {json.dumps(body)}" if body is not None else ""

    def do() -> None:
        sent = {"Accept-Encoding": "identity", **headers, **secret}
        try:
            status, written = asyncio.run(_ask(method, url, sent, body))
        except TimeoutError as error:
            raise CacheSilent(f"{url}: no whole answer within {3 * SECONDS:.0f} seconds") from error
        except httpx.TransportError as error:
            raise CacheSilent(f"{url}: {str(error) or type(error).__name__}") from error
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:  # ValueError: a header or host is not written
            raise CacheRefused(f"{url}: {str(error) or type(error).__name__}") from error
        try:
            told = json.loads(written)
        except ValueError:
            told = None
        told = told if isinstance(told, dict) else {}
        if status not in done or told.get("success") is False:
            raise CacheRefused(f"{url}: {status} {json.dumps(told.get('errors', ''))[:200]}")

    return Step(said, do)


async def _ask(method: str, url: str, headers: dict[str, str], body: object) -> tuple[int, bytes]:
    """Send a request, and return the status and body of the answer, which has a limit in all.

    Without TLS it goes to the cache itself: the proxy of HTTP_PROXY would read the name and password, and an answer of
    its own would count as the cache's.
    Raises TimeoutError, CacheRefused, httpx.HTTPError, httpx.InvalidURL and ValueError.
    """
    async with (
        asyncio.timeout(3 * SECONDS),
        httpx.AsyncClient(timeout=SECONDS, trust_env=httpx.URL(url).scheme == "https") as client,
        client.stream(method, url, headers=headers, json=body) as answer,
    ):
        read = b""
        async for piece in answer.aiter_raw():
            read += piece
            if len(read) > _LONGEST_ANSWER:
                raise CacheRefused(f"{url}: an answer of more than {_LONGEST_ANSWER:,} bytes")
        return answer.status_code, read


def _batches(values: Sequence[str], most: int) -> Iterator[list[str]]:
    """Split what one request may hold only so much of."""
    return (list(values[start : start + most]) for start in range(0, len(values), most))


def _varnish(cache: Cache, tags: Sequence[str], addresses: Sequence[str]) -> Iterator[Step]:  # noqa: ARG001
    if tags:
        yield _step("BAN", cache.place, headers={"Surrogate-Key": " ".join(tags)}, secret=cache.login)


def _fastly(cache: Cache, tags: Sequence[str], addresses: Sequence[str]) -> Iterator[Step]:  # noqa: ARG001
    for some in _batches(tags, 256):
        keys = {"Surrogate-Key": " ".join(some)}
        yield _step("POST", f"{cache.place}/purge", headers=keys, secret={"Fastly-Key": cache.token})


def _cloudflare(cache: Cache, tags: Sequence[str], addresses: Sequence[str]) -> Iterator[Step]:
    secret = {"Authorization": f"Bearer {cache.token}"}
    for name, values in (("tags", tags), ("files", () if EVERYTHING in tags else addresses)):
        for some in _batches(values, 30):
            yield _step("POST", f"{cache.place}/purge_cache", body={name: some}, secret=secret)


def _purge(cache: Cache, tags: Sequence[str], addresses: Sequence[str]) -> Iterator[Step]:  # noqa: ARG001
    for address in addresses:
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise MisconductError(f"{address!a} is not an address: {error}.") from error
        host, done = {"Host": url.netloc.decode()}, (*range(200, 300), 404)  # the cache does not have it
        yield _step("PURGE", cache.place + url.raw_path.decode(), headers=host, secret=cache.login, done=done)


def _urls(cache: Cache, tags: Sequence[str], addresses: Sequence[str]) -> Iterator[Step]:  # noqa: ARG001
    if addresses:
        secret = {"Authorization": f"Bearer {cache.token}"} if cache.token_file else cache.login
        yield _step("POST", cache.place, body={"urls": list(addresses)}, secret=secret)


def _nginx(cache: Cache, tags: Sequence[str], addresses: Sequence[str]) -> Iterator[Step]:  # noqa: ARG001
    if tags:
        yield Step(
            f"delete the files in {cache.place} with Surrogate-Key: {' '.join(tags)}",
            lambda: _delete(Path(cache.place), {tag.encode() for tag in tags}),
        )


def _delete(folder: Path, tags: set[bytes]) -> None:
    """Delete the answers with one of the tags from the folder of an nginx, which then asks for them anew.

    Raises CacheRefused if there is anything that it does not read, as an answer in there would stay, or a file by such
    a name that is no answer: the folder may be another.
    """
    try:
        found = _list_files(folder)
        for file in [one for one in found if _OF_NGINX.fullmatch(one.name) and one.is_file()]:
            try:
                with file.open("rb") as opened:
                    head = opened.read(_HEAD_BYTES)
                tagged = _TAGS.search(head)
                if head[:1] > _VERSIONS:
                    raise CacheRefused(f"{file}: this is no answer that an nginx keeps")
                is_half = b"\r\n\r\n" not in head  # its tags may be to come
                if is_half or (tagged and not tags.isdisjoint(tagged[1].split())):
                    file.unlink()
            except FileNotFoundError:
                continue  # nginx was faster
    except OSError as error:
        raise CacheRefused(f"{error.filename}: {error.strerror}") from error


def _list_files(folder: Path) -> list[Path]:
    """List the files below a folder. Raises OSError, or CacheRefused at a link to another, which nginx would follow."""

    def refuse(error: OSError) -> None:
        raise error

    if not folder.is_dir():
        raise CacheRefused(f"{folder}: there is no such folder", hint="Several caches are separated by commas.")
    found = list[Path]()
    for parent, folders, names in os.walk(folder, onerror=refuse):
        if links := [path for path in (Path(parent, name) for name in folders) if path.is_symlink()]:
            raise CacheRefused(f"{links[0]}: this is a link, which is not followed; mount the folder there instead")
        found += [Path(parent, name) for name in names]
    return found


CACHES: dict[str, Plan] = {
    "nginx": _nginx,
    "varnish": _varnish,
    "fastly": _fastly,
    "cloudflare": _cloudflare,
    "purge": _purge,
    "urls": _urls,
}
"""The kinds of caches."""

BY_ADDRESS = {"purge", "urls"}
"""Those that know addresses only: PURGE for each, or one POST with `{"urls": […]}`."""


def read_cache(text: str) -> Cache:
    """Read one cache of MISCONDUCT_PURGE, such as `fastly:https://api.fastly.com/service/ID#/run/secrets/fastly`.

    Raises MisconductError, without quoting what may be a secret.
    """
    kind, _, rest = text.strip().partition(":")
    place, _, token_file = rest.partition("#")
    is_place = place.startswith("/") if kind == "nginx" else _is_url(place)
    if kind not in CACHES or not is_place:
        raise MisconductError(
            f"{text!r} is not a cache." if "@" not in text else "An address with an @ is not a cache.",
            hint=f"One of {', '.join(CACHES)}, a colon, and its address, or the folder of an nginx: "
            "varnish:http://127.0.0.1:6081, nginx:/var/cache/nginx/misconduct.",
        )
    if token_file and not token_file.startswith("/"):
        raise MisconductError(
            f"What is behind # of a cache ({kind}) is not the path of a file.", hint="Such as #/run/secrets/token."
        )
    login = {}
    if kind != "nginx" and (userinfo := httpx.URL(place).userinfo):
        login = {"Authorization": f"Basic {b64encode(unquote_to_bytes(userinfo)).decode()}"}
        place = str(httpx.URL(place).copy_with(username=None, password=None))
    return Cache(kind, place.rstrip("/"), Path(token_file) if token_file else None, login)


def _is_url(text: str) -> bool:
    try:
        return text.startswith(("http://", "https://")) and httpx.URL(text).host != ""
    except httpx.InvalidURL:
        return False


def plan(caches: Iterable[str], tags: Sequence[str], addresses: Sequence[str]) -> list[Step]:
    """Return the steps that purge these tags, or where a cache knows none, these addresses. The inner caches first.

    Raises MisconductError if a cache or its token is not one, whatever there is to purge, or no answer can have a tag.
    """
    if none_has := [tag for tag in tags if not can_have(tag)]:
        hint = "One tag is `register`, `latest`, or `release-`, `dataset-`, `figure-` or `source-` and what it is of."
        raise MisconductError(f"No answer has the tag {none_has[0]!r}; nothing was purged.", hint=hint)
    known = [read_cache(text) for text in caches]
    for cache in known:
        _ = cache.token_file and cache.token
    steps = ((cache, CACHES[cache.kind](cache, tags, addresses)) for cache in known)
    return [replace(step, cache=f"{cache.kind}:{cache.place}") for cache, listed in steps for step in listed]
