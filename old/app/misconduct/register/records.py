"""Read records from their files: validate and hash each, and know the place of each of its parts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, get_args

import orjson
import rfc8785
from pydantic import BaseModel, ValidationError

from misconduct.model.codes import MANGLED
from misconduct.model.kinds import CODE, FORMS, KINDS, LONGEST_TEXT, RESERVED
from misconduct.register.csv_files import Row, Table, parse_version
from misconduct.register.files import Layout, RegisterFile, find_disallowed_character, read_text
from misconduct.register.mistakes import Mistakes, Place, Refused
from misconduct.register.yaml_files import Path, Tree, read_trees

CODE_COLUMNS = ("code", *(key for key in KINDS["code"].keys if key != "id"))
_REQUIRED_OF_CODES = ("code", "version", "label", "definition", "defined_by")
_LISTS_OF_CODES = tuple(key for key, value in KINDS["code"].blank.items() if value == [])
MOST_RECORDS = 50_000


_Found = tuple[Place, Refused]


@dataclass(frozen=True, slots=True)
class WrittenRecord:
    """One version of one record. `content` is the model's dump, nulls included; empty if the record has mistakes.

    `written` is the record as in its file, in the canonical form that `sha256` is the hash of. `lost` says what
    of its text the record does not have, and where that is.
    """

    kind: str
    id: str
    version: int
    content: dict[str, Any]
    written: bytes
    sha256: bytes
    locate: Callable[[Path], Place]
    lost: Sequence[_Found] = ()

    @property
    def key(self) -> str:
        """Its key in the ledger of its kind."""
        return f"{self.id}@{self.version}"


def read_records(layout: Layout, mistakes: Mistakes) -> Iterator[WrittenRecord]:
    """Yield every record except observations. All are kept in memory, so there is a limit."""
    for count, entry in enumerate(_read_all(layout, mistakes), 1):
        if count > MOST_RECORDS:
            found = f"this register has more than {MOST_RECORDS:,} records beside its observations"
            mistakes.report_at(entry.locate(("id",)), Refused("too_many", found, "fewer"))
            return
        yield entry


def _read_all(layout: Layout, mistakes: Mistakes) -> Iterator[WrittenRecord]:
    for file in layout["codelists"]:
        yield from _read_codes(file, mistakes)
    for kind in KINDS.values():
        if of_kind := layout.top(kind.file):
            yield from _read_listed(kind.name, of_kind, mistakes)
    for name, folder in (("source", "sources"), ("table", "tables"), ("release", "releases")):
        for file in (file for file in layout[folder] if file.path.suffix == ".yaml"):
            yield from _read_named(name, file, mistakes)
    for file in layout["mappings"]:
        yield from _read_mapping(file, mistakes)


def _read_codes(file: RegisterFile, mistakes: Mistakes) -> Iterator[WrittenRecord]:
    for cells, locate in read_code_cells(file, mistakes):
        yield _enter("code", read_code(file.stem, cells), write_row(cells), locate, mistakes)


def read_code_cells(file: RegisterFile, mistakes: Mistakes) -> Iterator[tuple[dict[str, str], Callable[[Path], Place]]]:
    """Yield the non-empty cells of each code of a list by column, and what finds their places.

    Those without a good code and version are reported.
    """
    table = Table(file, CODE_COLUMNS, _REQUIRED_OF_CODES, mistakes)
    for row in table.rows():
        try:
            _check_code(row.cells[0])
            parse_version(row.cells[1])
        except Refused as refused:
            table.refuse(row, refused.column or "code", refused)
            continue
        written = {column: cell for column, cell in zip(CODE_COLUMNS, row.cells, strict=True) if cell}
        yield written, _cell_places(table, row)


def read_code(list_name: str, cells: Mapping[str, str]) -> dict[str, Any]:
    """Return the record of a code, given its non-empty cells by column; in a list they are separated by spaces."""
    record = {"id": f"{list_name}/{cells['code']}", **cells, "version": int(cells["version"])}
    del record["code"]
    return record | {name: cells[name].split(" ") for name in _LISTS_OF_CODES if name in cells}


def _check_code(code: str) -> None:
    if not re.fullmatch(CODE, code):
        raise Refused("bad_code", f"{code!r} is not a code", FORMS[CODE])
    check_word(code)


def _cell_places(table: Table, row: Row) -> Callable[[Path], Place]:
    """Return a function that finds the cells of a row by path, as in a YAML tree."""
    return lambda path: table.place(row, "code" if not path or path[0] == "id" else str(path[0]))


def _read_listed(kind: str, file: RegisterFile, mistakes: Mistakes) -> Iterator[WrittenRecord]:
    for tree in read_trees(file, mistakes):
        if isinstance(tree.value, list):
            for index, record in enumerate(tree.value):
                yield from _read_tree(kind, record, tree, (index,), mistakes)
        else:
            mistakes.report_at(
                tree.place(()), Refused("not_a_list", "this is not a list", "a list of records, each with an id")
            )


def _read_named(kind: str, file: RegisterFile, mistakes: Mistakes) -> Iterator[WrittenRecord]:
    """Read the records of a file that is named after them."""
    trees = read_trees(file, mistakes)
    if not trees:
        refused = Refused("empty_file", f"there is no {kind} in this file", about=(kind, file.stem))
        mistakes.report_at(Place(file.name, 1, 1), refused)
    for tree in trees:
        for entry in _read_tree(kind, tree.value, tree, (), mistakes):
            if entry.id != file.stem:
                refused = Refused(
                    "wrong_name",
                    f"the id {entry.id!r} is in the file {file.stem!r}",
                    "name the file after the id",
                )
                mistakes.report_at(entry.locate(("id",)), refused)
            yield entry


def _read_mapping(file: RegisterFile, mistakes: Mistakes) -> Iterator[WrittenRecord]:
    """Read a mapping: lines `#key: value` of metadata, a header, and a line for each word (SSSOM).

    Its id is the file's name. Only lines before the header are metadata: a word may begin with `#`, too. The next
    version of a released mapping is a file of its own: `area-gb.2.sssom.tsv`. No line of metadata is its version or
    its words; another id is refused with `disallowed_text`.
    """
    identity, _, version = file.path.name.removesuffix(".sssom.tsv").partition(".")
    lines = read_text(file, mistakes).splitlines()
    metadata = list(takewhile(lambda line: line.startswith("#"), lines))
    said = {key[1:].strip(): value.strip() for key, _, value in (line.partition(":") for line in metadata)}
    said.pop("mapping_set_id", None)
    record: dict[str, Any] = {"id": identity, **said, "version": int(version) if version.isdecimal() else 1}
    head = len(metadata) + 1
    header = lines[head - 1].split("\t") if len(lines) >= head else []
    rows = [(number, line.split("\t")) for number, line in enumerate(lines[head:], head + 1) if line]
    for number, cells in rows:
        if len(cells) > len(header):
            found = f"this row has {len(cells)} cells"
            mistakes.report_at(
                Place(file.name, number, 1), Refused("cell_count", found, f"{len(header)}, as in the header")
            )
    record["mappings"] = [{key: cell for key, cell in zip(header, cells, strict=False) if cell} for _, cells in rows]

    def locate(path: Path) -> Place:
        if path[:1] != ("mappings",) or len(path) < 2:
            at = next(
                (n for n, line in enumerate(metadata, 1) if path and line[1:].strip().startswith(str(path[0]))), 1
            )
            return Place(file.name, at, 1)
        number, cells = rows[int(path[1])]
        before = header.index(str(path[2])) if len(path) > 2 and path[2] in header else 0
        return Place(file.name, number, len("\t".join([*cells[:before], ""])) + 1 if before else 1)

    for key in sorted({*said} & {"mappings", "version"}):
        refused = Refused("unknown_key", f"there is no key {key!r}", "the version in the file's name, words below")
        report = mistakes.report_at if key == "version" else mistakes.warn  # such mappings could be released
        report(locate((key,)), refused)
    line_of: dict[str, int] = {}
    for row, (number, _) in zip(record["mappings"], rows, strict=True):
        word = row.get("subject_label", "")
        if line_of.setdefault(word, number) != number:
            found = f"the word {word!r} is already in line {line_of[word]}"
            mistakes.report_at(Place(file.name, number, 1), Refused("duplicate_word", found, "each word once"))
    lost = [*_find_doubled(file.name, metadata, header)]
    yield _enter("mapping", record, write_tree(record), locate, mistakes, lost=lost)


def _find_doubled(file: str, metadata: Sequence[str], header: Sequence[str]) -> Iterator[_Found]:
    """Yield each key of a mapping's metadata and each column that is there again: only the last one is read."""
    lines: dict[str, int] = {}
    for number, line in enumerate(metadata, 1):
        key = line[1:].partition(":")[0].strip()
        if lines.setdefault(key, number) != number:
            found = f"the key {key!r} is already in line {lines[key]}"
            yield Place(file, number, 1), Refused("duplicate_key", found, "each key once")
    columns, before = set[str](), 1
    for column in header:
        if column in columns:
            place = Place(file, len(metadata) + 1, before)
            yield place, Refused("duplicate_column", f"the column {column!r} appears more than once")
        columns |= {column} - {""}
        before += len(column) + 1


