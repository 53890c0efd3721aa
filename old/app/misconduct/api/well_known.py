"""Well-known paths: the API catalogue, security.txt, robots.txt and the sitemap."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import Request, Response

from misconduct.api.responses import send_document
from misconduct.api.routing import DirectRouter
from misconduct.api.state import ServiceDep
from misconduct.errors import NotFound
from misconduct.formats.json import encode_json
from misconduct.http.limits import find_client
from misconduct.http.shared_caches import LATEST, caching_headers
from misconduct.model.figure import LICENCE
from misconduct.model.kinds import KINDS

API_CATALOGUE = "/.well-known/api-catalog"
PROFILE = "https://www.rfc-editor.org/info/rfc9727"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
EXPIRES = timedelta(days=180)

router = DirectRouter(include_in_schema=False)


@router.get(API_CATALOGUE)
async def read_api_catalogue(request: Request, service: ServiceDep) -> Response:
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
    return send_document(request, encode_json({"linkset": linkset}), media_type, Link=f'<{itself}>; rel="api-catalog"')


@router.get("/.well-known/security.txt")
async def read_security_txt(service: ServiceDep) -> Response:
    """Return the contact for security reports (RFC 9116). Raises NotFound if none is configured.

    Without a validator it is not kept in memory, where it would expire.
    """
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
    return Response(_lines(lines), headers=caching_headers(LATEST), media_type="text/plain; charset=utf-8")


@router.get("/openapi.json")
async def read_openapi(request: Request) -> Response:
    """Return the OpenAPI document."""
    return send_document(request, encode_json(request.app.openapi()), "application/json")


@router.get("/robots.txt")
async def read_robots_txt(request: Request, service: ServiceDep) -> Response:
    """Allow robots everything (RFC 9309) except pages behind a cursor, which never end."""
    lines = ("User-agent: *", "Allow: /", "Disallow: /*cursor=", "", f"Sitemap: {service.base_url}/sitemap.xml")
    return send_document(request, _lines(lines), "text/plain; charset=utf-8")


@router.get("/sitemap.xml")
async def read_sitemap(request: Request, service: ServiceDep) -> Response:
    """List the pages for search engines, each with the date of the release that last changed it."""
    newest = service.releases.latest
    catalogue = await service.releases.catalogue(newest)
    listed = {kind.path: catalogue.codes if kind.name == "code" else catalogue.kind(kind.name)
              for kind in KINDS.values() if kind.path and kind.name != "release"}  # fmt: skip
    latest = ["/", "/docs", *(f"/{path}" for path in listed), "/releases"]
    latest += [f"/{path}/{identity}" for path, records in listed.items() for identity in records]
    latest += [f"/v1/datasets/{slug}/schema-org" for slug in catalogue.kind("dataset")]
    pages = [(path, newest.released.isoformat()) for path in latest]
    pages += [(f"/releases/{one.number}", one.released.isoformat()) for one in service.releases.releases]

    def make() -> Response:
        urls = Element("urlset", xmlns=SITEMAP)
        for path, day in pages:
            url = SubElement(urls, "url")
            SubElement(url, "loc").text = service.base_url + path
            SubElement(url, "lastmod").text = day
        return send_document(request, bytes(tostring(urls, encoding="utf-8", xml_declaration=True)), "application/xml")

    client = find_client(request.scope, service.settings.trusted_proxies)
    return await service.encoder.make_list(len(pages), make, client)


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
