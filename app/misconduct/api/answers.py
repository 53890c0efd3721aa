"""How an answer is sent: its links, its envelope and how long caches may keep it."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

import orjson
from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from misconduct.api.current import Current
from misconduct.formats import FORMATS, MEDIA_TYPES, csv
from misconduct.formats.table import Table
from misconduct.model.plain_words import straighten
from misconduct.model.shapes import CountMeta, Links, Meta, SeeAlso, Warned

LATEST = "public, max-age=10, stale-while-revalidate=10"
PINNED = "public, max-age=3600"


class Remarks(NamedTuple):
    """What a list says beside its figures: what a reader must know, and what explains it."""

    warnings: list[Warned]
    see_also: list[SeeAlso]


def link(request: Request, *, suffix: str | None = None, without: Sequence[str] = (), **changed: object) -> str:
    """Return the public address of a request with another suffix, without some parameters, or with some changed."""
    ending = f".{request.scope['suffix']}" if suffix is None and "suffix" in request.scope else suffix or ""
    query = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    kept = [(name, value) for name, value in query if name not in without and name not in changed]
    address = f"{request.state.base_url}{quote(request.scope['path'])}{ending}"
    return f"{address}?{urlencode([*kept, *changed.items()])}".removesuffix("?")


def pin_link(request: Request, current: Current, suffix: str | None = None, **changed: object) -> str:
    """Return the public address of an answer in the release that it is from."""
    return link(request, suffix=suffix, without=["as_of"], release=current.release.number, **changed)


def page_links(request: Request, current: Current, following: int, total: int) -> Links:
    """Return the links of a page: to the next one, of the same release, and to the whole list as a table."""
    return {
        "next": pin_link(request, current, offset=following) if following < total else None,
        "csv": link(request, suffix=".csv", without=["limit", "offset"]),
    }


def about_table(request: Request, current: Current, title: str, remarks: Remarks) -> dict[str, str]:
    """Return what a saved table says of itself, as texts by name."""
    number, day, pinned = current.release.number, current.release.day.isoformat(), pin_link(request, current)
    return {
        "title": title,
        "source": "Misconduct Register",
        "release": number,
        "day": day,
        "digest": current.release.digest,
        "licence": "CC BY 4.0 for this table. The licences of the documents are listed with the sources.",
        "warnings": "\n".join(f"{one['code']}: {one['detail']}" for one in remarks.warnings) or "none",
        "see_also": "\n".join(f"{one['title']}: {one['url']}" for one in remarks.see_also) or "none",
        "how_to_cite": f"Misconduct Register, release {number} of {day}: {title}. {pinned}",
        "cite_as": pinned,
        "address": link(request),
    }


def caching(is_pinned: bool) -> dict[str, str]:
    """Return the headers that say how long caches may keep an answer."""
    return {"Cache-Control": PINNED if is_pinned else LATEST, "Vary": "Accept"}


def send_document(document: Any, cache_control: str = LATEST, status: int = 200) -> Response:
    """Send a JSON document that does not come from a release."""
    return Response(orjson.dumps(document), status, {"Cache-Control": cache_control}, MEDIA_TYPES["json"])


def about_release(current: Current) -> Meta:
    """Return what every answer says of its release; of a draft, also that it is one."""
    release, releases = current.release, current.releases
    draft: Any = {"draft": {"notice": releases.banner, "mistakes": releases.mistakes}} if releases.banner else {}
    return {"release": release.number, "digest": release.digest, **draft}


def about_rows(current: Current, returned: int, total: int | None = None) -> CountMeta:
    """Return what a list says of its length and its release. Without `total`, it is whole."""
    return {"total": returned if total is None else total, "returned": returned, **about_release(current)}


def envelope(
    request: Request, current: Current, data: Any, meta: Meta, warnings: Sequence[Warned] = (), **links: str | None
) -> Any:
    """Return a JSON answer from a release: data, meta, warnings and links."""
    of_release: Links = {
        "self": link(request),
        "pinned": pin_link(request, current),
        "latest_version": None if current.is_newest else link(request, without=["as_of", "release"]),
    }
    return {"data": data, "meta": meta, "warnings": warnings, "links": of_release | links}


def send_json(
    request: Request,
    current: Current,
    data: Any,
    meta: Meta | None = None,
    warnings: Sequence[Warned] = (),
    **links: str | None,
) -> Response:
    """Send a JSON answer from a release."""
    answer = envelope(request, current, data, meta or about_release(current), warnings, **links)
    latest = answer["links"]["latest_version"]
    headers = caching(current.is_pinned) | ({"Link": f'<{latest}>; rel="latest-version"'} if latest else {})
    return Response(orjson.dumps(answer), headers=headers, media_type=MEDIA_TYPES["json"])


def file_headers(suffix: str, name: str, current: Current) -> dict[str, str]:
    """Return the headers of an answer that is saved as `<name>-<release>.<suffix>`."""
    filename = f'inline; filename="{name}-{current.release.number}.{suffix}"'
    return caching(current.is_pinned) | {"Content-Disposition": filename}


def send_table(header: Sequence[str], rows: Iterable[Sequence[Any]], name: str, current: Current) -> Response:
    """Send a table of records in CSV, to be saved as `<name>-<release>.csv`."""
    headers = file_headers("csv", name, current)
    return Response(csv.encode_csv(rows, header), headers=headers, media_type=MEDIA_TYPES["csv"])


async def send_figures(table: Table, remarks: Remarks, suffix: str, headers: dict[str, str]) -> Response:
    """Send a table of figures with the headers of a file: at once, or in pieces."""
    pieces = FORMATS[suffix].encode(table)
    first, second = await anext(pieces), await anext(pieces, None)
    if remarks.warnings:
        headers["Misconduct-Warnings"] = ", ".join(one["code"] for one in remarks.warnings)
    if remarks.see_also:
        headers["Link"] = ", ".join(
            f'<{one["url"]}>; rel="related"; title="{_in_header(one["title"])}"' for one in remarks.see_also
        )
    if second is None:
        return Response(first, headers=headers, media_type=MEDIA_TYPES[suffix])

    async def all_pieces() -> AsyncIterator[bytes]:
        yield first
        yield second
        async for piece in pieces:
            yield piece

    return StreamingResponse(all_pieces(), headers=headers, media_type=MEDIA_TYPES[suffix])


def _in_header(text: str) -> str:
    """Return a text as it can stand in quotation marks in a header: ASCII, with apostrophes for these marks."""
    plain = straighten(text).replace('"', "'").replace("\\", "/")
    return " ".join(plain.encode("ascii", "replace").decode().split())
