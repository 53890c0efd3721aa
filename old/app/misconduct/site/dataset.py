"""The page of a dataset: its figures with filters, by year, as files and as code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import Depends, Path, Request, Response

from misconduct.api.counted import find_left_out, find_series
from misconduct.api.parameters import LISTING_PARAMETERS, LOOK_PARAMETERS, RELEASE_PARAMETERS
from misconduct.api.request_context import Question, leave_out
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.observations import find_figures, find_warnings, listing_document
from misconduct.api.v1.pictures import PLACES, Place
from misconduct.api.v1.records import find_record
from misconduct.charts.chart import MOST_FIGURES, arrange, arrange_years
from misconduct.errors import Fault, InvalidRequest, NoSuchChart
from misconduct.formats.linked.citation import cite_dataset
from misconduct.model import figure, series
from misconduct.model.catalogue import Catalogue
from misconduct.model.filters import FILTERS, YEARS, chooses_year, find_codes
from misconduct.model.period import years_of
from misconduct.queries import by_year
from misconduct.queries.facets import count_facets
from misconduct.queries.filters import Filters
from misconduct.queries.observations import Found
from misconduct.site.filter_form import NAMES, build_form, name_value
from misconduct.site.observation import make_page
from misconduct.site.pictures import Refusal, Shown, choose, explain, show_chart, show_records
from misconduct.site.problem import meant_address
from misconduct.site.rendering import Pairs, address, has_empty_pairs, page, parse_page_request, typed_pairs, with_query

ROWS_SHOWN, MOST_CHARTED = 20, 50
SERIES_SHOWN = 100

[CHARTED] = [place for place in PLACES if place.path == "/v1/{dataset}"]
[BY_YEAR] = [place for place in PLACES if place.path == "/v1/{dataset}/by-year"]

router = DirectRouter(include_in_schema=False)

_understand_release = parse_page_request()
_understand = parse_page_request(name for name in LISTING_PARAMETERS if name not in ("bom", *LOOK_PARAMETERS))


class Asked(NamedTuple):
    """A request for a dataset page. If it has errors, `question` is that of the page without filters.

    `has_empty`: a form sent fields that were not filled in, which the page's own address leaves out.
    """

    question: Question
    pairs: Pairs
    faults: Sequence[Fault]
    has_empty: bool


async def _ask(request: Request) -> Asked:
    """Parse a request, even one with errors, so that they can be shown beside the fields."""
    pairs, has_empty = typed_pairs(request), has_empty_pairs(request)
    try:
        question = await _understand(request)
    except InvalidRequest as refused:
        wrong = {fault.parameter for fault in refused.faults}
        kept = [] if wrong & {*RELEASE_PARAMETERS} else [pair for pair in pairs if pair[0] in RELEASE_PARAMETERS]
        return Asked(
            await _understand_release(with_query(request, urlencode(kept).encode())), pairs, refused.faults, has_empty
        )
    pairs = sorted(pairs, key=itemgetter(0))  # as the validator and caches have them: in any order it is one page
    in_codes = [(name, _resolve(name, text, question.catalogue)) for name, text in pairs]
    return Asked(question, in_codes, (), has_empty)


def _resolve(name: str, text: str, catalogue: Catalogue) -> str:
    """Return the code that a value of a filter means, which may be a notation of another scheme."""
    found = find_codes(name, text, catalogue) if name in FILTERS else ()
    return found[0] if len(found) == 1 else text


@router.get("/datasets/{dataset}")
async def show_dataset(
    asked: Annotated[Asked, Depends(_ask)], dataset: Annotated[str, Path(description="A dataset.")]
) -> Response:
    """Show the figures of one dataset, with filters, by year, as files and as code, and errors beside their fields."""
    question, pairs, faults, _ = asked
    if asked.has_empty:
        return question.redirect(address(question.path, pairs))
    record = await find_record(question, "dataset", dataset)
    service, catalogue = question.service, question.catalogue
    within, key = Filters().within("measure", record["measures"]), f"{question.release_key} {dataset}"
    if (choices := service.choices.get(key)) is None:
        choices = await count_facets(service.database, within, question.release.ordinal, catalogue)
        service.choices.keep(key, choices)
    found = None if faults else await find_figures(question, question.limit or ROWS_SHOWN, question.after())
    warnings = await find_warnings(question, found.total) if found else []
    is_first = "cursor" not in question.values
    chart_page = _chart_page(question, CHARTED, f"/chart/{dataset}")
    chart, no_chart = await _chart_of(question, dataset, found) if found and is_first else (None, None)
    is_filtered = not FILTERS.keys().isdisjoint(question.values) or "q" in question.values
    charts = [
        one for one in catalogue.kind("chart").values() if one["dataset"] == dataset and not (is_filtered or faults)
    ]
    shown = await show_records(question, charts[:1])
    stated = await _find_years(question) if found and found.total and is_first else None

    def make() -> Response:
        return page(
            question,
            "dataset.html",
            status=422 if faults else 200,
            dataset=record,
            form=build_form(pairs, faults, choices, catalogue),
            names=NAMES,
            name_value=name_value,
            faults=[(fault, meant_address(question.path, pairs, fault)) for fault in faults],
            chosen=_list_chosen(asked),
            shown=shown,
            more_charts=charts[1:],
            chart_of_choice=chart,
            no_chart=no_chart,
            chart_page=chart_page,
            year_chart_page=_chart_page(question, BY_YEAR, f"/chart/{dataset}/by-year"),
            answer=_write_page(question, found, warnings) if found else None,
            is_first=is_first,
            years=_write_year_table(question, stated) if stated else None,
            is_filtered=is_filtered,
            citation=cite_dataset(record, question.release, service.public_url),
        )

    years = [year for year in stated.years if chooses_year(question.values, year.label)] if stated else []
    cells = len(stated.series) * len(years) if stated else 0
    return await make_page(question, found.observations if found else (), make, cells=cells)


def _chart_page(question: Question, place: Place, path: str) -> str:
    """Return the address of the page with the chart of the figures that match, from the root."""
    asked = replace(choose(question, place.parameters), path=path)
    return asked.link().removeprefix(question.service.base_url)


async def _chart_of(question: Question, dataset: str, found: Found) -> tuple[Shown | None, Refusal | None]:
    """Return the chart of the figures that match, or why there is none and what would do instead."""
    if len(found.observations) < found.total <= MOST_CHARTED:
        found = await find_figures(question, MOST_CHARTED, None)
    if len(found.observations) < found.total:
        detail = f"{found.total:,} figures match, and a chart shows at most {MOST_FIGURES}. Choose fewer."
        return None, Refusal(detail) if found.total > MOST_FIGURES else None
    asked = choose(question, CHARTED.parameters)
    left_out = await find_left_out(question, question.filters, found.observations)
    try:
        chart = arrange(found.observations, question.catalogue, left_out=left_out)
    except NoSuchChart as refused:
        return None, explain(asked, refused, charts=f"/chart/{dataset}")
    return await show_chart(asked, chart, f"/v1/{dataset}"), None


def _write_page(question: Question, found: Found, warnings: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one page of figures, as the API returns it."""
    return listing_document(
        question,
        list(map(figure.as_objects(question.catalogue, question.service.base_url), found.observations)),
        total=found.total,
        next_link=question.pinned_link(cursor=question.cursor_to(found.next)) if found.next else None,
        warnings=warnings,
    )


