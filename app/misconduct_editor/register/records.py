"""Read every record of a register but the figures, with the places of its keys."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, get_origin

from pydantic import ValidationError

from misconduct.model.kinds import KINDS, Code, Kind
from misconduct.releases.folder import list_visible

from .layout import describe_table, read_layouts
from .reading import Reader, Table, did_you_mean
from .yaml_files import LocatedRecord, Places, find_faults, read_yaml

CODE_COLUMNS = ("code", *(name for name in Code.model_fields if name != "id"))
_LISTS = {name for name, field in Code.model_fields.items() if get_origin(field.annotation) is list}


def read_records(reader: Reader) -> Iterator[LocatedRecord]:
    """Yield the records that can be read. The reader collects mistakes."""
    files = {kind.file: kind for kind in KINDS.values()}
    for folder, kind in files.items():
        if kind.model is Code:
            for table in reader.read_tables(folder, CODE_COLUMNS, ("code", "label")):
                yield from _read_codes(reader, kind, table)
        elif folder.endswith("/"):
            for file in reader.find_files(folder, ".yaml"):
                yield from _read_yaml(reader, kind, file)
    yield from chain.from_iterable(map(describe_table, read_layouts(reader)))
    for path in list_visible(reader.root, "*.y*ml"):
        if path.name in files:
            yield from _read_yaml(reader, files[path.name], path.name)
        else:
            reader.report(path.name, f"this file is ignored{did_you_mean(path.name, files.keys())}")


def _read_codes(reader: Reader, kind: Kind, table: Table) -> Iterator[LocatedRecord]:
    numbers = {"id" if name == "code" else name: number for number, name in enumerate(table.header, 1)}
    for line, row in zip(table.lines, table.rows(), strict=True):
        content: dict[str, Any] = {name: cell for name, cell in row.items() if cell}
        content["id"] = f"{table.name}/{content.pop('code', '')}"
        for name in _LISTS.intersection(content):
            content[name] = content[name].split(" | ")
        places = Places(table.file, {(): (line, 1)} | {(name,): (line, number) for name, number in numbers.items()})
        yield from _validate(reader, kind, content, places)


def _read_yaml(reader: Reader, kind: Kind, file: str) -> Iterator[LocatedRecord]:
    is_list = not kind.file.endswith("/")
    for content, places in read_yaml(reader, file, is_list=is_list):
        if not is_list and content.get("id") != (stem := Path(file).stem):
            reader.mistakes.append(places.mistake(("id",), f"the id must be the name of the file, {stem}"))
        yield from _validate(reader, kind, content, places)


def _validate(reader: Reader, kind: Kind, content: Any, places: Places) -> Iterator[LocatedRecord]:
    try:
        # As JSON, because strict models accept a list for a tuple only there.
        record = kind.model.model_validate_json(json.dumps(content))
    except ValidationError as error:
        reader.mistakes.extend(find_faults(error, places, kind.name, kind.model.model_fields))
    else:
        yield LocatedRecord(kind.name, content["id"], record, places)
