"""The register's own rows and records in a bundle: each hashed as it was when it was released."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, product
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from misconduct.bundles.chain import Chain, Claims
from misconduct.bundles.tables import Cells, Row, encode_rows, read_rows
from misconduct.formats.csv import texts_behind
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import COLUMNS as SHOWN
from misconduct.model.figure import as_rows
from misconduct.model.kinds import KINDS
from misconduct.model.observation import FIELDS, Observation
from misconduct.model.records import Record
from misconduct.model.table import Table
from misconduct.register.files import Lines, RegisterFile
from misconduct.register.ledger import InForce
from misconduct.register.mistakes import Mistakes, Place, Refused
from misconduct.register.observation_columns import COLUMNS, PARSERS
from misconduct.register.records import digest_row, read_code
from misconduct.register.rules import Derived, Deriver

ROWS_AT_ONCE = 250


def read_records(file: RegisterFile, claims: Claims, mistakes: Mistakes) -> Iterator[Record]:
    """Yield the records that the release sealed; every other line is reported."""
    lines = Lines(file, mistakes)
    for line in lines:
        lines.pop_row_text()
        place = Place(file.name, lines.number, 1)
        kind, identity, version, written = [*line.rstrip("\n").split("\t", 3), "", "", ""][:4]
        sha256 = hashlib.sha256(written.encode()).digest()
        in_force = claims.enter(kind, identity, version, sha256, place)
        if in_force is not None:
            content = _read_content(kind, identity, written)
            if content is None:
                mistakes.report_at(place, Refused("unreadable_record", f"this is not {kind} {identity}"))
            else:
                yield Record(kind, identity, int(version), content, sha256, *in_force)


def _read_content(kind: str, identity: str, written: str) -> dict[str, Any] | None:
    """Return the record's content; None if it is not a valid record of its kind with this id."""
    try:
        record = orjson.loads(written)
        if kind == "code":
            record = read_code(identity.partition("/")[0], record)
        content = KINDS[kind].content.model_validate(record).model_dump()
    except (ValueError, ValidationError, TypeError, KeyError, AttributeError):
        return None
    return content if content["id"] == identity else None


class SealedRow(NamedTuple):
    """A row of the register, and its hash."""

    place: Place
    cells: Cells
    sha256: bytes


def read_sealed_rows(file: RegisterFile, mistakes: Mistakes) -> Iterator[SealedRow]:
    """Yield the rows of `sealed-observations.csv`."""
    for row in read_rows(file, mistakes):
        yield SealedRow(row.place, row.cells, _digest(row.cells))


def _digest(cells: Cells) -> bytes:
    return digest_row({column: cell for column, cell in cells.items() if cell})


class Observer:
    """Makes observations of the register's rows."""

    def __init__(self, chain: Chain) -> None:
        self._ledger = chain.manifests.ledgers["observation"]
        self._parsers = {column: lru_cache(4_096)(parse) for column, parse in PARSERS.items()}
        self._derived = Deriver()

    def claim(self, rows: Iterator[SealedRow], claims: Claims, mistakes: Mistakes) -> Iterator[Observation]:
        """Yield the observations that the release sealed; every other row is reported."""
        for place, cells, sha256 in rows:
            in_force = claims.enter("observation", cells.get("id", ""), cells.get("version", ""), sha256, place)
            if in_force is not None:
                try:
                    yield self._observe(cells, sha256, in_force)
                except (Refused, ValueError):
                    mistakes.report_at(place, Refused("unreadable_record", "this is not an observation"))

    def rebuild(
        self,
        rows: Iterator[SealedRow],
        catalogue: Catalogue,
        base_url: str,
        mistakes: Mistakes,
        rules: Iterable[Derived] = (),
    ) -> Iterator[Cells]:
        """Yield the rows of `observations.csv` that rows which were claimed before make, by these rules of DERIVED."""
        self._derived = Deriver(rules)
        write = as_rows(catalogue)
        made = (self._as_row(row, write, mistakes) for row in rows)
        while batch := list(islice(made, ROWS_AT_ONCE)):
            yield from encode_rows(Table(SHOWN, [row for row in batch if row]), base_url)

    def _as_row(self, row: SealedRow, write: Callable[[Observation], Any], mistakes: Mistakes) -> Any:
        in_force = self._ledger.in_force("{id}@{version}".format_map(row.cells))
        try:
            return write(self._observe(row.cells, row.sha256, in_force))
        except (KeyError, ValueError) as error:
            found = f"it refers to {str(error)[:80]}, which is not in the bundle"
            mistakes.report_at(row.place, Refused("unknown_record", found))
            return None

    def _observe(self, cells: Cells, sha256: bytes, in_force: InForce) -> Observation:
        values: dict[str, Any] = {column: cell or None for column, cell in cells.items()}
        values |= {column: parse(cells.get(column, "")) for column, parse in self._parsers.items()}
        values |= self._derived.derive(cells)
        values |= {"sha256": sha256, "added_in": in_force.added_in, "ended_in": in_force.ended_in}
        return Observation._make(map(values.get, Observation._fields))


# Old bundles, which do not have the register's rows

SHOWN_AS = {name: field.columns[0].name for name, field in FIELDS.items() if field.columns}
"""The name in the table of figures of each column of the register."""

MOST_WAYS = 200
_ZEROS = 12


def recover_rows(file: RegisterFile, chain: Chain, mistakes: Mistakes) -> Iterator[SealedRow]:
    """Yield the register's rows behind the rows of `observations.csv`.

    The table puts an apostrophe before what a spreadsheet would run, and leaves out zeros at the end of a number. Of
    the ways to undo that, the one is taken whose hash was sealed, else the first.
    """
    ledger = chain.manifests.ledgers["observation"]
    for row in read_rows(file, mistakes):
        first = None
        for cells in islice(_ways(row), MOST_WAYS):
            sha256 = _digest(cells)
            found = SealedRow(row.place, cells, sha256)
            first = first or found
            key = "{id}@{version}".format_map(cells)
            if key not in ledger or ledger.sha256(key) == sha256.hex():
                break
        else:
            found = first or SealedRow(row.place, {}, b"")
        yield found


def _ways(row: Row) -> Iterator[Cells]:
    names = (*COLUMNS, "source")
    shown = [row.cells.get(SHOWN_AS.get(name, name), "") for name in names]
    choices: list[Sequence[str]] = [
        _numbers(cell) if name == "value" else texts_behind(cell) for name, cell in zip(names, shown, strict=True)
    ]
    return (dict(zip(names, cells, strict=True)) for cells in product(*choices))


def _numbers(cell: str) -> list[str]:
    """Return the ways in which the register may have written a number."""
    point = "" if "." in cell else "."
    return [cell, *(cell + point + "0" * count for count in range(1, _ZEROS + 1))] if cell else [cell]
