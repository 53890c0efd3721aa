"""A chart of the register and its figures → a Vega-Lite specification that holds its own data.

Everything is placed in pixels from data: `row` or `year` say where a thing stands, `value` how far it reaches from
zero. What is missing has an outline of dashes and a mark that says so, and never a length.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from app.charts.labels import sources_words
from app.charts.panels import Panel, Panels
from app.charts.theme import SMALL, TEXT, TITLE, Size, Theme, configuration
from app.model.catalogue import Catalogue
from app.model.figure import ATTRIBUTION, LICENCE
from app.model.series import WITHHELD
from app.model.table import FROM_ROOT

BAR, LINE, GAP = 16, 16, 18  # heights in pixels: of a bar, of a line of text, and between rows
COLUMN_HEIGHT = 96
TIGHT = 36  # pixels per year below which labels of four digits would touch
_TOLD = [
    alt.Tooltip(f"{name}:N", title=title)
    for name, title in (
        ("label", "As printed"),
        ("measure_label", "What"),
        ("category_label", "Kind"),
        ("population_label", "Among whom"),
        ("counting_unit_label", "Counted"),
        ("period_printed", "When"),
        ("stated_by_label", "Said by"),
        ("source_title", "Printed in"),
        ("caveat_texts", "Keep in mind"),
    )
]
"""The tooltip of a figure, when the specification is drawn in a browser."""

Part = Any
"""A part of a picture; almost every call of altair returns a type of its own."""


def build_specification(
    chart: Mapping[str, Any],
    shown: Panels,
    catalogue: Catalogue,
    size: Size,
) -> dict[str, Any]:
    """Build the Vega-Lite 6 specification of a picture, without its theme. `usermeta` says what the chart is."""
    draw = _bars if chart["mark"] == "bar" else _years
    parts = [draw(number, panel, shown, chart["mark"], size) for number, panel in enumerate(shown.panels)]
    parts += [] if shown.panels else [_text(size.wrap(shown.without, TEXT), TEXT)]
    parts.append(_text(_footer(chart, shown, catalogue, size), SMALL, "muted"))
    title = alt.TitleParams(
        size.wrap(chart["title"], TITLE), subtitle=size.wrap(shown.subtitle) if shown.subtitle else []
    )
    whole = alt.vconcat(*parts, data=alt.NamedData("figures"), title=title).resolve_scale(
        x="independent", y="independent"
    )
    rows = [_wrapped(row, size) for panel in shown.panels for row in panel.rows]
    whole = whole.properties(
        datasets={"figures": rows},
        description=describe(chart, shown),
        usermeta=_about(chart, shown, catalogue),
        padding=size.padding,
    )
    return _as_dict(whole)


def with_notice(specification: dict[str, Any], size: Size) -> dict[str, Any]:
    """Add the notice that figures have been revised since the release, for pictures of old releases."""
    release = specification["usermeta"]["release"]
    words = f"Figures in this chart have been revised since release {release}. See it in the newest release."
    notice = _as_dict(_text(size.wrap(words, TEXT), TEXT, "notice"), top_level=False)
    return {**specification, "vconcat": [notice, *specification["vconcat"]]}


def with_theme(specification: dict[str, Any], theme: Theme) -> dict[str, Any]:
    """Add the colours of a theme."""
    return {**specification, "config": configuration(theme)}


def _as_dict(part: Part, *, top_level: bool = True) -> dict[str, Any]:
    """Convert to JSON. Tests validate it instead: that takes longer than everything else."""
    with alt.data_transformers.enable(consolidate_datasets=False):
        made: dict[str, Any] = part.to_dict(validate=False, context={"top_level": top_level})
    return made


def describe(chart: Mapping[str, Any], shown: Panels) -> str:
    """Describe a picture in words: the register's description, then every figure and the number of gaps."""
    said = [_said(row, panel) for panel in shown.panels for row in panel.rows if row["gap"] is None]
    gaps = [row for panel in shown.panels for row in panel.rows if row["gap"] is not None]
    missing = f" {len(gaps)} years have no figure." if gaps else ""
    return f"{chart['description']} {'; '.join(said)}.{missing}" if said else f"{chart['description']} {shown.without}"


def _said(row: Mapping[str, Any], panel: Panel) -> str:
    if "year" in row:
        return f"{panel.name}, {row['year']}: {row['label']}"
    return f"{row['label']}: {', '.join(row['lines'])}"


def _about(chart: Mapping[str, Any], shown: Panels, catalogue: Catalogue) -> dict[str, Any]:
    release = catalogue.release
    return {
        "chart": chart["id"],
        "version": chart["version"],
        "title": chart["title"],
        "mark": chart["mark"],
        "note": chart["note"],
        "panels": [panel.heading for panel in shown.panels],
        "release": release.number,
        "released": release.released.isoformat(),
        "digest": release.digest,
        "licence": LICENCE,
        "attribution": ATTRIBUTION,
        "sources": sources_words(shown.observations, catalogue),
        "cite_as": f"{FROM_ROOT}/charts/{chart['id']}?release={release.number}",
        "observations": [[o.id, o.version] for o in shown.observations],
    }


