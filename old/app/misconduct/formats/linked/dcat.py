"""Datasets and releases for data catalogues: W3C DCAT 3 as JSON-LD."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from misconduct.formats import BY_YEAR_FORMATS, FORMATS
from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import UNSTATED
from misconduct.model.figure import ATTRIBUTION, LICENCE
from misconduct.model.phrases import name_dataset
from misconduct.model.records import Release

CONTEXT: dict[str, Any] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "adms": "http://www.w3.org/ns/adms#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
ENGLISH = {"@id": "http://id.loc.gov/vocabulary/iso639-1/en"}
IANA = "https://www.iana.org/assignments/media-types/"
ALGORITHM = {"@id": "spdx:checksumAlgorithm_sha256"}
DESCRIPTION = "Published statistics on police misconduct, each figure as printed, with the evidence for it."
SUBJECT = "Police misconduct"
KEYWORDS = ("police", "police misconduct")
THEME = {"@id": "http://publications.europa.eu/resource/authority/data-theme/JUST"}
"""Justice, legal system and public safety, among the data themes of DCAT-AP."""

BY_YEAR = ("csv", "parquet", *(name for name in BY_YEAR_FORMATS if FORMATS[name].offered == "by-year"))
"""The formats of by-year tables that a catalogue names."""

_ONS_CODE = re.compile(r"[A-Z][0-9]{8}", re.ASCII)

Node = dict[str, Any]


class Download(NamedTuple):
    """A file that can be downloaded: address, IANA media type, length in bytes, and SHA-256 in hexadecimal."""

    name: str
    url: str
    media_type: str
    length: int
    sha256: str


class Extent(NamedTuple):
    """Where and when the figures of one measure are about: the first and last day, as far as they are dated."""

    measure: str
    area: str
    first: date | None
    last: date | None


class Place(NamedTuple):
    """An area: its address elsewhere and its notation, if they are known, and its label."""

    address: str | None
    label: str
    notation: str | None


def _address_of_area(code: str, area: Mapping[str, Any]) -> str | None:
    """Return the address that the register gives, or that of a code of the Office for National Statistics."""
    address: str | None = area["same_as"]
    ons = f"http://statistics.data.gov.uk/id/statistical-geography/{code}"
    return address or (ons if _ONS_CODE.fullmatch(code) else None)


class Described(NamedTuple):
    """What descriptions need beside the records: files, extents by measure, whom to write to, and the address of the
    service.
    """

    catalogue: Catalogue
    downloads: Sequence[Download]
    extents: Mapping[str, Sequence[Extent]]
    contact: str | None
    contact_address: str | None
    base_url: str

    def extents_of(self, dataset: Mapping[str, Any] | None) -> list[Extent]:
        """Return the extents of a dataset; None: of all figures."""
        measures = self.extents if dataset is None else dataset["measures"]
        return [one for measure in measures for one in self.extents.get(measure, ())]

    def places(self, dataset: Mapping[str, Any] | None) -> list[Place]:
        """Return each area of the figures: its address elsewhere, its label, and its notation in a scheme."""
        areas = self.catalogue.codes.get("area", {})
        codes = sorted({one.area for one in self.extents_of(dataset)} - {UNSTATED})
        return [
            Place(_address_of_area(code, areas[code]), areas[code]["label"], areas[code]["notation"]) for code in codes
        ]

    def days(self, dataset: Mapping[str, Any] | None) -> tuple[date | None, date | None]:
        """Return the first and the last day of the figures that are dated."""
        extents = self.extents_of(dataset)
        return (
            min((one.first for one in extents if one.first), default=None),
            max((one.last for one in extents if one.last), default=None),
        )

    def keywords(self, dataset: Mapping[str, Any] | None) -> list[str]:
        """Return the subject, the areas, and the labels of the measures."""
        measures = [self.catalogue.label("measure", measure) for measure in dataset["measures"]] if dataset else []
        return [*KEYWORDS, *(place.label for place in self.places(dataset)), *measures]

    def by_year(self, dataset: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
        """Return the title, address and media type of the by-year tables."""
        view = f"{self.base_url}/v1/{dataset['id'] if dataset else 'observations'}/by-year"
        release = self.catalogue.release.number
        return [(f"by-year.{name}", f"{view}.{name}?release={release}", FORMATS[name].media_type) for name in BY_YEAR]


def describe_catalogue(described: Described, previous: Release | None) -> Node:
    """Describe a release as a dcat:Catalog: the release as a whole, its datasets, and the service."""
    catalogue, base_url = described.catalogue, described.base_url
    whole = _release(described, previous)
    parts = [_dataset(dataset, described) for dataset in catalogue.kind("dataset").values()]
    return {
        "@context": CONTEXT,
        "@id": f"{base_url}/v1/dcat",
        "@type": "dcat:Catalog",
        **_common(f"{ATTRIBUTION}: published figures on police misconduct", DESCRIPTION, described, None),
        "foaf:homepage": {"@id": f"{base_url}/"},
        "dcat:dataset": [whole, *parts],
        "dcat:service": _service([whole, *parts], base_url),
    }


def describe_dataset(dataset: Mapping[str, Any], described: Described) -> Node:
    """Describe one dataset of a release as a dcat:Dataset, with its files."""
    return {"@context": CONTEXT, **_dataset(dataset, described)}


def describe_release(described: Described, previous: Release | None) -> Node:
    """Describe a release as a dcat:Dataset, with the file of all its figures and its bundle."""
    return {"@context": CONTEXT, **_release(described, previous)}


def of_dataset(dataset_id: str, downloads: Iterable[Download]) -> list[Download]:
    """Return the files of one dataset among those of a release."""
    return [download for download in downloads if download.name.rpartition(".")[0] == dataset_id]


def of_release(downloads: Iterable[Download]) -> list[Download]:
    """Return the files that contain the whole release."""
    downloads = list(downloads)
    return [*of_dataset("bundle", downloads), *of_dataset("observations", downloads)]


def _dataset(dataset: Mapping[str, Any], described: Described) -> Node:
    release, base_url = described.catalogue.release, described.base_url
    itself = f"{base_url}/v1/datasets/{dataset['id']}"
    description = " ".join([dataset["description"], *dataset["limits"]])
    return {
        "@id": f"{itself}?release={release.number}",
        "@type": "dcat:Dataset",
        **_common(name_dataset(dataset), description, described, dataset),
        "dcterms:identifier": dataset["id"],
        "dcterms:isPartOf": {"@id": f"{base_url}/v1/releases/{release.number}"},
        "dcat:isVersionOf": {"@id": itself},
        "dcat:landingPage": {"@id": f"{base_url}/v1/{dataset['id']}?release={release.number}"},
        "dcat:distribution": _distributions(of_dataset(dataset["id"], described.downloads), described, dataset),
    }


def _release(described: Described, previous: Release | None) -> Node:
    release, base_url = described.catalogue.release, described.base_url
    before = {"dcat:previousVersion": {"@id": f"{base_url}/v1/releases/{previous.number}"}} if previous else {}
    return {
        "@id": f"{base_url}/v1/releases/{release.number}",
        "@type": "dcat:Dataset",
        **_common(f"{ATTRIBUTION}, release {release.number}: police misconduct", DESCRIPTION, described, None),
        **before,
        "dcterms:identifier": release.digest,
        "dcterms:issued": _day(release.released),
        "adms:versionNotes": _english(release.summary),
        "dcat:landingPage": {"@id": f"{base_url}/v1/releases/{release.number}"},
        "dcat:distribution": _distributions(of_release(described.downloads), described, None),
    }


def _common(title: str, description: str, described: Described, dataset: Mapping[str, Any] | None) -> Node:
    release = described.catalogue.release
    return {
        "dcterms:title": _english(title),
        "dcterms:description": _english(description),
        "dcterms:publisher": {"@type": "foaf:Agent", "foaf:name": ATTRIBUTION},
        "dcterms:license": {"@id": LICENCE},
        "dcterms:language": ENGLISH,
        "dcterms:modified": _day(release.released),
        "dcat:version": release.number,
        "dcat:keyword": [_english(word) for word in described.keywords(dataset)],
        "dcat:theme": THEME,
        "dcterms:spatial": [
            {
                **({"@id": place.address} if place.address else {}),
                "@type": "dcterms:Location",
                "skos:prefLabel": _english(place.label),
                **({"skos:notation": place.notation} if place.notation else {}),
            }
            for place in described.places(dataset)
        ],
        **_temporal(*described.days(dataset)),
        **_contact(described),
    }


def _temporal(first: date | None, last: date | None) -> Node:
    days = {"dcat:startDate": first, "dcat:endDate": last}
    known = {name: _day(day) for name, day in days.items() if day}
    return {"dcterms:temporal": {"@type": "dcterms:PeriodOfTime", **known}} if known else {}


def _contact(described: Described) -> Node:
    if described.contact is None:
        return {}
    address = described.contact_address
    is_email = address is not None and address.startswith("mailto:")
    reached = {"vcard:hasEmail" if is_email else "vcard:hasURL": {"@id": address}} if address else {}
    return {"dcat:contactPoint": {"@type": "vcard:Kind", "vcard:fn": described.contact, **reached}}


def _service(datasets: Sequence[Node], base_url: str) -> Node:
    return {
        "@id": f"{base_url}/v1",
        "@type": "dcat:DataService",
        "dcterms:title": _english(f"{ATTRIBUTION}: API"),
        "dcat:endpointURL": {"@id": f"{base_url}/v1"},
        "dcat:endpointDescription": {"@id": f"{base_url}/openapi.json"},
        "dcat:servesDataset": [{"@id": dataset["@id"]} for dataset in datasets],
    }


def _distributions(
    downloads: Iterable[Download], described: Described, dataset: Mapping[str, Any] | None
) -> list[Node]:
    """Describe files, with their length and hash, and by-year tables, which the service makes."""
    files = [
        {
            **_distribution(download.name, download.url, download.media_type),
            "dcat:byteSize": _typed(str(download.length), "nonNegativeInteger"),
            "spdx:checksum": {
                "@type": "spdx:Checksum",
                "spdx:algorithm": ALGORITHM,
                "spdx:checksumValue": _typed(download.sha256, "hexBinary"),
            },
        }
        for download in downloads
    ]
    made = [
        {**_distribution(*one), "dcat:accessService": {"@id": f"{described.base_url}/v1"}}
        for one in described.by_year(dataset)
    ]
    return [*files, *made]


def _distribution(title: str, url: str, media_type: str) -> Node:
    return {
        "@id": url,
        "@type": "dcat:Distribution",
        "dcterms:title": _english(title),
        "dcat:accessURL": {"@id": url},
        "dcat:downloadURL": {"@id": url},
        "dcat:mediaType": {"@id": f"{IANA}{media_type.partition(';')[0]}"},
        "dcterms:license": {"@id": LICENCE},
    }


def _english(text: str) -> Node:
    return {"@value": text, "@language": "en"}


def _day(day: date) -> Node:
    return _typed(day.isoformat(), "date")


def _typed(text: str, datatype: str) -> Node:
    return {"@value": text, "@type": f"xsd:{datatype}"}
