"""SDMX 3.0: by-year tables as data of one structure, made of their columns and of the code lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

from misconduct.model import figure, long_table
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import notes
from misconduct.model.period import Coverage, Year
from misconduct.model.series import GAPS, SERIES, WITHHELD, Series
from misconduct.model.table import FROM_ROOT, Column, Row, Table, compile_row

AGENCY, STRUCTURE = "MISCONDUCT", "BY_YEAR"

STANDARD_IDS = {"area": "REF_AREA", "unit": "UNIT_MEASURE", "work": "SOURCE", "value": "OBS_VALUE", "id": "FIGURE"}
"""The ids of components that are not the name of their column."""

MISSING = {"O": "Missing value", "Q": "Missing value; suppressed"}
"""The statuses of CL_OBS_STATUS that cells without a number get."""

NOBODY = "_Z"
"""Who stated a figure that this register counted: the code of SDMX for what does not apply."""

_HAVE_NO_NUMBER = {*MISSING, "H", "L", "M"}

_OWN = (
    Column("work", "code", "The source, or the work of which the sources of a series are editions."),
    Column(
        "variant",
        "integer",
        "1, or a higher number for further figures of one source for the same cell, among those that match.",
    ),
    Column("time_period", "text", "The year, or its first day and length: 2022, 2019-04-01/P1Y."),
    Column("obs_status", "code", "SDMX observation status; for a gap, that of a missing value."),
)
_COLUMNS = {**long_table.LAYOUT.columns, **{column.name: column for column in _OWN}}


class Component(NamedTuple):
    """A dimension, measure or attribute: its id, the column that it is, and the code list of its values, if any."""

    id: str
    role: Literal["dimension", "time", "measure", "attribute"]
    column: Column
    list_name: str | None


_CODED = {*SERIES, "obs_status", "qualifier", "value_absent", "coverage", "gap"}


def _component(name: str, role: Literal["dimension", "time", "measure", "attribute"]) -> Component:
    column = _COLUMNS[name]
    code = STANDARD_IDS.get(name, name.upper())
    column = column._replace(name=code, path=column.path or name)
    return Component(code, role, column, name if name in _CODED else None)


_ATTRIBUTES = (
    *("obs_status", "qualifier", "coverage", "gap", "value_absent", "printed", "id", "part_of", "repeats"),
    *("series",),
)

COMPONENTS = (
    *(_component(name, "dimension") for name in (*SERIES, "variant")),
    _component("time_period", "time"),
    _component("value", "measure"),
    *(_component(name, "attribute") for name in _ATTRIBUTES),
)
"""The components of the data structure, in the order of the columns."""

_BEFORE = (
    Column("STRUCTURE", "code", "The kind of structure."),
    Column("STRUCTURE_ID", "code", "The dataflow."),
    Column("ACTION", "code", "I: for information."),
)
"""The columns of every SDMX-CSV file, before those of the components."""

_OF_FIGURES = ("value", *(name for name in _ATTRIBUTES if name in figure.LAYOUT.columns))
"""The columns of a figure that differ within a series."""

_TIME, _STATUS, _GAP = (
    len(_BEFORE) + [one.id for one in COMPONENTS].index(name) for name in ("TIME_PERIOD", "OBS_STATUS", "GAP")
)
"""The cells in which the years without a figure differ within a series."""

CODES: Mapping[str, Mapping[str, str]] = {
    "gap": GAPS,
    "coverage": {one: one for one in Coverage},
    "obs_status": MISSING,
    "stated_by": {NOBODY: "Not applicable: counted by this register"},
}
"""Codes that are not in a code list of the register, or need not be, with their labels."""


def codes_of(list_name: str, catalogue: Catalogue) -> dict[str, tuple[str, str | None]]:
    """Return the codes of a list, each with its label and the broader code."""
    found = {code: (label, None) for code, label in CODES.get(list_name, {}).items()}
    if list_name == "work":
        works = {one.work for one in catalogue.editions.values()}
        sources = catalogue.kind("source")
        return {slug: ((sources.get(slug) or {}).get("title") or slug, None) for slug in sorted({*sources, *works})}
    listed = catalogue.codes.get(list_name, {})
    return {**found, **{code: (content["label"], content.get("broader")) for code, content in listed.items()}}


def version_of(catalogue: Catalogue) -> str:
    """Return the version of the structure: that of the release whose code lists it has."""
    number = catalogue.release.number
    return number if number[0].isdigit() else f"0.0.0-{number}"


def flow_id(name: str) -> str:
    """Return the id of the dataflow of a dataset, or of all `observations`."""
    return name.replace("-", "_").upper()


def write_time(label: str, first: date | None) -> str:
    """Write a year as a time period of SDMX: a calendar year, or a range of its first day and length."""
    return f"{first}/P1Y" if "/" in label else label


def _status(value: object, status: str) -> str:
    return status if value is not None or status in _HAVE_NO_NUMBER else "O"


def as_table(found: Sequence[Series], years: Sequence[Year], catalogue: Catalogue, name: str) -> Table:
    """Make the table of SDMX-CSV 2.0 of a dataset: for each series and year the figure, or a missing value."""
    structure = f"{AGENCY}:{flow_id(name)}({version_of(catalogue)})"
    same, flatten = ("dataflow", structure, "I"), compile_row([one.column for one in COMPONENTS])
    write = figure.project(_OF_FIGURES).objects(catalogue, FROM_ROOT)
    rows = list[Row]()
    for series in found:
        stated, gaps = series.stated(years), series.gaps(catalogue, years)
        empty = long_table.without_figure(series, catalogue)
        empty |= {"work": series.work, "variant": series.variant, "time_period": None}
        empty["stated_by"] = empty["stated_by"] or {"code": NOBODY}
        row: list[Any] = [*same, *flatten(empty)]
        for label, first, _ in series.own(years):
            if label in stated:
                about = write(stated[label])
                time = write_time(label, stated[label].period_from)
                about |= {"time_period": time, "obs_status": _status(about["value"], about["obs_status"])}
                rows.append((*same, *flatten({**empty, **about})))
            else:
                gap = gaps[label]
                row[_TIME], row[_STATUS], row[_GAP] = write_time(label, first), "Q" if gap == WITHHELD else "O", gap
                rows.append(tuple(row))
    return Table((*_BEFORE, *(one.column for one in COMPONENTS)), rows, notes(catalogue))
