"""Pages of records: disagreements, unanswered questions, corrections, sources and code lists."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request, Response

from misconduct.api.current import Current, find_current
from misconduct.api.found import Selection
from misconduct.api.parameters import ROWS_OF_JSON
from misconduct.api.records import find_codes, find_record, record_document
from misconduct.model.catalogue import Content
from misconduct.model.documents import labelled
from misconduct.model.figure import TABLE_COLUMNS
from misconduct.queries.figures import find_page
from misconduct.queries.filters import Filters
from misconduct.site.figures import Identity, find_lines
from misconduct.site.home import find_answers
from misconduct.site.pages import ThePinned, send
from misconduct.site.phrases import lines
from misconduct.site.pictures import draw_registered

router = APIRouter(include_in_schema=False)


def find_documents(current: Current, kind: str, ids: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Return all records of a kind, or those with these ids."""
    known = current.catalogue.of_kind(kind)
    wanted = known if ids is None else [identity for identity in ids if identity in known]
    return [record_document(kind, known[identity]) for identity in wanted]


@router.get("/disagreements")
async def list_disagreements(request: Request, query: ThePinned) -> Response:
    """List the questions that have several answers."""
    current = await find_current(request, query)
    records = sorted(find_documents(current, "disagreement"), key=lambda record: -len(record["members"]))
    return send(request, "disagreements.html", current, records=records)


@router.get("/disagreements/{id}")
async def show_disagreement(request: Request, identity: Identity, query: ThePinned) -> Response:
    """Show which figure answers which question, and why they differ."""
    current = await find_current(request, query)
    record = record_document("disagreement", find_record(current, "disagreement", identity))
    dimensions = (record["outcome"] or {}).get("dimensions", {})
    chart = next((one for one in current.catalogue.of_kind("chart").values() if _draws(one, record)), None)
    return send(
        request,
        "disagreement.html",
        current,
        record=record,
        answers=await find_answers(current, record),
        lines=[*(await find_lines(current, record["members"])).values()],
        reasons=[labelled("disagreement_reason", code, current.catalogue)["label"] for code in record["reasons"]],
        unlike=[name for name, relation in dimensions.items() if relation != "same"],
        chart=chart,
        picture=await draw_registered(current, chart["id"]) if chart else None,
    )


def _draws(chart: Content, disagreement: Content) -> bool:
    """Tell whether a chart draws figures of a disagreement, and no others."""
    query = chart["query"]
    ids = query.get("id", ())
    return disagreement["id"] in query.get("disagreement", ()) or (bool(ids) and {*ids} <= {*disagreement["members"]})


@router.get("/unpublished")
async def list_unpublished(request: Request, query: ThePinned) -> Response:
    """List what the documents in this register do not say, with those that were read for it."""
    current = await find_current(request, query)
    sources = {source["id"]: source for source in find_documents(current, "source")}
    return send(request, "unpublished.html", current, records=find_documents(current, "unpublished"), sources=sources)


@router.get("/unpublished/{id}")
async def show_unpublished(request: Request, identity: Identity, query: ThePinned) -> Response:
    """Show a question that no document here answers, or a refusal to publish."""
    current = await find_current(request, query)
    record = record_document("unpublished", find_record(current, "unpublished", identity))
    return send(
        request,
        "unpublished_one.html",
        current,
        record=record,
        asked=record["asked"] and current.catalogue.label("stated_by", record["asked"]),
        searched=find_documents(current, "source", record["searched"]),
        source=next(iter(find_documents(current, "source", [record["source"] or ""])), None),
        datasets=find_documents(current, "dataset", record["datasets"]),
    )


@router.get("/corrections")
async def list_corrections(request: Request, query: ThePinned) -> Response:
    """Say how to report an error, and list the errors of publishers."""
    current = await find_current(request, query)
    records = find_documents(current, "correction")
    ids = [identity for record in records for identity in record["affects"]]
    affected = await find_lines(current, ids)
    sources = current.catalogue.of_kind("source")
    return send(request, "corrections.html", current, records=records, affected=affected, sources=sources)


@router.get("/sources")
async def list_sources(request: Request, query: ThePinned) -> Response:
    """List the documents that print figures, and those that they quote."""
    current = await find_current(request, query)
    return send(request, "sources.html", current, records=find_documents(current, "source"))


@router.get("/sources/{id}")
async def show_source(request: Request, identity: Identity, query: ThePinned) -> Response:
    """Show a document and its figures."""
    current = await find_current(request, query)
    record = record_document("source", find_record(current, "source", identity))
    conditions = Selection.of(Filters(source=[identity]), current).conditions
    rows = await find_page(current.database, conditions, TABLE_COLUMNS, None, ROWS_OF_JSON, 0)
    corrections = [record for record in find_documents(current, "correction") if record["source"] == identity]
    return send(
        request,
        "source.html",
        current,
        record=record,
        lines=lines(rows, current.view),
        total=(await current.releases.facts(conditions)).total,
        corrections=corrections,
    )


@router.get("/codelists")
async def list_codelists(request: Request, query: ThePinned) -> Response:
    """List the code lists."""
    current = await find_current(request, query)
    return send(request, "codelists.html", current, lists=current.catalogue.codelists)


@router.get("/codelists/{id}")
async def show_codelist(request: Request, identity: Identity, query: ThePinned) -> Response:
    """Show what the codes of a list mean."""
    current = await find_current(request, query)
    return send(request, "codelist.html", current, identity=identity, codes=find_codes(current, identity))
