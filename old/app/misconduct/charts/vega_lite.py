"""Write a chart as Vega-Lite: tidy rows and encodings by their columns, for a newsroom to restyle.

The rows are all there is: nothing is placed in pixels, so any mark, size or colour can be changed.
"""

from __future__ import annotations

import json
from typing import Any

from misconduct.charts.chart import FIGURE_COLUMNS, SHOWN_COLUMNS, Chart, Row, scale_of
from misconduct.charts.svg import THEMES
from misconduct.charts.text import FONT, wrap
from misconduct.model.figure import ATTRIBUTION, LICENCE
from misconduct.model.series import FILTERED_OUT, NOT_COUNTED, OUTSIDE_WINDOW, WITHHELD

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

Spec = dict[str, Any]

_WIDEST = 520
"""How many pixels wide a line of the title may be."""

_TOLD = ("shown", "label", "detail", "period_printed", "cite_as")
"""What a pointer shows of a figure."""


def vega_lite(chart: Chart) -> Spec:
    """Write the specification of a chart. Vega-Lite has no place for a note and a source, so they stand below the
    title; `usermeta` has them once more, each by its name."""
    rows = _named(chart)
    colours = THEMES["light"]
    drawn = _DRAW[chart.form](chart) if rows else {"mark": "text", "encoding": {"text": {"value": chart.title}}}
    return {
        "$schema": SCHEMA,
        "title": {"text": wrap(chart.title, 15, _WIDEST, bold=True), "subtitle": _told(chart), "anchor": "start"},
        "description": chart.description,
        "data": {"name": "figures", "values": rows},
        **drawn,
        "config": {
            "font": FONT.replace('"', ""), "background": colours["paper"], "view": {"stroke": None},
            "bar": {"color": colours["accent"]}, "point": {"color": colours["accent"], "size": 90, "strokeWidth": 2},
            "rule": {"color": colours["band"]}, "rect": {"stroke": colours["paper"]},
            "axis": {"labelLimit": 420, "domain": False, "ticks": False}, "legend": {"title": None},
        },
        "usermeta": {
            "form": chart.form, "note": chart.note, "source": chart.source, "notice": chart.notice,
            "release": chart.release, "licence": LICENCE, "attribution": ATTRIBUTION,
        },
    }  # fmt: skip


def _told(chart: Chart) -> list[str]:
    """Return the lines below the title: without the note and the source, a picture of a chart is not to be printed."""
    said = (chart.notice, chart.subtitle, chart.note, chart.source)
    return [line for words in said for line in wrap(words, 11, _WIDEST, is_even=False)]


def _named(chart: Chart) -> list[Row]:
    """Return the rows; where several would have one label, the figure follows it, so that each has a place."""
    columns = [*FIGURE_COLUMNS, *SHOWN_COLUMNS]
    rows = [{name: row[name] for name in columns if row[name] is not None or name in _KEPT} for row in chart.rows]
    if chart.years:
        return rows
    labels = [row["label"] for row in chart.marks]
    for place, row in enumerate(rows):
        row["place"] = place + 1
        if labels.count(row["label"]) > 1:
            row["label"] = f"{row['label']}: {row['shown']}" if row["label"] else row["shown"]
    return rows


_KEPT = ("value", "gap", "year", "joined_to", "value_low", "value_high")
"""Columns whose empty cells say something."""


def _quantity(chart: Chart, field: str = "value") -> Spec:
    units = {row["unit"] for row in chart.marks if row["unit"]}
    axis = {"format": ".1~%" if units == {"proportion"} else ",~f"}  # one axis for all panels
    return {"field": field, "type": "quantitative", "title": None, "axis": axis}


_LABEL: Spec = {"field": "label", "type": "nominal", "sort": {"field": "place"}, "title": None}
_TOOLTIP: list[Spec] = [{"field": name, "type": "nominal"} for name in _TOLD]
_OWN_MARK: Spec = {"filter": "datum.joined_to === null"}


def _colour(chart: Chart) -> Spec:
    """Emphasise the chosen figures; without any, all have the colour of the mark."""
    if not chart.emphasis:
        return {}
    chosen = {"field": "id", "oneOf": sorted(chart.emphasis)}
    colours = THEMES["light"]
    return {"color": {"condition": {"test": chosen, "value": colours["accent"]}, "value": colours["other"]}}


