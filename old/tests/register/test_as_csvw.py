"""What `--as-csvw` writes is valid for tools that know nothing of this register, and they find a wrong word in it."""

from __future__ import annotations

import warnings

import csvw
import pytest
from frictionless import Package
from typer.testing import CliRunner

from misconduct.cli import app
from misconduct.errors import MisconductError
from tests.register import test_wide_tables
from tests.register.reading import replace
from tests.register.tables import COLUMNS, MAPPING, SLUG, TABLE, run, write_table


@pytest.fixture(params=["long", "wide"])
def folder(request, tmp_path):
    """The files of a table, a long CSV or a wide XLSX."""
    (write_table if request.param == "long" else test_wide_tables.write)(tmp_path)
    run(tmp_path, write=False, as_csvw=tmp_path / "csvw")
    return tmp_path / "csvw"


def test_no_file_is_replaced(tmp_path):
    """As the publisher's document, which lies in the folder of documents and has the name of the table."""
    write_table(tmp_path)
    document = tmp_path / "documents" / f"{SLUG}.csv"
    next((tmp_path / "documents").iterdir()).rename(document)
    before = document.read_bytes()
    with pytest.raises(MisconductError, match=rf"documents has {SLUG}\.csv already"):
        run(tmp_path, write=False, as_csvw=tmp_path / "documents")
    assert [(path, path.read_bytes()) for path in (tmp_path / "documents").iterdir()] == [(document, before)]


def test_nothing_is_written_for_other_tools_if_the_register_is_refused(tmp_path):
    """Once the mistake is mended, the same command writes both."""
    data, out = write_table(tmp_path), tmp_path / "out"
    command = [
        "import",
        SLUG,
        "--documents",
        str(tmp_path / "documents"),
        "--register",
        str(data),
        "--as-csvw",
        str(out),
    ]
    (data / "relations.yaml").write_text("- id: x\n")
    done = CliRunner().invoke(app, [*command, "--write"])
    assert done.exit_code == 1
    assert done.stderr.endswith("; nothing was written.\n")
    assert [path for path in out.rglob("*") if path.is_file()] == []
    (data / "relations.yaml").unlink()
    done = CliRunner().invoke(app, command)
    names = [f"{SLUG}.csv", f"{MAPPING}.sssom.tsv", "csv-metadata.json", "datapackage.json"]
    assert done.stdout.splitlines()[-5:-1] == [f"Wrote {out / name}." for name in names]
    assert done.stdout.splitlines()[-1].startswith(f"Nothing else was written. To write {data}/")
    assert sorted(path.name for path in out.iterdir()) == sorted(names)


def csvw_faults(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        metadata = csvw.CSVW(str(folder / "csv-metadata.json"), validate=True)
        try:
            return [] if metadata.is_valid else [str(warning.message) for warning in metadata.warnings]
        except ValueError as error:
            return [str(error)]


def package_faults(folder):
    report = Package(folder / "datapackage.json").validate()
    return [(task.name, error.row_number) for task in report.tasks for error in task.errors]


def test_csvw_and_frictionless_find_it_valid(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "csv-metadata.json", "datapackage.json", f"{MAPPING}.sssom.tsv", f"{SLUG}.csv",
    ]  # fmt: skip
    assert csvw_faults(folder) == []
    assert package_faults(folder) == []


def test_csvw_and_frictionless_read_numbers_as_the_datatype_says(tmp_path):
    form = {"groupChar": ".", "decimalChar": ","}
    columns = [*COLUMNS[:2], {**COLUMNS[2], "datatype": {"base": "decimal", "format": form}}, COLUMNS[3]]
    write_table(tmp_path, TABLE.replace('"1,204"', "1.204"), columns=columns)
    run(tmp_path, write=False, as_csvw=tmp_path / "csvw")
    assert csvw_faults(tmp_path / "csvw") == []
    assert package_faults(tmp_path / "csvw") == []
    [resource, _] = Package(tmp_path / "csvw" / "datapackage.json").resources
    assert [str(row["Cases"]) for row in resource.read_rows()] == ["8", "12", "1204"]
    table = csvw.CSVW(str(tmp_path / "csvw" / "csv-metadata.json")).tables[0]
    assert [str(row["value"]) for row in table] == ["8", "12", "1204"]


def test_csvw_and_frictionless_find_a_word_that_no_mapping_has(folder):
    replace(folder / f"{MAPPING}.sssom.tsv", "Theft", "Thefft")
    [fault] = csvw_faults(folder)
    assert "Theft" in fault or "integrity" in fault
    assert package_faults(folder) == [(SLUG, 3)]


def test_csvw_and_frictionless_find_what_is_no_number(tmp_path):
    write_table(tmp_path)
    run(tmp_path, write=False, as_csvw=tmp_path / "csvw")
    replace(tmp_path / "csvw" / f"{SLUG}.csv", "Theft,12", "Theft,many")
    [fault] = csvw_faults(tmp_path / "csvw")
    assert "many" in fault
    assert package_faults(tmp_path / "csvw") == [(SLUG, 3)]


def test_a_cell_that_is_left_out_is_empty(tmp_path):
    write_table(tmp_path, skip={"cell=3,3": "A court."})
    run(tmp_path, write=False, as_csvw=tmp_path / "csvw")
    assert (tmp_path / "csvw" / f"{SLUG}.csv").read_text().splitlines()[2] == "2021,Theft,"
    assert csvw_faults(tmp_path / "csvw") == []
    assert package_faults(tmp_path / "csvw") == []
