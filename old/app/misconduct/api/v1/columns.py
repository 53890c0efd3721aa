"""What the columns and caveats of figures mean, as tables."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Response

from misconduct.api.documentation import documented
from misconduct.api.parameters import TABLE_PARAMETERS
from misconduct.api.request_context import Question, parse_request
from misconduct.api.responses import answer, page_document
from misconduct.api.routing import DirectRouter
from misconduct.api.v1.record_schemas import CaveatPage, ColumnPage
from misconduct.formats import EVERYWHERE
from misconduct.model import figure
from misconduct.model.record_tables import records_table
from misconduct.model.table import Column, Table
from misconduct.queries.facets import count_by_caveat

FORMS = EVERYWHERE

OF_COLUMNS = (
    Column("name", "text", "Name of the column."),
    Column("type", "code", "text, code, date (as precise as known), integer, number, boolean or texts (a list)."),
    Column("description", "text", "What it says of a figure."),
    Column("codelist", "text", "Id of the code list that its codes are in, if they are in one."),
    Column("core", "boolean", "Whether it is in a table that does not ask for columns."),
    Column("separator", "text", "What separates the members of a list in one cell of CSV."),
    Column("path", "text", "Where the JSON object of a figure has the same."),
)
"""The table of columns."""


router = DirectRouter(prefix="/v1", tags=["register"])

Asked = Annotated[Question, Depends(parse_request(TABLE_PARAMETERS, FORMS))]
AskedTable = Annotated[Question, Depends(parse_request(("bom",), FORMS))]


@router.get("/columns", **documented(ColumnPage, ("bom",), FORMS))
async def list_columns(question: AskedTable) -> Response:
    """List the columns of a figure: type, description, code list, and where the JSON object has the same."""
    found: list[dict[str, Any]] = [describe_column(column) for column in figure.COLUMNS]
    rows = [tuple(one[column.name] for column in OF_COLUMNS) for one in found]
    return answer(question, lambda: page_document(question, found, total=len(found)), lambda: Table(OF_COLUMNS, rows))


@router.get("/caveats", **documented(CaveatPage, TABLE_PARAMETERS, FORMS))
async def list_caveats(question: Asked) -> Response:
    """List the caveats, which are notes that travel with a figure in every format, and how many figures have each."""
    counts = await count_by_caveat(question.service.database, question.release.ordinal)
    caveats, more = question.catalogue.kind("caveat"), Column("figures", "integer", "Number of figures that have it.")

    def make() -> Response:
        found = [{**content, "figures": counts.get(identity, 0)} for identity, content in caveats.items()]
        return answer(
            question,
            lambda: page_document(question, found, total=len(found)),
            lambda: records_table("caveat", found, more),
        )

    return await question.service.encoder.make_list(len(caveats), make, question.client)


def describe_column(column: Column) -> dict[str, Any]:
    """Return a column of a figure as a response shows it."""
    return {
        "name": column.name,
        "type": column.type,
        "description": column.description,
        "codelist": column.codelist,
        "core": column.name in figure.CORE,
        "separator": column.separator if column.type == "texts" else None,
        "path": ".".join(column.steps),
    }
