"""The question of a page in the languages that people work in, to copy: exactly these figures, of this release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from app.api.parameters import RELEASE_PARAMETERS
from app.api.question import Question
from app.formats import EVERYWHERE, FORMATS, Format
from app.formats.linked.citation import cite_dataset

PAGING = ("limit", "cursor")
ONLY_LISTED = (*PAGING, "sort", "period_type")
"""What the by-year table does not take, or does not need."""


class Snippet(NamedTuple):
    """A piece of code to copy."""

    id: str
    title: str
    code: str


def offer(question: Question, dataset: Mapping[str, Any]) -> dict[str, Any]:
    """What a page offers to take away: files, code, and how to cite it."""
    slug = dataset["id"]
    return {
        "downloads_of": list_downloads(question, f"/v1/{slug}"),
        "by_year_downloads": list_by_year_downloads(question, f"/v1/{slug}"),
        "snippets": list(write_snippets(question, slug)),
        "citation": cite_dataset(dataset, question.release, question.service.base_url),
        "pinned_page": question.pinned_link(without=("cursor",)),
    }


def list_downloads(question: Question, path: str) -> list[tuple[Format, str]]:
    """The addresses of the same figures as files, within this service."""
    return [(FORMATS[name], _address(question, path, name)) for name in EVERYWHERE]


def list_by_year_downloads(question: Question, path: str) -> list[tuple[Format, str]]:
    """The addresses of the same figures by year, a row for each series."""
    asked = replace(question, path=f"{path}/by-year")
    base_url = question.service.base_url
    forms = ("csv", "xlsx", "json", "jsonstat")
    return [(FORMATS[name], asked.link(f".{name}", without=ONLY_LISTED).removeprefix(base_url)) for name in forms]


def write_snippets(question: Question, dataset: str) -> Iterable[Snippet]:
    """Code that gets exactly these figures, of exactly this release, so that it gives the same for ever."""
    asked = replace(question, path=f"/v1/{dataset}")
    csv, parquet = (asked.pinned_link(suffix, without=PAGING) for suffix in (".csv", ".parquet"))
    yield Snippet("curl", "curl", f'curl --fail --compressed --output {dataset}.csv \\\n  "{csv}"')
    yield Snippet("pandas", "Python, pandas", PANDAS.format(csv))
    yield Snippet("r", "R, readr", R.format(csv))
    yield Snippet("duckdb", "DuckDB", DUCKDB.format(parquet))


def _address(question: Question, path: str, form: str) -> str:
    """JSON has the page that is shown; what is a table has all rows."""
    without = ("cursor",) if form == "json" else PAGING
    asked = replace(question, path=path)
    return asked.link(f".{form}", without=without).removeprefix(question.service.base_url)


def is_filtered(question: Question) -> bool:
    """Whether the request asks for some of the figures only."""
    return bool(set(question.values) - {*RELEASE_PARAMETERS, *PAGING, "sort"})


PANDAS = """import pandas

figures = pandas.read_csv(
    "{}",
    dtype={{"period_start": "str", "period_end": "str"}},
)"""

R = """figures <- readr::read_csv(
  "{}",
  col_types = readr::cols(.default = "c", value = "d"),
  na = ""
)"""

DUCKDB = """SELECT *
FROM read_parquet('{}');"""
