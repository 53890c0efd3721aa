"""Figures: listings, by-year tables, and one by its id."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from app.api.answers import answer, page_document, stream
from app.api.documentation import documented
from app.api.parameters import BY_YEAR_PARAMETERS, LISTING_PARAMETERS, RELEASE_PARAMETERS, suggest
from app.api.question import Question, asked
from app.api.v1.models import ByYearPage, ObservationAnswer, ObservationPage
from app.api.v1.one import ObservationId, find_one
from app.domain import figure, series
from app.domain.standing import standing
from app.domain.table import Table
from app.errors import ExportTooLarge, NotFound, NotInRelease, Removed
from app.queries import by_year, emptied, observations
from app.queries.filters import Filters

ROWS_OF_A_PIECE = 1_000
FORMS = ("json", "csv")

router = APIRouter(prefix="/v1", tags=["figures"])
views = APIRouter(prefix="/v1", tags=["figures"])

Listing = Annotated[Question, Depends(asked(LISTING_PARAMETERS, FORMS))]
ByYear = Annotated[Question, Depends(asked(BY_YEAR_PARAMETERS, FORMS))]
One = Annotated[Question, Depends(asked(RELEASE_PARAMETERS, FORMS))]
Dataset = Annotated[str, Path(description="A dataset, from /v1/datasets.", examples=["allegations"])]


@router.get("/observations", **documented(ObservationPage, LISTING_PARAMETERS, FORMS, ExportTooLarge))
async def list_observations(question: Listing) -> Response:
    """Every published figure, each with its source, its exact wording and its caveats.

    With a number in hand, ask `?value=1071`: which statistic is it, who stated it, where is it printed? A figure that
    no source states is not here, and never zero. CSV without `limit` holds all rows that match.
    """
    return await _list(question, question.filters)


@views.get("/{dataset}", **documented(ObservationPage, LISTING_PARAMETERS, FORMS, NotFound, ExportTooLarge))
async def list_dataset(question: Listing, dataset: Dataset) -> Response:
    """The figures of one dataset, each with its source, its exact wording and its caveats.

    `allegations` are allegation categories by year, `duty-status` suspension and restriction counts, `vetting-checks`
    vetting-check results. A figure may be in several datasets.
    """
    return await _list(question, _within(question, dataset))


@router.get("/observations/by-year", **documented(ByYearPage, BY_YEAR_PARAMETERS, FORMS))
async def list_observations_by_year(question: ByYear) -> Response:
    """All figures that are stated by year, as a table: a row per series, a column per year.

    Unlike things never share a row. A year for which no source states a figure is null in `values`, and has its reason
    in `gaps`.
    """
    return await _list_by_year(question, question.filters)


@views.get("/{dataset}/by-year", **documented(ByYearPage, BY_YEAR_PARAMETERS, FORMS, NotFound))
async def list_dataset_by_year(question: ByYear, dataset: Dataset) -> Response:
    """The figures of one dataset as a table: a row per series, a column per year.

    A year for which no source states a figure is null in `values`, and has its reason in `gaps`. The figure for the
    whole window stands by itself, in `window`.
    """
    return await _list_by_year(question, _within(question, dataset))


@router.get(
    "/observations/{observation_id}",
    **documented(ObservationAnswer, RELEASE_PARAMETERS, FORMS, NotFound, NotInRelease, Removed),
)
async def read_observation(question: One, observation_id: ObservationId) -> Response:
    """All about one figure: the reading in force, and whether it still stands.

    With `release`, exactly as that release had it, so that a citation never changes under a story.
    """
    shown, readings = await find_one(question, observation_id)
    base_url = question.service.base_url
    return answer(
        question,
        lambda: page_document(
            question,
            figure.as_document(shown, question.catalogue, base_url),
            total=1,
            standing=standing(shown, readings, None, question.catalogue, base_url),
        ),
        lambda: figure.as_table([shown], question.catalogue, base_url),
    )


def _within(question: Question, dataset: str) -> Filters:
    datasets = question.catalogue.kind("dataset")
    if dataset not in datasets:
        near = suggest(dataset, datasets)
        known = ", ".join(sorted(datasets))
        hint = f" Did you mean {near}?" if near else ""
        raise NotFound(f"There is no dataset {dataset[:40]!r}.{hint} There are: {known}.", allowed=sorted(datasets))
    return question.filters.within("measure", tuple(datasets[dataset]["measures"]))


async def _list(question: Question, filters: Filters) -> Response:
    if question.representation.form.encode_more is not None and question.limit is None:
        return await _export(question, filters)
    found = await _find(question, filters, question.page_size, question.after())
    next_link = question.pinned_link(cursor=question.cursor_to(found.next)) if found.next else None
    warnings = await _warnings(question, filters) if found.total == 0 else []
    return answer(
        question,
        lambda: page_document(
            question, _documents(question, found), total=found.total, next_link=next_link, warnings=warnings
        ),
        lambda: _table(question, found),
        next_link=next_link,
    )


async def _find(
    question: Question, filters: Filters, limit: int, after: observations.Position | None
) -> observations.Found:
    service = question.service
    found = await observations.find(
        service.database,
        filters,
        question.release.ordinal,
        sort=question.sort,
        limit=limit,
        after=after,
        total=service.known_total(question.subject),
    )
    service.keep_total(question.subject, found.total)
    return found


def _documents(question: Question, found: observations.Found) -> list[dict[str, Any]]:
    return [figure.as_document(o, question.catalogue, question.service.base_url) for o in found.observations]


def _table(question: Question, found: observations.Found) -> Table:
    return figure.as_table(found.observations, question.catalogue, question.service.base_url)


async def _export(question: Question, filters: Filters) -> Response:
    """All rows that match, in pieces; refused before the first byte where they are too many."""
    form = question.representation.form
    first = await _find(question, filters, ROWS_OF_A_PIECE, question.after())
    most = question.service.settings.export_rows
    if first.total > most:
        raise ExportTooLarge(
            f"{first.total} rows match, and one export holds {most}. Add conditions, or use limit and cursor."
        )
    if first.next is None:
        return answer(question, dict, lambda: _table(question, first))

    async def pieces() -> AsyncIterator[bytes]:
        found, encode = first, form.encode
        while True:
            for piece in encode(_table(question, found)):
                yield piece
            if found.next is None or form.encode_more is None:
                return
            encode = form.encode_more
            found = await _find(question, filters, ROWS_OF_A_PIECE, found.next)

    return stream(question, pieces())


async def _warnings(question: Question, filters: Filters) -> list[dict[str, Any]]:
    """Why nothing matched: the conditions that emptied the answer, and what there is instead."""
    there = await emptied.find_what_exists(question.service.database, filters, question.release.ordinal)
    if not there:
        detail = "No figure meets these conditions together. Leave one out."
        return [{"code": "nothing_matches", "parameter": None, "detail": detail, "available": []}]
    return [
        {
            "code": "emptied",
            "parameter": name,
            "detail": f"No figure matches this {name}. With the other conditions, those in available do.",
            "available": values,
        }
        for name, values in there.items()
    ]


async def _list_by_year(question: Question, filters: Filters) -> Response:
    catalogue, base_url = question.catalogue, question.service.base_url
    found = await by_year.find_series(
        question.service.database,
        filters,
        question.release.ordinal,
        limit=question.page_size,
        after=question.position(len(series.SERIES) + 1),
    )
    next_link = question.pinned_link(cursor=question.cursor(found.next)) if found.next else None
    warnings = await _warnings(question, filters) if found.total == 0 else []
    return answer(
        question,
        lambda: page_document(
            question,
            [series.as_document(one, catalogue, base_url) for one in found.series],
            total=found.total,
            next_link=next_link,
            warnings=warnings,
        ),
        lambda: series.as_table(found.series, catalogue),
        next_link=next_link,
    )
