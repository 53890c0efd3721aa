"""Charts of figures: of a listing, a table by year, one figure, or a query of the register with an editor's words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from fastapi import Response
from starlette.routing import compile_path

from misconduct.api.counted import find_left_out, find_series
from misconduct.api.parameters import (
    BY_YEAR_PARAMETERS,
    COLUMN_PARAMETERS,
    LISTING_PARAMETERS,
    LOOK_PARAMETERS,
    PAGE_PARAMETERS,
    PARAMETERS,
    RELEASE_PARAMETERS,
    describe_faults,
)
from misconduct.api.request_context import Question, leave_out
from misconduct.api.responses import EncodedApart
from misconduct.api.v1.find_figure import One, find_one
from misconduct.api.v1.records import find_record
from misconduct.charts.chart import NO_WORDS, Chart, Words, arrange, arrange_years, refuse
from misconduct.errors import Fault, NoSuchChart
from misconduct.formats.picture import Picture
from misconduct.http.negotiation import PAGE
from misconduct.model.catalogue import Catalogue
from misconduct.model.filters import YEARS, chooses_year
from misconduct.model.kinds import BY_YEAR, is_by_year
from misconduct.model.observation import Observation
from misconduct.model.period import Year
from misconduct.model.records import DRAFT
from misconduct.model.series import Series
from misconduct.queries import observations
from misconduct.queries.by_year import FoundSeries
from misconduct.queries.filters import Filters

MOST_FIGURES, MOST_SERIES = 200, 50
"""Figures and series that are read for one chart: more than any can show. How many it can show depends on its form."""

CARD = "card"
"""The size that services show beside a link."""

FRAMES = {"narrow": 479, "medium": 639, "wide": None}
"""The sizes of a chart in an iframe, each up to a width in pixels: none is ever drawn smaller than it is."""

NOT_OURS = "Headline: not by the Misconduct Register."
"""What a chart with a headline of a reader says in its source line, which has the register's name."""


LONGEST_PAGE = 80
"""Characters of the address of a chart's page that a card has room for."""


class Charted(NamedTuple):
    """A chart, and the figures or the series that it shows, with the years of the series.

    `catalogue` is what they are shown with: of a figure that has ended, that of its last release.
    """

    chart: Chart
    catalogue: Catalogue
    figures: Sequence[Observation] = ()
    found: FoundSeries | None = None
    years: Sequence[Year] = ()
    is_revised: bool = False

    @property
    def series(self) -> Sequence[Series]:
        """The series that it shows; none of a chart of figures."""
        return self.found.series if self.found else ()

    @property
    def is_headline_ours(self) -> bool:
        """Whether the register, and not the request, has written title and subtitle."""
        return not self.chart.source.startswith(NOT_OURS)


def send_chart(question: Question, chart: Chart, *, size: str = str(PARAMETERS["size"].default)) -> Response:
    """Draw a chart in the requested format, size and theme; `size` is the default."""
    form = question.representation.form.name
    picture = Picture(form, chart, asked(question, "size") or size, asked(question, "theme") or "light")
    if picture.size == CARD:
        page = urlsplit(question.link()).netloc + _page_path(question)
        picture = picture._replace(chart=replace(chart, page=page if len(page) <= LONGEST_PAGE else ""))
    return EncodedApart(question, picture)


async def chart_figures(question: Question) -> Charted:
    """Arrange a chart of all figures that match. Raises NoSuchChart if none can show them."""
    _refuse_pages(question)
    found = await _find_figures(question, question.filters)
    words, ids = NO_WORDS, question.values.get("disagreement", ())
    if len(ids) == 1:
        about = question.catalogue.kind("disagreement")[ids[0]]
        if {o.id for o in found} == {*about["members"]}:  # of some of them the title would say too much
            words = Words(about["title"], about["question"])
    return await _of_figures(question, question.filters, found, words)


async def chart_years(question: Question) -> Charted:
    """Arrange a chart of all series that match, in the requested years. Raises NoSuchChart like `chart_figures`.

    The question is without its filters by year (`leave_out`), which choose years and no series.
    """
    _refuse_pages(question)
    return await _of_years(question, question.filters, NO_WORDS)


