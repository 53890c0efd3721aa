"""What is counted once for each release and query, or when the release was loaded."""

from __future__ import annotations

from misconduct.api.request_context import Question
from misconduct.model.counts import Whole
from misconduct.queries import by_year
from misconduct.queries.counts import find_counted
from misconduct.queries.filters import Filters


def find_whole(question: Question, filters: Filters) -> Whole | None:
    """Return what is known of all figures that match, if it was counted at load, or lately."""
    counted = find_counted(question.catalogue.counts, filters)
    return counted or question.service.wholes.get(f"{question.release_key} {filters}")


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
    key = f"{question.release_key} {filters}"  # once: a removal meanwhile makes it another
    found = await by_year.find_series(
        service.database,
        filters,
        release.ordinal,
        editions,
        limit=limit,
        after=after,
        has_years=has_years,
        whole=find_whole(question, filters),
    )
    service.wholes.keep(key, found.whole)
    return found
