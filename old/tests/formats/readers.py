"""The programs that people read our formats with, and what each finds: the same facts, whatever the format.

A `Reader` opens the bytes of an answer with one real program. What it finds becomes `Found`: the facts of each figure,
by id. A new format needs a row in READERS; without one the tests fail.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import duckdb
import jsonstat_validator
import openpyxl
import pandas
import polars
import pyarrow.parquet
from pyjstat import pyjstat

from tests.cubes import codes_at

FACTS = ("value", "value_absent", "printed", "qualifier", "hedge", "obs_status", "period_printed")
SOURCE = ("title", "publisher", "byline", "published", "retrieved", "url")
CODED = ("category", "stated_by")

Row = dict[str, Any]
Gaps = dict[tuple[str, str], tuple[Any, str]]
"""The value and the reason of an empty cell, by the statistic of its series and the year."""


class Found(NamedTuple):
    """What a reader finds: facts by the figure's id; of by-year tables, the year cells without a figure, too."""

    figures: dict[str, Row]
    gaps: Gaps


class Reader(NamedTuple):
    """A program, and how it makes rows or documents of an answer's bytes."""

    name: str
    read: Callable[[bytes], Any]
    find: Callable[[Any], Found]
    find_by_year: Callable[[Any], Found]


# What the programs make of the bytes


def read_csv_module(body: bytes) -> list[Row]:
    """Rows of texts; what a spreadsheet would have run has lost its apostrophe."""
    rows = csv.DictReader(io.StringIO(body.decode(), newline=""), strict=True)
    return [{name: plain(cell) or None for name, cell in row.items()} for row in rows]


def read_with_pandas(body: bytes) -> list[Row]:
    return [
        {name: plain(cell) if isinstance(cell, str) else _unless_nan(cell) for name, cell in row.items()}
        for row in pandas.read_csv(io.BytesIO(body)).to_dict("records")
    ]


def read_with_pyarrow(body: bytes) -> list[Row]:
    file = pyarrow.parquet.ParquetFile(io.BytesIO(body))
    stated = {key.decode(): text.decode() for key, text in file.metadata.metadata.items()}
    return [{**row, "metadata": stated} for row in file.read().to_pylist()]


def read_parquet_with_polars(body: bytes) -> list[Row]:
    return polars.read_parquet(io.BytesIO(body)).to_dicts()


def read_with_duckdb(body: bytes) -> list[Row]:
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(body)
        file.flush()
        found = duckdb.execute("SELECT * FROM read_parquet(?)", [file.name])
        return [dict(zip([column[0] for column in found.description], row, strict=True)) for row in found.fetchall()]


def read_with_openpyxl(body: bytes) -> list[Row]:
    """Rows of the first sheet; a date cell as the day it names."""
    header, *rows = openpyxl.load_workbook(io.BytesIO(body))["figures"].iter_rows()
    names = [cell.value for cell in header]
    return [dict(zip(names, (_day_as_text(cell) for cell in row), strict=True)) for row in rows]


def read_json(body: bytes) -> Any:
    return json.loads(body)


def read_jsonl_with_json(body: bytes) -> Any:
    return [json.loads(line) for line in body.decode().split("\n") if line]


def read_jsonl_with_pandas(body: bytes) -> Any:
    frame = pandas.read_json(io.BytesIO(body), lines=True, dtype=False)
    return [{name: _unless_nan(cell) for name, cell in row.items()} for row in frame.to_dict("records")]


def read_with_pyjstat(body: bytes) -> Any:
    """The dataset, which a strict validator passes, and its cells as pyjstat's data frame has them."""
    jsonstat_validator.validate_jsonstat(json.loads(body))
    dataset = pyjstat.Dataset.read(body.decode())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pyjstat calls its own former functions
        frame = dataset.write("dataframe", naming="id")
    return dataset, [(one.statistic, one.year, _unless_nan(one.value)) for one in frame.itertuples()]


def plain(cell: str) -> str:
    """A cell of our CSV without the apostrophes that keep a spreadsheet from running it (docs/formats.md)."""
    return re.sub(r"(^|[;\t\r\n]\"*)'(?=[=+\-@\t\r\n＝＋－＠])", r"\1", cell)


