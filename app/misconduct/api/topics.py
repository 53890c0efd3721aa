"""The tables of topics: the rows of all their indicators, and the same with a column for each year."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response

from misconduct.api.answers import TableFormat, answers
from misconduct.api.current import Current, find_current
from misconduct.api.parameters import TopicQuery, from_query
from misconduct.api.tables import Answer, Missing, is_wide, read_table, send_rows
from misconduct.formats import FORMATS
from misconduct.model.points import ALL_KINDS, TOPICS
from misconduct.model.shapes import TableAnswer
from misconduct.queries.figures import Total
from misconduct.queries.points import Wanted, find_lacking, find_rows

router = APIRouter(prefix="/v1", tags=["figures"])

Topic = Annotated[
    str,
    Path(description="A topic: allegations.", json_schema_extra={"enum": [*TOPICS]}),
]
Query = Annotated[TopicQuery, from_query(TopicQuery)]


@router.get("/{topic}/by-year", responses=answers(TableAnswer, *FORMATS))
async def list_topic_by_year(
    request: Request, topic: Topic, query: Query, suffix: TableFormat
) -> Response:
    """Return the table of a topic with a row for each series and a column for each year.

    Series without a year, such as a sum over ten years, are in the table of the topic: `missing` says how many.

    For a researcher and a local reporter.
    """
    wide = query.model_copy(update={"wide": "1"})
    return await _send_topic(request, topic, wide, suffix)


@router.get("/{topic}", responses=answers(TableAnswer, *FORMATS))
async def list_topic(
    request: Request, topic: Topic, query: Query, suffix: TableFormat
) -> Response:
    """Return the table of a topic: the rows of the series that lead, of all its indicators.

    Files have all rows; JSON has a page of them, and `links.next`.

    For a newsroom app and a researcher.
    """
    return await _send_topic(request, topic, query, suffix)


async def _send_topic(
    request: Request, topic: str, query: TopicQuery, suffix: str
) -> Response:
    current = await find_current(request, query)
    if topic not in TOPICS:
        raise HTTPException(404)
    wanted = read_table(query, current.catalogue, topics=[topic])
    answer = await find_topic(current, topic, wanted)
    if is_wide(query):  # its file is not that of the long table
        answer = answer._replace(name=f"{topic}-by-year")
    if suffix not in FORMATS:
        answer = take_page(answer, query)
    return await send_rows(request, current, query, suffix, answer)


async def find_topic(current: Current, topic: str, wanted: Wanted) -> Answer:
    """Return the table of a topic, and what of it is missing."""
    rows = await find_rows(current.tables, wanted)
    content = current.catalogue.of_kind("dataset")[topic]
    about = {name: content[name] for name in ("id", "title", "description", "limits")}
    missing = list[Missing]()
    for area, kind in find_lacking(wanted, rows):
        of_kind = "" if kind == ALL_KINDS else f" of {kind}"
        place = current.catalogue.label("area", area)
        detail = f"{content['title']}: no row{of_kind} is held as asked for {place}."
        ways = [f"/v1/areas/{area}"]
        missing.append(Missing("not_held", detail, area_code=area, ways=ways))
    if not rows and not missing:
        ways = [f"/v1/{topic}", "/v1/indicators"]
        missing = [Missing("not_held", "No row is held as asked.", ways=ways)]
    return Answer(topic, content["title"], rows, {"topic": about}, missing)


def take_page(answer: Answer, query: TopicQuery) -> Answer:
    """Return the rows of a page of JSON. A wide table is whole: its rows are few."""
    if is_wide(query):
        return answer
    limit = query.most("json") or 0
    end = query.offset + limit
    return answer._replace(
        rows=answer.rows[query.offset : end],
        total=Total(len(answer.rows), False),
        following=end if end < len(answer.rows) else 0,
    )
