"""A cause is reported alone: a record in an unreadable file is not also reported as missing."""

from __future__ import annotations

import pytest

from tests.register.reading import mistakes_of, replace
from tests.registers import disagreement_reasons, seal, write_register

TABLE = """
    id    | value | caveats | source | origin
    bbbb2 | 5     | rounded | paper  | paper
    bbbb3 | 6     | rounded | letter | paper
"""
CHECK = """\
- id: six-of-five
  version: 1
  type: subset
  title: Are the five among the six?
  whole: bbbb3
  parts: [bbbb2]
"""
PAPER = "observations/paper.csv"


@pytest.fixture
def data(tmp_path):
    """A released register in which records name each other."""
    write_register(tmp_path / "data", TABLE, **disagreement_reasons(), **{"checks.yaml": CHECK})
    seal(tmp_path / "data", "1.0.0")
    return tmp_path / "data"


@pytest.mark.parametrize(
    "name", ["sources/paper.yaml", "caveats.yaml", "datasets.yaml", "checks.yaml", "releases/1.0.0.yaml"]
)
def test_a_yaml_file_that_cannot_be_read_is_the_only_mistake(data, name):
    (data / name).write_text("a: [1,\n")
    [mistake] = mistakes_of(data)
    assert mistake.startswith(f"data/{name}:2:1: this is not valid YAML for the register")


@pytest.mark.parametrize("name", ["sources/paper.yaml", "caveats.yaml", "datasets.yaml"])
def test_a_record_without_a_readable_id_is_not_reported_as_missing(data, name):
    path = data / name
    path.write_text(path.read_text().replace('"id"', '"di"', 1))
    assert all(mistake.startswith(f"data/{name}:") for mistake in mistakes_of(data)), mistakes_of(data)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("codelists/measure.csv", "code,", "cod,"),
        ("codelists/category.csv", "label", "lable"),
        ("codelists/statistic.csv", "definition", "defintion"),
        (PAPER, "measure,", "mesure,"),
        (PAPER, "caveats", "caveat"),
        ("releases/1.0.0.csv", "action", "acton"),
    ],
)
def test_a_misspelt_column_is_the_only_mistake_and_has_a_suggestion(data, name, old, new):
    replace_first(data / name, old, new)
    [mistake] = mistakes_of(data)
    assert mistake.startswith(f"data/{name}:1:")
    assert f"there is no column '{new.strip(',')}'" in mistake
    assert mistake.endswith(f"did you mean {old.strip(',')}?")


def test_a_misspelt_column_of_a_manifest_hides_no_later_release(data):
    write_register(data, TABLE + "bbbb4 | 7 | rounded | paper | paper")
    row = next(row for row in (data / PAPER).read_text().splitlines() if row.startswith("bbbb2"))
    with (data / PAPER).open("a") as file:
        file.write(row.replace("bbbb2,1,", "bbbb2,2,") + "\n")
    seal(data, "2.0.0", "2024-06-01")
    replace_first(data / "releases" / "1.0.0.csv", "action", "acton")
    found = mistakes_of(data)
    assert [mistake.partition(": ")[0] for mistake in found] == [
        "data/releases/1.0.0.csv:1:17",
        "data/releases/2.0.0.yaml:5:1",
    ]
    assert "the chain is broken" in found[1]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("codelists/measure.csv", "Accused.", "Somebody accused them."),
        ("caveats.yaml", "About rounded.", "About."),
        ("datasets.yaml", "Who was", "Who is"),
        ("sources/paper.yaml", "The publisher", "A publisher"),
        (PAPER, "char=0,1", "char=1,2"),
    ],
)
def test_a_released_record_that_was_edited_is_the_only_mistake(data, name, old, new):
    replace(data / name, old, new)
    [mistake] = mistakes_of(data)
    assert mistake.startswith(f"data/{name}:")
    assert "this record is not what data/releases/1.0.0.csv:" in mistake


def test_a_row_with_a_mistake_is_still_known_to_the_checks_that_name_it(data):
    write_register(data, TABLE + "bbbb4 | 7 | rounded | paper | paper", **{"checks.yaml": CHECK + CHECK.replace("six-of-five", "seven").replace("bbbb2", "bbbb4")})  # fmt: skip
    replace(data / PAPER, ",7,,count", ",8,,count")
    [mistake] = mistakes_of(data)
    assert "value is 8, but '7' says 7" in mistake


def test_a_deleted_optional_column_is_reported_once(data):
    write_register(data, TABLE + "\n".join(f"bbbb{n} | {n} | rounded | paper | paper" for n in range(4, 9)))
    seal(data, "1.1.0", "2024-06-01")
    text = (data / PAPER).read_text()
    (data / PAPER).write_text(text.replace(",caveats", "").replace(",rounded", ""))
    [mistake] = mistakes_of(data)
    assert mistake.startswith("data/observations/paper.csv:2:1: this record is not what data/releases/1.0.0.csv:")
    assert "sealed, nor are 5 further ones; this file has no column caveats" in mistake


def test_missing_ids_of_a_readable_list_are_still_reported(data):
    (data / "caveats.yaml").write_text("a: [1,\n")
    write_register(data, TABLE + "bbbb4 | 7 | rounded | paper | papr", **{"caveats.yaml": "a: [1,\n"})
    (data / "sources" / "papr.yaml").unlink()
    assert any("there is no source 'papr'" in mistake for mistake in mistakes_of(data))


def replace_first(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
