"""Write the folder of a release, and describe it as a Frictionless data package (version 2)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from misconduct.errors import ReleaseError
from misconduct.formats import FILES, parquet
from misconduct.formats.archive import TYPES
from misconduct.formats.csv import encode_csv
from misconduct.model import lists, points
from misconduct.model.figure import COLUMNS, REGISTER_COLUMNS, Column, Row
from misconduct.releases import folder as files
from misconduct.releases.folder import (
    ListedRelease,
    Release,
    list_releases,
    read_release,
)

from ..register.reading import encode_rows
from .held import make_catalogue
from .readme import write_readme


def _texts(**about: str) -> tuple[Column, ...]:
    return tuple(Column(name, "text", text) for name, text in about.items())


CHANGES_COLUMNS = _texts(
    kind="Kind of the record; a figure is an observation.",
    id="Identifier of the record.",
    action="added, revised, recoded or ended.",
    reason="Why it was revised, recoded or ended.",
    replaced_by="The record that takes its place.",
)
FIGURE_COLUMNS = tuple(COLUMNS[name] for name in REGISTER_COLUMNS)
NOTE_COLUMNS = (
    *lists.NOTE,
    *_texts(figure_ids="Its figures. Those of a caveat name it in `caveats`."),
)


@dataclass(frozen=True)
class Table:
    """A table of a release: its columns, its key, and the table of which a column has keys, by the column."""

    about: str
    columns: Sequence[Column]
    key: Sequence[str] = ()
    refers: Mapping[str, str] = field(default_factory=dict)


OF_ROWS = {
    "id": files.FIGURES,
    "indicator": files.INDICATORS,
    "area_code": files.AREAS,
    "source": files.SOURCES,
    "denominator": files.FIGURES,
}
TABLES = {
    files.TABLE: Table(
        "The table: a row a point of a series, chosen when the release was made, in words.",
        points.COLUMNS,
        ["id"],
        OF_ROWS,
    ),
    files.OTHERS: Table(
        "The figures that are no points, each with the point in its place, and why.",
        points.OTHERS,
        ["id"],
        {"point": files.TABLE, **OF_ROWS},
    ),
    files.FIGURES: Table(
        "Every figure, with codes and its evidence: its words, and their places in the document.",
        FIGURE_COLUMNS,
        ["id"],
        {
            "indicator": files.INDICATORS,
            "area": files.AREAS,
            "source": files.SOURCES,
            "origin": files.SOURCES,
            "denominator": files.FIGURES,
            "repeats": files.FIGURES,
        },
    ),
    files.INDICATORS: Table(
        "What figures count, and what it is called, in its order.",
        lists.INDICATORS,
        ["id"],
        {"broader": files.INDICATORS},
    ),
    files.AREAS: Table(
        "Places and forces, and what is held of each.",
        lists.AREAS,
        ["area_code"],
        {"within": files.AREAS},
    ),
    files.SOURCES: Table(
        "The documents: publisher, title, day, address, licence, SHA-256.",
        lists.SOURCES,
        ["id"],
    ),
    files.CODES: Table(
        "The codes of the columns, and what they mean.", lists.CODES, ["type", "code"]
    ),
    files.NOTES: Table(
        "What to read before printing: caveats, disagreements, corrections, what is unpublished.",
        NOTE_COLUMNS,
        ["id"],
        {"source": files.SOURCES, "other_source": files.SOURCES},
    ),
    files.CHARTS: Table(
        "The editors' charts: their findings, and their figures.",
        lists.CHARTS,
        ["id"],
        {"against": files.FIGURES},
    ),
    files.CHANGES: Table(
        "What was added, revised or ended since the release before, and why.",
        CHANGES_COLUMNS,
    ),
}
PARQUET = {files.TABLE_PARQUET: files.TABLE, files.FIGURES_PARQUET: files.FIGURES}
"""The tables that are also Parquet, with types."""

ABOUT = {
    **{name: table.about for name, table in TABLES.items()},
    **{name: f"`{of}` with types." for name, of in PARQUET.items()},
    files.PICTURES: "A picture of each chart, which never changes.",
    files.VERSIONS: "What each public release changed, oldest first; of figures with the row before.",
    files.RECORDS: "All records but figures, as the service loads them.",
    files.PACKAGE: "The columns, the keys and the SHA-256 of each file.",
}
"""What each file is."""

LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0 International",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}


def write_release(folder: Path, release: Release) -> Release:
    """Write a release into a new folder, sorted, and return it as it can be read there."""
    if folder.exists():
        raise ReleaseError(
            f"{folder}: This release exists, and a release never changes. Choose another number."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".") as scratch:
        part = Path(scratch) / folder.name
        for name, content in _encode(release).items():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            (part / name).write_bytes(content)
        part.rename(folder)
    return read_release(folder)


def add_to_list(data: Path, release: Release) -> None:
    """Add a written release to `releases.csv`."""
    path = data / "releases.csv"
    listed = [one._asdict() for one in list_releases(data)] if path.exists() else []
    added = {name: getattr(release, name) for name in ListedRelease._fields}
    new = path.with_suffix(".new")
    new.write_bytes(encode_rows(ListedRelease._fields, [*listed, added]))
    new.replace(path)  # whole, or not at all


def _encode_line(record: Mapping[str, object]) -> bytes:
    return f"{json.dumps(record, ensure_ascii=False, sort_keys=True)}\n".encode()


def _encode(release: Release) -> dict[str, bytes]:
    """Return the files of a release by name. The same release gives the same bytes."""
    records = _state_records(release)
    made = _encode_tables(release, records)
    made[files.RECORDS] = b"".join(
        _encode_line({"record": kind, "id": identity, **record})
        for kind, of_kind in records.items()
        for identity, record in of_kind.items()
    )
    made[files.VERSIONS] = b"".join(map(_encode_line, release.versions))
    for identity, picture in release.pictures.items():
        made[f"{files.PICTURES}{identity}.svg"] = picture.encode()
    made[files.README] = write_readme(release, ABOUT)
    made[files.PACKAGE] = _describe(release, made)
    sums = [f"{sha256(made[name]).hexdigest()}  {name}\n" for name in sorted(made)]
    made[files.SUMS] = "".join(sums).encode()
    return made


def _encode_tables(
    release: Release, records: Mapping[str, Mapping[str, Row]]
) -> dict[str, bytes]:
    """Return the tables of a release by name, as CSV and some as Parquet, too."""
    rows: dict[str, Iterable[Row]] = {
        files.TABLE: release.table,
        files.OTHERS: release.others,
        files.FIGURES: sorted(release.figures, key=lambda row: str(row["id"])),
        files.CHANGES: sorted(
            release.changes, key=lambda row: (row["kind"], row["id"])
        ),
    }
    made = {
        name: encode_rows(lists.names_of(TABLES[name].columns), of_table)
        for name, of_table in rows.items()
    }
    for name, of_list in _list_rows(release, records).items():
        header = lists.names_of(TABLES[name].columns)
        made[name] = encode_csv([header, *lists.write_cells(header, of_list)])
    for name, of in PARQUET.items():
        made[name] = _encode_parquet(release, TABLES[of].columns, rows[of])
    return made


def _state_records(release: Release) -> dict[str, dict[str, Row]]:
    """Return the records by kind and id, sorted, each without what is empty."""
    return {
        kind: {
            identity: {
                name: value for name, value in record.items() if value not in EMPTY
            }
            for identity, record in sorted(of_kind.items())
        }
        for kind, of_kind in sorted(release.records.items())
    }


EMPTY: tuple[Any, ...] = (None, "", [], {})


def _list_rows(
    release: Release, records: Mapping[str, Mapping[str, Row]]
) -> dict[str, list[Row]]:
    """Return the rows of the lists that answers have, too. Their addresses have no host."""
    catalogue = make_catalogue(release, records)
    notes = lists.list_notes(catalogue, "")
    for note in notes:
        content = records[note["type"]][note["id"]]
        note["figure_ids"] = lists.name_figures(note["type"], content)
    return {
        files.INDICATORS: lists.list_indicators(catalogue, ""),
        files.AREAS: lists.list_areas(catalogue),
        files.SOURCES: lists.list_records(catalogue, "source"),
        files.CODES: lists.list_codes(catalogue),
        files.NOTES: notes,
        files.CHARTS: lists.list_charts(catalogue, ""),
    }


def _encode_parquet(
    release: Release, columns: Sequence[Column], rows: Iterable[Row]
) -> bytes:
    names = lists.names_of(columns)
    cells = ([row.get(name) for name in names] for row in rows)
    about = {
        "source": "Misconduct Register",
        "release": release.number,
        "licence": "CC BY 4.0",
        "how_to_cite": release.citation,
    }
    return parquet.write(parquet.make_frame(columns, cells), about)


def _describe(release: Release, made: Mapping[str, bytes]) -> bytes:
    package = {
        "name": "misconduct-register",
        "version": release.number,
        "created": f"{release.day}T00:00:00Z",
        "title": f"Misconduct Register {release.number}",
        "description": release.summary,
        "licenses": [LICENCE],
        "citation": release.citation,
        "previous": release.previous,
        "resources": [
            _describe_file(name, content) for name, content in sorted(made.items())
        ],
    }
    stated = {name: value for name, value in package.items() if value is not None}
    return json.dumps(stated, ensure_ascii=False, indent=1).encode() + b"\n"


def _describe_file(name: str, content: bytes) -> Row:
    """Return a file as a resource: its size, its digest, and if it is a table its columns and keys."""
    described: Row = {
        "name": name.lower(),
        "path": name,
        "mediatype": FILES[name.rpartition(".")[2]].partition(";")[0],
        "bytes": len(content),
        "hash": f"sha256:{sha256(content).hexdigest()}",
    }
    about = ABOUT.get(name) or ABOUT.get(f"{name.partition('/')[0]}/")
    if about:
        described["description"] = about
    if table := TABLES.get(name):
        return described | {"type": "table", "schema": _describe_columns(name, table)}
    return described | {"type": "file"}


def _describe_columns(name: str, table: Table) -> Row:
    """Return the columns of a table, its key, and its foreign keys, each of one column."""
    fields = [
        {
            "name": column.name,
            "type": TYPES.get(column.holds, "string"),
            "description": column.about,
        }
        for column in table.columns
    ]
    schema: Row = {"fields": fields}
    if table.key:
        schema["primaryKey"] = [*table.key]
    if table.refers:
        schema["foreignKeys"] = [
            {
                "fields": [column],
                "reference": {
                    "resource": "" if of == name else of.lower(),
                    "fields": [*TABLES[of].key],
                },
            }
            for column, of in table.refers.items()
        ]
    return schema
