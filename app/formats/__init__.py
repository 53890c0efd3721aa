"""The formats an answer can have. A new one is one file and one row in FORMATS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal, NamedTuple

from app.formats.csv import encode_csv
from app.formats.json import encode_json
from app.formats.jsonl import encode_jsonl
from app.formats.jsonstat import encode_jsonstat
from app.formats.parquet import encode_parquet
from app.formats.xlsx import MOST_ROWS, encode_xlsx

Takes = Literal["document", "objects", "table"]


class Format(NamedTuple):
    """How an answer becomes bytes.

    `encode` takes what `takes` says: the JSON document of the whole answer, the JSON objects of its rows, or a `Table`.
    `encode_more` takes further objects or rows whose bytes go behind those of the first; None where pieces cannot be
    joined, and everything is encoded at once. What is encoded `apart` takes so long that only a process of its own may
    do it (app/api/encoder.py), and is compressed already. `most_rows`: what one answer may have; None: no own limit.
    """

    name: str
    media_type: str
    content_type: str
    description: str
    takes: Takes
    encode: Callable[[Any], Iterable[bytes]]
    encode_more: Callable[[Any], Iterable[bytes]] | None = None
    apart: bool = False
    most_rows: int | None = None


FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format(
            "json",
            "application/json",
            "application/json",
            "One self-contained object per figure.",
            "document",
            lambda document: [encode_json(document)],
        ),
        Format(
            "csv",
            "text/csv",
            "text/csv; charset=utf-8; header=present",
            "One self-contained row per figure. `bom=1` for Excel.",
            "table",
            encode_csv,
            partial(encode_csv, header=False),
        ),
        Format(
            "jsonl",
            "application/jsonl",
            "application/jsonl",
            "One self-contained object per line.",
            "objects",
            encode_jsonl,
            encode_jsonl,
        ),
        Format(
            "parquet",
            "application/vnd.apache.parquet",
            "application/vnd.apache.parquet",
            "Typed columns; codes dictionary-encoded.",
            "table",
            encode_parquet,
            apart=True,
        ),
        Format(
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "A sheet of figures and a sheet of notes.",
            "table",
            encode_xlsx,
            apart=True,
            most_rows=MOST_ROWS,
        ),
        Format(
            "jsonstat",
            "application/json-stat+json",
            "application/json-stat+json",
            "A by-year table as a JSON-stat 2.0 dataset.",
            "document",
            encode_jsonstat,
        ),
        Format(
            "jsonld",
            "application/ld+json",
            "application/ld+json",
            "Linked data: the metadata of datasets and releases.",
            "document",
            lambda document: [encode_json(document)],
        ),
    )
}
"""Every format by its suffix, the default first."""

EVERYWHERE = ("json", "csv", "jsonl", "parquet", "xlsx")
"""The formats of everything that is a list or a table."""
