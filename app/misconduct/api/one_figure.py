"""One figure in full, and its citation."""

import re
from typing import Annotated, NamedTuple
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from misconduct.api.answers import (
    PICTURE_TYPES,
    DrawnFormat,
    about_release,
    answers,
    caching,
    file_headers,
    is_for_people,
    send_json,
)
from misconduct.api.current import Current, find_current
from misconduct.api.faults import find_checked
from misconduct.api.found import Selection
from misconduct.api.parameters import FigureList, OneFigure, Pinned
from misconduct.api.pictures import find_chart, send_picture
from misconduct.api.problems import PROBLEMS, NotFound
from misconduct.api.see_also import see_also_of_figure
from misconduct.api.standing import standing_document
from misconduct.formats import PICTURES, bibtex
from misconduct.model.documents import document
from misconduct.model.figure import FIGURE_ID, SHOWN_COLUMNS, TABLE_COLUMNS, Row
from misconduct.model.full_figure import RELATED_COLUMNS, citation, full_document, needed_figures, version_documents
from misconduct.model.shapes import Figure, FigureAnswer, FullFigure, OneFigureMeta
from misconduct.model.standing import find_standing
from misconduct.model.versions import History
from misconduct.queries.figures import find_figures, find_naming
from misconduct.queries.versions import find_histories

router = APIRouter(prefix="/v1", tags=["figures"])

FigureId = Annotated[str, Path(alias="id", description="Id of a figure: k7m3q.")]

HINT = "/v1/observations lists every figure."


class FoundFigure(NamedTuple):
    """A figure, the release that it is from, its history, and the history of what takes its place."""

    row: Row
    current: Current
    histories: dict[str, History]

    @property
    def history(self) -> History:
        return self.histories[self.row["id"]]


@router.get("/observations/{id}.bib", response_class=Response, responses=PROBLEMS)
async def get_bibtex(request: Request, identity: FigureId, query: Annotated[Pinned, Query()]) -> Response:
    """Return the citation of a figure in BibTeX."""
    found = await find_figure(identity, await find_current(request, query))
    cited = citation(found.row, found.current.release.day, found.current.view)
    return Response(bibtex.encode_bibtex(cited), headers=caching(found.current.is_pinned), media_type=bibtex.MEDIA_TYPE)


@router.get("/observations/{id}", responses=answers(FigureAnswer, *PICTURE_TYPES))
async def get_observation(
    request: Request, identity: FigureId, query: Annotated[OneFigure, Query()], suffix: DrawnFormat
) -> Response:
    """Return one figure in full: every column, its evidence, what it belongs to, its versions, and how it stands today.

    As SVG or PNG it is a picture. A figure that the register no longer has is shown as it last was. A browser that
    opens the address without a format is led to the figure's page (303).
    """
    if is_for_people(request) and "suffix" not in request.scope and not query.columns:
        return _lead_to_page(identity, query)
    current = await find_checked(request, query)
    found = await find_figure(identity, current)
    if suffix in PICTURES:
        alone = FigureList(id=[identity])
        chart = await find_chart(request, alone, Selection.of(alone, found.current))
        return await send_picture(request, chart, query, suffix, file_headers(suffix, identity, current))
    view = found.current.view
    if not query.columns or "all" in query.columns:
        data: Figure = await find_full_document(found)
    else:
        data = document(found.row, list(dict.fromkeys(query.columns)), view)
    cited = f"{view.base_url}/v1/observations/{identity}.bib?release={view.release}"
    also = see_also_of_figure(found.current, found.row["disagreements"])
    meta: OneFigureMeta = {"see_also": also, **about_release(current)}
    return send_json(request, current, data, meta, bibtex=cited)


def _lead_to_page(identity: str, query: Pinned) -> Response:
    """Redirect to the page of a figure, in the release that was asked for."""
    given = query.model_dump(include={"release", "as_of"}, exclude_none=True)
    address = f"/observations/{quote(identity)}?{urlencode(given)}".removesuffix("?")
    return RedirectResponse(address, 303, caching(bool(given)))


async def find_figure(identity: str, current: Current) -> FoundFigure:
    """Return a figure as the release has it, or as it was in the last release that had it. Raises NotFound."""
    releases = current.releases
    if not re.fullmatch(FIGURE_ID, identity):
        raise NotFound(f"{identity[:40]!r} is not the id of a figure, such as k7m3q. {HINT}")
    histories = await find_histories(releases.database, [identity], releases.numbers)
    if identity not in histories:
        raise NotFound(f"There is no figure {identity!r}. {HINT}")
    having = {number for version in histories[identity] if version.row for number in version.releases}
    order = current.release.order
    until = [release for release in releases.known if release.number in having and release.order <= order]
    if not until:
        first, number = histories[identity][0].releases[0], current.release.number
        raise NotFound(f"Release {number} does not have {identity}. Release {first} is the first that does.")
    answered = await releases.current(until[-1], is_pinned=current.is_pinned)
    [row] = await find_figures(releases.database, answered.release.number, [identity], TABLE_COLUMNS)
    return FoundFigure(row, answered, histories)


async def find_full_document(found: FoundFigure) -> FullFigure:
    """Return a figure in full: every column, and what else belongs to it."""
    row, view, release, releases = found.row, found.current.view, found.current.release, found.current.releases
    others = await find_figures(releases.database, release.number, needed_figures(row, view), RELATED_COLUMNS)
    naming = await find_naming(releases.database, release.number, row["id"], RELATED_COLUMNS)
    versions = [one for one in found.history if one.row]
    catalogues = {one.releases[0]: await releases.catalogue(releases.find(one.releases[0])) for one in versions}
    today = (await releases.current(releases.find())).view
    return {
        **document(row, SHOWN_COLUMNS, view),
        **full_document(row, {other["id"]: other for other in others}, naming, view),
        "citation": citation(row, release.day, view),
        "versions": version_documents(versions, catalogues),
        "standing": standing_document(find_standing(found.history, release=release.number), found.histories, today),
    }
