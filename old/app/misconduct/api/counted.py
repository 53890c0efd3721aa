"""What is counted once for each release and query, or when the release was loaded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from misconduct.api.encoder import LONGEST_PAGE
from misconduct.api.request_context import Question
from misconduct.model.counts import Whole
from misconduct.model.observation import Observation
from misconduct.model.period import days_of, years_of
from misconduct.model.series import AllLeftOut
from misconduct.queries import by_year
from misconduct.queries.counts import find_counted
from misconduct.queries.filters import Filters


async def find_whole(question: Question, filters: Filters, key: str) -> Whole | None:
    """Return what is known of all figures that match, if it was counted lately, or at load; `key` is of these filters.

    What was counted at load is kept too: of 18,000 codes below one it is a sum, which is added in a thread, without a
    turn, which a table by year may have already.
    """
    wholes = question.service.wholes
    whole = wholes.get(key)
    if whole is None:
        add = partial(find_counted, question.catalogue.counts, filters)
        is_long = any(len(codes) > LONGEST_PAGE for _, codes in (*filters.asked, *filters.limits))
        if whole := await asyncio.to_thread(add) if is_long else add():
            wholes.keep(key, whole)
    return whole


async def find_left_out(question: Question, filters: Filters, figures: Sequence[Observation]) -> AllLeftOut:
    """Return what the filters leave out of the series of these figures, which a chart of several years may show."""
    if not years_of(days_of(figures))[1:]:
        return {}
    database, ordinal = question.service.database, question.release.ordinal
    return await by_year.find_left_out(database, filters, ordinal, question.catalogue.editions, figures)


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
        whole=await find_whole(question, filters, key),
    )
    service.wholes.keep(key, found.whole)
    return found
