"""The charts that pages show: their words, their addresses and their sizes, so that nothing moves when they arrive."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from misconduct.api.parameters import LOOK_PARAMETERS, RELEASE_PARAMETERS
from misconduct.api.request_context import Question
from misconduct.api.v1.pictures import chart_record
from misconduct.charts.chart import FORMS, Chart
from misconduct.errors import NoSuchChart
from misconduct.model.kinds import BY_YEAR
from misconduct.site.filter_form import NAMES, name_value

SHOWN = ("narrow", "medium", "wide")
"""The sizes on pages; a card is for services that show one beside a link."""


class Shown(NamedTuple):
    """A chart on a page: its words, its address but for size and theme, and the width and height of each size."""

    title: str
    description: str
    address: str
    png: str
    sizes: Mapping[str, tuple[int, int]]


async def show_chart(question: Question, chart: Chart, path: str) -> Shown:
    """Return how a page shows the chart of the query that a question asks, at an address of the API."""
    asked = replace(question, path=path)
    svg, png = (open_query(asked.link(suffix, without=("size", "theme"))) for suffix in (".svg", ".png"))
    measured = chart.measured or (await question.service.encoder.measure(chart, question.client)).measured
    sizes = {size: measured[size] for size in SHOWN}
    return Shown(chart.title, chart.description, svg.removeprefix(question.service.base_url), png, sizes)


def open_query(address: str) -> str:
    """Return an address to which parameters can be added."""
    return address + ("&" if "?" in address else "?")


class Refusal(NamedTuple):
    """Why there is no chart, in words for people, and what there is instead: words and addresses."""

    reason: str
    offers: Sequence[tuple[str, str]] = ()


def explain(question: Question, refused: NoSuchChart, *, charts: str | None = None) -> Refusal:
    """Say why there is no chart without the words for programs, and offer what these name, and more, as links.

    `charts` is the path of the page with the chart of the query, if that is not the page itself.
    """
    at_chart = question if charts is None else replace(question, path=charts)
    wanted = [dict(_PARAMETER.findall(one)) for one in dict.fromkeys(_MENDS.findall(refused.detail))]
    code = next((fault.code for fault in refused.faults), "")
    if code == "unknown_form":
        wanted = [{"form": name} for name in FORMS]
    elif code == "not_by_year":
        wanted = [{"form": name} for name in BY_YEAR]
    offers = [
        (
            f"Show {FORMS[one['form']]}"
            + (", each kind on an axis of its own" if code == "not_on_one_axis" and one["form"] == "dots" else "")
            if "form" in one
            else "Only "
            + ", ".join(
                f"{NAMES[name][:1].lower()}{NAMES[name][1:]}: {name_value(question.catalogue, name, text)}"
                for name, text in one.items()
            ),
            (at_chart if "form" in one else question).link(**one).removeprefix(question.service.base_url),
        )
        for one in wanted
    ]
    if "form" in question.values and code != "not_on_one_axis":
        offers.append(
            (
                "Let the figures choose the form",
                question.link(without=("form",)).removeprefix(question.service.base_url),
            )
        )
    sentences = re.split(r"(?<=\.) (?=[A-Z])", refused.detail)
    return Refusal(" ".join(one for one in sentences if not _PARAMETER.search(one) and not _MEND.match(one)), offers)


_PARAMETER = re.compile(r"\b(form|unit|statistic|stock_or_flow)=(\w+)")
_MENDS = re.compile(r"\b(?:form|unit|statistic|stock_or_flow)=\w+(?:&\w+=\w+)*")
_MEND = re.compile("(Ask for|Add) ")


async def show_records(question: Question, records: Iterable[Mapping[str, Any]]) -> dict[str, Shown]:
    """Return how a page shows some charts of the register, by their ids, but for any that cannot be drawn."""
    plain, shown = choose(question, RELEASE_PARAMETERS), {}
    for one in records:
        with suppress(NoSuchChart):
            shown[one["id"]] = await show_chart(plain, await _arrange(plain, one), f"/v1/charts/{one['id']}")
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
