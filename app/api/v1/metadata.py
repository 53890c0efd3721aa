"""For catalogues, search engines and reference managers: DCAT, schema.org, citations."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from app.api.documentation import documented
from app.api.parameters import RELEASE_PARAMETERS
from app.api.request_context import Question, asked
from app.api.responses import answer, page_document
from app.api.v1.find_figure import ObservationId, find_one
from app.api.v1.records import find_record
from app.api.v1.releases import release_before
from app.api.v1.schemas import CitationAnswer, LinkedData
from app.errors import NotFound, NotInRelease, Removed
from app.formats.linked import dcat, schema_org
from app.formats.linked.citation import cite_dataset, cite_observation, cite_release
from app.formats.linked.dcat import Download
from app.model.records import Release
from app.queries import files

JSON = ("json",)
LINKED = ("jsonld", "json")
GONE = (NotFound, Removed)

router = APIRouter(prefix="/v1", tags=["metadata"])

Asked = Annotated[Question, Depends(asked(RELEASE_PARAMETERS, JSON))]
AskedLinked = Annotated[Question, Depends(asked(RELEASE_PARAMETERS, LINKED))]
OfRelease = Annotated[Question, Depends(asked((), JSON))]
OfReleaseLinked = Annotated[Question, Depends(asked((), LINKED))]
DatasetId = Annotated[str, Path(description="A dataset.", examples=["allegations"])]
Number = Annotated[str, Path(description="Number of a release, or latest.", examples=["1.1.0"])]


@router.get("/dcat", **documented(LinkedData, RELEASE_PARAMETERS, LINKED))
async def read_dcat(question: AskedLinked) -> Response:
    """All there is, for a data catalogue: W3C DCAT 3 as JSON-LD.

    The release, its datasets, their files with length and SHA-256, and the service that answers for them.
    """
    downloads = await _downloads(question, question.release)
    previous, contact = release_before(question.service, question.release), question.service.settings.contact
    return answer(
        question,
        lambda: dcat.describe_catalogue(question.catalogue, downloads, previous, contact, question.service.base_url),
    )


@router.get("/datasets/{dataset_id}/dcat", **documented(LinkedData, RELEASE_PARAMETERS, LINKED, *GONE))
async def read_dataset_dcat(question: AskedLinked, dataset_id: DatasetId) -> Response:
    """One dataset with its files, for a data catalogue: W3C DCAT 3 as JSON-LD."""
    dataset = await find_record(question, "dataset", dataset_id)
    downloads = await _downloads(question, question.release)
    base_url = question.service.base_url
    return answer(question, lambda: dcat.describe_dataset(dataset, question.catalogue, downloads, base_url))


@router.get("/datasets/{dataset_id}/schema-org", **documented(LinkedData, RELEASE_PARAMETERS, LINKED, *GONE))
async def read_dataset_schema_org(question: AskedLinked, dataset_id: DatasetId) -> Response:
    """One dataset with its files, for search engines: schema.org `Dataset` as JSON-LD."""
    dataset = await find_record(question, "dataset", dataset_id)
    downloads = await _downloads(question, question.release)
    base_url = question.service.base_url
    return answer(question, lambda: schema_org.describe_dataset(dataset, question.catalogue, downloads, base_url))


@router.get("/datasets/{dataset_id}/citation", **documented(CitationAnswer, RELEASE_PARAMETERS, JSON, *GONE))
async def read_dataset_citation(question: Asked, dataset_id: DatasetId) -> Response:
    """How to cite a dataset: as text, CSL-JSON and BibTeX. The address names the release, so it never changes."""
    dataset = await find_record(question, "dataset", dataset_id)
    return _cited(question, cite_dataset(dataset, question.release, question.service.base_url))


@router.get("/releases/{number}/dcat", **documented(LinkedData, (), LINKED))
async def read_release_dcat(question: OfReleaseLinked, number: Number) -> Response:
    """One release with its files, for a data catalogue: W3C DCAT 3 as JSON-LD."""
    release = question.service.releases.resolve(number, None)
    downloads = await _downloads(question, release)
    previous, base_url = release_before(question.service, release), question.service.base_url
    return answer(question, lambda: dcat.describe_release(release, downloads, previous, base_url))


@router.get("/releases/{number}/schema-org", **documented(LinkedData, (), LINKED))
async def read_release_schema_org(question: OfReleaseLinked, number: Number) -> Response:
    """One release with its files, for search engines: schema.org `Dataset` as JSON-LD."""
    release = question.service.releases.resolve(number, None)
    downloads = await _downloads(question, release)
    return answer(question, lambda: schema_org.describe_release(release, downloads, question.service.base_url))


@router.get("/releases/{number}/citation", **documented(CitationAnswer, (), JSON))
async def read_release_citation(question: OfRelease, number: Number) -> Response:
    """How to cite a release: as text, CSL-JSON and BibTeX."""
    release = question.service.releases.resolve(number, None)
    return _cited(question, cite_release(release, question.service.base_url))


@router.get(
    "/observations/{observation_id}/citation",
    **documented(CitationAnswer, RELEASE_PARAMETERS, JSON, NotFound, NotInRelease, Removed),
)
async def read_observation_citation(question: Asked, observation_id: ObservationId) -> Response:
    """How to cite a figure: as text, CSL-JSON and BibTeX.

    With its exact wording and hedge, the document that prints it, and the release, so it never changes under a story.
    """
    found = await find_one(question, observation_id)
    return _cited(question, cite_observation(found.shown, found.catalogue, question.service.base_url))


def _cited(question: Question, citation: dict[str, Any]) -> Response:
    return answer(question, lambda: page_document(question, citation, total=1))


async def _downloads(question: Question, release: Release) -> list[Download]:
    """The files of a release, with their addresses."""
    address = f"{question.service.base_url}/v1/releases/{release.number}/files"
    found = await files.list_files(question.service.database, release.ordinal)
    return [Download(file.name, f"{address}/{file.name}", file.media_type, file.length, file.sha256) for file in found]
