"""Reading a table of a stranger takes at most linear time: twice as much is read in about twice the time."""

import time

import pytest

from misconduct.errors import RegisterError
from misconduct_editor.tables.add import add_table
from tests.desk.editor import LAYOUT, NO_TOTALS
from tests.desk.spreadsheets import write_ods

SIZE = 60_000
UNITS = ["a ", "1", "1 ", "1,", "1'", "2019 ", "2019-", "2019/20 ", "in 2019 ", "for ", "March 2019 to ", "Q1 ", "*", "[r]", "(a)"]
UNITS += ["(", "[", "'", "%", "per ", "total ", "x.", "target ", "2019p ", "-", ", ", "_"]
PLACES = {"a title": "A1", "a heading": "B2", "a label": "A3", "a number": "B3"}


def measure(editor, unit, place, size):
    """Return the time to draft and to read a table with a long text in one cell, less that without."""
    rows = [["Allegations"], ["Police force", "2021/22", "2022/23"], ["Kent", 3, 4], ["North Yorkshire", 1, 2]]
    rows[int(place[1]) - 1][ord(place[0]) - ord("A")] = (unit * (size // len(unit)))[:size] + "!"
    write_ods(editor.document, {"Table 1": rows})
    spent = []
    for _ in range(3):
        editor.layout.unlink(missing_ok=True)
        begun = time.process_time()
        try:
            add_table(editor.data, editor.document, None, "report")
        except RegisterError:
            pass  # a long text can make it no table
        editor.describe(**NO_TOTALS | {"figure": LAYOUT["figure"], "signs": {"[r]": "revised", "*": "See the note."}})
        add_table(editor.data, editor.document, None, "report")
        spent.append(time.process_time() - begun)
    return min(spent)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_long_text_in_a_cell_takes_linear_time(editor, place):
    slow = {}
    for unit in UNITS:
        once, twice = (measure(editor, unit, place, size) for size in (SIZE, 2 * SIZE))
        if twice > 2.6 * once:
            slow[unit] = (once, twice)
    assert not slow
