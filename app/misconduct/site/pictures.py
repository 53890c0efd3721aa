"""Pictures on our own pages, with a link from each number to its figure, and their tables, from the first year on."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fastapi import APIRouter, Response
from markupsafe import Markup

from misconduct.api.charts import find_registered
from misconduct.api.current import Current
from misconduct.charts.choose import Chart, Plan, make_plan
from misconduct.charts.draw import Picture, draw, draw_inline
from misconduct.charts.entries import Line, find_reach, name_gap
from misconduct.charts.svg import WIDTHS, paint
from misconduct.model.by_year import Wide, find_marks
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


async def draw_registered(current: Current, identity: str) -> PagePicture:
    """Return the picture of a chart of the register. Raises NotFound."""
    chart = await find_registered(current, identity)
    found = current.catalogue.of_kind("chart")[identity]["query"]
    query = {name: ",".join(values) for name, values in found.items() if values}
    return draw_list(chart, current, "/v1/observations", query, f"/v1/charts/{identity}")


class YearTable(NamedTuple):
    """The years of a table, its rows by their headings, and what a reader must know of marks and empty cells."""

    years: Sequence[str]
    rows: Sequence[Row]
    notes: Sequence[str]
    is_drawn: bool  # by columns, and not as a table, too


def tabulate(plan: Plan) -> list[YearTable]:
    """Return what a picture draws by year as tables. Rows of several measures stand below the labels of these.

    All are in the order of the alphabet, since the largest number of complaints is not the first step of anything.
    """
    months = {year.label: year.first.month for year in plan.chart.years}
    by_years = defaultdict[int, list[Line]](list)
    for block in plan.blocks:  # a whole is a block before its parts
        for line in sorted(block.lines, key=lambda line: line.name):
            by_years[months[line.slots[0].year]].append(line)
    is_drawn = any(block.form == "years" for block in plan.blocks)
    return [_make_table(lines, month, plan.chart, is_drawn) for month, lines in by_years.items()]


def _make_table(lines: Sequence[Line], month: int, chart: Chart, is_drawn: bool) -> YearTable:
    drawn = {slot.year for line in lines for slot in line.slots if slot.entry}
    years = [year for year in chart.years if year.first.month == month]
    layout = Wide([one for one in years if min(drawn) <= one.label <= max(drawn)], chart.view, has_labels=False)
    series, catalogue = {one.key["id"]: one for one in chart.series}, chart.view.catalogue
    has_measures, rows = len({line.key["measure"] for line in lines}) > 1, []
    for line in lines:
        [row] = layout.rows(series[line.key["id"]])
        row["heading"] = catalogue.label("measure", row["measure"]) if has_measures else ""
        row["name"] = line.name or statement_and_kind(row, catalogue)
        row["years"] = {label: one for label, one in row["years"].items() if one and find_reach(one) is not None}
        row["window"] = line.window and line.window.row
        rows.append(row)
    rows.sort(key=lambda row: str(row["heading"]))
    labels = [year.label for year in reversed(layout.years)]
    return YearTable(labels, rows, [*_find_notes(rows, labels, catalogue)], is_drawn)


def _find_notes(rows: Sequence[Row], labels: Sequence[str], catalogue: Catalogue) -> Iterator[str]:
    figures = [figure for row in rows for figure in (*row["years"].values(), row["window"]) if figure]
    marks = {mark for figure in figures for mark in find_marks(figure)}
    yield from (text for mark, text in NOTES.items() if mark in marks)
    if any(figure["value"] == 0 for figure in figures):
        yield "0 is what the document has. It need not mean that nothing happened."
    empty = [row["gaps"][label] for row in rows for label in labels if label not in row["years"]]
    if empty:
        reasons = dict.fromkeys(name_gap(gap, catalogue) or "the source does not cover the year" for gap in empty)
        yield f"– No number: {'; '.join(reasons).removesuffix('.')}."
