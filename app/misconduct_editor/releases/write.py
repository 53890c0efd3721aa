"""Write the folder of a release, and describe it as a Frictionless data package (version 2)."""

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from misconduct.errors import ReleaseError
from misconduct.formats import parquet
from misconduct.model import points
from misconduct.model.catalogue import Catalogue
from misconduct.model.documents import ReleaseView, cell_reader, table_columns
from misconduct.model.figure import (
    COLUMNS,
    REGISTER_COLUMNS,
    SHOWN_COLUMNS,
    Column,
    completer,
)
from misconduct.model.kinds import Indicator
from misconduct.model.names import write_whole
from misconduct.releases import folder as files
from misconduct.releases.folder import (
    ListedRelease,
    Release,
    list_releases,
    read_release,
)

from ..register.reading import encode_rows


def _texts(**about: str) -> tuple[Column, ...]:
    return tuple(Column(name, "text", text) for name, text in about.items())


CHANGES_COLUMNS = _texts(
    kind="Kind of the record; a figure is an observation.",
    id="Identifier of the record.",
    action="added, revised, recoded or ended.",
    reason="Why it was revised, recoded or ended.",
    replaced_by="The record that takes its place.",
)
EXCLUDED_COLUMNS = _texts(
    source="The document.",
    printed="The number, or words for one, as printed.",
    at="Its place in the document.",
    reason="Why it is not a statistic: a code of the list not_statistic_reason.",
    note="What it means.",
)
EARLIER_COLUMNS = _texts(
    figure="The figure that was counted before.",
    day="When, as precise as known.",
    number="The number that it had then.",
    source="The edition that was counted.",
)
INDICATOR_COLUMNS = tuple(
    Column(
        name,
        "text",
        field.description or f"Codes of the list {name}, the usual one first.",
    )
    for name, field in Indicator.model_fields.items()
)
_SHOWN = tuple(name for name in SHOWN_COLUMNS if name != "cite_as")
PARQUET_COLUMNS = tuple(table_columns(_SHOWN, has_labels=True))
"""Every column that answers show except `cite_as`, which needs an address. Labels follow their codes."""


# Each file with its media type, its description, and its columns if it is a table.
RESOURCES: tuple[tuple[str, str, str, tuple[Column, ...]], ...] = (
    (
        files.TABLE,
        "text/csv",
        "The table: a row a point of a series, chosen when the release was made.",
        points.COLUMNS,
    ),
    (
        files.OTHERS,
        "text/csv",
        "The figures that are no points, each with the point in its place, and why.",
        points.OTHERS,
    ),
    (
        files.TABLE_PARQUET,
        "application/vnd.apache.parquet",
        "The table, with types.",
        points.COLUMNS,
    ),
    (
        files.FIGURES,
        "text/csv",
        "The figures, with codes. Several values are separated by spaces.",
        tuple(COLUMNS[name] for name in REGISTER_COLUMNS),
    ),
    (
        files.RECORDS,
        "application/jsonl",
        "The other records, one in a line: sources, codes, caveats and so on.",
        (),
    ),
    (
        files.CHANGES,
        "text/csv",
        "What was added, revised or ended since the release before, and why.",
        CHANGES_COLUMNS,
    ),
    (
        files.VERSIONS,
        "application/jsonl",
        "What each public release changed, oldest first; of figures with the row before.",
        (),
    ),
    (
        files.EXCLUDED,
        "text/csv",
        "Other numbers in the documents, and why they are not statistics.",
        EXCLUDED_COLUMNS,
    ),
    (
        files.EARLIER,
        "text/csv",
        "What earlier editions gave for figures. These are no figures.",
        EARLIER_COLUMNS,
    ),
    (
        files.INDICATORS,
        "text/csv",
        "What figures count, and what it is called, in its order.",
        INDICATOR_COLUMNS,
    ),
    (
        files.PARQUET,
        "application/vnd.apache.parquet",
        "The figures with labels, dates and sources.",
        PARQUET_COLUMNS,
    ),
)
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
        part.mkdir()
        for name, content in _encode(release).items():
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
    changes = sorted(release.changes, key=lambda row: (row["kind"], row["id"]))
    excluded = sorted(release.excluded, key=lambda row: row["source"])
    records = [{"record": kind, "id": identity, **record} for kind, of_kind in sorted(release.records.items())
               for identity, record in sorted(of_kind.items())]  # fmt: skip
    stated = (
        {name: value for name, value in one.items() if value not in (None, "", [], {})}
        for one in records
    )
    made = {
        files.FIGURES: encode_rows(
            REGISTER_COLUMNS, sorted(release.figures, key=lambda row: str(row["id"]))
        ),
        files.RECORDS: b"".join(map(_encode_line, stated)),
        files.CHANGES: encode_rows((one.name for one in CHANGES_COLUMNS), changes),
        files.VERSIONS: b"".join(map(_encode_line, release.versions)),
        files.EXCLUDED: encode_rows((one.name for one in EXCLUDED_COLUMNS), excluded),
        files.PARQUET: _encode_parquet(release),
        files.TABLE: encode_rows(points.NAMES, release.table),
        files.OTHERS: encode_rows(points.OTHER_NAMES, release.others),
        files.TABLE_PARQUET: _encode_table(release),
    }
    if release.earlier:
        earlier = sorted(release.earlier, key=lambda row: (row["figure"], row["day"]))
        made[files.EARLIER] = encode_rows(
            (one.name for one in EARLIER_COLUMNS), earlier
        )
    if indicators := release.records.get("indicator"):
        ordered = sorted(indicators.values(), key=lambda one: one["position"])
        cells = (
            {name: _write_field(value) for name, value in one.items()}
            for one in ordered
        )
        made[files.INDICATORS] = encode_rows(
            (one.name for one in INDICATOR_COLUMNS), cells
        )
    made[files.PACKAGE] = _describe(release, made)
    made[files.SUMS] = "".join(
        f"{sha256(made[name]).hexdigest()}  {name}\n" for name in sorted(made)
    ).encode()
    return made