def _wrapped(row: Mapping[str, Any], size: Size) -> dict[str, Any]:
    """Wrap the lines of a row to fit the picture; above a column, each word has its own line already."""
    if "year" in row:
        return dict(row)
    return {**row, "lines": [part for line in row["lines"] for part in size.wrap(line)]}


def _bars(number: int, panel: Panel, _shown: Panels, _mark: str, size: Size) -> Part:
    lines = max(len(_wrapped(row, size)["lines"]) for row in panel.rows)
    height = TEXT + 10 + LINE * lines + BAR + GAP
    rows = alt.Chart().transform_filter(f"datum.panel === {number}")
    rows = rows.transform_calculate(
        printed_y=f"datum.row * {height} + {TEXT}",
        top_y=f"datum.row * {height} + {TEXT + 6}",
        bar_y=f"datum.row * {height} + {TEXT + 6 + BAR / 2}",
        bottom_y=f"datum.row * {height} + {TEXT + 6 + BAR}",
        lines_y=f"datum.row * {height} + {TEXT + 6 + BAR + LINE}",
    )
    start = alt.value(0)
    axis = alt.Axis(format=_number_format(panel.unit), tickCount=3, labelFlush=True, **_whole_ticks(panel.unit))
    known = rows.transform_filter("isValid(datum.value)")
    unknown = rows.transform_filter("!isValid(datum.value)")
    return alt.layer(
        known.mark_bar(orient="horizontal", size=BAR).encode(
            alt.X("value:Q", axis=axis, scale=alt.Scale(zero=True)),
            alt.Y("bar_y:Q", scale=None, axis=None),
            tooltip=_TOLD,
        ),
        unknown.mark_rect(style="missing").encode(
            x=start, x2=alt.value(size.inner), y=alt.Y("top_y:Q", scale=None, axis=None), y2="bottom_y:Q"
        ),
        rows.mark_text(fontSize=TEXT + 1, fontWeight="bold", style="ink").encode(
            x=start, y=alt.Y("printed_y:Q", scale=None, axis=None), text="label:N"
        ),
        rows.mark_text(style="muted").encode(x=start, y=alt.Y("lines_y:Q", scale=None, axis=None), text="lines:N"),
        width=size.inner,
        height=height * len(panel.rows),
    )


def _years(number: int, panel: Panel, shown: Panels, mark: str, size: Size) -> Part:
    heading = _text(size.wrap(panel.heading), SMALL)
    return alt.vconcat(heading, _year_panel(number, panel, shown, mark, size), spacing=4)


def _year_panel(number: int, panel: Panel, shown: Panels, mark: str, size: Size) -> Part:
    band = size.inner / len(shown.years)
    above = _room_for_labels(panel, band)
    bottom = above + COLUMN_HEIGHT
    rows = alt.Chart().transform_filter(f"datum.panel === {number}")
    rows = rows.transform_calculate(
        middle=f"datum.place * {band} + {band / 2}",
        left=f"datum.place * {band} + {band * 0.15}",
        right=f"datum.place * {band} + {band * 0.85}",
        year_label="'\u2019' + slice(datum.year, 2)" if band < TIGHT else "datum.year",
        unknown_label="datum.gap === null ? '\u201c' + datum.printed + '\u201d' : datum.label",
    )
    middle = alt.X("middle:Q", scale=None, axis=None)
    figures = rows.transform_filter("datum.gap === null")
    known = figures.transform_filter("isValid(datum.value)")
    unknown = rows.transform_filter("!isValid(datum.value)")
    height = alt.Y("value:Q", axis=None, scale=alt.Scale(zero=True, nice=False, range=[bottom, above]))
    floor = alt.value(bottom)
    stated = any(row["value"] is not None for row in panel.rows)
    return alt.layer(
        unknown.mark_rect(style="missing").encode(
            x=alt.X("left:Q", scale=None, axis=None), x2="right:Q", y=alt.value(above), y2=floor
        ),
        unknown.mark_text(align="center", style="muted").encode(
            x=middle, y=alt.value(above + COLUMN_HEIGHT / 2 + 4), text="unknown_label:N"
        ),
        *(_MARKS[mark](known, middle, height, band) if stated else []),
        *([_breaks(panel, band, bottom)] if panel.breaks else []),
        *([_labels(known, middle, height, band)] if stated else []),
        rows.mark_text(align="center", style="muted").encode(x=middle, y=alt.value(bottom + LINE), text="year_label:N"),
        _floor(size, bottom),
        width=size.inner,
        height=bottom + LINE + 4,
    )


