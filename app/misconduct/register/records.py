"""Read every record of a register but the figures, with the places of its keys."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from misconduct.model.kinds import KINDS, Code, Kind
from misconduct.register.reading import Mistake, Reader, Table, did_you_mean, find_invisible, place_after

KeyPath = tuple[str | int, ...]
"""The keys and list indexes that lead to a value inside a record."""

_CODE_FIELDS = tuple(name for name in Code.model_fields if name != "id")
_BETWEEN_WORDS = " | "
_PLAIN_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True)
class Places:
    """The line and column of each key of a record in a file, and of the record itself."""

    file: str
    by_path: dict[KeyPath, tuple[int, int]]

    def mistake(self, path: KeyPath, message: str) -> Mistake:
        """Locate a mistake at a key, or at the nearest one above: a missing key has no place."""
        while path not in self.by_path:
            path = path[:-1]
        return Mistake(self.file, *self.by_path[path], message)


@dataclass(frozen=True)
class LocatedRecord:
    """A record and the places of its keys."""

    kind: str
    id: str
    record: BaseModel
    places: Places


def read_records(reader: Reader) -> Iterator[LocatedRecord]:
    """Yield the records that can be read; the reader collects the mistakes of the others."""
    files = {kind.file: kind for kind in KINDS.values()}
    for folder, kind in files.items():
        if kind.model is Code:
            for table in reader.read_tables(folder, ("code", *_CODE_FIELDS), ("code", "label")):
                yield from _read_codes(reader, kind, table)
        elif folder.endswith("/"):
            for file in reader.find_files(folder, ".yaml"):
                yield from _read_yaml(reader, kind, file)
    for path in sorted(reader.root.glob("*.y*ml")):
        if path.name in files:
            yield from _read_yaml(reader, files[path.name], path.name)
        else:
            hint = did_you_mean(path.name, {one: one for one in files})
            reader.report(path.name, 1, 1, f"this file is not read{hint}")


def _read_codes(reader: Reader, kind: Kind, table: Table) -> Iterator[LocatedRecord]:
    numbers = {"id" if name == "code" else name: number for number, name in enumerate(table.header, 1)}
    for line, row in zip(table.lines, table.rows(), strict=True):
        content: dict[str, Any] = {name: cell for name, cell in row.items() if cell}
        content["id"] = f"{table.name}/{content.pop('code', '')}"
        if "words" in content:
            content["words"] = content["words"].split(_BETWEEN_WORDS)
        places = Places(table.file, {(): (line, 1)} | {(name,): (line, number) for name, number in numbers.items()})
        yield from _validate(reader, kind, content, places)


def _read_yaml(reader: Reader, kind: Kind, file: str) -> Iterator[LocatedRecord]:
    text = reader.read_text(file) or ""
    if unseen := find_invisible(text) - {"\n"}:
        for character in unseen:
            message = f"remove the invisible character U+{ord(character):04X}"
            reader.report(file, *place_after(text[: text.index(character)]), message)
        return
    try:
        # The base loader leaves every value a text, so that a date is not made into a day.
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        reader.report(file, *place, f"this is not YAML: {error.problem}")
        return
    if root is None:
        return
    is_list = not kind.file.endswith("/")
    if not isinstance(root, yaml.SequenceNode if is_list else yaml.MappingNode):
        form = "a list, in which each record begins with '- '" if is_list else "one record, and not a list"
        reader.report(file, 1, 1, f"this file must be {form}")
        return
    for node in root.value if is_list else [root]:
        places = Places(file, {})
        content = _construct(reader, node, (), places)
        if not is_list and content.get("id") != (stem := Path(file).stem):
            reader.mistakes.append(places.mistake(("id",), f"the id must be the name of the file, {stem}"))
        yield from _validate(reader, kind, content, places)


def _construct(reader: Reader, node: yaml.Node, at: KeyPath, places: Places) -> Any:
    """Return the value of a node, and note the places of its keys."""
    places.by_path.setdefault(at, (node.start_mark.line + 1, node.start_mark.column + 1))
    if isinstance(node, yaml.ScalarNode):
        return _PLAIN_WORDS.get(node.value, node.value) if node.style is None else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_construct(reader, one, (*at, index), places) for index, one in enumerate(node.value)]
    content: dict[str, Any] = {}
    for key, value in node.value:
        place = key.start_mark.line + 1, key.start_mark.column + 1
        if not isinstance(key, yaml.ScalarNode):
            reader.report(places.file, *place, "a key must be a word; put text with brackets in quotes")
        elif key.value in content:
            reader.report(places.file, *place, f"the key {key.value} is there twice")
        else:
            places.by_path[*at, key.value] = place
            content[key.value] = _construct(reader, value, (*at, key.value), places)
    return content


def _validate(reader: Reader, kind: Kind, content: Any, places: Places) -> Iterator[LocatedRecord]:
    for name, field in kind.model.model_fields.items():
        if int in get_args(field.annotation) and isinstance(content, dict) and str(content.get(name)).isdecimal():
            content[name] = int(content[name])  # all others stay text: 2022 is a date
    try:
        # As JSON, because strict models accept a list for a tuple only there.
        record = kind.model.model_validate_json(json.dumps(content))
    except ValidationError as error:
        for one in error.errors(include_url=False):
            reader.mistakes.append(places.mistake(one["loc"], _explain(kind, one)))
    else:
        yield LocatedRecord(kind.name, content["id"], record, places)


def _explain(kind: Kind, error: ErrorDetails) -> str:
    """Say in a line what pydantic found."""
    name = str(error["loc"][-1]) if error["loc"] else kind.name
    if error["type"] == "missing":
        return f"{name} is missing"
    if error["type"] == "extra_forbidden":
        known = {one: one for one in kind.model.model_fields if len(error["loc"]) == 1}
        return f"there is no key {name!r}{did_you_mean(name, known)}"
    return f"{name}: {error['msg'].removeprefix('Value error, ')}"
