"""Write a table for other tools: its rows, its mappings, and a description of both as CSVW and as a Data Package."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from misconduct.errors import MisconductError
from misconduct.register.grid import Grid
from misconduct.register.records import WrittenRecord
from misconduct.register.tables import Derived, titles_of
from misconduct.register.temporary_folder import put_in_place, unfinished_files

CSVW, DATA_PACKAGE = "csv-metadata.json", "datapackage.json"
_TERMS = ("subject_label", "predicate_id", "object_id")
_NUMBERS = {"integer": "#,##0", "nonNegativeInteger": "#,##0", "decimal": "#,##0.#", "number": "#,##0.#"}
"""The datatypes of numbers, and the format in which tables print them."""


@contextmanager
def writing_csvw(
    folder: Path, table: WrittenRecord, derived: Derived, grid: Grid, mappings: Mapping[str, WrittenRecord]
) -> Iterator[list[Path]]:
    """Write the cells that are read, under one line of headings, and what describes them. Yield the files' names.

    They have these at the end of the block, and none of them after an error in it.
    A cell that is left out is empty. No file is replaced: a folder may have the document, which has the table's name.

    Raises MisconductError for that, and for a table of which only counts may leave the machine.
    """
    if table.content.get("aggregate"):
        raise MisconductError("Only counts of this table leave the machine, so its rows are not written.")
    first = table.content["dialect"]["skipRows"] + table.content["dialect"]["headerRowCount"]
    chosen = [(index, column) for index, column in derived.columns if not column["suppressOutput"]]
    columns = [_column(column, grid.cell(first, index + 1)) for index, column in chosen]
    skipped, empty = table.content["skip"], next(iter(table.content["null"]), "")
    rows = (
        [empty if f"cell={row},{at + 1}" in skipped else grid.cell(row, at + 1) for at, _ in chosen]
        for row in derived.read
    )
    keys = table.content["tableSchema"]["foreignKeys"]
    used = {key["reference"]["resource"]: mappings[key["reference"]["resource"]] for key in keys}
    names = [f"{table.id}.csv", *(f"{name}.sssom.tsv" for name in used), CSVW, DATA_PACKAGE]
    if there := [name for name in names if os.path.lexists(folder / name)]:
        hint = "Nothing is replaced: name another folder, or move them away."
        raise MisconductError(f"{folder} has {', '.join(there)} already.", hint=hint)
    folder.mkdir(parents=True, exist_ok=True)
    with unfinished_files(folder) as own:
        _write(own / f"{table.id}.csv", ",", [[column["titles"] for column in columns], *rows])
        for name, mapping in used.items():
            terms = ([term[key] or "" for key in _TERMS] for term in mapping.content["mappings"])
            _write(own / f"{name}.sssom.tsv", "\t", [_TERMS, *terms])
        _write_json(own / CSVW, _as_csvw(table, columns, keys, used))
        _write_json(own / DATA_PACKAGE, _as_data_package(table, columns, keys, used))
        yield [folder / name for name in names]
        for name in names:
            put_in_place(own / name, folder / name, is_new=True)


def _column(column: Mapping[str, Any], heading: str) -> dict[str, Any]:
    return {"name": column["name"], "titles": heading or titles_of(column)[-1], "datatype": column["datatype"]}


def _as_csvw(
    table: WrittenRecord, columns: list[dict[str, Any]], keys: list[dict[str, Any]], used: Iterable[str]
) -> dict[str, Any]:
    content = table.content
    virtual = [column for column in content["tableSchema"]["columns"] if column["virtual"]]
    own = [{key: value for key, value in _with_format(column, content).items() if value} for column in columns] + [
        {"name": column["name"], "virtual": True, "default": column["default"]} for column in virtual
    ]
    references = [
        {
            "columnReference": key["columnReference"],
            "reference": {
                "resource": f"{key['reference']['resource']}.sssom.tsv",
                "columnReference": key["reference"]["columnReference"],
            },
        }
        for key in keys
    ]
    terms = [{"name": name, "titles": name} for name in _TERMS]
    mapped = [
        {
            "url": f"{name}.sssom.tsv",
            "dialect": {"delimiter": "\t", "commentPrefix": None},
            "tableSchema": {"columns": terms, "primaryKey": "subject_label"},
        }
        for name in used
    ]
    described = {
        "url": f"{table.id}.csv",
        "dialect": {"commentPrefix": None},
        "tableSchema": {"columns": own, "foreignKeys": references},
    }
    return {"@context": "http://www.w3.org/ns/csvw", "tables": [described, *mapped]}


def _with_format(column: dict[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a column of figures with how its numbers are written: with signs among them they are texts."""
    if column["name"] != "value" and column["name"] not in content["unpivot"]:
        return column
    datatype = column["datatype"]
    if isinstance(datatype, str) and datatype in _NUMBERS:
        datatype = {"base": datatype, "format": _NUMBERS[datatype]}
    return {**column, "datatype": "string" if content["symbols"] else datatype, "null": content["null"]}


def _as_data_package(
    table: WrittenRecord, columns: list[dict[str, Any]], keys: list[dict[str, Any]], used: Iterable[str]
) -> dict[str, Any]:
    titles = {column["name"]: column["titles"] for column in columns}
    fields = [_field(_with_format(column, table.content)) for column in columns]
    references = [
        {
            "fields": [titles[key["columnReference"]]],
            "reference": {"resource": key["reference"]["resource"], "fields": [key["reference"]["columnReference"]]},
        }
        for key in keys
        if key["columnReference"] in titles
    ]
    schema = {"fields": fields, "foreignKeys": references, "missingValues": table.content["null"]}
    terms = {"fields": [{"name": name, "type": "string"} for name in _TERMS], "primaryKey": ["subject_label"]}
    resources = [{"name": table.id, "type": "table", "path": f"{table.id}.csv", "schema": schema}]
    resources += [
        {"name": name, "type": "table", "path": f"{name}.sssom.tsv", "format": "tsv", "schema": terms} for name in used
    ]
    return {"name": table.id, "resources": resources}


def _field(column: Mapping[str, Any]) -> dict[str, str]:
    is_number = isinstance(column["datatype"], dict) and column["datatype"]["base"] in _NUMBERS
    form = column["datatype"]["format"] if is_number else None
    signs = form if isinstance(form, dict) else {"groupChar": ","}
    more = {"type": "number", **signs} if is_number else {"type": "string"}
    return {"name": column["titles"], **more}


def _write(path: Path, delimiter: str, rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