class YearTable(NamedTuple):
    """The years, the series with their caveats, and the number of other series, which have no years.

    Each caveat of a series is given once, with the years to which it applies.
    """

    years: list[str]
    rows: list[tuple[dict[str, Any], list[tuple[str, str]]]]
    without_years: int
    is_drawable: bool


async def _find_years(question: Question) -> by_year.FoundSeries:
    """Find the first series of the matching figures, in all years: those that are asked for are chosen of them."""
    question = await leave_out(question, "period_type", *YEARS)
    return await find_series(question, question.filters, limit=SERIES_SHOWN)


def _write_year_table(question: Question, found: by_year.FoundSeries) -> YearTable | None:
    """Write the series as a table by year; None if no figure is for a year."""
    asked = {year.label for year in found.years if chooses_year(question.values, year.label)}
    shown = [one for one in found.series if not one.years.keys().isdisjoint(asked)]
    years = [year for year in years_of(days for one in shown for days in one.days()) if year.label in asked]
    if not years:
        return None
    documents = series.as_documents(shown, years, question.catalogue, question.service.base_url)
    rows = [(one, _caveats(one)) for one in documents]
    without_years = found.total - len(shown)
    return YearTable([year.label for year in years], rows, without_years, _is_drawable(question, found))


def _is_drawable(question: Question, found: by_year.FoundSeries) -> bool:
    """Return whether a chart by year can show the series."""
    years = [year for year in found.years if chooses_year(question.values, year.label)]
    try:
        arrange_years(found.series, years, question.catalogue)
    except NoSuchChart:
        return False
    return found.next is None


def _caveats(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    about: dict[str, list[str]] = {}
    for year, cell in document["cells"].items():
        for caveat in cell["caveats"]:
            about.setdefault(caveat["text"], []).append(year)
    return [(", ".join(years), text) for text, years in about.items()]


def _list_chosen(asked: Asked) -> list[tuple[str, str, str]]:
    """List the selected filters in words, each with the address of the page without it."""
    question, pairs, faults, _ = asked
    rest = [pair for pair in pairs if pair[0] != "cursor"]
    return [
        (
            NAMES[name],
            name_value(question.catalogue, name, text),
            address(question.path, [one for one in rest if one != (name, text)]),
        )
        for name, text in rest
        if name in NAMES and name != "sort" and not faults
    ]