async def chart_one(question: Question, found: One) -> Charted:
    """Arrange the card of one figure."""
    shown = found.shown
    has_ended = shown.ended_in <= question.release.ordinal
    notice = "This figure has ended: it is no longer in force." if has_ended else None
    notice, revised = await _notice(question, [shown], notice)
    words = _words(question, NO_WORDS)
    chart = arrange([shown], found.catalogue, form=asked(question, "form"), words=words, notice=notice)
    chart = await _measure(question, _disown(chart, words, NO_WORDS))
    return Charted(chart, found.catalogue, [shown], is_revised=revised)


async def chart_record(question: Question, record: Mapping[str, Any]) -> Charted:
    """Arrange a chart of the register: its query, with its editor's words unless others are asked for."""
    filters = Filters.read(record["query"], question.catalogue, narrower=False)
    words = Words(record["title"], record["subtitle"], record["note"])
    form = _form(question)
    look: dict[str, Any] = {"form": record["form"], "emphasis": record["emphasis"]}
    if is_by_year(record) and (form is None or form in BY_YEAR):
        return await _of_years(question, filters, words, **look)
    return await _of_figures(question, filters, await _find_figures(question, filters), words, **look)


def _form(question: Question) -> str | None:
    """Return the form that is asked for, if a chart is: a table of its figures has none."""
    return asked(question, "form") if _is_drawn(question) else None


def _is_drawn(question: Question) -> bool:
    return question.representation.form is PAGE or question.representation.form.takes == "chart"


def asked(question: Question, name: str) -> str | None:
    """Return a parameter of the request, if given."""
    return next(iter(question.values.get(name, ())), None)


async def _find_figures(question: Question, filters: Filters) -> Sequence[Observation]:
    database, ordinal = question.service.database, question.release.ordinal
    found = await observations.find(database, filters, ordinal, limit=MOST_FIGURES)
    if found.next is not None:
        raise _too_many(f"{found.total} figures match", f"{MOST_FIGURES} figures")
    return found.observations


async def _of_figures(
    question: Question,
    filters: Filters,
    found: Sequence[Observation],
    words: Words,
    *,
    form: str | None = None,
    emphasis: Collection[str] = (),
) -> Charted:
    notice, revised = await _notice(question, found)
    form, own = _form(question) or form, _words(question, words)
    chart = arrange(
        found,
        question.catalogue,
        form=form,
        words=own,
        emphasis=emphasis,
        notice=notice,
        left_out=await find_left_out(question, filters, found),
        is_checked=not _is_drawn(question) or own != words,  # else by the process that draws, beside others
    )
    chart = await _measure(question, _disown(chart, own, words))
    return Charted(chart, question.catalogue, found, is_revised=revised)


async def _of_years(
    question: Question, filters: Filters, words: Words, *, form: str | None = None, emphasis: Collection[str] = ()
) -> Charted:
    found = await find_series(question, filters, limit=MOST_SERIES)
    if found.next is not None:
        raise _too_many(f"{found.total} series match", f"{MOST_SERIES} series")
    years = [year for year in found.years if chooses_year(question.values, year.label)]
    shown = [o for one in found.series for o in one.observations()]
    notice, revised = await _notice(question, shown)
    if not found.series and (left_out := found.whole.left_out):
        refuse(
            "without_year",
            f"A chart by year has no place for the {left_out:,} figures that match: they are for neither a year nor a "
            "period with dates. Ask for a chart of the list, or choose others by period_type.",
        )
    form, own = _form(question) or form, _words(question, words)
    chart = arrange_years(
        found.series, years, question.catalogue, form=form, words=own, emphasis=emphasis, notice=notice
    )
    chart = await _measure(question, _disown(chart, own, words))
    return Charted(chart, question.catalogue, found=found, years=years, is_revised=revised)


async def _measure(question: Question, chart: Chart) -> Chart:
    """Lay a chart out for a page, which says how large its pictures are before they come."""
    is_page = question.representation.form is PAGE
    return await question.service.encoder.measure(chart, question.client) if is_page else chart


def _words(question: Question, words: Words) -> Words:
    """Replace the words that the request has of its own."""
    own = {name: text for name in ("title", "subtitle") if (text := asked(question, name))}
    return words._replace(**own)


def _disown(chart: Chart, own: Words, words: Words) -> Chart:
    """Say in a chart whose headline is a reader's own that it is not the register's, unless it is the same."""
    if own == words:
        return chart
    return replace(chart, source=f"{NOT_OURS} {chart.source}", description=f"{NOT_OURS} {chart.description}")


