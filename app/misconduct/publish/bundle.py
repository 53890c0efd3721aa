"""A whole release in one file: a Frictionless Data Package v2 that is CSV on the Web too, the same bytes every time."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Column as SqlColumn
from sqlalchemy import ColumnElement, Connection, Text, case, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from misconduct.bundles.archive import file_sha256
from misconduct.db.tables import observations, period_order
from misconduct.formats.csv import encode_csv
from misconduct.formats.linked.dcat import DESCRIPTION
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import ATTRIBUTION, COLUMNS, LICENCE
from misconduct.model.record_tables import all_tables, releases_table
from misconduct.model.records import Release
from misconduct.model.table import Column
from misconduct.queries.files import BUNDLE
from misconduct.queries.filters import in_force
from misconduct.register.bundle_manifest import MANIFESTS, SEALED_OBSERVATIONS, SEALED_RECORDS, Seals
from misconduct.register.observation_columns import COLUMNS as REGISTER_COLUMNS
from misconduct.register.records import digest_row

FRICTIONLESS = {"integer": "integer", "number": "number", "boolean": "boolean"}
CSVW = {"integer": "integer", "number": "decimal", "boolean": "boolean"}
KEYS = {"observations": "id", "releases": "number"}
EPOCH = (1980, 1, 1, 0, 0, 0)

README = """# Misconduct Register, release {number}

{summary}

Released {released} (UTC). Digest {digest}: SHA-256 over the previous release's digest and this release's manifest.

`observations.csv` has the figures, one self-contained row each; the other tables say what its codes mean, where the
figures stand, and what is known against them. Empty is not zero: `value_absent` says why there is no number. Lists in a
cell are separated by spaces, sentences by ` | `; a `|` inside a sentence is doubled. Text that a spreadsheet would run
as a formula has an apostrophe before it. `datapackage.json` (Frictionless Data Package) and `csv-metadata.json` (CSV on
the Web) describe every column; `SHA256SUMS` has the hash of every file.

`releases/` has the manifests; `sealed-observations.csv` and `sealed-records.tsv` have the register's own rows and
records, as they were hashed. `misconduct verify-release` hashes them again and rebuilds every table from them. Compare
the digest with a copy of it that you have from elsewhere.

