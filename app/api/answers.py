"""Answers: a document or a table, in the form that was asked for, with the headers of its question."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

from fastapi import Response
from starlette.responses import StreamingResponse

from app.api.question import Question
from app.domain.figure import ATTRIBUTION, LICENCE
from app.domain.table import Table

BYTE_ORDER_MARK = "\ufeff".encode()
"""What makes Excel read a CSV as UTF-8; sent only where it is asked for."""

SMALLEST_GZIPPED = 500
"""Bytes below which compressing saves nothing."""

COMPRESSION_LEVEL = 5


def page_document(
    question: Question,
    data: Any,
    *,
    total: int,
    next_link: str | None = None,
    warnings: list[dict[str, Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """What every JSON answer is made of: data, meta, warnings, links."""
    return {
        "data": data,
        "meta": meta(question, total, len(data) if isinstance(data, list) else 1),
        "warnings": warnings or [],
        "links": {
            "self": question.link(),
            "pinned": question.pinned_link(),
            "next": next_link,
            "csv": question.link(".csv", without=("limit", "cursor")) if "csv" in question.offered else None,
        },
        **more,
    }


def meta(question: Question, total: int, returned: int) -> dict[str, Any]:
    """What holds for the whole answer."""
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
    """The whole answer in one piece, made of its document or its table, whichever the format takes."""
    form = question.representation.form
    body = b"".join(form.encode(_content(question, document, table)))
    if form.name == "csv" and question.wants_bom:
        body = BYTE_ORDER_MARK + body
    return send_bytes(question, body, _headers(question, next_link), form.content_type)


def send_bytes(
    question: Question, body: bytes, headers: dict[str, str], media_type: str, *, status: int = 200
) -> Response:
    """A body that is text, compressed where the client takes that and it saves something."""
    if question.representation.gzipped and len(body) >= SMALLEST_GZIPPED:
        body = gzip.compress(body, COMPRESSION_LEVEL, mtime=0)
        headers = {**headers, "Content-Encoding": "gzip"}
    return Response(body, status, headers, media_type)


def _content(question: Question, document: Callable[[], Any], table: Callable[[], Table] | None) -> Any:
    """What the format takes, made only now."""
    takes = question.representation.form.takes
    if takes == "table" and table is not None:
        return table()
    if takes == "objects":
        data = document()["data"]
        return lines(question, data if isinstance(data, list) else [data])
    return document()


def lines(question: Question, objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Objects that each stand by themselves: `meta` says of which release they are, and under which licence."""
    whole = {"release": question.release.number, "licence": LICENCE, "attribution": ATTRIBUTION}
    return [{**one, "meta": whole} for one in objects]


def stream(question: Question, pieces: AsyncIterator[bytes]) -> Response:
    """An answer that is sent while it is made, not compressed.

    What breaks off cannot look complete: the last chunk is missing.
    """
    plain = replace(question, representation=question.representation._replace(gzipped=False))
    form = question.representation.form
    return StreamingResponse(pieces, headers=_headers(plain, None), media_type=form.content_type)


def _headers(question: Question, next_link: str | None) -> dict[str, str]:
    headers = question.headers()
    form = question.representation.form
    if form.takes == "table":
        name = question.path.removeprefix("/v1/").replace("/", "-")
        headers["Content-Disposition"] = f'inline; filename="{name}-{question.release.number}.{form.name}"'
    headers["Link"] = link_header(question, next_link)
    return headers


def link_header(question: Question, next_link: str | None = None) -> str:
    """Where to go from an answer, for those who read no body (RFC 8288)."""
    base_url = question.service.base_url
    first, *rest = question.path.removeprefix("/v1/").split("/")
    is_view = first in question.catalogue.kind("dataset")
    place = "#year-columns" if rest == ["by-year"] else "#columns" if is_view or first == "observations" else ""
    links = [
        f'<{LICENCE}>; rel="license"',
        f'<{question.pinned_link()}>; rel="canonical"',
        f'<{base_url}/docs{place}>; rel="describedby"; type="text/html"',
    ]
    if is_view:
        links.append(f'<{base_url}/v1/datasets/{first}/dcat>; rel="describedby"; type="application/ld+json"')
    elif len(rest) == 1 and rest != ["by-year"]:
        links.append(f'<{base_url}/v1/{first}>; rel="collection"')
    if next_link is not None:
        links.append(f'<{next_link}>; rel="next"')
    return ", ".join(links)
