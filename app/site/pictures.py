"""The charts that pages show: their words, their addresses and their sizes, so that nothing moves when they arrive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from app.api.parameters import LOOK_PARAMETERS, RELEASE_PARAMETERS
from app.api.request_context import Question
from app.api.v1.pictures import chart_record
from app.charts.chart import Chart
from app.errors import NoSuchChart
from app.formats.picture import measure

SHOWN = ("narrow", "medium", "wide")
"""The sizes on pages; a card is for services that show one beside a link."""


class Shown(NamedTuple):
    """A chart on a page: its words, its address but for size and theme, and the width and height of each size."""

    title: str
    description: str
    address: str
    png: str
    sizes: Mapping[str, tuple[int, int]]


def show_chart(question: Question, chart: Chart, path: str) -> Shown:
    """Return how a page shows the chart of the query that a question asks, at an address of the API."""
    asked = replace(question, path=path)
    svg, png = (open_query(asked.link(suffix, without=("size", "theme"))) for suffix in (".svg", ".png"))
    sizes = {size: measure(chart, size) for size in SHOWN}
    return Shown(chart.title, chart.description, svg.removeprefix(question.service.base_url), png, sizes)


def open_query(address: str) -> str:
    """Return an address to which parameters can be added."""
    return address + ("&" if "?" in address else "?")


async def show_records(question: Question, records: Iterable[Mapping[str, Any]]) -> dict[str, Shown]:
    """Return how a page shows some charts of the register, by their ids, but for any that cannot be drawn."""
    plain, shown = choose(question, RELEASE_PARAMETERS), {}
    for one in records:
        with suppress(NoSuchChart):
            shown[one["id"]] = show_chart(plain, await _arrange(plain, one), f"/v1/charts/{one['id']}")
    return shown


async def _arrange(question: Question, record: Mapping[str, Any]) -> Chart:
    kept, key = question.service.charts, f"{question.release_key} {record['id']}"
    chart = kept.get(key)
    if chart is None:
        chart = (await chart_record(question, record)).chart
        kept.keep(key, chart)
    return chart


def choose(question: Question, names: Iterable[str]) -> Question:
    """Return the question with only some of its parameters."""
    wanted = {*names} - {*LOOK_PARAMETERS}
    return replace(question, values={name: values for name, values in question.values.items() if name in wanted})
