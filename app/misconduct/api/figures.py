"""Figures: the list of all, one in full with its citation, and whether several may be put side by side."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from misconduct.api.answers import (
    DrawnFormat,
    TableFormat,
    about_release,
    answers,
    caching,
    file_headers,
    is_for_people,
    send_json,
)
from misconduct.api.changes import doubt_of_today, standing_document
from misconduct.api.current import (
    Current,
    TheRecalled,
    find_current,
    find_recalled,
)
from misconduct.api.parameters import (
    FigureQuery,
    OneChart,
    from_query,
)
from misconduct.api.pictures import send_picture
from misconduct.api.problems import PROBLEMS, NotFound
from misconduct.api.search import ask, find_search
from misconduct.api.tables import (
    Answer,
    Missing,
    complete_row,
    find_notes,
    read_wanted,
    send_rows,
)
from misconduct.formats import FORMATS, PICTURES, bibtex
from misconduct.formats.xlsx import MAX_ROWS
from misconduct.model import shapes
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import FIGURE_ID, TABLE_COLUMNS, Row
from misconduct.model.full_figure import (
    RELATED_COLUMNS,
    citation,
    describe_evidence,
    find_disagreeing,
    version_documents,
)
from misconduct.model.points import NAMES, write_value
from misconduct.model.row_words import write_row
from misconduct.model.standing import find_standing
from misconduct.model.versions import History
from misconduct.model.warnings import MOST_READ
from misconduct.pictures.drawing import Drawing
from misconduct.pictures.form import Choice
from misconduct.pictures.words import MOST_NOTES, Said, compose
from misconduct.queries.figures import Total, find_figures, find_naming
from misconduct.queries.listing import (
    count_rows,
    find_page,
    find_searched,
    iterate_rows,
)
from misconduct.queries.points import Wanted, find_beside, find_rows_of
from misconduct.queries.results import find_ids
from misconduct.queries.versions import find_former_row, find_histories

router = APIRouter(prefix="/v1", tags=["figures"])

FigureId = Annotated[str, Path(alias="id", description="Id of a figure: k7m3q.")]


@router.get("/figures", responses=answers(shapes.TableAnswer, *FORMATS))
async def list_figures(
    request: Request,
    query: Annotated[FigureQuery, from_query(FigureQuery)],
    suffix: TableFormat,
) -> Response:
    """List figures, each chosen for a table or not: what `all=1` leaves out stands here, too.

    Files have all rows; JSON has a page of them, and `links.next`.

    For someone with a number, a fact-checker and a researcher.
    """
    current = await find_current(request, query)
    wanted = read_figures(query, current.catalogue)
    is_whole = not (query.most(suffix) or query.offset or query.q)
    find = _stream_figures if is_whole else _find_page_of_figures
    answer = await find(current, query, wanted, suffix)
    if not query.model_fields_set & FILTERS_OF_FIGURES:
        answer = answer._replace(total=Total(current.release.figures, False))
    return await send_rows(request, current, query, suffix, answer)


async def _stream_figures(
    current: Current, query: FigureQuery, wanted: Wanted, suffix: str
) -> Answer:
    """Return all figures as a file that is written as they are read."""
    limit = MAX_ROWS if suffix == "xlsx" else MOST_READ
    total = await count_rows(current.tables, wanted, most=limit)
    pages = iterate_rows(current.tables, wanted, query.sort)
    return Answer("figures", "Figures", [], {}, total=total, pages=pages)


async def _find_page_of_figures(
    current: Current, query: FigureQuery, wanted: Wanted, suffix: str
) -> Answer:
    limit = query.most(suffix) or MOST_READ
    page = await find_listed(current, query, wanted, limit)
    following = query.offset + len(page.rows)
    has_more = following < page.total.number or page.total.is_at_least
    answer = Answer("figures", "Figures", page.rows, {}, total=page.total)
    if has_more and len(page.rows) == limit:
        answer = answer._replace(following=following)
    if query.offset == 0:
        answer = answer._replace(missing=page.missing or say_nothing(page))
    return answer


FILTERS_OF_FIGURES = FigureQuery.model_fields.keys() - {
    *("release", "columns", "sort", "limit", "offset"),
}


class Listed(NamedTuple):
    """A page of figures, how many there are in all, and what of a question they lack."""

    rows: list[Row]
    total: Total
    missing: Sequence[Missing] = ()


async def find_listed(
    current: Current, query: FigureQuery, wanted: Wanted, most: int
) -> Listed:
    """Return a page of figures, in the order that a request asks for."""
    tables = current.tables
    if query.q is None:
        total = await count_rows(tables, wanted)
        rows = await find_page(tables, wanted, query.sort, most, query.offset)
        return Listed(rows, total)
    search = ask(current, query.q, limit=1)
    found = await find_search(current, search)
    reply = found.reply
    ids = await find_ids(search, reply.asked, reply.kept) if reply.answer.first else []
    total = await count_rows(tables, wanted, ids)
    if len(ids) == MOST_READ:
        total = total._replace(is_at_least=True)
    rows = await find_searched(tables, wanted, ids, query.sort, most, query.offset)
    return Listed(rows, total, found.answer.missing)


def read_figures(query: FigureQuery, catalogue: Catalogue) -> Wanted:
    """Return which figures a request asks for. Raises InvalidParameters."""
    return read_wanted(
        query,
        catalogue,
        topics=query.topic,
        ids=query.id,
        numbers=query.value,
        is_all=True,
        is_every=True,
    )


def say_nothing(page: Listed) -> list[Missing]:
    """Say that nothing is held as asked, and where to look, if a page has no rows."""
    detail, ways = "No figure is held as asked.", ["/v1/indicators"]
    return [] if page.rows else [Missing("not_held", detail, ways=ways)]


HINT = "/v1/figures?value=1492 finds the figures with a number."


class FoundFigure(NamedTuple):
    """A figure as its release has it: in the columns of the register, and as a row of the table."""

    row: Row
    of_table: Row
    current: Current
    histories: dict[str, History]  # its own, and that of what takes its place


@router.get("/figures/{id}.bib", response_class=Response, responses=PROBLEMS)
async def get_bibtex(identity: FigureId, current: TheRecalled) -> Response:
    """Return the citation of a figure in BibTeX.

    For a researcher.
    """
    found = await find_figure(identity, current)
    cited = await find_citation(found)
    return Response(
        bibtex.encode_bibtex(cited),
        headers=caching(current),
        media_type=bibtex.MEDIA_TYPE,
    )


@router.get("/figures/{id}", responses=answers(shapes.FigureAnswer, *PICTURES))
async def get_figure(
    request: Request,
    identity: FigureId,
    query: Annotated[OneChart, from_query(OneChart)],
    suffix: DrawnFormat,
) -> Response:
    """Return one figure: its row, its evidence, its notes, its versions, and how it stands today.

    As SVG or PNG it is a picture, if the tables still have the release. A figure that the register no longer has is
    shown as it last was. A browser that opens the address without a format is led to the figure's page (303).

    For someone with a number, a fact-checker and another service.
    """
    if is_for_people(request) and "suffix" not in request.scope:
        given = query.model_dump(include={"release"}, exclude_none=True)
        address = f"/figures/{quote(identity)}?{urlencode(given)}".removesuffix("?")
        return RedirectResponse(address, 303, caching())
    current = await find_recalled(request, query)
    found = await find_figure(identity, current)
    if suffix in PICTURES:
        headers = file_headers(suffix, identity, current)
        drawing = compose_figure(found)
        return await send_picture(request, drawing, query, suffix, headers)
    view = found.current.view
    links = {
        "bibtex": f"{view.base_url}/v1/figures/{identity}.bib?release={view.release}",
        "page": f"{view.base_url}/figures/{identity}?release={view.release}",
        "picture": f"{view.base_url}/v1/figures/{identity}.svg",
    }
    data = await describe_figure(found)
    return send_json(request, current, data, about_release(current), **links)


async def describe_figure(found: FoundFigure) -> shapes.WholeFigure:
    """Return a figure as JSON has it."""
    row, current, view = found.row, found.current, found.current.view
    today = (await current.releases.current()).view
    history = found.histories[row["id"]]
    standing = find_standing(history, release=current.release.number)
    naming = await find_naming(current.tables, row["id"], RELATED_COLUMNS)
    cells = complete_row(found.of_table, current)
    of_table: Any = {name: write_value(cells[name]) for name in NAMES}
    others: Any = await _find_others(row["id"], current)
    notes: Any = find_notes([cells], view.catalogue)
    disagreeing: Any = find_disagreeing(row, view.catalogue)
    return {
        **of_table,
        "instead_of_it": found.of_table.get("point"),
        "others": others,
        "parts": [one["id"] for one in naming if row["id"] in one["part_of"]],
        "repeated_by": [one["id"] for one in naming if one["repeats"] == row["id"]],
        "evidence": describe_evidence(row, view),
        "notes": notes,
        "disagrees_with": disagreeing,
        "standing": standing_document(standing, found.histories, today),
        "versions": version_documents(
            [one for one in history if one.row], today.catalogue
        ),
        "citation": await find_citation(found),
    }


async def _find_others(identity: str, current: Current) -> list[dict[str, Any]]:
    """Return the figures in the place of which one stands, and why."""
    if not current.is_loaded:
        return []
    beside = await find_beside(current.tables, identity)
    return [{name: one[name] for name in ("id", "shown", "why")} for one in beside]


def compose_figure(found: FoundFigure) -> Drawing:
    """Return the picture of one figure, as it was in its release."""
    current, row = found.current, found.of_table
    number = current.release.number
    standing = find_standing(found.histories[row["id"]], release=number)
    said = Said(f"{current.view.base_url}/v1/figures/{row['id']}?release={number}")
    drawing = compose(Choice("number", [row]), said, current.view)
    if standing.status not in ("revised", "withdrawn"):
        return drawing
    revised = f"This figure has been revised or withdrawn since release {number}."
    return replace(drawing, notes=[revised, *drawing.notes][:MOST_NOTES])


async def find_figure(identity: str, current: Current) -> FoundFigure:
    """Return a figure as the release has it, or the last one that had it. Raises NotFound."""
    releases = current.releases
    _check_id(identity)
    histories = await find_histories(releases.newest, [identity], releases.numbers)
    if identity not in histories:
        detail = f"There is no figure {identity!r}. {HINT}"
        raise NotFound(detail, of="figure", value=identity)
    number = _find_last_release(identity, histories[identity], current)
    answered = await releases.recall(number, is_pinned=current.is_pinned)
    catalogue = answered.catalogue
    if not answered.is_loaded:
        later = releases.numbers[releases.numbers.index(number) + 1 :]
        row = await find_former_row(releases.newest, identity, later, catalogue.records)
        if row is not None:
            said = write_row(row, catalogue, number)
            return FoundFigure(row, said, answered, histories)
    [row] = await find_figures(answered.tables, [identity], TABLE_COLUMNS)
    rows = await find_rows_of(answered.tables, [identity])
    # Of a figure without an indicator nothing was chosen.
    said = rows.get(identity) or write_row(row, catalogue, number)
    return FoundFigure(row, said, answered, histories)


def _check_id(identity: str) -> None:
    """Raise NotFound if a text has not the form of the id of a figure, with the id in it if there is one."""
    if re.fullmatch(FIGURE_ID, identity):
        return
    # in capitals, or with a bracket
    near = re.search(rf"(?<![^\W_]){FIGURE_ID}(?![^\W_])", identity.lower())
    hint, meant = (f"Did you mean {near[0]}?", near[0]) if near else (HINT, None)
    detail = f"{identity[:40]!r} is not the id of a figure, such as k7m3q. {hint}"
    raise NotFound(detail, meant, of="figure", value=identity)


def _find_last_release(identity: str, history: History, current: Current) -> str:
    """Return the last release up to the one that is asked for which has a figure. Raises NotFound."""
    having = {
        number for version in history if version.row for number in version.releases
    }
    number, numbers = current.release.number, current.releases.numbers
    until = [one for one in numbers[: numbers.index(number) + 1] if one in having]
    if until:
        return until[-1]
    first = history[0].releases[0]
    detail = f"Release {number} does not have {identity}. Release {first} is the first that does."
    raise NotFound(detail, of="figure", value=identity)


async def find_citation(found: FoundFigure) -> shapes.Citation:
    """Return how to cite a figure. What doubts its number today, doubts that of an earlier release, too."""
    today, release = (
        (await found.current.releases.current()).view,
        found.current.release,
    )
    standing = find_standing(found.histories[found.row["id"]], release=release.number)
    is_the_same = standing.status == "unchanged"
    doubt = doubt_of_today(standing, {}, today) if is_the_same else None
    return citation(found.row, release.day, found.current.view, doubt)
