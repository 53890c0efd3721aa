"""Records as they stand in their files: validated one by one, hashed, each knowing where its parts stand."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.domain.kinds import CODE, FORMS, KINDS
from app.register.canonical import write_row, write_tree
from app.register.explain import check_word, explain
from app.register.files import Layout, RegisterFile
from app.register.manifests import parse_version
from app.register.mistakes import Mistakes, Place, Refused
from app.register.tables import Row, Table
from app.register.yaml_files import Path, Tree, read_trees

CODE_COLUMNS = ("code", "version", "label", "definition", "broader", "defined_by")
MOST_RECORDS = 50_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of one record. `content` is the model's dump, nulls and all; empty where the record has mistakes.

    `written` is the record as it stands in its file, in the canonical form of which `sha256` is the hash.
    """

    kind: str
    id: str
    version: int
    content: dict[str, Any]
    written: bytes
    sha256: bytes
    locate: Callable[[Path], Place]

    @property
    def key(self) -> str:
        """Its key in the ledger of its kind."""
        return f"{self.id}@{self.version}"


def read_entries(layout: Layout, mistakes: Mistakes) -> Iterator[Entry]:
    """Every record of the register that is no observation: all are held in memory, so there is a limit."""
    for count, entry in enumerate(_read_all(layout, mistakes), 1):
        if count > MOST_RECORDS:
            found = f"this register has more than {MOST_RECORDS:,} records beside its observations"
            mistakes.report_at(entry.locate(("id",)), Refused("too_many", found, "fewer"))
            return
        yield entry


def _read_all(layout: Layout, mistakes: Mistakes) -> Iterator[Entry]:
    for file in layout["codelists"]:
        yield from _read_codes(file, mistakes)
    for kind in KINDS.values():
        if of_kind := layout.top(kind.file):
            yield from _read_listed(kind.name, of_kind, mistakes)
    for file in layout["sources"]:
        yield from _read_named("source", file, mistakes)
    for file in layout["releases"]:
        if file.path.suffix == ".yaml":
            yield from _read_named("release", file, mistakes)


def _read_codes(file: RegisterFile, mistakes: Mistakes) -> Iterator[Entry]:
    table = Table(file, CODE_COLUMNS, [column for column in CODE_COLUMNS if column != "broader"], mistakes)
    for row in table.rows():
        try:
            identity, version = _check_code(row.cells[0]), parse_version(row.cells[1])
        except Refused as refused:
            table.refuse(row, refused.column or "code", refused)
            continue
        written = {column: cell for column, cell in zip(CODE_COLUMNS, row.cells, strict=True) if cell}
        content = {**written, "id": f"{file.stem}/{identity}", "version": version}
        del content["code"]
        yield _enter("code", content, write_row(written), _cell_places(table, row), mistakes)


def _check_code(code: str) -> str:
    if not re.fullmatch(CODE, code):
        raise Refused("bad_code", f"{code!r} is no code", FORMS[CODE])
    check_word(code)
    return code


def _cell_places(table: Table, row: Row) -> Callable[[Path], Place]:
    """Where the cells of a row stand, asked for like the parts of a tree."""
    return lambda path: table.place(row, "code" if not path or path[0] == "id" else str(path[0]))


def _read_listed(kind: str, file: RegisterFile, mistakes: Mistakes) -> Iterator[Entry]:
    for tree in read_trees(file, mistakes):
        if isinstance(tree.value, list):
            for index, record in enumerate(tree.value):
                yield from _read_tree(kind, record, tree, (index,), mistakes)
        else:
            mistakes.report_at(
                tree.place(()), Refused("not_a_list", "this is no list", "a list of records, each with an id")
            )


def _read_named(kind: str, file: RegisterFile, mistakes: Mistakes) -> Iterator[Entry]:
    """The records of a file that has their name."""
    trees = read_trees(file, mistakes)
    if not trees:
        refused = Refused("empty_file", f"no {kind} stands in this file", about=(kind, file.stem))
        mistakes.report_at(Place(file.name, 1, 1), refused)
    for tree in trees:
        for entry in _read_tree(kind, tree.value, tree, (), mistakes):
            if entry.id != file.stem:
                refused = Refused(
                    "wrong_name",
                    f"the id {entry.id!r} stands in the file {file.stem!r}",
                    "the file has the id as its name",
                )
                mistakes.report_at(entry.locate(("id",)), refused)
            yield entry


def _read_tree(kind: str, record: Any, tree: Tree, above: Path, mistakes: Mistakes) -> Iterator[Entry]:
    def locate(path: Path) -> Place:
        return tree.place((*above, *path))

    if not isinstance(record, dict):
        mistakes.report_at(
            locate(()), Refused("not_a_mapping", "this is no mapping", f"a {kind}: keys with their values")
        )
    elif not isinstance(record.get("id"), str) or type(record.get("version")) is not int:
        mistakes.unread.add(tree.file)
        for path, refused in _validate(kind, record)[1]:
            mistakes.report_at(locate(path), refused)
    else:
        yield _enter(kind, record, write_tree(record), locate, mistakes)


def _enter(
    kind: str, record: Mapping[str, Any], written: bytes, locate: Callable[[Path], Place], mistakes: Mistakes
) -> Entry:
    content, faults = _validate(kind, record)
    for path, refused in faults:
        mistakes.report_at(locate(path), refused)
    return Entry(kind, record["id"], record["version"], content, written, hashlib.sha256(written).digest(), locate)


def _validate(kind: str, record: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[Path, Refused]]]:
    """The record's content, or what is wrong with it."""
    model = KINDS[kind].content
    try:
        content = model.model_validate(record).model_dump()
        check_word(content["id"].rpartition("/")[2])
    except ValidationError as error:
        return {}, list(explain(error, model))
    except Refused as refused:
        return {}, [(("id",), refused)]
    return content, []
