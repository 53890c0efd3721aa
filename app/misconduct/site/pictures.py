"""Pictures on our own pages, with a link from each number to its figure, and their tables, the newest year first."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from fastapi import APIRouter, Response
from markupsafe import Markup, escape

from misconduct.api.charts import find_registered
from misconduct.api.current import Current
from misconduct.charts.choose import Chart, Plan
from misconduct.charts.draw import draw, draw_inline
from misconduct.charts.lines import Line
from misconduct.charts.svg import WIDTHS, paint
from misconduct.model.by_year import find_marks
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.wording import statement_and_kind
from misconduct.site.pages import To

router = APIRouter(include_in_schema=False)

STYLES = paint("auto", within=".picture ")
PICTURES = {"PNG": "png", "SVG": "svg"}
FILES = {"CSV": "csv", "Excel": "xlsx", **PICTURES}
"""The files beside a picture: those of its figures, and then its own."""

NOTES = {
    "revised": "* The publisher revised this number.",
    "break": "(break) From this year on it was counted in another way.",
    "part": "(part) The number is for a part of the year.",
    "provisional": "(provisional) The number may still change.",
}


class PagePicture(NamedTuple):
    """A picture in each width, of which the style sheet shows one, and its files."""

    svg: Markup
    files: Mapping[str, str]


@router.get("/static/pictures.css")
async def send_styles() -> Response:
    return Response(STYLES, media_type="text/css", headers={"Cache-Control": "public, max-age=86400"})


def draw_list(chart: Chart, current: Current, path: str, query: Mapping[str, Any]) -> PagePicture:
    """Return the picture of a list, which is at a path of the API."""
    files = {name: f"{path}.{suffix}{To(current).query(query)}" for name, suffix in FILES.items()}
    return PagePicture(_draw_sizes(chart, current, path, query), files)


async def draw_registered(current: Current, identity: str) -> PagePicture:
    """Return the picture of a chart of the register. Raises NotFound."""
    chart, path = await find_registered(current, identity), f"/v1/charts/{identity}"
    found = current.catalogue.of_kind("chart")[identity]["query"]
    query = To(current).query({name: ",".join(values) for name, values in found.items() if values})
    files = {name: f"/v1/observations.{suffix}{query}" for name, suffix in FILES.items()}
    own = {name: f"{path}.{suffix}{To(current).query({})}" for name, suffix in PICTURES.items()}
    return PagePicture(_draw_sizes(chart, current, path, {}), {**files, **own})


def _draw_sizes(chart: Chart, current: Current, path: str, query: Mapping[str, Any]) -> Markup:
    """Return the wide picture, whose numbers link to their figures, and the addresses of those for narrower screens."""
    to, drawn = To(current), []
    for size in WIDTHS:
        if size == "wide":
            picture = draw_inline(chart, size, lambda identity: to("observations", identity))
        else:
            image = draw(chart, size, "auto")
            address = f"{path}.svg{to.query({**query, 'size': size, 'theme': 'auto'})}"
            picture = (
                f'<img class="picture" src="{escape(address)}" width="{image.width}" height="{image.height}" '
                f'alt="{escape(image.alt)}" loading="lazy">'
            )
        drawn.append(f'<div class="{size}">{picture}</div>')
    return Markup("".join(drawn))  # noqa: S704


class YearTable(NamedTuple):
    """The years of a table, its rows by their headings, and what a reader must know of marks and empty cells."""

    years: Sequence[str]
    rows: Sequence[Row]
    notes: Sequence[str]


def tabulate(plan: Plan) -> list[YearTable]:
    """Return what a picture draws by year as tables, with its rows in its order. Days are no years."""
    by_years = defaultdict[int, list[Line]](list)
    for block in plan.blocks:
        for line in block.lines:
            if line.month:
                heading = ": ".join(filter(None, (block.heading, line.heading)))
                by_years[line.month].append(replace(line, heading=heading))
    return [_make_table(lines, plan.chart.view.catalogue) for lines in by_years.values()]


def _make_table(lines: Sequence[Line], catalogue: Catalogue) -> YearTable:
    labels = sorted({slot.year for line in lines for slot in line.slots}, reverse=True)
    rows = [
        {
            "heading": line.heading,
            "name": line.name or statement_and_kind(line.key, catalogue),
            "years": {slot.year: slot.entry.row for slot in line.slots if slot.entry},
            "window": line.window and line.window.row,
        }
        for line in lines
    ]
    reasons = dict.fromkeys(slot.reason for line in lines for slot in line.slots if slot.reason)
    is_short = any(slot.entry is None and not slot.reason for line in lines for slot in line.slots)
    reasons |= dict.fromkeys(["the source does not cover the year"] if is_short else [])
    return YearTable(labels, rows, [*_find_notes(rows, [*reasons])])


def _find_notes(rows: Sequence[Row], reasons: Sequence[str]) -> Iterator[str]:
    figures = [figure for row in rows for figure in (*row["years"].values(), row["window"]) if figure]
    marks = {mark for figure in figures for mark in find_marks(figure)}
    yield from (text for mark, text in NOTES.items() if mark in marks)
    if any(figure["value"] == 0 for figure in figures):
        yield "0 is what the document has. It need not mean that nothing happened."
    if reasons:
        yield f"– No number: {'; '.join(reasons).removesuffix('.')}."
