"""Answer a question in words: what was read, the rows that answer it, and what of it is not held.

The page of a search shows the same answer.
"""

from collections.abc import Iterable
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from misconduct.api.answers import TableFormat, answers
from misconduct.api.current import Current, find_current
from misconduct.api.lacking import find_missing, list_near, sort_indicators
from misconduct.api.parameters import QuestionQuery, from_query
from misconduct.api.see_also import Beside, find_beside
from misconduct.api.tables import Answer, check_columns, send_rows
from misconduct.formats import FORMATS
from misconduct.model.catalogue import Catalogue
from misconduct.model.shapes import ReadQuestion, SearchAnswer
from misconduct.model.warnings import MOST_READ
from misconduct.queries.figures import Total
from misconduct.queries.points import find_rows_of
from misconduct.queries.question import read_question
from misconduct.queries.reply import Reply, find_reply
from misconduct.queries.results import Search

router = APIRouter(prefix="/v1", tags=["figures"])


class Found(NamedTuple):
    """The answer to a question: its rows, what was read, and what answers it."""

    answer: Answer
    read: ReadQuestion
    reply: Reply


@router.get("/search", responses=answers(SearchAnswer, *FORMATS))
async def search(
    request: Request,
    query: Annotated[QuestionQuery, from_query(QuestionQuery)],
    suffix: TableFormat,
) -> Response:
    """Answer a question in words: what was read, the rows that answer it, and what of it is not held.

    Rows have all that is asked: a place, a kind or an unknown name is never left out. What is nearest stands in
    `missing`, each with why. Of each thing that is counted there is one row, the best.

    For a local reporter and someone with a number.
    """
    current = await find_current(request, query)
    check_columns(query.columns)
    limit = query.most(suffix) or MOST_READ
    found = await find_search(current, ask(current, query.q, limit, query.offset))
    return await send_rows(request, current, query, suffix, found.answer)


def ask(current: Current, q: str, limit: int, offset: int = 0) -> Search:
    """Return the search that a question asks for."""
    question = read_question(q, current.catalogue)
    return Search(current.tables, q, question, current.catalogue, limit, offset)


async def find_search(current: Current, search: Search) -> Found:
    """Return the answer to a question."""
    reply = await find_reply(search)
    beside = Beside([], [], [])
    if not reply.names:
        beside = await find_beside(current, search, reply.answer.total)
    first = [reply.answer.first.id] if reply.answer.first else []
    ids = [result.id for result in reply.answer.page]
    near = list_near(reply, beside)
    table = await find_rows_of(current.tables, [*ids, *first, *near])
    q, read = reply.q, describe_question(reply, current.catalogue)
    row = table[first[0]] if first else None
    answer = Answer(
        "search",
        q,
        [table[identity] for identity in ids],
        {"q": q, "read": read},
        find_missing(reply, beside, row, table, current),
        total=Total(reply.answer.results, reply.answer.is_at_least),
        following=_find_following(reply, search.offset),
        notes=_find_notes(reply, beside, current.catalogue),
        page=_write_page(q, current),
    )
    return Found(answer, read, reply)


def _find_following(reply: Reply, offset: int) -> int:
    """Return the place of the first result that follows a page, or 0."""
    following = offset + len(reply.answer.page)
    has_more = reply.answer.page and following < reply.answer.results
    return following if has_more else 0


def describe_question(reply: Reply, catalogue: Catalogue) -> ReadQuestion:
    """Return what a question was read as."""
    asked = reply.asked
    years = [one.words for term in asked.years for one in term.either or [term]]
    return {
        "indicator": _name("indicator", sort_indicators(asked, catalogue), catalogue),
        "area": _name("area", reply.places, catalogue),
        "year": [*years, *asked.times],
        "kind": _name("category", asked.codes("category"), catalogue),
        "number": asked.typed or None,
        "not_understood": [term.words for term in reply.unknown],
        "left_out": [term.words for term in reply.left_out],
    }


def _name(name: str, codes: Iterable[str], catalogue: Catalogue) -> list[Any]:
    return [
        {"code": code, "name": catalogue.label(name, code)}
        for code in dict.fromkeys(codes)
    ]


def _write_page(q: str, current: Current) -> str:
    pinned = {"release": current.release.number} if current.is_pinned else {}
    return f"/search?{urlencode({'q': q, **pinned})}"


def _find_notes(
    reply: Reply, beside: Beside, catalogue: Catalogue
) -> list[dict[str, Any]]:
    """Return the disagreements about a number, or about what is not held. Those of rows are notes of the rows."""
    if reply.answer.page and not reply.asked.number:
        return []
    known = catalogue.of_kind("disagreement")
    records = [known[one] for one in beside.disagreements]
    return [
        {
            "id": one["id"],
            "type": "disagreement",
            "text": one.get("warning") or one["explanation"],
            "applies_to": [],
        }
        for one in records
    ]
