"""The sizes of the charts on a page, so that nothing moves when a picture arrives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from app.api.request_context import Question
from app.api.v1.pictures import chart_record
from app.charts.chart import Chart
from app.errors import NoSuchChart
from app.formats.picture import measure

SHOWN = ("narrow", "wide")


async def find_sizes(question: Question, records: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Find the width and height of each picture of some charts of the register."""
    plain = replace(question, values={})
    return {record["id"]: await _find_size(plain, record) for record in records}


async def _find_size(question: Question, record: Mapping[str, Any]) -> dict[str, Any]:
    try:
        charted = await chart_record(question, record)
    except NoSuchChart:  # its own address says why
        return {size: {"width": "", "height": ""} for size in SHOWN}
    return sizes_of(charted.chart)


def sizes_of(chart: Chart) -> dict[str, Any]:
    """Return the width and height of each picture of a chart."""
    return {size: dict(zip(("width", "height"), measure(chart, size), strict=True)) for size in SHOWN}
