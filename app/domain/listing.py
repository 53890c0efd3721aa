"""The register's records other than observations as tables: a column per key of their kind."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import to_json

from app.domain.catalogue import COMPUTED, Catalogue
from app.domain.records import KINDS, Release
from app.domain.table import FROM_ROOT, OF_THIS_SERVICE, Cell, Column, Table

TABLES = {
    "caveat": "caveats",
    "check": "checks",
    "code": "codes",
    "correction": "corrections",
    "dataset": "datasets",
    "disagreement": "disagreements",
    "non_publication": "non-publications",
    "source": "sources",
}
"""The names of the tables by kind."""

RELEASE_COLUMNS = tuple(
    Column(name, "text", description)
    for name, description in (
        ("number", "Number of the release."),
        ("released", "UTC day."),
        ("summary", "What it brought."),
        ("digest", "Seals it and all releases before it."),
        ("cite_as", f"Its address, {OF_THIS_SERVICE}."),
    )
)


def records_table(kind: str, records: Iterable[Mapping[str, Any]]) -> Table:
    """Records of one kind as rows. A list of texts is a list; what is neither text, number nor such a list is JSON."""
    fields = KINDS[kind].model_fields
    names = [*(("list", "code") if kind == "code" else ()), *fields, *filter(None, [COMPUTED.get(kind)]), "added_in"]
    columns = tuple(Column(name, _type(name), f"{kind}: {name}", _separator(name)) for name in names)
    return Table(columns, [tuple(_cell(name, record) for name in names) for record in records])


def releases_table(releases: Iterable[Release]) -> Table:
    """The releases as rows."""
    documents = (release_document(release, FROM_ROOT) for release in releases)
    return Table(RELEASE_COLUMNS, [tuple(one[column.name] for column in RELEASE_COLUMNS) for one in documents])


def release_document(release: Release, base_url: str) -> dict[str, Any]:
    """A release as answers show it."""
    return {
        "number": release.number,
        "released": release.released.isoformat(),
        "summary": release.summary,
        "digest": release.digest,
        "cite_as": release_url(base_url, release.number),
    }


def release_url(base_url: str, number: str) -> str:
    """Return the address of a release."""
    return f"{base_url}/v1/releases/{number}"


def all_tables(catalogue: Catalogue) -> dict[str, Table]:
    """Every table of records of one release, by name."""
    return {name: records_table(kind, catalogue.kind(kind).values()) for kind, name in TABLES.items()}


def _type(name: str) -> Any:
    return "integer" if name in ("version", "length") else "texts" if name in _LISTS else "text"


_LISTS = frozenset({"measures", "limits", "parts", "members", "reasons", "affects"})


def _separator(name: str) -> str:
    """Sentences are kept apart by more than a space."""
    return " | " if name == "limits" else " "


def _cell(name: str, record: Mapping[str, Any]) -> Cell:
    if name in ("list", "code"):
        return str(record["id"]).split("/")[("list", "code").index(name)]
    value = record.get(name)
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, str | int) or name in _LISTS:
        return value
    return json.dumps(json.loads(to_json(value)), ensure_ascii=False, sort_keys=True)  # the same before and in Postgres
