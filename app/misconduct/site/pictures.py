"""Pictures on our own pages, with a link from each number to its figure, and their tables, from the first year on."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from anyio import to_thread
from fastapi import APIRouter, Response
from markupsafe import Markup

from misconduct.api.charts import find_registered
from misconduct.api.current import Current
from misconduct.api.found import DRAWING
from misconduct.charts.draw import Picture, draw, draw_inline
from misconduct.charts.subject import Chart
from misconduct.charts.svg import WIDTHS, paint
from misconduct.model.catalogue import Catalogue
from misconduct.model.dates import Year
from misconduct.model.figure import Row
from misconduct.model.names import name_counted
from misconduct.model.series import Series, find_years, month_of
from misconduct.model.wording import say_gap
from misconduct.site.pages import To
from misconduct.site.phrases import find_marks

router = APIRouter(include_in_schema=False)

STYLES = paint("auto", within=".picture ")
FILES = {"CSV": "csv", "Excel": "xlsx", "PNG": "png", "SVG": "svg"}
"""The files beside a picture: those of its rows, and then its own."""

MAX_ROWS = 60  # of a table below a picture

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
        return tabulate(self.chart.rows, self.chart.view.catalogue)


@router.get("/static/pictures.css")
async def send_styles() -> Response:
    return Response(
        STYLES,
        media_type="text/css",
        headers={"Cache-Control": "public, max-age=86400"},
    )


def draw_picture(
    chart: Chart, current: Current, path: str, query: Mapping[str, Any]
) -> PagePicture:
    """Return the picture at a path of the API."""
    to = To(current)
    files = {
        name: f"{path}.{suffix}{to.query(query)}" for name, suffix in FILES.items()
    }
    svg = draw_inline(chart, "wide", lambda identity: to("figures", identity))
    address = f"{path}.svg{to.query(query, theme='auto')}&size="
    images = [
        (size, address + size, draw(chart, size)) for size in WIDTHS if size != "wide"
    ]
    return PagePicture(Markup(svg), images, files, chart)  # noqa: S704


async def draw_registered(current: Current, identity: str) -> PagePicture:
    """Return the picture of a chart of the register. Raises NotFound."""
    chart = await find_registered(current, identity)
    address = f"/v1/charts/{identity}"
    return await to_thread.run_sync(
        draw_picture, chart, current, address, {}, limiter=DRAWING
    )


class YearTable(NamedTuple):
    """The years of a table, its rows by their headings, and what a reader must know of marks and empty cells."""

    years: Sequence[str]
    rows: Sequence[Row]
    notes: Sequence[str]


def tabulate(rows: Sequence[Row], catalogue: Catalogue) -> list[YearTable]:
    """Return figures by year as tables, one for years that begin in the same month, with the headlines first."""
    by_series = defaultdict[str, list[Row]](list)
    for row in rows:
        if row["series"] and row["coverage"] != "point":
            by_series[row["series"]].append(row | {"is_found": True})
    sources, indicators = catalogue.of_kind("source"), catalogue.of_kind("indicator")
    found = [Series(some, sources) for some in by_series.values()]
    found.sort(
        key=lambda one: (
            indicators.get(one.key["indicator"], {}).get("position", 0),
            one.key["place"],
        )
    )
    by_month = defaultdict[int, list[Series]](list)
    for one in found:
        for month in {month_of(row) for row in one.years.values()}:
            by_month[month].append(one)
    return [_make_table(some, month, catalogue) for month, some in by_month.items()]


def _make_table(found: Sequence[Series], month: int, catalogue: Catalogue) -> YearTable:
    spans = [span for one in found for span in one.spans() if span.month == month]
    years = [year for year in reversed(find_years(spans)) if year.first.month == month]
    years = [
        year for year in years if any(one.find(year) for one in found[:MAX_ROWS])
    ]  # windows span years of none
    shown, several = found[:MAX_ROWS], len({one.key["area"] for one in found}) > 1
    rows = [
        {
            "heading": catalogue.label("area", one.key["area"]) if several else "",
            "name": name_counted(one.key | {"whole": None}, catalogue),
            "years": {year.label: row for year in years if (row := one.find(year))},
            "window": one.window,
        }
        for one in shown
    ]
    notes = [*_find_notes(rows, _find_reasons(shown, years, catalogue))]
    more = (
        [f"{len(found) - MAX_ROWS:,} more rows are in the files."]
        if len(found) > MAX_ROWS
        else []
    )
    return YearTable([year.label for year in years], rows, [*notes, *more])


def _find_reasons(
    found: Sequence[Series], years: Sequence[Year], catalogue: Catalogue
) -> list[str]:
    """Return why years have no number."""
    gaps = [gap for one in found for gap in one.gaps(years).values()]
    return [*dict.fromkeys(say_gap(gap, catalogue) for gap in gaps)]


def _find_notes(rows: Sequence[Row], reasons: Sequence[str]) -> Iterator[str]:
    figures = [
        figure
        for row in rows
        for figure in (*row["years"].values(), row["window"])
        if figure
    ]
    marks = {mark for figure in figures for mark in find_marks(figure)}
    yield from (text for mark, text in NOTES.items() if mark in marks)
    if any(figure["value"] == 0 for figure in figures):
        yield "0 is what the document has. It need not mean that nothing happened."
    if reasons:
        yield f"– No number: {'; '.join(reasons).removesuffix('.')}."
