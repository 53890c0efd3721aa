"""Figures of the Misconduct Register as data frames: copy this file beside your program. It needs pandas alone.

    import misconduct
    misconduct.figures("allegations", category="sexual_assault", year=["2022", "2023"], release="2.1.0")
    misconduct.by_year("allegations", category="sexual_assault")
    misconduct.codes("category")
    misconduct.cite("k7m3q")

Without `release` the newest answers, to all pages: `frame.attrs["release"]`. An empty cell is missing, never zero.
"""

import functools
import io
import json
import re
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pandas

REGISTER = "http://localhost:8000"
ROWS = 1000  # of one page
DTYPES, BOOLEANS = {"number": "float64", "integer": "Int64", "boolean": "boolean"}, {"true": True, "false": False}


def figures(dataset: str = "observations", **filters: Any) -> pandas.DataFrame:
    """Return one row per figure. The filters are those of the API; a list has several values."""
    return _read_pages(f"{dataset}.csv", {"limit": ROWS, **filters})


def by_year(dataset: str = "observations", **filters: Any) -> pandas.DataFrame:
    """Return one row per series and year. Where there is no value, `gap` has the reason."""
    return _read_pages(f"{dataset}/by-year.csv", {"limit": ROWS, "shape": "long", **filters})


def codes(name: str | None = None, **release: str) -> pandas.DataFrame:
    """Return the codes of a list, or of all lists, each with its label and definition."""
    return _read_pages(f"codelists/{name}.csv" if name else "codelists.csv", release)


def cite(what: str, form: str = "bib", **release: str) -> str:
    """Cite a figure by its id, or a path ("datasets/allegations"): as "bib" (BibTeX), "ris" or "json" (CSL-JSON)."""
    path = what if "/" in what else f"observations/{what}"
    return _read(f"{REGISTER}/v1/{path}/citation.{form}?{urlencode(release)}")[0].decode()


def _read_pages(path: str, parameters: dict[str, Any]) -> pandas.DataFrame:
    url, pages, release = f"{REGISTER}/v1/{path}?{urlencode(parameters, doseq=True)}", [], None
    while url:
        table, links = _read(url)
        pages.append(pandas.read_csv(io.BytesIO(table), dtype=str, keep_default_na=False, na_values=[""]))
        release = re.search(r'[?&]release=([^&>]+)[^>]*>; rel="(?:canonical|next)"', links) or release
        url = next(iter(re.findall(r'<([^>]+)>; rel="next"', links)), None)
    frame = pandas.concat(pages, ignore_index=True)
    for name in frame.columns.intersection(list(_types())):
        frame[name] = frame[name].map(lambda cell: BOOLEANS.get(cell, cell)).astype(DTYPES[_types()[name]])
    frame.attrs["release"] = release and release[1]
    return frame


@functools.cache
def _types() -> dict[str, str]:
    columns = pandas.read_csv(io.BytesIO(_read(f"{REGISTER}/v1/columns.csv")[0]))
    return {one.name: one.type for one in columns.itertuples(index=False) if one.type in DTYPES}


def _read(url: str) -> tuple[bytes, str]:
    """Return the whole answer, and its links. An answer that breaks off is an error; read in parts it would not be."""
    try:
        with urlopen(url, timeout=60) as answer:  # noqa: S310
            if "Link" not in answer.headers:
                raise ValueError(f"{url} is no answer of the register")
            return answer.read(), answer.headers["Link"]
    except HTTPError as error:
        is_problem = error.headers.get_content_type() == "application/problem+json"
        said = json.load(error) if is_problem else {"detail": f"{url}: {error}"}
        wrong = (f"{one['parameter']}: {one['detail']}" for one in said.get("errors") or ())
        raise ValueError(" ".join([said["detail"], *wrong])) from None