def _unless_nan(cell: Any) -> Any:
    return None if isinstance(cell, float) and math.isnan(cell) else cell


def _day_as_text(cell: Any) -> Any:
    return cell.value.date().isoformat() if cell.is_date else cell.value


# What the rows say


def find_in_rows(rows: list[Row]) -> Found:
    """A row per figure."""
    figures = {}
    for row in rows:
        figures[row["id"]] = {
            **{name: row[name] for name in FACTS},
            "value": _number(row["value"]),
            "caveats": _sentences(row["caveat_texts"]),
            "cite_as": row["cite_as"],
            **_about(row),
        }
    return Found(figures, {})


def find_in_wide_rows(rows: list[Row]) -> Found:
    """A row per series, a column per year."""
    figures: dict[str, Row] = {}
    gaps: Gaps = {}
    for row in rows:
        by_year = {
            name: dict(_keyed(row[name])) for name in ("ids", "qualifiers", "obs_statuses", "values_absent", "cite_as")
        }
        texts = {name: dict(_texts(row[name])) for name in ("printed", "hedges", "periods_printed")}
        caveats = [(places.split(", "), text) for places, text in _texts(row["caveats"])]
        for year, identity in by_year["ids"].items():
            figures[identity] = {
                "value": _number(row[year]),
                "value_absent": by_year["values_absent"].get(year),
                "printed": texts["printed"][year],
                "qualifier": by_year["qualifiers"][year],
                "hedge": texts["hedges"].get(year),
                "obs_status": by_year["obs_statuses"][year],
                "period_printed": texts["periods_printed"].get(year),
                "caveats": [text for places, text in caveats if year in places],
                "cite_as": by_year["cite_as"][year],
                **_about(row),
            }
        if identity := row["window_id"]:
            figures[identity] = {
                **{name: row[f"window_{name}"] for name in FACTS},
                "value": _number(row["window_value"]),
                "caveats": [text for places, text in caveats if "window" in places],
                "cite_as": row["window_cite_as"],
                **_about(row),
            }
        reasons = dict(_keyed(row["gaps"]))
        assert by_year["values_absent"] == {year: reasons.pop(year) for year in by_year["ids"] if year in reasons}
        gaps |= {(row["statistic"], year): (row[year], reason) for year, reason in reasons.items()}
    return Found(figures, gaps)


def find_in_document(document: Row) -> Found:
    """The JSON of a listing."""
    return find_in_objects([{**one, "meta": document["meta"]} for one in document["data"]])


def find_in_objects(objects: list[Row]) -> Found:
    """An object per figure."""
    figures = {}
    for one in _released_objects(objects):
        figures[one["id"]] = {
            **{name: one[name] for name in FACTS if name != "period_printed"},
            "period_printed": one["period"]["printed"],
            "caveats": [caveat["text"] for caveat in one["caveats"]],
            "cite_as": one["links"]["cite_as"],
            **_about_object(one),
        }
    return Found(figures, {})


def find_in_year_document(document: Row) -> Found:
    """The JSON of a by-year table."""
    return find_in_year_objects([{**one, "meta": document["meta"]} for one in document["data"]])


def find_in_year_objects(objects: list[Row]) -> Found:
    """An object per series."""
    figures: dict[str, Row] = {}
    gaps: Gaps = {}
    for one in _released_objects(objects):
        for cell in (*one["cells"].values(), *filter(None, [one["window"]])):
            figures[cell["id"]] = _cell(cell) | _about_object(one)
        absent = {year: cell["value_absent"] for year, cell in one["cells"].items() if cell["value_absent"]}
        assert absent.items() <= one["gaps"].items()
        reasons = one["gaps"].items() - absent.items()
        gaps |= {(one["statistic"], year): (one["values"][year], reason) for year, reason in reasons}
    return Found(figures, gaps)


