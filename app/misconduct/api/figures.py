"""Figures: lists, by-year tables, one in full with its citation, and whether several may be put side by side."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, urlencode

from anyio import to_thread
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from misconduct.api.answers import (
    JSON_ONLY,
    DrawnFormat,
    FigureFormat,
    Remarks,
    about_release,
    about_rows,
    about_table,
    answers,
    caching,
    file_headers,
    is_for_people,
    page_links,
    send_figures,
    send_json,
)
from misconduct.api.changes import doubt_of_today, standing_document
from misconduct.api.current import (
    Current,
    TheRecalled,
    find_current,
    find_recalled,
)
from misconduct.api.faults import find_faults
from misconduct.api.found import (
    Selection,
    begin_chart,
    find_chart,
    find_remarks,
    select,
    send_picture,
)
from misconduct.api.parameters import (
    ByYear,
    Compared,
    FigureList,
    OneFigure,
    from_query,
)
from misconduct.api.problems import PROBLEMS, Fault, InvalidParameters, NotFound
from misconduct.api.see_also import see_also_of_figure
from misconduct.charts.subject import Chart
from misconduct.formats import FORMATS, PICTURES, bibtex
from misconduct.formats.table import Table, read_ahead
from misconduct.formats.xlsx import MAX_ROWS
from misconduct.model import shapes
from misconduct.model.by_year import Long, Wide
from misconduct.model.compare import compare
from misconduct.model.documents import (
    ReleaseView,
    cell_reader,
    document,
    document_reader,
    labelled,
    show,
    shown,
    table_columns,
)
from misconduct.model.figure import (
    FIGURE_ID,
    SHOWN_COLUMNS,
    TABLE_COLUMNS,
    Row,
    default_columns,
    needed_columns,
)
from misconduct.model.full_figure import (
    RELATED_COLUMNS,
    citation,
    full_document,
    needed_figures,
    version_documents,
)
from misconduct.model.likeness import COMPARED
from misconduct.model.series import Series
from misconduct.model.standing import find_standing
from misconduct.model.versions import History
from misconduct.model.warnings import caveats_last, warn_of_left_out
from misconduct.model.wording import name_figure, period_in_sentence
from misconduct.queries import series
from misconduct.queries.figures import (
    Page,
    Total,
    count,
    find_figures,
    find_naming,
    find_pages,
    select_for,
)
from misconduct.queries.points import find_rows_of
from misconduct.queries.versions import find_former_row, find_histories

router, observations = (APIRouter(prefix="/v1", tags=["figures"]) for _ in range(2))

FEW = 20  # rows that are ready before a thread would begin

LIST = answers(shapes.FigureListAnswer, *FORMATS, *PICTURES)
BY_YEAR = answers(shapes.ByYearAnswer, *FORMATS, *PICTURES)

ListQuery = Annotated[FigureList, from_query(FigureList)]
ByYearQuery = Annotated[ByYear, from_query(ByYear)]
FigureId = Annotated[str, Path(alias="id", description="Id of a figure: k7m3q.")]
Dataset = Annotated[
    str, Path(description="Id of a dataset: allegations, suspensions, vetting.")
]


@router.get(
    "/compare", responses=answers(shapes.ComparisonAnswer), dependencies=[JSON_ONLY]
)
async def compare_figures(
    request: Request, query: Annotated[Compared, from_query(Compared)]
) -> Response:
    """Compare figures, dimension by dimension. Each relation is that of the first figure to the others."""
    current = await find_current(request, query)
    rows, table = await find_compared(query.id, current)
    return send_json(request, current, comparison_document(rows, table, current.view))


async def find_compared(
    ids: Sequence[str], current: Current
) -> tuple[list[Row], Mapping[str, Row]]:
    """Return the figures to compare, in this order, and their rows. Raises InvalidParameters."""
    release = current.release
    found = {
        row["id"]: row for row in await find_figures(current.tables, ids, TABLE_COLUMNS)
    }
    if details := [
        f"Release {release.number} has no figure {one[:80]!r}."
        for one in ids
        if one not in found
    ]:
        raise InvalidParameters([Fault("id", "unknown_value", one) for one in details])
    rows = [found[identity] for identity in ids]
    return rows, await find_rows_of(current.tables, ids)


def comparison_document(
    rows: Sequence[Row], table: Mapping[str, Row], view: ReleaseView
) -> shapes.ComparisonOfFigures:
    catalogue = view.catalogue
    found = compare(rows, table, catalogue)
    verdict, differs, reason = found.relation
    shared = set.intersection(*(set(row["disagreements"]) for row in rows))
    titles = catalogue.of_kind("disagreement")
    return {
        "verdict": labelled("verdict", verdict, catalogue),
        "reason": labelled("apart", reason, catalogue) if reason else None,
        "differs": [*differs],
        "reservations": found.reservations,
        "sentence": found.sentence,
        "dimensions": [
            {
                "dimension": name,
                "relation": labelled("relation", found.dimensions[name], catalogue),
                "values": [
                    period_in_sentence(row)
                    if name == "period"
                    else shown(name, row[name], catalogue)
                    for row in rows
                ],
            }
            for name in COMPARED
        ],
        "figures": [
            {
                "id": row["id"],
                "name": name_figure(row, catalogue),
                **show(row, ("printed", "value", "cite_as"), view),
            }
            for row in rows
        ],
        "disagreements": [
            {"id": one, "title": titles[one]["title"]} for one in sorted(shared)
        ],
    }


@observations.get("/observations", responses=LIST)
async def list_observations(
    request: Request, query: ListQuery, suffix: FigureFormat
) -> Response:
    """List figures, each with what is needed so as not to misread it."""
    return await _answer(request, query, suffix)


@observations.get("/observations/by-year", responses=BY_YEAR)
async def list_by_year(
    request: Request, query: ByYearQuery, suffix: FigureFormat
) -> Response:
    """List series by year: a row for each, or with `shape=long` for each of its years.

    Rows are in the order of the documents, each total before its parts. `years` of a row is an object, whose keys
    JavaScript reads in an order of its own (2014, 2015 and then 2019/20, 2018/19): take the order of `meta.years`.
    """
    return await _answer(request, query, suffix)


@router.get("/{dataset}/by-year", responses=BY_YEAR)
async def list_dataset_by_year(
    request: Request, dataset: Dataset, query: ByYearQuery, suffix: FigureFormat
) -> Response:
    """List the series of a dataset by year."""
    return await _answer(request, query, suffix, dataset)


@router.get("/{dataset}", responses=LIST)
async def list_dataset(
    request: Request, dataset: Dataset, query: ListQuery, suffix: FigureFormat
) -> Response:
    """List the figures of a dataset."""
    return await _answer(request, query, suffix, dataset)


class Found(NamedTuple):
    """One page of what a request finds, its title, how many rows there are in all, and the years."""

    table: Table
    title: str
    remarks: Remarks
    total: Total
    returned: int
    years: list[str] | None = None  # of a table by year


async def _answer(
    request: Request,
    query: FigureList | ByYear,
    suffix: str,
    dataset: str | None = None,
) -> Response:
    selection = await select(request, query, dataset)
    current, name = selection.current, dataset or "observations"
    headers = file_headers(
        suffix, f"{name}-by-year" if isinstance(query, ByYear) else name, current
    )
    if suffix in PICTURES:
        chart = await find_chart(request, query, selection)
        return await send_picture(request, chart, query, suffix, headers)
    if isinstance(query, FigureList):
        found = await _find_figures(query, suffix, selection)
    else:
        found = await _find_series(query, suffix, selection)
    table, remarks = found.table, found.remarks
    links = page_links(
        request, current, query.offset + found.returned, found.total.number
    )
    if suffix in FORMATS:
        about = about_table(request, current, found.title, remarks)
        table = replace(table, about=about, pages=read_ahead(table.pages))
        return await send_figures(table, remarks, links["next"], suffix, headers)
    of_years: Any = {} if found.years is None else {"years": found.years}
    meta: shapes.FigureMeta = {
        **about_rows(current, found.returned, found.total),
        "narrower": selection.conditions.narrower,
        **of_years,
        "see_also": remarks.see_also,
    }
    data = [
        one
        async for page in table.pages
        for one in await _work_on(page, partial(map, table.document))
    ]
    return send_json(request, current, data, meta, remarks.warnings, **links)


async def _work_on(
    rows: Sequence[Any], function: Callable[[Sequence[Any]], Iterable[Any]]
) -> list[Any]:
    """Return what a function makes of rows. A thousand take two seconds, in which others must be answered."""
    if len(rows) <= FEW:
        return list(function(rows))
    return await to_thread.run_sync(lambda: list(function(rows)))


async def _find_figures(query: FigureList, suffix: str, selection: Selection) -> Found:
    current, dataset, conditions = selection
    facts = await selection.facts()
    asked = list(dict.fromkeys(query.columns)) or default_columns(dataset)
    columns = SHOWN_COLUMNS if "all" in asked else asked
    view, most, has_labels = current.view, query.most(suffix), query.has_labels(suffix)
    page = Page(query.sort, most, query.offset)
    total = Total(facts.total, facts.is_at_least)
    # Pages end where the figures do, and a workbook must not begin if it cannot hold them.
    end = query.offset + (most or MAX_ROWS)
    if total.is_at_least and end >= total.number and (most or suffix == "xlsx"):
        total = await count(current.tables, conditions, end + 1)
    table = Table(
        columns=table_columns(columns, has_labels=has_labels),
        pages=find_pages(
            current.tables,
            conditions,
            select_for(suffix, needed_columns(columns)),
            page,
        ),
        cells=cell_reader(columns, view, has_labels=has_labels),
        document=document_reader(columns, view),
        catalogue=current.catalogue,
        rows=max(0, min(total.number - query.offset, most or total.number)),
    )
    return Found(
        table,
        selection.title,
        await find_remarks(selection, facts),
        total,
        table.rows,
    )


async def _find_series(query: ByYear, suffix: str, selection: Selection) -> Found:
    current, conditions = (
        selection.current,
        replace(selection.conditions, of_years=True),
    )
    is_long, tables, has_labels = (
        query.shape == "long",
        current.tables,
        query.has_labels(suffix),
    )
    layout_of = series.Layout(
        is_long, has_days=query.days == "1", has_empty=query.years == "all"
    )
    extent = await series.find_extent(
        tables, conditions, query.most(suffix), query.offset, layout_of
    )
    years = series.choose_years(query, extent.years)
    labels = [year.label for year in years]
    of_table = conditions.of_table(
        [year.name for year in years], has_windows=not is_long
    )
    shown = selection._replace(conditions=of_table)
    remarks = await find_remarks(shown, await shown.facts())
    if extent.left_out:
        left_out = warn_of_left_out(extent.left_out, _say_why(extent, is_long=is_long))
        kept = [
            one
            for one in remarks.warnings
            if extent.series or one["code"] != "found_nothing"
        ]  # but not here
        remarks = remarks._replace(warnings=caveats_last([*kept, left_out]))
    layout: Wide | Long = Wide(
        years, current.view, has_labels=has_labels, has_empty=layout_of.has_empty
    )
    if is_long:
        layout = Long(years, current.view, selection.dataset, has_labels=has_labels)
    found = series.find_pages(tables, conditions, extent.ids, current.catalogue)
    pages = (await _work_on(page, partial(_lay_out, layout)) async for page in found)
    rows = len(extent.ids) * (len(years) if is_long else 1)
    table = Table(
        layout.columns, pages, layout.cells, layout.document, current.catalogue, rows
    )
    return Found(
        table,
        f"{selection.title}, by year",
        remarks,
        Total(extent.series, False),
        len(extent.ids),
        labels,
    )


def _lay_out(layout: Wide | Long, page: Iterable[Series]) -> list[Row]:
    return [row for each in page for row in layout.rows(each)]


def _say_why(extent: series.Extent, *, is_long: bool) -> str:
    """Return why figures are left out of a table by year, and how to see those that are of a day or month."""
    windows = "neither for a single year nor for a window such as ten years"
    why = "not for a single year" if is_long else windows
    return (
        f"{why}. For {extent.of_days:,} of a day or month, ask for days=1"
        if extent.of_days
        else why
    )


HINT = "/v1/observations lists every figure."


class FoundFigure(NamedTuple):
    row: Row
    current: Current
    histories: dict[str, History]  # its own, and that of what takes its place


@observations.get("/observations/{id}.bib", response_class=Response, responses=PROBLEMS)
async def get_bibtex(identity: FigureId, current: TheRecalled) -> Response:
    """Return the citation of a figure in BibTeX."""
    found = await find_figure(identity, current)
    cited = await find_citation(found)
    return Response(
        bibtex.encode_bibtex(cited),
        headers=caching(current.is_pinned),
        media_type=bibtex.MEDIA_TYPE,
    )


@observations.get(
    "/observations/{id}", responses=answers(shapes.FigureAnswer, *PICTURES)
)
async def get_observation(
    request: Request,
    identity: FigureId,
    query: Annotated[OneFigure, from_query(OneFigure)],
    suffix: DrawnFormat,
) -> Response:
    """Return one figure in full: every column, its evidence, what it belongs to, its versions, and how it stands today.

    As SVG or PNG it is a picture, if the tables still have the release. A figure that the register no longer has is
    shown as it last was. A browser that opens the address without a format is led to the figure's page (303).
    """
    if is_for_people(request) and "suffix" not in request.scope and not query.columns:
        given = query.model_dump(include={"release", "as_of"}, exclude_none=True)
        address = f"/observations/{quote(identity)}?{urlencode(given)}".removesuffix(
            "?"
        )
        return RedirectResponse(address, 303, caching(bool(given)))
    current = await find_recalled(request, query)
    if faults := await find_faults(dict(query), current):
        raise InvalidParameters(faults)
    found = await find_figure(identity, current)
    if suffix in PICTURES:
        chart = begin_figure_chart(request, found)
        return await send_picture(
            request, chart, query, suffix, file_headers(suffix, identity, current)
        )
    view = found.current.view
    if not query.columns or "all" in query.columns:
        data: shapes.Figure = await find_full_document(found)
    else:
        data = document(found.row, list(dict.fromkeys(query.columns)), view)
    cited = f"{view.base_url}/v1/observations/{identity}.bib?release={view.release}"
    also = see_also_of_figure(found.current, found.row["disagreements"])
    meta: shapes.OneFigureMeta = {"see_also": also, **about_release(current)}
    return send_json(request, current, data, meta, bibtex=cited)


def begin_figure_chart(request: Request, found: FoundFigure) -> Chart:
    """Return the chart of one figure, as it was in its release."""
    current, row = found.current, found.row
    alone = FigureList(id=[row["id"]])
    chart = begin_chart(request, Selection.of(alone, current), alone)
    number = current.release.number
    standing = find_standing(found.histories[row["id"]], release=number)
    is_revised = standing.status in ("revised", "ended")
    revised = f"This figure has been revised or withdrawn since release {number}."
    return replace(chart, rows=[row], revised=revised if is_revised else None)


async def find_figure(identity: str, current: Current) -> FoundFigure:
    """Return a figure as the release has it, or the last one that had it. Raises NotFound."""
    releases = current.releases
    if not re.fullmatch(FIGURE_ID, identity):
        near = re.search(
            rf"(?<![^\W_]){FIGURE_ID}(?![^\W_])", identity.lower()
        )  # in capitals, or with a bracket
        hint, meant = (f"Did you mean {near[0]}?", near[0]) if near else (HINT, None)
        raise NotFound(
            f"{identity[:40]!r} is not the id of a figure, such as k7m3q. {hint}", meant
        )
    histories = await find_histories(releases.newest, [identity], releases.numbers)
    if identity not in histories:
        raise NotFound(f"There is no figure {identity!r}. {HINT}")
    having = {
        number
        for version in histories[identity]
        if version.row
        for number in version.releases
    }
    numbers = releases.numbers[: releases.numbers.index(current.release.number) + 1]
    until = [number for number in numbers if number in having]
    if not until:
        first, number = histories[identity][0].releases[0], current.release.number
        raise NotFound(
            f"Release {number} does not have {identity}. Release {first} is the first that does."
        )
    answered = await releases.recall(until[-1], is_pinned=current.is_pinned)
    later = releases.numbers[releases.numbers.index(until[-1]) + 1 :]
    row = None
    if not answered.is_loaded:
        records = answered.catalogue.records
        row = await find_former_row(releases.newest, identity, later, records)
    if row is None:
        [row] = await find_figures(answered.tables, [identity], TABLE_COLUMNS)
    return FoundFigure(row, answered, histories)


async def find_citation(found: FoundFigure) -> dict[str, Any]:
    """Return how to cite a figure. What doubts its number today, doubts that of an earlier release, too."""
    today, release = (
        (await found.current.releases.current()).view,
        found.current.release,
    )
    standing = find_standing(found.histories[found.row["id"]], release=release.number)
    is_the_same = standing.status == "current"
    doubt = doubt_of_today(standing, {}, today) if is_the_same else None
    return citation(found.row, release.day, found.current.view, doubt)


async def find_full_document(found: FoundFigure) -> shapes.FullFigure:
    row, view, release, releases = (
        found.row,
        found.current.view,
        found.current.release,
        found.current.releases,
    )
    others = await find_figures(
        found.current.tables, needed_figures(row, view), RELATED_COLUMNS
    )
    naming = await find_naming(found.current.tables, row["id"], RELATED_COLUMNS)
    history = found.histories[row["id"]]
    versions = [one for one in history if one.row]
    today = (await releases.current()).view
    return {
        **document(row, SHOWN_COLUMNS, view),
        **full_document(row, {other["id"]: other for other in others}, naming, view),
        "citation": await find_citation(found),
        "versions": version_documents(versions, today.catalogue),
        "standing": standing_document(
            find_standing(history, release=release.number), found.histories, today
        ),
    }
