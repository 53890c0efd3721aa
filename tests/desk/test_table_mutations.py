"""A hundred changed characters of a table and of its file: each that touches a figure is named."""

import random
import re
import string

from misconduct.errors import MisconductError
from tests.desk.editor import LAYOUT, ROWS

FIGURE = LAYOUT["figure"] | {
    "counted": {"A1": "Allegations"},
    "stated_by": "home_office",
}
TABLE = [
    *ROWS[:2],
    ["Kent", 31, 204, 235],
    ["Metropolitan", 1117, "58~", 1175],
    ["North Yorkshire", 9, 60, 69],
    ["Total", 1157, 322, 1479],
]
KEYS = {
    "rows": "3-5",
    "totals": {"6": {"area": "gb"}},
    "figure": FIGURE,
    "signs": {"~": "revised"},
}
KEYS |= {"words": {"Kent": "E23000032"}}


def replace(text, index, draw):
    """Return a text with another character of the same kind at an index."""
    kind = next(
        (one for one in (string.digits, string.ascii_letters) if text[index] in one),
        string.punctuation,
    )
    return (
        text[:index]
        + draw.choice([one for one in kind if one != text[index]])
        + text[index + 1 :]
    )


def test_each_changed_digit_is_named_by_the_totals_of_its_row_and_column(editor):
    draw = random.Random(311)
    for _ in range(100):
        row, column = draw.randrange(2, 6), draw.randrange(1, 4)
        digits = str(TABLE[row][column])
        index = draw.choice([match.start() for match in re.finditer(r"\d", digits)])
        rows = [[*one] for one in TABLE]
        rows[row][column] = replace(digits, index, draw)
        mistakes = editor.add(rows, **KEYS).mistakes
        cells = {re.search(r"#([A-D]\d): the total", one)[1] for one in mistakes}
        assert cells == {f"D{row + 1}", f"{'ABCD'[column]}6"}, (rows[row], mistakes)


def test_each_changed_character_of_the_file_that_touches_a_figure_is_named(editor):
    draw = random.Random(1081)
    assert editor.add(TABLE, **KEYS).mistakes == []
    layout, observations = editor.layout.read_text(), editor.observations.read_text()
    touched = 0
    for _ in range(100):
        changed = replace(layout, draw.randrange(len(layout)), draw)
        editor.layout.write_text(changed)
        editor.observations.write_text(observations)
        try:
            named = editor.verify()
            mistakes = editor.run().mistakes
        except MisconductError as error:
            named = mistakes = str(error).splitlines()
        touched += bool(named)
        assert named or mistakes or editor.observations.read_text() == observations, (
            changed
        )
    assert touched > 50
