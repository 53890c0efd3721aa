"""Codes: the shared words of the table's columns and of answers, as one list."""

from typing import Annotated, get_args

from fastapi import APIRouter, Request, Response

from misconduct.api.answers import ChosenFormat, answers
from misconduct.api.current import find_current
from misconduct.api.parameters import CodeList, from_query
from misconduct.api.records import send_list
from misconduct.model import lists
from misconduct.model.codes import CodeType
from misconduct.model.shapes import CodeListAnswer

router = APIRouter(prefix="/v1", tags=["notes"])


@router.get("/codes", responses=answers(CodeListAnswer, "csv"))
async def list_codes(
    request: Request,
    query: Annotated[CodeList, from_query(CodeList)],
    suffix: ChosenFormat,
) -> Response:
    """List codes with their labels. Columns of tables have the labels in small letters; filters take either.

    Places are in /v1/areas, and what is counted in /v1/indicators.

    For a researcher and an engineer.
    """
    current = await find_current(request, query)
    rows = lists.list_codes(current.catalogue, query.type or get_args(CodeType))
    return send_list(request, current, suffix, rows, lists.names_of(lists.CODES))
