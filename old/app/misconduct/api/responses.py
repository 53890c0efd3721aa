"""Build responses: a document or a table in the requested format, with the headers of its request."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import zlib
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, Literal

from fastapi import Request, Response
from starlette.types import Message, Receive, Scope, Send

from misconduct.api.downloads import Streamed, attachment
from misconduct.api.encoder import Export
from misconduct.api.parameters import CHOOSING_PARAMETERS
from misconduct.api.request_context import Question
from misconduct.formats.picture import Picture
from misconduct.http.conditional import NotModified, has_already
from misconduct.http.middleware import CUT_OFF, require_client
from misconduct.http.negotiation import takes_gzip
from misconduct.http.shared_caches import LATEST, caching_headers
from misconduct.model.figure import ATTRIBUTION, LICENCE
from misconduct.model.table import Table

BYTE_ORDER_MARK = "\ufeff".encode()
"""Makes Excel read a CSV as UTF-8; sent only on request."""

SMALLEST_GZIPPED = 500
"""Size in bytes below which compression saves nothing."""

LONGEST_CANONICAL = 2_000
"""Bytes of an address that is repeated as canonical: proxies bound heads, and `next` may be 12 kB long."""

COMPRESSION_LEVEL = 5
GZIP_WINDOW = 31  # zlib's number for gzip instead of its own format
GZIPPED = {"Content-Encoding": "gzip"}
LONGEST_PIECE = 4_000_000  # bytes that take a tenth of a second to compress; more are compressed beside other work

PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Runs nothing in a picture that is opened by itself."""


