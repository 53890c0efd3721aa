"""What the program counts comes in like a table. Nothing about a person does."""

import csv
import re

import pytest

from misconduct.register.tables.add import add_table
from tests.register.editor import changes_of, is_named

CASES = ["case_id,officer_name,kind,finding"]
CASES += [f"22-{number},Secret{number},sexual,proven" for number in range(7)]
CASES += [f"23-{number},Hush{number},sexual,alleged" for number in range(3)]
COUNT = {"by": ["kind", "finding"], "year": {"case_id": r"^(\d\d)-"}, "below": 5}
COUNTED = {"sheet": None, "header": None, "rows": None, "totals": {"all": 10}, "count": COUNT}
COUNTED["figure"] = {"area": "E23000032", "population": "officers", "counting_unit": "allegations"}
COUNTED["columns"] = {"kind": "category", "finding": "measure", "year": "year", "count": "value"}


@pytest.fixture
def cases(editor):
    """An editor with a file that has a row for each case."""
    editor.document = editor.document.with_suffix(".csv")
    editor.document.write_text("\n".join(CASES))
    return editor


def test_cases_are_counted_and_small_numbers_hidden(cases):
    cases.describe(**COUNTED)
    outcome = cases.run()
    assert outcome.mistakes == []
    with cases.observations.open() as file:
        rows = {row["period"]: row for row in csv.DictReader(file)}
    assert (rows["2022"]["value"], rows["2022"]["measure"], rows["2022"].get("printed", "")) == ("7", "proven", "")
    assert (rows["2023"]["value"], rows["2023"]["value_absent"]) == ("", "suppressed")
    assert cases.verify() == []
    assert changes_of(cases.run()) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    cases.describe(**COUNTED | {"totals": {"all": 30}})
    assert is_named(cases.run().mistakes, "tables/report.yaml:2:10", "30")
    cases.describe(**COUNTED | {"count": COUNT | {"where": {"finding": ["proven"]}}, "totals": {"all": 7}})
    assert cases.run().mistakes == []


BAD_COUNTS = {
    "by people": ({"by": ["officer_name"]}, "individual people"),
    "where it is a person": ({"where": {"officer_name": ["Somebody"]}}, "individual people"),
    "the year of a person": ({"year": {"officer_name": "(.*)"}}, "individual people"),
    "a year that is none": ({"year": {"case_id": "(.*)"}}, "no year in 10 rows"),
    "a pattern that is none": ({"year": {"case_id": "("}}, "pattern"),
    "a pattern without brackets": ({"year": {"case_id": r"^\d\d"}}, "brackets"),
    "a column that is not there": ({"by": ["kinds"]}, "it has kind, finding"),
}


@pytest.mark.parametrize(("keys", "word"), BAD_COUNTS.values(), ids=BAD_COUNTS)
def test_what_describes_people_is_never_counted_by_nor_printed(cases, keys, word):
    cases.describe(**COUNTED | {"count": COUNT | keys})
    mistakes = cases.run().mistakes
    assert [one for one in mistakes if one.startswith("tables/report.yaml:5:") and word in one], mistakes
    assert re.search("Secret|Hush", "\n".join(mistakes)) is None


def test_the_first_run_never_shows_people(cases):
    with_numbers = [f"{line},{number}" for number, line in enumerate(CASES)]
    for lines in (CASES, with_numbers):
        cases.document.write_text("\n".join(lines))
        outcome = add_table(cases.data, cases.document, None, "report")
        assert outcome.written == cases.layout
        assert re.search("Secret|Hush", f"{cases.layout.read_text()}{outcome}") is None
        cases.layout.unlink()