def _room_for_labels(panel: Panel, band: float) -> float:
    """Return the height in pixels of the labels above the highest mark."""
    if band < TIGHT:
        return SMALL * 0.6 * max((len(row["label"]) for row in panel.rows), default=1) + 8
    return LINE * max((len(row["lines"]) for row in panel.rows), default=1) + 4


def _labels(known: alt.Chart, middle: alt.X, height: alt.Y, band: float) -> Part:
    """Draw each figure as printed above its mark; vertically if there is no room side by side."""
    if band < TIGHT:
        upright = known.mark_text(angle=270, align="left", baseline="middle", dx=4, style="ink")
        return upright.encode(x=middle, y=height, text="label:N")
    labels = known.mark_text(align="center", baseline="bottom", dy=-4, lineHeight=LINE, style="ink")
    return labels.encode(x=middle, y=height, text="lines:N")


def _columns(known: alt.Chart, middle: alt.X, height: alt.Y, band: float) -> list[Part]:
    """Draw a column from zero for each year; hollow if the figure is for part of the year."""
    encoded = known.mark_bar(orient="vertical", size=band * 0.7, style=["bar", "outlined"]).encode(
        x=middle, y=height, tooltip=_TOLD, fillOpacity=alt.condition("datum.part_year", alt.value(0), alt.value(1))
    )
    return [encoded]


def _line(known: alt.Chart, middle: alt.X, height: alt.Y, _band: float) -> list[Part]:
    """Draw points, joined unless there is a gap or break; hollow if the figure is for part of the year."""
    return [
        known.mark_line().encode(x=middle, y=height, detail="segment:N"),
        known.transform_filter("!datum.part_year")
        .mark_point(style=["point", "solid"])
        .encode(x=middle, y=height, tooltip=_TOLD),
        known.transform_filter("datum.part_year")
        .mark_point(style=["point", "hollow"])
        .encode(x=middle, y=height, tooltip=_TOLD),
    ]


_MARKS = {"column": _columns, "line": _line}


def _breaks(panel: Panel, band: float, bottom: float) -> Part:
    """Draw a dashed line and the word `break` before each year that cannot be compared with those before it."""
    places = [{"x": place * band, "word": "break"} for place in panel.breaks]
    at = alt.Chart(alt.InlineData(places))
    x = alt.X("x:Q", scale=None, axis=None)
    return alt.layer(
        at.mark_rule(strokeDash=[2, 2], strokeWidth=2).encode(x=x, y=alt.value(0), y2=alt.value(bottom)),
        at.mark_text(dx=4, fontStyle="italic", style="muted").encode(x=x, y=alt.value(SMALL), text="word:N"),
    )


def _floor(size: Size, bottom: float) -> Part:
    """Draw the zero line."""
    zero = alt.Chart(alt.InlineData([{}])).mark_rule(style="zero")
    return zero.encode(x=alt.value(0), x2=alt.value(size.inner), y=alt.value(bottom), y2=alt.value(bottom))


def _text(lines: list[str], type_size: int, style: str = "ink") -> Part:
    """Draw lines of text."""
    data = alt.InlineData([{"lines": lines}])
    texts = alt.Chart(data, width=1, height=LINE * len(lines)).mark_text(
        fontSize=type_size, lineHeight=LINE, style=style
    )
    return texts.encode(x=alt.value(0), y=alt.value(type_size), text="lines:N")


def _footer(chart: Mapping[str, Any], shown: Panels, catalogue: Catalogue, size: Size) -> list[str]:
    """Write the footer: key, note, sources, release and licence."""
    release = catalogue.release
    texts = [
        _key(shown),
        chart["note"] or "",
        f"Sources: {sources_words(shown.observations, catalogue)}." if shown.observations else "",
        f"{ATTRIBUTION}, release {release.number} ({release.released}), chart {chart['id']}. CC BY 4.0.",
    ]
    return [line for text in texts if text for line in size.wrap(text)]


def _key(shown: Panels) -> str:
    """Explain the marks that are used."""
    rows = [row for panel in shown.panels for row in panel.rows]
    gaps = {row["gap"] for row in rows if row["gap"] is not None}
    words = [
        ("Dashed, ?: no source states a figure for that year; it is not zero.", bool(gaps - {WITHHELD})),
        ("Dashed, R: publication was refused.", WITHHELD in gaps),
        ("Dashed: no number is printed.", any(row["gap"] is None and row["value"] is None for row in rows)),
        ("Hollow: part of a year.", any(row["part_year"] for row in rows)),
        ("Each panel has its own scale, from zero.", len(shown.panels) > 1),
    ]
    return " ".join(text for text, applies in words if applies)


def _number_format(unit: str) -> str:
    return {"proportion": ".2~%"}.get(unit, ",~f" if unit == "percent" else ",d")


def _whole_ticks(unit: str) -> dict[str, Any]:
    """Set ticks to whole numbers for counts."""
    return {"tickMinStep": 1} if unit == "count" else {}
