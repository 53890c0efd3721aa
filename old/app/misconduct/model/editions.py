"""Which sources are editions of one work: an annual table, or an article and its correction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from misconduct.model.period import bounds


class Edition(NamedTuple):
    """The work of which a source is one edition, and its place among them: 0 is the latest."""

    work: str
    place: int


Editions = Mapping[str, Edition]
"""The editions by the slug of their source. A source that is not among them is a work of its own."""


def editions_of(sources: Mapping[str, Mapping[str, Any]]) -> dict[str, Edition]:
    """Order the editions of each work, the latest first and those without a date last.

    A work may have the slug of its first edition, so that this needs no new version when a second appears.
    """
    works: dict[str, list[str]] = {}
    for slug, source in sources.items():
        if work := source.get("work"):
            works.setdefault(work, []).append(slug)
    for work, slugs in works.items():
        if work in sources and not sources[work].get("work"):
            slugs.append(work)
    found = dict[str, Edition]()
    for work, slugs in works.items():
        dated = sorted(slugs, key=lambda slug: (_last_day(sources[slug]), slug), reverse=True)
        found |= {slug: Edition(work, place) for place, slug in enumerate(dated)}
    return found


def _last_day(source: Mapping[str, Any]) -> date:
    return bounds(source["published"])[1] if source.get("published") else date.min
