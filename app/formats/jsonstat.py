"""JSON-stat 2.0: a by-year table as one dataset, series by year, with statuses and notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.formats.json import encode_json
from app.model.figure import LICENCE
from app.model.period import Coverage
from app.model.phrases import credit_source
from app.model.series import LABELLED


def encode_jsonstat(document: Mapping[str, Any]) -> Iterator[bytes]:
    """Encode a by-year document as a JSON-stat dataset with the dimensions `series` and `year`."""
    yield encode_json(as_dataset(document))


def as_dataset(document: Mapping[str, Any]) -> dict[str, Any]:
    """Make the dataset: cells in row-major order; a gap is null, and its status is the reason."""
    rows, meta = document["data"], document["meta"]
    years = list(rows[0]["values"]) if rows else []
    cells = [(row, year) for row in rows for year in years]
    return {
        "version": "2.0",
        "class": "dataset",
        "href": document["links"]["pinned"],
        "link": {"license": [{"type": "text/html", "href": LICENCE}]},
        "label": f"Figures by year, release {meta['release']}",
        "source": "; ".join(dict.fromkeys(credit_source(row["source"]) for row in rows)),
        "id": ["series", "year"],
        "size": [len(rows), len(years)],
        "role": {"time": ["year"]},
        "dimension": {"series": _series(rows), "year": {"label": "Year", "category": {"index": years}}},
        "value": [row["values"].get(year) for row, year in cells],
        "status": {str(place): _status(row, year) for place, (row, year) in enumerate(cells)},
        "note": [warning["detail"] for warning in document["warnings"]]
        + list(dict.fromkeys(note for row in rows for note in _notes(row))),
        "extension": {**meta, "series": [_extension(row) for row in rows], "gaps": "status of a null: why it is null"},
    }


def _series(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    index = [f"s{place}" for place in range(1, len(rows) + 1)]
    labels = {key: ", ".join(row[name]["label"] for name in LABELLED) for key, row in zip(index, rows, strict=True)}
    notes = {key: list(_notes(row)) for key, row in zip(index, rows, strict=True)}
    return {"label": "Series", "category": {"index": index, "label": labels, "note": notes}}


def _status(row: Mapping[str, Any], year: str) -> str:
    """Write the figure's SDMX status, its hedge and whether it is for part of the year; or why there is no figure."""
    if cell := row["cells"].get(year):
        hedged = f" {cell['qualifier']}: {cell['hedge']}" if cell["hedge"] else ""
        absent = f" {cell['value_absent']}: {cell['printed']}" if cell["value_absent"] else ""
        part = " coverage: part" if cell["coverage"] == Coverage.PART else ""
        return f"{cell['obs_status']}{hedged}{absent}{part}"
    return str(row["gaps"][year])


def _notes(row: Mapping[str, Any]) -> Iterator[str]:
    for cell in filter(None, (row["window"], *row["cells"].values())):
        yield from (caveat["text"] for caveat in cell["caveats"])


def _extension(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what JSON-stat has no field for: codes, source, each figure as printed, and the figure for the window."""
    codes = {name: row[name]["code"] for name in LABELLED}
    labels = {f"{name}_label": row[name]["label"] for name in LABELLED}
    return {
        **codes,
        **labels,
        **{key: row[key] for key in ("statistic", "unit", "source", "window", "cells", "gaps", "non_publications")},
    }