def find_in_dataset(read: Any) -> Found:
    """A JSON-stat dataset. Values are those of the cube; the rest stands in its status, notes and extension."""
    dataset, cells = read
    extension, dimensions = dataset["extension"], dataset["dimension"]
    released = {key: extension[key] for key in ("release", "licence", "attribution")}
    assert dataset["link"]["license"][0]["href"] == released["licence"]
    figures: dict[str, Row] = {}
    gaps: Gaps = {}

    def find(figure: Row, at: Row) -> Row:
        labels = {f"{name}_label": dimensions[name]["category"]["label"][at[name]] for name in CODED}
        return _cell(figure) | _about({**labels, **released, "source": extension["sources"][figure["source"]]})

    for place, (statistic, year, value) in enumerate(cells):
        status, figure = dataset["status"].get(str(place)), extension["figures"].get(str(place))
        if figure:
            assert status.startswith(figure["obs_status"])
            assert all(text in status for text in (figure["hedge"], figure["value_absent"]) if text)
            assert all(caveat["text"] in dataset["note"] for caveat in figure["caveats"])
            figures[figure["id"]] = find(figure, codes_at(dataset, place)) | {"value": value}
        elif status:
            gaps[statistic, year] = (value, status)
        else:
            assert value is None
    for window in extension["windows"]:
        figures[window["figure"]["id"]] = find(window["figure"], window)
    return Found(figures, gaps)


def _cell(cell: Row) -> Row:
    return {
        **{name: cell[name] for name in FACTS if name != "period_printed"},
        "period_printed": cell["period"]["printed"],
        "caveats": [caveat["text"] for caveat in cell["caveats"]],
        "cite_as": cell["cite_as"],
    }


def _about_object(one: Row) -> Row:
    labels = {f"{name}_label": one[name]["label"] for name in CODED}
    return _about({**one, **labels})


def _about(row: Row) -> Row:
    """What a row or an object says of the whole figure: source, labels, release, licence."""
    source = row["source"]
    if isinstance(source, Mapping):
        stated = {f"source_{name}": source[name] for name in SOURCE} | {"source_notes": dict(source["notes"])}
        stated["source"] = source["id"]
    else:
        stated = {name: row[name] for name in ("source", *(f"source_{name}" for name in SOURCE))}
        stated["source_notes"] = dict(_texts(row["source_notes"]))
    own = {name: row[name] for name in (*(f"{name}_label" for name in CODED), "release", "licence", "attribution")}
    if "metadata" in row:
        assert {key: row["metadata"][key] for key in ("release", "licence")} == {
            key: row[key] for key in ("release", "licence")
        }
    return stated | own


def _released_objects(objects: list[Row]) -> list[Row]:
    return [{**one, **{key: one["meta"][key] for key in ("release", "licence", "attribution")}} for one in objects]


def _number(cell: Any) -> Any:
    """Text of a CSV module, which has no numbers, as one."""
    if isinstance(cell, str):
        return float(cell) if "." in cell else int(cell)
    return cell


def _sentences(cell: Any) -> list[str]:
    """A list, or the one text that it is where a cell holds no lists (docs/formats.md)."""
    if isinstance(cell, str):
        return [text.replace("||", "|") for text in cell.split(" | ")]
    return list(cell or [])


def _texts(cell: Any) -> Iterator[tuple[str, str]]:
    for text in _sentences(cell):
        key, _, rest = text.partition(": ")
        yield key, rest


def _keyed(cell: Any) -> Iterator[tuple[str, str]]:
    for text in cell.split(" ") if isinstance(cell, str) else cell or []:
        key, _, rest = text.partition(":")
        yield key, rest


TABLE = (find_in_rows, find_in_wide_rows)

READERS: dict[str, tuple[Reader, ...]] = {
    "json": (Reader("json (Python)", read_json, find_in_document, find_in_year_document),),
    "csv": (
        Reader("csv (Python)", read_csv_module, *TABLE),
        Reader("pandas", read_with_pandas, *TABLE),
    ),
    "jsonl": (
        Reader("json (Python)", read_jsonl_with_json, find_in_objects, find_in_year_objects),
        Reader("pandas", read_jsonl_with_pandas, find_in_objects, find_in_year_objects),
    ),
    "parquet": (
        Reader("pyarrow", read_with_pyarrow, *TABLE),
        Reader("polars", read_parquet_with_polars, *TABLE),
        Reader("DuckDB", read_with_duckdb, *TABLE),
    ),
    "xlsx": (Reader("openpyxl", read_with_openpyxl, *TABLE),),
    "jsonstat": (Reader("pyjstat", read_with_pyjstat, find_in_dataset, find_in_dataset),),
}
"""The readers of each format."""
