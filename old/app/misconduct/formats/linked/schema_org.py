"""Datasets and releases for search engines: schema.org `Dataset` as JSON-LD."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from misconduct.formats.linked.citation import cite_dataset, cite_release
from misconduct.formats.linked.dcat import DESCRIPTION, SUBJECT, Described, Download, of_dataset, of_release
from misconduct.model.figure import ATTRIBUTION, LICENCE
from misconduct.model.phrases import name_dataset

CONTEXT = "https://schema.org/"

Node = dict[str, Any]


def describe_dataset(dataset: Mapping[str, Any], described: Described) -> Node:
    """Describe one dataset of a release as a schema.org Dataset, with its files."""
    catalogue, base_url = described.catalogue, described.base_url
    citation = cite_dataset(dataset, catalogue.release, base_url)
    measures = catalogue.codes["measure"]
    return {
        **_common(described, dataset, citation["cite_as"]),
        "name": name_dataset(dataset),
        "description": " ".join([dataset["description"], *dataset["limits"]]),
        "identifier": dataset["id"],
        "creditText": citation["text"],
        "variableMeasured": [
            {
                "@type": "PropertyValue",
                "propertyID": measure,
                "name": measures[measure]["label"],
                "description": measures[measure]["definition"],
            }
            for measure in dataset["measures"]
        ],
        "isPartOf": {"@type": "Dataset", "@id": f"{base_url}/v1/releases/{catalogue.release.number}"},
        "distribution": _downloads(of_dataset(dataset["id"], described.downloads), described, dataset),
    }


def describe_release(described: Described) -> Node:
    """Describe a release as a schema.org Dataset, with the file of all its figures and its bundle."""
    release = described.catalogue.release
    citation = cite_release(release, described.base_url)
    return {
        **_common(described, None, citation["cite_as"]),
        "name": f"{ATTRIBUTION}, release {release.number}: police misconduct",
        "description": f"{DESCRIPTION} {release.summary}",
        "identifier": release.digest,
        "creditText": citation["text"],
        "distribution": _downloads(of_release(described.downloads), described, None),
    }


def _common(described: Described, dataset: Mapping[str, Any] | None, address: str) -> Node:
    release, base_url = described.catalogue.release, described.base_url
    contact = described.contact_address
    reached = {"email" if (contact or "").startswith("mailto:") else "url": (contact or "").removeprefix("mailto:")}
    point = {"contactPoint": {"@type": "ContactPoint", **reached}} if contact else {}
    publisher = {"@type": "Organization", "name": ATTRIBUTION, "url": f"{base_url}/", **point}
    first, last = described.days(dataset)
    days = "/".join(day.isoformat() if day else ".." for day in (first, last))
    return {
        "@context": CONTEXT,
        "@id": address,
        "@type": "Dataset",
        "url": address,
        "version": release.number,
        "datePublished": release.released.isoformat(),
        "inLanguage": "en",
        "license": LICENCE,
        "isAccessibleForFree": True,
        "creator": publisher,
        "publisher": publisher,
        "about": {"@type": "Thing", "name": SUBJECT},
        "keywords": described.keywords(dataset),
        "spatialCoverage": [
            {"@type": "Place", "name": place.label, **({"sameAs": place.address} if place.address else {})}
            for place in described.places(dataset)
        ],
        **({"temporalCoverage": days} if first or last else {}),
        "includedInDataCatalog": {"@type": "DataCatalog", "name": ATTRIBUTION, "url": f"{base_url}/v1/dcat"},
    }


def _downloads(downloads: Iterable[Download], described: Described, dataset: Mapping[str, Any] | None) -> list[Node]:
    files = [
        {
            **_download(download.name, download.url, download.media_type),
            "contentSize": f"{download.length} B",
            "sha256": download.sha256,
        }
        for download in downloads
    ]
    return [*files, *(_download(*one) for one in described.by_year(dataset))]


def _download(name: str, url: str, media_type: str) -> Node:
    encoding = media_type.partition(";")[0]
    return {"@type": "DataDownload", "name": name, "contentUrl": url, "encodingFormat": encoding}
