"""The small records of a bundle: read from the lines that were hashed, and compared with the tables for people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson
from pydantic import ValidationError

from app.bundles.claims import Claims
from app.bundles.rows import below, compare, encode_rows, read_rows
from app.domain.kinds import KINDS
from app.domain.records import Record
from app.domain.table import Table
from app.register.files import Lines, RegisterFile
from app.register.mistakes import Mistakes, Place, Refused


def read_records(file: RegisterFile, claims: Claims, mistakes: Mistakes) -> Iterator[Record]:
    """The records that the release sealed; every other line is reported."""
    lines = Lines(file, mistakes)
    for line in lines:
        lines.take_row()
        place = Place(file.name, lines.number, 1)
        kind, identity, version, written = [*line.rstrip("\n").split("\t"), "", "", ""][:4]
        sha256 = hashlib.sha256(written.encode()).digest()
        in_force = claims.enter(kind, identity, version, sha256, place)
        if in_force is not None:
            content = _read_content(kind, identity, written)
            if content is None:
                mistakes.report_at(place, Refused("unreadable_record", f"this is no {kind} {identity}"))
            else:
                yield Record(kind, identity, int(version), content, sha256, *in_force)


def _read_content(kind: str, identity: str, written: str) -> dict[str, Any] | None:
    """The record's content; None where it is no record of its kind, with this id."""
    try:
        record = orjson.loads(written)
        if kind == "code":
            code = record.pop("code")
            identity_written = f"{identity.partition('/')[0]}/{code}"
            record |= {"id": identity_written, "version": int(record["version"])}
        content = KINDS[kind].content.model_validate(record).model_dump()
    except (ValueError, ValidationError, TypeError, KeyError, AttributeError):
        return None
    return content if content["id"] == identity else None


def compare_table(file: RegisterFile, table: Table, base_url: str, mistakes: Mistakes) -> None:
    """Reports every row of a bundle's table that is not the one that the sealed records make."""
    key = "id" if any(column.name == "id" for column in table.columns) else table.columns[0].name
    expected = {row[key]: below(base_url, row) for row in encode_rows(table)}
    for row in read_rows(file, mistakes):
        identity = row.cells.get(key, "")
        if identity in expected:
            compare(row, expected.pop(identity), mistakes)
        else:
            row.refuse(mistakes, "not_sealed", f"there is no such row of {key} {identity[:80]!r}, or it stands twice")
    for identity in expected:
        mistakes.report_at(Place(file.name), Refused("absent", f"the row of {key} {identity!r} is missing"))
