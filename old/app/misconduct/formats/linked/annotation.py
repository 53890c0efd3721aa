"""The place of a figure as a W3C Web Annotation (JSON-LD)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import citation_url
from misconduct.model.locator import Around, selector
from misconduct.model.observation import Observation

CONTEXT = "http://www.w3.org/ns/anno.jsonld"


def document_iri(source: Mapping[str, Any]) -> str:
    """Return an IRI for a document: the hash of its bytes (RFC 6920) if a copy was read, else its address or slug."""
    if source["sha256"]:
        digest = base64.urlsafe_b64encode(bytes.fromhex(source["sha256"])).rstrip(b"=").decode()
        media_type = f"?ct={source['media_type']}" if source["media_type"] else ""
        return f"ni:///sha-256;{digest}{media_type}"
    return source["url"] or f"urn:misconduct:source:{source['id']}"


def annotate(o: Observation, source: Mapping[str, Any], catalogue: Catalogue, base_url: str) -> dict[str, Any]:
    """Make an annotation whose body is the figure and whose targets are the places where it is printed, or its file."""
    release = catalogue.release.number
    document = {"id": document_iri(source), "type": "Text"}
    if source["media_type"]:
        document["format"] = source["media_type"]
    return {
        "@context": CONTEXT,
        "id": f"{base_url}/v1/observations/{o.id}/evidence?release={release}#annotation",
        "type": "Annotation",
        "motivation": "identifying",
        "body": {"id": citation_url(base_url, o.id, release), "type": "Dataset", "format": "application/json"},
        "target": [
            {
                "type": "SpecificResource",
                "source": document,
                "selector": _selectors(place, o.printed or "", catalogue.around.get((o.source, place))),
            }
            for place in (o.at, *o.also_at)
            if place
        ]
        or [document],
    }


def _selectors(place: str, printed: str, around: Around | None) -> list[dict[str, Any]]:
    """Make two selectors: of the position, and of the characters with the words around them, if they are known."""
    position = selector(place, printed) or {}
    position.pop("exact", None)
    return [position, {"type": "TextQuoteSelector", "exact": printed, **(around._asdict() if around else {})}]