def _write_field(value: object) -> str:
    """Return a field of an indicator as a cell: several values are separated by ` | `, since some have spaces."""
    if isinstance(value, list):
        return " | ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _encode_parquet(release: Release) -> bytes:
    view = ReleaseView(
        release.number, Catalogue(release.records), "", date.fromisoformat(release.day)
    )
    read = cell_reader(_SHOWN, view, has_labels=True)
    wholes = {row["id"]: write_whole(row) for row in release.figures}
    complete = completer(release.records)
    ordered = sorted(release.figures, key=lambda row: str(row["id"]))
    figures = (
        complete(row) | {"whole": wholes.get(row["denominator"])} for row in ordered
    )
    about = {
        "source": "Misconduct Register",
        "release": release.number,
        "licence": "CC BY 4.0",
    }
    about["how_to_cite"] = release.citation
    return parquet.write(
        [parquet.make_frame(PARQUET_COLUMNS, map(read, figures))], about
    )


def _encode_table(release: Release) -> bytes:
    names = [column.name for column in points.COLUMNS]
    rows = ([row.get(name) for name in names] for row in release.table)
    about = {"source": "Misconduct Register", "release": release.number}
    frame = parquet.make_frame(points.COLUMNS, rows)
    return parquet.write([frame], about | {"how_to_cite": release.citation})


def _describe(release: Release, made: Mapping[str, bytes]) -> bytes:
    types = {"number": "number", "integer": "integer", "day": "date"}
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
            {
                "name": name,
                "path": name,
                "description": about,
                "mediatype": media_type,
                "type": "table" if media_type == "text/csv" else "file",
                "bytes": len(made[name]),
                "hash": f"sha256:{sha256(made[name]).hexdigest()}",
            }
            | ({"schema": {"fields": [
                {"name": one.name, "type": types.get(one.holds, "string"), "description": one.about} for one in columns
            ]}} if columns else {})
            for name, media_type, about, columns in RESOURCES
            if name in made
        ],
    }  # fmt: skip
    stated = {name: value for name, value in package.items() if value is not None}
    return json.dumps(stated, ensure_ascii=False, indent=2).encode() + b"\n"