def page_document(
    question: Question,
    data: Any,
    *,
    total: int,
    next_link: str | None = None,
    warnings: list[dict[str, Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Build the envelope of every JSON answer: data, meta, warnings, links."""
    return {
        "data": data,
        "meta": meta(question, total, len(data) if isinstance(data, list) else 1),
        "warnings": warnings or [],
        "links": {
            "self": question.link(question.suffix),
            "pinned": question.pinned_link(question.suffix),
            "next": next_link,
            "csv": question.link(".csv", without=("limit", "cursor")) if "csv" in question.offered else None,
        },
        **more,
    }


def meta(question: Question, total: int, returned: int) -> dict[str, Any]:
    """Describe the whole answer: totals, release and licence."""
    return {
        "total": total,
        "returned": returned,
        "release": question.release.number,
        "digest": question.release.digest,
        "licence": LICENCE,
        "attribution": ATTRIBUTION,
    }


def answer(
    question: Question,
    document: Callable[[], Any],
    table: Callable[[], Table] | None = None,
    *,
    next_link: str | None = None,
) -> Response:
    """Build the whole answer in one piece from its document or its table, whichever the format needs."""
    form = question.representation.form
    if form.apart and table is not None:
        return EncodedApart(question, table(), next_link)
    body = b"".join(form.encode(_content(question, document, table)))
    if form.name == "csv" and question.wants_bom:
        body = BYTE_ORDER_MARK + body
    return send_bytes(question, body, _headers(question, next_link), form.content_type)


def send_bytes(
    question: Question, body: bytes, headers: dict[str, str], media_type: str, *, status: int = 200
) -> Response:
    """Send bytes, compressed if the client accepts that and it saves something."""
    if question.representation.gzipped and len(body) >= SMALLEST_GZIPPED:
        headers = headers | GZIPPED
        if len(body) > LONGEST_PIECE:
            return _CompressedLater(body, status, headers, media_type)
        body = gzip.compress(body, COMPRESSION_LEVEL, mtime=0)
    return Response(body, status, headers, media_type)


class _CompressedLater(Response):
    """A long body, which is compressed in a thread before it is sent: others are answered meanwhile."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.body = await _compress(bytes(self.body))
        self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


async def _compress(body: bytes) -> bytes:
    compress = partial(gzip.compress, body, COMPRESSION_LEVEL, mtime=0)
    return await asyncio.to_thread(compress) if len(body) > LONGEST_PIECE else compress()


def send_document(
    request: Request, body: bytes, media_type: str, *, lifetime: str = LATEST, **headers: str
) -> Response:
    """Send a document that is no answer about figures, such as a style sheet: with a validator, compressed.

    Raises NotModified if the client has it.
    """
    is_gzipped = takes_gzip(request.headers.get("accept-encoding", "")) and len(body) >= SMALLEST_GZIPPED
    is_gzipped = is_gzipped and not media_type.startswith("image/png")
    etag = f'"{hashlib.sha256(body + GZIPPED["Content-Encoding"].encode() * is_gzipped).hexdigest()[:32]}"'
    caching = {"ETag": etag, "Vary": "Accept-Encoding", **caching_headers(lifetime)}
    if has_already(request, etag):
        raise NotModified(caching)
    headers = {**caching, **headers, **(GZIPPED if is_gzipped else {})}
    return Response(gzip.compress(body, COMPRESSION_LEVEL, mtime=0) if is_gzipped else body, 200, headers, media_type)


def _content(question: Question, document: Callable[[], Any], table: Callable[[], Table] | None) -> Any:
    """Build what the format needs: documents, rows or the page."""
    takes = question.representation.form.takes
    if takes == "table" and table is not None:
        return table()
    if takes == "objects":
        data = document()["data"]
        return lines(question, data if isinstance(data, list) else [data])
    return document()


def lines(question: Question, objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make each object self-contained: `meta` adds its release and licence."""
    whole = {"release": question.release.number, "licence": LICENCE, "attribution": ATTRIBUTION}
    return [{**one, "meta": whole} for one in objects]


class EncodedApart(Response):
    """A table or chart that another process encodes while it is sent.

    Without ranges nobody needs to know its length, so that HEAD encodes nothing. Raises Overloaded or ExportTooLarge
    before anything is sent.
    """

    def __init__(
        self,
        question: Question,
        content: Table | Export | Picture,
        next_link: str | None = None,
        *,
        has_ranges: bool = True,
    ) -> None:
        headers = _headers(question, next_link, has_ranges=has_ranges)
        super().__init__(headers=headers, media_type=question.representation.form.content_type)
        self._question, self._content, self._has_ranges = question, content, has_ranges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("headed") and not self._has_ranges:
            await _send_head(self, send)
            return
        encoder, form = self._question.service.encoder, self._question.representation.form.name
        if isinstance(self._content, Picture):
            self.body = await encoder.draw(self._content, self._question.client)
        elif isinstance(self._content, Table):
            self.body = await encoder.encode_page(form, self._content, self._question.client)
        else:
            self.body = await encoder.encode_export(form, self._content, self._question.client)
        if self._question.representation.gzipped and len(self.body) >= SMALLEST_GZIPPED:
            self.body = await _compress(self.body)
            self.headers.update(GZIPPED)
        self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def stream(question: Question, pieces: AsyncIterator[bytes], *, has_ranges: bool) -> Response:
    """Send an answer while it is generated, compressed if the client accepts that.

    A broken stream cannot look complete: its last chunk is missing. `has_ranges`: range requests are honoured.
    """
    headers, form = _headers(question, None, has_ranges=has_ranges), question.representation.form
    if question.representation.gzipped:
        pieces, headers = _compressed(pieces), headers | GZIPPED
    return _Export(question, _in_turns(pieces), headers=headers, media_type=form.content_type)


async def collect(question: Question, pieces: AsyncIterator[bytes]) -> Response:
    """Generate an answer whole before sending it, so that its length is known and parts can be cut from it.

    Its bytes are those of `stream`. Raises Overloaded where there are too many exports.
    """
    headers = _headers(question, None)
    if question.representation.gzipped:
        pieces, headers = _compressed(pieces), headers | GZIPPED
    with question.service.encoder.exporting(question.client):
        body = b"".join([piece async for piece in _in_turns(pieces)])
    return Response(body, 200, headers, question.representation.form.content_type)


async def _compressed(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the pieces as one gzip stream. Equal pieces become equal bytes, so that a part can be cut from them."""
    compressor = zlib.compressobj(COMPRESSION_LEVEL, wbits=GZIP_WINDOW)
    async for piece in pieces:
        is_long = len(piece) > LONGEST_PIECE
        yield await asyncio.to_thread(compressor.compress, piece) if is_long else compressor.compress(piece)
    yield compressor.flush()


class _Export(Streamed):
    """Count as an export while being sent. Raises Overloaded if there are too many."""

    def __init__(self, question: Question, pieces: AsyncIterator[bytes], **rest: Any) -> None:
        super().__init__(pieces, **rest)
        self._encoder, self._client = question.service.encoder, question.client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("headed"):
            await _send_head(self, send)
            return

        with self._encoder.exporting(self._client, scope.get(CUT_OFF)) as place:

            async def send_waiting(message: Message) -> None:
                with place.waiting_for_client():
                    await send(message)
                if message.get("more_body", True):  # it was the head, or a piece before others
                    await place.take()

            await super().__call__(scope, receive, send_waiting)


async def _in_turns(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the pieces, giving way to other requests after each. Raises BrokenOff when the client has left."""
    async for piece in pieces:
        require_client()
        yield piece
        await asyncio.sleep(0)


async def _send_head(response: Response, send: Send) -> None:
    """Send the head of an answer that is not generated, so that its length is unknown (RFC 9110, 9.3.2)."""
    headers = [pair for pair in response.raw_headers if pair[0] != b"content-length"]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _headers(question: Question, next_link: str | None, *, has_ranges: bool = True) -> dict[str, str]:
    headers = question.headers()
    form = question.representation.form
    if form.takes == "chart":
        headers["Content-Security-Policy"] = PICTURE_POLICY
    elif form.takes != "document":
        name = question.path.removeprefix("/v1/").replace("/", "-")
        is_full = question.values.get("detail") == ["full"]
        mark: Literal["part", "full", ""] = "full" if is_full else ""
        if not CHOOSING_PARAMETERS.isdisjoint(question.values):
            mark = "part"
        headers["Content-Disposition"] = attachment(question.release.number, name, form.name, mark)
    headers |= {"Link": link_header(question, next_link), "Accept-Ranges": "bytes" if has_ranges else "none"}
    return headers


def link_header(question: Question, next_link: str | None = None) -> str:
    """Build the Link header (RFC 8288), for clients that do not read the body."""
    base_url = question.service.base_url
    first, *rest = question.path.removeprefix("/v1/").split("/")
    is_view = first in question.catalogue.kind("dataset")
    place = "#year-columns" if rest == ["by-year"] else "#columns" if is_view or first == "observations" else ""
    links = [
        f'<{LICENCE}>; rel="license"',
        f'<{base_url}/docs{place}>; rel="describedby"; type="text/html"',
    ]
    if len(canonical := question.pinned_link(question.suffix)) <= LONGEST_CANONICAL:
        links.append(f'<{canonical}>; rel="canonical"')
    if question.representation.form.name == "sdmx":
        structure = f"{base_url}/v1/structure.xml?release={question.release.number}"
        links.append(f'<{structure}>; rel="describedby"; type="application/vnd.sdmx.structure+xml"')
    if is_view:
        links.append(f'<{base_url}/v1/datasets/{first}/dcat>; rel="describedby"; type="application/ld+json"')
    elif len(rest) == 1 and rest != ["by-year"]:
        links.append(f'<{base_url}/v1/{first}>; rel="collection"')
    if next_link is not None:
        links.append(f'<{next_link}>; rel="next"')
    return ", ".join(links)
