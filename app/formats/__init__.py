"""The formats an answer can have. A new one is one file and one row in FORMATS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from app.formats.csv import encode_csv
from app.formats.json import encode_json


class Format(NamedTuple):
    """How an answer becomes bytes.

    `encode` takes a `Table` where the format is `tabular`, else a JSON document. `encode_more` takes a further Table
    whose bytes go behind those of a first one; None where pieces cannot be joined.
    """

    name: str
    media_type: str
    content_type: str
    description: str
    tabular: bool
    encode: Callable[[Any], Iterable[bytes]]
    encode_more: Callable[[Any], Iterable[bytes]] | None = None


FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format(
            "json",
            "application/json",
            "application/json",
            "One self-contained object per figure.",
            tabular=False,
            encode=lambda document: [encode_json(document)],
        ),
        Format(
            "csv",
            "text/csv",
            "text/csv; charset=utf-8; header=present",
            "One self-contained row per figure.",
            tabular=True,
            encode=encode_csv,
            encode_more=partial(encode_csv, header=False),
        ),
    )
}
"""Every format by its suffix, the default first."""
