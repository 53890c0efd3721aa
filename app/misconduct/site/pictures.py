"""Pictures on our own pages, with a link from each number to its figure, and their tables, from the first year on."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from anyio import to_thread
from fastapi import APIRouter, Response
from markupsafe import Markup

from misconduct.api.charts import find_registered
from misconduct.api.current import Current
from misconduct.charts.choose import Chart, Plan, make_plan
from misconduct.charts.draw import Picture, draw, draw_inline
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
    "break": "| From this year on it was counted in another way.",
    "part": "(part) The number is for a part of the year.",
    "provisional": "(provisional) The number may still change.",
}


class PagePicture(NamedTuple):
    """A picture in which numbers are links, its images for narrow columns, and its files. One of the three is shown."""

    svg: Markup
    images: Sequence[tuple[str, str, Picture]]
    files: Mapping[str, str]
    chart: Chart

    @property
    def tables(self) -> list["YearTable"]:
        return tabulate(make_plan(self.chart))


@router.get("/static/pictures.css")
async def send_styles() -> Response:
    return Response(STYLES, media_type="text/css", headers={"Cache-Control": "public, max-age=86400"})


def draw_list(
    chart: Chart, current: Current, path: str, query: Mapping[str, Any], registered: str | None = None
) -> PagePicture:
    """Return the picture of a list, which is at a path of the API, or of a registered chart, which is at another."""
    to = To(current)
    files = {name: f"{path}.{suffix}{to.query(query)}" for name, suffix in FILES.items()}
    if registered:
        path, query = registered, {}
        files |= {name: f"{path}.{suffix}{to.query(query)}" for name, suffix in PICTURES.items()}
    svg = draw_inline(chart, "wide", lambda identity: to("observations", identity))
    address = f"{path}.svg{to.query(query, theme='auto')}&size="
    images = [(size, address + size, draw(chart, size)) for size in WIDTHS if size != "wide"]
    return PagePicture(Markup(svg), images, files, chart)  # noqa: S704


async def draw_chart(chart: Chart, current: Current, path: str, query: Mapping[str, Any]) -> PagePicture:
    """Return the picture of a chart that is at a path of the API. Many places take a second, so in a thread."""
    return await to_thread.run_sync(draw_list, chart, current, path, query)


async def draw_registered(current: Current, identity: str) -> PagePicture:
    """Return the picture of a chart of the register. Raises NotFound."""
    chart = await find_registered(current, identity)
    found = current.catalogue.of_kind("chart")[identity]["query"]
    query = {name: ",".join(values) for name, values in found.items() if values}
    address = f"/v1/charts/{identity}"
    return await to_thread.run_sync(draw_list, chart, current, "/v1/observations", query, address)


class YearTable(NamedTuple):
    """The years of a table, its rows by their headings, and what a reader must know of marks and empty cells."""

    years: Sequence[str]
    rows: Sequence[Row]
    notes: Sequence[str]


def tabulate(plan: Plan) -> list[YearTable]:
    """Return what a picture draws by year as tables, with its rows in its order. Days are no years."""
    by_years = defaultdict[int, list[Line]](list)
    for block in plan.blocks:
        for line in (*block.lines, *block.zeros):
            if line.month:
                heading = ": ".join(filter(None, (block.heading, line.heading)))
                by_years[line.month].append(replace(line, heading=heading))
    return [_make_table(lines, plan.chart.view.catalogue) for lines in by_years.values()]


def _make_table(lines: Sequence[Line], catalogue: Catalogue) -> YearTable:
    labels = sorted({slot.year for line in lines for slot in line.slots})
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