def _read_tree(kind: str, record: Any, tree: Tree, above: Path, mistakes: Mistakes) -> Iterator[WrittenRecord]:
    def locate(path: Path) -> Place:
        return tree.place((*above, *path))

    if not isinstance(record, dict):
        mistakes.report_at(
            locate(()), Refused("not_a_mapping", "this is not a mapping", f"a {kind}: keys with their values")
        )
    elif not isinstance(record.get("id"), str) or type(record.get("version")) is not int:
        mistakes.leave_unread(tree.file)
        for path, refused in _validate(kind, record)[1]:
            mistakes.report_at(locate(path), refused)
    else:
        found = "a comment begins here, which is no part of the text before it"
        refused = Refused("comment", found, "the whole text in quotes, or the comment in a line of its own")
        lost = [(place, refused) for place in tree.cut.get(above, ())]
        yield _enter(kind, record, write_tree(record), locate, mistakes, lost=lost)


def _enter(
    kind: str,
    record: Mapping[str, Any],
    written: bytes,
    locate: Callable[[Path], Place],
    mistakes: Mistakes,
    *,
    lost: Sequence[_Found] = (),
) -> WrittenRecord:
    content, faults = _validate(kind, record)
    for path, refused in faults:
        mistakes.report_at(locate(path), refused)
    return WrittenRecord(
        kind, record["id"], record["version"], content, written, hashlib.sha256(written).digest(), locate, lost
    )


