"""JSON-stat 2.0: a by-year table as a sparse cube, always of the same dimensions, with statuses and notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from misconduct.formats.json import encode_json
from misconduct.model.figure import LICENCE
from misconduct.model.period import Coverage
from misconduct.model.phrases import HIDDEN, credit_source
from misconduct.model.sdmx import CODES, NOBODY
from misconduct.model.series import LABELLED, SERIES

VARIANT = "variant"
DIMENSIONS = (*(name for name in SERIES if name != "work"), "source", VARIANT, "year")
"""The key of a series, where `source` is a work with all its editions, and the year: no two figures share a cell."""

_LABELS = {
    "source": "Source",
    VARIANT: "1; 2 and more: further figures of one source for the same cell",
    "year": "Year",
}

_BRIEF = ("id", "value", "printed", "qualifier", "period", "is_total")
"""What the extension says of a figure, unless the request asks for all details."""


def encode_jsonstat(document: Mapping[str, Any]) -> Iterator[bytes]:
    """Encode a by-year document as a JSON-stat dataset."""
    yield encode_json(as_dataset(document))


def as_dataset(document: Mapping[str, Any]) -> dict[str, Any]:
    """Make the dataset. Cells have their place in row-major order; a gap has no value, and its status is the reason."""
    rows, meta, is_full = document["data"], document["meta"], document["is_full"]
    years = list(rows[0]["values"]) if rows else []
    keys = [_key(row) for row in rows]
    index = [_numbered(key[place] for key in keys) for place in range(len(DIMENSIONS) - 1)] + [_numbered(years)]
    places = [(_place(key, index), row) for key, row in zip(keys, rows, strict=True)]
    cells = {str(first + offset): (row, year) for first, row in places for offset, year in enumerate(years)}
    refused = {place: row["non_publications"].get(year) for place, (row, year) in cells.items()}
    figures = {place: row["cells"][year] for place, (row, year) in cells.items() if year in row["cells"]}
    windows = [{**_about(row), "figure": _shown(row["window"], is_full)} for row in rows if row["window"]]
    sources = {one["id"]: one for row in rows for one in row["editions"] or [row["source"]]}
    return {
        "version": "2.0",
        "class": "dataset",
        "href": document["links"]["pinned"],
        "link": {"license": [{"type": "text/html", "href": LICENCE}]},
        "label": f"Figures by year, release {meta['release']}",
        "source": "; ".join(map(credit_source, sources.values())),
        "id": DIMENSIONS,
        "size": [len(codes) for codes in index],
        "role": {"time": ["year"], "geo": ["area"]},
        "dimension": {
            name: {
                "label": _LABELS.get(name, name.replace("_", " ").capitalize()),
                "category": {"index": [*codes], **_labels(name, rows)},
            }
            for name, codes in zip(DIMENSIONS, index, strict=True)
        },
        "value": {place: cell["value"] for place, cell in figures.items() if cell["value"] is not None},
        "status": {place: _status(row, year) for place, (row, year) in cells.items()},
        "note": [warning["detail"] for warning in document["warnings"]]
        + list(dict.fromkeys(note for row in rows for note in _notes(row))),
        "extension": {
            **meta,
            "gaps": "A cell of a series without a value: its status is the reason.",
            "figures": {place: _shown(cell, is_full) for place, cell in figures.items()},
            "windows": windows,
            "non_publications": {place: refusal for place, refusal in refused.items() if refusal},
            **({"sources": sources} if is_full else {}),
        },
    }


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (*_about(row).values(), row["series"].partition("-")[2] or "1")


def _about(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the codes of a series, by dimension."""
    coded = {name: row[name] or {"code": NOBODY} for name in LABELLED}
    named = {name: coded[name]["code"] if name in coded else row[name] for name in DIMENSIONS[:-3]}
    return {**named, "source": row["work"] or row["source"]["id"]}


def _numbered(codes: Iterable[str]) -> dict[str, int]:
    """Return the place of each code in its dimension."""
    return {code: place for place, code in enumerate(dict.fromkeys(codes))}


def _place(key: Sequence[str], index: Sequence[Mapping[str, int]]) -> int:
    """Return the place of the first year of a series in the cube."""
    place = 0
    for code, codes in zip(key, index, strict=False):
        place = place * len(codes) + codes[code]
    return place * len(index[-1])


def _labels(name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    if name in LABELLED:
        nobody = {"code": NOBODY, "label": CODES["stated_by"][NOBODY]}
        coded = [row[name] or nobody for row in rows]
        return {"label": {one["code"]: one["label"] for one in coded}}
    if name == "source":
        return {"label": {_about(row)["source"]: credit_source(row["source"]) for row in rows}}
    return {}


def _shown(figure: Mapping[str, Any], is_full: bool) -> dict[str, Any]:
    return dict(figure) if is_full else {key: figure[key] for key in _BRIEF if key in figure}


def _status(row: Mapping[str, Any], year: str) -> str:
    """Write the figure's SDMX status, its hedge and whether it is for part of the year; or why there is no figure."""
    if cell := row["cells"].get(year):
        hedged = f" {cell['qualifier']}: {cell['hedge']}" if cell["hedge"] else ""
        absent = f" {cell['value_absent']}: {cell['printed'] or HIDDEN}" if cell["value_absent"] else ""
        part = " coverage: part" if cell["coverage"] == Coverage.PART else ""
        return f"{cell['obs_status']}{hedged}{absent}{part}"
    return str(row["gaps"][year])


def _notes(row: Mapping[str, Any]) -> Iterator[str]:
    for cell in filter(None, (row["window"], *row["cells"].values())):
        yield from (caveat["text"] for caveat in cell["caveats"])
