"""Figures of the Misconduct Register as data frames: copy this file beside your program. It needs pandas alone.

    import misconduct
    misconduct.figures("allegations", category="sexual_assault", year=["2022", "2023"], release="2.1.0")
    misconduct.by_year("allegations", category="sexual_assault")
    misconduct.codes("category")
    misconduct.cite("k7m3q")

Without `release` the newest one answers, to all pages; `frame.attrs["release"]` is its number. Numbers and booleans are
such, everything else is text; an empty cell is missing, never zero.
"""

import functools
import json
import re
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pandas

REGISTER = "http://localhost:8000"
ROWS = 1000  # of one page
DTYPES = {"number": "float64", "integer": "Int64", "boolean": "boolean"}


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
    with _open(f"{REGISTER}/v1/{path}/citation.{form}?{urlencode(release)}") as answer:
        return answer.read().decode()


def _read_pages(path: str, parameters: dict[str, Any]) -> pandas.DataFrame:
    url, pages, release = f"{REGISTER}/v1/{path}?{urlencode(parameters, doseq=True)}", [], None
    while url:
        with _open(url) as answer:
            link = answer.headers["Link"]
            pages.append(pandas.read_csv(answer, dtype=str, keep_default_na=False, na_values=[""]))
        release = re.search(r'[?&]release=([^&>]+)[^>]*>; rel="canonical"', link)[1]
        following = re.search(r'<([^>]+)>; rel="next"', link)
        url = following and following[1]
    frame = pandas.concat(pages, ignore_index=True)
    for name in frame.columns.intersection(list(_types())):
        cells = frame[name].map({"true": True, "false": False}) if _types()[name] == "boolean" else frame[name]
        frame[name] = cells.astype(DTYPES[_types()[name]])
    frame.attrs["release"] = release
    return frame


@functools.cache
def _types() -> dict[str, str]:
    with _open(f"{REGISTER}/v1/columns.csv") as answer:
        columns = pandas.read_csv(answer)
    return {one.name: one.type for one in columns.itertuples(index=False) if one.type in DTYPES}


def _open(url: str) -> Any:
    try:
        return urlopen(url)  # noqa: S310
    except HTTPError as error:
        problem = json.load(error)
        wrong = (f"{one['parameter']}: {one['detail']}" for one in problem.get("errors") or ())
        raise ValueError(" ".join([problem["detail"], *wrong])) from None
