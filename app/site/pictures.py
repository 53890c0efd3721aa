"""The sizes of the charts on a page, so that nothing moves when a picture arrives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from app.api.request_context import Question
from app.queries.charts import picture_path, read_file

SHOWN = ("narrow", "wide")


async def find_sizes(question: Question, charts: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Find the width and height of each picture of some charts."""
    return {chart["id"]: {size: await _find_size(question, chart["id"], size) for size in SHOWN} for chart in charts}


async def _find_size(question: Question, chart: str, size: str) -> Any:
    database, ordinal = question.service.database, question.release.ordinal
    drawn = await read_file(database, ordinal, picture_path(chart, f"{size}-light.json"))
    return orjson.loads(drawn or b"{}")["usermeta"]["picture"] if drawn else {"width": "", "height": ""}
