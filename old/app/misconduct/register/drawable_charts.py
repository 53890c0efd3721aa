"""Check that each chart can be drawn in the next release, and that its words say what its figures say.

A released chart cannot change, so check before it is one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from misconduct.charts.chart import arrange
from misconduct.charts.limits import MOST_COUNTED, Excess, can_show, find_excesses
from misconduct.errors import NoSuchChart
from misconduct.model.catalogue import Catalogue
from misconduct.model.kinds import is_by_year
from misconduct.model.number_words import find_numbers
from misconduct.model.observation import Observation
from misconduct.model.records import Record, Release
from misconduct.register.ledger import Ledger
from misconduct.register.mistakes import Mistakes, Refused
from misconduct.register.observations import Batch
from misconduct.register.references import ClaimedRecord, latest_versions

LONGEST_TITLE = 70
"""Characters of the title of a chart: two lines at the width of a telephone."""

_YEAR = re.compile(r"(?:1[89]|20)\d\d")


class _Chart(NamedTuple):
    """A version of a chart, the codes that its figures have in each column, and the figures kept so far."""

    found: ClaimedRecord
    wanted: Mapping[str, Collection[str]]
    kept: list[Observation]


class DrawableCharts:
    """Keep the figures that charts of the last release and the next match, while all are read; then check them."""

    def __init__(self, found: Iterable[ClaimedRecord], ledger: Ledger, mistakes: Mistakes) -> None:
        self._found = [one for one in found if one.entry.content]
        self._ledger, self._mistakes, self._next = ledger, mistakes, ledger.chain.draft
        self._latest = latest_versions(self._found)
        self._disagreements = [one for one in self._found if one.entry.kind == "disagreement"]
        releases = (self._next - 1, self._next)
        self._charts = [
            _Chart(one, self._wanted(one, releases), [])
            for one in self._found
            if one.entry.kind == "chart" and any(self._has(release, one) for release in releases)
        ]

    def watch(self, batch: Batch) -> None:
        """Keep the figures that a chart matches."""
        for chart in self._charts:
            matching = [o for o in batch.observations if o.ended_in >= self._next]
            for name, codes in chart.wanted.items():
                matching = [o for o in matching if getattr(o, name) in codes]
            shown = (o for o in matching if can_show(chart.found.entry.content, o))
            chart.kept.extend(o for o in shown if len(chart.kept) < MOST_COUNTED)

    def check(self) -> None:
        """Report charts of the next release that cannot be drawn, and warn of released ones."""
        for chart in self._charts:
            self._check_words(chart)
        catalogues = {release: self._catalogue(release) for release in (self._next - 1, self._next) if self._charts}
        for chart in self._charts:
            entry, (added_in, _) = chart.found
            before, after = (list(self._excesses(chart, *one)) for one in catalogues.items())
            is_new = bool(after) and (added_in == self._next or not before)
            for found, allowed in after if is_new else before or after:
                named = f"the chart {entry.id!r} cannot be drawn"
                if is_new:
                    remedy = "narrow its query" + ("" if added_in == self._next else ", in its next version")
                    refused = Refused(
                        "chart_too_large", f"{named} in the next release: {found}", f"{allowed}; {remedy}"
                    )
                    self._mistakes.report_at(entry.locate(("query",)), refused)
                else:
                    instead = "its address says so instead; its next version can have a narrower query"
                    refused = Refused("chart_too_large", f"{named} in a release: {found}", f"{allowed}; {instead}")
                    self._mistakes.warn(entry.locate(("query",)), refused)

    def _check_words(self, chart: _Chart) -> None:
        """Report a title that is too long, and what the figures of the next release do not print or are not."""
        entry, (added_in, _) = chart.found
        is_draft = added_in == self._next
        if not self._has(self._next, chart.found):
            return
        if is_draft and len(title := entry.content["title"]) > LONGEST_TITLE:
            refused = Refused("long_title", f"the title has {len(title)} characters", f"at most {LONGEST_TITLE}")
            self._mistakes.report_at(entry.locate(("title",)), refused)
        before = () if is_draft else [refused.found for _, refused in self._unsupported(chart, self._next - 1)]
        for key, refused in self._unsupported(chart, self._next):
            if refused.found not in before:
                self._mistakes.report_at(entry.locate((key,)), refused)

    def _unsupported(self, chart: _Chart, release: int) -> Iterator[tuple[str, Refused]]:
        """Yield what the words and the emphasis of a chart claim that its figures in a release do not bear out."""
        content, figures = chart.found.entry.content, self._figures(chart, release)
        texts = (text for o in figures for text in (o.printed, o.hedge, o.period_printed) if text)
        printed = {_plain(number) for text in texts for _, number in find_numbers(text)}
        for key in ("title", "subtitle"):
            for _, number in find_numbers(content[key] or ""):
                if _plain(number) not in printed and not _YEAR.fullmatch(number):
                    found = f"no figure of the chart {content['id']!r} prints the {number!r} in its {key}"
                    yield key, Refused("unprinted_number", found, "years, and numbers that its figures print")
        shown = {o.id for o in figures}
        for identity in content["emphasis"]:
            if identity not in shown:
                found = f"the chart {content['id']!r} does not show {identity!r}"
                yield "emphasis", Refused("not_shown", found, "ids of figures that its query chooses")

    def _has(self, release: int, one: ClaimedRecord) -> bool:
        """Return whether a release has this version. In the next one, a draft replaces the version before it."""
        entry, (added_in, ended_in) = one
        is_last = release < self._next or entry.version == self._latest[entry.kind, entry.id]
        return added_in <= release < ended_in and is_last

    def _wanted(self, chart: ClaimedRecord, releases: Iterable[int]) -> dict[str, Collection[str]]:
        """Return the codes that the query selects, by column. A disagreement has its members of any of the releases."""
        query: dict[str, list[str]] = dict(chart.entry.content["query"])
        wanted: dict[str, Collection[str]] = {}
        if disagreements := query.pop("disagreement", None):
            wanted["id"] = {one for release in releases for one in self._members(disagreements, release)}
        return wanted | {name: set(codes) for name, codes in query.items()}

    def _members(self, disagreements: Collection[str], release: int) -> Iterator[str]:
        for one in self._disagreements:
            if one.entry.id in disagreements and self._has(release, one):
                yield from one.entry.content["members"]

    def _excesses(self, chart: _Chart, release: int, catalogue: Catalogue) -> Iterator[Excess]:
        if not self._has(release, chart.found):
            return

        def label(name: str, code: str) -> str | None:
            of_source = catalogue.kind("source").get(code, {}).get("publisher")
            return of_source if name == "source" else catalogue.codes.get(name, {}).get(code, {}).get("label")

        content, here = chart.found.entry.content, self._figures(chart, release)
        excesses = list(find_excesses(content, here, label, catalogue.editions))
        yield from excesses
        if excesses or self._mistakes.total:  # such as a figure with a code that there is not
            return
        try:
            arrange(here, catalogue, form=content["form"] or ("columns" if is_by_year(content) else None))
        except NoSuchChart as problem:
            yield Excess(problem.detail.rstrip("."), "what its form can show")

    def _figures(self, chart: _Chart, release: int) -> list[Observation]:
        """Return the figures that a chart shows in a release."""
        here = [o for o in chart.kept if o.added_in <= release < o.ended_in]
        if release == self._next:
            here = [o for o in here if o.version == self._ledger.latest(o.id)]
        if disagreements := chart.found.entry.content["query"].get("disagreement"):
            members = set(self._members(disagreements, release))
            here = [o for o in here if o.id in members]
        return here

    def _catalogue(self, release: int) -> Catalogue:
        """Return the records of a release, of which the next has no number yet."""
        found = (one for one in self._found if self._has(release, one))
        records = [Record(one.kind, one.id, one.version, one.content, b"", *span) for one, span in found]
        numbers = dict.fromkeys(range(1, self._next + 1), "")
        return Catalogue.assemble(Release(release, "", date.min, "", ""), records, (), numbers)


def _plain(number: str) -> str:
    return number.casefold().replace(",", "")
