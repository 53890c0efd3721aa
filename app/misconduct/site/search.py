"""The page that searches for a number or words: the answer of /v1/search."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from misconduct.api.current import Current, find_current
from misconduct.api.parameters import ROWS_OF_SEARCH, RowsOfPage, from_query
from misconduct.api.search import Found, ask, find_search
from misconduct.api.tables import Missing, find_notes
from misconduct.model.places import name_several
from misconduct.site.beside import MAX_BESIDE
from misconduct.site.home import find_answers
from misconduct.site.pages import SearchQuery, To, send

router = APIRouter(include_in_schema=False)


class SearchPage(RowsOfPage, SearchQuery):
    """The parameters of the page."""


@router.get("/search")
async def show_search(
    request: Request, query: Annotated[SearchPage, from_query(SearchPage)]
) -> Response:
    current = await find_current(request, query)
    if query.q is None:
        return send(request, "search.html", current, q="", found=None)
    limit = query.limit or ROWS_OF_SEARCH
    search = ask(current, query.q, limit, query.offset)
    found = await find_search(current, search)
    missing, places = found.answer.missing, found.reply.places
    notes = [*find_notes(found.answer.rows, current.catalogue), *found.answer.notes]
    known = current.catalogue.of_kind("disagreement")
    differ = [known[one["id"]] for one in notes if one["type"] == "disagreement"]
    return send(
        request,
        "search.html",
        current,
        q=query.q,
        found=found,
        rows=_describe_rows(found, current),
        before=[_link(one, current) for one in missing if not _follows(one)],
        after=[_link(one, current) for one in missing if _follows(one)],
        differ=differ,
        answers=await find_answers(current, differ[0]) if differ else [],
        beside=places if 1 < len(places) <= MAX_BESIDE else (),
    )


def _describe_rows(found: Found, current: Current) -> list[dict[str, Any]]:
    """Return rows with the other places that have what they count."""
    rows = []
    for row, result in zip(found.answer.rows, found.reply.answer.page, strict=True):
        others = [one for one in result.areas if one != result.area]
        others.sort(key=lambda one: current.catalogue.label("area", one))
        noun = name_several(others or result.areas, current.catalogue)
        rows.append({**row, "also": others, "noun": noun})
    return rows


def _follows(missing: Missing) -> bool:
    """Tell whether it stands behind the rows: other rows, and a record of what nobody has published."""
    is_record = any(way.startswith("/v1/notes/") for way in missing.ways)
    return bool(missing.nearest or is_record)


def _link(missing: Missing, current: Current) -> dict[str, Any]:
    """Return what is missing with the pages that lead on, each with its name; those of rows stand beside the rows."""
    ways = [way for way in missing.ways if "?area=" not in way]
    return {
        **missing.document(current.view.base_url),
        "pages": [_name_page(one, current) for one in ways],
    }


def _name_page(way: str, current: Current) -> tuple[str, str]:
    """Return the address of a page, and what it is called."""
    path, _, query = way.removeprefix("/v1/").partition("?")
    parts, given = path.split("/"), dict(parse_qsl(query))
    address = To(current)(*parts, **given)
    match parts:
        case ["search"]:
            return address, f"Search for “{given['q']}”"
        case ["gaps"]:
            return address, "What is not published, and a request for it"
        case ["notes", identity]:
            page = To(current)("unpublished", identity)
            return page, "What was asked, and what was answered"
        case [kind, code]:
            name = {"areas": "area", "indicators": "indicator"}[kind]
            return address, current.catalogue.label(name, code)
    return address, f"All {path}"
