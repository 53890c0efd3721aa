"""Pages of records: disagreements, unanswered questions, corrections, sources, charts and code lists."""

from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from misconduct.api.charts import chart_document
from misconduct.api.current import TheCurrent
from misconduct.api.found import Selection
from misconduct.api.parameters import ROWS_OF_JSON
from misconduct.api.pictures import DRAWING
from misconduct.api.problems import NotFound
from misconduct.api.records import RecordId, find_record
from misconduct.model import lists
from misconduct.model.catalogue import Content
from misconduct.model.kinds import KINDS
from misconduct.queries.figures import Page
from misconduct.queries.filters import Filters
from misconduct.site.figures import find_lines, name_wholes
from misconduct.site.home import find_answers
from misconduct.site.pages import describe, send
from misconduct.site.pictures import draw_registered

router = APIRouter(include_in_schema=False)

MAX_DESCRIBED = 5_000  # characters of a description that search engines read


def _add_list(kind: str) -> None:
    """Add the page that lists the records of a kind: of disagreements, those between most figures first."""

    @router.get(f"/{KINDS[kind].path}")
    async def list_records(request: Request, current: TheCurrent) -> Response:
        records = [
            one
            for one in lists.list_records(current.catalogue, kind)
            if one.get("listed") is not False
        ]
        records.sort(key=lambda record: -len(record.get("members", ())))
        return send(request, f"{KINDS[kind].path}.html", current, records=records)


for _kind in ("dataset", "disagreement", "unpublished", "chart", "source"):
    _add_list(_kind)


@router.get("/disagreements/{id}")
async def show_disagreement(
    request: Request, identity: RecordId, current: TheCurrent
) -> Response:
    record = find_record(current, "disagreement", identity)
    chart = next(
        (
            one
            for one in current.catalogue.of_kind("chart").values()
            if _draws(one, record)
        ),
        None,
    )
    return send(
        request,
        "disagreement.html",
        current,
        record=record,
        answers=await find_answers(current, record),
        lines=[*(await find_lines(current, record["members"])).values()],
        chart=chart,
        picture=await draw_registered(current, chart["id"]) if chart else None,
    )


def _draws(chart: Content, disagreement: Content) -> bool:
    """Tell whether a chart draws figures of a disagreement, and no others."""
    return {*chart["ids"]} <= {*disagreement["members"]}


@router.get("/unpublished/{id}")
async def show_unpublished(
    request: Request, identity: RecordId, current: TheCurrent
) -> Response:
    return send(
        request,
        "unpublished_one.html",
        current,
        record=find_record(current, "unpublished", identity),
    )


@router.get("/corrections")
async def list_corrections(request: Request, current: TheCurrent) -> Response:
    records = lists.list_records(current.catalogue, "correction")
    ids = [identity for record in records for identity in record["affects"]]
    return send(
        request,
        "corrections.html",
        current,
        records=records,
        affected=await find_lines(current, ids),
    )


@router.get("/sources/{id}")
async def show_source(
    request: Request, identity: RecordId, current: TheCurrent
) -> Response:
    record = find_record(current, "source", identity)
    selection = Selection.of(Filters(source=[identity]), current)
    corrections = [
        record
        for record in lists.list_records(current.catalogue, "correction")
        if record["source"] == identity
    ]
    lines = await name_wholes(current, await selection.figures(Page(ROWS_OF_JSON)))
    name = (record["title"] or record["publisher"] or "a document").strip("[]")
    about = f"The figures that “{name}” prints, each with its place in the document and what not to confuse it with."
    said = {
        "name": f"figures from {name}",
        "description": about,
        "isBasedOn": record["url"],
    }
    described = (
        await describe(request, selection, {"source": identity}, **said)
        if lines
        else None
    )
    facts = await selection.facts()
    return send(
        request,
        "source.html",
        current,
        record=record,
        lines=lines,
        total=facts.total,
        is_at_least=facts.is_at_least,
        corrections=corrections,
        described=described,
    )


@router.get("/codelists")
async def list_codelists(request: Request, current: TheCurrent) -> Response:
    return send(request, "codelists.html", current)


@router.get("/codelists/{id}")
async def show_codelist(
    request: Request, identity: RecordId, current: TheCurrent
) -> Response:
    lists = current.catalogue.codelists
    if identity not in lists:
        raise NotFound(f"There is no code list {identity[:80]!r}.")
    empty: dict[str, Any] = {"definition": None, "broader": None, "words": []}
    codes = [
        {"code": code, **empty, **content} for code, content in lists[identity].items()
    ]
    return send(request, "codelist.html", current, identity=identity, codes=codes)


@router.get("/charts/{id}")
async def show_chart(
    request: Request, identity: RecordId, current: TheCurrent
) -> Response:
    picture = await draw_registered(current, identity)
    drawing = picture.drawing
    lines = [*(await find_lines(current, drawing.ids)).values()]
    chart = await to_thread.run_sync(
        chart_document, identity, current, drawing, limiter=DRAWING
    )
    query = {"id": ",".join(chart["ids"])}
    selection = Selection.of(Filters.model_validate(query), current)
    said = {"name": chart["title"], "description": chart["alt"][:MAX_DESCRIBED]}
    described = await describe(request, selection, query, **said)
    return send(
        request,
        "chart.html",
        current,
        chart=chart,
        picture=picture,
        lines=lines,
        described=described,
    )