def _beside(chart: Chart) -> Spec:
    """A row for each figure: a bar, or a dot (hollow if it is not exact) and a rule between its bounds."""
    value, text = _quantity(chart), {"text": {"field": "shown"}, "x": _quantity(chart, "at"), "y": _LABEL}
    known = "isValid(datum.value) ? datum.value : isValid(datum.value_high) ? datum.value_high : datum.value_low"
    linked = {row["whole"] for row in chart.marks} | {row["id"] for row in chart.marks if row["whole"]}
    alone = [row["id"] for row in chart.marks if chart.form == "steps" and row["id"] not in linked]
    # what no source links to the others is written at zero, without a bar
    at = {"calculate": f"indexof({json.dumps(alone)}, datum.id) >= 0 ? 0 : {known}" if alone else known, "as": "at"}
    marks: list[Spec]
    if chart.form in ("bars", "steps"):
        apart = {"transform": [{"filter": {"not": {"field": "id", "oneOf": alone}}}]} if alone else {}
        marks = [{**apart, "mark": "bar", "encoding": {"x": value, "y": _LABEL, "tooltip": _TOOLTIP, **_colour(chart)}}]
    else:
        hollow: Spec = {"condition": {"test": "datum.mark === 'solid'", "value": 1}, "value": 0}
        bounds: list[Spec] = [
            {
                "transform": [{"filter": f"isValid(datum.{bound})"}],
                "mark": {"type": "tick", "thickness": 3, "color": THEMES["light"]["band"]},
                "encoding": {"x": _quantity(chart, bound), "y": _LABEL, "tooltip": _TOOLTIP},
            }
            for bound in ("value_low", "value_high")
        ]
        arrows: list[Spec] = [
            {
                "transform": [{"filter": f"isValid(datum.{bound}) && !isValid(datum.{other})"}],
                "mark": {"type": "point", "shape": shape, "xOffset": away, "filled": True, "opacity": 1},
                "encoding": {"x": _quantity(chart, bound), "y": _LABEL, "tooltip": _TOOLTIP},
            }
            for bound, other, shape, away in _OPEN
        ]
        marks = [
            {
                "transform": [{"filter": "isValid(datum.value_low) && isValid(datum.value_high)"}],
                "mark": {"type": "rule", "strokeWidth": 10},
                "encoding": {"x": _quantity(chart, "value_low"), "x2": {"field": "value_high"}, "y": _LABEL},
            },
            *bounds,
            *arrows,
            {
                "transform": [{"filter": "datum.mark === 'solid' || datum.mark === 'hollow'"}],
                "mark": {"type": "point", "filled": True, "stroke": THEMES["light"]["accent"]},
                "encoding": {"x": value, "y": _LABEL, "fillOpacity": hollow, "tooltip": _TOOLTIP, **_colour(chart)},
            },
        ]
    is_open = "isValid(datum.value_low) && !isValid(datum.value_high)"
    words: list[Spec] = [
        {
            "transform": [{"filter": rule}],
            "mark": {"type": "text", "align": "left", "dx": away, "fontWeight": "bold"},
            "encoding": text,
        }
        for rule, away in ((f"!({is_open})", 10), (is_open, 22))
    ]
    spec: Spec = {"transform": [_OWN_MARK, at], "layer": [*marks, *words], "width": 320}
    if len({row["axis"] for row in chart.marks}) < 2:
        return spec
    axes = list(dict.fromkeys(row["axis"] for row in chart.marks))
    header = {"labelAngle": 0, "labelAlign": "left", "labelOrient": "top", "labelAnchor": "start"}
    is_one_scale = len({*map(scale_of, chart.marks)}) == 1
    row = {"field": "axis", "type": "nominal", "title": None, "sort": axes, "header": header}
    return {
        "transform": spec.pop("transform"),
        "facet": {"row": row},
        "spec": spec,
        "resolve": {
            "scale": {"x": "shared" if is_one_scale else "independent", "y": "independent"},
            "axis": {"x": "independent"},
        },
    }


_OPEN = (
    ("value_low", "value_high", "triangle-right", 10),
    ("value_high", "value_low", "triangle-left", -10),
)
"""A bound beyond which nothing is known: which one, that there is no other, and the arrow that points away from it."""


def _by_year(chart: Chart) -> Spec:
    """A panel for each series: a column for each year, outlined where it is a part of one, and a rule for a gap."""
    year: Spec = {"field": "year", "type": "ordinal", "title": None, "sort": list(chart.years)}
    whole: Spec = {"condition": {"test": "!isValid(datum.until) && datum.mark === 'solid'", "value": 1}, "value": 0}
    columns = {
        "transform": [{"filter": "isValid(datum.value)"}],
        "mark": {"type": "bar", "stroke": THEMES["light"]["accent"]},
        "encoding": {"x": year, "y": _quantity(chart), "fillOpacity": whole, "tooltip": _TOOLTIP, **_colour(chart)},
    }
    gaps = {
        "transform": [{"filter": f"isValid(datum.gap) && datum.gap !== '{OUTSIDE_WINDOW}'"}],
        "mark": {"type": "rule", "strokeDash": [3, 3], "color": THEMES["light"]["missing"]},
        "encoding": {"x": year, "tooltip": [{"field": "gap", "type": "nominal"}]},
    }
    words = {
        "transform": [{"filter": "isValid(datum.shown)"}],
        "mark": {"type": "text", "baseline": "bottom", "dy": -3, "fontWeight": "bold"},
        "encoding": {"x": year, "y": _quantity(chart), "text": {"field": "shown"}},
    }
    panels = [name for name, _ in (chart.headings or {}).values()]
    facet = {"field": "panel", "type": "nominal", "title": None, "sort": panels}
    return {
        "transform": [{"filter": "isValid(datum.year)"}],
        "facet": facet,
        "columns": 3,
        "spec": {"width": 240, "height": 120, "layer": [gaps, columns, words]},
        "resolve": {"scale": {"y": "independent"}},
    }


