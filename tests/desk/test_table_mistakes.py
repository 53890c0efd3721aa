"""Mistakes that another part of the register makes one. All others are in `tables/cases/mistakes.yaml`."""

import pytest

from misconduct.errors import RegisterError
from misconduct_editor.register.check import read_register
from tests.desk.editor import FORCE, NO_TOTALS, PLAIN, is_named

CODED = {"indicator": "complaints", "stock_or_flow": "flow"}
COMPLAINTS = NO_TOTALS | {"source": {"title": "Complaints"}}
ALIKE = [["Complaints"], ["Police force", "Kind", "2021/22"]]
ALIKE += [["Kent", "Slow", 3], ["Kent", "Late", 4]]
KINDS = {"columns": FORCE | {"Kind": "words", "20*": {"year": "financial"}}}
"""The columns of a table of which only its words tell the rows apart."""


def test_an_indicator_that_does_not_exist_is_named_and_nothing_is_written(offering):
    assert offering.add(PLAIN, **COMPLAINTS, figure=CODED).mistakes == []
    codes = CODED | {"indicator": "complants"}
    (told,) = offering.add(PLAIN, **COMPLAINTS, figure=codes).mistakes
    says = "there is no indicator 'complants'; did you mean complaints?"
    assert is_named([told], "tables/report.yaml:6:10", says)


def test_what_check_says_of_codes_is_told_before_figures_are_written(offering):
    codes = CODED | {"stock_or_flow": "stock", "base": "officers"}
    mistakes = offering.add(PLAIN, **COMPLAINTS, figure=codes).mistakes
    for says in ("has the stock_or_flow flow, not stock", "a count has no base"):
        assert is_named(mistakes, "report.ods#B3", says, "3 more figures")
    (told,) = offering.add(ALIKE, **COMPLAINTS | KINDS, figure=CODED).mistakes
    assert is_named([told], "report.ods#C4", "nothing tells it from “Slow”: give")


def test_a_table_that_was_described_and_not_added_is_named(editor):
    editor.write()
    with pytest.raises(RegisterError, match=r"^tables/report.yaml:1:1: .*: run misc"):
        read_register(editor.data)


def test_a_key_of_the_source_is_compared_with_those_of_sources(editor):
    editor.write()
    misspelt = editor.layout.read_text().replace('"publisher"', '"publshr"')
    editor.layout.write_text(misspelt)
    says = "there is no key 'publshr'; did you mean publisher?"
    assert is_named(editor.run().mistakes, "tables/report.yaml:1:34", says)