Licence: CC BY 4.0, {licence}. Name the {attribution}, and cite a figure by its `cite_as`:
an address from the root of the service that you got this from.
"""


def write_bundle(
    connection: Connection, folder: Path, catalogue: Catalogue, releases: Sequence[Release], seals: Seals
) -> Path:
    """Write the bundle of a release beside its `observations.csv`, and return its path."""
    tables = {**all_tables(catalogue), "releases": releases_table(releases)}
    columns: dict[str, Sequence[Column]] = {"observations": COLUMNS}
    for name, table in tables.items():
        (folder / f"{name}.table").write_bytes(b"".join(encode_csv(table)))
        columns[name] = table.columns
    paths = {"observations.csv": folder / "observations.csv"}
    paths |= {f"{name}.csv": folder / f"{name}.table" for name in tables}
    texts = {
        "README.md": _readme(catalogue.release),
        "csv-metadata.json": _as_json(_csvw(columns)),
        "datapackage.json": _as_json(_datapackage(catalogue.release, columns, paths)),
    }
    for name, text in texts.items():
        paths[name] = folder / f"{name}.text"
        paths[name].write_text(text, encoding="utf-8")
    paths[SEALED_RECORDS] = folder / SEALED_RECORDS
    paths[SEALED_RECORDS].write_bytes(b"".join(seals.lines))
    paths[SEALED_OBSERVATIONS] = folder / SEALED_OBSERVATIONS
    _write_sealed_observations(connection, catalogue.release.ordinal, paths[SEALED_OBSERVATIONS])
    paths |= {f"{MANIFESTS}/{number}.csv": path for number, path in seals.manifests.items()}
    sums = folder / "SHA256SUMS.text"
    sums.write_text("".join(f"{file_sha256(path)}  {name}\n" for name, path in sorted(paths.items())), encoding="utf-8")
    return _zip(folder / BUNDLE, sorted({**paths, "SHA256SUMS": sums}.items()))


def _write_sealed_observations(connection: Connection, ordinal: int, path: Path) -> None:
    """Write the register's rows of a release's observations, from the database."""
    cells = {column.name: _written(column) for column in observations.columns}
    negative = _negative_zeros(connection, ordinal)
    if negative:
        cells["value"] = case((observations.c.id.in_(negative), "-" + cells["value"]), else_=cells["value"])
    chosen = (cells[name].label(name) for name in (*REGISTER_COLUMNS, "source"))
    statement = select(*chosen).where(in_force(observations, ordinal)).order_by(period_order, observations.c.id)
    query = statement.compile(connection, compile_kwargs={"literal_binds": True})
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    copied = f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)".encode()
    with path.open("wb") as file, driver.cursor() as cursor, cursor.copy(copied) as copy:
        file.writelines(copy)


def _negative_zeros(connection: Connection, ordinal: int) -> list[str]:
    """Return the ids of the observations whose value is written `-0`: a number in Postgres has no negative zero."""
    names = (*REGISTER_COLUMNS, "source")
    cells = [_written(observations.c[name]) for name in names]
    zeros = select(observations.c.sha256, *cells).where(in_force(observations, ordinal), observations.c.value == 0)
    rows = ((row[0], {name: str(cell) for name, cell in zip(names, row[1:], strict=True) if cell not in (None, "")})
            for row in connection.execute(zeros))  # fmt: skip
    return [cells["id"] for sha256, cells in rows if digest_row(cells) != sha256]


def _written(column: SqlColumn[Any]) -> ColumnElement[Any]:
    """Express a column as the register writes its cells."""
    return func.array_to_string(column, " ") if isinstance(column.type, ARRAY) else cast(column, Text)


def _zip(target: Path, members: Iterable[tuple[str, Path]]) -> Path:
    """Zip without dates, so that the bytes depend on nothing but the contents and zlib."""
    with zipfile.ZipFile(target, "w") as bundle:
        for name, path in members:
            member = zipfile.ZipInfo(name, EPOCH)
            member.external_attr, member.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            with bundle.open(member, "w", force_zip64=True) as written, path.open("rb") as file:
                while piece := file.read(1 << 20):
                    written.write(piece)
    return target


def _readme(release: Release) -> str:
    return README.format(**release._asdict(), licence=LICENCE, attribution=ATTRIBUTION)


def _datapackage(release: Release, columns: dict[str, Sequence[Column]], paths: dict[str, Path]) -> dict[str, Any]:
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "misconduct-register",
        "title": ATTRIBUTION,
        "version": release.number,
        "created": f"{release.released.isoformat()}T00:00:00Z",
        "description": f"{DESCRIPTION} Release {release.number}: {release.summary}",
        "keywords": ["police", "misconduct", "statistics", "United Kingdom"],
        "licenses": [{"name": "CC-BY-4.0", "path": LICENCE, "title": "Creative Commons Attribution 4.0"}],
        "resources": [_resource(name, own, paths[f"{name}.csv"]) for name, own in columns.items()],
    }


def _resource(name: str, columns: Sequence[Column], path: Path) -> dict[str, Any]:
    return {
        "name": name,
        "type": "table",
        "path": f"{name}.csv",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{file_sha256(path)}",
        "schema": {
            "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
            "fields": [
                {
                    "name": column.name,
                    "type": FRICTIONLESS.get(column.type, "string"),
                    "description": column.description,
                }
                for column in columns
            ],
            "missingValues": [""],
            "primaryKey": [KEYS.get(name, "id")],
        },
    }


def _csvw(columns: dict[str, Sequence[Column]]) -> dict[str, Any]:
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:license": {"@id": LICENCE},
        "tables": [
            {
                "url": f"{name}.csv",
                "tableSchema": {"columns": list(map(_csvw_column, own)), "primaryKey": KEYS.get(name, "id")},
            }
            for name, own in columns.items()
        ],
    }


def _csvw_column(column: Column) -> dict[str, Any]:
    described = {"name": column.name, "titles": column.name, "dc:description": column.description}
    if column.type == "texts":
        return {**described, "datatype": "string", "separator": column.separator}
    return {**described, "datatype": CSVW.get(column.type, "string")}


def _as_json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
