"""Answer some questions for each police force: with the newest number, and with a request for what is missing."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Request, Response

from misconduct.api.answers import ChosenFormat, answers
from misconduct.api.current import Current, find_current
from misconduct.api.parameters import GapList, from_query
from misconduct.api.records import send_list
from misconduct.api.tables import read_areas
from misconduct.model import requests
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.figure import Row
from misconduct.model.places import list_forces, name_force
from misconduct.model.points import is_part, write_value
from misconduct.model.shapes import GapListAnswer
from misconduct.queries.points import Wanted, find_newest

router = APIRouter(prefix="/v1", tags=["notes"])

ROW_COLUMNS = (
    *("indicator", "name", "year", "time", "period_start", "period_end", "value"),
    *("unit", "shown", "note", "publisher", "id", "cite_as"),
)
"""The columns of the newest row. They are null where there is none."""
HEADER = (
    *("area", "area_code", "question", "answer"),
    *ROW_COLUMNS,
    *("unpublished", "request_title", "request", "request_url"),
)


class Question(NamedTuple):
    """A question to every force, and the indicators that answer it."""

    title: str
    indicators: Sequence[Content]


class Found(NamedTuple):
    """The answer to a question for one force: `row` is the newest of the table; without it, `record` may say why."""

    area: str
    question: Question
    answer: str
    row: Row | None
    record: Content | None
    request: requests.Request


def list_questions(catalogue: Catalogue) -> list[Question]:
    """Return the questions to every force, in the order of their indicators."""
    indicators = sorted(
        catalogue.of_kind("indicator").values(), key=lambda one: one["position"]
    )
    titles = {
        one["id"]: catalogue.fact("force_question", one["id"]) for one in indicators
    }
    return [
        Question(title, [one for one in indicators if titles[one["id"]] == title])
        for title in dict.fromkeys(filter(None, titles.values()))
    ]


async def find_gaps(current: Current, areas: Iterable[str] = ()) -> list[Found]:
    """Return what is known of each question and force, for all forces or those in some areas."""
    catalogue = current.catalogue
    questions, wanted = list_questions(catalogue), catalogue.find_all("area", areas)
    forces = [
        one
        for one in list_forces(catalogue, has_nations=True)
        if one in wanted or not wanted
    ]
    forces.sort(key=lambda one: name_force(one, catalogue))
    if not forces:
        return []
    asked = [one["id"] for question in questions for one in question.indicators]
    rows = await find_newest(current.tables, Wanted(indicators=asked, areas=forces))
    found = {(row["area_code"], row["indicator"]): row for row in rows}
    return [
        _find(area, question, found, current)
        for area in forces
        for question in questions
    ]


def _find(
    area: str, question: Question, found: dict[tuple[str, str], Row], current: Current
) -> Found:
    """Return what is known of a question: the newest row that leads, at best no part, or why there is none."""
    catalogue, ids = current.catalogue, [one["id"] for one in question.indicators]
    rows = [found[area, one] for one in ids if (area, one) in found]
    row = min(rows, key=_come_first, default=None)
    record = None if row else find_reason(area, ids, catalogue)
    part = "part" if row and is_part(row) else "number"
    answer = part if row else record["kind"] if record else "not_looked_for"
    asks = [one["ask"] for one in question.indicators if one.get("ask")]
    name = catalogue.codelists["area"][area].get("request_name")
    request = requests.write_request(
        question.title, asks, name_force(area, catalogue), name, current.release.day
    )
    return Found(area, question, answer, row, record, request)


def _come_first(row: Row) -> tuple[bool, int]:
    last = row["period_end"]
    return is_part(row), -last.toordinal() if last else 0


def find_reason(
    area: str, indicators: Iterable[str], catalogue: Catalogue
) -> Content | None:
    """Return the record of why a number is not published, a refusal first; one that is over explains nothing."""
    records = [
        one
        for one in catalogue.of_kind("unpublished").values()
        if area in one.get("area", ())
        and not {*indicators}.isdisjoint(one.get("indicator", ()))
        and "until" not in one
    ]
    return min(records, key=lambda one: one["kind"] != "refused", default=None)


def _gap_document(found: Found, current: Current, *, has_text: bool) -> dict[str, Any]:
    row = dict.fromkeys(ROW_COLUMNS)
    if found.row:
        row = {name: write_value(found.row[name]) for name in ROW_COLUMNS}
        row["cite_as"] = current.view.cite_as(found.row["id"])
    return {
        "area": current.catalogue.label("area", found.area),
        "area_code": found.area,
        "question": found.question.title,
        "answer": found.answer,
        **row,
        "unpublished": found.record["id"] if found.record else None,
        "request_title": found.request.title,
        "request": found.request.text if has_text else None,
        "request_url": found.request.url,
    }


@router.get("/gaps", responses=answers(GapListAnswer, "csv"))
async def list_gaps(
    request: Request,
    query: Annotated[GapList, from_query(GapList)],
    suffix: ChosenFormat,
) -> Response:
    """List what each police force of the United Kingdom has published, and the request for what it has not.

    Eight questions, such as how many officers were suspended: the newest number of each force, that publication was
    refused, or that it has not been looked for. `request` is the text of a request, which is not sent; it is there if
    areas are named, and `request_url` always.

    For a local reporter.
    """
    current = await find_current(request, query)
    areas = read_areas(query.area, current.catalogue)
    found = await find_gaps(current, areas)
    rows = [_gap_document(one, current, has_text=bool(areas)) for one in found]
    return send_list(request, current, suffix, rows, HEADER)
