"""What is counted once for each release and query, or when the release was loaded."""

from __future__ import annotations

from misconduct.api.request_context import Question
from misconduct.model.counts import Whole
from misconduct.queries import by_year
from misconduct.queries.counts import find_counted
from misconduct.queries.filters import Filters


def find_whole(question: Question, filters: Filters, key: str) -> Whole | None:
    """Return what is known of all figures that match, if it was counted lately, or at load; `key` is of these filters.

    What was counted at load is kept too: of 18,000 codes below one it is a sum.
    """
    wholes = question.service.wholes
    whole = wholes.get(key)
    if whole is None and (whole := find_counted(question.catalogue.counts, filters)):
        wholes.keep(key, whole)
    return whole


async def find_series(
    question: Question,
    filters: Filters,
    *,
    limit: int,
    after: by_year.Key | None = None,
    has_years: bool = False,
) -> by_year.FoundSeries:
    """Find a page of series, and what is known of all figures that match."""
    service, release, editions = question.service, question.release, question.catalogue.editions
    key = f"{question.release_key} {filters}"
    found = await by_year.find_series(
        service.database,
        filters,
        release.ordinal,
        editions,
        limit=limit,
        after=after,
        has_years=has_years,
        whole=find_whole(question, filters, key),
    )
    service.wholes.keep(key, found.whole)
    return found
