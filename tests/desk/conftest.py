"""An editor, for the tests of tables."""

import pytest

from misconduct.model.kinds import Indicator
from misconduct_editor.register.reading import encode_rows
from tests.desk.editor import Editor


@pytest.fixture
def editor(tmp_path):
    """A register, a document beside it, and the file of its table."""
    return Editor(tmp_path)


# id, name, position, measure, counting_unit, words
INDICATORS = [
    (
        "suspended_on_a_day",
        "{people} suspended",
        2,
        "suspended",
        "people",
        "suspension",
    ),
    (
        "suspended_in_period",
        "{people} suspended in a year",
        3,
        "suspended",
        "people",
        "suspension",
    ),
    ("punished", "{people} punished", 4, "other_sanction", "people", "fined"),
    ("complaints", "Complaints", 1, "alleged", "complaints", "grievances"),
    ("upheld", "Complaints upheld", 5, "proven", "complaints", "upheld"),
]
SHARED = {
    "definition": "What.",
    "topic": "all",
    "category": "any",
    "population": "officers",
}
SHARED |= {"together": "source", "why": "Law."}


@pytest.fixture
def offering(editor):
    """An editor with indicators."""
    names = ("id", "name", "position", "measure", "counting_unit", "words")
    rows = [SHARED | dict(zip(names, one, strict=True)) for one in INDICATORS]
    for row in rows:
        row["stock_or_flow"] = (
            "flow | stock | unstated" if row["measure"] == "suspended" else "flow"
        )
    (editor.data / "indicators.csv").write_bytes(
        encode_rows(Indicator.model_fields, rows)
    )
    measures = "code,label,words\nalleged,Alleged,\nproven,Found proven,Upheld\n"
    measures += "suspended,Suspended,Suspension\nother_sanction,Punished,Reprimand\n"
    (editor.data / "codelists/measure.csv").write_text(measures)
    return editor
