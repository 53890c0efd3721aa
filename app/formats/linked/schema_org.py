"""Datasets and releases for search engines: schema.org `Dataset` as JSON-LD."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.formats.linked.citation import cite_dataset, cite_release
from app.formats.linked.dcat import DESCRIPTION, Download, of_dataset, of_release
from app.model.catalogue import Catalogue
from app.model.figure import ATTRIBUTION, LICENCE
from app.model.records import Release

CONTEXT = "https://schema.org/"

Node = dict[str, Any]


def describe_dataset(
    dataset: Mapping[str, Any], catalogue: Catalogue, downloads: Iterable[Download], base_url: str
) -> Node:
    """One dataset of one release as a schema.org Dataset, with its files."""
    citation = cite_dataset(dataset, catalogue.release, base_url)
    return {
        **_common(catalogue.release, citation["cite_as"], base_url),
        "name": dataset["title"],
        "description": " ".join([dataset["description"], *dataset["limits"]]),
        "identifier": dataset["id"],
        "creditText": citation["text"],
        "variableMeasured": [catalogue.label("measure", measure) for measure in dataset["measures"]],
        "isPartOf": {"@type": "Dataset", "@id": f"{base_url}/v1/releases/{catalogue.release.number}"},
        "distribution": _downloads(of_dataset(dataset["id"], downloads)),
    }


def describe_release(release: Release, downloads: Iterable[Download], base_url: str) -> Node:
    """One release, the whole register, as a schema.org Dataset, with the file of all its figures and its bundle."""
    citation = cite_release(release, base_url)
    return {
        **_common(release, citation["cite_as"], base_url),
        "name": f"{ATTRIBUTION}, release {release.number}",
        "description": f"{DESCRIPTION} {release.summary}",
        "identifier": release.digest,
        "creditText": citation["text"],
        "distribution": _downloads(of_release(downloads)),
    }


def _common(release: Release, address: str, base_url: str) -> Node:
    publisher = {"@type": "Organization", "name": ATTRIBUTION, "url": f"{base_url}/"}
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
        "includedInDataCatalog": {"@type": "DataCatalog", "name": ATTRIBUTION, "url": f"{base_url}/v1/dcat"},
    }


def _downloads(downloads: Iterable[Download]) -> list[Node]:
    return [
        {
            "@type": "DataDownload",
            "name": download.name,
            "contentUrl": download.url,
            "encodingFormat": download.media_type.partition(";")[0],
            "contentSize": f"{download.length} B",
            "sha256": download.sha256,
        }
        for download in downloads
    ]