def _validate(kind: str, record: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[Path, Refused]]]:
    """Return the record's content, and what is wrong with it."""
    model = KINDS[kind].content
    try:
        content = model.model_validate(record).model_dump()
        check_word(content["id"].rpartition("/")[2])
    except ValidationError as error:
        return {}, list(explain_validation_error(error, model, record))
    except Refused as refused:
        return {}, [(("id",), refused)]
    return content, []


_WANTED = {
    "string_type": "a text; a number or date in quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "string_too_short": "at least one character",
    "too_short": "at least one",
}


def explain_validation_error(
    error: ValidationError, model: type[BaseModel], record: Mapping[str, Any]
) -> Iterator[tuple[Path, Refused]]:
    """Yield each mistake in a record, with the path to it, in words for its author."""
    details = [(*_walk(detail["loc"], model, record), detail) for detail in error.errors(include_url=False)]
    within = {path[:length] for path, *_ in details for length in range(len(path))}
    allowed: dict[Path, dict[str, None]] = {}  # of several types, any would do
    for path, owner, models, detail in details:
        kind, context = detail["type"], detail.get("ctx", {})
        if kind == "extra_forbidden":
            keys = _keys_of(owner)
            yield (
                path,
                Refused("unknown_key", f"there is no key {path[-1]!r}", ", ".join(keys), near=(str(path[-1]), keys)),
            )
        elif kind == "missing":
            yield path[:-1], Refused("missing_key", f"the key {path[-1]!r} is missing")
        elif kind == "value_error":
            yield path, Refused("bad_value", f"{_name(path)}{context['error']}")
        elif path not in within:  # else what is in it says more
            wanted = FORMS.get(context.get("pattern", "")) or _WANTED.get(kind)
            if kind in ("model_type", "model_attributes_type"):
                wanted = f"a mapping with the keys {', '.join(_keys_of(models))}"
            wanted = wanted or detail["msg"].removeprefix("Input should be ").removeprefix("String should have ")
            allowed.setdefault(path, {})[wanted] = None
    found = {path: detail["input"] for path, _, _, detail in details}
    for path, several in allowed.items():
        yield path, Refused("bad_value", f"{_name(path)}{_shorten(found[path])}", "; or ".join(several))


