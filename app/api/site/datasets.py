"""Datasets as pages: the figures of one, with filters, years, downloads and code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Request, Response

from app.api.parameters import LISTING_PARAMETERS, RELEASE_PARAMETERS
from app.api.question import Question
from app.api.site.filter_form import CHOSEN, NAMES, build_form, name_code
from app.api.site.problem import meant_address
from app.api.site.rendering import Pairs, address, asked_page, page, typed_pairs, with_query
from app.api.site.use_this import is_filtered, list_downloads, offer
from app.api.site.years import find_year_table
from app.api.v1.catalogue import find_record
from app.api.v1.observations import explain_nothing, find_figures
from app.domain import figure
from app.domain.phrases import say_period
from app.errors import Fault, InvalidRequest
from app.formats import Format
from app.queries.choices import count_choices
from app.queries.filters import Filters

ROWS_SHOWN = 50

router = APIRouter()

Record = Mapping[str, Any]
Downloads = list[tuple[Format, str]]

_understand_list = asked_page()
_understand = asked_page(name for name in LISTING_PARAMETERS if name != "bom")


class Asked(NamedTuple):
    """A request for a dataset page: the question, or, where it has mistakes, that of the page without filters."""

    question: Question
    pairs: Pairs
    faults: Sequence[Fault]


async def _ask(request: Request) -> Asked:
    """Understands a request, even one with mistakes, so that they can be told beside the fields."""
    pairs = typed_pairs(request)
    try:
        return Asked(await _understand(request), pairs, ())
    except InvalidRequest as refused:
        wrong = {fault.parameter for fault in refused.faults}
        kept = [] if wrong & {*RELEASE_PARAMETERS} else [pair for pair in pairs if pair[0] in RELEASE_PARAMETERS]
        return Asked(await _understand_list(with_query(request, urlencode(kept).encode())), pairs, refused.faults)


AskedList = Annotated[Question, Depends(_understand_list)]
AskedOne = Annotated[Asked, Depends(_ask)]
Slug = Annotated[str, Path(description="A dataset.")]


@router.get("/datasets")
async def show_datasets(question: AskedList) -> Response:
    """The datasets, each with its downloads."""
    return page(question, "datasets.html", datasets=list_datasets(question))


@router.get("/datasets/{dataset}")
async def show_dataset(asked: AskedOne, dataset: Slug) -> Response:
    """The figures of one dataset, with filters, by year, as files and as code. Mistakes stand beside their fields."""
    question, pairs, faults = asked
    record = await find_record(question, "dataset", dataset)
    within = Filters().within("measure", record["measures"])
    choices = await count_choices(question.service.database, within, question.release.ordinal, CHOSEN)
    found = None if faults else await _find(question)
    return page(
        question,
        "dataset.html",
        status=422 if faults else 200,
        dataset=record,
        form=build_form(pairs, faults, choices, question.catalogue),
        names=NAMES,
        faults=[(fault, meant_address(question.path, pairs, fault)) for fault in faults],
        chosen=_list_chosen(asked),
        charts=[one for one in question.catalogue.kind("chart").values() if one["dataset"] == dataset],
        found=found,
        is_filtered=is_filtered(question),
        **offer(question, record),
        say_period=say_period,
    )


def list_datasets(question: Question) -> list[tuple[Record, Downloads]]:
    """The datasets of the release, each with the addresses of its files."""
    plain = replace(
        question, values={name: question.values[name] for name in RELEASE_PARAMETERS if name in question.values}
    )
    return [(one, list_downloads(plain, f"/v1/{slug}")) for slug, one in question.catalogue.kind("dataset").items()]


async def _find(question: Question) -> dict[str, Any]:
    """The figures of a page, the table by year where it is the first one, and why there are none."""
    found = await find_figures(question, question.limit or ROWS_SHOWN, question.after())
    base_url = question.service.base_url
    following = question.pinned_link(cursor=question.cursor_to(found.next)) if found.next else None
    is_first = "cursor" not in question.values
    return {
        "figures": [figure.as_document(o, question.catalogue, base_url) for o in found.observations],
        "total": found.total,
        "is_first": is_first,
        "first": question.link(without=("cursor",)).removeprefix(base_url),
        "following": following and following.removeprefix(base_url),
        "years": await find_year_table(question) if is_first and found.total else None,
        "nothing": [_advise(question, one) for one in await explain_nothing(question)] if not found.total else [],
    }


def _advise(question: Question, warning: Record) -> dict[str, Any]:
    """Why nothing matched, with the addresses of what would."""
    name, catalogue = warning["parameter"], question.catalogue
    there = [(name_code(catalogue, name, code), _with(question, name, code)) for code in warning["available"] if name]
    return {"detail": warning["detail"], "name": name and NAMES.get(name, name), "there": there}


def _with(question: Question, name: str, code: str) -> str:
    return question.link(without=("cursor",), **{name: code}).removeprefix(question.service.base_url)


def _list_chosen(asked: Asked) -> list[tuple[str, str, str]]:
    """The conditions in words, each with the address of the page without it."""
    question, pairs, faults = asked
    if faults:
        return []
    rest = [pair for pair in pairs if pair[0] != "cursor"]
    return [
        (
            NAMES[name],
            name_code(question.catalogue, name, text),
            address(question.path, [one for one in rest if one != (name, text)]),
        )
        for name, text in rest
        if name in NAMES and name != "sort"
    ]
