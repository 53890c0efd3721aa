"""The bundle of a release is what it says it is: a Data Package to Frictionless, CSV on the Web to a CSVW reader."""

from __future__ import annotations

import json
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import csvw
import pytest
from frictionless import Package, Resource, validate

from tests.clients.test_generated import run
from tests.formats import odd
from tests.formats.readers import plain


@pytest.fixture(scope="module", params=["real", "odd"])
def bundle(request, postgres, tmp_path_factory) -> Path:
    """The folder of an unpacked bundle: of the real register, and of the one with odd texts."""
    folder = tmp_path_factory.mktemp("bundle")
    if request.param == "real":
        unpack(request.getfixturevalue("real"), "1.1.0", folder)
    else:
        with odd.serve_odd(postgres) as served:
            unpack(served, "1.0.0", folder)
    return folder


def unpack(served, release: str, folder: Path) -> None:
    path = folder / "bundle.zip"
    path.write_bytes(served.client.get(f"/v1/releases/{release}/bundle.zip").content)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)


def test_frictionless_finds_every_table_valid(bundle):
    report = validate(str(bundle / "datapackage.json"))
    assert report.flatten(["title", "note"]) == []
    assert {task.name for task in report.tasks} >= {"observations", "sources", "codes", "caveats", "checks", "releases"}


def test_frictionless_says_so_on_the_command_line_too(bundle):
    program = Path(sys.executable).with_name("frictionless")
    said = json.loads(run(program, "validate", "datapackage.json", "--json", folder=bundle))
    assert (said["valid"], said["stats"]["errors"]) == (True, 0)


def test_every_column_of_every_table_is_described_in_a_sentence(bundle):
    package = json.loads((bundle / "datapackage.json").read_text())
    assert package["description"].startswith("Published statistics on police misconduct")
    described = {
        (resource["name"], field["name"]): field["description"]
        for resource in package["resources"]
        for field in resource["schema"]["fields"]
    }
    assert described["caveats", "text"] == "The note."
    assert described["checks", "result"] == "holds, fails or undecidable."
    assert [name for name, text in described.items() if not text.endswith(".") or text.endswith(f": {name[1]}.")] == []


def test_frictionless_finds_a_changed_byte(bundle, tmp_path):
    for path in filter(Path.is_file, bundle.iterdir()):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    caveats = tmp_path / "caveats.csv"
    caveats.write_bytes(caveats.read_bytes().replace(b"e", b"E", 1))
    report = validate(str(tmp_path / "datapackage.json"))
    assert "Hash Count Error" in [title for [title] in report.flatten(["title"])]


def test_frictionless_reads_numbers_as_numbers_and_empty_as_nothing(bundle):
    package = Package(str(bundle / "datapackage.json"))
    resource = package.get_resource("observations")
    assert isinstance(resource, Resource)
    for row in resource.read_rows():
        assert row["value"] is None or isinstance(row["value"], Decimal)
        assert (row["value"] is None) == (row["value_absent"] is not None)
        assert isinstance(row["version"], int)


def test_a_csvw_reader_finds_every_table_valid_and_every_key_unique(bundle):
    metadata = csvw.CSVW(str(bundle / "csv-metadata.json"), validate=True)
    assert metadata.is_valid
    assert metadata.common_props["dc:license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    tables = csvw.TableGroup.from_file(bundle / "csv-metadata.json").tables
    # The rows that were hashed are not a table for readers, but the proof of one.
    assert {table.url.string for table in tables} == {path.name for path in bundle.glob("*.csv")} - {
        "sealed-observations.csv"
    }
    for table in tables:
        [key] = table.tableSchema.primaryKey
        ids = [row[key] for row in table]
        assert len(ids) == len(set(ids))


def test_a_csvw_reader_gets_numbers_lists_and_nothing(bundle):
    tables = {table.url.string: table for table in csvw.TableGroup.from_file(bundle / "csv-metadata.json").tables}
    for row in tables["observations.csv"]:
        assert row["value"] is None or isinstance(row["value"], Decimal)
        assert isinstance(row["caveats"], list)
        assert len(row["caveats"]) == len(row["caveat_texts"])


def test_a_csvw_reader_gets_odd_texts_back(postgres, tmp_path):
    with odd.serve_odd(postgres) as served:
        unpack(served, "1.0.0", tmp_path)
    tables = {table.url.string: table for table in csvw.TableGroup.from_file(tmp_path / "csv-metadata.json").tables}
    rows = {row["id"]: row for row in tables["observations.csv"]}
    assert [text.replace("||", "|") for text in map(plain, rows["bbbb5"]["caveat_texts"])] == [odd.FORMULA, odd.PARTED]
    assert plain(rows["bbbb5"]["hedge"]) == '=nearly, "they" say'
    assert rows["bbbb7"]["value"] == Decimal(-3)
    assert rows["bbbb4"]["value"] is None
