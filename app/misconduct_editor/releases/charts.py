"""Draw the charts of a release. A service draws a chart as the program does today; these pictures never change."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.documents import ReleaseView
from misconduct.model.figure import Row
from misconduct.model.points import find_year
from misconduct.pictures.beside import (
    find_gaps,
    name_sizes,
    pick_sizes,
    say_elsewhere,
)
from misconduct.pictures.draw import draw
from misconduct.pictures.drawing import Drawing
from misconduct.pictures.form import arrange
from misconduct.pictures.words import compose, say_chart
from misconduct.releases.folder import Release


def draw_charts(release: Release) -> dict[str, str]:
    """Return the picture of each chart as SVG, by the id of the chart."""
    catalogue, day = Catalogue(release.records), date.fromisoformat(release.day)
    view = ReleaseView(release.number, catalogue, "", day)
    pictures = dict[str, str]()
    for identity, record in catalogue.of_kind("chart").items():
        drawing = _compose(identity, record, release, view)
        if drawing:
            pictures[identity] = draw(drawing).svg
    return pictures


def _compose(
    identity: str, record: Content, release: Release, view: ReleaseView
) -> Drawing | None:
    """Return what a chart draws; None if none of its figures has a row."""
    rows: Mapping[str, Row] = {
        row["id"]: row for row in (*release.table, *release.others)
    }
    address = f"/v1/charts/{identity}?release={release.number}"
    drawn, said = say_chart(record, address, rows)
    choice = arrange(drawn, record.get("form"))
    if choice is None:
        return None
    if choice.form == "columns":
        others = _find_between([*rows.values()], choice.rows)
        said = replace(said, elsewhere=say_elsewhere(others, choice.rows[0]))
    if choice.form == "bars":
        sizes = _find_sizes(release.table, choice.rows, view.catalogue)
        said = replace(said, against=pick_sizes(sizes, choice.rows[0]))
    return compose(choice, said, view)


def _find_between(every: Sequence[Row], drawn: Sequence[Row]) -> list[Row]:
    """Return the rows of the years between some rows that have none of them."""
    gaps, first = find_gaps(drawn), drawn[0]
    place = (first["indicator"], first["area_code"])
    return [
        row
        for row in every
        if (row["indicator"], row["area_code"]) == place and find_year(row) in gaps
    ]


def _find_sizes(
    table: Sequence[Row], drawn: Sequence[Row], catalogue: Catalogue
) -> list[Row]:
    """Return the rows that have the size of a force whose bar is drawn."""
    indicator = name_sizes(drawn, catalogue)
    areas = {row["area_code"] for row in drawn}
    return [
        row
        for row in table
        if row["indicator"] == indicator and row["area_code"] in areas
    ]
