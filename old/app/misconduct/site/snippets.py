"""Downloads of the figures on a page, and code to copy that fetches exactly these figures of this release."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from misconduct.api.parameters import BY_YEAR_PARAMETERS, LISTING_PARAMETERS
from misconduct.api.request_context import Question
from misconduct.formats import EVERYWHERE, FORMATS, Format

PAGING = ("limit", "cursor")
ONLY_LISTED = (*PAGING, *(name for name in LISTING_PARAMETERS if name not in BY_YEAR_PARAMETERS))
"""Parameters that the by-year table does not accept, or does not need."""

BY_YEAR_FORMS = ("csv", "xlsx", "json", "jsonstat")


class Snippet(NamedTuple):
    """A piece of code to copy."""

    id: str
    title: str
    code: str


def list_downloads(question: Question, path: str) -> list[tuple[Format, str]]:
    """List the addresses of the same figures as files. JSON has the rows shown; tables have all rows."""
    return [_download(question, path, form, ("cursor",) if form == "json" else PAGING) for form in EVERYWHERE]


def list_by_year_downloads(question: Question, path: str) -> list[tuple[Format, str]]:
    """List the addresses of the same figures by year, with one row per series."""
    return [_download(question, f"{path}/by-year", form, ONLY_LISTED) for form in BY_YEAR_FORMS]


def _download(question: Question, path: str, form: str, without: tuple[str, ...]) -> tuple[Format, str]:
    link = replace(question, path=path).link(f".{form}", without=without)
    return FORMATS[form], link.removeprefix(question.service.base_url)


def write_snippets(question: Question, dataset: str) -> Iterable[Snippet]:
    """Write code that fetches exactly these figures of this release, and so always returns the same."""
    asked = replace(question, path=f"/v1/{dataset}")
    csv, parquet = (asked.pinned_link(suffix, without=PAGING) for suffix in (".csv", ".parquet"))
    yield Snippet("curl", "curl", f'curl --fail --compressed --output {dataset}.csv \\\n  "{csv}"')
    yield Snippet("pandas", "Python, pandas", PANDAS.format(csv))
    yield Snippet("r", "R, readr", R.format(csv))
    yield Snippet("duckdb", "DuckDB", DUCKDB.format(parquet))


def write_start(url: str) -> list[tuple[str, str]]:
    """Write the code that fetches a CSV with curl, Python and R."""
    return [
        ("curl", f'curl --compressed "{url}"'),
        ("Python", f'import pandas\n\nfigures = pandas.read_csv("{url}")'),
        ("R", f'figures <- read.csv("{url}")'),
    ]


PANDAS = """import pandas

figures = pandas.read_csv(
    "{}",
    dtype={{"time_period": "str"}},
)"""

R = """figures <- readr::read_csv(
  "{}",
  col_types = readr::cols(.default = "c", value = "d"),
  na = ""
)"""

DUCKDB = """SELECT *
FROM read_parquet('{}');"""
