"""Verifying a table: each column of each row is derived anew from the bytes, and each cell is accounted for."""

from __future__ import annotations

import csv
import io
import json

import pytest

from misconduct.register.write_quotes import write_quotes
from tests.register import test_wide_tables
from tests.register.reading import replace
from tests.register.tables import MAPPING, SLUG, TABLE, TERMS, rows, run, verified, write_table
from tests.registers import as_csv, seal


@pytest.fixture
def imported(tmp_path):
    write_table(tmp_path)
    run(tmp_path)
    return tmp_path


def change(folder, number, column, cell):
    """Write another cell in a row of the figures."""
    path = folder / "data" / "observations" / f"{SLUG}.csv"
    lines = list(csv.DictReader(io.StringIO(path.read_text())))
    lines[number - 1][column] = cell
    path.write_text(as_csv(lines[0], lines))


def test_what_was_imported_is_verified(imported):
    assert verified(imported) == []


@pytest.mark.parametrize(
    ("column", "cell", "found"),
    [
        ("category", "any_misconduct", "category is any_misconduct, and cell=2,3 of the table makes it fen_rudeness"),
        ("area", "E23000001", "area is E23000001, and cell=2,3 of the table makes it fenmoor"),
        ("at", "cell=2,1", "at is cell=2,1, and cell=2,3 of the table makes it cell=2,3"),
        ("obs_status", "P", "obs_status is P, and cell=2,3 of the table makes it A"),
    ],
)
def test_a_wrong_column_beside_a_right_number_is_found(imported, column, cell, found):
    statuses = imported / "data" / "codelists" / "obs_status.csv"
    statuses.write_text(statuses.read_text() + "P,1,P,P,,Tests\n")
    change(imported, 1, column, cell)
    [mistake] = verified(imported)
    assert mistake.startswith(f"data/observations/{SLUG}.csv:2:")
    assert mistake.endswith(f"{found}; what misconduct import writes")


def test_a_wrong_year_beside_a_right_number_is_found(imported):
    for column, cell in (("period_start", "2020"), ("period_printed", "2020")):
        change(imported, 1, column, cell)
    assert [mistake.partition(": ")[2].partition(";")[0] for mistake in verified(imported)] == [
        "period_start is 2020, and cell=2,3 of the table makes it 2021",
        "period_printed is 2020, and cell=2,3 of the table makes it 2021",
    ]


def test_a_wrong_number_is_found(imported):
    for column, cell in (("value", "9"), ("printed", "9")):
        change(imported, 1, column, cell)
    assert [mistake.partition(": ")[2].partition(";")[0] for mistake in verified(imported)] == [
        "value is 9, and cell=2,3 of the table makes it 8",
        "printed is 9, and cell=2,3 of the table makes it 8",
    ]


def test_a_row_that_is_missing_and_one_too_many_are_found(imported):
    path = imported / "data" / "observations" / f"{SLUG}.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    assert verified(imported) == ["table#cell=4,3: no row states this figure; what misconduct import writes"]
    path.write_text("".join([*lines, lines[1].replace(rows_id(lines[1]), "bcdfghjk").replace("cell=2,3", "cell=9,3")]))
    [mistake] = verified(imported)
    assert mistake == (
        f"data/observations/{SLUG}.csv:5:1: table does not have this figure; what it has; if the figure is gone: "
        "misconduct release --end"
    )


def rows_id(line):
    return line.partition(",")[0]


def test_a_word_that_a_mapping_no_longer_knows_is_found(imported):
    replace(imported / "data" / "mappings" / f"{MAPPING}.sssom.tsv", "Theft\t", "Thefft\t")
    [mistake] = verified(imported)
    assert mistake.startswith("table#cell=3,2: this word is not in the mapping (not shown, as ")


def test_a_wrong_length_is_found(imported):
    replace(imported / "data" / "sources" / f"{SLUG}.yaml", f'"length": {len(TABLE)}', '"length": 1')
    [mistake] = verified(imported)
    assert mistake.endswith(f"length is 1; {len(TABLE)}")


def test_released_figures_are_verified_too(imported):
    seal(imported / "data")
    assert verified(imported) == []
    assert len(rows(imported)) == 3
    manifest = (imported / "data" / "releases" / "1.0.0.csv").read_text()
    assert "table,fenmoor,1,added" in manifest
    assert "mapping,fenmoor-kind,1,added" in manifest


def test_a_released_mapping_has_its_next_version_in_a_file_of_its_own(imported):
    seal(imported / "data")
    folder = imported / "data" / "mappings"
    (folder / f"{MAPPING}.2.sssom.tsv").write_text(TERMS.replace("skos:exactMatch", "skos:closeMatch"))
    done = run(imported)
    assert (done.same, done.new, len(done.gone)) == (2, 1, 1)
    assert [*done.tables[SLUG].codes] == [("category", "fen_theft")]


def test_what_a_correction_quotes_from_a_table_is_verified(imported):
    correction = {
        "id": "wrong-kind", "version": 1, "source": SLUG, "at": "cell=2,2", "printed": "Rudeness", "reading": "A kind.",
        "other_source": SLUG, "other_reading": "Another.", "explanation": "Not known.",
        "notes": dict.fromkeys(("other_at", "other_printed", "publisher_told"), "Not known."),
    }  # fmt: skip
    path = imported / "data" / "corrections.yaml"
    path.write_text(json.dumps([correction]))
    assert verified(imported) == []
    path.write_text(json.dumps([correction | {"at": "cell=3,2"}]))
    [mistake] = verified(imported)
    assert "the document has other words at cell=3,2, not 'Rudeness'" in mistake  # a remark may have moved there


def test_a_quoted_cell_that_nobody_sees_any_more_is_reported(tmp_path):
    """No figure is in it, so that nothing else looks at it."""
    root = test_wide_tables.write(tmp_path, change=lambda sheet: setattr(sheet.row_dimensions[9], "hidden", True))
    run(tmp_path)
    quoted = "Source: Fenmoor, 12 of 13 returns"
    correction = {
        "id": "returns", "version": 1, "source": SLUG, "at": "cell=9,1", "printed": quoted, "reading": "12.",
        "other_source": SLUG, "other_reading": "13.", "explanation": "Not known.",
        "notes": dict.fromkeys(("other_at", "other_printed", "publisher_told"), "Not known."),
    }  # fmt: skip
    (root / "corrections.yaml").write_text(json.dumps([correction]))
    assert verified(tmp_path) == [
        "table#cell=9,1: this cell is not what a reader sees; suppressOutput for its column, or skip its row"
    ]


def test_the_words_around_figures_are_not_asked_of_a_table(tmp_path):
    test_wide_tables.write(tmp_path)
    run(tmp_path)
    assert write_quotes(tmp_path / "data", tmp_path / "documents").places == 0
