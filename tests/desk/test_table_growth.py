"""Reading a table of a stranger takes at most linear time in the length of a cell."""

import time
from contextlib import suppress

import pytest

from misconduct.errors import RegisterError
from misconduct_editor.tables.add import add_table
from tests.desk.editor import LAYOUT, NO_TOTALS
from tests.desk.spreadsheets import write_ods

SIZE = 10_000
UNITS = [
    "1 ",
    "1,",
    "2019 ",
    "2019-",
    "in 2019 ",
    "March 2019 to ",
    "*",
    "[r]",
    "(a)",
    "[",
    "per ",
    "total ",
    "2019p ",
]
PLACES = {"a title": "A1", "a heading": "B2", "a label": "A3", "a number": "B3"}


def measure(editor, unit, place, size):
    """Return the time to draft and to read a table with a long text in one cell."""
    rows = [
        ["Allegations"],
        ["Police force", "2021/22", "2022/23"],
        ["Kent", 3, 4],
        ["North Yorkshire", 1, 2],
    ]
    rows[int(place[1]) - 1][ord(place[0]) - ord("A")] = (unit * (size // len(unit)))[
        :size
    ] + "!"
    write_ods(editor.document, {"Table 1": rows})
    spent = []
    for _ in range(2):
        editor.layout.unlink(missing_ok=True)
        begun = time.process_time()
        with suppress(RegisterError):  # a long text can make it no table
            add_table(editor.data, editor.document, None, "report")
        editor.describe(
            **NO_TOTALS
            | {
                "figure": LAYOUT["figure"],
                "signs": {"[r]": "revised", "*": "See the note."},
            }
        )
        add_table(editor.data, editor.document, None, "report")
        spent.append(time.process_time() - begun)
    return min(spent)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_long_text_in_a_cell_takes_linear_time(editor, place):
    slow = {}
    for unit in UNITS:
        less, more = (measure(editor, unit, place, size) for size in (SIZE, 4 * SIZE))
        if (
            more > 2.6**2 * less
        ):  # doubled twice, since other processes disturb short measurements
            slow[unit] = (less, more)
    assert not slow
