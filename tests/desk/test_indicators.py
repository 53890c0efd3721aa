"""Indicators: what figures count, and what they are called. The names are typed from the sources by a person."""

import csv
import re
import shutil
from pathlib import Path

import pytest

from misconduct.errors import RegisterError
from misconduct.model.catalogue import Catalogue
from misconduct.model.names import name_counted, write_whole
from misconduct_editor.register.check import read_register
from misconduct_editor.register.reading import encode_rows
from tests.desk.cases import TABLES, read_cases

ROOT = Path(__file__).parents[2]
TYPED = read_cases(TABLES / "indicators.yaml")
NO_NAME = re.compile(r"_|…|[\"“”‘{}]|PARAGRAPH|[A-Z]{4,}|\b(19|20)\d\d\b| - | ,|, ,")


@pytest.fixture(scope="module")
def register():
    return read_register(ROOT / "data")


@pytest.fixture(scope="module")
def names(register):
    """The name of each figure, by its id."""
    kinds = register.records.items()
    catalogue = Catalogue(
        {
            kind: {one: record.model_dump() for one, record in of.items()}
            for kind, of in kinds
        }
    )
    wholes = {row["id"]: write_whole(row) for row in register.figures}
    return {
        row["id"]: name_counted(
            row | {"whole": wholes.get(row["denominator"])}, catalogue
        )
        for row in register.figures
    }


def test_figures_are_called_what_they_count(names):
    assert {one: names[one] for one in TYPED["names"]} == TYPED["names"]


def test_a_printed_list_is_one_series(register):
    rows = {row["id"]: row for row in register.figures}
    for name, ids in TYPED["lists"].items():
        listed = [rows[one] for one in ids.split()]
        series = {(row["indicator"], row["counting_unit"]) for row in listed}
        assert len(series) == 1, (name, series)


def test_reviews_found_unreasonable_are_among_those_completed(register):
    rows = {row["id"]: row for row in register.figures}
    for review, whole in TYPED["reviews"].items():
        assert rows[review]["part_of"] == [whole]
    overturned = [
        row
        for row in register.figures
        if row["source"] == "complaint-review-outcomes-by-force"
        and (row["indicator"], row["statistic"]) == ("reviews_overturned", "count")
    ]
    assert len(overturned) > 40
    assert all(row["part_of"] for row in overturned)


def test_no_name_has_a_heading_a_code_a_year_or_a_place(register, names):
    areas = {row["id"]: row["area"] for row in register.figures}
    places = {
        code.label
        for one, code in register.records["code"].items()
        if one.startswith("area/")
    } - {"Not stated"}
    assert len({*names.values()}) > 1_000
    assert [
        name
        for name in {*names.values()}
        if NO_NAME.search(name) or name != " ".join(name.split())
    ] == []
    alone = {name for one, name in names.items() if areas[one] != "several_forces"}
    assert [
        name
        for name in alone
        for place in places
        if re.search(rf"\b{re.escape(place)}\b", name)
    ] == []


@pytest.fixture
def data(tmp_path):
    """The register of this repository, to make mistakes in."""
    shutil.copytree(
        ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("releases")
    )
    return tmp_path / "data"


def write(data, identity, **cells):
    """Write cells of a row of a transcript."""
    for path in (data / "transcripts").glob("*.csv"):
        rows = [*csv.DictReader(path.read_text("utf-8").splitlines())]
        if found := [row for row in rows if row["id"] == identity]:
            found[0].update(cells)
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, rows[0], lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)


def test_mistakes_are_told_with_their_place(data):
    for identity, column, cell, _ in TYPED["mistakes"]:
        write(data, identity, **{column: cell})
    for file, before, after, _ in TYPED["in_other_files"]:
        text = (data / file).read_text("utf-8")
        assert before in text
        (data / file).write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(RegisterError) as told:
        read_register(data)
    for *_, words in (*TYPED["mistakes"], *TYPED["in_other_files"]):
        assert words in str(told.value)


def test_a_row_without_codes_has_those_of_its_indicator(data):
    names = ("measure", "category", "counting_unit", "population", "stock_or_flow")
    write(data, "zv9n6", **dict.fromkeys(names, ""))
    row = next(one for one in read_register(data).figures if one["id"] == "zv9n6")
    assert [row[name] for name in names] == [
        "alleged",
        "any",
        "complaints",
        "workforce",
        "flow",
    ]


def test_a_new_indicator_is_one_row_and_needs_no_edit_of_others(data):
    with (data / "indicators.csv").open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    new = rows[0] | {"id": "use_of_force", "name": "Uses of force", "position": "999"}
    new |= {"headline": "", "counted_otherwise": "shot_dead", "lead_chart": ""}
    new["not_to_confuse"] = "shot_dead | dismissed"
    rows.append(new)
    (data / "indicators.csv").write_bytes(encode_rows(rows[0], rows))
    records = read_register(data).records["indicator"]
    assert "use_of_force" in records["shot_dead"].counted_otherwise
    assert "use_of_force" in records["dismissed"].not_to_confuse
    new["counting_unit"] = "unstated"
    (data / "indicators.csv").write_bytes(encode_rows(rows[0], rows))
    with pytest.raises(RegisterError, match=r"indicators\.csv:\d+:\d+: name dismissed"):
        read_register(data)


def test_a_broken_list_of_indicators_blames_no_figure(data):
    file = data / "indicators.csv"
    file.write_text(
        file.read_text("utf-8").replace(",definition,", ",defintion,", 1), "utf-8"
    )
    with pytest.raises(RegisterError) as told:
        read_register(data)
    assert str(told.value).splitlines() == [
        "indicators.csv:1:3: there is no column 'defintion'; did you mean definition?",
        "indicators.csv:1:25: these columns are missing: definition",
    ]
