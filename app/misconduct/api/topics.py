"""The tables of topics: the rows of all their indicators, and the same with a column for each year."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response

from misconduct.api.answers import TableFormat, answers, link
from misconduct.api.current import Current, find_current
from misconduct.api.parameters import TopicQuery, from_query
from misconduct.api.tables import Answer, Missing, read_table, send_rows
from misconduct.api.wide import find_dated
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
    current = await find_current(request, query)
    answer = await _read_topic(current, topic, query)
    rows = find_dated(answer.rows)
    missing = [*answer.missing]
    if undated := len(answer.rows) - len(rows):
        detail = f"{undated} rows are of series without a year: see the plain table."
        plain = link(request, suffix="").removeprefix(request.state.base_url)
        ways = [plain.replace("/by-year", "")]
        missing.append(Missing("no_year", detail, ways=ways))
    answer = answer._replace(
        name=f"{topic}-by-year", rows=rows, missing=missing, is_by_year=True
    )
    return await send_rows(request, current, query, suffix, answer)


@router.get("/{topic}", responses=answers(TableAnswer, *FORMATS))
async def list_topic(
    request: Request, topic: Topic, query: Query, suffix: TableFormat
) -> Response:
    """Return the table of a topic: the rows of the series that lead, of all its indicators.

    Files have all rows; JSON has a page of them, and `links.next`.

    For a newsroom app and a researcher.
    """
    current = await find_current(request, query)
    answer = await _read_topic(current, topic, query)
    if suffix not in FORMATS:
        answer = take_page(answer, query)
    return await send_rows(request, current, query, suffix, answer)


async def _read_topic(current: Current, topic: str, query: TopicQuery) -> Answer:
    if topic not in TOPICS:
        raise HTTPException(404)
    wanted = read_table(query, current.catalogue, topics=[topic])
    return await find_topic(current, topic, wanted)


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
    """Return the rows of a page of JSON."""
    limit = query.most("json") or 0
    end = query.offset + limit
    return answer._replace(
        rows=answer.rows[query.offset : end],
        total=Total(len(answer.rows), False),
        following=end if end < len(answer.rows) else 0,
    )