async def _notice(
    question: Question, shown: Iterable[Observation], otherwise: str | None = None
) -> tuple[str | None, bool]:
    """Return the notice of a chart, and whether it says that the named release was recalled, or figures revised."""
    newest = question.service.releases.latest.ordinal
    if not question.wants_notice or question.release.number == DRAFT or question.release.ordinal == newest:
        return otherwise, False
    if question.release.recalled is not None:
        return f"Release {question.release.number}, of which this chart is, was recalled.", True
    versions = [(o.id, o.version) for o in shown]
    if not versions or not await observations.are_revised(question.service.database, versions, newest):
        return otherwise, False
    return f"Figures in this chart have been revised since release {question.release.number}.", True


def _refuse_pages(question: Question) -> None:
    """Raise InvalidRequest if a part of the figures is asked for."""
    paging = [name for name in PAGE_PARAMETERS if name in question.values]
    detail = "A chart shows all matching figures. Remove this parameter, or add filters."
    if paging:
        raise describe_faults([Fault(name, "contradiction", detail) for name in paging])


def _too_many(found: str, most: str) -> NoSuchChart:
    return NoSuchChart(
        f"{found}, and a chart shows at most {most}. Add filters, such as category, source, year_from or disagreement."
    )


# Addresses of charts, beside which stand documents for iframes (app/misconduct/site/embed.py), and which oEmbed knows


class Place(NamedTuple):
    """An address that has charts: its name, what is shown, its path and parameters, and how to arrange a chart."""

    name: str
    what: str
    path: str
    parameters: tuple[str, ...]
    arrange: Callable[[Question, Mapping[str, str]], Awaitable[Charted]]


async def _record(question: Question, names: Mapping[str, str]) -> Charted:
    return await chart_record(question, await find_record(question, "chart", names["chart_id"]))


async def _one(question: Question, names: Mapping[str, str]) -> Charted:
    return await chart_one(question, await find_one(question, names["observation_id"]))


async def _figures(question: Question, _names: Mapping[str, str]) -> Charted:
    return await chart_figures(question)


async def _years(question: Question, _names: Mapping[str, str]) -> Charted:
    return await chart_years(await leave_out(question, *YEARS))


_OTHERS = (*COLUMN_PARAMETERS, *PAGE_PARAMETERS, "bom", "shape", "sort")
_OF_FIGURES, _OF_YEARS = (
    tuple(name for name in names if name not in _OTHERS) for names in (LISTING_PARAMETERS, BY_YEAR_PARAMETERS)
)
_OF_ONE = (*RELEASE_PARAMETERS, *LOOK_PARAMETERS)

PLACES = (
    Place("chart", "a chart", "/v1/charts/{chart_id}", _OF_ONE, _record),
    Place("by_year_chart", "a chart of figures by year", "/v1/observations/by-year", _OF_YEARS, _years),
    Place("card", "the card of a figure", "/v1/observations/{observation_id}", _OF_ONE, _one),
    Place("observations_chart", "a chart of figures", "/v1/observations", _OF_FIGURES, _figures),
    Place("dataset_by_year_chart", "a chart of a dataset by year", "/v1/{dataset}/by-year", _OF_YEARS, _years),
    Place("dataset_chart", "a chart of a dataset's figures", "/v1/{dataset}", _OF_FIGURES, _figures),
)
"""The first that a path matches is the one. What chooses columns or pages of a table is not among the parameters."""


def _page_path(question: Question) -> str:
    """Return the path and the filters of a chart's page."""
    match = next((found for place in PLACES if (found := compile_path(place.path)[0].match(question.path))), None)
    return page_of(question, match.groupdict() if match else {})


def page_of(question: Question, names: Mapping[str, str], *, newest: bool = False) -> str:
    """Return the address of the page for people that has the evidence for a chart, from the root.

    It has the filters of the request, and its release unless `newest`. Where they are one disagreement and nothing
    else, that is its page.
    """
    path, ids = question.path, question.values.get("disagreement", ())
    left_out = (*LOOK_PARAMETERS, *(RELEASE_PARAMETERS if newest else ()))
    if "chart_id" in names or "observation_id" in names:
        path = path.removeprefix("/v1")
    elif "dataset" in names:
        path = f"/datasets/{names['dataset']}"
    elif len(ids) == 1 and not {*question.values}.difference(LOOK_PARAMETERS, RELEASE_PARAMETERS, ["disagreement"]):
        path, left_out = f"/disagreements/{ids[0]}", (*left_out, "disagreement")
    _, mark, query = question.link(without=left_out).partition("?")
    return path + mark + query
