"""Well-known paths: the API catalogue, security.txt, robots.txt and the sitemap."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import APIRouter, Response

from app.api.state import ServiceDep
from app.errors import NotFound
from app.formats.json import encode_json
from app.model.figure import LICENCE
from app.model.kinds import KINDS

API_CATALOGUE = "/.well-known/api-catalog"
PROFILE = "https://www.rfc-editor.org/info/rfc9727"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
EXPIRES = timedelta(days=180)

router = APIRouter(include_in_schema=False)


def _answer(body: bytes, media_type: str, **headers: str) -> Response:
    return Response(body, headers={"Cache-Control": "public, max-age=3600", **headers}, media_type=media_type)


@router.get(API_CATALOGUE)
async def read_api_catalogue(service: ServiceDep) -> Response:
    """Return the API and its descriptions (RFC 9727), as a link set (RFC 9264)."""
    base_url = service.base_url
    itself = f"{base_url}{API_CATALOGUE}"

    def link(path: str, media_type: str) -> dict[str, str]:
        return {"href": f"{base_url}{path}", "type": media_type}

    linkset = [
        {"anchor": itself, "item": [{"href": f"{base_url}/v1"}]},
        {
            "anchor": f"{base_url}/v1",
            "service-desc": [link("/openapi.json", "application/json")],
            "service-doc": [link("/docs", "text/html")],
            "service-meta": [link("/v1/config", "application/json"), link("/v1/dcat", "application/ld+json")],
            "status": [link("/readyz", "application/json")],
            "license": [{"href": LICENCE}],
        },
    ]
    media_type = f'application/linkset+json; profile="{PROFILE}"'
    return _answer(encode_json({"linkset": linkset}), media_type, Link=f'<{itself}>; rel="api-catalog"')


@router.get("/.well-known/security.txt")
async def read_security_txt(service: ServiceDep) -> Response:
    """Return the contact for security reports (RFC 9116). Raises NotFound if none is configured."""
    contact = service.settings.contact_address
    if contact is None:
        raise NotFound("No contact is configured.")
    expires = datetime.combine(datetime.now(UTC).date() + EXPIRES, time(), UTC)
    lines = (
        f"Contact: {contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {service.base_url}/.well-known/security.txt",
    )
    return _answer(_lines(lines), "text/plain; charset=utf-8")


@router.get("/robots.txt")
async def read_robots_txt(service: ServiceDep) -> Response:
    """Allow robots everything (RFC 9309) except pages behind a cursor, which never end."""
    lines = ("User-agent: *", "Allow: /", "Disallow: /*cursor=", "", f"Sitemap: {service.base_url}/sitemap.xml")
    return _answer(_lines(lines), "text/plain; charset=utf-8")


@router.get("/sitemap.xml")
async def read_sitemap(service: ServiceDep) -> Response:
    """List the pages for search engines, each with the date of the release that last changed it."""
    newest = service.releases.releases[-1]
    catalogue = await service.releases.catalogue(newest)
    listed = {kind.path: catalogue.codes if kind.name == "code" else catalogue.kind(kind.name)
              for kind in KINDS.values() if kind.path and kind.name != "release"}  # fmt: skip
    latest = ["/", "/docs", *(f"/{path}" for path in listed), "/releases"]
    latest += [f"/{path}/{identity}" for path, records in listed.items() for identity in records]
    latest += [f"/v1/datasets/{slug}/schema-org" for slug in catalogue.kind("dataset")]
    pages = [(path, newest.released.isoformat()) for path in latest]
    pages += [(f"/releases/{one.number}", one.released.isoformat()) for one in service.releases.releases]
    urls = Element("urlset", xmlns=SITEMAP)
    for path, day in pages:
        url = SubElement(urls, "url")
        SubElement(url, "loc").text = service.base_url + path
        SubElement(url, "lastmod").text = day
    return _answer(bytes(tostring(urls, encoding="utf-8", xml_declaration=True)), "application/xml")


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
