"""Figures: lists, by-year tables, and single figures."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Generic, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Depends, Path, Request, Response

from misconduct.api.counted import find_series, find_whole
from misconduct.api.documentation import STREAMED, documented
from misconduct.api.downloads import send_file
from misconduct.api.encoder import Export
from misconduct.api.parameters import (
    BY_YEAR_OWN,
    BY_YEAR_PARAMETERS,
    CHART_PARAMETERS,
    COLUMN_PARAMETERS,
    LISTING_PARAMETERS,
    PAGE_PARAMETERS,
    RELEASE_PARAMETERS,
)
from misconduct.api.request_context import MOST_RELATED, Question, leave_out, parse_request
from misconduct.api.responses import (
    BYTE_ORDER_MARK,
    EncodedApart,
    answer,
    collect,
    lines,
    link_header,
    page_document,
    stream,
)
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.find_figure import ObservationId, find_one, find_standing, pin
from misconduct.api.v1.pictures import CARD, chart_figures, chart_one, chart_years, send_chart
from misconduct.api.v1.releases import BEING_BUILT
from misconduct.api.v1.schemas import ByYearPage, ObservationAnswer, ObservationPage
from misconduct.db.turns import ask_in_turn
from misconduct.errors import ExportTooLarge, NoSuchChart, NotFound, NotInRelease, NotReady, Removed, UpgradeRequired
from misconduct.formats import BY_YEAR_FORMATS, FIGURE_FORMATS
from misconduct.http.negotiation import PAGE
from misconduct.model import figure, long_table, sdmx, series
from misconduct.model.cautions import CAUTIONED, find_cautions, find_unpublished, notice
from misconduct.model.filters import FILTERS, YEARS, chooses_year
from misconduct.model.observation import Observation
from misconduct.model.period import Year
from misconduct.model.records import DRAFT
from misconduct.model.table import Table
from misconduct.queries import by_year, empty_results, files, observations

ROWS_OF_A_PIECE, ROWS_OF_A_SHORT_PAGE = 1_000, 100
MOST_REPEATED = 10_000_000  # characters of sources and caveats on a page; a thousand figures have some four million
REPEATED_FOR_A_WORD = 1_000  # characters; to find where a figure has a word takes as long
SERIES_OF_A_PIECE = 200
CELLS_OF_A_PIECE = 20_000  # of a wide table, of which most are empty
MOST_ROWS_AT_ONCE = 5_000  # of a long page, whose limit counts series; figures in full detail, which have 5 kB each
MOST_CELLS_AT_ONCE = 50_000  # of a wide page, or of a cube
_VIA_1_0 = re.compile(r"(?:^|,)\s*(?:HTTP/)?1\.0\s", re.IGNORECASE)  # in `Via` (RFC 9110, 7.6.3)
MOST_ROWS_CUT = 10_000
MOST_BYTES_CUT = 30_000_000
"""Rows, and bytes of a file, up to which an export is built in memory to serve a byte range of it."""

BYTES_AT_ONCE = files.PIECE_BYTES
"""Bytes of a file up to which it is compressed at once, and remembered."""

F = TypeVar("F", observations.Found, by_year.FoundSeries)

FORMS = FIGURE_FORMATS

router = DirectRouter(prefix="/v1", tags=["figures"])
views = DirectRouter(prefix="/v1", tags=["figures"])

Listing = Annotated[
    Question, Depends(parse_request(LISTING_PARAMETERS, FORMS, {"rows": figure.LAYOUT}, has_files=True))
]
ByYear = Annotated[
    Question,
    Depends(parse_request(BY_YEAR_PARAMETERS, BY_YEAR_FORMATS, {"wide": series.LAYOUT, "long": long_table.LAYOUT})),
]
_BY_YEAR = [BY_YEAR_OWN.get(name, name) for name in BY_YEAR_PARAMETERS]
One = Annotated[Question, Depends(parse_request(CHART_PARAMETERS, (*FORMS, PAGE.name)))]
Dataset = Annotated[str, Path(description="Id of a dataset, from /v1/datasets.", examples=["allegations"])]


@router.get(
    "/observations",
    **documented(ObservationPage, LISTING_PARAMETERS, FORMS, *STREAMED, NoSuchChart, example="figures"),
)
async def list_observations(question: Listing, request: Request) -> Response:
    """List the published figures, each with its source, its exact wording and its caveats.

    To look up a number, use `?value=1071`. A figure that no source states is not in the list; it is never zero. CSV
    without `limit` has all matching rows.

    `.svg`, `.png` and `.vl.json` are a chart of all figures that match, and `.html` is one for an iframe. A chart is
    refused where the figures may not share an axis.
    """
    sent = await _built(question, request, "observations") or await _list(question, request)
    return await _with_warnings(question, sent)


@views.get(
    "/{dataset}",
    **documented(ObservationPage, LISTING_PARAMETERS, FORMS, NotFound, Removed, *STREAMED, NoSuchChart),
)
async def list_dataset_observations(question: Listing, request: Request, dataset: Dataset) -> Response:
    """List the figures of one dataset, each with its source, its exact wording and its caveats.

    `/v1/datasets` lists the datasets. A figure may be in several.
    """
    return await _with_warnings(question, await _built(question, request, dataset) or await _list(question, request))


@router.get("/observations/by-year", **documented(ByYearPage, _BY_YEAR, BY_YEAR_FORMATS, *STREAMED, NoSuchChart))
async def list_observations_by_year(question: ByYear, request: Request) -> Response:
    """Return all figures that are stated by year as a table, with one row per series and one column per year.

    A series never mixes figures that are not comparable. A year without a number is null in `values`, with the reason
    in `gaps`. Figures that are not for a year are counted in `meta.omitted`, with a link to them. CSV, Parquet and XLSX
    without `limit`, which counts series, have all of them.

    With `shape=long`, there is one row per series and year, and `gap` has the reason why a row has no figure. Only
    series with a figure for a year are in it: the figures for whole periods are left to the list.

    `.svg`, `.png` and `.vl.json` are a chart with columns for the years of each series; `.html` is one for an iframe.
    """
    return await _list_by_year(question, request)


@views.get(
    "/{dataset}/by-year",
    **documented(ByYearPage, _BY_YEAR, BY_YEAR_FORMATS, NotFound, Removed, *STREAMED, NoSuchChart, example="by_year"),
)
async def list_dataset_observations_by_year(question: ByYear, request: Request, dataset: Dataset) -> Response:  # noqa: ARG001  the question is about it
    """Return the figures of one dataset as a table, with one row per series and one column per year.

    A year without a number is null in `values`, with the reason in `gaps`. The figure for the whole period is in
    `window`. `year` selects the columns. With `shape=long`, there is one row per series and year instead.
    """
    return await _list_by_year(question, request)


_ONE = documented(
    ObservationAnswer, CHART_PARAMETERS, FORMS, NoSuchChart, NotFound, NotInRelease, Removed, example="figure"
)
_ONE["responses"][303] = {"description": "The page of the figure, for who prefers HTML."}


@router.get("/observations/{observation_id}", **_ONE)
async def read_observation(question: One, observation_id: ObservationId) -> Response:
    """Return one figure: its current version, and whether it still stands.

    With `release`, return the figure exactly as in that release, so that a citation never changes. Who prefers HTML, as
    a browser does, is sent to the page of the figure. `.svg` and `.png` are its card, 1200 × 630 pixels.
    """
    if question.representation.form is PAGE:
        query = urlencode({name: question.values[name][0] for name in RELEASE_PARAMETERS if name in question.values})
        location = f"/observations/{quote(observation_id, safe='')}" + (f"?{query}" if query else "")
        return question.redirect(location)
    found = await find_one(question, observation_id)
    question = pin(question, found)
    if question.representation.form.takes == "chart":
        return send_chart(question, (await chart_one(question, found)).chart, size=CARD)
    shown, catalogue = found.shown, found.catalogue
    stands = await find_standing(question, found)
    base_url = question.service.base_url
    return answer(
        question,
        lambda: page_document(
            question,
            figure.as_document(shown, catalogue, base_url),
            total=1,
            standing=stands,
        ),
        lambda: figure.as_table([shown], catalogue),
    )


async def _built(question: Question, request: Request, name: str) -> Response | None:
    """Send the file that was built when the release was loaded, if the request asks for all of it.

    Raises NotReady while it is being built: caches would keep other bytes than those that the list of files has.
    """
    if not question.is_whole_file:
        return None
    form = question.representation.form.name
    file = await files.find_file(question.service.database, question.release.ordinal, f"{name}.{form}")
    if file is None:
        if question.release.number != DRAFT:
            raise NotReady(BEING_BUILT)
        return None
    if question.representation.gzipped:
        pieces = files.read_bytes(question.service.database, file, 0, file.length, question.service.piece_turns)
        if file.length <= BYTES_AT_ONCE:
            return await collect(question, pieces)
        return await _send(question, request, pieces, has_ranges=file.length <= MOST_BYTES_CUT)
    sent = send_file(request, file, question.release.number, question.headers())
    sent.headers["Link"] = link_header(question)
    return sent


async def _list(question: Question, request: Request) -> Response:
    if question.representation.form.takes == "chart":
        return send_chart(question, (await chart_figures(question)).chart)
    if question.representation.form.name != "json" and question.limit is None:
        return await _export(question, request)
    found = await find_figures(question, question.page_size, question.after(), _fields(question))
    next_link = question.pinned_link(question.suffix, cursor=question.cursor_to(found.next)) if found.next else None
    warnings = await find_warnings(question, found.total)
    make = partial(
        answer,
        question,
        lambda: listing_document(
            question, _documents(question, found), total=found.total, next_link=next_link, warnings=warnings
        ),
        lambda: _table(question, found),
        next_link=next_link,
    )
    repeated = _count_repeated(question, found.observations)
    return await question.service.encoder.make_list(repeated, make, question.client, longest=MOST_REPEATED)


def _count_repeated(question: Question, figures: Sequence[Observation]) -> int:
    """Count, roughly, the characters that figures repeat of records; of a short page none, unless a source is long."""
    catalogue = question.catalogue
    if len(figures) <= ROWS_OF_A_SHORT_PAGE and 2 * len(figures) * catalogue.longest_source <= MOST_REPEATED:
        return 0
    repeated = catalogue.count_characters((o.source, o.origin, o.caveats or (), o.id) for o in figures)
    return repeated + REPEATED_FOR_A_WORD * len(figures) * len(question.words)


def listing_document(question: Question, data: list[Any], **more: Any) -> dict[str, Any]:
    """Build the envelope of a listing: it also says which codes were included, and what its dataset cannot show."""
    page = page_document(question, data, **more)
    page["meta"] |= {"narrower": question.narrower, "limits": question.dataset["limits"] if question.dataset else []}
    return page


async def _with_warnings(question: Question, sent: Response) -> Response:
    """Name the warnings about a table in a header, because it has no other place for them."""
    if question.representation.form.name != "json":
        total = await _known_total(question)
        if total is None:  # of a chart
            total = (await find_figures(question, 1, None, ("id",))).total
        _name_warnings(sent, await find_warnings(question, total))
    return sent


def _name_warnings(sent: Response, found: list[dict[str, Any]]) -> None:
    said = (one["code"] + (f";parameter={one['parameter']}" if one["parameter"] else "") for one in found)
    sent.headers["Misconduct-Warnings"] = ", ".join(said)


async def find_warnings(question: Question, total: int) -> list[dict[str, Any]]:
    """Say what a sum over all matching figures would get wrong, or why there are none."""
    found = [
        notice(
            "narrower_included",
            "narrower",
            f"{name} also finds {len(codes)} narrower codes (meta.narrower). narrower=0 finds only what was asked for.",
            ["0"],
        )
        for name, codes in question.narrower.items()
    ]
    dataset = question.dataset["id"] if question.dataset else None
    found += find_unpublished(question.catalogue, question.values, dataset)
    ids = set(question.values.get("id", ()))
    if total == 0:
        found += await explain_empty(question)
    elif total < len(ids):
        detail = f"{len(ids) - total} of the {len(ids)} ids are of no figure that matches."
        found.append(notice("ids_absent", "id", detail))
    service, said = question.service, {name: question.values.get(name) for name in CAUTIONED}
    key = f"{question.total_key} {said}"
    cautions = service.cautions.get(key)
    if cautions is None:
        facts = await observations.find_facts(
            service.database, question.filters, question.release.ordinal, question.catalogue.related_figures
        )
        weigh = partial(find_cautions, question.catalogue, facts, question.values)
        # Without a turn, which a table by year may have already.
        cautions = await asyncio.to_thread(weigh) if len(facts.related) > MOST_RELATED else weigh()
        service.cautions.keep(key, cautions)
    return [*found, *cautions]


async def find_figures(
    question: Question, limit: int, after: observations.Position | None, fields: Collection[str] = observations.ALL
) -> observations.Found:
    """Find one page of matching figures, with only these fields, and the total."""
    service = question.service
    found = await observations.find(
        service.database,
        question.filters,
        question.release.ordinal,
        sort=question.sort,
        limit=limit,
        after=after,
        total=await _known_total(question),
        fields=fields,
    )
    service.totals.keep(question.total_key, found.total)
    return found


async def _known_total(question: Question) -> int | None:
    """Return how many figures match, if that was counted lately, or at load."""
    total = question.service.totals.get(question.total_key)
    if total is None and (whole := await find_whole(question, question.filters, question.total_key)):
        return whole.figures
    return total


def _fields(question: Question) -> Collection[str]:
    """Return the fields of a figure that the answer needs: of found words, all that they may be in."""
    if question.words or question.is_full:
        return observations.ALL
    return figure.project(question.columns).fields | {"source", "origin"}  # of which a workbook has a sheet


def _documents(question: Question, found: observations.Found) -> list[dict[str, Any]]:
    catalogue, base_url = question.catalogue, question.service.base_url
    objects = figure.as_objects if question.is_full else figure.project(question.columns).objects
    documents = list(map(objects(catalogue, base_url), found.observations))
    for o, document in zip(found.observations, documents if question.words else (), strict=False):
        document["matched"] = {word.text: word.matched(o) for word in question.words}
    return documents


def _table(question: Question, found: observations.Found) -> Table:
    return figure.project(question.columns).table(found.observations, question.catalogue)


async def _export(question: Question, request: Request) -> Response:
    """Send all matching rows. Raises ExportTooLarge before the first byte if there are too many.

    A format whose pieces can be joined is streamed; any other is encoded first, by another process. HEAD and byte
    ranges need the whole export, and are served only if it is small enough to build each time.
    """
    form, most = question.representation.form, question.service.settings.export_rows
    if form.most_rows is not None:
        most = min(most, form.most_rows)
    first = await find_figures(question, ROWS_OF_A_PIECE, question.after(), _fields(question))
    if first.total > most:
        raise ExportTooLarge(
            f"{first.total} rows match, but an export as {form.name} has at most {most}. Add filters, or use limit "
            "and cursor." + (" CSV, JSONL and Parquet allow more." if most == form.most_rows else "")
        )
    return await _send_all(
        question,
        request,
        first,
        partial(find_figures, question, ROWS_OF_A_PIECE, fields=_fields(question)),
        Written(
            partial(_table, question),
            partial(_documents, question),
            lambda found: found.observations,
            lambda found: figure.sources_of(found.observations),
            lambda found: _count_repeated(question, found.observations) > MOST_REPEATED,
        ),
    )


class Written(NamedTuple, Generic[F]):
    """How a piece of what was found is written: as a table, as JSON objects; and its figures and their sources.

    `takes_long` tells whether others would have to wait for it.
    """

    table: Callable[[F], Table]
    documents: Callable[[F], list[dict[str, Any]]]
    figures: Callable[[F], Sequence[Observation]]
    sources: Callable[[F], Collection[str]]
    takes_long: Callable[[F], bool]


async def _send_all(
    question: Question,
    request: Request,
    first: F,
    find_more: Callable[[Any], Awaitable[F]],
    written: Written[F],
) -> Response:
    """Send a table without limit: in one piece if `first` is all of it, else in pieces, with turns for others between.

    `find_more` finds the piece after a position.
    """
    form, has_ranges = question.representation.form, first.total <= MOST_ROWS_CUT
    if first.next is None:
        make = partial(answer, question, lambda: {"data": written.documents(first)}, lambda: written.table(first))
        repeated = _count_repeated(question, written.figures(first))
        return await question.service.encoder.make_list(repeated, make, question.client, longest=MOST_REPEATED)
    pieces = _pieces(question, first, find_more)
    if form.encode_more is not None:
        return await _send(question, request, _encoded(question, pieces, written), has_ranges=has_ranges)
    first_table, codes, sources = written.table(first), set[tuple[str, str]](), set[str]()

    async def tables() -> AsyncIterator[Table]:
        async for found in pieces:
            codes.update(figure.codes_of(written.figures(found), first_table.columns, question.catalogue))
            sources.update(written.sources(found))
            yield written.table(found)

    sheets = partial(figure.sheets_beside, first_table.columns, question.catalogue, codes, sources)
    return EncodedApart(question, Export(first_table, tables(), sheets), has_ranges=has_ranges)


async def _send(question: Question, request: Request, pieces: AsyncIterator[bytes], *, has_ranges: bool) -> Response:
    """Send pieces while they come, or whole, if that is asked for and they are few enough.

    Raises UpgradeRequired for many pieces if a proxy was asked in HTTP/1.0: without a length only a reset tells half an
    answer from a whole one, and proxies pass none on.
    """
    is_through_1_0 = _VIA_1_0.search(request.headers.get("via", ""))
    if has_ranges and ("range" in request.headers or request.scope.get("headed") or is_through_1_0):
        return await collect(question, pieces)
    if is_through_1_0:
        raise UpgradeRequired(
            "In HTTP/1.0 half of so long an answer would look whole. Ask in HTTP/1.1 (a proxy of nginx: "
            "proxy_http_version 1.1), in parts (limit and cursor), or for a file of the release."
        )
    return stream(question, pieces, has_ranges=has_ranges)


async def _pieces(question: Question, first: F, find_more: Callable[[Any], Awaitable[F]]) -> AsyncIterator[F]:
    """Yield all that match, piece by piece."""
    found = first
    yield found
    while found.next is not None:
        found = await ask_in_turn(question.service.export_turns, partial(find_more, found.next))
        yield found


async def _encoded(question: Question, pieces: AsyncIterator[F], written: Written[F]) -> AsyncIterator[bytes]:
    form = question.representation.form
    if form.name == "csv" and question.wants_bom:
        yield BYTE_ORDER_MARK
    encode = form.encode

    def write(found: F) -> Iterator[bytes]:
        yield from encode(written.table(found) if form.takes == "table" else lines(question, written.documents(found)))

    async for found in pieces:
        for piece in await asyncio.to_thread(list, write(found)) if written.takes_long(found) else write(found):
            yield piece
        encode = form.encode_more or encode


async def explain_empty(question: Question) -> list[dict[str, Any]]:
    """Explain why nothing matches: the parameters that exclude everything, and the values that would match."""
    sent = [name for name in question.values if name in FILTERS]
    there = await empty_results.suggest_alternatives(
        question.service.database, question.filters, question.release.ordinal, sent
    )
    for name, values in there.items():
        if translate := FILTERS[name].alternative_value:
            translated = {translate(one, question.catalogue) for one in values}
            there[name] = sorted(filter(None, translated))[: empty_results.SHOWN]
    if there:
        return [
            notice(
                "emptied",
                name,
                f"No figure matches this {name}. The values in available would match."
                + (" origin_publisher finds what a publisher published first." if name == "publisher" else ""),
                values,
            )
            for name, values in there.items()
        ]
    if question.words:
        words = ", ".join(word.text for word in question.words)
        all_of = "all of these words" if len(question.words) > 1 else "this word"
        return [notice("nothing_matches", "q", f"No figure has {all_of}: {words}.", [])]
    if len(sent) > 1:
        return [notice("nothing_matches", None, "No figure matches all filters together. Remove one of them.", [])]
    return [notice("nothing_matches", next(iter(sent), None), "No figure in this release matches.", [])]


async def _list_by_year(question: Question, request: Request) -> Response:
    # Which choose the columns, or the rows of a long table, not the series.
    question = await leave_out(question, *YEARS)
    if question.representation.form.takes != "chart":
        async with AsyncExitStack() as turn:
            return await _make_by_year(question, request, turn)
    charted = await chart_years(question)
    sent = send_chart(question, charted.chart)
    if charted.found:
        _name_left_out(question, sent, await _weigh_by_year(question, charted.found, charted.years))
    return sent


async def _make_by_year(question: Question, request: Request, turn: AsyncExitStack) -> Response:
    is_table, is_cube = _is_whole_table(question), question.representation.form.name == "jsonstat"
    found, years = await _find_first(question, turn)
    next_link = question.pinned_link(question.suffix, cursor=question.cursor(found.next)) if found.next else None
    warnings, left_out, _ = weighed = await _weigh_by_year(question, found, years)
    written = _write_by_year(question, years, [warning["detail"] for warning in warnings])

    def page() -> dict[str, Any]:
        rows = written.documents(found)
        made = listing_document(question, rows, total=found.total, next_link=next_link, warnings=warnings)
        made["meta"] |= {"returned": len(found.series), "omitted": left_out}
        return made | ({"is_full": question.is_full} if is_cube else {})

    if is_table and found.next is not None:
        sent = await _send_all(question, request, found, partial(_find_series, question, SERIES_OF_A_PIECE), written)
    else:
        make = partial(answer, question, page, lambda: written.table(found), next_link=next_link)
        sent = await asyncio.to_thread(make) if _takes_long(question, found, years) else make()
    _name_left_out(question, sent, weighed)
    return sent


class Weighed(NamedTuple):
    """What is said of a table by year: warnings, how many figures it leaves out, and the address that lists those."""

    warnings: list[dict[str, Any]]
    left_out: int
    others: str | None


async def _weigh_by_year(question: Question, found: by_year.FoundSeries, years: Sequence[Year]) -> Weighed:
    """Say what a reader of these years of the table, or of its chart, must know."""
    warnings = await _by_year_warnings(question, found, [year.label for year in years])
    labels = [year.label for year in found.years]
    absent = [year for year in question.values.get("year", ()) if year not in labels]
    if labels and (absent or not years):
        detail = f"No matching figure is for {', '.join(absent) or 'these years'}. See available."
        warnings.append(notice("years_absent", "year", detail, labels))
    left_out, types = _left_out(question, found)
    others = _link_to_left_out(question, types) if left_out else None
    if left_out:
        why = "not for one year" if question.is_long else "neither for a year nor for a period of years"
        detail = f"{left_out} of {found.whole.figures} figures are {why}, and are not in this table. See {others}"
        warnings.append(notice("left_out", "period_type", detail, types))
    return Weighed(warnings, left_out, others)


def _name_left_out(question: Question, sent: Response, weighed: Weighed) -> None:
    """Name the warnings and the figures that are left out in headers."""
    if question.representation.form.name != "json":
        _name_warnings(sent, weighed.warnings)
    if weighed.others is not None:
        title = f"{weighed.left_out} figures that are not for a year"
        sent.headers["Link"] += f', <{weighed.others}>; rel="related"; title="{title}"'


def _is_whole_table(question: Question) -> bool:
    return question.representation.form.name != "json" and question.limit is None


async def _find_series(question: Question, limit: int, after: by_year.Key | None) -> by_year.FoundSeries:
    return await find_series(question, question.filters, limit=limit, after=after, has_years=question.is_long)


async def _find_first(question: Question, turn: AsyncExitStack) -> tuple[by_year.FoundSeries, list[Year]]:
    """Find the series of a page, or the first of a table without limit, or all of a cube; and the years to be shown.

    More than are in a piece are found in their `turn`, which then lasts until the answer is made; what takes long for
    its figures or rows is made in it. Raises Overloaded if it does not come, or ExportTooLarge.
    """
    is_file = question.representation.form.name != "json"
    take_turn = partial(question.service.encoder.turn_of_long, question.client, is_file=is_file)
    is_table, is_cube = _is_whole_table(question), question.representation.form.name == "jsonstat"
    after = question.position(len(series.SERIES) + 1)
    many = SERIES_OF_A_PIECE if is_table else question.page_size
    if has_turn := many > SERIES_OF_A_PIECE:
        await turn.enter_async_context(take_turn())
    found = await _find_series(question, many, after)
    is_chosen = not question.values.keys().isdisjoint(YEARS)
    years = [year for year in found.years if not is_chosen or chooses_year(question.values, year.label)]
    if not is_table:
        _require_short(question, len(found.series) * len(years), sum(len(one.years) for one in found.series))
    else:
        _require_export(question, found, years)
    if is_table and is_cube:
        _require_short(question, found.total * len(years), found.whole.figures)
        if found.next is not None:
            await turn.enter_async_context(take_turn())
            found, has_turn = await _find_series(question, found.total, after), True
    if not has_turn and (found.next is None or not is_table) and _takes_long(question, found, years):
        await turn.enter_async_context(take_turn())
    return found, years


def _takes_long(question: Question, found: by_year.FoundSeries, years: Sequence[Year]) -> bool:
    """Tell whether series take long to be written at once: they, their figures, rows or cells are many, or repeated."""
    cells = len(found.series) * len(years)
    rows = cells if question.is_long else len(found.series)  # each has its source
    figures = sum(len(one.years) for one in found.series)
    if len(found.series) > SERIES_OF_A_PIECE or max(rows, figures) > ROWS_OF_A_PIECE or cells > CELLS_OF_A_PIECE:
        return True
    repeated = rows * question.catalogue.longest_source
    if figures > ROWS_OF_A_SHORT_PAGE or 3 * repeated > MOST_REPEATED:
        repeated += _count_repeated(question, [o for one in found.series for o in one.observations()])
    return repeated > MOST_REPEATED


def _write_by_year(question: Question, years: list[Year], notes: list[str]) -> Written[by_year.FoundSeries]:
    """Return how the series of a question are written, as a wide or as a long table. `notes` stand in a workbook."""
    catalogue, form = question.catalogue, question.representation.form.name
    shape: Any = long_table if question.is_long else series

    def documents(found: by_year.FoundSeries) -> list[dict[str, Any]]:
        shown = found.series, years, catalogue, question.service.base_url
        is_whole = form == "jsonstat" or question.is_full
        return [*(shape.as_documents(*shown) if is_whole else shape.as_objects(*shown, question.columns))]

    def table(found: by_year.FoundSeries) -> Table:
        if form == "sdmx":
            name = question.dataset["id"] if question.dataset else "observations"
            return sdmx.as_table(found.series, years, catalogue, name)
        made: Table = shape.as_table(found.series, years, catalogue, question.columns, notes)
        return made

    def figures(found: by_year.FoundSeries) -> list[Observation]:
        return [o for one in found.series for o in (one.years.values() if question.is_long else one.observations())]

    def sources(found: by_year.FoundSeries) -> Collection[str]:
        return {o.source for one in found.series for o in one.observations()}

    return Written(table, documents, figures, sources, lambda found: _takes_long(question, found, years))


def _require_export(question: Question, found: by_year.FoundSeries, years: Sequence[Year]) -> None:
    """Raise ExportTooLarge if a table without limit has more rows than one export may have."""
    form, most = question.representation.form, question.service.settings.export_rows
    if form.most_rows is not None:
        most = min(most, form.most_rows)
    cells = found.total * len(years)
    if found.whole.figures > most:
        much = f"{found.whole.figures} figures match"
    elif question.is_long and cells > most:
        much = f"The table has {cells} rows"
    elif cells > 10 * most:
        much, most = f"The table has {cells} cells", 10 * most
    else:
        return
    raise ExportTooLarge(f"{much}, but an export has at most {most}. Add filters, or use limit and cursor.")


def _require_short(question: Question, cells: int, figures: int) -> None:
    """Raise ExportTooLarge if a page or a cube takes long to be made in one piece, while nobody else is answered."""
    bounds = [(cells, MOST_ROWS_AT_ONCE, "rows") if question.is_long else (cells, MOST_CELLS_AT_ONCE, "cells")]
    if question.is_full or question.representation.form.name == "jsonstat":
        bounds.append((figures, MOST_ROWS_AT_ONCE, "figures"))
    what, to_do = "page", "Use a lower limit."
    if _is_whole_table(question):
        what, to_do = "cube", "Add filters, or use limit and cursor."
    for much, most, unit in bounds:
        if much > most:
            raise ExportTooLarge(f"The {what} has {much} {unit}, but one has at most {most}. {to_do}")


async def _by_year_warnings(
    question: Question, found: by_year.FoundSeries, years: Sequence[str]
) -> list[dict[str, Any]]:
    """Say what a sum over the table would get wrong, or why it is empty: nothing matches, or nothing of what does."""
    if found.total:
        of_years = replace(question, filters=question.filters.within("year", years))  # a long table has no other rows
        warnings = await find_warnings(of_years if question.is_long else question, found.whole.figures)
        if not question.is_long and any(one["code"] == "whole_and_parts" for one in warnings):
            # Years beside their window say by their columns what they are; among the years a sum counts twice.
            twice = await find_warnings(of_years, found.whole.figures)
            warnings = [one for one in warnings if one["code"] != "whole_and_parts"]
            warnings = [one for one in twice if one["code"] == "whole_and_parts"] + warnings
        return [{**one, "parameter": None, "available": []} if one["parameter"] == "parts" else one for one in warnings]
    if not found.whole.figures:
        return await explain_empty(question)
    period = "" if question.is_long else " or for a period of years"
    return [notice("no_years", None, f"No matching figure is stated by year{period}.", [])]


def _left_out(question: Question, found: by_year.FoundSeries) -> tuple[int, list[str]]:
    """Return the number of figures that match and are not in the table, and the types of their periods."""
    if question.is_long and found.whole.windows:
        return found.whole.left_out + found.whole.windows, sorted({*found.whole.left_out_types, "window"})
    return found.whole.left_out, found.whole.left_out_types


def _link_to_left_out(question: Question, period_types: list[str]) -> str:
    """Return the URL of the figures that a by-year table leaves out, in the same format unless it is a chart's.

    Not every figure that is for no year can be drawn beside the others.
    """
    same = {
        name: values
        for name, values in question.values.items()
        if name not in (*PAGE_PARAMETERS, *COLUMN_PARAMETERS, *YEARS, "shape")
    }
    listing = replace(
        question, path=question.path.removesuffix("/by-year"), values={**same, "period_type": period_types}
    )
    is_of_lists = question.representation.form.name in FORMS and question.representation.form.offered == "lists"
    return listing.pinned_link(question.suffix if is_of_lists else "")
