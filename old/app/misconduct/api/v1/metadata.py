"""Metadata for catalogues, search engines and reference managers: DCAT, schema.org, citations."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Annotated, Any

from fastapi import Depends, Path, Response

from misconduct.api.counted import find_whole
from misconduct.api.documentation import documented
from misconduct.api.parameters import RELEASE_PARAMETERS
from misconduct.api.request_context import Question, parse_request
from misconduct.api.responses import answer, page_document, send_bytes
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.find_figure import ObservationId, find_one, pin
from misconduct.api.v1.records import find_record
from misconduct.api.v1.releases import Number, find_files, release_before
from misconduct.api.v1.schemas import CitationAnswer, LinkedData
from misconduct.errors import NotFound, NotInRelease, Removed
from misconduct.formats import CITATION_FORMATS, sdmx
from misconduct.formats.linked import dcat, schema_org
from misconduct.formats.linked.citation import cite_dataset, cite_observation, cite_release
from misconduct.formats.linked.dcat import Described, Download, Extent
from misconduct.http.negotiation import XML
from misconduct.queries.facets import find_extents

LINKED = ("jsonld", "json")
GONE = (NotFound, Removed)

router = DirectRouter(prefix="/v1", tags=["metadata"])

Asked = Annotated[Question, Depends(parse_request(RELEASE_PARAMETERS, CITATION_FORMATS))]
AskedLinked = Annotated[Question, Depends(parse_request(RELEASE_PARAMETERS, LINKED))]
AskedXml = Annotated[Question, Depends(parse_request(RELEASE_PARAMETERS, (XML.name,)))]
OfRelease = Annotated[Question, Depends(parse_request((), CITATION_FORMATS))]
OfReleaseLinked = Annotated[Question, Depends(parse_request((), LINKED))]
DatasetId = Annotated[str, Path(description="Id of a dataset.", examples=["allegations"])]


@router.get("/dcat", **documented(LinkedData, RELEASE_PARAMETERS, LINKED))
async def read_dcat(question: AskedLinked) -> Response:
    """Describe the whole register for a data catalogue (W3C DCAT 3, as JSON-LD).

    It contains the release, its datasets, their files with size and SHA-256, and the data service.
    """
    previous = release_before(question.service, question.release)
    return await _describe(question, lambda described: dcat.describe_catalogue(described, previous))


@router.get("/datasets/{dataset_id}/dcat", **documented(LinkedData, RELEASE_PARAMETERS, LINKED, *GONE))
async def read_dataset_dcat(question: AskedLinked, dataset_id: DatasetId) -> Response:
    """Describe one dataset and its files for a data catalogue (W3C DCAT 3, as JSON-LD)."""
    dataset = await find_record(question, "dataset", dataset_id)
    return await _describe(question, lambda described: dcat.describe_dataset(dataset, described))


@router.get("/datasets/{dataset_id}/schema-org", **documented(LinkedData, RELEASE_PARAMETERS, LINKED, *GONE))
async def read_dataset_schema_org(question: AskedLinked, dataset_id: DatasetId) -> Response:
    """Describe one dataset and its files for search engines (schema.org `Dataset`, as JSON-LD)."""
    dataset = await find_record(question, "dataset", dataset_id)
    return await _describe(question, lambda described: schema_org.describe_dataset(dataset, described))


@router.get(
    "/datasets/{dataset_id}/citation", **documented(CitationAnswer, RELEASE_PARAMETERS, CITATION_FORMATS, *GONE)
)
async def read_dataset_citation(question: Asked, dataset_id: DatasetId) -> Response:
    """Return the citation of a dataset as text, BibTeX (`.bib`), RIS (`.ris`) and CSL-JSON (`.json`).

    Its URL names the release and never changes.
    """
    dataset = await find_record(question, "dataset", dataset_id)
    return _cited(question, cite_dataset(dataset, question.release, question.service.public_url))


_STRUCTURE = documented(LinkedData, RELEASE_PARAMETERS, ())


@router.get(
    "/structure.xml",
    response_class=Response,
    responses={
        **_STRUCTURE["responses"],
        200: {
            "description": "The structure.",
            "content": {sdmx.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        },
    },
    openapi_extra=_STRUCTURE["openapi_extra"],
)
async def read_structure(question: AskedXml) -> Response:
    """Describe tables by year as SDMX-ML 3.0: data structure, concepts, code lists, and a dataflow for each dataset.

    It is what `/v1/{dataset}/by-year.sdmx` (SDMX-CSV 2.0) refers to. Its version is the number of the release.
    """

    def make() -> Response:
        return send_bytes(question, sdmx.encode_structure(question.catalogue), question.headers(), sdmx.CONTENT_TYPE)

    return await question.service.encoder.make_list(len(question.catalogue.kind("code")), make, question.client)


@router.get("/releases/{number}/dcat", **documented(LinkedData, (), LINKED))
async def read_release_dcat(question: OfReleaseLinked, number: Number) -> Response:  # noqa: ARG001
    """Describe one release and its files for a data catalogue (W3C DCAT 3, as JSON-LD)."""
    previous = release_before(question.service, question.release)
    return await _describe(question, lambda described: dcat.describe_release(described, previous))


@router.get("/releases/{number}/schema-org", **documented(LinkedData, (), LINKED))
async def read_release_schema_org(question: OfReleaseLinked, number: Number) -> Response:  # noqa: ARG001
    """Describe one release and its files for search engines (schema.org `Dataset`, as JSON-LD)."""
    return await _describe(question, schema_org.describe_release)


@router.get("/releases/{number}/citation", **documented(CitationAnswer, (), CITATION_FORMATS))
async def read_release_citation(question: OfRelease, number: Number) -> Response:  # noqa: ARG001
    """Return the citation of a release as text, BibTeX (`.bib`), RIS (`.ris`) and CSL-JSON (`.json`)."""
    release = question.release
    return _cited(question, cite_release(release, question.service.public_url))


@router.get(
    "/observations/{observation_id}/citation",
    **documented(CitationAnswer, RELEASE_PARAMETERS, CITATION_FORMATS, NotFound, NotInRelease, Removed),
)
async def read_observation_citation(question: Asked, observation_id: ObservationId) -> Response:
    """Return the citation of a figure as text, BibTeX (`.bib`), RIS (`.ris`) and CSL-JSON (`.json`).

    It has the exact wording and hedge of the figure, the document that prints it, and the release, so it never changes.
    """
    found = await find_one(question, observation_id)
    return _cited(pin(question, found), cite_observation(found.shown, found.catalogue, question.service.public_url))


def _cited(question: Question, citation: dict[str, Any]) -> Response:
    return answer(question, lambda: page_document(question, citation, total=1))


async def _describe(question: Question, describe: Callable[[Described], Any]) -> Response:
    """Describe a release or a dataset, given its files, and where and when its figures are about.

    Of many measures in many areas it is found and made in its turn: of 18,000 areas it takes seconds.
    """
    service, release = question.service, question.release
    contact, contact_address = service.settings.contact, service.settings.contact_address
    possible = prod(len(question.catalogue.codes.get(name, ())) for name in ("measure", "area"))
    if whole := await find_whole(question, question.filters, question.total_key):
        possible = min(possible, whole.figures)
    async with service.encoder.turn_if_long(possible, question.client) as run:
        address = f"{service.public_url}/v1/releases/{release.number}/files"
        downloads = [
            Download(file.name, f"{address}/{file.name}", file.media_type, file.length, file.sha256)
            for file in await find_files(service, release)
        ]
        extents: dict[str, list[Extent]] = {}
        for row in await find_extents(service.database, release.ordinal):
            extents.setdefault(row.measure, []).append(Extent._make(row))
        described = Described(question.catalogue, downloads, extents, contact, contact_address, service.public_url)
        return await run(lambda: answer(question, lambda: describe(described)))
