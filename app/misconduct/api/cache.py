"""Keep whole answers in memory until a release comes; answer clients that have them with 304, and ranges with 206.

The ETag of an answer is a hash of its body, so it is the same on every machine. An answer that brings its own
ETag, such as a file, passes by, and so does one that is sent in pieces.
"""

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from misconduct.api.addresses import HEADERS

MAX_BYTES = 12_000_000  # of all answers; the process needs about twice as much, as bodies differ in length
MAX_BYTES_OF_ONE = 2_000_000  # a longer one is made again for each request
BYTES_BESIDE = 2_500  # bytes that Python needs for an answer in addition to its body
KEPT_IN_304 = {
    b"etag",
    b"cache-control",
    b"vary",
    b"misconduct-release",
    *(name.lower().encode() for name in HEADERS),
}

Key = tuple[
    str, str, bytes, bytes, bool
]  # path, suffix, query, Accept, and whether the client reads gzip
Headers = list[tuple[bytes, bytes]]


class Answer(NamedTuple):
    headers: MutableHeaders
    body: bytes


class AnswerCache:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._bytes = 0
        self._releases: object = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        if (releases := scope["state"]["releases"].loaded) is not self._releases:
            self._answers.clear()
            self._releases, self._bytes = releases, 0
        headers = dict(
            reversed(scope["headers"])
        )  # of a repeated one, Starlette reads the first, too
        accepts_gzip = b"gzip" in headers.get(b"accept-encoding", b"")
        accept, suffix = headers.get(b"accept", b""), scope.get("suffix", "")
        key = (scope["path"], suffix, scope["query_string"], accept, accepts_gzip)
        if answer := self._answers.get(key):
            self._answers.move_to_end(key)
            await _send(send, answer, headers)
            return
        recorder = _Recorder(send)
        await self.app(scope, receive, recorder)
        if answer := recorder.answer():
            is_new = releases is self._releases and key not in self._answers
            if is_new and len(answer.body) <= MAX_BYTES_OF_ONE:
                self._keep(key, answer)
            await _send(send, answer, headers)

    def _keep(self, key: Key, answer: Answer) -> None:
        self._answers[key] = answer
        self._bytes += _size(key, answer)
        while self._bytes > MAX_BYTES:
            self._bytes -= _size(*self._answers.popitem(last=False))


def _size(key: Key, answer: Answer) -> int:
    """Return about how much memory an answer takes with its key, whose length clients choose."""
    return len(answer.body) + len(key[0]) + len(key[2]) + len(key[3]) + BYTES_BESIDE


class _Recorder:
    """Hold back an answer that is public and comes whole; send any other one as it comes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._headers: MutableHeaders | None = None
        self._body: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            is_public = headers.get("cache-control", "").startswith("public")
            if (
                message["status"] == 200
                and is_public
                and "content-length" in headers
                and "etag" not in headers
            ):
                self._headers = headers
                return
            if "content-encoding" in headers and headers.get("etag", "").startswith(
                '"'
            ):  # it is of the plain file
                headers["ETag"] = f"W/{headers['etag']}"
        elif self._headers is not None:
            self._body.append(message.get("body", b""))
            return
        await self._send(message)

    def answer(self) -> Answer | None:
        if self._headers is None:
            return None
        body = b"".join(self._body)
        self._headers["ETag"] = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        if "content-encoding" not in self._headers:
            self._headers["Accept-Ranges"] = "bytes"
        return Answer(self._headers, body)


async def _send(send: Send, answer: Answer, asked: Mapping[bytes, bytes]) -> None:
    status, headers, body = 200, answer.headers.raw, answer.body
    etag, known = answer.headers["ETag"].encode(), asked.get(b"if-none-match", b"")
    places = None
    if asked.get(b"if-range", etag) == etag and "accept-ranges" in answer.headers:
        places = find_places(asked.get(b"range", b"").decode(), len(body))
    if etag in known or known.strip() == b"*":
        status, body = 304, b""
        headers = [pair for pair in headers if pair[0] in KEPT_IN_304]
    elif places is not None:
        status, headers, body = _cut(answer, places)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def find_places(header: str, length: int) -> range | None:
    """Return the places of the bytes that a Range asks for: none (416), or None if it is not a single range.

    `addresses.py` removes a Range that cannot be read.
    """
    if not header or "," in header:
        return None
    first, _, last = header.partition("=")[2].partition("-")
    if not first.strip():
        return range(max(0, length - int(last)), length)
    end = min(int(last) + 1, length) if last.strip() else length
    return range(int(first), end)


def _cut(answer: Answer, places: range) -> tuple[int, Headers, bytes]:
    """Return the status, headers and bytes of an answer that has only some places of it."""
    headers, length = answer.headers.mutablecopy(), len(answer.body)
    body = answer.body[places.start : places.stop] if places else b""
    headers["Content-Length"] = str(len(body))
    if places:
        headers["Content-Range"] = f"bytes {places[0]}-{places[-1]}/{length}"
        return 206, headers.raw, body
    headers["Content-Range"] = f"bytes */{length}"
    headers["Cache-Control"] = "no-store"
    return 416, headers.raw, body
