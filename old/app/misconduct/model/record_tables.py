"""Tables of the records that are not observations: a column for each key of their kind."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from pydantic.fields import FieldInfo
from pydantic_core import to_json

from misconduct.model.catalogue import Catalogue
from misconduct.model.kinds import KINDS, Sentence, plain_type
from misconduct.model.records import Release
from misconduct.model.table import FROM_ROOT, OF_THIS_SERVICE, Cell, Column, ColumnType, Table

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

COMPUTED_COLUMNS: dict[str, tuple[Column, ...]] = {
    "check": (
        Column("result", "code", "holds, fails or undecidable.", path="outcome.result", codelist="check_result"),
        Column("stated", "number", "The stated value.", path="outcome.stated"),
        Column("computed", "number", "The computed value.", path="outcome.computed"),
        Column("unlike", "texts", "In what a part is of another kind than the whole.", path="outcome.unlike"),
    )
}
"""By kind: columns for parts of what is computed, which as a whole is JSON in one cell."""

_OTHERS = {
    "id": "Id of the {kind}.",
    "version": "Version of this record: 1, 2 and so on.",
    "list": "Id of the code list.",
    "code": "The code.",
    "added_in": "The release that added this version.",
    "outcome": "Everything that was computed for the check, as JSON.",
    "computed": "The comparison of its figures, as JSON.",
    "link": "The last check of its address, as JSON.",
}
"""The descriptions of columns that are no fields of a kind, or are fields of all."""


def records_table(kind: str, records: Iterable[Mapping[str, Any]], *more: Column) -> Table:
    """Make the table of records of one kind, with `more` columns. Lists of texts stay lists; the rest is JSON."""
    own = {name: _column(kind, name, field) for name, field in KINDS[kind].content.model_fields.items()}
    names = [*(("list", "code") if kind == "code" else ()), *own, *filter(None, [KINDS[kind].computed]), "added_in"]
    columns = tuple(own.get(name) or Column(name, "text", _OTHERS[name]) for name in names)
    columns += (*COMPUTED_COLUMNS.get(kind, ()), *more)
    return Table(columns, [tuple(_cell(column, record) for column in columns) for record in records])


def _column(kind: str, name: str, field: FieldInfo) -> Column:
    """Make the column of a field. Sentences in a list are separated by more than a space."""
    plain = plain_type(field.annotation)
    types: dict[Any, ColumnType] = {int: "integer", int | None: "integer", Literal[1]: "integer", bool: "boolean"}
    separator = " | " if field.annotation == list[Sentence] else " "
    description = field.description or _OTHERS[name].format(kind=kind.replace("_", " "))
    return Column(name, "texts" if plain == list[str] else types.get(plain, "text"), description, separator)


RECALLED = Column("recalled", "text", "Why it is never the latest release any more; empty if it is not recalled.")
"""A column of what the service answers. A bundle does not have it: a release is sealed before it is recalled."""


def releases_table(releases: Iterable[Release], columns: Sequence[Column] = RELEASE_COLUMNS) -> Table:
    """Make the table of releases."""
    documents = (release_document(release, FROM_ROOT) for release in releases)
    return Table(tuple(columns), [tuple(one[column.name] for column in columns) for one in documents])


def release_document(release: Release, base_url: str) -> dict[str, Any]:
    """Write a release as a JSON object."""
    return {
        "number": release.number,
        "released": release.released.isoformat(),
        "summary": release.summary,
        "digest": release.digest,
        "recalled": release.recalled,
        "cite_as": release_url(base_url, release.number),
    }


def release_url(base_url: str, number: str) -> str:
    """Return the address of a release."""
    return f"{base_url}/v1/releases/{number}"


def all_tables(catalogue: Catalogue) -> dict[str, Table]:
    """Make every table of records of one release, by name."""
    tables = [(kind.name, kind.table) for kind in KINDS.values() if kind.table]
    return {name: records_table(kind, catalogue.kind(kind).values()) for kind, name in tables}


def _cell(column: Column, record: Mapping[str, Any]) -> Cell:
    value: Any = record
    for step in column.steps:
        value = value and value.get(step)
    if value is None and column.name in ("list", "code"):  # the two parts of a code's id
        return str(record["id"]).split("/")[("list", "code").index(column.name)]
    if value is None or isinstance(value, str | int) or column.type in ("texts", "number"):
        cell: Cell = value
        return cell
    return json.dumps(json.loads(to_json(value)), ensure_ascii=False, sort_keys=True)  # the same before and in Postgres
