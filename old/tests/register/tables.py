"""Registers with a published table, for tests: its file, its layout, its mappings, and the codes that these name."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from misconduct.errors import RegisterRefused
from misconduct.register.import_table import Import, import_table
from misconduct.register.mistakes import Mistakes
from misconduct.register.verify import verify_documents
from tests.registers import as_csv, source_text, write_register

SLUG = "fenmoor"
MAPPING = "fenmoor-kind"
CODES = {
    "category": ["any_misconduct", "sexual_misconduct", "unstated"],
    "measure": ["accused", "cleared"],
    "population": ["officers"],
    "area": ["E23000001", "fenmoor"],
}

TABLE = """\
Year,Kind,Cases,Note
2021,Rudeness,8,
2021,Theft,12,a
2022,Rudeness,"1,204",
"""
TERMS = """\
#mapping_set_id: fenmoor-kind
#license: https://creativecommons.org/licenses/by/4.0/
subject_label\tpredicate_id\tobject_id\tcomment
Rudeness\tskos:broadMatch\tany_misconduct\t
Theft\tskos:exactMatch\tany_misconduct\t
"""
VIRTUAL = {
    "measure": "accused",
    "area": "fenmoor",
    "population": "officers",
    "counting_unit": "people",
    "stated_by": "force",
}


COLUMNS: list[dict[str, Any]] = [
    {"name": "period", "titles": "Year", "datatype": "gYear"},
    {"name": "category", "titles": "Kind"},
    {"name": "value", "titles": "Cases", "datatype": "integer"},
    {"titles": "Note", "suppressOutput": True, "dc:description": "Remarks."},
]


def without_notes(table: str) -> dict[str, Any]:
    """A table without its last column: as none is suppressed, messages have its words."""
    return {"table": re.sub(",[^,\n]*$", "", table, flags=re.MULTILINE), "columns": COLUMNS[:3]}


def layout(**more: Any) -> dict[str, Any]:
    """The layout of TABLE; `columns` replaces its own, `virtual` the virtual ones."""
    columns = more.pop("columns", COLUMNS)
    virtual = [{"name": name, "virtual": True, "default": code} for name, code in more.pop("virtual", VIRTUAL).items()]
    keys = [{"columnReference": "category", "reference": {"resource": f"{MAPPING}.sssom.tsv"}}]
    schema = {"columns": [*columns, *virtual], "foreignKeys": more.pop("keys", keys)}
    return {"id": SLUG, "version": 1, "source": SLUG, "prefix": "fen", "tableSchema": schema, **more}


def write_table(
    folder: Path, table: str | bytes = TABLE, terms: str = TERMS, *, media_type: str = "text/csv", **more: Any
) -> Path:
    """Write a register with a table and nothing imported, and the folder `documents` with its file."""
    written = table if isinstance(table, bytes) else table.encode()
    keys = {name: more.pop(name) for name in ("licence", "published", "work") if name in more}
    (folder / "documents").mkdir(exist_ok=True)
    (folder / "documents" / "table").write_bytes(written)
    source = {"media_type": media_type, "licence": "OGL 3.0", "sha256": hashlib.sha256(written).hexdigest()}
    source["length"] = len(written) if isinstance(table, bytes) else len(table)
    return write_register(
        folder / "data",
        **{
            **{f"codelists/{name}.csv": code_list(codes) for name, codes in CODES.items()},
            "datasets.yaml": json.dumps([dataset("allegations", "accused"), dataset("outcomes", "cleared")]),
            "caveats.yaml": "",
            f"sources/{SLUG}.yaml": source_text(SLUG, **{**source, **keys}),
            f"mappings/{MAPPING}.sssom.tsv": terms,
            f"tables/{SLUG}.yaml": yaml.safe_dump(layout(**more), sort_keys=False, allow_unicode=True),
        },
    )


def as_table(rows: Sequence[Sequence[object]]) -> str:
    """Rows as CSV."""
    return "\n".join(",".join(map(str, row)) for row in rows) + "\n"


LARGE_TABLE_ROWS = 45 * 44
"""Rows of a kind: years by forces."""


def write_large_table(
    folder: Path, kinds: int, write: Callable[[Sequence[Sequence[object]]], str | bytes] = as_table, **more: Any
) -> Path:
    """Write a register with a table of so many kinds, each of 44 forces and 45 years, as `write_table` does."""
    rows = [
        (year, f"Force {force}", f"Kind {kind}", (year * force + kind) % 2_999)
        for year, force, kind in product(range(1980, 2025), range(44), range(kinds))
    ]
    head = "subject_label\tpredicate_id\tobject_id\n"
    root = write_table(
        folder, write([("Year", "Force", "Kind", "Cases"), *rows]),
        head + "".join(f"Kind {kind}\tskos:broadMatch\tany_misconduct\n" for kind in range(kinds)),
        columns=[
            {"name": "period", "titles": "Year"},
            {"name": "area", "titles": "Force"},
            {"name": "category", "titles": "Kind"},
            {"name": "value", "titles": "Cases", "datatype": "integer"},
        ],
        virtual={name: code for name, code in VIRTUAL.items() if name != "area"},
        keys=[
            {"columnReference": "category", "reference": {"resource": MAPPING}},
            {"columnReference": "area", "reference": {"resource": "forces"}},
        ],
        **more,
    )  # fmt: skip
    forces = "".join(f"Force {force}\tskos:broadMatch\tfenmoor\n" for force in range(44))
    (root / "mappings" / "forces.sssom.tsv").write_text(head + forces)
    return root


def code_list(codes: list[str]) -> str:
    columns = ("code", "version", "label", "definition", "broader", "defined_by")
    rows = [
        {"code": one, "version": "1", "label": one.title(), "definition": one, "defined_by": "Tests"} for one in codes
    ]
    return as_csv(columns, rows)


def dataset(slug: str, *measures: str) -> dict[str, Any]:
    return {"id": slug, "version": 1, "title": slug, "description": slug, "measures": list(measures)}


def run(folder: Path, *, write: bool = True, **more: Any) -> Import:
    return import_table(folder / "data", SLUG, folder / "documents", write=write, **more)


def refused(folder: Path, **options: Any) -> list[str]:
    """The mistakes of an import, which must not have changed anything."""
    before = contents(folder / "data")
    try:
        run(folder, **options)
    except RegisterRefused as error:
        assert contents(folder / "data") == before
        return [str(mistake) for mistake in error.mistakes]
    return []


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def rows(folder: Path) -> list[dict[str, str]]:
    """The rows that were written, without what every row of TABLE shares."""
    text = (folder / "data" / "observations" / f"{SLUG}.csv").read_text(encoding="utf-8")
    return [{name: cell for name, cell in row.items() if cell} for row in csv.DictReader(io.StringIO(text))]


def verified(folder: Path) -> list[str]:
    """What `misconduct verify` finds wrong."""
    mistakes = Mistakes()
    verify_documents(folder / "data", folder / "documents", mistakes)
    return [str(mistake) for mistake in mistakes.in_order()]
