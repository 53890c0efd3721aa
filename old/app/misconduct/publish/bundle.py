"""A whole release in one file: a Frictionless Data Package v2 that is CSV on the Web too, the same bytes every time."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from misconduct.formats.csv import encode_csv
from misconduct.formats.linked.dcat import DESCRIPTION
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import ATTRIBUTION, COLUMNS, LICENCE
from misconduct.model.record_tables import all_tables, releases_table
from misconduct.model.records import Release
from misconduct.model.table import Column
from misconduct.publish.deflated import END, DeflatedFile, Deflater
from misconduct.queries.files import BUNDLE, EVERYTHING
from misconduct.register.bundle_manifest import MANIFESTS, SEALED_RECORDS, Seals

FRICTIONLESS = {"integer": "integer", "number": "number", "boolean": "boolean"}
CSVW = {"integer": "integer", "number": "decimal", "boolean": "boolean"}
KEYS = {"observations": "id", "releases": "number"}
FIGURES = f"{EVERYTHING}.csv"
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
    catalogue: Catalogue,
    releases: Sequence[Release],
    seals: Seals,
    figures: Mapping[str, DeflatedFile],
    deflater: Deflater,
) -> Path:
    """Write the bundle of a release, of which the members with the figures are there already, and return its path."""
    tables = {**all_tables(catalogue), "releases": releases_table(releases)}
    members = {**figures} | {f"{name}.csv": deflater.deflate(encode_csv(table)) for name, table in tables.items()}
    columns: dict[str, Sequence[Column]] = {
        "observations": COLUMNS,
        **{name: table.columns for name, table in tables.items()},
    }
    texts = {
        "README.md": _readme(catalogue.release),
        "csv-metadata.json": _as_json(_csvw(columns)),
        "datapackage.json": _as_json(_datapackage(catalogue.release, columns, members)),
    }
    members |= {name: deflater.deflate([text.encode()]) for name, text in texts.items()}
    members[SEALED_RECORDS] = deflater.deflate(seals.lines)
    for number, path in seals.manifests.items():
        members[f"{MANIFESTS}/{number}.csv"] = deflater.copy(path)
    sums = "".join(f"{member.sha256}  {name}\n" for name, member in sorted(members.items()))
    members["SHA256SUMS"] = deflater.deflate([sums.encode()])
    return _zip(deflater.folder / BUNDLE, sorted(members.items()))


def _zip(target: Path, members: Iterable[tuple[str, DeflatedFile]]) -> Path:
    """Zip without dates, so that the bytes depend on nothing but the contents and ISA-L."""
    with zipfile.ZipFile(target, "w") as bundle, target.open("r+b") as headers:
        for name, file in members:
            member = zipfile.ZipInfo(name, EPOCH)
            member.external_attr = 0o644 << 16
            with bundle.open(member, "w", force_zip64=True) as written:  # stored as it is: it is deflated already
                for deflated in file.deflated():
                    written.write(deflated)
                written.write(END)
            member.compress_type, member.file_size, member.CRC = zipfile.ZIP_DEFLATED, file.length, file.crc
            headers.seek(member.header_offset)
            headers.write(member.FileHeader(zip64=True))
    return target


def _readme(release: Release) -> str:
    return README.format(**release._asdict(), licence=LICENCE, attribution=ATTRIBUTION)


def _datapackage(
    release: Release, columns: dict[str, Sequence[Column]], members: dict[str, DeflatedFile]
) -> dict[str, Any]:
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "misconduct-register",
        "title": ATTRIBUTION,
        "version": release.number,
        "created": f"{release.released.isoformat()}T00:00:00Z",
        "description": f"{DESCRIPTION} Release {release.number}: {release.summary}",
        "keywords": ["police", "misconduct", "statistics", "United Kingdom"],
        "licenses": [{"name": "CC-BY-4.0", "path": LICENCE, "title": "Creative Commons Attribution 4.0"}],
        "resources": [_resource(name, own, members[f"{name}.csv"]) for name, own in columns.items()],
    }


def _resource(name: str, columns: Sequence[Column], file: DeflatedFile) -> dict[str, Any]:
    return {
        "name": name,
        "type": "table",
        "path": f"{name}.csv",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.length,
        "hash": f"sha256:{file.sha256}",
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
