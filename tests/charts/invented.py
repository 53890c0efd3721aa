"""Pictures of invented figures, because no released figure is zero, withheld, or one of forty forces of a state."""

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from misconduct.charts.choose import Chart
from misconduct.charts.draw import draw
from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import REGISTER_COLUMNS, complete
from misconduct.model.series import Series, find_years, series_id
from tests.charts import SVG, read_svg

LABELS = {
    "area/chicago": "Chicago",
    "area/illinois": "Illinois",
    "category/use_of_force": "Use of force",
    "counting_unit/allegations": "Allegations",
    "measure/alleged": "Accusation or complaint",
    "measure/proven": "Found proven",
    "value_absent/suppressed": "Suppressed",
}
REPORT = {"publisher": "City of Chicago", "published": "2024-06", "licence": None}
CELLS = {
    "measure": "alleged", "category": "use_of_force", "fit": "exact", "area": "chicago", "population": "officers",
    "counting_unit": "people", "unit": "count", "statistic": "count", "qualifier": "exact", "stock_or_flow": "flow",
    "source": "report", "at": "char=1,3", "period": "2022", "part_of": [], "caveats": [], "also_at": [],
}  # fmt: skip


def figure(identity, printed, **cells):
    """Return a figure with all columns of the database."""
    value = None if cells.get("value_absent") else Decimal(printed.replace(",", "").strip("%"))
    row = {**dict.fromkeys(REGISTER_COLUMNS), **CELLS, "id": identity, "printed": printed, "value": value, **cells}
    return {**complete(row, "2024-06", [], []), "within": row["part_of"], "is_found": True}


class Shape(NamedTuple):
    """A rectangle of a picture."""

    x: float
    y: float
    width: float
    height: float


class Text(NamedTuple):
    """A line of text: where it is, how it is aligned (start, middle, end), and its colour."""

    words: str
    x: float
    y: float
    anchor: str
    colour: str


def read(rows, size="wide", source=REPORT, records=(), least=2, **said):
    """Return the picture of figures, and its SVG. Series have `least` figures; forces are inside Illinois."""
    codes = {name: {"label": label} for name, label in LABELS.items()}
    inside = {row["area"] for row in rows} - {"chicago", "illinois", None}
    codes |= {f"area/{area}": {"label": area.capitalize(), "broader": "illinois"} for area in inside}
    sources = {"report": source, **dict(records)}
    view = ReleaseView("3.0.0", Catalogue({"code": codes, "source": sources}), "http://register", date(2026, 11, 27))
    named = {row["id"]: one for row in rows if (one := series_id(row, sources[row["source"]]))}
    rows = [row | {"series": named.get(row["id"])} for row in rows]
    ids = [one for one in dict.fromkeys(named.values()) if sum(row["series"] == one for row in rows) >= least]
    series = [Series([row for row in rows if row["series"] == one], sources) for one in ids]
    years = find_years([span for one in series for span in one.spans()])
    picture = draw(Chart(view, "http://register/v1/x", rows, series, years, **said), size)
    return picture, read_svg(picture.svg)


def figures(printed, first=2021, start=1, **cells):
    """Return a figure for each year on end, from words: "12 15 9". Ids begin with a letter of `start`."""
    return [
        figure(f"{'bcdfghjk'[start % 8]}{start:02}{place:02}", number, period=str(first + place), **cells)
        for place, number in enumerate(printed.split())
    ]


def said(svg):
    """Return the description of a picture, which has every figure in words."""
    return svg.find(f"{SVG}desc").text


def shapes(svg, mark):
    """Return the rectangles of a class."""
    numbers = re.compile(r"M([-\d.]+) ([-\d.]+)h([-\d.]+)v([-\d.]+)h")
    paths = [path.get("d") for path in svg.iter(f"{SVG}path") if path.get("class") == mark]
    return [Shape(*map(float, found)) for path in paths for found in numbers.findall(path)]


def rectangles(svg, mark):
    """Return the widths of the rectangles of a class."""
    return [shape.width for shape in shapes(svg, mark) if shape.width > 0]


def texts(svg):
    """Return the lines of text, from top to bottom and from left to right."""
    found = []
    for group in svg.iter(f"{SVG}g"):
        anchor, colour = group.get("text-anchor", "start"), group.get("class")
        found += [Text(text.text, float(text.get("x")), float(text.get("y")), anchor, colour) for text in group]
    return sorted(found, key=lambda text: (text.y, text.x))


def place_of(svg, words):
    """Return the line of text that has these words."""
    return next(text for text in texts(svg) if text.words == words)
