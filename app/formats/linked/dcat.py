"""Datasets and releases for data catalogues: W3C DCAT 3 as JSON-LD."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.model.catalogue import Catalogue
from app.model.figure import ATTRIBUTION, LICENCE
from app.model.records import Release

CONTEXT: dict[str, Any] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "adms": "http://www.w3.org/ns/adms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
ENGLISH = {"@id": "http://id.loc.gov/vocabulary/iso639-1/en"}
IANA = "https://www.iana.org/assignments/media-types/"
ALGORITHM = {"@id": "spdx:checksumAlgorithm_sha256"}
DESCRIPTION = "Published statistics on police misconduct, each figure as printed, with the evidence for it."

Node = dict[str, Any]


class Download(NamedTuple):
    """A file that is there: its address, IANA media type, length in bytes, and SHA-256 in hexadecimal."""

    name: str
    url: str
    media_type: str
    length: int
    sha256: str


def describe_catalogue(
    catalogue: Catalogue, downloads: Iterable[Download], previous: Release | None, contact: str | None, base_url: str
) -> Node:
    """A dcat:Catalog of one release: the release as a whole, its datasets, and the service that answers for them."""
    downloads = list(downloads)
    release = catalogue.release
    whole = _release(release, downloads, previous, base_url)
    parts = [_dataset(dataset, catalogue, downloads, base_url) for dataset in catalogue.kind("dataset").values()]
    return {
        "@context": CONTEXT,
        "@id": f"{base_url}/v1/dcat",
        "@type": "dcat:Catalog",
        **_common(ATTRIBUTION, DESCRIPTION, release),
        **_contact(contact),
        "foaf:homepage": {"@id": f"{base_url}/"},
        "dcat:dataset": [whole, *parts],
        "dcat:service": _service([whole, *parts], base_url),
    }


def describe_dataset(
    dataset: Mapping[str, Any], catalogue: Catalogue, downloads: Iterable[Download], base_url: str
) -> Node:
    """One dataset of one release as a dcat:Dataset, with its files."""
    return {"@context": CONTEXT, **_dataset(dataset, catalogue, downloads, base_url)}


def describe_release(release: Release, downloads: Iterable[Download], previous: Release | None, base_url: str) -> Node:
    """One release, the whole register, as a dcat:Dataset, with the file of all its figures and its bundle."""
    return {"@context": CONTEXT, **_release(release, downloads, previous, base_url)}


def of_dataset(dataset_id: str, downloads: Iterable[Download]) -> list[Download]:
    """The files of one dataset among those of a release."""
    return [download for download in downloads if download.name.rpartition(".")[0] == dataset_id]


def of_release(downloads: Iterable[Download]) -> list[Download]:
    """The files of a release that hold all of it."""
    downloads = list(downloads)
    return [*of_dataset("bundle", downloads), *of_dataset("observations", downloads)]


def _dataset(dataset: Mapping[str, Any], catalogue: Catalogue, downloads: Iterable[Download], base_url: str) -> Node:
    release = catalogue.release
    itself = f"{base_url}/v1/datasets/{dataset['id']}"
    return {
        "@id": f"{itself}?release={release.number}",
        "@type": "dcat:Dataset",
        **_common(dataset["title"], " ".join([dataset["description"], *dataset["limits"]]), release),
        "dcterms:identifier": dataset["id"],
        "dcterms:isPartOf": {"@id": f"{base_url}/v1/releases/{release.number}"},
        "dcat:isVersionOf": {"@id": itself},
        "dcat:keyword": [_english(catalogue.label("measure", measure)) for measure in dataset["measures"]],
        "dcat:landingPage": {"@id": f"{base_url}/v1/{dataset['id']}?release={release.number}"},
        "dcat:distribution": _distributions(of_dataset(dataset["id"], downloads)),
    }


def _release(release: Release, downloads: Iterable[Download], previous: Release | None, base_url: str) -> Node:
    before = {"dcat:previousVersion": {"@id": f"{base_url}/v1/releases/{previous.number}"}} if previous else {}
    return {
        "@id": f"{base_url}/v1/releases/{release.number}",
        "@type": "dcat:Dataset",
        **_common(f"{ATTRIBUTION}, release {release.number}", DESCRIPTION, release),
        **before,
        "dcterms:identifier": release.digest,
        "dcterms:issued": _day(release),
        "adms:versionNotes": _english(release.summary),
        "dcat:landingPage": {"@id": f"{base_url}/v1/releases/{release.number}"},
        "dcat:distribution": _distributions(of_release(downloads)),
    }


def _common(title: str, description: str, release: Release) -> Node:
    return {
        "dcterms:title": _english(title),
        "dcterms:description": _english(description),
        "dcterms:publisher": {"@type": "foaf:Agent", "foaf:name": ATTRIBUTION},
        "dcterms:license": {"@id": LICENCE},
        "dcterms:language": ENGLISH,
        "dcterms:modified": _day(release),
        "dcat:version": release.number,
    }


def _contact(contact: str | None) -> Node:
    return {"dcat:contactPoint": {"@type": "vcard:Kind", "vcard:fn": contact}} if contact else {}


def _service(datasets: Sequence[Node], base_url: str) -> Node:
    return {
        "@id": f"{base_url}/v1",
        "@type": "dcat:DataService",
        "dcterms:title": _english(f"{ATTRIBUTION}: API"),
        "dcat:endpointURL": {"@id": f"{base_url}/v1"},
        "dcat:endpointDescription": {"@id": f"{base_url}/openapi.json"},
        "dcat:servesDataset": [{"@id": dataset["@id"]} for dataset in datasets],
    }


def _distributions(downloads: Iterable[Download]) -> list[Node]:
    return [
        {
            "@id": download.url,
            "@type": "dcat:Distribution",
            "dcterms:title": _english(download.name),
            "dcat:accessURL": {"@id": download.url},
            "dcat:downloadURL": {"@id": download.url},
            "dcat:mediaType": {"@id": f"{IANA}{download.media_type.partition(';')[0]}"},
            "dcat:byteSize": _typed(str(download.length), "nonNegativeInteger"),
            "dcterms:license": {"@id": LICENCE},
            "spdx:checksum": {
                "@type": "spdx:Checksum",
                "spdx:algorithm": ALGORITHM,
                "spdx:checksumValue": _typed(download.sha256, "hexBinary"),
            },
        }
        for download in downloads
    ]


def _english(text: str) -> Node:
    return {"@value": text, "@language": "en"}


def _day(release: Release) -> Node:
    return _typed(release.released.isoformat(), "date")


def _typed(text: str, datatype: str) -> Node:
    return {"@value": text, "@type": f"xsd:{datatype}"}
