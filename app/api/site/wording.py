"""Figures in words: what one counts, for when, and who said so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.api.site.template_filters import write_date
from app.domain.vocabulary import UNSTATED

DAY = len("2024-01-01")
SPANS = {"Y": "year", "M": "month", "W": "week", "D": "day"}

Document = Mapping[str, Any]


def say_printed(figure: Document) -> str:
    """The figure with its hedge, as printed: `nearly 1,000`."""
    return " ".join(filter(None, (figure["hedge"], figure["printed"])))


def say_what(figure: Document) -> str:
    """What a figure counts, in one sentence. Takes the figure as `app.domain.figure` documents it."""
    unit = _lower(figure["counting_unit"], "of something that the source does not name", "of ")
    what = f"{_lower(figure['measure'])}; {_lower(figure['category'], 'kind of misconduct not stated')}"
    among = _lower(figure["population"], "among whom is not said", "among ")
    area = "" if figure["area"]["code"] == UNSTATED else f", {figure['area']['label']}"
    return f"This is a {figure['statistic']} {unit} ({what}), {among}{area}, {say_period(figure['period'])}."


def say_who(figure: Document) -> str:
    """Who stated a figure and who printed it, in one sentence."""
    voice, source = figure["stated_by"], figure["source"]
    printed = ", ".join(filter(None, (source["publisher"] or source["title"] or source["id"], source["published"])))
    if voice["code"] == UNSTATED:
        return f"Printed by {printed}, which does not say who stated it."
    return f"Stated by: {voice['label']}. Printed by: {printed}."


def say_period(period: Document) -> str:
    """For when a figure holds: the dates as precise as they are known, and the printed words."""
    dates = _dates(period)
    printed = period["printed"]
    if not dates:
        return f"at a time given only as “{printed}”" if printed else "at a time not stated"
    return f"{dates}, printed as “{printed}”" if printed and printed not in dates else dates


def _dates(period: Document) -> str:
    start, end = (bound and write_date(bound) for bound in (period["start"], period["end"]))
    lasting = say_duration(period["duration"])
    if start and end:
        return f"from {start} to {end}" + (f" ({lasting})" if lasting else "")
    if start and period["type"] == "window":
        return f"since {start}"
    if start:
        return f"{'on' if len(period['start']) == DAY else 'in'} {start}"
    if end:
        return f"until {end}"
    return f"over {lasting} without dates" if lasting else ""


def say_duration(duration: str | None) -> str:
    """An ISO 8601 duration in words: `P10Y` is `10 years`."""
    parts = re.findall(r"(\d+)([YMWD])", duration or "")
    return " ".join(f"{count} {SPANS[unit]}{'' if count == '1' else 's'}" for count, unit in parts)


def _lower(coded: Document, unstated: str = UNSTATED, before: str = "") -> str:
    """The label of a code inside a sentence."""
    if coded["code"] == UNSTATED:
        return unstated
    label: str = coded["label"]
    return before + (label if label[:2].isupper() else label[:1].lower() + label[1:])