_Models = list[type[BaseModel]]


def _walk(loc: Path, model: type[BaseModel], record: Any) -> tuple[Path, _Models, _Models]:
    """Return a path in a record without the names of types in it, and the models of the last part's owner and of it."""
    path, owner, here = list[str | int](), _Models(), [model]
    for at, part in enumerate(loc):
        fields = {field.alias or name: field for one in here for name, field in one.model_fields.items()}
        is_there = part in record if isinstance(record, dict) else isinstance(record, list) and isinstance(part, int)
        if is_there or (at == len(loc) - 1 and part in fields):  # else it is the name of one of several types
            path.append(part)
            owner = here
            if isinstance(part, str):
                here = [*_models_in(fields[part].annotation)] if part in fields else []
            record = record[part] if is_there else None
    return tuple(path), owner, here


def _keys_of(models: _Models) -> tuple[str, ...]:
    return tuple(field.alias or name for one in models for name, field in one.model_fields.items())


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from _models_in(one)


def check_word(word: str) -> None:
    """Raise Refused for an id that a spreadsheet would change, or that is a path of the API."""
    if word.casefold() in MANGLED:
        raise Refused(
            "mangled_word", f"{word!r} cannot be an id: programs read it as a missing or special value", "another word"
        )
    if word in RESERVED:
        raise Refused("reserved_word", f"{word!r} cannot be an id: it is a path of the API", "another word")


def _name(path: Path) -> str:
    return f"{path[-1]}: " if path and isinstance(path[-1], str) else ""


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


_LONGEST_ID = 200
"""Characters of an id. (An index entry of Postgres has at most some 2,700 bytes.)"""

_LONGER = ("explanation", *_LISTS_OF_CODES)
"""Texts with a limit of their own, and cells that are lists."""


def disallowed_text(entry: WrittenRecord) -> Iterator[_Found]:
    """Yield what a draft may not have, with its place. Released records only get a warning."""
    yield from entry.lost
    if len(entry.id) > _LONGEST_ID:
        found = f"the id {entry.id[:40]}… is {len(entry.id):,} characters long"
        yield entry.locate(("id",)), Refused("long_id", found, f"at most {_LONGEST_ID}")
    if entry.kind == "mapping" and entry.id != (stem := entry.locate(()).file.rpartition("/")[2].partition(".")[0]):
        found = f"the id {entry.id!r} is in the file {stem!r}"
        yield entry.locate(("id",)), Refused("wrong_name", found, "no id: that of a mapping is the file's name")
    is_long = bool(entry.content) and len(entry.written) > LONGEST_TEXT  # what its fields refuse is reported already
    if is_long or not entry.written.isascii():
        for path, text in _texts_in(orjson.loads(entry.written), ()):
            if unfit := find_disallowed_character(text):
                yield entry.locate(path), unfit
            if is_long and len(text) > LONGEST_TEXT and path[-1] not in _LONGER and path != ("id",):
                found = f"{_name(path)}this text is {len(text):,} characters long"
                yield entry.locate(path), Refused("too_long", found, f"at most {LONGEST_TEXT:,}")


def _texts_in(part: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(part, str):
        yield path, part
    elif isinstance(part, dict):
        for key, value in part.items():
            yield (*path, key), key
            yield from _texts_in(value, (*path, key))
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from _texts_in(value, (*path, index))


def write_row(cells: Mapping[str, str]) -> bytes:
    """Return a CSV record as canonical JSON, given its non-empty cells by column.

    For texts under ASCII names, orjson's sorted output *is* canonical JSON, at a fraction of the time; the tests
    compare it with `rfc8785`.
    """
    return orjson.dumps(cells, option=orjson.OPT_SORT_KEYS)


def write_tree(record: Mapping[str, Any]) -> bytes:
    """Return a YAML record, as written, as canonical JSON, without its null keys."""
    return rfc8785.dumps({key: value for key, value in record.items() if value is not None})


def digest_row(cells: Mapping[str, str]) -> bytes:
    """Return the hash of a CSV record, given its non-empty cells by column."""
    return hashlib.sha256(write_row(cells)).digest()


def digest_tree(record: Mapping[str, Any]) -> bytes:
    """Return the hash of a YAML record as written."""
    return hashlib.sha256(write_tree(record)).digest()
