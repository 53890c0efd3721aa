"""Pictures of invented figures, because no released figure is zero, withheld, or one of forty forces of a state."""

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from misconduct.charts.draw import draw
from misconduct.charts.subject import Chart, Wish
from misconduct.charts.svg import Style, text_width
from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import REGISTER_COLUMNS, complete, place_of
from misconduct.model.points import NAMES
from misconduct.model.series import series_id
from tests.charts import SVG, read_svg

LABELS = {
    "area/chicago": "Chicago",
    "area/illinois": "Illinois",
    "category/any": "Any",
    "category/use_of_force": "Use of force",
    "population/officers": "Officers",
    "value_absent/suppressed": "Hidden to protect people",
    "qualifier/just_under": "Just under",
}
INDICATORS = {
    "accused": {
        "name": "{people} accused",
        "position": 1,
        "headline": True,
        "together": "source",
    },
    "dismissed": {
        "name": "{people} dismissed",
        "position": 2,
        "headline": True,
        "together": "never",
    },
    "upheld": {
        "name": "Cases upheld",
        "position": 3,
        "headline": False,
        "together": "country",
    },
}
OF_INDICATOR = {
    "definition": "Not a finding.", "why": "Each force counts its own way.", "topic": "allegations",
    "counting_unit": ["people"], "category": ["any", "*"], "population": ["officers"],
}  # fmt: skip
REPORT = {"publisher": "City of Chicago", "published": "2024-06", "licence": None}
CELLS = {
    "measure": "alleged", "category": "any", "fit": "exact", "area": "chicago", "population": "officers",
    "counting_unit": "people", "unit": "count", "statistic": "count", "qualifier": "exact", "stock_or_flow": "flow",
    "source": "report", "at": "char=1,3", "period": "2022", "part_of": [], "caveats": [], "also_at": [],
    "indicator": "accused",
}  # fmt: skip


def figure(identity, printed, **cells):
    """Return a figure with all columns of the database."""
    value = (
        None
        if cells.get("value_absent")
        else Decimal(printed.replace(",", "").strip("%"))
    )
    row = {
        **dict.fromkeys(REGISTER_COLUMNS),
        **CELLS,
        "id": identity,
        "printed": printed,
        "value": value,
        **cells,
    }
    row = complete(row, "2024-06", [], []) | {"disagreements": []}
    recency = Decimal((row["period_end"] or date.min).strftime("%Y%m%d"))
    return {
        **row,
        "whole": cells.get("whole"),
        "within": row["part_of"],
        "recency": recency,
        "place": place_of(row),
    }


def figures(printed, first=2021, start=1, **cells):
    """Return a figure for each year on end, from words: "12 15 9". Ids begin with a letter of `start`."""
    return [
        figure(
            f"{'bcdfghjk'[start % 8]}{start:02}{place:02}",
            number,
            period=str(first + place),
            **cells,
        )
        for place, number in enumerate(printed.split())
    ]


def tabulate(row, publisher, indicator):
    """Return the row of the table that a figure is. All places are in one country."""
    scales = {"source": publisher, "country": "illinois"}
    is_moment = row["stock_or_flow"] == "stock"  # also if only its year is known
    return {
        **dict.fromkeys(NAMES),
        **{name: row[name] for name in NAMES if name in row},
        "area_code": row["area"],
        "kind": row["subcategory"]
        or ("all" if row["category"] == "any" else row["category"]),
        "scope": row["scope"] or "all",
        "category": LABELS[f"category/{row['category']}"].lower(),
        "people": row["population"],
        "unit": (row["unit"], row["counting_unit"]),
        "publisher": publisher,
        "time": row["period"],
        "coverage": "point" if is_moment else row["coverage"],
        "stretch": 0,
        "part_of": " ".join(row["part_of"]),
        "note_ids": " ".join(row["caveats"]),
        "scale": scales.get(indicator["together"]),
    }


class Shape(NamedTuple):
    """A rectangle of a picture."""

    x: float
    y: float
    width: float
    height: float


class Text(NamedTuple):
    """A line of text: where its first or its middle letter stands, and its style."""

    words: str
    x: float
    y: float
    anchor: str
    style: Style

    @property
    def box(self):
        """Return its left and right end, and its upper and lower one."""
        width = text_width(self.words, self.style)
        left = self.x - (width / 2 if self.anchor == "middle" else 0)
        return left, left + width, self.y - 0.7 * self.style.size, self.y


def read(
    rows,
    size="wide",
    source=REPORT,
    records=(),
    areas=(),
    caveats=(),
    disagreements=(),
    **said,
):
    """Return the picture of figures, and its SVG. All places but Chicago and Illinois are forces inside Illinois."""
    codes = {name: {"label": label} for name, label in LABELS.items()}
    codes["population/officers"]["in_names"] = "officers"
    inside = {*(row["area"] for row in rows), *areas} - {"illinois", None}
    codes |= {
        f"area/{area}": {"label": area.capitalize(), "broader": "illinois"}
        for area in inside
    }
    sources = {"report": source, **dict(records)}
    indicators = {name: {**OF_INDICATOR, **one} for name, one in INDICATORS.items()}
    kinds = {"code": codes, "source": sources, "indicator": indicators, "dataset": {}}
    catalogue = Catalogue(
        {**kinds, "caveat": dict(caveats), "disagreement": dict(disagreements)}
    )
    view = ReleaseView("3.0.0", catalogue, "http://register", date(2026, 11, 27))
    rows = [row | {"series": series_id(row, sources[row["source"]])} for row in rows]
    table = {
        row["id"]: tabulate(
            row, sources[row["source"]]["publisher"], indicators[row["indicator"]]
        )
        for row in rows
    }
    chart = Chart(view, "http://register/v1/x", rows, table, Wish(areas), **said)
    picture = draw(chart, size)
    return picture, read_svg(picture.svg)


def said(svg):
    """Return the description of a picture, which has every figure in words."""
    return svg.find(f"{SVG}desc").text


def shapes(svg, mark):
    """Return the rectangles of a class, those of columns that have a height."""
    numbers = re.compile(r"M([-\d.]+) ([-\d.]+)h([-\d.]+)v([-\d.]+)h")
    paths = [
        path.get("d")
        for path in svg.iter(f"{SVG}path")
        if path.get("class") == f"mr-{mark}"
    ]
    return [
        Shape(*map(float, found)) for path in paths for found in numbers.findall(path)
    ]


def heights(svg, mark="accent"):
    """Return the heights of the columns of a class."""
    return [shape.height for shape in shapes(svg, mark)]


def texts(svg):
    """Return the lines of text, from top to bottom and from left to right."""
    found = []
    for group in svg.iter(f"{SVG}g"):
        anchor, size = group.get("text-anchor"), float(group.get("font-size"))
        style = Style(size, size, is_bold=group.get("font-weight") == "bold")
        found += [
            Text(text.text, float(text.get("x")), float(text.get("y")), anchor, style)
            for text in group
        ]
    return sorted(found, key=lambda text: (text.y, text.x))
