"""Charts of the register as a list, and each as its record, as a picture, as Vega-Lite, or as its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Path, Response

from misconduct.api.documentation import documented
from misconduct.api.parameters import BY_YEAR_PARAMETERS, CHART_PARAMETERS, TABLE_PARAMETERS
from misconduct.api.request_context import Question, parse_request
from misconduct.api.responses import answer, page_document
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.pictures import Charted, chart_record, send_chart
from misconduct.api.v1.record_schemas import RECORDS
from misconduct.api.v1.records import find_record
from misconduct.errors import NoSuchChart, NotFound, Removed
from misconduct.formats import EVERYWHERE, FIGURE_FORMATS
from misconduct.model import figure, long_table
from misconduct.model.kinds import is_by_year
from misconduct.model.record_tables import records_table
from misconduct.model.table import Table

FORMS = EVERYWHERE

router = DirectRouter(prefix="/v1", tags=["charts"])
ChartPage, ChartAnswer = RECORDS["chart"]

Asked = Annotated[Question, Depends(parse_request(TABLE_PARAMETERS, FORMS))]
One = Annotated[Question, Depends(parse_request(CHART_PARAMETERS, FIGURE_FORMATS))]
ChartId = Annotated[str, Path(description="Id of a chart.", examples=["how-many-were-accused"])]


@router.get("/charts", **documented(ChartPage, TABLE_PARAMETERS, FORMS))
async def list_charts(question: Asked) -> Response:
    """List the charts, with links to each as a picture, a document to embed, and a specification with its data."""
    found = question.catalogue.kind("chart").values()

    def make() -> Response:
        records = [chart_document(question, record) for record in found]
        return answer(
            question,
            lambda: page_document(question, records, total=len(records)),
            lambda: records_table("chart", records),
        )

    return await question.service.encoder.make_list(len(found), make, question.client)


@router.get(
    "/charts/{chart_id}", **documented(ChartAnswer, CHART_PARAMETERS, FIGURE_FORMATS, NoSuchChart, NotFound, Removed)
)
async def read_chart(question: One, chart_id: ChartId) -> Response:
    """Return one chart: its title, its filters, and links to its pictures.

    With a suffix, return the chart itself: `.svg`, `.png`, `.html` for an iframe, or `.json`, its Vega-Lite
    specification (also `.vl.json`). `.csv`, `.xlsx`, `.parquet` and `.jsonl` are its figures; of a chart by year, a row
    for each year of each series.

    Without `release` the chart changes with the latest release. Missing figures are drawn as missing, never as zero.
    """
    record = await find_record(question, "chart", chart_id)
    form = question.representation.form
    if form.name == "json":
        return answer(question, lambda: page_document(question, chart_document(question, record), total=1))
    charted = await chart_record(question, record)
    if form.takes == "chart":
        return send_chart(question, charted.chart)
    return _answer_data(question, charted)


def _answer_data(question: Question, charted: Charted) -> Response:
    """Return the figures of a chart, with the columns that a table has if none are asked for, and their labels."""
    catalogue, base_url = question.catalogue, question.service.base_url
    layout = long_table.LAYOUT if charted.series else figure.LAYOUT
    is_table = question.representation.form.takes == "table"
    columns = layout.choose((), full=False, labels=True, objects=not is_table)

    def document() -> dict[str, Any]:
        if charted.series:
            rows = long_table.as_objects(charted.series, charted.years, catalogue, base_url, columns)
        else:
            rows = map(figure.project(columns).objects(catalogue, base_url), charted.figures)
        return {"data": list(rows)}

    def table() -> Table:
        if charted.series:
            return long_table.as_table(charted.series, charted.years, catalogue, columns)
        return figure.project(columns).table(charted.figures, catalogue)

    return answer(question, document, table)


def chart_document(question: Question, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a chart as a response shows it, with its links."""
    base_url = question.service.base_url
    pinned = urlencode({"release": question.release.number}) if question.names_release else ""
    itself = f"{base_url}/v1/charts/{record['id']}"
    page = _with(f"{base_url}/charts/{record['id']}", pinned)
    # A table by year has no period_type: without it, it would have other series than the chart.
    is_table = is_by_year(record) and record["query"].keys() <= {*BY_YEAR_PARAMETERS}
    listing, filters = "observations/by-year" if is_table else "observations", {**record["query"], "narrower": "0"}
    return {
        **record,
        "links": {
            "page": page,
            **{suffix: _with(f"{itself}.{suffix}", pinned) for suffix in ("svg", "png", "json", "html", "csv")},
            "oembed": f"{base_url}/oembed?{urlencode({'url': page})}",
            "figures": _with(f"{base_url}/v1/{listing}", "&".join(filter(None, [urlencode(filters, True), pinned]))),
        },
    }


def _with(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address
