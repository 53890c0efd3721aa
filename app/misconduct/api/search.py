"""Answer a question in words: what was read, the rows that answer it, and what of it is not held.

The page of a search shows the same answer.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from misconduct.api.absent import (
    MOST_NEAREST,
    OTHERWISE,
    WIDER,
    find_way,
    show_nearest,
    write_ask,
)
from misconduct.api.answers import TableFormat, answers
from misconduct.api.current import Current, find_current
from misconduct.api.gaps import find_reason
from misconduct.api.parameters import QuestionQuery, from_query
from misconduct.api.see_also import Beside, find_beside
from misconduct.api.tables import Answer, Missing, check_columns, send_rows
from misconduct.formats import FORMATS
from misconduct.model.catalogue import Catalogue
from misconduct.model.codes import WORDS
from misconduct.model.figure import Row
from misconduct.model.shapes import ReadQuestion, SearchAnswer
from misconduct.model.warnings import MOST_READ
from misconduct.model.wording import why_unpublished
from misconduct.queries.figures import Total
from misconduct.queries.filters import Filters, read_filters
from misconduct.queries.instead import Lacking
from misconduct.queries.points import find_rows_of
from misconduct.queries.question import Question, Term
from misconduct.queries.reply import Reply, Search, find_reply
from misconduct.queries.results import Result

router = APIRouter(prefix="/v1", tags=["figures"])

ANOTHER_NUMBER = "another number"
WHY: Mapping[Lacking, str] = {
    "detail": "held without that",
    "unit": OTHERWISE,
    "kind": "a wider kind",
    "place": WIDER,
    "year": "another time",
    "unit and year": f"another time, {OTHERWISE}",
    "place and year": f"another time, {WIDER}",
}
"""Why a figure is near that lacks something of a question."""


class Found(NamedTuple):
    """The answer to a question: its rows, and in which other places each is held."""

    answer: Answer
    results: Sequence[Result]
    read: ReadQuestion
    places: Sequence[str]


@router.get("/search", responses=answers(SearchAnswer, *FORMATS))
async def search(
    request: Request,
    query: Annotated[QuestionQuery, from_query(QuestionQuery)],
    suffix: TableFormat,
) -> Response:
    """Answer a question in words: what was read, the rows that answer it, and what of it is not held.

    Rows have all that is asked: a place, a kind or an unknown name is never left out. What is nearest stands in
    `missing`, each with why. Of each thing that is counted there is one row, the best.
    """
    current = await find_current(request, query)
    check_columns(query.columns)
    limit = query.most(suffix) or MOST_READ
    found = await find_search(current, query.q, limit, query.offset)
    return await send_rows(request, current, query, suffix, found.answer)


async def find_search(current: Current, q: str, limit: int, offset: int) -> Found:
    """Return the answer to a question."""
    conditions = read_filters(Filters(q=q), None, current.catalogue)
    where = Search(current.tables, conditions, current.catalogue, limit, offset)
    reply = await find_reply(where)
    beside = await find_beside(current, conditions, reply.answer.total)
    results = reply.answer.page
    near = [*(reply.nearest or {}).values(), *reply.other_years]
    near += [*reply.shorter[:MOST_NEAREST], *(one for _, one in beside.numbers)]
    ids = [*(one.id for one in results), *near]
    table = await find_rows_of(current.tables, ids)
    missing = [*_find_missing(q, reply, beside, table, current)]
    if not (results or missing):
        missing = [_say_nothing(reply)]
    read = describe_question(reply, current.catalogue)
    following = offset + len(results)
    answer = Answer(
        "search",
        q,
        [table[one.id] for one in results],
        {"q": q, "read": read},
        missing,
        total=Total(reply.answer.results, reply.answer.is_at_least),
        following=following if results and following < reply.answer.results else 0,
        notes=_find_notes(reply, beside, current.catalogue),
        page=_write_page(q, current),
    )
    return Found(answer, results, read, reply.places)


def describe_question(reply: Reply, catalogue: Catalogue) -> ReadQuestion:
    """Return what a question was read as."""
    asked = reply.asked
    return {
        "indicator": _name("indicator", _sort_indicators(asked, catalogue), catalogue),
        "area": _name("area", reply.places, catalogue),
        "year": [one.words for term in asked.years for one in term.either or [term]],
        "kind": _name("category", asked.codes("category"), catalogue),
        "number": asked.typed or None,
        "not_understood": [*reply.unknown],
        "left_out": [
            one.words
            for one in reply.answer.left_out
            if reply.answer.page and not (one.is_year or one.words in reply.unknown)
        ],
    }


def _name(name: str, codes: Iterable[str], catalogue: Catalogue) -> list[Any]:
    return [
        {"code": code, "name": catalogue.label(name, code)}
        for code in dict.fromkeys(codes)
    ]


def _find_missing(
    q: str, reply: Reply, beside: Beside, table: Mapping[str, Row], current: Current
) -> Iterator[Missing]:
    """Yield what of a question is not understood or not held."""
    if reply.unknown:
        yield _describe_unknown(reply)
    yield from _refuse(q, reply)
    if reply.asked.number:
        yield from _describe_numbers(reply, beside, table, current)
    elif reply.nearest is not None or reply.shorter:
        yield _describe_absent(reply, table, current)
    yield from _describe_left_out(reply, table, current)
    for identity in beside.unpublished:
        record = current.catalogue.of_kind("unpublished")[identity]
        yield Missing(
            "refused" if record["kind"] == "refused" else "not_held",
            f"{record['question']} {why_unpublished(record)}",
            ways=[f"/v1/notes/{identity}"],
        )


def _describe_unknown(reply: Reply) -> Missing:
    words = "” or “".join(reply.unknown)
    ways = ["/v1/areas", "/v1/indicators"]
    if reply.meant:
        ways.insert(0, _write_search(reply.meant))
    return Missing(
        "not_understood", f"No figure or place here is called “{words}”.", ways=ways
    )


def _refuse(q: str, reply: Reply) -> Iterator[Missing]:
    """Yield what is never held: sums of money, lengths of time, ranks of places."""
    for noun, words in WORDS["unheld"].items():
        if re.search(rf"\b(?:{'|'.join(words)})\b", q, re.IGNORECASE):
            yield Missing("not_held", f"No {noun} are held.")
    if reply.asked.is_ranking:
        detail = "Places are not ranked: they record and count in different ways."
        ways = [f"/v1/indicators/{one}" for one in reply.asked.indicators[:1]]
        yield Missing("not_held", detail, ways=ways)


def _describe_numbers(
    reply: Reply, beside: Beside, table: Mapping[str, Row], current: Current
) -> Iterator[Missing]:
    """Yield that no figure is a number, or which other numbers may be meant."""
    others = [(ANOTHER_NUMBER, one) for one in reply.shorter[:MOST_NEAREST]]
    near = [*beside.numbers, *others]
    typed = reply.asked.typed
    if not reply.answer.total:
        other = " for this" if reply.asked.terms else ""
        ways = [_write_search(typed)] if reply.asked.terms else []
        missing = Missing("not_held", f"No document prints {typed}{other}.", ways=ways)
        yield _with_nearest(missing, near, table, current)
    elif near:
        missing = Missing("other_number", "Another number may be meant.")
        yield _with_nearest(missing, near, table, current)


def _describe_absent(
    reply: Reply, table: Mapping[str, Row], current: Current
) -> Missing:
    """Return that what is asked is not held, with the nearest that is, and the request for it."""
    catalogue, nearest = current.catalogue, reply.nearest or {}
    without = [_say_without(reply.dropped)] if reply.dropped else []
    near = [(", ".join([WHY[lacks], *without]), one) for lacks, one in nearest.items()]
    near += [(", ".join(without), one) for one in reply.shorter]
    indicator = next(iter(_sort_indicators(reply.asked, catalogue)), None)
    area = reply.places[0] if len(reply.places) == 1 else None
    reason, detail, ask = "not_held", _say_absent(reply, current), None
    if "year" in nearest:
        reason = "other_time"
    if indicator and area:
        record = catalogue.of_kind("indicator")[indicator]
        ask = write_ask(current, record, area)
        if refused := find_reason(area, [indicator], catalogue):
            reason = "refused" if refused["kind"] == "refused" else reason
    ways = [f"/v1/areas/{one}" for one in reply.places] if not near else []
    missing = Missing(reason, detail, indicator, area, ways=ways, ask=ask)
    return _with_nearest(missing, near[:MOST_NEAREST], table, current)


def _sort_indicators(asked: Question, catalogue: Catalogue) -> list[str]:
    """Return the indicators that a question names, in their order."""
    known = catalogue.of_kind("indicator")
    return sorted(asked.indicators, key=lambda one: known[one]["position"])


def _say_absent(reply: Reply, current: Current) -> str:
    """Return what is asked and not held: Officers dismissed: “racism”, Kent Police, 2024/25: not held."""
    asked, label = reply.asked, current.catalogue.label
    subject = ", ".join(f"“{one.words}”" for one in asked.subject())
    if indicators := _sort_indicators(asked, current.catalogue):
        find_meant = current.catalogue.vocabulary.find_meant
        said = dict.fromkeys(one.words for one in [*asked.kinds(), *asked.details()])
        kinds = [
            f"“{one}”"
            for one in said
            if {*asked.indicators}.isdisjoint(find_meant("indicator", one))
        ]
        name = label("indicator", indicators[0])
        subject = ": ".join(filter(None, (name, ", ".join(kinds))))
    places = [label("area", one) for one in reply.places]
    years = [one.words for one in asked.years]
    return f"{', '.join(filter(None, (subject, *places, *years)))}: not held."


def _describe_left_out(
    reply: Reply, table: Mapping[str, Row], current: Current
) -> Iterator[Missing]:
    """Yield the years and places that no row has, and countries that hold other years only."""
    answer, label = reply.answer, current.catalogue.label
    years = [one.words for one in answer.left_out if one.is_year]
    if years and answer.total and reply.nearest is None:
        detail = f"Nothing for {' or '.join(years)} is held with these words."
        yield Missing("other_time", detail)
    for area in reply.places:
        if reply.asked.beside and answer.total and area not in answer.areas:
            detail = f"Nothing of this is held of {label('area', area)}."
            ways = [f"/v1/areas/{area}"]
            yield Missing("not_held", detail, area_code=area, ways=ways)
    if reply.other_years:
        near = [(WHY["year"], one) for one in reply.other_years]
        missing = Missing("other_time", "Some countries hold other years only.")
        yield _with_nearest(missing, near, table, current)


def _with_nearest(
    missing: Missing,
    near: Iterable[tuple[str, str]],
    table: Mapping[str, Row],
    current: Current,
) -> Missing:
    """Return what is missing with the rows that are nearest, and the addresses of their series."""
    rows = [(why, table[one]) for why, one in near]
    ways = [find_way(row) for _, row in rows]
    return missing._replace(
        nearest=[show_nearest(why, row, current) for why, row in rows],
        ways=list(dict.fromkeys([*missing.ways, *ways])),
    )


def _say_nothing(reply: Reply) -> Missing:
    """Return that no figure has all that is asked, with the questions that leave out a word."""
    shorter = [reply.asked.without([one]) for one in reply.obstacles]
    ways = [_write_search(one) for one in shorter if one]
    ways += [f"/v1/areas/{one}" for one in reply.places]
    return Missing(
        "not_held", "No figure has all that is asked.", ways=[*ways, "/v1/indicators"]
    )


def _say_without(terms: Sequence[Term]) -> str:
    return "without " + " or ".join(f"“{one.words}”" for one in terms)


def _write_page(q: str, current: Current) -> str:
    pinned = {"release": current.release.number} if current.is_pinned else {}
    return f"/search?{urlencode({'q': q, **pinned})}"


def _write_search(q: str) -> str:
    return f"/v1/search?{urlencode({'q': q})}"


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