def _grid(chart: Chart) -> Spec:
    """A cell for each series and year, coloured by what is published."""
    status = (
        f"datum.gap === '{WITHHELD}' ? 'refused' : datum.gap === '{OUTSIDE_WINDOW}' ? 'not covered' : "
        f"datum.gap === '{NOT_COUNTED}' ? 'not counted' : datum.gap === '{FILTERED_OUT}' ? 'filtered out' : "
        "isValid(datum.gap) ? 'not published' : "
        "isValid(datum.until) ? 'part of the year' : 'published'"
    )
    names, colours = ["published", "part of the year", "not published", "refused", "not covered"], THEMES["light"]
    paints = [colours[name] for name in ("accent", "soft", "grid", "flag", "paper")]
    for gap in (NOT_COUNTED, FILTERED_OUT):
        if any(row["gap"] == gap for row in chart.rows):
            names, paints = [*names, gap.replace("_", " ")], [*paints, colours["grid"]]
    year: Spec = {"field": "year", "type": "ordinal", "title": None, "sort": list(chart.years)}
    panel: Spec = {"field": "panel", "type": "nominal", "title": None, "sort": None}
    scale = {"domain": names, "range": paints}
    return {
        "width": {"step": 44},
        "transform": [{"filter": "isValid(datum.year)"}, {"calculate": status, "as": "status"}],
        "encoding": {"x": year, "y": panel},
        "layer": [
            {"mark": "rect", "encoding": {"color": {"field": "status", "type": "nominal", "scale": scale}}},
            {
                "transform": [{"filter": "isValid(datum.shown)"}],
                "mark": {"type": "text", "fontWeight": "bold"},
                "encoding": {"text": {"field": "shown"}},
            },
        ],
    }


def _divided(chart: Chart) -> Spec:
    """One bar, divided by the parts in the order of their size."""
    value = {**_quantity(chart), "stack": "zero"}
    order = {"field": "value", "type": "quantitative", "sort": "descending"}
    colour = {"field": "label", "type": "nominal", "sort": {"field": "value", "order": "descending"}, "title": None}
    parts = [_OWN_MARK, {"filter": "isValid(datum.whole)"}]
    words = {"x": {**value, "bandPosition": 0.5}, "order": order, "text": {"field": "shown"}}
    words["detail"] = {"field": "label"}
    return {
        "transform": parts,
        "width": 480,
        "layer": [
            {"mark": "bar", "encoding": {"x": value, "order": order, "color": colour, "tooltip": _TOOLTIP}},
            {"mark": {"type": "text", "color": "white", "fontWeight": "bold"}, "encoding": words},
        ],
    }


def _timeline(_chart: Chart) -> Spec:
    """Who stated what, in the order of time."""
    when: Spec = {"field": "group", "type": "ordinal", "sort": {"field": "place"}, "title": None}
    y = {**_LABEL, "axis": {"labelLimit": 420}}
    return {
        "transform": [_OWN_MARK],
        "encoding": {"x": when, "y": y},
        "layer": [
            {"mark": "point", "encoding": {"tooltip": _TOOLTIP}},
            {"mark": {"type": "text", "align": "left", "dx": 8}, "encoding": {"text": {"field": "shown"}}},
        ],
    }


def _number(_chart: Chart) -> Spec:
    """One figure, large."""
    return {"mark": {"type": "text", "fontSize": 60, "fontWeight": "bold"}, "encoding": {"text": {"field": "shown"}}}


def _numbers(_chart: Chart) -> Spec:
    """Each figure large, beside what it counts."""
    y = {**_LABEL, "axis": {"labelLimit": 420}}
    return {
        "transform": [_OWN_MARK],
        "height": {"step": 48},
        "mark": {"type": "text", "fontSize": 28, "fontWeight": "bold"},
        "encoding": {"y": y, "text": {"field": "shown"}, "tooltip": _TOOLTIP},
    }


_DRAW = {
    "dots": _beside, "bars": _beside, "steps": _beside, "columns": _by_year, "grid": _grid, "divided": _divided,
    "timeline": _timeline, "number": _number, "numbers": _numbers,
}  # fmt: skip
